// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_follower.hpp"

#include <utility>

#include "lode/support/contract.hpp"

namespace lode {

DrawFollower::DrawFollower(std::vector<std::size_t> cells, std::vector<std::size_t> columns)
    : cells_(std::move(cells)), columns_(std::move(columns)) {
  LODE_EXPECT(!cells_.empty());
}

void DrawFollower::sum(const std::vector<double>& shifts, std::size_t bins) {
  pairs_.emplace(columns_.size(), shifts);
  if (bins > 0) given_data_.emplace(columns_.size(), shifts, bins);
}

void DrawFollower::add(std::span<const double* const> rows, std::span<const double* const> scores,
                       std::size_t draws, std::span<double> pair_sums, std::span<double> given_sums) const {
  if (pairs_) pairs_->add_block(pair_sums, scores, rows, draws);
  if (given_data_) given_data_->add_block(given_sums, scores, rows, draws);
}

PairCorrelations DrawFollower::correlations(std::span<const double> pair_sums) const {
  return pairs_ ? pairs_->correlations(pair_sums) : PairCorrelations();
}

std::vector<IndexEstimate> DrawFollower::first_order(std::span<const double> given_sums) const {
  return given_data_ ? given_data_->indices(given_sums) : std::vector<IndexEstimate>();
}

}  // namespace lode
