// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sweep_chart.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "lode/report/palette.hpp"
#include "svg_tools.hpp"
#include "text_boxes.hpp"

namespace lode {
namespace {

const FigureText text{"Gap by collection", "", "words", {}, "", "Somebody (2020)"};
const double none = std::numeric_limits<double>::quiet_NaN();

SweepAxis axis(const char* title, double first, double last, std::size_t count) {
  SweepAxis out{title, "%", {}, (first + last) / 2};
  for (std::size_t i = 0; i < count; ++i)
    out.values.push_back(first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1));
  return out;
}

SweepNumbers numbers(const std::vector<SweepAxis>& axes) {
  SweepNumbers out{"Gap, 2035", "t/yr", false, {}};
  if (axes.size() == 1)
    for (const double x : axes[0].values) out.values.push_back(1000 * (x - 63));
  else
    for (const double y : axes[0].values)
      for (const double x : axes[1].values) out.values.push_back(1000 * (x + 2 * y - 120));
  return out;
}

TEST(SweepChart, IsReadableForOneAndTwoInputs) {
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column})
      for (const std::size_t results : {1u, 2u, 5u})
        for (const std::size_t count : {2u, 9u, 41u}) {
          for (const bool map : {false, true}) {
            std::vector<SweepAxis> axes = {axis("Collection rate", 0, 100, count)};
            if (map) axes.insert(axes.begin(), axis("Growth of supply", 0, 60, 5));
            std::vector<SweepNumbers> all(results, numbers(axes));
            const FigureFiles files = draw_sweep(axes, all, text, {width, language});
            testing::expect_well_formed(files.svg);
            testing::expect_references_defined(files.svg);
            testing::expect_readable(files.svg);
            EXPECT_EQ(files.svg.find("nan"), std::string::npos);
            EXPECT_EQ(draw_sweep(axes, all, text, {width, language}).svg, files.svg);
            EXPECT_EQ(std::count(files.table_csv.begin(), files.table_csv.end(), '\n'),
                      static_cast<std::ptrdiff_t>(1 + all[0].values.size()));
            if (HasFailure()) FAIL() << language << " " << width << " " << results << " " << count << map;
          }
        }
}

TEST(SweepChart, NamesWhereALineCrossesZero) {
  const std::vector<SweepAxis> axes = {axis("Collection rate", 0, 100, 11)};
  const FigureFiles files = draw_sweep(axes, {numbers(axes)}, text, {});
  const auto scene = nlohmann::json::parse(files.scene_json);
  ASSERT_EQ(scene["panels"][0]["zeros"].size(), 1u);
  EXPECT_NEAR(scene["panels"][0]["zeros"][0], 63, 1e-9);
  EXPECT_NE(files.svg.find("zero at 63.0 %"), std::string::npos);
  // Points in any order are one line.
  SweepAxis turned = axes[0];
  std::reverse(turned.values.begin(), turned.values.end());
  const auto again = nlohmann::json::parse(draw_sweep({turned}, {numbers({turned})}, text, {}).scene_json);
  EXPECT_NEAR(again["panels"][0]["zeros"][0], 63, 1e-9);
}

TEST(SweepChart, LeavesOutWhatCannotBeComputed) {
  std::vector<SweepAxis> axes = {axis("Collection rate", 0, 100, 5)};
  SweepNumbers line = numbers(axes);
  line.values[2] = none;
  const FigureFiles files = draw_sweep(axes, {line}, text, {});
  EXPECT_TRUE(nlohmann::json::parse(files.scene_json)["panels"][0]["values"][2].is_null());
  // Zero lies in the gap: nobody knows where.
  line.values = {-2000, -1000, none, 1000, 2000};
  EXPECT_TRUE(
      nlohmann::json::parse(draw_sweep(axes, {line}, text, {}).scene_json)["panels"][0]["zeros"].empty());
  axes.insert(axes.begin(), axis("Growth", 0, 60, 3));
  SweepNumbers map = numbers(axes);
  map.values[7] = none;
  EXPECT_NE(draw_sweep(axes, {map}, text, {}).svg.find("Cannot be computed"), std::string::npos);
  map.values.assign(map.values.size(), none);
  testing::expect_well_formed(draw_sweep(axes, {map}, text, {}).svg);
}

TEST(SweepChart, ColoursOfMapsRiseInLightness) {
  double last = -1;
  for (int i = 0; i <= 20; ++i) {
    const double light = lightness(map_colour(i / 20.0));
    EXPECT_GT(light, last + 1) << i;
    last = light;
  }
  EXPECT_LT(lightness(map_colour(0)), 20);
  EXPECT_GT(lightness(map_colour(1)), 88);
}

TEST(ZeroLine, LiesWhereAPlaneIsZero) {
  const std::vector<double> x = {0, 1, 2, 4}, y = {0, 1, 3};
  std::vector<double> values;
  for (const double b : y)
    for (const double a : x) values.push_back(a + 2 * b - 3.3);
  const auto pieces = zero_line(x, y, values);
  EXPECT_GE(pieces.size(), 3u);
  for (const ZeroPiece& piece : pieces)
    for (const Point& p : {piece.from, piece.to}) EXPECT_NEAR(p.x + 2 * p.y, 3.3, 1e-12);
  // Each inner end is where the next piece begins.
  int free_ends = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (const Point& p : {pieces[i].from, pieces[i].to}) {
      bool met = false;
      for (std::size_t j = 0; j < pieces.size(); ++j)
        for (const Point& q : {pieces[j].from, pieces[j].to})
          met = met || (i != j && std::hypot(p.x - q.x, p.y - q.y) < 1e-12);
      free_ends += !met;
    }
  EXPECT_EQ(free_ends, 2);
}

TEST(ZeroLine, PartsASaddleByItsMiddle) {
  const std::vector<double> unit = {0, 1};
  EXPECT_EQ(zero_line(unit, unit, {1, -1, 1, -1}).size(), 1u);
  ASSERT_EQ(zero_line(unit, unit, {3, -1, -1, 3}).size(), 2u);
  // The corners above zero belong together: each piece cuts one of the others off.
  for (const ZeroPiece& piece : zero_line(unit, unit, {3, -1, -1, 3})) {
    const Point middle{(piece.from.x + piece.to.x) / 2, (piece.from.y + piece.to.y) / 2};
    EXPECT_GT(std::abs(middle.x - middle.y), 0.5);
  }
  EXPECT_TRUE(zero_line(unit, unit, {none, -1, 1, 1}).empty());
  EXPECT_TRUE(zero_line(unit, unit, {1, 1, 1, 1}).empty());
}

}  // namespace
}  // namespace lode
