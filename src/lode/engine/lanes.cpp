// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/lanes.hpp"

#include <algorithm>
#include <limits>

#include "lode/kernels/strips.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
constexpr double zero = 0;

std::size_t operands_of(Function function) {
  switch (function) {
    case Function::negate:
    case Function::exp:
    case Function::log:
    case Function::log10:
    case Function::sqrt:
    case Function::absolute:
    case Function::logical_not:
    case Function::known:
      return 1;
    case Function::select:
      return 3;
    default:
      return 2;
  }
}

LaneReduction reduction_of(const Operation& operation) {
  switch (operation.reduction) {
    case Reduction::mean:
      return LaneReduction::mean;
    case Reduction::minimum:
      return LaneReduction::minimum;
    case Reduction::maximum:
      return LaneReduction::maximum;
    case Reduction::sum:
      break;
  }
  return LaneReduction::sum;
}

/// Values of a strip that are computed at once: they stay in the first cache.
constexpr std::size_t strip_values = 1024;

/// Instructions of maps, period by period where they run so.
struct MapCode {
  std::vector<LaneInstruction> list;
  std::vector<std::size_t> operation;  ///< per instruction: which of the maps it is of
  std::vector<std::size_t> first_of_period;

  void run(LaneWindow window, bool by_period, std::size_t lanes) const {
    const std::size_t first = by_period ? first_of_period[window.first] : 0;
    const std::size_t end = by_period ? first_of_period[window.last] : list.size();
    if (first < end) run_lane_strips(std::span(list).subspan(first, end - first), lanes);
  }
};

/// Some of neighbouring maps, which share what all of them have prepared.
class LaneSomeMaps final : public LaneStep {
 public:
  LaneSomeMaps(const std::vector<const Operation*>& operations, MapCode code, bool by_period,
               std::size_t lanes)
      : LaneStep(operations), code_(std::move(code)), by_period_(by_period), lanes_(lanes) {}
  void run(LaneWindow window) override { code_.run(window, by_period_, lanes_); }

 private:
  MapCode code_;
  const bool by_period_;
  const std::size_t lanes_;
};

/// Neighbouring maps, run in one go: all periods of one, or one after the other in each period.
class LaneMaps final : public LaneStep {
 public:
  LaneMaps(LaneContext& context, const std::vector<const Operation*>& operations, bool by_period,
           const std::vector<bool>* changing)
      : LaneStep(operations), context_(context), by_period_(by_period), changing_(changing) {
    LODE_EXPECT(by_period || operations.size() == 1);
    longest_ = std::max<std::size_t>(1, strip_values / context.lanes);
    std::size_t registers = 0;
    for (const Operation* each : operations) registers = std::max(registers, each->registers);
    // Strips take their registers from the same places, whose number is known after the first.
    registers_.resize((registers + 1) * longest_ * context.lanes);
    const std::size_t periods = by_period ? context.dims().periods() : 1;
    for (std::size_t p = 0; p < periods; ++p) {
      fixed_in_period_ = 0;
      for (MapCode* code : {&narrow_, &fixed_, &code_}) code->first_of_period.push_back(code->list.size());
      for (adding_ = 0; adding_ < operations.size(); ++adding_) add(*operations[adding_], p);
    }
    for (MapCode* code : {&narrow_, &fixed_, &code_}) code->first_of_period.push_back(code->list.size());
    narrow_known_.assign(periods, false);
    changing_ = nullptr;
  }

  void prepare(LaneWindow window) override {
    find_narrow(window);
    fixed_.run(window, by_period_, context_.lanes);
  }

  void run(LaneWindow window) override {
    find_narrow(window);
    code_.run(window, by_period_, context_.lanes);
  }

  std::unique_ptr<LaneStep> part(const std::vector<bool>& wanted) const override {
    std::vector<const Operation*> some;
    for (std::size_t i = 0; i < operations().size(); ++i)
      if (wanted[i]) some.push_back(operations()[i]);
    MapCode code;
    for (std::size_t i = 0, p = 0; i <= code_.list.size(); ++i) {
      for (; p < code_.first_of_period.size() && code_.first_of_period[p] == i; ++p)
        code.first_of_period.push_back(code.list.size());
      if (i < code_.list.size() && wanted[code_.operation[i]]) code.list.push_back(code_.list[i]);
    }
    return std::make_unique<LaneSomeMaps>(some, std::move(code), by_period_, context_.lanes);
  }

