// SPDX-License-Identifier: Apache-2.0
//
// Steps of Newton's method for a small loop in many lanes. Rows hold a value for each lane, one row after
// another; the number of lanes is a multiple of 8. No lane depends on another.
#pragma once
#include <cstddef>
#include <cstdint>

namespace lode {

/// size(lane) = max |values(i, lane)|, i < rows. What is no number stays none; `finite`: what is not finite
/// is left out.
void largest_lanes(const double* values, std::size_t rows, bool finite, double* size, std::size_t lanes);

/// The power of two below max(|x|, least), 1 where that is 0.
void power_of_two_lanes(const double* x, const double* least, double* step, std::size_t lanes);

/// to = (value − base) / step
void slope_lanes(const double* value, const double* base, const double* step, double* to, std::size_t lanes);

/// Solves J d = −f of n unknowns. J(i, j) is row i·n + j, f and d have n rows. Elimination takes the pivots
/// as they come: where one is less than 1e-6 of the numbers it is the difference of, or is not finite,
/// solved(lane) becomes 0 and d means nothing; else 1. scratch: n·n rows.
void eliminate_lanes(std::size_t n, const double* jacobian, const double* f, double* solution,
                     double* scratch, std::uint8_t* solved, std::size_t lanes);

}  // namespace lode
