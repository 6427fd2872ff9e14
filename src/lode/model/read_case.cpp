// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <system_error>
#include <utility>

#include "lode/model/figure_decl.hpp"
#include "lode/model/reader.hpp"
#include "lode/support/digest.hpp"
#include "lode/support/files.hpp"

namespace lode {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_extends = 20;
constexpr int max_years = 20'000;

const std::array<const char*, 15> merged_sections = {
    "cases",     "extensions", "stages",    "dimensions",     "when",
    "quality",   "parameters", "processes", "flows",          "stocks",
    "equations", "alerts",     "scenarios", "classification", "diagnosis"};

/// Own entries win; a section that only one of the two has is taken whole.
YamlPtr merged_maps(const YamlPtr& base, const YamlPtr& own) {
  if (!base || !base->is_map() || !own || !own->is_map()) return own && !own->is_null() ? own : base;
  auto result = std::make_shared<YamlNode>(*own);
  result->keys.clear();
  result->values.clear();
  std::map<std::string_view, std::size_t> mine;
  for (std::size_t i = 0; i < own->keys.size(); ++i) mine.emplace(own->keys[i]->text, i);
  std::vector<bool> taken(own->keys.size());
  for (std::size_t i = 0; i < base->keys.size(); ++i) {
    const auto found = mine.find(base->keys[i]->text);
    if (found != mine.end()) taken[found->second] = true;
    result->keys.push_back(found == mine.end() ? base->keys[i] : own->keys[found->second]);
    result->values.push_back(found == mine.end() ? base->values[i] : own->values[found->second]);
  }
  for (std::size_t i = 0; i < own->keys.size(); ++i) {
    if (taken[i]) continue;
    result->keys.push_back(own->keys[i]);
    result->values.push_back(own->values[i]);
  }
  return result;
}

YamlPtr merged_models(const YamlPtr& base, const YamlPtr& own) {
  auto result = std::make_shared<YamlNode>(*own);
  for (std::size_t i = 0; i < base->keys.size(); ++i) {
    const std::string& section = base->keys[i]->text;
    if (section == "extends") continue;
    const auto mine = std::find_if(result->keys.begin(), result->keys.end(),
                                   [&](const YamlPtr& key) { return key->text == section; });
    if (mine == result->keys.end()) {
      result->keys.push_back(base->keys[i]);
      result->values.push_back(base->values[i]);
      continue;
    }
    YamlPtr& value = result->values[static_cast<std::size_t>(mine - result->keys.begin())];
    const bool by_entry = section == "defaults" || section == "events" ||
                          std::any_of(merged_sections.begin(), merged_sections.end(),
                                      [&](const char* name) { return section == name; });
    if (by_entry) {
      value = merged_maps(base->values[i], value);
    } else if ((section == "relations" || section == "correlations") && base->values[i]->is_sequence() &&
               value->is_sequence()) {
      auto both = std::make_shared<YamlNode>(*value);
      both->values = base->values[i]->values;
      both->values.insert(both->values.end(), value->values.begin(), value->values.end());
      value = both;
    }
  }
  return result;
}

/// Reads model.yaml and what it extends into one tree.
class CaseLoader {
 public:
  CaseLoader(Model& model, Diagnostics& diagnostics, bool files_allowed)
      : model_(model), diagnostics_(diagnostics), files_allowed_(files_allowed) {}

  YamlPtr load(const fs::path& path, const Location& reference) {
    const std::string shown = path.generic_string();
    std::string problem;
    std::optional<std::string> bytes = read_file(path, problem);
    if (!bytes) {
      diagnostics_.error("no-file", reference, fmt::format("cannot read {}: {}", shown, problem));
      return nullptr;
    }
    model_.files.emplace_back(path.lexically_relative(model_.folder).generic_string(), digest(*bytes));
    stack_.push_back(canonical(path));
    YamlPtr root = from_text(std::move(*bytes), shown);
    stack_.pop_back();
    return root;
  }