 private:
  void emit(MapCode& code, const LaneInstruction& instruction) {
    code.list.push_back(instruction);
    code.operation.push_back(adding_);
  }

  /// What is the same in all lanes stays so until arrays are sized anew, and this step is made anew.
  void find_narrow(LaneWindow window) {
    if (narrow_.list.empty()) return;
    for (std::size_t p = by_period_ ? window.first : 0; p < (by_period_ ? window.last : 1); ++p) {
      if (narrow_known_[p]) continue;
      narrow_known_[p] = true;
      narrow_.run(by_period_ ? LaneWindow{p, p + 1} : window, by_period_, context_.lanes);
    }
  }

  void add(const Operation& operation, std::size_t p) {
    map_ = &operation;
    out_ = operation.writes[0];
    find_last_uses();
    const bool timeless = !context_.plan.arrays[out_].dims.time && context_.arrays[out_].periods() == 1;
    if (!by_period_ || timeless) {
      for (const Run& run : operation.runs)
        cut(run.series, timeless ? 0 : run.first, timeless ? 1 : run.last - run.first, 0);
      return;
    }
    std::vector<std::size_t> series;
    for (const Run& run : operation.runs)
      if (run.first <= p && p < run.last) series.push_back(run.series);
    for (std::size_t i = 0; i < series.size();) {
      const std::size_t apart = i + 1 < series.size() ? series[i + 1] - series[i] : 1;
      std::size_t count = 1;
      while (i + count < series.size() && series[i + count] == series[i] + count * apart) ++count;
      cut(series[i], p, count, apart);
      i += count;
    }
  }

  void find_last_uses() {
    last_use_.assign(map_->registers, 0);
    for (std::size_t i = 0; i < map_->code.size(); ++i) {
      const Instruction& code = map_->code[i];
      if (code.kind != Instruction::Kind::apply) continue;
      last_use_[code.a] = last_use_[code.b] = last_use_[code.c] = i;
    }
  }

  const double* address(const Instruction& code, std::size_t series, std::size_t period) const {
    const Access& access = map_->reads[code.a];
    const Array& source = context_.arrays[access.array];
    const CellRead cell = cell_read(access, series, period);
    if (cell.series < 0 || (cell.period < 0 && source.periods() > 1)) return nullptr;
    return source.at(static_cast<std::size_t>(cell.series),
                     source.periods() == 1 ? 0 : static_cast<std::size_t>(cell.period));
  }

  /// Cuts a row of cells where a read leaves its stride. The row runs along time, or over series that are so
  /// far `apart`.
  void cut(std::size_t series, std::size_t period, std::size_t count, std::size_t apart) {
    while (count > 0) {
      std::size_t length = std::min(longest_, count);
      const auto at = [&](const Instruction& code, std::size_t i) {
        return address(code, series + i * apart, apart > 0 ? period : period + i);
      };
      for (const Instruction& code : map_->code) {
        if (code.kind != Instruction::Kind::load) continue;
        const double* begin = at(code, 0);
        std::size_t fits = 1;
        if (!begin) {
          while (fits < length && !at(code, fits)) ++fits;
        } else if (length > 1 && at(code, 1)) {
          const std::ptrdiff_t stride = at(code, 1) - begin;
          while (fits < length && at(code, fits) == begin + static_cast<std::ptrdiff_t>(fits) * stride)
            ++fits;
        }
        length = fits;
      }
      compile(series, period, length, apart);
      series += length * apart;
      if (apart == 0) period += length;
      count -= length;
    }
  }

