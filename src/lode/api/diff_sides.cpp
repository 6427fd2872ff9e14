// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "lode/api/diff.hpp"
#include "lode/api/session.hpp"
#include "lode/lode.hpp"
#include "lode/results/write.hpp"

namespace lode {

namespace {

namespace fs = std::filesystem;

bool is_case(const fs::path& path) {
  std::error_code ignored;
  return path.filename() == "model.yaml" || fs::exists(path / "model.yaml", ignored);
}

/// The file of results in a folder that `lode run` filled.
std::optional<fs::path> results_in(const fs::path& folder, std::string& problem) {
  std::vector<fs::path> found;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
       it.increment(error))
    if (it->path().extension() == ".nc") found.push_back(it->path());
  std::sort(found.begin(), found.end());
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    problem = fmt::format("`{}` holds no case (model.yaml) and no results (.nc)", folder.string());
  } else {
    std::vector<std::string> names;
    for (const fs::path& file : found) names.push_back(file.filename().string());
    problem =
        fmt::format("`{}` holds several results: name one of {}", folder.string(), fmt::join(names, ", "));
  }
  return std::nullopt;
}

/// Computes; the messages where that fails.
bool computed(Session& session, std::string& problem) {
  if (session.planned() && !session.diagnostics.has_errors() && compute(session)) return true;
  problem = render(session.diagnostics);
  return false;
}

bool open_results(const fs::path& path, DiffSide& side, std::string& problem) {
  std::error_code ignored;
  fs::path file = path;
  if (fs::is_directory(path, ignored)) {
    const auto found = results_in(path, problem);
    if (!found) return false;
    file = *found;
  }
  auto results = read_netcdf(file, problem);
  if (!results) return false;
  side.name = path.string();
  side.results = std::move(*results);
  return true;
}

}  // namespace

DiffOutcome diff(const DiffRequest& request) {
  DiffOutcome outcome;
  const fs::path& to_path = request.to.empty() ? request.from : request.to;
  const bool one_case = request.to.empty();
  struct Side {
    fs::path path;
    const Scenario& scenario;
    Session session;
    DiffSide side;
  };
  Side sides[] = {{request.from, request.from_scenario, {}, {}}, {to_path, request.to_scenario, {}, {}}};
  if (one_case && request.from_scenario == request.to_scenario) {
    outcome.problem = "both sides are the same: name another case or file, or `--from` and `--to` scenarios";
    return outcome;
  }
  for (Side& each : sides) {
    if (!is_case(each.path)) {
      if (!each.scenario.empty())
        outcome.problem = fmt::format("`{}` is no case: it has no scenarios", each.path.string());
      else
        open_results(each.path, each.side, outcome.problem);
      if (!outcome.problem.empty()) return outcome;
      continue;
    }
    each.session = one_case && &each == &sides[1] ? open_session(sides[0].session.as_read, each.scenario)
                                                  : open_session(each.path, each.scenario);
    if (!computed(each.session, outcome.problem)) {
      outcome.model_fails = true;
      return outcome;
    }
    const std::string scenario = scenario_text(each.scenario);
    each.side.name = one_case ? (scenario.empty() ? "default" : scenario)
                              : each.path.string() + (scenario.empty() ? "" : " (" + scenario + ")");
    each.side.results = results_of(each.session);
    each.side.session = &each.session;
  }
  const Difference difference = difference_of(sides[0].side, sides[1].side);
  outcome.same = difference.none();
  outcome.text = diff_text(difference, request.most);
  outcome.json = diff_json(difference);
  outcome.csv = diff_csv(difference);
  return outcome;
}

}  // namespace lode
