// SPDX-License-Identifier: Apache-2.0
//
// Loops within a year, each lane by itself, as in solve.cpp: the loop's cells and equations are found once.
// A lane that has converged keeps its unknowns while others go on.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>

#include "lode/engine/inputs.hpp"
#include "lode/engine/lanes.hpp"
#include "lode/engine/loop_blocks.hpp"
#include "lode/kernels/lane_newton.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

namespace {

double power_of_two_near(double size) {
  // Its exponent alone.
  const auto bits = std::bit_cast<std::uint64_t>(std::clamp(size, 1e-290, 1e290));
  return std::bit_cast<double>(bits & 0x7ff0000000000000);
}

/// A x = b in place by full pivoting; false if a pivot falls below 1e-12 of the first, rows and columns
/// having been scaled by powers of two. x is left in b.
bool solve_in_place(std::size_t n, double* a, double* b, std::size_t* columns, double* scales) {
  for (std::size_t round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < n; ++i) {
      double largest = 0;
      for (std::size_t j = 0; j < n; ++j)
        largest = std::max(largest, std::abs(round == 0 ? a[i * n + j] : a[j * n + i]));
      if (!std::isfinite(largest)) return false;
      const double scale = largest > 0 ? 1.0 / power_of_two_near(largest) : 1.0;
      for (std::size_t j = 0; j < n; ++j) (round == 0 ? a[i * n + j] : a[j * n + i]) *= scale;
      if (round == 0)
        b[i] *= scale;
      else
        scales[i] = scale;
    }
  for (std::size_t j = 0; j < n; ++j) columns[j] = j;
  double first_pivot = 0;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t row = k, column = k;
    for (std::size_t i = k; i < n; ++i)
      for (std::size_t j = k; j < n; ++j)
        if (std::abs(a[i * n + j]) > std::abs(a[row * n + column])) {
          row = i;
          column = j;
        }
    const double pivot = a[row * n + column];
    if (k == 0) first_pivot = std::abs(pivot);
    if (!(std::abs(pivot) > 1e-12 * first_pivot)) return false;
    if (row != k) {
      for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[row * n + j]);
      std::swap(b[k], b[row]);
    }
    if (column != k) {
      for (std::size_t i = 0; i < n; ++i) std::swap(a[i * n + k], a[i * n + column]);
      std::swap(columns[k], columns[column]);
    }
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k + 1; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  // Undo the exchange of columns, then their scales.
  for (std::size_t k = 0; k < n; ++k) a[columns[k]] = b[k];
  for (std::size_t k = 0; k < n; ++k) b[k] = a[k] * scales[k];
  return true;
}

