// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lode/support/diagnostics.hpp"

namespace lode {

/// How much of a substance goods of each HS code hold, from a table with columns `code` and `content` (a
/// share, or a unit beside or behind it) and perhaps name, low, high, sd, cv, distribution, quality, source
/// and note.
struct ContentTable {
  struct Row {
    std::string code, name, source;
    double share = 0;                ///< of mass
    std::vector<std::string> cells;  ///< as written, one for each of `columns`
  };
  std::string file;
  std::vector<std::string> columns;  ///< kept for the case: value first, then what else the table has
  std::vector<Row> rows;

  /// The row of a code, else of the longest code that it begins with.
  const Row* find(const std::string& code) const;
  std::optional<std::size_t> column(const std::string& name) const;
};

std::optional<ContentTable> read_content(const std::filesystem::path& path, bool decimal_comma,
                                         Diagnostics& diagnostics);

}  // namespace lode
