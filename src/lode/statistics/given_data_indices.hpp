// SPDX-License-Identifier: Apache-2.0
//
// First-order sensitivity from draws as they are, Var E(y|z_j) / Var y, by conditional means over B bins of
// each input's score that are nearly equally probable:
//   S = (SSB − (B − 1) SSW / (n − B)) / SST,  SSB = Σ_b n_b (ȳ_b − ȳ)², SSW = SST − SSB:
// without influence S is 0 in the mean. Variance of the conditional mean inside a bin is missed: about 1.6 %
// of S for B = 32 and a linear influence of a normal score, 0.1 % for a uniform one; it falls as B grows.
// Errors: from the spread of the estimates of closed chunks if there are 8 of them (of scrambles an upper
// bound), else √(4 S (1 − S)² / n + 2 (B − 1) / n²), which holds for a normal y.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lode/statistics/sensitivity.hpp"

namespace lode {

enum class ScoreKind { normal, uniform };

/// A number of bins for a run: a power of two, 8 … 64, that leaves 64 draws a bin or more.
std::size_t given_data_bins(double draws);

class GivenDataIndices {
 public:
  GivenDataIndices(std::size_t inputs, std::vector<double> shifts, std::size_t bins,
                   ScoreKind kind = ScoreKind::normal);

  std::size_t inputs() const { return inputs_; }
  std::size_t results() const { return shifts_.size(); }
  std::size_t bins() const { return bins_; }
  std::size_t width() const;
  /// Adds draws to a chunk's sums in order: inputs[j][i], results[k][i], i < draws. A draw in which some
  /// result is not finite is left out.
  void add_block(std::span<double> sums, std::span<const double* const> inputs,
                 std::span<const double* const> results, std::size_t draws) const;
  /// Notes the estimates of a full chunk, for the errors. Once, before the sums go into a SumTree.
  void close_chunk(std::span<double> sums) const;
  /// [input][result]
  std::vector<IndexEstimate> indices(std::span<const double> sums) const;

 private:
  std::size_t bin(double score) const;
  double estimate(std::span<const double> sums, std::size_t input, std::size_t result) const;

  std::size_t inputs_;
  std::vector<double> shifts_;
  std::size_t bins_;
  ScoreKind kind_;
  std::vector<std::uint8_t> bin_of_slot_;
};

}  // namespace lode
