// SPDX-License-Identifier: Apache-2.0
//
// Against advance(), lane by lane, to 1e-12 of the largest stock.
#include "lode/kernels/lane_cohorts.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "lode/kernels/cohort.hpp"
#include "tiers.hpp"

namespace lode::testing {
namespace {

struct Setting {
  std::vector<double> steps;
  bool wide, by_cohort, older;
  int given;  ///< 0: never, 1: from the middle on, 2: always, 3: every third period
  std::size_t lanes = 24;
  bool ending = false;  ///< nothing enters from the fourth period on, and lives are short
};

struct Kept {
  std::vector<double> inflow, stock, outflow, entered, negative, lost;
};

std::unique_ptr<Lifetime> lifetime(double mean) {
  std::string problem;
  const double values[] = {mean, 2.2};
  return make_lifetime("weibull", 1, values, problem);
}

double mean_of(std::size_t lane) {
  return 6 + 0.4 * static_cast<double>(lane);
}

SurvivalCurves curves_of(const Setting& setting, std::size_t lane) {
  if (!setting.by_cohort)
    return survival_curves(*lifetime(mean_of(lane) * (setting.ending ? 0.2 : 1.0)), setting.steps,
                           InflowAt::middle, OutflowBy::survival);
  std::vector<std::unique_ptr<Lifetime>> own;
  std::vector<const Lifetime*> each;
  for (std::size_t c = 0; c < setting.steps.size(); ++c) {
    own.push_back(lifetime(mean_of(lane) * (1 + 0.01 * static_cast<double>(c))));
    each.push_back(own.back().get());
  }
  return survival_curves(each, setting.steps, InflowAt::middle, OutflowBy::survival);
}

bool is_given(const Setting& setting, std::size_t p) {
  const std::size_t periods = setting.steps.size();
  return setting.given == 2 || (setting.given == 1 && p >= periods / 2) || (setting.given == 3 && p % 3 == 2);
}

double given_inflow(std::size_t p, std::size_t lane) {
  return 10 + static_cast<double>(p) + std::sin(static_cast<double>(p * 3 + lane));
}
double given_stock(std::size_t p, std::size_t lane) {
  return 300 + 9 * static_cast<double>(p) + static_cast<double>(lane);
}

constexpr std::size_t cohort_by_cohort = 0, looking_ahead = 1000, repeating = 2000;

/// Runs all lanes, in calls of `window` periods.
Kept run(const Setting& setting, std::size_t window) {
  const std::size_t periods = setting.steps.size(), lanes = setting.lanes;
  const auto row = static_cast<std::ptrdiff_t>(lanes);
  std::vector<double> leaving, own, inflow(periods * lanes), stock(periods * lanes),
      older(2 * periods * lanes);
  std::vector<std::uint8_t> given(periods);
  LaneCohorts work;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const SurvivalCurves curves = curves_of(setting, setting.wide ? lane : 5);
    if (leaving.empty()) {
      leaving.resize(curves.leaving.size() * lanes);
      own.resize(periods * lanes);
      work.curves.by_age = curves.by_age;
    }
    const std::size_t width = setting.wide ? lanes : 1, place = setting.wide ? lane : 0;
    for (std::size_t i = 0; i < curves.leaving.size(); ++i) leaving[i * width + place] = curves.leaving[i];
    for (std::size_t c = 0; c < (curves.by_age ? 1 : periods); ++c) own[c * width + place] = curves.s(c, c);
    for (std::size_t p = 0; p < periods; ++p) {
      inflow[p * lanes + lane] = setting.ending && p >= 3 ? 0 : given_inflow(p, lane);
      stock[p * lanes + lane] = given_stock(p, lane);
      older[p * lanes + lane] = std::exp(-0.2 * static_cast<double>(p + 1)) * 50;
      older[(periods + p) * lanes + lane] =
          50 * (std::exp(-0.2 * static_cast<double>(p)) - std::exp(-0.2 * static_cast<double>(p + 1)));
      given[p] = is_given(setting, p);
    }
  }
  Kept kept;
  for (auto* values : {&kept.inflow, &kept.stock, &kept.outflow, &kept.entered})
    values->resize(periods * lanes);
  kept.negative.resize(lanes);
  kept.lost.resize(lanes);
  work.curves.own = own.data();
  work.curves.leaving = leaving.data();
  work.curves.wide = setting.wide;
  work.curves.periods = periods;
  work.steps = setting.steps.data();
  if (setting.given > 0) work.stock_given = given.data();
  work.given_inflow = {inflow.data(), row, true};
  work.given_stock = {stock.data(), row, true};
  if (setting.older) {
    work.older_stock = {older.data(), row, true};
    work.older_outflow = {older.data() + periods * lanes, row, true};
  }
  work.inflow = kept.inflow.data();
  work.stock = kept.stock.data();
  work.outflow = kept.outflow.data();
  work.entered = kept.entered.data();
  work.negative_inflow = kept.negative.data();
  work.nothing_survives = kept.lost.data();
  if (window == cohort_by_cohort) {
    std::vector<double> left(periods * lanes), state(2 * lanes);
    const LaneCurves all = work.curves;
    for (std::size_t c = 0; c < periods; ++c) {
      work.curves.periods = periods - c;
      if (!all.by_age) {
        work.curves.by_age = true;
        work.curves.own = all.own + c * lanes;
        work.curves.leaving = all.leaving + (c * periods - c * (c - 1) / 2) * lanes;
      }
      enter_lanes(work, c, left.data(), state.data(), lanes);
    }
    return kept;
  }
  if (window == looking_ahead) {
    std::vector<double> ahead(lane_rows_ahead * lanes, std::nan(""));
    work.ahead = ahead.data();
    for (std::size_t p = 0; p < periods; ++p) {
      work.ahead_first = p < 3 ? 0 : 3 + (p - 3) / lane_periods_ahead * lane_periods_ahead;
      advance_lanes(work, p, p + 1, lanes);
    }
    return kept;
  }
  if (window == repeating) {
    std::vector<double> earlier(2 * lanes, std::nan(""));
    work.earlier = earlier.data();
    const bool unit = setting.steps == std::vector<double>(periods, 1.0);
    if (unit) work.entered = work.inflow;
    for (std::size_t p = 0; p < periods; ++p) {
      const std::vector<double> negative = kept.negative, lost = kept.lost;
      const auto guess = [&](double factor) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          inflow[p * lanes + lane] *= factor;
          stock[p * lanes + lane] *= factor;
        }
      };
      guess(4);
      advance_lanes(work, p, p + 1, lanes);
      std::copy(negative.begin(), negative.end(), kept.negative.begin());
      std::copy(lost.begin(), lost.end(), kept.lost.begin());
      guess(0.25);
      repeat_lanes({&work, 1}, p, lanes);
    }
    return kept;
  }
  for (std::size_t p = 0; p < periods; p += window)
    advance_lanes(work, p, std::min(periods, p + window), lanes);
  return kept;
}

