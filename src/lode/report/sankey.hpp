// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lode {

/// What a node is to the system. Imports, exports, uses outside the system and losses are ends of single
/// flows, drawn without a bar.
enum class SankeyLane { main, imports, exports, uses, losses, stock };

/// "main", "import", "export", "use", "loss", "stock".
const char* lane_name(SankeyLane lane);

struct SankeyNode {
  std::string id, title, title_zh;
  SankeyLane lane = SankeyLane::main;
  std::optional<int> stage;  ///< stages run from left to right
  std::optional<int> order;  ///< nodes of one column that have one stand in its order, smallest on top
  double stock_change = 0;   ///< added to the stock held here, negative if taken from it
  double imbalance = 0;      ///< what goes in and neither comes out nor stays; negative if it is lacking
  std::optional<double> plus_minus;  ///< of what flows through

  bool is_end() const { return lane != SankeyLane::main && lane != SankeyLane::stock; }
  const std::string& name(bool chinese) const {
    return chinese && !title_zh.empty() ? title_zh : title.empty() ? id : title;
  }
};

/// A flow. What is zero, below or no number is not drawn.
struct SankeyLink {
  std::string id;
  std::size_t source = 0, target = 0;  ///< indices of nodes
  double value = 0;
  std::optional<double> plus_minus;
  std::string title, title_zh;
  std::string group;  ///< what its colour stands for; empty: what it is to the system

  bool drawn() const { return value > 0 && value < 1e300; }
  const std::string& name(bool chinese) const { return chinese && !title_zh.empty() ? title_zh : title; }
};

/// All values in one unit.
struct SankeyInput {
  std::vector<SankeyNode> nodes;
  std::vector<SankeyLink> links;
};

}  // namespace lode
