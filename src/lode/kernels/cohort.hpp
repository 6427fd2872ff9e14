// SPDX-License-Identifier: Apache-2.0
//
// Cohort stocks over periods t = 0 … T-1 of lengths Δ(t) [yr]; cohort c entered in period c.
//   S(c,t)  share of cohort c in stock at the end of period t ≥ c
//   D(c,t)  share of cohort c that leaves in period t: S(c,t-1) − S(c,t), and D(c,c) = 1 − S(c,c)
//   K(t)    = K₀(t) + Σ_{c≤t} I(c) Δ(c) S(c,t)           stock at the end of t          [amount]
//   O(t)Δ(t)= O₀(t) + Σ_{c≤t} I(c) Δ(c) D(c,t)           outflow                        [amount/yr]
//   stock given: I(t) = (K*(t) − K₀(t) − Σ_{c<t} I(c) Δ(c) S(c,t)) / (S(t,t) Δ(t))
// K₀(t), O₀(t) [amount]: what is left of a stock older than period 0 and what of it leaves in t; 0 if none.
// Source: the standard cohort model (van der Voet 2002; Müller 2006); conventions in docs/language.md,
// "Stocks".
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "lode/distributions/lifetime.hpp"
#include "lode/kernels/simd.hpp"

namespace lode {

enum class InflowAt { start, middle, end, spread };
enum class OutflowBy { survival, density };

/// What is done where a given stock falls faster than it ages, so that its inflow would be negative. The
/// three repairs set that inflow to 0 and let the excess leave in that period too.
enum class NegativeInflow {
  error,
  allow,
  oldest_first,  ///< the excess is taken from the oldest cohort, then the next
  proportional,  ///< the same fraction of every older cohort
  scale_hazard   ///< every hazard of that period is multiplied by one number above 1
};

/// At which moment of its period a cohort enters; its age is the time from that moment. `spread` is evenly
/// over the period: S and D are averages over the moment by a Gauss–Lobatto rule of `points` nodes, the ends
/// of the period among them (2: trapezoid, 3: Simpson). A fixed lifetime then leaves in steps of the rule's
/// weights.
struct Entry {
  InflowAt at = InflowAt::middle;
  int points = 5;  ///< 2 … 10

  // Implicit: a moment alone says it all but for `spread`.
  constexpr Entry(InflowAt moment = InflowAt::middle, int nodes = 5) : at(moment), points(nodes) {}
};

/// Whether periods count as equally long, so that curves by age do.
bool equal_steps(std::span<const double> steps);

/// S and D of one lifetime on one time axis. Where every cohort has the same curve: by age, T values each.
/// Otherwise by cohort: a triangle, cohort-major, index c*T − c(c−1)/2 + (t − c).
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

/// One lifetime for all cohorts. `steps` are the period lengths in years. With OutflowBy::density the outflow
/// is the density at the age at the end of the period times Δ(t), D(c,c) too, and the stock follows from the
/// balance (S is then 1 − the sum of D, which may end above or below 0). Where the density is infinite, or
/// the family has none, D is the loss of survival.
///
/// `hazard`: empty, or a multiplier m(t) ≥ 0 of the hazard per calendar period:
///   S(c,t) = S(c,t-1) · (S₀(c,t) / S₀(c,t-1))^m(t),  S(c,c) = S₀(c,c)^m(c),
/// S₀ the survival without multipliers (of a spread inflow: its average). Where nothing was left without
/// them, what is left leaves as soon as m(t) > 0. With OutflowBy::density D is the density of the survival so
/// changed: m(t) · density · Δ(t) · S/S₀. As long as all multipliers so far are 1, the bits are those
/// without.
SurvivalCurves survival_curves(const Lifetime& lifetime, std::span<const double> steps, Entry entry,
                               OutflowBy outflow_by, std::span<const double> hazard = {});
/// A lifetime per cohort (as many as periods).
SurvivalCurves survival_curves(std::span<const Lifetime* const> lifetimes, std::span<const double> steps,
                               Entry entry, OutflowBy outflow_by, std::span<const double> hazard = {});

/// Shares of an amount that is older than period 0: left at the end of each period, leaving in it.
struct OlderShares {
  std::vector<double> remaining;
  std::vector<double> leaving;
  /// The share of the amount whose ages are not known well enough: what the ages beyond 10,000 periods would
  /// add (0 where the tail has vanished); 1 where there can be no such stock, and all leaves in the first
  /// period.
  double unknown = 0;
};

/// A stock with the ages of a constant past inflow: cohorts entered as `entry` says in periods of the first
/// step's length, without end; ages are followed until what is left is below 1e-12 of the sum, or for 10,000
/// periods. `hazard` as above, 1 in the past. The outflow is the loss of survival.
OlderShares steady_survival(const Lifetime& lifetime, std::span<const double> steps, Entry entry,
                            std::span<const double> hazard = {});

/// One series of a stock; all pointers are to T values, contiguous.
struct CohortSeries {
  const SurvivalCurves* curves = nullptr;
  const std::uint8_t* stock_given =
      nullptr;               ///< per period: 1 where `stock` is given and `inflow` is solved for; null: never
  double* inflow = nullptr;  ///< in where the stock is not given, out elsewhere [amount/yr]
  double* stock = nullptr;   ///< in where given, out elsewhere [amount]
  double* outflow = nullptr;  ///< out [amount/yr]

