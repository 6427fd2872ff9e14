// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/cohort.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace lode {
namespace {

std::unique_ptr<Lifetime> make(std::string_view family, std::vector<double> values, std::size_t form = 0) {
  std::string problem;
  auto lifetime = make_lifetime(family, form, values, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  return lifetime;
}

// One series that owns its values.
struct Stock {
  const SurvivalCurves* curves;
  std::vector<std::uint8_t> given;
  std::vector<double> inflow;
  std::vector<double> stock;
  std::vector<double> outflow;

  Stock(const SurvivalCurves& its_curves, std::size_t periods)
      : curves(&its_curves),
        given(periods, 0),
        inflow(periods, not_read),
        stock(periods, not_read),
        outflow(periods, not_read) {}

  CohortSeries view() { return {curves, given.data(), inflow.data(), stock.data(), outflow.data()}; }

  // Outputs start as NaN, so that reading or keeping one shows.
  static constexpr double not_read = std::numeric_limits<double>::quiet_NaN();
};

std::vector<CohortFailure> advance_all(std::vector<Stock>& stocks, const std::vector<double>& steps,
                                       NegativeInflow policy = NegativeInflow::allow,
                                       std::size_t limit = 64) {
  std::vector<CohortSeries> views;
  for (Stock& stock : stocks) views.push_back(stock.view());
  return advance(views, steps, 0, steps.size(), policy, limit);
}

std::vector<double> steps_of(const std::string& name) {
  if (name == "yearly") return std::vector<double>(40, 1.0);
  if (name == "five_years") return std::vector<double>(12, 5.0);
  return {1, 1, 5, 5, 10, 10, 2, 0.5, 0.25, 0.25, 7, 1, 1, 1, 20, 5, 5};
}

struct LifetimeCase {
  const char* name;
  const char* family;
  std::vector<double> values;
};

const std::vector<LifetimeCase> lifetime_cases = {{"fixed", "fixed", {7}},
                                                  {"normal", "normal", {12, 4}},
                                                  {"weibull", "weibull", {9, 2.5}},
                                                  {"weibull_falling_hazard", "weibull", {9, 0.7}},
                                                  {"lognormal", "lognormal", {15, 8}},
                                                  {"exponential", "exponential", {12}},
                                                  {"folded_normal", "folded_normal", {12, 5}},
                                                  {"gamma", "gamma", {4, 3}},
                                                  {"gompertz", "gompertz", {5, 0.1}},
                                                  {"log_logistic", "log_logistic", {12, 3}},
                                                  {"logistic", "logistic", {14, 3}},
                                                  {"triangular", "triangular", {3, 8, 20}},
                                                  {"truncated_normal", "truncated_normal", {10, 4}},
                                                  {"uniform", "uniform", {2, 25}}};

struct Convention {
  std::size_t lifetime;
  InflowAt inflow_at;
  OutflowBy outflow_by;
  std::string steps;
};

std::vector<Convention> every_convention() {
  std::vector<Convention> all;
  for (std::size_t lifetime = 0; lifetime < lifetime_cases.size(); ++lifetime) {
    for (const InflowAt inflow_at : {InflowAt::start, InflowAt::middle, InflowAt::end, InflowAt::spread}) {
      for (const OutflowBy outflow_by : {OutflowBy::survival, OutflowBy::density}) {
        for (const char* steps : {"yearly", "five_years", "uneven"}) {
          all.push_back({lifetime, inflow_at, outflow_by, steps});
        }
      }
    }
  }
  return all;
}

// Ages at the end of period t of what entered in period c, and their weights: at once, or by the five-point
// Gauss–Lobatto rule.
std::vector<std::pair<double, double>> ages_at_end(const Convention& convention,
                                                   const std::vector<double>& steps, std::size_t c,
                                                   std::size_t t) {
  double begin = 0;
  for (std::size_t i = 0; i < c; ++i) begin += steps[i];
  double end = 0;
  for (std::size_t i = 0; i <= t; ++i) end += steps[i];
  switch (convention.inflow_at) {
    case InflowAt::start:
      return {{end - begin, 1}};
    case InflowAt::middle:
      return {{end - (begin + steps[c] / 2), 1}};
    case InflowAt::end:
      return {{end - (begin + steps[c]), 1}};
    case InflowAt::spread: {
      const double off = std::sqrt(3.0 / 7) / 2;
      std::vector<std::pair<double, double>> ages;
      for (const auto& [moment, weight] : {std::pair{0.0, 1.0 / 20},
                                           {0.5 - off, 49.0 / 180},
                                           {0.5, 16.0 / 45},
                                           {0.5 + off, 49.0 / 180},
                                           {1.0, 1.0 / 20}})
        ages.emplace_back(end - (begin + moment * steps[c]), weight);
      return ages;
    }
  }
  return {};
}

class Identities : public testing::TestWithParam<Convention> {
 protected:
  std::vector<double> steps = steps_of(GetParam().steps);
  std::size_t periods = steps.size();
  std::unique_ptr<Lifetime> lifetime =
      make(lifetime_cases[GetParam().lifetime].family, lifetime_cases[GetParam().lifetime].values);
  SurvivalCurves curves = survival_curves(*lifetime, steps, GetParam().inflow_at, GetParam().outflow_by);

  std::vector<double> some_inflow() const {
    std::vector<double> inflow(periods);
    for (std::size_t t = 0; t < periods; ++t) inflow[t] = 10 + 6 * std::sin(static_cast<double>(t));
    return inflow;
  }
};

TEST_P(Identities, SharesOfACohortAddUp) {
  for (std::size_t c = 0; c < periods; ++c) {
    double gone = 0;
    for (std::size_t t = c; t < periods; ++t) {
      gone += curves.d(c, t);
      EXPECT_NEAR(curves.s(c, t) + gone, 1, 1e-14) << c << ' ' << t;
      EXPECT_GE(curves.d(c, t), 0);
    }
  }
}

TEST_P(Identities, SharesAreThoseOfTheAge) {
  const bool by_density = GetParam().outflow_by == OutflowBy::density && lifetime->has_density();
  for (std::size_t c = 0; c < periods; ++c) {
    for (std::size_t t = c; t < periods; ++t) {
      double density = 0;
      double survival = 0;
      for (const auto& [age, weight] : ages_at_end(GetParam(), steps, c, t)) {
        density += weight * lifetime->density(age) * steps[t];
        survival += weight * lifetime->survival(age);
      }
      if (by_density && std::isfinite(density)) {
        EXPECT_NEAR(curves.d(c, t), density, 1e-13) << c << ' ' << t;
      } else if (!by_density) {
        double before = t == c ? 1 : 0;
        if (t > c) {
          for (const auto& [age, weight] : ages_at_end(GetParam(), steps, c, t - 1))
            before += weight * lifetime->survival(age);
        }
        EXPECT_NEAR(curves.s(c, t), survival, 1e-14) << c << ' ' << t;
        EXPECT_NEAR(curves.d(c, t), before - survival, 1e-14) << c << ' ' << t;
      }
    }
  }
}

TEST_P(Identities, StockIsTheSumOfItsCohorts) {
  std::vector<Stock> stocks(1, Stock(curves, periods));
  stocks[0].inflow = some_inflow();
  advance_all(stocks, steps);
  for (std::size_t t = 0; t < periods; ++t) {
    double sum = 0;
    for (std::size_t c = 0; c <= t; ++c) sum += stocks[0].inflow[c] * steps[c] * curves.s(c, t);
    EXPECT_NEAR(stocks[0].stock[t], sum, 1e-11);
  }
}

TEST_P(Identities, Balance) {
  std::vector<Stock> stocks(2, Stock(curves, periods));
  stocks[0].inflow = some_inflow();
  for (std::size_t t = 0; t < periods; ++t) {
    stocks[1].given[t] = curves.s(t, t) > 0;
    (stocks[1].given[t] ? stocks[1].stock : stocks[1].inflow)[t] = 100 + static_cast<double>(t * t);
  }
  EXPECT_TRUE(advance_all(stocks, steps).empty());
  for (const Stock& stock : stocks) {
    double before = 0;
    for (std::size_t t = 0; t < periods; ++t) {
      const double size = std::abs(stock.stock[t]) + std::abs(stock.inflow[t]) * steps[t];
      EXPECT_NEAR((stock.inflow[t] - stock.outflow[t]) * steps[t], stock.stock[t] - before,
                  1e-13 * size + 1e-12)
          << t;
      before = stock.stock[t];
    }
  }
}

TEST_P(Identities, InflowToStockToInflow) {
  std::vector<Stock> forward(1, Stock(curves, periods));
  forward[0].inflow = some_inflow();
  advance_all(forward, steps);
  std::vector<Stock> back(1, Stock(curves, periods));
  back[0].stock = forward[0].stock;
  back[0].given.assign(periods, 1);
  const auto failures = advance_all(back, steps, NegativeInflow::allow);
  double least = 1;
  std::size_t hopeless = 0;
  for (std::size_t c = 0; c < periods; ++c) {
    least = std::min(least, curves.s(c, c));
    hopeless += curves.s(c, c) <= 0;
  }
  // By density less than nothing may be left of a year's inflow.
  EXPECT_EQ(failures.size(), hopeless);
  if (hopeless > 0) return;

  std::vector<Stock> again(1, Stock(curves, periods));
  again[0].inflow = back[0].inflow;
  advance_all(again, steps);
  double size = 0;
  for (std::size_t t = 0; t < periods; ++t) {
    size = std::max(size, std::abs(back[0].inflow[t]) * steps[t]);
    EXPECT_NEAR(again[0].stock[t], forward[0].stock[t], 1e-12 * size) << t;
    EXPECT_EQ(back[0].stock[t], forward[0].stock[t]);
    // Where little is left of a year's inflow at its end, an error of the inflow grows from year to year.
    if (least < 0.6) continue;
    EXPECT_NEAR(back[0].inflow[t], forward[0].inflow[t], 1e-10) << t;
    EXPECT_NEAR(back[0].outflow[t], forward[0].outflow[t], 1e-10) << t;
  }
}

std::string name_of(const testing::TestParamInfo<Convention>& tested) {
  const Convention& convention = tested.param;
  const char* const moments[] = {"start", "middle", "end", "spread"};
  return fmt::format("{}_{}_{}_{}", lifetime_cases[convention.lifetime].name,
                     moments[static_cast<int>(convention.inflow_at)],
                     convention.outflow_by == OutflowBy::survival ? "survival" : "density", convention.steps);
}

INSTANTIATE_TEST_SUITE_P(Conventions, Identities, testing::ValuesIn(every_convention()), name_of);

TEST(SurvivalCurves, EveryFamilyIsTried) {
  for (const LifetimeFamily& family : lifetime_families()) {
    EXPECT_TRUE(std::any_of(lifetime_cases.begin(), lifetime_cases.end(),
                            [&](const LifetimeCase& one) { return one.family == family.name; }))
        << family.name << " has no line in lifetime_cases";
  }
}

TEST(SurvivalCurves, AreTheLifetimesOwnValues) {
  const std::vector<double> steps(40, 1.0);
  for (const LifetimeCase& one : lifetime_cases) {
    const auto lifetime = make(one.family, one.values);
    for (const InflowAt at : {InflowAt::start, InflowAt::middle, InflowAt::end}) {
      const auto curves = survival_curves(*lifetime, steps, at, OutflowBy::survival);
      const double entered = at == InflowAt::start ? 1 : at == InflowAt::middle ? 0.5 : 0;
      double before = -std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < steps.size(); ++k) {
        const double age = static_cast<double>(k) + entered;
        EXPECT_EQ(curves.remaining[k], lifetime->survival(age)) << one.name << ' ' << age;
        EXPECT_EQ(curves.leaving[k], lifetime->loss(before, age)) << one.name << ' ' << age;
        before = age;
      }
    }
  }
}

TEST(SurvivalCurves, EqualStepsNeedNoTriangle) {
  const auto lifetime = make("weibull", {9, 2.5});
  for (const double step : {1.0, 5.0, 0.25}) {
    const std::vector<double> steps(20, step);
    const auto curves = survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival);
    EXPECT_TRUE(curves.by_age);
    EXPECT_EQ(curves.remaining.size(), 20u);
    EXPECT_EQ(curves.s(3, 7), lifetime->survival(4.5 * step));
  }
  // Labels such as 2000.1, 2000.2 give steps that are equal but for rounding.
  std::vector<double> nearly;
  for (int i = 1; i <= 20; ++i) nearly.push_back((2000 + i / 10.0) - (2000 + (i - 1) / 10.0));
  EXPECT_TRUE(survival_curves(*lifetime, nearly, InflowAt::middle, OutflowBy::survival).by_age);
  EXPECT_FALSE(survival_curves(*lifetime, steps_of("uneven"), InflowAt::middle, OutflowBy::survival).by_age);
}

