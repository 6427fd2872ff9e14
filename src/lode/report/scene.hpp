// SPDX-License-Identifier: Apache-2.0
//
// The scene of a figure: its picture as data for the web.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "lode/report/figure.hpp"

namespace lode {

/// Hundredths of a point are finer than any screen.
double rounded(double length);
nlohmann::ordered_json scene_rect(const Rect& rect);

/// Begins with the kind, the language and the size of the figure.
nlohmann::ordered_json begin_scene(const std::string& kind, const std::string& language,
                                   const Figure& figure);
std::string scene_text(const nlohmann::ordered_json& scene);

}  // namespace lode
