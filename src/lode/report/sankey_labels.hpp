// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/report/sankey_layout.hpp"

namespace lode {

/// The texts of a node, wrapped to a width; of `box` only width and height are set.
SankeyLabel node_label(const SankeyInput& input, const SankeyOptions& options, std::size_t node,
                       double throughput, double width);

/// Gives labels and values their places. A node's label stands above its bar within its column's zone, where
/// the layout kept room for it, unless a wider or better place is free; so no label covers another, a bar or
/// a channel. The number of a flow is written on its band or beside it, where that covers no text; bands
/// whose number a label tells already have none.
void place_labels(const SankeyInput& input, const SankeyOptions& options, SankeyLayout& layout,
                  const std::vector<Rect>& zones);

/// Moves the whole picture down.
void shift(SankeyLayout& layout, double dy);

}  // namespace lode
