// SPDX-License-Identifier: Apache-2.0
//
// Quantiles from histograms against the sorted values. The error is told in Monte Carlo standard errors: half
// of what the exact quantile moves over p ± √(p (1 − p) / n). What a histogram cannot know is where in a bin
// its values lie; of smooth densities that is at most half a standard error here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "draws.hpp"
#include "lode/distributions/standard_normal.hpp"
#include "lode/sampling/design.hpp"
#include "lode/statistics/sorted_values.hpp"

namespace lode {
namespace {

using test::Random;

constexpr std::size_t draws = 32 * chunk_draws;

struct Shape {
  const char* name;
  std::function<double(Random&)> value;
  double largest_error;  ///< in standard errors
  double largest_bin;    ///< of the resolution, in units of the shape
};

double pi() {
  return 3.14159265358979323846;
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {"normal", [](Random& r) { return r.normal(); }, 0.5, 0.05},
      {"uniform", [](Random& r) { return r.uniform(); }, 0.5, 0.01},
      {"exponential", [](Random& r) { return -std::log(r.uniform()); }, 0.5, 0.1},
      {"lognormal", [](Random& r) { return std::exp(2 * r.normal()); }, 0.5, 10},
      {"clamped half", [](Random& r) { return std::max(0.0, r.normal()); }, 0.5, 0.05},
      {"clamped a little", [](Random& r) { return std::max(0.0, 2 + r.normal()); }, 0.5, 0.05},
      {"point mass inside", [](Random& r) { return r.uniform() < 0.2 ? 0.1 : r.normal(); }, 0.5, 0.05},
      {"constant", [](Random&) { return 42.0; }, 0, 0},
      {"choices", [](Random& r) { return std::floor(5 * r.uniform()); }, 0, 0},
      {"far modes", [](Random& r) { return (r.uniform() < 0.4 ? 0 : 1e6) + r.normal(); }, 0.5, 1},
      {"three modes",
       [](Random& r) {
         const double z = r.normal();
         const double u = r.uniform();
         return u < 0.3 ? z : u < 0.8 ? 500 + 3 * z : -1000 + 0.1 * z;
       },
       0.5, 5},
      {"Cauchy", [](Random& r) { return std::tan(pi() * (r.uniform() - 0.5)); }, 0.5, 3},
      {"Pareto, infinite mean", [](Random& r) { return std::pow(r.uniform(), -1 / 0.7); }, 0.5, 30},
      // Where the density jumps inside a bin, a sixth of the bin's count may be misplaced.
      {"two normal arms",
       [](Random& r) {
         const double z = r.normal();
         return z < 0 ? z : 3 * z;
       },
       5, 0.1},
  };
  return all;
}

std::vector<double> plainly_sorted(std::vector<double> values) {
  std::erase_if(values, [](double x) { return !std::isfinite(x); });
  std::sort(values.begin(), values.end());
  return values;
}

double exact_error(const std::vector<double>& sorted, double p) {
  const double e = std::sqrt(p * (1 - p) / static_cast<double>(sorted.size()));
  return (sorted_quantile(sorted, p + e) - sorted_quantile(sorted, p - e)) / 2;
}

TEST(CellQuantiles, StayWithinTheStatedErrorOnHardShapes) {
  for (const Shape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const std::vector<double> values = test::draw(draws, 77, shape.value);
    const CellSummary summary = test::run({values}).summary(0);
    const std::vector<double> sorted = plainly_sorted(values);
    for (const QuantileEstimate& found : summary.quantiles) {
      const double exact = sorted_quantile(sorted, found.probability);
      const double error = std::abs(found.value - exact);
      EXPECT_LE(error, shape.largest_error * exact_error(sorted, found.probability)) << found.probability;
      EXPECT_LE(error, found.resolution * (1 + 1e-9)) << found.probability;
      EXPECT_LE(found.resolution, shape.largest_bin) << found.probability;
      EXPECT_NEAR(found.standard_error, exact_error(sorted, found.probability),
                  (shape.largest_error > 1 ? 0.5 : 0.25) * exact_error(sorted, found.probability))
          << found.probability;
    }
  }
}

/// A function of one standard normal score, and its distribution function.
struct HeavyTail {
  const char* name;
  std::function<double(double)> value;
  std::function<double(double)> below;
};

const std::vector<HeavyTail>& heavy_tails() {
  static const std::vector<HeavyTail> all = {
      {"lognormal, gsd 20", [](double z) { return std::exp(std::log(20.0) * z); },
       [](double x) { return x <= 0 ? 0 : 1 - normal_upper(std::log(x) / std::log(20.0)); }},
      // No mean; heavy tails on both sides.
      {"1 / (1 + z)", [](double z) { return 1 / (1 + z); },
       [](double x) {
         const double negative = normal_upper(1.0);
         if (x == 0) return negative;
         return x < 0 ? negative - (1 - normal_upper(1 / x - 1)) : negative + normal_upper(1 / x - 1);
       }},
  };
  return all;
}

TEST(CellQuantiles, OfHeavyTailsAreRightAndSoAreTheirStatedErrors) {
  // Per shape and design 4 seeds × 5 quantiles. Bins may add two standard errors of independent draws; beyond
  // them 5 are left for random draws (a false alarm in 40,000 of all 40) and none for Sobol points, whose own
  // error here is far below. Segments that end at the pilot's extreme in one piece are 20 off and more. Of
  // errors in units of the stated ones, random: of 20, the root of the mean square is 1 ± 0.16, beyond 1.8 in
  // one of 10⁵; Sobol points: at most 8, of 7 degrees of freedom beyond it in one of 10⁴.
  const std::vector<double> wanted = {0.001, 0.01, 0.5, 0.99, 0.999};
  constexpr std::size_t n = std::size_t{1} << 19;
  for (const HeavyTail& shape : heavy_tails()) {
    for (const DesignKind kind : {DesignKind::random, DesignKind::sobol}) {
      SCOPED_TRACE(std::string(shape.name) + (kind == DesignKind::sobol ? ", sobol" : ", random"));
      double squares = 0;
      for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const Design design({kind, seed, n}, {column_key("z")});
        AlignedVector<double> scores(n);
        design.normals({0, n / packet_size, 0, 1}, scores.data(), n);
        std::vector<double> values;
        for (const double z : scores) values.push_back(shape.value(z));
        const StatisticsOptions options{.quantiles = wanted, .scrambled = kind == DesignKind::sobol};
        const CellSummary summary = test::run({values}, seed % 2 ? 1024 : 4096, options).summary(0);
        for (const QuantileEstimate& found : summary.quantiles) {
          const double p = found.probability;
          const double independent = std::sqrt(p * (1 - p) / n);
          const double error = shape.below(found.value) - p;
          EXPECT_LE(std::abs(error), (kind == DesignKind::sobol ? 2 : 7) * independent) << p;
          const double stated = (shape.below(found.value + found.standard_error) -
                                 shape.below(found.value - found.standard_error)) /
                                2;
          squares += std::pow(error / stated, 2) / 20;
          EXPECT_LE(std::abs(error / stated), 8) << p;
          EXPECT_LE(stated, 4 * independent) << p << ": bins are fine enough";
        }
      }
      if (kind == DesignKind::random) {
        EXPECT_LE(std::sqrt(squares), 1.8);
      }
    }
  }
}

