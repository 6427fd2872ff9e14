// SPDX-License-Identifier: Apache-2.0
#include "lode/api/verify.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;
using Status = Comparison::Status;

const char* const model_text = R"(lode: 1
time: {first: 2000, last: 2002}
parameters:
  ore: {over: [time], unit: kt/yr, table: ore.csv, interpolate: linear}
  yield: {value: 50 %}
  fitted: {value: 7 t/yr, derived_from: F1 F2}
  growth: {value: 10 %/yr}
equations:
  metal: ore * yield
  chain: twice + metal
  twice: fitted * 2
  chosen: if yield > 40 % then metal else fitted
  grown: prev(grown, first = fitted) * compound(growth)
  apart: ore * 3
  beyond: first_year(metal > limit)
  reached: first_year(metal > low_limit)
scenarios:
  supply:
    default: low
    low: {}
    high: {yield: 80 %}
  demand:
    default: calm
    calm: {}
    brisk: {growth: 20 %/yr}
)";

Verification verification_of(
    const std::string& rows, const ScenarioChoice& choice = {},
    const std::string& header = "id,what,time,value,unit,relation,tolerance,scenario,kind",
    const std::string& more = "") {
  std::string text = model_text;
  text.replace(text.find("  growth: {value"), 16,
               "  limit: {value: 90 kt/yr}\n  low_limit: {value: 5.2 kt/yr}\n  growth: {value");
  const CaseFolder folder(Files{{"model.yaml", text + more},
                                {"ore.csv", "time,value,derived_from\n2000,10,\n2002,12,O1\n"},
                                {"checkpoints.csv", header + "\n" + rows}});
  Session session = folder.computed(choice);
  if (!session.computed()) return {};
  const Verification result = verify(session, choice);
  EXPECT_FALSE(session.diagnostics.has_errors()) << render(session.diagnostics);
  return result;
}

const Comparison& row(const Verification& verification, const std::string& id) {
  static const Comparison none;
  for (const Comparison& each : verification.rows)
    if (each.id == id) return each;
  ADD_FAILURE() << "no row " << id;
  return none;
}

TEST(Verify, EachStatus) {
  const Verification v = verification_of(
      "A,metal,2000,5,kt/yr,=,,,result\n"
      "B,metal,2000,6,kt/yr,=,,,result\n"
      "O1,metal,2002,6,kt/yr,=,,,result\n"
      "C,ore,2000,10,kt/yr,=,,,input\n"
      "D,,2000,3,t,=,,,result\n"
      "E,metal,2000,,kt/yr,=,,,result\n"
      "F,beyond,,2001,year,=,,,result\n");
  EXPECT_EQ(row(v, "A").status, Status::agrees);
  EXPECT_EQ(row(v, "B").status, Status::differs);
  EXPECT_EQ(row(v, "O1").status, Status::by_construction);
  EXPECT_EQ(row(v, "C").status, Status::input);
  EXPECT_EQ(row(v, "D").status, Status::not_computable);
  EXPECT_EQ(row(v, "E").status, Status::not_computable);
  EXPECT_DOUBLE_EQ(*row(v, "E").ours, 5);
  EXPECT_EQ(row(v, "F").status, Status::differs);
  EXPECT_TRUE(row(v, "F").never);
  EXPECT_FALSE(row(v, "F").ours);
  EXPECT_DOUBLE_EQ(*row(v, "B").ours, 5);
  EXPECT_DOUBLE_EQ(*row(v, "B").published, 6);
  EXPECT_DOUBLE_EQ(*row(v, "B").relative_difference, -1.0 / 6);
  EXPECT_EQ(v.count(Status::differs), 2u);
  EXPECT_EQ(verification_line(v),
            "7 checkpoints: 1 agree, 2 differ, 1 by construction, 1 inputs, 2 not computable");
}

