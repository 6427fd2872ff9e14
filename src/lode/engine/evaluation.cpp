// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "lode/kernels/strips.hpp"

namespace lode {

namespace {

bool any_marked(const std::set<ArrayId>& arrays, const std::vector<bool>& marked) {
  return std::any_of(arrays.begin(), arrays.end(), [&](ArrayId array) { return marked[array]; });
}

}  // namespace

bool is_failure(const Event& event) {
  return event.kind != Event::Kind::corrected && event.kind != Event::Kind::density_sum &&
         event.kind != Event::Kind::ages_unknown && event.kind != Event::Kind::odd_lifetime;
}

Evaluation::Evaluation(const Plan& plan) : plan_(plan) {
  arrays_.resize(plan.arrays.size());
  for (std::size_t i = 0; i < plan.arrays.size(); ++i) {
    const PlanArray& array = plan.arrays[i];
    if (array.kind == PlanArray::Kind::structure) {
      arrays_[i] = Array(array.series, array.periods);
      arrays_[i].data().assign(array.constant.begin(), array.constant.end());
    } else if (array.kind == PlanArray::Kind::leaf) {
      arrays_[i] = plan.model->leaves[array.id].values;
    }
  }
  curve_sets_.resize(plan.curve_sets);
  cohort_of_.resize(plan.model->stocks.size());
  const std::function<void(const std::vector<Operation>&)> find = [&](const std::vector<Operation>& list) {
    for (const Operation& operation : list) {
      if (operation.kind == Operation::Kind::cohort) cohort_of_[operation.stock] = &operation;
      find(operation.body);
    }
  };
  find(plan.operations);
}

Evaluation::Evaluation(const Evaluation& other)
    : arrays_of_operations_(other.arrays_of_operations_),
      plan_(other.plan_),
      arrays_(other.arrays_),
      curve_sets_(other.curve_sets_),
      cohort_of_(other.cohort_of_),
      events_(other.events_),
      told_by_(other.told_by_),
      most_curve_bytes_(other.most_curve_bytes_) {}

Evaluation::~Evaluation() = default;

std::unique_ptr<Evaluation> Evaluation::copy() const {
  LODE_EXPECT(!program_);
  return std::unique_ptr<Evaluation>(new Evaluation(*this));
}

void Evaluation::set_leaf(std::size_t leaf, Array values) {
  LODE_EXPECT(values.series() == arrays_[plan_.array_of_leaf[leaf]].series());
  arrays_[plan_.array_of_leaf[leaf]] = std::move(values);
}

Array& Evaluation::leaf_lanes(std::size_t leaf, std::size_t lanes) {
  Array& array = arrays_[plan_.array_of_leaf[leaf]];
  if (array.lanes() != lanes) array = Array(array.series(), array.periods(), lanes);
  return array;
}

void Evaluation::size_arrays() {
  // An array has as many lanes as the widest of what it is computed from; loops need a second look.
  std::vector<std::size_t> lanes(plan_.arrays.size(), 1);
  for (std::size_t i = 0; i < lanes.size(); ++i)
    if (arrays_[i].size() > 0 && plan_.arrays[i].kind == PlanArray::Kind::leaf) lanes[i] = arrays_[i].lanes();
  bool changed = true;
  const std::function<void(const Operation&)> visit = [&](const Operation& operation) {
    std::size_t widest = 1;
    for (const Operation& inner : operation.body) visit(inner);
    for (const Access& read : operation.reads) widest = std::max(widest, lanes[read.array]);
    for (const ArrayId array : operation.residuals) widest = std::max(widest, lanes[array]);
    if (operation.kind == Operation::Kind::solve || operation.kind == Operation::Kind::scan) {
      for (const ArrayId array : operation.writes) widest = std::max(widest, lanes[array]);
      for (const ArrayId array : operation.tears)
        if (lanes[array] < widest) {
          lanes[array] = widest;
          changed = true;
        }
      return;
    }
    for (const ArrayId array : operation.writes)
      if (lanes[array] < widest) {
        lanes[array] = widest;
        changed = true;
      }
  };
  while (changed) {
    changed = false;
    for (const Operation& operation : plan_.operations) visit(operation);
  }
  for (std::size_t i = 0; i < plan_.arrays.size(); ++i) {
    const PlanArray& array = plan_.arrays[i];
    if (array.kind == PlanArray::Kind::quantity || array.kind == PlanArray::Kind::temporary)
      arrays_[i] = Array(array.series, array.periods, lanes[i]);
  }
  begin_lanes();
}

void Evaluation::begin_lanes() {
  program_.reset();
  std::size_t widest = 1;
  for (const Array& array : arrays_) widest = std::max(widest, array.lanes());
  if (widest % 8 != 0) return;
  const auto same = [&](const Array& array) { return array.lanes() == 1 || array.lanes() == widest; };
  if (!std::all_of(arrays_.begin(), arrays_.end(), same)) return;
  LaneContext context{plan_,
                      arrays_,
                      widest,
                      [this](const Operation& operation, Window window, std::vector<LaneEvent>& events) {
                        run_in_lanes(operation, window, events);
                      },
                      [this](const Operation& cohort, std::size_t series) -> const SurvivalCurves& {
                        return *curves(cohort.stock, series);
                      },
                      [this](const Operation& cohort, std::size_t series) -> const OlderShares& {
                        return curve_sets_[cohort.curves].older[curve_index(cohort, series, 0)];
                      },
                      most_curve_bytes_};
  program_ = std::make_unique<LaneProgram>(std::move(context));
  for (const Operation& operation : plan_.operations) {
    if (operation.kind != Operation::Kind::survival || !program_->makes_curves(operation.curves)) continue;
    CurveSet& set = curve_sets_[operation.curves];
    describe_curves(operation, set);
    set.kept = false;
    set.curves.clear();
  }
}

const std::vector<LaneFailure>& Evaluation::lane_failures() const {
  static const std::vector<LaneFailure> none;
  return program_ ? program_->failures() : none;
}

std::string Evaluation::cell_of(const Operation& operation, EventKind kind, const LaneCell& cell) const {
  DimSet dims = plan_.arrays[cell.array].dims;
  if (kind == EventKind::bad_lifetime || kind == EventKind::odd_lifetime) {
    const auto& parameters = plan_.model->stocks[operation.stock].lifetime->parameters;
    dims.time = false;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      dims.time = dims.time || arrays_[operation.reads[i].array].periods() > 1;
  }
  return cell_name(dims, cell.series, cell.period, plan_.model->dimensions);
}

Event Evaluation::event_of(const LaneFailure& failure) const {
  Event event;
  event.kind = failure.kind;
  const Operation& operation = *failure.operation;
  event.what =
      operation.kind == Operation::Kind::solve ? operation.label : plan_.model->stocks[operation.stock].name;
  event.cell = cell_of(operation, failure.kind, failure.cell);
  event.count = failure.lanes;
  event.where = operation.where;
  return event;
}

void Evaluation::run() {
  run(std::vector<bool>(plan_.operations.size(), true));
}

void Evaluation::run(const std::vector<bool>& operations) {
  events_.clear();
  told_by_.clear();
  size_arrays();
  run_operations(operations);
  for (const LaneFailure& failure : lane_failures()) report(event_of(failure));
}

void Evaluation::run_changed(const std::vector<bool>& operations) {
  LODE_EXPECT(!program_);
  std::vector<Event> before;
  std::vector<std::size_t> before_by;
  for (std::size_t i = 0; i < events_.size(); ++i)
    if (!operations[told_by_[i]]) {
      before.push_back(std::move(events_[i]));
      before_by.push_back(told_by_[i]);
    }
  events_.clear();
  told_by_.clear();
  run_operations(operations);
  // In the order of the plan, as if all had run.
  std::vector<Event> all;
  std::vector<std::size_t> all_by;
  std::size_t a = 0, b = 0;
  while (a < before.size() || b < events_.size()) {
    const bool old = b == events_.size() || (a < before.size() && before_by[a] < told_by_[b]);
    all.push_back(std::move(old ? before[a] : events_[b]));
    all_by.push_back(old ? before_by[a] : told_by_[b]);
    ++(old ? a : b);
  }
  events_ = std::move(all);
  told_by_ = std::move(all_by);
}

void Evaluation::run_again(const std::vector<bool>& operations) {
  const bool outer = quiet_;
  quiet_ = true;
  run_operations(operations);
  quiet_ = outer;
}

void Evaluation::run_operations(const std::vector<bool>& operations) {
  const Window all{0, plan_.model->dimensions.periods()};
  if (program_)
    for (CurveSet& set : curve_sets_) set.last.periods = 0;  // the one asked for last may change
  for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
    if (!operations[i]) continue;
    running_ = i;
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = times_.empty() ? Clock::time_point() : Clock::now();
    if (program_)
      program_->run(i);
    else
      run_operation(plan_.operations[i], all);
    if (!times_.empty()) times_[i] += std::chrono::duration<double>(Clock::now() - start).count();
  }
}

