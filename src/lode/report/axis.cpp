// SPDX-License-Identifier: Apache-2.0
#include "lode/report/axis.hpp"

#include <algorithm>
#include <cmath>

namespace lode {
namespace {

constexpr double tick_length = 2.5, tick_gap = 2;

}  // namespace

double value_axis_room(const Ticks& ticks) {
  double widest = 0;
  for (const double value : ticks.values)
    widest = std::max(widest, text_width(format_fixed(value, ticks.decimals), axis_style));
  return widest + tick_gap + 1;
}

double year_axis_room() {
  return tick_length + tick_gap + line_height(axis_style);
}

void draw_value_axis(SvgWriter& svg, const Rect& plot, const LinearScale& scale, const Ticks& ticks) {
  for (const double value : ticks.values) {
    const double y = scale(value);
    const bool zero = std::abs(value) < 1e-9 * ticks.step;
    svg.line({plot.x, y}, {plot.right(), y},
             {{"stroke", zero ? axis_colour : grid_colour}, {"stroke-width", zero ? 0.6 : 0.4}});
    svg.text({plot.x - tick_gap, y + 0.35 * axis_style.size}, format_fixed(value, ticks.decimals), axis_style,
             TextAnchor::end, {{"fill", axis_colour}});
  }
}

void draw_year_axis(SvgWriter& svg, const Rect& plot, const LinearScale& scale,
                    const std::vector<int>& years) {
  const double y = plot.bottom();
  svg.line({plot.x, y}, {plot.right(), y}, {{"stroke", axis_colour}, {"stroke-width", 0.6}});
  for (const int year : years) {
    const double x = scale(year);
    svg.line({x, y}, {x, y + tick_length}, {{"stroke", axis_colour}, {"stroke-width", 0.6}});
    svg.text({x, y + tick_length + tick_gap + ascent(axis_style)}, std::to_string(year), axis_style,
             TextAnchor::middle, {{"fill", axis_colour}});
  }
}

}  // namespace lode
