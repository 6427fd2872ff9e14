// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/input_distribution.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "lode/sampling/design.hpp"
#include "lode/sampling/normal_score.hpp"
#include "sampling_tools.hpp"

namespace lode {
namespace {

namespace bm = boost::math;
using Numbers = std::map<std::string, double, std::less<>>;
constexpr double infinity = std::numeric_limits<double>::infinity();

InputSpread spread(std::string family, Numbers numbers = {}) {
  return {std::move(family), std::move(numbers), {}, {}, {}};
}

InputDistribution made(const InputSpread& given, double nominal) {
  QuantileTables tables;
  std::string problem;
  const auto result = InputDistribution::make(given, nominal, tables, problem);
  EXPECT_TRUE(result) << given.family << ": " << problem;
  return result.value_or(InputDistribution(0));
}

std::string problem_of(const InputSpread& given, double nominal) {
  QuantileTables tables;
  std::string problem;
  EXPECT_FALSE(InputDistribution::make(given, nominal, tables, problem));
  return problem;
}

/// One distribution beside Boost's: quantile of p from below, and of q from above, distribution function.
struct Case {
  std::string name;
  InputSpread given;
  double nominal = 0;
  std::function<double(double)> quantile;
  std::function<double(double)> upper_quantile;
  std::function<double(double)> below;
  double mean = 0;
  double deviation = 0;
  double scale = 1;      // the unit of the error
  double error = 1e-13;  // of quantiles
};

template <class Distribution>
Case beside(std::string name, InputSpread given, double nominal, Distribution oracle, double factor = 1,
            double shift = 0, double error = 1e-13, double scale = 0) {
  Case result;
  result.name = std::move(name);
  result.given = std::move(given);
  result.nominal = nominal;
  if (factor > 0) {
    result.quantile = [=](double p) { return shift + factor * bm::quantile(oracle, p); };
    result.upper_quantile = [=](double q) {
      return shift + factor * bm::quantile(bm::complement(oracle, q));
    };
    result.below = [=](double x) { return bm::cdf(oracle, (x - shift) / factor); };
  } else {
    result.quantile = [=](double p) { return shift + factor * bm::quantile(bm::complement(oracle, p)); };
    result.upper_quantile = [=](double q) { return shift + factor * bm::quantile(oracle, q); };
    result.below = [=](double x) { return bm::cdf(bm::complement(oracle, (x - shift) / factor)); };
  }
  result.mean = shift + factor * bm::mean(oracle);
  result.deviation = std::abs(factor) * bm::standard_deviation(oracle);
  result.error = error;
  result.scale = scale > 0 ? scale : result.deviation;
  return result;
}

// A normal distribution cut off, by definition: F = (Φ(z) − Φ(a))/(Φ(b) − Φ(a)).
Case truncated(double mean, double deviation, double low, double high) {
  const bm::normal oracle(mean, deviation);
  Numbers numbers = {{"sd", deviation}};
  if (std::isfinite(low)) numbers["low"] = low;
  if (std::isfinite(high)) numbers["high"] = high;
  const double from = std::isfinite(low) ? bm::cdf(oracle, low) : 0;
  const double to = std::isfinite(high) ? bm::cdf(oracle, high) : 1;
  const double rest = std::isfinite(high) ? bm::cdf(bm::complement(oracle, high)) : 0;
  const double all = std::isfinite(low) ? bm::cdf(bm::complement(oracle, low)) : 1;
  Case result;
  result.name = "truncated normal";
  result.given = spread("normal", numbers);
  result.nominal = mean;
  result.quantile = [=](double p) { return bm::quantile(oracle, from * (1 - p) + to * p); };
  result.upper_quantile = [=](double q) {
    return bm::quantile(bm::complement(oracle, all * q + rest * (1 - q)));
  };
  result.below = [=](double x) { return (bm::cdf(oracle, x) - from) / (to - from); };
  // Moments by the midpoint rule over the scores.
  double sum = 0;
  double square = 0;
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = result.quantile((i + 0.5) / n);
    sum += x / n;
    square += (x - mean) * (x - mean) / n;
  }
  result.mean = sum;
  result.deviation = std::sqrt(square - (sum - mean) * (sum - mean));
  result.scale = deviation;
  result.error = 1e-12;
  return result;
}

std::vector<Case> cases() {
  const double s = std::sqrt(std::log1p(0.09));
  const double table = 1e-9;
  std::vector<Case> all = {
      beside("normal cv", spread("normal", {{"cv", 0.05}}), 40, bm::normal(40, 2)),
      beside("normal cv below 0", spread("normal", {{"cv", 0.05}}), -40, bm::normal(-40, 2)),
      beside("normal sd", spread("normal", {{"sd", 3}}), 0, bm::normal(0, 3)),
      beside("normal interval", spread("normal", {{"low", 6.080072030919892}, {"high", 13.919927969080108}}),
             10, bm::normal(10, 2)),
      beside("lognormal gsd", spread("lognormal", {{"gsd", 1.4}}), 7,
             bm::lognormal(std::log(7), std::log(1.4))),
      beside("lognormal below 0", spread("lognormal", {{"gsd", 1.4}}), -7,
             bm::lognormal(std::log(7), std::log(1.4)), -1),
      beside("lognormal cv", spread("lognormal", {{"cv", 0.3}}), 7,
             bm::lognormal(std::log(7) - s * s / 2, s)),
      beside("lognormal sd", spread("lognormal", {{"sd", 2.1}}), 7,
             bm::lognormal(std::log(7) - s * s / 2, s)),
      beside("lognormal ratio", spread("lognormal", {{"ratio", 1.5}}), 7,
             bm::lognormal(std::log(7), std::log(1.5) / 1.959963984540054)),
      beside("lognormal interval", spread("lognormal", {{"low", 2}, {"high", 18}}), 5,
             bm::lognormal(std::log(6), std::log(3) / 1.959963984540054)),
      beside("uniform within", spread("uniform", {{"within", 0.2}}), 10, bm::uniform(8, 12)),
      beside("uniform within below 0", spread("uniform", {{"within", 0.2}}), -10, bm::uniform(-12, -8)),
      beside("uniform", spread("uniform", {{"low", -1}, {"high", 3}}), 0, bm::uniform(-1, 3)),
      beside("triangular", spread("triangular", {{"low", 1}, {"high", 11}}), 3, bm::triangular(1, 3, 11)),
      beside("triangular within", spread("triangular", {{"within", 0.5}}), 4, bm::triangular(2, 4, 6)),
      beside("triangular at an end", spread("triangular", {{"low", 3}, {"high", 11}}), 3,
             bm::triangular(3, 3, 11)),
      beside("pert", spread("pert", {{"low", 1}, {"high", 11}}), 3, bm::beta_distribution<>(1.8, 4.2), 10, 1,
             table, 10),
      beside("pert within", spread("pert", {{"within", 0.5}}), 4, bm::beta_distribution<>(3, 3), 4, 2, table,
             4),
      beside("beta sd", spread("beta", {{"sd", 0.1}}), 0.3, bm::beta_distribution<>(6, 14), 1, 0, table, 1),
      beside("beta cv", spread("beta", {{"cv", 1.0 / 3}, {"low", 1}, {"high", 3}}), 1.5,
             bm::beta_distribution<>(0.5, 1.5), 2, 1, table, 2),
      beside("beta narrow", spread("beta", {{"cv", 0.001}}), 0.5, bm::beta_distribution<>(499999.5, 499999.5),
             1, 0, table, 1),
      beside("gamma cv", spread("gamma", {{"cv", 0.5}}), 6, bm::gamma_distribution<>(4, 1.5), 1, 0, table),
      beside("gamma below 0", spread("gamma", {{"cv", 0.5}}), -6, bm::gamma_distribution<>(4, 1.5), -1, 0,
             table),
      beside("gamma narrow", spread("gamma", {{"cv", 0.01}}), 6, bm::gamma_distribution<>(1e4, 6e-4), 1, 0,
             table),
      beside("gamma wide", spread("gamma", {{"cv", 2}}), 6, bm::gamma_distribution<>(0.25, 24), 1, 0, table),
      truncated(2, 1, 0, infinity),
      truncated(2, 1, -infinity, 3),
      truncated(2, 10, 1.5, 3),
      truncated(2, 1, 2, infinity),
  };
  return all;
}

std::vector<double> random_scores(std::size_t n, std::uint64_t seed = 1) {
  const Design design({DesignKind::random, seed, n}, {column_key("scores")});
  std::vector<double> z(n);
  design.normals({0, n / 8, 0, 1}, z.data(), n);
  return z;
}

TEST(InputDistribution, quantiles_agree_with_boost_on_every_tier) {
  std::vector<double> z;
  for (double score = -8; score <= 8; score += 0.0137) z.push_back(score);
  const bm::normal standard;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    const InputDistribution distribution = made(one.given, one.nominal);
    on_each_tier([&] {
      std::vector<double> x(z.size());
      distribution.values(z.data(), x.data(), z.size());
      double worst = 0;
      for (std::size_t i = 0; i < z.size(); ++i) {
        const double tail = bm::cdf(standard, -std::abs(z[i]));
        const double exact = z[i] < 0 ? one.quantile(tail) : one.upper_quantile(tail);
        const double size = one.scale + (one.error < 1e-10 ? 10 * std::abs(exact) : 0);
        worst = std::max(worst, std::abs(x[i] - exact) / size);
        if (i > 0) {
          ASSERT_GE(x[i], x[i - 1] - 1e-15 * std::abs(x[i])) << z[i];  // but for rounding
        }
      }
      EXPECT_LT(worst, one.error);
    });
  }
}

