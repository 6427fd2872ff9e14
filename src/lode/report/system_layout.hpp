// SPDX-License-Identifier: Apache-2.0
//
// Where everything of a system's picture stands: boxes in columns, flows with right angles between them, what
// crosses the boundary with its name above or below. Points from the picture's upper left corner.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "lode/report/system_picture.hpp"
#include "lode/report/text_measure.hpp"

namespace lode {

enum class SystemRole { inner, back, imports, exports, uses, losses };

struct SystemBox {
  Rect rect;
  std::vector<std::string> lines;                ///< of its name
  std::vector<std::vector<std::string>> stocks;  ///< of each stock's name
};

struct SystemBand {
  double from = 0, to = 0;
  std::vector<std::string> lines;  ///< of the stage's name
};

/// The name of a flow that crosses the boundary.
struct SystemLabel {
  std::size_t flow = 0;
  std::vector<std::string> lines;
  double x = 0, width = 0;  ///< of its line, and how wide the text is
  bool flipped = false;     ///< it stands left of its line
  std::size_t row = 0;      ///< of its first line, counted from the upper end above, from the boundary below

  double left() const { return flipped ? x - 5 - width : x + 3; }
};

struct SystemLayout {
  std::vector<SystemRole> roles;            ///< per flow
  std::vector<std::vector<Point>> courses;  ///< per flow: its corners, from source to target
  std::vector<SystemBox> boxes;             ///< per process
  std::vector<SystemBand> bands;            ///< of stages, from left to right
  std::vector<SystemLabel> above, below;
  TextStyle name_style{6.5, true}, stock_style{5.8, false};
  Rect boundary;
  double height = 0;
  double least_width = 0;  ///< of a page on which it could be read; 0: this one
};

inline constexpr TextStyle system_stage_style{6.5, false}, system_flow_style{6, false};

SystemLayout lay_out_system(const SystemPicture& system, const FigureOptions& options);

}  // namespace lode
