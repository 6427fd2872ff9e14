// SPDX-License-Identifier: Apache-2.0
//
// Results that are followed draw by draw, of one model or of one difference between models: sums of products
// with the scores of uncertain numbers.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "lode/statistics/given_data_indices.hpp"
#include "lode/statistics/pair_sums.hpp"

namespace lode {

class DrawFollower {
 public:
  /// `cells`: at least one, by place in the cells() of the model or difference; `columns`: the scores that it
  /// takes, among those of the run.
  DrawFollower(std::vector<std::size_t> cells, std::vector<std::size_t> columns);

  const std::vector<std::size_t>& cells() const { return cells_; }
  const std::vector<std::size_t>& columns() const { return columns_; }

  /// Prepares sums; `shifts`: a value near the mean of each cell, `bins`: of first-order indices, 0 for none.
  void sum(const std::vector<double>& shifts, std::size_t bins);
  std::size_t pair_width() const { return pairs_ ? pairs_->width() : 0; }
  std::size_t given_width() const { return given_data_ ? given_data_->width() : 0; }

  /// rows[cell], scores[column]
  void add(std::span<const double* const> rows, std::span<const double* const> scores, std::size_t draws,
           std::span<double> pair_sums, std::span<double> given_sums) const;

  PairCorrelations correlations(std::span<const double> pair_sums) const;
  /// [column][cell]
  std::vector<IndexEstimate> first_order(std::span<const double> given_sums) const;

 private:
  std::vector<std::size_t> cells_, columns_;
  std::optional<PairSums> pairs_;
  std::optional<GivenDataIndices> given_data_;
};

}  // namespace lode
