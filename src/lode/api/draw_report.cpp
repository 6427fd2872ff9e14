// SPDX-License-Identifier: Apache-2.0
//
// Draws in words: what they say of what was asked.
#include "lode/api/draw_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/api/alerts.hpp"
#include "lode/api/correlations.hpp"
#include "lode/api/draws.hpp"

namespace lode {

namespace {

/// The axes in which the other scenario differs.
std::string changed_text(const Session& session) {
  ScenarioChoice changed = session.against->model->scenario;
  std::erase_if(changed,
                [&](const auto& each) { return session.model->scenario.at(each.first) == each.second; });
  return scenario_text(changed);
}

/// Two digits, and no powers of ten.
std::string two_digits(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2g}", value);
}

std::string quantile_name(double probability) {
  return fmt::format("{:g} %", probability * 100);
}

}  // namespace

bool DrawnNumber::is_share(double around) const {
  if (is_year) return false;
  return unit == "%" || ((unit == "1" || unit.empty()) && std::abs(around) <= 1.5);
}

std::string part_text(double part, double whole, const DrawnNumber& shown) {
  if (shown.is_year) return two_digits(std::abs(part)) + " yr";
  if (shown.is_share(whole)) return two_digits(std::abs(part) * 100) + " points";
  return two_digits(whole != 0 ? std::abs(part / whole) * 100 : 0.0) + " %";
}

namespace {

/// All numbers of a cell in the same way.
std::string number_text(double value, const DrawnNumber& shown, bool is_share) {
  if (is_share) return fmt::format("{:.4g} %", value * 100);
  if (!shown.is_year && (shown.unit == "1" || shown.unit.empty())) return fmt::format("{:.4g}", value);
  return shown_text(value / shown.scale, shown.unit, shown.is_year);
}

template <class Number>
std::string quantiles_text(const CellSummary& cell, const Number& number) {
  if (cell.quantiles.empty()) return "";
  const QuantileEstimate &low = cell.quantiles.front(), &high = cell.quantiles.back();
  if (cell.quantiles.size() == 1)
    return fmt::format("{} below {}", quantile_name(low.probability), number(low.value));
  return fmt::format("{} … {} {} … {}", quantile_name(low.probability), quantile_name(high.probability),
                     number(low.value), number(high.value));
}

}  // namespace

std::string mean_text(const CellSummary& cell, const DrawnNumber& shown) {
  return number_text(cell.mean, shown, shown.is_share(cell.mean)) + " ± " +
         part_text(cell.deviation, cell.mean, shown);
}

std::string band_text(const CellSummary& cell, const DrawnNumber& shown) {
  return quantiles_text(cell,
                        [&](double value) { return number_text(value, shown, shown.is_share(cell.mean)); });
}

std::string difference_text(const CellSummary& cell, const DrawnNumber& shown) {
  const bool is_share = shown.is_share(cell.mean);
  const auto number = [&](double value) {
    if (shown.is_year) return fmt::format("{:.4g} yr", value);
    if (is_share) return fmt::format("{:.4g} points", value * 100);
    return number_text(value, shown, false);
  };
  std::string text = fmt::format("{} ± {}", number(cell.mean), number(cell.deviation));
  if (!cell.quantiles.empty()) text += ", " + quantiles_text(cell, number);
  return text + fmt::format(", P(< 0) = {:.4g} %", share_below_zero(cell) * 100);
}

std::string absent_text(const CellSummary& cell) {
  if (cell.not_finite == 0) return "";
  return fmt::format(", no value in {:.3g} % of the draws",
                     100.0 * static_cast<double>(cell.not_finite) / static_cast<double>(cell.draws));
}

std::string probability_text(const CellSummary& cell) {
  return fmt::format("{:.4g} % ± {:.2g} points", cell.mean * 100, cell.mean_error * 100);
}

namespace {

/// "[2035]".
std::string labels_of(const Session& session, std::size_t place) {
  const DrawnCell& cell = session.draw_model->cells()[place];
  return cell_name(session.bound->quantities[cell.quantity].dims, cell.series, cell.period,
                   session.bound->dimensions);
}

}  // namespace

bool known_to(const CellSummary& cell, double bound) {
  return cell.mean_error <= bound * std::abs(cell.mean);
}

std::string unmet_text(const CellSummary& cell, double bound) {
  if (known_to(cell, bound)) return "";
  const double part = cell.mean_error / std::abs(cell.mean) * 100;
  return fmt::format(
      "not known to {:.4g} %, as `--until` asks: {} draws make {}", bound * 100, thousands(cell.draws),
      std::isfinite(part) ? fmt::format("it {} %", two_digits(part)) : "no share of a mean of 0 or none");
}

