// SPDX-License-Identifier: Apache-2.0
// A file of trade statistics, read as whatever its header says it is, and the case made of it.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "lode/exchange/trade.hpp"
#include "lode/exchange/trade_case.hpp"

namespace {

/// BACI is read with the names of its countries, which stand in a file of their own.
std::filesystem::path country_names() {
  const auto path = std::filesystem::temp_directory_path() / "trade_fuzz_country_codes.csv";
  std::ofstream(path) << "country_code,country_name,country_iso3\n156,China,CHN\n392,Japan,JPN\n";
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  static const std::filesystem::path names = country_names();
  lode::TradeOptions options;
  options.country_names = names;
  options.keep_going = (data[0] & 1u) != 0;
  options.shifted = (data[0] & 2u) != 0;
  options.decimal_comma = (data[0] & 4u) != 0;
  if ((data[0] & 8u) != 0) options.codes = {"8505", "280530"};
  if ((data[0] & 16u) != 0) options.countries = {"CHN"};
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  lode::Diagnostics diagnostics;
  const auto trade = lode::read_trade_bytes(bytes, "trade.csv", options, diagnostics);
  require(trade.has_value() != diagnostics.has_errors());
  lode::render(diagnostics, true);
  lode::to_json(diagnostics);
  if (!trade) return 0;
  for (const auto& [key, report] : trade->reports) {
    require(key.code < trade->codes.size());
    require(key.exporter < trade->countries.size() && key.importer < trade->countries.size());
    for (const lode::TradeNumber& number : {report.weight, report.value, report.fob})
      require(std::isfinite(number.value) && number.value >= 0);
  }
  const auto made = lode::make_trade_case(*trade, nullptr, {}, diagnostics);
  require(made.has_value() != diagnostics.has_errors());
  return 0;
}