TEST(SurvivalCurves, ALifetimePerCohort) {
  const std::vector<double> steps(6, 1.0);
  std::vector<std::unique_ptr<Lifetime>> lifetimes;
  std::vector<const Lifetime*> pointers;
  for (int c = 0; c < 6; ++c) {
    lifetimes.push_back(make("normal", {4.0 + c, 1.5}));
    pointers.push_back(lifetimes.back().get());
  }
  const auto curves = survival_curves(pointers, steps, InflowAt::start, OutflowBy::survival);
  EXPECT_FALSE(curves.by_age);
  EXPECT_EQ(curves.remaining.size(), 21u);
  for (std::size_t c = 0; c < 6; ++c) {
    for (std::size_t t = c; t < 6; ++t) {
      EXPECT_EQ(curves.s(c, t), lifetimes[c]->survival(static_cast<double>(t - c) + 1));
    }
  }
}

TEST(SurvivalCurves, WorkEndsWithTheLastCohort) {
  const std::vector<double> steps(30, 1.0);
  const auto fixed = make("fixed", {5});
  EXPECT_EQ(survival_curves(*fixed, steps, InflowAt::end, OutflowBy::survival).reach, 6u);
  EXPECT_EQ(survival_curves(*fixed, steps, InflowAt::start, OutflowBy::survival).reach, 5u);
  const auto weibull = make("weibull", {9, 2.5});
  EXPECT_EQ(survival_curves(*weibull, steps, InflowAt::end, OutflowBy::survival).reach, 30u);
  EXPECT_EQ(survival_curves(*fixed, steps_of("uneven"), InflowAt::end, OutflowBy::survival).reach, 6u);
}

