// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_choice.hpp"

#include <algorithm>

#include "lode/support/text.hpp"

namespace lode {
namespace {

constexpr std::size_t hs6 = 6;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string whole_hs_code(std::string_view text) {
  std::string code(text);
  if (all_digits(code) && code.size() % 2 == 1 && code.size() < hs6) code.insert(0, "0");
  return code;
}

bool is_hs_code(std::string_view code) {
  return all_digits(code) && code.size() >= 2 && code.size() <= hs6;
}

bool is_hs_total(std::string_view code) {
  return code == "TOTAL" || code == "9999AA" || (code.size() == 3 && code.starts_with("AG"));
}

TradeChoice::TradeChoice(const TradeOptions& options)
    : countries_(options.countries), found_(options.countries.size()) {
  for (const std::string& code : options.codes) codes_.insert(whole_hs_code(code));
}

bool TradeChoice::takes_code(std::string_view code, TradeData::Layout layout) const {
  if (codes_.empty()) return true;
  if (layout != TradeData::Layout::baci) return codes_.contains(code);
  for (std::size_t length = 2; length <= code.size(); length += 2)
    if (codes_.contains(code.substr(0, length))) return true;
  return false;
}

bool TradeChoice::may_take(std::string_view row, char delimiter, std::ptrdiff_t column,
                           TradeData::Layout layout) const {
  if (codes_.empty()) return true;
  std::size_t begin = 0;
  for (; column > 0; --column) {
    begin = row.find(delimiter, begin);
    if (begin == std::string_view::npos) return true;  // too short: told by whoever looks closer
    ++begin;
  }
  const std::string_view code = trimmed(row.substr(begin, row.find(delimiter, begin) - begin));
  if (!is_hs_code(code)) return !is_hs_total(code);
  return code.size() % 2 == 1 ? takes_code(whole_hs_code(code), layout) : takes_code(code, layout);
}

bool TradeChoice::takes_country(std::string_view number, std::string_view iso, std::string_view name) {
  bool result = countries_.empty();
  for (std::size_t i = 0; i < countries_.size(); ++i) {
    const std::string& wanted = countries_[i];
    if (wanted != number && wanted != iso && wanted != name) continue;
    found_[i] = true;
    result = true;
  }
  return result;
}

std::vector<std::string> TradeChoice::countries_not_found() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < countries_.size(); ++i)
    if (!found_[i]) result.push_back(countries_[i]);
  return result;
}

}  // namespace lode
