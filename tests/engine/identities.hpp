// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every computed model, whatever it says. Everything is recomputed cell by cell from the
// engine's own values, by arithmetic that shares nothing with the plan.
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode::testing {

/// Every violation as a line of text, at most `limit` of them; empty if all is well.
std::vector<std::string> violations(const Session& session, std::size_t limit = 20);

/// The first place where two evaluations of one plan differ in a bit, or by more than `tolerance` of the
/// largest value of the quantity and 1e-3 of that of all; empty if nowhere. NaNs count as equal.
std::string first_difference(const Evaluation& a, std::size_t lane_a, const Evaluation& b, std::size_t lane_b,
                             double tolerance = 0);

}  // namespace lode::testing
