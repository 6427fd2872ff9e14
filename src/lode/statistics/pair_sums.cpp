// SPDX-License-Identifier: Apache-2.0
//
// Sums of a chunk: n · left out · [result] Σ y' · [result pair k ≤ l] Σ y'_k y'_l · [input] Σ z · [input][8
// lanes] Σ z² · [input][result] Σ z y'.
#include "lode/statistics/pair_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/statistics/pair_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/statistics/chunks.hpp"
#include "lode/support/contract.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// sums[r][c] += Σ_i rows[r][i] columns[i][c], i in order, for 4 rows at once: their chains of additions run
/// side by side. `columns` is padded to full vectors.
void AddProducts(const double* const* rows, const double* columns, std::size_t column_stride,
                 std::size_t draws, double* sums) {
  const hn::CappedTag<double, 8> d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t c = 0; c < column_stride; c += n) {
    auto sum0 = hn::LoadU(d, sums + c);
    auto sum1 = hn::LoadU(d, sums + column_stride + c);
    auto sum2 = hn::LoadU(d, sums + 2 * column_stride + c);
    auto sum3 = hn::LoadU(d, sums + 3 * column_stride + c);
    for (std::size_t i = 0; i < draws; ++i) {
      const auto column = hn::LoadU(d, columns + i * column_stride + c);
      sum0 = hn::Add(sum0, hn::Mul(hn::Set(d, rows[0][i]), column));
      sum1 = hn::Add(sum1, hn::Mul(hn::Set(d, rows[1][i]), column));
      sum2 = hn::Add(sum2, hn::Mul(hn::Set(d, rows[2][i]), column));
      sum3 = hn::Add(sum3, hn::Mul(hn::Set(d, rows[3][i]), column));
    }
    hn::StoreU(sum0, d, sums + c);
    hn::StoreU(sum1, d, sums + column_stride + c);
    hn::StoreU(sum2, d, sums + 2 * column_stride + c);
    hn::StoreU(sum3, d, sums + 3 * column_stride + c);
  }
}

