// SPDX-License-Identifier: Apache-2.0
//
// Charts along the years: areas, bars, lines and points in one or several panels. The past and the
// projection are told apart: a thin line between them, the projection on a grey ground and its areas lighter.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lode/report/figure.hpp"
#include "lode/report/palette.hpp"

namespace lode {

/// How a mark is named: not at all, beside its end, or in the legend above.
enum class ChartNaming { none, end, legend };

/// What stands beside an end: the name with the last number, or the number alone.
enum class ChartLabel { name, number };

/// One thing drawn. Vectors have one number per year, not a number where there is none.
struct ChartMark {
  enum class Kind { area, bars, line, points };
  Kind kind = Kind::line;
  std::string id, name;
  Swatch swatch;
  std::vector<double> values;     ///< line, points: where; of all kinds what the table and the label say
  std::vector<double> low, high;  ///< area, bars: from where to where; points: their range, may be empty
  double weight = 1.3;            ///< of a line, in points
  double opacity = 1;
  ChartNaming naming = ChartNaming::end;
  ChartLabel label = ChartLabel::name;
  bool in_table = true;  ///< areas without `values` have their low and high there
};

/// A level across the panel, named at its right end.
struct ChartLevel {
  double value = 0;
  std::string text;
};

/// Years marked above the panel, from first to last.
struct ChartSpan {
  int first = 0, last = 0;
  std::string text;
};

/// A year marked across the panels.
struct ChartEvent {
  int year = 0;
  std::string text;
};

struct ChartPanel {
  std::string title;
  std::vector<ChartMark> marks;
  std::vector<ChartLevel> levels;
  std::optional<ChartSpan> span;
  std::string unit;            ///< its own, shown as it is; empty: that of the chart
  bool short_unit = false;     ///< its own unit is one that keeps the numbers short, as that of the chart
  std::optional<double> high;  ///< the scale reaches up to it at least
  std::string above, below;    ///< what the two sides of zero are, written along the axis
};

struct TimeChart {
  std::string kind;
  std::vector<int> years;
  std::optional<int> history;  ///< its last year
  std::string unit;            ///< of all numbers
  bool fixed_unit = false;     ///< shown in `unit` whatever the size of the numbers
  std::vector<ChartPanel> panels;
  std::vector<ChartEvent> events;  ///< of one panel named above it, of several in a note
  bool own_scales = false;
  bool end_numbers = true;  ///< names at the ends have the last number with them
};

FigureFiles draw_time_chart(const TimeChart& chart, FigureText text, const FigureOptions& options);

/// Stacks marks on one another, what is below zero downwards: fills `low` and `high` from `values`.
void stack(std::vector<ChartMark>& marks);

inline constexpr double absent = std::numeric_limits<double>::quiet_NaN();

}  // namespace lode
