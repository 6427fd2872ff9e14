// SPDX-License-Identifier: Apache-2.0
//
// Scenarios drawn together, as a user of the library has them. y = factor · a + b of normal a (10 ± 1 t) and
// b (0 ± 3 t): scenarios differ by a multiple of a alone. 8,192 Sobol points know a mean far better than the
// bounds here ask for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/api/scenario_pairs.hpp"
#include "lode/lode.hpp"
#include "lode/support/files.hpp"

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

const ResultDraws* draws_named(const ResultSet& results, const std::string& name) {
  for (const ResultDraws& draws : results.draws)
    if (draws.name == name) return &draws;
  return nullptr;
}

std::string text_in(const std::filesystem::path& file) {
  std::string problem;
  return read_file(file, problem).value_or(problem);
}

/// y as above and what a scenario alone makes uncertain, or has; the second is certain in the first scenario.
const char* const uneven_text = R"(lode: 1
title: Uneven
time: {first: 2000, last: 2001}
quality: {rough: {normal: {cv: 50 %}}}
parameters:
  a: {over: [], value: 10 t, normal: {sd: 1}}
  c: {over: [], value: 4 t}
  limit: {over: [], value: 9 t}
equations:
  y: {over: [], equals: a + c}
  twice: {over: [], equals: 2 * c}
  first: {over: [], equals: first_year(rising > limit)}
  rising: {over: [time], equals: a + (if time >= 2001 then c else c - c)}
scenarios:
  size:
    default: plain
    plain: {}
    drawn: {c: {quality: rough}}
)";

TEST(ScenarioDraws, AreKeptOfEachAndOfTheirDifferences) {
  const CaseFolder folder{std::string(model_text)};
  ScenarioRequest request = asked("size=all");
  request.draws->keep = true;
  request.draws->focus = {"share"};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const ResultSet results = model.scenario_results();
  ASSERT_EQ(results.draws.size(), 2u);
  const ResultDraws &y = *draws_named(results, "y[2003]"), &share = *draws_named(results, "share");
  ASSERT_TRUE(y.dimension);
  EXPECT_EQ(results.dimensions[*y.dimension].labels,
            (std::vector<std::string>{"size=small", "size=large", "size=huge"}));
  EXPECT_EQ(y.unit, "t");
  ASSERT_EQ(y.values.size(), 3u * 8192u);
  EXPECT_TRUE(share.dimension) << "also of what is the same in all";
  const char* const sizes[] = {"small", "large", "huge"};
  for (std::size_t k = 0; k < 3; ++k) {
    Case alone = Case::load(folder.path(), {{"size", sizes[k]}});
    DrawRequest own = *request.draws;
    own.focus = {"y[2003]", "share"};
    own.threads = 1;
    ASSERT_TRUE(alone.run_draws(own)) << alone.messages_text();
    const ResultSet of_own = alone.results();
    const auto begin = static_cast<std::ptrdiff_t>(k * 8192);
    EXPECT_EQ(std::vector<double>(y.values.begin() + begin, y.values.begin() + begin + 8192),
              draws_named(of_own, "y[2003]")->values);
    EXPECT_EQ(std::vector<double>(share.values.begin() + begin, share.values.begin() + begin + 8192),
              draws_named(of_own, "share")->values);
  }
  const ResultSet differences = model.scenario_differences();
  const ResultDraws& less = *draws_named(differences, "y[2003]");
  ASSERT_EQ(less.values.size(), 2u * 8192u);
  for (std::size_t i = 0; i < 8192; ++i)
    ASSERT_EQ(less.values[8192 + i], y.values[2 * 8192 + i] - y.values[i]) << "draw by draw";

  for (const ResultSet& set : {results, differences}) {
    const auto file = folder.path() / "kept.nc";
    ASSERT_EQ(write_results_netcdf(set, file), "");
    std::string problem;
    const auto back = read_results(file, problem);
    ASSERT_TRUE(back) << problem;
    ASSERT_EQ(back->draws.size(), set.draws.size());
    for (std::size_t i = 0; i < set.draws.size(); ++i) {
      EXPECT_EQ(back->draws[i].name, set.draws[i].name);
      EXPECT_EQ(back->draws[i].values, set.draws[i].values);
      ASSERT_TRUE(back->draws[i].dimension);
      EXPECT_EQ(back->dimensions[*back->draws[i].dimension].labels,
                set.dimensions[*set.draws[i].dimension].labels);
    }
  }
  ASSERT_EQ(write_results_csv(results, folder.path() / "csv"), "");
  const std::string csv = text_in(folder.path() / "csv" / "draws.csv");
  EXPECT_EQ(csv.find("scenario,scenario_size,draw,name,value,unit\n"), 3u) << csv.substr(0, 80);
  EXPECT_NE(csv.find("\nsize=huge,huge,8192,y[2003],"), std::string::npos);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), 1u + 2u * 3u * 8192u);
  EXPECT_EQ(write_results_xlsx(results, folder.path() / "kept.xlsx"), "");
}