  YamlPtr from_text(std::string bytes, const std::string& shown) {
    YamlPtr root = parse_yaml(std::move(bytes), shown, diagnostics_);
    if (!root) return nullptr;
    if (!root->is_map()) {
      check_shape(*root, model_shape(), "the file", false, diagnostics_);
      return nullptr;
    }
    if (!model_.file) model_.file = root->where.file;
    check_shape(*root, model_shape(), "a model", false, diagnostics_);
    const YamlPtr extends = root->find("extends");
    if (!extends || !files_allowed_) return root;
    std::vector<YamlPtr> bases;
    if (extends->is_scalar()) bases.push_back(extends);
    if (extends->is_sequence()) bases = extends->values;
    YamlPtr common;
    for (const YamlPtr& base : bases) {
      if (!base->is_scalar()) continue;
      const YamlPtr read = load_base(*base, fs::path(shown).parent_path());
      if (read) common = common ? merged_models(common, read) : read;
    }
    return common ? merged_models(common, root) : root;
  }

  const std::vector<fs::path>& folders() const { return folders_; }

 private:
  static fs::path canonical(const fs::path& path) {
    std::error_code problem;
    fs::path result = fs::weakly_canonical(path, problem);
    return problem ? path : result;
  }

  YamlPtr load_base(const YamlNode& reference, const fs::path& folder) {
    const fs::path path = (folder / reference.text).lexically_normal();
    const fs::path whole = canonical(path);
    if (std::find(stack_.begin(), stack_.end(), whole) != stack_.end()) {
      diagnostics_
          .error("extends-cycle", reference.where, "a file extends itself, directly or through others")
          .help = "move what both need into a third file";
      return nullptr;
    }
    if (stack_.size() >= max_extends) {
      diagnostics_.error("too-deep", reference.where, "too many files extend one another");
      return nullptr;
    }
    folders_.push_back(path.parent_path());
    return load(path, reference.where);
  }

  Model& model_;
  Diagnostics& diagnostics_;
  bool files_allowed_;
  std::vector<fs::path> stack_;
  std::vector<fs::path> folders_;
};

void read_sources(Model& model, const std::vector<fs::path>& folders, Diagnostics& diagnostics) {
  std::set<std::string> known;
  for (const fs::path& folder : folders) {
    const fs::path path = (folder / "sources.bib").lexically_normal();
    std::error_code missing;
    if (!fs::exists(path, missing)) continue;
    std::string problem;
    std::optional<std::string> bytes = read_file(path, problem);
    if (!bytes) {
      diagnostics.error("no-file", {}, fmt::format("cannot read {}: {}", path.generic_string(), problem));
      continue;
    }
    model.files.emplace_back(path.lexically_relative(model.folder).generic_string(), digest(*bytes));
    const SourcePtr file = read_text(std::move(*bytes), path.generic_string(), diagnostics);
    if (!file) continue;
    for (SourceEntry& entry : parse_bibtex(file, diagnostics))
      if (known.insert(entry.key).second) model.sources.push_back(std::move(entry));
  }
}

void report_no_case(const fs::path& folder, Diagnostics& diagnostics) {
  std::error_code problem;
  std::vector<std::string> cases;
  std::vector<std::string> alike;
  fs::directory_iterator it(folder, problem);
  for (const fs::directory_iterator end; !problem && it != end && cases.size() < 50; it.increment(problem)) {
    std::error_code ignored;
    const std::string name = it->path().filename().string();
    if (fs::is_regular_file(it->path() / "model.yaml", ignored))
      cases.push_back((folder / name).generic_string());
    if (name == "model.yml" || name == "Model.yaml" || name == "model.yaml.txt" || name == "model.txt")
      alike.push_back(name);
  }
  if (problem && cases.empty()) {
    diagnostics.error("no-case", {},
                      fmt::format("{} cannot be read: {}", folder.generic_string(), problem.message()));
    return;
  }
  std::sort(cases.begin(), cases.end());
  Diagnostic& error =
      diagnostics.error("no-case", {}, fmt::format("{} is not a case", folder.generic_string()));
  error.why =
      "a case is a folder with a file model.yaml (beside it data/, sources.bib, checkpoints.csv, if needed)";
  if (!alike.empty())
    error.help = fmt::format("rename {} to model.yaml", alike.front());
  else if (!cases.empty())
    error.help = fmt::format("cases in this folder: {}", listing(cases));
  else
    error.help = "`lode new NAME` writes a case that runs";
}

}  // namespace

