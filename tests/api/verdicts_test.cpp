// SPDX-License-Identifier: Apache-2.0
//
// Classes, weak stages and the other questions of docs/policy.md, on numbers worked by hand.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using Json = nlohmann::json;

Case computed(const Scenario& scenario = {}) {
  Case model = Case::load(std::string(LODE_SOURCE_DIR) + "/examples/policy", scenario);
  EXPECT_TRUE(model.ok()) << model.messages_text();
  EXPECT_TRUE(model.run()) << model.messages_text();
  return model;
}

double in_class(const Json& row, const std::string& e, const std::string& f, const std::string& g) {
  for (const Json& cell : row["classes"])
    if (cell["E"] == e && cell["F"] == f && cell["G"] == g) return cell["value"];
  return 0;
}

TEST(Policy, AgreesWithTheArithmeticByHand) {
  Case model = computed();
  const std::vector<Checkpoint> checkpoints = model.verify();
  EXPECT_GT(checkpoints.size(), 20u);
  for (const Checkpoint& each : checkpoints) EXPECT_EQ(each.status, "agrees") << each.id << ' ' << each.what;
}

TEST(Classify, AddsUpToWhatIsClassified) {
  const Case model = computed();
  const TableResult table = model.classify({});
  ASSERT_EQ(table.problem, "");
  const Json json = Json::parse(table.json).at(0);
  EXPECT_EQ(json["by"], "product");
  EXPECT_DOUBLE_EQ(json["all"]["in_all"], 130);
  EXPECT_DOUBLE_EQ(json["axes"]["E"]["E1"], 100);
  EXPECT_DOUBLE_EQ(json["axes"]["E"]["E2"], 20);
  EXPECT_DOUBLE_EQ(json["axes"]["F"]["F1"], 36);
  EXPECT_DOUBLE_EQ(json["axes"]["G"]["G3"], 14);
  for (const Json& row : json["rows"]) {
    double sum = row["unclassified"];
    for (const Json& cell : row["classes"]) sum += cell["value"].get<double>();
    EXPECT_NEAR(sum, row["in_all"], 1e-12) << row["label"];
  }
  EXPECT_NEAR(in_class(json["rows"][1], "E2", "F2", "G2"), 4.2, 1e-12);
}

TEST(Classify, TellsOfSharesThatExceedTheWhole) {
  const testing::CaseFolder folder(testing::Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2001}
dimensions:
  F: [F1, F2, F3]
parameters:
  waste: {over: [time], unit: t/yr, value: 10}
  most: {value: 70 %}
classification:
  left:
    of: waste
    rules:
      F:
        - {split: {F1: most, F2: 40 %, F3: rest}}
  gone:
    of: waste
    rules:
      F:
        - {split: {F1: most, F2: 40 %}}
)"}});
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run()) << model.messages_text();
  const Json told = Json::parse(model.summary_json())["unclassified"];
  ASSERT_EQ(told.size(), 2u) << told;
  EXPECT_EQ(told[0], "left[2000, F3]: -1 t/yr, for other shares of its rule exceed 100 %; 2 cells in all");
  EXPECT_EQ(told[1], "gone[2000]: the rules give away 1 t/yr too much of 10 t/yr; 2 cells in all");
}

TEST(Classify, HasRowsByRegionAndBothLanguages) {
  const Case model = computed();
  const TableResult table = model.classify({"graded", "region", 0, "zh"});
  ASSERT_EQ(table.problem, "");
  const Json json = Json::parse(table.json).at(0);
  EXPECT_EQ(json["rows"].size(), 2u);
  EXPECT_DOUBLE_EQ(json["rows"][0]["in_all"], 77);
  EXPECT_NE(table.text.find("东部"), std::string::npos);
  EXPECT_NE(table.text.find("经济性"), std::string::npos);
  EXPECT_NE(table.csv.find("graded,2032,region,east,E1 F1 G1,30,t/yr\n"), std::string::npos) << table.csv;
}

TEST(Classify, SaysWhatItCannotShow) {
  const Case model = computed();
  EXPECT_NE(model.classify({"", "chemistry"}).problem.find("rows can be by product, region"),
            std::string::npos);
  EXPECT_NE(model.classify({"grade", ""}).problem.find("graded"), std::string::npos);
  EXPECT_NE(model.classify({"", "", 1999}).problem.find("1999"), std::string::npos);
  EXPECT_NE(model.diagnose({1999}).problem.find("1999"), std::string::npos);
}

TEST(Classify, WithDrawsShowsMeans) {
  Case model = computed();
  DrawRequest draws;
  draws.draws = 1024;
  ASSERT_TRUE(model.run_draws(draws)) << model.messages_text();
  const Json json = Json::parse(model.classify({}).json).at(0);
  EXPECT_EQ(json["statistic"], "mean");
  EXPECT_NEAR(json["all"]["in_all"].get<double>(), 130, 1);
  EXPECT_NEAR(json["axes"]["E"]["E1"].get<double>() / json["all"]["in_all"].get<double>(), 100. / 130, 0.01);
}

TEST(Diagnose, NamesTheWeakStageAndWhy) {
  const Case model = computed();
  const TableResult table = model.diagnose({});
  ASSERT_EQ(table.problem, "");
  const Json json = Json::parse(table.json);
  EXPECT_EQ(json["weak"], "smelting");
  EXPECT_EQ(json["reasons"]["en"][0], "Loss is 40 %, 1.6 times its limit of 25 %");
  EXPECT_EQ(json["reasons"]["zh"][0], "损失率为 40 %，是上限 25 % 的 1.6 倍");
  EXPECT_NE(table.text.find("weak stage: Smelting"), std::string::npos) << table.text;
  EXPECT_NE(table.text.find("also beyond: Making (balance)"), std::string::npos) << table.text;
  EXPECT_NE(model.diagnose({2025, "zh"}).text.find("薄弱环节：冶炼\n  损失率为 40 %，是上限 25 % 的 1.6 倍"),
            std::string::npos);
}

TEST(Diagnose, HasNothingToSayOfOtherCases) {
  Case model = Case::load(std::string(LODE_SOURCE_DIR) + "/examples/indicators");
  ASSERT_TRUE(model.run());
  EXPECT_NE(model.diagnose({}).problem.find("`diagnosis:`"), std::string::npos);
  EXPECT_NE(model.classify({}).problem.find("`classification:`"), std::string::npos);
}

}  // namespace
}  // namespace lode
