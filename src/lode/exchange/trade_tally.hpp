// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "lode/exchange/trade.hpp"

namespace lode {

/// What happened to rows that did not become a report of their own, and what is odd about those that did.
struct TradeTally {
  std::size_t other_code = 0, other_country = 0, other_year = 0, other_revision = 0;  ///< not chosen
  std::size_t partial_flows = 0;  ///< domestic exports, processing
  std::size_t totals = 0;         ///< of all codes, or not told by code
  std::size_t groups = 0;         ///< of countries
  std::size_t breakdowns = 0;     ///< by customs procedure, transport, second partner
  std::size_t repeated = 0, padded = 0, from_quantity = 0, own_trade = 0, no_weight = 0;

  /// In words, for who made the case; `codes` are those that were asked for.
  std::vector<std::string> notes(const TradeData& data, const std::vector<std::string>& codes) const;
  /// Where the rows went if none is left.
  std::vector<std::string> reasons(const TradeData& data) const;
};

}  // namespace lode
