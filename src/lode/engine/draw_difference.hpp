// SPDX-License-Identifier: Apache-2.0
//
// Two scenarios drawn with the same scores for the same numbers: what is common to both cancels in their
// difference, cell by cell d_i = x_i − y_i in draw i.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "lode/engine/draw_worker.hpp"

namespace lode {

/// Results of one model less those of another. Quantities correspond by name and cells by place; a quantity
/// that the second lacks, or has over other dimensions, is left out.
class DrawDifference {
 public:
  /// Both must outlive it.
  DrawDifference(const DrawModel& first, const DrawModel& second);

  const DrawModel& first() const { return first_; }
  const DrawModel& second() const { return second_; }
  /// Cells that vary in either model, by the first one's quantities.
  const std::vector<DrawnCell>& cells() const { return cells_; }
  /// Where a cell of the first model stands in cells(); DrawModel::no_cell if neither varies.
  std::size_t find(std::size_t quantity, std::size_t series, std::size_t period) const;

  /// A cell's two sides, by place in the models' cells(); DrawModel::no_cell: always `value`.
  struct Side {
    std::size_t cell;
    double value;
  };
  struct Term {
    Side first, second;
  };
  /// Differences that are no copy of one before them, and for each cell which of these it is: a copy in both
  /// models is one here.
  const std::vector<Term>& distinct() const { return distinct_; }
  std::size_t distinct_of(std::size_t cell) const { return distinct_of_[cell]; }
  /// rows[distinct][lane], of what two workers with as many lanes computed last.
  void subtract(const DrawWorker& first, const DrawWorker& second, double* rows) const;

 private:
  const DrawModel& first_;
  const DrawModel& second_;
  std::vector<DrawnCell> cells_;
  std::vector<Term> distinct_;
  std::vector<std::size_t> distinct_of_;
  std::vector<std::vector<std::size_t>> cell_of_;  ///< per quantity: place of each cell
};

/// The scores that several models need together: the first one's numbers, then those that only others have.
struct SharedColumns {
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> of;  ///< per model, per column of its own: among `names`

  explicit SharedColumns(const std::vector<const DrawModel*>& models);
};

}  // namespace lode
