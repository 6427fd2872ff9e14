// SPDX-License-Identifier: Apache-2.0
//
// Direction numbers of Sobol sequences and their scrambles; design.hpp says what they are for.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lode {

/// The first direction numbers of a column (0 … sobol_columns − 1), the first binary digit in the highest
/// bit: v_k has digit k + 1 set and none beyond. Point i is the XOR of v_k over the bits k of i ⊕ ⌊i/2⌋.
void sobol_directions(std::size_t column, std::span<std::uint32_t> out);

/// Eight scrambles of a column's directions: [1 + directions][8], row 0 the digital shifts, row 1 + k the
/// products L v_k. A function of seed, column and scramble only.
void scramble_directions(std::uint64_t seed, std::size_t column, std::span<const std::uint32_t> directions,
                         std::span<std::uint32_t> out);

/// Columns of one sequence: row r of the c-th one's scrambled directions begins at scrambled[r · stride + 8
/// c]. Rows of neighbours lie together, since a point takes one and the same row of all columns.
struct SobolColumns {
  const std::uint32_t* scrambled;
  std::size_t bits, columns, stride;
};

/// Uniform numbers (y + ½) / 2³² of points first … first + count − 1 of the eight scrambles: out[stride ·
/// column
/// + 8 i + l]. `ahead`, if any, has eight words for each column: point `first` of each scramble if that is
/// `known`; it takes point first + count.
void sobol_uniforms(const SobolColumns& columns, std::uint64_t first, std::size_t count, double* out,
                    std::size_t stride, std::uint32_t* ahead, bool known);

}  // namespace lode
