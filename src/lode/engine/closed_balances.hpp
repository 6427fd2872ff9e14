// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/plan/plan.hpp"

namespace lode {

/// Per quantity, whether it is a balance that is zero whatever the inputs are: written out as a sum of what
/// no sum, difference or copy computes, every term meets its opposite. That holds where the process has a
/// residual, where a flow is the sum of others, or where a stock's change is its inflow less its outflow.
std::vector<bool> closed_balances(const Plan& plan);

}  // namespace lode
