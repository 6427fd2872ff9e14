// SPDX-License-Identifier: Apache-2.0
//
// A result as a normal score: Φ⁻¹ of its distribution function in the pilot, linear between at most 128 of
// its quantiles and going on with the slope of the outermost. Rank correlation in its van der Waerden form is
// the correlation (pair_sums.hpp) of such scores; monotone changes of a result do not change it.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace lode {

class NormalScores {
 public:
  /// Values in any order; those that are not finite are passed over.
  explicit NormalScores(std::span<const double> pilot);
  double operator()(double value) const;
  /// out[i] = score of values[i]; not finite stays so. In place too.
  void apply(const double* values, double* out, std::size_t n) const;

 private:
  std::vector<double> at_;  // rising strictly
  std::vector<double> score_;
};

}  // namespace lode
