// SPDX-License-Identifier: Apache-2.0
//
// Statistics of some results: the same bits as with all of them, nothing of the others, and everything else
// that draws are asked for as before.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using Json = nlohmann::json;
using testing::CaseFolder;
using testing::Files;

/// Products whose sales, lives and recycling are uncertain; with all results their pilot is a shorter one.
std::string fleet(int products = 12) {
  std::string labels;
  for (int i = 0; i < products; ++i) labels += (i == 0 ? "p" : ", p") + std::to_string(i);
  return R"(lode: 1
title: Fleet
time: {first: 2000, last: 2039}
defaults: {over: [time, product], flow: t/yr, stock: t}
dimensions: {product: [)" +
         labels + R"(]}
processes:
  makers: {outside: true}
  use: {}
  dealers: {transfer: {recycled: recovery, lost: rest}}
  smelters: {outside: true}
  dumps: {outside: true}
flows:
  sold: {from: makers, to: use}
  scrap: {from: use, to: dealers}
  recycled: {from: dealers, to: smelters}
  lost: {from: dealers, to: dumps}
stocks:
  fleet: {process: use, inflow: sold, outflow: scrap, lifetime: {normal: {mean: life, sd: spread}}}
parameters:
  sales: {over: [product], value: 100 t/yr, normal: {sd: 10}, independent: [product]}
  life: {over: [], value: 9 yr, normal: {sd: 1}}
  spread: {over: [], value: 2 yr}
  recovery: {over: [], value: 60 %, beta: {cv: 10 %}}
  enough: {over: [], value: 5300 t}
equations:
  sold: sales
  all_sold: {over: [time], equals: sum(sold over product)}
  all_fleet: {over: [time], equals: sum(fleet.stock over product)}
  all_lost: {over: [time], equals: sum(lost over product)}
  fixed: {over: [time], unit: t, equals: enough * 2}
alerts:
  all_fleet: {at_most: 10 kt}
  all_lost: {at_most: 400 t/yr}
scenarios:
  recovery:
    default: today
    today: {}
    high: {recovery: {times: 1.3}}
)";
}

DrawRequest asked(std::vector<std::string> results, std::uint64_t draws = 16384) {
  DrawRequest request;
  request.draws = draws;
  request.results = std::move(results);
  return request;
}

void expect_same_bits(const ResultVariable& a, const ResultVariable& b) {
  ASSERT_TRUE(a.uncertainty && b.uncertainty) << a.name;
  const ResultUncertainty &x = *a.uncertainty, &y = *b.uncertainty;
  const auto same = [&](const std::vector<double>& p, const std::vector<double>& q, const char* what) {
    ASSERT_EQ(p.size(), q.size()) << a.name;
    for (std::size_t i = 0; i < p.size(); ++i)
      ASSERT_TRUE(p[i] == q[i] || (std::isnan(p[i]) && std::isnan(q[i])))
          << a.name << ' ' << what << ' ' << i << ": " << p[i] << " and " << q[i];
  };
  same(x.mean, y.mean, "mean");
  same(x.mean_error, y.mean_error, "mean error");
  same(x.deviation, y.deviation, "deviation");
  same(x.deviation_error, y.deviation_error, "deviation error");
  same(x.minimum, y.minimum, "minimum");
  same(x.maximum, y.maximum, "maximum");
  same(x.below_zero, y.below_zero, "below zero");
  ASSERT_EQ(x.quantiles.size(), y.quantiles.size());
  for (std::size_t q = 0; q < x.quantiles.size(); ++q) {
    same(x.quantiles[q], y.quantiles[q], "quantile");
    same(x.quantile_errors[q], y.quantile_errors[q], "quantile error");
  }
}

class DrawChoice : public ::testing::Test {
 protected:
  const CaseFolder folder{fleet()};

  Case drawn(const DrawRequest& request) const {
    Case model = Case::load(folder.path());
    EXPECT_TRUE(model.run_draws(request)) << model.messages_text();
    return model;
  }
  /// What is said of results that may not be named so.
  std::string refused(const std::vector<std::string>& results) const {
    Case model = Case::load(folder.path());
    EXPECT_FALSE(model.run_draws(asked(results, 64)));
    EXPECT_EQ(model.draws_text(), "");
    return model.messages_text();
  }
};

