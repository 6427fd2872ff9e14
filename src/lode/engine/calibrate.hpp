// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/engine/evaluation.hpp"

namespace lode {

/// What came of one entry of `solve:`.
struct Calibration {
  std::size_t solve = 0;                                ///< index into BoundModel::solves
  std::size_t groups = 0, unknowns = 0, equations = 0;  ///< groups: labels that are solved side by side
  std::vector<Array> found;                             ///< per parameter, its values [internal units]
  std::vector<Array> error;  ///< its standard deviation; NaN where it is determined exactly
  double rms = 0;            ///< √ mean (left − right)² [internal units]

  struct Problem {
    enum class Kind {
      too_few,        ///< fewer equations than unknowns
      not_met,        ///< as many, but nothing in the range solves them
      undetermined,   ///< the equations do not tell these parameters
      not_settled,    ///< the search did not come to an end
      outside_range,  ///< the parameter's own value, where the search begins, lies outside
      not_finite      ///< the model has no value where the search begins
    };
    Kind kind;
    std::string cell;    ///< of the group, "" if there is one
    std::string detail;  ///< what lies nearest, or which parameters
  };
  std::vector<Problem> problems;
};

/// Finds the parameters of entries of `solve:` of an evaluation in which both sides of their relations have
/// run, and leaves them set; the results are then those of a further run(). Least squares over all cells
/// where the right side has a value; with `errors: absolute` of (left − right)/max |right|, with `relative`
/// of (left − right)/|right|. Labels that both the parameters and the relation have, and that do not mix, are
/// separate problems. Entries that depend on each other are one. `entries` says which are searched for; the
/// others have nothing found.
std::vector<Calibration> calibrate(Evaluation& evaluation, const std::vector<bool>& entries);

}  // namespace lode
