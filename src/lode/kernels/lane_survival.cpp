// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_survival.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lode/kernels/vector_math.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/lane_survival.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

#ifndef LODE_LANE_LOSSES
#define LODE_LANE_LOSSES
namespace lode {
namespace {

/// What a target needs to fill the losses of one moment.
struct LaneLosses {
  LaneFamily family;
  const double* numbers[3];
  const LaneAges* ages;
  std::size_t count;       ///< of the ages
  const double* growth;    ///< per age, or null
  const double* exposure;  ///< per age, or null
  bool add;                ///< to what is there
  double* leaving;
  double* own;
  std::size_t lanes;
};

}  // namespace
}  // namespace lode
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

using V = WideVector;

HWY_INLINE V set(double value) {
  return hn::Set(Wide(), value);
}

/// Share that is left at an age and share that left since the age before.
struct Shares {
  V remaining, leaving;
};

/// From the hazard that adds up between neighbouring ages: D = −S (e^−Δx − 1).
struct ByHazard {
  V present;
  HWY_INLINE ByHazard() : present(set(1)) {}

  HWY_INLINE Shares pass(V more) {
    const ExpPair pair = exp_pair_not_above_zero(hn::Neg(more));
    const V leaving = hn::Neg(hn::Mul(present, pair.less_one));
    present = hn::Mul(present, pair.exp);
    return {present, leaving};
  }

  /// The same of −Δx. Where it is small in all lanes the exponent is 0, and the bits are the same.
  HWY_INLINE Shares pass_minus(V minus) {
    if (!hn::AllTrue(Wide(), hn::Ge(minus, set(-0.34)))) return pass(hn::Neg(minus));
    const V less_one = expm1_of_rest(minus);
    const V leaving = hn::Neg(hn::Mul(present, less_one));
    present = hn::Mul(present, hn::Add(less_one, set(1)));
    return {present, leaving};
  }
};

constexpr double tiny = 1e-280, huge = 1e300;

struct Exponential : ByHazard {
  V rate;
  double before = 0;
  Exponential(const LaneLosses& work, std::size_t lane)
      : rate(hn::Div(set(1), hn::LoadU(Wide(), work.numbers[0] + lane))) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const double age = std::max(table.ages[k], 0.0), way = age - before;
    before = age;
    return pass(hn::Mul(set(way), rate));
  }
};

/// x(a) = e^(k (ln a − ln λ)), and from age to age x ← x + x (e^(k ln ratio) − 1).
struct Weibull : ByHazard {
  V log_scale, shape, exposure;
  const double* growth;
  Weibull(const LaneLosses& work, std::size_t lane)
      : log_scale(log_vector(hn::LoadU(Wide(), work.numbers[0] + lane))),
        shape(hn::LoadU(Wide(), work.numbers[1] + lane)),
        exposure(set(0)),
        growth(work.growth) {}
  HWY_INLINE V whole(double log_age) const {
    return hn::Min(exp_vector(hn::Mul(shape, hn::Sub(set(log_age), log_scale))), set(huge));
  }
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    if (!(table.ages[k] > 0)) return {set(1), set(0)};
    if (table.log_ratios[k] == 0) {
      exposure = whole(table.log_ages[k]);
      return pass(exposure);
    }
    const V factor = growth ? set(growth[k]) : expm1_vector(hn::Mul(shape, set(table.log_ratios[k])));
    V more = hn::Mul(exposure, factor);
    if (HWY_UNLIKELY(!hn::AllTrue(Wide(), hn::Gt(exposure, set(tiny))))) {
      // It has underflowed and may come back.
      const V now = whole(table.log_ages[k]);
      more = hn::IfThenElse(hn::Gt(exposure, set(tiny)), more, hn::Sub(now, exposure));
    }
    exposure = hn::Min(hn::Add(exposure, more), set(huge));
    return pass(more);
  }
};

/// One shape for all lanes: x = (A/λ)^k (a/A)^k, the second factor and its steps being the same in all of
/// them. A: the last age of the table.
struct WeibullOfShape : ByHazard {
  V minus_hazard;
  const double* exposure;
  WeibullOfShape(const LaneLosses& work, std::size_t lane) : exposure(work.exposure) {
    const V ratio =
        hn::Sub(set(work.ages->log_ages.back()), log_vector(hn::LoadU(Wide(), work.numbers[0] + lane)));
    const V hazard = exp_vector(hn::Mul(hn::LoadU(Wide(), work.numbers[1] + lane), ratio));
    minus_hazard = hn::Neg(hn::Min(hazard, set(huge)));
  }
  HWY_INLINE Shares at(const LaneAges&, std::size_t k) {
    return pass_minus(hn::Mul(minus_hazard, set(exposure[k])));
  }
};

