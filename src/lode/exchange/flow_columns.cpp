// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "lode/exchange/flow_list.hpp"
#include "lode/support/text.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

/// Headers people give each column, lower case; the first that is there is taken.
constexpr std::string_view sources[] = {"source", "from", "origin", "from process", "源", "起点", "来源"};
constexpr std::string_view targets[] = {"target", "to", "destination", "to process", "目标", "终点", "去向"};
constexpr std::string_view types[] = {"type",      "material", "product", "substance", "layer",
                                      "flow type", "类型",     "物质",    "产品"};
constexpr std::string_view regions[] = {"region", "country", "area", "location", "province",
                                        "地区",   "国家",    "区域", "省份"};
constexpr std::string_view years[] = {"year", "time", "period", "年份", "年", "年度", "时间"};
constexpr std::string_view values[] = {"value", "values", "amount", "quantity", "mass",
                                       "flow",  "数值",   "值",     "数量"};
constexpr std::string_view units[] = {"unit", "units", "单位"};

class Finder {
 public:
  Finder(const FlowGrid& grid, Diagnostics& diagnostics) : grid_(grid), diagnostics_(diagnostics) {
    for (std::size_t c = 0; c < grid.header.size(); ++c)
      if (!grid.header[c].text.empty()) headers_.push_back(grid.header[c].text);
  }

  /// The column an option names, or one whose header says what it is.
  std::optional<std::size_t> find(const std::string& option, const std::string& wanted,
                                  std::span<const std::string_view> guesses, bool needed) {
    if (!wanted.empty()) {
      const auto column = spelled(wanted);
      if (!column) missing(fmt::format("there is no column `{}` for --{}", wanted, option), wanted);
      return column;
    }
    const auto column = guessed(guesses);
    if (column) guesses_.push_back(fmt::format("{} from column `{}`", option, grid_.header[*column].text));
    if (!column && needed) {
      missing(fmt::format("no column is called `{}`", guesses.front()), "");
      diagnostics_help(fmt::format("name it: --{} HEADER; the columns are {}", option, listed()));
    }
    return column;
  }

  /// As find(), but an option that names no column is the value of all rows, if it can be one.
  template <class Test>
  std::optional<std::size_t> find_or_constant(const std::string& option, const std::string& wanted,
                                              std::span<const std::string_view> guesses, Test is_value,
                                              std::string& constant) {
    if (!wanted.empty() && !spelled(wanted) && is_value(wanted)) {
      constant = wanted;
      return std::nullopt;
    }
    return find(option, wanted, guesses, false);
  }

  std::string guesses() const { return fmt::format("{}", fmt::join(guesses_, ", ")); }
  std::string listed() const { return fmt::format("`{}`", fmt::join(headers_, "`, `")); }
  bool failed() const { return failed_; }

  void missing(const std::string& message, const std::string& wanted) {
    failed_ = true;
    Diagnostic& d = diagnostics_.error(
        "import-column", {},
        fmt::format("{}{}: {}", grid_.file, grid_.sheet.empty() ? "" : ":" + grid_.sheet, message));
    d.help = did_you_mean(wanted, headers_);
    if (d.help.empty()) d.help = "the columns are " + listed();
    last_ = &d;
  }
  void diagnostics_help(const std::string& help) const {
    if (last_ != nullptr) last_->help = help;
  }

 private:
  std::optional<std::size_t> spelled(const std::string& wanted) const {
    for (std::size_t c = 0; c < grid_.header.size(); ++c)
      if (grid_.header[c].text == wanted) return c;
    for (std::size_t c = 0; c < grid_.header.size(); ++c)
      if (lower_case(grid_.header[c].text) == lower_case(wanted)) return c;
    return std::nullopt;
  }
  std::optional<std::size_t> guessed(std::span<const std::string_view> guesses) const {
    for (const std::string_view guess : guesses)
      for (std::size_t c = 0; c < grid_.header.size(); ++c)
        if (lower_case(grid_.header[c].text) == guess) return c;
    return std::nullopt;
  }

  const FlowGrid& grid_;
  Diagnostics& diagnostics_;
  std::vector<std::string> headers_, guesses_;
  Diagnostic* last_ = nullptr;
  bool failed_ = false;
};

}  // namespace

std::optional<FlowColumns> find_flow_columns(const FlowGrid& grid, const FlowListOptions& options,
                                             Diagnostics& diagnostics) {
  Finder finder(grid, diagnostics);
  FlowColumns result;
  result.source = finder.find("source", options.source, sources, true);
  result.target = finder.find("target", options.target, targets, true);
  result.type = finder.find("type", options.type, types, false);
  result.region = finder.find_or_constant(
      "region", options.region, regions, [](const std::string&) { return false; }, result.constant_region);
  result.year = finder.find_or_constant(
      "year", options.year, years, [](const std::string& text) { return read_year(text).has_value(); },
      result.constant_year);
  result.value = finder.find("value", options.value, values, false);
  result.unit = finder.find_or_constant(
      "unit", options.unit, units, [](const std::string& text) { return parse_unit(text).unit.has_value(); },
      result.constant_unit);
  if (finder.failed()) return std::nullopt;

  std::vector<bool> used(grid.header.size());
  for (const auto& column :
       {result.source, result.target, result.type, result.region, result.year, result.value, result.unit}) {
    if (!column) continue;
    if (used[*column]) {
      finder.missing(fmt::format("column `{}` cannot be two things at once", grid.header[*column].text), "");
      finder.diagnostics_help("the options --source, --target, --type … name different columns");
      return std::nullopt;
    }
    used[*column] = true;
  }
  if (!result.value) {
    for (std::size_t c = 0; c < grid.header.size(); ++c) {
      const auto year = read_year(grid.header[c].text);
      if (!year || used[c]) continue;
      for (const auto& [other, same] : result.years) {
        if (same != *year) continue;
        grid.error(diagnostics, "import-column", grid.header_row, c, grid.header[c],
                   fmt::format("two columns are called {}", *year));
        return std::nullopt;
      }
      result.years.emplace_back(c, *year);
      used[c] = true;
    }
    if (result.years.empty()) {
      finder.missing("there is neither a column of values nor one for each year", "");
      finder.diagnostics_help(fmt::format("name it: --value HEADER; the columns are {}", finder.listed()));
      return std::nullopt;
    }
    if (result.year || !result.constant_year.empty()) {
      finder.missing("a year is given although the years stand across", "");
      finder.diagnostics_help("leave out --year, or name the column of values: --value HEADER");
      return std::nullopt;
    }
    result.notes.push_back(fmt::format("the years stand across, {} columns", result.years.size()));
  } else if (!result.year && result.constant_year.empty()) {
    finder.missing("no column is called `year`", "");
    finder.diagnostics_help(
        fmt::format("name it, or say the year of all rows: --year HEADER or --year 2019; the columns are {}",
                    finder.listed()));
    return std::nullopt;
  }
  if (const std::string guesses = finder.guesses(); !guesses.empty()) result.notes.push_back(guesses);
  std::vector<std::string> unused;
  for (std::size_t c = 0; c < grid.header.size(); ++c)
    if (!used[c] && !grid.header[c].text.empty()) unused.push_back(grid.header[c].text);
  if (!unused.empty())
    result.notes.push_back(fmt::format("columns not used: `{}`", fmt::join(unused, "`, `")));
  return result;
}

}  // namespace lode
