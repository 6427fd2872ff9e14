// SPDX-License-Identifier: Apache-2.0
#include "lode/report/time_chart.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/report/end_labels.hpp"
#include "svg_tools.hpp"
#include "text_boxes.hpp"

namespace lode {
namespace {

constexpr int first = 2000, last = 2030;

std::vector<double> growing(double from, double rate) {
  std::vector<double> values;
  for (int year = first; year <= last; ++year) values.push_back(from * std::pow(1 + rate, year - first));
  return values;
}

ChartMark mark(ChartMark::Kind kind, std::size_t n, std::vector<double> values, const std::string& name) {
  ChartMark out;
  out.kind = kind;
  out.id = "m" + std::to_string(n);
  out.name = name;
  out.swatch = nth_swatch(n);
  out.values = std::move(values);
  return out;
}

TimeChart chart_with(std::vector<ChartPanel> panels) {
  TimeChart chart;
  chart.kind = "stacked";
  for (int year = first; year <= last; ++year) chart.years.push_back(year);
  chart.unit = "t/yr";
  chart.panels = std::move(panels);
  return chart;
}

/// As many parts as asked, of very different size, so that labels crowd.
TimeChart stacked_chart(std::size_t parts, ChartMark::Kind kind, const std::string& language) {
  ChartPanel panel;
  for (std::size_t n = 0; n < parts; ++n)
    panel.marks.push_back(mark(kind, n, growing(n % 3 == 0 ? 5.0 : 900.0 * static_cast<double>(n + 1), 0.01),
                               language == "zh" ? "名称很长的第" + std::to_string(n) + "种产品"
                                                : "Product with a longish name " + std::to_string(n)));
  stack(panel.marks);
  return chart_with({panel});
}

const FigureText text{
    "Demand <of> everything & more", "", "words", {"A note."}, "Supply: high", "Somebody (2020)"};

TEST(TimeChart, LabelsKeepApartHoweverManyThereAre) {
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column})
      for (const std::size_t parts : {1u, 2u, 8u, 17u, 24u})
        for (const auto kind : {ChartMark::Kind::area, ChartMark::Kind::bars}) {
          if (parts > 20 && width < double_column) continue;  // more than a page would hold
          TimeChart chart = stacked_chart(parts, kind, language);
          chart.history = 2017;
          const FigureFiles files = draw_time_chart(chart, text, {width, language});
          testing::expect_well_formed(files.svg);
          testing::expect_references_defined(files.svg);
          testing::expect_readable(files.svg);
        }
}

TEST(TimeChart, PanelsKeepApart) {
  for (const std::size_t count : {2u, 3u, 5u, 9u, 17u})
    for (const bool own : {false, true})
      for (const double width : {single_column, double_column}) {
        std::vector<ChartPanel> panels;
        for (std::size_t p = 0; p < count; ++p) {
          ChartPanel panel;
          panel.title = "Panel with a title that may well need a second line " + std::to_string(p);
          panel.marks.push_back(
              mark(ChartMark::Kind::line, 0, growing(10.0 * static_cast<double>(p + 1), 0.03), "One"));
          panel.marks.push_back(
              mark(ChartMark::Kind::line, 1, growing(10.5 * static_cast<double>(p + 1), 0.03), "Another"));
          panels.push_back(std::move(panel));
        }
        TimeChart chart = chart_with(std::move(panels));
        chart.own_scales = own;
        chart.history = 2017;
        const FigureFiles files = draw_time_chart(chart, text, {width, "en"});
        testing::expect_well_formed(files.svg);
        testing::expect_readable(files.svg);
      }
}

