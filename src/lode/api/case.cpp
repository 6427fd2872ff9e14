// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "lode/api/classify.hpp"
#include "lode/api/diagnose.hpp"
#include "lode/api/draws.hpp"
#include "lode/api/explain.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_sweep.hpp"
#include "lode/api/figures.hpp"
#include "lode/api/fill_tables.hpp"
#include "lode/api/graph.hpp"
#include "lode/api/lenders.hpp"
#include "lode/api/messages.hpp"
#include "lode/api/report.hpp"
#include "lode/api/scenario_runs.hpp"
#include "lode/api/seek.hpp"
#include "lode/api/sensitivity.hpp"
#include "lode/api/session.hpp"
#include "lode/api/summary.hpp"
#include "lode/api/sweep.hpp"
#include "lode/api/templates.hpp"
#include "lode/api/unused.hpp"
#include "lode/api/verify.hpp"
#include "lode/cluster/team.hpp"
#include "lode/lode.hpp"
#include "lode/results/write.hpp"
#include "lode/support/files.hpp"
#include "lode/version.hpp"

namespace lode {

struct Case::Impl {
  std::filesystem::path folder;
  Scenario scenario;
  Session session;
  std::optional<Verification> verification, undrawn;
  std::optional<ScenarioRuns> scenarios;
  std::optional<Sweep> sweep;
  std::optional<Seek> seek;
  double milliseconds = 0;

