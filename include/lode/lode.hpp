// SPDX-License-Identifier: Apache-2.0
//
// The public face of liblode: load a case, check it, compute it, ask for numbers, write results. Nothing here
// prints, exits or throws for a user's mistake; mistakes are messages with their place. A Case belongs to one
// thread at a time; several may live side by side.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lode/results/result_set.hpp"

namespace lode {

/// One case per scenario axis; axes left out take their default.
using Scenario = std::map<std::string, std::string>;

/// A mistake or remark about a case.
struct Message {
  enum class Severity { error, warning, note };
  Severity severity = Severity::error;
  std::string code;  ///< stable: "unknown-name", "unit-mismatch"
  std::string text;
  std::string file;  ///< empty if it has no place
  std::size_t line = 0, column = 0;
  std::string why, help;
};

/// A number with its unit.
struct Value {
  double value = 0;
  std::string unit;  ///< "t/yr"; empty for a calendar year
};

/// A published figure against ours.
struct Checkpoint {
  std::string id, what, unit, status,
      note;  ///< status: agrees | differs | by_construction | input | not_computable
  std::optional<double> ours, published, relative_difference;
};

struct Written {
  std::string path;
  std::string problem;  ///< empty if all went well
};

/// Processes that share a run with draws; the one of rank 0 reports.
class Team;
/// Those that `mpirun` or `srun` started with this one; null where it runs alone or Lode was built without
/// MPI.
std::shared_ptr<Team> team_of_processes();
std::size_t rank_in(const Team& team);

/// What to draw, and what to ask of the draws.
struct DrawRequest {
  std::uint64_t draws = 4096;  ///< sobol: rounded up to 8 × a power of two
  std::uint64_t seed = 1;
  std::string design = "sobol";  ///< sobol | latin | random
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
  /// Names of results, several with commas: statistics are kept of these alone, and of what is asked for
  /// below. Empty: of all results.
  std::vector<std::string> results;
  /// Formulas that give numbers: their correlations and what drives them are told, and their sampling error.
  std::vector<std::string> focus;
  std::vector<std::string> probability;  ///< conditions: "gap[2035] > 0"
  /// Goes on until the standard error of these means is below the bound: "demand[2050]: 0.5 %". `draws` is
  /// then the most that are made.
  std::vector<std::string> until;
  bool keep = false;          ///< the draws of `focus` are results too
  bool for_report = false;    ///< of the answers and the sums that a report shows as well
  bool correlations = false;  ///< of `focus` with each other and with the uncertain numbers
  /// Also draws this scenario, with the same scores for the same numbers, and keeps the differences to it.
  Scenario against;
  std::size_t threads = 0;     ///< 0: as many as there are
  std::shared_ptr<Team> team;  ///< null: this process alone
  std::string state_file;      ///< what is done is kept there, and taken up again after an interruption
  std::function<bool(std::uint64_t)> progress;  ///< called with the draws done; false stops
};

/// Which results to explain by which inputs.
struct SensitivityRequest {
  std::vector<std::string> what;  ///< formulas that give numbers
  /// sobol: first-order and total indices, draws × (2 + inputs) runs; draws: first-order indices of every
  /// single number from plain draws; screening: mean effects (Morris), for many inputs.
  std::string method = "sobol";
  bool by_number = false;  ///< every given number by itself, not a parameter as a whole
  /// "production: ore_output, metal_output": parameters that count as one input of that name.
  std::vector<std::string> groups = {};
  std::uint64_t draws = 4096;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  std::function<bool()> progress;  ///< called now and then; false stops
};

/// Scenarios to compute together.
struct ScenarioRequest {
  /// "all", or axes with their cases: "supply=low,high; recycling=all". Several combine. Axes that are not
  /// named keep the case that Case::load chose.
  std::vector<std::string> sets;
  std::vector<std::string> show;  ///< formulas that give one number, told for each scenario
  std::size_t threads = 0;
  /// Draws of all of them with the same scores for the same numbers, and what is asked of them; `focus` adds
  /// to `show`, `against` is the scenario that differences are taken to, one of the set if not given: that of
  /// Case::load, else the first.
  std::optional<DrawRequest> draws = std::nullopt;
  /// Pairs whose differences are kept instead: "supply=high - supply=low".
  std::vector<std::string> differences = {};
};

/// One or two inputs that run through values, and what to tell of each.
struct SweepRequest {
  /// "collection = 0 %..100 % : 21", "growth = 2 %, 5 %, 8 %", "price[2030] = 1..5 : 9", factors
  /// "yield[AC] * 0.5..1.5 : 11".
  std::vector<std::string> inputs;
  std::vector<std::string> what;  ///< formulas: "gap[2035]", or a whole series "gap"
  std::size_t threads = 0;
};

/// Inputs that are sought so that conditions hold.
struct SeekRequest {
  /// One: every value in its range that does it. Several: the least change that does it. "collection",
  /// "collection[projection] = 0 %..60 %", "yield * 0.5..2".
  std::vector<std::string> inputs;
  std::vector<std::string> so_that;  ///< "gap[2035] = 0", "gap[2025..2050] <= 0", "stock[2050, AC] >= 3 kt"
  std::string between;               ///< of one input: "0 %..100 %"
  std::size_t points = 65;           ///< looked at before searching between them
  std::uint64_t draws = 0;           ///< also searches in so many draws of the uncertain inputs; 0: none
  std::uint64_t seed = 1;
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
  std::size_t threads = 0;
  std::function<bool()> progress;  ///< of draws, called now and then; false stops
};

/// What a figure shows and how it is drawn.
struct FigureRequest {
  std::string id;  ///< one of Case::figures(); what is given below changes it. Empty: a figure of `kind`
  std::string kind = "sankey";      ///< one of figure_kinds()
  std::vector<std::string> show;    ///< results
  std::vector<std::string> inputs;  ///< sweep: one or two, like "collection = 0 %..100 % : 21"
  std::string by, panels;           ///< dimensions or scenario axes: what it is split by, into which panels
  std::string unit;                 ///< empty: one that keeps the numbers short
  int first_year = 0;               ///< 0: as the figure says, else all years; sankey: the last
  int last_year = 0;                ///< 0: first_year. A Sankey diagram shows amounts over all of them
  std::map<std::string, std::string> only;  ///< dimension → label; a group stands for its members
  std::string layer;  ///< which label of a dimension with `balance: each`; may stand in `only` as well
  std::string language = "en";  ///< "en" or "zh"
  double width = 180;           ///< millimetres: 85 and 180 are one and two columns of a journal
  bool one_scale = false;       ///< sankey: as wide as in a row of figures of every year of the model
  std::uint64_t draws = 4096;   ///< of figures that need some, where run_draws() has not made them
  std::uint64_t seed = 1;
};

/// A figure that a case names in figures.yaml, or that suits a case without one.
struct FigureInfo {
  std::string id, kind;
  std::string title, title_zh;  ///< empty: what it shows is its title
  int first_year = 0, last_year = 0;
  bool takes_draws = false;  ///< shows bands after run_draws()
};

struct FigureResult {
  std::string svg, scene_json,
      table_csv;                     ///< the picture, the same as data for the web, a table in its stead
  std::vector<std::string> remarks;  ///< what the picture leaves out
  std::string problem;               ///< why there is none, empty if there is one
};

/// How a classified quantity is shown.
struct ClassifyRequest {
  std::string name;             ///< of the classification; empty: all of them
  std::string by;               ///< dimension of the rows, `time` among them; empty: its first dimension
  int year = 0;                 ///< 0: the last year of the past, else the last
  std::string language = "en";  ///< "en" or "zh"
};

/// Which year the stages of a chain are compared in.
struct DiagnoseRequest {
  int year = 0;                 ///< 0: the last year of the past, else the last
  std::string language = "en";  ///< "en" or "zh"
};

/// A table to read, for machines, and for spreadsheets.
struct TableResult {
  std::string text, json, csv;
  std::string problem;  ///< why there is none, empty if there is one
};

/// What a report holds beside the case as it was opened.
struct ReportRequest {
  std::string language = "en";  ///< the one it opens in; it holds both
  /// Scenarios to switch to. Left empty: every other case of every axis, one at a time.
  std::vector<Scenario> also;
  bool alone = false;                          ///< no other scenario at all
  std::size_t explanation_bytes = 100 * 1000;  ///< what the explanations of single numbers may take
};

struct ReportFigure {
  std::string name;  ///< of its file: its id in figures.yaml and the language, "sankey-2017.zh"
  std::string svg, table_csv;
};

struct ReportResult {
  std::string html, document_json;    ///< the page, and the document in it
  std::vector<ReportFigure> figures;  ///< for print, to stand beside the page
  std::vector<std::string> remarks;   ///< what it leaves out
  std::string problem;                ///< why there is none, empty if there is one; see messages() too
};

class Case {
 public:
  /// Reads and checks the case in a folder. Look at ok() and messages().
  static Case load(const std::filesystem::path& folder, const Scenario& scenario = {});
  Case(Case&&) noexcept;
  Case& operator=(Case&&) noexcept;
  ~Case();

