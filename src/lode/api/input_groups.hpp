// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "lode/api/session.hpp"
#include "lode/engine/sensitivity.hpp"
#include "lode/lode.hpp"

namespace lode {

/// What counts as one input of a sensitivity analysis: parameters or numbers, and those that the request puts
/// together. Empty, with a message, where a group names what is not uncertain, or something twice.
std::optional<InputGroups> input_groups(Session& session, const SensitivityRequest& request);

}  // namespace lode