TEST(Verify, LeavesStatisticsOfDrawsToWhoAsksForThem) {
  const CaseFolder folder(
      Files{{"model.yaml",
             "lode: 1\ntime: {first: 2000, last: 2001}\nparameters:\n  a: {value: 10 t, normal: {sd: 1}}\n"
             "equations:\n  y: 2 * a\n"},
            {"checkpoints.csv",
             "id,what,time,value,unit,relation,tolerance,statistic\nA,y,,20,t,=,,\nB,y,,2,t,=,0.1,sd\n"}});
  Session session = folder.computed();
  const Verification without = verify(session, {}, false);
  ASSERT_EQ(without.rows.size(), 1u);
  EXPECT_EQ(row(without, "A").status, Status::agrees);
  EXPECT_EQ(without.undrawn, 1u);
  EXPECT_EQ(
      verification_line(without),
      "2 checkpoints: 1 agree, 0 differ, 0 by construction, 0 inputs, 0 not computable, 1 not compared: "
      "they are statistics of draws (`lode verify` makes them)");
  const Verification all = verify(session, {});
  ASSERT_EQ(all.rows.size(), 2u);
  EXPECT_EQ(row(all, "B").status, Status::agrees);
  EXPECT_NEAR(*row(all, "B").ours, 2, 0.02);
  EXPECT_EQ(all.undrawn, 0u);
}

TEST(Verify, TolerancesAndPrintedDigits) {
  // metal[2001] is 5.5 kt/yr
  const Verification v = verification_of(
      "A,metal,2001,5.54,kt/yr,=,,,\n"      // half of 0.01 does not reach
      "B,metal,2001,5.6,kt/yr,=,,,\n"       // nor half of 0.1
      "C,metal,2001,6,kt/yr,=,,,\n"         // half of 1 does
      "D,metal,2001,5500,t/yr,=,0,,\n"      // 0: the rounding of print
      "E,metal,2001,5500.4,t/yr,=,0.4,,\n"  // a number in the unit
      "F,metal,2001,5500.5,t/yr,=,0.4,,\n"
      "G,metal,2001,6.1,kt/yr,=,10 %,,\n"  // 0.6 of 0.61
      "H,metal,2001,6.2,kt/yr,=,10 %,,\n"
      "I,yield,,52,%,=,2 points,,\n"
      "J,yield,,52.1,%,=,2 points,,\n"
      "K,metal,2001,1e4,t/yr,=,,,\n"  // half of 1e4 is 5000
      "L,metal,2001,\"5,500\",t/yr,=,,,\n"
      "M,metal,2001,5×10^3,t/yr,=,,,\n"  // half of 10^3 is 500
      "N,metal,2001,0.5万,t/yr,=,,,\n"   // half of 0.1万
      "O,metal,2001,0.54万,t/yr,=,,,\n"
      "P,metal,2001,５５００,t/yr,=,,,\n"
      "Q,metal,2001,5499.6,t/yr,=,,,\n");
  for (const char* id : {"C", "D", "E", "G", "I", "K", "L", "M", "N", "P"})
    EXPECT_EQ(row(v, id).status, Status::agrees) << id;
  for (const char* id : {"A", "B", "F", "H", "J", "O", "Q"})
    EXPECT_EQ(row(v, id).status, Status::differs) << id;
}

TEST(Verify, Relations) {
  const Verification v = verification_of(
      "A,metal,2001,5.7,kt/yr,~,,,\n"  // five percent of 5.7 is 0.285
      "B,metal,2001,5.9,kt/yr,~,,,\n"
      "C,metal,2001,6,kt/yr,~,,,\n"  // half of the last digit is more
      "D,metal,2001,6.5,kt/yr,~,20 %,,\n"
      "E,metal,2001,5.4,kt/yr,>,,,\n"
      "F,metal,2001,5.6,kt/yr,>,,,\n"
      "G,metal,2001,5.6,kt/yr,>,0.2,,\n"
      "H,metal,2001,5.6,kt/yr,<,,,\n"
      "I,metal,2001,5.4,kt/yr,<,,,\n"
      "J,metal,2001,5.4,kt/yr,<,5 %,,\n"
      "K,metal,2001,5.5,kt/yr,≥,,,\n"
      "L,metal,2001,5.5,kt/yr,<=,,,\n"
      "M,metal,2001,5.5,kt/yr,>,,,\n"
      "N,metal,2001,5.5,kt/yr,<,,,\n");
  for (const char* id : {"A", "C", "D", "E", "G", "H", "J", "K", "L"})
    EXPECT_EQ(row(v, id).status, Status::agrees) << id;
  for (const char* id : {"B", "F", "I", "M", "N"}) EXPECT_EQ(row(v, id).status, Status::differs) << id;
}

