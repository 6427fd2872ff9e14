// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/correlation.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "lode/support/contract.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/sampling/correlation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// From the last column to the first, so that each reads what is not yet mixed. n is a multiple of 8.
void mix_on_tier(const std::size_t* columns, std::size_t count, const double* lower, double* scores,
                 std::size_t stride, std::size_t n) {
  const hn::CappedTag<double, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = count; k-- > 0;) {
    const double* const row = lower + k * (k + 1) / 2;
    double* const target = scores + columns[k] * stride;
    for (std::size_t i = 0; i < n; i += lanes) {
      auto sum = hn::Mul(hn::Set(d, row[0]), hn::LoadU(d, scores + columns[0] * stride + i));
      for (std::size_t j = 1; j <= k; ++j)
        sum = hn::MulAdd(hn::Set(d, row[j]), hn::LoadU(d, scores + columns[j] * stride + i), sum);
      hn::StoreU(sum, d, target + i);
    }
  }
}

void recur_on_tier(const std::size_t* columns, std::size_t count, const double* factors, double* scores,
                   std::size_t stride, std::size_t n) {
  const hn::CappedTag<double, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < n; i += lanes) {
    auto before = hn::LoadU(d, scores + columns[0] * stride + i);
    for (std::size_t k = 1; k < count; ++k) {
      double* const at = scores + columns[k] * stride + i;
      before = hn::MulAdd(hn::Set(d, factors[2 * k]), before,
                          hn::Mul(hn::Set(d, factors[2 * k + 1]), hn::LoadU(d, at)));
      hn::StoreU(before, d, at);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(mix_on_tier);
HWY_EXPORT(recur_on_tier);

namespace {

using Matrix = Eigen::MatrixXd;

// Eigenvalues that rounding may push below 0.
constexpr double rounding = 1e-12;

std::string matrix_problem(std::size_t n, std::span<const double> m) {
  for (std::size_t i = 0; i < n; ++i) {
    if (m[i * n + i] != 1) return fmt::format("entry ({0}, {0}) of a correlation matrix must be 1", i + 1);
    for (std::size_t j = 0; j < i; ++j) {
      if (!(std::abs(m[i * n + j]) <= 1))
        return fmt::format("correlation ({}, {}) must lie between -1 and 1", i + 1, j + 1);
      if (m[i * n + j] != m[j * n + i])
        return fmt::format("correlations ({0}, {1}) and ({1}, {0}) differ: {2:g} and {3:g}", i + 1, j + 1,
                           m[i * n + j], m[j * n + i]);
    }
  }
  return {};
}

/// L with L Lᵀ = r, also for a singular r: a column without a pivot is 0.
Matrix lower_factor(const Matrix& r) {
  const Eigen::Index n = r.rows();
  Matrix lower = Matrix::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    const double pivot = r(j, j) - lower.row(j).head(j).squaredNorm();
    if (pivot <= 1e-10) continue;
    lower(j, j) = std::sqrt(pivot);
    for (Eigen::Index i = j + 1; i < n; ++i)
      lower(i, j) = (r(i, j) - lower.row(i).head(j).dot(lower.row(j).head(j))) / lower(j, j);
  }
  // Rounding in the pivots must not change a deviation.
  for (Eigen::Index i = 0; i < n; ++i) lower.row(i) /= lower.row(i).norm();
  return lower;
}

Matrix square(std::span<const double> m) {
  const auto n = static_cast<Eigen::Index>(std::lround(std::sqrt(static_cast<double>(m.size()))));
  LODE_EXPECT(static_cast<std::size_t>(n * n) == m.size());
  return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(m.data(), n,
                                                                                                  n);
}

bool possible(const Matrix& rank_correlation, double share) {
  Matrix r = rank_correlation.unaryExpr([&](double rho) { return score_correlation(share * rho); });
  r.diagonal().setOnes();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(r, Eigen::EigenvaluesOnly);
  return eigen.eigenvalues().minCoeff() >= -rounding * static_cast<double>(r.rows());
}

}  // namespace

double score_correlation(double rank_correlation) {
  return 2 * std::sin(std::numbers::pi * rank_correlation / 6);
}

double possible_share(std::span<const double> rank_correlation) {
  const Matrix ranks = square(rank_correlation);
  if (possible(ranks, 1)) return 1;
  double low = 0;
  double high = 1;
  while (high - low > 1e-9) {
    const double middle = 0.5 * (low + high);
    (possible(ranks, middle) ? low : high) = middle;
  }
  return low;
}

bool ScoreMixer::correlate(std::vector<std::size_t> columns, std::span<const double> rank_correlation,
                           std::string& problem) {
  const std::size_t n = columns.size();
  LODE_EXPECT(n > 0 && rank_correlation.size() == n * n);
  problem = matrix_problem(n, rank_correlation);
  if (!problem.empty()) return false;
  if (!possible(square(rank_correlation), 1)) {
    problem = "the correlations contradict one another";
    return false;
  }
  std::vector<double> scores;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      scores.push_back(i == j ? 1 : score_correlation(rank_correlation[i * n + j]));
  mix(std::move(columns), scores);
  return true;
}

void ScoreMixer::mix(std::vector<std::size_t> columns, std::span<const double> correlation) {
  LODE_EXPECT(correlation.size() == columns.size() * columns.size());
  const Matrix lower = lower_factor(square(correlation));
  Step step;
  step.columns = std::move(columns);
  for (Eigen::Index i = 0; i < lower.rows(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) step.factor.push_back(lower(i, j));
  steps_.push_back(std::move(step));
}

bool ScoreMixer::autocorrelate(std::vector<std::size_t> columns, std::span<const double> years,
                               double correlation, std::string& problem) {
  LODE_EXPECT(!columns.empty() && years.size() == columns.size());
  problem.clear();
  if (!(correlation > -1 && correlation < 1)) {
    problem = "an autocorrelation must lie between -1 and 1, both excluded";
    return false;
  }
  Step step;
  step.recursion = true;
  step.columns = std::move(columns);
  step.factor = {0, 1};
  for (std::size_t k = 1; k < years.size(); ++k) {
    const double gap = years[k] - years[k - 1];
    LODE_EXPECT(gap > 0);
    if (correlation < 0 && gap != std::floor(gap)) {
      problem = "a negative autocorrelation needs steps of whole years";
      return false;
    }
    const double kept = std::pow(correlation, gap);
    step.factor.push_back(kept);
    step.factor.push_back(std::sqrt((1 - kept) * (1 + kept)));
  }
  steps_.push_back(std::move(step));
  return true;
}

void ScoreMixer::apply(double* scores, std::size_t stride, std::size_t n) const {
  LODE_EXPECT(n % 8 == 0);
  for (const Step& step : steps_) {
    const auto run = step.recursion ? HWY_DYNAMIC_DISPATCH(recur_on_tier) : HWY_DYNAMIC_DISPATCH(mix_on_tier);
    run(step.columns.data(), step.columns.size(), step.factor.data(), scores, stride, n);
  }
}

}  // namespace lode
#endif