void Reader::read_time(const YamlPtr& node) {
  if (!node) return;
  TimeDecl& time = model_.time;
  time.where = node->where;
  const auto too_many = [&](const Location& where) {
    diagnostics_.error("too-large", where, fmt::format("at most {} years are possible", max_years));
  };
  if (node->is_scalar()) {
    if (const std::optional<int> year = year_of(node, "`time`")) {
      time.years = {*year};
      time.steps = {1.0};
    }
    return;
  }
  if (!node->is_map()) return;
  const YamlPtr first = node->find("first");
  const YamlPtr last = node->find("last");
  const YamlPtr years = node->find("years");
  const YamlPtr period = node->find("period");
  const int ways = (first || last ? 1 : 0) + (years ? 1 : 0) + (period ? 1 : 0);
  if (ways != 1) {
    diagnostics_
        .error("bad-time", node->where,
               ways == 0 ? "`time` names no years" : "`time` is given in more than one way")
        .help = "write {first: 2000, last: 2050}, {years: [2000, 2005, 2020]} or {period: 2010-2020}";
    return;
  }
  if (period) {
    if (!period->is_scalar()) return;
    const std::size_t dash = period->text.find('-');
    const std::size_t wide = period->text.find("–");
    const std::size_t at = std::min(dash, wide);
    std::optional<int> begin;
    std::optional<int> end;
    if (at != std::string::npos) {
      begin = read_year(period->text.substr(0, at));
      end = read_year(period->text.substr(at + (at == wide ? 3 : 1)));
    }
    if (!begin || !end || *begin > *end) {
      diagnostics_.error("not-a-year", period->where, fmt::format("`{}` is no period", period->text)).help =
          "write first and last year, like `period: 2010-2020`";
      return;
    }
    time.years = {*end};
    time.steps = {static_cast<double>(*end - *begin + 1)};
    return;
  }
  if (years) {
    if (!years->is_sequence()) return;
    for (const YamlPtr& item : years->values) {
      const std::optional<int> year = year_of(item, "each of `years`");
      if (!year) continue;
      if (!time.years.empty() && *year <= time.years.back()) {
        diagnostics_
            .error("bad-time", item->where,
                   fmt::format("{} does not come after {}", *year, time.years.back()))
            .help = "list the years from the earliest to the latest, each once";
        continue;
      }
      time.years.push_back(*year);
    }
    if (time.years.size() > static_cast<std::size_t>(max_years)) {
      too_many(years->where);
      time.years.resize(static_cast<std::size_t>(max_years));
    }
    if (time.years.empty() && years->values.empty())
      diagnostics_.error("bad-time", years->where, "`years` is empty");
  } else {
    if (!first || !last) {
      diagnostics_.error("missing-key", node->where,
                         fmt::format("`time` needs `{}:`", first ? "last" : "first"));
      return;
    }
    const std::optional<int> begin = year_of(first, "`first`");
    const std::optional<int> end = year_of(last, "`last`");
    int step = 1;
    if (const YamlPtr given = node->find("step"); given && given->is_scalar()) {
      const std::optional<double> number = number_of(given, "`step`");
      if (!number) return;
      if (*number < 1 || *number > max_years || *number != std::floor(*number)) {
        diagnostics_.error("bad-time", given->where, "`step` is a whole number of years, 1 or more");
        return;
      }
      step = static_cast<int>(*number);
    }
    if (!begin || !end) return;
    if (*begin > *end) {
      two_places(diagnostics_.error("bad-time", last->where,
                                    fmt::format("the last year {} comes before the first", *end)),
                 "", first->where, "first year");
      return;
    }
    if ((*end - *begin) / step >= max_years) return too_many(node->where);
    for (int year = *begin; year <= *end; year += step) time.years.push_back(year);
    if ((*end - *begin) % step != 0)
      diagnostics_
          .error("bad-time", last->where,
                 fmt::format("steps of {} years from {} do not reach {}", step, *begin, *end))
          .help = fmt::format("write `last: {}`", time.years.back());
  }
  if (time.years.empty()) return;
  time.steps.assign(time.years.size(), 1.0);
  for (std::size_t i = 1; i < time.years.size(); ++i) time.steps[i] = time.years[i] - time.years[i - 1];
  if (time.steps.size() > 1) time.steps[0] = time.steps[1];
  if (const YamlPtr given = node->find("cohorts_from"); given && given->is_scalar())
    if (const std::optional<int> year = year_of(given, "`cohorts_from`")) {
      if (*year < time.years.front() && time.years.front() - *year < max_years)
        time.cohorts_from = {*year, given->where};
      else
        diagnostics_
            .error("bad-time", given->where,
                   fmt::format("`cohorts_from` is a year before the first, {}", time.years.front()))
            .help = "it is the earliest year of entry of what is in stock before the first year";
    }
  if (const YamlPtr given = node->find("first_step"); given && given->is_scalar()) {
    const std::optional<double> length = number_of(given, "`first_step`");
    if (length && *length > 0)
      time.steps[0] = *length;
    else if (length)
      diagnostics_.error("bad-time", given->where, "`first_step` is a length in years, above 0");
  }
}