void Evaluation::keep_times(bool keep) {
  times_.assign(keep ? plan_.operations.size() : 0, 0.0);
}

const std::vector<Evaluation::Arrays>& Evaluation::arrays_of_operations() const {
  if (!arrays_of_operations_.empty()) return arrays_of_operations_;
  const std::function<void(const Operation&, Arrays&)> collect = [&](const Operation& operation,
                                                                     Arrays& arrays) {
    for (const Access& read : operation.reads) arrays.reads.insert(read.array);
    arrays.writes.insert(operation.writes.begin(), operation.writes.end());
    for (const Operation& inner : operation.body) collect(inner, arrays);
  };
  for (const Operation& operation : plan_.operations)
    collect(operation, arrays_of_operations_.emplace_back());
  return arrays_of_operations_;
}

std::vector<bool> Evaluation::affected_by(const std::vector<std::size_t>& leaves,
                                          const std::vector<std::size_t>& quantities) const {
  std::vector<bool> result = needed_for(quantities);
  const std::vector<bool> moves = affected_by(leaves);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = result[i] && moves[i];
  return result;
}

std::vector<bool> Evaluation::affected_by(const std::vector<std::size_t>& leaves) const {
  const auto& arrays = arrays_of_operations();
  std::vector<bool> changed(plan_.arrays.size(), false), result(arrays.size(), false);
  for (const std::size_t leaf : leaves) changed[plan_.array_of_leaf[leaf]] = true;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = any_marked(arrays[i].reads, changed);
    if (result[i])
      for (const ArrayId array : arrays[i].writes) changed[array] = true;
  }
  return result;
}

