// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/flow_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "lode/exchange/flow_case.hpp"
#include "own_folder.hpp"

namespace lode {
namespace {

struct Read {
  std::optional<FlowList> list;
  Diagnostics diagnostics;
  std::string first() const { return diagnostics.all().empty() ? "" : render(diagnostics.all()[0]); }
};

Read read(const std::string& csv, const FlowListOptions& options = {}) {
  const auto file = own_folder() / "flows.csv";
  std::ofstream(file) << csv;
  Read result;
  const auto grid = read_flow_grid(file, options, result.diagnostics);
  if (!grid) return result;
  const auto columns = find_flow_columns(*grid, options, result.diagnostics);
  if (columns) result.list = read_flow_list(*grid, *columns, options, result.diagnostics);
  return result;
}

bool says(const std::vector<std::string>& notes, const std::string& words) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

const std::string header = "source,target,type,region,year,value,unit\n";

TEST(FlowList, ReadsTheLongForm) {
  const Read r = read(header +
                      "Mine,Market,ore,China,2000,\"1,200\",kt/year\n"
                      "Mine,Market,ore,Japan,2001,0.5,kt/year\n"
                      "Market,Use,steel,China,2000,3.5e2,kt/year\n");
  ASSERT_TRUE(r.list) << r.first();
  EXPECT_EQ(r.list->unit, "kt/yr");
  EXPECT_EQ(r.list->regions, (std::vector<std::string>{"China", "Japan"}));
  EXPECT_EQ(r.list->years, (std::vector<int>{2000, 2001}));
  ASSERT_EQ(r.list->flows.size(), 2u);
  EXPECT_EQ(r.list->flows[0].values.at({0, 2000}), 1200);
  EXPECT_EQ(r.list->flows[0].values.at({1, 2001}), 0.5);
  EXPECT_EQ(r.list->values, 3u);
}

TEST(FlowList, ReadsYearsAcross) {
  FlowListOptions options;
  options.unit = "t";
  const Read r = read("From,To,2000,2005\nMine,Market,1,2\nMarket,Use,,4\n", options);
  ASSERT_TRUE(r.list) << r.first();
  EXPECT_EQ(r.list->unit, "t/yr");
  EXPECT_EQ(r.list->flows[1].values.at({0, 2005}), 4);
  EXPECT_TRUE(says(r.list->notes, "read as that year's amount"));
  EXPECT_TRUE(says(r.list->notes, "1 cell without a value is no flow: line 3"));
}

TEST(FlowList, ConvertsUnitsAndRefusesOtherKinds) {
  const Read good = read(header + "a,b,x,C,2000,1,kt/yr\na,b,x,C,2001,500,t/yr\n");
  ASSERT_TRUE(good.list) << good.first();
  EXPECT_DOUBLE_EQ(good.list->flows[0].values.at({0, 2001}), 0.5);
  EXPECT_TRUE(says(good.list->notes, "1 row in `t/yr`, converted to `kt/yr`"));
  EXPECT_NE(
      read(header + "a,b,x,C,2000,1,kt/yr\na,b,x,C,2001,5,items/yr\n").first().find("does not fit `kt/yr`"),
      std::string::npos);
  EXPECT_NE(read(header + "a,b,x,C,2000,1,quux\n").first().find("unit `quux`"), std::string::npos);
  EXPECT_NE(read("source,target,year,value\na,b,2000,1\n").first().find("no unit"), std::string::npos);
}

TEST(FlowList, PlacesEveryMistake) {
  const auto at = [&](const std::string& row, const std::string& place, const std::string& words) {
    const Read r = read(header + "a,b,x,C,2000,1,t/yr\n" + row + "\n");
    EXPECT_FALSE(r.list) << row;
    EXPECT_NE(r.first().find(place), std::string::npos) << r.first();
    EXPECT_NE(r.first().find(words), std::string::npos) << r.first();
  };
  at("a,b,x,C,2001,soon,t/yr", "flows.csv:3:14", "`soon` is no number");
  at("a,b,x,C,2001,-4,t/yr", "flows.csv:3:14", "below zero");
  at("a,b,x,C,20x1,4,t/yr", "flows.csv:3:9", "`20x1` is no year");
  at("a,,x,C,2001,4,t/yr", "flows.csv:3:3", "no target");
  at("a,b,x,,2001,4,t/yr", "flows.csv:3:7", "no region");
  at("a,b,x,C,2001,<4,t/yr", "flows.csv:3:14", "bound or a withheld value");
  at("a,b,x,C,2001,40 %,t/yr", "flows.csv:3:14", "is a share");
  at("a,b,x,C,2001,\"1,5\",t/yr", "flows.csv:3:15", "say `--decimal-comma`");
  at("a,b,x,C,2001,#N/A,t/yr", "flows.csv:3:14", "error value of a spreadsheet");
  at("a,b,x,C,2000,7,t/yr", "flows.csv:3:14", "a → b (x), C, 2000 stands twice, first in line 2");
}

TEST(FlowList, TellsManyMistakesOfAKindOnce) {
  std::string csv = header;
  for (int i = 0; i < 100; ++i) csv += "a,b,x,C,2000,soon,t/yr\n";
  const Read r = read(csv);
  EXPECT_EQ(r.diagnostics.error_count(), 21u);
  EXPECT_EQ(r.diagnostics.all().back().message, "80 more like these");
}

TEST(FlowList, AddsDuplicatesUpIfAskedTo) {
  FlowListOptions options;
  options.sum_duplicates = true;
  const Read r = read(header + "a,b,x,C,2000,1,t/yr\na,b,x,C,2000,2.5,t/yr\n", options);
  ASSERT_TRUE(r.list) << r.first();
  EXPECT_EQ(r.list->flows[0].values.at({0, 2000}), 3.5);
  EXPECT_TRUE(says(r.list->notes, "1 row is added to one before: line 3"));
}

TEST(FlowList, KeepsRemarksAndCountsWhatItSkips) {
  const Read r = read(
      header +
      "a,b,x,C,2000,1,t/yr\na,b,x,C,2001,—,t/yr\n,,,,,,\nNote: provisional,,,,,,\nb,c,x,C,2000,0,t/yr\n");
  ASSERT_TRUE(r.list) << r.first();
  EXPECT_EQ(r.list->remarks, (std::vector<std::string>{"Note: provisional"}));
  EXPECT_TRUE(says(r.list->notes, "1 row is a remark, kept in README.md: line 5"));
  EXPECT_TRUE(says(r.list->notes, "1 cell without a value is no flow: line 3"));
  EXPECT_TRUE(says(r.list->notes, "1 flow is zero everywhere and left out"));
}

TEST(FlowList, RefusesAListOfZeros) {
  EXPECT_NE(read(header + "a,b,x,C,2000,0,t/yr\n").first().find("no flow with a value other than zero"),
            std::string::npos);
}

TEST(FlowList, ReadsDecimalCommas) {
  FlowListOptions options;
  options.decimal_comma = true;
  const Read r = read("source;target;year;value;unit\na;b;2000;1.234,5;t/yr\n", options);
  ASSERT_TRUE(r.list) << r.first();
  EXPECT_EQ(r.list->flows[0].values.at({0, 2000}), 1234.5);
}

TEST(FlowList, AsksForColumnsItCannotFind) {
  EXPECT_NE(read("ursprung,target,year,value,unit\n").first().find("--source HEADER"), std::string::npos);
  EXPECT_NE(read("source,target,value,unit\n").first().find("--year 2019"), std::string::npos);
  EXPECT_NE(read("source,target,year\na,b,2000\n").first().find("--value HEADER"), std::string::npos);
  FlowListOptions options;
  options.region = "contry";
  EXPECT_NE(read("source,target,country,year,value,unit\n", options).first().find("did you mean `country`"),
            std::string::npos);
  options.region = "source";
  EXPECT_NE(read("source,target,year,value,unit\n", options).first().find("two things at once"),
            std::string::npos);
}

FlowCase made(const std::string& csv, const FlowCaseOptions& options = {}) {
  Read r = read(csv);
  EXPECT_TRUE(r.list) << r.first();
  Diagnostics diagnostics;
  auto result = make_flow_case(*r.list, options, diagnostics);
  EXPECT_TRUE(result) << render(diagnostics);
  return result ? std::move(*result) : FlowCase{};
}

TEST(FlowCase, NamesFlowsByTheirEndsAndTypesWhereNeeded) {
  const FlowCase c = made(header +
                          "Use phase,Scrap,steel,C,2000,1,t/yr\nUse phase,Scrap,copper,C,2000,1,t/yr\n"
                          "Scrap,Use-phase,steel,C,2000,1,t/yr\nif,总量,steel,C,2000,1,t/yr\n"
                          "a b,c,steel,C,2000,1,t/yr\na_b,c,steel,C,2000,2,t/yr\n");
  EXPECT_EQ(c.flow_names,
            (std::vector<std::string>{"use_phase_to_scrap_steel", "use_phase_to_scrap_copper",
                                      "scrap_to_use_phase", "if_to_总量", "a_b_to_c", "a_b_to_c_2"}));
}

TEST(FlowCase, TakesTypesAsADimensionWhereMostFlowsHaveSeveral) {
  const std::string csv =
      header + "a,b,x,C,2000,1,t/yr\na,b,y,C,2000,2,t/yr\nb,c,x,C,2000,1,t/yr\nb,c,y,C,2000,2,t/yr\n";
  const FlowCase c = made(csv);
  EXPECT_EQ(c.flow_names, (std::vector<std::string>{"a_to_b", "b_to_c"}));
  EXPECT_NE(c.files[0].text.find("over: [time, region, type]"), std::string::npos) << c.files[0].text;
  FlowCaseOptions options;
  options.types = FlowCaseOptions::Types::flows;
  EXPECT_EQ(made(csv, options).flow_names.size(), 4u);
}

TEST(FlowCase, TellsWhichProcessesDoNotBalance) {
  const std::string csv = header + "a,b,x,C,2000,10,t/yr\nb,c,x,C,2000,9,t/yr\nc,d,x,C,2000,9,t/yr\n";
  const FlowCase c = made(csv);
  EXPECT_TRUE(says(c.notes, "1 of 2 processes balance in every cell"));
  EXPECT_TRUE(says(c.notes,
                   "b does not balance in 1 cell: by up to 10 % of its throughput, 1 t in all; if that stays "
                   "there: --stock \"b\""));
  FlowCaseOptions options;
  options.stocks = {"b"};
  const FlowCase kept = made(csv, options);
  EXPECT_TRUE(says(kept.notes, "1 of 1 processes balance"));
  EXPECT_NE(kept.files[0].text.find("change: residual(b)"), std::string::npos);
}

TEST(FlowCase, NamesAProcessThatIsNotThere) {
  Read r = read(header + "Mining,Use,x,C,2000,10,t/yr\n");
  FlowCaseOptions options;
  options.outside = {"Minning"};
  Diagnostics diagnostics;
  EXPECT_FALSE(make_flow_case(*r.list, options, diagnostics));
  EXPECT_NE(render(diagnostics).find("did you mean `Mining`"), std::string::npos) << render(diagnostics);
}

TEST(FlowCase, MakesPlainWords) {
  EXPECT_EQ(identifier("Use phase"), "use_phase");
  EXPECT_EQ(identifier(" End-of-life (EoL) "), "end_of_life_eol");
  EXPECT_EQ(identifier("2nd use"), "n_2nd_use");
  EXPECT_EQ(identifier("炼钢（转炉）"), "炼钢_转炉");
  EXPECT_EQ(identifier("—"), "unnamed");
}

}  // namespace
}  // namespace lode
