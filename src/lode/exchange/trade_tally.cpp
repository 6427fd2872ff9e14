// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_tally.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/exchange/flow_list.hpp"

namespace lode {

std::vector<std::string> TradeTally::notes(const TradeData& data,
                                           const std::vector<std::string>& codes) const {
  std::vector<std::string> result;
  const auto note = [&](std::size_t count, const char* one, const char* many, const char* rest) {
    if (count > 0) result.push_back(counted(count, one, many) + " " + rest);
  };
  note(other_code + other_country + other_year + other_revision, "row", "rows",
       "of other codes, countries, years or revisions passed over");
  note(breakdowns, "row is", "rows are",
       "parts of totals (customs procedure, transport, second partner), passed over");
  note(partial_flows, "row is", "rows are", "parts of flows (domestic exports, processing), passed over");
  note(totals, "row is", "rows are", "totals of all codes or of none (TOTAL, 9999AA), passed over");
  note(groups, "row is", "rows are", "of groups whose members report too, passed over");
  note(repeated, "row repeats", "rows repeat", "another one exactly and count once");
  note(padded, "code had", "codes had", "lost the zero in front, put back");
  note(from_quantity, "weight is", "weights are",
       "taken from the quantity in kg, as no net weight stands there");
  note(own_trade, "row is", "rows are", "trade of a country with itself (goods that come back)");
  note(no_weight, "row has", "rows have", "a value and no weight: its tonnes are unknown, not zero");
  std::vector<std::string> revisions = data.revisions;
  std::sort(revisions.begin(), revisions.end());
  if (revisions.size() > 1)
    result.push_back(fmt::format(
        "revisions of the Harmonized System are mixed: {}; a code may have changed its meaning between them",
        fmt::join(revisions, ", ")));
  std::vector<std::string> absent;
  for (const std::string& code : codes) {
    const bool found = std::any_of(data.codes.begin(), data.codes.end(),
                                   [&](const TradeCode& each) { return each.label.starts_with(code); });
    if (!found) absent.push_back(code);
  }
  if (!absent.empty()) result.push_back(fmt::format("no row of {}", fmt::join(absent, ", ")));
  note(data.left_out.size(), "row is", "rows are", "left out, see data/left_out.csv");
  return result;
}

std::vector<std::string> TradeTally::reasons(const TradeData& data) const {
  std::vector<std::string> result;
  const auto because = [&](std::size_t count, const char* words) {
    if (count > 0) result.push_back(fmt::format("{} {}", count, words));
  };
  because(other_code, "of other codes");
  because(other_country, "of other countries");
  because(other_year, "of other years");
  because(other_revision, "of other revisions");
  because(data.world.size(), "with the world as partner");
  because(partial_flows, "of parts of flows");
  because(groups, "of groups of countries");
  return result;
}

}  // namespace lode
