// SPDX-License-Identifier: Apache-2.0
//
// A second implementation, written plainly: each cohort is an amount that is carried from year to year and
// loses what its age and the policy take. Nothing of the kernel's is used but the lifetimes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "lode/kernels/cohort.hpp"

namespace lode {
namespace {

using Values = std::vector<double>;
using Matrix = std::vector<Values>;

std::unique_ptr<Lifetime> make(std::string_view family, const Values& values) {
  std::string problem;
  auto lifetime = make_lifetime(family, 0, values, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  return lifetime;
}

struct Kind {
  const char* family;
  Values values;
};

const std::vector<Kind> kinds = {{"fixed", {7.3}},
                                 {"normal", {14, 4}},
                                 {"weibull", {16, 2.5}},
                                 {"weibull", {16, 0.8}},
                                 {"lognormal", {15, 8}}};

const std::vector<Values> axes = {
    Values(30, 1.0), Values(12, 5.0), {1, 1, 5, 5, 2, 0.5, 0.25, 3, 1, 1, 4, 5}};

const std::vector<Entry> entries = {
    InflowAt::start, InflowAt::middle, InflowAt::end, {InflowAt::spread, 3}, {InflowAt::spread, 5}};

// Shares of the period that lie behind the moment of entry, and weights; the published rules.
std::vector<std::pair<double, double>> rule(Entry entry) {
  const double at = std::sqrt(3.0 / 7) / 2;
  switch (entry.at) {
    case InflowAt::start:
      return {{1, 1}};
    case InflowAt::middle:
      return {{0.5, 1}};
    case InflowAt::end:
      return {{0, 1}};
    case InflowAt::spread:
      if (entry.points == 3) return {{0, 1.0 / 6}, {0.5, 4.0 / 6}, {1, 1.0 / 6}};
      return {{0, 1.0 / 20}, {0.5 - at, 49.0 / 180}, {0.5, 16.0 / 45}, {0.5 + at, 49.0 / 180}, {1, 1.0 / 20}};
  }
  return {};
}

// survival[c][t] of a lifetime per cohort.
Matrix survival_table(const std::function<const Lifetime&(std::size_t)>& lifetime, const Values& steps,
                      Entry entry, const Values& hazard) {
  const std::size_t n = steps.size();
  Matrix table(n, Values(n, 0.0));
  for (std::size_t c = 0; c < n; ++c) {
    double plain_before = 1;
    double before = 1;
    for (std::size_t t = c; t < n; ++t) {
      const double since = std::accumulate(steps.begin() + static_cast<long>(c) + 1,
                                           steps.begin() + static_cast<long>(t) + 1, 0.0);
      double plain = 0;
      for (const auto& [rest, weight] : rule(entry))
        plain += weight * lifetime(c).survival(since + rest * steps[c]);
      const double ratio = plain_before > 0 ? plain / plain_before : 0;
      table[c][t] = before * std::pow(ratio, hazard[t]);
      plain_before = plain;
      before = table[c][t];
    }
  }
  return table;
}

struct Naive {
  Values inflow, stock, outflow, removed;
  Matrix present, leaving;  // [t][c], the older stock last
  std::vector<bool> impossible;
  double multiplied = 0;  // sum of the multipliers of hazards
};

// Pushes amounts forward. `older[t]`: what of the older stock would be left by age alone; older_start:
// before.
Naive push(const Matrix& survival, const Values& steps, const std::vector<std::uint8_t>& given, Values inflow,
           Values stock, const Values& older, double older_start, NegativeInflow policy) {
  const std::size_t n = steps.size();
  Naive result{inflow, stock, Values(n), Values(n), Matrix(n), Matrix(n), std::vector<bool>(n), 0};
  Values amount(n + 1, 0.0);  // by cohort, the older stock last
  amount[n] = older_start;
  for (std::size_t t = 0; t < n; ++t) {
    Values before = amount;
    Values ratio(n + 1, 1.0);
    for (std::size_t c = 0; c < t; ++c)
      ratio[c] = survival[c][t - 1] > 0 ? survival[c][t] / survival[c][t - 1] : 0;
    const double older_before = t == 0 ? older_start : older[t - 1];
    ratio[n] = older_before > 0 ? older[t] / older_before : 0;
    for (std::size_t c = 0; c <= n; ++c) amount[c] *= ratio[c];
    const double carried = std::accumulate(amount.begin(), amount.end(), 0.0);
    if (given[t]) {
      double excess = carried - stock[t];
      result.inflow[t] = -excess / (survival[t][t] * steps[t]);
      const bool repair = policy != NegativeInflow::allow && policy != NegativeInflow::error;
      if (excess > 1e-12 * std::max(carried, stock[t]) && repair) {
        result.removed[t] = excess;
        result.inflow[t] = 0;
        if (policy == NegativeInflow::oldest_first) {
          for (std::size_t i = 0; i <= n && excess > 0; ++i) {
            double& one = amount[i == 0 ? n : i - 1];
            const double taken = std::min(one, excess);
            one -= taken;
            excess -= taken;
          }
        } else if (policy == NegativeInflow::proportional) {
          for (double& one : amount) one *= stock[t] / carried;
        } else {
          const auto left = [&](double log_multiplier) {
            double sum = 0;
            for (std::size_t c = 0; c <= n; ++c)
              sum += before[c] * std::pow(ratio[c], std::exp(log_multiplier));
            return sum;
          };
          double low = 0;
          double high = 60;
          if (left(high) >= stock[t]) {
            result.impossible[t] = true;
            result.inflow[t] = -excess / (survival[t][t] * steps[t]);
            result.removed[t] = 0;
          } else {
            for (int round = 0; round < 200; ++round)
              (left((low + high) / 2) > stock[t] ? low : high) = (low + high) / 2;
            for (std::size_t c = 0; c <= n; ++c) amount[c] = before[c] * std::pow(ratio[c], std::exp(low));
            result.multiplied += std::exp(low);
          }
        }
      }
    }
    before[t] = result.inflow[t] * steps[t];
    amount[t] = before[t] * survival[t][t];
    result.stock[t] = std::accumulate(amount.begin(), amount.end(), 0.0);
    result.present[t] = amount;
    result.leaving[t].resize(n + 1);
    for (std::size_t c = 0; c <= n; ++c) result.leaving[t][c] = (before[c] - amount[c]) / steps[t];
    result.outflow[t] = std::accumulate(result.leaving[t].begin(), result.leaving[t].end(), 0.0);
  }
  return result;
}

struct Problem {
  Values steps;
  Entry entry;
  SurvivalCurves curves;
  Matrix survival;
  std::vector<std::uint8_t> given;
  Values inflow, stock;
  Values older, older_lost;
  double older_start = 0;
};

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  double number(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  bool yes(double share) { return number(0, 1) < share; }
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }

 private:
  std::mt19937 random_;
};

// A random stock: level-driven with falls, in parts inflow-driven, with multipliers, older stock and changing
// lifetimes in some.
Problem random_problem(unsigned seed) {
  Draw draw(seed);
  Problem problem;
  problem.steps = axes[draw.below(axes.size())];
  problem.entry = entries[draw.below(entries.size())];
  const std::size_t n = problem.steps.size();
  std::vector<std::unique_ptr<Lifetime>> lifetimes;
  const Kind& kind = kinds[draw.below(kinds.size())];
  const bool by_cohort = draw.yes(0.3);
  for (std::size_t c = 0; c < (by_cohort ? n : 1); ++c) {
    Values values = kind.values;
    values[0] *= draw.number(0.8, 1.6);
    lifetimes.push_back(make(kind.family, values));
  }
  Values hazard;
  if (draw.yes(0.4)) {
    const bool constant = draw.yes(0.2);
    for (std::size_t t = 0; t < n; ++t)
      hazard.push_back(constant && t > 0 ? hazard[0] : draw.yes(0.1) ? 0 : draw.number(0.3, 2));
  }
  const auto of = [&](std::size_t c) -> const Lifetime& { return *lifetimes[by_cohort ? c : 0]; };
  if (by_cohort) {
    std::vector<const Lifetime*> each;
    for (std::size_t c = 0; c < n; ++c) each.push_back(&of(c));
    problem.curves = survival_curves(each, problem.steps, problem.entry, OutflowBy::survival, hazard);
  } else {
    problem.curves = survival_curves(of(0), problem.steps, problem.entry, OutflowBy::survival, hazard);
  }
  problem.survival =
      survival_table(of, problem.steps, problem.entry, hazard.empty() ? Values(n, 1.0) : hazard);
  // Where little of a year's inflow is left at its end, rounding grows from year to year.
  bool steady = true;
  for (std::size_t c = 0; c < n; ++c) steady &= problem.survival[c][c] > 0.6;

  const bool all_given = draw.yes(0.5);
  double level = draw.number(50, 100);
  problem.given.assign(n, 0);
  problem.inflow.assign(n, std::nan(""));
  problem.stock.assign(n, std::nan(""));
  for (std::size_t t = 0; t < n; ++t) {
    level *= draw.yes(0.3) ? draw.number(0.4, 0.9) : draw.number(0.97, 1.3);
    problem.given[t] = steady && (all_given || draw.yes(0.6));
    (problem.given[t] ? problem.stock : problem.inflow)[t] = problem.given[t] ? level : draw.number(0, 10);
  }
  problem.older.assign(n, 0.0);
  problem.older_lost.assign(n, 0.0);
  if (draw.yes(0.5)) {
    problem.older_start = draw.number(10, 60);
    double before = problem.older_start;
    for (std::size_t t = 0; t < n; ++t) {
      problem.older[t] = before * draw.number(0.5, 1);
      problem.older_lost[t] = before - problem.older[t];
      before = problem.older[t];
    }
  }
  return problem;
}

// A series that owns its values; what is not given starts as NaN.
struct Owned {
  Values inflow, stock, outflow, correction;
  CohortSeries view;

