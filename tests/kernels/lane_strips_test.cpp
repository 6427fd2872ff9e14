// SPDX-License-Identifier: Apache-2.0
//
// Against one lane at a time: the same bits, but for exp, log and power.
#include "lode/kernels/lane_strips.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "lode/kernels/strips.hpp"
#include "tiers.hpp"

namespace lode::testing {
namespace {

constexpr std::size_t lanes = 16, cells = 5;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Numbers with zeros, equal ones, negative ones and absent ones among them.
std::vector<double> numbers(std::size_t count, std::size_t seed) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t turn = (i * 7 + seed * 3) % 13;
    values.push_back(turn == 0   ? 0.0
                     : turn == 1 ? nothing
                     : turn == 2 ? 1.0
                                 : std::sin(static_cast<double>(i * 5 + seed)) * 3);
  }
  return values;
}

bool same(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         std::abs(a - b) <= tolerance * std::abs(b);
}

double value(const LaneCells& operand, std::size_t cell, std::size_t lane) {
  return operand.values[static_cast<std::ptrdiff_t>(cell) * operand.stride +
                        static_cast<std::ptrdiff_t>(operand.wide ? lane : 0)];
}

TEST(LaneStrips, HaveTheBitsOfOneLane) {
  const std::vector<double> a = numbers(3 * cells * lanes, 1), b = numbers(3 * cells * lanes, 2),
                            c = numbers(3 * cells * lanes, 3);
  const auto choices = [](const std::vector<double>& values) {
    return std::vector<LaneCells>{
        {values.data(), lanes, true}, {values.data() + lanes, 3 * static_cast<std::ptrdiff_t>(lanes), true},
        {values.data(), 0, true},     {values.data() + 3, 0, false},
        {values.data(), 2, false},    {values.data() + 9, 1, false}};
  };
  on_every_tier([&](bool) {
    for (int f = static_cast<int>(Function::add); f <= static_cast<int>(Function::known); ++f) {
      const auto function = static_cast<Function>(f);
      const bool near = function == Function::exp || function == Function::log || function == Function::power;
      for (const LaneCells& x : choices(a))
        for (const LaneCells& y : choices(b))
          for (const LaneCells& z : choices(c))
            for (const std::size_t stride : {lanes, 3 * lanes}) {
              if (!x.wide && !y.wide && (!z.wide || function != Function::select)) continue;
              std::vector<double> target(cells * stride, -1.0);
              LaneInstruction code{
                  function, cells, false, true, target.data(), static_cast<std::ptrdiff_t>(stride), x, y, z};
              run_lane_strips({&code, 1}, lanes);
              for (std::size_t cell = 0; cell < cells; ++cell)
                for (std::size_t lane = 0; lane < lanes; ++lane) {
                  const double exact =
                      apply_one(function, value(x, cell, lane), value(y, cell, lane), value(z, cell, lane));
                  ASSERT_TRUE(same(target[cell * stride + lane], exact, near ? 1e-14 : 0))
                      << f << ": " << target[cell * stride + lane] << " and " << exact;
                }
            }
    }
  });
}

TEST(LaneStrips, NarrowOnesAndCopies) {
  const std::vector<double> a = numbers(cells * 2, 4);
  std::vector<double> row(cells), target(cells * lanes);
  LaneInstruction code[2];
  code[0] = {Function::negate, cells, false, false, row.data(), 1, {a.data(), 2, false}, {}, {}};
  code[1].copy = true;
  code[1].cells = cells;
  code[1].target = target.data();
  code[1].stride = lanes;
  code[1].a = {row.data(), 1, false};
  run_lane_strips(code, lanes);
  for (std::size_t i = 0; i < cells * lanes; ++i) ASSERT_TRUE(same(target[i], -a[i / lanes * 2], 0));
}

