// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_cohorts.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/lane_cohorts.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

// All of a stock in one function is fast, but takes minutes to compile where every access is checked.
#undef LODE_INLINE
#if HWY_IS_ASAN || HWY_IS_MSAN || HWY_IS_TSAN
#define LODE_INLINE
#else
#define LODE_INLINE HWY_INLINE
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

using V = WideVector;

HWY_INLINE V load_cell(const LaneCells& cells, std::size_t period, std::size_t lane) {
  const double* at = cells.values + static_cast<std::ptrdiff_t>(period) * cells.stride;
  return cells.wide ? hn::LoadU(Wide(), at + lane) : hn::Set(Wide(), *at);
}

/// Vectors of lanes that are advanced side by side: what one waits for, the others fill.
constexpr std::size_t together = 2;

/// A period of cohorts, of which `amount` enters.
struct Left {
  V out, level;
};
HWY_INLINE Left leave(V amount, V own, V left, V carried, V most) {
  const Wide d;
  const V level = hn::Add(carried, hn::NegMulAdd(amount, own, amount));
  // Where all has left, rounding does not stay. (A new largest one is not among the small.)
  const auto rounding = hn::Lt(hn::Abs(level), hn::Mul(most, hn::Set(d, 1e-13)));
  return {hn::MulAdd(amount, own, left), hn::IfThenZeroElse(rounding, level)};
}

/// k vectors of lanes, all periods. `Lanes` is a number, known to the compiler where it is the usual one.
template <bool by_age, bool wide, std::size_t k, typename Lanes>
class Columns {
 public:
  HWY_INLINE Columns(const LaneCohorts& cohorts, Lanes lanes, std::size_t lane)
      : cohorts_(cohorts), lanes_(lanes), lane_(lane) {
    for (std::size_t i = 0; i < k; ++i) {
      inverse_own_[i] = hn::Zero(Wide());
      survives_[i] = hn::Lt(inverse_own_[i], inverse_own_[i]);
    }
  }

  LODE_INLINE void run(std::size_t first, std::size_t last) {
    start(first);
    for (std::size_t i = 0; i < k; ++i) find_most(first, i, last == first + 1);
    std::size_t t = first;
    if (last == first + 1) {
      run_single(t);
    } else {
      for (; (last - t) % tile != 0; ++t) run_tile<1>(t);
      for (; t < last; t += tile) run_tile<tile>(t);
    }
    if (cohorts_.stock_given) note_failures();
  }

  /// A period again for which `earlier` has been kept.
  LODE_INLINE void repeat(std::size_t t) {
    start(t);
    const Period period(cohorts_, t);
    for (std::size_t i = 0; i < k; ++i) {
      most_[i] = hn::LoadU(Wide(), cohorts_.earlier + at(1, i));
      finish(period, i, hn::LoadU(Wide(), cohorts_.earlier + lane(i)));
    }
    if (cohorts_.stock_given) note_failures();
  }

  /// One period, whose cohort then leaves in all later ones.
  LODE_INLINE void enter(std::size_t t, double* left, double* state) {
    const Wide d;
    const Period period(cohorts_, t);
    if (period.given) set_own(0);
    V amount[k];
    for (std::size_t i = 0; i < k; ++i) {
      level_[i] = hn::LoadU(d, state + lane(i));
      most_[i] = hn::LoadU(d, state + lanes_ + lane(i));
      negative_[i] = lost_[i] = hn::Zero(d);
      amount[i] = finish(period, i, hn::LoadU(d, left + at(t, i)));
      hn::StoreU(level_[i], d, state + lane(i));
      hn::StoreU(most_[i], d, state + lanes_ + lane(i));
    }
    for (std::size_t p = t + 1; p < t + cohorts_.curves.periods; ++p)
      for (std::size_t i = 0; i < k; ++i) {
        double* const sum = left + at(p, i);
        hn::StoreU(hn::MulAdd(amount[i], share(cohorts_.curves.leaving, p - t, i), hn::LoadU(d, sum)), d,
                   sum);
      }
    if (period.given) note_failures();
  }