// False-alarm rate below 1e-5 for each case: a distribution function and two moments. The same numbers fail
// for a nominal value that is off by a tenth of the deviation.
TEST(InputDistribution, samples_have_the_distribution_and_its_moments) {
  constexpr std::size_t n = 40000;
  const std::vector<double> z = random_scores(n);
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    const InputDistribution distribution = made(one.given, one.nominal);
    std::vector<double> x(n);
    distribution.values(z.data(), x.data(), n);
    std::vector<double> u(n);
    for (std::size_t i = 0; i < n; ++i) u[i] = one.below(x[i]);
    EXPECT_LT(uniform_distance(u), kolmogorov_limit);
    EXPECT_NEAR(distribution.mean(), one.mean, 1e-5 * one.deviation);
    EXPECT_NEAR(distribution.deviation(), one.deviation, 1e-5 * one.deviation);
    const double root = std::sqrt(static_cast<double>(n));
    EXPECT_NEAR(mean_of(x), one.mean, normal_limit * one.deviation / root);
    // The fourth moment of the cases is below 60 deviations⁴ (gamma wide: 3 + 6/0.25).
    EXPECT_NEAR(deviation_of(x), one.deviation, normal_limit * one.deviation * 0.5 * std::sqrt(59.0) / root);

    for (std::size_t i = 0; i < n; ++i) {
      const double moved = x[i] + 0.1 * one.deviation;
      u[i] = moved >= distribution.highest() ? 1 : one.below(moved);
    }
    EXPECT_GT(uniform_distance(u), kolmogorov_limit);
  }
}

