// SPDX-License-Identifier: Apache-2.0
//
// Steps of Newton's method for a small loop in many lanes. Rows hold a value for each lane, one row after
// another; the number of lanes is a multiple of 8. No lane depends on another.
#pragma once
#include <cstddef>

namespace lode {

/// size(lane) = max |values(i, lane)|, i < rows. What is no number stays none; `finite`: what is not finite
/// is left out.
void largest_lanes(const double* values, std::size_t rows, bool finite, double* size, std::size_t lanes);

/// open(lane) becomes 0 where error(lane) ≤ 1e-12 size(lane). Whether any is open still, that is not 0.
bool close_lanes(const double* error, const double* size, double* open, std::size_t lanes);

/// step = the power of two below scale · max(|x|, least), 1 where that is 0; it is added to x where open.
void step_lanes(double* x, const double* least, double scale, const double* open, double* step,
                std::size_t lanes);

/// to(i) = (value(i) − base(i)) / step for each of the rows; those of `to` are `stride` apart.
void slope_lanes(const double* value, const double* base, const double* step, double* to,
                 std::ptrdiff_t stride, std::size_t rows, std::size_t lanes);

/// Solves J d = −f of n unknowns. J(i, j) is row i·n + j, f and d have n rows. Elimination takes the pivots
/// as they come: where one is less than 1e-6 of the numbers it is the difference of, or is not finite,
/// solved(lane) becomes 0 and d means nothing; else 1. scratch: n·n rows.
void eliminate_lanes(std::size_t n, const double* jacobian, const double* f, double* solution,
                     double* scratch, double* solved, std::size_t lanes);

/// x += d for n rows where open and solved. Whether all that are open are solved.
bool add_solved_lanes(std::size_t n, const double* d, const double* open, const double* solved, double* x,
                      std::size_t lanes);

}  // namespace lode