/// e^(a/β + ln η), and from age to age the hazard adds up to it times e^(Δa/β) − 1.
struct Gompertz : ByHazard {
  V rate, log_shape, level;
  double before = 0;
  Gompertz(const LaneLosses& work, std::size_t lane)
      : rate(hn::Div(set(1), hn::LoadU(Wide(), work.numbers[0] + lane))),
        log_shape(hn::LoadU(Wide(), work.numbers[1] + lane)),
        level(exp_vector(log_shape)) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const double age = std::max(table.ages[k], 0.0);
    V more = hn::Mul(level, expm1_vector(hn::Min(hn::Mul(set(age - before), rate), set(600))));
    const auto usual = hn::Gt(level, set(tiny));
    V next = hn::Add(level, more);
    if (HWY_UNLIKELY(!hn::AllTrue(Wide(), usual))) {
      const V now = exp_vector(hn::MulAdd(set(age), rate, log_shape));
      next = hn::IfThenElse(usual, next, now);
      more = hn::IfThenElse(usual, more, hn::Sub(now, level));
    }
    level = hn::Min(next, set(huge));
    before = age;
    return pass(more);
  }
};

/// A score on the standard normal distribution with Q(|z|).
struct Score {
  V z, tail;
};

HWY_INLINE Score score(V z) {
  return {z, normal_upper_of_size(hn::Abs(z))};
}
HWY_INLINE V upper(const Score& one) {
  return hn::IfThenElse(hn::Lt(one.z, set(0)), hn::Sub(set(1), one.tail), one.tail);
}
/// Q(from) − Q(to), from the side where nothing cancels.
HWY_INLINE V between(const Score& from, const Score& to) {
  const V across = hn::Sub(hn::Sub(set(1), from.tail), to.tail);
  const V below = hn::IfThenElse(hn::Lt(to.z, set(0)), hn::Sub(to.tail, from.tail), across);
  return hn::IfThenElse(hn::Gt(from.z, set(0)), hn::Sub(from.tail, to.tail), below);
}

struct Normal {
  V mean, rate;
  Score before;
  Normal(const LaneLosses& work, std::size_t lane)
      : mean(hn::LoadU(Wide(), work.numbers[0] + lane)),
        rate(hn::LoadU(Wide(), work.numbers[1] + lane)),
        before{set(-1e300), set(0)} {}
  HWY_INLINE Shares at_position(double position) {
    const Score now = score(hn::Div(hn::Sub(set(position), mean), rate));
    const Shares result{upper(now), between(before, now)};
    before = now;
    return result;
  }
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) { return at_position(table.ages[k]); }
};

struct Lognormal : Normal {
  Lognormal(const LaneLosses& work, std::size_t lane) : Normal(work, lane) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    if (!(table.ages[k] > 0)) return {set(1), set(0)};
    return at_position(table.log_ages[k]);
  }
};

struct TruncatedNormal {
  V start, rate, whole;
  Score before;
  TruncatedNormal(const LaneLosses& work, std::size_t lane)
      : start(hn::LoadU(Wide(), work.numbers[0] + lane)),
        rate(hn::LoadU(Wide(), work.numbers[1] + lane)),
        before(score(start)) {
    whole = upper(before);
  }
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    if (!(table.ages[k] > 0)) return {set(1), set(0)};
    const Score now = score(hn::Add(start, hn::Div(set(table.ages[k]), rate)));
    const Shares result{hn::Div(upper(now), whole), hn::Div(between(before, now), whole)};
    before = now;
    return result;
  }
};

