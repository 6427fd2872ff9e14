// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "../engine/case_tools.hpp"
#include "lode/api/scenario_runs.hpp"
#include "lode/api/variants.hpp"
#include "lode/lode.hpp"
#include "lode/results/write.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

const char* const model_text = R"(lode: 1
time: {first: 2000, last: 2010}
defaults: {over: [time], flow: kt/yr, stock: kt}
when: {late: time > 2005, brave: demand = brisk}
parameters:
  ore: {over: [time], unit: kt/yr, table: ore.csv, interpolate: linear, extrapolate: hold}
  yield: {over: [time], value: 50 %}
  growth: {value: 3 %/yr}
  life: {value: 4 yr}
  begin: {value: 7 t/yr}
processes:
  use: {}
  world: {outside: true}
flows:
  bought: {from: world, to: use}
  gone: {from: use, to: world}
stocks:
  in_use: {process: use, inflow: bought, outflow: gone, lifetime: {fixed: life}}
equations:
  metal: ore * yield
  grown: prev(grown, first = begin) * compound(growth)
  bought: metal + grown
  apart: ore * 3
  bold: {brave: ore * 2, else: ore}
scenarios:
  supply:
    default: middle
    low: {yield: {late: 30 %}}
    middle: {}
    high: {yield: 80 %}
  pace:
    default: calm
    calm: {}
    fast: {growth: 9 %/yr}
  demand:
    default: quiet
    quiet: {}
    brisk: {}
  lives:
    default: four
    four: {}
    weibull: {in_use.lifetime: {weibull: {mean: life, shape: 3}}}
  source:
    default: table
    table: {}
    other: {ore: {table: other.csv}}
)";

Files files() {
  return {{"model.yaml", model_text},
          {"ore.csv", "time,value\n2000,10\n2007,12.5\n"},
          {"other.csv", "time,value\n2000,11\n2004,9\n"}};
}

bool same_bits(const Array& a, const Array& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data().data(), b.data().data(), a.size() * sizeof(double)) == 0;
}

void expect_same(const Session& a, const Session& b) {
  ASSERT_TRUE(a.computed() && b.computed());
  ASSERT_EQ(a.bound->quantities.size(), b.bound->quantities.size());
  for (std::size_t q = 0; q < a.bound->quantities.size(); ++q)
    EXPECT_TRUE(same_bits(a.evaluation->quantity(q), b.evaluation->quantity(q)))
        << a.bound->quantities[q].name;
  for (std::size_t l = 0; l < a.bound->leaves.size(); ++l)
    EXPECT_TRUE(same_bits(a.evaluation->leaf(l), b.evaluation->leaf(l))) << a.bound->leaves[l].name;
  ASSERT_EQ(a.evaluation->events().size(), b.evaluation->events().size());
  for (std::size_t i = 0; i < a.evaluation->events().size(); ++i) {
    EXPECT_EQ(a.evaluation->events()[i].what, b.evaluation->events()[i].what);
    EXPECT_EQ(a.evaluation->events()[i].cell, b.evaluation->events()[i].cell);
    EXPECT_EQ(a.evaluation->events()[i].count, b.evaluation->events()[i].count);
  }
}

TEST(Variants, HaveTheBitsOfASessionOfTheirOwn) {
  const CaseFolder folder(files());
  const Session base = folder.computed();
  for (const ScenarioChoice& choice : std::vector<ScenarioChoice>{
           {{"supply", "low"}}, {{"supply", "high"}, {"pace", "fast"}}, {{"source", "other"}}, {}}) {
    SCOPED_TRACE(scenario_text(choice));
    const auto variant = make_variant(base, choice);
    ASSERT_TRUE(variant);
    EXPECT_FALSE(variant->failed);
    EXPECT_EQ(variant->session.plan, base.plan);
    expect_same(variant->session, folder.computed(choice));
  }
}

