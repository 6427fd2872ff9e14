// SPDX-License-Identifier: Apache-2.0
//
// Stocks by lanes: curves are made for a curve and then used for all its series while they are in the first
// cache, unless they are needed period by period.
#include <algorithm>
#include <numeric>

#include "lode/engine/lanes.hpp"
#include "lode/engine/stock_rules.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

class LaneLifetimes {
 public:
  LaneLifetimes(LaneContext& context, const Operation& survival, bool by_entry, bool by_age, bool keep)
      : context_(context),
        operation_(survival),
        stock_(context.plan.model->stocks[survival.stock]),
        by_entry_(by_entry),
        by_age_(by_age),
        keep_(keep),
        survival_(stock_.lifetime->spec, context.lanes) {
    const std::vector<double>& steps = context.dims().steps;
    const std::size_t periods = steps.size();
    const bool equal = equal_steps(steps);
    const Entry entry = entry_of(*stock_.declaration);
    // On equal steps all cohorts go through the same ages.
    for (std::size_t c = 0; c < (equal ? 1 : periods); ++c)
      ages_.push_back(lane_ages(entry, std::span(steps).subspan(c), equal));
    leaving_size_ = size_of(by_age, keep, periods) * context.lanes;
    own_size_ = (by_age || !keep ? 1 : periods) * context.lanes;
    const std::size_t curves = keep ? survival.mask.series() : 1;
    leaving_.resize(curves * leaving_size_);
    own_.resize(curves * own_size_);
    values_.resize(survival.reads.size());
    failed_.resize(context.lanes);
  }

  /// Losses of a curve that are there at once, in lanes: of all cohorts, or of one after another.
  static std::size_t size_of(bool by_age, bool keep, std::size_t periods) {
    return by_age || !keep ? periods : periods * (periods + 1) / 2;
  }
  bool one_by_one() const { return !by_age_ && !keep_; }

  void make_all() {
    if (keep_)
      for (std::size_t curve = 0; curve < operation_.mask.series(); ++curve) make(curve, curve);
  }

  LaneCurves curves(std::size_t curve) {
    if (!keep_) make(curve, 0);
    const std::size_t place = keep_ ? curve : 0;
    return {&own_[place * own_size_], &leaving_[place * leaving_size_], true, by_age_,
            context_.dims().periods()};
  }

  /// Where they are made one by one: that of a cohort, by age, until the next call.
  LaneCurves curve_of_cohort(std::size_t curve, std::size_t cohort) {
    const std::size_t periods = context_.dims().periods() - cohort;
    if (by_entry_ ? cohort >= stock_.begin : cohort == 0) take_parameters(curve, cohort);
    make_cohort(cohort, leaving_.data(), own_.data());
    return {own_.data(), leaving_.data(), true, true, periods};
  }

  void finish() {
    context_.count(LaneFailure::Kind::bad_lifetime, operation_, failed_.data(),
                   {operation_.writes[0], failed_curve_, failed_period_});
    std::fill(failed_.begin(), failed_.end(), 0.0);
    any_failed_ = false;
  }

 private:
  void take_parameters(std::size_t curve, std::size_t period) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Array& array = context_.arrays[operation_.reads[i].array];
      values_[i] = {array.at(curve, array.periods() == 1 ? 0 : period), 0, array.lanes() > 1};
    }
    survival_.set_parameters(values_);
    if (!survival_.any_failed()) return;
    if (!any_failed_) {
      failed_curve_ = curve;
      failed_period_ = period;
    }
    any_failed_ = true;
    for (std::size_t lane = 0; lane < failed_.size(); ++lane)
      failed_[lane] = std::max(failed_[lane], survival_.failed()[lane]);
  }

  void make(std::size_t curve, std::size_t place) {
    const std::size_t periods = context_.dims().periods(), lanes = context_.lanes;
    double* leaving = &leaving_[place * leaving_size_];
    double* own = &own_[place * own_size_];
    if (!by_entry_) take_parameters(curve, 0);
    if (by_age_) return survival_.losses(ages_[0], periods, leaving, own);
    for (std::size_t c = 0; c < periods; ++c) {
      if (by_entry_ && c >= stock_.begin) take_parameters(curve, c);
      make_cohort(c, leaving, own);
      leaving += (periods - c) * lanes;
      own += lanes;
    }
  }

  void make_cohort(std::size_t cohort, double* leaving, double* own) {
    const std::size_t periods = context_.dims().periods() - cohort, lanes = context_.lanes;
    if (cohort < stock_.begin) {  // nothing enters
      std::fill_n(leaving, periods * lanes, 0.0);
      std::fill_n(own, lanes, 1.0);
      return;
    }
    survival_.losses(ages_[ages_.size() == 1 ? 0 : cohort], periods, leaving, own);
  }

  LaneContext& context_;
  const Operation& operation_;
  const BoundStock& stock_;
  bool by_entry_, by_age_, keep_;
  LaneSurvival survival_;
  std::vector<std::vector<LaneAges>> ages_;  ///< one, or one for each year of entry
  std::size_t leaving_size_ = 0, own_size_ = 0;
  AlignedVector<double> leaving_, own_;
  std::vector<LaneCells> values_;
  AlignedVector<double> failed_;
  bool any_failed_ = false;
  std::size_t failed_curve_ = 0, failed_period_ = 0;  ///< of the first
};