struct FoldedNormal {
  V mu, sigma;
  Score low_before, high_before;
  bool begun = false;
  FoldedNormal(const LaneLosses& work, std::size_t lane)
      : mu(hn::LoadU(Wide(), work.numbers[0] + lane)),
        sigma(hn::LoadU(Wide(), work.numbers[1] + lane)),
        low_before{set(0), set(0)},
        high_before{set(0), set(0)} {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    if (!(table.ages[k] > 0)) return {set(1), set(0)};
    const V age = set(table.ages[k]);
    const Score low = score(hn::Div(hn::Sub(age, mu), sigma)), high = score(hn::Div(hn::Add(age, mu), sigma));
    // From age 0 on it is what lies between the two.
    const V leaving = begun ? hn::Add(between(low_before, low), between(high_before, high))
                            : between({hn::Neg(high.z), high.tail}, low);
    low_before = low;
    high_before = high;
    begun = true;
    return {hn::Min(set(1), hn::Add(upper(low), upper(high))), leaving};
  }
};

/// S = 1/(1 + e^z); S(from) − S(to) = (1 − e^(z(from) − z(to))) S(from) (1 − S(to)).
struct ByOdds {
  V present;
  HWY_INLINE ByOdds() : present(set(1)) {}
  HWY_INLINE Shares pass(V z, V way, bool first) {
    const V odds = exp_vector(hn::Min(z, set(700)));
    const V remaining = hn::Div(set(1), hn::Add(set(1), odds));
    V leaving = hn::Mul(odds, remaining);
    if (!first)
      leaving = hn::Mul(hn::Mul(present, leaving), hn::Neg(exp_pair_not_above_zero(hn::Neg(way)).less_one));
    present = remaining;
    return {remaining, leaving};
  }
};

struct Logistic : ByOdds {
  V mean, scale;
  Logistic(const LaneLosses& work, std::size_t lane)
      : mean(hn::LoadU(Wide(), work.numbers[0] + lane)), scale(hn::LoadU(Wide(), work.numbers[1] + lane)) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const V z = hn::Div(hn::Sub(set(table.ages[k]), mean), scale);
    return pass(z, k == 0 ? z : hn::Div(set(table.ages[k] - table.ages[k - 1]), scale), k == 0);
  }
};

struct LogLogistic : ByOdds {
  V log_scale, shape;
  LogLogistic(const LaneLosses& work, std::size_t lane)
      : log_scale(log_vector(hn::LoadU(Wide(), work.numbers[0] + lane))),
        shape(hn::LoadU(Wide(), work.numbers[1] + lane)) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    if (!(table.ages[k] > 0)) return {set(1), set(0)};
    const V z = hn::Mul(shape, hn::Sub(set(table.log_ages[k]), log_scale));
    return pass(z, hn::Mul(shape, set(table.log_ratios[k])), table.log_ratios[k] == 0);
  }
};

struct Uniform {
  V low, high, width;
  double before = 0;
  Uniform(const LaneLosses& work, std::size_t lane)
      : low(hn::LoadU(Wide(), work.numbers[0] + lane)),
        high(hn::LoadU(Wide(), work.numbers[1] + lane)),
        width(hn::Sub(high, low)) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const V age = set(table.ages[k]);
    const V left = hn::Div(hn::Sub(high, hn::Min(hn::Max(age, low), high)), width);
    const V way = hn::Sub(hn::Min(age, high), hn::Max(set(before), low));
    before = table.ages[k];
    return {left, hn::Div(hn::Max(way, set(0)), width)};
  }
};

struct Triangular {
  V low, mode, high, width;
  double before = 0;
  Triangular(const LaneLosses& work, std::size_t lane)
      : low(hn::LoadU(Wide(), work.numbers[0] + lane)),
        mode(hn::LoadU(Wide(), work.numbers[1] + lane)),
        high(hn::LoadU(Wide(), work.numbers[2] + lane)),
        width(hn::Sub(high, low)) {}
  // What leaves between two ages on one side of the mode: a difference of squares.
  HWY_INLINE V rising(V from, V to) const {
    const V share = hn::Mul(hn::Div(hn::Sub(to, from), width),
                            hn::Div(hn::Add(hn::Sub(to, low), hn::Sub(from, low)), hn::Sub(mode, low)));
    return hn::IfThenElseZero(hn::Gt(to, from), share);
  }
  HWY_INLINE V falling(V from, V to) const {
    const V share = hn::Mul(hn::Div(hn::Sub(to, from), width),
                            hn::Div(hn::Add(hn::Sub(high, from), hn::Sub(high, to)), hn::Sub(high, mode)));
    return hn::IfThenElseZero(hn::Gt(to, from), share);
  }
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const V from = set(before), to = set(table.ages[k]);
    const V leaving = hn::Add(rising(hn::Max(from, low), hn::Min(to, mode)),
                              falling(hn::Max(from, mode), hn::Min(to, high)));
    const V remaining = hn::IfThenElse(hn::Lt(to, mode), hn::Sub(set(1), rising(low, hn::Max(to, low))),
                                       falling(hn::Min(to, high), high));
    before = table.ages[k];
    return {remaining, leaving};
  }
};

