// SPDX-License-Identifier: Apache-2.0
#include "lode/api/variants.hpp"

#include <algorithm>
#include <utility>

#include "lode/api/lenders.hpp"
#include "lode/binding/rebind.hpp"
#include "lode/model/scenario_changes.hpp"

namespace lode {

std::vector<bool> solves_affected(const Session& base, const std::vector<std::size_t>& leaves) {
  const auto& solves = base.bound->solves;
  std::vector<bool> affected(solves.size(), false);
  std::vector<std::size_t> moved = leaves;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < solves.size(); ++i) {
      if (affected[i]) continue;
      const auto between = base.evaluation->affected_by(moved, {solves[i].left, solves[i].right});
      affected[i] = std::find(between.begin(), between.end(), true) != between.end();
      for (const BoundSolve::Unknown& unknown : solves[i].find)
        affected[i] = affected[i] || std::find(leaves.begin(), leaves.end(), unknown.leaf) != leaves.end();
      if (!affected[i]) continue;
      more = true;
      for (const BoundSolve::Unknown& unknown : solves[i].find) moved.push_back(unknown.leaf);
    }
  }
  return affected;
}

namespace {

bool any(const std::vector<bool>& list) {
  return std::find(list.begin(), list.end(), true) != list.end();
}

}  // namespace

std::optional<Variant> make_variant(const Session& base, const ScenarioChoice& choice,
                                    const VariantScope& scope) {
  if (!base.computed()) return std::nullopt;
  ScenarioChanges changes = changes_between(*base.as_read, base.model->scenario, choice);
  if (!changes.only_values) return std::nullopt;
  Variant result;
  Session& session = result.session;
  session.as_read = base.as_read;
  session.only_checkpoints = scope.checkpoints != nullptr;
  Model model = *base.as_read;
  apply_scenario(model, choice, session.diagnostics);
  borrow_results(model, session.diagnostics);
  if (session.diagnostics.has_errors()) return std::nullopt;
  session.model = std::make_shared<const Model>(std::move(model));

  std::vector<std::size_t> changed;
  for (const std::string& name : changes.parameters)
    if (const auto leaf = base.bound->find_leaf(name)) changed.push_back(*leaf);
  const std::vector<bool> entries = solves_affected(base, changed);
  // A search begins at the values that are declared.
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i])
      for (const BoundSolve::Unknown& unknown : base.bound->solves[i].find) {
        changes.parameters.insert(base.bound->leaves[unknown.leaf].name);
        changed.push_back(unknown.leaf);
      }
  // Binding uncertainty may have split given numbers as other classes asked.
  if (scope.for_draws)
    for (const Leaf& leaf : base.bound->leaves)
      if (!leaf.solved_by) changes.parameters.insert(leaf.name);
  auto leaves = rebind_parameters(*base.bound, session.model, changes.parameters, session.diagnostics);
  if (!leaves || session.diagnostics.has_errors()) return std::nullopt;

  session.variant_of = base.bound;
  session.bound = std::make_shared<BoundModel>(*base.bound);
  session.bound->model = session.model;
  for (auto& [id, leaf] : *leaves) session.bound->leaves[id] = std::move(leaf);
  session.calibrations = base.calibrations;
  std::vector<std::size_t> wanted;
  if (scope.checkpoints)
    for (std::size_t i = 0; i < session.bound->checkpoints.size(); ++i) {
      BoundCheckpoint& checkpoint = session.bound->checkpoints[i];
      if (!(*scope.checkpoints)[i]) checkpoint.quantity.reset();
      if (checkpoint.quantity) wanted.push_back(*checkpoint.quantity);
    }
  const auto limited = [&](std::vector<bool> operations, const std::vector<std::size_t>& quantities) {
    const std::vector<bool> needed = base.evaluation->needed_for(quantities);
    for (std::size_t i = 0; i < operations.size(); ++i) operations[i] = operations[i] && needed[i];
    return operations;
  };

  if (any(entries) || scope.for_draws) {
    Plan plan = *base.plan;
    plan.model = session.bound;
    session.plan = std::make_shared<const Plan>(std::move(plan));
    session.evaluation = std::make_unique<Evaluation>(*session.plan);
    const bool found = !any(entries) || find_parameters(session, entries);
    std::vector<bool> operations(session.plan->operations.size(), true);
    if (scope.checkpoints) operations = limited(std::move(operations), wanted);
    session.evaluation->run(operations);
    result.failed = !tell_events(session) || !found;
    return result;
  }
  session.plan = base.plan;
  session.evaluation = base.evaluation->copy();
  for (const std::size_t leaf : changed)
    session.evaluation->set_leaf(leaf, session.bound->leaves[leaf].values);
  std::vector<bool> operations = base.evaluation->affected_by(changed);
  if (scope.checkpoints) operations = limited(std::move(operations), wanted);
  session.evaluation->run_changed(operations);
  result.failed = !tell_events(session);
  return result;
}

}  // namespace lode
