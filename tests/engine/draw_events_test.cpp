// SPDX-License-Identifier: Apache-2.0
//
// Whatever goes wrong in single draws is counted and located, whichever way a stock is computed. In each
// model the parameter `bad` is 1 in about an eighth of the draws, and only there something happens.
#include <fmt/format.h>

#include <map>

#include "case_tools.hpp"
#include "lode/api/draw_report.hpp"
#include "lode/api/draws.hpp"
#include "lode/engine/draws.hpp"

namespace lode::testing {
namespace {

struct EventCase {
  std::string name, rest;
  EventKind kind;
  std::string what, cell;
  std::string told;         ///< part of the sentence
  std::string before = "";  ///< in `time:`
  std::vector<std::uint64_t> counts = {1024, 16'384 + 8};
  std::size_t failures = 1;
};

std::ostream& operator<<(std::ostream& out, const EventCase& one) {
  return out << one.name;
}

std::string model_of(const EventCase& one) {
  return "lode: 1\ntitle: Events of draws\ntime: {first: 2000, last: 2004" + one.before + R"(}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions: {cohort: {same_as: time}, age: {labels: [5, 15]}, place: {labels: [here, there]}}
when: {falls: time = 2003, grows: time <> 2003}
parameters:
  bad: {value: 0, discrete: {values: [0, 1], weights: [7, 1]}}
  made: {value: 10 t/yr}
  life: {value: 10 yr}
)" + one.rest;
}

/// A stock that is given, and falls in 2003 if `bad` is 1.
std::string falling(const std::string& life, const std::string& keys, const std::string& drop = "16 t") {
  return R"(  low: 25 t
  high: 9 t
  step: 5 t/yr
  content: {value: 0.3, normal: {sd: 0.01}}
  drop: )" +
         drop + R"(
equations:
  drawn: bad
  own_life: {over: [], unit: yr, equals: life * (1 + bad)}
  level: {falls: low - drop * bad, grows: high + step * (time - 2000)}
stocks:
  in_use: {unit: t, stock: level, lifetime: )" +
         life + ", " + keys + "}\n";
}

/// A stock with an inflow.
std::string filled(const std::string& parameters, const std::string& equations, const std::string& keys) {
  return parameters + "equations:\n  drawn: bad\n  entered: made\n" + equations +
         "stocks:\n  in_use: {inflow: entered, " + keys + "}\n";
}

const std::string weibull = "{weibull: {mean: life, shape: 2}}";

std::vector<EventCase> cases() {
  const std::string mixture =
      "{mixture: {a: {share: 40 %, exponential: {mean: own_life}}, b: {share: 60 %, fixed: own_life}}}";
  const std::string drop = "  drop: 11 yr\n";
  const std::string shorter = "  own_life: life - drop * bad\n";
  std::vector<EventCase> list;
  for (const char* policy : {"oldest-first", "proportional", "scale-hazard"}) {
    const std::string keys = std::string("negative_inflow: ") + policy;
    list.push_back({std::string("Repair") + policy[0], falling(weibull, keys), EventKind::corrected, "in_use",
                    "[2003]", "in_use falls faster at [2003] than it ages, and more leaves"});
    list.push_back({std::string("NoRepair") + policy[0], falling(weibull, keys, "30 t"),
                    EventKind::not_corrected, "in_use", "[2003]", "`negative_inflow:` can correct"});
  }
  list.push_back({"RepairOfACarrier",
                  falling(weibull, "negative_inflow: proportional, carries: {metal: content}"),
                  EventKind::corrected, "in_use", "[2003]", "falls faster at [2003]"});
  list.push_back({"RepairWithCohorts", falling(weibull, "negative_inflow: proportional, cohorts: cohort"),
                  EventKind::corrected, "in_use", "[2003]", "falls faster at [2003]"});
  list.push_back({"FallOfAMixture", falling(mixture, "negative_inflow: error"), EventKind::negative_inflow,
                  "in_use", "[2003]", "in_use falls faster at [2003] than it ages"});
  list.push_back({"FallOfCertainLives", falling(weibull, "negative_inflow: error"),
                  EventKind::negative_inflow, "in_use", "[2003]",
                  "in_use falls faster at [2003] than it ages"});
  // Nothing that enters lasts half a year; in 2000 the first would have to.
  const std::string brief = "equations:\n  drawn: bad\n  own_life: life - short * bad\n";
  for (const char* policy : {"error", "oldest-first"})
    list.push_back({std::string("NothingLasts") + policy[0],
                    "  short: 9.9 yr\n  low: 25 t\n" + brief +
                        "  level: low * (1 + 0 * bad)\nstocks:\n  in_use: {unit: t, stock: level, lifetime: "
                        "{fixed: own_life}, negative_inflow: " +
                        policy + "}\n",
                    EventKind::nothing_survives, "in_use", "[2000]", "lasts until the end of its year"});
  const std::string later = "  own_life: {falls: life - drop * bad, grows: life}\n";
  list.push_back({"NoMixture", filled(drop, later, "lifetime: " + mixture), EventKind::bad_lifetime, "in_use",
                  "[2003]", "the lifetime of in_use at [2003] cannot be"});
  list.push_back({"NoWeibull", filled(drop, later, "lifetime: {weibull: {mean: own_life, shape: 2}}"),
                  EventKind::bad_lifetime, "in_use", "[2003]", "the lifetime of in_use at [2003] cannot be"});
  list.push_back(
      {"NoWeibullThere",
       drop + "  part: {over: [place], value: 0.5}\n"
              "equations:\n  drawn: bad\n"
              "  entered: {over: [time, place], unit: t/yr, equals: made * part}\n"
              "  own_life: {over: [time, place], unit: yr, equals: 'repeat(life over time, place) - "
              "repeat(drop * bad over time, place) * (if place = there and time > 2001 then 1 else 0)'}\n"
              "stocks:\n  in_use: {over: [time, place], inflow: entered, lifetime: {weibull: {mean: "
              "own_life, shape: 2}}}\n",
       EventKind::bad_lifetime, "in_use", "[2002, there]",
       "the lifetime of in_use at [2002, there] cannot be"});
  list.push_back({"NoWeibullWithCohorts",
                  filled(drop, shorter, "cohorts: cohort, lifetime: {weibull: {mean: own_life, shape: 2}}"),
                  EventKind::bad_lifetime, "in_use", "", "the lifetime of in_use cannot be"});
  list.push_back({"NoDensity",
                  filled(drop, "  own_life: {over: [], unit: yr, equals: life - drop * bad}\n",
                         "outflow_by: density, lifetime: {weibull: {mean: own_life, shape: 2}}"),
                  EventKind::bad_lifetime, "in_use", "", "the lifetime of in_use cannot be"});
  list.push_back(
      {"NoHazard",
       filled("", "  worn: {falls: 1 - 2 * bad, grows: 1}\n", "lifetime: " + weibull + ", hazard: worn"),
       EventKind::negative_hazard, "in_use", "[2003]",
       "the factor of the hazard of in_use is below 0 at [2003]"});
  list.push_back(
      {"SoldOut",
       filled("  take: 4 t/yr\n",
              "  sold: {over: [time, cohort], unit: t/yr, equals: 'if time = 2003 and cohort = 2001 "
              "then take * (1 + 9 * bad) else 0 * take'}\n",
              "used_out: sold, lifetime: " + weibull),
       EventKind::used_up, "in_use", "[2003, 2001]", "has nothing left to take from"});
  list.push_back({"NothingLeft",
                  filled("  gone: 9.5 yr\n  left: {over: [cohort], unit: t, value: 3}\n",
                         "  own_life: {over: [], unit: yr, equals: life - gone * bad}\n",
                         "lifetime: {fixed: own_life}, initial: {cohorts: left}"),
                  EventKind::nothing_left, "in_use", "[1997]", "has something left of [1997]",
                  ", cohorts_from: 1997"});
  list.push_back({"OldAges",
                  filled("  before: 40 t\n  wide: 50 yr\n",
                         "  own_life: {over: [], unit: yr, equals: life + 400 * wide * bad}\n",
                         "lifetime: {exponential: {mean: own_life}}, initial: {total: before, ages: steady}"),
                  EventKind::ages_unknown,
                  "in_use",
                  "",
                  "is older than 10,000 periods",
                  "",
                  {256}});
  list.push_back({"RepairInALoop",
                  R"(  low: 25 t
  drop: 16 t
  high: 9 t
  step: 5 t/yr
  part: {value: 0.1 yr}
equations:
  drawn: bad
  level: {falls: low - drop * bad + gain, grows: high + step * (time - 2000) + gain}
  gain: {over: [time], unit: t, equals: part * in_use.inflow}
stocks:
  in_use: {unit: t, stock: level, lifetime: {weibull: {mean: life, shape: 2}}, negative_inflow: oldest-first}
)",
                  EventKind::corrected, "in_use", "[2003]", "falls faster at [2003]"});
  list.push_back({"Infinite",
                  R"(  seen: {over: [time], unit: 1, table: data/seen.csv, missing: absent}
equations:
  drawn: bad
  ratio: {over: [time], unit: 1, equals: 'if time >= 2002 then seen / (1 - bad) else seen'}
)",
                  EventKind::not_finite, "ratio", "[2002]", "ratio[2002] is infinite"});
  list.push_back({"InfiniteInPieces",
                  R"(  seen: {over: [time], unit: 1, table: data/seen.csv, missing: absent}
equations:
  drawn: bad
  ratio: {falls: seen / (1 - bad), grows: seen / (1 - bad)}
)",
                  EventKind::not_finite,
                  "ratio",
                  "[2003]",
                  "is infinite",
                  "",
                  {1024},
                  2});
  return list;
}

