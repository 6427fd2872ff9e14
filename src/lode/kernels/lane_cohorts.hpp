// SPDX-License-Identifier: Apache-2.0
//
// Cohort stocks of one series with a value for each lane; symbols as in cohort.hpp. The outflow is the sum
// over cohorts, in their order, from the oldest; the stock follows by balance, so that one sum serves both:
//   Σ_{c≤t} I(c) Δ(c) D(c,t) = O(t)Δ(t) − O₀(t);  N(t) = N(t−1) + I(t)Δ(t) − Σ…;  K(t) = N(t) + K₀(t)
//   stock given: I(t) = (K*(t) − K₀(t) − N(t−1) + Σ_{c<t}…) / (S(t,t) Δ(t))
// N differs from the sum over cohorts by rounding of the largest K so far; below 1e-13 of that it is 0.
// The number of lanes is a multiple of 8. Multiplication and addition are fused where the processor can, so
// tiers differ in the last bits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "lode/kernels/lane_strips.hpp"

namespace lode {

/// What is left of a cohort at the end of its own period, and D. By age: own(0) and leaving(t − c). By
/// cohort: own(c) and leaving(c·T − c(c−1)/2 + (t − c)), T being `periods`. Without gaps, wide or narrow.
struct LaneCurves {
  const double* own = nullptr;
  const double* leaving = nullptr;
  bool wide = false;
  bool by_age = true;
  std::size_t periods = 0;
};

constexpr std::size_t lane_periods_ahead = 8;
constexpr std::size_t lane_rows_ahead = lane_periods_ahead + 1;

/// Arrays hold a row of lanes per period; rows of wide ones follow each other without gaps.
struct LaneCohorts {
  LaneCurves curves;
  const double* steps = nullptr;              ///< [yr]
  std::size_t begin = 0;                      ///< nothing enters before this period
  const std::uint8_t* stock_given = nullptr;  ///< per period; null: never
  LaneCells given_inflow, given_stock;        ///< [amount/yr], [amount]
  /// Rows of lanes: what is added to the given stock [amount], and what it is multiplied with. Null: nothing.
  const double* shift = nullptr;
  const double* scale = nullptr;
  LaneCells older_stock, older_outflow;  ///< [amount]; no values: none
  double* inflow = nullptr;              ///< [amount/yr]
  double* stock = nullptr;               ///< [amount]
  double* outflow = nullptr;             ///< [amount/yr]
  double* entered = nullptr;             ///< I Δ [amount]; `inflow` where all steps are 1
  /// Of use where one period is advanced again and again, two rows of lanes: what of the earlier cohorts
  /// leaves in it, and the largest stock before it [amount]; for repeat_lanes. Null: not kept.
  double* earlier = nullptr;
  /// Of use where periods are advanced one by one: `lane_rows_ahead` rows of lanes, what leaves in periods
  /// ahead_first … of the cohorts before that, and the largest stock so far; filled in the call for period
  /// ahead_first, read in those for the periods after it. Null: not kept.
  double* ahead = nullptr;
  std::size_t ahead_first = 0;
  /// Per lane, set to 1 where it happens in any period; otherwise left as they are.
  double* negative_inflow = nullptr;
  double* nothing_survives = nullptr;
};

/// Advances periods [first, last); earlier ones must be complete. A negative inflow is computed, never
/// corrected; it counts as one below −1e-12 of the stock it corrects.
void advance_lanes(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes);

/// A period again that was advanced by itself before with the same curves, for each of the series: what has
/// changed are given inflows and stocks. `earlier` was kept then.
void repeat_lanes(std::span<const LaneCohorts> series, std::size_t period, std::size_t lanes);

/// The same of all periods, one cohort after another, where every cohort has curves of its own: call it for
/// period 0, 1, … with the curves of the cohort of that period alone, by age. `left`: what leaves of all
/// cohorts so far, [period][lane], 0 before the first call; `state`: two rows of lanes, likewise.
void enter_lanes(const LaneCohorts& cohorts, std::size_t period, double* left, double* state,
                 std::size_t lanes);

}  // namespace lode
