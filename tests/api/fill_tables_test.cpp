// SPDX-License-Identifier: Apache-2.0
#include "lode/api/fill_tables.hpp"

#include <gtest/gtest.h>

#include "../engine/case_tools.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

constexpr const char* mark = "\xEF\xBB\xBF";

Files with(const std::string& parameters, Files files, const std::string& more = "") {
  files["model.yaml"] = "lode: 1\ntime: {first: 2000, last: 2003}\ndimensions:\n  good: [wire, tube]\n" +
                        more + "parameters:\n" + parameters;
  return files;
}

std::vector<TableChange> fill(const CaseFolder& folder, const ScenarioChoice& choice = {}) {
  return fill_tables(folder.open(choice));
}

/// Filling again must find nothing to do.
void expect_done(const CaseFolder& folder) {
  for (const TableChange& change : fill(folder))
    ADD_FAILURE() << change.path << ": " << change.rows << " rows";
}

TEST(FillTables, WritesANewTableWithEveryCellAndUnit) {
  const CaseFolder folder(with("  made: {over: [time, good], unit: kt/yr, table: data/made.csv}\n", {}));
  const auto changes = fill(folder);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].path, "data/made.csv");
  EXPECT_EQ(changes[0].rows, 8u);
  EXPECT_TRUE(changes[0].created);
  EXPECT_EQ(changes[0].problem, "");
  EXPECT_EQ(folder.read("data/made.csv"), std::string(mark) +
                                              "time,good,value,unit,source,quality,note\n"
                                              "2000,wire,,kt/yr,,,\n2001,wire,,kt/yr,,,\n"
                                              "2002,wire,,kt/yr,,,\n2003,wire,,kt/yr,,,\n"
                                              "2000,tube,,kt/yr,,,\n2001,tube,,kt/yr,,,\n"
                                              "2002,tube,,kt/yr,,,\n2003,tube,,kt/yr,,,\n");
  expect_done(folder);
}

TEST(FillTables, UnitsDifferByLabel) {
  const CaseFolder folder(with("  made: {over: [thing], unit: thing.counted_in/yr, table: data/made.csv}\n",
                               {}, "  thing: {labels: [cable, motor], units: {cable: km, motor: item}}\n"));
  ASSERT_EQ(fill(folder).size(), 1u);
  const std::string text = folder.read("data/made.csv");
  EXPECT_NE(text.find("\ncable,,km/yr,"), std::string::npos) << text;
  EXPECT_NE(text.find("\nmotor,,item/yr,"), std::string::npos) << text;
}

TEST(FillTables, AddsOnlyWhatIsMissing) {
  const std::string before = "time,good,value,unit\n2003,wire,4,kt\n# a remark\n2000,tube, 5 ,t/yr\n";
  const CaseFolder folder(
      with("  made: {over: [time, good], unit: t/yr, table: made.csv}\n", {{"made.csv", before}}));
  const auto changes = fill(folder);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].rows, 6u);
  EXPECT_FALSE(changes[0].created);
  EXPECT_EQ(folder.read("made.csv"), before +
                                         "2000,wire,,t/yr\n2001,wire,,t/yr\n2002,wire,,t/yr\n"
                                         "2001,tube,,t/yr\n2002,tube,,t/yr\n2003,tube,,t/yr\n");
  expect_done(folder);
}

TEST(FillTables, ANewLabelGetsItsRows) {
  const CaseFolder folder(with("  content: {over: [good], unit: g/item, table: content.csv}\n", {}));
  fill(folder);
  folder.write("content.csv", "good,value,unit\nwire,1,g/item\ntube,2,g/item\n");
  expect_done(folder);
  folder.write("model.yaml",
               "lode: 1\ntime: 2000\ndimensions:\n  good: [wire, 'tube, bent', tube]\nparameters:\n"
               "  content: {over: [good], unit: g/item, table: content.csv}\n");
  fill(folder);
  EXPECT_EQ(folder.read("content.csv"),
            "good,value,unit\nwire,1,g/item\ntube,2,g/item\n\"tube, bent\",,g/item\n");
  expect_done(folder);
}

TEST(FillTables, KeepsEncodingLineEndsAndSeparator) {
  const std::string head = "\xC4\xEA\xB7\xDD;\xB2\xFA\xC6\xB7;\xCA\xFD\xD6\xB5;unit";  // 年份;产品;数值
  const std::string wire = "\xCF\xDF", tube = "\xB9\xDC";                              // 线, 管
  const std::string before =
      head + "\r\n2000;" + wire + ";1;t/yr\r\n2000;" + tube + ";\"2\";t/yr\r\n2001;" + wire + ";3;t/yr";
  const CaseFolder folder(
      with("  made: {over: [time, 产品], unit: t/yr, table: made.csv, where: time <= 2001}\n",
           {{"made.csv", before}}, "  产品: [线, 管]\n"));
  const auto changes = fill(folder);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].problem, "");
  EXPECT_EQ(folder.read("made.csv"), before + "\r\n2001;" + tube + ";;t/yr\r\n");
  expect_done(folder);
}