std::vector<bool> Evaluation::needed_for(const std::vector<std::size_t>& quantities) const {
  std::vector<ArrayId> own;
  for (const std::size_t quantity : quantities) own.push_back(plan_.array_of_quantity[quantity]);
  return needed_for_arrays(own);
}

std::vector<bool> Evaluation::needed_for_arrays(const std::vector<ArrayId>& own) const {
  const auto& arrays = arrays_of_operations();
  std::vector<bool> wanted(plan_.arrays.size(), false);
  for (const ArrayId array : own) wanted[array] = true;
  std::vector<bool> result(arrays.size(), false);
  for (std::size_t i = arrays.size(); i-- > 0;) {
    result[i] = any_marked(arrays[i].writes, wanted);
    if (result[i])
      for (const ArrayId array : arrays[i].reads) wanted[array] = true;
  }
  return result;
}

std::vector<bool> Evaluation::written_by(const std::vector<bool>& operations) const {
  const auto& arrays = arrays_of_operations();
  std::vector<bool> result(plan_.arrays.size(), false);
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (operations[i])
      for (const ArrayId array : arrays[i].writes) result[array] = true;
  return result;
}

bool Evaluation::reads(const std::vector<bool>& operations, std::size_t leaf) const {
  const auto& arrays = arrays_of_operations();
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (operations[i] && arrays[i].reads.count(plan_.array_of_leaf[leaf]) > 0) return true;
  return false;
}

void Evaluation::report(Event event) {
  if (quiet_) return;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    Event& other = events_[i];
    if (told_by_[i] != running_ || other.kind != event.kind || other.what != event.what) continue;
    other.count += event.count;
    if (event.kind == Event::Kind::corrected) other.value += event.value;
    return;
  }
  told_by_.push_back(running_);
  events_.push_back(std::move(event));
}

void Evaluation::tell(const Operation& operation, const LaneEvent& happened, std::string detail,
                      const Location* where) {
  if (lane_events_) {
    // What is said of the parameters as given is said once, of the nominal values.
    if (happened.kind != EventKind::odd_lifetime && happened.kind != EventKind::density_sum)
      lane_events_->push_back(happened);
    return;
  }
  if (quiet_) return;
  const StockDecl& declaration = *plan_.model->stocks[operation.stock].declaration;
  Event event;
  event.kind = happened.kind;
  event.what = plan_.model->stocks[operation.stock].name;
  event.cell = cell_of(operation, happened.kind, happened.cell);
  event.value = happened.value;
  event.where = where ? *where : declaration.name.where;
  event.detail = std::move(detail);
  report(std::move(event));
}

void Evaluation::run_in_lanes(const Operation& operation, Window window, std::vector<LaneEvent>& events) {
  lane_events_ = &events;
  run_operation(operation, window);
  lane_events_ = nullptr;
}

