// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "lode/exchange/flow_list.hpp"
#include "lode/support/contract.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

constexpr std::size_t most_errors = 20;   // of one kind, told one by one
constexpr std::size_t most_places = 5;    // of what is skipped
constexpr std::size_t most_remarks = 50;  // kept for the README

/// A place told once for many like it.
struct Skipped {
  std::size_t count = 0;
  std::vector<std::string> places;
  void add(std::string place) {
    if (++count <= most_places) places.push_back(std::move(place));
  }
  std::string str() const {
    return fmt::format("{}{}", fmt::join(places, ", "), count > places.size() ? ", …" : "");
  }
};

struct RowUnit {
  double factor = 1;  ///< into the unit of the list
  bool good = false;
};

class RowReader {
 public:
  RowReader(const FlowGrid& grid, const FlowColumns& columns, const FlowListOptions& options,
            Diagnostics& diagnostics)
      : grid_(grid), columns_(columns), options_(options), diagnostics_(diagnostics) {}

  std::optional<FlowList> read() {
    list_.file = grid_.file;
    list_.remarks = grid_.before;
    list_.region_header = columns_.region ? grid_.header[*columns_.region].text : "";
    list_.type_header = columns_.type ? grid_.header[*columns_.type].text : "";
    if (!columns_.region) list_.regions.emplace_back();
    for (const FlowGrid::Row& row : grid_.rows) read_row(row);
    tell_errors();
    if (diagnostics_.has_errors()) return std::nullopt;
    drop_empty_flows();
    if (list_.values == 0) {
      diagnostics_.error("import-empty", {},
                         fmt::format("{} holds no flow with a value other than zero", grid_.file));
      return std::nullopt;
    }
    tell();
    return std::move(list_);
  }

 private:
  using Cell = FlowGrid::Cell;

  const Cell& cell(const FlowGrid::Row& row, const std::optional<std::size_t>& column) const {
    static const Cell nothing;
    return column ? row.cells[*column] : nothing;
  }

  std::string place(const FlowGrid::Row& row, std::size_t column) const {
    std::string at = grid_.place(row.number, column);
    if (!at.empty()) return at;
    return fmt::format("line {}", row.number);
  }

  /// Reports, up to a number for each code; the rest is counted.
  Diagnostic* error(const std::string& code, const FlowGrid::Row& row, std::size_t column,
                    const std::string& message) {
    if (++errors_[code] > most_errors) return nullptr;
    return &grid_.error(diagnostics_, code, row.number, column, row.cells[column], message);
  }

  void tell_errors() {
    for (const auto& [code, count] : errors_) {
      if (count <= most_errors) continue;
      diagnostics_.error(code, {}, fmt::format("{} more like these", count - most_errors));
    }
  }

  /// Text in the sheet below or beside the table: no value, and not both ends of a flow.
  bool is_remark(const FlowGrid::Row& row) {
    if (!cell(row, columns_.source).text.empty() && !cell(row, columns_.target).text.empty()) return false;
    if (columns_.value && !cell(row, columns_.value).text.empty()) return false;
    for (const auto& [column, year] : columns_.years)
      if (!row.cells[column].text.empty()) return false;
    return true;
  }