  /// True while no message is an error.
  bool ok() const;
  /// True if there is a model.yaml that could be read at all.
  bool readable() const;
  std::vector<Message> messages() const;
  /// With excerpts and carets, as a terminal shows them.
  std::string messages_text(bool colour = false) const;
  std::string messages_json() const;

  /// Computes every flow, stock and quantity. False if a number could not be computed; messages() say why.
  bool run();
  bool computed() const;

  /// Computes several scenarios of the case, reading nothing again and computing of each only what depends on
  /// what it changes; the values are those of a run by itself. Needs ok(). False after a mistake in the
  /// request or a failure; messages() say why.
  bool run_scenarios(const ScenarioRequest& request);
  /// All results with a dimension `scenario`, which those that are the same in all scenarios do without.
  /// Needs run_scenarios().
  ResultSet scenario_results() const;
  /// Differences of scenarios, draw by draw, with their bands: a dimension `difference`. Needs
  /// ScenarioRequest::draws.
  ResultSet scenario_differences() const;
  std::string scenarios_text(const std::vector<std::string>& files = {}) const;
  std::string scenarios_json(const std::vector<std::string>& files = {}) const;
  /// True if an alert of severity `error` was crossed in one of them.
  bool scenario_alert_raised() const;

  /// Results over values of one or two inputs. Needs ok(). False after a mistake in the request; messages()
  /// say why.
  bool sweep(const SweepRequest& request);
  std::string sweep_text() const;
  std::string sweep_json() const;
  std::string sweep_csv() const;
  ResultSet sweep_results() const;  ///< with a dimension for each input
  /// The numbers of the last sweep as lines over one input or as a map over two; of the request language,
  /// width and unit count.
  FigureResult sweep_figure(const FigureRequest& request) const;

