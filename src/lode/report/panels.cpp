// SPDX-License-Identifier: Apache-2.0
#include "lode/report/panels.hpp"

namespace lode {

void PanelGrid::fill_width(double width) {
  cell_width = (width - column_gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
}

double PanelGrid::height() const {
  const std::size_t rows = (count + columns - 1) / columns;
  return static_cast<double>(rows) * row_height + static_cast<double>(rows - 1) * row_gap;
}

Point PanelGrid::corner(std::size_t panel, const Rect& picture) const {
  const std::size_t row = panel / columns, column = panel % columns;
  return {picture.x + static_cast<double>(column) * (cell_width + column_gap),
          picture.y + static_cast<double>(row) * (row_height + row_gap)};
}

void draw_panel_title(SvgWriter& svg, const Point& corner, std::size_t panel,
                      const std::vector<std::string>& lines) {
  const double baseline = corner.y + ascent(panel_letter_style);
  svg.text({corner.x, baseline}, std::string(1, static_cast<char>('a' + panel % 26)), panel_letter_style);
  svg.text_lines({corner.x + panel_letter_width, baseline}, lines, panel_title_style);
}

}  // namespace lode
