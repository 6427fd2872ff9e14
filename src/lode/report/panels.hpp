// SPDX-License-Identifier: Apache-2.0
//
// Figures of several panels: a grid of equal cells, each with a letter and a title.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "lode/report/geometry.hpp"
#include "lode/report/svg.hpp"

namespace lode {

inline constexpr TextStyle panel_letter_style{7, true}, panel_title_style{7, false};
inline constexpr double panel_letter_width = 9;

/// Panels from left to right, then down.
struct PanelGrid {
  std::size_t count = 1, columns = 1;
  double column_gap = 0, row_gap = 0;
  double cell_width = 0, row_height = 0;

  /// Shares a width out to the columns.
  void fill_width(double width);
  double height() const;
  /// The upper left corner of a panel's cell.
  Point corner(std::size_t panel, const Rect& picture) const;
};

/// The letter of a panel at the upper left of its cell, the lines of its title beside it.
void draw_panel_title(SvgWriter& svg, const Point& corner, std::size_t panel,
                      const std::vector<std::string>& lines);

}  // namespace lode
