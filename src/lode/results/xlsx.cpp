// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/results/cells.hpp"
#include "lode/results/output_files.hpp"
#include "lode/results/write.hpp"
#include "lode/results/xlsx_book.hpp"
#include "lode/results/xlsx_uncertainty.hpp"
#include "lode/support/source.hpp"

namespace lode {
namespace {

struct Group {
  std::string sheet;
  std::vector<const ResultVariable*> variables;
};

/// Excel forbids []:*?/\ and more than 31 characters in the name of a sheet.
std::string sheet_name(const std::string& group) {
  static const std::map<std::string, std::string> known = {{"flow", "Flows"},
                                                           {"stock", "Stocks"},
                                                           {"quantity", "Quantities"},
                                                           {"parameter", "Parameters"},
                                                           {"balance", "Balances"}};
  const auto found = known.find(group);
  if (found != known.end()) return found->second;
  std::string name;
  std::size_t characters = 0;
  for (const char c : group) {
    const bool starts_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (starts_character && ++characters > 27) break;
    name += std::string_view("[]:*?/\\'").find(c) == std::string_view::npos ? c : '_';
  }
  return name.empty() ? "Other" : name;
}

std::vector<Group> groups_of(const ResultSet& results) {
  std::vector<Group> groups;
  for (const char* name : {"Flows", "Stocks", "Quantities", "Parameters", "Balances"})
    groups.push_back({name, {}});
  for (const ResultVariable& variable : results.variables) {
    const std::string sheet = sheet_name(variable.group);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.sheet == sheet; });
    if (group == groups.end()) group = groups.insert(groups.end(), {sheet, {}});
    group->variables.push_back(&variable);
  }
  std::erase_if(groups, [](const Group& group) { return group.variables.empty(); });
  return groups;
}

void write_about(XlsxBook& book, const ResultSet& results) {
  lxw_worksheet* const sheet = book.sheet("About");
  book.text(sheet, 0, 0, results.title, book.first_row());
  book.text(sheet, 1, 0, results.title_zh, book.first_row());
  std::size_t row = 3, key_width = 0;
  const auto line = [&](const std::string& key, const std::string& value) {
    book.text(sheet, row, 0, key);
    book.text(sheet, row, 1, value, book.wrapped());
    key_width = std::max(key_width, display_width(key));
    ++row;
  };
  line("written", results.timestamp);
  for (const auto& [key, value] : results.manifest) line(key, value);
  book.width(sheet, 0, static_cast<double>(key_width));
  book.width(sheet, 1, 60);
}

