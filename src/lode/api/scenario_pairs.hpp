// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/draws.hpp"
#include "lode/api/scenario_sets.hpp"

namespace lode {

/// What is drawn together: the scenarios of a set, those that only differences need, and the differences.
struct ScenarioPairs {
  std::vector<ScenarioChoice> choices;  ///< of the set first
  std::vector<std::string> labels;      ///< as in the set
  std::vector<ScenarioPair> pairs;      ///< by place in choices

  std::string label(const ScenarioPair& pair) const {
    return labels[pair.first] + " - " + labels[pair.second];
  }
};

/// Pairs as `differences` names them ("supply=high - supply=low", a scenario of the set on either side), else
/// each scenario less the one that it is with the cases of `against`, else each less the one that `session`
/// has, or less the first where the set has not that one. Messages after a mistake.
ScenarioPairs read_scenario_pairs(const Model& as_read, const ScenarioSet& set, const ScenarioChoice& session,
                                  const ScenarioChoice& against, const std::vector<std::string>& differences,
                                  Diagnostics& diagnostics);

}  // namespace lode
