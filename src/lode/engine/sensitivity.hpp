// SPDX-License-Identifier: Apache-2.0
//
// What drives a result: indices of groups of uncertain numbers, by model runs made for the purpose. A group
// is a parameter with all its numbers, or a single number. Indices refer to independent scores; correlated
// parameters are mixed from them afterwards.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lode/engine/draw_worker.hpp"
#include "lode/sampling/design.hpp"
#include "lode/statistics/morris.hpp"
#include "lode/statistics/sobol_indices.hpp"

namespace lode {

/// Uncertain numbers that are varied together.
struct InputGroups {
  std::vector<std::string> names;
  std::vector<std::size_t> group_of;  ///< per column
};
InputGroups groups_by_parameter(const DrawModel& model);
InputGroups groups_by_number(const DrawModel& model);

struct SensitivityOptions {
  std::vector<std::size_t> focus;  ///< by place in DrawModel::cells()
  std::uint64_t draws = 4096;      ///< of the base design, as rounded_draws gives it
  std::uint64_t seed = 1;
  std::size_t threads = 0;               ///< 0: as many as the machine has
  std::function<bool(double)> progress;  ///< share done; false stops
};

/// First-order and total indices: draws × (2 + groups) runs of the model. Nothing where it was stopped.
std::optional<SobolIndices::Result> sobol_sensitivity(const DrawModel& model, const InputGroups& groups,
                                                      const SensitivityOptions& options);

/// Elementary effects in units of each result, [group][focus]: repetitions × (1 + groups) runs of the model.
/// Nothing where it was stopped.
std::optional<std::vector<MorrisEstimate>> morris_sensitivity(const DrawModel& model,
                                                              const InputGroups& groups,
                                                              std::size_t repetitions,
                                                              const SensitivityOptions& options);

/// Results with one group at a low and at a high point and everything else at its median.
struct Swings {
  std::vector<double> centre;     ///< per result of the focus, all groups at their medians
  std::vector<double> low, high;  ///< [group][focus]
};

/// y(0), y(−z) and y(+z) for the scores of each group, z that of `probability`: every number of a group goes
/// to its own quantile 1 − probability and probability. 1 + 2 · groups runs of the model.
Swings input_swings(const DrawModel& model, const InputGroups& groups, const std::vector<std::size_t>& focus,
                    double probability = 0.95);

}  // namespace lode
