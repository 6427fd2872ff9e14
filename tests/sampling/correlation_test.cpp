// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/correlation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "lode/sampling/design.hpp"
#include "sampling_tools.hpp"

namespace lode {
namespace {

constexpr std::size_t n = 40000;

std::vector<double> scores(std::size_t columns, DesignKind kind = DesignKind::random) {
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < columns; ++i) keys.push_back(i);
  const Design design({kind, 1, rounded_draws(kind, n)}, keys);
  std::vector<double> z(columns * n);
  design.normals({0, n / 8, 0, columns}, z.data(), n);
  return z;
}

std::span<const double> column(const std::vector<double>& z, std::size_t c) {
  return std::span(z).subspan(c * n, n);
}

double rank_correlation(const std::vector<double>& z, std::size_t a, std::size_t b) {
  return correlation_of(ranks_of(column(z, a)), ranks_of(column(z, b)));
}

// The deviation of a rank correlation is about (1 − ρ²)(1.06)/√n: false-alarm rate about 1e-6 for each.
double rank_limit(double rho) {
  return normal_limit * 1.2 * (1 - rho * rho) / std::sqrt(static_cast<double>(n)) + 1e-9;
}

TEST(ScoreMixer, rank_correlations_are_those_asked_for) {
  const std::vector<double> matrix = {1, 0.8, -0.3, 0.8, 1, 0.1, -0.3, 0.1, 1};
  ScoreMixer mixer;
  std::string problem;
  ASSERT_TRUE(mixer.correlate({3, 0, 2}, matrix, problem));
  EXPECT_EQ(problem, "");
  const std::vector<double> plain = scores(4);
  on_each_tier([&] {
    std::vector<double> z = plain;
    mixer.apply(z.data(), n, n);
    EXPECT_NEAR(rank_correlation(z, 3, 0), 0.8, rank_limit(0.8));
    EXPECT_NEAR(rank_correlation(z, 3, 2), -0.3, rank_limit(0.3));
    EXPECT_NEAR(rank_correlation(z, 0, 2), 0.1, rank_limit(0.1));
    EXPECT_TRUE(std::equal(z.begin() + n, z.begin() + 2 * n, plain.begin() + n)) << "column 1 is free";
    for (const std::size_t c : {0u, 2u, 3u}) {
      EXPECT_NEAR(mean_of(column(z, c)), 0, normal_limit / 200);
      EXPECT_NEAR(deviation_of(column(z, c)), 1, normal_limit / 200 / std::sqrt(2));
    }
  });
  // The check sees scores that are not mixed, and mixing by ρ in place of 2 sin(πρ/6).
  EXPECT_GT(std::abs(rank_correlation(plain, 3, 0) - 0.8), rank_limit(0.8));
  std::vector<double> wrong = plain;
  for (std::size_t i = 0; i < n; ++i) wrong[i] = 0.8 * wrong[3 * n + i] + 0.6 * wrong[i];
  EXPECT_GT(std::abs(rank_correlation(wrong, 3, 0) - 0.8), rank_limit(0.8));
}

TEST(ScoreMixer, singular_matrices_are_fine) {
  ScoreMixer mixer;
  std::string problem;
  ASSERT_TRUE(mixer.correlate({0, 1, 2}, std::vector<double>{1, 1, -1, 1, 1, -1, -1, -1, 1}, problem));
  EXPECT_EQ(problem, "");
  std::vector<double> z = scores(3);
  mixer.apply(z.data(), n, n);
  for (std::size_t i = 0; i < n; ++i) {
    ASSERT_NEAR(z[i], z[n + i], 1e-12);
    ASSERT_NEAR(z[i], -z[2 * n + i], 1e-12);
  }
}

// Equal correlations r of n scores are possible from -1/(n - 1) on.
TEST(ScoreMixer, contradictions_are_refused_with_what_would_do) {
  const std::vector<double> frustrated = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1};
  ScoreMixer mixer;
  std::string problem;
  EXPECT_FALSE(mixer.correlate({0, 1, 2}, frustrated, problem));
  EXPECT_EQ(problem, "the correlations contradict one another");
  EXPECT_TRUE(mixer.empty());
  const double least = 6 / M_PI * std::asin(0.25);  // of three: r = 1/2
  EXPECT_NEAR(possible_share(frustrated), least / 0.9, 2e-9);
  for (const std::size_t size : {2u, 3u, 5u}) {
    std::vector<double> matrix(size * size, -1);
    for (std::size_t i = 0; i < size; ++i) matrix[i * size + i] = 1;
    EXPECT_NEAR(possible_share(matrix), 6 / M_PI * std::asin(0.5 / static_cast<double>(size - 1)), 1e-8);
  }
  EXPECT_EQ(possible_share(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1}), 1);
}

