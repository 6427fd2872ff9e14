// SPDX-License-Identifier: Apache-2.0
//
// Which scores go together: those of one parameter over the years (`autocorrelation`), and those of different
// parameters for the same labels (`correlations`).
//
// All entries that are linked by a parameter make one matrix of rank correlations, and pairs that no entry
// names are 0 in it, so that each pair has what is said of it whatever else is said. Of parameters that are
// also autocorrelated the correlation of two scores is the product r ρ^|t−s|. That is a correlation matrix
// only where all that are linked have the same ρ, and anything else is refused.
#pragma once
#include <vector>

#include "lode/binding/uncertainty.hpp"

namespace lode {

/// The labels a column is drawn for but the year.
std::string others_of(const ScoreColumn& column);

/// Fills `uncertainty.mixer`. `memory`: autocorrelation per parameter of the model, 0 where it has none.
void bind_correlations(const BoundModel& bound, const std::vector<double>& memory, Uncertainty& uncertainty,
                       Diagnostics& diagnostics);

}  // namespace lode
