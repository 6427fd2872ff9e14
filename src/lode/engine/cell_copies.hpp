// SPDX-License-Identifier: Apache-2.0
//
// Cells of a plan's arrays that hold the same number as another whatever the inputs are: a flow that is said
// to be a stock's outflow, a stock's inflow where it is given. What is computed of the one is known of the
// other.
#pragma once
#include <cstdint>
#include <vector>

#include "lode/plan/plan.hpp"

namespace lode {

class CellCopies {
 public:
  explicit CellCopies(const Plan& plan);
  /// A number that cells have in common which are copies of each other, less than count().
  std::size_t origin(ArrayId array, std::size_t series, std::size_t period) const;
  std::size_t count() const { return from_.size(); }
  /// The cell that all of these copy, by the number they have in common.
  struct Cell {
    ArrayId array;
    std::size_t place;  ///< series · periods + period
  };
  Cell cell(std::size_t origin) const;

 private:
  std::size_t place(ArrayId array, std::size_t series, std::size_t period) const;
  void add(ArrayId array, std::size_t series, std::size_t period, const Access& source);
  void visit(const Operation& operation, const std::vector<bool>& not_yet_written);

  const Plan& plan_;
  std::vector<std::size_t> first_;   ///< per array: place of its first cell
  std::vector<std::uint32_t> from_;  ///< per place: the place it copies, or itself
};

}  // namespace lode
