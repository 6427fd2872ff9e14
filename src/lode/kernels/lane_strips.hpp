// SPDX-License-Identifier: Apache-2.0
//
// Elementwise arithmetic, sums over labels and sums over time of cells that hold a value for each lane. The
// number of lanes is a multiple of 8. All but exp, log and power give the bits of a run with one lane.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "lode/kernels/function.hpp"

namespace lode {

/// How many lanes pay: twice as many spare few calls, but leave the caches.
constexpr std::size_t usual_lanes = 32;

/// Cells in a row: cell i begins at values + i·stride. Narrow ones hold one value for all lanes.
struct LaneCells {
  const double* values = nullptr;
  std::ptrdiff_t stride = 0;
  bool wide = false;
};

/// target(i) = function(a(i), b(i), c(i)) for the cells of a strip, i < `cells`; without function: a copy. A
/// narrow target is a row without gaps, and its operands are narrow.
struct LaneInstruction {
  Function function{};
  std::size_t cells = 0;
  bool copy = false;
  bool wide_target = true;
  double* target = nullptr;
  std::ptrdiff_t stride = 0;  ///< of a wide target
  LaneCells a, b, c;
};

void run_lane_strips(std::span<const LaneInstruction> code, std::size_t lanes);

enum class LaneReduction { sum, mean, minimum, maximum };

/// target(i) = the sum … of source(i) over all sources, in their order; all are wide. `skip_absent`: NaN is
/// left out.
void reduce_lanes(LaneReduction reduction, bool skip_absent, std::span<const double* const> sources,
                  std::size_t offset, std::ptrdiff_t source_stride, double* target,
                  std::ptrdiff_t target_stride, std::size_t cells, std::size_t lanes);

enum class LaneTimeFunction { total, mean, minimum, maximum, first_year, last_year, max_year, min_year };

/// target = f over the cells of a series, cell i being `steps[i]` long and labelled `years[i]`: total = Σ x
/// Δ, mean = Σ x Δ / Σ Δ, the first and last year with x ≠ 0, the first year of the largest and smallest x.
/// Without any value NaN, but a total of 0.
void over_time_lanes(LaneTimeFunction function, bool skip_absent, const double* source, std::ptrdiff_t stride,
                     const double* steps, const int* years, std::size_t cells, double* target,
                     std::size_t lanes);

/// target(i) = target(i − 1) + (a(i) − b(i)) Δ(i), target(−1) = before; without b: a(i) Δ(i).
void accumulate_lanes(LaneCells before, LaneCells a, LaneCells b, const double* steps, double* target,
                      std::size_t cells, std::size_t lanes);

}  // namespace lode
