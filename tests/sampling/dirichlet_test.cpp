// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/dirichlet.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/beta.hpp>
#include <cmath>
#include <vector>

#include "lode/sampling/design.hpp"
#include "sampling_tools.hpp"

namespace lode {
namespace {

constexpr std::size_t n = 40000;

std::vector<double> scores(std::size_t columns) {
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < columns; ++i) keys.push_back(i);
  const Design design({DesignKind::random, 1, n}, keys);
  std::vector<double> z(columns * n);
  design.normals({0, n / 8, 0, columns}, z.data(), n);
  return z;
}

DirichletShares made(const std::vector<double>& nominal, SpreadOfShares given, double amount) {
  QuantileTables tables;
  std::string problem;
  const auto result = DirichletShares::make(nominal, given, amount, tables, problem);
  EXPECT_TRUE(result) << problem;
  return result.value();
}

// False-alarm rate 1e-6 for each number; single shares of a Dirichlet distribution are beta distributed.
TEST(DirichletShares, shares_are_dirichlet) {
  const std::vector<double> nominal = {0.5, 0.2, 0, 0.3};
  const DirichletShares shares = made(nominal, SpreadOfShares::concentration, 20);
  const std::vector<double> plain = scores(4);
  on_each_tier([&] {
    std::vector<double> x = plain;
    shares.apply(x.data(), n, n);
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(x[2 * n + i], 0);
      ASSERT_NEAR(x[i] + x[n + i] + x[3 * n + i], 1, 3e-16);
    }
    for (const std::size_t i : {0u, 1u, 3u}) {
      const std::vector<double> share(x.begin() + static_cast<std::ptrdiff_t>(i * n),
                                      x.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
      const boost::math::beta_distribution<> oracle(20 * nominal[i], 20 * (1 - nominal[i]));
      const boost::math::beta_distribution<> wrong(18 * nominal[i], 18 * (1 - nominal[i]));
      std::vector<double> u;
      std::vector<double> v;
      for (const double value : share) {
        ASSERT_TRUE(value > 0 && value < 1);
        u.push_back(boost::math::cdf(oracle, value));
        v.push_back(boost::math::cdf(wrong, value));
      }
      EXPECT_LT(uniform_distance(u), kolmogorov_limit);
      EXPECT_GT(uniform_distance(v), kolmogorov_limit) << "the check sees another concentration";
      EXPECT_NEAR(mean_of(share), nominal[i], normal_limit * shares.deviation(i) / 200);
      EXPECT_NEAR(deviation_of(share), shares.deviation(i), normal_limit * shares.deviation(i) / 200);
    }
    const double covariance = -0.5 * 0.2 / 21;
    const double expected = covariance / shares.deviation(0) / shares.deviation(1);
    EXPECT_NEAR(correlation_of(std::span(x).first(n), std::span(x).subspan(n, n)), expected,
                normal_limit / 200);
  });
}

TEST(DirichletShares, a_cv_is_met_by_equal_shares_and_by_weight_else) {
  const DirichletShares equal = made({25, 25, 25, 25}, SpreadOfShares::cv, 0.1);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(equal.deviation(i), 2.5, 1e-12);
  const DirichletShares pair = made({30, 30}, SpreadOfShares::sd, 6);
  EXPECT_NEAR(pair.deviation(0), 6, 1e-12);

  // No other concentration fits Σ s (cv_i − cv)² better.
  const std::vector<double> nominal = {0.9, 0.05, 0.05};
  const auto misfit = [&](double concentration) {
    const DirichletShares shares = made(nominal, SpreadOfShares::concentration, concentration);
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
      sum += nominal[i] * std::pow(shares.deviation(i) / nominal[i] - 0.1, 2);
    return sum;
  };
  const double best = made(nominal, SpreadOfShares::cv, 0.1).concentration();
  EXPECT_LT(misfit(best), misfit(0.95 * best));
  EXPECT_LT(misfit(best), misfit(1.05 * best));
}

TEST(DirichletShares, nothing_varies_where_nothing_can) {
  std::vector<double> z = scores(2);
  made({0, 7}, SpreadOfShares::cv, 0.5).apply(z.data(), n, n);
  EXPECT_EQ(z[5], 0);
  EXPECT_EQ(z[n + 5], 7);
  made({3, 4}, SpreadOfShares::cv, 0).apply(z.data(), n, n);
  EXPECT_EQ(z[5], 3);
  EXPECT_EQ(z[n + 5], 4);
}

TEST(DirichletShares, problems) {
  QuantileTables tables;
  const auto problem = [&](const std::vector<double>& nominal, SpreadOfShares given, double amount) {
    std::string text;
    EXPECT_FALSE(DirichletShares::make(nominal, given, amount, tables, text));
    return text;
  };
  EXPECT_EQ(problem({0.5, -0.5}, SpreadOfShares::cv, 0.1), "a share must not be below 0");
  EXPECT_EQ(problem({0, 0}, SpreadOfShares::cv, 0.1), "all shares are 0");
  EXPECT_EQ(problem({1, 1}, SpreadOfShares::cv, -0.1), "the spread of shares must not be below 0");
  EXPECT_EQ(problem({1, 1}, SpreadOfShares::cv, 1.5), "no shares that add up can vary that much");
  EXPECT_EQ(problem({1, 1}, SpreadOfShares::concentration, 0), "the concentration must be above 0");
  EXPECT_EQ(problem({0.9999, 0.0001}, SpreadOfShares::concentration, 10),
            "a share of 0.0001 cannot vary as given: it would nearly always be 0");
  EXPECT_EQ(problem({1, 1}, SpreadOfShares::cv, 1e-5),
            "the spread of shares is too small; take them as fixed");
}

}  // namespace
}  // namespace lode
