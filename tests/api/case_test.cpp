// SPDX-License-Identifier: Apache-2.0
//
// The public interface, as a program that links the library sees it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

const char* const small = R"(lode: 1
title: Small
time: {first: 2000, last: 2001}
defaults: {over: [time], flow: kt/yr}
dimensions:
  good: [wire, tube]
  thing: {labels: [cable, motor], units: {cable: km, motor: item}}
when:
  late: time > 2000
parameters:
  made: {over: [time, good], unit: kt/yr, table: made.csv, missing: absent}
  sold: {over: [thing], unit: thing.counted_in/yr, table: sold.csv}
  part: {value: 40 %}
processes:
  mine: {outside: true}
  plant: {}
flows:
  ore: {from: mine, to: plant}
  metal: {from: plant, to: mine}
equations:
  ore: sum(made over good)
  metal: residual(plant)
  ratio: part * metal / ore
  first: first_year(ore > limit)
  never: first_year(ore > big_limit)
  sales: sold
  later: {over: [time], unit: kt/yr, where: late, equals: ore}
alerts:
  ore: {at_most: 4 kt/yr, severity: error}
scenarios:
  size: {default: normal, normal: {}, double: {part: 80 %}}
)";

Files small_case() {
  std::string model = small;
  model.replace(model.find("  part: {value"), 14,
                "  limit: {value: 4 kt/yr}\n  big_limit: {value: 9 kt/yr}\n  part: {value");
  return {{"model.yaml", model},
          {"made.csv", "time,good,value\n2000,wire,1\n2000,tube,2\n2001,wire,5\n"},
          {"sold.csv", "thing,value\ncable,7\nmotor,8\n"},
          {"checkpoints.csv", "id,what,time,value,unit\nA,ore,2000,3,kt/yr\nB,ratio,2001,30,%\n"}};
}

TEST(Case, GivesValuesWithTheirUnits) {
  const CaseFolder folder(small_case());
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.ok()) << model.messages_text();
  EXPECT_FALSE(model.computed());
  EXPECT_FALSE(model.value("part")) << "nothing is computed yet";
  ASSERT_TRUE(model.run()) << model.messages_text();
  EXPECT_TRUE(model.computed());
  const auto expect = [&](const std::string& formula, double value, const std::string& unit) {
    const auto got = model.value(formula);
    ASSERT_TRUE(got) << formula << "\n" << model.messages_text();
    EXPECT_NEAR(got->value, value, 1e-12 * value) << formula;
    EXPECT_EQ(got->unit, unit) << formula;
  };
  expect("ore[2000]", 3, "kt/yr");
  expect("total(ore)", 8000, "t");
  expect("sum(made over good)[2001]", 5000, "t/yr");
  expect("ratio[2000]", 0.4, "1");
  expect("sales[cable]", 7, "km/yr");
  expect("sales[motor]", 8, "item/yr");
  expect("first", 2001, "");
  expect("balance.plant[2000] + ore[2000]", 3000, "t/yr");
  EXPECT_FALSE(model.value("never"));
  EXPECT_FALSE(model.value("made[2001, tube]")) << "absent";
  EXPECT_FALSE(model.value("later[2000]")) << "does not exist";
  EXPECT_TRUE(model.ok()) << model.messages_text();
  EXPECT_FALSE(model.value("oer[2000]"));
  EXPECT_FALSE(model.ok());
  EXPECT_EQ(model.messages().back().code, "unknown-name");
}

TEST(Case, ResultsHoldLabelsAndUnits) {
  const CaseFolder folder(small_case());
  Case model = Case::load(folder.path());
  EXPECT_TRUE(model.results().variables.empty());
  ASSERT_TRUE(model.run());
  const ResultSet results = model.results();
  EXPECT_EQ(results.title, "Small");
  bool seen = false;
  for (const ResultVariable& variable : results.variables) {
    if (variable.name == "sales") {
      seen = true;
      EXPECT_EQ(variable.label_units, (std::vector<std::string>{"km/yr", "item/yr"}));
      EXPECT_EQ(variable.values, (std::vector<double>{7, 8}));
    }
    if (variable.name == "ore") {
      EXPECT_EQ(variable.unit, "kt/yr");
      EXPECT_EQ(variable.values, (std::vector<double>{3, 5}));
      EXPECT_EQ(variable.from, "mine");
    }
  }
  EXPECT_TRUE(seen);
}

TEST(Case, ScenariosAreChosenWhenLoaded) {
  const CaseFolder folder(small_case());
  Case model = Case::load(folder.path(), {{"size", "double"}});
  ASSERT_TRUE(model.run());
  EXPECT_NEAR(model.value("ratio[2000]")->value, 0.8, 1e-15);
  const Case wrong = Case::load(folder.path(), {{"size", "huge"}});
  EXPECT_FALSE(wrong.ok());
  EXPECT_TRUE(wrong.readable());
}

TEST(Case, VerifiesAndSummarises) {
  const CaseFolder folder(small_case());
  Case model = Case::load(folder.path());
  EXPECT_TRUE(model.verify().empty());
  EXPECT_EQ(model.summary_text(), "");
  ASSERT_TRUE(model.run());
  const auto rows = model.verify();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].status, "agrees");
  EXPECT_EQ(rows[1].status, "differs");
  EXPECT_NEAR(*rows[1].relative_difference, 1.0 / 3, 1e-12);
  EXPECT_TRUE(model.alert_raised());
  EXPECT_EQ(nlohmann::json::parse(model.summary_json({"a.nc"}))["files"], nlohmann::json({"a.nc"}));
  EXPECT_FALSE(nlohmann::json::parse(model.verify_json())["checkpoints"].empty());
}

