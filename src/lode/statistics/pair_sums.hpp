// SPDX-License-Identifier: Apache-2.0
//
// Correlation of K results with each other and with M inputs (their normal scores z), streaming.
// Sums over draws i, y'_k = y_k − shift_k:  Σ z_j, Σ z_j², Σ y'_k, Σ z_j y'_k, Σ y'_k y'_l, k ≤ l.
// A draw in which some result is not finite is left out of all sums and counted.
// The sums of a chunk belong to the caller, who starts them at 0 and gives them to a SumTree.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace lode {

struct PairCorrelations {
  double draws = 0;
  double left_out = 0;
  std::vector<double> with_inputs;   ///< [result][input], not a number where one of them is constant
  std::vector<double> with_results;  ///< [result][result]
};

class PairSums {
 public:
  /// `shifts`: a value near the mean of each result, K ≤ 64.
  PairSums(std::size_t inputs, std::vector<double> shifts);

  std::size_t inputs() const { return inputs_; }
  std::size_t results() const { return shifts_.size(); }
  static std::size_t width_of(std::size_t inputs, std::size_t results);
  std::size_t width() const { return width_of(inputs_, results()); }
  /// Adds draws to `sums` in order: inputs[j][i], results[k][i], i < draws, a multiple
  /// of 8. The bits do not depend on blocks.
  void add_block(std::span<double> sums, std::span<const double* const> inputs,
                 std::span<const double* const> results, std::size_t draws) const;
  PairCorrelations correlations(std::span<const double> sums) const;

 private:
  std::size_t inputs_;
  std::vector<double> shifts_;
};

/// Standard error of a correlation r of n independent draws: (1 − r²) / √(n − 1); for scrambles an upper
/// bound.
double correlation_error(double correlation, double draws);

}  // namespace lode
