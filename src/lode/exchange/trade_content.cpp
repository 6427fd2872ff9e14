// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "lode/tables/table.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

constexpr std::array<std::string_view, 9> kept_columns{"unit",         "low",     "high",   "sd",  "cv",
                                                       "distribution", "quality", "source", "note"};

bool is_hs_code(const std::string& text) {
  return (text.size() == 2 || text.size() == 4 || text.size() == 6) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::size_t> first_column(const Table& table, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto found = table.column(name)) return found;
  return std::nullopt;
}

/// The share that a cell and its unit say; nothing, and a message, if they say none.
std::optional<double> share_of(const Cell& cell, const std::string& unit, bool decimal_comma,
                               Diagnostics& diagnostics) {
  const NumberCell number = read_number(cell.text, decimal_comma);
  if (number.kind != NumberCell::Kind::value) {
    diagnostics.error("import-content", cell.where,
                      number.problem.empty() ? fmt::format("`{}` is no content", cell.text) : number.problem);
    return std::nullopt;
  }
  double share = number.percent ? number.value / 100 : number.value;
  const std::string& written = number.unit.empty() ? unit : number.unit;
  if (!written.empty()) {
    const UnitParse parsed = parse_unit(written);
    if (!parsed.unit || !parsed.unit->factors().empty()) {
      diagnostics.error("import-content", cell.where, fmt::format("`{}` is no mass in a mass", written))
          .help = "write a share (30 %), or kg/t, g/kg, ppm";
      return std::nullopt;
    }
    share *= parsed.unit->scale();
  }
  if (share >= 0 && share <= 1) return share;
  diagnostics
      .error("import-content", cell.where,
             fmt::format("a content of {:.6g} is none: it lies between 0 and 1", share))
      .help = share > 1 ? "per cent are written with their sign: 30 %" : "";
  return std::nullopt;
}

}  // namespace

const ContentTable::Row* ContentTable::find(const std::string& code) const {
  const Row* best = nullptr;
  for (const Row& row : rows)
    if (code.starts_with(row.code) && (best == nullptr || row.code.size() > best->code.size())) best = &row;
  return best;
}

std::optional<std::size_t> ContentTable::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::optional<ContentTable> read_content(const std::filesystem::path& path, bool decimal_comma,
                                         Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  TableOptions options;
  options.decimal_comma = decimal_comma;
  const auto table = read_table(path, path.string(), options, {}, diagnostics);
  if (!table) return std::nullopt;
  const auto code = first_column(*table, {"code", "label", "hs", "hs6", "cmdCode", "k"});
  const auto content = first_column(*table, {"content", "value", "share", "含量"});
  if (!code || !content) {
    diagnostics
        .error("import-content", table->header.front().where,
               fmt::format("there is no column `{}`", code ? "content" : "code"))
        .help =
        "a table of contents has the columns code, content, and perhaps name, low, high, quality, source, "
        "note";
    return std::nullopt;
  }
  ContentTable result;
  result.file = path.filename().string();
  result.columns.emplace_back("value");
  std::vector<std::size_t> from{*content};
  for (const std::string_view name : kept_columns) {
    if (const auto column = table->column(name)) {
      result.columns.emplace_back(name);
      from.push_back(*column);
    }
  }
  const auto name = table->column("name"), source = table->column("source"), unit = table->column("unit");
  std::set<std::string> seen;
  for (const lode::Row& row : table->rows) {
    ContentTable::Row out;
    out.code = row.cells[*code].text;
    if (!is_hs_code(out.code)) {
      diagnostics
          .error("import-content", row.cells[*code].where,
                 fmt::format("`{}` is no HS code of two, four or six digits", out.code))
          .help = out.code.size() % 2 == 1
                      ? fmt::format("a spreadsheet may have cut the zero in front: 0{}", out.code)
                      : "";
      continue;
    }
    if (!seen.insert(out.code).second) {
      diagnostics.error("import-content", row.cells[*code].where, fmt::format("`{}` stands twice", out.code));
      continue;
    }
    const auto share =
        share_of(row.cells[*content], unit ? row.cells[*unit].text : "", decimal_comma, diagnostics);
    if (!share) continue;
    out.share = *share;
    if (name) out.name = row.cells[*name].text;
    if (source) out.source = row.cells[*source].text;
    for (const std::size_t column : from) out.cells.push_back(row.cells[column].text);
    result.rows.push_back(std::move(out));
  }
  if (diagnostics.error_count() > before) return std::nullopt;
  if (result.rows.empty()) {
    diagnostics.error("import-content", table->header.front().where, "the table of contents has no rows");
    return std::nullopt;
  }
  return result;
}

}  // namespace lode
