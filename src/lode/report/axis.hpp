// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/report/numbers.hpp"
#include "lode/report/scale.hpp"
#include "lode/report/svg.hpp"

namespace lode {

inline constexpr TextStyle axis_style{6.5, false};
inline constexpr const char* axis_colour = "#444444";
inline constexpr const char* grid_colour = "#dcdcdc";

/// Points left of the plot that the tick labels of a value axis take.
double value_axis_room(const Ticks& ticks);
/// Points below the plot that a year axis takes.
double year_axis_room();

/// Grid lines across the plot and the ticks' numbers left of it; the line of zero is darker. The unit belongs
/// into the heading of the plot.
void draw_value_axis(SvgWriter& svg, const Rect& plot, const LinearScale& scale, const Ticks& ticks);

/// A line below the plot with years. A year is at scale(year).
void draw_year_axis(SvgWriter& svg, const Rect& plot, const LinearScale& scale,
                    const std::vector<int>& years);

}  // namespace lode
