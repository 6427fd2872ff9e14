// SPDX-License-Identifier: Apache-2.0
//
// Loops within a year, each lane by itself, as in solve.cpp: the loop's cells and equations are found once.
// A lane that has converged keeps its unknowns while others go on.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "lode/engine/inputs.hpp"
#include "lode/engine/lanes.hpp"
#include "lode/engine/loop_blocks.hpp"
#include "lode/kernels/lane_newton.hpp"

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
    const std::size_t periods = context.dims().periods();
    std::size_t unknowns = 0, equations = 0, entries = 0, blocks = 0;
    for (std::size_t p = 0; p < (by_period ? periods : 1); ++p) {
      Loops loops;
      std::size_t own_unknowns = 0, own_equations = 0, own_entries = 0;
      for (const LoopBlock& block :
           loop_blocks(context.plan, operation, by_period ? p : 0, by_period ? p + 1 : periods)) {
        Loop loop{own_unknowns,
                  own_equations,
                  own_entries,
                  block.unknowns.size(),
                  block.equations.size(),
                  block.unknowns.empty() ? block.equations.front() : block.unknowns.front()};
        for (const LoopCell& cell : block.unknowns) {
          loops.unknowns.push_back(place(cell));
          const Array& array = context.arrays[cell.array];
          loops.before.push_back(!operation.affine && cell.period > 0 && array.periods() > 1
                                     ? array.at(cell.series, cell.period - 1)
                                     : nullptr);
        }
        for (std::size_t e = 0; e < block.equations.size(); ++e) {
          loops.equations.push_back(place(block.equations[e]));
          loops.own_unknown.push_back(block.equation_unknown[e] == LoopBlock::residual
                                          ? LoopBlock::residual
                                          : own_unknowns + block.equation_unknown[e]);
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
      loops_.push_back(std::move(loops));
    }
    const std::size_t lanes = context.lanes;
    x_.resize(unknowns * lanes);
    base_.resize(unknowns * lanes);
    f_.resize(equations * lanes);
    f0_.resize(equations * lanes);
    jacobian_.resize(entries * lanes);
    delta_.resize(blocks * lanes);
    state_.resize(blocks * lanes);
    error_.resize(blocks * lanes);
    size_.resize(blocks * lanes);
    reach_.resize(blocks * lanes);
    solution_.resize(most_ * lanes);
    scratch_.resize(most_ * most_ * lanes);
    solved_.resize(lanes);
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
      evaluate(loops, window, f_);
      settled = converged(loops, step);
      if (settled) break;
      newton_step(loops, window);
    }
    if (!settled) {
      evaluate(loops, window, f_);
      converged(loops, limit);
    }
    // What was not found is no number, nor is what follows from it.
    if (note_failures(loops)) evaluate(loops, window, f_);
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
  enum State : std::uint8_t { open, done, failed };
  struct Loop {
    std::size_t first_unknown, first_equation, first_entry, unknowns, equations;
    LoopCell cell;
  };
  /// The loops of one window.
  struct Loops {
    std::vector<Loop> list;
    std::vector<double*> unknowns;
    std::vector<const double*> equations, before;
    std::vector<std::size_t> own_unknown;  ///< per equation: the torn unknown, or residual
    std::size_t most = 0;
  };

  double* place(const LoopCell& cell) {
    Array& array = context_.arrays[cell.array];
    return array.at(cell.series, array.periods() == 1 ? 0 : cell.period);
  }

  /// From zero; where not affine from the year before, else from one.
  void start(const Loops& loops) {
    const std::size_t lanes = context_.lanes;
    std::fill(x_.begin(), x_.end(), operation_.affine ? 0.0 : 1.0);
    std::fill(state_.begin(), state_.end(), std::uint8_t{open});
    for (std::size_t u = 0; u < loops.unknowns.size(); ++u)
      if (const double* before = loops.before[u])
        for (std::size_t lane = 0; lane < lanes; ++lane)
          if (std::isfinite(before[lane])) x_[u * lanes + lane] = before[lane];
  }

  void evaluate(const Loops& loops, LaneWindow window, std::vector<double>& f) {
    const std::size_t lanes = context_.lanes;
    for (std::size_t u = 0; u < loops.unknowns.size(); ++u)
      copy_lanes(&x_[u * lanes], loops.unknowns[u], lanes);
    for (const auto& step : body_) step->run(window);
    for (std::size_t e = 0; e < loops.equations.size(); ++e) {
      const double* value = loops.equations[e];
      double* to = &f[e * lanes];
      if (loops.own_unknown[e] == LoopBlock::residual) {
        copy_lanes(value, to, lanes);
        continue;
      }
      const double* x = &x_[loops.own_unknown[e] * lanes];
      for (std::size_t lane = 0; lane < lanes; ++lane) to[lane] = value[lane] - x[lane];
    }
  }

  /// Marks the lanes that need no further step; the first is always taken, for zero may solve a homogeneous
  /// loop by luck.
  bool converged(const Loops& loops, int step) {
    const std::size_t lanes = context_.lanes;
    bool all = true;
    for (std::size_t b = 0; b < loops.list.size(); ++b) {
      const Loop& loop = loops.list[b];
      double* size = &size_[b * lanes];
      double* error = &error_[b * lanes];
      largest_lanes(&x_[loop.first_unknown * lanes], loop.unknowns, true, size, lanes);
      largest_lanes(&f_[loop.first_equation * lanes], loop.equations, false, error, lanes);
      std::uint8_t* state = &state_[b * lanes];
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        if (state[lane] == open && step > 0 && error[lane] <= 1e-12 * size[lane]) state[lane] = done;
        all = all && state[lane] != open;
      }
    }
    return all;
  }

  void newton_step(const Loops& loops, LaneWindow window) {
    const std::size_t lanes = context_.lanes;
    base_.swap(x_);
    f0_.swap(f_);
    if (operation_.affine)
      for (std::size_t b = 0; b < loops.list.size(); ++b)
        largest_lanes(&f0_[loops.list[b].first_equation * lanes], loops.list[b].equations, true,
                      &reach_[b * lanes], lanes);
    for (std::size_t u = 0; u < loops.most; ++u) {
      std::copy(base_.begin(), base_.end(), x_.begin());
      for (std::size_t b = 0; b < loops.list.size(); ++b) {
        const Loop& loop = loops.list[b];
        if (u >= loop.unknowns) continue;
        double* x = &x_[(loop.first_unknown + u) * lanes];
        double* delta = &delta_[b * lanes];
        if (operation_.affine)
          power_of_two_lanes(x, &reach_[b * lanes], delta, lanes);
        else
          for (std::size_t lane = 0; lane < lanes; ++lane)
            delta[lane] = power_of_two_near(std::max(std::abs(x[lane]), 1e-6) * 1.5e-8);
        for (std::size_t lane = 0; lane < lanes; ++lane)
          x[lane] = state_[b * lanes + lane] == open ? x[lane] + delta[lane] : x[lane];
      }
      evaluate(loops, window, f_);
      for (std::size_t b = 0; b < loops.list.size(); ++b) {
        const Loop& loop = loops.list[b];
        if (u >= loop.unknowns) continue;
        for (std::size_t e = 0; e < loop.equations; ++e) {
          double* to = &jacobian_[(loop.first_entry + e * loop.unknowns + u) * lanes];
          const std::size_t at = (loop.first_equation + e) * lanes;
          slope_lanes(&f_[at], &f0_[at], &delta_[b * lanes], to, lanes);
        }
      }
    }
    std::copy(base_.begin(), base_.end(), x_.begin());
    for (std::size_t b = 0; b < loops.list.size(); ++b) update(loops.list[b], b);
  }

  /// All lanes at once; those in which the pivots are small each by itself, with pivots sought.
  void update(const Loop& loop, std::size_t b) {
    const std::size_t lanes = context_.lanes;
    const std::uint8_t* state = &state_[b * lanes];
    std::fill(solved_.begin(), solved_.end(), std::uint8_t{0});
    if (loop.equations == loop.unknowns)
      eliminate_lanes(loop.unknowns, &jacobian_[loop.first_entry * lanes], &f0_[loop.first_equation * lanes],
                      solution_.data(), scratch_.data(), solved_.data(), lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane)
      if (state[lane] == open && !solved_[lane]) update(loop, b, lane);
    for (std::size_t u = 0; u < loop.unknowns; ++u) {
      double* x = &x_[(loop.first_unknown + u) * lanes];
      for (std::size_t lane = 0; lane < lanes; ++lane)
        x[lane] = state[lane] == open && solved_[lane] ? x[lane] + solution_[u * lanes + lane] : x[lane];
    }
  }

  void update(const Loop& loop, std::size_t b, std::size_t lane) {
    const std::size_t lanes = context_.lanes, n = loop.unknowns;
    std::uint8_t& state = state_[b * lanes + lane];
    if (loop.equations != n) {
      state = failed;
      return;
    }
    for (std::size_t i = 0; i < n * n; ++i) matrix_[i] = jacobian_[(loop.first_entry + i) * lanes + lane];
    for (std::size_t i = 0; i < n; ++i) right_[i] = -f0_[(loop.first_equation + i) * lanes + lane];
    if (n == 1) {
      if (!std::isfinite(matrix_[0]) || matrix_[0] == 0) {
        state = failed;
        return;
      }
      right_[0] /= matrix_[0];
    } else if (!solve_in_place(n, matrix_.data(), right_.data(), columns_.data(), scales_.data())) {
      state = failed;
      return;
    }
    for (std::size_t i = 0; i < n; ++i) x_[(loop.first_unknown + i) * lanes + lane] += right_[i];
  }

  bool note_failures(const Loops& loops) {
    bool any = false;
    const std::size_t lanes = context_.lanes;
    const double bound = operation_.affine ? 1e-9 : 1e-10;
    for (std::size_t b = 0; b < loops.list.size(); ++b)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t at = b * lanes + lane;
        if (state_[at] == done) continue;
        const bool good = error_[at] == 0 || error_[at] <= bound * std::max(size_[at], 1e-300);
        if (state_[at] != failed && good) continue;
        const Loop& loop = loops.list[b];
        any = true;
        // Without finite numbers to begin with an affine loop is not what failed.
        if (!operation_.affine || std::isfinite(error_[at])) {
          const bool is_singular = state_[at] == failed;
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
  std::vector<std::unique_ptr<LaneStep>> body_;
  const bool by_period_;
  std::vector<Loops> loops_;  ///< one, or one per period
  std::size_t most_ = 0;
  std::vector<double> x_, base_, f_, f0_, jacobian_, delta_, error_, size_;
  std::vector<double> reach_;  ///< per block and lane: the largest |F|
  std::vector<double> solution_, scratch_;
  std::vector<std::uint8_t> state_, solved_;
  std::vector<double> matrix_, right_, scales_;
  std::vector<std::size_t> columns_;
  std::vector<double> singular_, not_converged_;
  LaneCell first_singular_{}, first_not_converged_{};
  bool any_singular_ = false, any_not_converged_ = false;
};

}  // namespace

std::unique_ptr<LaneStep> make_lane_solve(LaneContext& context, const Operation& operation,
                                          std::vector<std::unique_ptr<LaneStep>> body, bool by_period) {
  return std::make_unique<LaneSolve>(context, operation, std::move(body), by_period);
}

}  // namespace lode