TEST(Variants, AreNotMadeWhereMoreThanNumbersDiffer) {
  const CaseFolder folder(files());
  const Session base = folder.computed();
  EXPECT_FALSE(make_variant(base, {{"lives", "weibull"}}));
  EXPECT_FALSE(make_variant(base, {{"demand", "brisk"}})) << "a condition asks for the axis";
  const Session other = folder.computed({{"lives", "weibull"}});
  const auto variant = make_variant(other, {{"lives", "weibull"}, {"supply", "low"}});
  ASSERT_TRUE(variant);
  expect_same(variant->session, folder.computed({{"lives", "weibull"}, {"supply", "low"}}));
}

TEST(Variants, OfCellsThatAreAbsentElsewhereAreBoundAnew) {
  Files all = files();
  all["model.yaml"].replace(all["model.yaml"].find("{ore: {table: other.csv}}"), 25,
                            "{ore: {table: other.csv, extrapolate: none, missing: absent}}");
  const CaseFolder folder(all);
  EXPECT_FALSE(make_variant(folder.computed(), {{"source", "other"}}));
}

TEST(Variants, FindParametersAgainWhereTheyDependOnTheChange) {
  Files all = files();
  std::string& text = all["model.yaml"];
  text += "solve:\n  fit: {find: {scale: [0, 100]}, so_that: 'scaled[2010] = goal'}\n";
  text.insert(text.find("  life: {"), "  scale: {value: 1}\n  goal: {value: 300 kt/yr}\n");
  text.insert(text.find("  bold: {"), "  scaled: metal * scale\n");
  const CaseFolder folder(all);
  const Session base = folder.computed();
  for (const ScenarioChoice& choice :
       std::vector<ScenarioChoice>{{{"supply", "high"}}, {{"pace", "fast"}}, {{"source", "other"}}}) {
    SCOPED_TRACE(scenario_text(choice));
    const auto variant = make_variant(base, choice);
    ASSERT_TRUE(variant);
    expect_same(variant->session, folder.computed(choice));
  }
}

TEST(Scenarios, OfEveryTrialAreThoseOfSingleRuns) {
  for (const std::string& name : testing::repository_cases()) {
    SCOPED_TRACE(name);
    const auto path = std::filesystem::path(LODE_SOURCE_DIR) / name;
    Session base = open_session(path, {});
    if (!base.planned() || !compute(base)) continue;
    for (const ScenarioChoice& choice : testing::choices_of(*base.as_read)) {
      SCOPED_TRACE(scenario_text(choice));
      const auto variant = make_variant(base, choice);
      if (!variant) continue;
      Session alone = open_session(base.as_read, choice);
      ASSERT_TRUE(compute(alone));
      expect_same(variant->session, alone);
    }
  }
}

ScenarioSet set_of(const std::vector<std::string>& texts, const ScenarioChoice& chosen = {},
                   std::string* messages = nullptr) {
  const CaseFolder folder(files());
  const Session session = folder.open();
  Diagnostics diagnostics;
  ScenarioSet set = read_scenario_set(*session.as_read, texts, chosen, diagnostics);
  if (messages)
    *messages = render(diagnostics);
  else
    EXPECT_FALSE(diagnostics.has_errors()) << render(diagnostics);
  return set;
}

TEST(ScenarioSets, CombineAxes) {
  EXPECT_EQ(set_of({"all"}).choices.size(), 48u);
  EXPECT_EQ(set_of({"all"}, {{"supply", "low"}}).choices.size(), 16u);
  const ScenarioSet set = set_of({"supply=low,high; pace = all"});
  ASSERT_EQ(set.labels, (std::vector<std::string>{"supply=low, pace=calm", "supply=low, pace=fast",
                                                  "supply=high, pace=calm", "supply=high, pace=fast"}));
  EXPECT_EQ(set_of({"supply=low,high,pace=calm,fast"}).labels, set.labels);
  EXPECT_EQ(set_of({"supply=low,high", "pace=all"}).labels, set.labels);
  const ScenarioSet one = set_of({"supply=low"});
  ASSERT_EQ(one.choices.size(), 1u);
  EXPECT_EQ(one.labels[0], "supply=low");
}

