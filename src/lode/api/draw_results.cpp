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
    for (auto* part :
         {&out.mean, &out.mean_error, &out.deviation, &out.deviation_error, &out.minimum, &out.maximum})
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
          if (!std::isnan(variable.values[place]))
            out.mean_error[place] = out.deviation[place] = out.deviation_error[place] = 0;
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
        out.deviation_error[place] = summary.deviation_error / scale;
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

/// A cell of a question of `focus`, by name.
std::optional<DrawnCell> cell_named(const Session& session, const std::string& name) {
  const Dimensions& dims = session.bound->dimensions;
  for (const Session::DrawQuestion& question : session.draw_questions) {
    if (question.kind != Session::DrawQuestion::Kind::focus) continue;
    const Quantity& quantity = session.bound->quantities[question.quantity];
    if (name.rfind(quantity.name, 0) != 0) continue;
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = dims.first_period(quantity.dims.time); p < quantity.dims.periods(dims); ++p)
        if (quantity.name + cell_name(quantity.dims, s, p, dims) == name)
          return DrawnCell{question.quantity, s, p};
  }
  return std::nullopt;
}

double nominal_of(const Session& session, const std::string& name) {
  const auto cell = cell_named(session, name);
  if (!cell || !session.bound->quantities[cell->quantity].defined.at(cell->series, cell->period))
    return std::numeric_limits<double>::quiet_NaN();
  return session.evaluation->quantity(cell->quantity).value(cell->series, cell->period);
}

/// Draws that were kept, in display units: of what no draw moves, its nominal value in all. Years count from
/// nothing, their differences are durations.
template <class Nominal>
void add_kept(const Session& session, const DrawnPart& part, const FollowedNames& names,
              const FollowedNames& all, const Unit& unit_of_year, const Nominal& nominal,
              ResultSet& results) {
  for (const std::string& name : all.results) {
    const auto cell = cell_named(session, name);
    if (!cell) continue;
    const Quantity& quantity = session.bound->quantities[cell->quantity];
    const bool is_year = quantity.type == Node::Type::year;
    const Unit unit =
        is_year ? unit_of_year
                : unit_of_cell(quantity.unit, quantity.dims, cell->series, session.bound->dimensions);
    ResultDraws kept;
    kept.name = name;
    kept.unit = unit.str();
    kept.udunits = unit.udunits();
    const auto place = std::find(names.results.begin(), names.results.end(), name);
    if (place == names.results.end())
      kept.values.assign(session.draws->draws, nominal(name));
    else
      kept.values = part.kept[static_cast<std::size_t>(place - names.results.begin())];
    for (double& value : kept.values) value /= unit.scale();
    results.draws.push_back(std::move(kept));
  }
}

}  // namespace

void add_draws(const Session& session, const FollowedNames& followed, ResultSet& results) {
  if (!session.draws) return;
  const DrawResult& draws = *session.draws;
  const FollowedNames names = followed_names(session);
  add_uncertainty(
      session, [&](std::size_t q, std::size_t s, std::size_t p) { return session.draw_model->find(q, s, p); },
      draws.cells, false, results);
  if (followed.correlated) add_correlations(draws, names, followed, results);
  if (const std::vector<std::string> events = draw_events(session); !events.empty())
    results.manifest.emplace_back("in_draws", fmt::format("{}", fmt::join(events, "; ")));
  if (followed.kept)
    add_kept(
        session, draws, names, followed, Unit(1, {}, "year"),
        [&](const std::string& each) { return nominal_of(session, each); }, results);
}

void add_draws(const Session& session, ResultSet& results) {
  if (session.draws) add_draws(session, followed_names(session), results);
}

ResultSet differences_of(const Session& session, const Session& other, const DrawnDifference& difference,
                         const FollowedNames& followed) {
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
  const FollowedNames names = followed_names(session, other, difference);
  if (followed.correlated) add_correlations(difference, names, followed, results);
  if (followed.kept)
    add_kept(
        session, difference, names, followed, Unit(1, {{"yr"}}, "yr"),
        [&](const std::string& each) { return nominal_of(session, each) - nominal_of(other, each); },
        results);
  return results;
}

ResultSet differences_of(const Session& session, const Session& other, const DrawnDifference& difference) {
  return differences_of(session, other, difference, followed_names(session, other, difference));
}

double share_below_zero(const CellSummary& summary) {
  return static_cast<double>(summary.negative) / static_cast<double>(summary.draws - summary.not_finite);
}

}  // namespace lode
