// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "lode/results/netcdf_writer.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// A variable that is defined already, beside which its statistics go.
struct NetcdfNominal {
  int id = -1;
  std::string name;
  std::vector<int> dimensions;
  std::vector<std::size_t> sizes;
  std::string units, coordinates, cell_methods;
};

struct NetcdfQuantiles {
  int dimension = -1;
  std::size_t count = 0;
};

/// The dimension `quantile` with the probabilities as its coordinate; none where the run has none.
NetcdfQuantiles define_quantiles(NetcdfWriter& out, NetcdfPending& pending, const ResultSet& results);

/// What draws tell of a variable: `x.mean`, `.mean_error`, `.deviation`, `.deviation_error`, `.minimum` and
/// `.maximum` with the dimensions of x, `x.quantiles` and `.quantile_errors` with `quantile` before them.
void define_uncertainty(NetcdfWriter& out, NetcdfPending& pending, const NetcdfNominal& nominal,
                        const ResultVariable& variable, const NetcdfQuantiles& quantiles);

/// A dimension that is defined already, and the names for the attribute `coordinates` of what lies on it.
struct NetcdfAxis {
  int dimension = -1;
  std::string coordinates;
};

/// The draws kept: a variable for each number, on the dimension `draw`, which counts from 1; that of
/// scenarios before it. `axes` are those of results.dimensions.
void define_draws(NetcdfWriter& out, NetcdfPending& pending, const ResultSet& results,
                  const std::vector<NetcdfAxis>& axes);

}  // namespace lode
