// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/diff.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {

namespace {

std::string number(double value, const std::string& unit) {
  if (unit == "year") return std::isnan(value) ? "never" : fmt::format("{:.0f}", value);
  if (std::isnan(value)) return "absent";
  if (unit == "1" || unit.empty()) return fmt::format("{:.6g}", value);
  return fmt::format("{:.6g} {}", value, unit);
}

std::string relative(double from, double to) {
  if (std::isnan(from) || std::isnan(to)) return "";
  if (from == 0) return "from 0";
  const double change = (to - from) / std::abs(from);
  if (std::abs(change) >= 10) return fmt::format("× {:.3g}", to / from);
  return fmt::format("{:+.2f} %", 100 * change);
}

/// "-410 ± 12, -430 … -390 kt/yr, P(< 0) = 100 %"
std::string band_text(const Difference::Result& result) {
  const Difference::Result::Band& band = *result.band;
  return fmt::format("{:.4g} ± {:.2g}, {:.4g} … {}, P(< 0) = {:.4g} %", band.mean, band.deviation, band.low,
                     number(band.high, result.unit), band.below_zero * 100);
}

std::string places(const std::string& from, const std::string& to) {
  if (from == to) return from;
  return from.empty() || to.empty() ? from + to : from + " → " + to;
}

}  // namespace

std::string diff_text(const Difference& difference, std::size_t most) {
  std::string out = fmt::format("from  {}\nto    {}\n", difference.from_name, difference.to_name);
  if (difference.none()) return out + "\nno difference\n";
  const auto rest = [&](std::size_t count) {
    return count > most ? fmt::format("  … and {} more (`--most {}`)\n", count - most, count) : "";
  };
  const auto section = [&](const std::string& heading) { out += "\n" + heading + "\n"; };
  if (!difference.inputs.empty() || !difference.filled.empty()) {
    section("inputs");
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < std::min(difference.inputs.size(), most); ++i) {
      const Difference::Input& input = difference.inputs[i];
      rows.push_back({"  " + input.name + input.cell, number(input.from, input.unit), "→",
                      number(input.to, input.unit), relative(input.from, input.to),
                      places(input.from_where, input.to_where)});
    }
    out += aligned_table(rows, "lrlrrl") + rest(difference.inputs.size());
    for (const Difference::Filled& filled : difference.filled)
      out += fmt::format("  {}: {} cell{} filled from given numbers follow{}\n", filled.name, filled.cells,
                         filled.cells == 1 ? "" : "s", filled.cells == 1 ? "s" : "");
  }
  if (!difference.uncertain.empty()) {
    section("uncertainty");
    for (std::size_t i = 0; i < std::min(difference.uncertain.size(), most); ++i) {
      const Difference::Uncertain& each = difference.uncertain[i];
      out += fmt::format("  {}: {} number{} with the same value, drawn from {}\n", each.name, each.numbers,
                         each.numbers == 1 ? "" : "s",
                         each.numbers == 1 ? "another distribution" : "other distributions");
    }
    out += rest(difference.uncertain.size());
  }
  if (!difference.formulas.empty()) {
    section("formulas");
    for (std::size_t i = 0; i < std::min(difference.formulas.size(), most); ++i) {
      const Difference::Formula& formula = difference.formulas[i];
      out += fmt::format("  {}\n", formula.name);
      if (!formula.from.empty())
        out += fmt::format("    − {}{}\n", formula.from,
                           formula.from_where.empty() ? "" : "  (" + formula.from_where + ")");
      if (!formula.to.empty())
        out += fmt::format("    + {}{}\n", formula.to,
                           formula.to_where.empty() ? "" : "  (" + formula.to_where + ")");
    }
    out += rest(difference.formulas.size());
  }
  if (!difference.results.empty()) {
    section(fmt::format("results, the largest first ({} differ, {} do not)", difference.results.size(),
                        difference.same));
    if (difference.draws > 0)
      out += fmt::format(
          "  with the difference's mean, deviation, {:g} … {:g} % and probability below zero, of {} "
          "draws\n",
          difference.low * 100, difference.high * 100, thousands(difference.draws));
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < std::min(difference.results.size(), most); ++i) {
      const Difference::Result& result = difference.results[i];
      if (!result.problem.empty()) {
        rows.push_back({"  " + result.name, "", "", "", "", result.problem});
        continue;
      }
      const bool year = result.unit == "year";
      std::string last =
          result.cells > 1 ? fmt::format("{} of {} cells differ", result.differing, result.cells) : "";
      if (difference.draws > 0) last = result.band ? band_text(result) : "certain";
      rows.push_back({"  " + result.name + result.cell, number(result.from, result.unit), "→",
                      number(result.to, result.unit), year ? "" : relative(result.from, result.to), last});
    }
    out += aligned_table(rows, "lrlrrl") + rest(difference.results.size());
  } else if (difference.same > 0) {
    out += fmt::format("\nall {} results are the same\n", difference.same);
  }
  const auto only = [&](const std::vector<Difference::Only>& list, const std::string& name) {
    if (list.empty()) return;
    section("only in " + name);
    for (std::size_t i = 0; i < std::min(list.size(), most); ++i)
      out += fmt::format("  {} {}\n", list[i].what, list[i].name);
    out += rest(list.size());
  };
  only(difference.only_from, difference.from_name);
  only(difference.only_to, difference.to_name);
  return out;
}

