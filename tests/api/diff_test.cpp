// SPDX-License-Identifier: Apache-2.0
#include "lode/api/diff.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../engine/case_tools.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

ResultSet set_of(const std::vector<std::string>& products, const std::string& unit,
                 std::vector<double> made) {
  ResultSet set;
  ResultDimension product;
  product.name = "product";
  product.labels = products;
  set.dimensions = {product};
  ResultVariable variable;
  variable.name = "made";
  variable.group = "flow";
  variable.unit = unit;
  variable.dimensions = {0};
  variable.values = std::move(made);
  set.variables = {variable};
  return set;
}

Difference between(const ResultSet& a, const ResultSet& b) {
  return difference_of({"a", a, nullptr}, {"b", b, nullptr});
}

TEST(Diff, AlignsLabelsByName) {
  const Difference same = between(set_of({"AC", "TV"}, "t/yr", {1, 2}), set_of({"TV", "AC"}, "t/yr", {2, 1}));
  EXPECT_TRUE(same.none());
  EXPECT_EQ(same.same, 1u);
  const Difference other =
      between(set_of({"AC", "TV"}, "t/yr", {1, 2}), set_of({"TV", "LED", "AC"}, "t/yr", {2, 9, 4}));
  ASSERT_EQ(other.results.size(), 1u);
  EXPECT_EQ(other.results[0].cell, "[AC]");
  EXPECT_EQ(other.results[0].from, 1);
  EXPECT_EQ(other.results[0].to, 4);
  EXPECT_EQ(other.results[0].differing, 1u);
  ASSERT_EQ(other.only_to.size(), 1u);
  EXPECT_EQ(other.only_to[0].name, "LED");
  EXPECT_TRUE(other.only_from.empty());
}

TEST(Diff, ConvertsUnits) {
  EXPECT_TRUE(between(set_of({"AC"}, "kt/yr", {1.5}), set_of({"AC"}, "t/yr", {1500})).none());
  const Difference off = between(set_of({"AC"}, "kt/yr", {1.5}), set_of({"AC"}, "t/yr", {1600}));
  EXPECT_NEAR(off.results[0].to, 1.6, 1e-12);
  EXPECT_EQ(off.results[0].unit, "kt/yr");
  const Difference kinds = between(set_of({"AC"}, "kt/yr", {1.5}), set_of({"AC"}, "yr", {1600}));
  ASSERT_EQ(kinds.results.size(), 1u);
  EXPECT_EQ(kinds.results[0].problem, "`yr` does not convert to `kt/yr`");
}

TEST(Diff, TellsAbsentNumbersAndRoundingApart) {
  EXPECT_TRUE(between(set_of({"AC"}, "t", {absent}), set_of({"AC"}, "t", {absent})).none());
  EXPECT_TRUE(between(set_of({"AC"}, "t", {1}), set_of({"AC"}, "t", {1 + 1e-15})).none());
  const Difference gone = between(set_of({"AC"}, "t", {1}), set_of({"AC"}, "t", {absent}));
  ASSERT_EQ(gone.results.size(), 1u);
  EXPECT_NE(diff_text(gone, 5).find("absent"), std::string::npos);
  EXPECT_NE(diff_json(gone).find("null"), std::string::npos);
}

TEST(Diff, PutsTheLargestFirst) {
  ResultSet a = set_of({"AC"}, "t", {100}), b = set_of({"AC"}, "t", {101});
  ResultVariable small = a.variables.front();
  small.name = "small";
  small.values = {0.1};
  a.variables.push_back(small);
  small.values = {0.2};
  b.variables.push_back(small);
  const Difference difference = between(a, b);
  ASSERT_EQ(difference.results.size(), 2u);
  EXPECT_EQ(difference.results[0].name, "small") << "it doubles, the other grows by one per cent";
}

TEST(Diff, TellsGivenNumbersWithTheirPlaceAndWhatFollows) {
  const char* const model = R"(lode: 1
time: {first: 2000, last: 2004}
parameters:
  ore: {over: [time], unit: t/yr, table: ore.csv, interpolate: linear}
  yield: {over: [time], value: 50 %}
equations:
  metal: ore * yield
)";
  const CaseFolder before(Files{{"model.yaml", model}, {"ore.csv", "time,value\n2000,10\n2004,20\n"}});
  std::string changed = model;
  changed.replace(changed.find("ore * yield"), 11, "ore * yield * 2");
  const CaseFolder after(Files{{"model.yaml", changed}, {"ore.csv", "time,value\n2000,10\n2004,30\n"}});
  DiffRequest request;
  request.from = before.path();
  request.to = after.path();
  const DiffOutcome outcome = diff(request);
  ASSERT_EQ(outcome.problem, "");
  EXPECT_FALSE(outcome.same);
  for (const char* part : {"ore[2004]", "20 t/yr", "30 t/yr", "+50.00 %", "ore.csv:3", "ore: 3 cells filled",
                           "− ore * yield", "+ ore * yield * 2", "metal[2004]", "10 t/yr"})
    EXPECT_NE(outcome.text.find(part), std::string::npos) << part << "\n" << outcome.text;
}

}  // namespace
}  // namespace lode