namespace {

class LaneMakeCurves final : public LaneStep {
 public:
  LaneMakeCurves(const Operation& operation, LaneLifetimes& lifetimes)
      : LaneStep(operation), lifetimes_(lifetimes) {}
  void run(LaneWindow) override { lifetimes_.make_all(); }
  void finish() override { lifetimes_.finish(); }

 private:
  LaneLifetimes& lifetimes_;
};

class LaneCohort final : public LaneStep {
 public:
  LaneCohort(LaneContext& context, const Operation& operation, LaneLifetimes* lifetimes)
      : LaneStep(operation),
        context_(context),
        stock_(context.plan.model->stocks[operation.stock]),
        lifetimes_(lifetimes),
        any_given_(operation.given.any()),
        joins_(any_given_ && !stock_.carrier && stock_.declaration->join.text != "none") {
    const std::vector<double>& steps = context.dims().steps;
    const std::size_t periods = steps.size(), lanes = context.lanes;
    const std::size_t count = context.arrays[operation.writes[1]].series();
    // Series of one curve after another.
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return operation.curve_of[a] < operation.curve_of[b];
    });
    for (auto* row : {&negative_, &lost_, &ever_negative_, &ever_lost_, &join_}) row->assign(lanes, 0.0);
    if (std::any_of(steps.begin(), steps.end(), [](double step) { return step != 1; }))
      entered_.resize(count * periods * lanes);
    if (operation.steady_read) older_.resize(2 * periods * lanes);
    own_.resize(count * periods);
    earlier_.resize(count * 2 * lanes);
    ahead_.resize(count * lane_rows_ahead * lanes);
    for (std::size_t s = 0; s < count; ++s) series_.push_back(describe(s));
    if (lifetimes && lifetimes->one_by_one()) {
      std::size_t most = 0, same = 0;
      for (std::size_t i = 0; i < count; ++i) {
        same = i > 0 && curve_at(i) == curve_at(i - 1) ? same + 1 : 1;
        most = std::max(most, same);
      }
      left_.resize(most * periods * lanes);
      state_.resize(most * 2 * lanes);
    }
  }

  void run(LaneWindow window) override {
    // A period may be run several times; what happened when it was last is what counts.
    const bool again = window.first == last_first_;
    if (!again) keep_flags();
    last_first_ = window.first;
    const bool single = window.last == window.first + 1;
    if (single && !again) look_ahead_from(window.first);
    std::fill(negative_.begin(), negative_.end(), 0.0);
    std::fill(lost_.begin(), lost_.end(), 0.0);
    if (lifetimes_ && lifetimes_->one_by_one()) return run_by_cohort();
    const bool repeats = single && again;
    if (repeats && !joins_ && !operation_.steady_read)
      return repeat_lanes(series_, window.first, context_.lanes);
    std::int32_t curve = -1;
    LaneCurves curves;
    for (const std::size_t s : order_) {
      if (lifetimes_ && operation_.curve_of[s] != curve) {
        curve = operation_.curve_of[s];
        curves = lifetimes_->curves(static_cast<std::size_t>(curve));
      } else if (!lifetimes_) {
        curves = shared_curves(s);
      }
      run_series(s, curves, window, repeats);
    }
  }

  void finish() override {
    keep_flags();
    last_first_ = none;
    if (lifetimes_) lifetimes_->finish();
    if (policy_of(*stock_.declaration) == NegativeInflow::error)
      context_.count(LaneFailure::Kind::negative_inflow, operation_, ever_negative_.data(),
                     first_negative_.cell);
    context_.count(LaneFailure::Kind::nothing_survives, operation_, ever_lost_.data(), first_lost_.cell);
    std::fill(ever_negative_.begin(), ever_negative_.end(), 0.0);
    std::fill(ever_lost_.begin(), ever_lost_.end(), 0.0);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Periods that follow each other share what was found for several at once.
  void look_ahead_from(std::size_t period) {
    if (period != ahead_next_ || period == ahead_first_ + lane_periods_ahead) ahead_first_ = period;
    ahead_next_ = period + 1;
  }

  void keep_flags() {
    if (!any_given_ || last_first_ == none) return;
    find_first(negative_, first_negative_, [](double entered, double level) {
      return entered < -1e-12 * std::abs(level);  // not by rounding
    });
    find_first(lost_, first_lost_, [](double entered, double) { return entered == 0; });
    for (std::size_t lane = 0; lane < negative_.size(); ++lane) {
      ever_negative_[lane] = std::max(ever_negative_[lane], negative_[lane]);
      ever_lost_[lane] = std::max(ever_lost_[lane], lost_[lane]);
    }
  }

  struct First {
    bool found = false;
    LaneCell cell{};
  };

  /// The cell of the first failure; later ones are only counted.
  template <class Failed>
  void find_first(const AlignedVector<double>& flags, First& first, const Failed& failed) {
    const auto lane = static_cast<std::size_t>(
        std::find_if(flags.begin(), flags.end(), [](double flag) { return flag != 0; }) - flags.begin());
    if (first.found || lane == flags.size()) return;
    const Array& inflow = context_.arrays[operation_.writes[0]];
    const Array& level = context_.arrays[operation_.writes[1]];
    for (std::size_t s = 0; s < inflow.series(); ++s)
      for (std::size_t p = last_first_; p < inflow.periods(); ++p) {
        if (!operation_.given.at(s, p)) continue;
        const double step = context_.dims().steps[p];
        if (!failed(inflow.at(s, p)[lane] * step, level.at(s, p)[lane])) continue;
        first = {true, {operation_.writes[0], s, p}};
        return;
      }
  }

  LaneCurves shared_curves(std::size_t s) {
    const SurvivalCurves& curves = context_.narrow_curves(operation_, s);
    if (curves.by_age) return {curves.remaining.data(), curves.leaving.data(), false, true, curves.periods};
    double* const own = &own_[s * curves.periods];
    for (std::size_t c = 0; c < curves.periods; ++c) own[c] = curves.s(c, c);
    return {own, curves.leaving.data(), false, false, curves.periods};
  }

  std::int32_t curve_at(std::size_t i) const { return operation_.curve_of[order_[i]]; }

  /// What stays from run to run.
  LaneCohorts describe(std::size_t s) {
    const std::size_t periods = context_.dims().periods(), lanes = context_.lanes;
    LaneCohorts one;
    one.steps = context_.dims().steps.data();
    one.begin = stock_.begin;
    if (any_given_) one.stock_given = operation_.given.bits().data() + s * periods;
    one.given_inflow = context_.row(operation_.reads[0].array, s);
    one.given_stock = context_.row(operation_.reads[1].array, s);
    one.inflow = context_.arrays[operation_.writes[0]].at(s, 0);
    one.stock = context_.arrays[operation_.writes[1]].at(s, 0);
    one.outflow = context_.arrays[operation_.writes[2]].at(s, 0);
    one.entered = entered_.empty() ? one.inflow : &entered_[s * periods * lanes];
    one.earlier = &earlier_[s * 2 * lanes];
    one.negative_inflow = negative_.data();
    one.nothing_survives = lost_.data();
    return one;
  }

  /// All periods: each cohort's curves are used for all series that have them as soon as they are made.
  void run_by_cohort() {
    const std::size_t periods = context_.dims().periods(), lanes = context_.lanes;
    for (std::size_t first = 0, end = 0; first < order_.size(); first = end) {
      while (end < order_.size() && curve_at(end) == curve_at(first)) ++end;
      std::fill(left_.begin(), left_.end(), 0.0);
      std::fill(state_.begin(), state_.end(), 0.0);
      for (std::size_t c = 0; c < periods; ++c) {
        const LaneCurves curves = lifetimes_->curve_of_cohort(static_cast<std::size_t>(curve_at(first)), c);
        for (std::size_t i = first; i < end; ++i) {
          LaneCohorts one = series_[order_[i]];
          one.curves = curves;
          if (joins_) join(one, c);
          enter_lanes(one, c, &left_[(i - first) * periods * lanes], &state_[(i - first) * 2 * lanes], lanes);
        }
      }
    }
  }

  void run_series(std::size_t s, const LaneCurves& curves, LaneWindow window, bool repeats) {
    const std::size_t periods = context_.dims().periods(), lanes = context_.lanes;
    LaneCohorts& one = series_[s];
    one.curves = curves;
    one.ahead = window.last == window.first + 1 ? &ahead_[s * lane_rows_ahead * lanes] : nullptr;
    one.ahead_first = ahead_first_;
    if (operation_.steady_read) {
      const OlderShares& shares = context_.narrow_older(operation_, s);
      const LaneCells amount = context_.row(operation_.reads[*operation_.steady_read].array, s);
      for (std::size_t p = 0; p < periods; ++p)
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          const double whole = amount.values[amount.wide ? lane : 0];
          older_[p * lanes + lane] = whole * shares.remaining[p];
          older_[(periods + p) * lanes + lane] = whole * shares.leaving[p];
        }
      one.older_stock = {older_.data(), static_cast<std::ptrdiff_t>(lanes), true};
      one.older_outflow = {older_.data() + periods * lanes, static_cast<std::ptrdiff_t>(lanes), true};
    }
    // A given level joins what was computed before it: one stretch up to each seam.
    for (std::size_t from = window.first, to = from; from < window.last; from = to) {
      for (++to; to < window.last && !(joins_ && seam_at(one, to));) ++to;
      if (joins_) join(one, from);
      if (repeats)
        repeat_lanes({&one, 1}, from, lanes);
      else
        advance_lanes(one, from, to, lanes);
    }
  }

  bool seam_at(const LaneCohorts& one, std::size_t period) const {
    return one.stock_given[period] && !one.stock_given[period - 1];
  }

  /// Given levels from `period` on: K*(t) · K(t₀)/K*(t₀), or K*(t) + K(t₀) − K*(t₀), t₀ the last period in
  /// which the inflow was given.
  void join(LaneCohorts& one, std::size_t period) {
    one.shift = one.scale = nullptr;
    if (!one.stock_given[period]) return;
    std::size_t first = period;
    while (first > stock_.begin && one.stock_given[first - 1]) --first;
    if (first == stock_.begin) return;
    const std::size_t lanes = context_.lanes;
    const double* const computed = &one.stock[(first - 1) * lanes];
    const double* const level =
        one.given_stock.values + static_cast<std::ptrdiff_t>(first - 1) * one.given_stock.stride;
    const bool shift = stock_.declaration->join.text == "shift";
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double formula = level[one.given_stock.wide ? lane : 0];
      join_[lane] = shift ? computed[lane] - formula : computed[lane] / formula;
    }
    (shift ? one.shift : one.scale) = join_.data();
  }

  LaneContext& context_;
  const BoundStock& stock_;
  LaneLifetimes* lifetimes_;
  const bool any_given_, joins_;
  std::vector<std::size_t> order_;
  AlignedVector<double> entered_, older_, own_, join_;
  AlignedVector<double> earlier_;       ///< [series][2][lane], of the period advanced last
  AlignedVector<double> ahead_;         ///< [series][lane_rows_ahead][lane], of periods from ahead_first_ on
  AlignedVector<double> left_, state_;  ///< [series of a curve][…][lane], where curves are made one by one
  std::vector<LaneCohorts> series_;
  std::size_t ahead_first_ = none, ahead_next_ = none;
  AlignedVector<double> negative_, lost_, ever_negative_, ever_lost_;
  std::size_t last_first_ = none;
  First first_negative_, first_lost_;
};

}  // namespace

