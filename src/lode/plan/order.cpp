// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "lode/plan/copies.hpp"
#include "lode/plan/lower.hpp"
#include "lode/plan/plan.hpp"

namespace lode {

namespace {

/// When an operation needs what another one computes, seen from the period it is computing.
enum class Relation { same, past, all };

struct Edge {
  std::size_t from;  ///< computed first
  Relation relation;
};

constexpr std::size_t no_operation = static_cast<std::size_t>(-1);

Relation relation_of(const Operation& operation, std::size_t read, const Plan& plan) {
  const Access& access = operation.reads[read];
  const PlanArray& array = plan.arrays[access.array];
  if (array.periods == 1 && !array.dims.time) return Relation::same;
  if (operation.kind == Operation::Kind::survival) return Relation::all;
  if (operation.kind == Operation::Kind::over_time)
    return operation.time_function == TimeFunction::cumulate ? Relation::same : Relation::all;
  if (access.time == Access::Time::same || access.time == Access::Time::none) return Relation::same;
  bool any_same = false, any_future = false, any = false;
  const bool timeless = !plan.arrays[operation.writes[0]].dims.time;
  for (std::size_t p = 0; p < operation.mask.periods(); ++p) {
    bool needed = false;
    for (std::size_t s = 0; s < operation.mask.series() && !needed; ++s) needed = operation.mask.at(s, p);
    if (!needed) continue;
    std::int64_t source = static_cast<std::int64_t>(access.period);
    if (access.time == Access::Time::mapped) source = access.periods[p];
    if (source < 0) continue;
    any = true;
    if (timeless) return Relation::all;
    any_same = any_same || source == static_cast<std::int64_t>(p);
    any_future = any_future || source > static_cast<std::int64_t>(p);
  }
  if (!any) return Relation::past;
  if (any_future) return Relation::all;
  return any_same ? Relation::same : Relation::past;
}

/// Strongly connected components of a graph given by edges to predecessors, predecessors first (Tarjan).
std::vector<std::vector<std::size_t>> components(
    const std::vector<std::size_t>& nodes,
    const std::function<std::vector<std::size_t>(std::size_t)>& before) {
  std::vector<std::vector<std::size_t>> result;
  std::map<std::size_t, std::size_t> index, low;
  std::set<std::size_t> on_stack;
  std::vector<std::size_t> stack;
  std::size_t counter = 0;
  struct Frame {
    std::size_t node;
    std::vector<std::size_t> next;
    std::size_t position;
  };
  for (const std::size_t start : nodes) {
    if (index.count(start)) continue;
    std::vector<Frame> frames;
    const auto enter = [&](std::size_t node) {
      index[node] = low[node] = counter++;
      stack.push_back(node);
      on_stack.insert(node);
      frames.push_back({node, before(node), 0});
    };
    enter(start);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.position < frame.next.size()) {
        const std::size_t next = frame.next[frame.position++];
        if (!index.count(next)) {
          enter(next);
        } else if (on_stack.count(next)) {
          low[frame.node] = std::min(low[frame.node], index[next]);
        }
        continue;
      }
      const std::size_t node = frame.node;
      if (low[node] == index[node]) {
        std::vector<std::size_t> component;
        while (true) {
          const std::size_t member = stack.back();
          stack.pop_back();
          on_stack.erase(member);
          component.push_back(member);
          if (member == node) break;
        }
        std::sort(component.begin(), component.end());
        result.push_back(std::move(component));
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
    }
  }
  return result;
}

class Ordering {
 public:
  Ordering(std::vector<Operation> operations, Plan& plan, Diagnostics& diagnostics)
      : operations_(std::move(operations)), plan_(plan), diagnostics_(diagnostics) {}

  std::vector<Operation> order();
  std::size_t scans = 0, solves = 0;

