// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/mirror.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lode {
namespace {

TradeNumber of(double value) {
  TradeNumber number;
  number.kind = TradeNumber::Kind::given;
  number.value = value;
  return number;
}

/// Countries 0, 1, 2; one code, one year.
struct Sample {
  TradeData data;
  void add(std::uint16_t from, std::uint16_t to, TradeFlow side, double weight, double value) {
    TradeReport report;
    report.weight = of(weight);
    report.value = of(value);
    data.reports[{0, 2017, from, to, side}] = report;
  }
};

TEST(Mirror, ComparesWhatBothSay) {
  Sample s;
  s.add(0, 1, TradeFlow::exports, 100, 1000);
  s.add(0, 1, TradeFlow::imports, 130, 1590);
  s.add(1, 0, TradeFlow::exports, 40, 400);
  s.add(1, 0, TradeFlow::imports, 41, 424);
  s.add(2, 0, TradeFlow::imports, 500, 1);
  const auto pairs = mirror_pairs(s.data, {}, {1});
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(*pairs[0].weight_gap, 30);
  EXPECT_NEAR(*pairs[0].value_gap, 1590 / 1.06 - 1000, 1e-9);
  EXPECT_NEAR(*pairs[0].implied_margin, 0.59, 1e-12);
  EXPECT_TRUE(pairs[0].outside_band);
  EXPECT_NEAR(*pairs[1].implied_margin, 0.06, 1e-12);
  EXPECT_NEAR(*pairs[1].value_gap, 0, 1e-9);
  EXPECT_FALSE(pairs[1].outside_band);
  EXPECT_FALSE(pairs[2].two_sided());  // what only one side says comes last, however large
}

TEST(Mirror, AFobValueOfTheImporterNeedsNoMargin) {
  TradeReport report;
  report.value = of(110);
  EXPECT_NEAR(*importer_fob(report, {0.1, 0, 0.2}), 100, 1e-12);
  report.fob = of(104);
  EXPECT_EQ(*importer_fob(report, {0.1, 0, 0.2}), 104);
  EXPECT_FALSE(importer_fob({}, {}));
}

TEST(Mirror, CensoredNumbersAreNotCompared) {
  Sample s;
  s.add(0, 1, TradeFlow::exports, 100, 1000);
  s.add(0, 1, TradeFlow::imports, 1, 1);
  s.data.reports[{0, 2017, 0, 1, TradeFlow::imports}].weight.kind = TradeNumber::Kind::below;
  EXPECT_FALSE(mirror_pairs(s.data, {}, {1})[0].weight_gap);
}

TEST(Mirror, TrustsWhoAgreesWithOthers) {
  Sample s;
  s.add(0, 1, TradeFlow::exports, 100, 1);
  s.add(0, 1, TradeFlow::imports, 100, 1);
  s.add(2, 1, TradeFlow::exports, 100, 1);
  s.add(2, 1, TradeFlow::imports, 200, 1);
  const auto distances = reporting_distances(mirror_pairs(s.data, {}, {1}), 4);
  EXPECT_EQ(*distances[0], 0);
  EXPECT_NEAR(*distances[2], std::log(2), 1e-12);
  EXPECT_NEAR(*distances[1], 300 * std::log(2) / 500, 1e-12);
  EXPECT_FALSE(distances[3]);
  EXPECT_GT(exporter_trust(distances[0], distances[1]), 0.9);
  EXPECT_LT(exporter_trust(distances[2], distances[1]), 0.5);
  EXPECT_EQ(exporter_trust(distances[0], distances[3]), 0.5);
}

/// Exchanging who says what turns every gap round and leaves distances as they are.
TEST(Mirror, IsEvenHanded) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> weight(1, 1000);
  for (int round = 0; round < 100; ++round) {
    Sample a, b;
    for (std::uint16_t from = 0; from < 3; ++from)
      for (std::uint16_t to = 0; to < 3; ++to) {
        if (from == to) continue;
        const double x = weight(random), y = weight(random);
        a.add(from, to, TradeFlow::exports, x, x), a.add(from, to, TradeFlow::imports, y, y);
        b.add(from, to, TradeFlow::exports, y, y), b.add(from, to, TradeFlow::imports, x, x);
      }
    const auto first = mirror_pairs(a.data, {}, {1}), second = mirror_pairs(b.data, {}, {1});
    for (std::size_t i = 0; i < first.size(); ++i)
      EXPECT_NEAR(*first[i].weight_gap, -*second[i].weight_gap, 1e-9);
    const auto d = reporting_distances(first, 3), e = reporting_distances(second, 3);
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(*d[c], *e[c], 1e-12);
      EXPECT_NEAR(exporter_trust(d[c], d[0]) + exporter_trust(d[0], d[c]), 1, 1e-12);
    }
  }
}

}  // namespace
}  // namespace lode
