// SPDX-License-Identifier: Apache-2.0
#include "lode/report/scale.hpp"

#include <algorithm>
#include <cmath>

namespace lode {

Ticks nice_ticks(double low, double high, std::size_t about, bool inside) {
  if (!std::isfinite(low) || !std::isfinite(high)) return {{0, 1}, 1, 0};
  if (low > high) std::swap(low, high);
  if (low == high) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.5;
    low = low > 0 ? 0 : low - room;
    high = high < 0 ? 0 : high + room;
  }
  Ticks ticks;
  const double rough = (high - low) / static_cast<double>(std::max<std::size_t>(about, 1));
  const int exponent = static_cast<int>(std::floor(std::log10(rough)));
  const double power = std::pow(10.0, exponent), ratio = rough / power;
  const double factor = ratio < 1.5 ? 1 : ratio < 2.25 ? 2 : ratio < 3.5 ? 2.5 : ratio < 7.5 ? 5 : 10;
  ticks.step = factor * power;
  ticks.decimals = std::max(-exponent, 0) + (factor == 2.5 && exponent <= 0 ? 1 : 0);
  if (factor == 10) ticks.decimals = std::max(-exponent - 1, 0);
  const double slack = 1e-9;
  const auto first = static_cast<long long>(inside ? std::ceil(low / ticks.step - slack)
                                                   : std::floor(low / ticks.step + slack));
  const auto last = static_cast<long long>(inside ? std::floor(high / ticks.step + slack)
                                                  : std::ceil(high / ticks.step - slack));
  for (long long i = first; i <= last; ++i) ticks.values.push_back(static_cast<double>(i) * ticks.step);
  return ticks;
}

std::vector<int> year_ticks(int first, int last, std::size_t most) {
  if (last <= first) return {first};
  int step = 1;
  for (const int candidate : {1, 2, 5, 10, 20, 25, 50, 100, 200, 500}) {
    step = candidate;
    if (static_cast<std::size_t>((last - first) / candidate) + 1 <= std::max<std::size_t>(most, 2)) break;
  }
  std::vector<int> years = {first};
  for (int year = (first / step + 1) * step; year < last; year += step)
    // A round year too near an end would run into its label.
    if (4 * (year - first) >= 3 * step && 4 * (last - year) >= 3 * step) years.push_back(year);
  years.push_back(last);
  return years;
}

}  // namespace lode
