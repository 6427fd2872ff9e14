// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "draws.hpp"

namespace lode {
namespace {

using test::Draws;
using test::Random;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Cells of many kinds; 2 chunks and a part, or as many draws as asked for.
Draws many_kinds(std::size_t n) {
  const auto rare = [](Random& random, double value, double normal) {
    return random.uniform() < 0.001 ? value : normal;
  };
  return {
      test::draw(n, 1, [](Random& r) { return 100 + 7 * r.normal(); }),
      test::draw(n, 2, [](Random& r) { return r.normal(); }),
      test::draw(n, 3, [](Random& r) { return std::max(0.0, r.normal()); }),
      test::draw(n, 4, [](Random& r) { return std::exp(2 * r.normal()); }),
      test::draw(n, 5, [](Random&) { return 0.1; }),
      test::draw(n, 6, [&](Random& r) { return rare(r, nan, r.normal()); }),
      test::draw(n, 7, [&](Random& r) { return rare(r, rare(r, infinity, -infinity), r.normal()); }),
      test::draw(n, 8, [](Random& r) { return r.uniform() < 0.5 ? -0.0 : 0.0; }),
      test::draw(n, 9, [](Random& r) { return std::tan(3.14159265358979 * (r.uniform() - 0.5)); }),
      test::draw(n, 10, [](Random&) { return nan; }),
      test::draw(n, 11, [](Random& r) { return std::floor(4 * r.uniform()) - 1; }),
      test::draw(n, 12, [&](Random& r) { return rare(r, 1e200, r.normal()); }),
      test::draw(n, 13, [&](Random& r) { return rare(r, nan, std::exp(2 * r.normal())); }),
      test::draw(n, 14, [&](Random& r) { return rare(r, nan, std::min(0.5, r.normal())); }),
  };
}

std::string bytes_of_summaries(const CellStatistics& statistics) {
  std::string bytes;
  const auto put = [&](double value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (std::size_t cell = 0; cell < statistics.layouts().cells(); ++cell) {
    const CellSummary s = statistics.summary(cell);
    for (const double value : {s.minimum, s.maximum, s.mean, s.mean_error, s.deviation, s.deviation_error})
      put(value);
    for (const std::uint64_t count : {s.draws, s.not_finite, s.negative}) put(static_cast<double>(count));
    for (const QuantileEstimate& q : s.quantiles) {
      put(q.value);
      put(q.standard_error);
      put(q.resolution);
    }
    for (const AtomCount& atom : s.atoms) put(static_cast<double>(atom.count));
  }
  return bytes;
}

TEST(CellStatistics, CountsAndMomentsAreThoseOfTheValues) {
  const Draws values = many_kinds(2 * chunk_draws + 4000);
  const CellStatistics statistics = test::run(values, 1024, {.scrambled = true});
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    SCOPED_TRACE(cell);
    const CellSummary found = statistics.summary(cell);
    const CellSummary exact = exact_summary(values[cell], {.scrambled = true});
    EXPECT_EQ(found.draws, values[cell].size());
    EXPECT_EQ(found.not_finite, exact.not_finite);
    EXPECT_EQ(found.negative, exact.negative);
    if (exact.not_finite == exact.draws) {
      EXPECT_TRUE(std::isnan(found.minimum) && std::isnan(found.mean) &&
                  std::isnan(found.quantiles[0].value));
      continue;
    }
    EXPECT_EQ(found.minimum, exact.minimum);
    EXPECT_EQ(found.maximum, exact.maximum);
    EXPECT_FALSE(std::signbit(found.minimum) && found.minimum == 0);
    EXPECT_NEAR(found.mean, exact.mean, 1e-13 * (std::abs(exact.mean) + exact.deviation));
    if (exact.maximum > 1e150) {
      EXPECT_EQ(found.deviation, infinity) << "squares overflow";
      continue;
    }
    EXPECT_NEAR(found.deviation, exact.deviation, 1e-12 * exact.deviation);
    EXPECT_NEAR(found.mean_error, exact.mean_error, 1e-9 * exact.deviation);
    EXPECT_NEAR(found.deviation_error, exact.deviation_error, 1e-9 * exact.deviation);
  }
  EXPECT_EQ(statistics.summary(4).deviation, 0) << "a constant";
  EXPECT_EQ(statistics.summary(4).mean, 0.1);
  ASSERT_EQ(statistics.summary(2).atoms.size(), 1u) << "clamped at zero";
  EXPECT_EQ(statistics.summary(2).atoms[0].count,
            static_cast<std::uint64_t>(std::count(values[2].begin(), values[2].end(), 0.0)));
  EXPECT_EQ(statistics.summary(10).atoms.size(), 4u);
}

TEST(CellStatistics, ErrorsOfMeansComeFromTheRightLanes) {
  // Lane l holds l: the lanes' means are 0 … 7, with variance 6.
  std::vector<double> values(chunk_draws);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % draw_lanes);
  const CellSummary summary = test::run({values}, 1024, {.scrambled = true}).summary(0);
  EXPECT_NEAR(summary.mean_error, std::sqrt(6.0 / 8), 1e-13);
  EXPECT_NEAR(summary.deviation_error, 0, 1e-13);
  EXPECT_NEAR(test::run({values}).summary(0).mean_error, std::sqrt(5.25 / chunk_draws), 1e-5);
}

TEST(CellStatistics, BlocksLeaveNoTrace) {
  const Draws values = many_kinds(chunk_draws + 1024);
  const auto layouts = test::layouts_of(values, 1024, {.scrambled = true});
  std::string expected;
  for (const std::size_t block : {std::size_t{8}, std::size_t{24}, std::size_t{128}, std::size_t{1024}}) {
    CellStatistics statistics(layouts);
    CellChunk chunk(layouts);
    for (std::uint64_t number = 0; number < 2; ++number) {
      test::count_chunk(chunk, values, number, block);
      statistics.add(chunk);
    }
    if (expected.empty()) expected = statistics.save();
    EXPECT_EQ(statistics.save(), expected) << block;
  }
}

TEST(CellStatistics, BitsDoNotDependOnThreadsOrOrder) {
  const Draws values = many_kinds(9 * chunk_draws + 800);
  const auto layouts = test::layouts_of(values, 1024, {.scrambled = true});
  const std::uint64_t chunks = chunks_of(values[0].size());
  std::string expected;
  for (std::size_t workers = 1; workers <= 4; ++workers) {
    CellStatistics statistics(layouts);
    std::atomic<std::uint64_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&] {
        CellChunk chunk(layouts);
        for (std::uint64_t i = next++; i < chunks; i = next++) {
          test::count_chunk(chunk, values, (i * 7 + workers) % chunks);  // 7 and 10 have no common factor
          statistics.add(chunk);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (expected.empty()) expected = statistics.save() + bytes_of_summaries(statistics);
    EXPECT_EQ(statistics.save() + bytes_of_summaries(statistics), expected) << workers;
  }
}

TEST(CellStatistics, GoesOnFromASavedStateAndMergesProcesses) {
  const Draws values = many_kinds(6 * chunk_draws);
  const std::string expected = test::run(values).save();
  const auto layouts = test::layouts_of(values, 1024);
  CellChunk chunk(layouts);
  CellStatistics one(layouts);
  CellStatistics two(layouts);
  for (const std::uint64_t number : {4u, 0u, 1u}) {
    test::count_chunk(chunk, values, number);
    one.add(chunk);
  }
  for (const std::uint64_t number : {5u, 2u}) {
    test::count_chunk(chunk, values, number);
    two.add(chunk);
  }
  std::string problem;
  std::optional<CellStatistics> resumed = CellStatistics::load(one.save(), problem);
  ASSERT_TRUE(resumed) << problem;
  EXPECT_EQ(resumed->tree().first_missing(), 2u);
  EXPECT_EQ(bytes_of_summaries(*resumed), bytes_of_summaries(one));
  EXPECT_FALSE(resumed->merge(std::move(*CellStatistics::load(one.save(), problem)))) << "the same chunks";
  EXPECT_TRUE(resumed->merge(std::move(*CellStatistics::load(two.save(), problem))));
  CellChunk last(resumed->shared_layouts());
  test::count_chunk(last, values, 3);
  EXPECT_TRUE(last.complete());
  resumed->add(last);
  last.start(6);
  EXPECT_FALSE(last.complete());
  EXPECT_EQ(resumed->save(), expected);
  EXPECT_FALSE(resumed->merge(test::run(many_kinds(chunk_draws), 512))) << "other layouts";
}

TEST(CellStatistics, RefusesDamagedStates) {
  const std::string bytes = test::run(many_kinds(1024), 1024, {.scrambled = true}).save();
  std::string problem;
  EXPECT_TRUE(CellStatistics::load(bytes, problem)) << problem;
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(CellStatistics::load(damaged, problem)) << i;
    EXPECT_FALSE(problem.empty());
  }
  EXPECT_FALSE(CellStatistics::load(bytes.substr(0, bytes.size() / 2), problem));
}

TEST(CellStatistics, AllTiersAgreeWithScalarSums) {
  // The definition, draw after draw: the vector code must have its bits.
  const Draws values = many_kinds(chunk_draws);
  const CellStatistics statistics = test::run(values);
  const std::vector<double> total = statistics.tree().total();
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    double s1[draw_lanes] = {};
    double s2[draw_lanes] = {};
    const double shift = statistics.layouts().layout(cell).shift;
    for (std::size_t i = 0; i < values[cell].size(); ++i) {
      if (!std::isfinite(values[cell][i])) continue;
      const double d = values[cell][i] - shift;
      const double square = d * d;
      s1[i % draw_lanes] += d;
      s2[i % draw_lanes] += square;
    }
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
      EXPECT_EQ(total[cell * sums_per_cell + lane], s1[lane]) << cell;
      EXPECT_EQ(total[cell * sums_per_cell + draw_lanes + lane], s2[lane]) << cell;
    }
  }
}

TEST(Pilot, IsAsLargeAsMemoryAllows) {
  EXPECT_EQ(pilot_draws(2601, 1'000'000), 1024u);
  EXPECT_EQ(pilot_draws(100, 1'000'000), 4096u);
  EXPECT_EQ(pilot_draws(100, 8192), 8192u);
  EXPECT_EQ(pilot_draws(100, 800), 800u);
  EXPECT_EQ(pilot_draws(1'000'000, 1'000'000), 256u);
  EXPECT_EQ(pilot_draws(1'000'000, 64), 64u);
}

}  // namespace
}  // namespace lode
