// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/sorted_values.hpp"

#include <boost/sort/pdqsort/pdqsort.hpp>
#include <cmath>

namespace lode {

std::vector<double> sorted_finite(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) {
    // Adding 0 turns −0 into 0, so that sorting leaves no choice of bits.
    if (std::isfinite(value)) sorted.push_back(value + 0.0);
  }
  // Not Highway's: up to 1.0.3 it leaves some series of many repeats unsorted, each time others.
  boost::sort::pdqsort_branchless(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace lode
