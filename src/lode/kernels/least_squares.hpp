// SPDX-License-Identifier: Apache-2.0
//
// Many small nonlinear least-squares problems side by side, each: minimise Σ_i r_i(x)² over low ≤ x ≤ high,
// r of m values, x of n ≤ m. Levenberg–Marquardt with Marquardt's scaling, steps from a QR factorisation,
// Jacobians by central differences, bounds by projection. The problems share every evaluation, so that one
// evaluation of a whole model serves them all.
// Source: Marquardt, J. SIAM 11 (1963) 431; Moré, Lecture Notes in Mathematics 630 (1978) 105; the linear
// algebra is Eigen's.
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace lode {

struct LeastSquaresProblem {
  std::vector<double> x;          ///< in: where to begin; out: the solution
  std::vector<double> low, high;  ///< may be infinite
  std::vector<double> r;          ///< residuals at x, filled by `evaluate`

  double sum = 0;         ///< out: Σ r²
  std::size_t steps = 0;  ///< out: steps taken
  bool settled = false;   ///< out: no step makes it smaller any more
  std::vector<double>
      error;  ///< out: standard deviation of each x, √(Σr²/(m−n) · diag (JᵀJ)⁻¹); NaN if m = n
  /// out: entries of x that the residuals do not determine: J has no full rank there, within 1e-8.
  std::vector<std::size_t> undetermined;
};

/// `evaluate` fills r of every problem at its x (always m values; infinite or NaN where x has no model).
void solve_least_squares(std::vector<LeastSquaresProblem>& problems,
                         const std::function<void(std::vector<LeastSquaresProblem>&)>& evaluate,
                         std::size_t most_steps = 200);

}  // namespace lode