  explicit Owned(const Problem& problem)
      : inflow(problem.inflow),
        stock(problem.stock),
        outflow(problem.steps.size(), std::nan("")),
        correction(problem.steps.size(), std::nan("")) {
    view = {&problem.curves, problem.given.data(), inflow.data(), stock.data(), outflow.data()};
    if (problem.older_start > 0) {
      view.older_stock = problem.older.data();
      view.older_outflow = problem.older_lost.data();
    }
    view.correction = correction.data();
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
};

class Policy : public testing::TestWithParam<NegativeInflow> {};

TEST_P(Policy, AgreesWithPushingCohortsForward) {
  int corrected = 0;
  int impossible = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    const Problem problem = random_problem(seed);
    const std::size_t n = problem.steps.size();
    const Naive naive = push(problem.survival, problem.steps, problem.given, problem.inflow, problem.stock,
                             problem.older, problem.older_start, GetParam());
    Owned owned(problem);
    const auto failures = advance({&owned.view, 1}, problem.steps, 0, n, GetParam());
    // A hazard of 1e-9 is known here to 1e-7, as the difference of two shares near 1.
    if (naive.multiplied > 1e4) continue;
    double size = problem.older_start;
    for (std::size_t t = 0; t < n; ++t)
      size = std::max({size, std::abs(naive.stock[t]), std::abs(naive.inflow[t]) * problem.steps[t]});
    // Cohorts of negative amounts have no meaning under a repair; from there on the ways part.
    std::size_t end = n;
    for (const CohortFailure& failure : failures) {
      if (failure.kind == CohortFailure::Kind::not_corrected) {
        EXPECT_TRUE(naive.impossible[failure.period]) << failure.period;
        EXPECT_NEAR(failure.value, naive.inflow[failure.period], 1e-9 * size);
        end = failure.period + 1;
        ++impossible;
        break;
      }
      ASSERT_EQ(failure.kind, GetParam() == NegativeInflow::error ? CohortFailure::Kind::negative_inflow
                                                                  : CohortFailure::Kind::corrected);
      const double expected =
          GetParam() == NegativeInflow::error ? naive.inflow[failure.period] : naive.removed[failure.period];
      EXPECT_NEAR(failure.value, expected, 1e-9 * size) << failure.period;
      ++corrected;
    }
    Values present(n), leaving(n);
    for (std::size_t t = 0; t < end; ++t) {
      SCOPED_TRACE(t);
      EXPECT_NEAR(owned.inflow[t] * problem.steps[t], naive.inflow[t] * problem.steps[t], 1e-9 * size);
      EXPECT_NEAR(owned.stock[t], naive.stock[t], 1e-10 * size);
      EXPECT_NEAR(owned.outflow[t] * problem.steps[t], naive.outflow[t] * problem.steps[t], 1e-9 * size);
      EXPECT_EQ(owned.correction[t] != 0, naive.removed[t] != 0);
      const CohortAmount older = by_cohort(owned.view, problem.steps, GetParam(), t, present, leaving);
      double stock = older.stock;
      double outflow = older.outflow;
      for (std::size_t c = 0; c <= t; ++c) {
        EXPECT_NEAR(present[c], naive.present[t][c], 1e-9 * size) << c;
        EXPECT_NEAR(leaving[c] * problem.steps[t], naive.leaving[t][c] * problem.steps[t], 1e-9 * size) << c;
        stock += present[c];
        outflow += leaving[c];
      }
      EXPECT_NEAR(older.stock, naive.present[t][n], 1e-9 * size);
      EXPECT_NEAR(older.outflow * problem.steps[t], naive.leaving[t][n] * problem.steps[t], 1e-9 * size);
      EXPECT_NEAR(stock, owned.stock[t], 1e-12 * size);
      EXPECT_NEAR(outflow, owned.outflow[t], 1e-12 * size / problem.steps[t]);
    }
    if (HasFailure()) break;
  }
  if (GetParam() != NegativeInflow::allow) {
    EXPECT_GT(corrected, 500);
  }
  EXPECT_EQ(impossible > 0, GetParam() == NegativeInflow::scale_hazard);
}

TEST_P(Policy, WhatEntersIsInStockOrHasLeft) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const Problem problem = random_problem(seed);
    Owned owned(problem);
    advance({&owned.view, 1}, problem.steps, 0, problem.steps.size(), GetParam());
    double entered = problem.older_start;
    double left = 0;
    double size = problem.older_start;
    for (std::size_t t = 0; t < problem.steps.size(); ++t) {
      entered += owned.inflow[t] * problem.steps[t];
      left += owned.outflow[t] * problem.steps[t];
      size += std::abs(owned.inflow[t]) * problem.steps[t];
      ASSERT_NEAR(entered, owned.stock[t] + left, 1e-12 * size) << t;
      if (problem.given[t]) {
        ASSERT_EQ(owned.stock[t], problem.stock[t]);
      } else {
        ASSERT_EQ(owned.inflow[t], problem.inflow[t]);
      }
    }
  }
}