TEST(ScenarioSets, TellMistakes) {
  const auto message = [](const std::string& text, const ScenarioChoice& chosen = {}) {
    std::string messages;
    set_of({text}, chosen, &messages);
    return messages;
  };
  EXPECT_NE(message("suply=low").find("did you mean `supply`?"), std::string::npos);
  EXPECT_NE(message("supply=lo").find("did you mean `low`?"), std::string::npos);
  EXPECT_NE(message("low").find("scenarios are `AXIS=CASE,CASE`, or `all`"), std::string::npos);
  EXPECT_NE(message("supply=").find("names no case"), std::string::npos);
  EXPECT_NE(message(" ").find("no scenarios are named"), std::string::npos);
  EXPECT_NE(message("supply=low", {{"supply", "high"}}).find("is chosen already"), std::string::npos);
}

TEST(Scenarios, ResultsHaveADimensionWhereTheyDiffer) {
  const CaseFolder folder(files());
  Case model = Case::load(folder.path());
  ScenarioRequest request;
  request.sets = {"supply=all; lives=all"};
  request.show = {"metal[2010]"};
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const ResultSet results = model.scenario_results();
  ASSERT_EQ(results.dimensions.back().name, "scenario");
  EXPECT_EQ(results.dimensions.back().labels.size(), 6u);
  const ResultVariable& metal = *results.find("metal");
  ASSERT_EQ(metal.dimensions.size(), 2u);
  EXPECT_EQ(metal.dimensions[0], results.dimensions.size() - 1);
  EXPECT_EQ(results.find("apart")->dimensions.size(), 1u) << "it does not depend on the scenario";
  // Each is what a run by itself gives.
  std::size_t k = 0;
  for (const char* supply : {"low", "middle", "high"})
    for (const char* lives : {"four", "weibull"}) {
      Case alone = Case::load(folder.path(), {{"supply", supply}, {"lives", lives}});
      ASSERT_TRUE(alone.run());
      const ResultSet own = alone.results();
      for (const char* name : {"metal", "in_use.stock", "in_use.outflow", "apart"}) {
        const ResultVariable &one = *own.find(name), &all = *results.find(name);
        const bool differs = all.values.size() != one.values.size();
        const double* from = all.values.data() + (differs ? k * one.values.size() : 0);
        EXPECT_EQ(0, std::memcmp(from, one.values.data(), one.values.size() * sizeof(double)))
            << name << " " << supply << " " << lives;
      }
      ++k;
    }
  const std::string text = model.scenarios_text();
  EXPECT_NE(text.find("6 (3 supply × 2 lives)"), std::string::npos) << text;
  EXPECT_NE(text.find("metal[2010]"), std::string::npos) << text;
}

TEST(Scenarios, GoThroughNetcdf) {
  const CaseFolder folder(files());
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios({{"supply=all"}, {}, 0}));
  const ResultSet results = model.scenario_results();
  const auto file = folder.path() / "all.nc";
  ASSERT_EQ(write_results_netcdf(results, file), "");
  std::string problem;
  const auto back = read_results(file, problem);
  ASSERT_TRUE(back) << problem;
  const auto find = [](const ResultSet& set) {
    return std::find_if(set.dimensions.begin(), set.dimensions.end(),
                        [](const ResultDimension& each) { return each.name == "scenario"; });
  };
  ASSERT_NE(find(*back), back->dimensions.end());
  EXPECT_EQ(find(*back)->labels, find(results)->labels);
  EXPECT_EQ(find(*back)->parts, find(results)->parts);
  EXPECT_EQ(back->find("metal")->values, results.find("metal")->values);
}

TEST(Scenarios, SayWhichOfThemFails) {
  Files all = files();
  all["model.yaml"].replace(all["model.yaml"].find("high: {yield: 80 %}"), 19, "high: {yield: 0 %}");
  all["model.yaml"].replace(all["model.yaml"].find("  bold: {"), 0, "  inverse: ore / metal\n");
  const CaseFolder folder(all);
  Case model = Case::load(folder.path());
  EXPECT_FALSE(model.run_scenarios({{"supply=all"}, {}, 0}));
  EXPECT_NE(model.messages_text().find("(scenario supply=high)"), std::string::npos) << model.messages_text();
}

}  // namespace
}  // namespace lode
