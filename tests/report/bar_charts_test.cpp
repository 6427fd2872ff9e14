// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "lode/report/checkpoint_chart.hpp"
#include "lode/report/ranking_chart.hpp"
#include "svg_tools.hpp"
#include "text_boxes.hpp"

namespace lode {
namespace {

using Status = CheckpointRow::Status;
const FigureText text{"Heading", "", "words", {}, "", "Somebody (2020)"};

std::vector<CheckpointRow> rows(std::size_t count) {
  std::vector<CheckpointRow> out;
  for (std::size_t i = 0; i < count; ++i) {
    CheckpointRow row;
    row.id = "ND" + std::to_string(100 + i);
    row.what = "sum(manufactured over product where product.category = 'electronic devices')[2017] / x";
    row.unit = i % 4 == 0 ? "1" : "t/yr";
    row.status = static_cast<Status>(i % 5);
    row.published = 1000;
    if (row.status != Status::not_computable)
      row.ours = 1000 + static_cast<double>(i % 7) * 15 + (row.status == Status::differs ? 400.0 : 0);
    out.push_back(row);
  }
  return out;
}

TEST(CheckpointChart, IsReadableForFewAndMany) {
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column})
      for (const std::size_t count : {1u, 5u, 40u, 400u}) {
        const FigureFiles files = draw_checkpoints(rows(count), text, {width, language});
        testing::expect_well_formed(files.svg);
        testing::expect_references_defined(files.svg);
        testing::expect_readable(files.svg);
        EXPECT_EQ(draw_checkpoints(rows(count), text, {width, language}).svg, files.svg);
      }
}

TEST(CheckpointChart, CountsAndListsWhatDiffers) {
  const FigureFiles files = draw_checkpoints(rows(25), text, {});
  const auto scene = nlohmann::json::parse(files.scene_json);
  EXPECT_EQ(scene["counts"]["differs"], 5);
  EXPECT_EQ(scene["rows"].size(), 25u);
  EXPECT_NE(files.svg.find("5 differ<"), std::string::npos);
  for (const char* id : {"ND101", "ND106", "ND111", "ND116", "ND121"})
    EXPECT_NE(files.svg.find(">" + std::string(id) + "<"), std::string::npos) << id;
  EXPECT_NE(files.table_csv.find("\nND101,"), std::string::npos);
}

TEST(CheckpointChart, HasNoRatioOfWhatCannotBeCompared) {
  CheckpointRow row;
  EXPECT_FALSE(row.ratio());
  row.ours = 2;
  row.published = -1;
  EXPECT_FALSE(row.ratio());
  row.published = 0;
  EXPECT_FALSE(row.ratio());
  row.published = 4;
  EXPECT_EQ(row.ratio(), 0.5);
  row.unit = "year";
  EXPECT_FALSE(row.ratio());
}

std::vector<RankedResult> ranking(std::size_t results, std::size_t inputs) {
  std::vector<RankedResult> out(results);
  for (RankedResult& result : out) {
    result.title = "demand[2050]: 101 ± 12 kt/yr";
    for (std::size_t i = 0; i < inputs; ++i) {
      const double share = 0.5 / static_cast<double>(i + 1);
      result.inputs.push_back({"p" + std::to_string(i),
                               "A parameter with quite a long name, number " + std::to_string(i),
                               {share * 0.9, share * 0.8, share},
                               RankedShare{share, share * 0.9, share * 1.1}});
    }
  }
  return out;
}

TEST(RankingChart, IsReadableAndHoldsEveryInputInItsTable) {
  for (const double width : {single_column, double_column})
    for (const std::size_t results : {1u, 3u})
      for (const std::size_t inputs : {1u, 8u, 60u}) {
        const auto data = ranking(results, inputs);
        const FigureFiles files = draw_ranking(data, text, {width, "en"});
        testing::expect_well_formed(files.svg);
        testing::expect_readable(files.svg);
        EXPECT_EQ(std::count(files.table_csv.begin(), files.table_csv.end(), '\n'),
                  static_cast<std::ptrdiff_t>(1 + results * inputs));
      }
}

std::vector<RankedResult> swinging(std::size_t results, std::size_t inputs) {
  std::vector<RankedResult> out = ranking(results, inputs);
  for (RankedResult& result : out) {
    result.centre = 100;
    result.unit = "kt/yr";
    for (std::size_t i = 0; i < inputs; ++i) {
      const double size = 60 / static_cast<double>(i + 1);
      // The second input moves the result up at both ends.
      result.inputs[i].swing = RankedInput::Swing{i == 1 ? 100 + size / 2 : 100 - size, 100 + size};
    }
  }
  return out;
}

TEST(RankingChart, SwingsAreReadableInBothWidthsAndLanguages) {
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column})
      for (const std::size_t results : {1u, 3u})
        for (const std::size_t inputs : {1u, 8u, 60u}) {
          const FigureFiles files = draw_ranking(swinging(results, inputs), text, {width, language});
          testing::expect_well_formed(files.svg);
          testing::expect_readable(files.svg);
        }
}

TEST(RankingChart, AnEndWithoutAValueIsNoBar) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column}) {
      std::vector<RankedResult> results = swinging(2, 3);
      results[0].inputs[0].swing->low = none;
      results[0].inputs[1].swing->high = std::numeric_limits<double>::infinity();
      results[1].centre = none;
      for (RankedInput& input : results[1].inputs) input.swing.reset();
      const FigureFiles files = draw_ranking(results, text, {width, language});
      testing::expect_well_formed(files.svg);
      testing::expect_readable(files.svg);
      EXPECT_EQ(files.svg.find("nan"), std::string::npos);
      EXPECT_EQ(files.svg.find("inf"), std::string::npos);
      const std::string said = std::string(language) == "zh" ? ">无值<" : ">no value<";
      const std::size_t first = files.svg.find(said);
      ASSERT_NE(first, std::string::npos);
      EXPECT_NE(files.svg.find(said, first + 1), std::string::npos);
    }
}

TEST(RankingChart, ABarRunsFromTheCentreToItsEnd) {
  const FigureFiles files = draw_ranking(swinging(1, 3), text, {});
  // Low and high ends of one input are as far from the centre as their numbers are: equal bars.
  std::vector<double> low, high;
  for (std::size_t at = 0; (at = files.svg.find("<rect ", at)) != std::string::npos; ++at) {
    const std::string tag = files.svg.substr(at, files.svg.find('>', at) - at);
    if (std::stod(testing::attribute(tag, "height")) > 8.01) continue;
    if (testing::attribute(tag, "fill") == "#5e4b8b")
      low.push_back(std::stod(testing::attribute(tag, "width")));
    if (testing::attribute(tag, "fill") == "#e0a458")
      high.push_back(std::stod(testing::attribute(tag, "width")));
  }
  // The first of each is the legend's.
  ASSERT_EQ(low.size(), 4u);
  ASSERT_EQ(high.size(), 4u);
  EXPECT_NEAR(low[1], high[1], 0.02);
  EXPECT_NEAR(low[1] / low[3], 3, 0.01);
  EXPECT_NEAR(high[2] / low[2], 2, 0.01);
  const auto scene = nlohmann::json::parse(files.scene_json);
  EXPECT_EQ(scene["results"][0]["inputs"][1]["swing"]["low"], 115);
  EXPECT_NE(files.table_csv.find("Result at 5 %"), std::string::npos);
}

}  // namespace
}  // namespace lode
