// SPDX-License-Identifier: Apache-2.0
//
// Draws as labelled arrays.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "lode/api/draw_report.hpp"
#include "lode/api/draws.hpp"

namespace lode {

namespace {

using FindCell = std::function<std::size_t(std::size_t, std::size_t, std::size_t)>;

/// Puts what draws tell beside the nominal values: `cells` at the places that `find` tells.
void add_uncertainty(const Session& session, const FindCell& find, const std::vector<CellSummary>& cells,
                     bool with_signs, ResultSet& results) {
  const BoundModel& bound = *session.bound;
  const Dimensions& dims = bound.dimensions;
  const DrawResult& draws = *session.draws;
  results.quantiles = draws.quantiles;
  for (auto& [key, value] : results.manifest)
    if (key == "draws") value = fmt::format("{}", draws.draws);
  results.manifest.emplace_back("design", design_name(draws.design.kind));
  results.manifest.emplace_back("seed", fmt::format("{}", draws.design.seed));
  if (!session.kept_results.empty())
    results.manifest.emplace_back("statistics_of", fmt::format("{}", fmt::join(session.kept_results, ", ")));
  for (ResultVariable& variable : results.variables) {
    const auto id = bound.find_quantity(variable.name);
    if (!id || variable.group == "parameter") continue;
    const Quantity& quantity = bound.quantities[*id];
    const std::size_t n = quantity.dims.series(dims), begin = dims.first_period(quantity.dims.time),
                      periods = quantity.dims.periods(dims) - begin;
    bool varies = false;
    for (std::size_t s = 0; s < n && !varies; ++s)
      for (std::size_t p = 0; p < periods && !varies; ++p)
        varies = find(*id, s, begin + p) != DrawModel::no_cell;
    if (!varies) continue;
    ResultUncertainty out;
    const double none = std::numeric_limits<double>::quiet_NaN();
    for (auto* part : {&out.mean, &out.mean_error, &out.deviation, &out.minimum, &out.maximum})
      part->assign(variable.values.size(), none);
    out.quantiles.assign(draws.quantiles.size(), std::vector<double>(variable.values.size(), none));
    out.quantile_errors = out.quantiles;
    if (with_signs) out.below_zero.assign(variable.values.size(), none);
    for (std::size_t s = 0; s < n; ++s) {
      const double scale = unit_of_cell(quantity.unit, quantity.dims, s, dims).scale();
      for (std::size_t p = 0; p < periods; ++p) {
        const std::size_t place = p * n + s;
        const std::size_t cell = find(*id, s, begin + p);
        if (cell == DrawModel::no_cell) {
          // Certain cells of an uncertain array are what they are.
          out.mean[place] = out.minimum[place] = out.maximum[place] = variable.values[place];
          if (!std::isnan(variable.values[place])) out.mean_error[place] = out.deviation[place] = 0;
          for (auto& quantile : out.quantiles) quantile[place] = variable.values[place];
          for (auto& error : out.quantile_errors)
            error[place] = std::isnan(variable.values[place]) ? none : 0;
          if (with_signs && !std::isnan(variable.values[place]))
            out.below_zero[place] = variable.values[place] < 0 ? 1 : 0;
          continue;
        }
        const CellSummary& summary = cells[cell];
        if (with_signs && summary.draws > summary.not_finite)
          out.below_zero[place] = share_below_zero(summary);
        out.mean[place] = summary.mean / scale;
        out.mean_error[place] = summary.mean_error / scale;
        out.deviation[place] = summary.deviation / scale;
        out.minimum[place] = summary.minimum / scale;
        out.maximum[place] = summary.maximum / scale;
        for (std::size_t q = 0; q < summary.quantiles.size(); ++q) {
          out.quantiles[q][place] = summary.quantiles[q].value / scale;
          out.quantile_errors[q][place] = summary.quantiles[q].standard_error / scale;
        }
      }
    }
    variable.uncertainty = std::move(out);
  }
}

/// A dimension of labels; a case's own of the same name has it step aside.
std::size_t add_dimension(ResultSet& results, std::string name, const char* title, const char* title_zh,
                          std::vector<std::string> labels) {
  while (std::any_of(results.dimensions.begin(), results.dimensions.end(),
                     [&](const ResultDimension& other) { return other.name == name; }))
    name += '_';
  ResultDimension dimension;
  dimension.name = std::move(name);
  dimension.title = title;
  dimension.title_zh = title_zh;
  dimension.titles.resize(labels.size());
  dimension.titles_zh.resize(labels.size());
  dimension.labels = std::move(labels);
  results.dimensions.push_back(std::move(dimension));
  return results.dimensions.size() - 1;
}

/// Correlations of what was followed, as two arrays of numbers without unit.
void add_correlations(const Session& session, ResultSet& results) {
  const DrawResult& draws = *session.draws;
  if (draws.correlations.with_results.empty()) return;
  std::vector<std::string> names, inputs;
  for (const std::size_t place : draws.focus) names.push_back(drawn_name(session, place));
  for (const ScoreColumn& column : session.uncertainty.columns) inputs.push_back(column.name);
  const std::size_t result = add_dimension(results, "focus", "result in focus", "关注的结果", names),
                    with =
                        add_dimension(results, "focus_with", "result that it goes with", "相关的结果", names),
                    input = add_dimension(results, "uncertain_number", "uncertain number", "不确定的输入",
                                          inputs);
  const auto add = [&](const char* name, const char* title, const char* title_zh, std::size_t other,
                       const std::vector<double>& values) {
    ResultVariable variable;
    variable.name = name;
    variable.title = title;
    variable.title_zh = title_zh;
    variable.group = "correlation";
    variable.unit = variable.udunits = "1";
    variable.dimensions = {result, other};
    variable.values = values;
    results.variables.push_back(std::move(variable));
  };
  add("correlation.results", "correlation of results", "结果之间的相关系数", with,
      draws.correlations.with_results);
  add("correlation.inputs", "correlation of results with the normal scores of uncertain numbers",
      "结果与不确定输入的正态得分的相关系数", input, draws.correlations.with_inputs);
}

}  // namespace

void add_draws(const Session& session, ResultSet& results) {
  if (!session.draws) return;
  const BoundModel& bound = *session.bound;
  const Dimensions& dims = bound.dimensions;
  const DrawResult& draws = *session.draws;
  add_uncertainty(
      session, [&](std::size_t q, std::size_t s, std::size_t p) { return session.draw_model->find(q, s, p); },
      draws.cells, false, results);
  add_correlations(session, results);
  if (const std::vector<std::string> events = draw_events(session); !events.empty())
    results.manifest.emplace_back("in_draws", fmt::format("{}", fmt::join(events, "; ")));
  for (std::size_t k = 0; k < draws.kept.size(); ++k) {
    const DrawnCell& cell = session.draw_model->cells()[draws.focus[k]];
    const Quantity& quantity = bound.quantities[cell.quantity];
    const Unit unit = unit_of_cell(quantity.unit, quantity.dims, cell.series, dims);
    ResultDraws kept;
    kept.name = quantity.name + cell_name(quantity.dims, cell.series, cell.period, dims);
    kept.unit = unit.str();
    kept.udunits = unit.udunits();
    kept.values = draws.kept[k];
    for (double& value : kept.values) value /= unit.scale();
    results.draws.push_back(std::move(kept));
  }
}

ResultSet differences_of(const Session& session, const Session& other, const DrawnDifference& difference) {
  ResultSet results = results_of(session);
  const ResultSet others = results_of(other);
  const std::string name = scenario_text(other.model->scenario);
  std::vector<ResultVariable> kept;
  for (ResultVariable& variable : results.variables) {
    const ResultVariable* const theirs = others.find(variable.name);
    if (!theirs || theirs->values.size() != variable.values.size() || variable.unit == "year") continue;
    for (std::size_t i = 0; i < variable.values.size(); ++i) variable.values[i] -= theirs->values[i];
    variable.formula = "difference to " + name;
    kept.push_back(std::move(variable));
  }
  results.variables = std::move(kept);
  results.manifest.emplace_back("difference_to", name);
  add_uncertainty(
      session, [&](std::size_t q, std::size_t s, std::size_t p) { return difference.of->find(q, s, p); },
      difference.cells, true, results);
  return results;
}

double share_below_zero(const CellSummary& summary) {
  return static_cast<double>(summary.negative) / static_cast<double>(summary.draws - summary.not_finite);
}

}  // namespace lode
