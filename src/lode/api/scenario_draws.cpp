// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_draws.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>

#include "lode/api/correlations.hpp"
#include "lode/api/draw_report.hpp"
#include "lode/api/scenario_results.hpp"
#include "lode/api/variants.hpp"
#include "lode/binding/uncertainty.hpp"
#include "lode/support/source.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

using Question = Session::DrawQuestion;

bool open_scenario(const Session& base, const ScenarioChoice& choice, Session& target) {
  VariantScope scope;
  scope.for_draws = true;
  if (auto variant = make_variant(base, choice, scope)) {
    target = std::move(variant->session);
    target.draw_questions = base.draw_questions;
    target.kept_results = base.kept_results;
    if (variant->failed) return false;
    target.uncertainty = bind_uncertainty(*target.bound, target.diagnostics);
    return !target.diagnostics.has_errors();
  }
  target = open_session(base.as_read, choice);
  return target.planned() && bind_same_questions(base, target) && compute(target);
}

}  // namespace

bool open_scenarios(const Session& base, ScenarioDraws& draws, std::size_t threads, std::size_t& failed) {
  const std::size_t count = draws.pairs.choices.size();
  draws.sessions.clear();
  for (std::size_t k = 0; k < count; ++k) draws.sessions.push_back(std::make_unique<Session>());
  std::atomic<std::size_t> first_failed{count};
  tbb::task_arena arena(threads ? static_cast<int>(threads) : tbb::task_arena::automatic);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, count, [&](std::size_t k) {
      if (open_scenario(base, draws.pairs.choices[k], *draws.sessions[k])) return;
      std::size_t known = first_failed;
      while (k < known && !first_failed.compare_exchange_weak(known, k)) {
      }
    });
  });
  failed = first_failed;
  return failed == count;
}

bool draw_scenarios(ScenarioDraws& draws, const DrawRequest& request, Diagnostics& diagnostics) {
  std::vector<Session*> sessions;
  for (const auto& session : draws.sessions) sessions.push_back(session.get());
  Team alone;
  DrawRequest together = request;
  together.against.clear();  // in the pairs
  return draw_together(sessions, draws.pairs.pairs, together, request.team ? *request.team : alone,
                       DrawScope::all, diagnostics, draws.differences);
}

namespace {

FollowedNames followed_names(const ScenarioDraws& draws, std::size_t difference) {
  const ScenarioPair& pair = draws.pairs.pairs[difference];
  return lode::followed_names(*draws.sessions[pair.first], *draws.sessions[pair.second],
                              draws.differences[difference]);
}

bool nothing(const ResultVariable& variable) {
  const auto zero = [](double value) { return value == 0 || std::isnan(value); };
  const auto all_zero = [&](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), zero);
  };
  return all_zero(variable.values) && (!variable.uncertainty || (all_zero(variable.uncertainty->minimum) &&
                                                                 all_zero(variable.uncertainty->maximum)));
}

}  // namespace

ResultSet scenario_differences(const ScenarioDraws& draws) {
  ResultDimension dimension;
  dimension.name = "difference";
  dimension.title = "difference of two scenarios";
  dimension.title_zh = "两个情景之差";
  auto& of = dimension.parts.emplace_back("of", std::vector<std::string>()).second;
  for (const ScenarioPair& pair : draws.pairs.pairs) of.push_back(draws.pairs.labels[pair.first]);
  auto& to = dimension.parts.emplace_back("to", std::vector<std::string>()).second;
  for (const ScenarioPair& pair : draws.pairs.pairs) {
    to.push_back(draws.pairs.labels[pair.second]);
    dimension.labels.push_back(draws.pairs.label(pair));
  }
  dimension.titles.resize(dimension.labels.size());
  dimension.titles_zh.resize(dimension.labels.size());
  ScenarioResults results(std::move(dimension), true);
  FollowedNames followed;
  for (std::size_t d = 0; d < draws.pairs.pairs.size(); ++d) followed.add(followed_names(draws, d));
  for (std::size_t d = 0; d < draws.pairs.pairs.size(); ++d) {
    const ScenarioPair& pair = draws.pairs.pairs[d];
    results.add(d, differences_of(*draws.sessions[pair.first], *draws.sessions[pair.second],
                                  draws.differences[d], followed));
  }
  ResultSet all = results.take();
  std::erase_if(all.variables, nothing);
  std::erase_if(all.manifest, [](const auto& entry) { return entry.first == "difference_to"; });
  return all;
}

