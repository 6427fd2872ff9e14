// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/least_squares.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Formula = std::function<double(const std::vector<double>&, double)>;

LeastSquaresProblem problem_from(std::vector<double> start) {
  LeastSquaresProblem problem;
  problem.low.assign(start.size(), -infinity);
  problem.high.assign(start.size(), infinity);
  problem.x = std::move(start);
  return problem;
}

/// Data and certified results of the Statistical Reference Datasets, nonlinear regression, of the US National
/// Institute of Standards and Technology (itl.nist.gov/div898/strd).
struct Certified {
  const char* name;
  std::vector<double> x, y;
  Formula formula;
  std::vector<std::vector<double>> starts;
  std::vector<double> parameters, deviations;
  double sum;
};

std::vector<Certified> certified() {
  std::vector<double> one_to_fifteen(15);
  std::iota(one_to_fifteen.begin(), one_to_fifteen.end(), 1.0);
  return {
      {"Misra1a",
       {77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0},
       {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78},
       [](const std::vector<double>& b, double x) { return b[0] * (1 - std::exp(-b[1] * x)); },
       {{500, 0.0001}, {250, 0.0005}},
       {2.3894212918e+02, 5.5015643181e-04},
       {2.7070075241e+00, 7.2668688436e-06},
       1.2455138894e-01},
      {"Rat43",
       one_to_fifteen,
       {16.08, 33.83, 65.80, 97.20, 191.55, 326.20, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96,
        637.56, 717.41},
       [](const std::vector<double>& b, double x) {
         return b[0] / std::pow(1 + std::exp(b[1] - b[2] * x), 1 / b[3]);
       },
       {{100, 10, 1, 1}, {700, 5, 0.75, 1.3}},
       {6.9964151270e+02, 5.2771253025e+00, 7.5962938329e-01, 1.2792483859e+00},
       {1.6302297817e+01, 2.0828735829e+00, 1.9566123451e-01, 6.8761936385e-01},
       8.7864049080e+03},
  };
}

TEST(LeastSquares, AgreesWithCertifiedResults) {
  for (const Certified& data : certified())
    for (const auto& start : data.starts) {
      SCOPED_TRACE(data.name);
      std::vector<LeastSquaresProblem> problems{problem_from(start)};
      solve_least_squares(problems, [&](std::vector<LeastSquaresProblem>& all) {
        all[0].r.clear();
        for (std::size_t i = 0; i < data.x.size(); ++i)
          all[0].r.push_back(data.formula(all[0].x, data.x[i]) - data.y[i]);
      });
      EXPECT_TRUE(problems[0].settled);
      EXPECT_TRUE(problems[0].undetermined.empty());
      EXPECT_NEAR(problems[0].sum / data.sum, 1, 1e-9);
      for (std::size_t j = 0; j < start.size(); ++j) {
        EXPECT_NEAR(problems[0].x[j] / data.parameters[j], 1, 1e-7) << j;
        EXPECT_NEAR(problems[0].error[j] / data.deviations[j], 1, 1e-5) << j;
      }
    }
}

TEST(LeastSquares, SolvesManyProblemsWithTheSameEvaluations) {
  // x^k = target, each in its own bounds
  std::vector<LeastSquaresProblem> problems;
  for (int k = 1; k <= 20; ++k) {
    problems.push_back(problem_from({1.5}));
    problems.back().low = {0.1};
    problems.back().high = {10.0};
  }
  std::size_t evaluations = 0;
  solve_least_squares(problems, [&](std::vector<LeastSquaresProblem>& all) {
    ++evaluations;
    for (std::size_t k = 0; k < all.size(); ++k)
      all[k].r = {std::pow(all[k].x[0], static_cast<double>(k + 1)) - 2.0};
  });
  for (std::size_t k = 0; k < problems.size(); ++k) {
    EXPECT_NEAR(problems[k].x[0], std::pow(2.0, 1.0 / static_cast<double>(k + 1)), 1e-12);
    EXPECT_TRUE(std::isnan(problems[k].error[0]));
  }
  EXPECT_LT(evaluations, 120u);
}

TEST(LeastSquares, StopsAtTheBound) {
  std::vector<LeastSquaresProblem> problems{problem_from({1, 1})};
  problems[0].low = {0, 0};
  problems[0].high = {2, 5};
  solve_least_squares(problems, [](std::vector<LeastSquaresProblem>& all) {
    const auto& x = all[0].x;
    all[0].r = {x[0] - 3, x[1] - 4, x[0] + x[1] - 7};
  });
  EXPECT_EQ(problems[0].x[0], 2);
  // Near a minimum that is not zero, the sum tells x apart by the root of the rounding only.
  EXPECT_NEAR(problems[0].x[1], 4.5, 1e-8);
}

TEST(LeastSquares, NamesWhatTheDataDoNotDetermine) {
  // Only the product of the first two matters.
  std::vector<LeastSquaresProblem> problems{problem_from({1, 2, 1})};
  solve_least_squares(problems, [](std::vector<LeastSquaresProblem>& all) {
    const auto& x = all[0].x;
    all[0].r = {x[0] * x[1] - 6, x[0] * x[1] + x[2] - 7, x[2] - 1.1, 2 * x[2] - 2};
  });
  EXPECT_EQ(problems[0].undetermined, (std::vector<std::size_t>{0, 1}));
}

TEST(LeastSquares, GoesRoundWhereThereIsNoModel) {
  std::vector<LeastSquaresProblem> problems{problem_from({0.5})};
  solve_least_squares(problems, [](std::vector<LeastSquaresProblem>& all) {
    all[0].r = {std::log(all[0].x[0]) + 5};  // none below zero
  });
  EXPECT_NEAR(problems[0].x[0], std::exp(-5), 1e-12);
}

}  // namespace
}  // namespace lode