TEST(ScenarioDraws, AreKeptFromAnInterruptedRunToTheNext) {
  const CaseFolder folder{std::string(model_text)};
  ScenarioRequest request = asked("size=all");
  request.draws->draws = 5 * 8192;  // 65,536 points
  request.draws->keep = true;
  request.draws->focus = {"apart[2003]"};
  request.draws->threads = 1;
  Case whole = Case::load(folder.path());
  ASSERT_TRUE(whole.run_scenarios(request)) << whole.messages_text();

  const auto state = folder.path() / "run.state";
  request.draws->state_file = state.string();
  request.draws->progress = [](std::uint64_t done) { return done < 3 * 8192; };
  Case interrupted = Case::load(folder.path());
  ASSERT_TRUE(interrupted.run_scenarios(request)) << interrupted.messages_text();
  EXPECT_FALSE(nlohmann::json::parse(interrupted.scenarios_json())["draws"]["complete"].get<bool>());
  ASSERT_TRUE(std::filesystem::exists(state));
  ASSERT_GE(std::filesystem::file_size(state.string() + ".draws"), 3u * 8192u * 8u * 5u);

  std::uint64_t first_seen = 0;
  request.draws->progress = [&](std::uint64_t done) {
    if (first_seen == 0) first_seen = done;
    return true;
  };
  Case resumed = Case::load(folder.path());
  ASSERT_TRUE(resumed.run_scenarios(request)) << resumed.messages_text();
  EXPECT_EQ(first_seen, 4u * 8192u) << "none is repeated";
  EXPECT_FALSE(std::filesystem::exists(state));
  EXPECT_FALSE(std::filesystem::exists(state.string() + ".draws"));
  for (const auto& [own, other] : {std::pair{whole.scenario_results(), resumed.scenario_results()},
                                   std::pair{whole.scenario_differences(), resumed.scenario_differences()}}) {
    ASSERT_EQ(own.draws.size(), other.draws.size());
    ASSERT_FALSE(own.draws.empty());
    for (std::size_t i = 0; i < own.draws.size(); ++i) EXPECT_EQ(own.draws[i].values, other.draws[i].values);
  }
}

