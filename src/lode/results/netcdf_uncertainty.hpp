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

/// What draws tell of a variable: `x.mean`, `.mean_error`, `.deviation`, `.minimum` and `.maximum` with the
/// dimensions of x, `x.quantiles` and `.quantile_errors` with `quantile` before them.
void define_uncertainty(NetcdfWriter& out, NetcdfPending& pending, const NetcdfNominal& nominal,
                        const ResultVariable& variable, const NetcdfQuantiles& quantiles);

/// The draws kept: a variable for each number, on the dimension `draw`, which counts from 1.
void define_draws(NetcdfWriter& out, NetcdfPending& pending, const ResultSet& results);

}  // namespace lode