void LaneLifetimesDelete::operator()(LaneLifetimes* lifetimes) const {
  delete lifetimes;
}

LaneLifetimesPtr make_lane_lifetimes(LaneContext& context, const Operation& survival, bool keep) {
  const BoundStock& stock = context.plan.model->stocks[survival.stock];
  if (!context.is_wide(survival.writes[0]) || !LaneSurvival::covers(stock.lifetime->spec) || stock.hazard ||
      stock.steady || outflow_by_of(*stock.declaration) == OutflowBy::density)
    return nullptr;
  bool by_entry = false;
  for (const Access& read : survival.reads) by_entry = by_entry || context.arrays[read.array].periods() > 1;
  const bool by_age = !by_entry && equal_steps(context.dims().steps);
  const double doubles = static_cast<double>(LaneLifetimes::size_of(by_age, keep, context.dims().periods())) *
                         static_cast<double>(context.lanes * (keep ? survival.mask.series() : 1));
  if (doubles * sizeof(double) > context.most_curve_bytes) return nullptr;
  return LaneLifetimesPtr(new LaneLifetimes(context, survival, by_entry, by_age, keep));
}

std::unique_ptr<LaneStep> make_lane_survival(const Operation& operation, LaneLifetimes& lifetimes) {
  return std::make_unique<LaneMakeCurves>(operation, lifetimes);
}

std::unique_ptr<LaneStep> make_lane_cohort(LaneContext& context, const Operation& operation,
                                           LaneLifetimes* lifetimes) {
  return std::make_unique<LaneCohort>(context, operation, lifetimes);
}

bool lane_cohort_covers(const LaneContext& context, const Operation& operation) {
  const BoundStock& stock = context.plan.model->stocks[operation.stock];
  for (const ArrayId array : operation.writes)
    if (!context.is_wide(array)) return false;
  if (operation.writes.size() > 3 || operation.correction_read || operation.used_read) return false;
  if (stock.entries_remain && !stock.carrier && context.dims().lead > 0) return false;
  if (!operation.given.any()) return true;
  const NegativeInflow policy = policy_of(*stock.declaration);
  return policy == NegativeInflow::error || policy == NegativeInflow::allow;
}

}  // namespace lode
