// SPDX-License-Identifier: Apache-2.0
//
// Colours that people with any common colour blindness tell apart, that differ in lightness when printed in
// grey, and that have a second channel: a pattern for areas, a marker and dashes for lines.
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lode/report/svg.hpp"

namespace lode {

enum class Hatch { none, rising, falling, level, crossed, dots };
enum class Marker { circle, square, triangle, diamond, cross };

/// How one label looks.
struct Swatch {
  std::string colour;  ///< "#rrggbb"
  Hatch hatch = Hatch::none;
  Marker marker = Marker::circle;
  std::string dashes;  ///< stroke-dasharray, empty for a solid line

  /// Of text on the colour: black or white, whichever contrasts more.
  std::string ink() const;
};

/// Colours in the order they are given out: neighbours differ most.
inline constexpr std::size_t palette_size = 10;
const std::array<std::string_view, palette_size>& palette_colours();

/// CIE lightness of "#rrggbb", 0 black to 100 white.
double lightness(std::string_view colour);

/// A colour lightened towards white: 0 itself, 1 white.
std::string tint(std::string_view colour, double towards_white);

/// One look for each label of a dimension, whichever of them a figure shows. Give all labels in the order of
/// declaration, so that a product looks the same in every figure of a case.
class Palette {
 public:
  Palette() = default;
  explicit Palette(const std::vector<std::string>& labels);
  /// Labels never given are grey.
  const Swatch& of(const std::string& label) const;

 private:
  std::map<std::string, Swatch> swatches_;
};

/// The nth look, with patterns and dashes once the colours are used up.
Swatch nth_swatch(std::size_t n);

/// What `fill` takes: the colour, or the pattern that `define_hatches` defines.
std::string fill_of(const Swatch& swatch);
std::string hatch_fill(Hatch hatch, std::string_view colour);
/// Definitions that `fill_of` and `hatch_fill` refer to; call it once, before drawing.
void define_hatches(SvgWriter& svg, const std::vector<Swatch>& swatches);

/// A marker of about `size` across with its middle at `where`.
void draw_marker(SvgWriter& svg, Point where, double size, const Swatch& swatch);

}  // namespace lode