TEST(CellQuantiles, WhatBinsDoNotResolveIsInTheStatedError) {
  // 15 decades, and a pilot of 256 that has not seen the wanted quantiles: bins are coarse there, and say so.
  // Sobol points of one score leave no other error.
  constexpr std::size_t n = std::size_t{1} << 19;
  const auto below = [](double x) { return x <= 0 ? 0 : 1 - normal_upper(std::log(x) / 5); };
  std::size_t coarse = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Design design({DesignKind::sobol, seed, n}, {column_key("z")});
    AlignedVector<double> scores(n);
    design.normals({0, n / packet_size, 0, 1}, scores.data(), n);
    std::vector<double> values;
    for (const double z : scores) values.push_back(std::exp(5 * z));
    const StatisticsOptions options{.quantiles = {0.001, 0.01}, .scrambled = true};
    for (const QuantileEstimate& found : test::run({values}, 256, options).summary(0).quantiles) {
      const double error = below(found.value) - found.probability;
      const double stated =
          (below(found.value + found.standard_error) - below(found.value - found.standard_error)) / 2;
      EXPECT_LE(std::abs(error), 5 * stated) << found.probability;
      const double independent = std::sqrt(found.probability * (1 - found.probability) / n);
      coarse += std::abs(error) > 5 * independent;
    }
  }
  EXPECT_GE(coarse, 3u) << "else this tests nothing";
}