TEST(ScenarioDraws, AreKeptWhereOneScenarioAloneVaries) {
  const CaseFolder folder{std::string(uneven_text)};
  ScenarioRequest request;
  request.sets = {"size=all"};
  request.draws.emplace();
  request.draws->draws = 2048;
  request.draws->keep = request.draws->correlations = true;
  request.draws->focus = {"y", "twice", "first"};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const ResultSet results = model.scenario_results(), differences = model.scenario_differences();
  const ResultDraws& twice = *draws_named(results, "twice");
  ASSERT_EQ(twice.values.size(), 2u * 2048u);
  for (std::size_t i = 0; i < 2048; ++i) ASSERT_EQ(twice.values[i], 8) << "certain in the first";
  EXPECT_NE(twice.values[2048], twice.values[513]);
  const ResultDraws& less = *draws_named(differences, "twice");
  for (std::size_t i = 0; i < 2048; ++i) ASSERT_EQ(less.values[i], twice.values[2048 + i] - 8);
  EXPECT_EQ(draws_named(results, "first")->unit, "year");
  EXPECT_EQ(draws_named(differences, "first")->unit, "yr") << "of two years";

  const ResultVariable& inputs = *results.find("correlation.inputs");
  ASSERT_EQ(inputs.dimensions.size(), 3u);
  EXPECT_EQ(results.dimensions[inputs.dimensions[0]].name, "scenario");
  EXPECT_EQ(results.dimensions[inputs.dimensions[1]].labels,
            (std::vector<std::string>{"y", "first", "twice"}));
  EXPECT_EQ(results.dimensions[inputs.dimensions[2]].labels, (std::vector<std::string>{"a", "c"}));
  ASSERT_EQ(inputs.values.size(), 2u * 3u * 2u);
  EXPECT_NEAR(inputs.values[0], 1, 1e-9) << "plain: y = a + 4";
  EXPECT_TRUE(std::isnan(inputs.values[1])) << "c is certain there";
  EXPECT_TRUE(std::isnan(inputs.values[4])) << "as is what depends on it";
  EXPECT_NEAR(inputs.values[6], 1 / std::sqrt(5), 0.02) << "drawn: y = a + c, sd 1 and 2";
  EXPECT_NEAR(inputs.values[7], 2 / std::sqrt(5), 0.02);
  EXPECT_NEAR(inputs.values[6 + 5], 1, 1e-9) << "2 c with c";
  const ResultVariable& of_difference = *differences.find("correlation.inputs");
  EXPECT_EQ(differences.dimensions[of_difference.dimensions[2]].labels, (std::vector<std::string>{"a", "c"}));
}