 private:
  void build_edges();
  std::vector<Operation> order_scan(const std::vector<std::size_t>& members);
  Operation make_solve(const std::vector<std::size_t>& members, bool whole_window);
  bool has_edge(std::size_t from, std::size_t to, Relation relation) const;
  bool is_lagged(const Operation& operation) const {
    return operation.kind == Operation::Kind::cohort || operation.kind == Operation::Kind::cohort_results ||
           operation.kind == Operation::Kind::accumulate ||
           (operation.kind == Operation::Kind::over_time &&
            operation.time_function == TimeFunction::cumulate);
  }
  bool is_affine(const std::vector<std::size_t>& members) const;
  std::string member_list(const std::vector<std::size_t>& members) const;

  std::vector<Operation> operations_;
  Plan& plan_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<Edge>> edges_;
};

void Ordering::build_edges() {
  std::vector<std::vector<std::size_t>> writers(plan_.arrays.size());
  for (std::size_t i = 0; i < operations_.size(); ++i)
    for (const ArrayId array : operations_[i].writes) writers[array].push_back(i);
  edges_.resize(operations_.size());
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const Operation& operation = operations_[i];
    for (std::size_t r = 0; r < operation.reads.size(); ++r) {
      const auto& candidates = writers[operation.reads[r].array];
      if (candidates.empty()) continue;
      const Relation relation = relation_of(operation, r, plan_);
      if (candidates.size() == 1) {
        edges_[i].push_back({candidates[0], relation});
        continue;
      }
      const Mask cells = cells_read(operation, r, plan_);
      for (const std::size_t writer : candidates)
        if (cells.intersects(operations_[writer].mask)) edges_[i].push_back({writer, relation});
    }
    auto& list = edges_[i];
    std::sort(list.begin(), list.end(), [](const Edge& a, const Edge& b) {
      return std::pair(a.from, a.relation) < std::pair(b.from, b.relation);
    });
    list.erase(std::unique(
                   list.begin(), list.end(),
                   [](const Edge& a, const Edge& b) { return a.from == b.from && a.relation == b.relation; }),
               list.end());
  }
}