  const double* older_stock = nullptr;    ///< K₀ [amount]; null: none
  const double* older_outflow = nullptr;  ///< O₀ [amount, not per year]; null exactly where older_stock is
  /// How each period was corrected, 0: not. oldest_first: the number of cohorts emptied plus the fraction
  /// taken from the next, the older stock counted as the first. proportional: the fraction taken from all.
  /// scale_hazard: the multiplier less 1. Out in the periods advanced, in for those before; may be null where
  /// the policy makes none, or where all periods are advanced in one call.
  double* correction = nullptr;
  /// `correction` is read, never made: a substance that its carrier takes along. Its inflow is given always.
  bool follows = false;
};

/// Where a series could not be advanced as asked.
struct CohortFailure {
  enum class Kind {
    negative_inflow,   ///< value: the negative inflow [amount/yr]
    nothing_survives,  ///< a given stock has no inflow
    corrected,         ///< value: what was removed beyond ageing [amount]
    not_corrected  ///< the policy could not; computed as with allow; value: the negative inflow [amount/yr]
  };
  Kind kind;
  std::size_t series;
  std::size_t period;
  double value;
};

/// Advances every series over periods [first, last); earlier periods must be complete. The bits of a period
/// do not depend on how the periods are split into calls, on which series are computed together, nor on the
/// tier: every sum over cohorts runs from the oldest to the youngest. All values must be finite. Periods may
/// be advanced again with other inputs.
///
/// An inflow counts as negative below −1e-12 of the stock that it corrects, so that rounding is no failure.
/// With NegativeInflow::error such are returned (values are computed as with allow). A repair sets smaller
/// ones to 0, corrects the others and returns them as corrected; it cannot where the given stock is below 0,
/// nor, by hazard, where too little is at risk (not_corrected).
/// Where nothing of a cohort survives its own period a given stock has no inflow: it is set to 0 and returned
/// under every policy, unless a repair can do without inflow. At most `limit` failures are returned. Fastest
/// where 8 neighbours in `series` share one SurvivalCurves.
std::vector<CohortFailure> advance(std::span<const CohortSeries> series, std::span<const double> steps,
                                   std::size_t first, std::size_t last, NegativeInflow policy,
                                   std::size_t limit = 64, InstructionTier tier = best_tier());

struct CohortAmount {
  double stock = 0;    ///< [amount]
  double outflow = 0;  ///< [amount/yr]
};

/// The cohorts of one series that has been advanced under `policy` up to `period`: of cohort c = 0 … period
/// what is in stock at the end of the period and what leaves in it, to stock[c] and outflow[c]; both spans
/// have at least period + 1 values. Returns the same of the stock older than period 0. All add up to the
/// series' stock and outflow but for rounding.
CohortAmount by_cohort(const CohortSeries& series, std::span<const double> steps, NegativeInflow policy,
                       std::size_t period, std::span<double> stock, std::span<double> outflow);

}  // namespace lode
