// SPDX-License-Identifier: Apache-2.0
//
// Results over one input as lines, over two as maps. Colours of maps rise in lightness from the least to the
// most, so that they are read in grey and by the colour-blind; where a result crosses zero a line is drawn.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/report/figure.hpp"

namespace lode {

struct SweepAxis {
  std::string title, unit;
  std::vector<double> values;
  std::optional<double> now;  ///< what the case has
};

/// One number per point, the last axis running fastest; not a number where there is none.
struct SweepNumbers {
  std::string title;
  std::string unit;
  bool is_year = false;
  std::vector<double> values;
};

/// For one or two axes.
FigureFiles draw_sweep(const std::vector<SweepAxis>& axes, const std::vector<SweepNumbers>& results,
                       const FigureText& text, const FigureOptions& options);

/// The colour of a map at `share` of the way from the least to the most: dark blue to light yellow, even in
/// lightness.
std::string map_colour(double share);

/// Where a grid of numbers crosses zero, as straight pieces within its squares: marching squares with linear
/// interpolation. `x` and `y` are the places of columns and rows, `values` row by row.
struct ZeroPiece {
  Point from, to;
};
std::vector<ZeroPiece> zero_line(const std::vector<double>& x, const std::vector<double>& y,
                                 const std::vector<double>& values);

}  // namespace lode
