// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "lode/exchange/trade.hpp"
#include "lode/exchange/trade_tally.hpp"

namespace lode {

using TradeParts = std::unordered_map<TradeKey, TradePlace, TradeKeyHash>;

/// Trade that a file has only in parts (`parts`, by customs procedure, transport or second partner): a
/// mistake.
void check_trade_parts(const TradeData& data, const TradeParts& parts, Diagnostics& diagnostics);

/// Codes of which one is a part of another: a mistake.
void check_trade_codes(const TradeData& data, Diagnostics& diagnostics);

/// Says that no trade between two countries is left and where the rows went; `codes` are those asked for.
void tell_no_trade(const TradeData& data, const TradeTally& tally, const std::vector<std::string>& codes,
                   Diagnostics& diagnostics);

}  // namespace lode