TEST(Case, MessagesKnowTheirPlace) {
  Files files = small_case();
  files["model.yaml"].replace(files["model.yaml"].find("residual(plant)"), 15, "residual(plnat)");
  const CaseFolder folder(files);
  Case model = Case::load(folder.path());
  EXPECT_FALSE(model.ok());
  EXPECT_TRUE(model.readable());
  EXPECT_FALSE(model.run());
  EXPECT_EQ(model.plan_text(), "");
  const auto messages = model.messages();
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages[0].severity, Message::Severity::error);
  EXPECT_EQ(messages[0].code, "unknown-process");
  EXPECT_TRUE(messages[0].file.ends_with("model.yaml"));
  EXPECT_EQ(messages[0].line, 24u);
  EXPECT_EQ(messages[0].column, 19u);
  EXPECT_EQ(messages[0].help, "did you mean `plant`?");
  EXPECT_EQ(nlohmann::json::parse(model.messages_json())[0]["code"], "unknown-process");
  EXPECT_NE(model.graph_dot().find("\"mine\" -> \"plant\""), std::string::npos);
}

TEST(Case, WhatIsNoCase) {
  const CaseFolder folder(Files{{"file", "x"}});
  for (const char* path : {"nowhere", "file", "."}) {
    Case model = Case::load(folder.path() / path);
    EXPECT_FALSE(model.readable()) << path;
    EXPECT_FALSE(model.ok()) << path;
    EXPECT_FALSE(model.run()) << path;
    EXPECT_EQ(model.outline(), "");
    EXPECT_EQ(model.graph_dot() + model.graph_mermaid() + model.graph_json(), "");
    EXPECT_TRUE(model.files().empty());
    EXPECT_TRUE(model.write_missing_tables().empty());
    EXPECT_FALSE(model.value("x"));
  }
}

TEST(Case, UnusedThingsAreNamed) {
  Files files = small_case();
  std::string& model_text = files["model.yaml"];
  model_text.replace(model_text.find("  late: time"), 12, "  early: time < 2001\n  late: time");
  model_text.replace(model_text.find("  part: {value"), 14,
                     "  only_high: {value: 1}\n  only_checked: {value: 1}\n  only_limit: {value: 1}\n  "
                     "spare: {value: 1}\n  part: {value");
  model_text.replace(model_text.find("alerts:"), 7, "alerts:\n  ratio: {at_most: 2 * only_limit}");
  model_text.replace(model_text.find("double: {part: 80 %}"), 20, "double: {ratio: only_high * part}");
  files["checkpoints.csv"] += "C,only_checked * 2,,2,1\n";
  const CaseFolder folder(files);
  for (const char* size : {"normal", "double"}) {
    const Case model = Case::load(folder.path(), {{"size", size}});
    ASSERT_TRUE(model.ok()) << model.messages_text();
    const auto messages = model.messages();
    ASSERT_EQ(messages.size(), 2u) << model.messages_text();
    EXPECT_EQ(messages[0].text, "nothing uses the condition `early`");
    EXPECT_EQ(messages[0].line, 9u);
    EXPECT_EQ(messages[1].text, "nothing uses the parameter `spare`");
    EXPECT_EQ(messages[1].code, "unused");
    EXPECT_EQ(messages[1].severity, Message::Severity::warning);
  }
}

TEST(Case, NothingIsCalledUnusedThatIsShared) {
  const CaseFolder folder(Files{
      {"case/model.yaml", "lode: 1\nextends: ../common.yaml\ntime: 2000\nequations:\n  b: a\n"},
      {"common.yaml", "parameters:\n  a: {value: 1}\n  c: {value: 1}\nwhen:\n  always_so: time > 1999\n"}});
  const Case model = Case::load(folder.path() / "case");
  EXPECT_TRUE(model.ok());
  EXPECT_TRUE(model.messages().empty()) << model.messages_text();
}

TEST(Case, TheRepositorysCasesUseWhatTheyDeclare) {
  for (const std::string& name : testing::repository_cases()) {
    const Case model = Case::load(std::filesystem::path(LODE_SOURCE_DIR) / name);
    for (const Message& message : model.messages())
      EXPECT_NE(message.code, "unused") << name << ": " << message.text;
  }
}

TEST(Case, TemplatesMakeCases) {
  const CaseFolder folder(Files{{"taken/file", "x"}});
  for (const std::string& name : template_names()) {
    const auto target = folder.path() / name;
    ASSERT_EQ(create_case(target, name), "") << name;
    Case model = Case::load(target);
    EXPECT_TRUE(model.run()) << name << "\n" << model.messages_text();
    EXPECT_EQ(create_case(target, name), target.string() + " exists already");
  }
  EXPECT_NE(create_case(folder.path() / "taken", "chain"), "");
  EXPECT_EQ(folder.read("taken/file"), "x");
  EXPECT_NE(create_case(folder.path() / "x", "nothing").find("there is no template `nothing`"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x"));
}

}  // namespace
}  // namespace lode
