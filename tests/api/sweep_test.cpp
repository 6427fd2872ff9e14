// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;
using Json = nlohmann::json;

const char* const model_text = R"(lode: 1
time: {first: 2000, last: 2010}
when: {late: time > 2005}
dimensions:
  product: [AC, TV]
parameters:
  demand: {over: [time, product], unit: t/yr, table: demand.csv, interpolate: linear}
  share: {over: [time], value: 20 %}
  growth: {value: 5 %/yr}
  price: {over: [product], unit: 10^3 CNY/t, table: price.csv}
  fitted: {value: 1 t/yr}
  goal: {value: 8 t/yr}
  one: {value: 1 t/yr}
  parts: {over: [product], unit: 1, table: parts.csv, sums_to: 100 %}
equations:
  used: sum(demand over product)
  kept: used * share
  worth: {over: [time], unit: 10^3 CNY/yr, equals: sum(demand * price over product)}
  doubled: fitted * 2
  reached: fitted * share[2010]
  spread: used * parts
  inverse: one / share[2010]
  grown: one * compound(growth)
solve:
  fit: {find: {fitted: [0 t/yr, 1000 t/yr]}, so_that: reached = goal}
)";

Files files() {
  return {{"model.yaml", model_text},
          {"demand.csv", "time,product,value\n2000,AC,10\n2010,AC,20\n2000,TV,5\n2010,TV,5\n"},
          {"price.csv", "product,value\nAC,2\nTV,3\n"},
          {"parts.csv", "product,value\nAC,0.4\nTV,0.6\n"}};
}

Json sweep(const std::vector<std::string>& inputs, const std::vector<std::string>& what) {
  const CaseFolder folder(files());
  Case model = Case::load(folder.path());
  SweepRequest request;
  request.inputs = inputs;
  request.what = what;
  EXPECT_TRUE(model.sweep(request)) << model.messages_text();
  const std::string text = model.sweep_json();
  return text.empty() ? Json() : Json::parse(text);
}

std::string refusal(const std::string& input, const std::string& more = "") {
  const CaseFolder folder(files());
  Case model = Case::load(folder.path());
  SweepRequest request;
  request.inputs = {input};
  if (!more.empty()) request.inputs.push_back(more);
  request.what = {"kept[2010]"};
  EXPECT_FALSE(model.sweep(request)) << input;
  return model.messages_text();
}

TEST(Sweep, RunsThroughARange) {
  const Json result = sweep({"share = 0 %..100 % : 5"}, {"kept[2010]"});
  EXPECT_EQ(result["inputs"][0]["values"], Json({0, 25, 50, 75, 100}));
  EXPECT_EQ(result["inputs"][0]["unit"], "%");
  EXPECT_EQ(result["inputs"][0]["now"], 20);
  EXPECT_EQ(result["results"][0]["values"], Json({0, 6.25, 12.5, 18.75, 25}));
  EXPECT_EQ(result["results"][0]["now"], 5);
}

TEST(Sweep, TakesTheUnitFromTheEnd) {
  EXPECT_EQ(sweep({"share = 0..100 % : 3"}, {"kept[2010]"})["results"][0]["values"], Json({0, 12.5, 25}));
  EXPECT_EQ(sweep({"growth = 2 %, 5 %/yr, 8"}, {"grown"})["inputs"][0]["values"], Json({2, 5, 8}));
}

TEST(Sweep, OverTwoInputsTheLastRunsFastest) {
  const Json result = sweep({"share = 10 %, 20 %", "demand[2010, AC] = 20, 30, 40"}, {"kept[2010]"});
  EXPECT_EQ(result["results"][0]["values"], Json({2.5, 3.5, 4.5, 5, 7, 9}));
}

TEST(Sweep, MovesCellsAndWhatIsFilledFromThem) {
  // 2005 lies half way between the given numbers of 2000 and 2010.
  const Json result = sweep({"demand[2010, AC] = 20, 40"}, {"used[2005]", "used[2010]", "used[2000]"});
  EXPECT_EQ(result["results"][0]["values"], Json({20, 30}));
  EXPECT_EQ(result["results"][1]["values"], Json({25, 45}));
  EXPECT_EQ(result["results"][2]["values"], Json({15, 15}));
  // An interpolated cell alone.
  const Json one = sweep({"demand[2005, product = AC] = 15, 99"}, {"used[2005]", "used[2006]"});
  EXPECT_EQ(one["results"][0]["values"], Json({20, 104}));
  EXPECT_EQ(one["results"][1]["values"], Json({21, 21}));
}

