// SPDX-License-Identifier: Apache-2.0
//
// Several scenarios of a case in one run: read once, bound and planned once for all that differ in numbers
// alone, and of these only what depends on the numbers is computed again.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/scenario_draws.hpp"
#include "lode/api/scenario_sets.hpp"
#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

struct ScenarioRuns {
  ScenarioSet set;
  /// One per scenario.
  struct Line {
    std::string label;
    bool failed = false;
    std::optional<double> worst_balance;  ///< relative to throughput, of all processes
    std::string worst_process;
    std::vector<std::string> negative, alerts;
    bool alert_error = false;
    std::vector<std::optional<double>> shown;
  };
  std::vector<Line> lines;
  struct Shown {
    std::string formula, unit;
    bool is_year = false;
  };
  std::vector<Shown> shown;
  std::size_t planned = 0;  ///< scenarios that needed a plan of their own; the others share one
  std::size_t differing = 0, variables = 0;
  double milliseconds = 0;
  ResultSet results;
  bool alert_error = false;
  std::optional<ScenarioDraws> draws;
};

/// Needs a computed session. Empty after a mistake in the request or a failure in a scenario; messages say
/// why.
std::optional<ScenarioRuns> run_scenarios(Session& session, const ScenarioRequest& request,
                                          const ScenarioChoice& chosen);

std::string scenarios_text(const Session& session, const ScenarioRuns& runs,
                           const std::vector<std::string>& files);
std::string scenarios_json(const Session& session, const ScenarioRuns& runs,
                           const std::vector<std::string>& files);

}  // namespace lode
