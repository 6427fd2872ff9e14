// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <vector>

#include "lode/report/sankey.hpp"
#include "lode/report/sankey_columns.hpp"

namespace lode {

/// A node, or the place where a flow passes a column on its way.
struct SankeyStation {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  int column = 0;
  std::size_t node = none;  ///< none where a flow passes
  std::size_t link = none;  ///< the flow that passes

  bool passes() const { return node == none; }
};

/// A stretch of a forward flow from one column to the next.
struct SankeyStretch {
  std::size_t from = 0, to = 0;  ///< stations
  std::size_t link = 0;
};

struct SankeyLayers {
  std::vector<SankeyStation> stations;
  std::vector<SankeyStretch> stretches;
  std::vector<std::vector<std::size_t>> columns;  ///< stations from top to bottom
  std::vector<std::size_t> station_of;            ///< per node; `SankeyStation::none` if it is not drawn
};

/// Puts each column in an order in which flows cross little: a fixed number of barycentre sweeps, then single
/// stations are moved while that helps. A crossing weighs by the widths of both flows. The order that nodes
/// ask for stands. Without a reason otherwise imports stand on top, exports and losses at the bottom, and
/// nodes from which flows run back low, so that these cross little on their way down.
SankeyLayers order_layers(const SankeyInput& input, const SankeyColumns& columns);

}  // namespace lode
