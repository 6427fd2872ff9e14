// SPDX-License-Identifier: Apache-2.0
//
// Loops within a year. Unknown are the cells x of the torn arrays; F(x) = g(x) − x for a torn equation, or
// the residual of a balance or relation for unknown flows. The Jacobian is taken by differences of F, all
// independent cells (other years, labels that never mix, lanes) at once; an affine loop is exact after one
// step and a second one removes rounding. Newton stops at |F| ≤ 1e-12 of the size of x or after 60 steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/arrays/align.hpp"
#include "lode/engine/evaluation.hpp"
#include "lode/engine/loop_blocks.hpp"
#include "lode/kernels/linear.hpp"

namespace lode {

namespace {

/// A cell in a lane.
struct CellRef {
  ArrayId array;
  std::size_t series, period, lane;
};

/// A block in a lane.
struct Block {
  std::vector<CellRef> unknowns, equations;
  std::vector<std::size_t> equation_unknown;
};

constexpr std::size_t none = LoopBlock::residual;

}  // namespace

std::vector<LoopBlock> loop_blocks(const Plan& plan, const Operation& operation, std::size_t first,
                                   std::size_t last) {
  const Dimensions& dims = plan.model->dimensions;
  // Axes along which labels never mix: in every array of the loop, and every read keeps the label.
  std::vector<DimensionId> parallel;
  if (!operation.tears.empty()) parallel = plan.arrays[operation.tears[0]].dims.labels;
  std::vector<ArrayId> inside = operation.writes;
  inside.insert(inside.end(), operation.tears.begin(), operation.tears.end());
  inside.insert(inside.end(), operation.residuals.begin(), operation.residuals.end());
  for (const ArrayId array : inside)
    std::erase_if(parallel, [&](DimensionId id) { return !plan.arrays[array].dims.has(id); });
  const auto label_of = [&](ArrayId array, std::size_t series, DimensionId axis) {
    const auto& set = plan.arrays[array].dims;
    const auto index = set.unravel(series, dims);
    for (std::size_t k = 0; k < set.labels.size(); ++k)
      if (set.labels[k] == axis) return index[k];
    return std::size_t{0};
  };
  for (const Operation& inner : operation.body) {
    if (parallel.empty()) break;
    if (inner.kind == Operation::Kind::cohort || inner.kind == Operation::Kind::cohort_results ||
        inner.kind == Operation::Kind::accumulate)
      continue;
    for (std::size_t r = 0; r < inner.reads.size(); ++r) {
      if (std::find(inside.begin(), inside.end(), inner.reads[r].array) == inside.end()) continue;
      std::erase_if(parallel, [&](DimensionId axis) {
        for (const Run& run : inner.runs) {
          const std::size_t own = label_of(inner.writes[0], run.series, axis);
          if (inner.kind == Operation::Kind::reduce) {
            for (const std::int32_t from : inner.sources[run.series])
              if (label_of(inner.reads[r].array, static_cast<std::size_t>(from), axis) != own) return true;
          } else {
            const std::int32_t from = inner.reads[r].series.empty() ? static_cast<std::int32_t>(run.series)
                                                                    : inner.reads[r].series[run.series];
            if (from >= 0 && label_of(inner.reads[r].array, static_cast<std::size_t>(from), axis) != own)
              return true;
          }
        }
        return false;
      });
    }
  }

  using Key = std::vector<std::size_t>;
  std::map<Key, LoopBlock> blocks;
  const auto key_of = [&](const LoopCell& cell) {
    Key key{plan.arrays[cell.array].dims.time ? cell.period : 0};
    for (const DimensionId axis : parallel) key.push_back(label_of(cell.array, cell.series, axis));
    return key;
  };
  const auto each_cell = [&](ArrayId array, const Mask* mask, const std::function<void(const LoopCell&)>& f) {
    const bool timed = plan.arrays[array].dims.time;
    for (std::size_t s = 0; s < plan.arrays[array].series; ++s)
      for (std::size_t p = timed ? first : 0; p < (timed ? last : 1); ++p) {
        if (mask && !mask->at(s, p)) continue;
        f({array, s, p});
      }
  };
  for (std::size_t t = 0; t < operation.tears.size(); ++t) {
    const std::size_t by = operation.tear_operations[t];
    const Mask* mask = by == none ? nullptr : &operation.body[by].mask;
    each_cell(operation.tears[t], mask, [&](const LoopCell& cell) {
      LoopBlock& block = blocks[key_of(cell)];
      if (by != none) {
        block.equations.push_back(cell);
        block.equation_unknown.push_back(block.unknowns.size());
      }
      block.unknowns.push_back(cell);
    });
  }
  for (std::size_t r = 0; r < operation.residuals.size(); ++r)
    each_cell(operation.residuals[r], &operation.residual_masks[r], [&](const LoopCell& cell) {
      LoopBlock& block = blocks[key_of(cell)];
      block.equations.push_back(cell);
      block.equation_unknown.push_back(LoopBlock::residual);
    });
  std::vector<LoopBlock> list;
  for (auto& [key, block] : blocks) list.push_back(std::move(block));
  return list;
}

void Evaluation::run_solve(const Operation& operation, Window window) {
  const Dimensions& dims = plan_.model->dimensions;
  const std::size_t lanes = [&] {
    std::size_t widest = 1;
    for (const ArrayId array : operation.tears) widest = std::max(widest, arrays_[array].lanes());
    return widest;
  }();
  const bool outer_quiet = quiet_;

  std::vector<Block> blocks;
  for (const LoopBlock& block : loop_blocks(plan_, operation, window.first, window.last))
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      Block& own = blocks.emplace_back();
      for (const LoopCell& cell : block.unknowns)
        own.unknowns.push_back({cell.array, cell.series, cell.period, lane});
      for (const LoopCell& cell : block.equations)
        own.equations.push_back({cell.array, cell.series, cell.period, lane});
      own.equation_unknown = block.equation_unknown;
    }

