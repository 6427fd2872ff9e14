// SPDX-License-Identifier: Apache-2.0
//
// What one thread counts and sums of one chunk of draws, for every cell. Values that are not finite (absent,
// failed) are counted and enter nothing else. All tiers of instructions give the same bits: no fused
// multiply-add.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lode/statistics/cell_layout.hpp"
#include "lode/statistics/chunks.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

/// Per cell: 8 lanes of Σ (x − shift), 8 of Σ (x − shift)².
inline constexpr std::size_t sums_per_cell = 2 * draw_lanes;

/// Draws of a cell whose bins are found before they are counted: histograms of all cells leave the
/// processor's own cache, and are visited seldom.
inline constexpr std::size_t counted_together = 512;

/// Counts beside the histogram, per cell in eights: values not finite in each lane; atoms; negative values
/// (the first of eight); and of scrambled designs for each mark the values of each lane below it.
enum SpecialCount : std::size_t {
  count_not_finite = 0,
  count_atoms = 8,
  count_negative = 16,
  count_below = 24
};
std::size_t special_counts(const StatisticsOptions& options);

class CellChunk {
 public:
  explicit CellChunk(std::shared_ptr<const CellLayouts> layouts);

  const CellLayouts& layouts() const { return *layouts_; }
  /// Empties it for a chunk of `draws` draws: 8,192, or fewer in a run's last; a multiple of 8.
  void start(std::uint64_t chunk, std::size_t draws = chunk_draws);
  /// values[c * stride + i] is cell first_cell + c at the next draws in order, i < draws, a multiple of 8.
  /// Fastest where values are aligned to 64 bytes and the stride is a multiple of 8.
  /// Every cell must see all draws of the chunk before CellStatistics::add takes it.
  void add_block(std::size_t first_cell, std::size_t cells, const double* values, std::size_t stride,
                 std::size_t draws);

  std::uint64_t chunk() const { return chunk_; }
  std::size_t draws() const { return draws_; }
  /// Whether every cell has seen all draws.
  bool complete() const;
  std::size_t bytes() const;

 private:
  friend class CellStatistics;

  std::shared_ptr<const CellLayouts> layouts_;
  std::uint64_t chunk_ = 0;
  std::size_t draws_ = 0;
  AlignedVector<double> sums_;    // [cell][sums_per_cell]
  AlignedVector<double> ranges_;  // [cell][2]: minimum, maximum, of all chunks that it was used for
  /// [cell][2]: between these no value is a new minimum or maximum, negative, an atom or outside of a uniform
  /// core: sums and a bin are all that it takes.
  AlignedVector<double> bounds_;
  AlignedVector<std::uint16_t> counts_;   // [cell][histogram_slots]
  AlignedVector<std::uint16_t> special_;  // [cell][special_counts]
  AlignedVector<std::uint16_t> seen_;     // [cell]: draws
  /// Where the last draws will be counted: what is written at once lies together, 8 cells to a cache line.
  std::size_t packet_;                 // ≥ 8 cells; an odd number of cache lines, for their sets
  AlignedVector<std::uint8_t> slots_;  // [packet][cell][8], packets `packet_` apart
};

}  // namespace lode
