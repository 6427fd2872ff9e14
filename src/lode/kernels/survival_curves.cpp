// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "lode/kernels/cohort.hpp"
#include "lode/kernels/lane_survival.hpp"
#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A moment of entry: the part of the period that lies behind it, and its weight.
struct Moment {
  double rest;
  double weight;
};

using Rule = std::array<Moment, 10>;

// Gauss–Lobatto on [0, 1]: the ends and the roots of P'_{n−1}; weights 1/(n (n−1) P_{n−1}(x)²), x on [−1, 1].
Rule lobatto_rule(int points) {
  Rule rule = {};
  const long double degree = points - 1;
  for (int i = 0; i < points; ++i) {
    long double x = -std::cos(std::acos(-1.0L) * static_cast<long double>(i) / degree);
    long double value = 1;
    for (int round = 0; round < 100; ++round) {
      long double before = 1;
      value = x;
      for (int k = 2; k < points; ++k) {
        const long double next = ((2 * k - 1) * x * value - (k - 1) * before) / static_cast<long double>(k);
        before = value;
        value = next;
      }
      // (1 − x²) P'_{n−1} = (n−1)(P_{n−2} − x P_{n−1}), whose derivative is −n (n−1) P_{n−1}.
      const long double change = (x * value - before) / (points * value);
      x -= change;
      if (std::abs(change) < 1e-18L) break;
    }
    rule[static_cast<std::size_t>(i)] = {static_cast<double>((1 + x) / 2),
                                         static_cast<double>(1 / (points * degree * value * value))};
  }
  return rule;
}

std::span<const Moment> lobatto(int points) {
  static const auto rules = [] {
    std::array<Rule, 11> all = {};
    for (int n = 2; n <= 10; ++n) all[static_cast<std::size_t>(n)] = lobatto_rule(n);
    return all;
  }();
  LODE_EXPECT(points >= 2 && points <= 10);
  return std::span(rules[static_cast<std::size_t>(points)]).first(static_cast<std::size_t>(points));
}

std::span<const Moment> moments_of(Entry entry) {
  static constexpr Moment single[] = {{1, 1}, {0.5, 1}, {0, 1}};
  if (entry.at == InflowAt::spread) return lobatto(entry.points);
  return std::span(single).subspan(static_cast<std::size_t>(entry.at), 1);
}

bool all_one(std::span<const double> hazard) {
  return std::all_of(hazard.begin(), hazard.end(), [](double multiplier) { return multiplier == 1; });
}

// Ages of one cohort at the ends of its periods k = 0, 1, …, its own period first. They are sums over the
// cohort's own life, or multiples where the steps are equal: a sum from the first period on would carry the
// rounding of years before the cohort.
class Ages {
 public:
  /// `equal`: the length of all steps; 0 where they differ.
  Ages(std::span<const double> steps, double equal) : first_(equal != 0 ? equal : steps[0]) {
    if (equal != 0) return;
    since_.resize(steps.size());
    for (std::size_t k = 1; k < steps.size(); ++k) since_[k] = since_[k - 1] + steps[k];
  }
  double operator()(std::size_t k, double rest) const {
    return since_.empty() ? (static_cast<double>(k) + rest) * first_ : since_[k] + rest * first_;
  }

 private:
  double first_;
  std::vector<double> since_;
};

// S and D of one cohort, without multipliers.
void fill(const Lifetime& lifetime, OutflowBy outflow_by, std::span<const Moment> moments, const Ages& ages,
          std::span<const double> steps, double* remaining, double* leaving) {
  const bool by_density = outflow_by == OutflowBy::density && lifetime.has_density();
  if (moments.size() == 1 && !by_density) {  // the usual case, in less time
    for (std::size_t k = 0; k < steps.size(); ++k) remaining[k] = ages(k, moments[0].rest);
    lifetime.shares_at({remaining, steps.size()}, remaining, leaving);
    return;
  }
  double sum = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    double stays = 0;
    double leaves = 0;
    for (const Moment& moment : moments) {
      const double age = ages(k, moment.rest);
      double lost = 0;
      if (by_density) lost = lifetime.density(age) * steps[k];
      if (!by_density || !std::isfinite(lost))
        lost = lifetime.loss(k == 0 ? -infinity : ages(k - 1, moment.rest), age);
      leaves += moment.weight * lost;
      if (!by_density) stays += moment.weight * lifetime.survival(age);
    }
    sum += leaves;
    leaving[k] = leaves;
    remaining[k] = by_density ? 1 - sum : stays;
  }
}

