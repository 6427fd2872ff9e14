// SPDX-License-Identifier: Apache-2.0
//
// Checks that several tests of samplers share. Seeds are fixed, so a test that passes always passes; the
// false-alarm rate says how probable it was that a right sampler would not.
#pragma once
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lode {

/// Runs f on every instruction tier of this build that this processor has.
template <class F>
void on_each_tier(const F& f) {
  const std::int64_t all = hwy::SupportedTargets() & HWY_TARGETS;
  for (std::int64_t rest = all; rest != 0; rest &= rest - 1) {
    const std::int64_t one = rest & -rest;
    hwy::SetSupportedTargetsForTest(one);
    hwy::GetChosenTarget().Update(one);
    SCOPED_TRACE(hwy::TargetName(one));
    f();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// √n times the greatest distance between the sample's distribution function and the uniform one on 0 … 1.
inline double uniform_distance(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    worst = std::max(worst, static_cast<double>(i + 1) / n - sample[i]);
    worst = std::max(worst, sample[i] - static_cast<double>(i) / n);
  }
  return std::sqrt(n) * worst;
}

/// Kolmogorov: a right sampler exceeds it once in a million.
inline constexpr double kolmogorov_limit = 2.694;
/// Deviations of a normal number exceeded once in a million, both sides together.
inline constexpr double normal_limit = 4.892;

inline double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

inline double deviation_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

inline double correlation_of(std::span<const double> a, std::span<const double> b) {
  const double mean_a = mean_of(a);
  const double mean_b = mean_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size()) / deviation_of(a) / deviation_of(b);
}

inline std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = static_cast<double>(i);
  return ranks;
}

}  // namespace lode
