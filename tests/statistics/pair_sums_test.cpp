// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/pair_sums.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "draws.hpp"
#include "lode/statistics/normal_scores.hpp"
#include "lode/statistics/sum_tree.hpp"

namespace lode {
namespace {

using test::Draws;
using test::Random;

std::vector<const double*> rows_at(const Draws& values, std::size_t from) {
  std::vector<const double*> rows;
  for (const std::vector<double>& row : values) rows.push_back(row.data() + from);
  return rows;
}

PairCorrelations run_pairs(const PairSums& pairs, const Draws& inputs, const Draws& results,
                           std::size_t block, bool backwards = false) {
  SumTree tree(pairs.width());
  const std::size_t n = results[0].size();
  const std::uint64_t chunks = chunks_of(n);
  for (std::uint64_t c = 0; c < chunks; ++c) {
    const std::uint64_t chunk = backwards ? chunks - 1 - c : c;
    std::vector<double> sums(pairs.width());
    const std::size_t end = std::min<std::size_t>(n, (chunk + 1) * chunk_draws);
    for (std::size_t at = chunk * chunk_draws; at < end; at += block) {
      pairs.add_block(sums, rows_at(inputs, at), rows_at(results, at), std::min(block, end - at));
    }
    tree.add(chunk, std::move(sums));
  }
  return pairs.correlations(tree.total());
}

double naive_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  double mx = 0;
  double my = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}

struct Mixed {
  Draws inputs;
  Draws results;
};

/// Results are mixtures of inputs with a large offset.
Mixed mixed(std::size_t n, std::size_t inputs, std::size_t results) {
  Mixed m;
  for (std::size_t j = 0; j < inputs; ++j) {
    m.inputs.push_back(test::draw(n, j + 1, [](Random& r) { return r.normal(); }));
  }
  Random random(99);
  for (std::size_t k = 0; k < results; ++k) {
    std::vector<double> y(n, 1e6);
    for (std::size_t j = 0; j < inputs; ++j) {
      const double weight = random.normal();
      for (std::size_t i = 0; i < n; ++i) y[i] += weight * m.inputs[j][i];
    }
    m.results.push_back(std::move(y));
  }
  return m;
}

TEST(PairSums, AreTheCorrelationsOfTheValues) {
  for (const std::size_t results : {1u, 3u, 9u}) {
    const Mixed m = mixed(chunk_draws + 104, 6, results);
    const PairSums pairs(6, std::vector<double>(results, 1e6));
    const PairCorrelations found = run_pairs(pairs, m.inputs, m.results, 128);
    EXPECT_EQ(found.draws, static_cast<double>(m.results[0].size()));
    for (std::size_t k = 0; k < results; ++k) {
      for (std::size_t j = 0; j < 6; ++j) {
        EXPECT_NEAR(found.with_inputs[k * 6 + j], naive_correlation(m.results[k], m.inputs[j]), 1e-9);
      }
      for (std::size_t l = 0; l < results; ++l) {
        EXPECT_NEAR(found.with_results[k * results + l], naive_correlation(m.results[k], m.results[l]), 1e-9);
      }
    }
  }
}

TEST(PairSums, BitsDoNotDependOnBlocksOrOrder) {
  const Mixed m = mixed(3 * chunk_draws + 64, 5, 3);
  const PairSums pairs(5, {1e6, 1e6, 1e6});
  const PairCorrelations expected = run_pairs(pairs, m.inputs, m.results, 128);
  for (const std::size_t block : {std::size_t{8}, std::size_t{1000}}) {
    const PairCorrelations found = run_pairs(pairs, m.inputs, m.results, block, true);
    EXPECT_EQ(found.with_inputs, expected.with_inputs);
    EXPECT_EQ(found.with_results, expected.with_results);
  }
}

TEST(PairSums, LeaveOutDrawsWithoutAResult) {
  Mixed m = mixed(chunk_draws, 2, 2);
  Mixed kept = m;
  for (const std::size_t i : {5u, 77u, 4000u}) m.results[i % 2][i] = i == 77 ? HUGE_VAL : std::nan("");
  for (const std::size_t i : {4000u, 77u, 5u}) {
    for (Draws* rows : {&kept.inputs, &kept.results}) {
      for (std::vector<double>& row : *rows) row.erase(row.begin() + i);
    }
  }
  const PairCorrelations found = run_pairs(PairSums(2, {1e6, 1e6}), m.inputs, m.results, 128);
  EXPECT_EQ(found.left_out, 3);
  EXPECT_NEAR(found.with_inputs[1], naive_correlation(kept.results[0], kept.inputs[1]), 1e-9);
  EXPECT_NEAR(found.with_results[1], naive_correlation(kept.results[0], kept.results[1]), 1e-9);
}

TEST(PairSums, ConstantsHaveNoCorrelation) {
  const Mixed m = mixed(1024, 1, 1);
  const PairCorrelations found =
      run_pairs(PairSums(1, {0.0, 1e6}), m.inputs, {std::vector<double>(1024, 3.3), m.results[0]}, 128);
  EXPECT_TRUE(std::isnan(found.with_inputs[0]));
  EXPECT_TRUE(std::isnan(found.with_results[1]));
  EXPECT_NEAR(std::abs(found.with_inputs[1]), 1, 1e-6);
}

TEST(NormalScores, SeeThroughMonotoneChanges) {
  // y = exp(2 x), x and z with correlation 0.6: that of the scores is 0.6 (5 standard errors of 16,384 draws
  // are 0.025), that of the values 0.16.
  constexpr std::size_t n = 2 * chunk_draws;
  Random random(4);
  std::vector<double> z(n);
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) {
    z[i] = random.normal();
    y[i] = std::exp(2 * (0.6 * z[i] + 0.8 * random.normal()));
  }
  const NormalScores scores({y.data(), 1024});
  std::vector<double> scored(n);
  scores.apply(y.data(), scored.data(), n);
  EXPECT_NEAR(naive_correlation(z, scored), 0.6, 0.03);
  EXPECT_LT(naive_correlation(z, y), 0.35);
  for (std::size_t i = 1; i < n; ++i) EXPECT_EQ(y[i] < y[i - 1], scored[i] < scored[i - 1]);
  EXPECT_TRUE(std::isnan(scores(std::nan(""))));
}

TEST(NormalScores, TiesShareAScore) {
  std::vector<double> values = test::draw(1000, 5, [](Random& r) { return std::max(0.0, r.normal()); });
  const NormalScores scores(values);
  EXPECT_NEAR(scores(0), -0.8, 0.05);  // the mean of the lower half: −√(2/π)
  EXPECT_GT(scores(1e-9), scores(0));
  EXPECT_EQ(NormalScores(std::vector<double>(10, 3.0))(5), 0);
  EXPECT_EQ(NormalScores(std::vector<double>())(5), 0);
}

}  // namespace
}  // namespace lode
