// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/design.hpp"

#include <gtest/gtest.h>

#include <boost/random/sobol.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "lode/sampling/latin.hpp"
#include "lode/sampling/normal_score.hpp"
#include "lode/sampling/sobol.hpp"
#include "sampling_tools.hpp"

namespace lode {
namespace {

constexpr DesignKind kinds[] = {DesignKind::sobol, DesignKind::latin, DesignKind::random};

std::vector<std::uint64_t> keys(std::size_t count) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(column_key("input " + std::to_string(i)));
  return result;
}

Design make(DesignKind kind, std::uint64_t draws, std::size_t columns, std::uint64_t seed = 1) {
  return Design({kind, seed, rounded_draws(kind, draws)}, keys(columns));
}

// [column][draw]
std::vector<double> all_uniforms(const Design& design) {
  std::vector<double> out(design.columns() * design.spec().draws);
  design.uniforms({0, design.packets(), 0, design.columns()}, out.data(), design.spec().draws);
  return out;
}

TEST(Design, rounds_draws) {
  EXPECT_EQ(rounded_draws(DesignKind::sobol, 0), 8u);
  EXPECT_EQ(rounded_draws(DesignKind::sobol, 4096), 4096u);
  EXPECT_EQ(rounded_draws(DesignKind::sobol, 5000), 8192u);
  EXPECT_EQ(rounded_draws(DesignKind::sobol, ~std::uint64_t{0}), std::uint64_t{1} << 32);
  EXPECT_EQ(rounded_draws(DesignKind::random, 1), 8u);
  EXPECT_EQ(rounded_draws(DesignKind::random, 5001), 5008u);
  EXPECT_EQ(rounded_draws(DesignKind::latin, ~std::uint64_t{0}), (std::uint64_t{1} << 32) - 8);
}

TEST(Design, any_split_gives_the_same_bits) {
  for (const DesignKind kind : kinds) {
    const Design design = make(kind, 1024, 5);
    const std::vector<double> uniforms = all_uniforms(design);
    std::vector<double> normals(uniforms.size());
    design.normals({0, 128, 0, 5}, normals.data(), 1024);
    std::vector<double> scored = uniforms;
    normal_scores(scored.data(), scored.data(), scored.size());
    EXPECT_EQ(scored, normals);
    for (const std::size_t packets : {1u, 3u, 16u}) {
      for (std::uint64_t first = 0; first + packets <= 128; first += packets) {
        const std::size_t stride = packets * 8 + (first % 2 == 0 ? 0 : 8);
        std::vector<double> part(3 * stride, -1);
        design.uniforms({first, packets, 2, 3}, part.data(), stride);
        std::vector<double> part_normals(3 * stride, -1);
        design.normals({first, packets, 2, 3}, part_normals.data(), stride);
        for (std::size_t column = 0; column < 3; ++column) {
          for (std::size_t i = 0; i < stride; ++i) {
            const std::size_t whole = (column + 2) * 1024 + first * 8 + i;
            ASSERT_EQ(part[column * stride + i], i < packets * 8 ? uniforms[whole] : -1);
            ASSERT_EQ(part_normals[column * stride + i], i < packets * 8 ? normals[whole] : -1);
          }
        }
      }
    }
  }
}

TEST(Design, tiers_agree_and_numbers_stay_inside) {
  for (const DesignKind kind : kinds) {
    const Design design = make(kind, 4096, 3);
    std::vector<double> first;
    on_each_tier([&] {
      const std::vector<double> uniforms = all_uniforms(design);
      if (first.empty()) first = uniforms;
      EXPECT_EQ(first, uniforms);
    });
    for (const double u : first) ASSERT_TRUE(u > 0 && u < 1);
  }
}

TEST(Design, grows_by_doubling_unless_latin) {
  for (const DesignKind kind : {DesignKind::sobol, DesignKind::random}) {
    const std::vector<double> small = all_uniforms(make(kind, 256, 1));
    const std::vector<double> large = all_uniforms(make(kind, 512, 1));
    EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
  }
}

TEST(Design, seeds_and_columns_differ) {
  for (const DesignKind kind : kinds) {
    const std::vector<double> one = all_uniforms(make(kind, 64, 2, 1));
    const std::vector<double> two = all_uniforms(make(kind, 64, 2, 2));
    EXPECT_NE(one, two);
    EXPECT_FALSE(std::equal(one.begin(), one.begin() + 64, one.begin() + 64));
  }
}

TEST(Design, columns_of_random_follow_their_keys_only) {
  const Design one({DesignKind::random, 1, 64}, {11, 22});
  const Design two({DesignKind::random, 1, 64}, {33, 22, 11});
  const std::vector<double> a = all_uniforms(one);
  const std::vector<double> b = all_uniforms(two);
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 64, b.begin() + 128));
  EXPECT_TRUE(std::equal(a.begin() + 64, a.end(), b.begin() + 64));
}

