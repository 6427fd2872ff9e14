// SPDX-License-Identifier: Apache-2.0
//
// Sums of a chunk, y' = y − shift: left out · [lane] (n · [result] (Σ y' · Σ y'²)) ·
// [input][bin][lane] (n · Σ z · Σ z² · [result] (Σ y' · Σ z y')).
#include "lode/statistics/given_data_indices.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "lode/distributions/standard_normal.hpp"
#include "lode/statistics/chunks.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr std::size_t slots = 512;
constexpr double slots_end = 4;  // of normal scores, either way
constexpr std::size_t middle_bins = 16;
constexpr std::size_t most_halvings = 5;
constexpr double draws_of_outermost = 64;

/// What all lanes of a bin, or all but one, add up to.
struct Sums {
  double n = 0, z = 0, zz = 0, y = 0, zy = 0;

  Sums() = default;
  Sums(const double* record, std::size_t result)
      : n(record[0]), z(record[1]), zz(record[2]), y(record[3 + 2 * result]), zy(record[4 + 2 * result]) {}
  void add(const Sums& other) {
    n += other.n;
    z += other.z;
    zz += other.zz;
    y += other.y;
    zy += other.zy;
  }
};

}  // namespace

std::size_t given_data_bins(double draws) {
  std::size_t halvings = 0;
  double outermost = draws / static_cast<double>(middle_bins);
  while (halvings < most_halvings && outermost >= 2 * draws_of_outermost) {
    outermost /= 2;
    ++halvings;
  }
  return middle_bins + 2 * halvings;
}

GivenDataIndices::GivenDataIndices(std::size_t inputs, std::vector<double> shifts, std::size_t bins,
                                   ScoreKind kind)
    : inputs_(inputs), shifts_(std::move(shifts)), bins_(bins), kind_(kind), bin_of_slot_(slots) {
  LODE_EXPECT(bins >= middle_bins && bins <= middle_bins + 2 * most_halvings && bins % 2 == 0);
  const double widest = 1.0 / static_cast<double>(middle_bins);
  std::vector<double> lower;
  for (std::size_t halvings = (bins - middle_bins) / 2; halvings > 0; --halvings)
    lower.push_back(std::ldexp(widest, -static_cast<int>(halvings)));
  for (std::size_t i = 1; i <= middle_bins / 2; ++i) lower.push_back(widest * static_cast<double>(i));
  ends_ = lower;
  for (std::size_t i = lower.size() - 1; i-- > 0;) ends_.push_back(1 - lower[i]);
  if (kind == ScoreKind::normal)
    for (double& end : ends_) end = normal_quantile(end);
  ends_.push_back(std::numeric_limits<double>::infinity());
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const double share = static_cast<double>(slot) / slots;
    const double low = kind == ScoreKind::uniform ? share : slots_end * (2 * share - 1);
    bin_of_slot_[slot] =
        static_cast<std::uint8_t>(std::upper_bound(ends_.begin(), ends_.end() - 1, low) - ends_.begin());
  }
}

std::size_t GivenDataIndices::width() const {
  return 1 + draw_lanes * (per_lane() + inputs_ * bins_ * per_record());
}

std::size_t GivenDataIndices::bin(double score) const {
  const double share = kind_ == ScoreKind::uniform ? score : (score + slots_end) / (2 * slots_end);
  const double slot = std::clamp(share * slots, 0.0, static_cast<double>(slots - 1));
  const std::size_t found = bin_of_slot_[static_cast<std::size_t>(slot)];
  return found + (score >= ends_[found] ? 1 : 0);
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
      sums[0] += 1;
      continue;
    }
    kept.push_back(i);
    double* lane = &sums[1 + i % draw_lanes * per_lane()];
    lane[0] += 1;
    for (std::size_t k = 0; k < k_end; ++k) {
      lane[1 + 2 * k] += row[k];
      lane[2 + 2 * k] += row[k] * row[k];
    }
  }
  for (std::size_t j = 0; j < inputs_; ++j) {
    double* records = &sums[1 + draw_lanes * (per_lane() + j * bins_ * per_record())];
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const double z = inputs[j][kept[i]];
      double* record = records + (bin(z) * draw_lanes + kept[i] % draw_lanes) * per_record();
      record[0] += 1;
      record[1] += z;
      record[2] += z * z;
      for (std::size_t k = 0; k < k_end; ++k) {
        record[3 + 2 * k] += y[i * k_end + k];
        record[4 + 2 * k] += z * y[i * k_end + k];
      }
    }
  }
}

