// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lode/exchange/trade.hpp"

namespace lode {

/// Countries, codes and revisions of the data, entered when they are first met; each is named by its index.
class TradeLabels {
 public:
  explicit TradeLabels(TradeData& data) : data_(data) {}

  /// Whether a row more may bring countries or codes beyond what an index holds.
  bool full() const;
  std::uint16_t country(int number, std::string_view iso, std::string_view name);
  std::uint16_t code(const std::string& code, std::string_view name);
  std::uint16_t revision(std::string_view name);

 private:
  TradeData& data_;
  std::unordered_map<int, std::uint16_t> countries_;  ///< by number
  std::set<std::string> country_labels_;
  std::unordered_map<std::string, std::uint16_t> codes_;
};

}  // namespace lode