TEST(InputDistribution, masses_and_quantiles_invert_one_another) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    const InputDistribution distribution = made(one.given, one.nominal);
    for (const double p : {1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999}) {
      const double x = distribution.quantile(p);
      EXPECT_NEAR(x, one.quantile(p), std::max(one.error, 1e-12) * (one.scale + 10 * std::abs(x)));
      // The tables' error in x, as a probability.
      const double slack = 1e-12 + 1e-9 * one.scale * (one.below(x + 1e-3 * one.scale) - one.below(x)) * 1e3;
      EXPECT_NEAR(distribution.mass_below(x), p, slack + 1e-8 * p);
      EXPECT_NEAR(distribution.mass_above(x), 1 - p, slack + 1e-8);
    }
    EXPECT_EQ(distribution.mass_below(distribution.lowest()), 0);
    EXPECT_EQ(distribution.mass_above(distribution.highest()), 0);
    EXPECT_NEAR(distribution.mass_below(distribution.highest()), 1, 1e-15);
  }
}

TEST(InputDistribution, values_keep_within_bounds) {
  std::vector<double> z = {-40, -9.1, -8.3, 0, 8.3, 9.1, 40};
  for (const Case& one : cases()) {
    const InputDistribution distribution = made(one.given, one.nominal);
    on_each_tier([&] {
      std::vector<double> x(z.size());
      distribution.values(z.data(), x.data(), z.size());
      for (const double value : x) {
        EXPECT_TRUE(std::isfinite(value)) << one.name;
        EXPECT_GE(value, distribution.lowest()) << one.name;
        EXPECT_LE(value, distribution.highest()) << one.name;
      }
    });
  }
}

