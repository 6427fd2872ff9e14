// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/report/sankey.hpp"

namespace lode {

/// Where nodes stand from left to right, and which flows run back.
struct SankeyColumns {
  std::vector<int> column;  ///< per node; −1 if nothing flows through it
  std::vector<bool> back;   ///< per link: it leads to its own column or one further left
  int count = 0;
};

/// Columns follow stages where they are declared; nodes of one stage that feed one another get columns of
/// their own within it. What remains is ordered by the flows: links are taken from the largest to the
/// smallest (ties in order of declaration) and one that would close a cycle runs back; then every node stands
/// one column right of the furthest of its sources. Ends of flows stand beside the node they belong to.
SankeyColumns assign_columns(const SankeyInput& input);

}  // namespace lode