 private:
  /// What is the same for all lanes.
  struct Period {
    std::size_t t;
    bool given;
    V step, rate;
    HWY_INLINE Period(const LaneCohorts& cohorts, std::size_t period)
        : t(period),
          given(cohorts.stock_given && cohorts.stock_given[t]),
          step(hn::Set(Wide(), cohorts.steps[t])),
          rate(hn::Set(Wide(), 1.0 / cohorts.steps[t])) {}
  };

  /// More accumulators than 8 would be spilled.
  static constexpr std::size_t tile = 8 / k;

  HWY_INLINE std::size_t lane(std::size_t i) const { return lane_ + i * hn::Lanes(Wide()); }
  HWY_INLINE std::size_t at(std::size_t period, std::size_t i) const { return period * lanes_ + lane(i); }
  HWY_INLINE V share(const double* values, std::size_t index, std::size_t i) const {
    if constexpr (wide) return hn::LoadU(Wide(), values + at(index, i));
    return hn::Set(Wide(), values[index]);
  }
  HWY_INLINE V leaving(std::size_t cohort, std::size_t period, std::size_t i) const {
    return share(cohorts_.curves.leaving, by_age ? period - cohort : row(cohort) + period - cohort, i);
  }
  HWY_INLINE std::size_t row(std::size_t cohort) const {
    return cohort * cohorts_.curves.periods - cohort * (cohort - 1) / 2;
  }
  HWY_INLINE V entered(std::size_t cohort, std::size_t i) const {
    return hn::LoadU(Wide(), cohorts_.entered + at(cohort, i));
  }

  LODE_INLINE void note_failures() const {
    for (std::size_t i = 0; i < k; ++i) {
      note(negative_[i], cohorts_.negative_inflow + lane(i));
      note(lost_[i], cohorts_.nothing_survives + lane(i));
    }
  }
  static LODE_INLINE void note(V flags, double* where) {
    if (hn::AllTrue(Wide(), hn::Eq(flags, hn::Zero(Wide())))) return;
    hn::StoreU(hn::Max(flags, hn::LoadU(Wide(), where)), Wide(), where);
  }

  LODE_INLINE void start(std::size_t first) {
    const Wide d;
    for (std::size_t i = 0; i < k; ++i) {
      level_[i] = most_[i] = negative_[i] = lost_[i] = hn::Zero(d);
      if (first == 0) continue;
      level_[i] = hn::LoadU(d, cohorts_.stock + at(first - 1, i));
      if (cohorts_.older_stock.values)
        level_[i] = hn::Sub(level_[i], load_cell(cohorts_.older_stock, first - 1, lane(i)));
    }
    if (by_age && cohorts_.stock_given) set_own(0);
  }

  /// The largest stock so far, whose rounding is in all later ones.
  LODE_INLINE void find_most(std::size_t first, std::size_t i, bool single) {
    const Wide d;
    const auto stock = [&](std::size_t t)
                           HWY_ATTR { return hn::Abs(hn::LoadU(d, cohorts_.stock + at(t, i))); };
    double* const kept = single && cohorts_.ahead ? cohorts_.ahead + at(lane_periods_ahead, i) : nullptr;
    if (kept && first != cohorts_.ahead_first) {
      most_[i] = hn::Max(hn::LoadU(d, kept), stock(first - 1));
    } else {
      for (std::size_t t = 0; t < first; ++t) most_[i] = hn::Max(most_[i], stock(t));
    }
    if (kept) hn::StoreU(most_[i], d, kept);
  }

  /// What is left of the cohort `index` after its own period, to divide by.
  LODE_INLINE void set_own(std::size_t index) {
    const Wide d;
    for (std::size_t i = 0; i < k; ++i) {
      const V own = share(cohorts_.curves.own, index, i);
      survives_[i] = hn::Ge(own, hn::Set(d, 2.2250738585072014e-308));
      inverse_own_[i] = hn::IfThenElseZero(survives_[i], hn::Div(hn::Set(d, 1.0), own));
    }
  }