bool same_bits(const Values& one, const Values& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](double a, double b) { return std::signbit(a) == std::signbit(b) && a == b; });
}

TEST_P(Policy, BitsDoNotDependOnSplitsNeighboursTiersOrWhatWasThere) {
  std::vector<Problem> problems;
  for (unsigned seed = 0; problems.size() < 40; ++seed)
    if (Problem one = random_problem(seed); one.steps == axes[0]) problems.push_back(std::move(one));
  const std::size_t n = axes[0].size();
  std::vector<std::unique_ptr<Owned>> alone;
  for (const Problem& problem : problems) {
    alone.push_back(std::make_unique<Owned>(problem));
    advance({&alone.back()->view, 1}, axes[0], 0, n, GetParam());
  }
  const auto compare = [&](const std::vector<std::unique_ptr<Owned>>& others, const char* what) {
    for (std::size_t i = 0; i < problems.size(); ++i) {
      EXPECT_TRUE(same_bits(alone[i]->inflow, others[i]->inflow)) << what << ' ' << i;
      EXPECT_TRUE(same_bits(alone[i]->stock, others[i]->stock)) << what << ' ' << i;
      EXPECT_TRUE(same_bits(alone[i]->outflow, others[i]->outflow)) << what << ' ' << i;
      EXPECT_TRUE(same_bits(alone[i]->correction, others[i]->correction)) << what << ' ' << i;
    }
  };
  for (const InstructionTier tier :
       {InstructionTier::portable, InstructionTier::avx2, InstructionTier::avx512}) {
    for (const std::size_t size : {1, 7, 30}) {
      std::vector<std::unique_ptr<Owned>> together;
      std::vector<CohortSeries> views;
      for (const Problem& problem : problems) {
        together.push_back(std::make_unique<Owned>(problem));
        views.push_back(together.back()->view);
      }
      for (std::size_t first = 0; first < n; first += size)
        advance(views, axes[0], first, std::min(n, first + size), GetParam(), 64, tier);
      compare(together, "split");

      // Every period once with other inputs, then again with the right ones, as in a loop.
      for (std::size_t first = 0; first < n; first += size) {
        const std::size_t last = std::min(n, first + size);
        for (const double factor : {0.3, 1.7, 1.0}) {
          for (std::size_t i = 0; i < problems.size(); ++i)
            for (std::size_t t = first; t < last; ++t)
              (problems[i].given[t] ? together[i]->stock : together[i]->inflow)[t] =
                  factor * (problems[i].given[t] ? problems[i].stock : problems[i].inflow)[t];
          advance(views, axes[0], first, last, GetParam(), 64, tier);
        }
      }
      compare(together, "again");
    }
  }
}