TEST(TimeChart, StacksUpwardsAndDownwards) {
  std::vector<ChartMark> marks = {mark(ChartMark::Kind::bars, 0, {1, 2, absent}, "a"),
                                  mark(ChartMark::Kind::bars, 1, {3, -4, 5}, "b"),
                                  mark(ChartMark::Kind::bars, 2, {-1, -1, 1}, "c")};
  stack(marks);
  EXPECT_EQ(marks[1].low, (std::vector<double>{1, -4, 0}));
  EXPECT_EQ(marks[1].high, (std::vector<double>{4, 0, 5}));
  EXPECT_EQ(marks[2].low, (std::vector<double>{-1, -5, 5}));
  EXPECT_EQ(marks[2].high, (std::vector<double>{0, -4, 6}));
}

TEST(TimeChart, TableAndSceneHoldTheValues) {
  TimeChart chart = chart_with({ChartPanel{}});
  chart.panels[0].marks = {mark(ChartMark::Kind::line, 0, growing(12345, 0), "Steel, cast")};
  chart.panels[0].marks[0].values[1] = absent;
  const FigureFiles files = draw_time_chart(chart, text, {double_column, "en"});
  EXPECT_EQ(files.table_csv.rfind("Year,\"Steel, cast (kt/yr)\"\n2000,12.345\n2001,\n2002,12.345\n", 0), 0u)
      << files.table_csv;
  const auto scene = nlohmann::json::parse(files.scene_json);
  EXPECT_EQ(scene["panels"][0]["unit"], "kt/yr");
  EXPECT_EQ(scene["panels"][0]["marks"][0]["values"][0], 12.345);
  EXPECT_TRUE(scene["panels"][0]["marks"][0]["values"][1].is_null());
  EXPECT_EQ(scene["years"].size(), 31u);
  EXPECT_FALSE(scene.contains("history"));
}

TEST(TimeChart, SameInputGivesSameBytes) {
  const TimeChart chart = stacked_chart(12, ChartMark::Kind::area, "en");
  const FigureFiles a = draw_time_chart(chart, text, {}), b = draw_time_chart(chart, text, {});
  EXPECT_EQ(a.svg, b.svg);
  EXPECT_EQ(a.scene_json, b.scene_json);
}