TEST(ScenarioDraws, HaveCorrelationsOfEachAndOfTheirDifferences) {
  const CaseFolder folder{std::string(model_text)};
  ScenarioRequest request = asked("size=all");
  request.draws->correlations = true;
  request.draws->focus = {"apart[2003]"};
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const auto said = nlohmann::json::parse(model.scenarios_json());
  const double factors[] = {2, 3, 5};
  const char* const sizes[] = {"small", "large", "huge"};
  const ResultSet results = model.scenario_results();
  const ResultVariable& inputs = *results.find("correlation.inputs");
  ASSERT_EQ(inputs.values.size(), 3u * 2u * 2u);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& of_y = said["scenarios"][k]["correlations"][0];
    EXPECT_EQ(of_y["what"], "y[2003]");
    const double width = std::sqrt(factors[k] * factors[k] + 9);
    EXPECT_NEAR(of_y["with_inputs"][0]["correlation"].get<double>(), factors[k] / width, 0.005);
    EXPECT_NEAR(of_y["with_results"][1]["correlation"].get<double>(), 3 / width, 0.005);
    // To the last bit those of a run of the scenario alone.
    Case alone = Case::load(folder.path(), {{"size", sizes[k]}});
    DrawRequest own = *request.draws;
    own.focus = {"y[2003]", "apart[2003]"};
    own.threads = 2;
    ASSERT_TRUE(alone.run_draws(own)) << alone.messages_text();
    const ResultSet of_own = alone.results();
    const ResultVariable& own_inputs = *of_own.find("correlation.inputs");
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(inputs.values[k * 4 + i], own_inputs.values[i]);
    EXPECT_EQ(nlohmann::json::parse(alone.draws_json())["correlations"],
              said["scenarios"][k]["correlations"]);
  }
  const auto& of_less = said["differences"][0]["correlations"];
  ASSERT_EQ(of_less.size(), 2u);
  EXPECT_TRUE(of_less[1]["with_inputs"][0]["correlation"].is_null()) << "no scenario changes `apart`";
  EXPECT_NEAR(of_less[0]["with_inputs"][0]["correlation"].get<double>(), 1, 1e-9);
  const std::string text = model.scenarios_text();
  EXPECT_NE(text.find("correlated  results"), std::string::npos) << text;
  EXPECT_NE(text.find("size=huge\n            y[2003]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("apart[2003] does not vary"), std::string::npos) << text;
  EXPECT_NE(text.find("size=large - size=small\n            y[2003]\n              +1.000  a\n"),
            std::string::npos)
      << text;
}

TEST(ScenarioDraws, KeepNoMoreThanFitsIntoMemory) {
  const auto message = [](const auto& change, const std::string& text = model_text) {
    const CaseFolder own{text};
    Case model = Case::load(own.path());
    ScenarioRequest request = asked("size=all");
    change(request);
    EXPECT_FALSE(model.run_scenarios(request));
    return model.messages_text();
  };
  const std::string draws = message([](ScenarioRequest& request) {
    request.draws->keep = true;
    request.draws->draws = std::uint64_t{1} << 27;
  });
  EXPECT_NE(draws.find("do not fit into 4 GiB"), std::string::npos) << draws;
  EXPECT_NE(draws.find("of each scenario and of each difference"), std::string::npos) << draws;
  const std::string nothing = message([](ScenarioRequest& request) {
    request.draws->correlations = true;
    request.show.clear();
  });
  EXPECT_NE(nothing.find("names nothing that varies"), std::string::npos) << nothing;
  // Sums of 64 numbers with 7,500 inputs, of 32 scenarios and 31 differences.
  std::string many = "lode: 1\ntime: {first: 1901, last: 2050}\ndimensions: {kind: [";
  for (int i = 0; i < 50; ++i) many += fmt::format("{}k{}", i ? ", " : "", i);
  many +=
      "]}\nparameters:\n  x: {over: [time, kind], value: 1 t, normal: {sd: 1}, independent: [time, kind]}\n"
      "  factor: {over: [], value: 2}\nequations:\n  y: {over: [time], equals: factor * sum(x over kind)}\n"
      "scenarios:\n  size:\n    default: s2\n    s2: {}\n";
  for (int i = 3; i < 34; ++i) many += fmt::format("    s{}: {{factor: {}}}\n", i, i);
  const std::string sums = message(
      [](ScenarioRequest& request) {
        request.draws->correlations = true;
        request.show.clear();
        for (int year = 1901; year <= 1964; ++year) request.show.push_back(fmt::format("y[{}]", year));
      },
      many);
  EXPECT_NE(sums.find("with 7,500 uncertain numbers do not fit into 256 MiB"), std::string::npos) << sums;
}

TEST(Draws, OfADifferenceToAnotherScenarioAreKeptAndCorrelated) {
  const CaseFolder folder{std::string(model_text)};
  Case model = Case::load(folder.path(), {{"size", "large"}});
  DrawRequest request;
  request.draws = 512;
  request.focus = {"y[2003]"};
  request.keep = request.correlations = true;
  request.against = {{"size", "small"}};
  ASSERT_TRUE(model.run_draws(request)) << model.messages_text();
  const ResultSet results = model.results(), differences = model.differences();
  ASSERT_EQ(results.draws.size(), 1u);
  EXPECT_EQ(results.draws[0].values.size(), 512u);
  ASSERT_EQ(differences.draws.size(), 1u);
  EXPECT_NE(differences.draws[0].values[0], differences.draws[0].values[1]);
  EXPECT_NEAR(differences.find("correlation.inputs")->values[0], 1, 1e-9);
  const auto said = nlohmann::json::parse(model.draws_json());
  EXPECT_NEAR(said["correlations_of_difference"][0]["with_inputs"][0]["correlation"].get<double>(), 1, 1e-9);
  const std::string text = model.draws_text();
  EXPECT_NE(text.find("differences to size=small\n            y[2003]\n              +1.000  a"),
            std::string::npos)
      << text;
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
