// SPDX-License-Identifier: Apache-2.0
#include "lode/arrays/array.hpp"

#include <algorithm>

namespace lode {

bool Mask::any() const {
  return std::any_of(bits_.begin(), bits_.end(), [](std::uint8_t b) { return b != 0; });
}

bool Mask::all() const {
  return std::all_of(bits_.begin(), bits_.end(), [](std::uint8_t b) { return b != 0; });
}

std::size_t Mask::count() const {
  return static_cast<std::size_t>(std::count(bits_.begin(), bits_.end(), std::uint8_t{1}));
}

Mask& Mask::operator|=(const Mask& other) {
  LODE_EXPECT(bits_.size() == other.bits_.size());
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
  return *this;
}

Mask& Mask::operator&=(const Mask& other) {
  LODE_EXPECT(bits_.size() == other.bits_.size());
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] &= other.bits_[i];
  return *this;
}

Mask Mask::complement() const {
  Mask result = *this;
  for (auto& bit : result.bits_) bit = bit ? 0 : 1;
  return result;
}

bool Mask::intersects(const Mask& other) const {
  LODE_EXPECT(bits_.size() == other.bits_.size());
  for (std::size_t i = 0; i < bits_.size(); ++i)
    if (bits_[i] && other.bits_[i]) return true;
  return false;
}

}  // namespace lode