TEST(Sobol, directions_are_those_of_joe_and_kuo) {
  boost::random::sobol_engine<std::uint32_t, 32> oracle(sobol_columns);
  std::vector<std::uint32_t> directions(sobol_columns * 32);
  std::vector<std::uint32_t> point(sobol_columns, 0);
  for (std::size_t column = 0; column < sobol_columns; ++column)
    sobol_directions(column, std::span(directions).subspan(column * 32, 32));
  for (std::uint32_t i = 1; i < 300; ++i) {
    for (std::size_t column = 0; column < sobol_columns; ++column) {
      point[column] ^= directions[column * 32 + static_cast<std::size_t>(std::countr_zero(i))];
      ASSERT_EQ(oracle(), point[column]) << "point " << i << ", column " << column;
    }
  }
}

// The number of points that share an elementary interval 2^-a by 2^-b of the two columns with another.
std::size_t crowded(const std::vector<double>& x, const std::vector<double>& y, int a, int b) {
  std::set<std::pair<int, int>> seen;
  for (std::size_t i = 0; i < x.size(); ++i)
    seen.emplace(static_cast<int>(std::ldexp(x[i], a)), static_cast<int>(std::ldexp(y[i], b)));
  return x.size() - seen.size();
}

TEST(Sobol, every_prefix_of_every_scramble_is_a_net) {
  const std::vector<double> sobol = all_uniforms(make(DesignKind::sobol, 2048, 40));
  const std::vector<double> random = all_uniforms(make(DesignKind::random, 2048, 40));
  const auto lane = [](const std::vector<double>& all, std::size_t column, std::size_t scramble,
                       std::size_t first, std::size_t count) {
    std::vector<double> points;
    for (std::size_t i = first; i < first + count; ++i)
      points.push_back(all[column * 2048 + 8 * i + scramble]);
    return points;
  };
  for (std::size_t scramble = 0; scramble < 8; ++scramble) {
    for (int m = 1; m <= 8; ++m) {
      const std::size_t count = std::size_t{1} << m;
      const std::vector<double> x = lane(sobol, 0, scramble, 0, count);
      // One column: a point in each of the 2^m intervals, in the first 2^m points and in the next.
      for (const std::size_t column : {0u, 1u, 7u, 39u}) {
        const std::vector<double> next = lane(sobol, column, scramble, 256 - count, count);
        EXPECT_EQ(crowded(lane(sobol, column, scramble, 0, count), x, m, 0), 0u);
        if (m < 8) {
          EXPECT_EQ(crowded(next, next, m, 0), 0u);
        }
      }
      // The first two: one in each elementary rectangle.
      const std::vector<double> y = lane(sobol, 1, scramble, 0, count);
      for (int a = 0; a <= m; ++a) EXPECT_EQ(crowded(x, y, a, m - a), 0u);
    }
    // The check sees random numbers.
    EXPECT_GT(crowded(lane(random, 0, scramble, 0, 256), lane(random, 1, scramble, 0, 256), 4, 4), 0u);
  }
}

// Over seeds every point of every scramble is uniform, and scrambles are independent: false-alarm rate 1e-6
// for each of 2 + 7 numbers.
TEST(Sobol, scrambles_are_unbiased_and_independent) {
  constexpr std::size_t seeds = 4000;
  std::vector<std::vector<double>> lanes(8);
  std::vector<double> first;
  std::vector<double> fifth;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    const std::vector<double> u = all_uniforms(make(DesignKind::sobol, 64, 2, seed));
    for (std::size_t lane = 0; lane < 8; ++lane) {
      lanes[lane].push_back(u[64 + lane]);
      first.push_back(u[64 + lane]);
      fifth.push_back(u[64 + 8 * 5 + lane]);
    }
  }
  EXPECT_LT(uniform_distance(first), kolmogorov_limit);
  EXPECT_LT(uniform_distance(fifth), kolmogorov_limit);
  for (std::size_t lane = 1; lane < 8; ++lane)
    EXPECT_LT(std::abs(correlation_of(lanes[0], lanes[lane])) * std::sqrt(seeds), normal_limit);
  // Without the digital shift the first point is always 0.
  EXPECT_GT(uniform_distance(std::vector<double>(seeds, 0x1p-33)), kolmogorov_limit);
  EXPECT_GT(std::abs(correlation_of(lanes[0], lanes[0])) * std::sqrt(seeds), normal_limit);
}

TEST(Sobol, linear_scrambles_keep_digits_above) {
  // L v_k has digit k + 1 of v_k's leading one, whatever the scramble.
  std::vector<std::uint32_t> plain(32);
  std::vector<std::uint32_t> scrambled(8 * 33);
  sobol_directions(5, plain);
  scramble_directions(9, 5, plain, scrambled);
  for (std::size_t k = 0; k < 32; ++k)
    for (std::size_t lane = 0; lane < 8; ++lane)
      EXPECT_EQ(std::countl_zero(scrambled[8 * (1 + k) + lane]), std::countl_zero(plain[k]));
}

