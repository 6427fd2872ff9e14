// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/cohort_repair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr double rounding = 1e-12;

class Cohorts {
 public:
  Cohorts(const CohortSeries& series, std::span<const double> steps, NegativeInflow policy)
      : series_(series), curves_(*series.curves), steps_(steps), policy_(policy), kept_(steps.size(), 1.0) {
    amount_.reserve(steps.size());
  }

  void enter(double inflow) { amount_.push_back(inflow * steps_[amount_.size()]); }

  /// What is left of all that is older than period t, and what of it leaves by age.
  struct Sums {
    double carried;
    double left;
  };
  Sums sums(std::size_t t) const {
    Sums sums{0, 0};
    if (series_.older_stock != nullptr)
      sums = {series_.older_stock[t] * older_kept_, series_.older_outflow[t] * older_kept_};
    for (std::size_t c = oldest(t); c < t; ++c) {
      const double amount = amount_[c] * kept_[c];
      sums.carried += amount * s(c, t);
      sums.left += amount * d(c, t);
    }
    return sums;
  }

  /// The correction that leaves `target` of the `carried` sum; 0 where there is none.
  double find(std::size_t t, double carried, double target) const {
    if (target < -rounding * carried) return 0;
    target = std::max(target, 0.0);
    switch (policy_) {
      case NegativeInflow::oldest_first:
        return find_oldest(t, carried - target);
      case NegativeInflow::proportional:
        return std::min(1.0, (carried - target) / carried);
      case NegativeInflow::scale_hazard:
        return find_multiplier(t, std::max(target, 1e-16 * carried));
      default:
        return 0;
    }
  }

  void correct(std::size_t t, double correction) {
    const double emptied = std::floor(correction);
    const auto spared = [&](std::size_t place, double exposure) {
      switch (policy_) {
        case NegativeInflow::oldest_first:
          return static_cast<double>(place) < emptied    ? 0
                 : static_cast<double>(place) == emptied ? 1 - (correction - emptied)
                                                         : 1;
        case NegativeInflow::proportional:
          return 1 - correction;
        case NegativeInflow::scale_hazard:
          return std::exp(-correction * exposure);
        default:
          return 1.0;
      }
    };
    older_kept_ *= spared(0, older_exposure(t));
    for (std::size_t c = 0; c < t; ++c) kept_[c] *= spared(c + 1, exposure(s(c, t), d(c, t)));
  }

  double amount(std::size_t c) const { return amount_[c]; }
  const std::vector<double>& kept() const { return kept_; }
  double older_kept() const { return older_kept_; }

 private:
  // As SurvivalCurves::s and d, in the innermost loops.
  double s(std::size_t c, std::size_t t) const { return remaining_[index(c, t)]; }
  double d(std::size_t c, std::size_t t) const { return leaving_[index(c, t)]; }
  std::size_t index(std::size_t c, std::size_t t) const {
    return curves_.by_age ? t - c : c * curves_.periods - c * (c + 1) / 2 + t;
  }

  std::size_t oldest(std::size_t t) const { return t >= curves_.reach ? t - curves_.reach + 1 : 0; }

  // −ln(S(t)/S(t−1)); 0 where there is no such thing.
  static double exposure(double stays, double leaves) {
    if (!(stays > 0) || !(leaves > 0)) return 0;
    const double before = stays + leaves;
    return leaves < stays ? -std::log1p(-leaves / before) : std::log(before / stays);
  }
  double older_exposure(std::size_t t) const {
    return series_.older_stock == nullptr ? 0 : exposure(series_.older_stock[t], series_.older_outflow[t]);
  }
  double older_amount(std::size_t t) const {
    return series_.older_stock == nullptr ? 0 : series_.older_stock[t] * older_kept_;
  }

  double find_oldest(std::size_t t, double excess) const {
    for (std::size_t place = 0; place <= t; ++place) {
      const double present =
          place == 0 ? older_amount(t) : amount_[place - 1] * kept_[place - 1] * s(place - 1, t);
      if (present > excess) return static_cast<double>(place) + excess / present;
      excess -= present;
    }
    return static_cast<double>(t) + 1;
  }

  // Σ C e^{−x L} = target, C what is left of a cohort by age, L its exposure, x the multiplier less 1.
  double find_multiplier(std::size_t t, double target) const {
    struct AtRisk {
      double present;
      double exposure;
    };
    std::vector<AtRisk> all;
    double safe = 0;
    const auto add = [&](double present, double exposure) {
      if (exposure > 0) {
        all.push_back({present, exposure});
      } else {
        safe += present;
      }
    };
    add(older_amount(t), older_exposure(t));
    for (std::size_t c = oldest(t); c < t; ++c)
      add(amount_[c] * kept_[c] * s(c, t), exposure(s(c, t), d(c, t)));
    if (!(safe < target)) return 0;

    struct Value {
      double sum;
      double fall;
    };
    const auto at = [&](double x) {
      Value value{safe, 0};
      for (const AtRisk& one : all) {
        const double left = one.present * std::exp(-x * one.exposure);
        value.sum += left;
        value.fall += left * one.exposure;
      }
      return value;
    };
    double low = 0;
    double high = 1;
    while (at(high).sum > target) {
      low = high;
      high *= 2;
      if (!(high < 1e300)) return 0;
    }
    // The logarithm of the sum is convex, so Newton's steps from below do not overshoot; the bracket is for
    // rounding and for cohorts below 0.
    double x = low;
    for (int round = 0; round < 200; ++round) {
      const Value value = at(x);
      (value.sum > target ? low : high) = x;
      if (value.sum == target) break;
      double next = x + std::log(value.sum / target) * value.sum / value.fall;
      if (!(next > low && next < high)) next = low + (high - low) / 2;
      if (next == x || !(std::abs(next - x) > 1e-16 * x)) break;
      x = next;
    }
    return x;
  }

