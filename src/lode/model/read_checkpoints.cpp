// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "lode/model/reader.hpp"
#include "lode/support/digest.hpp"
#include "lode/support/text.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

const std::vector<std::string> known_columns = {"id",       "what",      "time",     "value", "unit",
                                                "relation", "tolerance", "scenario", "kind",  "locator",
                                                "note",     "source",    "statistic"};

std::optional<std::string> relation_of(const std::string& text) {
  static const std::map<std::string, std::string> signs = {
      {"", "="},    {"=", "="},  {"==", "="}, {"＝", "="}, {"~", "~"},   {"≈", "~"},  {"～", "~"}, {">", ">"},
      {">=", ">="}, {"≥", ">="}, {"＞", ">"}, {"<", "<"},  {"<=", "<="}, {"≤", "<="}, {"＜", "<"}};
  const auto found = signs.find(text);
  return found == signs.end() ? std::nullopt : std::optional(found->second);
}

/// Half of the last digit printed: "10.41" → 0.005, "2,300" → 0.5, "1.2e6" and "1.2×10^6" → 0.05e6, "3万" →
/// 5000.
double printed_rounding(const std::string& text, double value, bool decimal_comma) {
  std::string digits;  // the number before any power of ten or word, with a decimal point
  bool begun = false, fraction = false;
  int decimals = 0;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    i += c.length;
    const char32_t plain = half_width(c.value);
    if (plain >= U'0' && plain <= U'9') {
      begun = true;
      digits += static_cast<char>(plain);
      if (fraction) ++decimals;
    } else if (plain == (decimal_comma ? U',' : U'.')) {
      fraction = true;
      digits += '.';
    } else if (begun && plain != U',' && plain != U'.' && plain != U' ' && plain != U'\'' &&
               plain != 0x00A0 && plain != 0x202F && plain != 0x2009) {
      break;
    }
  }
  const double mantissa = std::strtod(digits.c_str(), nullptr);
  const double scale = mantissa != 0 ? std::abs(value) / mantissa : 1;
  return 0.5 * std::pow(10.0, -decimals) * scale;
}

}  // namespace

std::optional<double> quantile_of(const std::string& statistic) {
  if (statistic.size() < 2 || statistic[0] != 'p') return std::nullopt;
  const NumberCell number = read_number(statistic.substr(1));
  const bool good = number.kind == NumberCell::Kind::value && number.unit.empty() && !number.percent &&
                    number.value > 0 && number.value < 100;
  return good ? std::optional(number.value / 100) : std::nullopt;
}

