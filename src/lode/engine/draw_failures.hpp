// SPDX-License-Identifier: Apache-2.0
//
// What failed in how many draws, and in which first. Counts are whole numbers and merge in any order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lode/engine/lanes.hpp"

namespace lode {

/// Something that failed in a lane.
struct LaneFailed {
  LaneFailure::Kind kind;
  const Operation* operation;
  std::size_t lane;
};

class DrawFailures {
 public:
  /// Kind, and place of the operation in the plan, loops before what is inside.
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Count {
    std::uint64_t draws = 0, first_draw = 0;
    bool operator==(const Count&) const = default;
  };

  void add(const Key& key, std::uint64_t draw);
  void merge(const DrawFailures& other);
  const std::map<Key, Count>& counts() const { return counts_; }

  std::string save() const;
  /// False, and `problem` says why, on bytes that save() did not write.
  static bool load(std::string_view bytes, DrawFailures& failures, std::string& problem);

 private:
  void add(const Key& key, const Count& count);
  std::map<Key, Count> counts_;
};

/// The operations of a plan in the order of their places in keys.
std::vector<const Operation*> operations_by_place(const Plan& plan);

}  // namespace lode