void Reader::read_defaults(const YamlPtr& node) {
  if (!node || !node->is_map()) return;
  if (std::optional<std::vector<NameAt>> over = names_of(node->find("over"), "a dimension"))
    model_.default_over = *over;
  if (const YamlPtr decimal = node->find("decimal")) model_.default_decimal_comma = decimal->text == "comma";
  if (const std::optional<Scalar> unit = scalar_of(node->find("flow"))) {
    model_.default_flow_unit = unit->text;
    model_.default_flow_where = unit->where;
  }
  if (const std::optional<Scalar> unit = scalar_of(node->find("stock"))) {
    model_.default_stock_unit = unit->text;
    model_.default_stock_where = unit->where;
  }
}

void Reader::read(const YamlNode& root) {
  const auto each = [&](const char* section, auto&& read_one) {
    const YamlPtr node = root.find(section);
    if (!node || !node->is_map()) return;
    for (std::size_t i = 0; i < node->keys.size(); ++i) read_one(node->keys[i], node->values[i]);
  };
  if (const YamlPtr version = root.find("lode"); version && version->is_scalar() && version->text != "1")
    diagnostics_
        .error("version", version->where,
               fmt::format("version `{}` of the language is not known", version->text))
        .help = "write `lode: 1`";
  if (!root.find_key("time")) {
    diagnostics_
        .error("missing-key", root.keys.empty() ? root.where : root.keys.front()->where,
               "a model needs `time:`")
        .help = "write `time: {first: 2000, last: 2050}`, or `time: 2019` for one year";
  }
  model_.title = title_of(root.find("title"));
  model_.question = title_of(root.find("question"));
  if (const std::optional<Scalar> substance = scalar_of(root.find("substance")))
    model_.substance = substance->text;
  read_time(root.find("time"));
  read_defaults(root.find("defaults"));
  read_stages(root.find("stages"));
  each("dimensions", [&](const YamlPtr& key, const YamlPtr& node) { read_dimension(key, *node); });
  each("when", [&](const YamlPtr& key, const YamlPtr& node) {
    if (!good_name(*key, "a condition")) return;
    ConditionDecl condition{{key->text, key->where}, formula_of(node)};
    claim(condition.name, "a condition");
    if (condition.expression) model_.conditions.push_back(std::move(condition));
  });
  each("quality", [&](const YamlPtr& key, const YamlPtr& node) {
    QualityDecl quality{{key->text, key->where}, {}};
    if (node->is_map()) quality.uncertainty = uncertainty_of(*node);
    model_.quality_classes.push_back(std::move(quality));
  });
  each("cases", [&](const YamlPtr& key, const YamlPtr& node) { read_case_entry(key, node); });
  each("parameters", [&](const YamlPtr& key, const YamlPtr& node) { read_parameter(key, node); });
  each("processes", [&](const YamlPtr& key, const YamlPtr& node) { read_process(key, node); });
  each("flows", [&](const YamlPtr& key, const YamlPtr& node) { read_flow(key, node); });
  each("stocks", [&](const YamlPtr& key, const YamlPtr& node) { read_stock(key, node); });
  each("equations", [&](const YamlPtr& key, const YamlPtr& node) { read_equation(key, node); });
  each("extensions", [&](const YamlPtr& key, const YamlPtr& node) { read_extension(key, node); });
  if (const YamlPtr relations = root.find("relations"); relations && relations->is_sequence()) {
    for (const YamlPtr& item : relations->values) {
      if (!item->is_scalar()) continue;
      if (ExpressionPtr relation = parse_relation(formula_text(*item), diagnostics_))
        model_.relations.push_back(std::move(relation));
    }
  }
  if (const YamlPtr correlations = root.find("correlations"); correlations && correlations->is_sequence())
    for (const YamlPtr& item : correlations->values) read_correlation(item);
  each("solve", [&](const YamlPtr& key, const YamlPtr& node) { read_solve(key, node); });
  each("alerts", [&](const YamlPtr& key, const YamlPtr& node) { read_alert(key, node); });
  each("classification", [&](const YamlPtr& key, const YamlPtr& node) { read_classification(key, node); });
  each("diagnosis", [&](const YamlPtr& key, const YamlPtr& node) { read_diagnosis(key, node); });
  each("events", [&](const YamlPtr& key, const YamlPtr&) { year_of(key, "an event"); });
  each("scenarios", [&](const YamlPtr& key, const YamlPtr& node) { read_axis(key, node); });
  check_name_places();
  check_cases();
}