class LaneSolve final : public LaneStep {
 public:
  LaneSolve(LaneContext& context, const Operation& operation, std::vector<std::unique_ptr<LaneStep>> body,
            bool by_period)
      : LaneStep(operation), context_(context), body_(std::move(body)), by_period_(by_period) {
    for (const auto& step : body_) all_.push_back(step.get());
    const std::size_t periods = context.dims().periods();
    std::size_t unknowns = 0, equations = 0, entries = 0, blocks = 0;
    for (std::size_t p = 0; p < (by_period ? periods : 1); ++p) {
      Loops loops;
      std::vector<std::set<ArrayId>> guessed;
      std::size_t own_unknowns = 0, own_equations = 0, own_entries = 0;
      for (const LoopBlock& block :
           loop_blocks(context.plan, operation, by_period ? p : 0, by_period ? p + 1 : periods)) {
        Loop loop{own_unknowns,
                  own_equations,
                  own_entries,
                  block.unknowns.size(),
                  block.equations.size(),
                  block.unknowns.empty() ? block.equations.front() : block.unknowns.front()};
        guessed.resize(std::max(guessed.size(), block.unknowns.size()));
        for (std::size_t u = 0; u < block.unknowns.size(); ++u) {
          const LoopCell& cell = block.unknowns[u];
          guessed[u].insert(cell.array);
          loops.guesses.push_back(copy_to(place(cell)));
          const Array& array = context.arrays[cell.array];
          loops.before.push_back(!operation.affine && cell.period > 0 && array.periods() > 1
                                     ? array.at(cell.series, cell.period - 1)
                                     : nullptr);
        }
        for (std::size_t e = 0; e < block.equations.size(); ++e) {
          const bool residual = block.equation_unknown[e] == LoopBlock::residual;
          loops.own_unknown.push_back(residual ? LoopBlock::residual
                                               : own_unknowns + block.equation_unknown[e]);
          loops.equations.push_back(value_of(place(block.equations[e])));
        }
        own_unknowns += loop.unknowns;
        own_equations += loop.equations;
        own_entries += loop.unknowns * loop.equations;
        loops.most = std::max(loops.most, loop.unknowns);
        loops.list.push_back(loop);
      }
      unknowns = std::max(unknowns, own_unknowns);
      equations = std::max(equations, own_equations);
      entries = std::max(entries, own_entries);
      blocks = std::max(blocks, loops.list.size());
      most_ = std::max(most_, loops.most);
      loops.columns = columns(guessed);
      loops_.push_back(std::move(loops));
    }
    const std::size_t lanes = context.lanes;
    for (auto* rows : {&x_, &base_}) rows->resize(unknowns * lanes);
    for (auto* rows : {&f_, &f0_}) rows->resize(equations * lanes);
    for (auto* rows : {&delta_, &open_, &error_, &size_}) rows->resize(blocks * lanes);
    reach_.assign(blocks * lanes, least_unknown);
    jacobian_.resize(entries * lanes);
    solution_.resize(most_ * lanes);
    scratch_.resize(most_ * most_ * lanes);
    solved_.resize(lanes);
    singular_lanes_.resize(blocks * lanes);
    for (Loops& loops : loops_) find_rows(loops);
    matrix_.resize(most_ * most_);
    right_.resize(most_);
    scales_.resize(most_);
    columns_.resize(most_);
    for (auto* flags : {&singular_, &not_converged_}) flags->assign(lanes, 0.0);
  }

  void run(LaneWindow window) override {
    const Loops& loops = loops_[by_period_ ? window.first : 0];
    for (const auto& step : body_) step->prepare(window);
    start(loops);
    const int limit = operation_.affine ? 4 : 60;
    bool settled = false;
    for (int step = 0; step < limit && !settled; ++step) {
      evaluate(loops, all_, window);
      // Zero may solve a homogeneous loop by luck.
      settled = step > 0 && converged(loops);
      if (settled) break;
      newton_step(loops, window);
    }
    if (!settled) {
      evaluate(loops, all_, window);
      settled = converged(loops);
    }
    // What was not found is no number, nor is what follows from it.
    if ((!settled || any_failed_) && note_failures(loops)) evaluate(loops, all_, window);
  }

  void finish() override {
    for (const auto& step : body_) step->finish();
    context_.count(LaneFailure::Kind::singular, operation_, singular_.data(), first_singular_);
    context_.count(LaneFailure::Kind::not_converged, operation_, not_converged_.data(), first_not_converged_);
    std::fill(singular_.begin(), singular_.end(), 0.0);
    std::fill(not_converged_.begin(), not_converged_.end(), 0.0);
    any_singular_ = any_not_converged_ = false;
  }

 private:
  static constexpr double least_unknown = 1e-6;  ///< for differences, where the loop is not affine

  struct Loop {
    std::size_t first_unknown, first_equation, first_entry, unknowns, equations;
    LoopCell cell;
  };
  /// An unknown of every loop, and the steps to evaluate it and to undo what the column before has changed.
  struct Column {
    std::size_t unknown;
    std::vector<LaneStep*> steps;
  };
  /// The loops of one window.
  struct Loops {
    std::vector<Loop> list;
    std::vector<LaneInstruction> guesses, equations;  ///< that write guesses, and F
    std::vector<const double*> before;                ///< per unknown: where to start
    std::vector<std::size_t> own_unknown;             ///< per equation: the torn unknown, or residual
    std::vector<Column> columns;  ///< of the Jacobian, in the order in which they are evaluated
    std::size_t most = 0;
  };

