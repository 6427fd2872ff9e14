// SPDX-License-Identifier: Apache-2.0
//
// The first number for which something holds, by halving the numbers a double can be: at most 64 steps to the
// last bit, whatever the function and the size of its argument.
#pragma once
#include <cstdint>
#include <cstring>

namespace lode {

/// Doubles in ascending order as integers in ascending order.
inline std::int64_t place_of(double value) {
  std::int64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits < 0 ? INT64_MIN - bits : bits;
}

inline double number_at(std::int64_t place) {
  const std::int64_t bits = place < 0 ? INT64_MIN - place : place;
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// The least number in (low, high] for which `holds`; `high` if it holds for none. Once it holds it must
/// hold for all that is larger, but for rounding.
template <typename Predicate>
double first_where(const Predicate& holds, double low, double high) {
  std::int64_t below = place_of(low);
  std::int64_t above = place_of(high);
  while (below<above&& static_cast<std::uint64_t>(above) - static_cast<std::uint64_t>(below)> 1) {
    const std::int64_t middle = (below & above) + ((below ^ above) >> 1);
    (holds(number_at(middle)) ? above : below) = middle;
  }
  return number_at(above);
}

}  // namespace lode
