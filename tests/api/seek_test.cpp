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

// Known answers: gap(x) = 100 − 200 x; hump(x) = x (1 − x) has its top at 50 %; step jumps at 40 %; need asks
// for 10 t/yr more each year against 100 x; root has no value below 50 %.
const char* const model_text = R"(lode: 1
time: {first: 2000, last: 2008}
quality:
  rough: {normal: {cv: 10 %}}
parameters:
  x: {value: 10 %}
  y: {value: 20 %}
  z: {value: 55 %}
  size: {value: 100 t/yr, quality: rough}
  fixed: {value: 100 t/yr}
  limit: {value: 40 %}
  up: {value: 7 t/yr}
  down: {value: -2 t/yr}
  asked: {over: [time], unit: t/yr, table: asked.csv, interpolate: linear}
equations:
  gap: size - 2 * x * fixed
  hump: x * (1 - x)
  step: if x > limit then up else down
  need: asked - fixed * x
  both: (x + y) * fixed
  root: (z - 50 %) ^ 0.5
  apart: fixed * 2
)";

struct Answer {
  Json json;
  std::string text;
  bool found = false;
};

Answer seek(const std::vector<std::string>& inputs, const std::vector<std::string>& so_that,
            const std::string& between = "", std::uint64_t draws = 0) {
  const CaseFolder folder(Files{{"model.yaml", model_text}, {"asked.csv", "time,value\n2000,0\n2008,80\n"}});
  Case model = Case::load(folder.path());
  SeekRequest request;
  request.inputs = inputs;
  request.so_that = so_that;
  request.between = between;
  request.draws = draws;
  EXPECT_TRUE(model.seek(request)) << model.messages_text();
  const std::string json = model.seek_json();
  return {json.empty() ? Json() : Json::parse(json), model.seek_text(), model.seek_found()};
}

std::string refusal(const std::vector<std::string>& inputs, const std::vector<std::string>& so_that,
                    const std::string& between = "", std::uint64_t draws = 0) {
  const CaseFolder folder(Files{{"model.yaml", model_text}, {"asked.csv", "time,value\n2000,0\n2008,80\n"}});
  Case model = Case::load(folder.path());
  SeekRequest request;
  request.inputs = inputs;
  request.so_that = so_that;
  request.between = between;
  request.draws = draws;
  EXPECT_FALSE(model.seek(request)) << model.seek_text();
  return model.messages_text();
}

double input(const Json& point, std::size_t i = 0) {
  return point["inputs"][i]["value"].get<double>();
}

TEST(Seek, FindsWhereALineCrosses) {
  const Answer answer = seek({"x"}, {"gap = 0"});
  ASSERT_TRUE(answer.found);
  ASSERT_EQ(answer.json["answers"].size(), 1u);
  EXPECT_NEAR(input(answer.json["answers"][0]), 50, 1e-10);
  EXPECT_EQ(answer.json["answers"][0]["kind"], "crossing");
  EXPECT_NE(answer.text.find("x = 50 %"), std::string::npos) << answer.text;
}

TEST(Seek, ComparesWithLimitsInUnitsAndWithFormulas) {
  EXPECT_NEAR(input(seek({"x"}, {"gap = 60 t/yr"}).json["answers"][0]), 20, 1e-10);
  EXPECT_NEAR(input(seek({"x"}, {"gap = 0.06 kt/yr"}).json["answers"][0]), 20, 1e-10);
  EXPECT_NEAR(input(seek({"x"}, {"gap = fixed * x"}).json["answers"][0]), 100.0 / 3, 1e-10);
}

TEST(Seek, TellsAllAnswersOfAHump) {
  const Answer answer = seek({"x"}, {"hump = 0.16"});
  ASSERT_EQ(answer.json["answers"].size(), 2u);
  EXPECT_NEAR(input(answer.json["answers"][0]), 20, 1e-9);
  EXPECT_NEAR(input(answer.json["answers"][1]), 80, 1e-9);
}