  /// Columns whose guess reaches little come first: least is then evaluated twice. `guessed`: the arrays of
  /// unknown u of every loop.
  std::vector<Column> columns(const std::vector<std::set<ArrayId>>& guessed) {
    struct Reach {
      std::size_t unknown, cells;
      std::vector<bool> operations;
    };
    std::vector<Reach> reaches;
    for (std::size_t u = 0; u < guessed.size(); ++u) reaches.push_back({u, 0, reached(guessed[u])});
    for (Reach& reach : reaches) {
      std::size_t i = 0;
      for (const auto& step : body_)
        for (const Operation* operation : step->operations())
          if (reach.operations[i++]) reach.cells += operation->mask.count();
    }
    std::stable_sort(reaches.begin(), reaches.end(),
                     [](const Reach& a, const Reach& b) { return a.cells < b.cells; });
    std::vector<Column> list;
    for (std::size_t k = 0; k < reaches.size(); ++k) {
      std::vector<bool> wanted = reaches[k].operations;
      for (std::size_t i = 0; k > 0 && i < wanted.size(); ++i)
        wanted[i] = wanted[i] || reaches[k - 1].operations[i];
      list.push_back({reaches[k].unknown, steps_for(wanted)});
    }
    return list;
  }

  /// Per operation of the body: whether guesses of these arrays reach it. Those that write what is guessed
  /// are always among them, for all guesses are set before an evaluation.
  const std::vector<bool>& reached(const std::set<ArrayId>& guessed) {
    const auto [found, is_new] = reached_.try_emplace(guessed);
    if (!is_new) return found->second;
    const std::set<ArrayId> tears(operation_.tears.begin(), operation_.tears.end());
    std::set<ArrayId> changed = guessed;
    for (const auto& step : body_)
      for (const Operation* operation : step->operations()) {
        const std::vector<Access>& reads = operation->reads;
        const std::vector<ArrayId>& writes = operation->writes;
        const bool is_reached = std::any_of(reads.begin(), reads.end(),
                                            [&](const Access& read) { return changed.contains(read.array); });
        if (is_reached) changed.insert(writes.begin(), writes.end());
        const bool writes_guess =
            std::any_of(writes.begin(), writes.end(), [&](ArrayId array) { return tears.contains(array); });
        found->second.push_back(is_reached || writes_guess);
      }
    return found->second;
  }

  const std::vector<LaneStep*>& steps_for(const std::vector<bool>& wanted) {
    const auto [found, is_new] = steps_for_.try_emplace(wanted);
    if (!is_new) return found->second;
    auto next = wanted.begin();
    for (const auto& step : body_) {
      const auto end = next + static_cast<std::ptrdiff_t>(step->operations().size());
      const std::vector<bool> own(next, end);
      next = end;
      const auto count = std::count(own.begin(), own.end(), true);
      if (count == 0) continue;
      auto part = count < std::ssize(own) ? step->part(own) : nullptr;
      found->second.push_back(part ? part.get() : step.get());
      if (part) parts_.push_back(std::move(part));
    }
    return found->second;
  }

  double* place(const LoopCell& cell) {
    Array& array = context_.arrays[cell.array];
    return array.at(cell.series, array.periods() == 1 ? 0 : cell.period);
  }

  LaneCells row(const double* values) const {
    return {values, static_cast<std::ptrdiff_t>(context_.lanes), true};
  }
  LaneInstruction copy_to(double* target) const {
    LaneInstruction copy;
    copy.cells = 1;
    copy.copy = true;
    copy.target = target;
    copy.stride = static_cast<std::ptrdiff_t>(context_.lanes);
    return copy;
  }
  LaneInstruction value_of(const double* value) const {
    LaneInstruction equation = copy_to(nullptr);
    equation.a = row(value);
    return equation;
  }

  /// Where guesses are read and F is written.
  void find_rows(Loops& loops) {
    const std::size_t lanes = context_.lanes;
    for (std::size_t u = 0; u < loops.guesses.size(); ++u) loops.guesses[u].a = row(&x_[u * lanes]);
    for (std::size_t e = 0; e < loops.equations.size(); ++e) {
      LaneInstruction& equation = loops.equations[e];
      equation.target = &f_[e * lanes];
      if (loops.own_unknown[e] == LoopBlock::residual) continue;
      equation.copy = false;
      equation.function = Function::subtract;
      equation.b = row(&x_[loops.own_unknown[e] * lanes]);
    }
  }

