// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lode/support/diagnostics.hpp"
#include "lode/tables/table.hpp"

namespace lode {

/// Which column is what: a header's text, or (year, unit, region) the value itself for all rows. Empty: found
/// by the header.
struct FlowListOptions {
  std::string sheet;  ///< of a workbook; empty: its first
  std::string source, target, type, region, year, value, unit;
  bool sum_duplicates = false;  ///< two rows of one flow add up, instead of being refused
  bool negative = false;        ///< values below zero are taken as they are
  bool decimal_comma = false;   ///< of texts; the numbers of a workbook have none
};

/// A sheet or text file as a grid that knows the place of each cell in its user's words.
struct FlowGrid {
  struct Cell {
    std::string text;
    Location where;       ///< of a text file; nowhere in a workbook
    bool number = false;  ///< stored as a number: never read with a decimal comma
    std::string flaw;     ///< why nothing can be read from it, in words
  };
  struct Row {
    std::uint32_t number = 0;  ///< of the sheet, from 1
    std::vector<Cell> cells;   ///< as many as the header has
  };
  std::string file, sheet;  ///< `sheet` is empty for a text file
  std::vector<Cell> header;
  std::uint32_t header_row = 1;
  std::vector<Row> rows;
  std::vector<std::string> before;  ///< remarks above the header
  std::vector<std::string> notes;   ///< what the user should know of how it was read

  /// "Sheet1!B17" in a workbook, empty in a text file, whose cells have a location.
  std::string place(std::uint32_t row, std::size_t column) const;
  /// A message at a cell, with its place in front where there is no location.
  Diagnostic& error(Diagnostics& diagnostics, std::string code, std::uint32_t row, std::size_t column,
                    const Cell& cell, const std::string& message) const;
};

/// "1 row", "12 rows".
std::string counted(std::size_t n, const char* one, const char* many);

/// Reads a .xlsx, or a text file of columns.
std::optional<FlowGrid> read_flow_grid(const std::filesystem::path& path, const FlowListOptions& options,
                                       Diagnostics& diagnostics);

/// What columns mean; `constant` texts hold for all rows.
struct FlowColumns {
  std::optional<std::size_t> source, target, type, region, year, value, unit;
  std::vector<std::pair<std::size_t, int>> years;  ///< of the wide form: column and year
  std::string constant_region, constant_year, constant_unit;
  std::vector<std::string> notes;
};
std::optional<FlowColumns> find_flow_columns(const FlowGrid& grid, const FlowListOptions& options,
                                             Diagnostics& diagnostics);

/// One flow of the list: all its values, by region and year.
struct ListedFlow {
  std::string source, target, type;
  std::map<std::pair<std::size_t, int>, double> values;  ///< [index of region, year], in FlowList::unit
};

struct FlowList {
  std::string file;
  std::string unit;                  ///< a rate, like "kt/yr"
  std::string region_header;         ///< empty if there are no regions
  std::string type_header;           ///< empty if there are no types
  std::vector<std::string> regions;  ///< in the order they appear; one empty text if there are none
  std::vector<int> years;            ///< rising
  std::vector<ListedFlow> flows;     ///< in the order they appear
  std::size_t values = 0;            ///< cells read
  std::vector<std::string> notes;    ///< in words: what was guessed, converted, added up, skipped
  std::vector<std::string> remarks;  ///< texts of the file beside its table
};

/// Reads the rows. Every cell that cannot be read is an error with its place; what is skipped is counted.
std::optional<FlowList> read_flow_list(const FlowGrid& grid, const FlowColumns& columns,
                                       const FlowListOptions& options, Diagnostics& diagnostics);

}  // namespace lode