std::string Ordering::member_list(const std::vector<std::size_t>& members) const {
  std::vector<std::string> names;
  for (const std::size_t member : members) {
    const std::string name = "`" + operations_[member].label + "`";
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.size() > 8) {
    names.resize(8);
    names.emplace_back("…");
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

bool Ordering::is_affine(const std::vector<std::size_t>& members) const {
  std::set<ArrayId> inside;
  for (const std::size_t member : members)
    inside.insert(operations_[member].writes.begin(), operations_[member].writes.end());
  for (const std::size_t member : members) {
    const Operation& operation = operations_[member];
    if (operation.kind == Operation::Kind::reduce && operation.reduction != Reduction::sum &&
        operation.reduction != Reduction::mean)
      return false;
    if (operation.kind != Operation::Kind::map) continue;
    std::vector<int> degree(operation.registers, 0);
    for (const Instruction& code : operation.code) {
      int& d = degree[code.target];
      if (code.kind == Instruction::Kind::constant) continue;
      if (code.kind == Instruction::Kind::load) {
        d = inside.count(operation.reads[code.a].array) ? 1 : 0;
        continue;
      }
      const int a = degree[code.a], b = degree[code.b], c = degree[code.c];
      switch (code.function) {
        case Function::add:
        case Function::subtract:
          d = std::max(a, b);
          break;
        case Function::negate:
          d = a;
          break;
        case Function::multiply:
          d = a + b > 1 ? 2 : a + b;
          break;
        case Function::divide:
          d = b > 0 ? 2 : a;
          break;
        case Function::select:
          d = a > 0 ? 2 : std::max(b, c);
          break;
        case Function::power:
        case Function::minimum:
        case Function::maximum:
        case Function::equal:
        case Function::not_equal:
        case Function::less:
        case Function::less_equal:
        case Function::greater:
        case Function::greater_equal:
        case Function::logical_and:
        case Function::logical_or:
          d = a + b > 0 ? 2 : 0;
          break;
        default:
          d = a > 0 ? 2 : 0;
      }
    }
    if (!degree.empty() && *std::max_element(degree.begin(), degree.end()) > 1) return false;
  }
  return true;
}

Operation Ordering::make_solve(const std::vector<std::size_t>& members, bool whole_window) {
  ++solves;
  Operation solve;
  solve.kind = Operation::Kind::solve;
  solve.label = member_list(members);
  solve.where = operations_[members[0]].where;
  solve.whole_window = whole_window;
  solve.affine = is_affine(members);
  const std::set<std::size_t> inside(members.begin(), members.end());
  std::set<std::size_t> torn;
  for (const std::size_t member : members)
    if (operations_[member].kind == Operation::Kind::unknowns) {
      torn.insert(member);
      solve.tears.insert(solve.tears.end(), operations_[member].writes.begin(),
                         operations_[member].writes.end());
      solve.tear_operations.insert(solve.tear_operations.end(), operations_[member].writes.size(),
                                   no_operation);
      solve.residuals = operations_[member].residuals;
      solve.residual_masks = operations_[member].residual_masks;
      // What is searched for names the loop, not all that it passes through.
      solve.label = operations_[member].label;
      solve.where = operations_[member].where;
    }
  // Readers of a torn operation see the guess: its edges to them are cut.
  const auto before = [&](std::size_t node) {
    std::vector<std::size_t> result;
    for (const Edge& edge : edges_[node])
      if (edge.relation == Relation::same && inside.count(edge.from) && !torn.count(edge.from))
        result.push_back(edge.from);
    return result;
  };
  std::vector<std::size_t> order;
  while (true) {
    order.clear();
    std::size_t choice = no_operation;
    std::size_t smallest = 0;
    for (const auto& component : components(members, before)) {
      const bool self = component.size() == 1 && [&] {
        const auto list = before(component[0]);
        return std::find(list.begin(), list.end(), component[0]) != list.end();
      }();
      if (component.size() == 1 && !self) {
        order.push_back(component[0]);
        continue;
      }
      // Few cells; of those with as few the one through which most ways lead, then the one where most meet:
      // what is guessed there need not be followed when another guess changes.
      const std::set<std::size_t> left(component.begin(), component.end());
      std::map<std::size_t, std::size_t> readers;
      for (const std::size_t node : component)
        for (const std::size_t from : before(node)) ++readers[from];
      std::pair<std::size_t, std::size_t> most;
      for (const std::size_t node : component) {
        const Operation& operation = operations_[node];
        if (operation.kind != Operation::Kind::map && operation.kind != Operation::Kind::reduce) continue;
        const std::size_t cells = operation.mask.count();
        const std::vector<std::size_t> list = before(node);
        std::size_t ways = 0;
        for (const std::size_t from : list) ways += left.count(from) * readers[node];
        const std::pair ways_and_meeting(ways, list.size());
        if (choice == no_operation || cells < smallest || (cells == smallest && ways_and_meeting > most)) {
          choice = node;
          smallest = cells;
          most = ways_and_meeting;
        }
      }
      break;
    }
    if (choice == no_operation) break;
    torn.insert(choice);
  }
  std::map<std::size_t, std::size_t> place;
  for (const std::size_t node : order) {
    if (operations_[node].kind == Operation::Kind::unknowns) continue;
    place[node] = solve.body.size();
    solve.body.push_back(operations_[node]);
  }
  for (const std::size_t node : torn) {
    if (operations_[node].kind == Operation::Kind::unknowns) continue;
    solve.tears.push_back(operations_[node].writes[0]);
    solve.tear_operations.push_back(place[node]);
  }
  for (const Operation& operation : solve.body)
    solve.writes.insert(solve.writes.end(), operation.writes.begin(), operation.writes.end());
  return solve;
}

std::vector<Operation> Ordering::order_scan(const std::vector<std::size_t>& members) {
  const std::set<std::size_t> inside(members.begin(), members.end());
  const auto before = [&](std::size_t node) {
    std::vector<std::size_t> result;
    for (const Edge& edge : edges_[node])
      if (edge.relation == Relation::same && inside.count(edge.from)) result.push_back(edge.from);
    return result;
  };
  std::vector<Operation> body;
  for (const auto& component : components(members, before)) {
    const auto list = before(component[0]);
    const bool self =
        component.size() == 1 && std::find(list.begin(), list.end(), component[0]) != list.end();
    if (component.size() == 1 && !self) {
      body.push_back(operations_[component[0]]);
    } else {
      body.push_back(make_solve(component, false));
    }
  }
  return body;
}

std::vector<Operation> Ordering::order() {
  build_edges();
  std::vector<std::size_t> nodes(operations_.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = i;
  const auto before = [&](std::size_t node) {
    std::vector<std::size_t> result;
    for (const Edge& edge : edges_[node]) result.push_back(edge.from);
    return result;
  };
  std::vector<Operation> result;
  for (const auto& component : components(nodes, before)) {
    const std::set<std::size_t> inside(component.begin(), component.end());
    bool past = false, self = false;
    std::optional<std::pair<std::size_t, std::size_t>> future;
    for (const std::size_t node : component)
      for (const Edge& edge : edges_[node]) {
        if (!inside.count(edge.from)) continue;
        if (edge.from == node) self = true;
        if (edge.relation == Relation::past) past = true;
        if (edge.relation == Relation::all) future = {node, edge.from};
      }
    if (component.size() == 1 && !self) {
      result.push_back(std::move(operations_[component[0]]));
      continue;
    }
    if (future) {
      auto& diagnostic = diagnostics_.error(
          "reads-future", operations_[future->first].where,
          fmt::format("`{}` needs years of `{}` that depend on it", operations_[future->first].label,
                      operations_[future->second].label));
      diagnostic.labels.push_back({operations_[future->second].where, "depends on it in turn"});
      diagnostic.why =
          "a loop runs forward in time: it may read earlier years of its members, not totals or later years";
      diagnostic.help = "`cumulate(x)` is the sum up to the current year";
      continue;
    }
    for (const std::size_t node : component) past = past || is_lagged(operations_[node]);
    if (past) {
      ++scans;
      Operation scan;
      scan.kind = Operation::Kind::scan;
      scan.label = member_list(component);
      scan.where = operations_[component[0]].where;
      scan.body = order_scan(component);
      for (const Operation& operation : scan.body)
        scan.writes.insert(scan.writes.end(), operation.writes.begin(), operation.writes.end());
      result.push_back(std::move(scan));
    } else {
      result.push_back(make_solve(component, true));
    }
  }
  return result;
}

}  // namespace

Plan make_plan(std::shared_ptr<const BoundModel> model, Diagnostics& diagnostics) {
  Plan plan;
  plan.model = model;
  std::vector<Operation> operations;
  Lowering lowering(*model, plan, operations, diagnostics);
  lowering.lower_all();
  std::size_t temporaries = 0;
  for (const PlanArray& array : plan.arrays) temporaries += array.kind == PlanArray::Kind::temporary;
  plan.passes.push_back({"lower", fmt::format(
                                      "{} pieces of {} quantities and {} stocks become {} operations on {} "
                                      "arrays ({} of them temporary)",
                                      [&] {
                                        std::size_t n = 0;
                                        for (const Quantity& q : model->quantities) n += q.pieces.size();
                                        return n;
                                      }(),
                                      model->quantities.size(), model->stocks.size(), operations.size(),
                                      plan.arrays.size(), temporaries)});
  const std::size_t moved = read_through_copies(operations, plan);
  plan.passes.push_back(
      {"copies", fmt::format("{} reads of copies go to what was copied; {} operations are left", moved,
                             operations.size())});
  Ordering ordering(std::move(operations), plan, diagnostics);
  plan.operations = ordering.order();
  plan.passes.push_back(
      {"order", fmt::format("{} steps in order; {} loops over time (scan), {} loops within a year (solve)",
                            plan.operations.size(), ordering.scans, ordering.solves)});
  return plan;
}

}  // namespace lode