std::string diff_json(const Difference& difference) {
  using Json = nlohmann::ordered_json;
  const auto value = [](double number) { return std::isnan(number) ? Json(nullptr) : Json(number); };
  const auto change = [&](Json& one, double from, double to) {
    one["from"] = value(from);
    one["to"] = value(to);
    one["difference"] = value(to - from);
    one["relative"] = from != 0 ? value((to - from) / std::abs(from)) : Json(nullptr);
  };
  Json out{{"from", difference.from_name}, {"to", difference.to_name}};
  for (const char* key : {"inputs", "filled", "uncertain", "formulas", "results", "only_from", "only_to"})
    out[key] = Json::array();
  for (const Difference::Input& input : difference.inputs) {
    Json one{{"name", input.name}, {"cell", input.cell}, {"unit", input.unit}};
    change(one, input.from, input.to);
    one["from_where"] = input.from_where;
    one["to_where"] = input.to_where;
    out["inputs"].push_back(std::move(one));
  }
  for (const Difference::Filled& filled : difference.filled)
    out["filled"].push_back({{"name", filled.name}, {"cells", filled.cells}});
  for (const Difference::Uncertain& each : difference.uncertain)
    out["uncertain"].push_back({{"name", each.name}, {"numbers", each.numbers}});
  for (const Difference::Formula& formula : difference.formulas)
    out["formulas"].push_back({{"name", formula.name},
                               {"from", formula.from},
                               {"to", formula.to},
                               {"from_where", formula.from_where},
                               {"to_where", formula.to_where}});
  for (const Difference::Result& result : difference.results) {
    Json one{{"name", result.name}, {"group", result.group}, {"cell", result.cell}, {"unit", result.unit}};
    if (result.problem.empty())
      change(one, result.from, result.to);
    else
      one["problem"] = result.problem;
    if (result.band)
      one["drawn"] = {{"mean", result.band->mean},
                      {"deviation", result.band->deviation},
                      {"low", result.band->low},
                      {"high", result.band->high},
                      {"below_zero", result.band->below_zero}};
    one["cells_that_differ"] = result.differing;
    one["cells"] = result.cells;
    out["results"].push_back(std::move(one));
  }
  out["same"] = difference.same;
  if (difference.draws > 0)
    out["draws"] = {{"draws", difference.draws}, {"low", difference.low}, {"high", difference.high}};
  for (const Difference::Only& only : difference.only_from)
    out["only_from"].push_back({{"what", only.what}, {"name", only.name}});
  for (const Difference::Only& only : difference.only_to)
    out["only_to"].push_back({{"what", only.what}, {"name", only.name}});
  return out.dump(2);
}

std::string diff_csv(const Difference& difference) {
  const auto value = [](double number) {
    return std::isnan(number) ? std::string() : fmt::format("{}", number);
  };
  const bool drawn = difference.draws > 0;
  const std::string none = drawn ? ",,,,,\n" : "\n";
  std::string out = "kind,name,cell,from,to,unit,difference,relative,from_where,to_where";
  out += drawn ? ",mean,deviation,low,high,below_zero\n" : "\n";
  const auto line = [&](const std::string& kind, const std::string& name, const std::string& cell,
                        double from, double to, const std::string& unit, const std::string& a,
                        const std::string& b, const std::string& end) {
    const double change = to - from;
    out += fmt::format("{},{},{},{},{},{},{},{},{},{}{}", kind, csv_cell(name), csv_cell(cell), value(from),
                       value(to), csv_cell(unit), value(change),
                       from != 0 ? value(change / std::abs(from)) : "", csv_cell(a), csv_cell(b), end);
  };
  for (const Difference::Input& input : difference.inputs)
    line("input", input.name, input.cell, input.from, input.to, input.unit, input.from_where, input.to_where,
         none);
  for (const Difference::Uncertain& each : difference.uncertain)
    line("uncertainty", each.name, "", std::nan(""), std::nan(""), "", "", "", none);
  for (const Difference::Formula& formula : difference.formulas)
    out += fmt::format("formula,{},,{},{},,,,{},{}{}", csv_cell(formula.name), csv_cell(formula.from),
                       csv_cell(formula.to), csv_cell(formula.from_where), csv_cell(formula.to_where), none);
  for (const Difference::Result& result : difference.results)
    if (result.problem.empty())
      line(result.group, result.name, result.cell, result.from, result.to, result.unit, "", "",
           !result.band ? none
                        : fmt::format(",{},{},{},{},{}\n", result.band->mean, result.band->deviation,
                                      result.band->low, result.band->high, result.band->below_zero));
  for (const Difference::Only& only : difference.only_from)
    out += fmt::format("only from: {},{},,,,,,,,{}", csv_cell(only.what), csv_cell(only.name), none);
  for (const Difference::Only& only : difference.only_to)
    out += fmt::format("only to: {},{},,,,,,,,{}", csv_cell(only.what), csv_cell(only.name), none);
  return out;
}

}  // namespace lode