  /// From zero; where not affine from the year before, else from one.
  void start(const Loops& loops) {
    const std::size_t lanes = context_.lanes;
    std::fill(x_.begin(), x_.end(), operation_.affine ? 0.0 : 1.0);
    std::fill(open_.begin(), open_.end(), 1.0);
    if (any_failed_) std::fill(singular_lanes_.begin(), singular_lanes_.end(), std::uint8_t{0});
    any_failed_ = false;
    for (std::size_t u = 0; u < loops.before.size(); ++u)
      if (const double* before = loops.before[u])
        for (std::size_t lane = 0; lane < lanes; ++lane)
          if (std::isfinite(before[lane])) x_[u * lanes + lane] = before[lane];
  }

  void evaluate(const Loops& loops, const std::vector<LaneStep*>& steps, LaneWindow window) {
    run_lane_strips(loops.guesses, context_.lanes);
    for (LaneStep* step : steps) step->run(window);
    run_lane_strips(loops.equations, context_.lanes);
  }

  /// Closes the lanes that need no further step. Whether none is left.
  bool converged(const Loops& loops) {
    const std::size_t lanes = context_.lanes;
    bool all = true;
    for (std::size_t b = 0; b < loops.list.size(); ++b) {
      const Loop& loop = loops.list[b];
      double *size = &size_[b * lanes], *error = &error_[b * lanes];
      largest_lanes(&x_[loop.first_unknown * lanes], loop.unknowns, true, size, lanes);
      largest_lanes(&f_[loop.first_equation * lanes], loop.equations, false, error, lanes);
      if (close_lanes(error, size, &open_[b * lanes], lanes)) all = false;
    }
    return all;
  }

  void newton_step(const Loops& loops, LaneWindow window) {
    const std::size_t lanes = context_.lanes;
    base_ = x_;
    f0_ = f_;
    if (operation_.affine)
      for (std::size_t b = 0; b < loops.list.size(); ++b)
        largest_lanes(&f0_[loops.list[b].first_equation * lanes], loops.list[b].equations, true,
                      &reach_[b * lanes], lanes);
    const double scale = operation_.affine ? 1.0 : 1.5e-8;
    for (const auto& [u, steps] : loops.columns) {
      for (std::size_t b = 0; b < loops.list.size(); ++b)
        if (u < loops.list[b].unknowns)
          step_lanes(&x_[(loops.list[b].first_unknown + u) * lanes], &reach_[b * lanes], scale,
                     &open_[b * lanes], &delta_[b * lanes], lanes);
      evaluate(loops, steps, window);
      for (std::size_t b = 0; b < loops.list.size(); ++b) {
        const Loop& loop = loops.list[b];
        if (u >= loop.unknowns) continue;
        const std::size_t at = loop.first_equation * lanes, x = (loop.first_unknown + u) * lanes;
        slope_lanes(&f_[at], &f0_[at], &delta_[b * lanes], &jacobian_[(loop.first_entry + u) * lanes],
                    static_cast<std::ptrdiff_t>(loop.unknowns * lanes), loop.equations, lanes);
        copy_lanes(&base_[x], &x_[x], lanes);
      }
    }
    for (std::size_t b = 0; b < loops.list.size(); ++b) update(loops.list[b], b);
  }

