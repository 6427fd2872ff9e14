// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/compound.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lode/distributions/stated_moments.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

LifetimePtr make(std::string_view family, std::size_t form, std::vector<double> values) {
  std::string problem;
  LifetimePtr lifetime = make_lifetime(family, form, values, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  return lifetime;
}

LifetimePtr chain(const std::vector<LifetimePtr>& stages) {
  std::string problem;
  LifetimePtr lifetime = make_chain(stages, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  EXPECT_EQ(problem, "");
  return lifetime;
}

LifetimePtr mixture(std::vector<double> shares, std::vector<LifetimePtr> parts) {
  std::string problem;
  LifetimePtr lifetime = make_mixture(shares, std::move(parts), problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  return lifetime;
}

LifetimePtr empirical(std::vector<double> ages, std::vector<double> shares) {
  std::string problem;
  LifetimePtr lifetime = make_empirical(ages, shares, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  EXPECT_EQ(problem, "");
  return lifetime;
}

void expect_same(const Lifetime& sum, const Lifetime& exact, double tolerance) {
  EXPECT_NEAR(sum.mean(), exact.mean(), 1e-12 * exact.mean());
  EXPECT_NEAR(sum.deviation(), exact.deviation(), 1e-12 * exact.mean());
  double before = -infinity;
  double sum_before = 1;
  for (double p : {0.0001, 0.003, 0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95, 0.997, 0.9999}) {
    const double age = exact.quantile(p);
    EXPECT_NEAR(sum.survival(age), exact.survival(age), tolerance) << age;
    EXPECT_LE(sum.survival(age), sum_before);
    sum_before = sum.survival(age);
    EXPECT_NEAR(sum.loss(before, age), exact.loss(before, age), tolerance) << age;
    EXPECT_NEAR(sum.density(age) / exact.density(age), 1, 1e7 * tolerance) << age;
    EXPECT_NEAR(sum.hazard(age) / exact.hazard(age), 1, 1e7 * tolerance) << age;
    EXPECT_NEAR(sum.quantile(p), age, 1e5 * tolerance * std::abs(age)) << p;
    before = age;
  }
}

TEST(Chain, OfTwoEqualExponentialsIsGamma) {
  expect_same(*chain({make("exponential", 0, {4}), make("exponential", 0, {4})}), *make("gamma", 0, {4, 2}),
              1e-12);
}

TEST(Chain, OfTwoUnequalExponentials) {
  const auto sum = chain({make("exponential", 0, {9}), make("exponential", 0, {2})});
  for (double age : {0.001, 0.5, 3.0, 12.0, 60.0, 200.0})
    EXPECT_NEAR(sum->survival(age), (9 * std::exp(-age / 9) - 2 * std::exp(-age / 2)) / 7, 1e-13) << age;
}

TEST(Chain, OfNormalsIsNormal) {
  expect_same(*chain({make("normal", 0, {12, 3}), make("normal", 0, {5, 4})}), *make("normal", 0, {17, 5}),
              1e-12);
  // One much narrower than the other.
  expect_same(*chain({make("normal", 0, {12, 0.003}), make("normal", 0, {5, 0.004})}),
              *make("normal", 0, {17, 0.005}), 1e-11);
}

TEST(Chain, OfGammasOfOneScaleIsGamma) {
  expect_same(*chain({make("gamma", 0, {2, 3}), make("gamma", 0, {2, 1.7})}), *make("gamma", 0, {2, 4.7}),
              1e-12);
  // Infinite densities at age 0.
  expect_same(*chain({make("gamma", 0, {2, 0.4}), make("gamma", 0, {2, 0.3})}), *make("gamma", 0, {2, 0.7}),
              2e-11);
}

TEST(Chain, OfThreeAndFourGammas) {
  const auto part = [] { return make("gamma", 0, {2, 1.5}); };
  expect_same(*chain({part(), part(), part()}), *make("gamma", 0, {2, 4.5}), 1e-10);
  expect_same(*chain({part(), part(), part(), part()}), *make("gamma", 0, {2, 6}), 1e-10);
}

TEST(Chain, WithAFixedDelayIsShifted) {
  const auto weibull = make("weibull", 0, {8, 2});
  for (const auto& sum : {chain({make("fixed", 0, {3}), weibull}), chain({weibull, make("fixed", 0, {3})})}) {
    EXPECT_EQ(sum->survival(2.9), 1);
    for (double age : {3.5, 7.0, 11.0, 20.0}) {
      EXPECT_EQ(sum->survival(age), weibull->survival(age - 3));
      EXPECT_EQ(sum->density(age), weibull->density(age - 3));
      EXPECT_EQ(sum->hazard(age), weibull->hazard(age - 3));
      EXPECT_EQ(sum->loss(age, age + 2), weibull->loss(age - 3, age - 1));
    }
    EXPECT_EQ(sum->mean(), weibull->mean() + 3);
    EXPECT_EQ(sum->deviation(), weibull->deviation());
    EXPECT_EQ(sum->quantile(0.3), weibull->quantile(0.3) + 3);
  }
  const auto fixed = chain({make("fixed", 0, {3}), make("fixed", 0, {4})});
  EXPECT_EQ(fixed->survival(6.9), 1);
  EXPECT_EQ(fixed->survival(7), 0);
  EXPECT_FALSE(fixed->has_density());
}

TEST(Chain, OfUniformsIsTriangular) {
  expect_same(*chain({make("uniform", 0, {1, 3}), make("uniform", 0, {2, 4})}),
              *make("triangular", 0, {3, 5, 7}), 1e-13);
}

// Some go on to a drawer, the others leave with the end of use.
TEST(Chain, OfAMixtureIsAMixtureOfChains) {
  const auto use = make("weibull", 0, {5, 3});
  const auto drawer = make("gamma", 0, {2, 2});
  const auto sum = chain({use, mixture({0.3, 0.7}, {make("fixed", 0, {0}), drawer})});
  const auto both = chain({use, drawer});
  for (double age : {1.0, 4.0, 9.0})
    EXPECT_NEAR(sum->survival(age), 0.3 * use->survival(age) + 0.7 * both->survival(age), 1e-15);
  EXPECT_NEAR(sum->mean(), use->mean() + 0.7 * 4, 1e-14);
  EXPECT_TRUE(sum->has_density());
}

TEST(Chain, HazardAndQuantileFarOut) {
  const auto sum = chain({make("exponential", 0, {9}), make("exponential", 0, {2})});
  EXPECT_NEAR(sum->hazard(2000), 1.0 / 9, 1e-12);
  EXPECT_EQ(sum->survival(infinity), 0);
  EXPECT_EQ(sum->survival(0), 1);
  EXPECT_EQ(sum->survival(-1), 1);
  EXPECT_EQ(sum->density(-1), 0);
  EXPECT_EQ(sum->loss(-3, 0), 0);
  EXPECT_EQ(sum->quantile(0), 0);
  EXPECT_EQ(sum->quantile(1), infinity);
}

TEST(Chain, LossesAddUpForOddParts) {
  const auto heavy = chain({make("log_logistic", 0, {6, 1.4}), make("weibull", 0, {3, 0.6})});
  const auto narrow = chain({make("weibull", 0, {9, 80}), make("lognormal", 2, {4, 0.9})});
  const auto steps = chain({empirical({0, 2, 5, 9}, {1, 0.6, 0.6, 0}), make("uniform", 0, {0, 1})});
  for (const auto& sum : {heavy, narrow, steps}) {
    double total = sum->loss(-infinity, 0.5);
    for (int k = 1; k < 60; ++k) {
      EXPECT_NEAR(sum->loss(k - 0.5, k + 0.5), sum->survival(k - 0.5) - sum->survival(k + 0.5), 1e-11) << k;
      total += sum->loss(k - 0.5, k + 0.5);
    }
    EXPECT_NEAR(total + sum->survival(59.5), 1, 1e-11);
    EXPECT_NEAR(sum->survival(sum->quantile(0.4)), 0.6, 1e-11);
  }
  // Between 2 and 5 no one leaves the first stage.
  EXPECT_NEAR(steps->survival(4), 0.6, 1e-13);
}

TEST(Mixture, ByHand) {
  const auto lifetime = mixture({0.25, 0.75}, {make("fixed", 0, {3}), make("exponential", 0, {10})});
  EXPECT_EQ(lifetime->survival(0), 1);
  EXPECT_NEAR(lifetime->survival(2), 0.25 + 0.75 * std::exp(-0.2), 1e-15);
  EXPECT_NEAR(lifetime->survival(3), 0.75 * std::exp(-0.3), 1e-15);
  EXPECT_NEAR(lifetime->loss(2, 4), 0.25 + 0.75 * (std::exp(-0.2) - std::exp(-0.4)), 1e-15);
  EXPECT_NEAR(lifetime->density(4), 0.075 * std::exp(-0.4), 1e-15);
  EXPECT_NEAR(lifetime->hazard(4), 0.1, 1e-15);
  EXPECT_NEAR(lifetime->mean(), 0.25 * 3 + 7.5, 1e-15);
  // E[a²] = 0.25·9 + 0.75·200
  EXPECT_NEAR(lifetime->deviation(), std::sqrt(152.25 - 8.25 * 8.25), 1e-13);
  EXPECT_FALSE(lifetime->has_density());
  const double at_three = 0.75 * (1 - std::exp(-0.3));
  EXPECT_NEAR(lifetime->quantile(at_three + 0.1), 3, 1e-8);
  EXPECT_NEAR(lifetime->survival(lifetime->quantile(0.9)), 0.1, 1e-15);
  EXPECT_NEAR(lifetime->hazard(1e6), 0.1, 1e-15);
}

TEST(Mixture, Problems) {
  std::string problem;
  const std::vector<double> short_of_one = {0.2, 0.7};
  EXPECT_EQ(make_mixture(short_of_one, {make("fixed", 0, {3}), make("fixed", 0, {4})}, problem), nullptr);
  EXPECT_EQ(problem, "the shares must sum to 1 (sum to 0.9)");
  const std::vector<double> negative = {-0.2, 1.2};
  EXPECT_EQ(make_mixture(negative, {make("fixed", 0, {3}), make("fixed", 0, {4})}, problem), nullptr);
  EXPECT_EQ(problem, "share must not be negative (is -0.2)");
  EXPECT_EQ(make_mixture(negative, {make("fixed", 0, {3})}, problem), nullptr);
  EXPECT_EQ(make_chain({}, problem), nullptr);
  EXPECT_EQ(problem, "a chain needs at least one stage");
}

TEST(Empirical, ByHand) {
  for (const auto& lifetime :
       {empirical({0, 2, 4, 8}, {1, 0.8, 0.4, 0}), empirical({2, 4, 8}, {0.8, 0.4, 0})}) {
    EXPECT_EQ(lifetime->survival(-1), 1);
    EXPECT_EQ(lifetime->survival(0), 1);
    EXPECT_NEAR(lifetime->survival(1), 0.9, 1e-15);
    EXPECT_NEAR(lifetime->survival(4), 0.4, 1e-15);
    EXPECT_NEAR(lifetime->survival(7), 0.1, 1e-15);
    EXPECT_EQ(lifetime->survival(9), 0);
    EXPECT_NEAR(lifetime->density(3), 0.2, 1e-15);
    EXPECT_NEAR(lifetime->hazard(3), 0.2 / 0.6, 1e-15);
    EXPECT_EQ(lifetime->density(8), 0);
    EXPECT_NEAR(lifetime->loss(1, 5), 0.9 - 0.3, 1e-15);
    EXPECT_NEAR(lifetime->loss(-infinity, infinity), 1, 1e-15);
    EXPECT_EQ(lifetime->loss(9, 10), 0);
    EXPECT_NEAR(lifetime->mean(), 1.8 + 1.2 + 0.8, 1e-14);
    // E[a²] = 0.2·(4/3) + 0.4·(9 + 1/3) + 0.4·(36 + 4/3)
    EXPECT_NEAR(lifetime->deviation(), std::sqrt(0.8 / 3 + 11.2 / 3 + 44.8 / 3 - 3.8 * 3.8), 1e-14);
    for (double p : {0.0, 0.1, 0.2, 0.5, 0.6, 0.97, 1.0})
      EXPECT_NEAR(lifetime->survival(lifetime->quantile(p)), 1 - p, 1e-15) << p;
  }
}

TEST(Empirical, WhatIsLeftStaysForGood) {
  std::string problem;
  const std::vector<double> ages = {0, 10};
  const std::vector<double> shares = {1, 0.25};
  const auto lifetime = make_empirical(ages, shares, problem);
  ASSERT_NE(lifetime, nullptr);
  EXPECT_EQ(problem, "25 % is still in use at the last age 10 and stays for good");
  EXPECT_EQ(lifetime->survival(1e9), 0.25);
  EXPECT_EQ(lifetime->mean(), infinity);
  EXPECT_EQ(lifetime->quantile(0.8), infinity);
  EXPECT_NEAR(lifetime->quantile(0.6), 8, 1e-14);
  EXPECT_NEAR(chain({lifetime, make("exponential", 0, {1})})->survival(1000), 0.25, 1e-13);
}

TEST(Empirical, Problems) {
  const auto problem_of = [](std::vector<double> ages, std::vector<double> shares) {
    std::string problem;
    EXPECT_EQ(make_empirical(ages, shares, problem), nullptr);
    return problem;
  };
  EXPECT_EQ(problem_of({0, 1}, {1}), "2 ages and 1 shares do not pair up");
  EXPECT_EQ(problem_of({0, 3, 2}, {1, 0.5, 0}), "ages must ascend (2 follows 3)");
  EXPECT_EQ(problem_of({0, 3, 5}, {1, 0.5, 0.6}),
            "the share in use must not rise with age (at age 5: 0.6 follows 0.5)");
  EXPECT_EQ(problem_of({0, 3}, {0.9, 0}), "the share in use at age 0 must be 1 (is 0.9)");
  EXPECT_EQ(problem_of({2, 3}, {80, 0}), "the share in use at age 2 must be at most 1 (is 80)");
  EXPECT_EQ(problem_of({-2, 3}, {1, 0}), "an age must not be negative (is -2)");
  EXPECT_EQ(problem_of({2, 3}, {0.5, -0.1}), "the share at age 3 must not be negative (is -0.1)");
  EXPECT_EQ(problem_of({0}, {1}), "survival needs an age above 0");
}

// Table 2 of Lin and others (2021), indium in China: the columns scale and shape of laptops, tablets and
// phones are exchanged, those of televisions are not, and for vehicles neither order gives the mean.
TEST(StatedMean, TableWithExchangedColumns) {
  const auto problem_of = [](double mean, double scale, double shape) {
    StatedMoments stated;
    stated.mean = mean;
    const std::array<double, 2> values = {scale, shape};
    return stated_moments_problem("weibull", 0, values, stated);
  };
  EXPECT_EQ(problem_of(8.5, 9.41, 5.01), "");
  EXPECT_EQ(
      problem_of(4.5, 5.72, 4.78),
      "scale 5.72 and shape 4.78 give a mean of 5.238 yr, stated is 4.5; scale and shape look exchanged: "
      "the other way round they give a mean of 4.423 yr");
  EXPECT_EQ(problem_of(4.5, 4.78, 5.72), "");
  EXPECT_EQ(
      problem_of(2.5, 4, 2.7),
      "scale 4 and shape 2.7 give a mean of 3.557 yr, stated is 2.5; scale and shape look exchanged: the "
      "other way round they give a mean of 2.447 yr");
  EXPECT_EQ(problem_of(12, 9.8, 3.6), "scale 9.8 and shape 3.6 give a mean of 8.831 yr, stated is 12");
}

TEST(StatedMean, OtherFormsAndDeviations) {
  StatedMoments stated;
  stated.mean = 12.25;
  const std::array<double, 2> logs = {2.46, 0.3};
  EXPECT_EQ(
      stated_moments_problem("lognormal", 0, logs, stated),
      "mean 2.46 and sd 0.3 give a mean of 2.46 yr, stated is 12.25; read as mu 2.46 and sigma 0.3 they "
      "give a mean of 12.24 yr");
  const std::array<double, 2> gamma = {4, 2.5};
  stated.mean = 10;
  stated.deviation = 6.3;
  EXPECT_EQ(stated_moments_problem("gamma", 0, gamma, stated), "");
  stated.deviation = 4;
  EXPECT_EQ(stated_moments_problem("gamma", 0, gamma, stated),
            "scale 4 and shape 2.5 give a mean of 10 yr and a deviation of 6.325 yr, stated are 10 and 4");
  stated.tolerance = 0.6;
  EXPECT_EQ(stated_moments_problem("gamma", 0, gamma, stated), "");
  const std::array<double, 2> bad = {-4, 2.5};
  EXPECT_EQ(stated_moments_problem("gamma", 0, bad, stated), "");
  StatedMoments only_mean;
  only_mean.mean = 7;
  EXPECT_EQ(
      stated_moments_problem(*mixture({0.5, 0.5}, {make("fixed", 0, {3}), make("fixed", 0, {5})}), only_mean),
      "the parameters give a mean of 4 yr, stated is 7");
}

}  // namespace
}  // namespace lode