TEST(Sweep, MovesYearsLabelsConditionsAndFactors) {
  EXPECT_EQ(sweep({"share[late] = 20 %, 40 %"}, {"kept[2005]", "kept[2010]"})["results"][0]["values"],
            Json({4, 4}));
  EXPECT_EQ(sweep({"share[late] = 20 %, 40 %"}, {"kept[2005]", "kept[2010]"})["results"][1]["values"],
            Json({5, 10}));
  EXPECT_EQ(sweep({"share[2006..2010] = 20 %, 40 %"}, {"kept[2005]", "kept[2006]"})["results"][0]["values"],
            Json({4, 4}));
  EXPECT_EQ(sweep({"price[AC] = 2, 4"}, {"worth[2010]"})["results"][0]["values"], Json({55, 95}));
  EXPECT_EQ(sweep({"price * 1..3 : 3"}, {"worth[2010]"})["results"][0]["values"], Json({55, 110, 165}));
  EXPECT_EQ(sweep({"price[TV] * 0, 2"}, {"worth[2010]"})["results"][0]["values"], Json({40, 70}));
}

TEST(Sweep, FindsParametersAgain) {
  // found · share[2010] = 8 t/yr.
  const Json result = sweep({"share = 10 %, 40 %"}, {"doubled"});
  EXPECT_NEAR(result["results"][0]["values"][0].get<double>(), 160, 1e-9);
  EXPECT_NEAR(result["results"][0]["values"][1].get<double>(), 40, 1e-9);
}

TEST(Sweep, IsWhatADeclaredValueGives) {
  const Json swept = sweep({"share = 35 %, 36 %"}, {"kept[2007]", "worth[2007]"});
  Files all = files();
  all["model.yaml"].replace(all["model.yaml"].find("value: 20 %"), 11, "value: 35 %");
  const CaseFolder folder(all);
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run());
  EXPECT_EQ(swept["results"][0]["values"][0].get<double>(), model.value("kept[2007]")->value);
}

TEST(Sweep, TellsWhatCannotBeComputed) {
  const Json result = sweep({"share = 0 %, 50 %"}, {"inverse"});
  EXPECT_TRUE(result["results"][0]["values"][0].is_null());
  EXPECT_EQ(result["results"][0]["values"][1], 2);
  EXPECT_EQ(result["problems"].size(), 1u);
}

TEST(Sweep, KeepsSeriesForFiles) {
  const CaseFolder folder(files());
  Case model = Case::load(folder.path());
  SweepRequest request;
  request.inputs = {"share = 0 %..100 % : 3", "price * 1, 2"};
  request.what = {"kept", "worth[2010]"};
  ASSERT_TRUE(model.sweep(request)) << model.messages_text();
  const ResultSet results = model.sweep_results();
  const ResultVariable& kept = *results.find("kept");
  ASSERT_EQ(kept.dimensions.size(), 3u);
  ASSERT_EQ(kept.values.size(), 3u * 2 * 11);
  EXPECT_EQ(kept.values[2 * 11 + 10], 12.5);  // 50 %, × 1, 2010
  const auto file = folder.path() / "sweep.nc";
  ASSERT_EQ(write_results_netcdf(results, file), "");
  std::string problem;
  const auto back = read_results(file, problem);
  ASSERT_TRUE(back) << problem;
  const ResultDimension& axis = back->dimensions[back->find("kept")->dimensions[0]];
  EXPECT_EQ(axis.labels, (std::vector<std::string>{"0 %", "50 %", "100 %"}));
  EXPECT_EQ(axis.numbers, (std::vector<double>{0, 50, 100}));
  EXPECT_EQ(axis.unit, "%");
}

TEST(Sweep, TellsMistakesInTheirPlace) {
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(refusal("shar = 1 %"), "did you mean `share`?");
  has(refusal("kept = 1 %"), "`kept` is computed: only a parameter can be moved");
  has(refusal("share"), "runs through no values");
  has(refusal("share = 5 t/yr"), "which `t/yr` does not convert to");
  has(refusal("share = 50 %..10 %"), "a range goes upwards");
  has(refusal("share = 0 %..10 % : 1"), "how many values");
  has(refusal("share = 0 %.. : 3"), "a range has two ends");
  has(refusal("share = 1 %, , 2 %"), "a value is missing");
  has(refusal("share = 1 %, 1 %"), "stands here twice");
  has(refusal("share ="), "no values are given");
  has(refusal("share[AC] = 1 %"), "is no label, year or condition of `share`");
  has(refusal("price[AD] = 1"), "did you mean `AC`?");
  has(refusal("price[2005] = 1"), "is the same in all years");
  has(refusal("share[1990..1995] = 1 %"), "no years of the model");
  has(refusal("share[late = 1 %"), "is not closed");
  has(refusal("growth[late] = 1 %"), "speaks of a dimension that `growth` has not");
  has(refusal("price * 5 t"), "a factor has no unit");
  has(refusal("price = 3 %"), "not in per cent");
  has(refusal("fitted = 1 t/yr, 2 t/yr"), "is found by `solve:`");
  has(refusal("parts[AC] = 0.1, 0.2"), "sum to a total");
  has(refusal("share = 1 %, 2 %", "share[2010] = 5 %, 6 %"), "both inputs move the same numbers");
  has(refusal("share = 1 %, 2 %", "share = abc"), "abc");
}

}  // namespace
}  // namespace lode
