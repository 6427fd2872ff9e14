// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model_test_tools.hpp"

namespace lode {
namespace {

using namespace lode::testing;

const char* const base =
    "time: {first: 2000, last: 2010}\n"
    "when:\n  history: time <= 2005\n  projection: time > 2005\n"
    "processes:\n  smelter: {transfer: {metal: 90 %, slag: rest}}\n"
    "parameters:\n  growth: 5 %/yr\n  collection: {over: [time], unit: 1, value: 1 %}\n  life: 12 yr\n"
    "flows:\n  made: {from: a, to: b}\n  sold: {from: a, to: b}\n"
    "stocks:\n  in_use: {inflow: made, lifetime: {fixed: life}}\n"
    "equations:\n  made:\n    history: x\n    else: y\n  demand: x + y\n";

struct Applied {
  Applied(const std::string& scenarios, const std::map<std::string, std::string>& choice)
      : read(base + scenarios) {
    if (read.model) apply_scenario(*read.model, choice, read.diagnostics);
    read.diagnostics.sort_and_unique();
  }
  FromText read;
  const Model& model() const { return *read.model; }
};

std::string formula(const EquationDecl& equation, std::size_t piece = 0) {
  return print(*equation.pieces.at(piece).formula);
}

TEST(Scenarios, DefaultCasesAreAppliedAndRecorded) {
  const Applied done(
      "scenarios:\n  supply:\n    default: low\n    low: {growth: 2 %/yr}\n    high: {growth: 8 %/yr}\n"
      "  name_only:\n    default: a\n    name: {en: Axis, zh: 轴}\n    a: {name: Case A}\n",
      {});
  EXPECT_EQ(done.read.rendered(), "");
  EXPECT_EQ(done.model().scenario,
            (std::map<std::string, std::string>{{"supply", "low"}, {"name_only", "a"}}));
  EXPECT_DOUBLE_EQ(parameter(done.model(), "growth").value->number, 0.02);
  EXPECT_EQ(done.model().axes[1].title.in("zh"), "轴");
  EXPECT_EQ(done.model().axes[1].case_titles[0].in("en"), "Case A");
}

TEST(Scenarios, EveryFormOfAnOverride) {
  const Applied done(
      "scenarios:\n  s:\n    default: base\n    base: {}\n    all:\n"
      "      growth: {times: 0.5}\n"
      "      collection: {projection: 60 %}\n"
      "      life: {value: 20 yr, source: }\n"
      "      demand: max(x, y)\n"
      "      made: {history: z}\n"
      "      sold: made / 2\n"
      "      in_use.lifetime: {normal: {mean: life, sd: 2}}\n"
      "      in_use.inflow_at: end\n"
      "      smelter.transfer: {metal: 95 %, slag: rest}\n",
      {{"s", "all"}});
  // An empty `source:` is the only thing wrong here.
  EXPECT_EQ(done.read.codes(), "missing-value") << done.read.rendered();
  const Model& model = done.model();
  EXPECT_EQ(parameter(model, "growth").times, 0.5);
  EXPECT_DOUBLE_EQ(parameter(model, "growth").value->number, 0.05);
  ASSERT_EQ(parameter(model, "collection").changes.size(), 1u);
  EXPECT_EQ(parameter(model, "collection").changes[0].condition.id, "projection");
  EXPECT_DOUBLE_EQ(parameter(model, "collection").changes[0].value->number, 0.6);
  EXPECT_DOUBLE_EQ(parameter(model, "collection").value->number, 0.01) << "history keeps its value";
  EXPECT_EQ(parameter(model, "life").value->number, 20);
  EXPECT_EQ(formula(equation(model, "demand")), "max(x, y)");
  EXPECT_EQ(formula(equation(model, "made")), "z");
  EXPECT_EQ(formula(equation(model, "made"), 1), "y") << "pieces not named stay";
  EXPECT_EQ(formula(equation(model, "sold")), "made / 2") << "a flow may get its equation from a case";
  EXPECT_EQ(stock(model, "in_use").lifetime->family.id, "normal");
  EXPECT_EQ(stock(model, "in_use").inflow_at.text, "end");
  EXPECT_EQ(print(*model.processes[0].transfer[0].share), "95 %");
}

TEST(Scenarios, ACaseLeavesTheOthersAlone) {
  const Applied done(
      "scenarios:\n  s:\n    default: base\n    base: {}\n    high: {growth: 9 %/yr, sold: made}\n", {});
  EXPECT_EQ(done.read.rendered(), "");
  EXPECT_DOUBLE_EQ(parameter(done.model(), "growth").value->number, 0.05);
  EXPECT_EQ(done.model().equations.size(), 2u);
}

TEST(Scenarios, PiecesOfAnEquation) {
  const auto made = [](const std::string& value) {
    const Applied done("scenarios:\n  s:\n    default: a\n    a: {" + value + "}\n", {});
    EXPECT_EQ(done.read.rendered(), "");
    std::string result;
    for (const std::string name : {"made", "demand"}) {
      for (const PieceDecl& piece : equation(done.model(), name).pieces)
        result += (piece.condition ? piece.condition->id : "-") + ":" + print(*piece.formula) + " ";
    }
    return result;
  };
  EXPECT_EQ(made("made: {else: z}"), "history:x else:z -:x + y ");
  EXPECT_EQ(made("made: {history: z, projection: w}"), "history:z projection:w -:x + y ")
      << "other conditions: all is new";
  EXPECT_EQ(made("demand: {projection: 2 * x}"), "history:x else:y projection:2 * x else:x + y ");
  EXPECT_EQ(made("demand: {projection: a, else: b}"), "history:x else:y projection:a else:b ");
}

TEST(Scenarios, MistakesInCasesThatAreNotRunAreFound) {
  const FromText read(
      std::string(base) +
      "scenarios:\n  s:\n    default: a\n    a: {}\n    b: {growht: 3 %}\n    c: {growth: {projektion: 3 "
      "%}}\n"
      "    d: {growth: {unit: t}}\n    e: {demand: (}\n    f: {in_use: 3}\n    g: {in_use.livetime: {fixed: "
      "3}}\n"
      "    h: {growth: [1]}\n    i: {made: {history: a, over: [time]}}\n    j: {growth: {times: x}}\n"
      "    k: {in_use.inflow_at: later}\n");
  EXPECT_EQ(read.diagnostics.error_count(), 10u) << read.rendered();
}

TEST(Scenarios, AxesAndCasesThatDoNotExist) {
  const std::string axes = "scenarios:\n  supply:\n    default: low\n    low: {}\n    high: {}\n";
  const Applied axis(axes, {{"suply", "low"}});
  EXPECT_EQ(axis.read.rendered(),
            "error: there is no scenario axis `suply`\n"
            "  = help: did you mean `supply`?\n");
  const Applied one(axes, {{"supply", "hihg"}});
  EXPECT_EQ(one.read.codes(), "unknown-case");
  EXPECT_NE(one.read.rendered().find("did you mean `high`?"), std::string::npos);
  EXPECT_EQ(Applied("scenarios:\n  s:\n    default: c\n    a: {}\n", {}).read.codes(), "unknown-case");
  EXPECT_EQ(Applied("scenarios:\n  s:\n    a: {}\n", {}).read.codes(), "missing-key");
  EXPECT_EQ(Applied("scenarios:\n  s: {default: a}\n", {}).read.codes(), "missing-key");
}

TEST(Scenarios, TwoAxesMustNotChangeOneThing) {
  const std::string axes =
      "scenarios:\n"
      "  supply:\n    default: low\n    low: {}\n    high: {growth: 8 %/yr}\n"
      "  policy:\n    default: none\n    none: {}\n    strict: {growth: 1 %/yr}\n";
  EXPECT_EQ(Applied(axes, {{"supply", "high"}}).read.rendered(), "");
  const Applied both(axes, {{"supply", "high"}, {"policy", "strict"}});
  EXPECT_EQ(both.read.rendered(),
            "error: the scenario axes `supply` and `policy` both change `growth`\n"
            "  --> model.yaml:29:14\n"
            "   |\n"
            "25 |     high: {growth: 8 %/yr}\n"
            "   |            ^^^^^^ changed by `supply`\n"
            "...\n"
            "29 |     strict: {growth: 1 %/yr}\n"
            "   |              ^^^^^^ changed by `policy`\n"
            "   = why: which of the two holds would depend on their order\n"
            "   = help: let one axis change it, or split the parameter in two\n");
}

}  // namespace
}  // namespace lode