  void keep_remark(const FlowGrid::Row& row) {
    std::string text;
    std::size_t first = row.cells.size();
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      if (row.cells[c].text.empty()) continue;
      first = std::min(first, c);
      text += (text.empty() ? "" : " | ") + row.cells[c].text;
    }
    if (text.empty()) {
      ++empty_rows_;
      return;
    }
    remarks_.add(place(row, first));
    if (list_.remarks.size() < most_remarks) list_.remarks.push_back(std::move(text));
  }

  void read_row(const FlowGrid::Row& row) {
    if (is_remark(row)) return keep_remark(row);
    bool good = true;
    for (const auto& [column, name] : {std::pair{columns_.source, "source"},
                                       {columns_.target, "target"},
                                       {columns_.region, "region"},
                                       {columns_.type, "type"}}) {
      if (!column) continue;
      const Cell& text = row.cells[*column];
      if (!text.text.empty() && text.flaw.empty()) continue;
      error("import-missing", row, *column,
            text.flaw.empty() ? fmt::format("the row has a value but no {}", name) : text.flaw);
      good = false;
    }
    if (!good) return;
    const RowUnit unit = unit_of(row);
    const std::size_t region = columns_.region ? region_of(cell(row, columns_.region).text) : 0;
    if (columns_.value) {
      const auto year = year_of(row);
      if (year && unit.good) read_value(row, *columns_.value, region, *year, unit.factor);
      return;
    }
    if (!unit.good) return;
    for (const auto& [column, year] : columns_.years) read_value(row, column, region, year, unit.factor);
  }

  std::optional<int> year_of(const FlowGrid::Row& row) {
    if (!columns_.year) return read_year(columns_.constant_year);
    const Cell& text = row.cells[*columns_.year];
    const auto year = text.flaw.empty() ? read_year(text.text) : std::nullopt;
    if (year) return year;
    error("import-year", row, *columns_.year,
          text.text.empty() ? "the row has a value but no year" : fmt::format("`{}` is no year", text.text));
    return std::nullopt;
  }

  std::size_t region_of(const std::string& text) {
    const auto [at, is_new] = regions_.emplace(text, list_.regions.size());
    if (is_new) list_.regions.push_back(text);
    return at->second;
  }

  RowUnit unit_of(const FlowGrid::Row& row) {
    const std::string& text = columns_.unit ? row.cells[*columns_.unit].text : columns_.constant_unit;
    const std::size_t column =
        columns_.unit.value_or(columns_.value ? *columns_.value : columns_.years[0].first);
    if (text.empty()) {
      if (Diagnostic* d = error("import-unit", row, column, "the value has no unit"))
        d->help = columns_.unit ? "fill the cell" : "say it for all rows: `--unit kt/yr`";
      return {};
    }
    return factor_of(text, row, column);
  }

  RowUnit factor_of(const std::string& text, const FlowGrid::Row& row, std::size_t column) {
    if (const auto known = units_.find(text); known != units_.end()) {
      ++known->second.second;
      return known->second.first;
    }
    const UnitParse parse = parse_unit(text);
    if (!parse.unit) {
      if (Diagnostic* d = error("import-unit", row, column, fmt::format("unit `{}`: {}", text, parse.error)))
        d->help = parse.help;
      return {};
    }
    Unit unit = *parse.unit;
    if (unit.power_of("yr") == 0) {
      if (!unit.dimensionless() && amounts_.insert(text).second)
        list_.notes.push_back(fmt::format("`{}` is read as that year's amount, `{}/yr`", text, text));
      unit = *parse_unit("1/yr").unit * unit;
    }
    if (list_.unit.empty()) {
      unit_ = unit;
      list_.unit = written(text, parse.unit->power_of("yr") == 0);
    }
    const auto factor = conversion(unit, unit_);
    if (!factor) {
      if (Diagnostic* d = error(
              "import-unit", row, column,
              fmt::format("unit `{}` does not fit `{}`, the unit of the rows before", text, list_.unit)))
        d->help = "import flows of different kinds as cases of their own";
      return {};
    }
    const RowUnit result{*factor, true};
    units_.emplace(text, std::pair{result, std::size_t{1}});
    return result;
  }

  /// The unit of the list as the case spells it: "kt/year" is "kt/yr".
  std::string written(const std::string& text, bool is_amount) const {
    if (is_amount) return text + "/yr";
    for (const std::string_view ending : {"/year", "/a", "/y"}) {
      if (text.ends_with(ending)) return text.substr(0, text.size() - ending.size()) + "/yr";
    }
    return text;
  }

  void read_value(const FlowGrid::Row& row, std::size_t column, std::size_t region, int year, double factor) {
    const Cell& text = row.cells[column];
    if (!text.flaw.empty()) {
      error("import-number", row, column, text.flaw);
      return;
    }
    const NumberCell number = read_number(text.text, options_.decimal_comma && !text.number);
    using Kind = NumberCell::Kind;
    if (number.kind == Kind::empty || number.kind == Kind::absent) {
      missing_.add(place(row, column));
      return;
    }
    if (number.kind == Kind::censored) {
      if (Diagnostic* d = error("import-number", row, column,
                                fmt::format("`{}` is a bound or a withheld value, no number", text.text)))
        d->help = "decide what to use, and write that number";
      return;
    }
    if (number.kind == Kind::text || number.percent) {
      Diagnostic* d =
          error("import-number", row, column,
                number.percent ? fmt::format("`{}` is a share, no flow", text.text) : number.problem);
      constexpr std::string_view in_a_model = "the table needs `decimal: comma`";
      if (d == nullptr) return;
      if (const auto at = d->message.find(in_a_model); at != std::string::npos)
        d->message.replace(at, in_a_model.size(), "say `--decimal-comma`");
      return;
    }
    if (!number.unit.empty()) {
      const RowUnit own = factor_of(number.unit, row, column);
      if (!own.good) return;
      factor = own.factor;
    }
    const double value = number.value * factor;
    if (!std::isfinite(value)) {
      error("import-number", row, column, fmt::format("`{}` is beyond what can be computed", text.text));
      return;
    }
    if (value < 0 && !options_.negative) {
      if (Diagnostic* d =
              error("import-negative", row, column, fmt::format("the flow is below zero: {}", text.text)))
        d->help =
            "turn source and target round, or take it as it is with `--negative` (the flow becomes `signed`)";
      return;
    }
    add(row, column, region, year, value);
  }

  void add(const FlowGrid::Row& row, std::size_t column, std::size_t region, int year, double value) {
    const auto key = std::tuple(cell(row, columns_.source).text, cell(row, columns_.target).text,
                                cell(row, columns_.type).text);
    const auto [at, is_new] = flows_.emplace(key, list_.flows.size());
    if (is_new) {
      list_.flows.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), {}});
      first_.emplace_back();
    }
    ListedFlow& flow = list_.flows[at->second];
    const auto where = std::pair(region, year);
    const auto [existing, added] = flow.values.emplace(where, value);
    if (added) {
      ++list_.values;
      years_.insert(year);
      first_[at->second].emplace(where, Place{&row, column});
      return;
    }
    const Place& first = first_[at->second].at(where);
    if (options_.sum_duplicates) {
      existing->second += value;
      duplicates_.add(place(row, column));
      return;
    }
    std::string what = fmt::format("{} → {}", flow.source, flow.target);
    if (!flow.type.empty()) what += fmt::format(" ({})", flow.type);
    if (columns_.region) what += ", " + list_.regions[region];
    Diagnostic* d =
        error("import-duplicate", row, column,
              fmt::format("{}, {} stands twice, first in {}", what, year, place(*first.row, first.column)));
    if (d == nullptr) return;
    if (const Location& where_first = first.row->cells[first.column].where)
      d->labels.push_back({where_first, "first here"});
    d->help = "remove one, or let such rows add up with `--sum-duplicates`";
  }

  /// A flow that is zero in every cell is a form's empty line.
  void drop_empty_flows() {
    const std::size_t before = list_.flows.size();
    std::erase_if(list_.flows, [](const ListedFlow& flow) {
      return std::all_of(flow.values.begin(), flow.values.end(), [](const auto& v) { return v.second == 0; });
    });
    list_.values = 0;
    for (const ListedFlow& flow : list_.flows) list_.values += flow.values.size();
    note(before - list_.flows.size(), "flow is zero everywhere and", "flows are zero everywhere and",
         "left out");
  }

  void note(std::size_t count, const char* one, const char* many, const std::string& rest) {
    if (count > 0) list_.notes.push_back(counted(count, one, many) + " " + rest);
  }

  void tell() {
    list_.years.assign(years_.begin(), years_.end());
    for (const auto& [text, unit] : units_) {
      if (unit.first.factor != 1)
        note(unit.second, "row in", "rows in", fmt::format("`{}`, converted to `{}`", text, list_.unit));
    }
    note(duplicates_.count, "row is", "rows are", "added to one before: " + duplicates_.str());
    note(missing_.count, "cell without a value is", "cells without a value are",
         "no flow: " + missing_.str());
    note(remarks_.count, "row is", "rows are", "a remark, kept in README.md: " + remarks_.str());
    if (!grid_.before.empty()) list_.notes.emplace_back("text above the header is kept in README.md");
    note(empty_rows_, "empty row is", "empty rows are", "passed over");
  }

  struct Place {
    const FlowGrid::Row* row = nullptr;
    std::size_t column = 0;
  };

  const FlowGrid& grid_;
  const FlowColumns& columns_;
  const FlowListOptions& options_;
  Diagnostics& diagnostics_;
  FlowList list_;
  Unit unit_;
  std::map<std::string, std::size_t> errors_;
  std::map<std::string, std::size_t> regions_;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> flows_;
  std::vector<std::map<std::pair<std::size_t, int>, Place>> first_;
  std::map<std::string, std::pair<RowUnit, std::size_t>> units_;
  std::set<std::string> amounts_;
  std::set<int> years_;
  Skipped missing_, duplicates_, remarks_;
  std::size_t empty_rows_ = 0;
};

}  // namespace

std::optional<FlowList> read_flow_list(const FlowGrid& grid, const FlowColumns& columns,
                                       const FlowListOptions& options, Diagnostics& diagnostics) {
  LODE_EXPECT(columns.source && columns.target);
  return RowReader(grid, columns, options, diagnostics).read();
}

}  // namespace lode