  const CohortSeries& series_;
  const SurvivalCurves& curves_;
  const double* remaining_ = curves_.remaining.data();
  const double* leaving_ = curves_.leaving.data();
  std::span<const double> steps_;
  NegativeInflow policy_;
  std::vector<double> amount_;
  std::vector<double> kept_;
  double older_kept_ = 1;
};

}  // namespace

bool repairs(NegativeInflow policy) {
  return policy != NegativeInflow::error && policy != NegativeInflow::allow;
}

void advance_repaired(const CohortSeries& series, std::span<const double> steps, std::size_t first,
                      std::size_t last, NegativeInflow policy, std::size_t index, std::size_t limit,
                      std::vector<CohortFailure>& failures) {
  LODE_EXPECT(repairs(policy));
  const SurvivalCurves& curves = *series.curves;
  const auto fail = [&](CohortFailure::Kind kind, std::size_t t, double value) {
    if (failures.size() < limit) failures.push_back({kind, index, t, value});
  };
  Cohorts cohorts(series, steps, policy);
  for (std::size_t t = 0; t < last; ++t) {
    double correction =
        series.correction != nullptr && (series.follows || t < first) ? series.correction[t] : 0;
    if (t < first) {
      if (correction != 0) cohorts.correct(t, correction);
      cohorts.enter(series.inflow[t]);
      continue;
    }
    Cohorts::Sums older = cohorts.sums(t);
    const double own = curves.s(t, t);
    const bool given = !series.follows && series.stock_given != nullptr && series.stock_given[t] != 0;
    if (given) {
      const double lacking = series.stock[t] - older.carried;
      const double size = std::max(std::abs(series.stock[t]), std::abs(older.carried));
      const bool survives = own >= std::numeric_limits<double>::min();
      double inflow = survives ? lacking / (own * steps[t]) : 0;
      if (lacking < -rounding * size) {
        correction = cohorts.find(t, older.carried, series.stock[t]);
        if (correction > 0) {
          inflow = 0;
          fail(CohortFailure::Kind::corrected, t, -lacking);
        } else {
          fail(survives ? CohortFailure::Kind::not_corrected : CohortFailure::Kind::nothing_survives, t,
               inflow);
        }
      } else if (lacking < 0) {
        inflow = 0;
      } else if (!survives && lacking > rounding * size) {
        fail(CohortFailure::Kind::nothing_survives, t, 0);
      }
      series.inflow[t] = inflow;
    }
    if (correction != 0) {
      const std::vector<double> kept = cohorts.kept();
      const double older_kept = cohorts.older_kept();
      cohorts.correct(t, correction);
      if (series.older_stock != nullptr)
        older.left += (older_kept - cohorts.older_kept()) * series.older_stock[t];
      for (std::size_t c = 0; c < t; ++c)
        older.left += cohorts.amount(c) * (kept[c] - cohorts.kept()[c]) * curves.s(c, t);
      older.carried = cohorts.sums(t).carried;
    }
    if (series.correction != nullptr && !series.follows) series.correction[t] = correction;
    cohorts.enter(series.inflow[t]);
    if (!given) series.stock[t] = older.carried + cohorts.amount(t) * own;
    series.outflow[t] = (older.left + cohorts.amount(t) * curves.d(t, t)) / steps[t];
  }
}

CohortAmount by_cohort(const CohortSeries& series, std::span<const double> steps, NegativeInflow policy,
                       std::size_t period, std::span<double> stock, std::span<double> outflow) {
  LODE_EXPECT(period < steps.size() && stock.size() > period && outflow.size() > period);
  Cohorts cohorts(series, steps, policy);
  const bool corrected = repairs(policy) && series.correction != nullptr;
  std::vector<double> kept;
  double older_kept = 1;
  for (std::size_t t = 0; t <= period; ++t) {
    if (t == period) {
      kept = cohorts.kept();
      older_kept = cohorts.older_kept();
    }
    if (corrected && series.correction[t] != 0) cohorts.correct(t, series.correction[t]);
    cohorts.enter(series.inflow[t]);
  }
  for (std::size_t c = 0; c <= period; ++c) {
    const double present = series.curves->s(c, period);
    const double spared = cohorts.kept()[c];
    stock[c] = cohorts.amount(c) * spared * present;
    outflow[c] = cohorts.amount(c) * (kept[c] * series.curves->d(c, period) + (kept[c] - spared) * present) /
                 steps[period];
  }
  if (series.older_stock == nullptr) return {};
  return {series.older_stock[period] * cohorts.older_kept(),
          (series.older_outflow[period] * older_kept +
           series.older_stock[period] * (older_kept - cohorts.older_kept())) /
              steps[period]};
}

}  // namespace lode
