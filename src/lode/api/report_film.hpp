// SPDX-License-Identifier: Apache-2.0
//
// The Sankey diagrams of every year and scenario to one scale and in one order, so that a page can move from
// one to the next: what changes between two pictures changed in the model.
#pragma once
#include <string>
#include <vector>

#include "lode/api/report_json.hpp"
#include "lode/api/session.hpp"

namespace lode {

/// One session with its results; the first one is what the report is about.
struct ReportScenario {
  const Session* session;
  const ResultSet* results;
};

/// {"unit", "width", "height", "font", "points_per_unit", "layers", "nodes", "links", "frames"}: frames by
/// layer, scenario and year. A frame that equals the first scenario's is the number 0, a year without one
/// null. Lengths are tenths of points, rounded; values are exact, in `unit`. Null if there is nothing to
/// draw; `problem` says why.
Json sankey_film(const std::vector<ReportScenario>& scenarios, std::string& problem);

}  // namespace lode
