// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/levers.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Results over one or two inputs, which run through their values; the last input runs fastest.
struct Sweep {
  std::vector<LeverRange> inputs;
  struct Column {
    std::string name;  ///< "gap[2035]"
    std::string unit;
    bool is_year = false;
    std::vector<double> values;  ///< per point [in the unit], not a number where there is none
    double now = 0;              ///< with the inputs as the case has them
  };
  std::vector<Column> columns;        ///< single numbers
  std::vector<std::string> problems;  ///< per point: why it could not be computed, or empty
  ResultSet results;                  ///< everything that was asked, series of years as well
  std::size_t points() const { return problems.size(); }
  /// The place of an input's value at a point.
  std::size_t place(std::size_t input, std::size_t point) const;
};

/// Needs a computed session in which `request.what` has been bound (bind_draw_questions). Empty after a
/// mistake in the request.
std::optional<Sweep> run_sweep(Session& session, const SweepRequest& request);

std::string sweep_text(const Session& session, const Sweep& sweep);
std::string sweep_json(const Session& session, const Sweep& sweep);
/// One row per point: inputs, then a column for each number.
std::string sweep_csv(const Sweep& sweep);

}  // namespace lode