struct Fixed {
  V present_below, present;
  Fixed(const LaneLosses& work, std::size_t lane)
      : present_below(hn::Mul(hn::LoadU(Wide(), work.numbers[0] + lane), set(1 - 1e-9))), present(set(1)) {}
  HWY_INLINE Shares at(const LaneAges& table, std::size_t k) {
    const V now = hn::IfThenElseZero(hn::Lt(set(table.ages[k]), present_below), set(1));
    const V leaving = hn::Sub(present, now);
    present = now;
    return {now, leaving};
  }
};

template <typename Family>
void fill(const LaneLosses& work) {
  const Wide d;
  const LaneAges& table = *work.ages;
  const V weight = set(table.weight);
  const bool plain = table.weight == 1 && !work.add;
  for (std::size_t lane = 0; lane < work.lanes; lane += hn::Lanes(d)) {
    Family family(work, lane);
    double* leaving = work.leaving + lane;
    for (std::size_t k = 0; k < work.count; ++k, leaving += work.lanes) {
      const Shares shares = family.at(table, k);
      V leaves = shares.leaving, remains = shares.remaining;
      if (!plain) {
        leaves = hn::Mul(leaves, weight);
        remains = hn::Mul(remains, weight);
        if (work.add) {
          leaves = hn::Add(leaves, hn::LoadU(d, leaving));
          if (k == 0) remains = hn::Add(remains, hn::LoadU(d, work.own + lane));
        }
      }
      hn::StoreU(leaves, d, leaving);
      if (k == 0) hn::StoreU(remains, d, work.own + lane);
    }
  }
}

void losses_on(const LaneLosses& work) {
  switch (work.family) {
    case LaneFamily::fixed:
      return fill<Fixed>(work);
    case LaneFamily::exponential:
      return fill<Exponential>(work);
    case LaneFamily::weibull:
      return work.exposure ? fill<WeibullOfShape>(work) : fill<Weibull>(work);
    case LaneFamily::normal:
      return fill<Normal>(work);
    case LaneFamily::lognormal:
      return fill<Lognormal>(work);
    case LaneFamily::folded_normal:
      return fill<FoldedNormal>(work);
    case LaneFamily::truncated_normal:
      return fill<TruncatedNormal>(work);
    case LaneFamily::logistic:
      return fill<Logistic>(work);
    case LaneFamily::log_logistic:
      return fill<LogLogistic>(work);
    case LaneFamily::gompertz:
      return fill<Gompertz>(work);
    case LaneFamily::uniform:
      return fill<Uniform>(work);
    case LaneFamily::triangular:
      return fill<Triangular>(work);
    case LaneFamily::other:
      return;
  }
}

}  // namespace
}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(losses_on);

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

LaneFamily family_named(std::string_view name) {
  constexpr std::pair<std::string_view, LaneFamily> names[] = {
      {"fixed", LaneFamily::fixed},
      {"exponential", LaneFamily::exponential},
      {"weibull", LaneFamily::weibull},
      {"normal", LaneFamily::normal},
      {"lognormal", LaneFamily::lognormal},
      {"folded_normal", LaneFamily::folded_normal},
      {"truncated_normal", LaneFamily::truncated_normal},
      {"logistic", LaneFamily::logistic},
      {"log_logistic", LaneFamily::log_logistic},
      {"gompertz", LaneFamily::gompertz},
      {"uniform", LaneFamily::uniform},
      {"triangular", LaneFamily::triangular}};
  for (const auto& [known, family] : names)
    if (known == name) return family;
  return LaneFamily::other;
}

bool positive(double value) {
  return value > 0 && value < infinity;
}

}  // namespace

LaneAges::LaneAges(std::vector<double> ages_of_periods, double weight_of_moment)
    : ages(std::move(ages_of_periods)), weight(weight_of_moment) {
  for (std::size_t k = 0; k < ages.size(); ++k) {
    log_ages.push_back(ages[k] > 0 ? std::log(ages[k]) : -infinity);
    const bool after_another = k > 0 && ages[k - 1] > 0;
    log_ratios.push_back(after_another ? std::log1p((ages[k] - ages[k - 1]) / ages[k - 1]) : 0);
  }
}