TEST(LaneCohorts, HaveTheSameBitsHoweverTheyAreAdvanced) {
  on_every_tier([&](bool) {
    for (const std::size_t lanes : {usual_lanes, std::size_t{24}})
      for (const bool by_cohort : {false, true})
        for (const bool older : {false, true})
          for (const int given : {0, 1, 2, 3}) {
            const Setting setting{std::vector<double>(27, 1.0), true, by_cohort, older, given, lanes};
            const Kept whole = run(setting, 27);
            for (const std::size_t window :
                 {cohort_by_cohort, looking_ahead, repeating, std::size_t{1}, std::size_t{5}}) {
              // What is older is in the stock from which a call goes on: taking it out again rounds.
              if (older && window != cohort_by_cohort) continue;
              const Kept other = run(setting, window);
              EXPECT_EQ(whole.inflow, other.inflow);
              EXPECT_EQ(whole.outflow, other.outflow);
              EXPECT_EQ(whole.stock, other.stock);
              EXPECT_EQ(whole.negative, other.negative);
              EXPECT_EQ(whole.lost, other.lost);
            }
          }
  });
}

TEST(LaneCohorts, LeaveNoRoundingWhereAllHasLeft) {
  // What counts as rounding is told by the largest stock so far, however far back.
  on_every_tier([&](bool) {
    Setting setting{std::vector<double>(40, 1.0), true, false, false, 0, 16};
    setting.ending = true;
    const Kept whole = run(setting, 40);
    const std::vector<double> last(whole.stock.end() - 16, whole.stock.end());
    EXPECT_EQ(last, std::vector<double>(16, 0.0));
    EXPECT_EQ(whole.stock, run(setting, looking_ahead).stock);
    EXPECT_EQ(whole.stock, run(setting, 1).stock);
  });
}

