// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/normal_scores.hpp"

#include <algorithm>
#include <cmath>

#include "lode/distributions/standard_normal.hpp"
#include "lode/statistics/sorted_values.hpp"

namespace lode {

namespace {
constexpr std::size_t most_knots = 128;
}  // namespace

NormalScores::NormalScores(std::span<const double> pilot) {
  const std::vector<double> sorted = sorted_finite(pilot);
  const std::size_t knots = std::min(most_knots, sorted.size());
  std::size_t tied = 0;
  for (std::size_t k = 0; k < knots; ++k) {
    const double p = (static_cast<double>(k) + 0.5) / static_cast<double>(knots);
    // The value whose own rank is p: position n p − ½ among n sorted values.
    const double n = static_cast<double>(sorted.size());
    const double at = sorted.size() < 2
                          ? sorted[0]
                          : sorted_quantile(sorted, std::clamp((n * p - 0.5) / (n - 1), 0.0, 1.0));
    const double score = normal_quantile(p);
    if (!at_.empty() && at <= at_.back()) {  // ties have the mean of their scores
      ++tied;
      score_.back() += (score - score_.back()) / static_cast<double>(tied);
    } else {
      at_.push_back(at);
      score_.push_back(score);
      tied = 1;
    }
  }
}

double NormalScores::operator()(double value) const {
  if (!std::isfinite(value)) return value;
  if (at_.size() < 2) return 0;
  const auto above = std::upper_bound(at_.begin(), at_.end(), value) - at_.begin();
  const auto right = std::clamp<std::ptrdiff_t>(above, 1, static_cast<std::ptrdiff_t>(at_.size()) - 1);
  const auto i = static_cast<std::size_t>(right);
  return score_[i - 1] + (value - at_[i - 1]) / (at_[i] - at_[i - 1]) * (score_[i] - score_[i - 1]);
}

void NormalScores::apply(const double* values, double* out, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) out[i] = (*this)(values[i]);
}

}  // namespace lode
