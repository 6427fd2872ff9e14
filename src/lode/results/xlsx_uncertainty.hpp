// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/results/xlsx_book.hpp"

namespace lode {

/// A sheet `Uncertainty` with a row per cell that has statistics, years below one another, so that filtered
/// rows can be pivoted and make a chart with bands; no sheet where nothing is uncertain.
WriteError write_uncertainty(XlsxBook& book, const ResultSet& results);

/// A sheet `Draws` with a column per number whose draws were kept and a row per draw; none where none were.
WriteError write_draws(XlsxBook& book, const ResultSet& results);

}  // namespace lode