constexpr double hardly_any = 1e-290;  // below it a ratio of survivals has no digits

// −ln(S₀(to)/S₀(from)), for items of age `from`, `to`; `lost` is S₀(from) − S₀(to).
double exposure(const Lifetime& lifetime, double before, double after, double lost, double from, double to) {
  if (after > hardly_any) {
    return lost < 0.5 * before ? -std::log1p(-lost / before) : std::log(before / after);
  }
  // The hazard itself, where survival underflows; or nothing can be so old.
  from = std::max(from, 0.0);
  if (!(to > from) || to >= lifetime.quantile(1)) return infinity;
  double sum = 0;
  for (const Moment& node : lobatto(10)) sum += node.weight * lifetime.hazard(from + node.rest * (to - from));
  return std::isfinite(sum) && sum > 0 ? sum * (to - from) : infinity;
}

// Multiplies the hazards of a cohort of which `before` was left when it is first looked at, and whose S₀ and
// D₀ (by survival) are in `remaining` and `leaving`. `age_before(k)`, `age_after(k)`: its ages about period
// k.
template <typename AgeBefore, typename AgeAfter>
void scale(const Lifetime& lifetime, double before, const AgeBefore& age_before, const AgeAfter& age_after,
           std::span<const double> hazard, double* remaining, double* leaving) {
  double plain_before = before;
  bool changed = false;
  for (std::size_t k = 0; k < hazard.size(); ++k) {
    const double plain = remaining[k];
    changed |= hazard[k] != 1;
    if (!changed) {
      before = plain;
    } else if (hazard[k] == 0) {
      remaining[k] = before;
      leaving[k] = 0;
    } else {
      const double exponent =
          hazard[k] * exposure(lifetime, plain_before, plain, leaving[k], age_before(k), age_after(k));
      leaving[k] = before * -std::expm1(-exponent);
      remaining[k] = before * std::exp(-exponent);
      before = remaining[k];
    }
    plain_before = plain;
  }
}

// D by the density of the survival that scale() made, given D₀ by density, S₀ and S; S becomes what is left
// of 1.
void scale_density(const Lifetime& lifetime, const Ages& ages, double rest, std::span<const double> steps,
                   std::span<const double> hazard, std::span<const double> plain, double* remaining,
                   double* leaving) {
  double sum = 0;
  bool changed = false;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    changed |= hazard[k] != 1;
    if (changed && plain[k] > hardly_any) {
      leaving[k] *= hazard[k] * (remaining[k] / plain[k]);
    } else if (changed) {
      const double share = lifetime.hazard(ages(k, rest)) * steps[k] * hazard[k] * remaining[k];
      leaving[k] = std::isfinite(share) ? share : 0;
    }
    sum += leaving[k];
    remaining[k] = 1 - sum;
  }
}

std::size_t used(std::span<const double> remaining, std::span<const double> leaving) {
  std::size_t count = remaining.size();
  while (count > 0 && remaining[count - 1] == 0 && leaving[count - 1] == 0) --count;
  return count;
}

std::size_t fill_cohort(const Lifetime& lifetime, OutflowBy outflow_by, std::span<const Moment> moments,
                        std::span<const double> steps, double equal, std::span<const double> hazard,
                        double* remaining, double* leaving) {
  const Ages ages(steps, equal);
  if (all_one(hazard)) {
    fill(lifetime, outflow_by, moments, ages, steps, remaining, leaving);
  } else {
    fill(lifetime, OutflowBy::survival, moments, ages, steps, remaining, leaving);
    const std::vector<double> plain(remaining, remaining + steps.size());
    // Where survival underflows, the latest to enter are what is left.
    const double rest = moments.front().rest;
    scale(
        lifetime, 1, [&](std::size_t k) { return k == 0 ? 0 : ages(k - 1, rest); },
        [&](std::size_t k) { return ages(k, rest); }, hazard, remaining, leaving);
    if (outflow_by == OutflowBy::density && lifetime.has_density()) {
      std::vector<double> unused(steps.size());
      fill(lifetime, OutflowBy::density, moments, ages, steps, unused.data(), leaving);
      scale_density(lifetime, ages, rest, steps, hazard, plain, remaining, leaving);
    }
  }
  return used({remaining, steps.size()}, {leaving, steps.size()});
}

