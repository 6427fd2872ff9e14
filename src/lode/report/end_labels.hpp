// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/report/palette.hpp"
#include "lode/report/svg.hpp"

namespace lode {

/// A name beside the end of what it names.
struct EndLabel {
  std::string name;
  std::string number;  ///< follows the name in bold, may be empty
  double anchor = 0;   ///< height of what it names
  Swatch swatch;
  enum class Sign { none, area, line } sign = Sign::area;
  // Placed:
  std::vector<std::string> lines;  ///< the number ends the last one
  double top = 0, height = 0;
};

inline constexpr TextStyle end_label_style{6.5, false};

/// Points that the widest label takes, with its sign, leader and gap, when no line is wider than `most`.
double end_labels_room(const std::vector<EndLabel>& labels, double most);
/// Points from the first to the last line of all labels below one another.
double end_labels_height(const std::vector<EndLabel>& labels, double most);

/// Wraps the labels and stacks them between `top` and `bottom` as near to their anchors as they go without
/// touching: least squares of the distances. The order is that of the anchors, ties as given.
void place_end_labels(std::vector<EndLabel>& labels, double most, double top, double bottom);

/// Draws them right of `x`, with thin leaders to anchors that lie elsewhere.
void draw_end_labels(SvgWriter& svg, const std::vector<EndLabel>& labels, double x);

}  // namespace lode