/// The family's own numbers for a mean of 1 by ln q, q being the deviation or the shape: polynomials that
/// interpolate at Chebyshev's nodes over panels made when they are first needed.
struct LaneSurvival::Table {
  static constexpr std::size_t nodes = 12;
  static constexpr double panel_width = 0.125, least = -14, most = 14;
  struct Panel {
    enum class State { unknown, ready, unusable } state = State::unknown;
    double coefficients[2][nodes];
  };
  std::vector<Panel> panels = std::vector<Panel>(static_cast<std::size_t>((most - least) / panel_width));
};

LaneSurvival::~LaneSurvival() = default;

LaneSurvival::LaneSurvival(const LifetimeSpec& spec, std::size_t lanes)
    : family_(family_named(spec.family)),
      spec_(spec),
      lanes_(lanes),
      count_(find_lifetime_family(spec.family)->forms[spec.form].size()) {
  spec_.states_mean = spec_.states_deviation = false;
  const auto& names = find_lifetime_family(spec.family)->forms[spec.form];
  const bool from_mean = count_ == 2 && names[0] == "mean" && (names[1] == "sd" || names[1] == "shape");
  switch (family_) {
    case LaneFamily::other:
      break;
    case LaneFamily::normal:
    case LaneFamily::lognormal:
    case LaneFamily::logistic:
    case LaneFamily::exponential:
    case LaneFamily::fixed:
      way_ = Way::plain;
      break;
    case LaneFamily::uniform:
    case LaneFamily::triangular:
      way_ = spec.form == 0 ? Way::plain : Way::one_by_one;
      break;
    default:
      way_ = from_mean ? Way::tabulated : spec.form == 0 ? Way::plain : Way::one_by_one;
  }
  if (way_ == Way::tabulated) table_ = std::make_unique<Table>();
  values_.resize(count_ * lanes);
  for (auto& numbers : numbers_) numbers.assign(lanes, 1.0);
  scratch_.resize(lanes);
  failed_.assign(lanes, 0.0);
  single_.assign(lanes, 0);
}

LifetimePtr LaneSurvival::make(const double* values) const {
  std::string problem;
  std::vector<std::string> remarks;
  return make_lifetime(spec_, {values, count_}, problem, remarks);
}

/// The family's own numbers where that takes little more than a check; false on bad values.
bool LaneSurvival::convert(std::size_t lane, const double* values) {
  double& a = numbers_[0][lane];
  double& b = numbers_[1][lane];
  const double first = values[0], second = count_ > 1 ? values[1] : 0;
  a = first;
  b = second;
  switch (family_) {
    case LaneFamily::fixed:
      return first >= 0 && first < infinity;
    case LaneFamily::exponential:
      if (spec_.form == 1) a = first / std::numbers::ln2;
      return positive(first);
    case LaneFamily::logistic:
      if (spec_.form == 0) b = second / (std::numbers::pi * std::numbers::inv_sqrt3);
      return positive(first) && positive(second);
    case LaneFamily::lognormal: {
      if (spec_.form == 1) return std::isfinite(first) && positive(second);
      if (!positive(first) || !positive(second)) return false;
      a = std::log(first);
      if (spec_.form == 2) return true;
      const double ratio = second / first, variance = std::log1p(ratio * ratio);
      a -= 0.5 * variance;
      b = std::sqrt(variance);
      return positive(variance);
    }
    case LaneFamily::gompertz:
      b = std::log(second);
      return positive(first) && positive(second) && second <= 1e8;
    case LaneFamily::uniform:
      return first >= 0 && second > first && second < infinity;
    case LaneFamily::triangular:
      numbers_[2][lane] = values[2];
      return first >= 0 && values[2] > first && values[2] < infinity && second >= first &&
             second <= values[2];
    default:
      return positive(first) && positive(second);
  }
}