  /// Values of inputs that make conditions hold. Needs ok(). False after a mistake in the request; whether
  /// something was found says seek_found().
  bool seek(const SeekRequest& request);
  bool seek_found() const;
  std::string seek_text() const;
  std::string seek_json() const;

  /// Draws sets of inputs from their uncertainty and computes them all. Needs ok(); computes the nominal
  /// values too. False after a mistake in the request or a failure; messages() say why.
  bool run_draws(const DrawRequest& request);
  /// What the draws say. Needs run_draws().
  std::string draws_text() const;
  std::string draws_json() const;
  /// Ranks the inputs of results by how much of their variance comes from them. Empty after a mistake in the
  /// request; messages() say why.
  std::string sensitivity_text(const SensitivityRequest& request);
  std::string sensitivity_json(const SensitivityRequest& request);
  /// Where the time of the draws went, stage by stage.
  std::string profile_text() const;

  /// The value of a formula that gives one number: "in_use.stock[2017, AC]", "sum(used over sector)[2020]".
  /// Needs run(). Empty if the formula is wrong (see messages()) or the value is absent.
  std::optional<Value> value(const std::string& formula);

  /// All results as labelled arrays. Needs run().
  ResultSet results() const;
  /// Results less those of DrawRequest::against, with the bands of the differences. Needs run_draws() with
  /// it.
  ResultSet differences() const;

