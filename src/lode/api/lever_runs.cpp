// SPDX-License-Identifier: Apache-2.0
#include "lode/api/lever_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lode/api/variants.hpp"
#include "lode/binding/rebind.hpp"
#include "lode/engine/calibrate.hpp"

namespace lode {

namespace {

bool any(const std::vector<bool>& list) {
  return std::find(list.begin(), list.end(), true) != list.end();
}

std::string words_for(const Event& event) {
  const std::string at = event.what + event.cell;
  switch (event.kind) {
    case Event::Kind::not_finite:
      return fmt::format("`{}` has no finite value", at);
    case Event::Kind::negative_hazard:
    case Event::Kind::bad_lifetime:
      return fmt::format("the lifetime of `{}` cannot be: {}", at, event.detail);
    case Event::Kind::negative_inflow:
      return fmt::format("stock `{}` falls faster than its lifetime allows", at);
    case Event::Kind::singular:
      return fmt::format("the loop of {} has no single solution", at);
    case Event::Kind::not_converged:
      return fmt::format("the loop of {} was not solved", at);
    default:
      return fmt::format("`{}` cannot be computed", at);
  }
}

}  // namespace

LeverRuns::LeverRuns(const Session& session, const std::vector<Lever>& levers,
                     const std::vector<std::size_t>& quantities)
    : session_(session), levers_(levers), evaluation_(session.evaluation->copy()) {
  std::set<std::size_t> leaves;
  for (const Lever& lever : levers) leaves.insert(lever.leaf);
  leaves_.assign(leaves.begin(), leaves.end());
  operations_ = session.evaluation->affected_by(leaves_, quantities);
  connected_ = any(operations_);
  solves_ = solves_affected(session, leaves_);
  std::vector<std::size_t> found, sides;
  std::set<std::string> names;
  for (std::size_t i = 0; i < solves_.size(); ++i) {
    if (!solves_[i]) continue;
    const BoundSolve& solve = session.bound->solves[i];
    sides.insert(sides.end(), {solve.left, solve.right});
    for (const BoundSolve::Unknown& unknown : solve.find) {
      found.push_back(unknown.leaf);
      names.insert(session.bound->leaves[unknown.leaf].name);
    }
  }
  if (!any(session.evaluation->affected_by(found, quantities))) {
    solves_.assign(solves_.size(), false);
    return;
  }
  connected_ = true;
  sides.insert(sides.end(), quantities.begin(), quantities.end());
  needed_ = session.evaluation->needed_for(sides);
  Diagnostics ignored;
  if (auto declared = rebind_parameters(*session.bound, session.model, names, ignored))
    for (auto& [id, leaf] : *declared) declared_.emplace_back(id, std::move(leaf.values));
}

LeverRuns::LeverRuns(const LeverRuns& other)
    : session_(other.session_),
      levers_(other.levers_),
      evaluation_(other.evaluation_->copy()),
      leaves_(other.leaves_),
      operations_(other.operations_),
      needed_(other.needed_),
      solves_(other.solves_),
      declared_(other.declared_),
      connected_(other.connected_) {}

LeverRuns LeverRuns::another() const {
  return LeverRuns(*this);
}

bool LeverRuns::told_failure() {
  for (const Event& event : evaluation_->events())
    if (is_failure(event)) {
      problem_ = words_for(event);
      return true;
    }
  return false;
}

bool LeverRuns::compute(const std::vector<double>& values) {
  problem_.clear();
  for (const std::size_t leaf : leaves_) {
    Array moved = session_.evaluation->leaf(leaf);
    for (std::size_t k = 0; k < levers_.size(); ++k)
      if (levers_[k].leaf == leaf) move_lever(*session_.bound, levers_[k], values[k], moved);
    evaluation_->set_leaf(leaf, std::move(moved));
  }
  if (!any(solves_)) {
    evaluation_->run_changed(operations_);
    return !told_failure();
  }
  for (const auto& [leaf, array] : declared_) evaluation_->set_leaf(leaf, array);
  evaluation_->run(needed_);
  for (const Calibration& calibration : calibrate(*evaluation_, solves_))
    if (!calibration.problems.empty()) {
      problem_ = fmt::format("`{}` could not be found: {}",
                             session_.bound->solves[calibration.solve].declaration->name.id,
                             calibration.problems.front().detail);
      return false;
    }
  evaluation_->run(needed_);
  return !told_failure();
}

}  // namespace lode