bool LaneSurvival::look_up(std::size_t lane, double first, double second) {
  if (!positive(first) || !positive(second)) return false;
  const bool by_deviation = find_lifetime_family(spec_.family)->forms[spec_.form][1] == "sd";
  const double position =
      (std::log(by_deviation ? second / first : second) - Table::least) / Table::panel_width;
  if (!(position >= 0 && position < static_cast<double>(table_->panels.size()))) return false;
  const auto index = static_cast<std::size_t>(position);
  Table::Panel& panel = table_->panels[index];
  if (panel.state == Table::Panel::State::unknown) {
    double at[2][Table::nodes] = {};
    panel.state = Table::Panel::State::ready;
    for (std::size_t i = 0; i < Table::nodes; ++i) {
      const double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.5) / Table::nodes);
      const double values[2] = {
          1, std::exp(Table::least + Table::panel_width * (static_cast<double>(index) + 0.5 + 0.5 * x))};
      const LifetimePtr lifetime = make(values);
      if (!lifetime) {
        panel.state = Table::Panel::State::unusable;
        break;
      }
      double own[3] = {};
      lifetime->own_numbers(own);
      at[0][i] = own[0];
      at[1][i] = own[1];
    }
    for (std::size_t n = 0; n < 2; ++n)
      for (std::size_t j = 0; j < Table::nodes; ++j) {
        double sum = 0;
        for (std::size_t i = 0; i < Table::nodes; ++i)
          sum += at[n][i] * std::cos(std::numbers::pi * static_cast<double>(j) *
                                     (static_cast<double>(i) + 0.5) / Table::nodes);
        panel.coefficients[n][j] = sum * (j == 0 ? 1.0 : 2.0) / Table::nodes;
      }
  }
  if (panel.state == Table::Panel::State::unusable) return false;
  const double x = 2 * (position - static_cast<double>(index)) - 1;
  for (std::size_t n = 0; n < 2; ++n) {  // Clenshaw's recurrence
    double one = 0, two = 0;
    for (std::size_t j = Table::nodes - 1; j > 0; --j) {
      const double next = 2 * x * one - two + panel.coefficients[n][j];
      two = one;
      one = next;
    }
    const double value = x * one - two + panel.coefficients[n][0];
    const bool scaled =
        family_ == LaneFamily::folded_normal || (family_ == LaneFamily::truncated_normal) == (n == 1);
    numbers_[n][lane] = scaled ? first * value : value;
  }
  return std::isnormal(numbers_[family_ == LaneFamily::truncated_normal ? 1 : 0][lane]);
}

/// The form by mean and shape, if the family has it.
std::size_t LaneSurvival::shape_form() const {
  const auto& forms = find_lifetime_family(spec_.family)->forms;
  return static_cast<std::size_t>(std::find(forms.begin(), forms.end(), ParameterNames{"mean", "shape"}) -
                                  forms.begin());
}

/// From the numbers of a mean of 1: the scale goes with the mean, the shape stays.
bool LaneSurvival::scale(std::size_t lane, double mean, const double* of_one) {
  numbers_[0][lane] = mean * of_one[0];
  numbers_[1][lane] = of_one[1];
  return positive(mean) && std::isnormal(numbers_[0][lane]);
}

/// Where a check of two numbers is all there is to do: true if it is passed in all lanes.
bool LaneSurvival::take_plain(std::span<const LaneCells> values) {
  if (way_ != Way::plain || family_ != LaneFamily::weibull) return false;
  bool good = true;
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const double value = values[n].values[values[n].wide ? lane : 0];
      numbers_[n][lane] = value;
      good = good && positive(value);
    }
  if (!good) return false;
  std::fill(failed_.begin(), failed_.end(), 0.0);
  std::fill(single_.begin(), single_.end(), std::uint8_t{0});
  return true;
}

