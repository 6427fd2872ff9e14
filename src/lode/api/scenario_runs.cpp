// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_runs.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "lode/api/draw_report.hpp"
#include "lode/api/explain.hpp"
#include "lode/api/scenario_results.hpp"
#include "lode/api/summary.hpp"
#include "lode/api/variants.hpp"
#include "lode/model/scenario_changes.hpp"
#include "lode/support/source.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

/// Bytes of results that are kept together.
constexpr double most_kept = 4.0 * 1024 * 1024 * 1024;

ScenarioRuns::Line line_of(Session& session, const std::string& label, const ScenarioRequest& request,
                           std::vector<ScenarioRuns::Shown>& shown) {
  ScenarioRuns::Line line;
  line.label = label;
  const RunSummary summary = summarise(session);
  if (!summary.balances.empty()) {
    line.worst_balance = summary.balances.front().worst;
    line.worst_process = summary.balances.front().process;
  }
  line.negative = summary.negative;
  line.alerts = summary.alerts;
  line.alert_error = summary.alert_error;
  shown.clear();
  for (const std::string& formula : request.show) {
    const auto found = explain(session, formula, 0, 0);
    line.shown.push_back(found && !std::isnan(found->value) ? std::optional(found->value) : std::nullopt);
    shown.push_back({formula, found ? found->unit : "", found && found->is_year});
  }
  return line;
}

/// Mistakes of scenarios, each with the first scenario that has it: two axes that change the same parameter
/// do so in many combinations.
class ScenarioMistakes {
 public:
  void take(const Session& from, std::size_t scenario) {
    for (const Diagnostic& diagnostic : from.diagnostics.all()) {
      if (diagnostic.severity != Severity::error) continue;
      const Location where = diagnostic.labels.empty() ? Location{} : diagnostic.labels.front().where;
      const std::string key = where.str() + diagnostic.message;
      const auto [found, is_new] = mistakes_.try_emplace(key, Mistake{diagnostic, scenario, 0});
      found->second.first = std::min(found->second.first, scenario);
      ++found->second.count;
    }
  }
  void tell(const std::vector<std::string>& labels, Session& into) const {
    for (const auto& [key, mistake] : mistakes_) {
      Diagnostic diagnostic = mistake.diagnostic;
      if (const std::string& label = labels[mistake.first]; !label.empty())
        diagnostic.message += fmt::format(
            " (scenario {}{})", label, mistake.count == 1 ? "" : fmt::format("; {} in all", mistake.count));
      into.diagnostics.add(std::move(diagnostic));
    }
  }

 private:
  struct Mistake {
    Diagnostic diagnostic;
    std::size_t first = 0, count = 0;
  };
  std::map<std::string, Mistake> mistakes_;
};

}  // namespace

