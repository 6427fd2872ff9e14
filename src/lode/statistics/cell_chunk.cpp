// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_chunk.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "lode/statistics/cell_count.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {
constexpr std::size_t cache_line = 64;
}  // namespace

std::size_t special_counts(const StatisticsOptions& options) {
  return count_below + (options.scrambled ? draw_lanes * options.quantiles.size() : 0);
}

CellChunk::CellChunk(std::shared_ptr<const CellLayouts> layouts)
    : layouts_(std::move(layouts)),
      sums_(layouts_->cells() * sums_per_cell),
      ranges_(layouts_->cells() * 2),
      bounds_(layouts_->cells() * 2),
      counts_(layouts_->cells() * histogram_slots),
      special_(layouts_->cells() * special_counts(layouts_->options())),
      seen_(layouts_->cells()),
      packet_(((layouts_->cells() * draw_lanes + cache_line - 1) / cache_line | 1) * cache_line),
      slots_(counted_together / draw_lanes * packet_) {
  for (std::size_t cell = 0; cell < layouts_->cells(); ++cell) {
    bounds_[2 * cell] = ranges_[2 * cell] = std::numeric_limits<double>::infinity();
    bounds_[2 * cell + 1] = ranges_[2 * cell + 1] = -std::numeric_limits<double>::infinity();
  }
  start(0);
}

void CellChunk::start(std::uint64_t chunk, std::size_t draws) {
  LODE_EXPECT(draws <= chunk_draws && draws % draw_lanes == 0);
  chunk_ = chunk;
  draws_ = draws;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  std::fill(counts_.begin(), counts_.end(), std::uint16_t{0});
  std::fill(special_.begin(), special_.end(), std::uint16_t{0});
  std::fill(seen_.begin(), seen_.end(), std::uint16_t{0});
}

void CellChunk::add_block(std::size_t first_cell, std::size_t cells, const double* values, std::size_t stride,
                          std::size_t draws) {
  LODE_EXPECT(first_cell + cells <= layouts_->cells() && draws % draw_lanes == 0);
  const std::size_t special_each = special_counts(layouts_->options());
  count_cells({layouts_.get(), first_cell, cells, values, stride, draws, draws_,
               &sums_[first_cell * sums_per_cell], &ranges_[first_cell * 2], &bounds_[first_cell * 2],
               &counts_[first_cell * histogram_slots], &special_[first_cell * special_each], special_each,
               &seen_[first_cell], &slots_[first_cell * draw_lanes], packet_});
}

bool CellChunk::complete() const {
  return std::all_of(seen_.begin(), seen_.end(), [&](std::uint16_t seen) { return seen == draws_; });
}

std::size_t CellChunk::bytes() const {
  return (sums_.size() + ranges_.size() + bounds_.size()) * sizeof(double) +
         (counts_.size() + special_.size() + seen_.size()) * sizeof(std::uint16_t) + slots_.size();
}

}  // namespace lode