template <typename LifetimeOf>
SurvivalCurves curves_by_cohort(const LifetimeOf& lifetime_of, std::span<const double> steps, Entry entry,
                                OutflowBy outflow_by, std::span<const double> hazard) {
  const std::size_t periods = steps.size();
  SurvivalCurves curves;
  curves.periods = periods;
  curves.by_age = false;
  curves.remaining.resize(periods * (periods + 1) / 2);
  curves.leaving.resize(curves.remaining.size());
  curves.reach = 0;
  const double equal = periods > 0 && equal_steps(steps) ? steps[0] : 0;
  std::size_t at = 0;
  for (std::size_t c = 0; c < periods; at += periods - c, ++c) {
    const std::size_t count =
        fill_cohort(lifetime_of(c), outflow_by, moments_of(entry), steps.subspan(c), equal,
                    hazard.empty() ? hazard : hazard.subspan(c), &curves.remaining[at], &curves.leaving[at]);
    curves.reach = std::max(curves.reach, count);
  }
  return curves;
}

// 0, and the time that has passed at the end of each period.
std::vector<double> elapsed_over(std::span<const double> steps) {
  std::vector<double> elapsed(1, 0.0);
  for (const double step : steps) elapsed.push_back(elapsed.back() + step);
  return elapsed;
}

OlderShares gone_at_once(std::size_t periods) {
  OlderShares shares{std::vector<double>(periods, 0.0), std::vector<double>(periods, 0.0), 1};
  if (periods > 0) shares.leaving[0] = 1;
  return shares;
}

}  // namespace

std::vector<LaneAges> lane_ages(Entry entry, std::span<const double> steps, bool equal) {
  std::vector<LaneAges> result;
  const Ages ages(steps, equal ? steps[0] : 0);
  for (const Moment& moment : moments_of(entry)) {
    std::vector<double> own;
    for (std::size_t k = 0; k < steps.size(); ++k) own.push_back(ages(k, moment.rest));
    result.emplace_back(std::move(own), moment.weight);
  }
  return result;
}

bool equal_steps(std::span<const double> steps) {
  return std::all_of(steps.begin(), steps.end(),
                     [&](double step) { return std::abs(step - steps[0]) <= 1e-9 * steps[0]; });
}

double SurvivalCurves::s(std::size_t cohort, std::size_t period) const {
  LODE_EXPECT(cohort <= period && period < periods);
  return remaining[by_age ? period - cohort : cohort * periods - cohort * (cohort + 1) / 2 + period];
}

double SurvivalCurves::d(std::size_t cohort, std::size_t period) const {
  LODE_EXPECT(cohort <= period && period < periods);
  return leaving[by_age ? period - cohort : cohort * periods - cohort * (cohort + 1) / 2 + period];
}

SurvivalCurves survival_curves(const Lifetime& lifetime, std::span<const double> steps, Entry entry,
                               OutflowBy outflow_by, std::span<const double> hazard) {
  LODE_EXPECT(hazard.empty() || hazard.size() == steps.size());
  const bool constant =
      std::all_of(hazard.begin(), hazard.end(), [&](double multiplier) { return multiplier == hazard[0]; });
  if (!equal_steps(steps) || !constant) {
    return curves_by_cohort([&](std::size_t) -> const Lifetime& { return lifetime; }, steps, entry,
                            outflow_by, hazard);
  }
  SurvivalCurves curves;
  curves.periods = steps.size();
  curves.remaining.resize(steps.size());
  curves.leaving.resize(steps.size());
  curves.reach = 0;
  if (steps.empty()) return curves;
  curves.reach = fill_cohort(lifetime, outflow_by, moments_of(entry), steps, steps[0], hazard,
                             curves.remaining.data(), curves.leaving.data());
  return curves;
}