TEST(SurvivalCurves, DensityWhereThereIsNone) {
  const std::vector<double> steps(8, 1.0);
  const auto fixed = make("fixed", {3});
  const auto curves = survival_curves(*fixed, steps, InflowAt::end, OutflowBy::density);
  EXPECT_EQ(curves.leaving, (std::vector<double>{0, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(curves.remaining, (std::vector<double>{1, 1, 1, 0, 0, 0, 0, 0}));
  const auto falling = make("weibull", {5, 0.5});
  const auto infinite = survival_curves(*falling, steps, InflowAt::end, OutflowBy::density);
  EXPECT_EQ(infinite.leaving[0], 0);
  EXPECT_EQ(infinite.leaving[1], falling->density(1));
}

TEST(SurvivalCurves, DensityNeedNotSumToOne) {
  const std::vector<double> steps(60, 1.0);
  const auto narrow = make("normal", {5, 0.2});
  const auto curves = survival_curves(*narrow, steps, InflowAt::end, OutflowBy::density);
  EXPECT_NEAR(curves.remaining.back(), 1 - narrow->density(5) - 2 * narrow->density(4), 1e-12);
  EXPECT_LT(curves.remaining.back(), -0.9);
}

TEST(Advance, FixedLifetimeByHand) {
  const std::vector<double> steps(6, 1.0);
  const auto lifetime = make("fixed", {2});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival);
  std::vector<Stock> stocks(1, Stock(curves, 6));
  stocks[0].inflow = {5, 0.1, 0.2, 7, 0, 1};
  advance_all(stocks, steps);
  EXPECT_EQ(stocks[0].stock, (std::vector<double>{5, 5.1, 0.1 + 0.2, 7.2, 7, 1}));
  EXPECT_EQ(stocks[0].outflow, (std::vector<double>{0, 0, 5, 0.1, 0.2, 7}));
}

TEST(Advance, SwitchesBetweenGivenAndComputed) {
  const std::vector<double> steps(4, 2.0);
  const auto lifetime = make("fixed", {100});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival);
  std::vector<Stock> stocks(1, Stock(curves, 4));
  stocks[0].given = {0, 1, 1, 0};
  stocks[0].inflow[0] = 3;
  stocks[0].stock[1] = 10;
  stocks[0].stock[2] = 10;
  stocks[0].inflow[3] = 1;
  EXPECT_TRUE(advance_all(stocks, steps, NegativeInflow::error).empty());
  EXPECT_EQ(stocks[0].inflow, (std::vector<double>{3, 2, 0, 1}));
  EXPECT_EQ(stocks[0].stock, (std::vector<double>{6, 10, 10, 12}));
  EXPECT_EQ(stocks[0].outflow, (std::vector<double>{0, 0, 0, 0}));
}

TEST(Advance, NoSeriesAndNoPeriods) {
  const std::vector<double> steps(4, 1.0);
  EXPECT_TRUE(advance({}, steps, 0, 4, NegativeInflow::error).empty());
  const auto lifetime = make("fixed", {2});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival);
  std::vector<Stock> stocks(1, Stock(curves, 4));
  const CohortSeries view = stocks[0].view();
  EXPECT_TRUE(advance({&view, 1}, steps, 0, 0, NegativeInflow::error).empty());
  EXPECT_TRUE(std::isnan(stocks[0].stock[0]));
}