TEST(InputDistribution, tables_are_shared_and_small) {
  QuantileTables tables;
  std::string problem;
  for (int i = 1; i <= 50; ++i) {
    EXPECT_TRUE(InputDistribution::make(spread("pert", {{"within", 0.3}}), 0.7 * i, tables, problem));
    EXPECT_TRUE(InputDistribution::make(spread("gamma", {{"cv", 0.3}}), -0.1 * i, tables, problem));
  }
  EXPECT_EQ(tables.size(), 2u);
  EXPECT_LE(tables.beta(3, 3)->intervals, 256u);
  EXPECT_LE(tables.gamma(1 / 0.09)->intervals, 256u);
  EXPECT_EQ(tables.size(), 2u);
}

TEST(QuantileTable, measured_errors_hold_for_extreme_shapes) {
  QuantileTables tables;
  for (const double alpha : {0.05, 0.3, 1.0, 2.5, 40.0, 1e4})
    for (const double beta : {0.05, 1.0, 7.0, 1e5})
      EXPECT_LT(tables.beta(alpha, beta)->error, 1e-9) << alpha << " " << beta;
  for (const double shape : {0.01, 0.1, 1.0, 3.0, 100.0, 1e6, 1e8})
    EXPECT_LT(tables.gamma(shape)->error, 1e-9) << shape;
}

TEST(InputDistribution, discrete) {
  InputSpread given = spread("discrete");
  given.values = {5, 1, 3, 9};
  given.weights = {2, 1, 1, 0};
  const InputDistribution distribution = made(given, 3);
  EXPECT_DOUBLE_EQ(distribution.mean(), 3.5);
  EXPECT_DOUBLE_EQ(distribution.deviation(), std::sqrt(0.25 * 6.25 + 0.25 * 0.25 + 0.5 * 2.25));
  EXPECT_EQ(distribution.mass_below(3), 0.25);
  EXPECT_EQ(distribution.mass_above(3), 0.5);
  EXPECT_EQ(distribution.quantile(0.2), 1);
  EXPECT_EQ(distribution.quantile(0.4), 3);
  EXPECT_EQ(distribution.quantile(0.6), 5);
  EXPECT_EQ(distribution.lowest(), 1);
  EXPECT_EQ(distribution.highest(), 5);
  // Chances on Sobol's net: exact, 1,024 of 4,096 draws, 128 of each scramble's 512.
  const Design design({DesignKind::sobol, 1, 4096}, {1});
  std::vector<double> x(4096);
  on_each_tier([&] {
    design.normals({0, 512, 0, 1}, x.data(), 4096);
    distribution.values(x.data(), x.data(), x.size());
    EXPECT_EQ(std::count(x.begin(), x.end(), 1.0), 1024);
    EXPECT_EQ(std::count(x.begin(), x.end(), 3.0), 1024);
    EXPECT_EQ(std::count(x.begin(), x.end(), 5.0), 2048);
  });
}

