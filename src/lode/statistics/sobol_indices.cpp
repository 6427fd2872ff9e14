// SPDX-License-Identifier: Apache-2.0
//
// Sums of a chunk, 8 lanes each: [result] n, draws left out, Σ (a + b), Σ (a² + b²) · [group][result]
// Σ b (c − a), Σ (a − c)²; a, b, c = y_A, y_B, y_ABg less the shift.
#include "lode/statistics/sobol_indices.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "lode/statistics/chunks.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr std::size_t per_result = 4 * draw_lanes;
constexpr std::size_t per_pair = 2 * draw_lanes;

using LaneValues = std::array<double, draw_lanes>;

double variance_of(double n, double sum, double squares) {
  return (squares - sum * sum / (2 * n)) / (2 * n - 1);
}

double sum_of_lanes(const double* lanes) {
  return std::accumulate(lanes, lanes + draw_lanes, 0.0);
}

IndexEstimate with_interval(double pooled, const LaneValues& lanes) {
  const double mean = std::accumulate(lanes.begin(), lanes.end(), 0.0) / draw_lanes;
  double squares = 0;
  for (const double lane : lanes) squares += (lane - mean) * (lane - mean);
  const double error = std::sqrt(squares / ((draw_lanes - 1) * draw_lanes));
  const double half = student_t_975(draw_lanes - 1) * error;
  return {pooled, error, pooled - half, pooled + half};
}

}  // namespace

SobolIndices::SobolIndices(std::size_t groups, std::vector<double> shifts)
    : groups_(groups), shifts_(std::move(shifts)) {}

std::size_t SobolIndices::width() const {
  return results() * (per_result + groups_ * per_pair);
}

void SobolIndices::add_block(std::span<double> sums, const double* at_a, const double* at_b,
                             std::span<const double* const> at_exchanged, std::size_t stride,
                             std::size_t draws) const {
  LODE_EXPECT(sums.size() == width() && at_exchanged.size() == groups_ && draws % draw_lanes == 0);
  std::vector<unsigned char> complete(draws);
  for (std::size_t k = 0; k < results(); ++k) {
    const double* y_a = at_a + k * stride;
    const double* y_b = at_b + k * stride;
    double* own = &sums[k * per_result];
    for (std::size_t i = 0; i < draws; ++i) {
      bool finite = std::isfinite(y_a[i]) && std::isfinite(y_b[i]);
      for (std::size_t g = 0; finite && g < groups_; ++g)
        finite = std::isfinite(at_exchanged[g][k * stride + i]);
      complete[i] = finite ? 1 : 0;
      const std::size_t lane = i % draw_lanes;
      own[(finite ? 0 : draw_lanes) + lane] += 1;
      if (!finite) continue;
      const double a = y_a[i] - shifts_[k];
      const double b = y_b[i] - shifts_[k];
      own[2 * draw_lanes + lane] += a + b;
      own[3 * draw_lanes + lane] += a * a + b * b;
    }
    for (std::size_t g = 0; g < groups_; ++g) {
      const double* y_c = at_exchanged[g] + k * stride;
      double* pair = &sums[results() * per_result + (g * results() + k) * per_pair];
      for (std::size_t i = 0; i < draws; ++i) {
        if (complete[i] == 0) continue;
        const double change = y_c[i] - y_a[i];
        pair[i % draw_lanes] += (y_b[i] - shifts_[k]) * change;
        pair[draw_lanes + i % draw_lanes] += change * change;
      }
    }
  }
}

SobolIndices::Result SobolIndices::result(std::span<const double> sums) const {
  LODE_EXPECT(sums.size() == width());
  Result found;
  found.first.resize(groups_ * results());
  found.total.resize(groups_ * results());
  for (std::size_t k = 0; k < results(); ++k) {
    const double* own = &sums[k * per_result];
    const double n = sum_of_lanes(own);
    const double variance =
        variance_of(n, sum_of_lanes(own + 2 * draw_lanes), sum_of_lanes(own + 3 * draw_lanes));
    found.draws.push_back(n);
    found.variance.push_back(n > 0 ? variance : std::numeric_limits<double>::quiet_NaN());
    for (std::size_t g = 0; g < groups_; ++g) {
      const double* pair = &sums[results() * per_result + (g * results() + k) * per_pair];
      LaneValues first;
      LaneValues total;
      for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
        const double lane_n = own[lane];
        const double lane_variance =
            variance_of(lane_n, own[2 * draw_lanes + lane], own[3 * draw_lanes + lane]);
        first[lane] = pair[lane] / lane_n / lane_variance;
        total[lane] = pair[draw_lanes + lane] / (2 * lane_n) / lane_variance;
      }
      found.first[g * results() + k] = with_interval(sum_of_lanes(pair) / n / variance, first);
      found.total[g * results() + k] =
          with_interval(sum_of_lanes(pair + draw_lanes) / (2 * n) / variance, total);
    }
  }
  return found;
}

}  // namespace lode