TEST(Seek, SaysWhatIsOutOfReach) {
  const Answer answer = seek({"x"}, {"hump = 0.3"});
  EXPECT_FALSE(answer.found);
  EXPECT_NEAR(input(answer.json["best"]), 50, 1e-4);
  EXPECT_NEAR(answer.json["best"]["results"][0]["value"].get<double>(), 0.25, 1e-9);
  EXPECT_NE(answer.text.find("no value of x from 0 % to 100 % does it"), std::string::npos) << answer.text;
  const Answer range = seek({"x"}, {"gap = 0"}, "0 % 40 %");
  EXPECT_FALSE(range.found);
  EXPECT_NEAR(input(range.json["best"]), 40, 1e-12);
}

TEST(Seek, DoesNotTakeAJumpForAnAnswer) {
  const Answer answer = seek({"x"}, {"step = 0"});
  EXPECT_FALSE(answer.found);
  ASSERT_EQ(answer.json["jumps"].size(), 1u);
  EXPECT_NEAR(answer.json["jumps"][0].get<double>(), 40, 1e-9);
  EXPECT_NE(answer.text.find("jump"), std::string::npos);
  // A bound can be met on one side of it.
  const Answer bound = seek({"x"}, {"step <= 0"});
  ASSERT_TRUE(bound.found);
  EXPECT_NEAR(input(bound.json["answers"][0]["to"]), 40, 1e-9);
}

TEST(Seek, OfAllYearsTakesTheWorst) {
  const Answer answer = seek({"x"}, {"need[2001..2006] <= 0"});
  ASSERT_TRUE(answer.found);
  EXPECT_NEAR(input(answer.json["answers"][0]["from"]), 60, 1e-9);
  EXPECT_NEAR(input(answer.json["answers"][0]["to"]), 100, 1e-9);
  EXPECT_EQ(answer.json["answers"][0]["from"]["results"][0]["name"], "need[2006]");
  EXPECT_NEAR(input(seek({"x"}, {"need <= 0"}).json["answers"][0]["from"]), 80, 1e-9);
  const Answer least = seek({"x"}, {"need[2002..2006] >= 0"});
  EXPECT_NEAR(input(least.json["answers"][0]["to"]), 20, 1e-9);
}

TEST(Seek, MeetsSeveralConditions) {
  const Answer answer = seek({"x"}, {"hump >= 0.16", "gap <= 0"});
  ASSERT_TRUE(answer.found);
  EXPECT_NEAR(input(answer.json["answers"][0]["from"]), 50, 1e-9);
  EXPECT_NEAR(input(answer.json["answers"][0]["to"]), 80, 1e-9);
  const Answer other = seek({"x"}, {"hump = 0.16", "gap <= 0"});
  ASSERT_EQ(other.json["answers"].size(), 1u);
  EXPECT_NEAR(input(other.json["answers"][0]), 80, 1e-9);
}

TEST(Seek, OfSeveralInputsTakesTheLeastChange) {
  // x from 10 %, y from 20 %, both over a range of 100 points: the same share of the rest to each.
  const Answer answer = seek({"x = 0 %..100 %", "y = 0 %..100 %"}, {"both = 60 t/yr"});
  ASSERT_TRUE(answer.found) << answer.text;
  EXPECT_NEAR(input(answer.json["answers"][0], 0), 25, 1e-5);
  EXPECT_NEAR(input(answer.json["answers"][0], 1), 35, 1e-5);
  // Half the range counts twice: x moves a fifth of what is missing.
  const Answer other = seek({"x = 0 %..50 %", "y = 0 %..100 %"}, {"both = 60 t/yr"});
  EXPECT_NEAR(input(other.json["answers"][0], 0), 16, 1e-5);
  EXPECT_NEAR(input(other.json["answers"][0], 1), 44, 1e-5);
  const Answer none = seek({"x = 0 %..20 %", "y = 0 %..30 %"}, {"both = 60 t/yr"});
  EXPECT_FALSE(none.found);
  EXPECT_NEAR(input(none.json["best"], 0), 20, 1e-5);
  EXPECT_NEAR(input(none.json["best"], 1), 30, 1e-5);
}

