// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>
#include <string>

#include "lode/model/model.hpp"

namespace lode {

/// What tells two choices of scenarios apart, as far as names say.
struct ScenarioChanges {
  std::set<std::string> parameters;  ///< may have other values
  bool only_values = true;           ///< equations, stocks, processes and conditions are the same
};

/// Between two choices for a model as it was read; axes left out take their default.
ScenarioChanges changes_between(const Model& as_read, const std::map<std::string, std::string>& a,
                                const std::map<std::string, std::string>& b);

}  // namespace lode
