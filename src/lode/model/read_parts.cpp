// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "lode/language/lexer.hpp"
#include "lode/model/reader.hpp"
#include "lode/support/digest.hpp"
#include "lode/support/text.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A text with full-width characters made half-width, and where each byte came from.
struct Narrow {
  std::string text;
  std::vector<std::size_t> from;
};

Narrow narrow(const std::string& text) {
  Narrow result;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    const std::size_t before = result.text.size();
    if (c.valid && c.value != U'（' && c.value != U'）') {
      append_utf8(result.text, half_width(c.value));
    } else if (c.valid) {
      result.text += c.value == U'（' ? '(' : ')';
    } else {
      result.text += text[i];
    }
    for (std::size_t k = before; k < result.text.size(); ++k) result.from.push_back(i);
    i += c.length;
  }
  result.from.push_back(text.size());
  return result;
}

/// Length of the number at the start of a text, thousands' commas included; 0 if there is none.
std::size_t number_length(const std::string& text, std::string& plain, bool& bad_comma) {
  std::size_t i = 0;
  plain.clear();
  bad_comma = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    if (text[i] == '-') plain += '-';
    ++i;
  } else if (text.starts_with("−")) {
    plain += '-';
    i += 3;
  }
  const std::size_t digits_begin = i;
  std::size_t group = 0;
  bool commas = false;
  while (i < text.size() &&
         (is_digit(text[i]) || (text[i] == ',' && i + 1 < text.size() && is_digit(text[i + 1])))) {
    if (text[i] == ',') {
      const bool first = !commas;
      if ((first && (group == 0 || group > 3)) || (!first && group != 3)) bad_comma = true;
      commas = true;
      group = 0;
    } else {
      plain += text[i];
      ++group;
    }
    ++i;
  }
  if (commas && group != 3) bad_comma = true;
  bool digits = i > digits_begin;
  if (i < text.size() && text[i] == '.') {
    std::size_t k = i + 1;
    while (k < text.size() && is_digit(text[k])) ++k;
    if (k > i + 1 || digits) {
      digits = digits || k > i + 1;
      plain += text.substr(i, k - i);
      i = k;
    }
  }
  if (!digits) return 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::size_t k = i + 1;
    if (k < text.size() && (text[k] == '+' || text[k] == '-')) ++k;
    const std::size_t exponent = k;
    while (k < text.size() && is_digit(text[k])) ++k;
    if (k > exponent) {
      plain += 'e';
      plain += text[i + 1] == '+' ? text.substr(i + 2, k - i - 2) : text.substr(i + 1, k - i - 1);
      i = k;
    }
  }
  return i;
}

std::size_t skip_blanks(const std::string& text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n')) ++at;
  return at;
}

bool has_extension(const std::string& path, std::string_view extension) {
  return lower_case(path.substr(0, path.find('#'))).ends_with(extension);
}