  const Verification& verified(bool with_draws = true) {
    std::optional<Verification>& wanted = with_draws || verification ? verification : undrawn;
    if (!wanted) wanted = lode::verify(session, scenario, with_draws);
    return *wanted;
  }
  /// What a summary tells: all where there are draws, for then it is about them.
  const Verification* summarised() {
    return session.model->checkpoints.empty() ? nullptr : &verified(session.draws.has_value());
  }
};

Case::Case() : impl_(std::make_unique<Impl>()) {}
Case::Case(Case&&) noexcept = default;
Case& Case::operator=(Case&&) noexcept = default;
Case::~Case() = default;

Case Case::load(const std::filesystem::path& folder, const Scenario& scenario) {
  Case result;
  result.impl_->folder = folder;
  result.impl_->scenario = scenario;
  const auto begin = std::chrono::steady_clock::now();
  Session& session = result.impl_->session;
  session = open_session(folder, scenario);
  if (session.as_read && !session.diagnostics.has_errors()) {  // an unfinished case has use for things later
    tell_unused(*session.as_read, session.diagnostics);
    session.diagnostics.sort_and_unique();
  }
  result.impl_->milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

bool Case::ok() const {
  return !impl_->session.diagnostics.has_errors();
}
bool Case::readable() const {
  return impl_->session.readable();
}
bool Case::computed() const {
  return impl_->session.computed();
}

std::vector<Message> Case::messages() const {
  return messages_of(impl_->session.diagnostics);
}

std::string Case::messages_text(bool colour) const {
  return render(impl_->session.diagnostics, colour);
}
std::string Case::messages_json() const {
  return to_json(impl_->session.diagnostics);
}

bool Case::run() {
  if (!impl_->session.planned()) return false;
  const auto begin = std::chrono::steady_clock::now();
  const bool good = compute(impl_->session);
  impl_->milliseconds +=
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  impl_->verification.reset();
  impl_->undrawn.reset();
  return good;
}

bool Case::run_scenarios(const ScenarioRequest& request) {
  impl_->scenarios.reset();
  if (!impl_->session.planned()) return false;
  if (request.draws) {
    DrawRequest questions = *request.draws;
    questions.focus.insert(questions.focus.begin(), request.show.begin(), request.show.end());
    if (!bind_draw_questions(impl_->session, questions)) return false;
  }
  if (!computed() && !run()) return false;
  impl_->scenarios = lode::run_scenarios(impl_->session, request, impl_->scenario);
  return impl_->scenarios.has_value();
}
ResultSet Case::scenario_results() const {
  return impl_->scenarios ? impl_->scenarios->results : ResultSet{};
}
ResultSet Case::scenario_differences() const {
  const bool any =
      impl_->scenarios && impl_->scenarios->draws && !impl_->scenarios->draws->pairs.pairs.empty();
  return any ? lode::scenario_differences(*impl_->scenarios->draws) : ResultSet{};
}
std::string Case::scenarios_text(const std::vector<std::string>& files) const {
  return impl_->scenarios ? lode::scenarios_text(impl_->session, *impl_->scenarios, files) : "";
}
std::string Case::scenarios_json(const std::vector<std::string>& files) const {
  return impl_->scenarios ? lode::scenarios_json(impl_->session, *impl_->scenarios, files) : "";
}
bool Case::scenario_alert_raised() const {
  return impl_->scenarios && impl_->scenarios->alert_error;
}

namespace {

/// Binds formulas, so that they are computed with everything else, and computes.
bool compute_with(Case& model, Session& session, const std::vector<std::string>& formulas) {
  DrawRequest questions;
  questions.focus = formulas;
  return session.planned() && bind_draw_questions(session, questions) && (session.computed() || model.run());
}

}  // namespace

bool Case::sweep(const SweepRequest& request) {
  Session& session = impl_->session;
  impl_->sweep.reset();
  if (request.what.empty()) {
    session.diagnostics.error("no-result", {}, "no result is asked for").help =
        "for example `--what 'gap[2035]'`";
    return false;
  }
  if (!compute_with(*this, session, request.what)) return false;
  impl_->sweep = run_sweep(session, request);
  return impl_->sweep.has_value();
}
std::string Case::sweep_text() const {
  return impl_->sweep ? lode::sweep_text(impl_->session, *impl_->sweep) : "";
}
std::string Case::sweep_json() const {
  return impl_->sweep ? lode::sweep_json(impl_->session, *impl_->sweep) : "";
}
std::string Case::sweep_csv() const {
  return impl_->sweep ? lode::sweep_csv(*impl_->sweep) : "";
}
FigureResult Case::sweep_figure(const FigureRequest& request) const {
  if (!impl_->sweep) return no_figure("no sweep has been made");
  FigureRequest whole = request;
  whole.kind = "sweep";
  std::string problem;
  const std::optional<FigureSpec> spec = spec_of(impl_->session, whole, problem);
  return spec ? draw_sweep_figure(impl_->session, *impl_->sweep, *spec) : no_figure(std::move(problem));
}
ResultSet Case::sweep_results() const {
  return impl_->sweep ? impl_->sweep->results : ResultSet{};
}

bool Case::seek(const SeekRequest& request) {
  Session& session = impl_->session;
  impl_->seek.reset();
  if (!session.planned()) return false;
  std::vector<Wish> wishes;
  std::vector<std::string> formulas;
  for (const std::string& text : request.so_that) {
    auto wish = read_wish(text, session.diagnostics);
    if (!wish) return false;
    formulas.push_back(wish->formula);
    wishes.push_back(std::move(*wish));
  }
  if (wishes.empty()) {
    session.diagnostics.error("no-condition", {}, "nothing is wished for").help =
        "for example `--so-that 'gap[2035] = 0'`";
    return false;
  }
  if (!compute_with(*this, session, formulas)) return false;
  impl_->seek = run_seek(session, request, std::move(wishes));
  return impl_->seek.has_value();
}
bool Case::seek_found() const {
  return impl_->seek && impl_->seek->found;
}
std::string Case::seek_text() const {
  return impl_->seek ? lode::seek_text(impl_->session, *impl_->seek) : "";
}
std::string Case::seek_json() const {
  return impl_->seek ? lode::seek_json(impl_->session, *impl_->seek) : "";
}

namespace {

/// The results that a file of another case holds statistics of, if what is taken is none of them.
std::string statistics_without(const Session& session, const BorrowDecl& taken) {
  for (const auto& [name, lender] : lenders_of(*session.model))
    if (name == taken.lender.id)
      for (const auto& [key, value] : lender->results.manifest)
        if (key == "statistics_of" &&
            (", " + value + ",").find(", " + taken.result + ",") == std::string::npos)
          return value;
  return "";
}

/// Results of other cases that the draws take for certain.
void tell_certain_loans(Session& session) {
  for (const Leaf& leaf : session.bound->leaves) {
    if (leaf.declaration->from.empty()) continue;
    const auto drawn = [&](const UncertainLeaf& each) { return &session.bound->leaves[each.leaf] == &leaf; };
    if (std::any_of(session.uncertainty.leaves.begin(), session.uncertainty.leaves.end(), drawn)) continue;
    const BorrowDecl& borrowed = leaf.declaration->from.front();
    const std::string named = statistics_without(session, borrowed);
    session.diagnostics
        .note("certain-loan", borrowed.where,
              fmt::format("`{}` is taken from `{}` as if it were certain", leaf.name, borrowed.lender.id))
        .help = named.empty()
                    ? fmt::format("with `draws: 4096` under `cases: {}` its uncertainty is taken, too",
                                  borrowed.lender.id)
                    : fmt::format("its results keep statistics of {} alone: name `{}` in `--results`, too",
                                  named, borrowed.result);
  }
}

}  // namespace

bool Case::run_draws(const DrawRequest& request) {
  Session& session = impl_->session;
  if (!session.planned() || !bind_draw_questions(session, request)) return false;
  if (!session.computed() && !run()) return false;
  const auto begin = std::chrono::steady_clock::now();
  Team alone;
  const bool good = lode::run_draws(session, request, request.team ? *request.team : alone);
  tell_certain_loans(session);
  impl_->milliseconds +=
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return good;
}

std::string Case::draws_text() const {
  return lode::draws_text(impl_->session);
}
std::string Case::draws_json() const {
  return lode::draws_json(impl_->session);
}

namespace {

std::optional<Sensitivity> sensitivity_of(Case& model, Session& session, const SensitivityRequest& request) {
  DrawRequest questions;
  questions.focus = request.what;
  if (!session.planned() || !bind_draw_questions(session, questions)) return std::nullopt;
  if (!session.computed() && !model.run()) return std::nullopt;
  return find_sensitivity(session, request);
}

}  // namespace

std::string Case::sensitivity_text(const SensitivityRequest& request) {
  const auto found = sensitivity_of(*this, impl_->session, request);
  return found ? lode::sensitivity_text(*found) : "";
}
std::string Case::sensitivity_json(const SensitivityRequest& request) {
  const auto found = sensitivity_of(*this, impl_->session, request);
  return found ? lode::sensitivity_json(*found) : "";
}

std::string Case::profile_text() const {
  return lode::profile_text(impl_->session);
}

std::optional<Value> Case::value(const std::string& formula) {
  if (!computed()) return std::nullopt;
  const auto explanation = explain(impl_->session, formula, 0, 0);
  if (!explanation || std::isnan(explanation->value)) return std::nullopt;
  return Value{explanation->value, explanation->is_year ? "" : explanation->unit};
}

ResultSet Case::results() const {
  if (!computed()) return {};
  ResultSet results = results_of(impl_->session);
  add_draws(impl_->session, results);
  return results;
}

ResultSet Case::differences() const {
  const Session& session = impl_->session;
  return session.difference ? differences_of(session, *session.against, *session.difference) : ResultSet{};
}

std::vector<Checkpoint> Case::verify(bool with_draws) {
  std::vector<Checkpoint> result;
  if (!computed()) return result;
  for (const Comparison& row : impl_->verified(with_draws).rows)
    result.push_back({row.id, row.what, row.unit, status_name(row.status), row.note, row.ours, row.published,
                      row.relative_difference});
  return result;
}

std::string Case::verify_text() {
  return computed() ? verification_text(impl_->verified()) : "";
}
std::string Case::verify_json() {
  return computed() ? verification_json(impl_->verified()) : "";
}

std::string Case::summary_text(const std::vector<std::string>& files) {
  if (!computed()) return "";
  const Verification* verification = impl_->summarised();
  return lode::summary_text(impl_->session, summarise(impl_->session), verification, files,
                            impl_->milliseconds);
}

std::string Case::summary_json(const std::vector<std::string>& files) {
  if (!computed()) return "";
  const Verification* verification = impl_->summarised();
  return lode::summary_json(impl_->session, summarise(impl_->session), verification, files);
}

TableResult Case::classify(const ClassifyRequest& request) const {
  return computed() ? classify_table(impl_->session, results(), request)
                    : TableResult{"", "", "", "nothing is computed yet"};
}

TableResult Case::diagnose(const DiagnoseRequest& request) const {
  return computed() ? diagnosis_table(impl_->session, results(), request)
                    : TableResult{"", "", "", "nothing is computed yet"};
}

bool Case::alert_raised() const {
  return computed() && summarise(impl_->session).alert_error;
}

std::string Case::explain_text(const std::string& question, std::size_t depth, std::size_t width) {
  if (!computed()) return "";
  const auto explanation = explain(impl_->session, question, depth, width);
  return explanation ? explanation_text(*explanation) : "";
}

std::string Case::explain_json(const std::string& question, std::size_t depth, std::size_t width) {
  if (!computed()) return "";
  const auto explanation = explain(impl_->session, question, depth, width);
  return explanation ? explanation_json(*explanation) : "";
}

std::string Case::plan_text() const {
  return impl_->session.planned() ? print(*impl_->session.plan) : "";
}
std::string Case::plan_json() const {
  return impl_->session.planned() ? to_json(*impl_->session.plan) : "";
}

std::string Case::graph_dot(const std::string& language) const {
  return readable() ? lode::graph_dot(*impl_->session.model, language) : "";
}
std::string Case::graph_mermaid(const std::string& language) const {
  return readable() ? lode::graph_mermaid(*impl_->session.model, language) : "";
}
std::string Case::graph_json() const {
  return readable() ? lode::graph_json(*impl_->session.model) : "";
}

std::vector<FigureInfo> Case::figures() const {
  return figure_list(impl_->session);
}

FigureResult Case::figure(const FigureRequest& request) const {
  if (computed()) return draw_figure(impl_->session, request);
  FigureResult result;
  result.problem = "nothing is computed yet";
  return result;
}

ReportResult Case::report(const ReportRequest& request) {
  ReportResult result;
  if (!computed()) {
    result.problem = "nothing is computed yet";
    return result;
  }
  Session& session = impl_->session;
  const Verification* verification = session.model->checkpoints.empty() ? nullptr : &impl_->verified();
  Json document = report_document(session, impl_->scenario, verification, request, result.remarks);
  if (document.is_null()) {
    result.problem = "the report has mistakes";
    return result;
  }
  result.figures = report_figures(session, document["figures"], result.remarks);
  result.document_json = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  result.html = report_page(document, request.language);
  return result;
}

std::string Case::outline() const {
  if (!readable()) return "";
  const Model& model = *impl_->session.model;
  const auto several = [](std::size_t n, const char* one, const char* many) {
    return fmt::format("{} {}", n, n == 1 ? one : many);
  };
  std::string text = fmt::format(
      "{}, {}, {}, {}, {}, {}", several(model.dimensions.size(), "dimension", "dimensions"),
      several(model.parameters.size(), "parameter", "parameters"),
      several(model.processes.size(), "process", "processes"), several(model.flows.size(), "flow", "flows"),
      several(model.stocks.size(), "stock", "stocks"),
      several(model.equations.size(), "equation", "equations"));
  if (!model.axes.empty()) text += ", " + several(model.axes.size(), "scenario axis", "scenario axes");
  if (!model.checkpoints.empty())
    text += ", " + several(model.checkpoints.size(), "checkpoint", "checkpoints");
  return text;
}

std::vector<Written> Case::write_missing_tables() const {
  std::vector<Written> result;
  if (!impl_->session.bound) return result;
  for (const TableChange& change : fill_tables(impl_->session)) {
    const std::string what = change.problem.empty() ? fmt::format("{}: {} {} row{}", change.path,
                                                                  change.created ? "new," : "added",
                                                                  change.rows, change.rows == 1 ? "" : "s")
                                                    : change.path;
    result.push_back({what, change.problem});
  }
  return result;
}

std::vector<std::filesystem::path> Case::files() const {
  std::vector<std::filesystem::path> result;
  if (!readable()) return result;
  for (const auto& [path, hash] : impl_->session.model->files)
    result.push_back(impl_->session.model->folder / path);
  std::error_code missing;
  const std::filesystem::path figures = impl_->session.model->folder / "figures.yaml";
  if (std::filesystem::exists(figures, missing)) result.push_back(figures);
  return result;
}

std::string write_results_netcdf(const ResultSet& results, const std::filesystem::path& file) {
  return write_netcdf(results, file).value_or("");
}
std::string write_results_csv(const ResultSet& results, const std::filesystem::path& folder) {
  return write_csv(results, folder).value_or("");
}
std::string write_results_xlsx(const ResultSet& results, const std::filesystem::path& file) {
  return write_xlsx(results, file).value_or("");
}
std::string write_text(const std::string& text, const std::filesystem::path& file) {
  return write_file_atomically(file, text).value_or("");
}
std::optional<ResultSet> read_results(const std::filesystem::path& file, std::string& problem) {
  return read_netcdf(file, problem);
}

std::vector<std::string> template_names() {
  std::vector<std::string> result;
  for (const Template& each : templates()) result.emplace_back(each.name);
  return result;
}

std::string create_case(const std::filesystem::path& folder, const std::string& template_name) {
  const Template* chosen = nullptr;
  for (const Template& each : templates())
    if (each.name == template_name) chosen = &each;
  if (!chosen) {
    const auto names = template_names();
    std::string text =
        fmt::format("there is no template `{}`; the templates are {}", template_name, fmt::join(names, ", "));
    return text;
  }
  std::error_code error;
  if (std::filesystem::exists(folder, error) &&
      !(std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error)))
    return fmt::format("{} exists already", folder.string());
  const bool existed = std::filesystem::exists(folder, error);
  const auto undo = [&](const std::string& problem) {
    std::error_code ignored;
    if (!existed) std::filesystem::remove_all(folder, ignored);
    return problem;
  };
  for (const TemplateFile& file : chosen->files) {
    const auto target = folder / std::string(file.path);
    std::filesystem::create_directories(target.parent_path(), error);
    if (error) return undo(fmt::format("{}: {}", target.parent_path().string(), error.message()));
    if (const auto problem = write_file_atomically(target, file.text))
      return undo(fmt::format("{}: {}", target.string(), *problem));
  }
  if (const auto problem = write_file_atomically(folder / "lode.schema.json", json_schema()))
    return undo(*problem);
  return "";
}

std::shared_ptr<Team> team_of_processes() {
  return mpi_team();
}
std::size_t rank_in(const Team& team) {
  return team.rank();
}

std::string case_schema() {
  return json_schema();
}
std::string engine_version() {
  return version;
}

}  // namespace lode
