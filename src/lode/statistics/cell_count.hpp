// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "lode/statistics/cell_layout.hpp"

namespace lode {

/// Where a block of draws of neighbouring cells is counted; see CellChunk for what the arrays hold.
struct CellCounting {
  const CellLayouts* layouts;
  std::size_t first_cell;
  std::size_t cells;
  const double* values;  ///< [cell][stride]
  std::size_t stride;
  std::size_t draws;
  std::size_t draws_of_chunk;
  double* sums;
  double* ranges;
  double* bounds;
  std::uint16_t* counts;
  std::uint16_t* special;
  std::size_t special_each;
  std::uint16_t* seen;
  std::uint8_t* slots;
  std::size_t packet;  ///< from one packet's slots to the next's
};

void count_cells(const CellCounting& counting);

}  // namespace lode