// The carried substance: a share of the inflow that stays with its cohort.
TEST_P(Policy, ASubstanceFollowsItsCarrier) {
  int corrected = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const Problem problem = random_problem(seed);
    const std::size_t n = problem.steps.size();
    Owned carrier(problem);
    for (const CohortFailure& failure : advance({&carrier.view, 1}, problem.steps, 0, n, GetParam()))
      corrected += failure.kind == CohortFailure::Kind::corrected;
    Draw draw(seed);
    Values content(n);
    for (double& one : content) one = draw.number(0, 0.5);
    Values older(problem.older), older_lost(problem.older_lost);
    for (std::size_t t = 0; t < n; ++t) {
      older[t] *= 0.25;
      older_lost[t] *= 0.25;
    }
    Values inflow(n), stock(n), outflow(n);
    for (std::size_t t = 0; t < n; ++t) inflow[t] = content[t] * carrier.inflow[t];
    CohortSeries view{&problem.curves, nullptr, inflow.data(), stock.data(), outflow.data()};
    if (problem.older_start > 0) {
      view.older_stock = older.data();
      view.older_outflow = older_lost.data();
    }
    const Values correction = carrier.correction;
    view.correction = carrier.correction.data();
    view.follows = true;
    for (std::size_t t = 0; t < n; ++t)  // together with its carrier, period by period
      EXPECT_TRUE(advance({&view, 1}, problem.steps, t, t + 1, GetParam()).empty());
    EXPECT_TRUE(same_bits(correction, carrier.correction));
    Values whole_stock(n), whole_outflow(n);
    CohortSeries whole = view;
    whole.stock = whole_stock.data();
    whole.outflow = whole_outflow.data();
    advance({&whole, 1}, problem.steps, 0, n, GetParam());
    EXPECT_TRUE(same_bits(stock, whole_stock));
    EXPECT_TRUE(same_bits(outflow, whole_outflow));

    Values present(n), leaving(n);
    for (std::size_t t = 0; t < n; ++t) {
      const CohortAmount past = by_cohort(carrier.view, problem.steps, GetParam(), t, present, leaving);
      double expected = 0.25 * past.stock;
      double lost = 0.25 * past.outflow;
      double size = std::abs(expected) + 1;
      for (std::size_t c = 0; c <= t; ++c) {
        expected += content[c] * present[c];
        lost += content[c] * leaving[c];
        size += std::abs(carrier.inflow[c]) * problem.steps[c];
      }
      ASSERT_NEAR(stock[t], expected, 1e-12 * size) << t;
      ASSERT_NEAR(outflow[t], lost, 1e-12 * size / problem.steps[t]) << t;
    }
  }
  EXPECT_EQ(corrected > 100, GetParam() != NegativeInflow::allow && GetParam() != NegativeInflow::error);
}

std::string policy_name(const testing::TestParamInfo<NegativeInflow>& tested) {
  const char* const names[] = {"error", "allow", "oldest_first", "proportional", "scale_hazard"};
  return names[static_cast<int>(tested.param)];
}

INSTANTIATE_TEST_SUITE_P(NegativeInflow, Policy,
                         testing::Values(NegativeInflow::error, NegativeInflow::allow,
                                         NegativeInflow::oldest_first, NegativeInflow::proportional,
                                         NegativeInflow::scale_hazard),
                         policy_name);

struct Hand {
  Values steps;
  SurvivalCurves curves;
  std::vector<std::uint8_t> given;
  Values inflow, stock, outflow, correction;

  Hand(const Lifetime& lifetime, Values its_stock, InflowAt at = InflowAt::end)
      : steps(its_stock.size(), 1.0),
        curves(survival_curves(lifetime, steps, at, OutflowBy::survival)),
        given(steps.size(), 1),
        inflow(steps.size()),
        stock(std::move(its_stock)),
        outflow(steps.size()),
        correction(steps.size(), 99) {}
  CohortSeries view() {
    CohortSeries one{&curves, given.data(), inflow.data(), stock.data(), outflow.data()};
    one.correction = correction.data();
    return one;
  }
  std::vector<CohortFailure> advance_by(NegativeInflow policy) {
    const CohortSeries one = view();
    return advance({&one, 1}, steps, 0, steps.size(), policy);
  }
};