TEST(ScoreMixer, scores_have_the_correlations_given) {
  ScoreMixer mixer;
  const std::vector<double> matrix = {1, 0.5, -0.2, 0.5, 1, 0.3, -0.2, 0.3, 1};
  mixer.mix({2, 0, 1}, matrix);
  std::vector<double> z = scores(3);
  mixer.apply(z.data(), n, n);
  const std::size_t order[] = {2, 0, 1};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NEAR(correlation_of(column(z, order[i]), column(z, order[j])), matrix[i * 3 + j],
                  normal_limit / 200);
}

TEST(ScoreMixer, bad_matrices_are_refused) {
  ScoreMixer mixer;
  std::string problem;
  EXPECT_FALSE(mixer.correlate({0, 1}, std::vector<double>{1, 0.5, 0.5, 2}, problem));
  EXPECT_EQ(problem, "entry (2, 2) of a correlation matrix must be 1");
  EXPECT_FALSE(mixer.correlate({0, 1}, std::vector<double>{1, 1.5, 1.5, 1}, problem));
  EXPECT_EQ(problem, "correlation (2, 1) must lie between -1 and 1");
  EXPECT_FALSE(mixer.correlate({0, 1}, std::vector<double>{1, 0.5, 0.4, 1}, problem));
  EXPECT_EQ(problem, "correlations (2, 1) and (1, 2) differ: 0.4 and 0.5");
  EXPECT_FALSE(mixer.autocorrelate({0, 1}, std::vector<double>{1, 2}, 1, problem));
  EXPECT_EQ(problem, "an autocorrelation must lie between -1 and 1, both excluded");
  EXPECT_FALSE(mixer.autocorrelate({0, 1}, std::vector<double>{1, 1.5}, -0.5, problem));
  EXPECT_EQ(problem, "a negative autocorrelation needs steps of whole years");
  EXPECT_TRUE(mixer.empty());
}

TEST(ScoreMixer, memory_over_uneven_years) {
  const std::vector<double> years = {2000, 2001, 2003, 2010};
  for (const double rho : {0.9, -0.7}) {
    ScoreMixer mixer;
    std::string problem;
    ASSERT_TRUE(mixer.autocorrelate({1, 0, 2, 3}, years, rho, problem));
    const std::size_t order[] = {1, 0, 2, 3};
    on_each_tier([&] {
      std::vector<double> z = scores(4);
      mixer.apply(z.data(), n, n);
      for (std::size_t a = 0; a < 4; ++a) {
        EXPECT_NEAR(deviation_of(column(z, a)), 1, normal_limit / 200);
        for (std::size_t b = 0; b < a; ++b) {
          const double expected = std::pow(rho, years[a] - years[b]);
          EXPECT_NEAR(correlation_of(column(z, order[a]), column(z, order[b])), expected, normal_limit / 200);
        }
      }
    });
  }
  // The check sees steps that forget how long they are.
  EXPECT_GT(std::abs(0.9 - std::pow(0.9, 7)), normal_limit / 200);
}

TEST(ScoreMixer, labels_then_years_multiply) {
  // Columns [label][year]: two labels with ρ = 0.6, two years with 0.5.
  ScoreMixer mixer;
  std::string problem;
  const std::vector<double> matrix = {1, 0.6, 0.6, 1};
  for (std::size_t year = 0; year < 2; ++year)
    ASSERT_TRUE(mixer.correlate({year, 2 + year}, matrix, problem));
  for (std::size_t label = 0; label < 2; ++label)
    ASSERT_TRUE(mixer.autocorrelate({2 * label, 2 * label + 1}, std::vector<double>{1, 2}, 0.5, problem));
  std::vector<double> z = scores(4);
  mixer.apply(z.data(), n, n);
  const double r = score_correlation(0.6);
  EXPECT_NEAR(correlation_of(column(z, 0), column(z, 2)), r, normal_limit / 200);
  EXPECT_NEAR(correlation_of(column(z, 1), column(z, 3)), r, normal_limit / 200);
  EXPECT_NEAR(correlation_of(column(z, 0), column(z, 3)), 0.5 * r, normal_limit / 200);
}

TEST(ScoreMixer, lanes_do_not_depend_on_their_neighbours) {
  ScoreMixer mixer;
  std::string problem;
  ASSERT_TRUE(mixer.correlate({0, 1}, std::vector<double>{1, 0.5, 0.5, 1}, problem));
  ASSERT_TRUE(mixer.autocorrelate({1, 2}, std::vector<double>{1, 4}, 0.5, problem));
  const std::vector<double> plain = scores(3);
  std::vector<double> whole = plain;
  mixer.apply(whole.data(), n, n);
  std::vector<double> parts = plain;
  for (std::size_t i = 0; i < n; i += 8) mixer.apply(parts.data() + i, n, 8);
  EXPECT_EQ(whole, parts);
}

}  // namespace
}  // namespace lode