  std::vector<Block*> list;
  std::size_t most = 0;
  for (Block& block : blocks) {
    list.push_back(&block);
    most = std::max(most, block.unknowns.size());
  }
  const auto cell_value = [&](const CellRef& cell) -> double& {
    Array& array = arrays_[cell.array];
    return array.at(cell.series, array.periods() == 1 ? 0 : cell.period)[array.lanes() == 1 ? 0 : cell.lane];
  };
  std::vector<std::vector<double>> x(list.size()), f(list.size()), scale(list.size());
  // Start from the year before, else from zero.
  for (std::size_t b = 0; b < list.size(); ++b) {
    x[b].resize(list[b]->unknowns.size(), 0.0);
    if (!operation.affine)
      for (std::size_t i = 0; i < x[b].size(); ++i) {
        const CellRef& cell = list[b]->unknowns[i];
        const Array& array = arrays_[cell.array];
        x[b][i] = 1.0;
        if (cell.period > 0 && array.periods() > 1) {
          const double before = array.value(cell.series, cell.period - 1, cell.lane);
          if (std::isfinite(before)) x[b][i] = before;
        }
      }
  }
  const auto evaluate = [&](std::vector<std::vector<double>>& result) {
    for (std::size_t b = 0; b < list.size(); ++b)
      for (std::size_t i = 0; i < x[b].size(); ++i) cell_value(list[b]->unknowns[i]) = x[b][i];
    for (const Operation& inner : operation.body) run_operation(inner, window);
    for (std::size_t b = 0; b < list.size(); ++b) {
      result[b].resize(list[b]->equations.size());
      for (std::size_t i = 0; i < result[b].size(); ++i) {
        const double value = cell_value(list[b]->equations[i]);
        const std::size_t unknown = list[b]->equation_unknown[i];
        result[b][i] = unknown == none ? value : value - x[b][unknown];
      }
    }
  };
  quiet_ = true;
  std::vector<bool> done(list.size(), false);
  std::vector<std::string> failures(list.size());
  const int limit = operation.affine ? 4 : 60;
  for (int step = 0; step < limit; ++step) {
    evaluate(f);
    bool open = false;
    for (std::size_t b = 0; b < list.size(); ++b) {
      if (done[b]) continue;
      double size = 0, error = 0;
      bool finite = true;
      for (const double v : x[b]) size = std::max(size, std::abs(v));
      for (const double v : f[b]) {
        error = std::max(error, std::abs(v));
        finite = finite && std::isfinite(v);
      }
      if (finite && step > 0 && error <= 1e-12 * size) {
        done[b] = true;
      } else {
        // In the first step too: zero may solve a homogeneous loop by luck, and the Jacobian must be regular.
        open = true;
      }
    }
    if (!open) break;
    // Jacobian by differences, one unknown of every block at a time.
    const auto base = x;
    const auto f0 = f;
    std::vector<std::vector<double>> jacobian(list.size());
    for (std::size_t b = 0; b < list.size(); ++b)
      jacobian[b].assign(list[b]->equations.size() * x[b].size(), 0.0);
    std::vector<double> delta(list.size(), 1.0);
    for (std::size_t u = 0; u < most; ++u) {
      x = base;
      for (std::size_t b = 0; b < list.size(); ++b) {
        if (u >= x[b].size() || done[b]) continue;
        double size = std::abs(base[b][u]);
        if (operation.affine) {
          for (const double v : f0[b])
            if (std::isfinite(v)) size = std::max(size, std::abs(v));
          // A power of two: adding it to zero and taking it off again is exact.
          delta[b] = size > 0 ? std::exp2(std::round(std::log2(size))) : 1.0;
        } else {
          delta[b] = std::exp2(std::round(std::log2(std::max(size, 1e-6) * 1.5e-8)));
        }
        x[b][u] += delta[b];
      }
      evaluate(f);
      for (std::size_t b = 0; b < list.size(); ++b)
        if (u < base[b].size() && !done[b])
          for (std::size_t e = 0; e < f[b].size(); ++e)
            jacobian[b][e * base[b].size() + u] = (f[b][e] - f0[b][e]) / delta[b];
    }
    x = base;
    for (std::size_t b = 0; b < list.size(); ++b) {
      if (done[b]) continue;
      const std::size_t n = x[b].size();
      if (list[b]->equations.size() != n) {
        failures[b] = fmt::format("{} unknowns, {} equations", n, list[b]->equations.size());
        done[b] = true;
        continue;
      }
      std::vector<double> right(n);
      for (std::size_t i = 0; i < n; ++i) right[i] = -f0[b][i];
      const LinearSolution solution = solve_dense(n, jacobian[b], right);
      if (solution.singular) {
        std::vector<std::string> names;
        for (const std::size_t i : solution.undetermined) {
          const CellRef& cell = list[b]->unknowns[i];
          names.push_back(plan_.arrays[cell.array].name +
                          cell_name(plan_.arrays[cell.array].dims, cell.series, cell.period, dims));
        }
        failures[b] = fmt::format("the equations do not determine {}", fmt::join(names, ", "));
        done[b] = true;
        continue;
      }
      for (std::size_t i = 0; i < n; ++i) x[b][i] += solution.x[i];
    }
  }
  quiet_ = outer_quiet;
  evaluate(f);
  for (std::size_t b = 0; b < list.size(); ++b) {
    double size = 0, error = 0;
    for (const double v : x[b]) size = std::max(size, std::abs(v));
    bool finite = true;
    for (const double v : f[b]) {
      finite = finite && std::isfinite(v);
      error = std::max(error, std::abs(v));
    }
    const double bound = operation.affine ? 1e-9 : 1e-10;
    if (failures[b].empty() && finite && error <= bound * std::max(size, 1e-300)) continue;
    if (failures[b].empty() && finite && error == 0) continue;
    Event event;
    event.kind = failures[b].empty() ? Event::Kind::not_converged : Event::Kind::singular;
    event.what = operation.label;
    const CellRef& cell = list[b]->unknowns[0];
    event.cell = cell_name(plan_.arrays[cell.array].dims, cell.series, cell.period, dims);
    event.value = error;
    event.where = operation.where;
    event.detail = failures[b];
    report(std::move(event));
  }
}

}  // namespace lode