TEST(CellQuantiles, AnyProbabilityCanBeAskedFor) {
  const std::vector<double> values = test::draw(draws, 5, [](Random& r) { return r.normal(); });
  const CellStatistics statistics = test::run({values});
  const std::vector<double> sorted = plainly_sorted(values);
  double last = -100;
  for (double p = 0.0005; p < 0.9997; p += 0.0005) {
    const QuantileEstimate found = statistics.quantile(0, p);
    EXPECT_GE(found.value, last) << p;
    EXPECT_NEAR(found.value, sorted_quantile(sorted, p), exact_error(sorted, p)) << p;
    last = found.value;
  }
}

TEST(CellQuantiles, ANaNAndInfinitiesChangeNothingElse) {
  std::vector<double> values = test::draw(draws, 6, [](Random& r) { return r.normal(); });
  const CellSummary clean = test::run({values}).summary(0);
  values[5000] = std::nan("");
  values[6000] = HUGE_VAL;
  values[7000] = -HUGE_VAL;
  const CellSummary summary = test::run({values}).summary(0);
  EXPECT_EQ(summary.not_finite, 3u);
  EXPECT_LT(summary.maximum, 10);
  for (std::size_t q = 0; q < clean.quantiles.size(); ++q) {
    EXPECT_NEAR(summary.quantiles[q].value, clean.quantiles[q].value, 1e-4);
  }
}

TEST(CellQuantiles, ValuesFarBeyondThePilotAreStillBounded) {
  // After the pilot all values lie 100 times farther than it reached, and spread as far.
  for (const double sign : {1.0, -1.0}) {
    Random random(8);
    std::vector<double> values(draws);
    for (std::size_t i = 0; i < draws; ++i) {
      values[i] = i < 1024 ? random.normal() : sign * (350 + 100 * random.normal());
    }
    const CellStatistics statistics = test::run({values});
    const std::vector<double> sorted = plainly_sorted(values);
    for (const QuantileEstimate& found : statistics.summary(0).quantiles) {
      const double exact = sorted_quantile(sorted, found.probability);
      EXPECT_LE(std::abs(found.value - exact), found.resolution);
      EXPECT_LT(found.resolution, 1.1 * std::abs(exact)) << "bins double outwards";
    }
    EXPECT_EQ(statistics.summary(0).maximum, sorted.back());
  }
}

TEST(CellQuantiles, HistogramHoldsAllThatIsNoAtom) {
  const std::vector<double> values =
      test::draw(draws, 9, [](Random& r) { return std::max(0.0, r.normal()); });
  const CellStatistics statistics = test::run({values});
  std::uint64_t held = 0;
  double last = 0;
  for (const HistogramBin& bin : statistics.histogram(0)) {
    EXPECT_EQ(bin.low, held == 0 ? bin.low : last);
    EXPECT_LE(bin.low, bin.high);
    const auto inside = std::count_if(values.begin(), values.end(),
                                      [&](double x) { return x > 0 && x >= bin.low && x < bin.high; });
    EXPECT_NEAR(static_cast<double>(bin.count), static_cast<double>(inside), 1);
    held += bin.count;
    last = bin.high;
  }
  EXPECT_EQ(held + statistics.summary(0).atoms[0].count, draws);
}

TEST(SortedValues, AreThoseOfAPlainSort) {
  for (const std::size_t n : {0u, 1u, 7u, 100u, 5000u}) {
    std::vector<double> values = test::draw(n, n, [](Random& r) { return std::floor(100 * r.normal()) / 8; });
    for (std::size_t i = 0; i < n; i += 50) values[i] = i % 100 ? std::nan("") : -HUGE_VAL;
    EXPECT_EQ(sorted_finite(values), plainly_sorted(values));
  }
}

// What is left of a balance after rounding: few values of very different sizes, each many times.
TEST(SortedValues, AreThoseOfAPlainSortWhereOnlyRoundingIsLeft) {
  Random random(31);
  for (std::size_t trial = 0; trial < 2000; ++trial) {
    std::vector<double> values(256 + trial);
    for (double& value : values) {
      const int size = static_cast<int>(12 * random.uniform());
      value = std::ldexp(std::floor(5 * random.uniform()) - 2, -53 - size);
    }
    ASSERT_EQ(sorted_finite(values), plainly_sorted(values)) << trial;
  }
}