TEST(LaneStrips, ReduceInOrder) {
  std::vector<std::vector<double>> rows;
  std::vector<const double*> sources;
  for (std::size_t i = 0; i < 7; ++i) rows.push_back(numbers(cells * lanes, i));
  for (const auto& row : rows) sources.push_back(row.data());
  on_every_tier([&](bool) {
    for (const bool skip : {false, true})
      for (const auto reduction :
           {LaneReduction::sum, LaneReduction::mean, LaneReduction::minimum, LaneReduction::maximum})
        for (const std::size_t first : {std::size_t{0}, std::size_t{2}}) {
          std::vector<double> target(cells * lanes);
          reduce_lanes(reduction, skip, sources, first * lanes, lanes, target.data(), lanes, cells - first,
                       lanes);
          for (std::size_t i = 0; i < (cells - first) * lanes; ++i) {
            double sum = reduction == LaneReduction::minimum   ? std::numeric_limits<double>::infinity()
                         : reduction == LaneReduction::maximum ? -std::numeric_limits<double>::infinity()
                                                               : 0.0;
            double known = 0;
            for (const auto& row : rows) {
              const double x = row[first * lanes + i];
              if (skip && std::isnan(x)) continue;
              known += 1;
              if (reduction == LaneReduction::minimum)
                sum = std::min(sum, x);
              else if (reduction == LaneReduction::maximum)
                sum = std::max(sum, x);
              else
                sum += x;
            }
            if (reduction == LaneReduction::mean) sum /= known;
            ASSERT_TRUE(same(target[i], sum, 0)) << target[i] << " and " << sum;
          }
        }
  });
}

TEST(LaneStrips, Accumulate) {
  const std::vector<double> in(cells * lanes, 3.0), out(cells, 1.0), steps = {1, 2, 1, 5, 1};
  const double before = 10;
  std::vector<double> level(cells * lanes);
  on_every_tier([&](bool) {
    accumulate_lanes({&before, 0, false}, {in.data(), lanes, true}, {out.data(), 1, false}, steps.data(),
                     level.data(), cells, lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      ASSERT_EQ(level[lane], 12);
      ASSERT_EQ(level[(cells - 1) * lanes + lane], 30);
    }
  });
}

TEST(LaneStrips, RunOverTime) {
  // Lane 0: 0, 2, 5, absent, 5; lane 1: nothing; lane 2: never other than 0
  std::vector<double> x(cells * 8, 1.0);
  const double first[] = {0, 2, 5, nothing, 5};
  for (std::size_t i = 0; i < cells; ++i) {
    x[i * 8] = first[i];
    x[i * 8 + 1] = nothing;
    x[i * 8 + 2] = 0;
  }
  const std::vector<double> steps = {1, 2, 1, 5, 1};
  const std::vector<int> years = {2000, 2002, 2003, 2008, 2009};
  const auto run = [&](LaneTimeFunction function, std::size_t lane) {
    std::vector<double> target(8);
    over_time_lanes(function, true, x.data(), 8, steps.data(), years.data(), cells, target.data(), 8);
    return target[lane];
  };
  on_every_tier([&](bool) {
    using F = LaneTimeFunction;
    EXPECT_EQ(run(F::total, 0), 14);
    EXPECT_EQ(run(F::total, 1), 0);
    EXPECT_EQ(run(F::mean, 0), 14.0 / 5);
    EXPECT_TRUE(std::isnan(run(F::mean, 1)));
    EXPECT_EQ(run(F::minimum, 0), 0);
    EXPECT_EQ(run(F::maximum, 0), 5);
    EXPECT_TRUE(std::isnan(run(F::maximum, 1)));
    EXPECT_EQ(run(F::first_year, 0), 2002);
    EXPECT_TRUE(std::isnan(run(F::first_year, 2)));
    EXPECT_EQ(run(F::last_year, 0), 2009);
    EXPECT_EQ(run(F::max_year, 0), 2003);
    EXPECT_EQ(run(F::min_year, 0), 2000);
    EXPECT_EQ(run(F::total, 5), 10);
  });
}

}  // namespace
}  // namespace lode::testing