TEST(AdvanceFailures, NegativeInflow) {
  const std::vector<double> steps(3, 1.0);
  const auto lifetime = make("fixed", {100});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival);
  std::vector<Stock> stocks(11, Stock(curves, 3));
  for (Stock& stock : stocks) stock.inflow = {1, 1, 1};
  stocks[9].given.assign(3, 1);
  stocks[9].stock = {10, 8, 9};
  const auto failures = advance_all(stocks, steps, NegativeInflow::error);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].kind, CohortFailure::Kind::negative_inflow);
  EXPECT_EQ(failures[0].series, 9u);
  EXPECT_EQ(failures[0].period, 1u);
  EXPECT_EQ(failures[0].value, -2);
  EXPECT_EQ(stocks[9].inflow, (std::vector<double>{10, -2, 1}));

  const auto before = stocks[9].inflow;
  EXPECT_TRUE(advance_all(stocks, steps, NegativeInflow::allow).empty());
  EXPECT_EQ(stocks[9].inflow, before);
}

TEST(AdvanceFailures, RoundingIsNoNegativeInflow) {
  const std::vector<double> steps(2, 1.0);
  const auto lifetime = make("fixed", {100});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival);
  for (const double size : {1e-9, 1.0, 1e15}) {
    std::vector<Stock> stocks(1, Stock(curves, 2));
    stocks[0].given.assign(2, 1);
    stocks[0].stock = {size, size * (1 - 0.5e-12)};
    EXPECT_TRUE(advance_all(stocks, steps, NegativeInflow::error).empty()) << size;
    stocks[0].stock = {size, size * (1 - 3e-12)};
    EXPECT_EQ(advance_all(stocks, steps, NegativeInflow::error).size(), 1u) << size;
  }
}