namespace {

/// The places in all sessions' questions that are told, with the name of the number.
struct Told {
  std::size_t question = 0;
  DrawnCell cell;
  std::string name;
  bool probability = false;
};

/// Cells that are asked for and vary in one of the scenarios, in the order of questions.
std::vector<Told> told_cells(const ScenarioDraws& draws) {
  std::vector<Told> told;
  const std::size_t questions = draws.sessions.front()->draw_questions.size();
  for (std::size_t i = 0; i < questions; ++i)
    for (const auto& session : draws.sessions) {
      const Question& question = session->draw_questions[i];
      for (const std::size_t place : question.cells) {
        const DrawnCell& cell = session->draw_model->cells()[place];
        const bool known = std::any_of(told.begin(), told.end(), [&](const Told& each) {
          return each.question == i && each.cell.series == cell.series && each.cell.period == cell.period;
        });
        if (known) continue;
        const bool probability = question.kind == Question::Kind::probability;
        told.push_back(
            {i, cell, probability ? probability_name(*session, question, place) : drawn_name(*session, place),
             probability});
      }
    }
  return told;
}

/// A scenario's own cell of what is told, where it varies.
const CellSummary* cell_of(const Session& session, const Told& told, DrawnNumber& shown) {
  const std::size_t quantity = session.draw_questions[told.question].quantity;
  shown = drawn_number(session, {quantity, told.cell.series, told.cell.period});
  const std::size_t place = session.draw_model->find(quantity, told.cell.series, told.cell.period);
  return place == DrawModel::no_cell ? nullptr : &session.draws->cells[place];
}

double nominal_of(const Session& session, const Told& told) {
  const std::size_t quantity = session.draw_questions[told.question].quantity;
  return session.evaluation->quantity(quantity).value(told.cell.series, told.cell.period);
}

const CellSummary* difference_of(const ScenarioDraws& draws, std::size_t d, const Told& told,
                                 DrawnNumber& shown) {
  const Session& first = *draws.sessions[draws.pairs.pairs[d].first];
  const std::size_t quantity = first.draw_questions[told.question].quantity;
  shown = drawn_number(first, {quantity, told.cell.series, told.cell.period});
  const std::size_t place = draws.differences[d].of->find(quantity, told.cell.series, told.cell.period);
  return place == DrawModel::no_cell ? nullptr : &draws.differences[d].cells[place];
}

}  // namespace

namespace {

/// Of the first scenarios and differences; all are in the files.
std::string scenario_correlations_text(const ScenarioDraws& draws) {
  constexpr std::size_t most_told = 8;
  std::string out;
  const auto tell = [&](const DrawnPart& part, const std::string& label, const FollowedNames& names) {
    if (part.correlations.with_results.empty()) return;
    if (out.empty()) out = correlations_heading(part);
    out += label + "\n" + correlations_text(part, names);
  };
  for (std::size_t k = 0; k < std::min(most_told, draws.sessions.size()); ++k)
    tell(*draws.sessions[k]->draws, draws.pairs.labels[k], lode::followed_names(*draws.sessions[k]));
  for (std::size_t d = 0; d < std::min(most_told, draws.differences.size()); ++d)
    tell(draws.differences[d], draws.pairs.label(draws.pairs.pairs[d]), followed_names(draws, d));
  if (!out.empty() && std::max(draws.sessions.size(), draws.differences.size()) > most_told)
    out += "… and those of more scenarios, in the files\n";
  return out;
}

}  // namespace

std::pair<std::size_t, std::size_t> kept_of_varying(const ScenarioDraws& draws) {
  std::pair<std::size_t, std::size_t> counts;
  for (const auto& session : draws.sessions) {
    counts.first += session->draw_model->cells().size();
    counts.second += session->varying_results;
  }
  return counts;
}

