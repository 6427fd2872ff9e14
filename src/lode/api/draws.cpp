// SPDX-License-Identifier: Apache-2.0
#include "lode/api/draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lode/api/conditions.hpp"
#include "lode/api/draw_report.hpp"
#include "lode/api/report_questions.hpp"
#include "lode/language/expression.hpp"
#include "lode/support/digest.hpp"
#include "lode/version.hpp"

namespace lode {

namespace {

/// In the order of DesignKind.
struct DesignName {
  const char *name, *words;
};
constexpr DesignName designs[] = {
    {"sobol", "scrambled Sobol points, 8 scrambles"}, {"latin", "Latin hypercube"}, {"random", "random"}};

}  // namespace

const char* design_name(DesignKind kind) {
  return designs[static_cast<std::size_t>(kind)].name;
}
const char* design_words(DesignKind kind) {
  return designs[static_cast<std::size_t>(kind)].words;
}

namespace {

using Question = Session::DrawQuestion;

/// Results whose correlations are kept; each takes sums over all inputs.
constexpr std::size_t most_in_focus = 64;
/// Bytes of draws that a run may keep.
constexpr std::size_t most_kept = std::size_t{4} << 30;
/// Bytes of sums of one chunk of draws, of which each thread has one and a run some twenty.
constexpr std::size_t most_sums = std::size_t{256} << 20;
/// Cells whose statistics are kept at once, of some 8 kB each.
constexpr std::size_t most_cells = 500000;

/// "demand[2050]: 0.5 %" → formula and bound.
bool split_until(const std::string& text, std::string& formula, double& bound) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  formula = text.substr(0, colon);
  const NumberCell number = read_number(text.substr(colon + 1));
  if (number.kind != NumberCell::Kind::value || !number.unit.empty()) return false;
  bound = number.percent ? number.value * 0.01 : number.value;
  return bound > 0;
}

bool bind_one(Session& session, const std::string& text, Question::Kind kind, double bound) {
  const auto file = std::make_shared<SourceFile>("question", text);
  const bool probability = kind == Question::Kind::probability;
  QuestionLimit limit;
  bool good = true;
  const auto at =
      probability ? find_limit(text, file, limit, good, session.diagnostics) : std::optional<std::size_t>();
  if (!good) return false;
  const ExpressionPtr formula =
      parse_formula(FormulaText::plain(file, 0, at.value_or(text.size())), session.diagnostics);
  if (!formula) return false;
  const auto id = bind_question(*session.bound, text, formula, session.diagnostics, at ? &limit : nullptr);
  if (!id) return false;
  const Quantity& quantity = session.bound->quantities[*id];
  if (probability && !is_condition(*session.bound, quantity)) {
    session.diagnostics.error("not-a-condition", formula->where, "this is a number, and no condition").help =
        fmt::format("for example `{} > 0`", text);
    return false;
  }
  if (kind == Question::Kind::until && quantity.dims.cells(session.bound->dimensions) != 1) {
    session.diagnostics
        .error("not-one-number", formula->where,
               fmt::format("this is over {}: choose one cell", quantity.dims.str(session.bound->dimensions)))
        .help = "for example `demand[2050]: 0.5 %`";
    return false;
  }
  // A number of a quantity is told in the quantity's own unit.
  const Expression* inner = formula.get();
  while (inner->kind == Expression::Kind::index) inner = inner->operands[0].get();
  if (inner->kind == Expression::Kind::name && !at)
    if (const auto named = session.bound->find_quantity(inner->text))
      if (const Unit& unit = session.bound->quantities[*named].unit; !unit.symbolic())
        session.bound->quantities[*id].unit = unit;
  session.draw_questions.push_back({kind, text, *id, bound, {}});
  return true;
}

/// What a report shows; a mistake in it is told when the report is made.
void bind_shown(Session& session, const std::string& text) {
  Diagnostics ignored;
  const auto file = std::make_shared<SourceFile>("shown", text);
  const ExpressionPtr formula = parse_formula(FormulaText::plain(file, 0, text.size()), ignored);
  if (!formula || ignored.has_errors()) return;
  if (const auto id = bind_question(*session.bound, text, formula, ignored, nullptr))
    session.draw_questions.push_back({Question::Kind::shown, text, *id, 0, {}});
}

/// Questions are computed with everything else.
bool plan_questions(Session& session) {
  if (session.draw_questions.empty()) return true;
  auto plan = std::make_unique<Plan>(make_plan(session.bound, session.diagnostics));
  if (session.diagnostics.has_errors()) return false;
  session.evaluation.reset();
  session.plan = std::move(plan);
  return true;
}

}  // namespace

