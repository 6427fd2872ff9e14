// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "lode/report/axis.hpp"
#include "lode/report/figure.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/palette.hpp"
#include "lode/report/scale.hpp"
#include "lode/report/svg.hpp"
#include "lode/report/text_measure.hpp"
#include "svg_tools.hpp"

namespace lode {
namespace {

TEST(Svg, EscapesWhatCouldBreakOut) {
  EXPECT_EQ(xml_escaped("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(xml_escaped(std::string("\0\x1b\xff", 3)), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(xml_escaped("钕\n磁体"), "钕 磁体");
}

TEST(Svg, WritesNumbersOneWay) {
  EXPECT_EQ(svg_number(1), "1");
  EXPECT_EQ(svg_number(-0.001), "0");
  EXPECT_EQ(svg_number(12.3456), "12.35");
  EXPECT_EQ(svg_number(1e7), "10000000");
  EXPECT_EQ(svg_number(-2.5), "-2.5");
}

TEST(Svg, IsWellFormedWithHostileText) {
  const std::string hostile = "</svg><script>alert(1)</script>\"'&\x01\xfe]]>";
  SvgWriter svg(100, 50, "en", hostile, hostile);
  svg.open_with_title("g", {{"id", hostile}}, hostile);
  svg.text({1, 2}, hostile, {7, true}, TextAnchor::middle);
  const std::string out = svg.finish();
  testing::expect_well_formed(out);
  EXPECT_EQ(out.find("<script"), std::string::npos);
}

TEST(TextMeasure, FollowsTheWidthsOfHelveticaAndOneEmForChinese) {
  EXPECT_NEAR(text_width("钕磁体", {10, false}), 30, 1.5);
  EXPECT_NEAR(text_width("iii", {10, false}), 3 * 2.22, 0.5);
  EXPECT_NEAR(text_width("WWW", {10, false}), 3 * 9.44, 1.5);
  EXPECT_GT(text_width("abc", {10, true}), text_width("abc", {10, false}));
  EXPECT_EQ(text_width("", {10, false}), 0);
}

TEST(TextMeasure, WrapsWithinTheWidthAndLosesNothing) {
  const TextStyle style{7, false};
  for (const std::string text :
       {"Losses of beneficiation and refining", "未计循环：返工靶材（国内）", "short", "",
        "Slag, dust, wastewater and a verylongwordwithoutanybreakinside", "电动汽车EV用钕铁硼NdFeB磁体"}) {
    for (const double width : {25.0, 40.0, 60.0, 200.0}) {
      const auto lines = wrap_text(text, style, width, 100);
      std::string joined, wanted;
      for (const std::string& line : lines) {
        EXPECT_LE(text_width(line, style), width + 1e-9) << line;
        joined += line;
      }
      for (const char c : text)
        if (c != ' ') wanted += c;
      std::string squeezed;
      for (const char c : joined)
        if (c != ' ') squeezed += c;
      EXPECT_EQ(squeezed, wanted);
    }
  }
}

TEST(TextMeasure, KeepsClosingMarksWithWhatTheyClose) {
  for (double width = 8; width < 80; width += 3)
    for (const std::string& line : wrap_text("精矿（进口），未锻轧。", {7, false}, width, 100)) {
      if (width < 23) continue;  // narrower lines cannot keep three characters together
      EXPECT_NE(line.rfind("，", 0), 0u) << width;
      EXPECT_NE(line.rfind("）", 0), 0u) << width;
      EXPECT_NE(line.rfind("。", 0), 0u) << width;
    }
}

TEST(TextMeasure, EndsInAnEllipsisWhereLinesRunOut) {
  const auto lines = wrap_text("one two three four five six seven", {7, false}, 30, 2);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].substr(lines[1].size() - 3), "…");
  EXPECT_LE(text_width(lines[1], {7, false}), 30);
}

TEST(Numbers, AreWrittenForReaders) {
  EXPECT_EQ(format_significant(12345.6), "12,300");
  EXPECT_EQ(format_significant(9.996), "10.0");
  EXPECT_EQ(format_significant(-0.0021), "−0.00210");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_fixed(-0.001, 1), "0.0");
  EXPECT_EQ(format_fixed(1234567, 0), "1,234,567");
  EXPECT_EQ(format_fixed(std::nan(""), 0), "–");
}

TEST(Numbers, ChooseUnitsThatRead) {
  const auto shown = [](const char* unit, double largest, const char* language) {
    const DisplayUnit display = display_unit(unit, largest, language);
    return format_significant(largest / display.divisor) + " " + display.text;
  };
  EXPECT_EQ(shown("t/yr", 27000, "en"), "27.0 kt/yr");
  EXPECT_EQ(shown("t/yr", 3600, "en"), "3,600 t/yr");
  EXPECT_EQ(shown("kt/yr", 763286, "en"), "763 Mt/yr");
  EXPECT_EQ(shown("kt/yr", 763286, "zh"), "76,300 万吨/年");
  EXPECT_EQ(shown("t/yr", 27000, "zh"), "27,000 吨/年");
  EXPECT_EQ(shown("t(Nd2O3)/yr", 27000, "zh"), "27,000 吨(Nd2O3)/年");
  EXPECT_EQ(shown("t/yr", 0.03, "en"), "30.0 kg/yr");
  EXPECT_EQ(shown("vehicle/yr", 2.5e7, "zh"), "2,500 万辆/年");
  EXPECT_EQ(shown("vehicle/yr", 2.5e7, "en"), "25.0 million vehicle/yr");
  EXPECT_EQ(shown("1", 0.5, "en"), "0.500 ");
  EXPECT_EQ(display_unit("t", 0, "en").text, "t");
}

TEST(Scale, TicksAreRoundAndCoverTheRange) {
  for (double low : {0.0, -3.2, 1e-6, 1234.0})
    for (double span : {1.0, 0.037, 9.99, 10.0, 4e5, 1e-7})
      for (const std::size_t about : {3u, 5u, 8u}) {
        const double high = low + span;
        const Ticks ticks = nice_ticks(low, high, about);
        ASSERT_GE(ticks.values.size(), 2u);
        EXPECT_LE(ticks.values.size(), 2 * about + 3);
        EXPECT_LE(ticks.values.front(), low + 1e-6 * span);
        EXPECT_GE(ticks.values.back(), high - 1e-6 * span);
        std::set<std::string> texts;
        for (const double value : ticks.values) texts.insert(format_fixed(value, ticks.decimals));
        EXPECT_EQ(texts.size(), ticks.values.size()) << low << " " << span;
        for (const double value : nice_ticks(low, high, about, true).values) {
          EXPECT_GE(value, low - 1e-6 * span);
          EXPECT_LE(value, high + 1e-6 * span);
        }
      }
  EXPECT_EQ(nice_ticks(5, 5).values.front(), 0);
}

TEST(Scale, YearsAreFewAndKeepTheEnds) {
  for (const std::size_t most : {2u, 5u, 9u}) {
    const auto years = year_ticks(2000, 2050, most);
    EXPECT_EQ(years.front(), 2000);
    EXPECT_EQ(years.back(), 2050);
    EXPECT_LE(years.size(), most + 1);
    for (std::size_t i = 1; i < years.size(); ++i) EXPECT_LT(years[i - 1], years[i]);
  }
  EXPECT_EQ(year_ticks(2017, 2017, 5), std::vector<int>{2017});
}

TEST(Palette, DiffersInGrey) {
  const auto& colours = palette_colours();
  for (std::size_t i = 0; i < colours.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_GE(std::abs(lightness(colours[i]) - lightness(colours[j])), 5.5)
          << colours[i] << " " << colours[j];
}

/// Machado, Oliveira and Fernandes (2009), full severity, on linear RGB; distances in OKLab (Ottosson 2020).
TEST(Palette, DiffersToTheColourBlind) {
  const double matrices[4][3][3] = {
      {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
      {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
      {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
  const auto lab = [&](std::string_view colour, std::size_t kind) {
    double rgb[3], seen[3];
    for (std::size_t i = 0; i < 3; ++i) {
      const double c = std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
      rgb[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      seen[i] = 0;
      for (std::size_t j = 0; j < 3; ++j) seen[i] += matrices[kind][i][j] * rgb[j];
      seen[i] = std::clamp(seen[i], 0.0, 1.0);
    }
    const double l = std::cbrt(0.4122214708 * seen[0] + 0.5363325363 * seen[1] + 0.0514459929 * seen[2]);
    const double m = std::cbrt(0.2119034982 * seen[0] + 0.6806995451 * seen[1] + 0.1073969566 * seen[2]);
    const double s = std::cbrt(0.0883024619 * seen[0] + 0.2817188376 * seen[1] + 0.6299787005 * seen[2]);
    return std::array<double, 3>{0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                                 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                                 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
  };
  const auto& colours = palette_colours();
  for (std::size_t kind = 0; kind < 4; ++kind)
    for (std::size_t i = 0; i < colours.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const auto a = lab(colours[i], kind), b = lab(colours[j], kind);
        const double distance = std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        EXPECT_GE(distance, 0.08) << kind << " " << colours[i] << " " << colours[j];
      }
}

TEST(Palette, GivesEachLabelOneLook) {
  std::vector<std::string> labels;
  for (int i = 0; i < 35; ++i) labels.push_back("product " + std::to_string(i));
  const Palette palette(labels);
  std::set<std::string> looks;
  for (const std::string& label : labels) looks.insert(fill_of(palette.of(label)));
  EXPECT_EQ(looks.size(), labels.size());
  EXPECT_EQ(fill_of(palette.of("unheard of")), "#8a8a8a");
  // More labels behind change nothing for those before.
  labels.emplace_back("one more");
  EXPECT_EQ(fill_of(Palette(labels).of("product 7")), fill_of(palette.of("product 7")));
}

TEST(Figure, HoldsHeadingLegendNotesAndSource) {
  FigureText text;
  text.heading = "Demand <in> China";
  text.unit = "kt/yr";
  text.description = "Rises.";
  text.notes = {"A note & more."};
  text.scenario = "supply=high";
  text.source = "someone";
  std::vector<LegendEntry> legend;
  for (int i = 0; i < 14; ++i)
    legend.push_back({"entry number " + std::to_string(i), nth_swatch(static_cast<std::size_t>(i)),
                      i % 2 ? LegendEntry::Kind::area : LegendEntry::Kind::line});
  for (const char* language : {"en", "zh"})
    for (const double width : {single_column, double_column}) {
      Figure figure({width, language}, text, 100, legend);
      EXPECT_TRUE((Rect{0, 0, figure.width(), figure.height()}.contains(figure.picture())));
      EXPECT_EQ(figure.picture().height, 100);
      figure.svg().rect(figure.picture(), {{"fill", "none"}});
      const std::string svg = figure.finish();
      testing::expect_well_formed(svg);
      testing::expect_references_defined(svg);
      EXPECT_NE(svg.find("Demand &lt;in&gt; China"), std::string::npos);
      EXPECT_NE(svg.find(std::string(language) == "zh" ? "来源：someone" : "Source: someone"),
                std::string::npos);
    }
}

TEST(Figure, TablesAreCsv) {
  const FigureTable table{{"a", "b"}, {{"x,y", "he said \"z\""}, {"1", ""}}};
  EXPECT_EQ(table.csv(), "a,b\n\"x,y\",\"he said \"\"z\"\"\"\n1,\n");
}

TEST(Axis, DrawsTicksInsideTheirRoom) {
  SvgWriter svg(200, 100, "en", "t", "d");
  const Rect plot{30, 10, 160, 70};
  const Ticks ticks = nice_ticks(-5, 12);
  EXPECT_LT(value_axis_room(ticks), 30);
  draw_value_axis(svg, plot, {ticks.values.front(), ticks.values.back(), plot.bottom(), plot.y}, ticks);
  draw_year_axis(svg, plot, {2000, 2050, plot.x, plot.right()}, year_ticks(2000, 2050, 6));
  const std::string out = svg.finish();
  testing::expect_well_formed(out);
  EXPECT_NE(out.find(">2050<"), std::string::npos);
}

}  // namespace
}  // namespace lode