TEST(CellQuantiles, ARunNoLargerThanItsPilotIsExact) {
  const std::vector<double> values = test::draw(1000, 10, [](Random& r) { return std::exp(r.normal()); });
  const CellSummary summary = exact_summary(values, {.quantiles = {0.1, 0.5}});
  const std::vector<double> sorted = plainly_sorted(values);
  EXPECT_EQ(summary.quantiles[0].value, sorted[99] + (999 * 0.1 - 99) * (sorted[100] - sorted[99]));
  EXPECT_DOUBLE_EQ(summary.quantiles[1].value, (sorted[499] + sorted[500]) / 2);
  EXPECT_EQ(summary.quantiles[1].resolution, 0);
}

/// Eight scrambles: point i of lane l is frac(i φ + its shift), far more even than random numbers.
std::vector<double> even_draws(std::size_t n, std::uint64_t seed,
                               const std::function<double(double)>& value) {
  Random random(seed);
  double shift[draw_lanes];
  for (double& s : shift) s = random.uniform();
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double u = shift[i % draw_lanes] + static_cast<double>(i / draw_lanes) * 0.61803398874989484820;
    values[i] = value(u - std::floor(u));
  }
  return values;
}

TEST(CellQuantiles, ErrorsOfScramblesAreTheirOwn) {
  // −ln u: mean 1, quantile −ln(1 − p). Over 40 runs the stated errors and the true ones have the same size:
  // their ratio of root mean squares lies within 0.7 … 1.4 but for chance of 1 in 1,000 (χ² with 40 and 280
  // degrees of freedom). Errors taken as of independent draws would be 20 times too large.
  constexpr std::size_t n = 2 * chunk_draws;
  double true_mean = 0;
  double told_mean = 0;
  double true_quantile = 0;
  double told_quantile = 0;
  double independent = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const std::vector<double> values = even_draws(n, seed, [](double u) { return -std::log(u + 1e-300); });
    const CellSummary summary = exact_summary(values, {.quantiles = {0.75}, .scrambled = true});
    const CellSummary streamed =
        test::run({values}, 1024, {.quantiles = {0.75}, .scrambled = true}).summary(0);
    EXPECT_NEAR(streamed.mean_error, summary.mean_error, 1e-9);
    true_mean += std::pow(summary.mean - 1, 2);
    told_mean += std::pow(summary.mean_error, 2);
    true_quantile += std::pow(summary.quantiles[0].value - std::log(4.0), 2);
    told_quantile += std::pow(streamed.quantiles[0].standard_error, 2);
    independent += std::pow(exact_summary(values, {}).mean_error, 2);
  }
  EXPECT_LT(std::sqrt(true_mean / told_mean), 1.4);
  EXPECT_GT(std::sqrt(true_mean / told_mean), 0.7);
  EXPECT_LT(std::sqrt(true_quantile / told_quantile), 1.6);
  EXPECT_GT(std::sqrt(true_quantile / told_quantile), 0.6);
  EXPECT_GT(std::sqrt(independent / true_mean), 10);
}

TEST(CellQuantiles, ErrorsOfIndependentDrawsAreTheirOwn) {
  // 200 runs of 8,192 draws: the deviation of 200 errors in units of the stated ones is 1 ± 0.05 (one in
  // 16,000 falls outside of 0.8 … 1.2).
  double mean = 0;
  double deviation = 0;
  double quantile = 0;
  constexpr int runs = 200;
  for (int seed = 0; seed < runs; ++seed) {
    const std::vector<double> values = test::draw(chunk_draws, 1000 + static_cast<std::uint64_t>(seed),
                                                  [](Random& r) { return r.normal(); });
    const CellSummary summary = test::run({values}, 1024, {.quantiles = {0.95}}).summary(0);
    mean += std::pow(summary.mean / summary.mean_error, 2);
    deviation += std::pow(summary.deviation - 1, 2) * 2 * static_cast<double>(chunk_draws);
    quantile +=
        std::pow((summary.quantiles[0].value - 1.6448536269514722) / summary.quantiles[0].standard_error, 2);
    // From 7 degrees of freedom: a factor of 4 either way is less than one in 10⁴ likely.
    EXPECT_NEAR(std::log(summary.deviation_error * std::sqrt(2.0 * chunk_draws)), 0, std::log(6.0));
  }
  EXPECT_NEAR(std::sqrt(mean / runs), 1, 0.2);
  EXPECT_NEAR(std::sqrt(deviation / runs), 1, 0.2);
  EXPECT_NEAR(std::sqrt(quantile / runs), 1, 0.2);
}

}  // namespace
}  // namespace lode