bool bind_draw_questions(Session& session, const DrawRequest& request) {
  session.draw_questions.clear();
  if (!session.planned()) return false;
  bool good = read_kept_results(session, request.results);
  for (const std::string& text : request.focus)
    good = bind_one(session, text, Question::Kind::focus, 0) && good;
  for (const std::string& text : request.probability)
    good = bind_one(session, text, Question::Kind::probability, 0) && good;
  for (const std::string& text : request.until) {
    std::string formula;
    double bound = 0;
    if (split_until(text, formula, bound)) {
      good = bind_one(session, formula, Question::Kind::until, bound) && good;
      continue;
    }
    const auto file = std::make_shared<SourceFile>("question", text);
    session.diagnostics
        .error("bad-bound", Location{file, 0, text.size()}, "this is no result with a bound on its error")
        .help = "for example `demand[2050]: 0.5 %`";
    good = false;
  }
  if (!good) return false;
  if (request.for_report)
    for (const std::string& text : report_questions(session)) bind_shown(session, text);
  return plan_questions(session);
}

bool bind_numbers(Session& session, const std::vector<std::string>& formulas) {
  session.draw_questions.clear();
  if (!session.planned()) return false;
  for (const std::string& text : formulas)
    if (!bind_one(session, text, Question::Kind::shown, 0)) return false;
  return plan_questions(session);
}

bool bind_same_questions(const Session& from, Session& session) {
  session.draw_questions.clear();
  session.kept_results = from.kept_results;
  if (!session.planned()) return false;
  bool good = true;
  for (const Question& question : from.draw_questions)
    if (question.kind != Question::Kind::shown)
      good = bind_one(session, question.text, question.kind, question.bound) && good;
  return good && plan_questions(session);
}

namespace {

/// Cells of questions that vary; those of `focus` once each.
std::vector<std::size_t> find_cells(Session& session) {
  std::vector<std::size_t> focus;
  for (Question& question : session.draw_questions) {
    const Quantity& quantity = session.bound->quantities[question.quantity];
    question.cells.clear();
    const std::size_t periods = quantity.dims.periods(session.bound->dimensions);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = 0; p < periods; ++p)
        if (const std::size_t cell = session.draw_model->find(question.quantity, s, p);
            cell != DrawModel::no_cell)
          question.cells.push_back(cell);
    if (question.kind != Question::Kind::focus) continue;
    for (const std::size_t cell : question.cells)
      if (std::find(focus.begin(), focus.end(), cell) == focus.end()) focus.push_back(cell);
  }
  return focus;
}

/// What `focus` asks of a difference.
std::vector<std::size_t> find_cells(const Session& first, const DrawDifference& difference) {
  std::vector<std::size_t> focus;
  for (const Question& question : first.draw_questions) {
    if (question.kind != Question::Kind::focus) continue;
    const Quantity& quantity = first.bound->quantities[question.quantity];
    const std::size_t periods = quantity.dims.periods(first.bound->dimensions);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = 0; p < periods; ++p)
        if (const std::size_t cell = difference.find(question.quantity, s, p);
            cell != DrawModel::no_cell && std::find(focus.begin(), focus.end(), cell) == focus.end())
          focus.push_back(cell);
  }
  return focus;
}

using Sessions = std::vector<Session*>;