TEST(LaneCohorts, AgreeWithTheKernelOfOneLane) {
  std::vector<double> uneven(23, 1.0);
  for (std::size_t p = 8; p < uneven.size(); ++p) uneven[p] = p % 4 == 0 ? 5 : 2.5;
  on_every_tier([&](bool) {
    for (const auto& steps :
         {std::vector<double>(51, 1.0), std::vector<double>(16, 2.0), uneven, std::vector<double>(1, 1.0)})
      for (const bool wide : {false, true})
        for (const bool by_cohort : {false, true})
          for (const bool older : {false, true})
            for (const int given : {0, 1, 2, 3}) {
              const Setting setting{steps, wide, by_cohort, older, given};
              const std::size_t periods = steps.size();
              const Kept kept = run(setting, periods);
              const Kept by_period = run(setting, 1), by_pairs = run(setting, 2);
              const std::size_t lanes = setting.lanes;
              for (std::size_t lane = 0; lane < lanes; ++lane) {
                const SurvivalCurves curves = curves_of(setting, wide ? lane : 5);
                std::vector<double> inflow(periods), stock(periods), outflow(periods), left(periods),
                    leaves(periods);
                std::vector<std::uint8_t> mask(periods);
                for (std::size_t p = 0; p < periods; ++p) {
                  inflow[p] = given_inflow(p, lane);
                  stock[p] = given_stock(p, lane);
                  left[p] = std::exp(-0.2 * static_cast<double>(p + 1)) * 50;
                  leaves[p] = 50 * (std::exp(-0.2 * static_cast<double>(p)) -
                                    std::exp(-0.2 * static_cast<double>(p + 1)));
                  mask[p] = is_given(setting, p);
                }
                CohortSeries one{&curves, mask.data(), inflow.data(), stock.data(), outflow.data()};
                if (older) {
                  one.older_stock = left.data();
                  one.older_outflow = leaves.data();
                }
                const auto failures = advance({&one, 1}, steps, 0, periods, NegativeInflow::error);
                ASSERT_EQ(kept.negative[lane] != 0, !failures.empty());
                const double size = *std::max_element(stock.begin(), stock.end());
                for (std::size_t p = 0; p < periods; ++p) {
                  const std::size_t at = p * lanes + lane;
                  ASSERT_NEAR(kept.stock[at], stock[p], 1e-12 * size) << p;
                  ASSERT_NEAR(by_period.stock[at], stock[p], 1e-12 * size) << p;
                  ASSERT_NEAR(by_period.inflow[at], inflow[p], 1e-12 * size) << p;
                  ASSERT_NEAR(by_period.outflow[at], outflow[p], 1e-12 * size) << p;
                  ASSERT_NEAR(by_pairs.outflow[at], outflow[p], 1e-12 * size) << p;
                  ASSERT_NEAR(kept.inflow[at], inflow[p], 1e-12 * size) << p;
                  ASSERT_NEAR(kept.outflow[at], outflow[p], 1e-12 * size) << p;
                  ASSERT_NEAR(kept.entered[at], inflow[p] * steps[p], 1e-12 * size * steps[p]) << p;
                }
              }
            }
  });
}

TEST(LaneCohorts, AreEmptyWhenAllHasLeft) {
  // A third of each cohort leaves in each of its first three periods.
  constexpr std::size_t periods = 20;
  const std::vector<double> steps(periods, 1.0), own(8, 2.0 / 3);
  std::vector<double> leaving(periods * 8, 0.0), entering(periods * 8, 0.0);
  for (std::size_t i = 0; i < 3 * 8; ++i) leaving[i] = 1.0 / 3;
  for (std::size_t i = 0; i < 10 * 8; ++i) entering[i] = 0.1 + std::sin(static_cast<double>(i));
  std::vector<double> inflow(periods * 8), stock(periods * 8), outflow(periods * 8);
  LaneCohorts work;
  work.curves = {own.data(), leaving.data(), true, true, periods};
  work.steps = steps.data();
  work.given_inflow = {entering.data(), 8, true};
  work.inflow = work.entered = inflow.data();
  work.stock = stock.data();
  work.outflow = outflow.data();
  on_every_tier([&](bool) {
    for (const std::size_t window : {periods, std::size_t{1}}) {
      for (std::size_t p = 0; p < periods; p += window) advance_lanes(work, p, p + window, 8);
      for (std::size_t i = 12 * 8; i < periods * 8; ++i) ASSERT_EQ(stock[i], 0) << i;
    }
  });
}

TEST(LaneCohorts, CountWhatHasNoInflow) {
  // Lane 3 asks for less than what is carried, lane 4 for a stock of which nothing survives its first period.
  const std::vector<double> steps(3, 1.0);
  std::vector<double> leaving(3 * 8, 0.1), own(8, 0.9), stock(3 * 8, 10.0), inflow(3 * 8), level(3 * 8),
      outflow(3 * 8);
  std::vector<double> negative(8), lost(8);
  const std::vector<std::uint8_t> given(3, 1);
  stock[8 + 3] = 1;
  leaving[4] = 1;
  own[4] = 0;
  LaneCohorts work;
  work.curves = {own.data(), leaving.data(), true, true, 3};
  work.steps = steps.data();
  work.stock_given = given.data();
  work.given_inflow = work.given_stock = {stock.data(), 8, true};
  work.inflow = work.entered = inflow.data();
  work.stock = level.data();
  work.outflow = outflow.data();
  work.negative_inflow = negative.data();
  work.nothing_survives = lost.data();
  advance_lanes(work, 0, 3, 8);
  for (std::size_t lane = 0; lane < 8; ++lane) {
    EXPECT_EQ(negative[lane], lane == 3 ? 1 : 0) << lane;
    EXPECT_EQ(lost[lane], lane == 4 ? 1 : 0) << lane;
  }
  EXPECT_LT(inflow[8 + 3], 0);
  EXPECT_EQ(inflow[4], 0);
  EXPECT_EQ(level[4], 0);
  EXPECT_EQ(level[0], 10);
}

}  // namespace
}  // namespace lode::testing
