// SPDX-License-Identifier: Apache-2.0
#include "lode/api/lenders.hpp"

#include <gtest/gtest.h>

#include "../engine/case_tools.hpp"
#include "lode/api/explain.hpp"
#include "lode/api/variants.hpp"
#include "lode/lode.hpp"
#include "lode/results/write.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

const char* const lender = R"(lode: 1
time: {first: 2000, last: 2003}
parameters:
  growth: {value: 10 %/yr}
  first: {over: [], unit: t/yr, table: data/first.csv}
  width: {value: 100 t/yr, normal: {sd: 20 t/yr}}
equations:
  demand:
    over: [time]
    unit: t/yr
    equals: first * compound(growth, time - 2000)
  wide:
    over: [time]
    unit: t/yr
    equals: width * compound(growth, time - 2000)
scenarios:
  pace: {default: calm, calm: {}, fast: {growth: 20 %/yr}}
)";

std::string borrower(const std::string& options, const std::string& result = "demand") {
  return "lode: 1\ntime: {first: 2000, last: 2003}\ncases:\n  other: {folder: other" + options +
         "}\nparameters:\n  taken: {over: [time], unit: t/yr, from: other." + result +
         "}\nequations:\n  twice: 2 * taken\n  all: total(taken)\nscenarios:\n  pace: {default: calm, calm: "
         "{}, fast: {}}\n  size: {default: one, one: {}, two: {taken: {times: 2}}}\n";
}

Files files(const std::string& options = "", const std::string& result = "demand") {
  return {{"model.yaml", borrower(options, result)},
          {"other/model.yaml", lender},
          {"other/data/first.csv", "value\n100\n"}};
}

double value(Session& session, const std::string& what) {
  const auto found = explain(session, what, 0, 0);
  EXPECT_TRUE(found) << what;
  return found ? found->value : 0;
}

/// Writes the results of the other case where `results: out/other.nc` looks for them.
void write_results(const CaseFolder& folder, const Scenario& scenario = {}) {
  Case other = Case::load(folder.path() / "other", scenario);
  ASSERT_TRUE(other.run()) << other.messages_text();
  std::filesystem::create_directories(folder.path() / "out");
  ASSERT_EQ(write_results_netcdf(other.results(), folder.path() / "out/other.nc"), "");
}

TEST(Lenders, ResultsFromAFileAreThoseComputed) {
  const CaseFolder folder(files(", results: out/other.nc"));
  write_results(folder);
  Session read = folder.computed();
  const CaseFolder own(files());
  Session computed = own.computed();
  for (const char* what : {"twice[2003]", "taken[2001]", "all"})
    EXPECT_EQ(value(read, what), value(computed, what)) << what;
  EXPECT_NEAR(value(read, "twice[2003]"), 266.2, 1e-9);
}

TEST(Lenders, AChangedFileMakesResultsStale) {
  const CaseFolder folder(files(", results: out/other.nc"));
  write_results(folder);
  folder.write("other/data/first.csv", "value\n101\n");
  const Session session = folder.open();
  const std::string text = render(session.diagnostics);
  EXPECT_NE(text.find("out/other.nc are stale"), std::string::npos) << text;
  EXPECT_NE(text.find("other/data/first.csv has changed since they were computed"), std::string::npos)
      << text;
  EXPECT_NE(text.find("`lode run " + (folder.path() / "other").string() + " -o "), std::string::npos) << text;
  EXPECT_NE(text.find("model.yaml:4:35"), std::string::npos) << text;
  write_results(folder);
  Session again = folder.computed();
  EXPECT_NEAR(value(again, "taken[2000]"), 101, 1e-12);
}

TEST(Lenders, ANewFileAndALostOneMakeResultsStale) {
  const CaseFolder folder(files(", results: out/other.nc"));
  write_results(folder);
  folder.write("other/sources.bib", "@misc{a, title = {A}}\n");
  EXPECT_NE(render(folder.open().diagnostics).find("other/sources.bib is new"), std::string::npos);
  write_results(folder);
  std::filesystem::remove(folder.path() / "other/sources.bib");
  const std::string text = render(folder.open().diagnostics);
  EXPECT_NE(text.find("other/sources.bib is gone"), std::string::npos) << text;
}

TEST(Lenders, AFileBelowTheOtherCaseCounts) {
  Files all = files(", results: out/other.nc", "taken");
  all["third/model.yaml"] = lender;
  all["third/data/first.csv"] = "value\n7\n";
  all["other/model.yaml"] =
      "lode: 1\ntime: {first: 2000, last: 2003}\ncases: {third: {folder: ../third}}\nparameters:\n  taken: "
      "{over: [time], unit: t/yr, from: third.demand}\n";
  const CaseFolder folder(all);
  write_results(folder);
  Session session = folder.computed();
  EXPECT_NEAR(value(session, "taken[2000]"), 7, 1e-12);
  folder.write("third/data/first.csv", "value\n8\n");
  const std::string text = render(folder.open().diagnostics);
  EXPECT_NE(text.find("third/data/first.csv has changed since"), std::string::npos) << text;
}

TEST(Lenders, AFileOfAnotherScenarioIsRefused) {
  const CaseFolder folder(files(", results: out/other.nc, scenario: {pace: fast}"));
  write_results(folder);
  const std::string text = render(folder.open().diagnostics);
  EXPECT_NE(text.find("of another scenario"), std::string::npos) << text;
  EXPECT_NE(text.find("computed with pace=calm, asked for is pace=fast"), std::string::npos) << text;
  EXPECT_NE(text.find("--scenario pace=fast"), std::string::npos) << text;
  write_results(folder, {{"pace", "fast"}});
  Session session = folder.computed();
  EXPECT_NEAR(value(session, "taken[2001]"), 120, 1e-9);
}

