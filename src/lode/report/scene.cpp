// SPDX-License-Identifier: Apache-2.0
#include "lode/report/scene.hpp"

#include <cmath>

namespace lode {

double rounded(double length) {
  return std::round(length * 100) / 100;
}

nlohmann::ordered_json scene_rect(const Rect& rect) {
  return {{"x", rounded(rect.x)},
          {"y", rounded(rect.y)},
          {"width", rounded(rect.width)},
          {"height", rounded(rect.height)}};
}

nlohmann::ordered_json begin_scene(const std::string& kind, const std::string& language,
                                   const Figure& figure) {
  return {{"kind", kind},
          {"language", language},
          {"width", rounded(figure.width())},
          {"height", rounded(figure.height())}};
}

std::string scene_text(const nlohmann::ordered_json& scene) {
  return scene.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace lode
