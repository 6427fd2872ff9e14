// SPDX-License-Identifier: Apache-2.0
//
// Mirror statistics: one flow as its exporter and as its importer report it.
#pragma once
#include <optional>
#include <vector>

#include "lode/exchange/trade.hpp"

namespace lode {

/// What freight and insurance add to the value at the exporter's border: CIF = FOB (1 + margin).
struct CifMargin {
  double value = 0.06;  ///< IMF, Direction of Trade Statistics; OECD ITIC, trade-weighted mean 1995–2014
  double low = 0, high = 0.20;  ///< up to the upper end of what the World Bank (WITS) names
};

/// Both reports of one flow; either may be missing, not both. Only numbers that are given count, censored
/// ones do not.
struct MirrorPair {
  TradeKey key;  ///< with flow `exports`
  const TradeReport* exporter = nullptr;
  const TradeReport* importer = nullptr;
  std::optional<double> weight_gap;      ///< importer less exporter, t
  std::optional<double> value_gap;       ///< importer's value made FOB less exporter's, USD
  std::optional<double> implied_margin;  ///< CIF / FOB - 1, of stated CIF values
  bool outside_band = false;             ///< the implied margin is none that freight and insurance could be
  bool two_sided() const { return exporter != nullptr && importer != nullptr; }
};

/// Each code, year, exporter and importer that either reports; the largest gaps of weight times `content` (by
/// code) first, then those in value alone, then what one side alone reports.
std::vector<MirrorPair> mirror_pairs(const TradeData& data, const CifMargin& margin,
                                     const std::vector<double>& content);

/// The importer's value free on board: as stated, or without the margin.
std::optional<double> importer_fob(const TradeReport& report, const CifMargin& margin);

/// How far each country c [index in data.countries] is from its partners, over the two-sided flows f at which
/// it stands on either side, with weights e_f of the exporter and i_f of the importer:
///   distance_c = Σ_f (e_f + i_f) |ln(i_f / e_f)| / Σ_f (e_f + i_f)
/// Nothing for a country without such flows. The idea is that of Gaulier and Zignago (CEPII 2010-23), without
/// their regression on partners and products.
std::vector<std::optional<double>> reporting_distances(const std::vector<MirrorPair>& pairs,
                                                       std::size_t countries);

/// The exporter's share of trust, d_i / (d_e + d_i), from the distances of both; ½ where one is unknown.
double exporter_trust(const std::optional<double>& exporter, const std::optional<double>& importer);

}  // namespace lode