/// Names of dimensions and processes are told from those of quantities by their place; a reader may still
/// stumble.
void Reader::check_name_places() {
  const auto look = [&](const NameAt& name, const char* kind) {
    const auto found = claimed_.find(name.id);
    if (found == claimed_.end()) return;
    Diagnostic& warning = diagnostics_.warning(
        "same-name", name.where, fmt::format("`{}` names {} and {}", name.id, kind, found->second.second));
    two_places(warning, kind, found->second.first, found->second.second);
    warning.why = "Lode tells them apart by their place, a reader may not";
  };
  for (const DimensionDecl& dimension : model_.dimensions) look(dimension.name, "a dimension");
  for (const ProcessDecl& process : model_.processes) look(process.name, "a process");
}

void Reader::check_source_keys(const Scalar& keys, const std::set<std::string>& known) {
  for (const Scalar& key : split_keys(keys)) {
    if (known.count(key.text) > 0) continue;
    Diagnostic& error = diagnostics_.error("unknown-source", key.where,
                                           fmt::format("sources.bib has no entry `{}`", key.text));
    if (few_enough(diagnostics_, known.size()))
      error.help = suggestion(diagnostics_, key.text, {known.begin(), known.end()});
    if (error.help.empty())
      error.help = fmt::format("add it: `@misc{{{}, author = {{…}}, year = {{…}}}}`", key.text);
  }
}

