// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/mirror.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace lode {
namespace {

constexpr double furthest_distance =
    4.605170185988092;                     // ln 100: beyond it one of both is a slip, not a judgement
constexpr double nearest_distance = 0.01;  // nobody is trusted without limit

std::optional<double> given(const TradeNumber& number) {
  if (!number.is(TradeNumber::Kind::given)) return std::nullopt;
  return number.value;
}

void compare(MirrorPair& pair, const CifMargin& margin) {
  if (!pair.two_sided()) return;
  const auto sent = given(pair.exporter->weight), got = given(pair.importer->weight);
  if (sent && got) pair.weight_gap = *got - *sent;
  const auto fob = given(pair.exporter->value), cif = given(pair.importer->value);
  const auto imported = importer_fob(*pair.importer, margin);
  if (fob && imported) pair.value_gap = *imported - *fob;
  if (fob && cif && *fob > 0) {
    pair.implied_margin = *cif / *fob - 1;
    pair.outside_band = *pair.implied_margin < margin.low || *pair.implied_margin > margin.high;
  }
}

}  // namespace

std::optional<double> importer_fob(const TradeReport& report, const CifMargin& margin) {
  if (const auto stated = given(report.fob)) return stated;
  const auto cif = given(report.value);
  if (!cif) return std::nullopt;
  return *cif / (1 + margin.value);
}

std::vector<MirrorPair> mirror_pairs(const TradeData& data, const CifMargin& margin,
                                     const std::vector<double>& content) {
  std::map<TradeKey, MirrorPair> by_key;
  for (const auto& [key, report] : data.reports) {
    if (key.flow != TradeFlow::exports && key.flow != TradeFlow::imports) continue;
    TradeKey shared = key;
    shared.flow = TradeFlow::exports;
    MirrorPair& pair = by_key[shared];
    pair.key = shared;
    (key.flow == TradeFlow::exports ? pair.exporter : pair.importer) = &report;
  }
  std::vector<MirrorPair> pairs;
  pairs.reserve(by_key.size());
  for (auto& [key, pair] : by_key) {
    compare(pair, margin);
    pairs.push_back(pair);
  }
  // 0 with a gap of weight, 1 with one of value alone, 2 two-sided without numbers to compare, 3 one side.
  const auto rank = [](const MirrorPair& p) {
    return p.weight_gap ? 0 : p.value_gap ? 1 : p.two_sided() ? 2 : 3;
  };
  const auto size = [&](const MirrorPair& p) {
    const double part = content[p.key.code];
    if (p.weight_gap) return std::abs(*p.weight_gap) * part;
    if (p.value_gap) return std::abs(*p.value_gap);
    const TradeReport& side = p.exporter != nullptr ? *p.exporter : *p.importer;
    return given(side.weight).value_or(0) * part;
  };
  std::stable_sort(pairs.begin(), pairs.end(), [&](const MirrorPair& a, const MirrorPair& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : size(a) > size(b);
  });
  return pairs;
}

std::vector<std::optional<double>> reporting_distances(const std::vector<MirrorPair>& pairs,
                                                       std::size_t countries) {
  std::vector<double> sums(countries, 0), weights(countries, 0);
  for (const MirrorPair& pair : pairs) {
    if (!pair.weight_gap || pair.key.exporter == pair.key.importer) continue;
    const double sent = pair.exporter->weight.value, got = pair.importer->weight.value;
    if (sent + got == 0) continue;
    const double distance = sent == 0 || got == 0
                                ? furthest_distance
                                : std::min(std::abs(std::log(got / sent)), furthest_distance);
    for (const std::uint16_t country : {pair.key.exporter, pair.key.importer}) {
      sums[country] += (sent + got) * distance;
      weights[country] += sent + got;
    }
  }
  std::vector<std::optional<double>> result(countries);
  for (std::size_t c = 0; c < countries; ++c)
    if (weights[c] > 0) result[c] = sums[c] / weights[c];
  return result;
}

double exporter_trust(const std::optional<double>& exporter, const std::optional<double>& importer) {
  if (!exporter || !importer) return 0.5;
  const double e = std::max(*exporter, nearest_distance), i = std::max(*importer, nearest_distance);
  return i / (e + i);
}

}  // namespace lode