std::string identity_of(const Sessions& sessions, const std::vector<ScenarioPair>& pairs,
                        const DrawOptions& options) {
  std::string text = fmt::format("lode {}\n", version);
  for (const Session* session : sessions) {
    for (const auto& [path, hash] : session->model->files) text += path + ":" + hash + "\n";
    for (const auto& [axis, name] : session->model->scenario) text += axis + "=" + name + "\n";
    for (const Question& question : session->draw_questions) text += question.text + "\n";
  }
  // In whatever order they were named.
  const std::vector<std::string>& named = sessions.front()->kept_results;
  for (const std::string& name : std::set<std::string>(named.begin(), named.end()))
    text += "results " + name + "\n";
  for (const ScenarioPair& pair : pairs) text += fmt::format("{}-{}\n", pair.first, pair.second);
  // The fifth form of a state file: with correlations of several models.
  text += fmt::format("5 {} {} {} {} {}", static_cast<int>(options.design.kind), options.design.seed,
                      options.design.draws, options.pairs, options.first_order);
  for (const double quantile : options.quantiles) text += fmt::format(" {}", quantile);
  if (options.keep_draws) text += " kept";
  return digest(text);
}

/// Computes the scenario that differences are taken to.
bool open_against(Session& session, const DrawRequest& request) {
  ScenarioChoice choice = session.model->scenario;
  for (const auto& [axis, name] : request.against) choice[axis] = name;
  if (choice == session.model->scenario) {
    session.diagnostics
        .error("against-itself", {}, "`--against` names the scenario that is drawn: nothing differs")
        .help = "name another case of an axis, or choose with `--scenario` what is compared with it";
    return false;
  }
  auto other = std::make_shared<Session>(open_session(session.as_read, choice));
  const bool good = !other->diagnostics.has_errors() && other->planned() &&
                    bind_same_questions(session, *other) && compute(*other);
  for (Diagnostic diagnostic : other->diagnostics.all())
    if (diagnostic.severity == Severity::error) session.diagnostics.add(std::move(diagnostic));
  session.against = std::move(other);
  return good;
}

/// Options that do not depend on what varies. False where they contradict one another.
bool read_options(const DrawRequest& request, const Team& team, DrawScope scope, DrawOptions& options,
                  Diagnostics& diagnostics) {
  const auto refuse = [&](const char* code, const char* message, const char* help) {
    diagnostics.error(code, {}, message).help = help;
    return false;
  };
  for (std::size_t kind = 0; kind < std::size(designs); ++kind)
    if (request.design == designs[kind].name) options.design.kind = static_cast<DesignKind>(kind);
  options.design.seed = request.seed;
  options.design.draws = rounded_draws(options.design.kind, request.draws);
  options.quantiles = request.quantiles;
  options.threads = request.threads;
  options.state_file = request.state_file;
  options.keep_draws = request.keep;
  options.pairs = request.correlations;
  options.first_order = request.correlations && scope == DrawScope::questions;  // for a ranking of inputs
  options.progress = request.progress;
  if (!request.until.empty() && options.design.kind == DesignKind::latin)
    return refuse("latin-until", "a Latin hypercube cannot grow", "take `--design sobol` or `random`");
  if (!request.until.empty() && team.size() > 1)
    return refuse("until-alone", "`--until` runs in one process", "give the number of draws");
  return true;
}

/// Bytes of what is followed of all sessions and differences: of draws kept, and of the sums of one chunk.
struct FollowedBytes {
  std::size_t kept = 0, sums = 0;

  void add(std::size_t focus, std::size_t columns, std::uint64_t draws) {
    kept += focus * draws * sizeof(double);
    sums += PairSums::width_of(columns, focus) * sizeof(double);
  }
};

