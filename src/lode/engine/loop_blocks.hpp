// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "lode/plan/plan.hpp"

namespace lode {

struct LoopCell {
  ArrayId array;
  std::size_t series, period;
};

/// The unknowns and equations of a loop that belong together, independent of all others.
struct LoopBlock {
  static constexpr std::size_t residual = static_cast<std::size_t>(-1);
  std::vector<LoopCell> unknowns;
  std::vector<LoopCell> equations;  ///< residual arrays; for torn equations the same cell as the unknown
  std::vector<std::size_t> equation_unknown;  ///< index of the torn unknown, or `residual`
};

/// The blocks of a solve operation over periods [first, last): cells that no read of the loop connects, other
/// years or labels that never mix, are in different blocks.
std::vector<LoopBlock> loop_blocks(const Plan& plan, const Operation& operation, std::size_t first,
                                   std::size_t last);

}  // namespace lode
