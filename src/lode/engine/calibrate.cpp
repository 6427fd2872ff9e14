// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lode/kernels/least_squares.hpp"

namespace lode {

namespace {

constexpr double met = 1e-9;  // of the relation's size: what counts as solved

struct Cell {
  std::size_t of;  // which parameter of the search, or which relation
  std::size_t series, period;
};

/// Unknowns and equations of one group of labels.
struct Group {
  std::vector<Cell> unknowns;
  std::vector<Cell> equations;
  std::vector<double> weight;  // per equation
  std::string name;
};

/// One search: the parameters of one entry, or of several that depend on each other.
class Search {
 public:
  Search(Evaluation& evaluation, const std::vector<std::size_t>& solves)
      : evaluation_(evaluation), model_(*evaluation.plan().model) {
    std::vector<std::size_t> leaves, sides;
    for (const std::size_t solve : solves) {
      const BoundSolve& each = model_.solves[solve];
      relations_.push_back(&each);
      sides.insert(sides.end(), {each.left, each.right});
      Calibration& result = results_.emplace_back();
      result.solve = solve;
      for (const BoundSolve::Unknown& unknown : each.find) {
        unknowns_.push_back(unknown);
        leaves.push_back(unknown.leaf);
        found_.push_back(evaluation.leaf(unknown.leaf));
        error_.emplace_back(found_.back().series(), found_.back().periods());
      }
    }
    operations_ = evaluation.affected_by(leaves, sides);
  }

  std::vector<Calibration> run();

 private:
  const DimSet& relation_dims(std::size_t of) const { return model_.quantities[relations_[of]->left].dims; }
  double left(const Cell& cell) const {
    return evaluation_.quantity(relations_[cell.of]->left).value(cell.series, cell.period);
  }
  double right(const Cell& cell) const {
    return evaluation_.quantity(relations_[cell.of]->right).value(cell.series, cell.period);
  }
  void evaluate() {
    for (std::size_t k = 0; k < unknowns_.size(); ++k) evaluation_.set_leaf(unknowns_[k].leaf, found_[k]);
    evaluation_.run_again(operations_);
  }
  void make_groups(const std::vector<DimensionId>& axes);
  bool groups_mix();
  void set_weights();
  std::vector<LeastSquaresProblem> problems() const;
  void search(std::vector<LeastSquaresProblem>& problems);
  void try_other_beginnings(std::vector<LeastSquaresProblem>& problems);
  double misfit(const LeastSquaresProblem& problem) const {
    double worst = 0;
    for (const double r : problem.r) worst = std::max(worst, std::isfinite(r) ? std::abs(r) : 1e300);
    return worst;
  }
  void tell(const std::vector<LeastSquaresProblem>& problems);
  std::string unknown_name(const Cell& cell) const {
    const Leaf& leaf = model_.leaves[unknowns_[cell.of].leaf];
    return "`" + leaf.name + cell_name(leaf.dims, cell.series, cell.period, model_.dimensions) + "`";
  }

