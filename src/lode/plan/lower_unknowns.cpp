// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lode/arrays/align.hpp"
#include "lode/plan/lower.hpp"

namespace lode {
namespace {

/// Equations of one kind: one per cell of the mask, and the unknown flows they speak of.
struct Equations {
  DimSet dims;
  Mask mask;
  std::set<std::size_t> unknown;
};

/// Unknown flows that the equations leave open, whatever their coefficients: with M a largest matching of
/// equations and unknowns (each equation with one unknown it speaks of), those that an alternating path leads
/// to from an unmatched unknown. That is the underdetermined part of the Dulmage–Mendelsohn decomposition
/// (doi:10.4153/CJM-1958-052-0). An equation counts as speaking of every cell of a flow that has its labels.
std::set<std::size_t> undetermined(const BoundModel& model, const std::vector<Equations>& equations,
                                   const std::vector<std::size_t>& flows) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  const Dimensions& dims = model.dimensions;
  std::vector<std::size_t> flow_of;             // per unknown cell
  std::map<std::size_t, std::size_t> first_of;  // flow → its first cell
  for (const std::size_t flow : flows) {
    first_of[flow] = flow_of.size();
    flow_of.insert(flow_of.end(), model.quantities[flow].dims.series(dims), flow);
  }
  const auto agree = [&](const DimSet& a, std::size_t s, const DimSet& b, std::size_t t) {
    const auto at = a.unravel(s, dims), bt = b.unravel(t, dims);
    for (std::size_t i = 0; i < a.labels.size(); ++i)
      for (std::size_t j = 0; j < b.labels.size(); ++j)
        if (dims.share_root(a.labels[i], b.labels[j]) &&
            dims[a.labels[i]].to_root[at[i]] != dims[b.labels[j]].to_root[bt[j]])
          return false;
    return true;
  };
  std::set<std::size_t> open;
  std::vector<std::pair<std::size_t, std::size_t>> before;  // equations of the last period looked at
  for (std::size_t p = dims.lead; p < dims.periods(); ++p) {
    std::vector<std::pair<std::size_t, std::size_t>> cells;
    for (std::size_t e = 0; e < equations.size(); ++e)
      for (std::size_t s = 0; s < equations[e].mask.series(); ++s)
        if (equations[e].mask.at(s, equations[e].mask.periods() == 1 ? 0 : p)) cells.emplace_back(e, s);
    if (p > dims.lead && cells == before) continue;
    before = cells;
    std::vector<std::vector<std::size_t>> speaks(cells.size()), spoken(flow_of.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto& [e, s] = cells[c];
      for (const std::size_t flow : equations[e].unknown) {
        const DimSet& own = model.quantities[flow].dims;
        for (std::size_t t = 0; t < own.series(dims); ++t)
          if (agree(equations[e].dims, s, own, t)) {
            speaks[c].push_back(first_of[flow] + t);
            spoken[first_of[flow] + t].push_back(c);
          }
      }
    }
    std::vector<std::size_t> unknown_of(cells.size(), none), equation_of(flow_of.size(), none);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      // Breadth first to an unknown that is still free, then along the path backwards.
      std::vector<std::size_t> reached(flow_of.size(), none), queue{c};
      std::size_t end = none;
      for (std::size_t i = 0; i < queue.size() && end == none; ++i)
        for (const std::size_t u : speaks[queue[i]]) {
          if (reached[u] != none) continue;
          reached[u] = queue[i];
          if (equation_of[u] == none) {
            end = u;
            break;
          }
          queue.push_back(equation_of[u]);
        }
      while (end != none) {
        const std::size_t equation = reached[end], next = unknown_of[equation];
        equation_of[end] = equation;
        unknown_of[equation] = end;
        end = equation == c ? none : next;
      }
    }
    std::vector<std::size_t> queue;
    std::vector<bool> seen(flow_of.size(), false);
    for (std::size_t u = 0; u < flow_of.size(); ++u)
      if (equation_of[u] == none) {
        queue.push_back(u);
        seen[u] = true;
      }
    for (std::size_t i = 0; i < queue.size(); ++i) {
      open.insert(flow_of[queue[i]]);
      for (const std::size_t c : spoken[queue[i]]) {
        const std::size_t u = unknown_of[c];
        if (u == none || seen[u]) continue;
        seen[u] = true;
        queue.push_back(u);
      }
    }
  }
  return open;
}

}  // namespace

