// SPDX-License-Identifier: Apache-2.0
//
// Layout of every array: [series][period][lane], series being the label axes in ascending order of their ids
// with the last running fastest. Lanes hold draws (or scenarios, or perturbations); an array that does not
// depend on what the lanes vary has one.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "lode/arrays/dimension.hpp"
#include "lode/support/aligned.hpp"
#include "lode/support/contract.hpp"

namespace lode {

/// A labelled dense array of doubles in internal units. Cells never computed are NaN.
class Array {
 public:
  Array() = default;
  Array(std::size_t series, std::size_t periods, std::size_t lanes = 1,
        double fill = std::numeric_limits<double>::quiet_NaN())
      : series_(series), periods_(periods), lanes_(lanes), data_(series * periods * lanes, fill) {}

  std::size_t series() const { return series_; }
  std::size_t periods() const { return periods_; }
  std::size_t lanes() const { return lanes_; }
  std::size_t size() const { return data_.size(); }

  double* at(std::size_t series, std::size_t period) {
    LODE_EXPECT(series < series_ && period < periods_);
    return data_.data() + (series * periods_ + period) * lanes_;
  }
  const double* at(std::size_t series, std::size_t period) const {
    LODE_EXPECT(series < series_ && period < periods_);
    return data_.data() + (series * periods_ + period) * lanes_;
  }
  double value(std::size_t series, std::size_t period, std::size_t lane = 0) const {
    return at(series, periods_ == 1 ? 0 : period)[lanes_ == 1 ? 0 : lane];
  }
  AlignedVector<double>& data() { return data_; }
  const AlignedVector<double>& data() const { return data_; }

 private:
  std::size_t series_ = 0, periods_ = 0, lanes_ = 1;
  AlignedVector<double> data_;
};

/// Which cells of an array are meant: [series][period].
class Mask {
 public:
  Mask() = default;
  Mask(std::size_t series, std::size_t periods, bool value)
      : series_(series), periods_(periods), bits_(series * periods, value ? 1 : 0) {}

  std::size_t series() const { return series_; }
  std::size_t periods() const { return periods_; }
  bool at(std::size_t series, std::size_t period) const { return bits_[series * periods_ + period] != 0; }
  void set(std::size_t series, std::size_t period, bool value = true) {
    bits_[series * periods_ + period] = value ? 1 : 0;
  }
  bool any() const;
  bool all() const;
  std::size_t count() const;
  Mask& operator|=(const Mask& other);
  Mask& operator&=(const Mask& other);
  Mask complement() const;
  bool intersects(const Mask& other) const;
  bool operator==(const Mask&) const = default;
  const std::vector<std::uint8_t>& bits() const { return bits_; }

 private:
  std::size_t series_ = 0, periods_ = 0;
  std::vector<std::uint8_t> bits_;
};

}  // namespace lode
