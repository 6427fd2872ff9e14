// SPDX-License-Identifier: Apache-2.0
//
// Scenarios drawn together, as a user of the library has them. y = factor · a + b of normal a (10 ± 1 t) and
// b (0 ± 3 t): scenarios differ by a multiple of a alone. 8,192 Sobol points know a mean far better than the
// bounds here ask for.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/api/scenario_pairs.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;

const char* const model_text = R"(lode: 1
title: Linear
time: {first: 2000, last: 2003}
defaults: {over: [time]}
parameters:
  a: {over: [], value: 10 t, normal: {sd: 1}}
  b: {over: [], value: 0 t, normal: {sd: 3}}
  factor: {over: [], value: 2}
  ten: {over: [], value: 10 t}
equations:
  y: {over: [time], equals: factor * a + b}
  apart: {over: [time], equals: b}
  share: {over: [], equals: a / (a + ten)}
scenarios:
  size:
    default: small
    small: {}
    large: {factor: 3}
    huge: {factor: 5}
  sign:
    default: plain
    plain: {}
    shifted: {y: factor * a + b - a}
)";

ScenarioRequest asked(const std::string& set, const std::vector<std::string>& differences = {},
                      const Scenario& against = {}) {
  ScenarioRequest request;
  request.sets = {set};
  request.show = {"y[2003]"};
  request.draws.emplace();
  request.draws->draws = 8192;
  request.draws->against = against;
  request.differences = differences;
  return request;
}

ScenarioPairs pairs_of(const std::string& set, const Scenario& chosen, const ScenarioChoice& against,
                       const std::vector<std::string>& differences, std::string* messages = nullptr) {
  const CaseFolder folder{std::string(model_text)};
  const Session session = folder.open(chosen);
  Diagnostics diagnostics;
  const ScenarioSet read = read_scenario_set(*session.as_read, {set}, chosen, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render(diagnostics);
  ScenarioPairs pairs =
      read_scenario_pairs(*session.as_read, read, session.model->scenario, against, differences, diagnostics);
  if (messages)
    *messages = render(diagnostics);
  else
    EXPECT_FALSE(diagnostics.has_errors()) << render(diagnostics);
  return pairs;
}

std::vector<std::string> labels_of(const ScenarioPairs& pairs) {
  std::vector<std::string> labels;
  for (const ScenarioPair& pair : pairs.pairs) labels.push_back(pairs.label(pair));
  return labels;
}

TEST(ScenarioPairs, AreEachLessTheOneChosenUnlessNamed) {
  using List = std::vector<std::string>;
  EXPECT_EQ(labels_of(pairs_of("size=all", {}, {}, {})),
            (List{"size=large - size=small", "size=huge - size=small"}));
  EXPECT_EQ(labels_of(pairs_of("size=large,huge", {}, {}, {})), List{"size=huge - size=large"})
      << "the default is not among them";
  EXPECT_EQ(labels_of(pairs_of("size=all", {}, {}, {"size=huge - size=large"})),
            List{"size=huge - size=large"});
  const ScenarioPairs outside = pairs_of("size=large,huge", {}, {{"size", "small"}}, {});
  EXPECT_EQ(labels_of(outside), (List{"size=large - size=small", "size=huge - size=small"}));
  EXPECT_EQ(outside.choices.size(), 3u) << "the third is drawn for the differences alone";
  // Of several axes each is compared with its like.
  EXPECT_EQ(labels_of(pairs_of("size=small,large; sign=all", {}, {{"size", "small"}}, {})),
            (List{"size=large, sign=plain - size=small, sign=plain",
                  "size=large, sign=shifted - size=small, sign=shifted"}));
}

TEST(ScenarioPairs, TellMistakes) {
  const auto message = [](const std::string& difference, const std::string& set = "size=all") {
    std::string messages;
    pairs_of(set, {}, {}, {difference}, &messages);
    return messages;
  };
  EXPECT_NE(message("size=huge").find("written `A - B`"), std::string::npos);
  EXPECT_NE(message("huge - size=small").find("a scenario is written `AXIS=CASE`"), std::string::npos);
  EXPECT_NE(message("size=vast - size=small").find("no scenario of `--scenarios` is this one"),
            std::string::npos);
  EXPECT_NE(message("size=huge - size=small", "all").find("2 scenarios of `--scenarios` are this one"),
            std::string::npos);
  std::string messages;
  pairs_of("size=all", {}, {{"size", "vast"}}, {}, &messages);
  EXPECT_NE(messages.find("there is no scenario `size=vast`"), std::string::npos) << messages;
}

TEST(ScenarioDraws, HaveBandsForEachAndForTheirDifferences) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(asked("size=all"))) << model.messages_text();
  const ResultSet results = model.scenario_results();
  const ResultVariable& y = *results.find("y");
  ASSERT_EQ(y.values.size(), 3u * 4u);
  ASSERT_TRUE(y.uncertainty);
  const double factors[] = {2, 3, 5};
  for (std::size_t k = 0; k < 3; ++k) {
    const std::size_t cell = k * 4 + 3;
    EXPECT_NEAR(y.values[cell], factors[k] * 10, 1e-12);
    EXPECT_NEAR(y.uncertainty->mean[cell], factors[k] * 10, 0.01);
    EXPECT_NEAR(y.uncertainty->deviation[cell], std::sqrt(factors[k] * factors[k] + 9), 0.02);
  }
  const ResultVariable& apart = *results.find("apart");
  EXPECT_EQ(apart.values.size(), 4u) << "it is the same in all, bands and all";
  ASSERT_TRUE(apart.uncertainty);
  EXPECT_NEAR(apart.uncertainty->deviation[0], 3, 0.01);

  const ResultSet differences = model.scenario_differences();
  ASSERT_EQ(differences.dimensions.back().name, "difference");
  EXPECT_EQ(differences.dimensions.back().labels,
            (std::vector<std::string>{"size=large - size=small", "size=huge - size=small"}));
  EXPECT_EQ(differences.find("apart"), nullptr) << "no scenario changes it";
  const ResultVariable& less = *differences.find("y");
  ASSERT_TRUE(less.uncertainty);
  for (std::size_t d = 0; d < 2; ++d) {
    const std::size_t cell = d * 4 + 3;
    const double times = factors[d + 1] - 2;
    EXPECT_NEAR(less.values[cell], times * 10, 1e-12);
    EXPECT_NEAR(less.uncertainty->mean[cell], times * 10, 0.001);
    EXPECT_NEAR(less.uncertainty->deviation[cell], times, 0.01) << "√(4 + 9 + 9 + 9) and more if independent";
    EXPECT_EQ(less.uncertainty->below_zero[cell], 0);
  }
}

