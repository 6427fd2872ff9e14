// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/linear.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace lode {
namespace {

using Indices = std::vector<std::size_t>;

TEST(SolveDense, ASystemByHand) {
  const std::vector<double> matrix = {2, 1, 1, 3};
  const std::vector<double> right = {5, 10};
  const auto solution = solve_dense(2, matrix, right);
  EXPECT_FALSE(solution.singular);
  EXPECT_TRUE(solution.undetermined.empty());
  EXPECT_NEAR(solution.x[0], 1, 1e-15);
  EXPECT_NEAR(solution.x[1], 3, 1e-15);
}

TEST(SolveDense, RowsAreRead) {
  const auto solution = solve_dense(2, std::vector<double>{1, 1, 0, 1}, std::vector<double>{3, 1});
  EXPECT_EQ(solution.x, (std::vector<double>{2, 1}));
}

TEST(SolveDense, ZeroOnTheDiagonal) {
  const auto solution = solve_dense(2, std::vector<double>{0, 1, 4, 0}, std::vector<double>{3, 8});
  EXPECT_FALSE(solution.singular);
  EXPECT_EQ(solution.x, (std::vector<double>{2, 3}));
}

TEST(SolveDense, Empty) {
  const auto solution = solve_dense(0, {}, {});
  EXPECT_FALSE(solution.singular);
  EXPECT_TRUE(solution.x.empty());
}

TEST(SolveDense, RandomSystems) {
  std::mt19937 random(99);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (std::size_t n = 1; n <= 30; ++n) {
    std::vector<double> matrix(n * n), x(n), right(n, 0.0);
    for (double& value : matrix) value = uniform(random);
    for (double& value : x) value = uniform(random);
    for (std::size_t i = 0; i < n; ++i) {
      matrix[i * n + i] += 3;
      for (std::size_t j = 0; j < n; ++j) right[i] += matrix[i * n + j] * x[j];
    }
    const auto solution = solve_dense(n, matrix, right);
    EXPECT_FALSE(solution.singular);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(solution.x[i], x[i], 1e-12) << n << ' ' << i;
  }
}

TEST(SolveDense, UnitsFarApart) {
  // x in items, y in Mt: 1e9 x + y = …, with rows of very different size.
  const std::vector<double> matrix = {3e9, 1e-9, 2e-6, 5e-24};
  const std::vector<double> x = {4e-3, 7e15};
  const std::vector<double> right = {matrix[0] * x[0] + matrix[1] * x[1],
                                     matrix[2] * x[0] + matrix[3] * x[1]};
  const auto solution = solve_dense(2, matrix, right);
  EXPECT_FALSE(solution.singular);
  EXPECT_NEAR(solution.x[0] / x[0], 1, 1e-10);
  EXPECT_NEAR(solution.x[1] / x[1], 1, 1e-10);
}

TEST(SolveDense, ALoopThatFeedsAllOfItselfBack) {
  // a = b + 1, b = (0.1 + 0.2 + 0.7) a: shares that sum to 1 but for rounding; c stands apart.
  const double share = 0.1 + 0.2 + 0.7;
  const std::vector<double> matrix = {1, -1, 0, -share, 1, 0, 0, 0, 2};
  const auto solution = solve_dense(3, matrix, std::vector<double>{0, 0, 6});
  EXPECT_TRUE(solution.singular);
  EXPECT_EQ(solution.undetermined, (Indices{0, 1}));
  EXPECT_NEAR(solution.x[2], 3, 1e-15);
}

TEST(SolveDense, AnUnknownInNoEquation) {
  const auto solution = solve_dense(2, std::vector<double>{1, 0, 2, 0}, std::vector<double>{1, 2});
  EXPECT_TRUE(solution.singular);
  EXPECT_EQ(solution.undetermined, (Indices{1}));
  EXPECT_NEAR(solution.x[0], 1, 1e-15);
  const auto nothing = solve_dense(2, std::vector<double>{0, 0, 0, 0}, std::vector<double>{0, 0});
  EXPECT_EQ(nothing.undetermined, (Indices{0, 1}));
}

TEST(SolveDense, NotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto solution = solve_dense(2, std::vector<double>{1, nan, 0, 1}, std::vector<double>{1, 1});
  EXPECT_TRUE(solution.singular);
  EXPECT_EQ(solution.undetermined, (Indices{0, 1}));
  EXPECT_EQ(solution.x, (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace lode
