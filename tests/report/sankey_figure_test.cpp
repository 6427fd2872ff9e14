// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/report/sankey_data.hpp"
#include "lode/report/sankey_svg.hpp"
#include "lode/report/sources.hpp"
#include "svg_tools.hpp"

namespace lode {
namespace {

/// A smelter with a source, trade, a loss, a stock that grows, scrap that returns and an imbalance.
SankeyInput smelter() {
  SankeyInput input;
  const auto node = [&](const char* title, const char* chinese, SankeyLane lane = SankeyLane::main) {
    SankeyNode made;
    made.id = title;
    made.title = title;
    made.title_zh = chinese;
    made.lane = lane;
    input.nodes.push_back(made);
    return input.nodes.size() - 1;
  };
  const auto link = [&](std::size_t from, std::size_t to, double value) {
    SankeyLink made;
    made.source = from;
    made.target = to;
    made.value = value;
    input.links.push_back(made);
  };
  const std::size_t mining = node("Mining", "开采", SankeyLane::imports), smelting = node("Smelting", "冶炼"),
                    use = node("Use", "使用"), scrap = node("Scrap", "废料"),
                    slag = node("Slag", "渣", SankeyLane::losses),
                    sold = node("Sold", "售出", SankeyLane::exports);
  link(mining, smelting, 9000);
  link(smelting, use, 8000);
  link(smelting, slag, 1500);
  link(use, scrap, 3000);
  link(scrap, smelting, 2000);
  link(scrap, sold, 900);
  link(smelting, smelting, 700);
  input.nodes[use].stock_change = 5000;
  input.nodes[smelting].imbalance = 1500;
  input.nodes[scrap].imbalance = 100;
  input.links[1].plus_minus = 400;
  input.links[4].title = "Returned scrap";
  input.links[4].title_zh = "返回废料";
  return input;
}

FigureFiles drawn(const SankeyInput& input, const char* language = "en", double width = double_column) {
  FigureText text;
  text.heading = "A smelter";
  text.source = "invented";
  SankeyFigureOptions options;
  options.figure = {width, language};
  options.unit = "t/yr";
  return draw_sankey(input, text, options);
}

/// LODE_UPDATE=1 writes the file anew.
void expect_file(const std::string& name, const std::string& text) {
  const std::string path = std::string(LODE_SOURCE_DIR) + "/tests/report/expected/" + name;
  if (std::getenv("LODE_UPDATE")) std::ofstream(path, std::ios::binary) << text;
  std::ifstream in(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(text == expected) << path << " differs; LODE_UPDATE=1 writes it anew";
}

TEST(SankeyFigure, IsTheSameBytes) {
  for (const char* language : {"en", "zh"}) {
    const FigureFiles files = drawn(smelter(), language);
    expect_file(std::string("smelter.") + language + ".svg", files.svg);
    EXPECT_EQ(files.svg, drawn(smelter(), language).svg);
    EXPECT_EQ(files.scene_json, drawn(smelter(), language).scene_json);
  }
}

TEST(SankeyFigure, IsWellFormedAndComplete) {
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column}) {
      const FigureFiles files = drawn(smelter(), language, width);
      testing::expect_well_formed(files.svg);
      testing::expect_references_defined(files.svg);
      EXPECT_NE(files.svg.find("role=\"img\""), std::string::npos);
      EXPECT_NE(files.svg.find("hatch-rising-d01c1c"), std::string::npos);  // the imbalance
    }
  const std::string svg = drawn(smelter()).svg;
  for (const char* words : {"A smelter (t/yr)", "Source: invented", "stock +5,000", "+1,500",
                            "Returned scrap 2,000", "Smelting → Use: 8,000 ± 400 t/yr"})
    EXPECT_NE(svg.find(words), std::string::npos) << words;
}

TEST(SankeyFigure, HostileNamesStayText) {
  SankeyInput input = smelter();
  const std::string hostile = "</title><script>alert('x')</script>\"&\x01\xff<!--";
  for (SankeyNode& node : input.nodes) node.id = node.title = node.title_zh = hostile;
  for (SankeyLink& link : input.links) link.title = link.title_zh = hostile;
  const FigureFiles files = drawn(input);
  testing::expect_well_formed(files.svg);
  EXPECT_EQ(files.svg.find("<script"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(files.scene_json));
}

TEST(SankeyFigure, TheSceneTellsWhatIsDrawn) {
  const auto scene = nlohmann::json::parse(drawn(smelter()).scene_json);
  EXPECT_EQ(scene["unit"], "t/yr");
  EXPECT_EQ(scene["nodes"].size(), 6u);
  EXPECT_EQ(scene["ribbons"].size(), 7u);
  for (const auto& ribbon : scene["ribbons"]) {
    EXPECT_FALSE(ribbon["path"].get<std::string>().empty());
    EXPECT_NEAR(ribbon["width"].get<double>(),
                ribbon["value"].get<double>() * scene["points_per_unit"].get<double>(), 0.01);
  }
  const auto role = [&](std::size_t i) { return scene["ribbons"][i]["role"].get<std::string>(); };
  EXPECT_EQ(role(0), "import");
  EXPECT_EQ(role(1), "flow");
  EXPECT_EQ(role(2), "loss");
  EXPECT_EQ(role(4), "return");
  EXPECT_EQ(role(5), "export");
  EXPECT_EQ(role(6), "return");
}

TEST(SankeyFigure, TheTableHoldsEveryFlow) {
  SankeyInput input = smelter();
  input.links[5].value = 0;
  const std::string table = drawn(input).table_csv;
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 1 + 7 + 3);
  EXPECT_NE(table.find(",Smelting,Use,8000,400,Within the system\n"), std::string::npos) << table;
  EXPECT_NE(table.find(",Scrap,Sold,0,,not drawn\n"), std::string::npos);
}

TEST(SankeyFigure, SaysWhatIsNotToScale) {
  SankeyInput input = smelter();
  input.links[5].value = 10;
  EXPECT_NE(drawn(input).svg.find("drawn at the least width"), std::string::npos);
  EXPECT_NE(drawn(input, "zh").svg.find("按最小线宽绘制"), std::string::npos);
  input.links[5].value = 1;
  EXPECT_NE(drawn(input).svg.find("too thin to see"), std::string::npos);
}

TEST(SankeyFigure, RolesDifferInGrey) {
  const auto scene = nlohmann::json::parse(drawn(smelter()).scene_json);
  std::map<std::string, double> lightness_of;
  for (const auto& ribbon : scene["ribbons"])
    lightness_of[ribbon["role"]] = lightness(ribbon["fill"].get<std::string>());
  ASSERT_EQ(lightness_of.size(), 5u);
  for (const auto& [a, x] : lightness_of)
    for (const auto& [b, y] : lightness_of)
      if (a != b) {
        EXPECT_GE(std::abs(x - y), 4) << a << " " << b;
      }
}

constexpr const char* works = R"(lode: 1
title: {en: Works 2000-2002, zh: 工厂}
time: {first: 2000, last: 2002}
defaults: {over: [time], flow: kt/yr, stock: kt}
stages: {make: Make, use: Use}
dimensions:
  kind: {table: data/kinds.csv}
  group: {groups: kind}
parameters:
  made: {over: [time, kind], unit: t/yr, value: 1000 t/yr}
  back: {value: 60 %, unit: 1, source: somebody}
processes:
  ground: {outside: true}
  abroad: {outside: true}
  sink: {outside: true}
  works: {stage: make, name: {en: Works, zh: 工厂}}
  users: {stage: use}
flows:
  ore: {from: ground, to: works, over: [time, kind]}
  trade: {from: abroad, to: works, over: [time, kind], signed: true, name: {en: Net import, zh: 净进口}}
  sold: {from: works, to: abroad, over: [time, kind]}
  goods: {from: works, to: users, over: [time, kind]}
  scrap: {from: users, to: works, over: [time, kind]}
  lost: {from: users, to: sink, over: [time, kind]}
stocks:
  in_use: {process: users, over: [time, kind], change: residual(users)}
equations:
  ore: made
  trade: -made * 0.1
  sold: made * 0.2
  goods: made
  scrap: goods * 0.4
  lost: goods * 0.1
)";