// A smooth integrand of 8 scores with mean exp(½ Σ a²).
double integral_error(DesignKind kind, std::uint64_t seed) {
  const Design design = make(kind, 4096, 8, seed);
  std::vector<double> z(8 * 4096);
  design.normals({0, 512, 0, 8}, z.data(), 4096);
  double sum = 0;
  for (std::size_t draw = 0; draw < 4096; ++draw) {
    double exponent = 0;
    for (std::size_t c = 0; c < 8; ++c) exponent += 0.1 * z[c * 4096 + draw];
    sum += std::exp(exponent);
  }
  return sum / 4096 - std::exp(0.5 * 8 * 0.01);
}

TEST(Design, errors_of_integrals_fall_from_random_to_latin_to_sobol) {
  const auto spread = [](DesignKind kind) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) sum += std::pow(integral_error(kind, seed), 2);
    return std::sqrt(sum / 20);
  };
  const double random = spread(DesignKind::random);
  EXPECT_NEAR(random, std::exp(0.04) * std::sqrt(std::exp(0.08) - 1) / 64, 0.5 * 0.0047);
  EXPECT_LT(spread(DesignKind::latin), random / 3);
  EXPECT_LT(spread(DesignKind::sobol), random / 20);
}

TEST(Design, sobol_columns_beyond_the_table_are_random) {
  const Design design = make(DesignKind::sobol, 64, sobol_columns + 2);
  const Design random = make(DesignKind::random, 64, sobol_columns + 2);
  std::vector<double> a(64);
  std::vector<double> b(64);
  design.uniforms({0, 8, sobol_columns + 1, 1}, a.data(), 64);
  random.uniforms({0, 8, sobol_columns + 1, 1}, b.data(), 64);
  EXPECT_EQ(a, b);
  design.uniforms({0, 8, sobol_columns - 1, 1}, a.data(), 64);
  random.uniforms({0, 8, sobol_columns - 1, 1}, b.data(), 64);
  EXPECT_NE(a, b);
}

std::size_t strata_met(std::span<const double> column) {
  std::set<std::size_t> met;
  for (const double u : column) met.insert(static_cast<std::size_t>(u * static_cast<double>(column.size())));
  return met.size();
}

TEST(Latin, every_stratum_once) {
  for (const std::uint64_t draws : {8u, 1000u, 1024u, 4104u}) {
    const std::vector<double> latin = all_uniforms(make(DesignKind::latin, draws, 3));
    const std::vector<double> random = all_uniforms(make(DesignKind::random, draws, 3));
    for (std::size_t column = 0; column < 3; ++column) {
      EXPECT_EQ(strata_met(std::span(latin).subspan(column * draws, draws)), draws);
      if (draws > 8) {
        EXPECT_LT(strata_met(std::span(random).subspan(column * draws, draws)), draws);
      }
    }
  }
}

// False-alarm rate 1e-6 for each number; the columns of one permutation would have correlation 1.
TEST(Latin, columns_and_neighbours_are_independent_and_jitter_is_uniform) {
  constexpr std::size_t n = 20000;
  const std::vector<double> u = all_uniforms(make(DesignKind::latin, n, 4));
  const auto column = [&](std::size_t c) { return std::span(u).subspan(c * n, n); };
  const double root = std::sqrt(static_cast<double>(n));
  for (std::size_t c = 1; c < 4; ++c)
    EXPECT_LT(std::abs(correlation_of(column(0), column(c))) * root, normal_limit);
  for (const std::size_t lag : {1u, 2u, 8u, 64u, 4096u}) {
    EXPECT_LT(std::abs(correlation_of(column(0).first(n - lag), column(0).subspan(lag))) * root,
              normal_limit);
  }
  std::vector<double> jitter;
  for (const double value : column(0)) jitter.push_back(value * n - std::floor(value * n));
  EXPECT_LT(uniform_distance(jitter), kolmogorov_limit);
}

TEST(Latin, permutations_are_complete_and_without_preference) {
  for (const std::uint32_t size : {1u, 2u, 3u, 8u, 1000u, 1024u}) {
    const Permutation permutation(1, 2, size);
    std::set<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < size; ++i) seen.insert(permutation(i));
    EXPECT_EQ(seen.size(), size);
    EXPECT_LT(*seen.rbegin(), size);
  }
  // Where 0 and 1 of 8 go, over keys: 56 ordered pairs. χ² of 55 degrees exceeds 120 once in a million.
  std::vector<double> counts(64, 0);
  constexpr int count = 56000;
  for (int key = 0; key < count; ++key) {
    const Permutation permutation(1, static_cast<std::uint64_t>(key), 8);
    ++counts[8 * permutation(0) + permutation(1)];
  }
  double chi = 0;
  for (std::size_t a = 0; a < 8; ++a)
    for (std::size_t b = 0; b < 8; ++b)
      if (a != b) chi += std::pow(counts[8 * a + b] - 1000, 2) / 1000;
  EXPECT_LT(chi, 120);
}

}  // namespace
}  // namespace lode
