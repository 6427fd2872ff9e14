// SPDX-License-Identifier: Apache-2.0
//
// Shares that add up to a total T: x_i = T G_i / Σ_j G_j with independent gamma variates G_i of shape
// α_i = s_i c, s_i the stated share of the total, c the concentration. Then E x_i = T s_i and the coefficient
// of variation of x_i is √((1 − s_i) / s_i / (c + 1)). Shares of 0 are structural: they stay 0.
// G_i is the gamma quantile of a normal score, so that shares can be sampled by any design and correlated.
//
// One number c cannot give every share the same cv. From a cv it is the one that minimises Σ s_i (cv_i −
// cv)²:
//   1/√(c+1) = cv Σ √(s_i (1 − s_i)) / (K − 1),  K the number of shares above 0
// (equal shares meet it exactly; large shares vary less and small ones more, much as independent errors of
// size cv do after rescaling). From a deviation in shares it minimises Σ (sd_i − sd)²:
//   1/√(c+1) = sd Σ √(s_i (1 − s_i)) / Σ s_i (1 − s_i).
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lode/sampling/quantile_table.hpp"

namespace lode {

enum class SpreadOfShares { cv, sd, concentration };

class DirichletShares {
 public:
  /// `nominal` ≥ 0, their sum is the total. Nothing on bad input, and `problem` says why.
  static std::optional<DirichletShares> make(std::span<const double> nominal, SpreadOfShares given,
                                             double amount, QuantileTables& tables, std::string& problem);

  double concentration() const { return concentration_; }
  double deviation(std::size_t share) const;
  /// scores[i * stride + j] of share i becomes its value, j < n. The sum over i is the total but for
  /// rounding: the largest stated share takes what the others leave.
  void apply(double* scores, std::size_t stride, std::size_t n) const;

 private:
  std::vector<double> nominal_;
  double total_ = 0;
  double concentration_ = 0;
  std::size_t largest_ = 0;
  std::vector<std::shared_ptr<const QuantileTable>> tables_;  // null: a structural zero
};

}  // namespace lode
