// SPDX-License-Identifier: Apache-2.0
//
// Stocks: survival curves from lifetimes, cohorts advanced by the kernel, amounts without lifetime added up.
#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/engine/evaluation.hpp"
#include "lode/engine/stock_rules.hpp"

namespace lode {

Entry entry_of(const StockDecl& stock) {
  const std::string& at = stock.inflow_at.text;
  if (at == "start") return InflowAt::start;
  if (at == "end") return InflowAt::end;
  if (at == "spread") return {InflowAt::spread, stock.points};
  return InflowAt::middle;
}

OutflowBy outflow_by_of(const StockDecl& stock) {
  return stock.outflow_by.text == "density" ? OutflowBy::density : OutflowBy::survival;
}

NegativeInflow policy_of(const StockDecl& stock) {
  const std::string& policy = stock.negative_inflow.text;
  if (policy == "allow") return NegativeInflow::allow;
  if (policy == "oldest-first") return NegativeInflow::oldest_first;
  if (policy == "proportional") return NegativeInflow::proportional;
  if (policy == "scale-hazard") return NegativeInflow::scale_hazard;
  return NegativeInflow::error;
}

namespace {

EventKind kind_of(const CohortFailure& failure) {
  switch (failure.kind) {
    case CohortFailure::Kind::negative_inflow:
      return EventKind::negative_inflow;
    case CohortFailure::Kind::nothing_survives:
      return EventKind::nothing_survives;
    case CohortFailure::Kind::corrected:
      return EventKind::corrected;
    case CohortFailure::Kind::not_corrected:
      break;
  }
  return EventKind::not_corrected;
}

/// Everything stays, so that a run with a lifetime that cannot be goes on and finds other faults.
SurvivalCurves endless(std::size_t periods) {
  SurvivalCurves curves;
  curves.periods = periods;
  curves.remaining.assign(periods, 1.0);
  curves.leaving.assign(periods, 0.0);
  return curves;
}

}  // namespace

/// Before any curve is made: how many there are, and whether they are kept.
void Evaluation::describe_curves(const Operation& operation, CurveSet& set) const {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const Dimensions& dims = plan_.model->dimensions;
  set.survival = &operation;
  set.lanes = 1;
  set.by_entry = false;
  bool triangles = stock.hazard != nullptr;
  for (std::size_t i = 0; i < operation.reads.size(); ++i) {
    const Array& array = arrays_[operation.reads[i].array];
    set.lanes = std::max(set.lanes, array.lanes());
    set.by_entry = set.by_entry || (i < stock.lifetime->parameters.size() && array.periods() > 1);
  }
  for (const double step : dims.steps) triangles = triangles || step != dims.steps.front();
  const auto periods = static_cast<double>(dims.periods());
  // Of a lifetime that differs by year of entry, or on uneven steps, a triangle.
  const double bytes = static_cast<double>(operation.mask.series() * set.lanes) * sizeof(double) * 2 *
                       (set.by_entry || triangles ? periods * (periods + 1) / 2 : periods);
  set.kept = bytes <= most_curve_bytes_;
}

void Evaluation::run_survival(const Operation& operation) {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  CurveSet& set = curve_sets_[operation.curves];
  describe_curves(operation, set);
  const std::size_t n = operation.mask.series() * set.lanes;
  set.older.assign(stock.steady ? n : 0, OlderShares());
  set.curves.assign(set.kept ? n : 0, SurvivalCurves());
  for (std::size_t i = 0; i < n; ++i) {
    OlderShares* const older = stock.steady ? &set.older[i] : nullptr;
    if (set.kept) {
      set.curves[i] = make_curves(set, i, older, true);
    } else {
      check_lifetimes(set, i);
      if (older) make_curves(set, i, older, true);
    }
  }
}

LifetimePtr Evaluation::make_one_lifetime(const CurveSet& set, std::size_t index, std::size_t period,
                                          bool telling) {
  const Operation& operation = *set.survival;
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const std::size_t curve = index / set.lanes, lane = index % set.lanes;
  std::vector<double> values(stock.lifetime->parameters.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = arrays_[operation.reads[i].array].value(curve, period, lane);
  std::string problem;
  std::vector<std::string> remarks;
  auto lifetime = make_lifetime(stock.lifetime->spec, values, problem, remarks);
  if (telling && (!lifetime || !remarks.empty()))
    tell(operation,
         {lifetime ? EventKind::odd_lifetime : EventKind::bad_lifetime,
          {operation.writes[0], curve, period},
          set.lane_of(index)},
         lifetime ? fmt::format("{}", fmt::join(remarks, "; ")) : problem,
         &stock.declaration->lifetime->family.where);
  return lifetime;
}

void Evaluation::check_lifetimes(const CurveSet& set, std::size_t index) {
  const std::size_t periods = plan_.model->dimensions.periods();
  for (std::size_t c = set.by_entry ? plan_.model->stocks[set.survival->stock].begin : periods - 1;
       c < periods; ++c)
    if (!make_one_lifetime(set, index, c, true)) return;
}

SurvivalCurves Evaluation::make_curves(const CurveSet& set, std::size_t index, OlderShares* older,
                                       bool telling) {
  const Operation& operation = *set.survival;
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const Dimensions& dims = plan_.model->dimensions;
  const auto& steps = dims.steps;
  const std::size_t periods = steps.size();
  const std::size_t curve = index / set.lanes, lane = index % set.lanes;
  const Entry entry = entry_of(*stock.declaration);
  std::vector<double> hazard(stock.hazard ? periods : 0);
  for (std::size_t p = 0; p < hazard.size(); ++p) {
    hazard[p] = arrays_[operation.reads.back().array].value(curve, std::max(p, stock.begin), lane);
    if (hazard[p] >= 0) continue;
    hazard[p] = 0;
    if (telling)
      tell(operation,
           {EventKind::negative_hazard, {operation.reads.back().array, curve, p}, set.lane_of(index)},
           "the factor of the hazard must not be negative", &stock.declaration->hazard->where);
  }
  std::vector<LifetimePtr> lifetimes;
  for (std::size_t c = set.by_entry ? stock.begin : periods - 1; c < periods; ++c) {
    lifetimes.push_back(make_one_lifetime(set, index, c, telling));
    if (!lifetimes.back()) return endless(periods);
  }
  if (telling && outflow_by_of(*stock.declaration) == OutflowBy::density &&
      lifetimes.front()->has_density()) {
    // Densities at yearly ages are no shares: what they add up to is told.
    const Lifetime& lifetime = *lifetimes.front();
    const double step = steps[dims.lead], last = lifetime.quantile(1 - 1e-9);
    double sum = 0;
    for (double age = entry.at == InflowAt::end     ? 0
                      : entry.at == InflowAt::start ? step
                                                    : step / 2;
         age < last + step && age < 1e4 * step; age += step)
      if (const double density = lifetime.density(age); std::isfinite(density)) sum += density * step;
    if (std::abs(sum - 1) > 1e-6)
      tell(operation, {EventKind::density_sum, {operation.writes[0], curve, 0}, set.lane_of(index), sum - 1});
  }
  if (older) {
    const auto own_hazard = stock.hazard ? std::span(hazard).subspan(dims.lead) : std::span<double>();
    *older = steady_survival(*lifetimes.front(), std::span(steps).subspan(dims.lead), entry, own_hazard);
    older->remaining.insert(older->remaining.begin(), dims.lead, 0.0);
    older->leaving.insert(older->leaving.begin(), dims.lead, 0.0);
    if (older->unknown != 0 && telling)
      tell(operation,
           {EventKind::ages_unknown, {operation.writes[0], curve, 0}, set.lane_of(index), older->unknown}, "",
           &stock.declaration->initial->where);
  }
  if (!set.by_entry)
    return survival_curves(*lifetimes.front(), steps, entry, outflow_by_of(*stock.declaration), hazard);
  // Nothing enters before the stock begins; the first lifetime stands in.
  std::vector<const Lifetime*> by_cohort(stock.begin, lifetimes.front().get());
  for (const auto& lifetime : lifetimes) by_cohort.push_back(lifetime.get());
  return survival_curves(by_cohort, steps, entry, outflow_by_of(*stock.declaration), hazard);
}

std::size_t Evaluation::curve_index(const Operation& cohort, std::size_t series, std::size_t lane) const {
  const CurveSet& set = curve_sets_[cohort.curves];
  return static_cast<std::size_t>(cohort.curve_of[series]) * set.lanes + (set.lanes == 1 ? 0 : lane);
}

const SurvivalCurves* Evaluation::curves(std::size_t stock, std::size_t series, std::size_t lane) {
  const Operation* const cohort = cohort_of_[stock];
  if (!cohort) return nullptr;
  CurveSet& set = curve_sets_[cohort->curves];
  const std::size_t index = curve_index(*cohort, series, lane);
  if (set.kept) return &set.curves[index];
  if (set.last_index != index || set.last.periods == 0) {
    set.last = make_curves(set, index, nullptr, false);
    set.last_index = index;
  }
  return &set.last;
}

/// A given level, made to join the computed one: K*(t) · K(t₀)/K*(t₀), or K*(t) + K(t₀) − K*(t₀), t₀ the last
/// period in which the inflow was given.
double Evaluation::joined_level(const Operation& operation, std::size_t s, std::size_t period,
                                std::size_t lane) const {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const Array& given = arrays_[operation.reads[1].array];
  const double value = given.value(s, period, lane);
  const std::string& join = stock.declaration->join.text;
  if (join == "none") return value;
  std::size_t first = period;
  while (first > stock.begin && operation.given.at(s, first - 1)) --first;
  if (first == stock.begin) return value;
  const double computed = arrays_[operation.writes[1]].value(s, first - 1, lane);
  const double formula = given.value(s, first - 1, lane);
  if (join == "shift") return value + (computed - formula);
  return value * (computed / formula);
}

void Evaluation::fill_given(const Operation& operation, std::size_t s, Window window,
                            const SurvivalCurves* const* curves, std::vector<LaneEvent>& events) {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  Array& inflow = arrays_[operation.writes[0]];
  Array& level = arrays_[operation.writes[1]];
  const Array& given_inflow = arrays_[operation.reads[0].array];
  const bool any_given = operation.given.any();
  const std::size_t lead = plan_.model->dimensions.lead;
  const auto& steps = plan_.model->dimensions.steps;
  for (std::size_t p = window.first; p < window.last; ++p) {
    const bool given = any_given && operation.given.at(s, p);
    for (std::size_t lane = 0; lane < level.lanes(); ++lane) {
      if (given) {
        level.at(s, p)[lane] = joined_level(operation, s, p, lane);
        continue;
      }
      double& entered = inflow.at(s, p)[lane];
      entered = p < stock.begin ? 0.0 : given_inflow.value(s, p, lane);
      if (!stock.entries_remain || stock.carrier || p < stock.begin || p >= lead) continue;
      // What is left when the first period begins, S of it, tells what entered.
      const double share = curves[lane]->s(p, lead - 1);
      if (entered == 0) continue;
      if (share > 0) {
        entered /= share * steps[p];
        continue;
      }
      entered = 0;
      events.push_back({EventKind::nothing_left, {operation.writes[0], s, p}, lane});
    }
  }
}

void Evaluation::run_cohort(const Operation& operation, Window window) {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  if (stock.declaration->join.text == "none" || stock.carrier || !operation.given.any())
    return advance_cohorts(operation, window);
  // To join, the stock must be computed up to the seam.
  for (std::size_t p = window.first + 1; p < window.last; ++p) {
    bool seam = false;
    for (std::size_t s = 0; s < operation.given.series() && !seam; ++s)
      seam = operation.given.at(s, p) && !operation.given.at(s, p - 1);
    if (!seam) continue;
    advance_cohorts(operation, {window.first, p});
    window.first = p;
  }
  advance_cohorts(operation, window);
}

/// What the kernel needs of one series beside its values, and a copy of these where lanes are interleaved.
struct Evaluation::SeriesStore {
  std::vector<double> values, older, correction;

  void copy_values(const Array& inflow, const Array& level, const Array& outflow, std::size_t series,
                   std::size_t lane, std::size_t last) {
    const std::size_t periods = inflow.periods();
    values.resize(3 * periods);
    for (std::size_t p = 0; p < last; ++p) {
      values[p] = inflow.at(series, p)[lane];
      values[periods + p] = level.at(series, p)[lane];
      values[2 * periods + p] = outflow.at(series, p)[lane];
    }
  }
};

/// What entered with an age, as if it had entered new in its year: B(c,t) = B(c,t−1) + u(c,t) Δ(t) / S(c,t),
/// u at the end of the period; visited for each period before `last` with B(·,t−1) and B(·,t) for c ≤ t.
void Evaluation::for_each_used(const Operation& operation, std::size_t s, std::size_t lane, std::size_t last,
                               const SurvivalCurves& curves, const UsedVisit& visit) const {
  const Dimensions& dims = plan_.model->dimensions;
  const Access& read = operation.reads[*operation.used_read];
  const Array& used = arrays_[read.array];
  const DimSet& over = plan_.arrays[read.array].dims;
  const DimensionId axis = plan_.model->stocks[operation.stock].used_axis;
  const std::size_t stride = over.stride(axis, dims), first = over.widen(s, axis, dims);
  std::vector<double> before, entered;
  for (std::size_t t = 0; t < last; ++t) {
    before = entered;
    before.push_back(0.0);
    entered.push_back(0.0);
    if (t >= dims.lead)
      for (std::size_t c = 0; c <= t; ++c)
        if (const double u = used.value(first + c * stride, t, lane); u != 0)
          if (const double share = curves.s(c, t); share > 0) entered[c] += u * dims.steps[t] / share;
    visit(t, before, entered);
  }
}

/// Of no year of entry may more leave than there is, nor may something enter that could not be there any
/// more.
void Evaluation::check_used(const Operation& operation, const CohortSeries& one, std::size_t s,
                            std::size_t lane, Window window, std::vector<LaneEvent>& events) const {
  const Dimensions& dims = plan_.model->dimensions;
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const Access& read = operation.reads[*operation.used_read];
  const Array& used = arrays_[read.array];
  const DimSet& over = plan_.arrays[read.array].dims;
  const std::size_t stride = over.stride(stock.used_axis, dims), first = over.widen(s, stock.used_axis, dims);
  for_each_used(operation, s, lane, window.last, *one.curves,
                [&](std::size_t t, const std::vector<double>&, const std::vector<double>& entered) {
                  if (t < window.first || t < dims.lead) return;
                  for (std::size_t c = 0; c < dims.periods(); ++c) {
                    const double u = used.value(first + c * stride, t, lane) * dims.steps[t];
                    if (u == 0) continue;
                    const double share = c <= t ? one.curves->s(c, t) : 0.0;
                    const double there = c <= t ? (one.inflow[c] * dims.steps[c] + entered[c]) * share : 0.0;
                    if (share > 0 && there >= -1e-9 * std::abs(u)) continue;
                    events.push_back({EventKind::used_up, {read.array, first + c * stride, t}, lane, there});
                    return;
                  }
                });
}

/// Without its values. Corrections are known for periods before `done`; a carried stock reads them all.
CohortSeries Evaluation::series_of(const Operation& operation, std::size_t s, std::size_t lane,
                                   std::size_t done, std::size_t last, const SurvivalCurves* curves,
                                   SeriesStore& store) const {
  const CurveSet& set = curve_sets_[operation.curves];
  const std::size_t periods = plan_.model->dimensions.periods();
  const std::size_t curve = curve_index(operation, s, lane);
  CohortSeries one;
  one.curves = curves;
  one.stock_given = operation.given.any() ? operation.given.bits().data() + s * periods : nullptr;
  if (operation.correction_read || operation.writes.size() > 3) {
    store.correction.assign(periods, 0.0);
    one.correction = store.correction.data();
    one.follows = operation.correction_read.has_value();
    const Array& array = one.follows ? arrays_[operation.reads[*operation.correction_read].array]
                                     : arrays_[operation.writes[3]];
    const std::size_t row = one.follows ? static_cast<std::size_t>(operation.carrier_of[s]) : s;
    for (std::size_t p = 0; p < (one.follows ? periods : done); ++p)
      one.correction[p] = array.value(row, p, lane);
  }
  if (operation.steady_read) {
    const double amount = arrays_[operation.reads[*operation.steady_read].array].value(s, 0, lane);
    store.older = set.older[curve].remaining;
    store.older.insert(store.older.end(), set.older[curve].leaving.begin(), set.older[curve].leaving.end());
    for (double& share : store.older) share *= amount;
  }
  if (operation.used_read) {
    // Amounts that the kernel need not know of: what is left of them, and what leaves.
    store.older.resize(2 * periods, 0.0);
    for_each_used(operation, s, lane, last, *curves,
                  [&](std::size_t t, const std::vector<double>& before, const std::vector<double>& entered) {
                    for (std::size_t c = 0; c <= t; ++c) {
                      store.older[t] += entered[c] * curves->s(c, t);
                      store.older[periods + t] += before[c] * curves->d(c, t);
                    }
                  });
  }
  if (!store.older.empty()) {
    one.older_stock = store.older.data();
    one.older_outflow = one.older_stock + periods;
  }
  return one;
}

Evaluation::Cohorts Evaluation::cohorts(std::size_t stock, std::size_t s, std::size_t period,
                                        std::size_t lane) {
  const Operation& operation = *cohort_of_[stock];
  const std::size_t periods = plan_.model->dimensions.periods();
  SeriesStore store;
  CohortSeries one = series_of(operation, s, lane, periods, periods, curves(stock, s, lane), store);
  store.copy_values(arrays_[operation.writes[0]], arrays_[operation.writes[1]], arrays_[operation.writes[2]],
                    s, arrays_[operation.writes[1]].lanes() == 1 ? 0 : lane, periods);
  one.inflow = store.values.data();
  one.stock = one.inflow + periods;
  one.outflow = one.stock + periods;
  Cohorts result;
  result.stock.resize(period + 1);
  result.outflow.resize(period + 1);
  const StockDecl& declaration = *plan_.model->stocks[stock].declaration;
  result.older = by_cohort(one, plan_.model->dimensions.steps, policy_of(declaration), period, result.stock,
                           result.outflow);
  if (!operation.used_read) return result;
  const double step = plan_.model->dimensions.steps[period];
  for_each_used(operation, s, lane, period + 1, *one.curves,
                [&](std::size_t t, const std::vector<double>& before, const std::vector<double>& entered) {
                  if (t != period) return;
                  for (std::size_t c = 0; c <= t; ++c) {
                    const double held = entered[c] * one.curves->s(c, t);
                    const double leaves = before[c] * one.curves->d(c, t) / step;
                    result.stock[c] += held;
                    result.outflow[c] += leaves;
                    result.older.stock -= held;
                    result.older.outflow -= leaves;
                  }
                });
  return result;
}

void Evaluation::advance_cohorts(const Operation& operation, Window window) {
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const auto& steps = plan_.model->dimensions.steps;
  const std::size_t periods = steps.size();
  Array& inflow = arrays_[operation.writes[0]];
  Array& level = arrays_[operation.writes[1]];
  Array& outflow = arrays_[operation.writes[2]];
  Array* const correction = operation.writes.size() > 3 ? &arrays_[operation.writes[3]] : nullptr;
  const CurveSet& set = curve_sets_[operation.curves];
  const std::size_t lanes = level.lanes();
  const std::size_t n = level.series();
  const NegativeInflow policy = policy_of(*stock.declaration);

  // One tile of series: their lanes side by side, in copies where lanes are interleaved.
  const auto run_tile = [&](std::size_t first, std::size_t last) {
    const std::size_t count = (last - first) * lanes;
    const bool copied = lanes > 1;
    std::vector<CohortSeries> series(count);
    std::vector<SeriesStore> stores(count);
    std::vector<const SurvivalCurves*> curves(count);
    std::map<std::size_t, SurvivalCurves> own_curves;  // where they are not kept
    std::vector<LaneEvent> events;                     // told when no other tile runs
    for (std::size_t s = first; s < last; ++s) {
      const std::size_t at = (s - first) * lanes;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t index = curve_index(operation, s, lane);
        if (set.kept) {
          curves[at + lane] = &set.curves[index];
          continue;
        }
        const auto [made, is_new] = own_curves.try_emplace(index);
        if (is_new) made->second = make_curves(set, index, nullptr, false);
        curves[at + lane] = &made->second;
      }
      fill_given(operation, s, window, curves.data() + at, events);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t i = at + lane;
        CohortSeries& one = series[i];
        one = series_of(operation, s, lane, window.first, window.last, curves[i], stores[i]);
        if (copied) {
          stores[i].copy_values(inflow, level, outflow, s, lane, window.last);
          one.inflow = stores[i].values.data();
          one.stock = one.inflow + periods;
          one.outflow = one.stock + periods;
        } else {
          one.inflow = inflow.at(s, 0);
          one.stock = level.at(s, 0);
          one.outflow = outflow.at(s, 0);
        }
      }
    }
    const auto failures =
        advance(series, steps, window.first, window.last, policy, std::numeric_limits<std::size_t>::max());
    if (operation.used_read && (!quiet_ || lane_events_))
      for (std::size_t i = 0; i < count; ++i)
        check_used(operation, series[i], first + i / lanes, i % lanes, window, events);
    for (std::size_t s = first; s < last; ++s)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const CohortSeries& one = series[(s - first) * lanes + lane];
        for (std::size_t p = window.first; p < window.last; ++p) {
          if (copied) {
            inflow.at(s, p)[lane] = one.inflow[p];
            level.at(s, p)[lane] = one.stock[p];
            outflow.at(s, p)[lane] = one.outflow[p];
          }
          if (correction) correction->at(s, p)[lane] = one.correction[p];
        }
      }
    for (const CohortFailure& failure : failures)
      events.push_back({kind_of(failure),
                        {operation.writes[0], first + failure.series / lanes, failure.period},
                        failure.series % lanes,
                        failure.value});
    return events;
  };

  const auto tell_all = [&](const std::vector<LaneEvent>& events) {
    for (const LaneEvent& event : events)
      if (event.kind == EventKind::nothing_left)
        tell(operation, event, "", &stock.declaration->initial->where);
      else
        tell(operation, event);
  };
  constexpr std::size_t tile = 256;
  const std::size_t tiles = (n * lanes + tile - 1) / tile;
  const std::size_t per_tile = std::max<std::size_t>(1, tile / lanes);
  if (tiles == 1 || n * lanes * (window.last - window.first) < 20000) {
    for (std::size_t first = 0; first < n; first += per_tile)
      tell_all(run_tile(first, std::min(n, first + per_tile)));
    return;
  }
  const std::size_t count = (n + per_tile - 1) / per_tile;
  std::vector<std::vector<LaneEvent>> found(count);
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t t) {
    found[t] = run_tile(t * per_tile, std::min(n, (t + 1) * per_tile));
  });
  for (const auto& each : found) tell_all(each);
}