  Evaluation& evaluation_;
  const BoundModel& model_;
  std::vector<const BoundSolve*> relations_;
  std::vector<BoundSolve::Unknown> unknowns_;
  std::vector<Array> found_, error_;
  std::vector<bool> operations_;
  std::vector<Group> groups_;
  std::vector<Calibration> results_;
};

void Search::make_groups(const std::vector<DimensionId>& axes) {
  std::map<std::vector<std::size_t>, Group> groups;
  const auto group_of = [&](const DimSet& dims, std::size_t series) -> Group& {
    const auto index = dims.unravel(series, model_.dimensions);
    std::vector<std::size_t> key;
    std::string name;
    for (std::size_t k = 0; k < index.size(); ++k)
      if (std::find(axes.begin(), axes.end(), dims.labels[k]) != axes.end()) {
        key.push_back(index[k]);
        name += (name.empty() ? "" : ", ") + model_.dimensions[dims.labels[k]].labels[index[k]];
      }
    Group& group = groups[key];
    if (!name.empty()) group.name = "[" + name + "]";
    return group;
  };
  for (std::size_t k = 0; k < unknowns_.size(); ++k) {
    const Leaf& leaf = model_.leaves[unknowns_[k].leaf];
    for (std::size_t s = 0; s < leaf.defined.series(); ++s)
      for (std::size_t p = model_.dimensions.first_period(leaf.dims.time); p < leaf.defined.periods(); ++p)
        if (leaf.defined.at(s, p)) group_of(leaf.dims, s).unknowns.push_back({k, s, p});
  }
  for (std::size_t k = 0; k < relations_.size(); ++k) {
    const Mask& cells = *model_.quantities[relations_[k]->left].pieces.front().mask;
    for (std::size_t s = 0; s < cells.series(); ++s)
      for (std::size_t p = 0; p < cells.periods(); ++p)
        if (cells.at(s, p) && std::isfinite(right({k, s, p})))
          group_of(relation_dims(k), s).equations.push_back({k, s, p});
  }
  groups_.clear();
  for (auto& [key, group] : groups)
    if (!group.unknowns.empty()) groups_.push_back(std::move(group));
}

/// Whether a parameter of one group moves the relation of another.
bool Search::groups_mix() {
  std::vector<std::vector<double>> before;
  for (const Group& group : groups_) {
    auto& values = before.emplace_back();
    for (const Cell& cell : group.equations) values.push_back(left(cell) - right(cell));
  }
  // Any two groups differ in a digit of their numbers: those with the one digit are moved, the others
  // watched.
  bool mix = false;
  for (std::size_t digit = 1; digit < groups_.size() && !mix; digit *= 2)
    for (const bool moves_with : {true, false}) {
      const auto moves = [&](std::size_t g) { return ((g / digit) % 2 == 1) == moves_with; };
      const auto kept = found_;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        if (!moves(g)) continue;
        for (const Cell& cell : groups_[g].unknowns) {
          double& value = *found_[cell.of].at(cell.series, cell.period);
          value += value != 0 ? 1e-3 * value : 1e-3;
        }
      }
      evaluate();
      for (std::size_t g = 0; g < groups_.size() && !mix; ++g) {
        if (moves(g)) continue;
        for (std::size_t i = 0; i < before[g].size(); ++i) {
          const Cell& cell = groups_[g].equations[i];
          const double now = left(cell) - right(cell);
          if (now != before[g][i] && !(std::isnan(now) && std::isnan(before[g][i]))) mix = true;
        }
      }
      found_ = kept;
    }
  evaluate();
  return mix;
}

void Search::set_weights() {
  for (Group& group : groups_) {
    std::vector<double> size(relations_.size(), 0.0);
    for (const Cell& cell : group.equations) size[cell.of] = std::max(size[cell.of], std::abs(right(cell)));
    group.weight.clear();
    for (const Cell& cell : group.equations) {
      const double own = relations_[cell.of]->declaration->relative ? std::abs(right(cell)) : size[cell.of];
      group.weight.push_back(own > 0 ? 1 / own : size[cell.of] > 0 ? 1 / size[cell.of] : 1);
    }
  }
}

std::vector<LeastSquaresProblem> Search::problems() const {
  std::vector<LeastSquaresProblem> list;
  for (const Group& group : groups_) {
    LeastSquaresProblem& problem = list.emplace_back();
    for (const Cell& cell : group.unknowns) {
      problem.x.push_back(found_[cell.of].value(cell.series, cell.period));
      problem.low.push_back(unknowns_[cell.of].low);
      problem.high.push_back(unknowns_[cell.of].high);
    }
  }
  return list;
}

void Search::search(std::vector<LeastSquaresProblem>& list) {
  const auto set = [&](const std::vector<LeastSquaresProblem>& all) {
    for (std::size_t g = 0; g < all.size(); ++g)
      for (std::size_t j = 0; j < all[g].x.size(); ++j) {
        const Cell& cell = groups_[g].unknowns[j];
        *found_[cell.of].at(cell.series, cell.period) = all[g].x[j];
      }
    evaluate();
  };
  solve_least_squares(list, [&](std::vector<LeastSquaresProblem>& all) {
    set(all);
    for (std::size_t g = 0; g < all.size(); ++g) {
      const Group& group = groups_[g];
      all[g].r.resize(group.equations.size());
      for (std::size_t i = 0; i < group.equations.size(); ++i)
        all[g].r[i] = (left(group.equations[i]) - right(group.equations[i])) * group.weight[i];
    }
  });
  set(list);
}

/// Where a relation that can be met was not, begin elsewhere in the range: points of a Kronecker sequence.
void Search::try_other_beginnings(std::vector<LeastSquaresProblem>& list) {
  const auto open = [&](std::size_t g) {
    const LeastSquaresProblem& p = list[g];
    const bool ranged = std::all_of(p.low.begin(), p.low.end(), [](double v) { return std::isfinite(v); }) &&
                        std::all_of(p.high.begin(), p.high.end(), [](double v) { return std::isfinite(v); });
    return ranged && groups_[g].equations.size() == p.x.size() && misfit(p) > met;
  };
  for (int attempt = 1; attempt <= 12; ++attempt) {
    auto again = problems();
    bool any = false;
    for (std::size_t g = 0; g < again.size(); ++g) {
      again[g].x = list[g].x;
      if (!open(g)) continue;
      any = true;
      for (std::size_t j = 0; j < again[g].x.size(); ++j) {
        const double place = std::fmod(attempt * std::sqrt(2.0 + static_cast<double>(j) * 1.7), 1.0);
        again[g].x[j] = again[g].low[j] + place * (again[g].high[j] - again[g].low[j]);
      }
    }
    if (!any) return;
    search(again);
    for (std::size_t g = 0; g < list.size(); ++g)
      if (again[g].sum < list[g].sum) list[g] = again[g];
  }
}

void Search::tell(const std::vector<LeastSquaresProblem>& list) {
  using Kind = Calibration::Problem::Kind;
  std::vector<double> sum(relations_.size(), 0.0);
  for (std::size_t g = 0; g < list.size(); ++g) {
    const Group& group = groups_[g];
    const LeastSquaresProblem& problem = list[g];
    for (std::size_t j = 0; j < problem.x.size(); ++j) {
      const Cell& cell = group.unknowns[j];
      *found_[cell.of].at(cell.series, cell.period) = problem.x[j];
      if (!problem.error.empty()) *error_[cell.of].at(cell.series, cell.period) = problem.error[j];
    }
  }
  evaluate();
  for (std::size_t g = 0; g < list.size(); ++g) {
    const Group& group = groups_[g];
    const LeastSquaresProblem& problem = list[g];
    const bool exact = group.equations.size() == group.unknowns.size();
    const std::size_t at = group.equations.front().of;
    for (const Cell& cell : group.equations) {
      const double difference = left(cell) - right(cell);
      sum[cell.of] += difference * difference;
    }
    if (exact && misfit(problem) > met) {
      const Cell& cell = group.equations.front();
      const double scale = unit_of_cell(model_.quantities[relations_[cell.of]->left].unit,
                                        relation_dims(cell.of), cell.series, model_.dimensions)
                               .scale();
      std::string nearest;
      for (std::size_t j = 0; j < problem.x.size(); ++j) {
        const Leaf& leaf = model_.leaves[unknowns_[group.unknowns[j].of].leaf];
        const Unit unit = unit_of_cell(leaf.unit, leaf.dims, group.unknowns[j].series, model_.dimensions);
        nearest +=
            fmt::format("{}{} = {:.6g} {}", nearest.empty() ? "" : ", ", unknown_name(group.unknowns[j]),
                        problem.x[j] / unit.scale(), unit.dimensionless() ? "" : unit.str());
        while (nearest.back() == ' ') nearest.pop_back();
      }
      results_[at].problems.push_back({Kind::not_met, group.name,
                                       fmt::format("with {} the left side is {:.6g}, the right {:.6g}",
                                                   nearest, left(cell) / scale, right(cell) / scale)});
    } else if (!problem.undetermined.empty()) {
      std::vector<std::string> names;
      for (const std::size_t j : problem.undetermined) names.push_back(unknown_name(group.unknowns[j]));
      results_[at].problems.push_back(
          {Kind::undetermined, group.name, fmt::format("{}", fmt::join(names, ", "))});
    } else if (!problem.settled) {
      results_[at].problems.push_back({Kind::not_settled, group.name, ""});
    }
  }
  for (std::size_t k = 0; k < results_.size(); ++k)
    if (results_[k].equations > 0)
      results_[k].rms = std::sqrt(sum[k] / static_cast<double>(results_[k].equations));
}

std::vector<Calibration> Search::run() {
  using Kind = Calibration::Problem::Kind;
  const auto finish = [&] {
    std::size_t k = 0;
    for (std::size_t i = 0; i < results_.size(); ++i)
      for (std::size_t j = 0; j < relations_[i]->find.size(); ++j, ++k) {
        results_[i].found.push_back(found_[k]);
        results_[i].error.push_back(error_[k]);
      }
    return std::move(results_);
  };
  std::vector<DimensionId> axes = relation_dims(0).labels;
  for (std::size_t k = 0; k < relations_.size(); ++k)
    std::erase_if(axes, [&](DimensionId axis) { return !relation_dims(k).has(axis); });
  for (const BoundSolve::Unknown& unknown : unknowns_)
    std::erase_if(axes, [&](DimensionId axis) { return !model_.leaves[unknown.leaf].dims.has(axis); });
  make_groups(axes);
  if (groups_.size() > 1 && groups_mix()) make_groups({});
  std::size_t at = 0;
  std::erase_if(groups_, [&](const Group& group) {
    if (group.equations.size() >= group.unknowns.size()) return false;
    results_[at].problems.push_back(
        {Kind::too_few, group.name,
         fmt::format("{} unknown{}, {} equation{}", group.unknowns.size(),
                     group.unknowns.size() == 1 ? "" : "s", group.equations.size(),
                     group.equations.size() == 1 ? "" : "s")});
    return true;
  });
  bool ready = results_[0].problems.empty() && !groups_.empty();
  for (const Group& group : groups_) {
    at = group.equations.front().of;
    for (Calibration& result : results_) ++result.groups;
    for (const Cell& cell : group.unknowns) {
      std::size_t owner = 0;
      for (std::size_t first = relations_[0]->find.size(); cell.of >= first;)
        first += relations_[++owner]->find.size();
      ++results_[owner].unknowns;
      const double value = found_[cell.of].value(cell.series, cell.period);
      if (value >= unknowns_[cell.of].low && value <= unknowns_[cell.of].high) continue;
      ready = false;
      results_[owner].problems.push_back({Kind::outside_range, group.name, unknown_name(cell)});
    }
    bool finite = true;
    for (const Cell& cell : group.equations) {
      ++results_[cell.of].equations;
      if (std::isfinite(left(cell)) || !finite) continue;
      finite = ready = false;
      results_[cell.of].problems.push_back(
          {Kind::not_finite, cell_name(relation_dims(cell.of), cell.series, cell.period, model_.dimensions),
           ""});
    }
  }
  if (!ready) return finish();
  set_weights();
  auto list = problems();
  search(list);
  try_other_beginnings(list);
  tell(list);
  return finish();
}

/// Entries in the order in which they can be found: those that depend on each other together.
std::vector<std::vector<std::size_t>> clusters(const Evaluation& evaluation,
                                               const std::vector<bool>& entries) {
  const auto& solves = evaluation.plan().model->solves;
  const std::size_t n = solves.size();
  std::vector<std::vector<bool>> moves(n, std::vector<bool>(n, false));
  for (std::size_t a = 0; a < n; ++a) {
    std::vector<std::size_t> leaves;
    for (const BoundSolve::Unknown& unknown : solves[a].find) leaves.push_back(unknown.leaf);
    for (std::size_t b = 0; b < n; ++b) {
      const auto between = evaluation.affected_by(leaves, {solves[b].left, solves[b].right});
      moves[a][b] = a == b || std::find(between.begin(), between.end(), true) != between.end();
    }
  }
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) moves[a][b] = moves[a][b] || (moves[a][k] && moves[k][b]);
  std::vector<std::vector<std::size_t>> result;
  std::vector<bool> done(n, false);
  for (std::size_t a = 0; a < n; ++a) done[a] = !entries[a];
  while (true) {
    bool any = false;
    for (std::size_t a = 0; a < n; ++a) {
      if (done[a]) continue;
      std::vector<std::size_t> together;
      bool ready = true;
      for (std::size_t b = 0; b < n; ++b) {
        if (!entries[b]) continue;
        if (moves[a][b] && moves[b][a]) together.push_back(b);
        if (moves[b][a] && !moves[a][b] && !done[b]) ready = false;
      }
      if (!ready) continue;
      for (const std::size_t b : together) done[b] = true;
      result.push_back(std::move(together));
      any = true;
    }
    if (!any) break;
  }
  return result;
}

}  // namespace

std::vector<Calibration> calibrate(Evaluation& evaluation, const std::vector<bool>& entries) {
  std::vector<Calibration> results(evaluation.plan().model->solves.size());
  for (std::size_t i = 0; i < results.size(); ++i) results[i].solve = i;
  const auto order = clusters(evaluation, entries);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<std::size_t> found, sides;
    for (Calibration& each : Search(evaluation, order[i]).run()) {
      const std::size_t solve = each.solve;
      results[solve] = std::move(each);
    }
    // What later entries read of these; whoever wants the results runs the whole once more.
    for (const std::size_t solve : order[i])
      for (const BoundSolve::Unknown& unknown : evaluation.plan().model->solves[solve].find)
        found.push_back(unknown.leaf);
    for (std::size_t k = i + 1; k < order.size(); ++k)
      for (const std::size_t solve : order[k])
        sides.insert(sides.end(), {evaluation.plan().model->solves[solve].left,
                                   evaluation.plan().model->solves[solve].right});
    evaluation.run_again(evaluation.affected_by(found, sides));
  }
  return results;
}

}  // namespace lode
