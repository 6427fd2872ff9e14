// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "lode/results/write.hpp"
#include "sample.hpp"

namespace lode {
namespace {

TEST(Xlsx, IsAZipWithASheetPerGroup) {
  const Scratch scratch;
  ASSERT_EQ(write_xlsx(sample(), scratch / "r.xlsx"), std::nullopt);
  const std::string bytes = bytes_of(scratch / "r.xlsx");
  EXPECT_EQ(bytes.substr(0, 4), "PK\x03\x04");
  // About, flows, stocks, quantities, parameters: the names of the parts are stored plainly.
  EXPECT_NE(bytes.find("xl/worksheets/sheet5.xml"), std::string::npos);
  EXPECT_EQ(bytes.find("xl/worksheets/sheet6.xml"), std::string::npos);
}

TEST(Xlsx, WhatDrawsTellHasASheetAndDrawsKeptAnother) {
  const auto sheets = [](const ResultSet& results) {
    const Scratch scratch;
    EXPECT_EQ(write_xlsx(results, scratch / "r.xlsx"), std::nullopt);
    const std::string bytes = bytes_of(scratch / "r.xlsx");
    int count = 0;
    while (bytes.find("xl/worksheets/sheet" + std::to_string(count + 1) + ".xml") != std::string::npos)
      ++count;
    return count;
  };
  ResultSet results = uncertain_sample();
  EXPECT_EQ(sheets(results), 7);
  results.draws.clear();
  EXPECT_EQ(sheets(results), 6);
  for (ResultVariable& variable : results.variables) variable.uncertainty.reset();
  EXPECT_EQ(sheets(results), 5);
}

TEST(Xlsx, BytesDependOnTheResultsNotOnTheClock) {
  const Scratch scratch;
  ResultSet results = uncertain_sample();
  ASSERT_EQ(write_xlsx(results, scratch / "a.xlsx"), std::nullopt);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));  // zip times have a resolution of two seconds
  ASSERT_EQ(write_xlsx(results, scratch / "b.xlsx"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "a.xlsx"), bytes_of(scratch / "b.xlsx"));

  results.timestamp = "not a time";
  ASSERT_EQ(write_xlsx(results, scratch / "c.xlsx"), std::nullopt);
  ASSERT_EQ(write_xlsx(results, scratch / "d.xlsx"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "c.xlsx"), bytes_of(scratch / "d.xlsx"));
  EXPECT_NE(bytes_of(scratch / "a.xlsx"), bytes_of(scratch / "c.xlsx"));
}

TEST(Xlsx, NothingToShow) {
  const Scratch scratch;
  EXPECT_EQ(write_xlsx(ResultSet{}, scratch / "r.xlsx"), std::nullopt);
  EXPECT_GT(bytes_of(scratch / "r.xlsx").size(), 1000u);
}

TEST(Xlsx, InfinitiesLongTextsAndUnknownGroups) {
  const Scratch scratch;
  ResultSet results = sample();
  results.variables[2].values = {std::numeric_limits<double>::infinity()};
  results.variables[1].formula.assign(40000, 'x');
  results.variables[1].title_zh.clear();
  for (int i = 0; i < 12000; ++i) results.variables[1].title_zh += "钕";
  results.variables[0].group = "a/b: [所有] '" + std::string(60, 'g');
  EXPECT_EQ(write_xlsx(results, scratch / "r.xlsx"), std::nullopt);
}

TEST(Xlsx, MoreRowsThanExcelTakes) {
  const Scratch scratch;
  ResultSet results;
  ResultDimension many;
  many.name = "many";
  many.labels.assign(1048576, "x");
  results.dimensions = {many};
  ResultVariable variable;
  variable.name = "v";
  variable.group = "flow";
  variable.dimensions = {0};
  variable.values.assign(1048576, 1.0);
  results.variables = {variable};
  EXPECT_EQ(
      write_xlsx(results, scratch / "r.xlsx"),
      "cannot write `" + (scratch / "r.xlsx").string() +
          "`: sheet `Flows` would have 1048577 rows and 9 columns, more than Excel takes; write CSV instead");
  EXPECT_EQ(scratch.count(), 0u);

  results.variables.clear();
  results.draws = {{"v[x]", "t", "t", std::vector<double>(1048575, 1.0)}};
  EXPECT_EQ(
      write_xlsx(results, scratch / "r.xlsx"),
      "cannot write `" + (scratch / "r.xlsx").string() +
          "`: sheet `Draws` would have 1048577 rows and 2 columns, more than Excel takes; write CSV instead");
  EXPECT_EQ(scratch.count(), 0u);
}

}  // namespace
}  // namespace lode