  void compile(std::size_t series, std::size_t period, std::size_t cells, std::size_t apart) {
    const std::size_t lanes = context_.lanes;
    Array& out = context_.arrays[out_];
    const std::ptrdiff_t out_stride =
        static_cast<std::ptrdiff_t>(apart > 0 ? apart * out.periods() * lanes : lanes);
    std::vector<LaneCells> values(map_->registers);
    std::vector<bool> fixed(map_->registers, false);
    std::vector<std::ptrdiff_t> place(map_->registers, -1);
    std::vector<bool> taken;
    const auto emit_copy = [&](const LaneCells& from) {
      LaneInstruction copy;
      copy.copy = true;
      copy.cells = cells;
      copy.target = out.at(series, period);
      copy.stride = out_stride;
      copy.a = from;
      emit(code_, copy);
    };
    for (std::size_t i = 0; i < map_->code.size(); ++i) {
      const Instruction& code = map_->code[i];
      LaneCells& value = values[code.target];
      const bool is_last = i + 1 == map_->code.size();
      fixed[code.target] = false;
      if (code.kind == Instruction::Kind::constant) {
        value = {&code.value, 0, false};
      } else if (code.kind == Instruction::Kind::load) {
        const double* first = address(code, series, period);
        value = {&not_there, 0, false};
        if (first) {
          const double* second =
              cells < 2 ? first : address(code, series + apart, apart > 0 ? period : period + 1);
          value = {first, second - first, context_.is_wide(map_->reads[code.a].array)};
          fixed[code.target] = changing_ && !(*changing_)[map_->reads[code.a].array];
        }
      } else {
        LaneInstruction apply;
        apply.function = code.function;
        apply.cells = cells;
        const std::size_t operands = operands_of(code.function);
        apply.a = values[code.a];
        if (operands > 1) apply.b = values[code.b];
        if (operands > 2) apply.c = values[code.c];
        apply.wide_target = apply.a.wide || apply.b.wide || apply.c.wide;
        const auto stays = [&](const LaneCells& operand, std::size_t from) {
          return !operand.wide || fixed[from];
        };
        const bool is_fixed = changing_ && apply.wide_target && !is_last && stays(apply.a, code.a) &&
                              stays(apply.b, code.b) && stays(apply.c, code.c);
        const auto release = [&](std::size_t operand) {
          if (last_use_[operand] != i || place[operand] < 0) return;
          taken[static_cast<std::size_t>(place[operand])] = false;
          place[operand] = -1;
        };
        if (is_last && apply.wide_target) {
          apply.target = out.at(series, period);
          apply.stride = out_stride;
        } else {
          // Element by element: a target may lie where an operand that is used up does.
          release(code.a);
          release(code.b);
          release(code.c);
          if (!apply.wide_target) {
            apply.target = narrow_values_.emplace_back(cells).data();
            apply.stride = 1;
          } else if (is_fixed) {
            apply.target = fixed_row();
            apply.stride = static_cast<std::ptrdiff_t>(lanes);
          } else {
            std::size_t free = 0;
            while (free < taken.size() && taken[free]) ++free;
            if (free == taken.size()) taken.push_back(true);
            taken[free] = true;
            place[code.target] = static_cast<std::ptrdiff_t>(free);
            apply.target = registers_.data() + free * longest_ * lanes;
            apply.stride = static_cast<std::ptrdiff_t>(lanes);
          }
          fixed[code.target] = is_fixed;
          value = {apply.target, apply.stride, apply.wide_target};
        }
        emit(!apply.wide_target ? narrow_ : is_fixed ? fixed_ : code_, apply);
        if (is_last && apply.wide_target) continue;
      }
      if (is_last) emit_copy(value);
    }
  }

  /// Room for a strip that is computed once for all guesses of a period; of one period after another.
  double* fixed_row() {
    if (fixed_in_period_ == fixed_values_.size()) fixed_values_.emplace_back(longest_ * context_.lanes);
    return fixed_values_[fixed_in_period_++].data();
  }

