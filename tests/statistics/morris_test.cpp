// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/morris.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace lode {
namespace {

std::vector<MorrisEstimate> screen(const MorrisDesign& design,
                                   const std::function<double(const std::vector<double>&)>& y) {
  MorrisEffects effects(design, 1);
  std::vector<double> point(design.inputs());
  for (std::size_t r = 0; r < design.repetitions(); ++r) {
    std::vector<double> values;
    for (std::size_t i = 0; i <= design.groups(); ++i) {
      design.point(r * (design.groups() + 1) + i, point.data());
      values.push_back(y(point));
    }
    effects.add(r, values);
  }
  return effects.estimates();
}

TEST(Morris, PointsLieOnLevelsAndEachStepChangesOneGroup) {
  for (const MorrisKind kind : {MorrisKind::trajectory, MorrisKind::radial}) {
    const std::vector<std::size_t> group_of = {0, 1, 1, 2, 2, 2};
    const MorrisDesign design(group_of, 3, 200, 4, kind, 5);
    EXPECT_EQ(design.points(), 800u);
    std::vector<int> seen(4);
    for (std::size_t r = 0; r < 200; ++r) {
      std::vector<std::vector<double>> points(4, std::vector<double>(6));
      for (std::size_t i = 0; i < 4; ++i) design.point(4 * r + i, points[i].data());
      std::vector<bool> done(3);
      for (std::size_t i = 1; i < 4; ++i) {
        const std::vector<double>& before = points[kind == MorrisKind::trajectory ? i - 1 : 0];
        std::size_t changed = 3;
        for (std::size_t j = 0; j < 6; ++j) {
          if (points[i][j] == before[j]) continue;
          EXPECT_EQ(std::abs(points[i][j] - before[j]), 0.5);
          EXPECT_TRUE(changed == 3 || changed == group_of[j]);
          changed = group_of[j];
        }
        ASSERT_LT(changed, 3u);
        EXPECT_FALSE(done[changed]);
        done[changed] = true;
        for (std::size_t j = 0; j < 6; ++j) EXPECT_EQ(points[i][j] != before[j], group_of[j] == changed);
      }
      for (const double u : points[0]) ++seen[static_cast<std::size_t>(u * 4)];
      EXPECT_EQ(points[0][0] * 8, std::floor(points[0][0] * 8)) << "the middle of a level";
    }
    // 1,200 levels, 300 ± 15 each; one in 10⁵ is farther off than 70.
    for (const int count : seen) EXPECT_NEAR(count, 300, 70);
  }
  std::vector<double> one(2);
  std::vector<double> two(2);
  int same = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    MorrisDesign({0, 1}, 2, 64, 8, MorrisKind::radial, 1).point(3 * i, one.data());
    MorrisDesign({0, 1}, 2, 64, 8, MorrisKind::radial, 2).point(3 * i, two.data());
    same += one == two;
  }
  EXPECT_LT(same, 10) << "another seed, other points";
}

TEST(Morris, EffectsOfALinearFunctionAreItsSlopes) {
  for (const MorrisKind kind : {MorrisKind::trajectory, MorrisKind::radial}) {
    const MorrisDesign design({0, 1, 2}, 3, 20, 8, kind);
    const auto found =
        screen(design, [](const std::vector<double>& u) { return 5 + 3 * u[0] - 2 * u[1] + 0 * u[2]; });
    EXPECT_NEAR(found[0].mean, 3, 1e-12);
    EXPECT_NEAR(found[1].mean, -2, 1e-12);
    EXPECT_NEAR(found[1].mean_absolute, 2, 1e-12);
    EXPECT_NEAR(found[2].mean_absolute, 0, 1e-12);
    EXPECT_NEAR(found[0].deviation, 0, 1e-12);
    EXPECT_EQ(found[0].repetitions, 20u);
  }
}

TEST(Morris, TellsInteractionFromStraightInfluence) {
  // y = u0 + 4 (u1 − ½)(u2 − ½): the effect of u1 is 4 (u2 − ½), on 8 levels of mean 0, mean size 1 and
  // deviation √(21/16) = 1.1456; of 400 repetitions 4.5 standard errors are 0.26, 0.13 and 0.13.
  const MorrisDesign design({0, 1, 2}, 3, 400);
  const auto found =
      screen(design, [](const std::vector<double>& u) { return u[0] + 4 * (u[1] - 0.5) * (u[2] - 0.5); });
  EXPECT_NEAR(found[0].mean, 1, 1e-12);
  for (const std::size_t j : {1u, 2u}) {
    EXPECT_NEAR(found[j].mean, 0, 0.26);
    EXPECT_NEAR(found[j].mean_absolute, 1, 0.13);
    EXPECT_NEAR(found[j].deviation, std::sqrt(21.0 / 16), 0.13);
    EXPECT_NEAR(found[j].mean_error, std::sqrt(21.0 / 16 / 400), 0.01);
    EXPECT_NEAR(found[j].mean_absolute_error, std::sqrt(5.0 / 16 / 400), 0.005);
    EXPECT_GT(found[j].deviation_error, 0.01);
    EXPECT_LT(found[j].deviation_error, 0.05);
  }
}

TEST(Morris, GroupsHaveOneEffectAndFailuresAreLeftOut) {
  const MorrisDesign design({0, 0, 1}, 2, 50);
  int evaluated = 0;
  const auto found = screen(design, [&](const std::vector<double>& u) {
    return ++evaluated == 4 ? std::nan("") : 10 * u[2] + 0 * u[0];
  });
  EXPECT_NEAR(found[0].mean_absolute, 0, 1e-12);
  EXPECT_NEAR(found[1].mean_absolute, 10, 1e-12);
  EXPECT_LT(found[0].repetitions + found[1].repetitions, 100u);
  EXPECT_GE(found[0].repetitions + found[1].repetitions, 98u);
}

}  // namespace
}  // namespace lode