TEST(FillTables, KeepsAByteOrderMark) {
  const std::string before = std::string(mark) + "good\tvalue\nwire\t1\n";
  const CaseFolder folder(
      with("  content: {over: [good], unit: t, table: content.csv}\n", {{"content.csv", before}}));
  fill(folder);
  EXPECT_EQ(folder.read("content.csv"), before + "tube\t\n");
}

TEST(FillTables, ColumnsOfTheWholeAndOfLabelsServe) {
  const std::string part = "  long: {part_of: good, where: good <> tube}\n";
  const CaseFolder folder(
      with("  a: {over: [long], unit: t, table: a.csv}\n  b: {over: [good], unit: t, table: "
           "b.csv}\n",
           {{"a.csv", "good,value\n"}, {"b.csv", "label,value\nwire,1\n"}}, part));
  fill(folder);
  EXPECT_EQ(folder.read("a.csv"), "good,value\nwire,\n");
  EXPECT_EQ(folder.read("b.csv"), "label,value\nwire,1\ntube,\n");
  expect_done(folder);
}

TEST(FillTables, TwoParametersShareATableByColumns) {
  const CaseFolder folder(
      with("  a: {over: [good], unit: t, table: both.csv, column: mass}\n"
           "  b: {over: [good], unit: item, table: both.csv, column: number}\n",
           {}));
  const auto changes = fill(folder);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].rows, 2u);
  // One column `unit` cannot say the units of both.
  EXPECT_EQ(folder.read("both.csv").substr(3),
            "good,mass,source,quality,note,number\nwire,,,,,\ntube,,,,,\n");
  expect_done(folder);
}

TEST(FillTables, WithInterpolationTheEndsAreAsked) {
  const CaseFolder folder(
      with("  made: {over: [time], unit: t/yr, table: made.csv, interpolate: linear}\n", {}));
  fill(folder);
  EXPECT_EQ(folder.read("made.csv").substr(3),
            "time,value,unit,source,quality,note\n2000,,t/yr,,,\n2003,,t/yr,,,\n");
  expect_done(folder);
}

TEST(FillTables, YearsAcross) {
  const CaseFolder folder(
      with("  made: {over: [time, good], unit: t/yr, table: made.csv, columns: time}\n", {}));
  fill(folder);
  EXPECT_EQ(folder.read("made.csv").substr(3),
            "good,2000,2001,2002,2003,unit,source,quality,note\n"
            "wire,,,,,t/yr,,,\ntube,,,,,t/yr,,,\n");
  folder.write("made.csv", "good,2000,2001,2002,2003\nwire,1,2,3,\n");
  fill(folder);
  EXPECT_EQ(folder.read("made.csv"), "good,2000,2001,2002,2003\nwire,1,2,3,\ntube,,,,\n");
  expect_done(folder);
}

TEST(FillTables, RowsOfAnotherCaseDoNotCount) {
  const std::string axis = "scenarios:\n  supply: {default: low, low: {}, high: {}}\n";
  Files files = with("  made: {over: [good], unit: t, table: made.csv}\n",
                     {{"made.csv", "good,supply,value\nwire,high,1\ntube,,2\n"}});
  files["model.yaml"] += axis;
  const CaseFolder folder(files);
  fill(folder);
  EXPECT_EQ(folder.read("made.csv"), "good,supply,value\nwire,high,1\ntube,,2\nwire,low,\n");
  expect_done(folder);
}

TEST(FillTables, AWrongCellIsNotAskedForAgain) {
  const std::string before = "good,value\nwire,much\ntube,2\n";
  const CaseFolder folder(with("  made: {over: [good], unit: t, table: made.csv}\n", {{"made.csv", before}}));
  EXPECT_TRUE(fill(folder).empty());
  EXPECT_EQ(folder.read("made.csv"), before);
}

TEST(FillTables, WhatCannotBeReadIsLeftAlone) {
  const std::string before = "good,value\n\"wire,1\n";
  const CaseFolder folder(
      with("  a: {over: [good], unit: t, table: made.csv}\n  b: {over: [good], unit: t, table: made.csv}\n"
           "  c: {over: [good], unit: t}\n",
           {{"made.csv", before}, {"data/c.csv", "good,value\nwire,1\ntube,2\n"}}));
  const auto changes = fill(folder);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].problem, "exists already: name it by `table:` at `c`");
  EXPECT_EQ(changes[1].problem, "exists already and could not be read");
  EXPECT_EQ(folder.read("made.csv"), before);
}

TEST(FillTables, TablesOfAnExtendedFileLieBesideIt) {
  const CaseFolder folder(
      Files{{"case/model.yaml", "lode: 1\nextends: ../common/common.yaml\ntime: 2000\n"},
            {"common/common.yaml",
             "dimensions:\n  good: [wire, tube]\nparameters:\n  content: {over: [good], unit: t, "
             "table: data/content.csv}\n"},
            {"common/data/content.csv", "good,value\nwire,1\n"}});
  fill_tables(open_session(folder.path() / "case", {}));
  EXPECT_EQ(folder.read("common/data/content.csv"), "good,value\nwire,1\ntube,\n");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "case/data"));
}

}  // namespace
}  // namespace lode