void Evaluation::run_operation(const Operation& operation, Window window) {
  switch (operation.kind) {
    case Operation::Kind::map:
      return run_map(operation, window);
    case Operation::Kind::reduce:
      return run_reduce(operation, window);
    case Operation::Kind::over_time:
      return run_over_time(operation, window);
    case Operation::Kind::survival:
      return run_survival(operation);
    case Operation::Kind::cohort:
      return run_cohort(operation, window);
    case Operation::Kind::cohort_results:
      return run_cohort_results(operation, window);
    case Operation::Kind::accumulate:
      return run_accumulate(operation, window);
    case Operation::Kind::scan:
      return run_scan(operation, window);
    case Operation::Kind::solve:
      return run_solve(operation, window);
    case Operation::Kind::unknowns:
      return;
  }
}

void Evaluation::run_map(const Operation& operation, Window window) {
  Array& out = arrays_[operation.writes[0]];
  const bool timeless = out.periods() == 1 && !plan_.arrays[operation.writes[0]].dims.time;
  const std::size_t lanes = out.lanes();
  constexpr std::size_t strip_values = 1024;
  const std::size_t strip_periods = std::max<std::size_t>(1, strip_values / lanes);
  const std::size_t strip = strip_periods * lanes;
  if (scratch_.size() < operation.registers * strip) scratch_.resize(operation.registers * strip);
  std::vector<const double*> registers(operation.registers);
  for (const Run& run : operation.runs) {
    const std::size_t begin = timeless ? 0 : std::max(run.first, window.first);
    const std::size_t end = timeless ? 1 : std::min(run.last, window.last);
    for (std::size_t first = begin; first < end; first += strip_periods) {
      const std::size_t periods = std::min(strip_periods, end - first);
      const std::size_t n = periods * lanes;
      for (const Instruction& code : operation.code) {
        double* target = scratch_.data() + code.target * strip;
        registers[code.target] = target;
        if (code.kind == Instruction::Kind::constant) {
          std::fill_n(target, n, code.value);
          continue;
        }
        if (code.kind == Instruction::Kind::apply) {
          apply_strip(code.function, target, registers[code.a], registers[code.b], registers[code.c], n);
          continue;
        }
        const Access& access = operation.reads[code.a];
        const Array& source = arrays_[access.array];
        const std::int32_t series =
            access.series.empty() ? static_cast<std::int32_t>(run.series) : access.series[run.series];
        if (series < 0) {
          std::fill_n(target, n, std::numeric_limits<double>::quiet_NaN());
          continue;
        }
        const auto s = static_cast<std::size_t>(series);
        const std::size_t own = source.lanes();
        if (access.stride == 0 && access.time == Access::Time::same && source.periods() > 1 && own == lanes) {
          registers[code.target] = source.at(s, first);
          continue;
        }
        for (std::size_t k = 0; k < periods; ++k) {
          std::int64_t period = static_cast<std::int64_t>(first + k);
          if (access.time == Access::Time::none || source.periods() == 1) period = 0;
          if (access.time == Access::Time::fixed) period = static_cast<std::int64_t>(access.period);
          if (access.time == Access::Time::mapped) period = access.periods[first + k];
          double* to = target + k * lanes;
          const std::size_t row = s + access.stride * (first + k);
          if (period < 0) {
            std::fill_n(to, lanes, std::numeric_limits<double>::quiet_NaN());
          } else if (own == lanes) {
            std::copy_n(source.at(row, static_cast<std::size_t>(period)), lanes, to);
          } else {
            std::fill_n(to, lanes, *source.at(row, static_cast<std::size_t>(period)));
          }
        }
      }
      const double* result = registers.back();
      double* to = out.at(run.series, first);
      std::copy_n(result, n, to);
      if (!operation.check_finite || quiet_) continue;
      for (std::size_t i = 0; i < n; ++i) {
        if (std::isfinite(to[i]) || (operation.may_be_absent && std::isnan(to[i]))) continue;
        Event event;
        event.kind = Event::Kind::not_finite;
        event.what = operation.label;
        event.cell = cell_name(plan_.arrays[operation.writes[0]].dims, run.series, first + i / lanes,
                               plan_.model->dimensions);
        event.value = to[i];
        event.where = operation.where;
        report(std::move(event));
      }
    }
  }
}

