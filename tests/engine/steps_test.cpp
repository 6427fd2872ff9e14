// SPDX-License-Identifier: Apache-2.0
//
// What does not depend on how time is cut: totals of constant rates, growth, stocks without lifetime, ages in
// stock.
#include <fmt/format.h>

#include "case_tools.hpp"
#include "identities.hpp"

namespace lode::testing {
namespace {

// All three end in 2020 and cover the 20 years 2001 … 2020.
const std::vector<std::string> axes{
    "{first: 2001, last: 2020}", "{years: [2005, 2010, 2015, 2020], first_step: 5}",
    "{years: [2001, 2002, 2007, 2008, 2018, 2020], first_step: 1}", "{years: [2020], first_step: 20}"};

class Steps : public ::testing::TestWithParam<std::string> {
 protected:
  Session run(const std::string& rest) {
    folder_.emplace(
        fmt::format("lode: 1\ntitle: Steps\ntime: {}\ndefaults: {{over: [time], flow: t/yr, stock: t}}\n{}",
                    GetParam(), rest));
    Session session = folder_->computed();
    const auto found = violations(session);
    EXPECT_TRUE(found.empty()) << fmt::format("{}", fmt::join(found, "\n"));
    return session;
  }
  std::optional<CaseFolder> folder_;
};

TEST_P(Steps, DoNotChangeTotalsOfConstantRates) {
  const Session session = run(R"(parameters: {rate: 7 t/yr, old: 11 t, share: 30 %}
processes:
  mine: {outside: true}
  sea: {outside: true}
  pile: {}
flows:
  in: {from: mine, to: pile}
  out: {from: pile, to: sea}
stocks:
  heap: {process: pile, inflow: in, outflow: out, initial: old}
equations:
  in: rate
  out: share * in
  all: total(in)
  average: mean(in over time)
  running: cumulate(in)
  biggest: max(in over time)
)");
  ASSERT_TRUE(session.computed());
  EXPECT_NEAR(value_of(session, "all"), 140, 1e-12);
  EXPECT_NEAR(value_of(session, "average"), 7, 1e-13);
  EXPECT_NEAR(value_of(session, "running", 2020), 140, 1e-12);
  EXPECT_NEAR(value_of(session, "heap.stock", 2020), 11 + 0.7 * 140, 1e-12);
  EXPECT_EQ(value_of(session, "biggest"), 7);
}

TEST_P(Steps, OfCompoundMultiplyToTheSame) {
  const Session session = run(R"(parameters: {start: 100 t/yr, rate: 3 %/yr}
equations:
  level:
    over: [time]
    unit: t/yr
    equals: prev(level, first = start) * compound(rate)
  same: start * compound(rate, time - 2000)
  factor: compound(rate)
)");
  ASSERT_TRUE(session.computed());
  const BoundModel& model = *session.bound;
  const double first_step = model.dimensions.steps.front();
  for (std::size_t p = 0; p < model.dimensions.periods(); ++p) {
    const int year = model.dimensions.years[p];
    EXPECT_NEAR(value_of(session, "same", year), 100 * std::pow(1.03, year - 2000), 1e-10) << year;
    EXPECT_NEAR(value_of(session, "factor", year), std::pow(1.03, model.dimensions.steps[p]), 1e-13);
    // `first` stands for the period before the first.
    EXPECT_NEAR(value_of(session, "level", year),
                100 * std::pow(1.03, year - model.dimensions.years.front() + first_step), 1e-10)
        << year;
  }
}

TEST_P(Steps, DoNotChangeWhatAStockWithoutTurnoverHolds) {
  // A fixed life longer than the span: nothing leaves, the stock is all that came.
  const Session session = run(R"(parameters: {rate: 4 t/yr, life: 60 yr}
processes:
  mine: {outside: true}
  sea: {outside: true}
  use: {}
flows:
  in: {from: mine, to: use}
  out: {from: use, to: sea}
stocks:
  held: {process: use, inflow: in, outflow: out, lifetime: {fixed: life}}
equations:
  in: rate
)");
  ASSERT_TRUE(session.computed());
  EXPECT_NEAR(value_of(session, "held.stock", 2020), 80, 1e-12);
  EXPECT_EQ(value_of(session, "out", 2020), 0);
}

TEST_P(Steps, OfAGivenStockAskForTheSameInflowInAll) {
  // The stock grows by 6 t each year and nothing leaves: 120 t come in, however time is cut.
  const Session session = run(R"(parameters: {slope: 6 t/yr, life: 60 yr}
processes:
  mine: {outside: true}
  sea: {outside: true}
  use: {}
flows:
  in: {from: mine, to: use}
  out: {from: use, to: sea}
stocks:
  held: {process: use, inflow: in, outflow: out, lifetime: {fixed: life}, stock: 'slope * (time - 2000)'}
equations:
  all: total(in)
)");
  ASSERT_TRUE(session.computed());
  EXPECT_NEAR(value_of(session, "all"), 120, 1e-11);
  for (const int year : session.bound->dimensions.years)
    EXPECT_NEAR(value_of(session, "in", year), 6, 1e-12) << year;
}

INSTANTIATE_TEST_SUITE_P(Axes, Steps, ::testing::ValuesIn(axes));

// Cohorts entering in the middle of five years approximate those of single years; the error falls with the
// square of the step.
TEST(StepsOfCohorts, ConvergeToFineOnes) {
  const auto stock = [](const std::string& time) {
    const CaseFolder folder("lode: 1\ntitle: Convergence\ntime: " + time + R"(
defaults: {over: [time], flow: t/yr, stock: t}
parameters: {rate: 4 t/yr, life: 15 yr}
processes:
  mine: {outside: true}
  sea: {outside: true}
  use: {}
flows:
  in: {from: mine, to: use}
  out: {from: use, to: sea}
stocks:
  held: {process: use, inflow: in, outflow: out, lifetime: {weibull: {mean: life, shape: 2}}}
equations:
  in: rate
)");
    const Session session = folder.computed();
    return session.computed() ? value_of(session, "held.stock", 2040) : 0.0;
  };
  // ∫_0^40 4 S(a) da with S = exp(−(a/λ)²), λ = 15/Γ(1.5): 4 λ √π/2 erf(40/λ)
  const double scale = 15 / std::tgamma(1.5);
  const double exact = 4 * scale * std::sqrt(std::acos(-1.0)) / 2 * std::erf(40 / scale);
  const double fine = std::abs(stock("{first: 2001, last: 2040}") - exact);
  const double coarse =
      std::abs(stock("{years: [2005, 2010, 2015, 2020, 2025, 2030, 2035, 2040], first_step: 5}") - exact);
  EXPECT_LT(fine, 1e-3 * exact);
  EXPECT_LT(coarse, 2e-2 * exact);
  EXPECT_LT(fine, coarse / 10);
}

TEST(StepsOfLags, AreYearsNotPeriods) {
  const CaseFolder folder(R"(lode: 1
title: Lags
time: {years: [2000, 2005, 2010, 2015]}
when: {first: time < 2010, rest_of: time >= 2010}
parameters: {one_year: 1 yr}
equations:
  year: (time - 2000) / one_year
  back: {over: [time], unit: 1, equals: {first: -1, rest_of: 'year[time - 10]'}}
  before: {over: [time], unit: 1, equals: 'prev(year, first = 99)'}
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  EXPECT_EQ(value_of(session, "back", 2005), -1);
  EXPECT_EQ(value_of(session, "back", 2010), 0);
  EXPECT_EQ(value_of(session, "back", 2015), 5);
  EXPECT_EQ(value_of(session, "before", 2000), 99);
  EXPECT_EQ(value_of(session, "before", 2015), 10);
}

}  // namespace
}  // namespace lode::testing
