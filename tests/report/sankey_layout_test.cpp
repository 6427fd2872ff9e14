// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "lode/report/sankey_columns.hpp"
#include "lode/report/sankey_order.hpp"

namespace lode {
namespace {

SankeyInput system_of(const std::vector<std::string>& names,
                      const std::vector<std::tuple<std::string, std::string, double>>& flows) {
  SankeyInput input;
  for (const std::string& name : names) {
    SankeyNode node;
    node.id = name;
    if (name.rfind("im", 0) == 0) node.lane = SankeyLane::imports;
    if (name.rfind("ex", 0) == 0) node.lane = SankeyLane::exports;
    if (name.rfind("lo", 0) == 0) node.lane = SankeyLane::losses;
    input.nodes.push_back(node);
  }
  for (const auto& [from, to, value] : flows) {
    SankeyLink link;
    const auto index = [&](const std::string& name) {
      return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    link.source = index(from);
    link.target = index(to);
    link.value = value;
    input.links.push_back(link);
  }
  return input;
}

/// Chains with branches, ends, loops, self-loops, flows of zero and of next to nothing.
SankeyInput generated(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> words = {"Mining",
                                          "Refining and separation",
                                          "钕铁硼磁体",
                                          "Use",
                                          "Intermediate products",
                                          "废弃管理（全国）",
                                          "Recycling",
                                          "Losses of beneficiation and refining",
                                          "Long name with-hyphens/and slashes",
                                          "国外"};
  SankeyInput input;
  const std::size_t inner = 2 + below(29);
  for (std::size_t i = 0; i < inner; ++i) {
    SankeyNode node;
    node.id = "n" + std::to_string(i);
    node.title = words[below(words.size())];
    if (seed % 3 == 0) node.stage = static_cast<int>(i * 5 / inner);
    if (below(9) == 0) node.order = static_cast<int>(below(5));
    if (below(6) == 0) node.stock_change = below(2) ? 30 : -20;
    if (below(8) == 0) node.imbalance = below(2) ? 15 : -0.001;
    input.nodes.push_back(node);
  }
  const auto value = [&]() -> double {
    switch (below(12)) {
      case 0:
        return 0;
      case 1:
        return 1e-7;
      default:
        return std::exp(static_cast<double>(below(700)) / 100);
    }
  };
  const auto link = [&](std::size_t from, std::size_t to) {
    SankeyLink made;
    made.source = from;
    made.target = to;
    made.value = value();
    made.title = words[below(words.size())];
    if (below(5) == 0) made.plus_minus = made.value / 5;
    input.links.push_back(made);
  };
  for (std::size_t i = 1; i < inner; ++i) link(below(i), i);
  for (std::size_t k = 0; k < inner / 2 + 1; ++k) link(below(inner), below(inner));
  for (std::size_t k = 0; k < inner; ++k) {
    SankeyNode end;
    end.id = "end" + std::to_string(k);
    end.title = words[below(words.size())];
    const std::size_t kind = below(3), at = below(inner);
    end.lane = kind == 0 ? SankeyLane::imports : kind == 1 ? SankeyLane::exports : SankeyLane::losses;
    input.nodes.push_back(end);
    const std::size_t self = input.nodes.size() - 1;
    if (kind == 0) {
      link(self, at);
    } else {
      link(at, self);
    }
  }
  return input;
}

std::string fingerprint(const SankeyLayout& layout) {
  std::string text;
  for (const PlacedNode& node : layout.nodes)
    text += std::to_string(node.bar.x) + "," + std::to_string(node.bar.y) + "," +
            std::to_string(node.label.box.x) + ";";
  for (const PlacedRibbon& ribbon : layout.ribbons) {
    text += ribbon.outline.path().text();
    for (const std::string& line : ribbon.value) text += line;
  }
  return text;
}

constexpr std::uint64_t systems = 60;

class Generated : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  SankeyInput input = generated(GetParam());
  SankeyOptions options = [] {
    SankeyOptions made;
    made.unit = {1, "t/yr"};
    return made;
  }();
  void SetUp() override {
    if (GetParam() % 4 == 1) options.language = "zh";
    if (GetParam() % 5 == 1) options.width = 300;
  }
};

TEST_P(Generated, WidthsAreProportional) {
  const SankeyLayout layout = lay_out_sankey(input, options);
  for (const PlacedRibbon& ribbon : layout.ribbons) {
    const double value = input.links[ribbon.link].value;
    EXPECT_NEAR(ribbon.width, std::max(value * layout.scale, options.thinnest), 1e-9);
    EXPECT_EQ(ribbon.widened, value * layout.scale < options.thinnest * (1 - 1e-9));
  }
  // What is not there is zero, or an end too thin to be seen.
  std::size_t missing = 0;
  for (std::size_t l = 0; l < input.links.size(); ++l) {
    const bool there = std::any_of(layout.ribbons.begin(), layout.ribbons.end(),
                                   [&](const PlacedRibbon& ribbon) { return ribbon.link == l; });
    if (!there && input.links[l].drawn()) ++missing;
    EXPECT_FALSE(there && !input.links[l].drawn());
  }
  EXPECT_EQ(missing, layout.hidden);
}

TEST_P(Generated, BarsHoldTheirBandsWithoutOverlap) {
  const SankeyLayout layout = lay_out_sankey(input, options);
  for (const PlacedNode& node : layout.nodes) {
    double left = 0, right = 0;
    for (const PlacedRibbon& ribbon : layout.ribbons) {
      left += input.links[ribbon.link].target == node.node ? ribbon.width : 0;
      right += input.links[ribbon.link].source == node.node ? ribbon.width : 0;
    }
    EXPECT_LE(std::max(left, right), node.bar.height + 1e-6);
    for (const PlacedNode& other : layout.nodes)
      if (&other != &node) {
        EXPECT_FALSE(node.bar.overlaps(other.bar));
      }
  }
}

TEST_P(Generated, NoTextCoversAnother) {
  const SankeyLayout layout = lay_out_sankey(input, options);
  std::vector<std::pair<Rect, std::string>> texts;
  for (const PlacedNode& node : layout.nodes)
    texts.emplace_back(node.label.box, "label of " + input.nodes[node.node].id);
  for (const PlacedRibbon& ribbon : layout.ribbons)
    if (!ribbon.value.empty())
      texts.emplace_back(ribbon.value_box, "value of link " + std::to_string(ribbon.link));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(texts[i].first.overlaps(texts[j].first)) << texts[i].second << ", " << texts[j].second;
    for (const PlacedNode& node : layout.nodes) {
      // A channel's text may pass below what stands beside it, but no text covers a bar.
      EXPECT_FALSE(texts[i].first.overlaps(node.bar))
          << texts[i].second << " covers " << input.nodes[node.node].id;
    }
  }
}

TEST_P(Generated, NothingLeavesThePage) {
  const SankeyLayout layout = lay_out_sankey(input, options);
  const Rect page{0, 0, layout.width, layout.height};
  for (const PlacedNode& node : layout.nodes) {
    EXPECT_TRUE(page.contains(node.bar)) << input.nodes[node.node].id;
    EXPECT_TRUE(page.contains(node.label.box)) << input.nodes[node.node].id;
    if (node.stock) {
      EXPECT_TRUE(page.contains(*node.stock));
    }
    if (node.imbalance) {
      EXPECT_TRUE(page.contains(*node.imbalance));
    }
  }
  for (const PlacedRibbon& ribbon : layout.ribbons) {
    EXPECT_TRUE(page.contains(ribbon.outline.bounds())) << ribbon.link;
    if (!ribbon.value.empty()) {
      EXPECT_TRUE(page.contains(ribbon.value_box)) << ribbon.link;
    }
  }
}

TEST_P(Generated, ChannelsLieBelowWhatTheyPass) {
  const SankeyLayout layout = lay_out_sankey(input, options);
  for (const PlacedRibbon& ribbon : layout.ribbons) {
    if (!ribbon.back) continue;
    ASSERT_TRUE(ribbon.channel);
    for (const PlacedNode& node : layout.nodes) {
      EXPECT_FALSE(ribbon.channel->overlaps(node.bar));
      EXPECT_FALSE(ribbon.channel->overlaps(node.label.box)) << input.nodes[node.node].id;
      const bool beside = node.bar.right() < ribbon.channel->x || node.bar.x > ribbon.channel->right();
      if (!beside) {
        EXPECT_GE(ribbon.channel->y, node.bar.bottom());
      }
      // The turns keep to the gaps between columns.
      const Area area(ribbon.outline);
      EXPECT_FALSE(area.contains({node.bar.middle_x(), node.bar.middle_y()}));
    }
    for (const PlacedRibbon& other : layout.ribbons)
      if (&other != &ribbon && other.channel) {
        EXPECT_FALSE(ribbon.channel->overlaps(*other.channel));
      }
  }
}

TEST_P(Generated, IsTheSameAgain) {
  EXPECT_EQ(fingerprint(lay_out_sankey(input, options)),
            fingerprint(lay_out_sankey(generated(GetParam()), options)));
}

INSTANTIATE_TEST_SUITE_P(Systems, Generated, ::testing::Range<std::uint64_t>(0, systems));

TEST(SankeyColumns, FollowStagesAndSplitThemWhereTheyFeedThemselves) {
  SankeyInput input =
      system_of({"a", "b", "c", "d"}, {{"a", "b", 5}, {"b", "c", 5}, {"c", "d", 5}, {"d", "a", 2}});
  input.nodes[0].stage = 0;
  input.nodes[1].stage = 0;
  input.nodes[2].stage = 1;
  input.nodes[3].stage = 2;
  const SankeyColumns columns = assign_columns(input);
  EXPECT_EQ(columns.column, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(columns.back, (std::vector<bool>{false, false, false, true}));
}

TEST(SankeyColumns, AStageWinsOverTheLargestFlow) {
  SankeyInput input = system_of({"a", "b"}, {{"a", "b", 1}, {"b", "a", 100}});
  input.nodes[0].stage = 0;
  input.nodes[1].stage = 1;
  EXPECT_EQ(assign_columns(input).back, (std::vector<bool>{false, true}));
  input.nodes[0].stage = input.nodes[1].stage = {};
  EXPECT_EQ(assign_columns(input).back, (std::vector<bool>{true, false}));
}

TEST(SankeyColumns, SelfLoopsRunBackAndTiesFollowDeclaration) {
  const SankeyColumns columns =
      assign_columns(system_of({"a", "b"}, {{"a", "a", 3}, {"a", "b", 2}, {"b", "a", 2}}));
  EXPECT_EQ(columns.back, (std::vector<bool>{true, false, true}));
}

TEST(SankeyColumns, EndsStandBesideTheirNode) {
  const SankeyColumns columns = assign_columns(
      system_of({"a", "b", "c", "im c", "ex a", "lo c", "nothing"},
                {{"a", "b", 5}, {"b", "c", 5}, {"im c", "c", 1}, {"a", "ex a", 1}, {"c", "lo c", 1}}));
  EXPECT_EQ(columns.column, (std::vector<int>{0, 1, 2, 1, 1, 3, -1}));
}

TEST(SankeyOrder, UncrossesAndKeepsWhatTheUserOrders) {
  SankeyInput input = system_of({"a", "b", "x", "y"}, {{"a", "y", 5}, {"b", "x", 5}, {"a", "x", 0.1}});
  const auto on_top = [&](std::size_t node) {
    const SankeyLayers layers = order_layers(input, assign_columns(input));
    const auto& column = layers.columns[1];
    return layers.stations[column[0]].node == node;
  };
  input.nodes[0].order = 0;
  input.nodes[1].order = 1;
  EXPECT_TRUE(on_top(3));
  input.nodes[2].order = 0;
  input.nodes[3].order = 1;
  EXPECT_TRUE(on_top(2));
}

TEST(SankeyLayout, AnEmptySystemHasNoHeight) {
  const SankeyLayout layout = lay_out_sankey(system_of({"a", "b"}, {{"a", "b", 0}}), {});
  EXPECT_TRUE(layout.nodes.empty());
  EXPECT_TRUE(layout.ribbons.empty());
  EXPECT_EQ(layout.height, 0);
}

TEST(SankeyLayout, LevelWhereItCanBe) {
  const SankeyLayout layout = lay_out_sankey(system_of({"a", "b", "c"}, {{"a", "b", 5}, {"b", "c", 5}}), {});
  for (const PlacedRibbon& ribbon : layout.ribbons)
    EXPECT_NEAR(ribbon.stretches[0].start.y, ribbon.stretches[0].end.y, 0.01);
}

TEST(SankeyLayout, TheShortestWayBackIsInnermost) {
  const SankeyLayout layout = lay_out_sankey(
      system_of({"a", "b", "c"}, {{"a", "b", 9}, {"b", "c", 9}, {"c", "a", 1}, {"b", "a", 1}, {"c", "c", 1}}),
      {});
  const auto top = [&](std::size_t link) { return layout.ribbons[link].channel->y; };
  EXPECT_LT(top(4), top(2));
  EXPECT_LT(top(3), top(2));
}

TEST(SankeyLayout, OneScaleKeepsWidthsAcrossYears) {
  SankeyOptions options;
  const SankeyInput small = system_of({"a", "b"}, {{"a", "b", 5}}),
                    large = system_of({"a", "b"}, {{"a", "b", 50}});
  options.scale = lay_out_sankey(large, options).scale;
  EXPECT_NEAR(10 * lay_out_sankey(small, options).ribbons[0].width,
              lay_out_sankey(large, options).ribbons[0].width, 1e-9);
}

TEST(Outline, ABandKeepsItsWidthWhereItIsSteep) {
  const double width = 20;
  const BandStretch stretch{{0, 0}, {80, 90}};
  const Area area(band_outline({stretch}, width));
  // Across the middle, at right angles to the slope there.
  const Point middle = band_middle(stretch, width, 0.5);
  const double slope = std::atan2(2.0 * 90, 80);
  double inside = 0;
  const double step = 0.05;
  for (double d = -30; d <= 30; d += step)
    inside += area.contains({middle.x - d * std::sin(slope), middle.y + d * std::cos(slope)}) ? step : 0;
  EXPECT_NEAR(inside, width, 0.1 * width);
}

}  // namespace
}  // namespace lode