void Reader::check_sources() {
  std::set<std::string> known;
  for (const SourceEntry& entry : model_.sources) known.insert(entry.key);
  for (const ParameterDecl& parameter : model_.parameters) {
    if (parameter.source) check_source_keys(*parameter.source, known);
    if (!parameter.quality || model_.quality_classes.empty()) continue;
    std::vector<std::string> names;
    for (const QualityDecl& quality : model_.quality_classes) names.push_back(quality.name.id);
    if (std::find(names.begin(), names.end(), parameter.quality->text) != names.end()) continue;
    Diagnostic& error =
        diagnostics_.error("unknown-name", parameter.quality->where,
                           fmt::format("there is no quality class `{}`", parameter.quality->text));
    error.help = suggestion(diagnostics_, parameter.quality->text, names);
    if (error.help.empty()) error.help = fmt::format("declared: {}", listing(names));
  }
  for (const AlertDecl& alert : model_.alerts)
    if (alert.source) check_source_keys(*alert.source, known);
  for (const DiagnosisDecl& diagnosis : model_.diagnosis)
    if (!diagnosis.cells.empty() && diagnosis.cells.front().source)
      check_source_keys(*diagnosis.cells.front().source, known);

  check_columns("source", std::vector<std::string>(known.begin(), known.end()), "unknown-source",
                "sources.bib has no entry `{}`");
  if (model_.quality_classes.empty()) return warn_of_classes();
  std::vector<std::string> classes;
  for (const QualityDecl& quality : model_.quality_classes) classes.push_back(quality.name.id);
  check_columns("quality", classes, "unknown-name", "there is no quality class `{}`");
}

/// Names of classes where none is declared may be meant as remarks, and draws take such numbers as certain.
void Reader::warn_of_classes() {
  Location first;
  std::vector<std::string> names;
  const auto note = [&](const std::string& name, const Location& where) {
    if (name.empty()) return;
    if (names.empty()) first = where;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const ParameterDecl& parameter : model_.parameters)
    if (parameter.quality) note(parameter.quality->text, parameter.quality->where);
  for (const auto& [path, table] : model_.tables) {
    const std::optional<std::size_t> column = table ? table->column("quality") : std::nullopt;
    if (!column) continue;
    for (const Row& row : table->rows)
      if (*column < row.cells.size()) note(row.cells[*column].text, row.cells[*column].where);
  }
  if (names.empty()) return;
  Diagnostic& warning = diagnostics_.warning(
      "unknown-name", first, "no class is declared in `quality:`, and numbers that name one are certain");
  warning.why = fmt::format("named: {}", listing(names));
  warning.help = fmt::format("say how uncertain they are: `quality: {{{}: {{normal: 5 %}}}}`", names.front());
}

/// Warns once of each key in a column of the tables that is not declared; nothing is said where none are.
void Reader::check_columns(const char* name, const std::vector<std::string>& declared, const char* code,
                           const char* message) {
  if (declared.empty()) return;
  struct Unknown {
    Location first;
    std::size_t count = 0;
  };
  std::map<std::string, Unknown> unknown;
  for (const auto& [path, table] : model_.tables) {
    if (!table) continue;
    const std::optional<std::size_t> column = table->column(name);
    if (!column) continue;
    for (const Row& row : table->rows) {
      if (*column >= row.cells.size()) continue;
      const Cell& cell = row.cells[*column];
      for (const Scalar& key : split_keys({cell.text, cell.where})) {
        if (std::find(declared.begin(), declared.end(), key.text) != declared.end()) continue;
        Unknown& entry = unknown[key.text];
        if (entry.count++ == 0) entry.first = key.where;
      }
    }
  }
  for (const auto& [key, entry] : unknown) {
    std::string text = fmt::format(fmt::runtime(message), key);
    if (entry.count > 1)
      text += fmt::format(" (here and in {} more row{})", entry.count - 1, entry.count > 2 ? "s" : "");
    Diagnostic& warning = diagnostics_.warning(code, entry.first, text);
    warning.help = suggestion(diagnostics_, key, declared);
    if (warning.help.empty() && std::string_view(code) == "unknown-name")
      warning.help = fmt::format("declared: {}", listing(declared));
  }
}

