// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_newton.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "lode/kernels/linear.hpp"
#include "tiers.hpp"

namespace lode::testing {
namespace {

constexpr std::size_t lanes = 16;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(LaneNewton, EliminationSolvesWhatFullPivotingSolves) {
  std::mt19937_64 chance(4);
  std::uniform_real_distribution<double> share(-0.3, 0.3);
  for (std::size_t n = 1; n <= 6; ++n) {
    std::vector<double> jacobian(n * n * lanes), f(n * lanes), x(n * lanes), scratch(n * n * lanes);
    std::vector<double> solved(lanes);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        for (std::size_t j = 0; j < n; ++j)
          jacobian[(i * n + j) * lanes + lane] = share(chance) - (i == j ? 1 : 0);
        f[i * lanes + lane] = 1000 * share(chance);
      }
    on_every_tier([&](bool) {
      eliminate_lanes(n, jacobian.data(), f.data(), x.data(), scratch.data(), solved.data(), lanes);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        std::vector<double> matrix, right;
        for (std::size_t i = 0; i < n * n; ++i) matrix.push_back(jacobian[i * lanes + lane]);
        for (std::size_t i = 0; i < n; ++i) right.push_back(-f[i * lanes + lane]);
        const LinearSolution expected = solve_dense(n, matrix, right);
        ASSERT_TRUE(solved[lane]);
        for (std::size_t i = 0; i < n; ++i)
          EXPECT_NEAR(x[i * lanes + lane], expected.x[i], 1e-10 * (1 + std::abs(expected.x[i])));
      }
    });
  }
}

TEST(LaneNewton, SmallPivotsAreLeftToOthers) {
  std::vector<double> jacobian(4 * lanes), f(2 * lanes, 1.0), x(2 * lanes), scratch(4 * lanes);
  std::vector<double> solved(lanes);
  const double cases[][4] = {{2, 1, 1, 3},   {0, 1, 1, 0},        {1, 2, 2, 4},        {1, 1, 1, 1 + 1e-9},
                             {nan, 1, 1, 3}, {2, 1, infinity, 3}, {-1, 0.5, 0.25, -1}, {1e-300, 1, 1, 1}};
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t i = 0; i < 4; ++i) jacobian[i * lanes + lane] = cases[lane % 8][i];
  on_every_tier([&](bool) {
    eliminate_lanes(2, jacobian.data(), f.data(), x.data(), scratch.data(), solved.data(), lanes);
    const bool expected[] = {true, false, false, false, false, false, true, true};
    for (std::size_t lane = 0; lane < lanes; ++lane) EXPECT_EQ(solved[lane] != 0, expected[lane % 8]) << lane;
    EXPECT_NEAR(x[0], -0.4, 1e-15);
    EXPECT_NEAR(x[lanes], -0.2, 1e-15);
  });
}

TEST(LaneNewton, LargestKeepsWhatIsNoNumber) {
  std::vector<double> rows(3 * lanes, 1.0), size(lanes);
  rows[0 * lanes + 1] = nan;
  rows[1 * lanes + 2] = -7;
  rows[2 * lanes + 3] = infinity;
  on_every_tier([&](bool) {
    largest_lanes(rows.data(), 3, false, size.data(), lanes);
    EXPECT_EQ(size[0], 1);
    EXPECT_TRUE(std::isnan(size[1]));
    EXPECT_EQ(size[2], 7);
    EXPECT_EQ(size[3], infinity);
    largest_lanes(rows.data(), 3, true, size.data(), lanes);
    EXPECT_EQ(size[1], 1);
    EXPECT_EQ(size[2], 7);
    EXPECT_EQ(size[3], 1);
  });
}

TEST(LaneNewton, StepsArePowersOfTwo) {
  const std::vector<double> before = {0, 3, -5, 1e-3, nan, 0, 1e300, 8}, least = {0, 1, 9, 0, 0, 6, 0, 0};
  const std::vector<double> open = {1, 1, 1, 0, 1, 1, 0, 1};
  std::vector<double> step(8), slope(16);
  on_every_tier([&](bool) {
    std::vector<double> x = before;
    step_lanes(x.data(), least.data(), 1, open.data(), step.data(), 8);
    const std::vector<double> expected = {1, 2, 8, 0x1p-10, 1, 4, 0x1p963, 8};
    for (std::size_t lane = 0; lane < 8; ++lane) {
      EXPECT_EQ(step[lane], expected[lane]) << lane;
      if (lane == 4) continue;  // no number
      EXPECT_EQ(x[lane], before[lane] + (open[lane] != 0 ? expected[lane] : 0)) << lane;
    }
    const std::vector<double> value = {0, 1, 9, 0, 0, 6, 0, 0, 2, 4, 6, 8, 10, 12, 14, 16};
    const std::vector<double> base = {0, 3, -5, 0, 0, 0, 0, 8, 1, 1, 1, 1, 1, 1, 1, 1};
    slope_lanes(value.data(), base.data(), step.data(), slope.data(), 8, 2, 8);
    EXPECT_EQ(slope[1], -1);
    EXPECT_EQ(slope[2], 14.0 / 8);
    EXPECT_EQ(slope[8 + 1], 3.0 / 2);
    x = {1, 1, 1, 1, 1, 1, 1, 1};
    step_lanes(x.data(), least.data(), 0.25, open.data(), step.data(), 8);
    EXPECT_EQ(step[0], 0.25);
    EXPECT_EQ(step[2], 2);
  });
}

TEST(LaneNewton, LanesCloseOnceAndStayClosed) {
  const std::vector<double> error = {0, 1e-12, 1.1e-12, nan, 0, infinity, 5e-12, 0};
  const std::vector<double> size = {0, 1, 1, 1, 1, 1, 5, 0};
  on_every_tier([&](bool) {
    std::vector<double> open(8, 1.0);
    EXPECT_TRUE(close_lanes(error.data(), size.data(), open.data(), 8));
    EXPECT_EQ(open, (std::vector<double>{0, 0, 1, 1, 0, 1, 0, 0}));
    const std::vector<double> none(8, 0.0), large(8, 1.0);
    EXPECT_TRUE(close_lanes(large.data(), size.data(), open.data(), 8));
    EXPECT_EQ(open, (std::vector<double>{0, 0, 1, 1, 0, 1, 0, 0}));
    EXPECT_FALSE(close_lanes(none.data(), size.data(), open.data(), 8));
    EXPECT_EQ(open, none);
  });
}

TEST(LaneNewton, OnlyOpenLanesThatAreSolvedMove) {
  const std::vector<double> change = {1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 30, 40, 50, 60, 70, 80};
  const std::vector<double> open = {1, 1, 0, 0, 1, 1, 1, 1};
  std::vector<double> solved = {1, 1, 1, 0, 1, 1, 1, 1};
  on_every_tier([&](bool) {
    std::vector<double> x(16, 1.0);
    EXPECT_TRUE(add_solved_lanes(2, change.data(), open.data(), solved.data(), x.data(), 8));
    EXPECT_EQ(x, (std::vector<double>{2, 3, 1, 1, 6, 7, 8, 9, 11, 21, 1, 1, 51, 61, 71, 81}));
    solved[5] = 0;
    EXPECT_FALSE(add_solved_lanes(2, change.data(), open.data(), solved.data(), x.data(), 8));
    EXPECT_EQ(x[5], 7);
    EXPECT_EQ(x[8 + 7], 161);
    solved[5] = 1;
  });
}

}  // namespace
}  // namespace lode::testing
