// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

namespace lode {

/// Values onto the page: `low` lies at `from`, `high` at `to`, which may run either way.
struct LinearScale {
  double low = 0, high = 1;
  double from = 0, to = 1;

  double operator()(double value) const {
    return high == low ? (from + to) / 2 : from + (value - low) / (high - low) * (to - from);
  }
};

/// Round values that cover [low, high], a step of 1, 2, 2.5 or 5 times a power of ten apart.
struct Ticks {
  std::vector<double> values;
  double step = 1;
  int decimals = 0;  ///< that tell neighbours apart
};
/// `about` is the number wanted. With `inside`, no tick lies outside [low, high]; otherwise the first and the
/// last enclose it, so that an axis can end on them.
Ticks nice_ticks(double low, double high, std::size_t about = 5, bool inside = false);

/// Years to name on an axis: round ones a step apart, and always at least the first and the last.
std::vector<int> year_ticks(int first, int last, std::size_t most);

}  // namespace lode
