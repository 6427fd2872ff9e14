// SPDX-License-Identifier: Apache-2.0
#include "lode/results/xlsx_uncertainty.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "lode/results/cells.hpp"
#include "lode/support/source.hpp"

namespace lode {
namespace {

constexpr const char* uncertainty_sheet = "Uncertainty";
constexpr const char* draws_sheet = "Draws";

/// The cells of a variable with the years of one combination of the other labels next to each other.
std::vector<std::size_t> cells_by_year(const CellLayout& layout) {
  std::vector<std::size_t> cells;
  cells.reserve(layout.count);
  if (!layout.time_axis) {
    for (std::size_t cell = 0; cell < layout.count; ++cell) cells.push_back(cell);
    return cells;
  }
  const std::size_t stride = layout.strides[*layout.time_axis], years = layout.sizes[*layout.time_axis];
  for (std::size_t first = 0; first < layout.count; ++first) {
    if (layout.label_at(first, *layout.time_axis) != 0) continue;
    for (std::size_t year = 0; year < years; ++year) cells.push_back(first + year * stride);
  }
  return cells;
}

/// Where what stands: quantity, title, the labels, the year, the unit, the nominal value, the statistics.
struct Columns {
  std::vector<std::size_t> dimensions;  ///< those of all uncertain variables but time
  std::optional<std::size_t> time;      ///< the dimension
  std::size_t rows = 1;

  explicit Columns(const ResultSet& results) {
    for (const ResultVariable& variable : results.variables) {
      if (!variable.uncertainty) continue;
      rows += variable.values.size();
      for (const std::size_t d : variable.dimensions) {
        if (results.dimensions[d].is_time) {
          time = d;
        } else if (std::find(dimensions.begin(), dimensions.end(), d) == dimensions.end()) {
          dimensions.push_back(d);
        }
      }
    }
  }
  std::size_t of(std::size_t dimension) const {
    if (time == dimension) return year();
    const auto at = std::find(dimensions.begin(), dimensions.end(), dimension);
    return 2 + static_cast<std::size_t>(at - dimensions.begin());
  }
  std::size_t year() const { return 2 + dimensions.size(); }
  std::size_t unit() const { return year() + (time ? 1 : 0); }
  std::size_t nominal() const { return unit() + 1; }
};

}  // namespace

WriteError write_uncertainty(XlsxBook& book, const ResultSet& results) {
  const auto uncertain = std::find_if(results.variables.begin(), results.variables.end(),
                                      [](const ResultVariable& v) { return v.uncertainty.has_value(); });
  if (uncertain == results.variables.end()) return std::nullopt;
  const Columns columns(results);
  const std::vector<StatisticColumn> headings = statistic_columns(results, *uncertain);
  if (WriteError error = too_large(uncertainty_sheet, columns.rows, columns.nominal() + 1 + headings.size()))
    return error;

  lxw_worksheet* const sheet = book.sheet(uncertainty_sheet);
  std::vector<std::size_t> widths(columns.nominal(), 0);
  const auto put = [&](std::size_t row, std::size_t column, const std::string& value,
                       lxw_format* format = nullptr) {
    book.text(sheet, row, column, value, format);
    if (column < widths.size()) widths[column] = std::max(widths[column], display_width(value));
  };

  put(0, 0, "quantity", book.header());
  put(0, 1, "title", book.header());
  for (const std::size_t d : columns.dimensions) {
    put(0, columns.of(d), results.dimensions[d].name, book.header());
  }
  if (columns.time) put(0, columns.year(), "year", book.header());
  put(0, columns.unit(), "unit", book.header());
  put(0, columns.nominal(), "nominal", book.header());
  for (std::size_t i = 0; i < headings.size(); ++i) {
    put(0, columns.nominal() + 1 + i, headings[i].name, book.header());
  }

  std::size_t row = 1;
  for (const ResultVariable& variable : results.variables) {
    if (!variable.uncertainty) continue;
    const CellLayout layout(results, variable);
    std::vector<StatisticColumn> numbers = statistic_columns(results, variable);
    numbers.insert(numbers.begin(), {"nominal", &variable.values});
    std::vector<lxw_format*> formats;
    for (const StatisticColumn& column : numbers) {
      formats.push_back(book.number_format(pattern_for(*column.values)));
    }
    bool first = true;
    for (const std::size_t cell : cells_by_year(layout)) {
      const bool exists = std::any_of(numbers.begin(), numbers.end(), [&](const StatisticColumn& column) {
        return !std::isnan((*column.values)[cell]);
      });
      if (!exists) continue;
      put(row, 0, variable.name, first ? book.first_row() : nullptr);
      put(row, 1, variable.title);
      for (std::size_t j = 0; j < variable.dimensions.size(); ++j) {
        const std::size_t d = variable.dimensions[j];
        const std::string& label = results.dimensions[d].labels[layout.label_at(cell, j)];
        if (columns.time == d) {
          book.year(sheet, row, columns.year(), label);
        } else {
          put(row, columns.of(d), label);
        }
      }
      put(row, columns.unit(), unit_of(variable, layout, cell));
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        book.number(sheet, row, columns.nominal() + i, (*numbers[i].values)[cell], formats[i]);
      }
      first = false;
      ++row;
    }
  }
  if (!book.ok()) return std::nullopt;

