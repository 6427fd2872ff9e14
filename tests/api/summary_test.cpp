// SPDX-License-Identifier: Apache-2.0
#include "lode/api/summary.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;
using Lines = std::vector<std::string>;

TEST(Summary, TheWorstBalanceComesFirst) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2001}
defaults: {over: [time], flow: kt/yr}
parameters:
  made: {over: [time], unit: kt/yr, table: made.csv}
  most: {value: 90 %}
processes:
  mine: {outside: true}
  first: {}
  second: {}
  third: {}
flows:
  a: {from: mine, to: first}
  b: {from: first, to: second}
  c: {from: second, to: third}
  d: {from: third, to: mine}
equations:
  a: made
  b: residual(first)
  c: most * b
  d: c * most * most
)"},
                                {"made.csv", "time,value\n2000,10\n2001,20\n"}});
  const Session session = folder.computed();
  const RunSummary summary = summarise(session);
  ASSERT_EQ(summary.balances.size(), 3u);
  EXPECT_EQ(summary.balances[0].process, "third");
  EXPECT_NEAR(summary.balances[0].worst, 0.19, 1e-12);
  EXPECT_EQ(summary.balances[1].process, "second");
  EXPECT_NEAR(summary.balances[1].worst, 0.1, 1e-12);
  EXPECT_NEAR(summary.balances[1].amount, 1, 1e-12);  // 10 % of 10 kt/yr, the first of equals
  EXPECT_EQ(summary.balances[1].unit, "kt/yr");
  EXPECT_EQ(summary.balances[1].cell, "[2000]");
  EXPECT_EQ(summary.balances[2].process, "first");
  EXPECT_EQ(summary.balances[2].closed_by, Lines{"b"});
  EXPECT_EQ(summary.flows, 4u);
  const std::string text = summary_text(session, summary, nullptr, {"out.nc"}, 3);
  EXPECT_NE(text.find("balance     1 of 3 processes balance within 1e-9"), std::string::npos) << text;
  EXPECT_LT(text.find("third"), text.find("second"));
  EXPECT_NE(text.find("off by 1 kt/yr at [2000]"), std::string::npos) << text;
  EXPECT_NE(text.find("closed by b"), std::string::npos);
  EXPECT_NE(text.find("files       out.nc"), std::string::npos);
  const auto json = nlohmann::json::parse(summary_json(session, summary, nullptr, {}));
  EXPECT_FALSE(json["balances"][0]["balances"]);
  EXPECT_TRUE(json["balances"][2]["balances"]);
}

TEST(Summary, WhatWasFilledIsCountedInTheModelsYears) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2003, cohorts_from: 1990}
dimensions: {good: [wire, tube]}
parameters:
  made: {over: [time], unit: kt/yr, table: made.csv, interpolate: linear, extrapolate: hold}
  part: {over: [good], unit: 1, table: part.csv, missing: 0}
equations:
  all: made * sum(part over good)
)"},
                                {"made.csv", "time,value\n2000,10\n2002,20\n"},
                                {"part.csv", "good,value\nwire,0.5\n"}});
  EXPECT_EQ(summarise(folder.computed()).filled,
            (Lines{"made: of 4 cells 1 interpolated (linear), 1 extrapolated (hold)",
                   "part: of 2 cells 1 set to 0 (missing)"}));
}

TEST(Summary, ClampedAndNegative) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2002}
defaults: {over: [time]}
parameters:
  made: {over: [time], unit: t/yr, table: made.csv}
processes: {mine: {outside: true}, away: {outside: true}}
flows:
  a: {from: mine, to: away}
  net: {from: mine, to: away, signed: true}
equations:
  a: made
  net: made
  kept: max(made, 0)
  share: clamp(made / sum_of, 0, 1)
  sum_of: total(made) / years
)"},
                                {"made.csv", "time,value\n2000,10\n2001,-2\n2002,-3\n"}});
  std::string model = folder.read("model.yaml");
  model.replace(model.find("processes:"), 10, "  years: {value: 1 yr}\nprocesses:");
  folder.write("model.yaml", model);
  const RunSummary summary = summarise(folder.computed());
  EXPECT_EQ(summary.negative, Lines{"a in 2 cells, lowest a[2002] = -3 t/yr"});
  EXPECT_EQ(summary.clamped,
            (Lines{"kept: 2 of 3 cells at the limit of `max(made, 0)`, first [2001]",
                   "share: 3 of 3 cells at the limit of `clamp(made / sum_of, 0, 1)`, first [2000]"}));
  EXPECT_EQ(summary.chinese.negative, Lines{"a：2个数据点为负，最低a[2002] = -3 t/yr"});
  EXPECT_EQ(summary.chinese.clamped.front(), "kept：3个数据点中有2个取到 max(made, 0) 的限值，首个为[2001]");
  EXPECT_EQ(summary.chinese.clamped.size(), summary.clamped.size());
}

TEST(Summary, SeamsWhereAGivenStockTakesOver) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2003}
defaults: {over: [time]}
when: {late: time > 2001}
parameters:
  made: {over: [time], unit: t/yr, table: made.csv}
  held: {over: [time], unit: t, table: held.csv}
  life: {value: 50 yr}
stocks:
  use: {inflow: made, lifetime: {fixed: life}, stock: {late: held}}
)"},
                                {"made.csv", "time,value\n2000,10\n2001,10\n2002,0\n2003,0\n"},
                                {"held.csv", "time,value\n2000,0\n2001,0\n2002,50\n2003,60\n"}});
  const RunSummary summary = summarise(folder.computed());
  EXPECT_EQ(summary.seams, Lines{"use.inflow[2002]: 30 t/yr after 10 t/yr"});
  EXPECT_EQ(summary.chinese.seams, Lines{"use.inflow[2002]：前一年为10 t/yr，当年为30 t/yr"});
}

TEST(Summary, AlertsTellTheFirstYearAndHowMany) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2003}
parameters:
  made: {over: [time], unit: kt/yr, table: made.csv}
equations:
  most: made
  least: made
  fine: made
  part: made / made[2003]
alerts:
  most: {at_most: 15 kt/yr, from: 2001, severity: error}
  least: {at_least: 5 kt/yr}
  fine: {at_most: 1 Mt/yr, severity: error}
  part: {at_least: 50 %, severity: note}
)"},
                                {"made.csv", "time,value\n2000,20\n2001,4\n2002,16\n2003,18\n"}});
  const RunSummary summary = summarise(folder.computed());
  EXPECT_EQ(summary.alerts,
            (Lines{"error: most[2002] is 16,000 t/yr, above the limit of 15,000 t/yr; 2 years",
                   "warning: least[2001] is 4,000 t/yr, below the limit of 5,000 t/yr; 1 year",
                   "note: part[2001] is 22.22 %, below the limit of 50 %; 1 year"}));
  EXPECT_EQ(summary.chinese.alerts.front(), "错误：most[2002]为16,000 t/yr，高于限值15,000 t/yr；共2年");
  EXPECT_EQ(summary.chinese.alerts.size(), summary.alerts.size());
  EXPECT_TRUE(summary.alert_error);
}

}  // namespace
}  // namespace lode
