// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lode/model/keys.hpp"
#include "lode/model/model.hpp"
#include "lode/model/yaml.hpp"

namespace lode {

/// Finds entries of the model's lists by name. A list may grow at its end or shrink back; names stay.
class NameIndex {
 public:
  template <class List>
  auto find(List& list, const std::string& id) {
    Known& known = lists_[&list];
    if (known.count > list.size()) known = {};
    for (; known.count < list.size(); ++known.count) known.at.emplace(list[known.count].name.id, known.count);
    const auto found = known.at.find(id);
    return found == known.at.end() ? list.end() : list.begin() + static_cast<std::ptrdiff_t>(found->second);
  }

 private:
  struct Known {
    std::size_t count = 0;
    std::unordered_map<std::string, std::size_t> at;
  };
  std::map<const void*, Known> lists_;
};

/// A rule of a classification: under its condition (null: always) each class gets its share (null: the
/// rest).
struct ClassRule {
  Location where;
  ExpressionPtr condition;
  std::vector<std::pair<NameAt, ExpressionPtr>> shares;
};

/// A text, or one for each language.
Title title_of(const YamlPtr& node);

/// Fills a Model from YAML nodes whose keys and kinds check_shape() has already looked at: what is of the
/// wrong kind is passed over without a further word.
class Reader {
 public:
  Reader(Model& model, Diagnostics& diagnostics, bool files_allowed)
      : model_(model), diagnostics_(diagnostics), files_allowed_(files_allowed) {}

  void read(const YamlNode& root);
  void read_checkpoints(const std::filesystem::path& path, const std::string& shown_path);
  void check_sources();
  void warn_of_classes();
  void check_columns(const char* name, const std::vector<std::string>& declared, const char* code,
                     const char* message);
  /// Changes what a scenario's entry names; used on a copy to find mistakes in cases that are not run.
  void apply_override(const YamlNode& key, const YamlNode& value);

 private:
  // Small parts.
  bool good_name(const YamlNode& node, const std::string& what, bool may_be_reserved = false);
  std::optional<NameAt> name_of(const YamlPtr& node, const std::string& what);
  std::optional<std::vector<NameAt>> names_of(const YamlPtr& node, const std::string& what);
  std::optional<Scalar> scalar_of(const YamlPtr& node);
  std::optional<Scalar> joined_of(const YamlPtr& node);
  std::optional<ValueText> value_of(const YamlPtr& node);
  std::optional<int> year_of(const YamlPtr& node, const std::string& what);
  std::optional<double> number_of(const YamlPtr& node, const std::string& what);
  bool truth_of(const YamlPtr& node);
  Title entry_title(const YamlNode& entry);
  ExpressionPtr formula_of(const YamlPtr& node);
  std::optional<LimitDecl> limit_of(const YamlPtr& node);
  std::vector<PieceDecl> pieces_of(const YamlPtr& node);
  std::vector<PieceDecl> pieces_from(const YamlNode& map);
  std::optional<TableRef> table_of(const YamlNode& entry);
  std::shared_ptr<const Table> load_table(const YamlNode& path_node, bool decimal_comma);
  void claim(const NameAt& name, const std::string& kind);

  // Sections.
  void read_time(const YamlPtr& node);
  void read_defaults(const YamlPtr& node);
  void read_stages(const YamlPtr& node);
  void read_dimension(const YamlPtr& key, const YamlNode& node);
  void read_labels(DimensionDecl& dimension, const YamlNode& list);
  void read_label_table(DimensionDecl& dimension, const YamlNode& path_node);
  void read_label_units(DimensionDecl& dimension, const YamlNode& units);
  void read_case_entry(const YamlPtr& key, const YamlPtr& node);
  void read_extension(const YamlPtr& key, const YamlPtr& node);
  bool good_throughput(const ExtensionDecl::Part& part, const YamlPtr& per);
  void add_extension(const ExtensionDecl& extension);
  bool add_stage_dimension(const ExtensionDecl& extension);
  std::vector<std::string> layers_of(const ExtensionDecl& extension) const;
  void read_borrowed(ParameterDecl& parameter, const YamlPtr& node);
  std::optional<BorrowDecl> borrow_of(const YamlPtr& node);
  void read_parameter(const YamlPtr& key, const YamlPtr& node);
  UncertaintyDecl uncertainty_of(const YamlNode& node);
  bool is_plain_share(const DistributionDecl::Parameter& parameter);
  void read_correlation(const YamlPtr& node);
  void read_parameter_options(ParameterDecl& parameter, const YamlNode& node);
  void read_process(const YamlPtr& key, const YamlPtr& node);
  void read_transfer(ProcessDecl& process, const YamlPtr& node);
  void read_flow(const YamlPtr& key, const YamlPtr& node);
  std::optional<FlowEnd> flow_end_of(const YamlPtr& node, const std::string& what);
  void read_stock(const YamlPtr& key, const YamlPtr& node);
  void read_stock_options(StockDecl& stock, const YamlNode& node);
  std::optional<LifetimeDecl> lifetime_of(const YamlPtr& node, bool is_part = false);
  bool read_family(LifetimeDecl& lifetime, const YamlPtr& given);
  bool read_lifetime_parts(LifetimeDecl& lifetime, const YamlPtr& given);
  ExpressionPtr initial_of(const YamlPtr& node);
  void read_initial(StockDecl& stock, const YamlPtr& node);
  void read_carries(StockDecl& stock, const YamlPtr& node);
  void read_equation(const YamlPtr& key, const YamlPtr& node);
  void read_solve(const YamlPtr& key, const YamlPtr& node);
  void read_alert(const YamlPtr& key, const YamlPtr& node);
  std::optional<ClassRule> class_rule_of(const YamlPtr& node);
  void check_split(const ClassRule& rule);
  void read_classification(const YamlPtr& key, const YamlPtr& node);
  void read_diagnosis(const YamlPtr& key, const YamlPtr& node);
  void read_axis(const YamlPtr& key, const YamlPtr& node);
  void check_cases();
  void check_name_places();

  // Overrides.
  void override_parameter(ParameterDecl& parameter, const YamlNode& key, const YamlNode& value);
  void override_equation(EquationDecl& equation, const YamlNode& value);
  void override_option(const YamlNode& key, const YamlNode& value);
  bool known_condition(const YamlNode& key);
  bool guessing(std::size_t names) const { return few_enough(diagnostics_, names); }

  void check_source_keys(const Scalar& keys, const std::set<std::string>& known);

  Model& model_;
  Diagnostics& diagnostics_;
  bool files_allowed_;
  std::map<std::string, std::pair<Location, std::string>> claimed_;
  std::set<std::string> stages_;
  bool stages_are_labels_ = false;  ///< for sums of extensions
  NameIndex index_;
};

/// Why a text cannot name a quantity, dimension, process …; empty if it can.
std::string name_problem(const std::string& text);

/// Where a table's cell stands byte by byte, also if it is quoted.
FormulaText cell_text(const Cell& cell);

/// Adds a second place to a diagnostic, with words for both.
void two_places(Diagnostic& diagnostic, const std::string& first_words, const Location& second,
                const std::string& second_words);

/// The keys in a `source:` or `derived_from:` text, separated by blanks, commas or semicolons.
std::vector<Scalar> split_keys(const Scalar& keys);

/// Reads a BibTeX file; what it does not know it passes over.
std::vector<SourceEntry> parse_bibtex(const SourcePtr& file, Diagnostics& diagnostics);

}  // namespace lode