std::optional<ScenarioRuns> run_scenarios(Session& session, const ScenarioRequest& request,
                                          const ScenarioChoice& chosen) {
  const auto begin = std::chrono::steady_clock::now();
  ScenarioRuns runs;
  runs.set = read_scenario_set(*session.as_read, request.sets, chosen, session.diagnostics);
  if (session.diagnostics.has_errors()) return std::nullopt;
  const std::size_t count = runs.set.choices.size();
  double cells = 0;
  for (const Quantity& quantity : session.bound->quantities)
    cells += static_cast<double>(quantity.dims.cells(session.bound->dimensions));
  if (cells * static_cast<double>(count) * sizeof(double) > most_kept) {
    session.diagnostics
        .error("too-many", {},
               fmt::format("{} scenarios of {} values each do not fit into 4 GiB", thousands(count),
                           thousands(static_cast<std::uint64_t>(cells))))
        .help = "choose cases: `--scenarios 'supply=low,high'`";
    return std::nullopt;
  }
  // A formula that cannot be shown is told before anything is computed.
  for (const std::string& formula : request.show)
    if (!explain(session, formula, 0, 0)) return std::nullopt;
  ScenarioMistakes mistakes;
  ScenarioResults results(runs.set);
  runs.lines.resize(count);
  const auto finish = [&] {
    runs.results = results.take();
    runs.variables = runs.results.variables.size();
    runs.differing = results.differing();
    for (const ScenarioRuns::Line& line : runs.lines) runs.alert_error = runs.alert_error || line.alert_error;
    runs.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  };
  if (request.draws) {
    ScenarioDraws& draws = runs.draws.emplace();
    draws.pairs = read_scenario_pairs(*session.as_read, runs.set, session.model->scenario,
                                      request.draws->against, request.differences, session.diagnostics);
    if (session.diagnostics.has_errors()) return std::nullopt;
    std::size_t failed = 0;
    if (!open_scenarios(session, draws, request.threads, failed)) {
      mistakes.take(*draws.sessions[failed], failed);
      mistakes.tell(draws.pairs.labels, session);
      return std::nullopt;
    }
    if (!draw_scenarios(draws, *request.draws, session.diagnostics)) return std::nullopt;
    runs.planned = count;
    FollowedNames followed;
    for (std::size_t k = 0; k < count; ++k) followed.add(followed_names(*draws.sessions[k]));
    for (std::size_t k = 0; k < count; ++k) {
      std::vector<ScenarioRuns::Shown> shown;
      Session& own = *draws.sessions[k];
      runs.lines[k] = line_of(own, runs.set.labels[k], request, shown);
      if (k == 0) runs.shown = std::move(shown);
      ResultSet own_results = results_of(own);
      add_draws(own, followed, own_results);
      own.draws->kept = {};  // in the results
      results.add(k, std::move(own_results));
    }
    finish();
    return runs;
  }

  // The session whose plan a scenario can share; one of its own where more than numbers differ.
  std::vector<std::shared_ptr<Session>> own;
  std::vector<std::size_t> own_scenario, base_of(count);
  constexpr std::size_t first_session = static_cast<std::size_t>(-1);
  const auto shares = [&](const ScenarioChoice& a, const ScenarioChoice& b) {
    return changes_between(*session.as_read, a, b).only_values;
  };
  for (std::size_t k = 0; k < count; ++k) {
    base_of[k] = first_session;
    if (shares(session.model->scenario, runs.set.choices[k])) continue;
    std::size_t at = 0;
    while (at < own.size() && !shares(runs.set.choices[own_scenario[at]], runs.set.choices[k])) ++at;
    if (at == own.size()) {
      own.push_back(std::make_shared<Session>());
      own_scenario.push_back(k);
    }
    base_of[k] = at;
  }
  session.evaluation->affected_by({});  // looks at the plan, once for all threads

  std::mutex mutex;
  bool good = true;
  std::vector<std::optional<ResultSet>> waiting(count);  // they are put together in order
  std::size_t next = 0;
  const auto open = [&](const ScenarioChoice& choice, Session& target) {
    target = open_session(session.as_read, choice);
    return target.planned() && compute(target);
  };
  const auto keep = [&](std::size_t k, Session& computed, bool is_own) {
    std::vector<ScenarioRuns::Shown> shown;
    ScenarioRuns::Line line = line_of(computed, runs.set.labels[k], request, shown);
    ResultSet own_results = results_of(computed);
    const std::scoped_lock lock(mutex);
    runs.planned += is_own;
    runs.lines[k] = std::move(line);
    if (k == 0) runs.shown = std::move(shown);
    waiting[k] = std::move(own_results);
    for (; next < count && waiting[next]; waiting[next++].reset())
      results.add(next, std::move(*waiting[next]));
  };
  const auto fail = [&](std::size_t k, const Session& failed) {
    const std::scoped_lock lock(mutex);
    good = false;
    mistakes.take(failed, k);
  };
  const auto each = [&](std::size_t number, const auto& body) {
    tbb::task_arena arena(request.threads ? static_cast<int>(request.threads) : tbb::task_arena::automatic);
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, number, body); });
  };
  each(own.size(), [&](std::size_t i) {
    const std::size_t k = own_scenario[i];
    if (!open(runs.set.choices[k], *own[i])) return fail(k, *own[i]);
    own[i]->evaluation->affected_by({});
    keep(k, *own[i], true);
  });
  if (!good) {
    mistakes.tell(runs.set.labels, session);
    return std::nullopt;
  }
  each(count, [&](std::size_t k) {
    const bool is_own = base_of[k] != first_session;
    if (is_own && own_scenario[base_of[k]] == k) return;
    const Session& base = is_own ? *own[base_of[k]] : session;
    if (auto variant = make_variant(base, runs.set.choices[k]))
      return variant->failed ? fail(k, variant->session) : keep(k, variant->session, false);
    Session alone;
    if (!open(runs.set.choices[k], alone)) return fail(k, alone);
    keep(k, alone, true);
  });
  if (!good) {
    mistakes.tell(runs.set.labels, session);
    return std::nullopt;
  }
  finish();
  return runs;
}

