// SPDX-License-Identifier: Apache-2.0
//
// Scenarios drawn together: in each draw all of them see the same scores for the same numbers, so that their
// differences are known much better than they are.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lode/api/scenario_pairs.hpp"
#include "lode/api/session.hpp"

namespace lode {

struct ScenarioDraws {
  ScenarioPairs pairs;
  std::vector<std::unique_ptr<Session>> sessions;  ///< as pairs.choices
  std::vector<DrawnDifference> differences;        ///< as pairs.pairs
};

/// Sessions of their own for all scenarios, computed. False where one fails: `failed` is its place.
bool open_scenarios(const Session& base, ScenarioDraws& draws, std::size_t threads, std::size_t& failed);
bool draw_scenarios(ScenarioDraws& draws, const DrawRequest& request, Diagnostics& diagnostics);

/// Of all pairs, with a dimension `difference`; what is the same in both scenarios of every pair is left out.
ResultSet scenario_differences(const ScenarioDraws& draws);

/// Results of all scenarios whose statistics were kept, and all that vary.
std::pair<std::size_t, std::size_t> kept_of_varying(const ScenarioDraws& draws);

std::string scenario_draws_text(const ScenarioDraws& draws);
nlohmann::ordered_json scenario_draws_json(const ScenarioDraws& draws, std::size_t scenario);
nlohmann::ordered_json scenario_correlations_json(const ScenarioDraws& draws, std::size_t scenario);
nlohmann::ordered_json scenario_differences_json(const ScenarioDraws& draws);

}  // namespace lode