  LaneContext& context_;
  const bool by_period_;
  const std::vector<bool>* changing_;  ///< while instructions are made
  const Operation* map_ = nullptr;     ///< being added
  ArrayId out_ = 0;
  std::size_t longest_ = 1;
  std::vector<std::size_t> last_use_;
  AlignedVector<double> registers_;
  std::deque<AlignedVector<double>> narrow_values_, fixed_values_;
  std::size_t fixed_in_period_ = 0;
  MapCode narrow_, fixed_, code_;
  std::size_t adding_ = 0;          ///< index of the map that is being added
  std::vector<bool> narrow_known_;  ///< per period
};

class LaneReduce final : public LaneStep {
 public:
  LaneReduce(LaneContext& context, const Operation& operation) : LaneStep(operation), context_(context) {
    Array& out = context.arrays[operation.writes[0]];
    Array& source = context.arrays[operation.reads[0].array];
    timeless_ = !context.plan.arrays[operation.writes[0]].dims.time;
    source_timed_ = source.periods() > 1;
    for (const Run& run : operation.runs) {
      Row row{run, out.at(run.series, 0), sources_.size(), operation.sources[run.series].size()};
      for (const std::int32_t from : operation.sources[run.series])
        sources_.push_back(source.at(static_cast<std::size_t>(from), 0));
      rows_.push_back(row);
    }
  }

  void run(LaneWindow window) override {
    const std::size_t lanes = context_.lanes;
    for (const Row& row : rows_) {
      const std::size_t begin = timeless_ ? 0 : std::max(row.run.first, window.first);
      const std::size_t end = timeless_ ? 1 : std::min(row.run.last, window.last);
      if (begin >= end) continue;
      reduce_lanes(reduction_of(operation_), operation_.skip_absent,
                   std::span(sources_).subspan(row.first, row.count), source_timed_ ? begin * lanes : 0,
                   source_timed_ ? static_cast<std::ptrdiff_t>(lanes) : 0, row.out + begin * lanes,
                   static_cast<std::ptrdiff_t>(lanes), end - begin, lanes);
    }
  }

 private:
  struct Row {
    Run run;
    double* out;
    std::size_t first, count;  ///< of sources_
  };
  LaneContext& context_;
  bool timeless_ = false, source_timed_ = true;
  std::vector<const double*> sources_;
  std::vector<Row> rows_;
};

class LaneOverTime final : public LaneStep {
 public:
  LaneOverTime(LaneContext& context, const Operation& operation) : LaneStep(operation), context_(context) {}

  void run(LaneWindow window) override {
    Array& out = context_.arrays[operation_.writes[0]];
    const auto& steps = context_.dims().steps;
    const auto& years = context_.dims().years;
    const std::size_t lanes = context_.lanes, count = operation_.last - operation_.first + 1;
    if (operation_.time_function == TimeFunction::cumulate) return cumulate(window);
    for (std::size_t s = 0; s < out.series(); ++s) {
      if (!operation_.mask.at(s, 0)) continue;  // another piece's
      LaneCells source = context_.row(operation_.reads[0].array, s);
      over_time_lanes(function(), operation_.skip_absent,
                      source.values + static_cast<std::ptrdiff_t>(operation_.first) * source.stride,
                      source.stride, &steps[operation_.first], &years[operation_.first], count, out.at(s, 0),
                      lanes);
    }
  }

 private:
  LaneTimeFunction function() const {
    switch (operation_.time_function) {
      case TimeFunction::mean:
        return LaneTimeFunction::mean;
      case TimeFunction::minimum:
        return LaneTimeFunction::minimum;
      case TimeFunction::maximum:
        return LaneTimeFunction::maximum;
      case TimeFunction::first_year:
        return LaneTimeFunction::first_year;
      case TimeFunction::last_year:
        return LaneTimeFunction::last_year;
      case TimeFunction::max_year:
        return LaneTimeFunction::max_year;
      case TimeFunction::min_year:
        return LaneTimeFunction::min_year;
      default:
        return LaneTimeFunction::total;
    }
  }

