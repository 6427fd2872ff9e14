// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "lode/model/model.hpp"

namespace lode {

/// The system as declared (no equation needed): processes in their stages, the outside dashed, flows as
/// arrows, stocks inside their processes. `language` is "en" or "zh".
std::string graph_dot(const Model& model, const std::string& language);
std::string graph_mermaid(const Model& model, const std::string& language);
std::string graph_json(const Model& model);

}  // namespace lode
