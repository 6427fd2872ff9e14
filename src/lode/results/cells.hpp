// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lode/results/result_set.hpp"

namespace lode {

/// How the cells of one variable lie: for dimension j with n_j labels the stride is the product of n_k, k >
/// j.
struct CellLayout {
  std::vector<std::size_t> sizes;
  std::vector<std::size_t> strides;
  std::size_t count = 1;
  std::optional<std::size_t> time_axis;  ///< position in variable.dimensions
  std::optional<std::size_t> unit_axis;  ///< position of the dimension that carries label_units

  CellLayout(const ResultSet& results, const ResultVariable& variable);

  /// Label of the given axis at a cell.
  std::size_t label_at(std::size_t cell, std::size_t axis) const {
    return cell / strides[axis] % sizes[axis];
  }
};

/// The unit as shown for one cell.
const std::string& unit_of(const ResultVariable& variable, const CellLayout& layout, std::size_t cell);

/// A column of a table: one number per cell of a variable.
struct StatisticColumn {
  std::string name;
  const std::vector<double>* values;
};

/// What draws tell of a variable: mean, mean_error, deviation, deviation_error, minimum, maximum, and p5 for
/// the quantile at 0.05; none where it is certain.
std::vector<StatisticColumn> statistic_columns(const ResultSet& results, const ResultVariable& variable);

/// "p2.5" for 0.025.
std::string quantile_name(double probability);

/// The shortest digits that read back as the same double; plain notation from 1e-5 up to 1e16, for eyes and
/// Excel.
void append_number(std::string& out, double value);

}  // namespace lode