void LaneSurvival::set_parameters(std::span<const LaneCells> values) {
  any_failed_ = any_single_ = false;
  // Of a mean with a shape that all lanes share, what the mean is multiplied by is looked up once.
  const bool by_mean = way_ == Way::tabulated && !values[1].wide && spec_.form == shape_form();
  double of_one[2] = {};
  const bool looked_up = by_mean && look_up(0, 1.0, *values[1].values);
  if (looked_up)
    for (std::size_t n = 0; n < 2; ++n) of_one[n] = numbers_[n][0];
  // Lanes that fail or stand for themselves are overwritten: what others compute does not depend on them.
  common_shape_ = family_ == LaneFamily::weibull && count_ == 2 && !values[1].wide &&
                  (way_ == Way::plain || (looked_up && spec_.form == 1));
  if (common_shape_) common_value_ = way_ == Way::plain ? *values[1].values : of_one[1];
  common_shape_ = common_shape_ && positive(common_value_);
  if (take_plain(values)) return;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    double own[3] = {};
    for (std::size_t i = 0; i < count_; ++i)
      values_[i * lanes_ + lane] = own[i] = values[i].values[values[i].wide ? lane : 0];
    failed_[lane] = 0;
    single_[lane] = 0;
    bool good = looked_up                ? scale(lane, own[0], of_one)
                : way_ == Way::plain     ? convert(lane, own)
                : way_ == Way::tabulated ? look_up(lane, own[0], own[1])
                                         : false;
    // Where the continued fraction is used
    if (family_ == LaneFamily::truncated_normal && numbers_[0][lane] >= 10) good = false;
    if (good) continue;
    const bool possible = way_ != Way::plain && make(own) != nullptr;
    failed_[lane] = possible ? 0 : 1;
    single_[lane] = possible ? 1 : 0;
    any_failed_ |= !possible;
    any_single_ |= possible;
    // What the vectors make of it is overwritten.
    for (auto& numbers : numbers_) numbers[lane] = 1;
    numbers_[1][lane] = 2;
    numbers_[2][lane] = 3;
  }
}

/// Made once for each shape, for a shape that lanes share is the same in all draws.
const LaneSurvival::Common& LaneSurvival::common_of(const LaneAges& moment) {
  const double shape = common_value_;
  if (common_ && common_->moment == &moment && common_->shape == shape) return *common_;
  constexpr std::size_t most = 16384;
  if (commons_.size() > most) commons_.clear();
  const auto [found, is_new] = commons_.try_emplace({&moment, shape});
  if (is_new) found->second = tabulated(moment, shape);
  common_ = &found->second;
  return *common_;
}

LaneSurvival::Common LaneSurvival::tabulated(const LaneAges& moment, double shape) {
  Common common{&moment, shape, {}, {}};
  const std::size_t count = moment.ages.size();
  for (const double ratio : moment.log_ratios) common.growth.push_back(shape * ratio);
  expm1_each(common.growth.data(), common.growth.data(), count);
  const auto first = std::find_if(moment.ages.begin(), moment.ages.end(), [](double age) { return age > 0; });
  // Else the first powers could underflow.
  if (first == moment.ages.end() || shape * std::log(moment.ages.back() / *first) > 300) return common;
  const auto power = [&](std::size_t k) {
    return moment.ages[k] > 0 ? std::exp(shape * (moment.log_ages[k] - moment.log_ages.back())) : 0.0;
  };
  for (std::size_t k = 0; k < count; ++k) {
    const bool first_of_all = k == 0 || !(moment.ages[k - 1] > 0);
    common.exposure.push_back(first_of_all ? power(k) : power(k - 1) * common.growth[k]);
  }
  return common;
}

void LaneSurvival::losses(std::span<const LaneAges> moments, std::size_t count, double* leaving,
                          double* own) {
  bool add = false;
  for (const LaneAges& moment : moments) {
    const Common* common = common_shape_ ? &common_of(moment) : nullptr;
    if (family_ != LaneFamily::other) {
      const LaneLosses work{family_,
                            {numbers_[0].data(), numbers_[1].data(), numbers_[2].data()},
                            &moment,
                            count,
                            common ? common->growth.data() : nullptr,
                            common && !common->exposure.empty() ? common->exposure.data() : nullptr,
                            add,
                            leaving,
                            own,
                            lanes_};
      HWY_DYNAMIC_DISPATCH(losses_on)(work);
    }
    add = true;
  }
  if (!any_failed_ && !any_single_) return;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    if (failed_[lane] == 0 && !single_[lane]) continue;
    for (std::size_t k = 0; k < count; ++k) leaving[k * lanes_ + lane] = 0;
    own[lane] = failed_[lane];
    if (failed_[lane] != 0) continue;
    double values[3] = {};
    for (std::size_t i = 0; i < count_; ++i) values[i] = values_[i * lanes_ + lane];
    const LifetimePtr lifetime = make(values);
    for (const LaneAges& moment : moments) {
      double before = -infinity;
      for (std::size_t k = 0; k < count; ++k) {
        leaving[k * lanes_ + lane] += moment.weight * lifetime->loss(before, moment.ages[k]);
        before = moment.ages[k];
      }
      own[lane] += moment.weight * lifetime->survival(moment.ages.front());
    }
  }
}

}  // namespace lode
#endif
