// SPDX-License-Identifier: Apache-2.0
//
// The quantile of sorted values x_0 ≤ … ≤ x_(n−1): x at position (n − 1) p, linear between neighbours.
#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace lode {

/// Those of the values that are finite, rising, −0 as 0.
std::vector<double> sorted_finite(std::span<const double> values);

/// `sorted` holds one value or more.
inline double sorted_quantile(std::span<const double> sorted, double probability) {
  const double position = static_cast<double>(sorted.size() - 1) * probability;
  const auto below = std::min(static_cast<std::size_t>(position), sorted.size() - 1);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace lode