TEST(Repair, OldestFirstByHand) {
  // Fixed for ten years: 5, 3 and 2 enter; then 7 must go: all of the first and 2 of the second's 3.
  Hand hand(*make("fixed", {10}), {5, 8, 10, 3, 3.5});
  const auto failures = hand.advance_by(NegativeInflow::oldest_first);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].kind, CohortFailure::Kind::corrected);
  EXPECT_EQ(failures[0].period, 3u);
  EXPECT_EQ(failures[0].value, 7);
  EXPECT_EQ(hand.inflow[3], 0);
  EXPECT_NEAR(hand.inflow[4], 0.5, 1e-14);
  EXPECT_NEAR(hand.outflow[3], 7, 1e-14);
  EXPECT_NEAR(hand.outflow[4], 0, 1e-14);
  // The older stock, of which there is none, and the first cohort are emptied; 2/3 of the next are taken.
  EXPECT_NEAR(hand.correction[3], 2 + 2.0 / 3, 1e-14);
  EXPECT_EQ(hand.correction[2], 0);
  Values present(5), leaving(5);
  by_cohort(hand.view(), hand.steps, NegativeInflow::oldest_first, 4, present, leaving);
  EXPECT_EQ(present[0], 0);
  EXPECT_NEAR(present[1], 1, 1e-14);
  EXPECT_EQ(present[2], 2);
}

TEST(Repair, ProportionalByHand) {
  Hand hand(*make("fixed", {10}), {5, 8, 10, 4, 4.5});
  ASSERT_EQ(hand.advance_by(NegativeInflow::proportional).size(), 1u);
  EXPECT_NEAR(hand.correction[3], 0.6, 1e-15);
  EXPECT_NEAR(hand.outflow[3], 6, 1e-14);
  Values present(5), leaving(5);
  by_cohort(hand.view(), hand.steps, NegativeInflow::proportional, 4, present, leaving);
  const double expected[] = {2, 1.2, 0.8, 0, 0.5};
  for (std::size_t c = 0; c < 5; ++c) EXPECT_NEAR(present[c], expected[c], 1e-14) << c;
}

TEST(Repair, ScaledHazardByHand) {
  // Exponential with a hazard of 0.1: to go from 100 to 50 in a year it must be ln 2.
  Hand hand(*make("weibull", {10, 1}), {100, 50, 60});
  ASSERT_EQ(hand.advance_by(NegativeInflow::scale_hazard).size(), 1u);
  EXPECT_NEAR(hand.correction[1], std::log(2) / 0.1 - 1, 1e-13);
  EXPECT_NEAR(hand.outflow[1], 50, 1e-12);
  EXPECT_NEAR(hand.outflow[2], 50 * -std::expm1(-0.1), 1e-12);
  EXPECT_NEAR(hand.inflow[2], 60 - 50 * std::exp(-0.1), 1e-12);
}

TEST(Repair, ScaledHazardSolvesWhatIsHard) {
  // Tiny hazards, tiny remainders, no remainder.
  const auto weibull = make("weibull", {1000, 5});
  for (const double left : {0.999, 0.5, 1e-3, 1e-9, 1e-15, 0.0}) {
    Hand hand(*weibull, {100, 100 * left, 130});
    const auto failures = hand.advance_by(NegativeInflow::scale_hazard);
    ASSERT_EQ(failures.size(), 1u) << left;
    EXPECT_EQ(failures[0].kind, CohortFailure::Kind::corrected);
    EXPECT_EQ(hand.inflow[1], 0);
    EXPECT_EQ(hand.stock[1], 100 * left);
    EXPECT_NEAR(hand.outflow[1], 100 * (1 - left), 1e-12);
    Values present(3), leaving(3);
    by_cohort(hand.view(), hand.steps, NegativeInflow::scale_hazard, 1, present, leaving);
    EXPECT_NEAR(present[0], 100 * left, 1e-11 * 100 * left + 1e-13) << left;
    EXPECT_NEAR(hand.inflow[2], 130 - 100 * left, 1e-11);
  }
}

TEST(Repair, WhereTheHazardCannotDoIt) {
  // All of the fixed lifetime's cohorts are safe, then one is not enough.
  Hand hand(*make("fixed", {3}), {5, 8, 4, 4});
  const auto failures = hand.advance_by(NegativeInflow::scale_hazard);
  ASSERT_GE(failures.size(), 1u);
  EXPECT_EQ(failures[0].kind, CohortFailure::Kind::not_corrected);
  EXPECT_EQ(failures[0].period, 2u);
  EXPECT_EQ(failures[0].value, -4);
  EXPECT_EQ(hand.inflow[2], -4);
  EXPECT_EQ(hand.correction[2], 0);
  EXPECT_EQ(hand.stock[2], 4);
  EXPECT_EQ(hand.outflow[2], 0);
}

TEST(Repair, AStockBelowZeroIsNotMetByAny) {
  for (const NegativeInflow policy :
       {NegativeInflow::oldest_first, NegativeInflow::proportional, NegativeInflow::scale_hazard}) {
    Hand hand(*make("weibull", {10, 2}), {5, -1, 4});
    const auto failures = hand.advance_by(policy);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].kind, CohortFailure::Kind::not_corrected);
    EXPECT_EQ(failures[0].period, 1u);
    EXPECT_LT(hand.inflow[1], 0);
    EXPECT_NEAR(5 - hand.outflow[0] - hand.outflow[1] + hand.inflow[1], -1, 1e-13);
  }
}

