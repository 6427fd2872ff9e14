// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_cohorts.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/lane_cohorts.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

using V = WideVector;

HWY_INLINE V load_cell(const LaneCells& cells, std::size_t period, std::size_t lane) {
  const double* at = cells.values + static_cast<std::ptrdiff_t>(period) * cells.stride;
  return cells.wide ? hn::LoadU(Wide(), at + lane) : hn::Set(Wide(), *at);
}

/// One vector of lanes, all periods.
template <bool by_age, bool wide>
class Column {
 public:
  HWY_INLINE Column(const LaneCohorts& cohorts, std::size_t lanes, std::size_t lane)
      : cohorts_(cohorts), lanes_(lanes), lane_(lane) {}

  HWY_INLINE void run(std::size_t first, std::size_t last) {
    const Wide d;
    level_ = most_ = negative_ = lost_ = hn::Zero(d);
    if (first > 0) {
      find_most(first);
      level_ = hn::LoadU(d, cohorts_.stock + (first - 1) * lanes_ + lane_);
      if (cohorts_.older_stock.values)
        level_ = hn::Sub(level_, load_cell(cohorts_.older_stock, first - 1, lane_));
    }
    if (by_age && cohorts_.stock_given) set_own(0);
    std::size_t t = first;
    if (last == first + 1) {
      run_single(t);
    } else {
      for (; (last - t) % tile != 0; ++t) run_tile<1>(t);
      for (; t < last; t += tile) run_tile<tile>(t);
    }
    if (!cohorts_.stock_given) return;
    note(negative_, cohorts_.negative_inflow);
    note(lost_, cohorts_.nothing_survives);
  }

  /// One period, whose cohort then leaves in all later ones.
  HWY_INLINE void enter(std::size_t t, double* left, double* state) {
    const Wide d;
    level_ = hn::LoadU(d, state + lane_);
    most_ = hn::LoadU(d, state + lanes_ + lane_);
    negative_ = lost_ = hn::Zero(d);
    const bool given = cohorts_.stock_given && cohorts_.stock_given[t];
    if (given) set_own(0);
    left += lane_;
    const V amount = finish(t, hn::LoadU(d, left + t * lanes_));
    hn::StoreU(level_, d, state + lane_);
    hn::StoreU(most_, d, state + lanes_ + lane_);
    const double* part = cohorts_.curves.leaving + lane_;
    for (std::size_t p = t + 1; p < t + cohorts_.curves.periods; ++p) {
      part += lanes_;
      hn::StoreU(hn::MulAdd(amount, hn::LoadU(d, part), hn::LoadU(d, left + p * lanes_)), d,
                 left + p * lanes_);
    }
    if (!given) return;
    note(negative_, cohorts_.negative_inflow);
    note(lost_, cohorts_.nothing_survives);
  }

 private:
  // Eight accumulators; more would be spilled where there are 16 registers.
  static constexpr std::size_t tile = 8;
  // Cohorts taken together, so that a share is read once for up to so many products.
  static constexpr std::size_t block = 4;

  HWY_INLINE V share(const double* values, std::size_t index) const {
    if constexpr (wide) return hn::LoadU(Wide(), values + index * lanes_ + lane_);
    return hn::Set(Wide(), values[index]);
  }
  HWY_INLINE V leaving(std::size_t cohort, std::size_t period) const {
    return share(cohorts_.curves.leaving, by_age ? period - cohort : row(cohort) + period - cohort);
  }
  HWY_INLINE std::size_t row(std::size_t cohort) const {
    return cohort * cohorts_.curves.periods - cohort * (cohort - 1) / 2;
  }
  HWY_INLINE V entered(std::size_t cohort) const {
    return hn::LoadU(Wide(), cohorts_.entered + cohort * lanes_ + lane_);
  }

  HWY_INLINE void note(V flags, double* where) const {
    if (hn::AllTrue(Wide(), hn::Eq(flags, hn::Zero(Wide())))) return;
    hn::StoreU(hn::Max(flags, hn::LoadU(Wide(), where + lane_)), Wide(), where + lane_);
  }

