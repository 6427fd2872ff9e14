// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/report/figure.hpp"

namespace lode {

/// A published figure against ours, for a chart.
struct CheckpointRow {
  enum class Status { agrees, differs, by_construction, input, not_computable };
  std::string id, what, unit;
  std::string relation = "=";  ///< how the published figure bounds ours
  Status status = Status::not_computable;
  std::optional<double> ours, published;

  /// Ours over published, where that tells how far apart they are: both of one sign, and no calendar years.
  std::optional<double> ratio() const;
};

/// How many there are of each status, all ratios on one logarithmic axis, and those that differ one by one,
/// the farthest first.
FigureFiles draw_checkpoints(const std::vector<CheckpointRow>& rows, FigureText text,
                             const FigureOptions& options);

}  // namespace lode
