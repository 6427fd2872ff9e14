// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lode/language/expression.hpp"
#include "lode/support/diagnostics.hpp"
#include "lode/support/source.hpp"
#include "lode/tables/table.hpp"

namespace lode {

/// A text in several languages: {en: …, zh: …}; a plain text is stored under "".
struct Title {
  std::map<std::string, std::string> by_language;
  std::string in(const std::string& language) const;  ///< falls back to "", then to any
  bool empty() const { return by_language.empty(); }
};

/// A scalar of the YAML file with its place.
struct Scalar {
  std::string text;
  Location where;
};

/// A number with a unit as written: "13.6 Mt(Nd2O3)", "5 %/yr", "22e6", "60 %", "0 t".
struct ValueText {
  double number = 0;  ///< percent applied: "60 %" is 0.6; "5 %/yr" is 0.05 with unit "1/yr"; "2 points" 0.02
  bool percent = false;  ///< written with % or points
  std::optional<Scalar>
      unit;  ///< what follows the number, without the percent sign ("/yr" of "%/yr" is "1/yr")
  Location where;
};

struct YearAt {
  int year;
  Location where;
};

/// The axis of years. A year names the period that ends with it; `steps` are the periods' lengths in years.
struct TimeDecl {
  std::vector<int> years;
  std::vector<double> steps;
  std::optional<YearAt> cohorts_from;  ///< earliest year of entry of what is in stock before the first year
  Location where;
};

struct LabelDecl {
  std::string id;
  Title title;
  Location where;
};

struct DimensionDecl {
  enum class Kind { listed, groups, part_of, same_as };
  NameAt name;
  Title title;
  Kind kind = Kind::listed;
  std::vector<LabelDecl> labels;  ///< listed (labels: or table:)
  std::map<std::string, std::vector<Cell>>
      attributes;                ///< listed: column → one cell per label; "unit" is also "counted_in"
  std::optional<NameAt> parent;  ///< groups, part_of, same_as
  std::optional<NameAt> column;  ///< groups: the parent's attribute (default: own name)
  ExpressionPtr where;           ///< part_of: condition on the parent's attributes
  bool balance_each = false;     ///< a layer: labels are never summed
};

struct ConditionDecl {
  NameAt name;
  ExpressionPtr expression;
};

enum class Interpolation { none, linear, geometric, step };
enum class Extrapolation { none, hold, trend, zero };
enum class Missing { error, value, absent };

struct TableRef {
  std::shared_ptr<const Table> table;  ///< null if the file could not be read (already reported)
  std::string path;                    ///< as written
  Location where;
  std::optional<Scalar> column;  ///< value column; default "value"
  bool years_across = false;     ///< columns: time
  bool decimal_comma = false;    ///< for read_number
};

/// A changed value under a condition, from a scenario: {collection: {projection: 60 %}}.
struct ConditionalValue {
  NameAt condition;
  std::optional<ValueText> value;
  std::optional<TableRef> table;
};

/// `normal: {cv: 5 %}`: a family with its parameters, each one number or a list of them.
struct DistributionDecl {
  NameAt family;  ///< a name of distribution_keys()
  struct Parameter {
    NameAt name;
    std::vector<ValueText> values;
  };
  std::vector<Parameter> parameters;
};

/// How uncertain a quality class's or a parameter's numbers are.
struct UncertaintyDecl {
  std::optional<DistributionDecl> distribution;
  std::optional<std::vector<NameAt>> independent;  ///< dimensions whose labels are drawn apart
  std::optional<double> autocorrelation;           ///< of draws one year apart
  Location autocorrelation_where;
};

struct QualityDecl {
  NameAt name;
  UncertaintyDecl uncertainty;
};

/// Parameters whose draws go together, each with each.
struct CorrelationDecl {
  std::vector<NameAt> between;
  double rank = 0;  ///< Spearman's
  Location where;
};

/// A result of another case that gives a parameter's values: `lithium.demand[china]`.
struct BorrowDecl {
  std::optional<NameAt> label;  ///< of the parameter's own that it gives; none: all of them
  NameAt lender;                ///< a name of the section `cases`
  std::string result;
  std::vector<Selector> labels;  ///< of the result that are taken
  Location where;
};

struct ParameterDecl {
  NameAt name;
  Title title;
  std::optional<std::vector<NameAt>> over;
  std::optional<Scalar> unit;
  std::optional<ValueText> value;
  std::optional<TableRef> table;
  Interpolation interpolate = Interpolation::none;
  Extrapolation extrapolate = Extrapolation::none;
  Missing missing = Missing::error;
  double missing_value = 0;
  ExpressionPtr where;                    ///< cells outside it do not exist
  std::optional<Scalar> source, quality;  ///< keys of `sources.bib` and `quality:`
  std::string note;
  std::optional<Scalar> derived_from;  ///< ids of checkpoints this value was taken from, separated by blanks
  std::optional<int> data_year;
  std::optional<ValueText> sums_to;  ///< over the last dimension of `over`
  std::string sums_rule = "report";  ///< report | rescale
  UncertaintyDecl uncertainty;
  bool quality_for_all = false;           ///< a scenario gave `quality`: it counts for every row
  std::vector<ConditionalValue> changes;  ///< by scenarios
  double times = 1;                       ///< by scenarios: {growth: {times: 0.5}}
  std::vector<BorrowDecl> from;           ///< results of other cases, which become `table`
  std::string reach;                      ///< what these cover, for messages
};

/// Another case whose results parameters take.
struct CaseDecl {
  NameAt name;
  Scalar folder;                                    ///< as written
  std::filesystem::path path;                       ///< the folder
  std::vector<std::pair<NameAt, NameAt>> scenario;  ///< axis and case
  /// Axes that take the case of this model's axis, or the one that stands for it.
  struct Match {
    NameAt axis;
    std::map<std::string, std::string> cases;  ///< here → there, where they differ
  };
  std::vector<Match> match;
  std::optional<Scalar> results;  ///< a file of results, in place of computing them
  std::filesystem::path results_path;
  std::uint64_t draws = 0;  ///< from which the uncertainty of its results is taken
};

/// Energy, emissions, cost, value or labour that go with processes and flows.
struct ExtensionDecl {
  struct Part {
    NameAt of;  ///< a process or flow
    ExpressionPtr intensity;
    std::string per;  ///< of a process: inputs or outputs
  };
  NameAt name;
  Title title;
  std::optional<Scalar> unit;
  std::optional<std::vector<NameAt>> by;  ///< dimensions that its sums keep
  bool cumulative = false;
  std::vector<Part> parts;
};

struct TransferDecl {
  NameAt flow;
  ExpressionPtr share;  ///< null: the rest
};

struct ProcessDecl {
  NameAt name;
  Title title;
  std::optional<NameAt> stage;
  bool outside = false;
  std::optional<std::vector<NameAt>> over;
  std::vector<TransferDecl> transfer;
};

struct FlowEnd {
  NameAt process;
  std::optional<NameAt> at;  ///< `market at exporter`: this dimension of the flow is the process's own
};

/// One piece of a definition: under a named condition, `else`, or (no condition) everywhere.
struct PieceDecl {
  std::optional<NameAt> condition;
  ExpressionPtr formula;
};

struct FlowDecl {
  NameAt name;
  Title title;
  FlowEnd from, to;
  std::optional<std::vector<NameAt>> over;
  std::optional<Scalar> unit;
  bool is_signed = false;
  bool unknown = false;
};

struct LifetimeDecl {
  NameAt name;    ///< of a stage of a chain or a part of a mixture
  NameAt family;  ///< a name of lifetime_families(), or chain, mixture, empirical
  std::vector<std::pair<NameAt, ExpressionPtr>> parameters;  ///< fixed: one, named "value"; empirical: one
  std::vector<LifetimeDecl> parts;                           ///< chain: in order; mixture
  ExpressionPtr share;                                       ///< of a part of a mixture
  ExpressionPtr stated_mean, stated_deviation;               ///< to compare with
};

struct StockDecl {
  NameAt name;
  Title title;
  std::optional<NameAt> process;
  std::optional<std::vector<NameAt>> over;
  std::optional<Scalar> unit;
  std::optional<NameAt> inflow, outflow;  ///< a flow or a named quantity
  std::optional<LifetimeDecl> lifetime;
  bool lifetime_broken = false;  ///< there is one that could not be read (already reported)
  std::vector<PieceDecl> level;  ///< `stock:` where the stock is given and the inflow solved for
  ExpressionPtr change;          ///< `change:` net addition, for a stock without lifetime
  /// What is in stock before the first year: an amount (no lifetime), what entered in each year before, its
  /// total with the ages of a constant inflow, or what is left of each year of entry.
  enum class Initial { none, given, total, cohorts };
  Initial initial_kind = Initial::none;
  ExpressionPtr initial;
  std::optional<YearAt> spin_up;            ///< runs from this year on
  ExpressionPtr hazard;                     ///< multiplies the hazard of leaving, by calendar year
  std::optional<NameAt> used_in, used_out;  ///< by year of entry: second-hand goods
  std::optional<NameAt> cohorts;            ///< dimension of years of entry by which results are kept
  std::vector<std::pair<NameAt, ExpressionPtr>> carries;  ///< substances with their content
  int points = 5;                                         ///< of the quadrature of `inflow_at: spread`
  Scalar inflow_at{"middle", {}}, outflow_by{"survival", {}}, negative_inflow{"error", {}}, join{"none", {}};
};

struct EquationDecl {
  NameAt name;
  Title title;
  std::optional<std::vector<NameAt>> over;
  std::optional<Scalar> unit;
  std::optional<NameAt> where;  ///< a condition: the quantity exists only there
  std::vector<PieceDecl> pieces;
};

/// Parameters that are found so that a relation holds.
struct SolveDecl {
  struct Unknown {
    NameAt parameter;
    std::optional<ValueText> low, high;
  };
  NameAt name;
  std::vector<Unknown> find;
  ExpressionPtr so_that;
  bool relative = false;  ///< the error that is made small is relative
};

/// What a result is held against: a value, or a formula such as a target that changes over the years.
struct LimitDecl {
  std::optional<ValueText> value;
  ExpressionPtr formula;
};

struct AlertDecl {
  NameAt quantity;
  Title title;
  std::optional<LimitDecl> at_least, at_most;
  std::optional<int> from;
  Scalar severity{"warning", {}};
  std::optional<Scalar> source;
};

/// How a quantity is divided into classes. Its formulas stand among the equations: `NAME.whole`, `NAME.AXIS`
/// (the share of each label), `NAME` and `NAME.unclassified`.
struct ClassificationDecl {
  NameAt name;
  Title title;
  std::vector<NameAt> axes;  ///< dimensions, in order of declaration
};

/// An indicator by which the stages of a chain are compared, with its limits.
struct DiagnosisDecl {
  /// What is computed for each stage: its own formula, which stands among the equations, what its processes
  /// leave over against what enters them, or what enters them, whose draws differ by so much.
  enum class Kind { formula, balance, spread };
  NameAt name;
  Title title;
  Kind kind = Kind::formula;
  std::vector<NameAt> stages;
  std::vector<AlertDecl> cells;  ///< one per stage, on `diagnosis.NAME.STAGE`
};

struct SourceEntry {
  std::string key, type;
  std::map<std::string, std::string> fields;
  Location where;
};

struct CheckpointDecl {
  Scalar id;
  ExpressionPtr what;  ///< null: not computable
  Scalar what_text;
  std::optional<int> year;  ///< applied to what still has time
  Location year_where;
  std::optional<double> value;  ///< as published, in `unit`
  double rounding = 0;          ///< half of the last digit printed, in `unit`
  Scalar value_text, unit;
  std::string relation = "=";  ///< = ~ > < >= <=
  /// As written, with what follows it: "5 %" is {5, "%"} (relative), "2 points" {2, "points"}, "0.1" {0.1,
  /// ""}.
  std::optional<std::pair<double, std::string>> tolerance;
  std::map<std::string, std::string> scenario;  ///< axis → case
  /// Of draws: mean, sd, cv, -sigma and +sigma (the 15.87 % and 84.13 % quantiles less the mean, over the
  /// mean), or a quantile as "p2.5". Empty: the value itself.
  Scalar statistic;
  std::string kind, locator, note;  ///< kind: result | input | projection
  Location where;
};

struct StageDecl {
  NameAt name;
  Title title;
};

struct ScenarioCase;
struct YamlNode;

struct ScenarioAxis {
  NameAt name;
  Title title;
  NameAt fallback;  ///< `default:`
  std::vector<NameAt> cases;
  std::vector<Title> case_titles;
  std::vector<std::shared_ptr<const YamlNode>> overrides;  ///< per case, the YAML mapping of what it changes
};

/// Reads "13.6 Mt(Nd2O3)", "5 %/yr", "2 points", "1,200"; a mistake is reported.
std::optional<ValueText> parse_value(const FormulaText& text, Diagnostics& diagnostics);

/// "p2.5" → 0.025; nothing for other texts.
std::optional<double> quantile_of(const std::string& statistic);

class Lenders;

/// A case folder as data: nothing resolved yet, every part knows its place.
struct Model {
  std::filesystem::path folder;
  std::string shown_folder;  ///< as the user typed it
  SourcePtr file;            ///< model.yaml
  std::vector<std::pair<std::string, std::string>>
      files;  ///< every file read: path within the case, content digest
  std::map<std::string, std::shared_ptr<const Table>>
      tables;  ///< by shown path; null if it could not be read