TEST_F(DrawChoice, KeepsTheSameBitsOfWhatIsNamedAndNothingElse) {
  // 8,192 draws have exact quantiles of few cells and a pilot of many.
  for (const std::uint64_t draws : {1024, 8192, 16384}) {
    const ResultSet all = drawn(asked({}, draws)).results(),
                    some = drawn(asked({"fleet.stock, all_lost", " fleet.change "}, draws)).results();
    ASSERT_EQ(all.variables.size(), some.variables.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.variables.size(); ++i) {
      const ResultVariable &a = all.variables[i], &b = some.variables[i];
      ASSERT_EQ(a.name, b.name);
      for (std::size_t c = 0; c < a.values.size(); ++c)
        EXPECT_TRUE(a.values[c] == b.values[c] || (std::isnan(a.values[c]) && std::isnan(b.values[c])))
            << a.name << ": nominal values are all there";
      // The limits of what is named are watched, too.
      const bool named = a.name == "fleet.stock" || a.name == "fleet.change" || a.name == "all_lost" ||
                         a.name == "alert.all_lost.crossed";
      EXPECT_EQ(b.uncertainty.has_value(), named) << b.name;
      if (named) expect_same_bits(a, b), ++kept;
    }
    EXPECT_EQ(kept, 4u);
    EXPECT_TRUE(all.find("scrap")->uncertainty) << "or this compares nothing";
  }
}