  /// Every run of the mask begins where the sum does or before, and ends no later; see make_lane_over_time.
  void cumulate(LaneWindow window) {
    Array& out = context_.arrays[operation_.writes[0]];
    const std::size_t lanes = context_.lanes;
    for (const Run& run : operation_.runs) {
      const std::size_t begin = std::max(run.first, window.first), end = std::min(run.last, window.last);
      const std::size_t first = std::clamp(operation_.first, begin, std::max(begin, end));
      if (begin >= end) continue;
      std::fill(out.at(run.series, begin), out.at(run.series, begin) + (first - begin) * lanes, 0.0);
      if (first >= end) continue;
      const LaneCells source = context_.row(operation_.reads[0].array, run.series);
      const LaneCells cells{source.values + static_cast<std::ptrdiff_t>(first) * source.stride, source.stride,
                            source.wide};
      const LaneCells before =
          first > run.first ? LaneCells{out.at(run.series, first - 1), 0, true} : LaneCells{&zero, 0, false};
      accumulate_lanes(before, cells, {}, &context_.dims().steps[first], out.at(run.series, first),
                       end - first, lanes);
    }
  }

  LaneContext& context_;
};

/// K(t) = K(t−1) + (inflow − outflow) Δ, from the initial amount.
class LaneAccumulate final : public LaneStep {
 public:
  LaneAccumulate(LaneContext& context, const Operation& operation) : LaneStep(operation), context_(context) {}

  void run(LaneWindow window) override {
    const BoundStock& stock = context_.plan.model->stocks[operation_.stock];
    const std::size_t lanes = context_.lanes;
    Array& level = context_.arrays[operation_.writes[0]];
    const std::size_t begin = std::max(window.first, stock.begin);
    if (begin >= window.last) return;
    const bool by_change = stock.declaration->change != nullptr;
    for (std::size_t s = 0; s < level.series(); ++s) {
      const auto from_begin = [&](const Access& access) {
        LaneCells cells = context_.row(access.array, s);
        cells.values += static_cast<std::ptrdiff_t>(begin) * cells.stride;
        return cells;
      };
      const LaneCells in = from_begin(operation_.reads[0]);
      const LaneCells out = by_change ? LaneCells{} : from_begin(operation_.reads[1]);
      const LaneCells before = begin > stock.begin ? LaneCells{level.at(s, begin - 1), 0, true}
                                                   : context_.row(operation_.reads.back().array, s);
      accumulate_lanes(before, in, out, &context_.dims().steps[begin], level.at(s, begin),
                       window.last - begin, lanes);
      if (by_change) continue;
      for (std::size_t i = 0; i < 2; ++i) {
        Array& target = context_.arrays[operation_.writes[1 + i]];
        LaneInstruction copy;
        copy.copy = true;
        copy.cells = window.last - begin;
        copy.a = i == 0 ? in : out;
        copy.target = target.at(s, begin);
        copy.stride = static_cast<std::ptrdiff_t>(lanes);
        if (context_.is_wide(operation_.writes[1 + i])) run_lane_strips({&copy, 1}, lanes);
      }
    }
  }

 private:
  LaneContext& context_;
};

class LaneOtherwise final : public LaneStep {
 public:
  LaneOtherwise(LaneContext& context, const Operation& operation) : LaneStep(operation), context_(context) {}

  void run(LaneWindow window) override {
    // A period may be run several times; what happened when it was last is what counts.
    if (window.first != last_first_) keep_events();
    last_first_ = window.first;
    events_.clear();
    context_.run_otherwise(operation_, window, events_);
  }

