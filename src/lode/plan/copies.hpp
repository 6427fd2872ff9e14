// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/plan/plan.hpp"

namespace lode {

/// What an operation copies that does nothing else; else null.
const Access* copied_by(const Operation& operation);

/// Lets operations read what was copied instead of the copy: a flow that is a stock's outflow under another
/// name, an inflow that a flow gives. Temporaries that nobody reads any more are dropped. The operations are
/// not in order yet. How many reads were moved.
std::size_t read_through_copies(std::vector<Operation>& operations, const Plan& plan);

}  // namespace lode