TEST_F(DrawChoice, LeavesWhatElseIsAskedAsItWas) {
  DrawRequest request = asked({}, 8192);
  request.focus = {"all_sold[2030]", "recycled[2039, p3]"};
  request.probability = {"all_fleet[2039] > 10.9 kt"};
  request.keep = request.correlations = true;
  Case all = drawn(request);
  request.results = {"lost"};
  Case some = drawn(request);
  Json told_of_all = Json::parse(all.draws_json()), told = Json::parse(some.draws_json());
  EXPECT_EQ(told["questions"], told_of_all["questions"]);
  EXPECT_EQ(told["questions"].size(), 3u);
  EXPECT_EQ(told["correlations"], told_of_all["correlations"]);
  EXPECT_EQ(told["varying_results"], told_of_all["varying_results"]);
  EXPECT_EQ(told["statistics_of"], Json::array({"lost"}));
  EXPECT_EQ(told["kept_results"], 12 * 40 + 3);
  EXPECT_FALSE(told_of_all.contains("statistics_of"));
  const ResultSet kept = some.results(), kept_of_all = all.results();
  ASSERT_EQ(kept.draws.size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(kept.draws[k].values, kept_of_all.draws[k].values);
  expect_same_bits(*kept.find("lost"), *kept_of_all.find("lost"));

  request = asked({"lost"}, 1 << 15);
  request.design = "random";
  request.until = {"all_sold[2030]: 0.02 %"};
  Case until = drawn(request);
  request.results.clear();
  EXPECT_EQ(Json::parse(until.draws_json())["questions"],
            Json::parse(drawn(request).draws_json())["questions"]);
}

TEST_F(DrawChoice, IsTold) {
  const Case model = drawn(asked({"all_lost", "fixed", "balance.use"}, 1024));
  const std::string text = model.draws_text();
  const Json all = Json::parse(drawn(asked({}, 1024)).draws_json()), said = Json::parse(model.draws_json());
  EXPECT_EQ(said["varying_results"], all["varying_results"]);
  EXPECT_GT(said["varying_results"], 2000) << "so many that the pilot is shorter";
  EXPECT_NE(text.find("results vary\n            statistics kept of 80 of them\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("            fixed does not vary\n"), std::string::npos) << text;
  EXPECT_NE(text.find("            balance.use does not vary\n"), std::string::npos) << text;
  EXPECT_NE(text.find("all_lost: over 5 % first in"), std::string::npos) << text;
  EXPECT_NE(text.find("not watched in the draws: all_fleet, which `--results` does not name\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("all_fleet: "), std::string::npos) << "no probability from nominal values: " << text;
  EXPECT_EQ(said["alerts"].size(), 1u);
  EXPECT_EQ(all["alerts"].size(), 2u);
  std::string manifest;
  for (const auto& [key, value] : model.results().manifest)
    if (key == "statistics_of") manifest = value;
  EXPECT_EQ(manifest, "all_lost, fixed, balance.use");
}

TEST_F(DrawChoice, RefusesWhatIsNoResult) {
  const std::pair<const char*, std::vector<const char*>> mistakes[] = {
      {"all_sould", {"there is no result `all_sould`", "did you mean `all_sold`?", "results:1:1"}},
      {"all_sold, scrapp", {"there is no result `scrapp`", "did you mean `scrap`?", "results:1:11"}},
      {"xyzzy", {"there is no result `xyzzy`", "declared: sold, scrap, "}},
      {"recovery", {"`recovery` is a parameter, no result"}},
      {"throughput.use", {"`throughput.use` is not written with the results"}},
      {"fleet", {"`fleet` is a stock: say which of its quantities", "`fleet.stock` is the amount in it"}},
      {"fleet.stok", {"stock `fleet` has no `stok`", "`fleet.stock`"}},
      {"fleet.stock[2039, p1], all_sold",
       {"statistics are kept of whole results", "name it as a whole, `fleet.stock`"}},
      {"sum(sold over product)", {"this is a formula", "`--focus 'sum(sold over product)'` tells of it"}},
      {"sold[", {"results:1:"}},
      {"sold,,scrap", {"a name of a result is missing here", "results:1:6"}},
      {"", {"a name of a result is missing here"}},
      {"sold, scrap, sold", {"the result `sold` is named twice", "results:1:14"}},
      {"product", {"there is no result `product`"}},
      {"fixed", {"nothing that `--results` names depends on an uncertain parameter"}},
  };
  for (const auto& [names, expected] : mistakes) {
    const std::string text = refused({names});
    for (const char* part : expected) EXPECT_NE(text.find(part), std::string::npos) << names << "\n" << text;
  }
  EXPECT_NE(refused({"sold", "sold"}).find("named twice"), std::string::npos) << "in two options";
  const std::string both = refused({"all_sould, recovery"});
  EXPECT_NE(both.find("all_sould"), std::string::npos) << both;
  EXPECT_NE(both.find("is a parameter"), std::string::npos) << "all mistakes at once: " << both;
}

TEST_F(DrawChoice, HoldsForScenariosAndTheirDifferences) {
  const auto run = [&](const std::vector<std::string>& results) {
    Case model = Case::load(folder.path());
    ScenarioRequest request;
    request.sets = {"recovery=all"};
    request.show = {"all_sold[2030]"};
    request.draws = asked(results);
    EXPECT_TRUE(model.run_scenarios(request)) << model.messages_text();
    return model;
  };
  const Case all = run({}), some = run({"lost"});
  const ResultSet of_all = all.scenario_results(), of_some = some.scenario_results();
  expect_same_bits(*of_all.find("lost"), *of_some.find("lost"));
  EXPECT_FALSE(of_some.find("recycled")->uncertainty);
  EXPECT_TRUE(of_all.find("recycled")->uncertainty);
  const ResultSet less_of_all = all.scenario_differences(), less = some.scenario_differences();
  expect_same_bits(*less_of_all.find("lost"), *less.find("lost"));
  ASSERT_TRUE(less.find("recycled")) << "the differences of the nominal values are there";
  EXPECT_FALSE(less.find("recycled")->uncertainty);
  const Json told = Json::parse(some.scenarios_json()), told_of_all = Json::parse(all.scenarios_json());
  EXPECT_EQ(told["differences"], told_of_all["differences"]) << "`--show` is followed";
  EXPECT_EQ(told["draws"]["statistics_of"], Json::array({"lost"}));
  EXPECT_NE(some.scenarios_text().find("results of all scenarios vary, statistics kept of 962 of them\n"),
            std::string::npos)
      << some.scenarios_text();
}

TEST_F(DrawChoice, HoldsAgainstAnotherScenario) {
  const auto run = [&](const std::vector<std::string>& results) {
    DrawRequest request = asked(results);
    request.against = {{"recovery", "high"}};
    request.focus = {"all_lost[2039]"};
    return drawn(request);
  };
  const Case all = run({}), some = run({"lost"});
  expect_same_bits(*all.differences().find("lost"), *some.differences().find("lost"));
  EXPECT_FALSE(some.differences().find("recycled")->uncertainty);
  EXPECT_NE(some.draws_text().find("difference to recovery=high"), std::string::npos) << some.draws_text();
}

TEST_F(DrawChoice, FiguresAndReportsShowWhatThereIs) {
  Case model = drawn([] {
    DrawRequest request = asked({"all_lost"}, 512);
    request.for_report = true;
    return request;
  }());
  FigureRequest fan;
  fan.kind = "fan";
  fan.show = {"all_lost"};
  EXPECT_EQ(model.figure(fan).problem, "");
  fan.show = {"all_fleet"};
  EXPECT_EQ(model.figure(fan).problem,
            "the draws kept no statistics of what is shown here, only of all_lost");
  FigureRequest lines;
  lines.kind = "lines";
  lines.show = {"all_fleet"};
  EXPECT_EQ(model.figure(lines).problem, "");
  FigureRequest limits;
  limits.kind = "limits";
  const FigureResult watched = model.figure(limits);
  EXPECT_EQ(watched.problem, "");
  EXPECT_EQ(watched.table_csv.find("breach: all_fleet"), std::string::npos) << watched.table_csv;
  EXPECT_NE(watched.table_csv.find("breach: all_lost"), std::string::npos) << watched.table_csv;
  FigureRequest flows;
  flows.kind = "sankey";
  EXPECT_EQ(model.figure(flows).problem, "");
  const ReportResult report = model.report({});
  ASSERT_EQ(report.problem, "") << model.messages_text();
  const Json document = Json::parse(report.document_json);
  EXPECT_TRUE(document["scenarios"][0]["bands"].contains("all_lost"));
  EXPECT_FALSE(document["scenarios"][0]["bands"].contains("all_sold"));
  EXPECT_EQ(document["draws"]["statistics_of"], Json::array({"all_lost"}));

  const auto file = folder.path() / "some.nc";
  ASSERT_EQ(write_results_netcdf(model.results(), file), "");
  std::string problem;
  const auto back = read_results(file, problem);
  ASSERT_TRUE(back) << problem;
  expect_same_bits(*back->find("all_lost"), *model.results().find("all_lost"));
  EXPECT_FALSE(back->find("all_sold")->uncertainty);
}

TEST(DrawChoiceOfVerdicts, TakesNothingForCertainThatWasNotKept) {
  const auto run = [](const std::vector<std::string>& results) {
    Case model = Case::load(std::string(LODE_SOURCE_DIR) + "/examples/policy");
    EXPECT_TRUE(model.run_draws(asked(results, 1024))) << model.messages_text();
    return model;
  };
  const Case all = run({}), some = run({"graded"}),
             whole = run({"graded, graded.whole, graded.unclassified"});
  EXPECT_EQ(Json::parse(all.classify({}).json).at(0)["statistic"], "mean");
  EXPECT_EQ(Json::parse(whole.classify({}).json), Json::parse(all.classify({}).json));
  EXPECT_NE(Json::parse(some.classify({}).json).at(0)["statistic"], "mean") << "shares of mixed numbers";
}

TEST(DrawChoiceOfVerdicts, LeavesOutSpreadsThatAreNotKnown) {
  const CaseFolder folder{std::string(R"(lode: 1
time: {first: 2000, last: 2001}
defaults: {over: [time], flow: t/yr}
stages: {mining: Mining}
processes:
  ground: {outside: true}
  mine: {stage: mining}
  users: {outside: true}
flows:
  ore: {from: ground, to: mine}
  metal: {from: mine, to: users}
  rest: {from: mine, to: users}
parameters:
  dug: {over: [], unit: t/yr, value: 100, normal: {sd: 30}}
  share: {over: [], value: 70 %, normal: {sd: 5}}
equations:
  ore: dug
  metal: share * ore
  rest: residual(mine)
diagnosis:
  yield: {at_least: 69 %, stages: {mining: metal / ore}}
  spread: {at_most: 20 %}
)")};
  const auto told = [&](const std::vector<std::string>& results) {
    Case model = Case::load(folder.path());
    EXPECT_TRUE(model.run_draws(asked(results, 1024))) << model.messages_text();
    return model.diagnose({}).text;
  };
  const std::string all = told({}), none = told({"metal"}),
                    some = told({"diagnosis.spread.mining, diagnosis.yield.mining"});
  EXPECT_NE(all.find("29.94 %"), std::string::npos) << all;
  EXPECT_EQ(some, all);
  EXPECT_EQ(none.find("29.94 %"), std::string::npos) << none;
  EXPECT_NE(none.find("the spread needs --draws"), std::string::npos) << none;
}

TEST(DrawChoiceOfLenders, SaysWhyALoanIsCertain) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2003}
cases: {other: {folder: other, results: out/other.nc}}
parameters:
  taken: {over: [time], unit: t/yr, from: other.wide}
  own: {value: 1, normal: {sd: 0.1}}
equations: {twice: own * taken}
)"},
                                {"other/model.yaml", R"(lode: 1
time: {first: 2000, last: 2003}
parameters: {width: {value: 100 t/yr, normal: {sd: 20 t/yr}}}
equations:
  wide: {over: [time], unit: t/yr, equals: width * 1}
  apart: {over: [time], unit: t/yr, equals: width * 2}
)"}});
  for (const char* kept : {"apart", "apart, wide"}) {
    Case other = Case::load(folder.path() / "other");
    ASSERT_TRUE(other.run_draws(asked({kept}, 1024))) << other.messages_text();
    std::filesystem::create_directories(folder.path() / "out");
    ASSERT_EQ(write_results_netcdf(other.results(), folder.path() / "out/other.nc"), "");
    Case model = Case::load(folder.path());
    ASSERT_TRUE(model.run_draws(asked({}, 64))) << model.messages_text();
    const bool certain = model.messages_text().find("as if it were certain") != std::string::npos;
    EXPECT_EQ(certain, std::string(kept) == "apart") << model.messages_text();
    if (certain) {
      EXPECT_NE(model.messages_text().find(
                    "its results keep statistics of apart alone: name `wide` in `--results`, too"),
                std::string::npos)
          << model.messages_text();
    }
  }
}

}  // namespace
}  // namespace lode