  void finish() override {
    keep_events();
    last_first_ = none;
    events_.clear();
    for (const auto& [kind, seen] : seen_) context_.count(kind, operation_, seen.flags.data(), seen.cell);
    seen_.clear();
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Seen {
    std::vector<double> flags;  ///< per lane
    LaneCell cell;              ///< the first of the first lane
    std::size_t first_lane;
  };

  void keep_events() {
    if (last_first_ == none) return;
    for (const LaneEvent& event : events_) {
      const bool every = event.lane == LaneEvent::every;
      const std::size_t first = every ? 0 : event.lane, end = every ? context_.lanes : event.lane + 1;
      const auto [found, is_new] = seen_.try_emplace(event.kind);
      Seen& seen = found->second;
      if (is_new) seen.flags.assign(context_.lanes, 0.0);
      if (is_new || first < seen.first_lane) {
        seen.cell = event.cell;
        seen.first_lane = first;
      }
      std::fill(seen.flags.begin() + static_cast<std::ptrdiff_t>(first),
                seen.flags.begin() + static_cast<std::ptrdiff_t>(end), 1.0);
    }
  }

  LaneContext& context_;
  std::vector<LaneEvent> events_;  ///< of the period run last
  std::map<EventKind, Seen> seen_;
  std::size_t last_first_ = none;
};

class LaneScan final : public LaneStep {
 public:
  LaneScan(const Operation& operation, std::vector<std::unique_ptr<LaneStep>> body)
      : LaneStep(operation), body_(std::move(body)) {}
  void run(LaneWindow window) override {
    for (std::size_t p = window.first; p < window.last; ++p)
      for (const auto& step : body_) step->run({p, p + 1});
  }
  void finish() override {
    for (const auto& step : body_) step->finish();
  }

 private:
  std::vector<std::unique_ptr<LaneStep>> body_;
};

/// Visits operations and those inside.
template <typename Visit>
void for_each_operation(const std::vector<Operation>& operations, bool inside, const Visit& visit) {
  for (const Operation& operation : operations) {
    visit(operation, inside);
    for_each_operation(operation.body, true, visit);
  }
}

}  // namespace

LaneCells LaneContext::row(ArrayId array, std::size_t series) const {
  const Array& source = arrays[array];
  return {source.at(series, 0), source.periods() == 1 ? 0 : static_cast<std::ptrdiff_t>(source.lanes()),
          source.lanes() > 1};
}

void LaneContext::count(LaneFailure::Kind kind, const Operation& operation, const double* flags,
                        const LaneCell& cell) {
  std::size_t first = 0;
  while (first < lanes && flags[first] == 0) ++first;
  if (first == lanes) return;
  auto failure = std::find_if(failures.begin(), failures.end(), [&](const LaneFailure& other) {
    return other.kind == kind && other.operation == &operation;
  });
  if (failure == failures.end())
    failure = failures.insert(failure, {kind, &operation, 0, first, cell, std::vector<std::uint64_t>(lanes)});
  for (std::size_t lane = first; lane < lanes; ++lane) {
    if (flags[lane] == 0) continue;
    ++failure->lanes;
    ++failure->runs[lane];
  }
}

std::unique_ptr<LaneStep> make_lane_maps(LaneContext& context,
                                         const std::vector<const Operation*>& operations, bool by_period,
                                         const std::vector<bool>* changing) {
  return std::make_unique<LaneMaps>(context, operations, by_period, changing);
}

std::unique_ptr<LaneStep> make_lane_reduce(LaneContext& context, const Operation& operation) {
  if (!context.is_wide(operation.reads[0].array)) return nullptr;
  return std::make_unique<LaneReduce>(context, operation);
}

std::unique_ptr<LaneStep> make_lane_over_time(LaneContext& context, const Operation& operation) {
  if (!context.is_wide(operation.reads[0].array)) return nullptr;
  if (operation.time_function == TimeFunction::cumulate)
    for (const Run& run : operation.runs)
      if (operation.skip_absent || run.first > operation.first || run.last > operation.last + 1)
        return nullptr;
  return std::make_unique<LaneOverTime>(context, operation);
}

std::unique_ptr<LaneStep> make_lane_accumulate(LaneContext& context, const Operation& operation) {
  for (const ArrayId array : operation.writes)
    if (!context.is_wide(array)) return nullptr;
  return std::make_unique<LaneAccumulate>(context, operation);
}