  /// Compares with checkpoints.csv, computing the other scenarios it names. Needs run(). Without `with_draws`
  /// those that are statistics of draws are left out, as a summary without draws does: they take some
  /// thousand runs of the model.
  std::vector<Checkpoint> verify(bool with_draws = true);
  std::string verify_text();
  std::string verify_json();

  /// What was computed, how it balances, what was filled, clamped or crossed, how it compares. Needs run().
  std::string summary_text(const std::vector<std::string>& files = {});
  std::string summary_json(const std::vector<std::string>& files = {});
  /// True if an alert of severity `error` was crossed. Needs run().
  bool alert_raised() const;

  /// What lies in which class, from `classification:`. Needs run(); after run_draws() the means of the draws.
  TableResult classify(const ClassifyRequest& request) const;
  /// Which stage of the chain is the weak one and why, from `diagnosis:`. Needs run(); after run_draws() with
  /// the probability of each breach.
  TableResult diagnose(const DiagnoseRequest& request) const;

  /// Where a number comes from, down to the cells of the tables. Empty after a mistake in the question. Needs
  /// run().
  std::string explain_text(const std::string& question, std::size_t depth = 3, std::size_t width = 6);
  std::string explain_json(const std::string& question, std::size_t depth = 3, std::size_t width = 6);

  /// The compiled plan; empty if the case has errors.
  std::string plan_text() const;
  std::string plan_json() const;

  /// The system as declared; works for unfinished cases.
  std::string graph_dot(const std::string& language = "en") const;
  std::string graph_mermaid(const std::string& language = "en") const;
  std::string graph_json() const;

  /// The figures of the case, in order. Empty if it has errors.
  std::vector<FigureInfo> figures() const;
  /// Draws a figure. Needs run(); shows bands after run_draws().
  FigureResult figure(const FigureRequest& request) const;

  /// One self-contained page with everything a reader needs to judge the results. Needs run(); with
  /// run_draws() it shows bands.
  ReportResult report(const ReportRequest& request);

  /// What was found, for an unfinished case too: "17 flows, 1 stock, …".
  std::string outline() const;
  /// Writes tables and rows that parameters still lack.
  std::vector<Written> write_missing_tables() const;
  /// Files the case is made of, for watching.
  std::vector<std::filesystem::path> files() const;

 private:
  Case();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes results; the text says what went wrong, empty on success. Nothing partial is left behind.
std::string write_results_netcdf(const ResultSet& results, const std::filesystem::path& file);
std::string write_results_csv(const ResultSet& results, const std::filesystem::path& folder);
std::string write_results_xlsx(const ResultSet& results, const std::filesystem::path& file);
std::string write_text(const std::string& text, const std::filesystem::path& file);
std::optional<ResultSet> read_results(const std::filesystem::path& file, std::string& problem);

/// Two sides to compare: cases with their scenarios, or results (a .nc, or the folder with it).
struct DiffRequest {
  std::filesystem::path from, to;  ///< `to` empty: the same case under another scenario
  Scenario from_scenario, to_scenario;
  std::size_t most = 12;    ///< lines of each kind in the text
  std::uint64_t draws = 0;  ///< of both sides with the same scores: bands of the differences; cases only
  std::uint64_t seed = 1;
  std::size_t threads = 0;  ///< 0: as many as there are
};
struct DiffOutcome {
  bool same = false;
  std::string text, json, csv;
  std::string problem;       ///< why there is none; else empty
  bool model_fails = false;  ///< the problem are messages about a case
};
/// What changed in the inputs, and what it did to results, the largest first.
DiffOutcome diff(const DiffRequest& request);

/// The cases in a folder that is none itself, in order of their names, at most three folders deep: several
/// systems that belong together. Empty for a case.
std::vector<std::filesystem::path> systems_in(const std::filesystem::path& folder);

/// Names of the templates, and a new case from one of them; the text says what went wrong, empty on success.
std::vector<std::string> template_names();
std::string create_case(const std::filesystem::path& folder, const std::string& template_name);

std::vector<std::string> figure_kinds();

/// The JSON Schemas of model.yaml and figures.yaml, for completion in editors.
std::string case_schema();
std::string figures_schema();

std::string engine_version();

}  // namespace lode