/// What is followed of each. False where it is nothing that was to be followed, or too much.
bool find_focus(const Sessions& sessions, const std::vector<ScenarioPair>& pairs, const DrawRequest& request,
                DrawScope scope, DrawOptions& options, Diagnostics& diagnostics) {
  const bool followed = request.keep || request.correlations;
  std::size_t most = 0;
  FollowedBytes bytes;
  for (Session* session : sessions) {
    std::vector<std::size_t> focus = find_cells(*session);
    // What differences are taken to is no result by itself.
    if (session != sessions.front() && !request.against.empty()) focus.clear();
    most = std::max(most, focus.size());
    bytes.add(focus.size(), session->uncertainty.columns.size(), options.design.draws);
    if (session == sessions.front())
      options.focus = std::move(focus);
    else
      options.other_focus.push_back(std::move(focus));
  }
  for (std::size_t d = 0; d < pairs.size() && followed; ++d) {
    const Session &first = *sessions[pairs[d].first], &second = *sessions[pairs[d].second];
    std::vector<std::size_t> focus = find_cells(first, *options.differences[d]);
    most = std::max(most, focus.size());
    bytes.add(focus.size(), std::max(first.uncertainty.columns.size(), second.uncertainty.columns.size()),
              options.design.draws);
    options.difference_focus.push_back(std::move(focus));
  }
  if (most > most_in_focus && (sessions.size() == 1 || followed)) {
    diagnostics
        .error("too-many", {},
               fmt::format("{} numbers are asked for by `--focus`, at most {} can be followed", most,
                           most_in_focus))
        .help = "choose years or labels: `gap[2035]`";
    return false;
  }
  if (followed && most == 0 && scope == DrawScope::all) {
    diagnostics
        .error("nothing-kept", {},
               request.keep
                   ? "`--keep` writes the draws of what `--focus` names, and it names nothing that varies"
                   : "`--correlations` are of what `--focus` names, and it names nothing that varies")
        .help = request.keep ? "for example `--focus 'demand[2050]' --keep`"
                             : "for example `--focus 'demand[2050]' --correlations`";
    return false;
  }
  if (request.keep && bytes.kept > most_kept) {
    Diagnostic& error =
        diagnostics.error("too-many", {}, "so many draws of so many results do not fit into 4 GiB");
    if (sessions.size() > 1)
      error.help = "they are kept of each scenario and of each difference: choose fewer";
    return false;
  }
  if (request.correlations && bytes.sums > most_sums) {
    diagnostics
        .error("too-many", {},
               fmt::format("correlations of {} numbers of {} scenarios and {} differences with {} uncertain "
                           "numbers do not fit into 256 MiB",
                           most, sessions.size(), pairs.size(),
                           thousands(sessions.front()->uncertainty.columns.size())))
        .help = "choose fewer scenarios or results, or the differences: `--difference 'A - B'`";
    return false;
  }
  return true;
}

/// Whether all means that `--until` names are known well enough.
bool known_well(const Sessions& sessions, const DrawResult& result) {
  for (std::size_t k = 0; k < sessions.size(); ++k) {
    const std::vector<CellSummary>& cells = k == 0 ? result.cells : result.others[k - 1].cells;
    for (const Question& each : sessions[k]->draw_questions) {
      if (each.kind != Question::Kind::until || each.cells.empty()) continue;
      const CellSummary& cell = cells[each.cells.front()];
      if (!known_to(cell, each.bound)) return false;
    }
  }
  return true;
}

/// Each session gets its own part.
void hand_out(DrawResult all, const Sessions& sessions, std::vector<DrawnDifference>& differences) {
  for (std::size_t d = 0; d < differences.size(); ++d)
    static_cast<DrawnPart&>(differences[d]) = std::move(all.differences[d]);
  for (std::size_t k = 1; k < sessions.size(); ++k) {
    DrawResult part;
    static_cast<DrawnPart&>(part) = std::move(all.others[k - 1]);
    part.design = all.design;
    part.quantiles = all.quantiles;
    part.draws = all.draws;
    for (const DrawFailure& failure : all.failures)
      if (failure.model == k) part.failures.push_back(failure);
    part.times = all.times;
    part.complete = all.complete;
    sessions[k]->draws = std::move(part);
  }
  std::erase_if(all.failures, [](const DrawFailure& failure) { return failure.model != 0; });
  sessions.front()->draws = std::move(all);
}

/// What all results would take, where statistics are kept of some.
std::size_t count_all(const Sessions& sessions, const std::vector<ScenarioPair>& pairs) {
  std::vector<std::unique_ptr<DrawModel>> models;
  std::size_t counted = 0;
  for (Session* session : sessions) {
    models.push_back(std::make_unique<DrawModel>(*session->plan, *session->evaluation, session->uncertainty,
                                                 all_drawn_quantities(*session)));
    session->varying_results = models.back()->cells().size();
    counted += models.back()->distinct().size();
  }
  for (const ScenarioPair& pair : pairs)
    counted += DrawDifference(*models[pair.first], *models[pair.second]).distinct().size();
  return counted;
}

}  // namespace

