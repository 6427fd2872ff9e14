// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "lode/exchange/trade.hpp"

namespace lode {

/// A country with a label that is not yet in `taken`: its ISO3 code if it has one, else a word made of its
/// name, else its number.
TradeCountry trade_country(int number, std::string_view iso, std::string_view name,
                           std::set<std::string>& taken);

/// A group of countries (the European Union) that stands beside its members.
bool is_trade_group(int number);

/// What BACI's numbers mean, by the files that come with it.
struct BaciNames {
  std::map<int, TradeCountry> countries;
  std::map<std::string, std::string> products;
  std::string country_file, product_file;  ///< as shown; `product_file` is empty if there is none
};

/// Reads the names for a BACI file. Files that are not given are looked for beside it; the one of countries
/// is needed.
std::optional<BaciNames> read_baci_names(const std::filesystem::path& file,
                                         const std::filesystem::path& countries,
                                         const std::filesystem::path& products, Diagnostics& diagnostics);

}  // namespace lode