LaneProgram::LaneProgram(LaneContext context) : context_(std::move(context)) {
  const Plan& plan = context_.plan;
  struct Users {
    const Operation* survival = nullptr;
    std::size_t cohorts = 0;
    bool covered = true, keep = false;
  };
  std::vector<Users> users(plan.curve_sets);
  for_each_operation(plan.operations, false, [&](const Operation& operation, bool inside) {
    if (operation.kind == Operation::Kind::survival) {
      Users& set = users[operation.curves];
      set.survival = &operation;
      set.covered = set.covered && !inside;
    } else if (operation.kind == Operation::Kind::cohort) {
      Users& set = users[operation.curves];
      set.covered = set.covered && lane_cohort_covers(context_, operation);
      set.keep = set.keep || inside || ++set.cohorts > 1;
    }
  });
  for_each_operation(plan.operations, false, [&](const Operation& operation, bool) {
    if (operation.kind != Operation::Kind::cohort_results) return;
    for (const Access& read : operation.reads)
      for (Users& set : users)
        if (set.survival && set.survival->writes[0] == read.array) set.covered = false;
  });
  lifetimes_.resize(plan.curve_sets);
  for (std::size_t i = 0; i < users.size(); ++i)
    if (users[i].survival && users[i].covered)
      lifetimes_[i] = make_lane_lifetimes(context_, *users[i].survival, users[i].keep);
  for (const Operation& operation : plan.operations) steps_.push_back(make(operation, false, nullptr));
}

LaneProgram::~LaneProgram() = default;

std::vector<std::unique_ptr<LaneStep>> LaneProgram::make_body(const std::vector<Operation>& operations,
                                                              bool by_period,
                                                              const std::vector<bool>* changing) {
  std::vector<std::unique_ptr<LaneStep>> body;
  std::vector<const Operation*> maps;
  const auto close = [&] {
    if (!maps.empty()) body.push_back(make_lane_maps(context_, maps, by_period, changing));
    maps.clear();
  };
  for (const Operation& operation : operations) {
    if (by_period && operation.kind == Operation::Kind::map && context_.is_wide(operation.writes[0])) {
      maps.push_back(&operation);
      continue;
    }
    close();
    body.push_back(make(operation, by_period, changing));
  }
  close();
  return body;
}

std::unique_ptr<LaneStep> LaneProgram::make(const Operation& operation, bool by_period,
                                            const std::vector<bool>* changing) {
  std::unique_ptr<LaneStep> step;
  bool any_wide = false;
  for (const ArrayId array : operation.writes) any_wide = any_wide || context_.is_wide(array);
  if (any_wide) {
    switch (operation.kind) {
      case Operation::Kind::map:
        step = make_lane_maps(context_, {&operation}, by_period, changing);
        break;
      case Operation::Kind::reduce:
        step = make_lane_reduce(context_, operation);
        break;
      case Operation::Kind::over_time:
        step = make_lane_over_time(context_, operation);
        break;
      case Operation::Kind::accumulate:
        step = make_lane_accumulate(context_, operation);
        break;
      case Operation::Kind::survival:
        if (lifetimes_[operation.curves]) step = make_lane_survival(operation, *lifetimes_[operation.curves]);
        break;
      case Operation::Kind::cohort:
        // Without a program's curves, those of every lane must be the same.
        if (lane_cohort_covers(context_, operation) &&
            (lifetimes_[operation.curves] || !context_.is_wide(operation.reads[2].array)))
          step = make_lane_cohort(context_, operation, lifetimes_[operation.curves].get());
        break;
      case Operation::Kind::scan:
      case Operation::Kind::solve: {
        const bool scan = operation.kind == Operation::Kind::scan;
        std::vector<bool> inside(scan ? 0 : context_.arrays.size(), false);
        if (!scan) {
          for (const ArrayId array : operation.writes) inside[array] = true;
          for (const ArrayId array : operation.tears) inside[array] = true;
        }
        auto body = make_body(operation.body, scan || by_period, scan ? nullptr : &inside);
        if (scan)
          step = std::make_unique<LaneScan>(operation, std::move(body));
        else
          step = make_lane_solve(context_, operation, std::move(body), by_period);
        break;
      }
      default:
        break;
    }
  }
  return step ? std::move(step) : std::make_unique<LaneOtherwise>(context_, operation);
}

void LaneProgram::run(std::size_t i) {
  steps_[i]->run({0, context_.dims().periods()});
  steps_[i]->finish();
}

}  // namespace lode