TEST(ScenarioDraws, MayDifferInStructure) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(asked("sign=all", {"sign=shifted - sign=plain"}))) << model.messages_text();
  const ResultSet differences = model.scenario_differences();
  const ResultVariable& less = *differences.find("y");
  EXPECT_NEAR(less.uncertainty->mean[3], -10, 0.001);
  EXPECT_NEAR(less.uncertainty->deviation[3], 1, 0.01);
  EXPECT_EQ(less.uncertainty->below_zero[3], 1);
}

TEST(ScenarioDraws, GoThroughNetcdf) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(asked("size=all"))) << model.messages_text();
  for (const ResultSet& set : {model.scenario_results(), model.scenario_differences()}) {
    const auto file = folder.path() / "all.nc";
    ASSERT_EQ(write_results_netcdf(set, file), "");
    std::string problem;
    const auto back = read_results(file, problem);
    ASSERT_TRUE(back) << problem;
    const ResultVariable &before = *set.find("y"), &after = *back->find("y");
    ASSERT_TRUE(after.uncertainty);
    EXPECT_EQ(after.uncertainty->mean, before.uncertainty->mean);
    EXPECT_EQ(after.uncertainty->below_zero, before.uncertainty->below_zero);
    EXPECT_EQ(after.uncertainty->quantiles, before.uncertainty->quantiles);
  }
}

TEST(ScenarioDraws, AreToldInWordsAndForMachines) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path());
  ScenarioRequest request = asked("size=all", {}, {{"size", "small"}});
  request.draws->probability = {"y[2003] > 25 t"};
  request.draws->focus = {"share"};
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const std::string text = model.scenarios_text();
  EXPECT_NE(text.find("8,192 of each scenario"), std::string::npos) << text;
  EXPECT_NE(text.find("size=large - size=small  10 t ± 0.99"), std::string::npos) << text;
  EXPECT_NE(text.find("P(< 0) = 0 %"), std::string::npos) << text;
  EXPECT_NE(text.find("P(y[2003] > 25 t)"), std::string::npos) << text;
  EXPECT_NE(text.find("2.5 points"), std::string::npos) << "a share's deviation: " << text;
  const auto said = nlohmann::json::parse(model.scenarios_json());
  EXPECT_EQ(said["draws"]["draws"], 8192);
  ASSERT_EQ(said["differences"].size(), 2u);
  EXPECT_EQ(said["differences"][0]["of"], "size=large");
  EXPECT_EQ(said["differences"][0]["to"], "size=small");
  EXPECT_NEAR(said["differences"][0]["numbers"][0]["mean"].get<double>(), 10, 0.001);
  EXPECT_EQ(said["differences"][0]["numbers"][0]["below_zero"], 0);
  // P(y > 25) of N(30, √18), by Φ(5/√18).
  EXPECT_NEAR(said["scenarios"][1]["drawn"][1]["mean"].get<double>(), 0.49875, 0.0001) << "share";
  EXPECT_NEAR(said["scenarios"][1]["drawn"][2]["probability"].get<double>(), 0.8807, 0.003);
}