  /// One period by itself.
  LODE_INLINE void run_single(std::size_t t) {
    const Wide d;
    V left[1][k];
    if (!cohorts_.ahead) {
      carry<1>(0, t, t, left);
    } else {
      if (t == cohorts_.ahead_first) look_ahead(t);
      const std::size_t row = t - cohorts_.ahead_first;
      for (std::size_t i = 0; i < k; ++i) left[0][i] = hn::LoadU(d, cohorts_.ahead + at(row, i));
      add_leaving<1>(cohorts_.ahead_first, t, t, left);
    }
    for (std::size_t i = 0; cohorts_.earlier && i < k; ++i) {
      hn::StoreU(left[0][i], d, cohorts_.earlier + lane(i));
      hn::StoreU(most_[i], d, cohorts_.earlier + at(1, i));
    }
    const Period period(cohorts_, t);
    for (std::size_t i = 0; i < k; ++i) finish(period, i, left[0][i]);
  }

  /// What leaves in the periods from t on of all cohorts before it.
  LODE_INLINE void look_ahead(std::size_t t) {
    const std::size_t end = std::min(lane_periods_ahead, cohorts_.curves.periods - t);
    const auto keep = [&](std::size_t row, const auto& left) HWY_ATTR {
      for (std::size_t j = 0; j < std::size(left); ++j)
        for (std::size_t i = 0; i < k; ++i) hn::StoreU(left[j][i], Wide(), cohorts_.ahead + at(row + j, i));
    };
    std::size_t row = 0;
    for (; row + tile <= end; row += tile) {
      V left[tile][k];
      carry<tile>(0, t, t + row, left);
      keep(row, left);
    }
    for (; row < end; ++row) {
      V left[1][k];
      carry<1>(0, t, t + row, left);
      keep(row, left);
    }
  }

  template <std::size_t periods>
  LODE_INLINE void run_tile(std::size_t t) {
    V left[periods][k];
    carry<periods>(0, t, t, left);
    HWY_UNROLL(8)
    for (std::size_t j = 0; j < periods; ++j) {
      const Period period(cohorts_, t + j);
      V amount[k];
      HWY_UNROLL(2)
      for (std::size_t i = 0; i < k; ++i) amount[i] = finish(period, i, left[j][i]);
      HWY_UNROLL(8)
      for (std::size_t later = j + 1; later < periods; ++later)
        for (std::size_t i = 0; i < k; ++i)
          left[later][i] = hn::MulAdd(amount[i], leaving(t + j, t + later, i), left[later][i]);
    }
  }

  /// What leaves in the periods from t on of the cohorts [first, end), one after another.
  template <std::size_t periods>
  LODE_INLINE void carry(std::size_t first, std::size_t end, std::size_t t, V (&left)[periods][k]) const {
    for (auto& period : left)
      for (V& sum : period) sum = hn::Zero(Wide());
    add_leaving<periods>(first, end, t, left);
  }
  template <std::size_t periods>
  LODE_INLINE void add_leaving(std::size_t first, std::size_t end, std::size_t t,
                               V (&left)[periods][k]) const {
    for (std::size_t c = first; c < end; ++c)
      for (std::size_t i = 0; i < k; ++i) {
        const V amount = entered(c, i);
        HWY_UNROLL(8)
        for (std::size_t j = 0; j < periods; ++j)
          left[j][i] = hn::MulAdd(amount, leaving(c, t + j, i), left[j][i]);
      }
  }

