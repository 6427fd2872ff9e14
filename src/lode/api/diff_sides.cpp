// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "lode/api/diff.hpp"
#include "lode/api/draws.hpp"
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

/// Results that are the same with nominal values and differ in draws, as where only an uncertainty does: of
/// each the cell whose difference deviates most.
void add_differing_in_draws(const DiffSide& from, const Session& to, const DrawnDifference& drawn,
                            Difference& difference) {
  const Dimensions& dims = to.bound->dimensions;
  std::map<std::string, std::size_t> widest;
  for (std::size_t i = 0; i < drawn.cells.size(); ++i) {
    const std::string& name = to.bound->quantities[drawn.of->cells()[i].quantity].name;
    const CellSummary& summary = drawn.cells[i];
    if (!(summary.deviation > 0)) continue;
    const auto [at, is_new] = widest.emplace(name, i);
    if (!is_new && summary.deviation > drawn.cells[at->second].deviation) at->second = i;
  }
  for (const Difference::Result& result : difference.results) widest.erase(result.name);
  for (const ResultVariable& variable : from.results.variables) {
    const auto found = widest.find(variable.name);
    if (found == widest.end() || variable.unit == "year" || variable.group == "balance") continue;
    double largest = 0;
    for (const double value : variable.values)
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    const DrawnCell& cell = drawn.of->cells()[found->second];
    const Quantity& quantity = to.bound->quantities[cell.quantity];
    const std::size_t place =
        (cell.period - dims.first_period(quantity.dims.time)) * quantity.dims.series(dims) + cell.series;
    const Unit unit = unit_of_cell(quantity.unit, quantity.dims, cell.series, dims);
    constexpr double rounding = 1e-12;
    if (place >= variable.values.size() ||
        drawn.cells[found->second].deviation / unit.scale() <= rounding * largest)
      continue;
    Difference::Result result;
    result.name = variable.name;
    result.group = variable.group;
    result.unit = unit.str();
    result.cell = cell_name(quantity.dims, cell.series, cell.period, dims);
    result.from = result.to = variable.values[place];
    result.cells = variable.values.size();
    result.place = place;
    difference.results.push_back(std::move(result));
    if (difference.same > 0) --difference.same;
  }
}

/// Bands of the differences, draw by draw; of the cells that are told.
bool add_bands(const DiffSide& from_side, Session& from, Session& to, const DiffRequest& request,
               Difference& difference) {
  DrawRequest draws;
  draws.draws = request.draws;
  draws.seed = request.seed;
  draws.threads = request.threads;
  draws.quantiles = {0.05, 0.95};
  Team alone;
  std::vector<DrawnDifference> drawn;
  if (!draw_together({&to, &from}, {{0, 1}}, draws, alone, DrawScope::all, from.diagnostics, drawn))
    return false;
  difference.draws = to.draws->draws;
  difference.low = draws.quantiles.front();
  difference.high = draws.quantiles.back();
  add_differing_in_draws(from_side, to, drawn.front(), difference);
  const Dimensions& dims = to.bound->dimensions;
  for (Difference::Result& result : difference.results) {
    const auto id = to.bound->find_quantity(result.name), own = from.bound->find_quantity(result.name);
    if (!id || !own || !result.problem.empty() || result.unit == "year") continue;
    const Quantity& quantity = from.bound->quantities[*own];
    const std::size_t n = quantity.dims.series(from.bound->dimensions);
    const std::size_t cell = drawn.front().of->find(*id, result.place % n,
                                                    dims.first_period(quantity.dims.time) + result.place / n);
    if (cell == DrawModel::no_cell) continue;
    const double scale =
        unit_of_cell(quantity.unit, quantity.dims, result.place % n, from.bound->dimensions).scale();
    const CellSummary& summary = drawn.front().cells[cell];
    result.band = {summary.mean / scale, summary.deviation / scale, summary.quantiles.front().value / scale,
                   summary.quantiles.back().value / scale, share_below_zero(summary)};
  }
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
  Difference difference = difference_of(sides[0].side, sides[1].side);
  if (request.draws > 0) {
    if (!sides[0].side.session || !sides[1].side.session) {
      outcome.problem = "draws need cases on both sides: results in a file hold bands, not draws";
      return outcome;
    }
    if (!add_bands(sides[0].side, sides[0].session, sides[1].session, request, difference)) {
      outcome.problem = render(sides[0].session.diagnostics);
      outcome.model_fails = true;
      return outcome;
    }
  }
  outcome.same = difference.none();
  outcome.text = diff_text(difference, request.most);
  outcome.json = diff_json(difference);
  outcome.csv = diff_csv(difference);
  return outcome;
}

}  // namespace lode