const testing::Files files = {
    {"model.yaml", works},
    {"data/kinds.csv", "label,group\na,good\nb,good\nc,bad\n"},
    {"sources.bib",
     "@article{somebody,\n author = {Yao, Tianli and Geng, Yong and Sarkis, Joseph},\n"
     " title = {T},\n year = {2021}\n}\n"}};

struct Taken {
  SankeyData data;
  double link(const std::string& title, const std::string& from = "", const std::string& to = "") const {
    for (const SankeyLink& link : data.input.links)
      if (link.title == title && (from.empty() || data.input.nodes[link.source].id == from) &&
          (to.empty() || data.input.nodes[link.target].id == to))
        return link.value;
    return std::nan("");
  }
  const SankeyNode& node(const std::string& id) const {
    return *std::find_if(data.input.nodes.begin(), data.input.nodes.end(),
                         [&](const SankeyNode& each) { return each.id == id; });
  }
};

Taken taken(const Session& session, const SankeySelection& selection) {
  return {take_sankey(*session.bound, results_of(session), selection)};
}

TEST(SankeyData, TakesFlowsStocksAndBalances) {
  const testing::CaseFolder folder(files);
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Taken one = taken(session, {2001, 2001, {}});
  EXPECT_EQ(one.data.problem, "");
  EXPECT_EQ(one.data.unit, "kt/yr");
  EXPECT_NEAR(one.link("ore"), 3, 1e-12);
  // Below zero it runs the other way, to the partner in trade.
  EXPECT_NEAR(one.link("Net import (negative)", "works"), 0.3, 1e-12);
  EXPECT_EQ(one.node("trade.to").lane, SankeyLane::exports);
  EXPECT_EQ(one.node("sold.to").lane, SankeyLane::exports);
  EXPECT_EQ(one.node("lost.to").lane, SankeyLane::losses);
  EXPECT_EQ(one.node("ore.from").lane, SankeyLane::imports);
  EXPECT_EQ(one.node("works").title_zh, "工厂");
  EXPECT_EQ(one.node("users").stage, 1);
  EXPECT_NEAR(one.node("users").stock_change, 1.5, 1e-12);
  EXPECT_EQ(one.node("users").imbalance, 0);
  // 3 + 1.2 − 0.3 − 0.6 − 3
  EXPECT_NEAR(one.node("works").imbalance, 0.3, 1e-12);
}