  /// The period itself, `left` being what leaves of earlier cohorts; what enters.
  LODE_INLINE V finish(const Period& period, std::size_t i, V left) {
    const Wide d;
    const std::size_t t = period.t, here = at(t, i);
    const V carried = hn::Sub(level_[i], left);
    V inflow = hn::Zero(d), wanted = inflow;
    if (period.given) {
      if constexpr (!by_age) {
        if (i == 0) set_own(t);
      }
      wanted = load_cell(cohorts_.given_stock, t, lane(i));
      if (cohorts_.shift) wanted = hn::Add(wanted, hn::LoadU(d, cohorts_.shift + lane(i)));
      if (cohorts_.scale) wanted = hn::Mul(wanted, hn::LoadU(d, cohorts_.scale + lane(i)));
      inflow = per_year(solve_amount(t, i, carried, wanted), period);
    } else if (t >= cohorts_.begin) {
      inflow = load_cell(cohorts_.given_inflow, t, lane(i));
    }
    V amount = inflow;
    if (!unit_steps_) {
      amount = hn::Mul(inflow, period.step);
      hn::StoreU(amount, d, cohorts_.entered + here);
    }
    hn::StoreU(inflow, d, cohorts_.inflow + here);
    const V own = leaving(t, t, i);
    auto [out, level] = leave(amount, own, left, carried, most_[i]);
    most_[i] = hn::Max(most_[i], hn::Abs(level));
    V stock = level;
    V older = hn::Zero(d);
    if (cohorts_.older_stock.values) {
      older = load_cell(cohorts_.older_stock, t, lane(i));
      out = hn::Add(out, load_cell(cohorts_.older_outflow, t, lane(i)));
      stock = hn::Add(stock, older);
    }
    if (period.given) {
      stock = hn::IfThenElse(survives_[i], wanted, stock);
      level = hn::IfThenElse(survives_[i], hn::Sub(wanted, older), level);
    }
    level_[i] = level;
    hn::StoreU(stock, d, cohorts_.stock + here);
    hn::StoreU(per_year(out, period), d, cohorts_.outflow + here);
    return amount;
  }

  HWY_INLINE V per_year(V amount, const Period& period) const {
    return unit_steps_ ? amount : hn::Mul(amount, period.rate);
  }

  /// I Δ = (K* − what is carried) / S(t,t)
  LODE_INLINE V solve_amount(std::size_t t, std::size_t i, V carried, V wanted) {
    const Wide d;
    const V one = hn::Set(d, 1.0);
    if (cohorts_.older_stock.values) carried = hn::Add(carried, load_cell(cohorts_.older_stock, t, lane(i)));
    const V lacking = hn::Sub(wanted, carried);
    const V size = hn::Max(hn::Abs(wanted), hn::Abs(carried));
    const auto negative = hn::And(survives_[i], hn::Lt(lacking, hn::Mul(size, hn::Set(d, -1e-12))));
    negative_[i] = hn::IfThenElse(negative, one, negative_[i]);
    lost_[i] = hn::IfThenElse(survives_[i], lost_[i], one);
    return hn::Mul(lacking, inverse_own_[i]);
  }

  const LaneCohorts cohorts_;  // a copy, which no store can change
  const Lanes lanes_;
  const std::size_t lane_;
  const bool unit_steps_ = cohorts_.entered == cohorts_.inflow;  // which then need no factors
  V level_[k], most_[k], negative_[k], lost_[k], inverse_own_[k];
  hn::Mask<Wide> survives_[k];
};

/// Calls f(columns) for all lanes. Side by side, and with a number of lanes that the compiler knows, where
/// that is usual: more ways would be more code than they are worth.
template <bool by_age, bool wide, typename F>
HWY_INLINE void for_columns(const LaneCohorts& cohorts, std::size_t lanes, const F& f) {
  const std::size_t one = hn::Lanes(Wide());
  if constexpr (by_age) {
    using Lanes = std::integral_constant<std::size_t, usual_lanes>;
    static_assert(usual_lanes % (together * hn::MaxLanes(Wide())) == 0);
    if (lanes == usual_lanes) {
      for (std::size_t lane = 0; lane < usual_lanes; lane += together * one) {
        Columns<by_age, wide, together, Lanes> columns(cohorts, Lanes(), lane);
        f(columns);
      }
      return;
    }
  }
  for (std::size_t lane = 0; lane < lanes; lane += one) {
    Columns<by_age, wide, 1, std::size_t> columns(cohorts, lanes, lane);
    f(columns);
  }
}

