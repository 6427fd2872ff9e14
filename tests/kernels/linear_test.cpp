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

TEST(SolveRectangular, ExactlyDetermined) {
  // Three equations that agree on two unknowns.
  const std::vector<double> matrix = {1, 1, 1, -1, 2, 0};
  const auto solution = solve_rectangular(3, 2, matrix, std::vector<double>{5, 1, 6});
  EXPECT_EQ(solution.rank, 2u);
  EXPECT_FALSE(solution.least_norm);
  EXPECT_TRUE(solution.undetermined.empty());
  EXPECT_TRUE(solution.inconsistent.empty());
  EXPECT_EQ(solution.redundant.size(), 1u);
  EXPECT_NEAR(solution.x[0], 3, 1e-14);
  EXPECT_NEAR(solution.x[1], 2, 1e-14);
}

TEST(SolveRectangular, OneThatContradictsNamesWhatItContradicts) {
  // The last but one equation has nothing to do with it.
  const std::vector<double> matrix = {1, 1, 0, 1, -1, 0, 0, 0, 3, 2, 0, 0};
  const auto solution = solve_rectangular(4, 3, matrix, std::vector<double>{5, 1, 3, 7});
  EXPECT_EQ(solution.rank, 3u);
  EXPECT_EQ(solution.inconsistent, (Indices{0, 1, 3}));
  EXPECT_TRUE(solution.redundant.empty());
  EXPECT_NEAR(solution.x[2], 1, 1e-14);
}

TEST(SolveRectangular, TooFewEquations) {
  // x + y = 4, z = 5: of the solutions the shortest.
  const std::vector<double> matrix = {1, 1, 0, 0, 0, 2};
  const auto solution = solve_rectangular(2, 3, matrix, std::vector<double>{4, 10});
  EXPECT_EQ(solution.rank, 2u);
  EXPECT_TRUE(solution.least_norm);
  EXPECT_EQ(solution.undetermined, (Indices{0, 1}));
  EXPECT_NEAR(solution.x[0], 2, 1e-14);
  EXPECT_NEAR(solution.x[1], 2, 1e-14);
  EXPECT_NEAR(solution.x[2], 5, 1e-14);
}

TEST(SolveRectangular, LeastNormIsThatOfTheUnknownsThemselves) {
  // 3x + 4000y = 25: the shortest solution is 25 (3, 4000)/(9 + 16e6), whatever the scaling inside.
  const auto solution = solve_rectangular(1, 2, std::vector<double>{3, 4000}, std::vector<double>{25});
  EXPECT_NEAR(solution.x[0] / (75.0 / 16000009), 1, 1e-10);
  EXPECT_NEAR(solution.x[1] / (100000.0 / 16000009), 1, 1e-12);
}

TEST(SolveRectangular, EmptyEquations) {
  const std::vector<double> matrix = {0, 0, 1, 1, 0, 0};
  const auto solution = solve_rectangular(3, 2, matrix, std::vector<double>{0, 1, 4});
  EXPECT_EQ(solution.rank, 1u);
  EXPECT_EQ(solution.redundant, (Indices{0}));
  EXPECT_EQ(solution.inconsistent, (Indices{2}));
}

TEST(SolveRectangular, NoEquationsOrNoUnknowns) {
  const auto open = solve_rectangular(0, 3, {}, {});
  EXPECT_EQ(open.rank, 0u);
  EXPECT_TRUE(open.least_norm);
  EXPECT_EQ(open.undetermined, (Indices{0, 1, 2}));
  EXPECT_EQ(open.x, (std::vector<double>{0, 0, 0}));
  const auto checks = solve_rectangular(2, 0, {}, std::vector<double>{0, 3});
  EXPECT_EQ(checks.redundant, (Indices{0}));
  EXPECT_EQ(checks.inconsistent, (Indices{1}));
  EXPECT_FALSE(checks.least_norm);
}

TEST(SolveRectangular, UnitsFarApartAreNotContradictions) {
  // The same balance twice, once in kg and once in Mt, right to rounding.
  const std::vector<double> matrix = {1e9, -1e9, 1, -1};
  const auto solution = solve_rectangular(2, 2, matrix, std::vector<double>{0.3e9 * (1 + 1e-13), 0.3});
  EXPECT_EQ(solution.rank, 1u);
  EXPECT_TRUE(solution.inconsistent.empty());
  EXPECT_EQ(solution.redundant.size(), 1u);
  EXPECT_EQ(solution.undetermined, (Indices{0, 1}));
  EXPECT_NEAR(solution.x[0], 0.15, 1e-12);
  EXPECT_NEAR(solution.x[1], -0.15, 1e-12);
}

// A random matrix of known rank: right side in its range, and then not.
TEST(SolveRectangular, RandomRanks) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (std::size_t rank = 1; rank <= 6; ++rank) {
    const std::size_t rows = 9;
    const std::size_t columns = 7;
    std::vector<double> left(rows * rank), right_factor(rank * columns), matrix(rows * columns, 0.0);
    for (double& value : left) value = uniform(random);
    for (double& value : right_factor) value = uniform(random);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        for (std::size_t k = 0; k < rank; ++k)
          matrix[i * columns + j] += left[i * rank + k] * right_factor[k * columns + j];
      }
    }
    std::vector<double> right(rows, 0.0);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j)
        right[i] += matrix[i * columns + j] * static_cast<double>(j + 1);
    }
    const auto solution = solve_rectangular(rows, columns, matrix, right);
    EXPECT_EQ(solution.rank, rank);
    EXPECT_TRUE(solution.inconsistent.empty());
    EXPECT_EQ(solution.redundant.size(), rows - rank);
    EXPECT_EQ(solution.undetermined.size(), columns);
    double norm = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < columns; ++j) sum += matrix[i * columns + j] * solution.x[j];
      EXPECT_NEAR(sum, right[i], 1e-11);
    }
    for (double value : solution.x) norm += value * value;
    EXPECT_LT(norm, 140.0 + 1e-9);  // that of 1 … 7
    right[0] += 1;
    EXPECT_FALSE(solve_rectangular(rows, columns, matrix, right).inconsistent.empty());
  }
}

}  // namespace
}  // namespace lode
