// SPDX-License-Identifier: Apache-2.0
//
// What is uncertain in a model: which numbers are drawn, from what, and which draws go together.
//
// A column is one independent standard normal score. A number given in a table has a column of its own, a
// single value for all cells one for all of them; `independent: [a, b]` makes one column for each combination
// of labels of these dimensions instead. Scores of a column in neighbouring years are then correlated
// (`autocorrelation`), and those of different parameters for the same labels (`correlations`). Each given
// number follows from its score by its own distribution; gaps between given numbers are filled after that, so
// that what lies between inherits their errors.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lode/binding/bound_model.hpp"
#include "lode/sampling/correlation.hpp"
#include "lode/sampling/dirichlet.hpp"
#include "lode/sampling/input_distribution.hpp"

namespace lode {

struct ScoreColumn {
  std::size_t leaf = 0;
  std::string labels;  ///< "[2017, AC]", of what it is drawn for; "" for one number
  int year = 0;        ///< 0: of no year
  std::string name;    ///< of the parameter with the labels
};

/// An uncertain parameter.
struct UncertainLeaf {
  std::size_t leaf = 0;
  std::vector<std::size_t> column;               ///< per given number; no_column: it is certain
  std::vector<InputDistribution> distributions;  ///< per given number
  /// Given numbers that are shares of one total, drawn together.
  struct Shares {
    std::vector<std::size_t> givens;
    DirichletShares distribution;
  };
  std::vector<Shares> shares;
  /// Cells that are scaled back to what they add up to in the model, draw by draw.
  struct Total {
    std::vector<std::size_t> cells;
    double total = 0;
  };
  std::vector<Total> totals;
};

inline constexpr std::size_t no_column = static_cast<std::size_t>(-1);

struct Uncertainty {
  std::vector<ScoreColumn> columns;
  std::vector<UncertainLeaf> leaves;
  ScoreMixer mixer;
};

/// Reads the uncertainty of every parameter whose value was not found by `solve:`. Mistakes are reported, and
/// warnings of draws that make no sense (shares above 100 %, negative contents) with their probability. May
/// split the given number of a constant that is to be drawn by year or label.
Uncertainty bind_uncertainty(BoundModel& bound, Diagnostics& diagnostics);

}  // namespace lode
