// SPDX-License-Identifier: Apache-2.0
//
// The parts of a workbook in SpreadsheetML (ECMA-376, Part 1, chapter 18), from their XML. Namespace prefixes
// are ignored, so that the strict and the transitional form read alike.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

inline constexpr std::uint32_t most_sheet_rows = 1048576;  // of Excel
inline constexpr std::uint32_t most_sheet_columns = 16384;
inline constexpr std::size_t most_sheet_cells = 8'000'000;

/// A cell that holds something. Dates are numbers, as the file stores them.
struct SheetCell {
  enum class Kind { number, text, boolean, error, uncomputed };  ///< uncomputed: a formula without a value
  std::uint32_t row = 0, column = 0;                             ///< from 1
  Kind kind = Kind::number;
  std::string text;  ///< of a number its digits as stored
};

struct Sheet {
  std::vector<SheetCell> cells;  ///< by row, then column
  std::size_t merged = 0;        ///< merged ranges; only their first cell holds a value
  std::size_t hidden_rows = 0;
};

struct SheetEntry {
  std::string name, part;  ///< as the tab shows it; the path of its XML within the file
  bool hidden = false;
};

/// "B17" of row 17, column 2.
std::string cell_name(std::uint32_t row, std::uint32_t column);

/// Each function gives nothing and a `problem` in words if the XML is broken or too large.
std::optional<std::vector<std::string>> parse_shared_strings(std::string_view xml, std::string& problem);
std::optional<std::vector<SheetEntry>> parse_sheet_list(std::string_view workbook, std::string_view relations,
                                                        std::string& problem);
std::optional<Sheet> parse_sheet(std::string_view xml, const std::vector<std::string>& shared,
                                 std::string& problem);

}  // namespace lode