  /// The largest stock so far, whose rounding is in all later ones.
  HWY_INLINE void find_most(std::size_t first) {
    const Wide d;
    if (cohorts_.earlier_known) {
      most_ = hn::LoadU(d, cohorts_.earlier + lanes_ + lane_);
      return;
    }
    for (std::size_t t = 0; t < first; ++t)
      most_ = hn::Max(most_, hn::Abs(hn::LoadU(d, cohorts_.stock + t * lanes_ + lane_)));
  }

  /// What is left of the cohort `index` after its own period, to divide by.
  HWY_INLINE void set_own(std::size_t index) {
    const Wide d;
    const V own = share(cohorts_.curves.own, index);
    survives_ = hn::Ge(own, hn::Set(d, 2.2250738585072014e-308));
    inverse_own_ = hn::IfThenElseZero(survives_, hn::Div(hn::Set(d, 1.0), own));
  }

  /// One period by itself: four sums, so that none waits for the one before.
  HWY_INLINE void run_single(std::size_t t) {
    const Wide d;
    V left = hn::Zero(d);
    if (cohorts_.earlier_known) {
      left = hn::LoadU(d, cohorts_.earlier + lane_);
    } else {
      V other = left, third = left, fourth = left;
      std::size_t c = 0;
      for (; c + 4 <= t; c += 4) {
        left = hn::MulAdd(entered(c), leaving(c, t), left);
        other = hn::MulAdd(entered(c + 1), leaving(c + 1, t), other);
        third = hn::MulAdd(entered(c + 2), leaving(c + 2, t), third);
        fourth = hn::MulAdd(entered(c + 3), leaving(c + 3, t), fourth);
      }
      for (; c < t; ++c) left = hn::MulAdd(entered(c), leaving(c, t), left);
      left = hn::Add(hn::Add(left, other), hn::Add(third, fourth));
      if (cohorts_.earlier) {
        hn::StoreU(left, d, cohorts_.earlier + lane_);
        hn::StoreU(most_, d, cohorts_.earlier + lanes_ + lane_);
      }
    }
    finish(t, left);
  }

  template <std::size_t periods>
  HWY_INLINE void run_tile(std::size_t t) {
    const Wide d;
    V left[periods];
    for (std::size_t j = 0; j < periods; ++j) left[j] = hn::Zero(d);
    std::size_t c = 0;
    if constexpr (by_age && periods > 1) {
      for (; c + block <= t; c += block) {
        V amount[block];
        HWY_UNROLL(4)
        for (std::size_t m = 0; m < block; ++m) amount[m] = entered(c + m);
        // share(age) meets cohort c + m in period t + j, age = t + j − c − m; older cohorts first.
        const std::size_t youngest = t - c - (block - 1);
        HWY_UNROLL(11)
        for (std::size_t back = 0; back < periods + block - 1; ++back) {
          const std::size_t i = periods + block - 2 - back;
          const V part = share(cohorts_.curves.leaving, youngest + i);
          HWY_UNROLL(4)
          for (std::size_t m = 0; m < block; ++m) {
            const std::size_t j = i + m - (block - 1);
            if (j < periods) left[j] = hn::MulAdd(amount[m], part, left[j]);
          }
        }
      }
    }
    for (; c < t; ++c) {
      const V amount = entered(c);
      HWY_UNROLL(8)
      for (std::size_t j = 0; j < periods; ++j) left[j] = hn::MulAdd(amount, leaving(c, t + j), left[j]);
    }
    HWY_UNROLL(8)
    for (std::size_t j = 0; j < periods; ++j) {
      const V amount = finish(t + j, left[j]);
      for (std::size_t i = j + 1; i < periods; ++i)
        left[i] = hn::MulAdd(amount, leaving(t + j, t + i), left[i]);
    }
  }