namespace {

std::string set_text(const ScenarioSet& set) {
  std::string text;
  for (const ScenarioSet::Axis& axis : set.axes)
    text += fmt::format("{}{} {}", text.empty() ? "" : " × ", axis.cases.size(), axis.name);
  return text;
}

}  // namespace

std::string scenarios_text(const Session& session, const ScenarioRuns& runs,
                           const std::vector<std::string>& files) {
  std::string out = session.model->title.in("en") + "\n";
  const std::size_t count = runs.lines.size();
  std::string combined = set_text(runs.set);
  if (runs.set.axes.size() > 1) combined = " (" + combined + ")";
  out += fmt::format("{:<12}{}{}\n", "scenarios", count, runs.set.axes.size() > 1 ? combined : "");
  ScenarioChoice others = session.model->scenario;
  for (const ScenarioSet::Axis& axis : runs.set.axes) others.erase(axis.name);
  for (const auto& [axis, name] : runs.set.fixed) others[axis] = name;
  if (!others.empty()) out += fmt::format("{:<12}{}\n", "in all", scenario_text(others));
  out += fmt::format("{:<12}{} of {} arrays differ between scenarios; {}; {:.0f} ms\n", "computed",
                     runs.differing, runs.variables,
                     runs.draws ? "a plan for each, to draw from"
                     : runs.planned == 0
                         ? "one plan for all"
                         : fmt::format("{} scenario{} needed a plan of {} own", runs.planned,
                                       runs.planned == 1 ? "" : "s", runs.planned == 1 ? "its" : "their"),
                     runs.milliseconds);
  std::vector<std::vector<std::string>> table(1);
  for (const ScenarioSet::Axis& axis : runs.set.axes) table[0].push_back(axis.name);
  if (runs.set.axes.empty()) table[0].push_back("scenario");
  const std::size_t names = table[0].size();
  for (const ScenarioRuns::Shown& shown : runs.shown) table[0].push_back(shown.formula);
  for (const char* heading : {"balance", "negative", "alerts"}) table[0].push_back(heading);
  constexpr std::size_t most_rows = 60;
  for (std::size_t k = 0; k < std::min(count, most_rows); ++k) {
    const ScenarioRuns::Line& line = runs.lines[k];
    auto& row = table.emplace_back();
    for (const ScenarioSet::Axis& axis : runs.set.axes) row.push_back(runs.set.choices[k].at(axis.name));
    if (runs.set.axes.empty()) row.push_back(line.label);
    for (std::size_t i = 0; i < line.shown.size(); ++i)
      row.push_back(shown_text(line.shown[i].value_or(NAN), runs.shown[i].unit, runs.shown[i].is_year));
    row.push_back(line.worst_balance ? fmt::format("{:.1e}", *line.worst_balance) : "–");
    row.push_back(line.negative.empty() ? "–" : fmt::format("{}", line.negative.size()));
    row.push_back(line.alerts.empty() ? "–" : fmt::format("{}", line.alerts.size()));
  }
  out += aligned_table(table, std::string(names, 'l') + "r");
  if (count > most_rows) out += fmt::format("… and {} more, in the files\n", count - most_rows);
  // Alerts that many scenarios raise are told once.
  std::vector<std::pair<std::string, std::vector<std::string>>> alerts;
  for (const ScenarioRuns::Line& line : runs.lines)
    for (const auto* list : {&line.alerts, &line.negative})
      for (const std::string& text : *list) {
        const std::string told = list == &line.negative ? "negative: " + text : text;
        auto found =
            std::find_if(alerts.begin(), alerts.end(), [&](const auto& each) { return each.first == told; });
        if (found == alerts.end()) found = alerts.insert(alerts.end(), {told, {}});
        found->second.push_back(line.label);
      }
  constexpr std::size_t most_alerts = 8;
  for (std::size_t i = 0; i < std::min(alerts.size(), most_alerts); ++i) {
    const auto& [text, labels] = alerts[i];
    const std::string who = labels.size() == count ? "all"
                            : labels.size() == 1
                                ? labels.front()
                                : fmt::format("{} and {} more", labels.front(), labels.size() - 1);
    out += fmt::format("{:<12}{} ({})\n", i == 0 ? "alerts" : "", text, who);
  }
  if (alerts.size() > most_alerts)
    out += fmt::format("{:<12}… and {} more\n", "", alerts.size() - most_alerts);
  if (runs.draws) out += scenario_draws_text(*runs.draws);
  for (std::size_t i = 0; i < files.size(); ++i)
    out += fmt::format("{:<12}{}\n", i == 0 ? "files" : "", files[i]);
  return out;
}

