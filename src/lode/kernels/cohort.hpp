// SPDX-License-Identifier: Apache-2.0
//
// Cohort stocks over periods t = 0 … T-1 of lengths Δ(t) [yr]; cohort c entered in period c.
//   S(c,t)  share of cohort c in stock at the end of period t ≥ c
//   D(c,t)  share of cohort c that leaves in period t: S(c,t-1) − S(c,t), and D(c,c) = 1 − S(c,c)
//   K(t)    = Σ_{c≤t} I(c) Δ(c) S(c,t)                   stock at the end of t          [amount]
//   O(t)Δ(t)= Σ_{c≤t} I(c) Δ(c) D(c,t)                   outflow                        [amount/yr]
//   stock given: I(t) = (K*(t) − Σ_{c<t} I(c) Δ(c) S(c,t)) / (S(t,t) Δ(t))
// Source: the standard cohort model (van der Voet 2002; Müller 2006); conventions in docs/language.md,
// "Stocks".
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "lode/distributions/lifetime.hpp"
#include "lode/kernels/simd.hpp"

namespace lode {

enum class InflowAt { start, middle, end };
enum class OutflowBy { survival, density };
enum class NegativeInflow { error, allow };

/// S and D of one lifetime on one time axis. Equal steps and one lifetime for all cohorts: by age, T values
/// each. Otherwise by cohort: a triangle, cohort-major, index c*T − c(c−1)/2 + (t − c).
struct SurvivalCurves {
  std::size_t periods = 0;
  bool by_age = true;
  std::vector<double> remaining;  ///< S
  std::vector<double> leaving;    ///< D
  /// S and D are 0 from this many periods after entry on, for every cohort; no work is done there.
  std::size_t reach = std::numeric_limits<std::size_t>::max();

  double s(std::size_t cohort, std::size_t period) const;
  double d(std::size_t cohort, std::size_t period) const;
};

/// One lifetime for all cohorts. `steps` are the period lengths in years. inflow_at says at which moment of
/// its period a cohort enters: age at the end of period t is the time from that moment. With
/// OutflowBy::density the outflow is the density at that age times Δ(t), D(c,c) too, and the stock follows
/// from the balance (S is then 1 − the sum of D, which may end above or below 0). Where the density is
/// infinite, or the family has none, D is the loss of survival.
SurvivalCurves survival_curves(const Lifetime& lifetime, std::span<const double> steps, InflowAt inflow_at,
                               OutflowBy outflow_by);
/// A lifetime per cohort (as many as periods).
SurvivalCurves survival_curves(std::span<const Lifetime* const> lifetimes, std::span<const double> steps,
                               InflowAt inflow_at, OutflowBy outflow_by);

/// One series of a stock; all pointers are to T values, contiguous.
struct CohortSeries {
  const SurvivalCurves* curves = nullptr;
  const std::uint8_t* stock_given =
      nullptr;               ///< per period: 1 where `stock` is given and `inflow` is solved for; null: never
  double* inflow = nullptr;  ///< in where the stock is not given, out elsewhere [amount/yr]
  double* stock = nullptr;   ///< in where given, out elsewhere [amount]
  double* outflow = nullptr;  ///< out [amount/yr]
};

/// Where a series could not be advanced.
struct CohortFailure {
  enum class Kind { negative_inflow, nothing_survives };
  Kind kind;
  std::size_t series;
  std::size_t period;
  double value;  ///< the negative inflow
};

/// Advances every series over periods [first, last); earlier periods must be complete. The bits of a period
/// do not depend on how the periods are split into calls, on which series are computed together, nor on the
/// tier: every sum over cohorts runs from the oldest to the youngest. All values must be finite. With
/// NegativeInflow::error negative inflows are returned (values are computed as with allow): those below
/// −1e-12 of the stock that they correct, so that rounding is no failure. Where nothing of a cohort survives
/// its own period a given stock has no inflow: it is set to 0 and returned under either policy. At most
/// `limit` failures are returned. Fastest where 8 neighbours in `series` share one SurvivalCurves.
std::vector<CohortFailure> advance(std::span<const CohortSeries> series, std::span<const double> steps,
                                   std::size_t first, std::size_t last, NegativeInflow policy,
                                   std::size_t limit = 64, InstructionTier tier = best_tier());

}  // namespace lode
