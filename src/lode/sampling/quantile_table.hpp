// SPDX-License-Identifier: Apache-2.0
//
// The quantile of a standard shape against the normal score, T(z) = Q(Φ(z)), as a table: equal intervals over
// |z| ≤ 8.3, in each a polynomial of degree 5 that meets T, T′ and T″ at both ends. From φ the normal density
// and f that of the shape, T′ = φ(z)/f(T), and T″ = T′ (−z − T′ f′(T)/f(T)). Where such a polynomial
// would not rise throughout, a cubic with limited slopes takes its place (Fritsch & Carlson, SIAM J. Numer.
// Anal. 17 (1980) 238), so that T never falls. Intervals are halved until the error in their middles is below
// 1e-10 of the scale (1; gamma: the deviation). Beyond the ends T stays what it is there.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace lode {

struct QuantileTable {
  static constexpr double reach = 8.3;   ///< of z
  static constexpr std::size_t row = 8;  ///< 6 coefficients and 2 unused: a cache line

  std::size_t intervals = 0;
  std::vector<double> polynomials;  ///< [interval][8], in t = 0 … 1 along the interval, lowest power first
  double error = 0;                 ///< the largest found in the middles of intervals
  double mean = 0;
  double deviation = 0;
  double first = 0;   ///< α of beta, the shape of gamma
  double second = 0;  ///< β of beta; 0 for gamma

  double at(double z) const;
  double below(double x) const;  ///< P(X < x)
  double above(double x) const;
};

/// Makes each table once; safe to share between threads. Shapes are rounded to 40 bits.
class QuantileTables {
 public:
  /// Of the beta distribution on 0 … 1. All shapes lie within least_shape … greatest_shape.
  std::shared_ptr<const QuantileTable> beta(double alpha, double beta);
  /// Of the gamma distribution with scale 1, in units of its deviation.
  std::shared_ptr<const QuantileTable> gamma(double shape);
  std::size_t size() const;

  static constexpr double least_shape = 0.01;
  static constexpr double greatest_shape = 1e8;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<double, double>, std::shared_ptr<const QuantileTable>> tables_;
};

}  // namespace lode
