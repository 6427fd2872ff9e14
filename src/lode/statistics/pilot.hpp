// SPDX-License-Identifier: Apache-2.0
//
// The pilot: the values of a run's first draws, kept as they are. From them come each cell's shift, scale and
// histogram edges (cell_layout.hpp); a run no larger than its pilot has exact quantiles from them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lode {

/// Of however many cells, where a run has so many draws.
inline constexpr std::size_t least_pilot_draws = 256;
/// The number of draws to keep of a run: all of them, up to 8,192, where they fit into `bytes`; else the
/// largest power of two from 256 to 4,096 that does, and 256 if none does.
std::size_t pilot_draws(std::size_t cells, std::uint64_t draws, std::size_t bytes = std::size_t{24} << 20);

class Pilot {
 public:
  Pilot(std::size_t cells, std::size_t draws) : cells_(cells), draws_(draws), values_(cells * draws) {}

  std::size_t cells() const { return cells_; }
  std::size_t draws() const { return draws_; }
  /// values[c * stride + i] is cell first_cell + c, draw first_draw + i. Threads may add different blocks.
  void add_block(std::size_t first_cell, std::size_t cells, std::size_t first_draw, const double* values,
                 std::size_t stride, std::size_t draws);
  std::span<const double> cell(std::size_t index) const { return {&values_[index * draws_], draws_}; }
  /// [cell][draws()], as CellChunk::add_block takes it: the run goes on from here.
  const double* data() const { return values_.data(); }

 private:
  std::size_t cells_;
  std::size_t draws_;
  std::vector<double> values_;
};

}  // namespace lode