double GivenDataIndices::estimate(std::span<const double> sums, std::size_t input, std::size_t result,
                                  std::size_t left_out) const {
  double n = 0;
  double y = 0;
  double squares = 0;
  double lanes = 0;
  for (std::size_t l = 0; l < draw_lanes; ++l) {
    if (l == left_out) continue;
    const double* lane = &sums[1 + l * per_lane()];
    n += lane[0];
    y += lane[1 + 2 * result];
    squares += lane[2 + 2 * result];
    lanes += 1;
  }
  const double mean = y / n;
  const double all = squares - n * mean * mean;
  if (!(n > 0) || !(all > 1e-13 * squares)) return std::numeric_limits<double>::quiet_NaN();

  double explained = 0;
  double chance = 0;
  std::array<double, draw_lanes> rest{};  // Σ_b r_bl
  const double* records = &sums[1 + draw_lanes * (per_lane() + input * bins_ * per_record())];
  for (std::size_t b = 0; b < bins_; ++b) {
    std::array<Sums, draw_lanes> of_lane;
    Sums bin;
    for (std::size_t l = 0; l < draw_lanes; ++l) {
      if (l == left_out) continue;
      of_lane[l] = Sums(records + (b * draw_lanes + l) * per_record(), result);
      bin.add(of_lane[l]);
    }
    if (bin.n <= 0) continue;
    const double y_mean = bin.y / bin.n;
    const double z_mean = bin.z / bin.n;
    const double szz = bin.zz - bin.z * z_mean;
    const bool sloped = bin.n > 2 && szz > 1e-12 * bin.zz;
    const double slope = sloped ? (bin.zy - bin.z * y_mean) / szz : 0;
    explained += bin.n * (y_mean - mean) * (y_mean - mean) + slope * slope * szz;
    for (std::size_t l = 0; l < draw_lanes; ++l) {
      const Sums& s = of_lane[l];
      const double r = s.y - s.n * y_mean;
      rest[l] += r;
      chance += r * r / bin.n;
      if (!sloped) continue;
      const double q = s.zy - z_mean * s.y - y_mean * (s.z - s.n * z_mean) -
                       slope * (s.zz - 2 * z_mean * s.z + s.n * z_mean * z_mean);
      chance += q * q / szz;
    }
  }
  for (const double r : rest) chance -= r * r / n;
  return (explained - lanes / (lanes - 1) * chance) / all;
}

std::vector<IndexEstimate> GivenDataIndices::indices(std::span<const double> sums) const {
  LODE_EXPECT(sums.size() == width());
  const double factor = student_t_975(draw_lanes - 1);
  std::vector<IndexEstimate> found(inputs_ * results());
  for (std::size_t j = 0; j < inputs_; ++j) {
    for (std::size_t k = 0; k < results(); ++k) {
      IndexEstimate& index = found[j * results() + k];
      index.value = estimate(sums, j, k, draw_lanes);
      std::array<double, draw_lanes> without;
      double mean = 0;
      for (std::size_t l = 0; l < draw_lanes; ++l) {
        without[l] = estimate(sums, j, k, l);
        mean += without[l] / draw_lanes;
      }
      double squares = 0;
      for (const double one : without) squares += (one - mean) * (one - mean);
      index.standard_error = std::sqrt(squares * (draw_lanes - 1) / draw_lanes);
      index.low = index.value - factor * index.standard_error;
      index.high = index.value + factor * index.standard_error;
    }
  }
  return found;
}

}  // namespace lode