std::optional<Model> read_case(const fs::path& folder, Diagnostics& diagnostics) {
  std::error_code problem;
  const fs::file_status status = fs::status(folder, problem);
  fs::path file;
  Model model;
  if (fs::is_directory(status)) {
    model.folder = folder.lexically_normal();
    if (!model.folder.has_filename() && model.folder.has_parent_path() &&
        model.folder != model.folder.root_path())
      model.folder = model.folder.parent_path();
    file = (model.folder / "model.yaml").lexically_normal();
    if (!fs::exists(file, problem) && !problem) {
      report_no_case(folder, diagnostics);
      return std::nullopt;
    }
  } else if (fs::exists(status) && (folder.extension() == ".yaml" || folder.extension() == ".yml")) {
    file = folder.lexically_normal();
    model.folder = file.parent_path();
    if (model.folder.empty()) model.folder = ".";
  } else if (fs::exists(status)) {
    Diagnostic& error =
        diagnostics.error("no-case", {}, fmt::format("{} is not a case", folder.generic_string()));
    error.why = "a case is a folder with a file model.yaml";
    return std::nullopt;
  } else {
    const bool hidden =
        problem && problem != std::errc::no_such_file_or_directory && problem != std::errc::not_a_directory;
    Diagnostic& error = diagnostics.error(
        "no-case", {},
        hidden ? fmt::format("{} cannot be read: {}", folder.generic_string(), problem.message())
               : fmt::format("there is no folder {}", folder.generic_string()));
    if (!hidden) error.help = "`lode new NAME` writes a case that runs";
    return std::nullopt;
  }
  model.shown_folder = folder.generic_string();

  CaseLoader loader(model, diagnostics, true);
  const YamlPtr root = loader.load(file, {});
  if (!root) return std::nullopt;
  std::vector<fs::path> folders = {file.parent_path()};
  folders.insert(folders.end(), loader.folders().begin(), loader.folders().end());
  read_sources(model, folders, diagnostics);
  Reader reader(model, diagnostics, true);
  reader.read(*root);
  reader.check_sources();
  const fs::path checkpoints = (file.parent_path() / "checkpoints.csv").lexically_normal();
  if (fs::exists(checkpoints, problem)) reader.read_checkpoints(checkpoints, checkpoints.generic_string());
  std::sort(model.files.begin(), model.files.end());
  return model;
}

std::vector<MarkedYear> read_events(const fs::path& folder) {
  Diagnostics told_elsewhere;
  Model model;
  model.folder = folder;
  const YamlPtr root =
      CaseLoader(model, told_elsewhere, true).load((folder / "model.yaml").lexically_normal(), {});
  const YamlPtr entries = root ? root->find("events") : nullptr;
  std::vector<MarkedYear> events;
  if (!entries || !entries->is_map()) return events;
  for (std::size_t i = 0; i < entries->keys.size(); ++i)
    if (const std::optional<int> year = read_year(entries->keys[i]->text))
      events.push_back({*year, title_of(entries->values[i])});
  std::sort(events.begin(), events.end(),
            [](const MarkedYear& a, const MarkedYear& b) { return a.year < b.year; });
  return events;
}

std::optional<Model> read_case_text(std::string yaml, const std::string& shown_path,
                                    Diagnostics& diagnostics) {
  Model model;
  model.shown_folder = fs::path(shown_path).parent_path().generic_string();
  model.files.emplace_back("model.yaml", digest(yaml));
  CaseLoader loader(model, diagnostics, false);
  const YamlPtr root = loader.from_text(std::move(yaml), shown_path);
  if (!root) return std::nullopt;
  Reader(model, diagnostics, false).read(*root);
  return model;
}

}  // namespace lode