void Evaluation::run_reduce(const Operation& operation, Window window) {
  Array& out = arrays_[operation.writes[0]];
  const Array& source = arrays_[operation.reads[0].array];
  const bool timeless = !plan_.arrays[operation.writes[0]].dims.time;
  const std::size_t lanes = out.lanes();
  const bool widen = source.lanes() != lanes;
  for (const Run& run : operation.runs) {
    const std::size_t begin = timeless ? 0 : std::max(run.first, window.first);
    const std::size_t end = timeless ? 1 : std::min(run.last, window.last);
    if (begin >= end) continue;
    const std::size_t n = (end - begin) * lanes;
    double* to = out.at(run.series, begin);
    const auto& list = operation.sources[run.series];
    const double start = operation.reduction == Reduction::minimum ? std::numeric_limits<double>::infinity()
                         : operation.reduction == Reduction::maximum
                             ? -std::numeric_limits<double>::infinity()
                             : 0.0;
    std::fill_n(to, n, start);
    std::vector<double> known(operation.reduction == Reduction::mean ? n : 0, 0.0);
    for (const std::int32_t index : list) {
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t period = begin + i / lanes;
        const double x =
            widen ? source.value(static_cast<std::size_t>(index), period)
                  : source.at(static_cast<std::size_t>(index), source.periods() == 1 ? 0 : period)[i % lanes];
        if (operation.skip_absent && std::isnan(x)) continue;
        switch (operation.reduction) {
          case Reduction::sum:
            to[i] += x;
            break;
          case Reduction::mean:
            to[i] += x;
            known[i] += 1;
            break;
          case Reduction::minimum:
            to[i] = std::min(to[i], x);
            break;
          case Reduction::maximum:
            to[i] = std::max(to[i], x);
            break;
        }
      }
    }
    if (operation.reduction == Reduction::mean)
      for (std::size_t i = 0; i < n; ++i) to[i] /= known[i];
    if (!operation.check_finite || quiet_) continue;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::isfinite(to[i])) continue;
      Event event;
      event.kind = Event::Kind::not_finite;
      event.what = operation.label;
      event.cell = cell_name(plan_.arrays[operation.writes[0]].dims, run.series, begin + i / lanes,
                             plan_.model->dimensions);
      event.value = to[i];
      event.where = operation.where;
      report(std::move(event));
    }
  }
}

void Evaluation::run_over_time(const Operation& operation, Window window) {
  Array& out = arrays_[operation.writes[0]];
  const Array& source = arrays_[operation.reads[0].array];
  const std::size_t lanes = out.lanes();
  const auto& steps = plan_.model->dimensions.steps;
  const auto& years = plan_.model->dimensions.years;
  const double never = std::numeric_limits<double>::quiet_NaN();
  const bool timed = plan_.arrays[operation.writes[0]].dims.time;
  for (std::size_t s = 0; s < out.series(); ++s) {
    if (!timed && !operation.mask.at(s, 0)) continue;  // another piece's
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto x = [&](std::size_t period) { return source.value(s, period, lane); };
      if (operation.time_function == TimeFunction::cumulate) {
        for (std::size_t p = window.first; p < window.last; ++p) {
          if (!operation.mask.at(s, p)) continue;
          const bool goes_on = p > 0 && operation.mask.at(s, p - 1);
          double sum = goes_on ? out.at(s, p - 1)[lane] : 0.0;
          for (std::size_t q = goes_on ? p : operation.first; q <= std::min(p, operation.last); ++q)
            if (q >= operation.first && !(operation.skip_absent && std::isnan(x(q)))) sum += x(q) * steps[q];
          out.at(s, p)[lane] = sum;
        }
        continue;
      }
      double result = 0, weight = 0;
      bool any = false;
      for (std::size_t p = operation.first; p <= operation.last; ++p) {
        const double value = x(p);
        if (operation.skip_absent && std::isnan(value)) continue;
        switch (operation.time_function) {
          case TimeFunction::total:
            result += value * steps[p];
            break;
          case TimeFunction::mean:
            result += value * steps[p];
            weight += steps[p];
            break;
          case TimeFunction::minimum:
            result = any ? std::min(result, value) : value;
            break;
          case TimeFunction::maximum:
            result = any ? std::max(result, value) : value;
            break;
          case TimeFunction::first_year:
            if (value != 0 && !any) result = years[p];
            if (value == 0) continue;
            break;
          case TimeFunction::last_year:
            if (value == 0) continue;
            result = years[p];
            break;
          case TimeFunction::max_year:
            if (!any || value > weight) {
              weight = value;
              result = years[p];
            }
            break;
          case TimeFunction::min_year:
            if (!any || value < weight) {
              weight = value;
              result = years[p];
            }
            break;
          case TimeFunction::cumulate:
            break;
        }
        any = true;
      }
      if (operation.time_function == TimeFunction::mean) result /= weight;
      if (!any && operation.time_function != TimeFunction::total) result = never;
      out.at(s, 0)[lane] = result;
    }
  }
}

void Evaluation::run_scan(const Operation& operation, Window window) {
  for (std::size_t p = window.first; p < window.last; ++p)
    for (const Operation& inner : operation.body) run_operation(inner, {p, p + 1});
}

}  // namespace lode
