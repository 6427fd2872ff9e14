// SPDX-License-Identifier: Apache-2.0
//
// The least change of several numbers that meets conditions:
//   minimise Σ_i ((x_i − start_i) / scale_i)²  subject to  c_k(x) = 0 or c_k(x) ≤ 0,  low_i ≤ x_i ≤ high_i,
// for n = 1 … 16 numbers and conditions of which nothing but values is known. Successive projections: with
// y_i = (x_i − start_i)/scale_i and the slopes A of c by differences, each step takes the point nearest to
// the start that meets c(y) + A (y' − y) = 0 or ≤ 0 and the limits, found by Hildreth's method (Naval Res.
// Logist. Quart. 4 (1957) 79), and goes part of the way where the whole would not help: the measure is |y|² +
// μ Σ_k |violation_k|. It begins at the start and at points of a Kronecker sequence between the limits, and
// the nearest answer is kept. For functions with kinks or jumps it is a good answer, not surely the nearest.
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace lode {

struct LeastChangeProblem {
  std::vector<double> start, scale, low, high;
  std::vector<bool> equal;   ///< per condition: c = 0, else c ≤ 0
  std::vector<double> size;  ///< per condition: what |c| is measured by
  /// The conditions' values; false where they have none.
  std::function<bool(const std::vector<double>& x, std::vector<double>& c)> conditions;
  std::size_t beginnings = 24;
};

struct LeastChange {
  std::vector<double> x;
  double change = 0;     ///< √ Σ ((x − start)/scale)²
  double violation = 0;  ///< largest |violation_k| / size_k
  bool met = false;      ///< violation ≤ 1e-9
  std::size_t evaluations = 0;
};
LeastChange least_change(const LeastChangeProblem& problem);

}  // namespace lode
