// SPDX-License-Identifier: Apache-2.0
#include "lode/report/palette.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

/// Lightness 35, 74, 54, 87, 41, 80, 48, 60, 67, 28: each at least six from every other.
constexpr std::array<std::string_view, palette_size> colours = {"#434d86", "#dfa95f", "#00908d", "#e1e044",
                                                                "#835800", "#8ccff3", "#785dd0", "#9c950d",
                                                                "#7ea0ff", "#603733"};
constexpr std::array<const char*, 4> dash_patterns = {"", "4 1.5", "1 1.5", "5 1.5 1 1.5"};
constexpr std::array<const char*, 6> hatch_names = {"none", "rising", "falling", "level", "crossed", "dots"};

std::array<double, 3> channels(std::string_view colour) {
  LODE_EXPECT(colour.size() == 7 && colour[0] == '#');
  std::array<double, 3> result{};
  for (std::size_t i = 0; i < 3; ++i)
    result[i] = static_cast<double>(std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16)) / 255;
  return result;
}

/// Relative luminance of sRGB (IEC 61966-2-1).
double luminance(std::string_view colour) {
  const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  const auto [r, g, b] = channels(colour);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

std::string hatch_id(Hatch hatch, std::string_view colour) {
  return fmt::format("hatch-{}-{}", hatch_names[static_cast<std::size_t>(hatch)], colour.substr(1));
}

}  // namespace

const std::array<std::string_view, palette_size>& palette_colours() {
  return colours;
}

double lightness(std::string_view colour) {
  const double y = luminance(colour);
  return y > 216.0 / 24389 ? 116 * std::cbrt(y) - 16 : y * 24389.0 / 27;
}

std::string tint(std::string_view colour, double towards_white) {
  const auto [r, g, b] = channels(colour);
  const auto mixed = [&](double c) {
    return static_cast<int>(std::lround(255 * (c + (1 - c) * towards_white)));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", mixed(r), mixed(g), mixed(b));
}

std::string Swatch::ink() const {
  return lightness(colour) < 55 ? "#ffffff" : "#000000";
}

Swatch nth_swatch(std::size_t n) {
  Swatch swatch;
  swatch.colour = colours[n % palette_size];
  swatch.hatch = static_cast<Hatch>(n / palette_size % hatch_names.size());
  swatch.marker = static_cast<Marker>(n % 5);
  swatch.dashes = dash_patterns[(n + n / palette_size) % dash_patterns.size()];
  return swatch;
}

Palette::Palette(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) swatches_.emplace(label, nth_swatch(swatches_.size()));
}

const Swatch& Palette::of(const std::string& label) const {
  static const Swatch unknown{"#8a8a8a", Hatch::none, Marker::cross, "2 2"};
  const auto found = swatches_.find(label);
  return found == swatches_.end() ? unknown : found->second;
}

std::string fill_of(const Swatch& swatch) {
  return hatch_fill(swatch.hatch, swatch.colour);
}

std::string hatch_fill(Hatch hatch, std::string_view colour) {
  return hatch == Hatch::none ? std::string(colour) : "url(#" + hatch_id(hatch, colour) + ")";
}

void define_hatches(SvgWriter& svg, const std::vector<Swatch>& swatches) {
  std::set<std::string> defined;
  for (const Swatch& swatch : swatches) {
    if (swatch.hatch == Hatch::none || !defined.insert(hatch_id(swatch.hatch, swatch.colour)).second)
      continue;
    if (defined.size() == 1) svg.open("defs");
    const double cell = 4;
    svg.open("pattern", {{"id", hatch_id(swatch.hatch, swatch.colour)},
                         {"width", cell},
                         {"height", cell},
                         {"patternUnits", "userSpaceOnUse"}});
    svg.rect({0, 0, cell, cell}, {{"fill", tint(swatch.colour, 0.72)}});
    const SvgAttributes stroke = {{"stroke", swatch.colour}, {"stroke-width", 1.1}, {"fill", "none"}};
    switch (swatch.hatch) {
      case Hatch::rising:
        svg.element("path", {{"d", "M -1 1 L 1 -1 M 0 4 L 4 0 M 3 5 L 5 3"},
                             {"stroke", swatch.colour},
                             {"stroke-width", 1.1}});
        break;
      case Hatch::falling:
        svg.element("path", {{"d", "M -1 3 L 1 5 M 0 0 L 4 4 M 3 -1 L 5 1"},
                             {"stroke", swatch.colour},
                             {"stroke-width", 1.1}});
        break;
      case Hatch::level:
        svg.line({0, 2}, {cell, 2}, stroke);
        break;
      case Hatch::crossed:
        svg.line({0, 2}, {cell, 2}, stroke);
        svg.line({2, 0}, {2, cell}, stroke);
        break;
      case Hatch::dots:
      case Hatch::none:
        svg.element("circle", {{"cx", 2.0}, {"cy", 2.0}, {"r", 1.0}, {"fill", swatch.colour}});
        break;
    }
    svg.close();
  }
  if (!defined.empty()) svg.close();
}

void draw_marker(SvgWriter& svg, Point where, double size, const Swatch& swatch) {
  const double r = size / 2;
  const SvgAttributes fill = {{"fill", swatch.colour}, {"stroke", "#ffffff"}, {"stroke-width", 0.4}};
  SvgPath path;
  switch (swatch.marker) {
    case Marker::circle:
      svg.element("circle", {{"cx", where.x},
                             {"cy", where.y},
                             {"r", r},
                             {"fill", swatch.colour},
                             {"stroke", "#ffffff"},
                             {"stroke-width", 0.4}});
      return;
    case Marker::square:
      svg.rect({where.x - 0.9 * r, where.y - 0.9 * r, 1.8 * r, 1.8 * r}, fill);
      return;
    case Marker::triangle:
      path.move_to({where.x, where.y - 1.1 * r})
          .line_to({where.x + r, where.y + 0.8 * r})
          .line_to({where.x - r, where.y + 0.8 * r})
          .close();
      break;
    case Marker::diamond:
      path.move_to({where.x, where.y - 1.2 * r})
          .line_to({where.x + 1.2 * r, where.y})
          .line_to({where.x, where.y + 1.2 * r})
          .line_to({where.x - 1.2 * r, where.y})
          .close();
      break;
    case Marker::cross:
      path.move_to({where.x - r, where.y - r})
          .line_to({where.x + r, where.y + r})
          .move_to({where.x - r, where.y + r})
          .line_to({where.x + r, where.y - r});
      svg.path(path, {{"stroke", swatch.colour}, {"stroke-width", 1.2}, {"fill", "none"}});
      return;
  }
  svg.path(path, fill);
}

}  // namespace lode