std::string probability_name(const Session& session, const Session::DrawQuestion& question,
                             std::size_t place) {
  return fmt::format("P({}){}", question.text,
                     question.cells.size() > 1 ? labels_of(session, place) : std::string());
}

DrawnNumber drawn_number(const Session& session, const DrawnCell& cell) {
  const Quantity& quantity = session.bound->quantities[cell.quantity];
  const Unit unit = unit_of_cell(quantity.unit, quantity.dims, cell.series, session.bound->dimensions);
  DrawnNumber shown;
  shown.name = quantity.name + cell_name(quantity.dims, cell.series, cell.period, session.bound->dimensions);
  shown.is_year = quantity.type == Node::Type::year;
  shown.unit = shown.is_year ? "" : unit.str();
  shown.scale = unit.scale();
  return shown;
}

std::string drawn_name(const Session& session, std::size_t place) {
  return drawn_number(session, session.draw_model->cells()[place]).name;
}

std::string draws_text(const Session& session) {
  if (!session.draws) return "";
  const DrawResult& draws = *session.draws;
  std::string out =
      fmt::format("draws       {} ({}, seed {}); {} uncertain numbers in {} parameter{}, {} results vary\n",
                  thousands(draws.draws), design_words(draws.design.kind), draws.design.seed,
                  session.uncertainty.columns.size(), session.uncertainty.leaves.size(),
                  session.uncertainty.leaves.size() == 1 ? "" : "s", thousands(session.varying_results));
  if (!session.kept_results.empty()) {
    out += fmt::format("            statistics kept of {} of them\n", thousands(draws.cells.size()));
    for (const std::string& name : certain_kept_results(session))
      out += fmt::format("            {} does not vary\n", name);
  }
  if (!draws.complete) out += "            stopped before all of them were made\n";
  for (const Session::DrawQuestion& question : session.draw_questions) {
    if (question.kind == Session::DrawQuestion::Kind::shown) continue;
    if (question.cells.empty()) {
      out += fmt::format("            {} does not vary\n", question.text);
      continue;
    }
    for (const std::size_t place : question.cells) {
      const CellSummary& cell = draws.cells[place];
      const DrawnNumber shown = drawn_number(session, session.draw_model->cells()[place]);
      if (question.kind == Session::DrawQuestion::Kind::probability) {
        out += fmt::format("            {} = {}\n", probability_name(session, question, place),
                           probability_text(cell));
        continue;
      }
      if (cell.not_finite == cell.draws) {
        out += fmt::format("            {} has no value in any draw\n", shown.name);
        continue;
      }
      out += fmt::format("            {}: {}", shown.name, mean_text(cell, shown));
      if (!cell.quantiles.empty()) out += ", " + band_text(cell, shown);
      out += absent_text(cell);
      out += fmt::format(" (mean known to {})\n", part_text(cell.mean_error, cell.mean, shown));
      if (question.kind == Session::DrawQuestion::Kind::until && !known_to(cell, question.bound))
        out += fmt::format("              {}\n", unmet_text(cell, question.bound));
      if (!session.difference) continue;
      const DrawnCell& at = session.draw_model->cells()[place];
      if (const std::size_t d = session.difference->of->find(at.quantity, at.series, at.period);
          d != DrawModel::no_cell)
        out += fmt::format("              difference to {}: {}\n", changed_text(session),
                           difference_text(session.difference->cells[d], shown));
    }
  }
  out += correlations_heading(draws) + correlations_text(draws, followed_names(session));
  if (session.difference && !session.difference->correlations.with_results.empty())
    out += fmt::format("            differences to {}\n", changed_text(session)) +
           correlations_text(*session.difference,
                             followed_names(session, *session.against, *session.difference));
  const std::vector<std::string> risks = alert_risk_lines(session);
  for (std::size_t i = 0; i < risks.size(); ++i)
    out += (i == 0 ? "limits      " : "            ") + risks[i] + "\n";
  if (const std::vector<std::string> names = unwatched_limits(session); !names.empty())
    out += fmt::format("{}not watched in the draws: {}, which `--results` does not name\n",
                       risks.empty() ? "limits      " : "            ", fmt::join(names, ", "));
  out += draw_events_text(session);
  return out;
}