  /// All lanes at once; those in which the pivots are small each by itself, with pivots sought.
  void update(const Loop& loop, std::size_t b) {
    const std::size_t lanes = context_.lanes;
    double* const open = &open_[b * lanes];
    if (loop.equations == loop.unknowns)
      eliminate_lanes(loop.unknowns, &jacobian_[loop.first_entry * lanes], &f0_[loop.first_equation * lanes],
                      solution_.data(), scratch_.data(), solved_.data(), lanes);
    else
      std::fill(solved_.begin(), solved_.end(), 0.0);
    if (add_solved_lanes(loop.unknowns, solution_.data(), open, solved_.data(),
                         &x_[loop.first_unknown * lanes], lanes))
      return;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      if (open[lane] == 0 || solved_[lane] != 0 || update_lane(loop, lane)) continue;
      open[lane] = 0;
      singular_lanes_[b * lanes + lane] = any_failed_ = true;
    }
  }

  /// False if its equations are singular.
  bool update_lane(const Loop& loop, std::size_t lane) {
    const std::size_t lanes = context_.lanes, n = loop.unknowns;
    if (loop.equations != n) return false;
    for (std::size_t i = 0; i < n * n; ++i) matrix_[i] = jacobian_[(loop.first_entry + i) * lanes + lane];
    for (std::size_t i = 0; i < n; ++i) right_[i] = -f0_[(loop.first_equation + i) * lanes + lane];
    if (n == 1) {
      if (!std::isfinite(matrix_[0]) || matrix_[0] == 0) return false;
      right_[0] /= matrix_[0];
    } else if (!solve_in_place(n, matrix_.data(), right_.data(), columns_.data(), scales_.data())) {
      return false;
    }
    for (std::size_t i = 0; i < n; ++i) x_[(loop.first_unknown + i) * lanes + lane] += right_[i];
    return true;
  }

  bool note_failures(const Loops& loops) {
    bool any = false;
    const std::size_t lanes = context_.lanes;
    const double bound = operation_.affine ? 1e-9 : 1e-10;
    for (std::size_t b = 0; b < loops.list.size(); ++b)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t at = b * lanes + lane;
        const bool is_singular = singular_lanes_[at];
        const bool good = error_[at] == 0 || error_[at] <= bound * std::max(size_[at], 1e-300);
        if (!is_singular && (open_[at] == 0 || good)) continue;
        const Loop& loop = loops.list[b];
        any = true;
        // Without finite numbers to begin with an affine loop is not what failed.
        if (!operation_.affine || std::isfinite(error_[at])) {
          (is_singular ? singular_ : not_converged_)[lane] = 1;
          bool& known = is_singular ? any_singular_ : any_not_converged_;
          if (!known)
            (is_singular ? first_singular_ : first_not_converged_) = {loop.cell.array, loop.cell.series,
                                                                      loop.cell.period};
          known = true;
        }
        for (std::size_t u = loop.first_unknown; u < loop.first_unknown + loop.unknowns; ++u)
          x_[u * lanes + lane] = std::numeric_limits<double>::quiet_NaN();
      }
    return any;
  }

  LaneContext& context_;
  std::vector<std::unique_ptr<LaneStep>> body_, parts_;
  std::vector<LaneStep*> all_;  ///< of the body
  std::map<std::set<ArrayId>, std::vector<bool>> reached_;
  std::map<std::vector<bool>, std::vector<LaneStep*>> steps_for_;
  const bool by_period_;
  std::vector<Loops> loops_;  ///< one, or one per period
  std::size_t most_ = 0;
  AlignedVector<double> x_, base_, f_, f0_, jacobian_, solution_, scratch_, solved_;
  AlignedVector<double> delta_, error_, size_;   ///< [block][lane]
  AlignedVector<double> open_;                   ///< [block][lane]: 1 where unknowns still move, else 0
  AlignedVector<double> reach_;                  ///< [block][lane]: no step is smaller: the largest |F|
  std::vector<std::uint8_t> singular_lanes_;     ///< [block][lane]: whose equations determine nothing
  std::vector<double> matrix_, right_, scales_;  ///< of a lane
  std::vector<std::size_t> columns_;
  AlignedVector<double> singular_, not_converged_;
  LaneCell first_singular_{}, first_not_converged_{};
  bool any_singular_ = false, any_not_converged_ = false;
  bool any_failed_ = false;  ///< in the window
};

}  // namespace

std::unique_ptr<LaneStep> make_lane_solve(LaneContext& context, const Operation& operation,
                                          std::vector<std::unique_ptr<LaneStep>> body, bool by_period) {
  return std::make_unique<LaneSolve>(context, operation, std::move(body), by_period);
}

}  // namespace lode
