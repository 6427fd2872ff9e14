// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_checks.hpp"

#include <fmt/format.h>

#include <set>

#include "lode/exchange/row_problems.hpp"

namespace lode {

void check_trade_parts(const TradeData& data, const TradeParts& parts, Diagnostics& diagnostics) {
  const auto is_world = [&](std::uint16_t country) {
    return country < data.countries.size() && data.countries[country].number == 0;
  };
  std::size_t told = 0;
  for (const auto& [key, place] : parts) {
    const auto& totals = is_world(key.exporter) || is_world(key.importer) ? data.world : data.reports;
    if (totals.contains(key)) continue;
    if (++told > RowProblems::most_of_a_kind) return;
    diagnostics
        .error("import-trade-parts", {},
               fmt::format("{}: {} → {}, {}, {} is only there in parts, by customs procedure, transport or "
                           "second partner",
                           data.place(place), data.countries[key.exporter].label,
                           data.countries[key.importer].label, data.codes[key.code].label, key.year))
        .help = "download the totals too: customsCode C00, motCode 0, partner2Code 0";
  }
}

void check_trade_codes(const TradeData& data, Diagnostics& diagnostics) {
  std::set<std::string> labels;
  for (const TradeCode& code : data.codes) labels.insert(code.label);
  std::size_t told = 0;
  for (const std::string& label : labels) {
    for (std::size_t length = 2; length < label.size(); length += 2) {
      const std::string whole = label.substr(0, length);
      if (!labels.contains(whole) || ++told > 3) continue;
      diagnostics
          .error("import-trade-nested", {},
                 fmt::format("`{}` is a part of `{}`: both would count twice", label, whole))
          .help = fmt::format("choose one of them, with --code {} or --code {}", label, whole);
    }
  }
}

void tell_no_trade(const TradeData& data, const TradeTally& tally, const std::vector<std::string>& codes,
                   Diagnostics& diagnostics) {
  Diagnostic& d = diagnostics.error("import-trade-empty", {}, "no trade between two countries is left");
  const auto why = tally.reasons(data);
  d.why = fmt::format("{} rows were read{}{}", data.rows, why.empty() ? "" : ": ", fmt::join(why, ", "));
  if (tally.other_code > 0 && !codes.empty())
    d.help = fmt::format("look at --code {}", fmt::join(codes, ","));
  if (!data.world.empty()) d.help = "download all partners, not only the world (partnerCode 0)";
}

}  // namespace lode
