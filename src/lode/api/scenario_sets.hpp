// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// Scenarios to compute together: all combinations of some cases of some axes.
struct ScenarioSet {
  struct Axis {
    std::string name;
    std::vector<std::string> cases;
  };
  std::vector<Axis> axes;               ///< that vary, as the case declares them
  ScenarioChoice fixed;                 ///< the other axes that were chosen
  std::vector<ScenarioChoice> choices;  ///< fixed ones included; the last axis runs fastest
  std::vector<std::string> labels;      ///< "supply=low, recycling=today": of the axes that vary
};

/// Reads "all", "supply=low,high; recycling=all". Axes of `chosen` stay as they are. Empty, with messages,
/// after a mistake.
ScenarioSet read_scenario_set(const Model& as_read, const std::vector<std::string>& texts,
                              const ScenarioChoice& chosen, Diagnostics& diagnostics);

}  // namespace lode