class DrawEvents : public ::testing::TestWithParam<EventCase> {};

TEST_P(DrawEvents, AreCountedAndLocated) {
  const EventCase& one = GetParam();
  const CaseFolder folder(
      {{"model.yaml", model_of(one)}, {"data/seen.csv", "time,value\n2001,3\n2002,3\n2003,3\n2004,3\n"}});
  Session session = folder.open();
  DrawRequest request;
  request.design = "random";
  request.seed = 3;
  request.keep = true;
  request.focus = {"drawn"};
  ASSERT_TRUE(session.planned() && bind_draw_questions(session, request)) << render(session.diagnostics);
  ASSERT_TRUE(compute(session)) << render(session.diagnostics);
  for (const Event& event : session.evaluation->events())
    EXPECT_NE(event.kind, one.kind) << "with the nominal values all is well";
  for (const std::uint64_t count : one.counts) {
    request.draws = count;
    std::map<std::size_t, std::vector<std::string>> told;
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
      request.threads = threads;
      Team alone;
      ASSERT_TRUE(run_draws(session, request, alone)) << render(session.diagnostics);
      const std::vector<double>& bad = session.draws->kept.at(0);
      const auto expected = static_cast<std::uint64_t>(std::count(bad.begin(), bad.end(), 1.0));
      ASSERT_NEAR(static_cast<double>(expected), static_cast<double>(count) / 8,
                  0.05 * static_cast<double>(count));
      ASSERT_EQ(session.draws->failures.size(), one.failures) << count;
      for (const DrawFailure& each : session.draws->failures) EXPECT_EQ(each.draws, expected) << count;
      const DrawFailure& failure = session.draws->failures.front();
      EXPECT_EQ(failure.event.kind, one.kind);
      EXPECT_EQ(failure.event.what, one.what);
      EXPECT_EQ(failure.event.cell, one.cell);
      EXPECT_EQ(failure.draws, expected);
      EXPECT_EQ(failure.first_draw, std::find(bad.begin(), bad.end(), 1.0) - bad.begin());
      told[threads] = draw_events(session);
      ASSERT_FALSE(told[threads].empty());
      EXPECT_NE(told[threads].front().find(one.told), std::string::npos) << told[threads].front();
      const std::vector<DrawEvent> both = draw_events_in_both(session);
      ASSERT_EQ(both.size(), told[threads].size());
      const std::string& chinese = both.front().chinese;
      EXPECT_EQ(chinese.find(fmt::format("{}次抽样中有{}次：", thousands(count), thousands(expected))), 0u)
          << chinese;
      for (const std::string& part :
           {one.what, one.cell, fmt::format("（首见于第{}次）", thousands(failure.first_draw + 1))})
        EXPECT_NE(chinese.find(part), std::string::npos) << chinese;
    }
    EXPECT_EQ(told[1], told[2]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, DrawEvents, ::testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

TEST(DrawEventsOfAProcess, AreSharesThatDoNotAddUp) {
  const auto told = [](const std::string& slag) {
    const CaseFolder folder(R"(lode: 1
title: Shares
time: {first: 2000, last: 2001}
defaults: {over: [time], flow: t/yr}
parameters:
  mined: {value: 10 t/yr, normal: 5 %}
  kept: {value: 70 %, uniform: {low: 65 %, high: 75 %}}
  lost: {value: 30 %, uniform: {low: 29 %, high: 31 %}}
processes:
  mine: {outside: true}
  sea: {outside: true}
  plant: {transfer: {metal: kept, slag: )" +
                            slag + R"(}}
flows:
  ore: {from: mine, to: plant}
  metal: {from: plant, to: sea}
  slag: {from: plant, to: sea}
equations: {ore: mined}
)");
    Session session = folder.computed();
    DrawRequest request;
    request.draws = 1024;
    Team alone;
    EXPECT_TRUE(run_draws(session, request, alone)) << render(session.diagnostics);
    return draw_events(session);
  };
  EXPECT_EQ(told("rest"), std::vector<std::string>());
  const std::vector<std::string> open = told("lost");
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open.front().find("plant does not balance in draws: -"), 0U) << open.front();
  EXPECT_NE(open.front().find(" of what goes through it at [200"), std::string::npos) << open.front();
}

}  // namespace
}  // namespace lode::testing
