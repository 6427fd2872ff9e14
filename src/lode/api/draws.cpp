// SPDX-License-Identifier: Apache-2.0
#include "lode/api/draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/alerts.hpp"
#include "lode/api/report_questions.hpp"
#include "lode/engine/closed_balances.hpp"
#include "lode/language/expression.hpp"
#include "lode/support/digest.hpp"
#include "lode/version.hpp"

namespace lode {

namespace {

using Question = Session::DrawQuestion;

/// Results whose correlations are kept; each takes sums over all inputs.
constexpr std::size_t most_in_focus = 64;
/// Bytes of draws that a run may keep.
constexpr std::size_t most_kept = std::size_t{4} << 30;

/// In the order of DesignKind.
struct DesignName {
  const char *name, *words;
};
constexpr DesignName designs[] = {
    {"sobol", "scrambled Sobol points, 8 scrambles"}, {"latin", "Latin hypercube"}, {"random", "random"}};

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

/// "c[2002] > 60 t/yr" ends in a limit with a unit, which no formula may: where its relation stands.
std::optional<std::size_t> find_limit(const std::string& text, const SourcePtr& file, QuestionLimit& limit) {
  static constexpr std::pair<const char*, Function> relations[] = {{">=", Function::greater_equal},
                                                                   {"<=", Function::less_equal},
                                                                   {">", Function::greater},
                                                                   {"<", Function::less}};
  for (const auto& [sign, function] : relations) {
    const auto at = text.rfind(sign);
    if (at == std::string::npos) continue;
    const std::size_t begin = text.find_first_not_of(' ', at + std::char_traits<char>::length(sign));
    if (begin == std::string::npos) return std::nullopt;
    Diagnostics ignored;
    const auto value = parse_value(FormulaText::plain(file, begin, text.size() - begin), ignored);
    if (!value || !value->unit || ignored.has_errors()) return std::nullopt;
    limit = {function, *value};
    return at;
  }
  return std::nullopt;
}

bool bind_one(Session& session, const std::string& text, Question::Kind kind, double bound) {
  const auto file = std::make_shared<SourceFile>("question", text);
  QuestionLimit limit;
  const auto at =
      kind == Question::Kind::probability ? find_limit(text, file, limit) : std::optional<std::size_t>();
  const ExpressionPtr formula =
      parse_formula(FormulaText::plain(file, 0, at.value_or(text.size())), session.diagnostics);
  if (!formula) return false;
  const auto id = bind_question(*session.bound, text, formula, session.diagnostics, at ? &limit : nullptr);
  if (!id) return false;
  const Quantity& quantity = session.bound->quantities[*id];
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

}  // namespace

bool bind_draw_questions(Session& session, const DrawRequest& request) {
  session.draw_questions.clear();
  if (!session.planned()) return false;
  bool good = true;
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
  if (session.draw_questions.empty()) return true;
  auto plan = std::make_unique<Plan>(make_plan(session.bound, session.diagnostics));
  if (session.diagnostics.has_errors()) return false;
  session.evaluation.reset();
  session.plan = std::move(plan);
  return true;
}

namespace {

/// Cells of questions that vary. False where there are too many to follow.
bool find_cells(Session& session, std::vector<std::size_t>& focus) {
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
  return focus.size() <= most_in_focus;
}

Diagnostic& refuse(Session& session, const std::string& code, const std::string& message) {
  return session.diagnostics.error(code, {}, message);
}

std::string identity_of(const Session& session, const DrawOptions& options) {
  std::string text = fmt::format("lode {}\n", version);
  for (const auto& [path, hash] : session.model->files) text += path + ":" + hash + "\n";
  for (const auto& [axis, name] : session.model->scenario) text += axis + "=" + name + "\n";
  for (const Question& question : session.draw_questions) text += question.text + "\n";
  // The second form of a state file: with failures.
  text += fmt::format("2 {} {} {}", static_cast<int>(options.design.kind), options.design.seed,
                      options.design.draws);
  for (const double quantile : options.quantiles) text += fmt::format(" {}", quantile);
  return digest(text);
}

/// What draws tell of: all that results are written of, and what is asked for.
std::vector<std::size_t> drawn_quantities(const Session& session, DrawScope scope) {
  std::vector<std::size_t> wanted;
  for (const Question& question : session.draw_questions) wanted.push_back(question.quantity);
  const auto& quantities = session.bound->quantities;
  // Throughputs are flows under another name; checkpoints are drawn by themselves; balances that are closed
  // whatever the inputs are do not vary.
  const auto is_result = [](const Quantity& quantity) {
    return quantity.kind != Quantity::Kind::throughput && quantity.kind != Quantity::Kind::checkpoint;
  };
  if (scope == DrawScope::all) {
    const std::vector<bool> closed = closed_balances(*session.plan);
    for (std::size_t id = 0; id < quantities.size(); ++id)
      if (is_result(quantities[id]) && !closed[id]) wanted.push_back(id);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

/// Computes the scenario that differences are taken to.
bool open_against(Session& session, const DrawRequest& request) {
  ScenarioChoice choice = session.model->scenario;
  for (const auto& [axis, name] : request.against) choice[axis] = name;
  auto other = std::make_shared<Session>(open_session(session.as_read, choice));
  // The same questions, so that their results can be compared too.
  for (const Question& question : session.draw_questions)
    bind_one(*other, question.text, question.kind, question.bound);
  if (other->planned() && !other->draw_questions.empty())
    other->plan = std::make_unique<Plan>(make_plan(other->bound, other->diagnostics));
  const bool good = !other->diagnostics.has_errors() && other->planned() && compute(*other);
  for (Diagnostic diagnostic : other->diagnostics.all())
    if (diagnostic.severity == Severity::error) session.diagnostics.add(std::move(diagnostic));
  if (!good) return false;
  other->draw_model = std::make_unique<DrawModel>(*other->plan, *other->evaluation, other->uncertainty,
                                                  drawn_quantities(*other, DrawScope::all));
  session.against = std::move(other);
  return true;
}

}  // namespace

bool run_draws(Session& session, const DrawRequest& request, Team& team, DrawScope scope) {
  session.draws.reset();
  session.differences.reset();
  session.against.reset();
  if (!request.against.empty() && !open_against(session, request)) return false;
  DrawOptions options;
  for (std::size_t kind = 0; kind < std::size(designs); ++kind)
    if (request.design == designs[kind].name) options.design.kind = static_cast<DesignKind>(kind);
  options.design.seed = request.seed;
  options.design.draws = rounded_draws(options.design.kind, request.draws);
  options.quantiles = request.quantiles;
  options.threads = request.threads;
  options.state_file = request.state_file;
  options.keep_draws = request.keep;
  options.progress = request.progress;
  if (session.uncertainty.columns.empty()) {
    refuse(session, "nothing-uncertain",
           "no parameter of this case is uncertain: every draw would be the same")
        .help =
        "give parameters a `quality:`, and its class a distribution: `statistics: {normal: {cv: 2 %}}`";
    return false;
  }
  if (!request.until.empty() && options.design.kind == DesignKind::latin) {
    refuse(session, "latin-until", "a Latin hypercube cannot grow").help =
        "take `--design sobol` or `random`";
    return false;
  }
  if (!request.until.empty() && team.size() > 1) {
    refuse(session, "until-alone", "`--until` runs in one process").help = "give the number of draws";
    return false;
  }
  session.draw_model = std::make_unique<DrawModel>(*session.plan, *session.evaluation, session.uncertainty,
                                                   drawn_quantities(session, scope));
  if (session.draw_model->cells().empty()) {
    refuse(session, "nothing-varies", "no result depends on an uncertain parameter");
    return false;
  }
  if (!find_cells(session, options.focus)) {
    refuse(session, "too-many",
           fmt::format("{} numbers are asked for by `--focus`, at most {} can be followed",
                       options.focus.size(), most_in_focus))
        .help = "choose years or labels: `gap[2035]`";
    return false;
  }
  if (request.keep && options.focus.empty()) {
    refuse(session, "nothing-kept",
           "`--keep` writes the draws of what `--focus` names, and it names nothing that varies")
        .help = "for example `--focus 'demand[2050]' --keep`";
    return false;
  }
  if (request.keep && (team.size() > 1 || !request.state_file.empty())) {
    refuse(session, "keep-alone", "draws are kept by a run in one process and without `--state`");
    return false;
  }
  if (request.keep && options.focus.size() * options.design.draws * sizeof(double) > most_kept) {
    refuse(session, "too-many", "so many draws of so many results do not fit into 4 GiB");
    return false;
  }
  options.identity = identity_of(session, options);
  std::string problem;
  if (request.until.empty()) {
    session.draws = lode::run_draws(*session.draw_model, options, team, problem);
  } else {
    const auto enough = [&](const DrawResult& result) {
      return std::all_of(session.draw_questions.begin(), session.draw_questions.end(),
                         [&](const Question& each) {
                           if (each.kind != Question::Kind::until || each.cells.empty()) return true;
                           const CellSummary& cell = result.cells[each.cells.front()];
                           return cell.mean_error <= each.bound * std::abs(cell.mean);
                         });
    };
    session.draws = run_draws_until(*session.draw_model, options, team, enough, problem);
  }
  if (session.draws && session.against) {
    options.against = session.against->draw_model.get();
    options.keep_draws = false;
    options.state_file.clear();
    options.design.draws = session.draws->draws;  // `--until` may have ended earlier
    session.differences = lode::run_draws(*session.draw_model, options, team, problem);
  }
  if (!session.draws || (session.against && !session.differences)) {
    refuse(session, "draws-failed", problem);
    return false;
  }
  return true;
}

namespace {

/// Puts what draws tell beside the nominal values.
void add_uncertainty(const Session& session, const DrawResult& draws, ResultSet& results) {
  const BoundModel& bound = *session.bound;
  const Dimensions& dims = bound.dimensions;
  results.quantiles = draws.quantiles;
  for (auto& [key, value] : results.manifest)
    if (key == "draws") value = fmt::format("{}", draws.draws);
  results.manifest.emplace_back("design", designs[static_cast<std::size_t>(draws.design.kind)].name);
  results.manifest.emplace_back("seed", fmt::format("{}", draws.design.seed));
  for (ResultVariable& variable : results.variables) {
    const auto id = bound.find_quantity(variable.name);
    if (!id || variable.group == "parameter") continue;
    const Quantity& quantity = bound.quantities[*id];
    const std::size_t n = quantity.dims.series(dims), begin = dims.first_period(quantity.dims.time),
                      periods = quantity.dims.periods(dims) - begin;
    bool varies = false;
    for (std::size_t s = 0; s < n && !varies; ++s)
      for (std::size_t p = 0; p < periods && !varies; ++p)
        varies = session.draw_model->find(*id, s, begin + p) != DrawModel::no_cell;
    if (!varies) continue;
    ResultUncertainty out;
    const double none = std::numeric_limits<double>::quiet_NaN();
    for (auto* part : {&out.mean, &out.mean_error, &out.deviation, &out.minimum, &out.maximum})
      part->assign(variable.values.size(), none);
    out.quantiles.assign(draws.quantiles.size(), std::vector<double>(variable.values.size(), none));
    out.quantile_errors = out.quantiles;
    for (std::size_t s = 0; s < n; ++s) {
      const double scale = unit_of_cell(quantity.unit, quantity.dims, s, dims).scale();
      for (std::size_t p = 0; p < periods; ++p) {
        const std::size_t place = p * n + s;
        const std::size_t cell = session.draw_model->find(*id, s, begin + p);
        if (cell == DrawModel::no_cell) {
          // Certain cells of an uncertain array are what they are.
          out.mean[place] = out.minimum[place] = out.maximum[place] = variable.values[place];
          if (!std::isnan(variable.values[place])) out.mean_error[place] = out.deviation[place] = 0;
          for (auto& quantile : out.quantiles) quantile[place] = variable.values[place];
          for (auto& error : out.quantile_errors)
            error[place] = std::isnan(variable.values[place]) ? none : 0;
          continue;
        }
        const CellSummary& summary = draws.cells[cell];
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

}  // namespace

void add_draws(const Session& session, ResultSet& results) {
  if (!session.draws) return;
  const BoundModel& bound = *session.bound;
  const Dimensions& dims = bound.dimensions;
  const DrawResult& draws = *session.draws;
  add_uncertainty(session, draws, results);
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

ResultSet differences_of(const Session& session) {
  ResultSet results = results_of(session);
  const ResultSet other = results_of(*session.against);
  std::vector<ResultVariable> kept;
  for (ResultVariable& variable : results.variables) {
    const ResultVariable* const theirs = other.find(variable.name);
    if (!theirs || theirs->values.size() != variable.values.size() || variable.unit == "year") continue;
    for (std::size_t i = 0; i < variable.values.size(); ++i) variable.values[i] -= theirs->values[i];
    variable.formula = "difference to " + scenario_text(session.against->model->scenario);
    kept.push_back(std::move(variable));
  }
  results.variables = std::move(kept);
  results.manifest.emplace_back("difference_to", scenario_text(session.against->model->scenario));
  add_uncertainty(session, *session.differences, results);
  return results;
}

namespace {

struct ShownCell {
  std::string name, unit;
  double scale = 1;
};
ShownCell shown_cell(const Session& session, std::size_t place) {
  const DrawnCell& cell = session.draw_model->cells()[place];
  const Quantity& quantity = session.bound->quantities[cell.quantity];
  const Unit unit = unit_of_cell(quantity.unit, quantity.dims, cell.series, session.bound->dimensions);
  return {quantity.name + cell_name(quantity.dims, cell.series, cell.period, session.bound->dimensions),
          quantity.type == Node::Type::year ? "" : unit.str(), unit.scale()};
}

std::string failure_text(const Event& event) {
  switch (event.kind) {
    case Event::Kind::singular:
      return fmt::format("the loop of {} does not determine {}", event.what, event.cell);
    case Event::Kind::not_converged:
      return fmt::format("the loop of {} was not solved at {}", event.what, event.cell);
    case Event::Kind::negative_inflow:
      return fmt::format("{} falls faster at {} than it ages", event.what, event.cell);
    case Event::Kind::nothing_survives:
      return fmt::format("nothing that enters {} at {} lasts until the end of its year", event.what,
                         event.cell);
    default:
      return fmt::format("the lifetime of {} at {} is none", event.what, event.cell);
  }
}

/// Counted events of single draws: nothing is dropped without a word.
std::vector<std::string> oddities(const Session& session) {
  std::vector<std::string> lines;
  const DrawResult& draws = *session.draws;
  const BoundModel& bound = *session.bound;
  struct Worst {
    std::size_t cell = 0, cells = 0;
    std::uint64_t draws = 0;
  };
  const auto tell = [&](const auto& counts, const char* what) {
    std::map<std::size_t, Worst> by_quantity;
    for (std::size_t i = 0; i < draws.cells.size(); ++i) {
      const std::uint64_t count = counts(i);
      // What a checkpoint is computed from is told where it stands.
      const std::size_t quantity = session.draw_model->cells()[i].quantity;
      if (count == 0 || bound.quantities[quantity].name.front() == '@') continue;
      Worst& worst = by_quantity[quantity];
      ++worst.cells;
      if (count > worst.draws) worst.cell = i, worst.draws = count;
    }
    for (const auto& [quantity, worst] : by_quantity)
      lines.push_back(fmt::format("in {} of {} draws {} {}{}", thousands(worst.draws), thousands(draws.draws),
                                  shown_cell(session, worst.cell).name, what,
                                  worst.cells > 1 ? fmt::format(" (most of {} cells)", worst.cells) : ""));
  };
  for (const DrawFailure& failure : draws.failures)
    lines.push_back(fmt::format("in {} of {} draws {} (first in draw {})", thousands(failure.draws),
                                thousands(draws.draws), failure_text(failure.event),
                                thousands(failure.first_draw + 1)));
  const auto& cells = session.draw_model->cells();
  tell(
      [&](std::size_t i) {
        const Quantity& quantity = bound.quantities[cells[i].quantity];
        const bool counts = (quantity.kind == Quantity::Kind::flow && !quantity.is_signed) ||
                            quantity.kind == Quantity::Kind::stock_level ||
                            quantity.kind == Quantity::Kind::stock_inflow;
        if (!counts) return std::uint64_t{0};
        // Rounding around a stock that is used up is no event.
        const double most = std::max(std::abs(draws.cells[i].maximum), std::abs(draws.cells[i].mean));
        return draws.cells[i].minimum < -1e-9 * most ? draws.cells[i].negative : std::uint64_t{0};
      },
      "< 0");
  tell(
      [&](std::size_t i) {
        return bound.quantities[cells[i].quantity].may_be_absent ? std::uint64_t{0}
                                                                 : draws.cells[i].not_finite;
      },
      "has no finite value");
  return lines;
}

/// The axes in which the other scenario differs.
std::string changed_text(const Session& session) {
  ScenarioChoice changed = session.against->model->scenario;
  std::erase_if(changed,
                [&](const auto& each) { return session.model->scenario.at(each.first) == each.second; });
  return scenario_text(changed);
}

/// Two digits, and no powers of ten.
std::string percent(double part, double whole) {
  const double value = whole != 0 ? std::abs(part / whole) * 100 : 0.0;
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2g}", value);
}

std::string quantile_name(double probability) {
  return fmt::format("{:g} %", probability * 100);
}

}  // namespace

std::string draws_text(const Session& session) {
  if (!session.draws) return "";
  const DrawResult& draws = *session.draws;
  std::string out =
      fmt::format("draws       {} ({}, seed {}); {} uncertain numbers in {} parameter{}, {} results vary\n",
                  thousands(draws.draws), designs[static_cast<std::size_t>(draws.design.kind)].words,
                  draws.design.seed, session.uncertainty.columns.size(), session.uncertainty.leaves.size(),
                  session.uncertainty.leaves.size() == 1 ? "" : "s", thousands(draws.cells.size()));
  if (!draws.complete) out += "            stopped before all of them were made\n";
  const auto number = [](double value, const ShownCell& cell) {
    return shown_text(value / cell.scale, cell.unit, cell.unit.empty());
  };
  for (const Session::DrawQuestion& question : session.draw_questions) {
    if (question.kind == Session::DrawQuestion::Kind::shown) continue;
    if (question.cells.empty()) {
      out += fmt::format("            {} does not vary\n", question.text);
      continue;
    }
    for (const std::size_t place : question.cells) {
      const CellSummary& cell = draws.cells[place];
      const ShownCell shown = shown_cell(session, place);
      if (question.kind == Session::DrawQuestion::Kind::probability) {
        const std::string name = question.cells.size() == 1 ? question.text : shown.name;
        out += fmt::format("            P({}) = {:.4g} % ± {:.2g}\n", name, cell.mean * 100,
                           cell.mean_error * 100);
        continue;
      }
      out += fmt::format("            {}: {} ± {} %", shown.name, number(cell.mean, shown),
                         percent(cell.deviation, cell.mean));
      if (!cell.quantiles.empty())
        out += fmt::format(", {} … {} {} … {}", quantile_name(cell.quantiles.front().probability),
                           quantile_name(cell.quantiles.back().probability),
                           number(cell.quantiles.front().value, shown),
                           number(cell.quantiles.back().value, shown));
      out += fmt::format(" (mean known to {} %)\n", percent(cell.mean_error, cell.mean));
      if (session.differences) {
        const CellSummary& difference = session.differences->cells[place];
        out +=
            fmt::format("              difference to {}: {} ± {}, {} … {} {} … {}\n", changed_text(session),
                        number(difference.mean, shown), number(difference.deviation, shown),
                        quantile_name(difference.quantiles.front().probability),
                        quantile_name(difference.quantiles.back().probability),
                        number(difference.quantiles.front().value, shown),
                        number(difference.quantiles.back().value, shown));
      }
    }
  }
  const std::vector<std::string> risks = alert_risk_lines(session);
  for (std::size_t i = 0; i < risks.size(); ++i)
    out += (i == 0 ? "limits      " : "            ") + risks[i] + "\n";
  const std::vector<std::string> odd = oddities(session);
  for (std::size_t i = 0; i < std::min<std::size_t>(odd.size(), 6); ++i)
    out += (i == 0 ? "in draws    " : "            ") + odd[i] + "\n";
  if (odd.size() > 6) out += fmt::format("            and {} more like these\n", odd.size() - 6);
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

std::string draws_json(const Session& session) {
  if (!session.draws) return "null";
  const DrawResult& draws = *session.draws;
  nlohmann::ordered_json out;
  out["draws"] = draws.draws;
  out["design"] = designs[static_cast<std::size_t>(draws.design.kind)].name;
  out["seed"] = draws.design.seed;
  out["complete"] = draws.complete;
  out["uncertain_numbers"] = session.uncertainty.columns.size();
  out["varying_results"] = draws.cells.size();
  out["questions"] = nlohmann::ordered_json::array();
  for (const Session::DrawQuestion& question : session.draw_questions)
    for (const std::size_t place : question.cells) {
      if (question.kind == Session::DrawQuestion::Kind::shown) continue;
      const CellSummary& cell = draws.cells[place];
      const ShownCell shown = shown_cell(session, place);
      nlohmann::ordered_json each;
      each["what"] = shown.name;
      if (question.kind == Session::DrawQuestion::Kind::probability) {
        each["what"] = question.text;
        each["probability"] = cell.mean;
        each["error"] = cell.mean_error;
      } else {
        each["unit"] = shown.unit;
        each["mean"] = cell.mean / shown.scale;
        each["mean_error"] = cell.mean_error / shown.scale;
        each["deviation"] = cell.deviation / shown.scale;
        each["minimum"] = cell.minimum / shown.scale;
        each["maximum"] = cell.maximum / shown.scale;
        for (const QuantileEstimate& quantile : cell.quantiles)
          each["quantiles"].push_back({{"probability", quantile.probability},
                                       {"value", quantile.value / shown.scale},
                                       {"error", quantile.standard_error / shown.scale}});
      }
      out["questions"].push_back(std::move(each));
    }
  out["alerts"] = nlohmann::ordered_json::array();
  for (const AlertRisk& risk : alert_risks(session))
    out["alerts"].push_back({{"what", risk.name},
                             {"years", risk.years},
                             {"probability", risk.probability},
                             {"error", risk.error}});
  out["in_draws"] = oddities(session);
  const auto& times = draws.times;
  out["seconds"] = {{"scores", times.scores}, {"model", times.model}, {"statistics", times.statistics}};
  return out.dump(2);
}

}  // namespace lode