void enter_on(const LaneCohorts& cohorts, std::size_t period, double* left, double* state,
              std::size_t lanes) {
  for_columns<true, true>(cohorts, lanes,
                          [&](auto& columns) HWY_ATTR { columns.enter(period, left, state); });
}

template <bool by_age, bool wide>
void run_columns(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes) {
  for_columns<by_age, wide>(cohorts, lanes, [&](auto& columns) HWY_ATTR { columns.run(first, last); });
}

/// Nothing but its inflow changes the series.
bool is_plain(const LaneCohorts& cohorts, std::size_t period) {
  return cohorts.entered == cohorts.inflow && !cohorts.stock_given && !cohorts.older_stock.values &&
         cohorts.given_inflow.wide && cohorts.curves.wide && cohorts.curves.by_age && period >= cohorts.begin;
}

HWY_INLINE void repeat_plain(const LaneCohorts& cohorts, std::size_t period, std::size_t lanes) {
  const Wide d;
  const std::size_t here = period * lanes;
  const double* const given =
      cohorts.given_inflow.values + static_cast<std::ptrdiff_t>(period) * cohorts.given_inflow.stride;
  const double *const earlier = cohorts.earlier, *const own = cohorts.curves.leaving;
  const double* const before = period > 0 ? cohorts.stock + here - lanes : nullptr;
  double *const inflow = cohorts.inflow + here, *const stock = cohorts.stock + here;
  double* const outflow = cohorts.outflow + here;
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    const V amount = hn::LoadU(d, given + lane), left = hn::LoadU(d, earlier + lane);
    const V level = before ? hn::LoadU(d, before + lane) : hn::Zero(d);
    const Left now = leave(amount, hn::LoadU(d, own + lane), left, hn::Sub(level, left),
                           hn::LoadU(d, earlier + lanes + lane));
    hn::StoreU(amount, d, inflow + lane);
    hn::StoreU(now.level, d, stock + lane);
    hn::StoreU(now.out, d, outflow + lane);
  }
}

template <bool by_age, bool wide>
void repeat_columns(const LaneCohorts& cohorts, std::size_t period, std::size_t lanes) {
  for_columns<by_age, wide>(cohorts, lanes, [&](auto& columns) HWY_ATTR { columns.repeat(period); });
}

void repeat_on(std::span<const LaneCohorts> series, std::size_t period, std::size_t lanes) {
  for (const LaneCohorts& cohorts : series) {
    if (is_plain(cohorts, period))
      repeat_plain(cohorts, period, lanes);
    else if (cohorts.curves.by_age)
      cohorts.curves.wide ? repeat_columns<true, true>(cohorts, period, lanes)
                          : repeat_columns<true, false>(cohorts, period, lanes);
    else
      cohorts.curves.wide ? repeat_columns<false, true>(cohorts, period, lanes)
                          : repeat_columns<false, false>(cohorts, period, lanes);
  }
}

void advance_on(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes) {
  if (cohorts.curves.by_age)
    return cohorts.curves.wide ? run_columns<true, true>(cohorts, first, last, lanes)
                               : run_columns<true, false>(cohorts, first, last, lanes);
  cohorts.curves.wide ? run_columns<false, true>(cohorts, first, last, lanes)
                      : run_columns<false, false>(cohorts, first, last, lanes);
}

}  // namespace
}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(advance_on);
HWY_EXPORT(repeat_on);
HWY_EXPORT(enter_on);

void advance_lanes(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(advance_on)(cohorts, first, last, lanes);
}

void repeat_lanes(std::span<const LaneCohorts> series, std::size_t period, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(repeat_on)(series, period, lanes);
}

void enter_lanes(const LaneCohorts& cohorts, std::size_t period, double* left, double* state,
                 std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(enter_on)(cohorts, period, left, state, lanes);
}

}  // namespace lode
#endif