std::string scenarios_json(const Session& session, const ScenarioRuns& runs,
                           const std::vector<std::string>& files) {
  using Json = nlohmann::ordered_json;
  Json out;
  out["title"] = session.model->title.in("en");
  out["axes"] = Json::object();
  for (const ScenarioSet::Axis& axis : runs.set.axes) out["axes"][axis.name] = axis.cases;
  ScenarioChoice others = session.model->scenario;
  for (const ScenarioSet::Axis& axis : runs.set.axes) others.erase(axis.name);
  for (const auto& [axis, name] : runs.set.fixed) others[axis] = name;
  out["in_all"] = others;
  out["arrays"] = runs.variables;
  out["arrays_that_differ"] = runs.differing;
  out["own_plans"] = runs.planned;
  out["scenarios"] = Json::array();
  for (std::size_t k = 0; k < runs.lines.size(); ++k) {
    const ScenarioRuns::Line& line = runs.lines[k];
    Json one;
    one["label"] = line.label;
    for (const ScenarioSet::Axis& axis : runs.set.axes)
      one["cases"][axis.name] = runs.set.choices[k].at(axis.name);
    if (line.worst_balance)
      one["worst_balance"] = {{"relative", *line.worst_balance}, {"process", line.worst_process}};
    one["negative"] = line.negative;
    one["alerts"] = line.alerts;
    for (std::size_t i = 0; i < line.shown.size(); ++i)
      one["shown"].push_back({{"formula", runs.shown[i].formula},
                              {"value", line.shown[i] ? Json(*line.shown[i]) : Json(nullptr)},
                              {"unit", runs.shown[i].unit}});
    if (runs.draws) {
      one["drawn"] = scenario_draws_json(*runs.draws, k);
      if (auto correlations = scenario_correlations_json(*runs.draws, k); !correlations.empty())
        one["correlations"] = std::move(correlations);
      one["in_draws"] = draw_events(*runs.draws->sessions[k]);
    }
    out["scenarios"].push_back(std::move(one));
  }
  if (runs.draws) {
    const DrawResult& draws = *runs.draws->sessions.front()->draws;
    out["draws"] = {{"draws", draws.draws},
                    {"design", design_name(draws.design.kind)},
                    {"seed", draws.design.seed},
                    {"complete", draws.complete}};
    if (const auto& named = runs.draws->sessions.front()->kept_results; !named.empty()) {
      const auto [kept, varying] = kept_of_varying(*runs.draws);
      out["draws"].update({{"varying_results", varying}, {"statistics_of", named}, {"kept_results", kept}});
    }
    out["differences"] = scenario_differences_json(*runs.draws);
  }
  out["files"] = files;
  return out.dump(2);
}

}  // namespace lode
