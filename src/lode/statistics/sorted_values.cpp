// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/sorted_values.hpp"

#include <hwy/contrib/sort/vqsort.h>

#include <cmath>

namespace lode {

std::vector<double> sorted_finite(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) {
    // Adding 0 turns −0 into 0, so that sorting leaves no choice of bits.
    if (std::isfinite(value)) sorted.push_back(value + 0.0);
  }
  hwy::Sorter()(sorted.data(), sorted.size(), hwy::SortAscending());
  return sorted;
}

}  // namespace lode