void Reader::read_checkpoints(const std::filesystem::path& path, const std::string& shown_path) {
  const std::optional<Table> table =
      read_table(path, shown_path, {model_.default_decimal_comma}, {}, diagnostics_);
  if (!table) return;
  model_.files.emplace_back("checkpoints.csv", digest(table->file->text()));
  std::map<std::string, std::size_t> columns;
  std::vector<const Cell*> unknown;
  for (std::size_t c = 0; c < table->header.size(); ++c) {
    const Cell& header = table->header[c];
    std::string name = header.text;
    if (std::find(known_columns.begin(), known_columns.end(), name) == known_columns.end())
      name = canonical_header(name);
    if (std::find(known_columns.begin(), known_columns.end(), name) == known_columns.end()) {
      unknown.push_back(&header);
      continue;
    }
    columns.emplace(name, c);
  }
  if (!unknown.empty()) {
    std::string names;
    for (const Cell* header : unknown)
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", header->text);
    Diagnostic& warning = diagnostics_.warning(
        "unknown-column", unknown.front()->where,
        fmt::format("checkpoints have no column{} {}", unknown.size() > 1 ? "s" : "", names));
    if (unknown.size() == 1) warning.help = suggestion(diagnostics_, unknown.front()->text, known_columns);
    if (warning.help.empty()) warning.help = fmt::format("known: {}", listing(known_columns));
  }
  for (const char* needed : {"id", "what"}) {
    if (columns.count(needed) > 0) continue;
    Diagnostic& warning = diagnostics_.warning(
        "no-column", table->header.empty() ? Location{table->file, 0, 0} : table->header.front().where,
        fmt::format("the checkpoints have no column `{}`", needed));
    if (std::string(needed) == "what") warning.why = "without it none of them can be compared";
  }
  std::map<std::string, Location> ids;
  for (const Row& row : table->rows) {
    const auto cell = [&](const char* name) {
      const auto found = columns.find(name);
      return found == columns.end() || found->second >= row.cells.size() ? Cell{"", row.where}
                                                                         : row.cells[found->second];
    };
    const auto scalar = [&](const char* name) {
      const Cell c = cell(name);
      return Scalar{c.text, c.where};
    };
    CheckpointDecl checkpoint;
    checkpoint.where = row.where;
    checkpoint.id = scalar("id");
    checkpoint.what_text = scalar("what");
    checkpoint.value_text = scalar("value");
    checkpoint.unit = scalar("unit");
    checkpoint.kind = cell("kind").text;
    checkpoint.statistic = scalar("statistic");
    checkpoint.locator = cell("locator").text;
    checkpoint.note = cell("note").text;

    if (columns.count("id") > 0) {
      if (checkpoint.id.text.empty()) {
        diagnostics_.error("missing-value", row.where, "the checkpoint has no id");
      } else if (const auto [found, is_new] = ids.emplace(checkpoint.id.text, checkpoint.id.where); !is_new) {
        two_places(diagnostics_.error("duplicate-name", checkpoint.id.where,
                                      fmt::format("the checkpoint `{}` stands twice", checkpoint.id.text)),
                   "again here", found->second, "first here");
      }
    }
    const std::string& what = checkpoint.what_text.text;
    if (!what.empty() && what != "-" && what != "—")
      checkpoint.what = parse_formula(cell_text(cell("what")), diagnostics_);

    const Cell time = cell("time");
    if (!time.text.empty() && time.text != "-") {
      checkpoint.year = read_year(time.text);
      checkpoint.year_where = time.where;
      if (!checkpoint.year)
        checkpoint.note = checkpoint.note.empty() ? time.text : time.text + "; " + checkpoint.note;
    }
    const bool comma = model_.default_decimal_comma;
    const NumberCell value = read_number(checkpoint.value_text.text, comma);
    if (value.kind == NumberCell::Kind::value) {
      checkpoint.value = value.value;
      checkpoint.rounding = printed_rounding(checkpoint.value_text.text, value.value, comma);
      if (checkpoint.unit.text.empty() && value.percent) checkpoint.unit.text = "%";
      if (checkpoint.unit.text.empty() && !value.unit.empty()) checkpoint.unit.text = value.unit;
    } else if (value.kind == NumberCell::Kind::text || value.kind == NumberCell::Kind::censored) {
      Diagnostic& error = diagnostics_.error("not-a-number", checkpoint.value_text.where,
                                             fmt::format("`{}` is no number", checkpoint.value_text.text));
      error.why = value.problem;
      if (value.kind == NumberCell::Kind::censored)
        error.help = "a bound is a number with the relation `<` or `>`";
    }
    const Cell relation = cell("relation");
    if (const std::optional<std::string> sign = relation_of(relation.text)) {
      checkpoint.relation = *sign;
    } else {
      diagnostics_.error("unknown-option", relation.where, fmt::format("`{}` is no relation", relation.text))
          .help = "write one of = ~ > < >= <=";
    }
    const Cell tolerance = cell("tolerance");
    if (!tolerance.text.empty()) {
      const std::string text = tolerance.text;
      const std::size_t split = text.find("point");
      const NumberCell number =
          read_number(trimmed(split == std::string::npos ? text : text.substr(0, split)), comma);
      const bool good = number.kind == NumberCell::Kind::value && number.value >= 0 && number.unit.empty() &&
                        !(number.percent && split != std::string::npos);
      if (good)
        checkpoint.tolerance = {number.value, split != std::string::npos ? "points"
                                              : number.percent           ? "%"
                                                                         : ""};
      else
        diagnostics_.error("not-a-number", tolerance.where, fmt::format("`{}` is no tolerance", text)).help =
            "write `5 %` of the value, `2 points`, or a number in the checkpoint's unit";
    }
    const Cell scenario = cell("scenario");
    for (const TextPart& choice : split_text(scenario.text, ";")) {
      const std::string part(choice.text);
      if (part.empty()) continue;
      const std::size_t equal = part.find('=');
      const std::string axis(trimmed(part.substr(0, equal)));
      const std::string chosen(equal == std::string::npos ? "" : trimmed(part.substr(equal + 1)));
      std::vector<std::string> names;
      for (const ScenarioAxis& a : model_.axes) names.push_back(a.name.id);
      const auto found = std::find(names.begin(), names.end(), axis);
      if (equal == std::string::npos || found == names.end()) {
        Diagnostic& error = equal == std::string::npos
                                ? diagnostics_.error("unknown-axis", scenario.where,
                                                     fmt::format("`{}` is no choice of a scenario", part))
                                : diagnostics_.error("unknown-axis", scenario.where,
                                                     fmt::format("there is no scenario axis `{}`", axis));
        error.help = equal == std::string::npos ? std::string("write `axis=case; axis=case`")
                                                : suggestion(diagnostics_, axis, names);
        continue;
      }
      const ScenarioAxis& declared = model_.axes[static_cast<std::size_t>(found - names.begin())];
      std::vector<std::string> cases;
      for (const NameAt& name : declared.cases) cases.push_back(name.id);
      if (std::find(cases.begin(), cases.end(), chosen) == cases.end()) {
        Diagnostic& error = diagnostics_.error("unknown-case", scenario.where,
                                               fmt::format("`{}` has no case `{}`", axis, chosen));
        error.help = suggestion(diagnostics_, chosen, cases);
        if (error.help.empty()) error.help = fmt::format("its cases: {}", listing(cases));
        continue;
      }
      checkpoint.scenario[axis] = chosen;
    }
    static const std::set<std::string> kinds = {"", "result", "input", "projection"};
    if (kinds.count(checkpoint.kind) == 0)
      diagnostics_
          .warning("unknown-option", cell("kind").where,
                   fmt::format("`{}` is no kind of checkpoint", checkpoint.kind))
          .help = "write result, input or projection";
    static const std::set<std::string> statistics = {"", "mean", "sd", "cv", "-sigma", "+sigma"};
    const std::string& statistic = checkpoint.statistic.text;
    if (statistics.count(statistic) == 0 && !quantile_of(statistic))
      diagnostics_
          .error("unknown-option", checkpoint.statistic.where,
                 fmt::format("`{}` is no statistic of draws", statistic))
          .help = "write mean, sd, cv, -sigma, +sigma, or a quantile like p2.5";
    model_.checkpoints.push_back(std::move(checkpoint));
  }
}

}  // namespace lode