std::string profile_text(const Session& session) {
  if (!session.draws) return "";
  const auto& times = session.draws->times;
  const auto draws = static_cast<double>(session.draws->draws);
  const double sum = times.scores + times.model + times.statistics;
  std::string out = "profile     seconds of all threads together, and microseconds per draw\n";
  const auto line = [&](const char* what, double seconds) {
    out += fmt::format("            {:<22} {:>8.3f} s {:>9.3f} µs {:>5.1f} %\n", what, seconds,
                       seconds / draws * 1e6, sum > 0 ? seconds / sum * 100 : 0.0);
  };
  line("scores of inputs", times.scores);
  line("inputs and model", times.model);
  line("statistics of results", times.statistics);
  return out;
}

nlohmann::ordered_json summary_json(const CellSummary& cell, const DrawnNumber& shown) {
  nlohmann::ordered_json each;
  each["unit"] = shown.unit;
  each["mean"] = cell.mean / shown.scale;
  each["mean_error"] = cell.mean_error / shown.scale;
  each["deviation"] = cell.deviation / shown.scale;
  each["deviation_error"] = cell.deviation_error / shown.scale;
  each["minimum"] = cell.minimum / shown.scale;
  each["maximum"] = cell.maximum / shown.scale;
  if (cell.not_finite > 0) each["without_value"] = cell.not_finite;
  for (const QuantileEstimate& quantile : cell.quantiles)
    each["quantiles"].push_back({{"probability", quantile.probability},
                                 {"value", quantile.value / shown.scale},
                                 {"error", quantile.standard_error / shown.scale}});
  return each;
}

namespace {

/// Of a number to the scenario of `--against`; nothing where no draw makes a difference.
nlohmann::ordered_json difference_json(const Session& session, const DrawnCell& cell,
                                       const DrawnNumber& shown) {
  nlohmann::ordered_json out{{"to", session.against->model->scenario}};
  const std::size_t d = session.difference->of->find(cell.quantity, cell.series, cell.period);
  if (d == DrawModel::no_cell) return nullptr;
  const CellSummary& summary = session.difference->cells[d];
  out.update(summary_json(summary, shown));
  out["below_zero"] = share_below_zero(summary);
  return out;
}

}  // namespace

nlohmann::ordered_json draw_questions_json(const Session& session) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Session::DrawQuestion& question : session.draw_questions)
    for (const std::size_t place : question.cells) {
      if (question.kind == Session::DrawQuestion::Kind::shown) continue;
      const CellSummary& cell = session.draws->cells[place];
      const DrawnNumber shown = drawn_number(session, session.draw_model->cells()[place]);
      nlohmann::ordered_json each{{"what", shown.name}};
      if (question.kind == Session::DrawQuestion::Kind::probability) {
        each["what"] = question.text;
        if (question.cells.size() > 1) each["cell"] = labels_of(session, place);
        each["probability"] = cell.mean;
        each["error"] = cell.mean_error;
      } else {
        each.update(summary_json(cell, shown));
        if (question.kind == Session::DrawQuestion::Kind::until)
          each["until"] = {{"bound", question.bound},
                           {"known_to", cell.mean_error / std::abs(cell.mean)},
                           {"reached", known_to(cell, question.bound)}};
        if (session.difference)
          each["difference"] = difference_json(session, session.draw_model->cells()[place], shown);
      }
      out.push_back(std::move(each));
    }
  return out;
}

std::string draws_json(const Session& session) {
  if (!session.draws) return "null";
  const DrawResult& draws = *session.draws;
  nlohmann::ordered_json out;
  out["draws"] = draws.draws;
  out["design"] = design_name(draws.design.kind);
  out["seed"] = draws.design.seed;
  out["complete"] = draws.complete;
  out["uncertain_numbers"] = session.uncertainty.columns.size();
  out["varying_results"] = session.varying_results;
  if (!session.kept_results.empty()) {
    out["statistics_of"] = session.kept_results;
    out["kept_results"] = draws.cells.size();
  }
  out["questions"] = draw_questions_json(session);
  if (!draws.correlations.with_results.empty())
    out["correlations"] = correlations_json(draws, followed_names(session));
  if (session.difference && !session.difference->correlations.with_results.empty())
    out["correlations_of_difference"] = correlations_json(
        *session.difference, followed_names(session, *session.against, *session.difference));
  out["alerts"] = nlohmann::ordered_json::array();
  for (const AlertRisk& risk : alert_risks(session))
    out["alerts"].push_back({{"what", risk.name},
                             {"years", risk.years},
                             {"probability", risk.probability},
                             {"error", risk.error}});
  out["in_draws"] = draw_events(session);
  const auto& times = draws.times;
  out["seconds"] = {{"scores", times.scores}, {"model", times.model}, {"statistics", times.statistics}};
  return out.dump(2);
}

}  // namespace lode