std::vector<std::string> csv_files(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (const std::string sub : {"data", ""}) {
    std::filesystem::directory_iterator it(folder / sub, problem);
    if (problem) continue;
    for (const std::filesystem::directory_iterator end; it != end && names.size() < 2000;
         it.increment(problem)) {
      if (problem) break;
      if (it->path().extension() == ".csv" && it->path().filename() != "checkpoints.csv")
        names.push_back((std::filesystem::path(sub) / it->path().filename()).generic_string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string name_problem(const std::string& text) {
  if (text.empty()) return "a name may not be empty";
  if (code_points(text) > 100) return "a name has at most 100 characters";
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    const bool digit = c.value >= U'0' && c.value <= U'9';
    if (i == 0 && digit) return "a name begins with a letter";
    // What formulas take for part of a word, and nothing else.
    if (!c.valid || !is_plain_word("x" + text.substr(i, c.length)))
      return fmt::format("`{}` cannot stand in a name: letters, digits and _ can", text.substr(i, c.length));
    i += c.length;
  }
  return "";
}

void two_places(Diagnostic& diagnostic, const std::string& first_words, const Location& second,
                const std::string& second_words) {
  if (!diagnostic.labels.empty()) diagnostic.labels.front().text = first_words;
  if (second) diagnostic.labels.push_back({second, second_words});
}

std::vector<Scalar> split_keys(const Scalar& keys) {
  std::vector<Scalar> result;
  const auto separator = [](char c) { return c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\n'; };
  std::size_t i = 0;
  while (i < keys.text.size()) {
    while (i < keys.text.size() && separator(keys.text[i])) ++i;
    const std::size_t begin = i;
    while (i < keys.text.size() && !separator(keys.text[i])) ++i;
    if (i == begin) break;
    Scalar key{keys.text.substr(begin, i - begin), keys.where};
    // Only where the text stands in the file as it is can the one key be pointed at.
    if (key.where.file && key.where.length >= keys.text.size()) {
      const std::string_view written =
          std::string_view(key.where.file->text()).substr(key.where.offset, key.where.length);
      const std::size_t found = written.find(key.text, begin);
      if (found != std::string_view::npos)
        key.where = {key.where.file, key.where.offset + found, key.text.size()};
    }
    result.push_back(std::move(key));
  }
  return result;
}

std::optional<ValueText> parse_value(const FormulaText& written, Diagnostics& diagnostics) {
  const Narrow value = narrow(written.text);
  const std::string& text = value.text;
  const Location whole = written.at(0, written.text.size());
  const std::size_t begin = skip_blanks(text, 0);
  std::string plain;
  bool bad_comma = false;
  const std::size_t length = number_length(text.substr(begin), plain, bad_comma);
  if (length == 0) {
    Diagnostic& error =
        diagnostics.error("not-a-number", whole, fmt::format("`{}` is no number", shown(written.text)));
    error.help = name_problem(written.text).empty() || text.find_first_of("(*/+") != std::string::npos
                     ? "a formula stands under `equations:`; a parameter has a number or a `table:`"
                     : "write a number, perhaps with a unit, like `60 %` or `13.6 Mt`";
    return std::nullopt;
  }
  const std::size_t behind = begin + length;
  if (bad_comma || (behind < text.size() && (text[behind] == ',' || text[behind] == '.'))) {
    Diagnostic& error = diagnostics.error("not-a-number", whole,
                                          fmt::format("the comma in `{}` is unclear", shown(written.text)));
    error.why = "commas may only part thousands";
    error.help = "write the decimal point as `.`";
    return std::nullopt;
  }
  ValueText result;
  result.where = whole;
  const auto [stop, problem] = std::from_chars(plain.data(), plain.data() + plain.size(), result.number);
  if (problem != std::errc{} || stop != plain.data() + plain.size() || !std::isfinite(result.number)) {
    diagnostics.error("not-a-number", whole,
                      fmt::format("`{}` is too large or too small for a number", shown(plain)));
    return std::nullopt;
  }
  std::size_t at = skip_blanks(text, behind);
  std::size_t end = text.size();
  while (end > at && (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\n')) --end;
  const std::string_view rest = std::string_view(text).substr(at, end - at);
  std::size_t sign = 0;
  for (const std::string_view word : {"%", "points", "point", "个百分点", "百分点"}) {
    if (!rest.starts_with(word)) continue;
    const char next = rest.size() > word.size() ? rest[word.size()] : ' ';
    if (word != "%" && std::isalnum(static_cast<unsigned char>(next)) != 0) continue;
    sign = word.size();
    break;
  }
  if (sign > 0) {
    result.percent = true;
    result.number /= 100;
    at = skip_blanks(text, at + sign);
  }
  if (at < end) {
    Scalar unit{text.substr(at, end - at), written.at(value.from[at], value.from[end])};
    if (result.percent && unit.text.starts_with('/')) unit.text = "1" + unit.text;
    if (!result.percent && is_digit(unit.text.front()) && !unit.text.starts_with("10^")) {
      diagnostics
          .error("not-a-number", whole, fmt::format("`{}` is more than one number", shown(written.text)))
          .help = "write one number and a unit; no blanks inside the number";
      return std::nullopt;
    }
    result.unit = std::move(unit);
  }
  return result;
}

FormulaText cell_text(const Cell& cell) {
  const Location& where = cell.where;
  if (!where.file) {
    FormulaText result;
    result.text = cell.text;
    result.offsets.assign(cell.text.size() + 1, 0);
    return result;
  }
  const std::string_view raw = std::string_view(where.file->text()).substr(where.offset, where.length);
  FormulaText result;
  result.text = cell.text;
  result.file = where.file;
  std::size_t at = 0;
  while (at < raw.size() && (raw[at] == ' ' || raw[at] == '\t')) ++at;
  const bool quoted = at < raw.size() && raw[at] == '"' && (cell.text.empty() || cell.text.front() != '"');
  if (quoted) ++at;
  for (const char c : cell.text) {
    while (at < raw.size() && raw[at] != c && (raw[at] == ' ' || raw[at] == '\t')) ++at;
    result.offsets.push_back(where.offset + std::min(at, raw.size()));
    if (quoted && c == '"' && at + 1 < raw.size() && raw[at + 1] == '"') ++at;
    if (at < raw.size()) ++at;
  }
  result.offsets.push_back(where.offset + std::min(at, raw.size()));
  return result;
}

bool Reader::good_name(const YamlNode& node, const std::string& what, bool may_be_reserved) {
  std::string problem = name_problem(node.text);
  std::string help;
  if (problem.empty() && !may_be_reserved && is_reserved(node.text)) {
    problem = "the word has a meaning in formulas";
    help = "choose another word";
  } else if (!problem.empty() && node.text.find_first_of(" -") != std::string::npos) {
    std::string better = node.text;
    std::replace(better.begin(), better.end(), ' ', '_');
    std::replace(better.begin(), better.end(), '-', '_');
    if (name_problem(better).empty())
      help = fmt::format("write `{}`; the name shown to readers goes into `name:`", better);
  }
  if (problem.empty()) return true;
  Diagnostic& error = diagnostics_.error(
      "bad-name", node.where, fmt::format("`{}` cannot be the name of {}", shown(node.text), what));
  error.why = problem;
  error.help = help;
  return false;
}

std::optional<NameAt> Reader::name_of(const YamlPtr& node, const std::string& what) {
  if (!node || !node->is_scalar()) return std::nullopt;
  if (!good_name(*node, what, true)) return std::nullopt;
  return NameAt{node->text, node->where};
}

std::optional<std::vector<NameAt>> Reader::names_of(const YamlPtr& node, const std::string& what) {
  if (!node) return std::nullopt;
  std::vector<NameAt> names;
  if (node->is_scalar()) {
    if (std::optional<NameAt> one = name_of(node, what)) names.push_back(*one);
    return names;
  }
  if (!node->is_sequence()) return std::nullopt;
  std::map<std::string, Location> seen;
  for (const YamlPtr& item : node->values) {
    std::optional<NameAt> one = name_of(item, what);
    if (!one) continue;
    const auto [found, is_new] = seen.emplace(one->id, one->where);
    if (is_new) {
      names.push_back(*one);
      continue;
    }
    two_places(diagnostics_.error("duplicate-name", one->where,
                                  fmt::format("`{}` stands twice in the list", one->id)),
               "again here", found->second, "first here");
  }
  return names;
}

std::optional<Scalar> Reader::scalar_of(const YamlPtr& node) {
  if (!node || !node->is_scalar()) return std::nullopt;
  return Scalar{node->text, node->where};
}

std::optional<Scalar> Reader::joined_of(const YamlPtr& node) {
  if (!node || !node->is_sequence()) return scalar_of(node);
  Scalar result{"", node->where};
  for (const YamlPtr& item : node->values)
    if (item->is_scalar()) result.text += (result.text.empty() ? "" : " ") + item->text;
  return result;
}

std::optional<ValueText> Reader::value_of(const YamlPtr& node) {
  if (!node || !node->is_scalar()) return std::nullopt;
  return parse_value(formula_text(*node), diagnostics_);
}

std::optional<int> Reader::year_of(const YamlPtr& node, const std::string& what) {
  if (!node || !node->is_scalar()) return std::nullopt;
  std::optional<int> year = read_year(node->text);
  if (!year)
    diagnostics_.error("not-a-year", node->where,
                       fmt::format("{} must be a year, not `{}`", what, node->text));
  return year;
}

std::optional<double> Reader::number_of(const YamlPtr& node, const std::string& what) {
  if (!node || !node->is_scalar()) return std::nullopt;
  std::optional<ValueText> value = parse_value(formula_text(*node), diagnostics_);
  if (!value) return std::nullopt;
  if (value->unit)
    diagnostics_.error("not-a-number", value->unit->where,
                       fmt::format("{} takes a number without unit", what));
  return value->number;
}

bool Reader::truth_of(const YamlPtr& node) {
  bool value = false;
  if (node && node->is_scalar()) read_boolean(node->text, value);
  return value;
}

Title title_of(const YamlPtr& node) {
  Title title;
  if (!node) return title;
  if (node->is_scalar()) title.by_language[""] = node->text;
  if (node->is_map())
    for (std::size_t i = 0; i < node->keys.size(); ++i)
      if (node->values[i]->is_scalar()) title.by_language[node->keys[i]->text] = node->values[i]->text;
  return title;
}

Title Reader::entry_title(const YamlNode& entry) {
  const YamlPtr name = entry.find("name");
  return title_of(name ? name : entry.find("title"));
}

ExpressionPtr Reader::formula_of(const YamlPtr& node) {
  if (!node || !node->is_scalar()) return nullptr;
  return parse_formula(formula_text(*node), diagnostics_);
}

std::vector<PieceDecl> Reader::pieces_from(const YamlNode& map) {
  std::vector<PieceDecl> pieces;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = *map.keys[i];
    if (!map.values[i]->is_scalar()) continue;
    if (key.text != "else" && !good_name(key, "a condition")) continue;
    PieceDecl piece;
    if (key.text != "always") piece.condition = NameAt{key.text, key.where};
    piece.formula = formula_of(map.values[i]);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::vector<PieceDecl> Reader::pieces_of(const YamlPtr& node) {
  std::vector<PieceDecl> pieces;
  if (!node) return pieces;
  if (node->is_scalar()) pieces.push_back({std::nullopt, formula_of(node)});
  if (node->is_map()) pieces = pieces_from(*node);
  return pieces;
}

std::shared_ptr<const Table> Reader::load_table(const YamlNode& node, bool decimal_comma) {
  if (!files_allowed_) return nullptr;
  const std::string& path = node.text;
  for (const char* extension : {".xlsx", ".xls", ".ods"}) {
    if (!has_extension(path, extension)) continue;
    diagnostics_.error("xlsx", node.where, "XLSX is not read yet").help = "save the sheet as CSV";
    return nullptr;
  }
  if (path.find('\\') != std::string::npos) {
    std::string better = path;
    std::replace(better.begin(), better.end(), '\\', '/');
    diagnostics_.error("bad-path", node.where, "a backslash stands in the path").help =
        fmt::format("write `{}`", better);
    return nullptr;
  }
  const std::filesystem::path relative(path);
  const bool leaves = std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (path.empty() || relative.is_absolute() || leaves) {
    Diagnostic& error = diagnostics_.error("bad-path", node.where, "a table lies within the case's folder");
    error.why = "a case that is copied must bring its data along";
    error.help = "put the file into data/; sections are shared with `extends:`";
    return nullptr;
  }
  const std::filesystem::path folder = std::filesystem::path(node.where.file->path()).parent_path();
  const std::filesystem::path full = (folder / relative).lexically_normal();
  const std::string shown = full.generic_string();
  if (const auto known = model_.tables.find(shown); known != model_.tables.end()) return known->second;
  std::shared_ptr<const Table> table;
  std::error_code problem;
  if (!std::filesystem::exists(full, problem) && !problem) {
    Diagnostic& error = diagnostics_.error("no-file", node.where, fmt::format("there is no file {}", shown));
    error.help = suggestion(diagnostics_, path, csv_files(folder));
    if (error.help.empty()) error.help = "`lode tables` writes the tables a case still needs";
  } else if (std::optional<Table> read = read_table(full, shown, {decimal_comma}, node.where, diagnostics_)) {
    table = std::make_shared<const Table>(std::move(*read));
    model_.files.emplace_back(full.lexically_relative(model_.folder.lexically_normal()).generic_string(),
                              digest(table->file->text()));
  }
  model_.tables[shown] = table;
  return table;
}

std::optional<TableRef> Reader::table_of(const YamlNode& entry) {
  const YamlPtr path = entry.find("table");
  if (!path || !path->is_scalar()) return std::nullopt;
  TableRef reference;
  reference.path = path->text;
  reference.where = path->where;
  const YamlPtr decimal = entry.find("decimal");
  reference.decimal_comma = decimal ? decimal->text == "comma" : model_.default_decimal_comma;
  reference.table = load_table(*path, reference.decimal_comma);
  reference.column = scalar_of(entry.find("column"));
  const YamlPtr across = entry.find("columns");
  reference.years_across = across && across->text == "time";
  if (reference.table && reference.column && !reference.table->column(reference.column->text)) {
    std::vector<std::string> names;
    for (const Cell& cell : reference.table->header) names.push_back(cell.text);
    Diagnostic& error =
        diagnostics_.error("no-column", reference.column->where,
                           fmt::format("{} has no column `{}`", reference.path, reference.column->text));
    error.help = suggestion(diagnostics_, reference.column->text, names);
    if (error.help.empty()) error.help = fmt::format("it has: {}", listing(names));
  }
  return reference;
}

void Reader::claim(const NameAt& name, const std::string& kind) {
  const auto [found, is_new] = claimed_.try_emplace(name.id, name.where, kind);
  if (is_new) return;
  Diagnostic& error = diagnostics_.error(
      "duplicate-name", name.where, fmt::format("`{}` names {} and {}", name.id, found->second.second, kind));
  two_places(error, kind, found->second.first, found->second.second);
  error.why = "in a formula the name must mean one thing";
  error.help = "rename one of the two";
}

std::string Title::in(const std::string& language) const {
  if (const auto found = by_language.find(language); found != by_language.end()) return found->second;
  if (const auto plain = by_language.find(""); plain != by_language.end()) return plain->second;
  return by_language.empty() ? "" : by_language.begin()->second;
}

}  // namespace lode