std::string scenario_draws_text(const ScenarioDraws& draws) {
  const DrawResult& first = *draws.sessions.front()->draws;
  std::string out =
      fmt::format("{:<12}{} of each scenario ({}, seed {}), with the same scores for the same numbers\n",
                  "draws", thousands(first.draws), design_words(first.design.kind), first.design.seed);
  const std::vector<std::string>& named = draws.sessions.front()->kept_results;
  if (const auto [kept, varying] = kept_of_varying(draws); !named.empty())
    out += fmt::format("{:<12}{} results of all scenarios vary, statistics kept of {} of them\n", "",
                       thousands(varying), thousands(kept));
  if (!first.complete) out += fmt::format("{:<12}stopped before all of them were made\n", "");
  std::size_t width = 0;
  for (const std::string& label : draws.pairs.labels) width = std::max(width, display_width(label));
  std::size_t pair_width = 0;
  for (const ScenarioPair& pair : draws.pairs.pairs)
    pair_width = std::max(pair_width, display_width(draws.pairs.label(pair)));
  constexpr std::size_t most_rows = 60;
  for (const Told& told : told_cells(draws)) {
    out += told.name + "\n";
    for (std::size_t k = 0; k < std::min(most_rows, draws.sessions.size()); ++k) {
      DrawnNumber shown;
      const Session& session = *draws.sessions[k];
      const CellSummary* cell = cell_of(session, told, shown);
      std::string text;
      if (!cell)
        text = shown_text(nominal_of(session, told) / shown.scale, shown.unit, shown.is_year) + ", certain";
      else if (told.probability)
        text = probability_text(*cell);
      else if (cell->not_finite == cell->draws)
        text = "no value in any draw";
      else
        text = mean_text(*cell, shown) + (cell->quantiles.empty() ? "" : ", " + band_text(*cell, shown)) +
               absent_text(*cell);
      out += fmt::format("  {}  {}\n", padded(draws.pairs.labels[k], width), text);
      const Question& question = session.draw_questions[told.question];
      if (cell && question.kind == Question::Kind::until && !known_to(*cell, question.bound))
        out += fmt::format("  {}    {}\n", padded("", width), unmet_text(*cell, question.bound));
    }
    if (told.probability) continue;
    for (std::size_t d = 0; d < std::min(most_rows, draws.differences.size()); ++d) {
      DrawnNumber shown;
      const CellSummary* cell = difference_of(draws, d, told, shown);
      out += fmt::format("  {}  {}\n", padded(draws.pairs.label(draws.pairs.pairs[d]), pair_width),
                         cell ? difference_text(*cell, shown) : "no draw makes a difference");
    }
  }
  out += scenario_correlations_text(draws);
  for (std::size_t k = 0; k < draws.sessions.size(); ++k)
    if (const std::string events = draw_events_text(*draws.sessions[k]); !events.empty())
      out += draws.pairs.labels[k] + "\n" + events;
  if (std::max(draws.sessions.size(), draws.differences.size()) > most_rows)
    out += "… and more scenarios, in the files\n";
  return out;
}

nlohmann::ordered_json scenario_draws_json(const ScenarioDraws& draws, std::size_t scenario) {
  return draw_questions_json(*draws.sessions[scenario]);
}

nlohmann::ordered_json scenario_correlations_json(const ScenarioDraws& draws, std::size_t scenario) {
  const Session& session = *draws.sessions[scenario];
  return correlations_json(*session.draws, lode::followed_names(session));
}

nlohmann::ordered_json scenario_differences_json(const ScenarioDraws& draws) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  const std::vector<Told> all = told_cells(draws);
  for (std::size_t d = 0; d < draws.differences.size(); ++d) {
    nlohmann::ordered_json one{{"of", draws.pairs.labels[draws.pairs.pairs[d].first]},
                               {"to", draws.pairs.labels[draws.pairs.pairs[d].second]},
                               {"numbers", nlohmann::ordered_json::array()}};
    for (const Told& told : all) {
      DrawnNumber shown;
      const CellSummary* cell = difference_of(draws, d, told, shown);
      if (!cell || told.probability) continue;
      nlohmann::ordered_json number{{"what", told.name}};
      number.update(summary_json(*cell, shown));
      number["below_zero"] = share_below_zero(*cell);
      one["numbers"].push_back(std::move(number));
    }
    if (auto correlations = correlations_json(draws.differences[d], followed_names(draws, d));
        !correlations.empty())
      one["correlations"] = std::move(correlations);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace lode
