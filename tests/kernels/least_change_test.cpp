// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/least_change.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lode {
namespace {

LeastChangeProblem problem_of(std::vector<double> start, std::vector<bool> equal) {
  LeastChangeProblem problem;
  const std::size_t n = start.size();
  problem.start = std::move(start);
  problem.scale.assign(n, 1.0);
  problem.low.assign(n, -10.0);
  problem.high.assign(n, 10.0);
  problem.size.assign(equal.size(), 1.0);
  problem.equal = std::move(equal);
  return problem;
}

TEST(LeastChange, ToALineIsThePerpendicular) {
  LeastChangeProblem problem = problem_of({0, 0}, {true});
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = 3 * x[0] + 4 * x[1] - 5;
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(found.x[0], 0.6, 1e-7);
  EXPECT_NEAR(found.x[1], 0.8, 1e-7);
  EXPECT_NEAR(found.change, 1, 1e-7);
}

TEST(LeastChange, WeighsByTheScales) {
  // Moving x costs a tenth of moving y: minimise (x/10)² + y² with x + y = 1 → x = 100/101.
  LeastChangeProblem problem = problem_of({0, 0}, {true});
  problem.scale = {10, 1};
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] + x[1] - 1;
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(found.x[0], 100.0 / 101, 1e-6);
  EXPECT_NEAR(found.x[1], 1.0 / 101, 1e-6);
}

TEST(LeastChange, ToACurveIsTheNearestPoint) {
  // On x·y = 4 from (0, 0): (2, 2) or (−2, −2).
  LeastChangeProblem problem = problem_of({0, 0}, {true});
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] * x[1] - 4;
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(std::abs(found.x[0]), 2, 1e-5);
  EXPECT_NEAR(found.x[0], found.x[1], 1e-5);
}

TEST(LeastChange, StaysWhereAllHolds) {
  LeastChangeProblem problem = problem_of({1, 2}, {false});
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] - x[1];
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_EQ(found.change, 0);
}

TEST(LeastChange, KeepsToTheLimits) {
  LeastChangeProblem problem = problem_of({0, 0}, {true});
  problem.high = {0.25, 10};
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] + x[1] - 1;
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(found.x[0], 0.25, 1e-8);
  EXPECT_NEAR(found.x[1], 0.75, 1e-8);
}

TEST(LeastChange, MeetsAnEquationAndABound) {
  LeastChangeProblem problem = problem_of({0, 0}, {true, false});
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] + x[1] - 2;
    c[1] = 1.5 - x[0];  // x ≥ 1.5
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(found.x[0], 1.5, 1e-7);
  EXPECT_NEAR(found.x[1], 0.5, 1e-7);
}

TEST(LeastChange, SaysWhatComesNearest) {
  LeastChangeProblem problem = problem_of({0, 0}, {true});
  problem.low = {0, 0};
  problem.high = {1, 1};
  problem.conditions = [](const auto& x, auto& c) {
    c[0] = x[0] + x[1] - 3;
    return true;
  };
  const LeastChange found = least_change(problem);
  EXPECT_FALSE(found.met);
  EXPECT_NEAR(found.x[0], 1, 1e-6);
  EXPECT_NEAR(found.x[1], 1, 1e-6);
  EXPECT_NEAR(found.violation, 1, 1e-6);
}

TEST(LeastChange, PassesOverPointsWithoutValue) {
  LeastChangeProblem problem = problem_of({2, 0}, {true});
  problem.low = {-1, -1};
  problem.high = {3, 3};
  problem.conditions = [](const auto& x, auto& c) {
    if (x[0] < 0) return false;
    c[0] = std::sqrt(x[0]) - 1;
    return true;
  };
  const LeastChange found = least_change(problem);
  ASSERT_TRUE(found.met);
  EXPECT_NEAR(found.x[0], 1, 1e-7);
  EXPECT_NEAR(found.x[1], 0, 1e-7);
}

}  // namespace
}  // namespace lode