  for (std::size_t c = 0; c < widths.size(); ++c) {
    book.width(sheet, c, static_cast<double>(std::min<std::size_t>(widths[c], 40)));
  }
  for (std::size_t i = 0; i <= headings.size(); ++i) book.width(sheet, columns.nominal() + i, 10);
  worksheet_freeze_panes(sheet, 1, 1);
  worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(row - 1), static_cast<lxw_col_t>(columns.unit()));
  return std::nullopt;
}

WriteError write_draws(XlsxBook& book, const ResultSet& results) {
  if (results.draws.empty()) return std::nullopt;
  // A column for each number, of several scenarios for each number in each of them.
  struct Column {
    const ResultDraws* draws;
    const std::string* scenario;
    std::size_t first, count;
  };
  std::vector<Column> columns;
  std::size_t longest = 0, headings = 2;
  for (const ResultDraws& draws : results.draws) {
    const std::size_t count = draws_of_each(results, draws);
    longest = std::max(longest, count);
    if (draws.dimension) headings = 3;
    for (std::size_t first = 0; first < draws.values.size(); first += count)
      columns.push_back(
          {&draws, draws.dimension ? &results.dimensions[*draws.dimension].labels[first / count] : nullptr,
           first, count});
  }
  if (WriteError error = too_large(draws_sheet, longest + headings, columns.size() + 1)) return error;

  lxw_worksheet* const sheet = book.sheet(draws_sheet);
  book.text(sheet, 0, 0, "draw", book.header());
  if (headings == 3)
    book.text(sheet, 1, 0, results.dimensions[*results.draws.front().dimension].name, book.header());
  book.text(sheet, headings - 1, 0, "unit", book.header());
  for (std::size_t row = 0; row < longest; ++row) {
    book.number(sheet, row + headings, 0, static_cast<double>(row + 1), nullptr);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& [draws, scenario, first, count] = columns[i];
    book.text(sheet, 0, i + 1, draws->name, book.header());
    if (scenario) book.text(sheet, 1, i + 1, *scenario, book.header());
    book.text(sheet, headings - 1, i + 1, draws->unit, book.header());
    lxw_format* const format = book.number_format(pattern_for(draws->values));
    for (std::size_t row = 0; row < count; ++row) {
      book.number(sheet, row + headings, i + 1, draws->values[first + row], format);
    }
    const std::size_t width = std::max(display_width(draws->name), scenario ? display_width(*scenario) : 0);
    book.width(sheet, i + 1, std::max(10.0, static_cast<double>(width)));
  }
  if (book.ok()) worksheet_freeze_panes(sheet, static_cast<lxw_row_t>(headings), 1);
  return std::nullopt;
}

}  // namespace lode
