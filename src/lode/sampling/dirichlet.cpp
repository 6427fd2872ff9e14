// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/dirichlet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/sampling/input_formula.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr std::size_t strip = 64;
// Keeps the sum above 0 where every variate underflows.
constexpr double least_variate = 1e-200;

}  // namespace

std::optional<DirichletShares> DirichletShares::make(std::span<const double> nominal, SpreadOfShares given,
                                                     double amount, QuantileTables& tables,
                                                     std::string& problem) {
  problem.clear();
  const auto refuse = [&](std::string text) {
    problem = std::move(text);
    return std::nullopt;
  };
  DirichletShares result;
  for (const double share : nominal) {
    if (!(share >= 0) || !std::isfinite(share)) return refuse("a share must not be below 0");
    result.total_ += share;
  }
  if (!(result.total_ > 0)) return refuse("all shares are 0");
  if (!std::isfinite(amount) || amount < 0) return refuse("the spread of shares must not be below 0");
  result.nominal_.assign(nominal.begin(), nominal.end());
  result.largest_ =
      static_cast<std::size_t>(std::max_element(nominal.begin(), nominal.end()) - nominal.begin());

  double count = 0;
  double roots = 0;   // Σ √(s (1 − s))
  double square = 0;  // Σ s (1 − s)
  for (const double share : nominal) {
    if (share == 0) continue;
    const double s = share / result.total_;
    count += 1;
    roots += std::sqrt(s * (1 - s));
    square += s * (1 - s);
  }
  result.tables_.resize(nominal.size());
  const bool fixed = count == 1 || (given != SpreadOfShares::concentration && amount == 0);
  if (fixed) {
    result.concentration_ = std::numeric_limits<double>::infinity();
    return result;
  }
  double spread = 0;  // 1/√(c + 1)
  if (given == SpreadOfShares::cv) {
    spread = amount * roots / (count - 1);
  } else if (given == SpreadOfShares::sd) {
    spread = amount / result.total_ * roots / square;
  } else if (amount > 0) {
    spread = 1 / std::sqrt(amount + 1);
  }
  if (!(spread > 0)) return refuse("the concentration must be above 0");
  if (!(spread < 1)) return refuse("no shares that add up can vary that much");
  result.concentration_ =
      given == SpreadOfShares::concentration ? amount : (1 - spread) * (1 + spread) / (spread * spread);
  for (std::size_t i = 0; i < nominal.size(); ++i) {
    if (nominal[i] == 0) continue;
    const double shape = nominal[i] / result.total_ * result.concentration_;
    if (shape < QuantileTables::least_shape) {
      return refuse(
          fmt::format("a share of {:g} cannot vary as given: it would nearly always be 0", nominal[i]));
    }
    if (shape > QuantileTables::greatest_shape)
      return refuse("the spread of shares is too small; take them as fixed");
    result.tables_[i] = tables.gamma(shape);
  }
  return result;
}

double DirichletShares::deviation(std::size_t share) const {
  if (std::isinf(concentration_)) return 0;
  const double s = nominal_[share] / total_;
  return total_ * std::sqrt(s * (1 - s) / (concentration_ + 1));
}

void DirichletShares::apply(double* scores, std::size_t stride, std::size_t n) const {
  if (std::isinf(concentration_)) {
    for (std::size_t i = 0; i < nominal_.size(); ++i) std::fill_n(scores + i * stride, n, nominal_[i]);
    return;
  }
  for (std::size_t begin = 0; begin < n; begin += strip) {
    const std::size_t size = std::min(strip, n - begin);
    double sum[strip] = {};
    for (std::size_t i = 0; i < nominal_.size(); ++i) {
      double* const row = scores + i * stride + begin;
      if (tables_[i] == nullptr) {
        std::fill_n(row, size, 0.0);
        continue;
      }
      InputFormula gamma;
      gamma.form = InputForm::tabled;
      gamma.b = tables_[i]->mean;  // the table is in units of the deviation, √shape
      gamma.c = 1;
      gamma.low = least_variate;
      gamma.high = std::numeric_limits<double>::infinity();
      gamma.table = tables_[i].get();
      apply_formulas(&gamma, 1, row, row, size, size);
      for (std::size_t j = 0; j < size; ++j) sum[j] += row[j];
    }
    double rest[strip];
    for (std::size_t j = 0; j < size; ++j) {
      sum[j] = total_ / sum[j];
      rest[j] = total_;
    }
    for (std::size_t i = 0; i < nominal_.size(); ++i) {
      if (tables_[i] == nullptr || i == largest_) continue;
      double* const row = scores + i * stride + begin;
      for (std::size_t j = 0; j < size; ++j) {
        row[j] *= sum[j];
        rest[j] -= row[j];
      }
    }
    double* const largest = scores + largest_ * stride + begin;
    for (std::size_t j = 0; j < size; ++j) largest[j] = std::max(rest[j], 0.0);
  }
}

}  // namespace lode