TEST(Repair, ZeroIsMet) {
  for (const NegativeInflow policy : {NegativeInflow::oldest_first, NegativeInflow::proportional}) {
    Hand hand(*make("normal", {10, 2}), {5, 7, 0, 4});
    ASSERT_EQ(hand.advance_by(policy).size(), 1u);
    EXPECT_EQ(hand.inflow[2], 0);
    Values present(4), leaving(4);
    by_cohort(hand.view(), hand.steps, policy, 3, present, leaving);
    EXPECT_EQ(present[0], 0);
    EXPECT_EQ(present[1], 0);
    EXPECT_NEAR(present[3], 4, 1e-15);
  }
}

TEST(Repair, RoundingIsSetToZeroAndNotTold) {
  for (const NegativeInflow policy :
       {NegativeInflow::oldest_first, NegativeInflow::proportional, NegativeInflow::scale_hazard}) {
    Hand hand(*make("fixed", {10}), {5, 5 * (1 - 0.5e-12), 5 * (1 - 3e-12)});
    const auto failures = hand.advance_by(policy);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].period, 2u);
    EXPECT_EQ(hand.inflow[1], 0);
    EXPECT_EQ(hand.correction[1], 0);
  }
}

TEST(Repair, NothingNeedEnterWhereNothingSurvives) {
  // All that enters leaves in its year; the older stock must still be brought down.
  const auto lifetime = make("fixed", {0.4});
  for (const NegativeInflow policy : {NegativeInflow::oldest_first, NegativeInflow::proportional}) {
    Hand hand(*lifetime, {8, 6, 7}, InflowAt::middle);
    const Values older{10, 10, 10};
    const Values lost{0, 0, 0};
    CohortSeries view = hand.view();
    view.older_stock = older.data();
    view.older_outflow = lost.data();
    const auto failures = advance({&view, 1}, hand.steps, 0, 3, policy);
    ASSERT_EQ(failures.size(), 3u);
    EXPECT_EQ(failures[0].kind, CohortFailure::Kind::corrected);
    EXPECT_EQ(failures[1].kind, CohortFailure::Kind::corrected);
    EXPECT_EQ(failures[2].kind, CohortFailure::Kind::nothing_survives);
    EXPECT_NEAR(hand.outflow[0], 2, 1e-14);
    EXPECT_NEAR(hand.outflow[1], 2, 1e-14);
  }
}

TEST(Repair, AtMostAsManyFailuresAsAsked) {
  const auto lifetime = make("normal", {10, 2});
  std::vector<std::unique_ptr<Hand>> hands;
  std::vector<CohortSeries> views;
  for (int i = 0; i < 12; ++i) {
    hands.push_back(std::make_unique<Hand>(*lifetime, Values{5, 4, 3, 2}));
    views.push_back(hands.back()->view());
  }
  const Values steps(4, 1.0);
  EXPECT_EQ(advance(views, steps, 0, 4, NegativeInflow::proportional).size(), 36u);
  const auto few = advance(views, steps, 0, 4, NegativeInflow::proportional, 4);
  ASSERT_EQ(few.size(), 4u);
  EXPECT_EQ(few[3].series, 1u);
}

TEST(Older, SteadyIsTheSumOverThePast) {
  for (const Kind& kind : kinds) {
    const auto lifetime = make(kind.family, kind.values);
    for (const Entry entry : entries) {
      for (const Values& later : {Values(20, 1.0), Values{1, 4, 1, 10, 3}}) {
        SCOPED_TRACE(fmt::format("{} {} {}", kind.family, static_cast<int>(entry.at), later.size()));
        const OlderShares shares = steady_survival(*lifetime, later, entry);
        EXPECT_EQ(shares.unknown, 0);
        const auto left_after = [&](double years) {
          double sum = 0;
          for (int past = 0; past < 1200; ++past)
            for (const auto& [rest, weight] : rule(entry))
              sum += weight * lifetime->survival(past + rest + years);
          return sum;
        };
        const double now = left_after(0);
        double before = 1;
        double elapsed = 0;
        for (std::size_t t = 0; t < later.size(); ++t) {
          elapsed += later[t];
          const double left = left_after(elapsed) / now;
          EXPECT_NEAR(shares.remaining[t], left, 2e-12) << t;
          EXPECT_NEAR(shares.leaving[t], before - left, 2e-12) << t;
          before = left;
        }
      }
    }
  }
}

TEST(Older, SteadyContinuesAConstantInflow) {
  // With the inflow that made it a steady stock stays what it is.
  const Values steps(25, 5.0);
  for (const Kind& kind : kinds) {
    const auto lifetime = make(kind.family, kind.values);
    const SurvivalCurves curves = survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival);
    const OlderShares shares = steady_survival(*lifetime, steps, InflowAt::middle);
    Values inflow(25), stock(25, 100.0), outflow(25), older(25), lost(25);
    for (std::size_t t = 0; t < 25; ++t) {
      older[t] = 100 * shares.remaining[t];
      lost[t] = 100 * shares.leaving[t];
    }
    const std::vector<std::uint8_t> given(25, 1);
    CohortSeries one{&curves, given.data(), inflow.data(), stock.data(), outflow.data()};
    one.older_stock = older.data();
    one.older_outflow = lost.data();
    EXPECT_TRUE(advance({&one, 1}, steps, 0, 25, NegativeInflow::error).empty());
    for (std::size_t t = 0; t < 25; ++t) {
      EXPECT_NEAR(inflow[t], inflow[0], 1e-8 * inflow[0]) << kind.family << ' ' << t;
      EXPECT_NEAR(outflow[t], inflow[0], 1e-8 * inflow[0]) << kind.family << ' ' << t;
    }
  }
}