TEST(Verify, WhatWasTakenFromAFigureIsFoundThroughChains) {
  const Verification v = verification_of(
      "F1,chain,2000,5014,t/yr,=,,,\n"    // chain ← twice ← fitted
      "F2,grown,2002,9.317,t/yr,=,,,\n"   // grown ← grown of the year before ← … ← fitted
      "O1,metal,2001,5.5,kt/yr,=,,,\n");  // interpolated between 2000 and the row of 2002
  for (const char* id : {"F1", "F2", "O1"}) EXPECT_EQ(row(v, id).status, Status::by_construction) << id;
  const Verification w = verification_of(
      "F1,metal,2000,5,kt/yr,=,,,\n"    // does not use fitted
      "F2,chosen,2000,5,kt/yr,=,,,\n"   // the branch not taken does
      "O1,metal,2000,5,kt/yr,=,,,\n");  // another year's cell
  for (const char* id : {"F1", "F2", "O1"}) EXPECT_EQ(row(w, id).status, Status::agrees) << id;
}

TEST(Verify, ScenariosAreComputedForTheirCheckpoints) {
  const std::string rows =
      "A,metal,2000,5,kt/yr,=,,,\n"
      "B,metal,2000,8,kt/yr,=,,supply=high,\n"
      "C,grown,2000,8.4,t/yr,=,,supply=high; demand=brisk,\n";
  const Verification v = verification_of(rows);
  for (const char* id : {"A", "B", "C"}) EXPECT_EQ(row(v, id).status, Status::agrees) << id;
  EXPECT_EQ(row(v, "C").scenario, "demand=brisk; supply=high");
  // A run of another case is what checkpoints without a choice are compared with.
  const Verification w = verification_of(rows, {{"supply", "high"}});
  EXPECT_EQ(row(w, "A").status, Status::differs);
  EXPECT_DOUBLE_EQ(*row(w, "A").ours, 8);
  EXPECT_EQ(row(w, "B").status, Status::agrees);
}

TEST(Verify, AYearsFlowMayBePublishedAsAnAmount) {
  const Verification v = verification_of("A,metal,2000,5000,t,=,,,\nB,total(metal),,16.5,kt,=,,,\n");
  EXPECT_EQ(row(v, "A").status, Status::agrees);
  EXPECT_EQ(row(v, "B").status, Status::agrees);
}

TEST(Verify, YearsAreCompared) {
  const Verification v =
      verification_of("A,reached,,2001,year,=,,,\nB,reached,,2003,year,=,1,,\nC,reached,,2002,,=,1,,\n");
  EXPECT_EQ(row(v, "A").status, Status::agrees);
  EXPECT_EQ(row(v, "B").status, Status::differs);
  EXPECT_EQ(row(v, "C").status, Status::agrees);
}

TEST(Verify, DecimalCommasAsDeclared) {
  const Verification v = verification_of(
      "A;metal;2001;5,50;kt/yr;=;\nB;metal;2001;5,54;kt/yr;=;\nC;metal;2001;5,6;kt/"
      "yr;=;0,1\nD;metal;2001;5.500;t/yr;=;\n",
      {}, "id;what;time;value;unit;relation;tolerance", "defaults: {decimal: comma}\n");
  EXPECT_DOUBLE_EQ(*row(v, "A").published, 5.5);
  EXPECT_EQ(row(v, "A").status, Status::agrees);
  EXPECT_EQ(row(v, "B").status, Status::differs);
  EXPECT_EQ(row(v, "C").status, Status::agrees);
  EXPECT_DOUBLE_EQ(*row(v, "D").published, 5500);
  EXPECT_EQ(row(v, "D").status, Status::agrees);
}

TEST(Verify, TextAndJson) {
  const Verification v =
      verification_of("A,metal,2000,5,kt/yr,~,,,\nB,beyond,,2001,year,=,,,\nC,,,4,t,=,,,\n");
  const std::string text = verification_text(v);
  EXPECT_NE(text.find("A        agrees                    5           ~ 5     +0.00 %   15.0 kt/yr   metal"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("never"), std::string::npos);
  EXPECT_NE(text.find(verification_line(v)), std::string::npos);
  const auto json = nlohmann::json::parse(verification_json(v));
  EXPECT_EQ(json["summary"]["total"], 3);
  EXPECT_EQ(json["summary"]["agrees"], 1);
  EXPECT_EQ(json["checkpoints"][1]["ours"], "never");
  EXPECT_TRUE(json["checkpoints"][2]["ours"].is_null());
  EXPECT_EQ(json["checkpoints"][0]["relation"], "~");
}

}  // namespace
}  // namespace lode
