// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/standard_normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void expect_relative(double value, double reference, double tolerance) {
  EXPECT_NEAR(value / reference, 1, tolerance) << value << " against " << reference;
}

// References to 20 digits from 50-digit arithmetic (erfc and root finding in mpmath).
TEST(StandardNormal, UpperTailKeepsItsDigits) {
  expect_relative(normal_upper(-1), 0.84134474606854294859, 4e-16);
  expect_relative(normal_upper(0.5), 0.30853753872598689636, 1e-15);
  expect_relative(normal_upper(3), 0.0013498980316300945267, 1e-14);
  expect_relative(normal_upper(12), 1.7764821120776789977e-33, 1e-13);
  expect_relative(normal_upper(30), 4.9067139271481870595e-198, 1e-12);
}

TEST(StandardNormal, HazardOnBothSidesOfTheSwitchAndWhereTheTailUnderflows) {
  expect_relative(normal_hazard(-1), 0.28759997093917836123, 1e-14);
  expect_relative(normal_hazard(3), 3.2830986549304365069, 1e-14);
  expect_relative(normal_hazard(9.9), 9.9990467874868228577, 1e-13);
  expect_relative(normal_hazard(10), 10.098093233962511963, 1e-14);
  expect_relative(normal_hazard(12), 12.08221417525428433, 1e-15);
  expect_relative(normal_hazard(40), 40.024968847207263723, 1e-15);
  expect_relative(normal_hazard(1e8), 1e8, 1e-15);
}

TEST(StandardNormal, QuantileAgainstReferences) {
  expect_relative(normal_quantile(1e-300), -37.047096299361199237, 2e-15);
  expect_relative(normal_quantile(1e-20), -9.2623400897984075737, 2e-15);
  expect_relative(normal_quantile(0.001), -3.0902323061678135415, 2e-15);
  expect_relative(normal_quantile(0.02425), -1.9729610513118848503, 2e-15);
  expect_relative(normal_quantile(0.3), -0.52440051270804078404, 2e-15);
  EXPECT_NEAR(normal_quantile(0.4999), -0.00025066283008803509892, 2e-16);
  expect_relative(normal_quantile(0.75), 0.6744897501960817432, 2e-15);
}

TEST(StandardNormal, QuantileIsOddAndEndsAtInfinity) {
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_EQ(normal_quantile(0.25), -normal_quantile(0.75));
  EXPECT_EQ(normal_quantile(0), -infinity);
  EXPECT_EQ(normal_quantile(1), infinity);
  EXPECT_TRUE(std::isnan(normal_quantile(-0.1)));
  EXPECT_TRUE(std::isnan(normal_quantile(1.1)));
}

TEST(StandardNormal, QuantileInvertsTheTail) {
  for (double p = 1e-12; p < 0.5; p *= 1.7) expect_relative(normal_upper(-normal_quantile(p)), p, 1e-13);
}

TEST(StandardNormal, BetweenTwoScores) {
  EXPECT_EQ(normal_between(-infinity, infinity), 1);
  EXPECT_NEAR(normal_between(-1, 1), 0.68268949213708589717, 2e-16);
  EXPECT_NEAR(normal_between(-2, 1), normal_upper(-2) - normal_upper(1), 2e-16);
  expect_relative(normal_between(11, 12), normal_upper(11) - normal_upper(12), 1e-15);
  // In the lower tail Q is 1 and its difference would be 0.
  expect_relative(normal_between(-12, -11), normal_between(11, 12), 1e-15);
  expect_relative(normal_between(-infinity, -30), 4.9067139271481870595e-198, 1e-12);
  EXPECT_EQ(normal_between(0.3, 0.3), 0);
}

}  // namespace
}  // namespace lode
