// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/exchange/case_text.hpp"
#include "lode/exchange/mirror.hpp"
#include "lode/exchange/trade.hpp"
#include "lode/exchange/trade_content.hpp"

namespace lode {

/// Which number stands for a flow that both sides report.
enum class Reconcile { exporter, importer, mean, larger, trust };

struct TradeCaseOptions {
  std::string title, citation, licence, command;
  Reconcile reconcile = Reconcile::importer;
  CifMargin margin;
  bool margin_chosen = false;  ///< by the user, not by default
};

struct TradeCase {
  std::vector<CaseFile> files;
  std::vector<std::string> notes;
  std::vector<std::string> gaps;  ///< the largest mirror gaps as lines of a table, header first
  std::size_t flows = 0, two_sided = 0, outside_band = 0;
  bool mirrored = false;  ///< both sides report something
};

/// A case with both reports as data, the flows made of them, and the way they are reconciled as scenarios.
/// Nothing after a mistake.
std::optional<TradeCase> make_trade_case(const TradeData& data, const ContentTable* content,
                                         const TradeCaseOptions& options, Diagnostics& diagnostics);

}  // namespace lode