TEST(AdvanceFailures, NothingSurvivesUnderEitherPolicy) {
  const std::vector<double> steps(3, 1.0);
  const auto lifetime = make("fixed", {0.4});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival);
  for (const NegativeInflow policy : {NegativeInflow::error, NegativeInflow::allow}) {
    std::vector<Stock> stocks(1, Stock(curves, 3));
    stocks[0].given = {0, 1, 0};
    stocks[0].inflow = {4, 99, 5};
    stocks[0].stock[1] = 2;
    const auto failures = advance_all(stocks, steps, policy);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].kind, CohortFailure::Kind::nothing_survives);
    EXPECT_EQ(failures[0].series, 0u);
    EXPECT_EQ(failures[0].period, 1u);
    EXPECT_EQ(stocks[0].inflow, (std::vector<double>{4, 0, 5}));
    EXPECT_EQ(stocks[0].stock, (std::vector<double>{0, 2, 0}));
    EXPECT_EQ(stocks[0].outflow, (std::vector<double>{4, 0, 5}));
  }
}

TEST(AdvanceFailures, AtMostAsManyAsAsked) {
  const std::vector<double> steps(50, 1.0);
  const auto lifetime = make("fixed", {0.4});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival);
  std::vector<Stock> stocks(20, Stock(curves, 50));
  for (Stock& stock : stocks) {
    stock.given.assign(50, 1);
    stock.stock.assign(50, 1.0);
  }
  EXPECT_EQ(advance_all(stocks, steps).size(), 64u);
  EXPECT_EQ(advance_all(stocks, steps, NegativeInflow::allow, 7).size(), 7u);
  EXPECT_EQ(advance_all(stocks, steps, NegativeInflow::allow, 5000).size(), 1000u);
}

TEST(Advance, StockGivenByNullIsNever) {
  const std::vector<double> steps(3, 1.0);
  const auto lifetime = make("fixed", {100});
  const auto curves = survival_curves(*lifetime, steps, InflowAt::end, OutflowBy::survival);
  std::vector<Stock> stocks(1, Stock(curves, 3));
  stocks[0].inflow = {1, 2, 3};
  CohortSeries view = stocks[0].view();
  view.stock_given = nullptr;
  EXPECT_TRUE(advance({&view, 1}, steps, 0, 3, NegativeInflow::error).empty());
  EXPECT_EQ(stocks[0].stock, (std::vector<double>{1, 3, 6}));
}