/// One row per combination of the labels that are not years; columns are quantity, title, the labels, the
/// unit, the years, and at the far end what is long: the Chinese title, from, to and the formula.
WriteError write_group(XlsxBook& book, const ResultSet& results, const Group& group) {
  std::vector<std::size_t> label_dimensions;
  const ResultDimension* time = nullptr;
  bool without_time = false;
  std::size_t rows = 1;
  for (const ResultVariable* variable : group.variables) {
    const CellLayout layout(results, *variable);
    for (const std::size_t d : variable->dimensions) {
      if (results.dimensions[d].is_time) {
        time = &results.dimensions[d];
      } else if (std::find(label_dimensions.begin(), label_dimensions.end(), d) == label_dimensions.end()) {
        label_dimensions.push_back(d);
      }
    }
    if (!layout.time_axis) without_time = true;
    rows += layout.time_axis && layout.sizes[*layout.time_axis] > 0
                ? layout.count / layout.sizes[*layout.time_axis]
                : layout.count;
  }
  const std::size_t years = time == nullptr ? 0 : time->labels.size();
  const std::size_t unit_column = 2 + label_dimensions.size();
  const std::size_t value_column = unit_column + 1;
  const std::size_t year_column = value_column + (without_time ? 1 : 0);
  const std::size_t last = year_column + years;
  if (WriteError error = too_large(group.sheet, rows, last + 4)) return error;

  lxw_worksheet* const sheet = book.sheet(group.sheet);
  std::vector<std::size_t> widths(unit_column + 1, 0);
  const auto put = [&](std::size_t row, std::size_t column, const std::string& value,
                       lxw_format* format = nullptr) {
    book.text(sheet, row, column, value, format);
    if (column < widths.size()) widths[column] = std::max(widths[column], display_width(value));
  };

  put(0, 0, "quantity", book.header());
  put(0, 1, "title", book.header());
  for (std::size_t i = 0; i < label_dimensions.size(); ++i) {
    put(0, 2 + i, results.dimensions[label_dimensions[i]].name, book.header());
  }
  put(0, unit_column, "unit", book.header());
  if (without_time) put(0, value_column, "value", book.header());
  for (std::size_t y = 0; y < years; ++y) {
    book.year(sheet, 0, year_column + y, time->labels[y], book.header());
  }
  put(0, last, "标题", book.header());
  put(0, last + 1, "from", book.header());
  put(0, last + 2, "to", book.header());
  put(0, last + 3, "formula", book.header());

  std::size_t row = 1;
  for (const ResultVariable* variable : group.variables) {
    const CellLayout layout(results, *variable);
    lxw_format* const format = book.number_format(pattern_for(variable->values));
    const std::size_t time_stride = layout.time_axis ? layout.strides[*layout.time_axis] : 1;
    const std::size_t time_size = layout.time_axis ? layout.sizes[*layout.time_axis] : 1;
    bool first = true;
    for (std::size_t cell = 0; cell < layout.count; ++cell) {
      if (layout.time_axis && layout.label_at(cell, *layout.time_axis) != 0) continue;
      bool any = false;
      for (std::size_t t = 0; t < time_size; ++t)
        any = any || !std::isnan(variable->values[cell + t * time_stride]);
      if (!any) continue;  // none of these cells exists

      put(row, 0, variable->name, first ? book.first_row() : nullptr);
      put(row, 1, variable->title);
      for (std::size_t j = 0; j < variable->dimensions.size(); ++j) {
        if (layout.time_axis == j) continue;
        const auto at = std::find(label_dimensions.begin(), label_dimensions.end(), variable->dimensions[j]);
        const std::size_t column = 2 + static_cast<std::size_t>(at - label_dimensions.begin());
        put(row, column, results.dimensions[variable->dimensions[j]].labels[layout.label_at(cell, j)]);
      }
      put(row, unit_column, unit_of(*variable, layout, cell));
      for (std::size_t t = 0; t < time_size; ++t) {
        book.number(sheet, row, layout.time_axis ? year_column + t : value_column,
                    variable->values[cell + t * time_stride], format);
      }
      if (first) {
        put(row, last, variable->title_zh);
        put(row, last + 1, variable->from);
        put(row, last + 2, variable->to);
        put(row, last + 3, variable->formula);
      }
      first = false;
      ++row;
    }
  }
  if (!book.ok()) return std::nullopt;

  std::size_t frozen = 0;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    book.width(sheet, c, static_cast<double>(std::min<std::size_t>(widths[c], 40)));
    frozen += std::min<std::size_t>(widths[c], 40) + 2;
  }
  for (std::size_t c = value_column; c < last; ++c) book.width(sheet, c, 10);
  book.width(sheet, last, 24);
  book.width(sheet, last + 1, 14);
  book.width(sheet, last + 2, 14);
  book.width(sheet, last + 3, 60);
  // Wide label columns would leave no room for the years on a small screen.
  worksheet_freeze_panes(sheet, 1, static_cast<lxw_col_t>(frozen <= 100 ? value_column : 1));
  worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(row - 1), static_cast<lxw_col_t>(unit_column));
  return std::nullopt;
}

}  // namespace

WriteError write_xlsx(const ResultSet& results, const std::filesystem::path& file) {
  const auto failed = [&](const std::string& reason) {
    return fmt::format("cannot write `{}`: {}", file.string(), reason);
  };
  std::size_t cells = 100000;
  for (const ResultVariable& variable : results.variables) {
    const std::size_t statistics = variable.uncertainty ? 6 + variable.uncertainty->quantiles.size() : 0;
    cells += variable.values.size() * (1 + statistics);
  }
  for (const ResultDraws& draws : results.draws) cells += draws.values.size();
  ScratchFile content(20 * cells);  // a packed number takes about 10 bytes
  if (!content.problem().empty()) return failed(content.problem());
  {
    XlsxBook book(content.path(), results);
    write_about(book, results);
    for (const Group& group : groups_of(results)) {
      if (WriteError error = write_group(book, results, group)) return failed(*error);
    }
    if (WriteError error = write_uncertainty(book, results)) return failed(*error);
    if (WriteError error = write_draws(book, results)) return failed(*error);
    book.close();
    if (!book.ok()) return failed(book.failure());
  }
  OutputFiles files;
  if (WriteError error = files.add(file, content.bytes())) return error;
  return files.commit();
}

}  // namespace lode