bool draw_together(const std::vector<Session*>& sessions, const std::vector<ScenarioPair>& pairs,
                   const DrawRequest& request, Team& team, DrawScope scope, Diagnostics& diagnostics,
                   std::vector<DrawnDifference>& differences) {
  differences.clear();
  DrawOptions options;
  if (!read_options(request, team, scope, options, diagnostics)) return false;
  const auto all_certain = [](const Session* session) { return session->uncertainty.columns.empty(); };
  if (std::all_of(sessions.begin(), sessions.end(), all_certain)) {
    diagnostics
        .error("nothing-uncertain", {},
               "no parameter of this case is uncertain: every draw would be the same")
        .help =
        "give parameters a `quality:`, and its class a distribution: `statistics: {normal: {cv: 2 %}}`";
    return false;
  }
  std::size_t cells = 0, counted = 0;
  for (Session* session : sessions) {
    session->draws.reset();
    session->draw_model = std::make_unique<DrawModel>(
        *session->plan, *session->evaluation, session->uncertainty, drawn_quantities(*session, scope));
    session->varying_results = session->draw_model->cells().size();
    cells += session->varying_results;
    counted += session->draw_model->distinct().size();
    if (session != sessions.front()) options.others.push_back(session->draw_model.get());
  }
  if (cells == 0) {
    const bool some = scope == DrawScope::all && !sessions.front()->kept_results.empty();
    Diagnostic& error =
        diagnostics.error("nothing-varies", {},
                          some ? "nothing that `--results` names depends on an uncertain parameter"
                               : "no result depends on an uncertain parameter");
    if (some) error.help = "without `--results` statistics are kept of all that vary";
    return false;
  }
  for (const ScenarioPair& pair : pairs) {
    differences.emplace_back().of = std::make_unique<DrawDifference>(*sessions[pair.first]->draw_model,
                                                                     *sessions[pair.second]->draw_model);
    options.differences.push_back(differences.back().of.get());
    counted += differences.back().of->distinct().size();
  }
  if (sessions.size() > 1 && counted > most_cells) {
    diagnostics
        .error("too-many", {},
               fmt::format(
                   "{} numbers of {} scenarios and {} differences cannot be followed at once, at most {}",
                   thousands(counted), sessions.size(), pairs.size(), thousands(most_cells)))
        .help =
        "choose fewer scenarios, the results wanted: `--results gap`, or the differences: `--difference 'A - "
        "B'`";
    return false;
  }
  if (scope == DrawScope::all && !sessions.front()->kept_results.empty())
    options.counted_in_all = count_all(sessions, pairs);
  if (!find_focus(sessions, pairs, request, scope, options, diagnostics)) return false;
  options.identity = identity_of(sessions, pairs, options);
  std::string problem;
  const DrawModel& model = *sessions.front()->draw_model;
  auto drawn = request.until.empty()
                   ? lode::run_draws(model, options, team, problem)
                   : run_draws_until(
                         model, options, team,
                         [&](const DrawResult& result) { return known_well(sessions, result); }, problem);
  if (!drawn) {
    diagnostics.error("draws-failed", {}, problem);
    return false;
  }
  hand_out(std::move(*drawn), sessions, differences);
  return true;
}

bool run_draws(Session& session, const DrawRequest& request, Team& team, DrawScope scope) {
  session.draws.reset();
  session.difference.reset();
  session.against.reset();
  std::vector<Session*> sessions = {&session};
  std::vector<ScenarioPair> pairs;
  if (!request.against.empty()) {
    if (!open_against(session, request)) return false;
    sessions.push_back(session.against.get());
    pairs.push_back({0, 1});
  }
  std::vector<DrawnDifference> differences;
  if (!draw_together(sessions, pairs, request, team, scope, session.diagnostics, differences)) return false;
  if (!differences.empty()) session.difference = std::move(differences.front());
  return true;
}

}  // namespace lode