void Lowering::lower_unknowns() {
  std::vector<std::size_t> unknown;
  for (std::size_t id = 0; id < model_.quantities.size(); ++id)
    if (model_.quantities[id].unknown) unknown.push_back(id);
  if (unknown.empty()) return;
  Operation operation;
  operation.kind = Operation::Kind::unknowns;
  operation.label = "unknown flows";
  operation.where = model_.quantities[unknown[0]].where;
  for (const std::size_t id : unknown)
    operation.label += fmt::format("{} `{}`", id == unknown[0] ? "" : ",", model_.quantities[id].name);
  std::size_t unknown_cells = 0, equation_cells = 0;
  for (const std::size_t id : unknown) {
    operation.writes.push_back(plan_.array_of_quantity[id]);
    unknown_cells += model_.quantities[id].dims.series(dims());
  }
  operation.mask =
      Mask(plan_.arrays[operation.writes[0]].series, plan_.arrays[operation.writes[0]].periods, true);
  std::vector<Equations> equations;
  const auto add_residual = [&](ArrayId array, Mask mask, const NodePtr& expression) {
    equations.push_back({plan_.arrays[array].dims, mask, unknowns_in(model_, expression)});
    equation_cells += mask.count() / std::max<std::size_t>(1, mask.periods());
    Access access;
    access.array = array;
    access.time = plan_.arrays[array].dims.time ? Access::Time::same : Access::Time::none;
    operation.reads.push_back(access);
    operation.residuals.push_back(array);
    operation.residual_masks.push_back(std::move(mask));
  };
  for (const BoundProcess& process : model_.processes) {
    if (!process.balance) continue;
    bool touches = false;
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list) touches = touches || model_.quantities[flow].unknown;
    if (!touches) continue;
    const Quantity& balance = model_.quantities[*process.balance];
    Mask open(balance.dims.series(dims()), balance.dims.periods(dims()), true);
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        for (const BoundPiece& piece : model_.quantities[flow].pieces) {
          if (!piece.closes || &model_.processes[*piece.closes] != &process) continue;
          const auto map = series_map(model_.quantities[flow].dims, balance.dims, dims());
          for (std::size_t s = 0; s < piece.mask->series(); ++s)
            for (std::size_t p = 0; p < piece.mask->periods(); ++p)
              if (piece.mask->at(s, p) && map[s] >= 0) open.set(static_cast<std::size_t>(map[s]), p, false);
        }
    if (open.any())
      add_residual(plan_.array_of_quantity[*process.balance], open, balance.pieces.front().expression);
  }
  for (const BoundRelation& relation : model_.relations) {
    if (unknowns_in(model_, relation.residual).empty()) continue;  // held against the results instead
    const Mask all(relation.residual->dims.series(dims()), relation.residual->dims.periods(dims()), true);
    add_residual(materialise(relation.residual, all, relation.text), all, relation.residual);
  }
  const std::string counted =
      fmt::format("{} unknown{}, {} equation{} per year", unknown_cells, unknown_cells == 1 ? "" : "s",
                  equation_cells, equation_cells == 1 ? "" : "s");
  const std::set<std::size_t> open_flows = undetermined(model_, equations, unknown);
  if (!open_flows.empty() || equation_cells != unknown_cells) {
    std::vector<std::string> names;
    for (const std::size_t id : open_flows) names.push_back("`" + model_.quantities[id].name + "`");
    auto& diagnostic = diagnostics_.error(
        open_flows.empty() ? "overdetermined" : "underdetermined",
        open_flows.empty() ? operation.where : model_.quantities[*open_flows.begin()].where, counted);
    diagnostic.why =
        !open_flows.empty()
            ? fmt::format("the balances and relations do not determine {}", fmt::join(names, ", "))
            : "more equations than unknowns need data reconciliation, which is not available yet";
    diagnostic.help = !open_flows.empty() ? "add a relation or give one of them an equation"
                                          : "leave out a relation, or declare one more flow unknown";
    return;
  }
  diagnostics_.note("determined", operation.where, counted);
  finish(operation);
}

}  // namespace lode
