// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lode/exchange/trade.hpp"

namespace lode {

/// HS codes have two, four or six digits; an odd number has lost a zero in front, in a spreadsheet.
std::string whole_hs_code(std::string_view text);
bool is_hs_code(std::string_view code);  ///< two to six digits
/// A row of all codes, or of none.
bool is_hs_total(std::string_view code);

/// The rows that are asked for, by code and country.
class TradeChoice {
 public:
  explicit TradeChoice(const TradeOptions& options);

  /// BACI has six digits alone: there a code stands for those that begin with it.
  bool takes_code(std::string_view code, TradeData::Layout layout) const;
  /// Whether the code in column `column` of a row without quotation marks may be asked for, without splitting
  /// it. What is no code may be, so that a broken row in a filtered file is not lost.
  bool may_take(std::string_view row, char delimiter, std::ptrdiff_t column, TradeData::Layout layout) const;

  bool takes_all_countries() const { return countries_.empty(); }
  bool takes_country(std::string_view number, std::string_view iso, std::string_view name);

  std::vector<std::string> codes() const { return {codes_.begin(), codes_.end()}; }
  std::vector<std::string> countries_not_found() const;

 private:
  std::set<std::string, std::less<>> codes_;
  std::vector<std::string> countries_;
  std::vector<bool> found_;  ///< per country
};

}  // namespace lode
