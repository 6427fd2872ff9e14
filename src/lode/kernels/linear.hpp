// SPDX-License-Identifier: Apache-2.0
//
// Small dense systems A x = b, for loops within a year.
//
// Before the elimination rows and columns are scaled by powers of two (exact) until their largest entries are
// near 1: a flow in items and another in Mt may share a system. Then A is factorised with full pivoting, P A
// Q = L U; the rank r counts the pivots above 1e-12 of the largest, which is where shares that should sum to
// 1 and differ by rounding leave a singular loop. Source: Golub & Van Loan, Matrix Computations, 3.4 and 3.5.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace lode {

struct LinearSolution {
  std::vector<double> x;  ///< where singular: one of the solutions; meaningless where there is none
  bool singular = false;
  std::vector<std::size_t>
      undetermined;  ///< unknowns that can take any value (x_i is free in the null space), sorted
};

/// A is n × n, row after row. A value that is not finite makes the system singular with every unknown
/// undetermined.
LinearSolution solve_dense(std::size_t n, std::span<const double> matrix_row_major,
                           std::span<const double> right_side);

}  // namespace lode