// A set of series of every kind: neighbours that share curves by age, that share a triangle, that have curves
// of their own, and mixtures; inflow-driven, stock-driven and switching.
class Many : public testing::Test {
 protected:
  static constexpr std::size_t periods = 37;
  std::vector<double> steps = std::vector<double>(periods, 1.0);
  std::vector<std::unique_ptr<Lifetime>> lifetimes;
  std::vector<SurvivalCurves> curves;
  std::vector<Stock> stocks;

  void SetUp() override {
    std::mt19937 random(12345);
    std::uniform_real_distribution<double> uniform;
    for (int i = 0; i < 12; ++i) {
      if (i % 4 == 0) lifetimes.push_back(make("fixed", {3.0 + i}));
      if (i % 4 == 1) lifetimes.push_back(make("normal", {5.0 + i, 2}));
      if (i % 4 == 2) lifetimes.push_back(make("weibull", {6.0 + i, 1.5 + 0.2 * i}));
      if (i % 4 == 3) lifetimes.push_back(make("lognormal", {5.0 + i, 4}));
    }
    for (const auto& lifetime : lifetimes) {
      curves.push_back(survival_curves(*lifetime, steps, InflowAt::middle, OutflowBy::survival));
    }
    for (std::size_t i = 0; i < 4; ++i) {
      std::vector<const Lifetime*> each;
      for (std::size_t c = 0; c < periods; ++c)
        each.push_back(lifetimes[(i + c / 5) % lifetimes.size()].get());
      curves.push_back(survival_curves(each, steps, InflowAt::start, OutflowBy::survival));
    }
    std::vector<std::size_t> use(16, 2);                    // two packets that share by age
    use.insert(use.end(), 8, 13);                           // one that shares a triangle
    for (std::size_t i = 0; i < 12; ++i) use.push_back(i);  // own curves by age
    for (std::size_t i = 0; i < 23; ++i)
      use.push_back(i * 5 % curves.size());  // mixtures, the last packet not full
    for (std::size_t i = 0; i < use.size(); ++i) {
      Stock stock(curves[use[i]], periods);
      for (std::size_t t = 0; t < periods; ++t) {
        stock.given[t] = i % 3 == 1 || (i % 3 == 2 && uniform(random) < 0.5);
        (stock.given[t] ? stock.stock : stock.inflow)[t] = (stock.given[t] ? 50 : 5) * (1 + uniform(random));
      }
      stocks.push_back(stock);
    }
  }

  static void expect_same_bits(const std::vector<Stock>& left, const std::vector<Stock>& right) {
    ASSERT_EQ(left.size(), right.size());
    const auto same = [](const std::vector<double>& one, const std::vector<double>& other) {
      return one.size() == other.size() &&
             std::memcmp(one.data(), other.data(), one.size() * sizeof(double)) == 0;
    };
    for (std::size_t i = 0; i < left.size(); ++i) {
      EXPECT_TRUE(same(left[i].inflow, right[i].inflow)) << i;
      EXPECT_TRUE(same(left[i].stock, right[i].stock)) << i;
      EXPECT_TRUE(same(left[i].outflow, right[i].outflow)) << i;
    }
  }
};

// Written the slow way round: cohorts are pushed forward through the years instead of summed from the past,
// survival comes from the lifetime, the outflow from the balance.
TEST_F(Many, AgreesWithPushingCohortsForward) {
  std::vector<Stock> computed = stocks;
  advance_all(computed, steps);
  for (std::size_t i = 0; i < stocks.size(); ++i) {
    const Stock& stock = computed[i];
    std::vector<double> left(periods, 0.0);
    double before = 0;
    for (std::size_t t = 0; t < periods; ++t) {
      const double own = stock.curves->s(t, t);
      const double inflow = stocks[i].given[t] ? (stocks[i].stock[t] - left[t]) / own : stocks[i].inflow[t];
      for (std::size_t later = t; later < periods; ++later) left[later] += inflow * stock.curves->s(t, later);
      const double size = std::abs(left[t]) + std::abs(inflow) + 100;
      EXPECT_NEAR(stock.inflow[t], inflow, 1e-11 * size) << i << ' ' << t;
      EXPECT_NEAR(stock.stock[t], left[t], 1e-11 * size) << i << ' ' << t;
      EXPECT_NEAR(stock.outflow[t], inflow - (left[t] - before), 1e-11 * size) << i << ' ' << t;
      before = left[t];
    }
  }
}

