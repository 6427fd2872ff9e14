// SPDX-License-Identifier: Apache-2.0
//
// First-order sensitivity from draws as they are, Var E(y|z_j) / Var y, by a straight line of the result y
// over each input's score z in each of B bins. Bins are equally probable in the middle and halve towards both
// ends. With n, ȳ of a bin b, s_zz = Σ (z − z̄)², s_zy = Σ (z − z̄) y, its slope β = s_zy / s_zz:
//   S = (Σ_b [n (ȳ_b − ȳ)² + β² s_zz − V_b − W_b] + V) / Σ (y − ȳ)²
// V_b, W_b are what chance adds to both squares and V what it adds to that of ȳ. They are found from the
// 8 lanes l, which are independent whatever the design is (of Latin hypercubes nearly):
//   V_b = 8/7 Σ_l r_bl² / n,    r_bl = Σ_{i in b, l} (y − ȳ_b),   V = 8/7 Σ_l (Σ_b r_bl)² / Σ_b n
//   W_b = 8/7 Σ_l q_bl² / s_zz, q_bl = Σ_{i in b, l} (z − z̄) (y − ȳ_b − β (z − z̄))
// so that S is 0 in the mean without influence, however even the points are. What bends within a bin is
// missed. Errors: the jackknife over lanes, each left out once, 7 degrees of freedom; too large rather than
// too small where there is no influence.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lode/statistics/sensitivity.hpp"

namespace lode {

enum class ScoreKind { normal, uniform };

/// A number of bins for a run, 16 … 26: the outermost are as probable as 64 draws of it, from 1/16 to 1/512.
std::size_t given_data_bins(double draws);

class GivenDataIndices {
 public:
  GivenDataIndices(std::size_t inputs, std::vector<double> shifts, std::size_t bins,
                   ScoreKind kind = ScoreKind::normal);

  std::size_t inputs() const { return inputs_; }
  std::size_t results() const { return shifts_.size(); }
  std::size_t bins() const { return bins_; }
  std::size_t width() const;
  /// Adds draws to a chunk's sums in order: inputs[j][i], results[k][i], i < draws, of which the first is in
  /// lane 0. A draw in which some result is not finite is left out.
  void add_block(std::span<double> sums, std::span<const double* const> inputs,
                 std::span<const double* const> results, std::size_t draws) const;
  /// [input][result]
  std::vector<IndexEstimate> indices(std::span<const double> sums) const;

 private:
  std::size_t bin(double score) const;
  std::size_t per_lane() const { return 1 + 2 * results(); }
  std::size_t per_record() const { return 3 + 2 * results(); }
  /// Without one lane, or with all.
  double estimate(std::span<const double> sums, std::size_t input, std::size_t result,
                  std::size_t left_out) const;

  std::size_t inputs_;
  std::vector<double> shifts_;
  std::size_t bins_;
  ScoreKind kind_;
  std::vector<double> ends_;               // of bins, the last infinite
  std::vector<std::uint8_t> bin_of_slot_;  // at its lower end; no slot reaches beyond the next bin
};

}  // namespace lode
