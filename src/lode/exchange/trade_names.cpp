// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "lode/exchange/case_text.hpp"
#include "lode/exchange/text_rows.hpp"

namespace lode {
namespace {

/// Numbers of UN Comtrade for what is no single country: "Areas, nes", bunkers, free zones, and the like.
constexpr std::array<int, 17> unspecified_numbers{290, 471, 472, 473, 490, 492, 527, 536, 568,
                                                  577, 636, 637, 837, 838, 839, 879, 899};
constexpr std::array<int, 2> group_numbers{97, 975};

template <std::size_t size>
bool is_among(int number, const std::array<int, size>& list) {
  return std::find(list.begin(), list.end(), number) != list.end();
}

std::filesystem::path beside(const std::filesystem::path& file, std::string_view prefix) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  auto folder = file.parent_path();
  if (folder.empty()) folder = ".";
  auto entry = std::filesystem::directory_iterator(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".csv")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? std::filesystem::path() : found.back();  // the newest release
}

/// Rows of a file of names with the cells of the columns asked for; each column by any of its names.
using ColumnNames = std::vector<std::string_view>;
std::optional<std::vector<std::vector<std::string>>> read_columns(const std::filesystem::path& path,
                                                                  const std::vector<ColumnNames>& columns,
                                                                  Diagnostics& diagnostics) {
  const auto fail = [&](const std::string& why) {
    diagnostics.error("import-trade-names", {}, fmt::format("{} cannot be read: {}", path.string(), why));
    return std::nullopt;
  };
  std::string problem;
  auto rows = TextRows::open(path, problem);
  if (!rows) return fail(problem);
  TextRow row;
  if (!rows->next(row)) return fail("the file is empty");
  const char delimiter = delimiter_of(row.text);
  std::vector<std::string_view> cells;
  std::vector<std::string> storage;
  split_cells(row, delimiter, cells, storage);
  std::vector<std::size_t> at;
  for (const ColumnNames& names : columns) {
    std::size_t found = cells.size();
    for (const std::string_view name : names)
      if (found == cells.size())
        found = static_cast<std::size_t>(std::find(cells.begin(), cells.end(), name) - cells.begin());
    if (found == cells.size()) return fail(fmt::format("it has no column `{}`", names.front()));
    at.push_back(found);
  }
  std::vector<std::vector<std::string>> result;
  while (rows->next(row)) {
    split_cells(row, delimiter, cells, storage);
    std::vector<std::string>& texts = result.emplace_back();
    for (const std::size_t column : at)
      texts.emplace_back(column < cells.size() ? cells[column] : std::string_view());
  }
  if (!rows->problem().empty())
    return fail(fmt::format("line {}: {}", rows->problem_line(), rows->problem()));
  return result;
}

}  // namespace

TradeCountry trade_country(int number, std::string_view iso, std::string_view name,
                           std::set<std::string>& taken) {
  TradeCountry result;
  result.number = number;
  result.name = std::string(name);
  result.unspecified = is_among(number, unspecified_numbers);
  const bool plain =
      iso.size() == 3 && std::all_of(iso.begin(), iso.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  std::string label = plain ? std::string(iso) : name.empty() ? fmt::format("n{}", number) : identifier(name);
  if (!taken.insert(label).second) {
    label += fmt::format("_{}", number);
    taken.insert(label);
  }
  result.label = std::move(label);
  return result;
}

bool is_trade_group(int number) {
  return is_among(number, group_numbers);
}

std::optional<BaciNames> read_baci_names(const std::filesystem::path& file,
                                         const std::filesystem::path& countries,
                                         const std::filesystem::path& products, Diagnostics& diagnostics) {
  BaciNames result;
  const auto country_file = countries.empty() ? beside(file, "country_codes") : countries;
  if (country_file.empty()) {
    diagnostics
        .error("import-trade-names", {},
               fmt::format("{}: BACI numbers its countries, and no file says which is which", file.string()))
        .help = "put country_codes_V….csv, which comes with it, beside it, or name it: --country-names FILE";
    return std::nullopt;
  }
  const auto rows = read_columns(country_file,
                                 {{"country_code"},
                                  {"country_name", "country_name_full", "country_name_abbreviation"},
                                  {"country_iso3", "iso_3digit_alpha", "iso3"}},
                                 diagnostics);
  if (!rows) return std::nullopt;
  result.country_file = country_file.filename().string();
  std::set<std::string> taken;
  for (const auto& row : *rows) {
    int number = 0;
    const auto read = std::from_chars(row[0].data(), row[0].data() + row[0].size(), number);
    if (row[0].empty() || read.ec != std::errc()) continue;
    result.countries.emplace(number, trade_country(number, row[2], row[1], taken));
  }
  const auto product_file = products.empty() ? beside(file, "product_codes") : products;
  if (product_file.empty()) return result;
  const auto codes = read_columns(product_file, {{"code", "hs6", "k"}, {"description", "name"}}, diagnostics);
  if (!codes) return std::nullopt;
  result.product_file = product_file.filename().string();
  for (const auto& row : *codes) result.products[(row[0].size() % 2 == 1 ? "0" : "") + row[0]] = row[1];
  return result;
}

}  // namespace lode