/// Stock and outflow by year of entry; mean age at the end of the period of what is in stock, and of what
/// leaves in the middle of its last one: Σ amount · age / Σ amount [yr] over the known years of entry, the
/// age counted from the moment of entry (half a period in for a spread inflow).
void Evaluation::run_cohort_results(const Operation& operation, Window window) {
  const Dimensions& dims = plan_.model->dimensions;
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  Array& by_stock = arrays_[operation.writes[0]];
  Array& by_outflow = arrays_[operation.writes[1]];
  Array& mean_age = arrays_[operation.writes[2]];
  Array& mean_age_leaving = arrays_[operation.writes[3]];
  const DimSet& over = plan_.arrays[operation.writes[0]].dims;
  const DimensionId axis = stock.by_cohort->axis;
  const std::size_t stride = over.stride(axis, dims);
  const Entry entry = entry_of(*stock.declaration);
  const double into = entry.at == InflowAt::start ? 1.0 : entry.at == InflowAt::end ? 0.0 : 0.5;
  const std::size_t periods = dims.periods();
  for (std::size_t s = 0; s < mean_age.series(); ++s) {
    const std::size_t first = over.widen(s, axis, dims);
    for (std::size_t p = std::max(window.first, dims.lead); p < window.last; ++p)
      for (std::size_t lane = 0; lane < by_stock.lanes(); ++lane) {
        const Cohorts amounts = cohorts(operation.stock, s, p, lane);
        double aged = 0, held = 0, aged_leaving = 0, left = 0, years = 0;
        for (std::size_t c = periods; c-- > 0;) {
          const std::size_t row = first + c * stride;
          const double in_stock = c <= p ? amounts.stock[c] : 0.0,
                       leaving = c <= p ? amounts.outflow[c] : 0.0;
          by_stock.at(row, p)[lane] = in_stock;
          by_outflow.at(row, p)[lane] = leaving;
          if (c > p) continue;
          const double age = years + into * dims.steps[c];
          held += in_stock;
          aged += in_stock * age;
          left += leaving;
          aged_leaving += leaving * std::max(0.0, age - (c < p ? dims.steps[p] / 2 : age / 2));
          years += dims.steps[c];
        }
        mean_age.at(s, p)[lane] = held != 0 ? aged / held : std::numeric_limits<double>::quiet_NaN();
        mean_age_leaving.at(s, p)[lane] =
            left != 0 ? aged_leaving / left : std::numeric_limits<double>::quiet_NaN();
      }
  }
}

void Evaluation::run_accumulate(const Operation& operation, Window window) {
  // K(t) = K(t−1) + (inflow − outflow) Δ, from the initial amount
  const BoundStock& stock = plan_.model->stocks[operation.stock];
  const auto& steps = plan_.model->dimensions.steps;
  Array& level = arrays_[operation.writes[0]];
  const bool by_change = stock.declaration->change != nullptr;
  const Array& first = arrays_[operation.reads[0].array];
  const Array& initial = arrays_[operation.reads.back().array];
  for (std::size_t s = 0; s < level.series(); ++s)
    for (std::size_t p = std::max(window.first, stock.begin); p < window.last; ++p)
      for (std::size_t lane = 0; lane < level.lanes(); ++lane) {
        const double before = p > stock.begin ? level.at(s, p - 1)[lane] : initial.value(s, 0, lane);
        double change = first.value(s, p, lane);
        if (!by_change) {
          const double out = arrays_[operation.reads[1].array].value(s, p, lane);
          arrays_[operation.writes[1]].at(s, p)[lane] = change;
          arrays_[operation.writes[2]].at(s, p)[lane] = out;
          change -= out;
        }
        level.at(s, p)[lane] = before + change * steps[p];
      }
}

}  // namespace lode
