// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lode/report/figure.hpp"
#include "lode/report/palette.hpp"
#include "lode/report/sankey_layout.hpp"

namespace lode {

struct SankeyFigureOptions {
  FigureOptions figure;
  std::optional<double> scale;  ///< points per unit of value, see `SankeyOptions::scale`
  std::string unit;             ///< of the input's values: "t/yr"
  /// Colours by group; without, flows are coloured by what they are to the system.
  std::optional<Palette> palette;
  std::vector<std::pair<std::string, std::string>> groups;  ///< and their titles, in order of the legend
};

/// The diagram as SVG, as a scene for the web and as a table. `text.unit`, notes on scale and what a screen
/// reader says are added.
FigureFiles draw_sankey(const SankeyInput& input, const FigureText& text, const SankeyFigureOptions& options);

/// The scale at which the input fits as it would be drawn alone; the smallest of several years shows all of
/// them to one scale.
double sankey_scale(const SankeyInput& input, const SankeyFigureOptions& options);

}  // namespace lode