TEST(Seek, FactorsMultiplyWhatTheInputIs) {
  const Answer answer = seek({"x *"}, {"gap = 0"}, "1..8");
  ASSERT_TRUE(answer.found);
  EXPECT_NEAR(input(answer.json["answers"][0]), 5, 1e-10);
}

TEST(Seek, PassesOverValuesThatCannotBeComputed) {
  const Answer answer = seek({"z"}, {"root = 0.5"});
  ASSERT_TRUE(answer.found) << answer.text;
  EXPECT_NEAR(input(answer.json["answers"][0]), 75, 1e-8);
  EXPECT_GT(answer.json["without_value"]["count"].get<int>(), 10);
  EXPECT_NE(answer.text.find("cannot be computed"), std::string::npos) << answer.text;
}

TEST(Seek, WithDrawsGivesTheDistributionOfTheAnswer) {
  // x = size / 200: normal about 50 % with a deviation of 5 points.
  const Answer answer = seek({"x"}, {"gap = 0"}, "", 1024);
  const Json& draws = answer.json["draws"];
  EXPECT_EQ(draws["answered"], 1024);
  EXPECT_NEAR(draws["mean"].get<double>(), 50, 0.05);
  EXPECT_NEAR(draws["deviation"].get<double>(), 5, 0.1);
  EXPECT_NEAR(draws["quantiles"][0]["value"].get<double>(), 50 - 1.6449 * 5, 0.3);
  // Above 52 % there is no answer for the draws beyond a size of 104.
  const Answer cut = seek({"x"}, {"gap = 0"}, "0 %..52 %", 1024);
  EXPECT_NEAR(cut.json["draws"]["answered"].get<double>() / 1024, 0.6554, 0.01);
  // At least as much holds from there on: the least value is the same.
  const Answer bound = seek({"x"}, {"gap <= 0"}, "", 1024);
  EXPECT_NEAR(bound.json["draws"]["mean"].get<double>(), 50, 0.05);
  const Answer highest = seek({"x"}, {"gap >= 0"}, "", 1024);
  EXPECT_EQ(highest.json["draws"]["which"], "largest");
  EXPECT_NEAR(highest.json["draws"]["mean"].get<double>(), 50, 0.05);
}

TEST(Seek, TellsMistakesInTheirPlace) {
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(refusal({"x"}, {"gap"}), "this is no condition");
  has(refusal({"x"}, {}), "nothing is wished for");
  has(refusal({"x"}, {"gapp = 0"}), "gapp");
  has(refusal({"x"}, {"gap = 5 kg"}), "the limit is kg");
  has(refusal({"x"}, {"gap = 5"}), "the limit is a plain number");
  has(refusal({"x"}, {"need = 0"}), "this is 9 numbers");
  has(refusal({"x"}, {"need[2030..2040] <= 0"}), "the model has 2000–2008");
  has(refusal({"x"}, {"need[2005..] <= 0"}), "years stand as `[2025..2050]`");
  has(refusal({"x"}, {"gap[2001..2002] <= 0"}), "no series of years");
  has(refusal({"x"}, {"apart = 0"}), "does not depend on it");
  has(refusal({"x"}, {"gap = 0", "hump = 0.1"}), "2 equations for 1 input");
  has(refusal({"w"}, {"gap = 0"}), "no parameter is called `w`");
  has(refusal({"x = 1 %, 2 %"}, {"gap = 0"}), "takes a range");
  has(refusal({"x = 0 %..5 %"}, {"gap = 0"}, "0 %..9 %"), "given twice");
  has(refusal({"x", "y"}, {"both = 5 t/yr"}, "0 %..9 %"), "is for one input");
  has(refusal({"x", "y"}, {"both = 50 t/yr"}, "", 64), "one input is sought at a time");
}

}  // namespace
}  // namespace lode