TEST(Lenders, AFileThatIsNoNetcdfIsSaid) {
  const CaseFolder folder(files(", results: out/other.nc"));
  folder.write("out/other.nc", "nothing of the kind");
  EXPECT_NE(render(folder.open().diagnostics).find("cannot be read"), std::string::npos);
}

TEST(Lenders, ExplainGoesOnInTheOtherCase) {
  const CaseFolder folder(files());
  Session session = folder.computed();
  const auto found = explain(session, "twice[2001]", 6, 6);
  ASSERT_TRUE(found);
  const std::string text = explanation_text(*found);
  EXPECT_NE(text.find("result of another case"), std::string::npos) << text;
  EXPECT_NE(text.find((folder.path() / "other").string() + "]  run of model and data"), std::string::npos)
      << text;
  EXPECT_NE(text.find("other/data/first.csv:2"), std::string::npos) << text;
  const auto shallow = explain(session, "twice[2001]", 1, 6);
  ASSERT_TRUE(shallow);
  EXPECT_EQ(explanation_text(*shallow).find("first.csv"), std::string::npos);
}

TEST(Lenders, TheManifestNamesTheOtherCaseAndItsFiles) {
  const CaseFolder folder(files());
  const Session session = folder.computed();
  const ResultSet results = results_of(session);
  std::map<std::string, std::string> manifest(results.manifest.begin(), results.manifest.end());
  ASSERT_TRUE(manifest.count("case other"));
  EXPECT_NE(manifest["case other"].find(", pace=calm, "), std::string::npos);
  EXPECT_TRUE(manifest.count("file other/data/first.csv"));
  EXPECT_TRUE(manifest.count("file other/model.yaml"));
}

TEST(Lenders, MatchedScenariosAreThoseOfRunsByThemselves) {
  const CaseFolder folder(files(", match: [pace]"));
  const Session base = folder.computed();
  for (const char* pace : {"calm", "fast"})
    for (const char* size : {"one", "two"}) {
      const ScenarioChoice choice{{"pace", pace}, {"size", size}};
      auto variant = make_variant(base, choice);
      ASSERT_TRUE(variant);
      Session alone = folder.computed(choice);
      for (const char* what : {"twice[2003]", "all"})
        EXPECT_EQ(value(variant->session, what), value(alone, what)) << pace << size << what;
    }
  Session fast = folder.computed({{"pace", "fast"}, {"size", "two"}});
  EXPECT_NEAR(value(fast, "taken[2001]"), 240, 1e-9);
}

TEST(Lenders, ScenariosInOneRunFollowTheAxis) {
  const CaseFolder folder(files(", match: [pace]"));
  Case model = Case::load(folder.path());
  ScenarioRequest request;
  request.sets = {"all"};
  ASSERT_TRUE(model.run_scenarios(request)) << model.messages_text();
  const ResultSet results = model.scenario_results();
  const ResultVariable* taken = results.find("taken");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->values.size(), 4u * 4u);
}

TEST(Lenders, DeviationsOfDrawsBecomeADistribution) {
  const CaseFolder folder(files(", draws: 4096", "wide"));
  Case model = Case::load(folder.path());
  DrawRequest request;
  request.draws = 4096;
  ASSERT_TRUE(model.run_draws(request)) << model.messages_text();
  const ResultSet results = model.results();
  const ResultVariable* all = results.find("all");
  ASSERT_TRUE(all && all->uncertainty);
  // One draw for all years: deviations add up.
  double sum = 0;
  for (int year = 0; year < 4; ++year) sum += 20 * std::pow(1.1, year);
  EXPECT_NEAR(all->uncertainty->deviation[0], sum, 0.02 * sum);
}

TEST(Lenders, WithoutDrawsResultsAreCertainAndARunWithDrawsSaysSo) {
  const CaseFolder folder(files("", "wide"));
  Case model = Case::load(folder.path());
  DrawRequest request;
  request.draws = 64;
  model.run_draws(request);
  bool said = false;
  for (const Message& message : model.messages()) said = said || message.code == "certain-loan";
  EXPECT_TRUE(said) << model.messages_text();
}

TEST(Lenders, TablesOfAnotherCaseAreNotWritten) {
  Files all = files();
  all["model.yaml"].replace(all["model.yaml"].find("first: 2000"), 11, "first: 1999");
  const CaseFolder folder(all);
  const Case model = Case::load(folder.path());
  EXPECT_FALSE(model.ok());
  EXPECT_TRUE(model.write_missing_tables().empty());
}

TEST(Systems, AreTheCasesOfAFolderThatIsNone) {
  const CaseFolder folder(Files{{"b/model.yaml", lender},
                                {"a/model.yaml", lender},
                                {"c/d/model.yaml", lender},
                                {"a/inner/model.yaml", lender},
                                {"data/x.csv", "a\n"}});
  const auto found = systems_in(folder.path());
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0], folder.path() / "a");
  EXPECT_EQ(found[1], folder.path() / "b");
  EXPECT_EQ(found[2], folder.path() / "c/d");
  EXPECT_TRUE(systems_in(folder.path() / "a").empty());
  EXPECT_TRUE(systems_in(folder.path() / "nowhere").empty());
}

}  // namespace
}  // namespace lode
