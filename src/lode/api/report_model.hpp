// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/api/report_json.hpp"
#include "lode/api/session.hpp"
#include "lode/api/verify.hpp"

namespace lode {

/// What a report tells of the model rather than of its results: axes, processes, parameters with their
/// quality, equations, sources, balances, what was filled, clamped or corrected, checkpoints.
void add_model(Json& document, const Session& session, const Verification* verification);

}  // namespace lode
