// SPDX-License-Identifier: Apache-2.0
//
// Sums of a chunk: n · left out · closed chunks · [result] Σ y' · [result] Σ y'² · [input][bin] n ·
// [input][bin][result] Σ y' · [input][result] Σ over closed chunks of their estimates, and of their squares.
#include "lode/statistics/given_data_indices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "lode/distributions/standard_normal.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr std::size_t slots = 512;
constexpr double slots_end = 4;  // of normal scores, either way
constexpr double chunks_for_errors = 8;
constexpr double least_draws_per_bin = 8;

}  // namespace

std::size_t given_data_bins(double draws) {
  std::size_t bins = 8;
  while (bins < 64 && static_cast<double>(2 * bins) * 64 <= draws) bins *= 2;
  return bins;
}

GivenDataIndices::GivenDataIndices(std::size_t inputs, std::vector<double> shifts, std::size_t bins,
                                   ScoreKind kind)
    : inputs_(inputs), shifts_(std::move(shifts)), bins_(bins), kind_(kind), bin_of_slot_(slots) {
  LODE_EXPECT(bins >= 2 && bins <= 64);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const double middle = (static_cast<double>(slot) + 0.5) / slots;
    const double p = kind == ScoreKind::uniform ? middle : 1 - normal_upper(slots_end * (2 * middle - 1));
    bin_of_slot_[slot] = static_cast<std::uint8_t>(
        std::min(bins - 1, static_cast<std::size_t>(p * static_cast<double>(bins))));
  }
}

std::size_t GivenDataIndices::width() const {
  const std::size_t k = results();
  return 3 + 2 * k + inputs_ * (bins_ + bins_ * k + 2 * k);
}

std::size_t GivenDataIndices::bin(double score) const {
  const double share = kind_ == ScoreKind::uniform ? score : (score + slots_end) / (2 * slots_end);
  const double slot = std::clamp(share * slots, 0.0, static_cast<double>(slots - 1));
  return bin_of_slot_[static_cast<std::size_t>(slot)];
}

void GivenDataIndices::add_block(std::span<double> sums, std::span<const double* const> inputs,
                                 std::span<const double* const> results_at, std::size_t draws) const {
  LODE_EXPECT(sums.size() == width() && inputs.size() == inputs_ && results_at.size() == results());
  const std::size_t k_end = results();
  std::vector<double> y(draws * k_end);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < draws; ++i) {
    double* row = y.data() + kept.size() * k_end;
    bool complete = true;
    for (std::size_t k = 0; k < k_end; ++k) {
      row[k] = results_at[k][i] - shifts_[k];
      complete = complete && std::isfinite(row[k]);
    }
    if (!complete) {
      sums[1] += 1;
      continue;
    }
    kept.push_back(i);
    for (std::size_t k = 0; k < k_end; ++k) {
      sums[3 + k] += row[k];
      sums[3 + k_end + k] += row[k] * row[k];
    }
  }
  sums[0] += static_cast<double>(kept.size());
  for (std::size_t j = 0; j < inputs_; ++j) {
    double* counts = &sums[3 + 2 * k_end + j * bins_];
    double* of_bins = &sums[3 + 2 * k_end + inputs_ * bins_ + j * bins_ * k_end];
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const std::size_t b = bin(inputs[j][kept[i]]);
      counts[b] += 1;
      for (std::size_t k = 0; k < k_end; ++k) of_bins[b * k_end + k] += y[i * k_end + k];
    }
  }
}

double GivenDataIndices::estimate(std::span<const double> sums, std::size_t input, std::size_t result) const {
  const std::size_t k_end = results();
  const double n = sums[0];
  const double mean = sums[3 + result] / n;
  const double all = sums[3 + k_end + result] - n * mean * mean;
  const double* counts = &sums[3 + 2 * k_end + input * bins_];
  const double* of_bins = &sums[3 + 2 * k_end + inputs_ * bins_ + input * bins_ * k_end];
  double between = 0;
  double used = 0;
  for (std::size_t b = 0; b < bins_; ++b) {
    if (counts[b] <= 0) continue;
    const double distance = of_bins[b * k_end + result] / counts[b] - mean;
    between += counts[b] * distance * distance;
    used += 1;
  }
  if (!(n > used) || !(all > 1e-13 * sums[3 + k_end + result]))
    return std::numeric_limits<double>::quiet_NaN();
  return (between - (used - 1) * (all - between) / (n - used)) / all;
}

void GivenDataIndices::close_chunk(std::span<double> sums) const {
  const std::size_t k_end = results();
  if (sums[0] < least_draws_per_bin * static_cast<double>(bins_)) return;
  sums[2] += 1;
  double* estimates = &sums[width() - 2 * inputs_ * k_end];
  for (std::size_t j = 0; j < inputs_; ++j) {
    for (std::size_t k = 0; k < k_end; ++k) {
      const double found = estimate(sums, j, k);
      estimates[j * k_end + k] += found;
      estimates[(inputs_ + j) * k_end + k] += found * found;
    }
  }
}

std::vector<IndexEstimate> GivenDataIndices::indices(std::span<const double> sums) const {
  LODE_EXPECT(sums.size() == width());
  const std::size_t k_end = results();
  const double n = sums[0];
  const double chunks = sums[2];
  const double* estimates = &sums[width() - 2 * inputs_ * k_end];
  std::vector<IndexEstimate> found(inputs_ * k_end);
  for (std::size_t j = 0; j < inputs_; ++j) {
    for (std::size_t k = 0; k < k_end; ++k) {
      IndexEstimate& index = found[j * k_end + k];
      index.value = estimate(sums, j, k);
      double factor = 0;
      if (chunks >= chunks_for_errors) {
        const double sum = estimates[j * k_end + k];
        const double squares = estimates[(inputs_ + j) * k_end + k];
        const double variance = std::max(0.0, squares - sum * sum / chunks) / (chunks - 1);
        index.standard_error = std::sqrt(variance / chunks);
        factor = student_t_975(chunks - 1);
      } else {
        const double s = std::clamp(index.value, 0.0, 1.0);
        const double noise = 2 * static_cast<double>(bins_ - 1) / (n * n);
        index.standard_error = std::sqrt(4 * s * (1 - s) * (1 - s) / n + noise);
        factor = student_t_975(n);
      }
      index.low = index.value - factor * index.standard_error;
      index.high = index.value + factor * index.standard_error;
    }
  }
  return found;
}

}  // namespace lode
