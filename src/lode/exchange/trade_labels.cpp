// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_labels.hpp"

#include <algorithm>

#include "lode/exchange/trade_names.hpp"

namespace lode {

namespace {

constexpr std::size_t most_labels = 60'000;

}  // namespace

bool TradeLabels::full() const {
  return data_.countries.size() + 2 > most_labels || data_.codes.size() + 1 > most_labels;
}

std::uint16_t TradeLabels::country(int number, std::string_view iso, std::string_view name) {
  const auto [at, is_new] = countries_.emplace(number, static_cast<std::uint16_t>(data_.countries.size()));
  if (is_new) data_.countries.push_back(trade_country(number, iso, name, country_labels_));
  TradeCountry& found = data_.countries[at->second];
  if (found.name.empty()) found.name = std::string(name);
  return at->second;
}

std::uint16_t TradeLabels::code(const std::string& code, std::string_view name) {
  const auto [at, is_new] = codes_.emplace(code, static_cast<std::uint16_t>(data_.codes.size()));
  if (is_new) data_.codes.push_back({code, std::string(name)});
  return at->second;
}

std::uint16_t TradeLabels::revision(std::string_view name) {
  const auto found = std::find(data_.revisions.begin(), data_.revisions.end(), name);
  const auto index = static_cast<std::uint16_t>(found - data_.revisions.begin());
  if (index == data_.revisions.size()) data_.revisions.emplace_back(name);
  return index;
}

}  // namespace lode