SurvivalCurves survival_curves(std::span<const Lifetime* const> lifetimes, std::span<const double> steps,
                               Entry entry, OutflowBy outflow_by, std::span<const double> hazard) {
  LODE_EXPECT(lifetimes.size() == steps.size());
  LODE_EXPECT(hazard.empty() || hazard.size() == steps.size());
  return curves_by_cohort([&](std::size_t cohort) -> const Lifetime& { return *lifetimes[cohort]; }, steps,
                          entry, outflow_by, hazard);
}

OlderShares steady_survival(const Lifetime& lifetime, std::span<const double> steps, Entry entry,
                            std::span<const double> hazard) {
  LODE_EXPECT(hazard.empty() || hazard.size() == steps.size());
  const std::size_t periods = steps.size();
  if (periods == 0) return {};
  const std::span<const Moment> moments = moments_of(entry);
  // Of what entered in the p-th period before the last one of the past, the age at the end of the past.
  const auto age = [&](std::size_t p, double rest) { return (static_cast<double>(p) + rest) * steps[0]; };
  const auto present = [&](std::size_t p) {
    double share = 0;
    for (const Moment& moment : moments) share += moment.weight * lifetime.survival(age(p, moment.rest));
    return share;
  };

  constexpr std::size_t most = 10'000;
  constexpr double negligible = 1e-12;
  std::vector<double> left;
  double sum = 0;
  double tail = infinity;
  while (left.size() < most) {
    const double before = left.empty() ? 1 : left.back();
    left.push_back(present(left.size()));
    const double last = left.back();
    sum += last;
    // As if it went on falling as fast as it does.
    tail = last == 0 ? 0 : before > last ? last * (last / (before - last)) : infinity;
    if (std::max(last, tail) <= negligible * sum) break;
  }
  if (!(sum > 0)) return gone_at_once(periods);

  OlderShares shares;
  shares.remaining.assign(periods, 0.0);
  shares.leaving.assign(periods, 0.0);
  if (tail > negligible * sum) shares.unknown = std::isfinite(tail) ? tail / (sum + tail) : 1;
  const std::size_t past = left.size();
  if (equal_steps(steps) && all_one(hazard)) {
    std::vector<double> lost;
    for (std::size_t p = 0; p < past + periods; ++p) {
      if (p >= past) left.push_back(present(p));
      lost.push_back(0);
      if (p == 0) continue;
      for (const Moment& moment : moments)
        lost.back() += moment.weight * lifetime.loss(age(p - 1, moment.rest), age(p, moment.rest));
    }
    for (std::size_t t = 0; t < periods; ++t) {
      for (std::size_t p = past; p-- > 0;) {
        shares.remaining[t] += left[p + t + 1];
        shares.leaving[t] += lost[p + t + 1];
      }
    }
  } else {
    const std::vector<double> elapsed = elapsed_over(steps);
    std::vector<double> remaining(periods);
    std::vector<double> leaving(periods);
    const double rest = moments.front().rest;
    for (std::size_t p = past; p-- > 0;) {
      for (std::size_t t = 0; t < periods; ++t) {
        remaining[t] = 0;
        leaving[t] = 0;
        for (const Moment& moment : moments) {
          const double then = age(p, moment.rest);
          remaining[t] += moment.weight * lifetime.survival(then + elapsed[t + 1]);
          leaving[t] += moment.weight * lifetime.loss(then + elapsed[t], then + elapsed[t + 1]);
        }
      }
      if (!all_one(hazard))
        scale(
            lifetime, left[p], [&](std::size_t t) { return age(p, rest) + elapsed[t]; },
            [&](std::size_t t) { return age(p, rest) + elapsed[t + 1]; }, hazard, remaining.data(),
            leaving.data());
      for (std::size_t t = 0; t < periods; ++t) {
        shares.remaining[t] += remaining[t];
        shares.leaving[t] += leaving[t];
      }
    }
  }
  for (std::size_t t = 0; t < periods; ++t) {
    shares.remaining[t] /= sum;
    shares.leaving[t] /= sum;
  }
  return shares;
}

}  // namespace lode