  Title title, question;
  std::string substance;
  TimeDecl time;
  std::vector<NameAt> default_over;
  std::string default_flow_unit = "t/yr", default_stock_unit = "t";
  Location default_flow_where, default_stock_where;
  bool default_decimal_comma = false;

  std::vector<StageDecl> stages;
  std::vector<DimensionDecl> dimensions;
  std::vector<ConditionDecl> conditions;
  std::vector<QualityDecl> quality_classes;
  std::vector<ParameterDecl> parameters;
  std::vector<ProcessDecl> processes;
  std::vector<FlowDecl> flows;
  std::vector<StockDecl> stocks;
  std::vector<EquationDecl> equations;
  std::vector<ExpressionPtr> relations;
  std::vector<SolveDecl> solves;
  std::vector<CaseDecl> cases;
  std::vector<ExtensionDecl> extensions;
  std::shared_ptr<Lenders> lenders;  ///< what was computed of `cases`, shared by copies of the model
  std::vector<CorrelationDecl> correlations;
  std::vector<AlertDecl> alerts;
  std::vector<ClassificationDecl> classifications;
  std::vector<DiagnosisDecl> diagnosis;
  std::vector<ScenarioAxis> axes;
  std::map<std::string, std::string> scenario;  ///< the cases applied, axis → case
  std::vector<SourceEntry> sources;
  std::vector<CheckpointDecl> checkpoints;
};

/// Reads a case folder (or its model.yaml). Always returns what could be read; look at `diagnostics` for
/// errors. Empty only if there is no readable model.yaml.
std::optional<Model> read_case(const std::filesystem::path& folder, Diagnostics& diagnostics);

/// Reads the text of a model.yaml and no other file: tables are left out. For tests and fuzzing.
std::optional<Model> read_case_text(std::string yaml, const std::string& shown_path,
                                    Diagnostics& diagnostics);

/// Applies one case per scenario axis (the default where `choice` names none) and records it in
/// `model.scenario`. Call once, on a freshly read model; an unknown axis or case, or two axes changing one
/// thing, is an error.
void apply_scenario(Model& model, const std::map<std::string, std::string>& choice, Diagnostics& diagnostics);

/// The JSON Schema of model.yaml, from the same description that the reader checks keys against.
std::string json_schema();

}  // namespace lode
