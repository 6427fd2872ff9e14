// SPDX-License-Identifier: Apache-2.0
//
// The geometry of a Sankey diagram, without drawing: where bars, bands and texts lie. Lengths are points.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/report/numbers.hpp"
#include "lode/report/outline.hpp"
#include "lode/report/sankey.hpp"

namespace lode {

struct SankeyOptions {
  double width = 502;
  std::string language = "en";
  DisplayUnit unit;  ///< numbers shown are values / unit.divisor
  double font_size = 7;
  double bars = 0.30;           ///< height of the fullest column's bars over the width
  double highest = 600;         ///< the scale shrinks until the picture is no higher
  double thinnest = 0.6;        ///< bands are never thinner
  double invisible = 0.06;      ///< a flow from or to an end that would be thinner than this is left out
  std::optional<double> scale;  ///< points per unit of value, to draw several years to one scale
};

/// A name and the number that follows it.
struct SankeyLabel {
  std::vector<std::string> lines;    ///< the number ends the last one
  std::string number;                ///< the end of the last line
  std::vector<std::string> stock;    ///< lines on what is added to the stock
  std::vector<std::string> missing;  ///< lines on the imbalance
  Rect box;
  TextAnchor anchor = TextAnchor::middle;
};

struct PlacedNode {
  std::size_t node = 0;
  int column = 0;
  double throughput = 0;  ///< the larger of its two sides, in the input's unit
  Rect bar;
  SankeyLabel label;
  std::optional<Rect> stock;      ///< what is added (right of the bar) or taken (left of it)
  std::optional<Rect> imbalance;  ///< what does not balance, beside the bar on the side where it is lacking
};

struct PlacedRibbon {
  std::size_t link = 0;
  bool back = false;
  bool widened = false;  ///< drawn at the least width, wider than to scale
  double width = 0;
  Outline outline;
  std::vector<BandStretch> stretches;  ///< of a forward flow, from column to column
  BandEnds ends;
  std::optional<ReturnBand> turn;  ///< of a back flow
  std::optional<Rect> channel;     ///< its level part
  std::vector<std::string> value;  ///< lines of text at the band, empty if it has none
  Rect value_box;
};

struct SankeyLayout {
  double width = 0, height = 0;
  double scale = 0;  ///< points per unit of value
  double font_size = 7;
  std::vector<PlacedNode> nodes;      ///< in order of the input
  std::vector<PlacedRibbon> ribbons;  ///< in order of the input
  bool crowded = false;               ///< a number is wider than its column's room
  std::size_t broken_words = 0;       ///< labels in which a word is cut
  std::size_t hidden = 0;             ///< flows too thin to be seen at all, left out
  double hidden_value = 0;            ///< their sum
  std::size_t widened = 0;            ///< ribbons drawn wider than to scale
  std::size_t values_left_out = 0;    ///< ribbons without room for their number
};

/// Deterministic: the same input gives the same numbers.
SankeyLayout lay_out_sankey(const SankeyInput& input, const SankeyOptions& options);

}  // namespace lode
