// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/exchange/flow_list.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/workbook.hpp"

namespace lode {
namespace {

constexpr std::size_t rows_before_header = 30;
constexpr std::size_t most_notes_of_remarks = 20;

bool is_workbook(const std::filesystem::path& path) {
  const std::string extension = lower_case(path.extension().string());
  return extension == ".xlsx" || extension == ".xlsm";
}

FlowGrid::Cell grid_cell(const SheetCell& cell) {
  FlowGrid::Cell result;
  result.text = trimmed(cell.text);
  result.number = cell.kind == SheetCell::Kind::number;
  if (cell.kind == SheetCell::Kind::uncomputed)
    result.flaw = "the formula has no stored value; open the workbook, let it calculate, and save it";
  if (cell.kind == SheetCell::Kind::boolean) result.flaw = fmt::format("`{}` is a truth value", cell.text);
  return result;
}

std::optional<std::size_t> chosen_sheet(const Workbook& book, const std::string& file,
                                        const std::string& wanted, FlowGrid& grid, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const SheetEntry& sheet : book.sheets()) names.push_back(sheet.name);
  if (wanted.empty()) {
    std::size_t first = 0;
    while (first + 1 < names.size() && book.sheets()[first].hidden) ++first;
    if (names.size() > 1)
      grid.notes.push_back(fmt::format("sheet `{}`, the first that is shown of {}; `--sheet` chooses another",
                                       names[first], names.size()));
    return first;
  }
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  Diagnostic& d = diagnostics.error("import-sheet", {}, fmt::format("{} has no sheet `{}`", file, wanted));
  d.help = did_you_mean(wanted, names);
  if (d.help.empty()) {
    if (names.size() > 12) names.resize(12);
    d.help = fmt::format("its sheets are `{}`", fmt::join(names, "`, `"));
  }
  return std::nullopt;
}

/// Names of columns a header may have for what each option asks; the header is the first row that has both.
bool looks_like_header(const std::vector<FlowGrid::Cell>& cells, const FlowListOptions& options) {
  const auto has = [&](const std::string& wanted, std::initializer_list<const char*> guesses) {
    return std::any_of(cells.begin(), cells.end(), [&](const FlowGrid::Cell& cell) {
      if (!wanted.empty()) return cell.text == wanted;
      const std::string folded = lower_case(cell.text);
      return std::any_of(guesses.begin(), guesses.end(), [&](const char* guess) { return folded == guess; });
    });
  };
  return has(options.source, {"source", "from", "origin", "来源", "起点", "from process", "源"}) &&
         has(options.target, {"target", "to", "destination", "去向", "终点", "to process", "目标"});
}

std::optional<FlowGrid> read_sheet(const std::filesystem::path& path, const FlowListOptions& options,
                                   Diagnostics& diagnostics) {
  FlowGrid grid;
  grid.file = path.filename().string();
  std::string problem;
  auto book = Workbook::open(path, problem);
  if (!book) {
    diagnostics.error("import-not-readable", {},
                      fmt::format("{} cannot be read: {}", path.string(), problem));
    return std::nullopt;
  }
  const auto index = chosen_sheet(*book, grid.file, options.sheet, grid, diagnostics);
  if (!index) return std::nullopt;
  grid.sheet = book->sheets()[*index].name;
  const auto sheet = book->read(*index, problem);
  if (!sheet) {
    diagnostics.error("import-not-readable", {},
                      fmt::format("sheet `{}` of {} cannot be read: {}", grid.sheet, grid.file, problem));
    return std::nullopt;
  }
  if (sheet->merged > 0)
    grid.notes.push_back(counted(sheet->merged, "merged range", "merged ranges") +
                         ": each counts as its first cell");
  if (sheet->hidden_rows > 0)
    grid.notes.push_back(counted(sheet->hidden_rows, "hidden row is", "hidden rows are") +
                         " read like the others");

  std::vector<FlowGrid::Row> rows;
  for (const SheetCell& cell : sheet->cells) {
    if (rows.empty() || rows.back().number != cell.row) rows.push_back({cell.row, {}});
    auto& cells = rows.back().cells;
    cells.resize(cell.column);
    cells.back() = grid_cell(cell);
  }
  std::size_t header = rows.size();
  for (std::size_t r = 0; r < std::min(rows.size(), rows_before_header) && header == rows.size(); ++r)
    if (looks_like_header(rows[r].cells, options)) header = r;
  if (header == rows.size()) header = 0;  // what is missing is told by whoever looks for columns
  if (rows.empty()) {
    diagnostics.error("import-empty", {}, fmt::format("sheet `{}` of {} is empty", grid.sheet, grid.file));
    return std::nullopt;
  }
  for (std::size_t r = 0; r < header; ++r) {
    for (const FlowGrid::Cell& cell : rows[r].cells)
      if (!cell.text.empty() && grid.before.size() < most_notes_of_remarks) grid.before.push_back(cell.text);
  }
  grid.header = std::move(rows[header].cells);
  grid.header_row = rows[header].number;
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(header) + 1);
  std::size_t width = grid.header.size();
  for (const FlowGrid::Row& row : rows) width = std::max(width, row.cells.size());
  grid.header.resize(width);
  for (FlowGrid::Row& row : rows) row.cells.resize(width);
  grid.rows = std::move(rows);
  return grid;
}

std::optional<FlowGrid> read_text(const std::filesystem::path& path, const FlowListOptions& options,
                                  Diagnostics& diagnostics) {
  if (!options.sheet.empty()) {
    diagnostics.error("import-sheet", {}, "a text file has no sheets");
    return std::nullopt;
  }
  TableOptions table_options;
  table_options.decimal_comma = options.decimal_comma;
  const auto table = read_table(path, path.string(), table_options, {}, diagnostics);
  if (!table || diagnostics.has_errors()) return std::nullopt;
  FlowGrid grid;
  grid.file = path.filename().string();
  const auto cell_of = [](const lode::Cell& cell) {
    FlowGrid::Cell result;
    result.text = cell.text;
    result.where = cell.where;
    return result;
  };
  for (const lode::Cell& cell : table->header) grid.header.push_back(cell_of(cell));
  for (const lode::Row& row : table->rows) {
    FlowGrid::Row out;
    out.number = static_cast<std::uint32_t>(row.where.line());
    for (const lode::Cell& cell : row.cells) out.cells.push_back(cell_of(cell));
    grid.rows.push_back(std::move(out));
  }
  return grid;
}

}  // namespace

std::string counted(std::size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string FlowGrid::place(std::uint32_t row, std::size_t column) const {
  if (sheet.empty()) return {};
  return fmt::format("{}!{}", sheet, cell_name(row, static_cast<std::uint32_t>(column) + 1));
}

Diagnostic& FlowGrid::error(Diagnostics& diagnostics, std::string code, std::uint32_t row, std::size_t column,
                            const Cell& cell, const std::string& message) const {
  const std::string at = place(row, column);
  return diagnostics.error(std::move(code), cell.where,
                           at.empty() ? message : fmt::format("{}:{}: {}", file, at, message));
}

std::optional<FlowGrid> read_flow_grid(const std::filesystem::path& path, const FlowListOptions& options,
                                       Diagnostics& diagnostics) {
  return is_workbook(path) ? read_sheet(path, options, diagnostics) : read_text(path, options, diagnostics);
}

}  // namespace lode