TEST(InputDistribution, discrete_of_many_values) {
  InputSpread given = spread("discrete");
  for (int i = 0; i < 64; ++i) given.values.push_back(i);
  const InputDistribution distribution = made(given, 3);
  const Design design({DesignKind::sobol, 1, 4096}, {1});
  std::vector<double> x(4096);
  design.normals({0, 512, 0, 1}, x.data(), 4096);
  distribution.values(x.data(), x.data(), x.size());
  for (int i = 0; i < 64; ++i) EXPECT_EQ(std::count(x.begin(), x.end(), i), 64) << i;
}

TEST(InputDistribution, empirical) {
  InputSpread sample = spread("empirical");
  sample.values = {4, 1, 2, 9};
  const InputDistribution one = made(sample, 4);
  EXPECT_DOUBLE_EQ(one.mean(), 4);  // the sample's own
  EXPECT_DOUBLE_EQ(one.quantile(0.125), 1);
  EXPECT_DOUBLE_EQ(one.quantile(0.25), 1.5);
  EXPECT_DOUBLE_EQ(one.quantile(0.05), 1);
  EXPECT_DOUBLE_EQ(one.quantile(0.95), 9);
  EXPECT_DOUBLE_EQ(one.mass_below(1.5), 0.25);
  EXPECT_DOUBLE_EQ(one.mass_above(1.5), 0.75);

  // Many points go another way: 0, 1, … 99 is nearly uniform.
  InputSpread many = spread("empirical");
  for (int i = 0; i < 100; ++i) many.values.push_back(99 - i);
  const InputDistribution line = made(many, 4);
  for (const double p : {0.001, 0.005, 0.1, 0.777, 0.99, 0.999})
    EXPECT_NEAR(line.quantile(p), std::clamp(100 * p - 0.5, 0.0, 99.0), 1e-12);

  InputSpread table = spread("empirical");
  table.values = {0, 10, 10, 20};
  table.probabilities = {0, 0.25, 0.5, 1};
  const InputDistribution two = made(table, 10);
  EXPECT_DOUBLE_EQ(two.mean(), 0.25 * 5 + 0.25 * 10 + 0.5 * 15);
  EXPECT_DOUBLE_EQ(two.mass_below(10), 0.25);
  EXPECT_DOUBLE_EQ(two.mass_above(10), 0.5);
  EXPECT_NEAR(two.quantile(0.75), 15, 1e-12);
  double sum = 0;
  double square = 0;
  for (int i = 0; i < 10000; ++i) {
    const double x = two.quantile((i + 0.5) / 10000);
    sum += x / 10000;
    square += x * x / 10000;
  }
  EXPECT_NEAR(two.mean(), sum, 1e-6);
  EXPECT_NEAR(two.deviation(), std::sqrt(square - sum * sum), 1e-4);
}

TEST(InputDistribution, nothing_varies_without_width) {
  EXPECT_TRUE(made(spread("fixed"), 5).fixed());
  EXPECT_TRUE(made(spread("normal", {{"cv", 0.05}}), 0).fixed());
  EXPECT_TRUE(made(spread("normal", {{"sd", 0}, {"low", 0}}), 5).fixed());
  EXPECT_TRUE(made(spread("lognormal", {{"gsd", 2}}), 0).fixed());
  EXPECT_TRUE(made(spread("lognormal", {{"gsd", 1}}), 5).fixed());
  EXPECT_TRUE(made(spread("gamma", {{"cv", 0.5}}), 0).fixed());
  EXPECT_TRUE(made(spread("beta", {{"cv", 0.5}}), 0).fixed());
  EXPECT_TRUE(made(spread("pert", {{"within", 0.5}}), 0).fixed());
  EXPECT_TRUE(made(spread("uniform", {{"low", 2}, {"high", 2}}), 2).fixed());
  const InputDistribution five = made(spread("fixed"), 5);
  EXPECT_EQ(five.at_score(3), 5);
  EXPECT_EQ(five.mean(), 5);
  EXPECT_EQ(five.deviation(), 0);
  EXPECT_EQ(five.mass_below(5), 0);
  EXPECT_EQ(five.mass_below(5.1), 1);
  EXPECT_EQ(five.mass_above(4.9), 1);
  EXPECT_EQ(five.quantile(0), 5);
}

