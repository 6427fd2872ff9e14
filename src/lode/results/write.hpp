// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "lode/results/result_set.hpp"

namespace lode {

/// What went wrong, in words for the user; empty on success. All writers write beside the target and rename,
/// so that a failure (no permission, disk full) leaves no partial file.
using WriteError = std::optional<std::string>;

/// NetCDF-4, CF-1.10: labels as string coordinates, years as time with bounds, units, long names, manifest as
/// global attributes. What draws tell of x stands beside it: `x.mean`, `x.quantiles` by `quantile`, …; draws
/// that were kept of `gap[2035]` are `gap_2035.draws`. Byte-identical for equal results except for the
/// attribute that holds the time stamp.
WriteError write_netcdf(const ResultSet& results, const std::filesystem::path& file);

/// Tidy CSV, one file per variable in `folder`: one column per dimension, value, unit, and where draws tell
/// something mean, mean_error, deviation, deviation_error, minimum, maximum, p5 for the quantile at 0.05, ….
/// Draws that were kept are in `draws.csv`: draw, name, value, unit. UTF-8 with byte order mark. Numbers are
/// written so that reading them back gives the same bits. Names: the variable's, with '.' kept.
WriteError write_csv(const ResultSet& results, const std::filesystem::path& folder);

/// One workbook, a sheet per group (flows, stocks, quantities, parameters, balances) and a first sheet with
/// the manifest; years across, title, unit and formula beside each block. What draws tell has a sheet with a
/// row per cell, and the draws kept have one with a column per number. No time of writing but the
/// manifest's.
WriteError write_xlsx(const ResultSet& results, const std::filesystem::path& file);

/// Reads back what write_netcdf wrote.
std::optional<ResultSet> read_netcdf(const std::filesystem::path& file, std::string& error);

}  // namespace lode