TEST(ScenarioDraws, RefuseWhatIsOfOneScenario) {
  const CaseFolder folder{std::string(model_text)};
  for (const bool keep : {true, false}) {
    Case model = Case::load(folder.path());
    ScenarioRequest request = asked("size=all");
    (keep ? request.draws->keep : request.draws->correlations) = true;
    EXPECT_FALSE(model.run_scenarios(request));
    EXPECT_NE(model.messages_text().find("one scenario at a time"), std::string::npos)
        << model.messages_text();
  }
}

TEST(Diffs, HaveBandsFromDraws) {
  const CaseFolder folder{std::string(model_text)};
  DiffRequest request;
  request.from = folder.path();
  request.to_scenario = {{"size", "large"}};
  request.draws = 8192;
  const DiffOutcome outcome = diff(request);
  ASSERT_EQ(outcome.problem, "");
  const auto said = nlohmann::json::parse(outcome.json);
  EXPECT_EQ(said["draws"]["draws"], 8192);
  ASSERT_EQ(said["results"].size(), 1u);
  const auto& y = said["results"][0];
  EXPECT_EQ(y["difference"], 10);
  EXPECT_NEAR(y["drawn"]["mean"].get<double>(), 10, 0.001);
  EXPECT_NEAR(y["drawn"]["deviation"].get<double>(), 1, 0.01);
  EXPECT_NEAR(y["drawn"]["low"].get<double>(), 10 - 1.645, 0.03);
  EXPECT_NE(outcome.text.find("10 ± 1, 8.35"), std::string::npos) << outcome.text;
  EXPECT_NE(outcome.csv.find("mean,deviation,low,high,below_zero"), std::string::npos);
}

TEST(Correlations, AreToldWhereAskedFor) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path());
  DrawRequest request;
  request.draws = 8192;
  request.focus = {"y[2003]", "apart[2003]"};
  ASSERT_TRUE(model.run_draws(request)) << model.messages_text();
  EXPECT_EQ(model.draws_text().find("correlation"), std::string::npos) << "not asked for";
  EXPECT_EQ(model.results().find("correlation.inputs"), nullptr);
  request.correlations = true;
  ASSERT_TRUE(model.run_draws(request)) << model.messages_text();
  // y = 2 a + b: ρ(y, a) = 2/√13, ρ(y, b) = ρ(y, apart) = 3/√13.
  const auto said = nlohmann::json::parse(model.draws_json());
  const auto& of_y = said["correlations"][0];
  EXPECT_EQ(of_y["what"], "y[2003]");
  EXPECT_NEAR(of_y["with_results"][0]["correlation"].get<double>(), 1, 1e-12);
  EXPECT_NEAR(of_y["with_results"][1]["correlation"].get<double>(), 3 / std::sqrt(13), 0.005);
  EXPECT_EQ(of_y["with_inputs"][0]["input"], "a");
  EXPECT_NEAR(of_y["with_inputs"][0]["correlation"].get<double>(), 2 / std::sqrt(13), 0.005);
  EXPECT_NEAR(of_y["with_inputs"][1]["correlation"].get<double>(), 3 / std::sqrt(13), 0.005);
  const std::string text = model.draws_text();
  EXPECT_NE(text.find("+0.832  apart[2003]"), std::string::npos) << text;
  EXPECT_NE(text.find("+0.555  a"), std::string::npos) << text;
  const ResultSet results = model.results();
  const ResultVariable& inputs = *results.find("correlation.inputs");
  EXPECT_EQ(results.dimensions[inputs.dimensions[1]].labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_NEAR(inputs.values[0], 2 / std::sqrt(13), 0.005);
  const auto file = folder.path() / "with.nc";
  ASSERT_EQ(write_results_netcdf(results, file), "");
  std::string problem;
  const auto back = read_results(file, problem);
  ASSERT_TRUE(back) << problem;
  EXPECT_EQ(back->find("correlation.results")->values, results.find("correlation.results")->values);
}

}  // namespace
}  // namespace lode