TEST(SankeyData, SumsYearsAndPicksLabelsAndGroups) {
  const testing::CaseFolder folder(files);
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Taken years = taken(session, {2000, 2001, {}});
  EXPECT_EQ(years.data.unit, "kt");
  EXPECT_NEAR(years.link("ore"), 6, 1e-12);
  EXPECT_NEAR(years.node("users").stock_change, 3, 1e-12);
  EXPECT_NEAR(taken(session, {2001, 2001, {{"kind", "b"}}}).link("ore"), 1, 1e-12);
  EXPECT_NEAR(taken(session, {2001, 2001, {{"group", "good"}}}).link("ore"), 2, 1e-12);
}

TEST(SankeyData, SaysWhyThereIsNone) {
  const testing::CaseFolder folder(files);
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  EXPECT_NE(taken(session, {1990, 1990, {}}).data.problem.find("1990"), std::string::npos);
  EXPECT_NE(taken(session, {2001, 2000, {}}).data.problem, "");
  EXPECT_NE(taken(session, {2001, 2001, {{"size", "b"}}}).data.problem.find("`size`"), std::string::npos);
  EXPECT_NE(taken(session, {2001, 2001, {{"kind", "z"}}}).data.problem.find("`z`"), std::string::npos);
}

TEST(Sources, AreNamedShortly) {
  const testing::CaseFolder folder(files);
  const Session session = folder.open();
  ASSERT_TRUE(session.readable());
  EXPECT_EQ(source_line(*session.model, "en"), "Yao et al. (2021)");
  EXPECT_EQ(source_line(*session.model, "zh"), "Yao等（2021）");
}

}  // namespace
}  // namespace lode
