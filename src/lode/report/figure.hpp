// SPDX-License-Identifier: Apache-2.0
//
// What every figure has around its picture: a heading with the unit, a legend if labels at the things
// themselves do not do, notes, the scenario and the source.
#pragma once
#include <string>
#include <vector>

#include "lode/report/palette.hpp"
#include "lode/report/svg.hpp"

namespace lode {

/// Widths of one and of two columns of a journal.
inline constexpr double single_column = 85 * points_per_millimetre;
inline constexpr double double_column = 180 * points_per_millimetre;

struct FigureOptions {
  double width = double_column;  ///< points
  std::string language = "en";   ///< "en" or "zh"
};

struct FigureText {
  std::string heading;             ///< what is shown, where, when: "Neodymium in China, 2017"
  std::string unit;                ///< as shown, "kt/yr"; stands behind the heading in brackets
  std::string description;         ///< for screen readers: what one would say of the picture
  std::vector<std::string> notes;  ///< what must be known to read it
  std::string scenario, source;    ///< without the words "Scenario" and "Source"
};

struct LegendEntry {
  enum class Kind { area, line, marker };
  std::string text;
  Swatch swatch;
  Kind kind = Kind::area;
};

struct FigureTable {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
  std::string csv() const;  ///< RFC 4180 with line feeds
};

/// What a figure is written as: the picture, the same as data for the web, and a table in its stead.
struct FigureFiles {
  std::string svg, scene_json, table_csv;
};

/// The page around a picture of a given height.
class Figure {
 public:
  Figure(const FigureOptions& options, const FigureText& text, double picture_height,
         const std::vector<LegendEntry>& legend = {});

  double width() const { return width_; }
  double height() const { return height_; }
  /// Where to draw.
  const Rect& picture() const { return picture_; }
  SvgWriter& svg() { return svg_; }
  std::string finish() { return svg_.finish(); }

 private:
  struct Layout;
  explicit Figure(const Layout& layout);
  static Layout lay_out(const FigureOptions& options, const FigureText& text, double picture_height,
                        const std::vector<LegendEntry>& legend);
  double width_, height_;
  Rect picture_;
  SvgWriter svg_;
};

/// The files of a drawing, which knows its height, legend, scene and table, and draws itself into the page.
template <class Drawing>
FigureFiles files_of(Drawing& drawing, const FigureText& text, const FigureOptions& options) {
  Figure figure(options, text, drawing.height(), drawing.legend());
  drawing.draw(figure);
  return {figure.finish(), drawing.scene(figure), drawing.table().csv()};
}

/// "Source", "Scenario", … in the figure's language.
std::string figure_word(const std::string& english, const std::string& language);

}  // namespace lode