TEST(TimeChart, TellsThePastFromTheProjection) {
  TimeChart chart = stacked_chart(3, ChartMark::Kind::area, "en");
  EXPECT_EQ(draw_time_chart(chart, text, {}).svg.find("Projection"), std::string::npos);
  chart.history = 2017;
  const FigureFiles split = draw_time_chart(chart, text, {});
  EXPECT_NE(split.svg.find(">Projection<"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(split.scene_json)["history"], 2017);
  chart.history = 2030;  // nothing comes after it
  EXPECT_EQ(draw_time_chart(chart, text, {}).svg.find("Projection"), std::string::npos);
}

TEST(TimeChart, DrawsWhatIsOneYearOrNothingAtAll) {
  TimeChart chart;
  chart.kind = "lines";
  chart.years = {2019};
  chart.unit = "t";
  chart.panels.resize(1);
  chart.panels[0].marks = {mark(ChartMark::Kind::line, 0, {absent}, "Nothing"),
                           mark(ChartMark::Kind::bars, 1, {3}, "Something")};
  stack(chart.panels[0].marks);
  const FigureFiles files = draw_time_chart(chart, text, {});
  testing::expect_well_formed(files.svg);
  EXPECT_EQ(files.svg.find("nan"), std::string::npos);
}

TEST(TimeChart, NamesASpanAboveThePlot) {
  for (const auto& [from, to] : {std::pair{2000, 2001}, {2029, 2030}, {2003, 2028}, {2030, 2030}}) {
    TimeChart chart = stacked_chart(2, ChartMark::Kind::area, "en");
    chart.history = 2017;
    chart.panels[0].span = ChartSpan{from, to, "Deficit of all and everything"};
    chart.panels[0].levels.push_back({2000, "At most 2 kt/yr"});
    testing::expect_readable(draw_time_chart(chart, text, {single_column, "en"}).svg);
  }
}

TEST(TimeChart, MarksYearsAboveOnePanelAndInANoteBelowSeveral) {
  TimeChart chart = stacked_chart(2, ChartMark::Kind::bars, "en");
  chart.history = 2017;
  chart.panels[0].span = ChartSpan{2003, 2028, "Deficit of all and everything"};
  for (const int year : {1990, 2000, 2007, 2008, 2009, 2029, 2030, 2040})
    chart.events.push_back({year, "Something of length in this year"});
  for (const double width : {single_column, double_column}) {
    const FigureFiles files = draw_time_chart(chart, text, {width, "en"});
    testing::expect_readable(files.svg);
    // What lies outside or on the edge of the years shown is not marked.
    const auto scene = nlohmann::json::parse(files.scene_json);
    ASSERT_EQ(scene["events"].size(), 4u);
    EXPECT_EQ(scene["events"][0]["year"], 2007);
    EXPECT_EQ(scene["events"][3]["year"], 2029);
    EXPECT_NE(files.svg.find("2008 Something of length"), std::string::npos);
  }
  chart.panels.push_back(chart.panels[0]);
  const FigureFiles both = draw_time_chart(chart, text, {double_column, "en"});
  testing::expect_readable(both.svg);
  EXPECT_NE(both.svg.find("Dotted lines mark 2007: Something"), std::string::npos);
}

TEST(TimeChart, NamesTheSidesOfZero) {
  ChartPanel panel;
  panel.marks.push_back(mark(ChartMark::Kind::bars, 0, growing(500, 0.01), "Metal out"));
  panel.marks.push_back(mark(ChartMark::Kind::bars, 1, growing(-700, 0.01), "Metal in"));
  stack(panel.marks);
  panel.above = "Exports";
  panel.below = "Imports";
  for (const double width : {single_column, double_column}) {
    const std::string svg = draw_time_chart(chart_with({panel}), text, {width, "en"}).svg;
    testing::expect_readable(svg);
    double exports = 0, imports = 0;
    for (const auto& [words, box] : testing::text_boxes(svg)) {
      if (words == "Exports") exports = box.middle_y();
      if (words == "Imports") imports = box.middle_y();
    }
    EXPECT_GT(exports, 0);
    EXPECT_GT(imports, exports + 20);
  }
}

TEST(TimeChart, GivesEachPanelItsOwnShortUnit) {
  ChartPanel heavy, light;
  heavy.marks.push_back(mark(ChartMark::Kind::line, 0, growing(5e6, 0.01), "Steel"));
  light.marks.push_back(mark(ChartMark::Kind::line, 0, growing(900, 0.01), "Lithium"));
  heavy.unit = "t/yr";
  light.unit = "t[LCE]/yr";
  heavy.short_unit = light.short_unit = true;
  const auto scene = nlohmann::json::parse(
      draw_time_chart(chart_with({heavy, light}), text, {double_column, "en"}).scene_json);
  EXPECT_EQ(scene["panels"][0]["unit"], "kt/yr");
  EXPECT_NEAR(scene["panels"][0]["marks"][0]["values"][0], 5000, 1e-9);
  EXPECT_NE(scene["panels"][1]["unit"], "kt/yr");
  EXPECT_NEAR(scene["panels"][1]["marks"][0]["values"][0], 900, 1e-9);
}

TEST(EndLabels, LieAsNearAsTheyCan) {
  std::vector<EndLabel> labels(3);
  for (EndLabel& label : labels) label.name = "a";
  labels[0].anchor = 50;
  labels[1].anchor = 52;
  labels[2].anchor = 90;
  place_end_labels(labels, 80, 0, 100);
  const auto middle = [](const EndLabel& label) { return label.top + label.height / 2; };
  EXPECT_NEAR((middle(labels[0]) + middle(labels[1])) / 2, 51, 1.0);
  EXPECT_NEAR(middle(labels[2]), 90, 1e-9);
  EXPECT_GE(labels[1].top, labels[0].top + labels[0].height);
  for (EndLabel& label : labels) label.anchor = 99;
  place_end_labels(labels, 80, 0, 100);
  EXPECT_LE(labels[2].top + labels[2].height, 100 + 1e-9);
}

}  // namespace
}  // namespace lode
