// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/roots.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lode {
namespace {

using Kind = Root::Kind;

TEST(Roots, OfALineAreExact) {
  const Roots found = find_roots([](double x) { return 3 * x - 1; }, {0, 1, 65});
  ASSERT_EQ(found.roots.size(), 1u);
  EXPECT_NEAR(found.roots[0].x, 1.0 / 3, 1e-15);
  EXPECT_EQ(found.roots[0].kind, Kind::crossing);
  EXPECT_TRUE(found.monotone);
  EXPECT_TRUE(found.jumps.empty());
}

TEST(Roots, AtTheLimitsAndOnTheGridAreFoundOnce) {
  const Roots found = find_roots([](double x) { return x * (x - 0.5) * (x - 1); }, {0, 1, 9});
  ASSERT_EQ(found.roots.size(), 3u);
  EXPECT_EQ(found.roots[0].x, 0);
  EXPECT_EQ(found.roots[1].x, 0.5);
  EXPECT_EQ(found.roots[2].x, 1);
  EXPECT_FALSE(found.monotone);
}

TEST(Roots, SeveralOfAWaveAscend) {
  const Roots found = find_roots([](double x) { return std::sin(x); }, {1, 20, 65});
  ASSERT_EQ(found.roots.size(), 6u);
  for (std::size_t k = 0; k < 6; ++k)
    EXPECT_NEAR(found.roots[k].x, static_cast<double>(k + 1) * 3.14159265358979323846, 1e-12);
}

TEST(Roots, ThatTouchAreToldApart) {
  const Roots found = find_roots([](double x) { return (x - 0.3) * (x - 0.3); }, {0, 1, 12});
  ASSERT_EQ(found.roots.size(), 1u);
  EXPECT_EQ(found.roots[0].kind, Kind::touching);
  EXPECT_NEAR(found.roots[0].x, 0.3, 1e-6);
}

TEST(Roots, BetweenPointsOfOneSignAreSeenByTheirDip) {
  // 0.302 and 0.303 lie between two points of the grid of 12.
  const Roots found = find_roots([](double x) { return (x - 0.302) * (x - 0.303); }, {0, 1, 12});
  ASSERT_EQ(found.roots.size(), 2u);
  EXPECT_NEAR(found.roots[0].x, 0.302, 1e-10);
  EXPECT_NEAR(found.roots[1].x, 0.303, 1e-10);
}

TEST(Roots, AJumpIsNoRoot) {
  const Roots found = find_roots([](double x) { return x < 0.4 ? -2.0 : 7.0; }, {0, 1, 65});
  EXPECT_TRUE(found.roots.empty());
  ASSERT_EQ(found.jumps.size(), 1u);
  EXPECT_NEAR(found.jumps[0].x, 0.4, 1e-12);
  EXPECT_EQ(found.jumps[0].before, -2);
  EXPECT_EQ(found.jumps[0].after, 7);
  EXPECT_EQ(found.best_value, -2);
}

TEST(Roots, APoleIsNoRoot) {
  const Roots found = find_roots([](double x) { return 1 / (x - 0.123456789); }, {0, 1, 65});
  EXPECT_TRUE(found.roots.empty());
  EXPECT_EQ(found.jumps.size(), 1u);
}

TEST(Roots, AStretchOfZerosIsToldWhole) {
  const Roots found = find_roots([](double x) { return std::max(0.0, x - 0.5); }, {0, 1, 65});
  ASSERT_EQ(found.roots.size(), 1u);
  EXPECT_EQ(found.roots[0].kind, Kind::stretch);
  EXPECT_EQ(found.roots[0].x, 0);
  EXPECT_EQ(found.roots[0].to, 0.5);
}

TEST(Roots, UnreachableTellsTheNearest) {
  const Roots found = find_roots([](double x) { return 1 + (x - 0.7) * (x - 0.7); }, {0, 1, 65});
  EXPECT_TRUE(found.roots.empty());
  EXPECT_NEAR(found.best, 0.7, 1e-6);
  EXPECT_NEAR(found.best_value, 1, 1e-12);
}

TEST(Roots, GapsAreCountedAndPassedOver) {
  const Roots found = find_roots(
      [](double x) { return x < 0.5 ? std::numeric_limits<double>::quiet_NaN() : x - 0.75; }, {0, 1, 65});
  ASSERT_EQ(found.roots.size(), 1u);
  EXPECT_NEAR(found.roots[0].x, 0.75, 1e-12);
  EXPECT_EQ(found.without_value, 32u);
  EXPECT_EQ(found.no_value_at, 0);
}

TEST(Below, IntervalsEndWhereItHolds) {
  const auto f = [](double x) { return std::cos(x); };
  const BelowSearch found = find_below(f, {0, 10, 65});
  ASSERT_EQ(found.intervals.size(), 2u);
  EXPECT_NEAR(found.intervals[0].low, 3.14159265358979 / 2, 1e-12);
  EXPECT_NEAR(found.intervals[0].high, 3 * 3.14159265358979 / 2, 1e-12);
  for (const Below& interval : found.intervals) {
    EXPECT_LE(f(interval.low), 0);
    EXPECT_LE(f(interval.high), 0);
  }
}

TEST(Below, AStepEndsAtTheStep) {
  const BelowSearch found = find_below([](double x) { return x <= 0.4 ? -1.0 : 3.0; }, {0, 1, 65});
  ASSERT_EQ(found.intervals.size(), 1u);
  EXPECT_EQ(found.intervals[0].low, 0);
  EXPECT_EQ(found.intervals[0].high, 0.4);
}

TEST(Below, ANarrowDipIsFound) {
  const BelowSearch found = find_below([](double x) { return std::abs(x - 0.3025) - 0.0005; }, {0, 1, 12});
  ASSERT_EQ(found.intervals.size(), 1u);
  EXPECT_NEAR(found.intervals[0].low, 0.302, 1e-9);
  EXPECT_NEAR(found.intervals[0].high, 0.303, 1e-9);
}

TEST(Below, NowhereTellsTheNearest) {
  const BelowSearch found = find_below([](double x) { return 2 - x; }, {0, 1, 65});
  EXPECT_TRUE(found.intervals.empty());
  EXPECT_EQ(found.best, 1);
  EXPECT_EQ(found.best_value, 1);
}

}  // namespace
}  // namespace lode
