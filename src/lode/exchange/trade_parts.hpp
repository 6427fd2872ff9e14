// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lode/exchange/trade_case.hpp"

namespace lode {

/// What the texts of a case of trade are made of.
struct TradeParts {
  const TradeData& data;
  const ContentTable* content = nullptr;
  const TradeCaseOptions& options;
  std::vector<const ContentTable::Row*> rows;  ///< by code; null without a table
  std::vector<double> shares;                  ///< by code; 1 without a table
  std::vector<TradeKey> keys;                  ///< rising
  std::vector<std::size_t> code_order;         ///< codes by label
  std::vector<MirrorPair> pairs;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> pair_order;  ///< exporter and importer, by label
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::string> pair_labels;
  struct WorldRow {
    TradeKey key;
    double weight = 0, partners = 0;  ///< t
  };
  std::vector<WorldRow> world_rows;
  bool has_weight = false, exporters = false, importers = false, re_exports = false, re_imports = false,
       states_fob = false, mirrored = false;

  bool is_baci() const { return data.layout == TradeData::Layout::baci; }
  const char* exporter_weight() const { return is_baci() ? "weight" : "exporter_weight"; }
  const char* exporter_value() const { return is_baci() ? "value" : "exporter_value"; }
  const char* source_key() const { return is_baci() ? "baci" : "comtrade"; }
  std::string title() const;
};

/// A way to reconcile, as the case names and writes it.
struct WayToReconcile {
  Reconcile reconcile = Reconcile::importer;
  const char* name = "";
  const char* words = "";
  const char* formula = "";  ///< where both report; empty for one of both
};
const std::array<WayToReconcile, 5>& ways_to_reconcile();
const WayToReconcile& chosen_way(Reconcile reconcile);

bool is_bought(TradeFlow flow);
std::string percent_text(double share);

std::string trade_model(const TradeParts& parts);
std::string trade_figures(const TradeParts& parts);
std::string trade_sources(const TradeParts& parts);
std::string trade_readme(const TradeParts& parts, const std::vector<std::string>& notes);
/// data/*.csv
std::vector<CaseFile> trade_tables(const TradeParts& parts);

}  // namespace lode