TEST_F(Many, BitsDoNotDependOnTheSplit) {
  std::vector<Stock> whole = stocks;
  advance_all(whole, steps);
  for (const std::size_t size : {1, 2, 3, 5, 8, 36}) {
    std::vector<Stock> split = stocks;
    std::vector<CohortSeries> views;
    for (Stock& stock : split) views.push_back(stock.view());
    for (std::size_t first = 0; first < periods; first += size) {
      advance(views, steps, first, std::min(periods, first + size), NegativeInflow::allow);
    }
    expect_same_bits(split, whole);
  }
}

TEST_F(Many, BitsDoNotDependOnTheNeighbours) {
  std::vector<Stock> together = stocks;
  advance_all(together, steps);
  std::vector<Stock> alone = stocks;
  for (Stock& stock : alone) {
    const CohortSeries view = stock.view();
    advance({&view, 1}, steps, 0, periods, NegativeInflow::allow);
  }
  expect_same_bits(alone, together);

  std::vector<Stock> shuffled = stocks;
  std::vector<CohortSeries> views;
  for (Stock& stock : shuffled) views.push_back(stock.view());
  std::shuffle(views.begin(), views.end(), std::mt19937(7));
  advance(views, steps, 0, periods, NegativeInflow::allow);
  expect_same_bits(shuffled, together);
}

TEST_F(Many, BitsDoNotDependOnTheTier) {
  std::vector<Stock> best = stocks;
  advance_all(best, steps);
  for (const InstructionTier tier :
       {InstructionTier::portable, InstructionTier::avx2, InstructionTier::avx512}) {
    std::vector<Stock> other = stocks;
    std::vector<CohortSeries> views;
    for (Stock& stock : other) views.push_back(stock.view());
    advance(views, steps, 0, periods, NegativeInflow::allow, 64, tier);
    expect_same_bits(other, best);
  }
}

TEST_F(Many, BitsDoNotDependOnHowCurvesAreKept) {
  // The same curve by age and as a triangle.
  std::vector<const Lifetime*> same(periods, lifetimes[2].get());
  const auto triangle = survival_curves(same, steps, InflowAt::middle, OutflowBy::survival);
  ASSERT_FALSE(triangle.by_age);
  std::vector<Stock> by_age(stocks.begin(), stocks.begin() + 16);
  std::vector<Stock> by_cohort = by_age;
  for (Stock& stock : by_cohort) stock.curves = &triangle;
  advance_all(by_age, steps);
  advance_all(by_cohort, steps);
  expect_same_bits(by_cohort, by_age);
}

TEST_F(Many, GivenValuesAreNotTouched) {
  std::vector<Stock> computed = stocks;
  advance_all(computed, steps);
  for (std::size_t i = 0; i < stocks.size(); ++i) {
    for (std::size_t t = 0; t < periods; ++t) {
      const auto& kept = stocks[i].given[t] ? &Stock::stock : &Stock::inflow;
      EXPECT_EQ((computed[i].*kept)[t], (stocks[i].*kept)[t]);
      EXPECT_FALSE(std::isnan(computed[i].inflow[t]) || std::isnan(computed[i].stock[t]) ||
                   std::isnan(computed[i].outflow[t]));
    }
  }
}

TEST_F(Many, WhereNothingLeavesTheOutflowIsExactlyZero) {
  for (std::size_t i = 0; i < 16; ++i) stocks[i].curves = &curves[0];  // fixed, 3 years
  std::vector<Stock> computed(stocks.begin(), stocks.begin() + 16);
  for (Stock& stock : computed) {
    stock.given.assign(periods, 0);
    stock.inflow.assign(periods, 0.0);
    stock.inflow[5] = 0.1;
    stock.inflow[6] = 0.7;
  }
  advance_all(computed, steps);
  for (std::size_t t = 0; t < periods; ++t) {
    EXPECT_EQ(computed[3].outflow[t], t == 8 ? 0.1 : t == 9 ? 0.7 : 0.0) << t;
    EXPECT_EQ(computed[3].stock[t] == 0, t < 5 || t > 8) << t;
  }
}

}  // namespace
}  // namespace lode
