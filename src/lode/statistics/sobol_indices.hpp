// SPDX-License-Identifier: Apache-2.0
//
// First-order and total sensitivity from evaluations at A, at B and at AB_g, which is A with the scores of
// group g from B (g = 0 … G − 1; a group is one input or several that are exchanged together):
//   first  S_g = mean(y_B (y_ABg − y_A)) / V       (Saltelli et al. 2010; y less a shift)
//   total  T_g = mean((y_A − y_ABg)²) / (2 V)      (Jansen 1999)
// V the variance of y over A and B. Sums are kept for each of the 8 lanes: lanes are independent (scrambles
// of a low-discrepancy design, or plainly independent draws), so the estimates from the lanes alone are 8
// independent estimates, and pooled ± t(7) · sd / √8 is a 95 % interval, whatever the distribution of y.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "lode/statistics/sensitivity.hpp"

namespace lode {

class SobolIndices {
 public:
  /// `shifts`: a value near the mean of each result.
  SobolIndices(std::size_t groups, std::vector<double> shifts);

  std::size_t groups() const { return groups_; }
  std::size_t results() const { return shifts_.size(); }
  std::size_t width() const;
  /// Adds draws to a chunk's sums in order. y[k * stride + i] is result k at draw i < draws, a multiple of 8;
  /// at_exchanged[g] the same for AB_g. A draw in which a result is not finite anywhere is left out of that
  /// result.
  void add_block(std::span<double> sums, const double* at_a, const double* at_b,
                 std::span<const double* const> at_exchanged, std::size_t stride, std::size_t draws) const;

  struct Result {
    std::vector<IndexEstimate> first;  ///< [group][result]
    std::vector<IndexEstimate> total;  ///< [group][result]
    std::vector<double> variance;      ///< [result]
    std::vector<double> draws;         ///< [result], without those left out
  };
  Result result(std::span<const double> sums) const;

 private:
  std::size_t groups_;
  std::vector<double> shifts_;
};

}  // namespace lode