/// sums[lane] += weight z², over the lane's draws in order.
void AddSquares(const double* row, const double* weights, std::size_t draws, double* sums) {
  const hn::CappedTag<double, draw_lanes> d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t lane = 0; lane < draw_lanes; lane += n) {
    auto sum = hn::LoadU(d, sums + lane);
    for (std::size_t i = lane; i < draws; i += draw_lanes) {
      const auto z = hn::LoadU(d, row + i);
      sum = hn::Add(sum, hn::Mul(hn::Mul(z, z), hn::LoadU(d, weights + i)));
    }
    hn::StoreU(sum, d, sums + lane);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(AddProducts);
HWY_EXPORT(AddSquares);

namespace {

constexpr std::size_t block_draws = 128;
constexpr std::size_t row_tile = 4;
constexpr std::size_t vector_pad = 8;

std::size_t pairs(std::size_t results) {
  return results * (results + 1) / 2;
}

double correlation(double n, double sum_x, double sum_y, double xx, double yy, double xy) {
  const double scatter_x = xx - sum_x * sum_x / n;
  const double scatter_y = yy - sum_y * sum_y / n;
  // What rounding leaves of a constant is no scatter.
  if (!(n >= 2) || !(scatter_x > 1e-13 * xx) || !(scatter_y > 1e-13 * yy)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::clamp((xy - sum_x * sum_y / n) / std::sqrt(scatter_x * scatter_y), -1.0, 1.0);
}

}  // namespace

PairSums::PairSums(std::size_t inputs, std::vector<double> shifts)
    : inputs_(inputs), shifts_(std::move(shifts)) {
  LODE_EXPECT(results() >= 1 && results() <= 64);
}

std::size_t PairSums::width_of(std::size_t inputs, std::size_t results) {
  return 2 + results + pairs(results) + inputs * (1 + draw_lanes + results);
}

void PairSums::add_block(std::span<double> sums, std::span<const double* const> inputs,
                         std::span<const double* const> results_at, std::size_t draws) const {
  LODE_EXPECT(sums.size() == width() && inputs.size() == inputs_ && results_at.size() == results());
  LODE_EXPECT(draws % draw_lanes == 0);
  const std::size_t k_end = results();
  // Columns: 1 and the results less their shifts; all 0 in draws that are left out.
  const std::size_t stride = (1 + k_end + vector_pad - 1) / vector_pad * vector_pad;
  std::vector<double> columns(block_draws * stride);
  std::vector<double> tile(row_tile * stride);
  double weights[block_draws];
  double* of_results = sums.data() + 2;
  double* of_pairs = of_results + k_end;
  double* of_inputs = of_pairs + pairs(k_end);
  double* squares = of_inputs + inputs_;
  double* products = squares + inputs_ * draw_lanes;
  for (std::size_t done = 0; done < draws; done += block_draws) {
    const std::size_t now = std::min(block_draws, draws - done);
    for (std::size_t i = 0; i < now; ++i) {
      double* column = columns.data() + i * stride;
      bool complete = true;
      for (std::size_t k = 0; k < k_end; ++k) {
        column[1 + k] = results_at[k][done + i] - shifts_[k];
        complete = complete && std::isfinite(column[1 + k]);
      }
      if (!complete) std::fill_n(column, 1 + k_end, 0.0);
      weights[i] = column[0] = complete ? 1 : 0;
      sums[0] += weights[i];
      sums[1] += 1 - weights[i];
      double* pair = of_pairs;
      for (std::size_t k = 0; k < k_end; ++k) {
        of_results[k] += column[1 + k];
        for (std::size_t l = k; l < k_end; ++l) *pair++ += column[1 + k] * column[1 + l];
      }
    }
    for (std::size_t j = 0; j < inputs_; j += row_tile) {
      const double* rows[row_tile];
      const std::size_t in_tile = std::min(row_tile, inputs_ - j);
      for (std::size_t r = 0; r < row_tile; ++r) {
        rows[r] = inputs[j + std::min(r, in_tile - 1)] + done;
        const std::size_t at = j + std::min(r, in_tile - 1);
        tile[r * stride] = of_inputs[at];
        std::copy_n(products + at * k_end, k_end, &tile[r * stride + 1]);
      }
      HWY_DYNAMIC_DISPATCH(AddProducts)(rows, columns.data(), stride, now, tile.data());
      for (std::size_t r = 0; r < in_tile; ++r) {
        of_inputs[j + r] = tile[r * stride];
        std::copy_n(&tile[r * stride + 1], k_end, products + (j + r) * k_end);
        HWY_DYNAMIC_DISPATCH(AddSquares)(rows[r], weights, now, squares + (j + r) * draw_lanes);
      }
    }
  }
}

PairCorrelations PairSums::correlations(std::span<const double> sums) const {
  LODE_EXPECT(sums.size() == width());
  const std::size_t k_end = results();
  const double* of_results = sums.data() + 2;
  const double* of_pairs = of_results + k_end;
  const double* of_inputs = of_pairs + pairs(k_end);
  const double* squares = of_inputs + inputs_;
  const double* products = squares + inputs_ * draw_lanes;
  const double n = sums[0];
  const auto pair = [&](std::size_t k, std::size_t l) { return of_pairs[k * k_end - k * (k + 1) / 2 + l]; };
  PairCorrelations found;
  found.draws = n;
  found.left_out = sums[1];
  found.with_inputs.resize(k_end * inputs_);
  found.with_results.resize(k_end * k_end);
  for (std::size_t k = 0; k < k_end; ++k) {
    for (std::size_t j = 0; j < inputs_; ++j) {
      double square = 0;
      for (std::size_t lane = 0; lane < draw_lanes; ++lane) square += squares[j * draw_lanes + lane];
      found.with_inputs[k * inputs_ + j] =
          correlation(n, of_inputs[j], of_results[k], square, pair(k, k), products[j * k_end + k]);
    }
    for (std::size_t l = k; l < k_end; ++l) {
      const double r = correlation(n, of_results[k], of_results[l], pair(k, k), pair(l, l), pair(k, l));
      found.with_results[k * k_end + l] = found.with_results[l * k_end + k] = r;
    }
  }
  return found;
}

double correlation_error(double correlation, double draws) {
  return (1 - correlation * correlation) / std::sqrt(draws - 1);
}

}  // namespace lode
#endif