TEST(InputDistribution, intervals) {
  std::string problem;
  const auto at = [&](double low, double x, double high) {
    const auto result = InputDistribution::from_interval(low, x, high, problem);
    EXPECT_TRUE(result) << problem;
    return result.value_or(InputDistribution(0));
  };
  const InputDistribution normal = at(8, 10, 12.2);
  EXPECT_EQ(normal.formula().form, InputForm::linear);
  EXPECT_DOUBLE_EQ(normal.mean(), 10);
  EXPECT_DOUBLE_EQ(normal.deviation(), 4.2 / 2 / 1.959963984540054);

  for (const double sign : {1.0, -1.0}) {
    const InputDistribution lognormal = sign > 0 ? at(5, 10, 20) : at(-20, -10, -5);
    EXPECT_EQ(lognormal.formula().form, InputForm::exponential);
    EXPECT_NEAR(lognormal.quantile(0.5), sign * 10, 1e-12);
    EXPECT_NEAR(lognormal.quantile(0.025), sign > 0 ? 5 : -20, 1e-10);
    EXPECT_NEAR(lognormal.quantile(0.975), sign > 0 ? 20 : -5, 1e-10);
  }
  for (const double low : {-3.0, 9.0, 10.0}) {
    const InputDistribution split = at(low, 10, 18);
    EXPECT_EQ(split.formula().form, InputForm::split);
    EXPECT_NEAR(split.quantile(0.025), low, 1e-12);
    EXPECT_NEAR(split.quantile(0.5), 10, 1e-12);
    EXPECT_NEAR(split.quantile(0.975), 18, 1e-12);
    EXPECT_NEAR(split.mass_above(18), 0.025, 1e-12);
    std::vector<double> x = random_scores(40000);
    split.values(x.data(), x.data(), x.size());
    EXPECT_NEAR(mean_of(x), split.mean(), normal_limit * split.deviation() / 200);
    EXPECT_NEAR(deviation_of(x), split.deviation(), normal_limit * split.deviation() / 200 * 1.2);
    EXPECT_GT(std::abs(mean_of(x) - 10), normal_limit * split.deviation() / 200);
  }
  EXPECT_TRUE(at(10, 10, 10).fixed());
  EXPECT_FALSE(InputDistribution::from_interval(11, 10, 12, problem));
  EXPECT_EQ(problem, "the interval 11 … 12 does not hold the value 10");
  EXPECT_FALSE(InputDistribution::from_interval(-infinity, 10, 12, problem));
  EXPECT_EQ(problem, "low, high and the value must be finite numbers");
}