  /// The period itself, `left` being what leaves of earlier cohorts; what enters.
  HWY_INLINE V finish(std::size_t t, V left) {
    const Wide d;
    const std::size_t at = t * lanes_ + lane_;
    const V step = hn::Set(d, cohorts_.steps[t]), rate = hn::Set(d, 1.0 / cohorts_.steps[t]);
    const V carried = hn::Sub(level_, left);
    const bool given = cohorts_.stock_given && cohorts_.stock_given[t];
    V inflow = hn::Zero(d), wanted = inflow;
    if (given) {
      if constexpr (!by_age) set_own(t);
      wanted = load_cell(cohorts_.given_stock, t, lane_);
      inflow = hn::Mul(solve_amount(t, carried, wanted), rate);
    } else if (t >= cohorts_.begin) {
      inflow = load_cell(cohorts_.given_inflow, t, lane_);
    }
    const V amount = hn::Mul(inflow, step);
    hn::StoreU(amount, d, cohorts_.entered + at);
    hn::StoreU(inflow, d, cohorts_.inflow + at);
    const V own = leaving(t, t);
    V out = hn::MulAdd(amount, own, left);
    level_ = hn::Add(carried, hn::NegMulAdd(amount, own, amount));
    // Where all has left, rounding does not stay.
    most_ = hn::Max(most_, hn::Abs(level_));
    level_ = hn::IfThenZeroElse(hn::Lt(hn::Abs(level_), hn::Mul(most_, hn::Set(d, 1e-13))), level_);
    V stock = level_;
    V older = hn::Zero(d);
    if (cohorts_.older_stock.values) {
      older = load_cell(cohorts_.older_stock, t, lane_);
      out = hn::Add(out, load_cell(cohorts_.older_outflow, t, lane_));
      stock = hn::Add(stock, older);
    }
    if (given) {
      stock = hn::IfThenElse(survives_, wanted, stock);
      level_ = hn::IfThenElse(survives_, hn::Sub(wanted, older), level_);
    }
    hn::StoreU(stock, d, cohorts_.stock + at);
    hn::StoreU(hn::Mul(out, rate), d, cohorts_.outflow + at);
    return amount;
  }

  /// I Δ = (K* − what is carried) / S(t,t)
  HWY_INLINE V solve_amount(std::size_t t, V carried, V wanted) {
    const Wide d;
    const V one = hn::Set(d, 1.0);
    if (cohorts_.older_stock.values) carried = hn::Add(carried, load_cell(cohorts_.older_stock, t, lane_));
    const V lacking = hn::Sub(wanted, carried);
    const V size = hn::Max(hn::Abs(wanted), hn::Abs(carried));
    const auto negative = hn::And(survives_, hn::Lt(lacking, hn::Mul(size, hn::Set(d, -1e-12))));
    negative_ = hn::IfThenElse(negative, one, negative_);
    lost_ = hn::IfThenElse(survives_, lost_, one);
    return hn::Mul(lacking, inverse_own_);
  }

  const LaneCohorts cohorts_;  // a copy, which no store can change
  const std::size_t lanes_, lane_;
  V level_, most_, negative_, lost_, inverse_own_;
  hn::Mask<Wide> survives_;
};

void enter_on(const LaneCohorts& cohorts, std::size_t period, double* left, double* state,
              std::size_t lanes) {
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(Wide()))
    Column<true, true>(cohorts, lanes, lane).enter(period, left, state);
}

template <bool by_age, bool wide>
void run_columns(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes) {
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(Wide()))
    Column<by_age, wide>(cohorts, lanes, lane).run(first, last);
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
HWY_EXPORT(enter_on);

void advance_lanes(const LaneCohorts& cohorts, std::size_t first, std::size_t last, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(advance_on)(cohorts, first, last, lanes);
}

void enter_lanes(const LaneCohorts& cohorts, std::size_t period, double* left, double* state,
                 std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(enter_on)(cohorts, period, left, state, lanes);
}

}  // namespace lode
#endif