TEST(Older, ALongTailIsTold) {
  const Values steps(3, 1.0);
  EXPECT_GT(steady_survival(*make("weibull", {1000, 1}), steps, InflowAt::middle).unknown, 4e-5);
  EXPECT_LT(steady_survival(*make("weibull", {1000, 1}), steps, InflowAt::middle).unknown, 5e-5);
  EXPECT_EQ(steady_survival(*make("fixed", {20000}), steps, InflowAt::middle).unknown, 1);
  EXPECT_EQ(steady_survival(*make("weibull", {300, 1}), steps, InflowAt::middle).unknown, 0);
  // No such stock can be.
  const OlderShares none = steady_survival(*make("fixed", {0.4}), steps, InflowAt::middle);
  EXPECT_EQ(none.unknown, 1);
  EXPECT_EQ(none.leaving, (Values{1, 0, 0}));
  EXPECT_EQ(none.remaining, (Values{0, 0, 0}));
}

TEST(Older, MultipliersActOnIt) {
  const Values steps{1, 2, 1};
  const Values hazard{2, 0, 0.5};
  // Exponential: each period's loss is known.
  const auto lifetime = make("weibull", {10, 1});
  const double expected[] = {std::exp(-0.2), std::exp(-0.2), std::exp(-0.25)};
  const OlderShares steady = steady_survival(*lifetime, steps, InflowAt::end, hazard);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_NEAR(steady.remaining[t], expected[t], 1e-11) << t;
  }
}

TEST(Hazard, OnesChangeNoBit) {
  for (const Values& steps : axes) {
    for (const Entry entry : entries) {
      for (const OutflowBy by : {OutflowBy::survival, OutflowBy::density}) {
        const auto lifetime = make("weibull", {12, 2});
        const Values ones(steps.size(), 1.0);
        const SurvivalCurves without = survival_curves(*lifetime, steps, entry, by);
        const SurvivalCurves with = survival_curves(*lifetime, steps, entry, by, ones);
        EXPECT_EQ(with.by_age, without.by_age);
        EXPECT_EQ(with.remaining, without.remaining);
        EXPECT_EQ(with.leaving, without.leaving);
        EXPECT_EQ(with.reach, without.reach);
        // As long as they are 1, that holds for each period too.
        Values later = ones;
        for (std::size_t t = 7; t < later.size(); ++t) later[t] = 1.5;
        const SurvivalCurves changed = survival_curves(*lifetime, steps, entry, by, later);
        EXPECT_FALSE(changed.by_age);
        for (std::size_t c = 0; c < 7; ++c) {
          for (std::size_t t = c; t < 7; ++t) {
            EXPECT_EQ(changed.s(c, t), without.s(c, t));
            EXPECT_EQ(changed.d(c, t), without.d(c, t));
          }
          if (by == OutflowBy::survival) {
            EXPECT_LT(changed.s(c, 7), without.s(c, 7));
          }
          EXPECT_NE(changed.d(c, 7), without.d(c, 7));
        }
      }
    }
  }
}

TEST(Hazard, ConstantMultipliersNeedNoTriangle) {
  const Values steps(30, 1.0);
  const auto lifetime = make("weibull", {12, 2});
  const SurvivalCurves curves =
      survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival, Values(30, 4.0));
  EXPECT_TRUE(curves.by_age);
  // Four times the hazard of a Weibull of shape 2 is half the scale.
  const SurvivalCurves halved =
      survival_curves(*make("weibull", {6, 2}), steps, InflowAt::middle, OutflowBy::survival);
  for (std::size_t k = 0; k < 30; ++k) {
    EXPECT_NEAR(curves.remaining[k], halved.remaining[k], 1e-14) << k;
    EXPECT_NEAR(curves.leaving[k], halved.leaving[k], 1e-14) << k;
  }
}

TEST(Hazard, SharesAddUpAndKeepTheirDigits) {
  const Values steps(30, 1.0);
  const auto lifetime = make("weibull", {1000, 4});
  Values hazard(30, 1.0);
  for (std::size_t t = 3; t < 30; ++t) hazard[t] = 1 + 0.1 * static_cast<double>(t);
  const SurvivalCurves curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival, hazard);
  for (std::size_t c = 0; c < 30; ++c) {
    double gone = 0;
    for (std::size_t t = c; t < 30; ++t) {
      gone += curves.d(c, t);
      EXPECT_NEAR(curves.s(c, t) + gone, 1, 1e-14);
      const double years = static_cast<double>(t - c);
      if (years == 0) continue;
      const double exposure = (std::pow(years, 4) - std::pow(years - 1, 4)) / 1e12;
      EXPECT_NEAR(curves.d(c, t), exposure * hazard[t], 1e-5 * exposure * hazard[t]);
    }
  }
}

