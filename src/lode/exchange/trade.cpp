// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lode {

std::size_t TradeKeyHash::operator()(const TradeKey& key) const {
  std::uint64_t bits = key.code;
  bits = bits << 16u | key.year;
  bits = bits << 16u | key.exporter;
  bits = bits << 16u | key.importer;
  bits ^= static_cast<std::uint64_t>(key.flow) << 28u;
  bits *= 0x9E3779B97F4A7C15u;
  return static_cast<std::size_t>(bits ^ bits >> 32u);
}

std::vector<TradeKey> TradeData::sorted_keys() const {
  std::vector<TradeKey> keys;
  keys.reserve(reports.size());
  for (const auto& [key, report] : reports) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string TradeData::place(const TradePlace& place) const {
  return fmt::format("{}:{}", std::filesystem::path(files[place.file]).filename().string(), place.line);
}

}  // namespace lode