TEST(InputDistribution, problems) {
  EXPECT_EQ(problem_of(spread("gauss"), 1), "there is no distribution `gauss`");
  EXPECT_EQ(problem_of(spread("normal", {{"gsd", 2}}), 1), "normal takes cv, sd, low, high, not gsd");
  EXPECT_EQ(problem_of(spread("fixed", {{"sd", 2}}), 1), "fixed takes nothing, not sd");
  EXPECT_EQ(problem_of(spread("normal"), 1), "normal needs cv or sd");
  EXPECT_EQ(problem_of(spread("normal", {{"low", 0}}), 1), "normal needs cv or sd");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", 0.1}, {"sd", 1}}), 1), "normal takes only one of cv, sd");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", -0.1}}), 1), "cv must not be below 0");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", infinity}}), 1), "cv must be a finite number");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", 0.1}}), infinity), "the value must be a finite number");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", 0.1}, {"low", 2}}), 1), "the value 1 lies below low 2");
  EXPECT_EQ(problem_of(spread("normal", {{"cv", 0.1}, {"high", 0.5}}), 1), "the value 1 lies above high 0.5");
  EXPECT_EQ(problem_of(spread("uniform", {{"low", 2}, {"high", 1}}), 1.5), "low 2 lies above high 1");
  EXPECT_EQ(problem_of(spread("uniform", {{"low", 2}}), 1.5), "uniform needs within, or low and high");
  EXPECT_EQ(problem_of(spread("pert", {{"within", 0.1}, {"low", 1}}), 1.5),
            "pert takes within, or low and high");
  EXPECT_EQ(problem_of(spread("triangular", {{"within", -1}}), 1.5), "within must not be below 0");
  EXPECT_EQ(problem_of(spread("lognormal", {{"gsd", 0.5}}), 1.5), "gsd must not be below 1");
  EXPECT_EQ(problem_of(spread("lognormal", {{"sd", 1}}), 0),
            "a lognormal distribution needs a value other than 0");
  EXPECT_EQ(problem_of(spread("lognormal", {{"low", -1}, {"high", 2}}), 1),
            "low and high of a lognormal distribution must have one sign");
  EXPECT_EQ(problem_of(spread("lognormal", {{"low", 1}}), 2),
            "lognormal takes low and high together and alone");
  EXPECT_EQ(problem_of(spread("gamma", {{"sd", 1}}), 0), "a gamma distribution needs a value other than 0");
  EXPECT_EQ(problem_of(spread("gamma", {{"cv", 20}}), 1),
            "the deviation of a gamma distribution is at most 10 times its mean");
  EXPECT_EQ(problem_of(spread("gamma", {{"cv", 1e-5}}), 1),
            "the deviation is too narrow for a gamma distribution; take a normal one");
  EXPECT_EQ(problem_of(spread("beta", {{"sd", 0.1}}), 2),
            "a beta distribution between 0 and 1 cannot have the mean 2");
  EXPECT_EQ(problem_of(spread("beta", {{"sd", 0.4}}), 0.9),
            "a beta distribution between 0 and 1 with mean 0.9 has a deviation below 0.3, not 0.4");
  EXPECT_EQ(problem_of(spread("beta", {{"sd", 0.2999}}), 0.9),
            "the deviation is so wide that nearly all values lie at low or high");
  EXPECT_EQ(problem_of(spread("discrete"), 1), "discrete needs values");
  InputSpread given = spread("discrete");
  given.values = {1, 2};
  given.weights = {1};
  EXPECT_EQ(problem_of(given, 1), "discrete has 2 values and 1 weights");
  given.weights = {1, -1};
  EXPECT_EQ(problem_of(given, 1), "weights must not be below 0");
  given.weights = {0, 0};
  EXPECT_EQ(problem_of(given, 1), "weights must have a sum above 0");
  given = spread("empirical");
  EXPECT_EQ(problem_of(given, 1), "empirical needs values");
  given.values = {1, 2};
  given.probabilities = {0.1};
  EXPECT_EQ(problem_of(given, 1), "empirical has 2 values and 1 probabilities");
  given.probabilities = {0.1, 1.1};
  EXPECT_EQ(problem_of(given, 1), "probabilities must lie between 0 and 1");
  given.probabilities = {0.5, 0.5};
  EXPECT_EQ(problem_of(given, 1), "probabilities must rise");
  given.probabilities = {0.1, 0.5};
  given.values = {2, 1};
  EXPECT_EQ(problem_of(given, 1), "values must not fall as probabilities rise");
  given = spread("normal", {{"cv", 0.1}});
  given.weights = {1};
  EXPECT_EQ(problem_of(given, 1), "normal takes cv, sd, low, high, not weights");
}

TEST(Marginals, columns_are_as_each_alone) {
  QuantileTables tables;
  std::vector<InputDistribution> columns;
  std::string problem;
  for (const Case& one : cases())
    columns.push_back(InputDistribution::make(one.given, one.nominal, tables, problem).value());
  const Marginals marginals(columns);
  const std::size_t n = 24;
  const std::vector<double> z = random_scores(columns.size() * n);
  std::vector<double> x = z;
  marginals.apply(1, columns.size() - 1, x.data() + n, x.data() + n, n, n);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<double> alone(z.begin() + static_cast<std::ptrdiff_t>(c * n),
                              z.begin() + static_cast<std::ptrdiff_t>((c + 1) * n));
    if (c > 0) columns[c].values(alone.data(), alone.data(), n);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), x.begin() + static_cast<std::ptrdiff_t>(c * n))) << c;
  }
}

}  // namespace
}  // namespace lode