TEST(Hazard, NoneKeepsEverything) {
  const Values steps(12, 1.0);
  Values hazard(12, 1.0);
  for (std::size_t t = 2; t < 8; ++t) hazard[t] = 0;
  // Five years old in the fifth year, and gone as soon as there is any hazard.
  const SurvivalCurves fixed =
      survival_curves(*make("fixed", {5}), steps, InflowAt::end, OutflowBy::survival, hazard);
  EXPECT_EQ(fixed.s(0, 7), 1);
  EXPECT_EQ(fixed.d(0, 8), 1);
  EXPECT_EQ(fixed.s(0, 8), 0);
  const SurvivalCurves normal =
      survival_curves(*make("normal", {6, 2}), steps, InflowAt::middle, OutflowBy::survival, hazard);
  EXPECT_EQ(normal.s(1, 7), normal.s(1, 1));
  EXPECT_EQ(normal.d(1, 5), 0);
}

TEST(Hazard, SurvivesWhereSurvivalUnderflows) {
  // Half a per mille of the hazard of a Weibull: exact, and past the age at which its survival is 0.
  const Values steps(200, 1.0);
  const SurvivalCurves curves = survival_curves(*make("weibull", {2, 2}), steps, InflowAt::end,
                                                OutflowBy::survival, Values(200, 0.0005));
  for (std::size_t k = 1; k < 200; ++k) {
    const double age = static_cast<double>(k);
    EXPECT_NEAR(curves.remaining[k], std::exp(-0.0005 * age * age / 4), 1e-12) << k;
  }
  EXPECT_EQ(make("weibull", {2, 2})->survival(199), 0);
}

TEST(Hazard, ItsDensity) {
  const Values steps(40, 0.5);
  const Values hazard(40, 4.0);
  const SurvivalCurves curves =
      survival_curves(*make("weibull", {12, 2}), steps, InflowAt::middle, OutflowBy::density, hazard);
  const auto halved = make("weibull", {6, 2});
  double sum = 0;
  for (std::size_t k = 0; k < 40; ++k) {
    const double age = (static_cast<double>(k) + 0.5) * 0.5;
    EXPECT_NEAR(curves.leaving[k], halved->density(age) * 0.5, 1e-14) << k;
    sum += curves.leaving[k];
    EXPECT_NEAR(curves.remaining[k], 1 - sum, 1e-14);
  }
}

// The stock at 20 years of an inflow 2 + sin(t) and a Weibull lifetime, by Simpson's rule.
double exact_stock(const Lifetime& lifetime) {
  constexpr int parts = 20000;
  const double step = 20.0 / parts;
  double sum = 0;
  for (int i = 0; i <= parts; ++i) {
    const double t = i * step;
    const double weight = i == 0 || i == parts ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * (2 + std::sin(t)) * lifetime.survival(20 - t);
  }
  return sum * step / 3;
}

double stepped_stock(const Lifetime& lifetime, Entry entry, int per_year) {
  const auto count = static_cast<std::size_t>(20 * per_year);
  const Values steps(count, 1.0 / per_year);
  const SurvivalCurves curves = survival_curves(lifetime, steps, entry, OutflowBy::survival);
  Values inflow(count), stock(count), outflow(count);
  for (std::size_t t = 0; t < count; ++t) {
    const double from = static_cast<double>(t) / per_year;
    const double to = from + 1.0 / per_year;
    inflow[t] = 2 + (std::cos(from) - std::cos(to)) * per_year;  // the mean of the period
  }
  const CohortSeries one{&curves, nullptr, inflow.data(), stock.data(), outflow.data()};
  advance({&one, 1}, steps, 0, count, NegativeInflow::error);
  return stock.back();
}

TEST(Convergence, OfTheOrderThatTheConventionPromises) {
  const auto lifetime = make("weibull", {11, 2.7});
  const double exact = exact_stock(*lifetime);
  for (const Entry entry : entries) {
    const double order = entry.at == InflowAt::start || entry.at == InflowAt::end ? 1 : 2;
    double before = std::abs(stepped_stock(*lifetime, entry, 4) - exact);
    EXPECT_LT(before, order == 1 ? 1.0 : 0.02);
    for (const int per_year : {8, 16, 32}) {
      const double error = std::abs(stepped_stock(*lifetime, entry, per_year) - exact);
      EXPECT_NEAR(std::log2(before / error), order, 0.1)
          << static_cast<int>(entry.at) << ' ' << entry.points << ' ' << per_year;
      before = error;
    }
  }
}

TEST(Convergence, SpreadRulesOfMorePointsAgree) {
  const auto lifetime = make("weibull", {11, 2.7});
  const Values steps(6, 10.0);
  const SurvivalCurves most = survival_curves(*lifetime, steps, {InflowAt::spread, 10}, OutflowBy::survival);
  double before = 1;
  for (int points = 2; points <= 8; ++points) {
    const SurvivalCurves curves =
        survival_curves(*lifetime, steps, {InflowAt::spread, points}, OutflowBy::survival);
    double error = 0;
    for (std::size_t k = 0; k < 6; ++k) {
      error = std::max(error, std::abs(curves.remaining[k] - most.remaining[k]));
      EXPECT_NEAR((k == 0 ? 1 : curves.remaining[k - 1]) - curves.remaining[k], curves.leaving[k], 1e-15);
    }
    EXPECT_LT(error, before) << points;
    before = error;
  }
  EXPECT_LT(before, 1e-6);
}

}  // namespace
}  // namespace lode
