// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/support/diagnostics.hpp"
#include "lode/support/source.hpp"

namespace lode {

/// One cell as written (trimmed, quotes removed), with its place.
struct Cell {
  std::string text;
  Location where;
};

struct Row {
  std::vector<Cell> cells;  ///< as many as the header has; missing ones are empty at the row's end
  Location where;
};

/// A delimited text file. Header cells keep their spelling; `canonical` gives the accepted English spelling
/// of a Chinese or alternative header (年份, year → time; 数值 → value; 单位 → unit; 来源 → source; 备注 →
/// note; …).
struct Table {
  SourcePtr file;
  char delimiter = ',';
  std::vector<Cell> header;
  std::vector<Row> rows;

  std::optional<std::size_t> column(std::string_view name) const;  ///< by spelling first, then canonically
};

std::string canonical_header(std::string_view header);

struct TableOptions {
  bool decimal_comma = false;
};

/// Reads a CSV: UTF-8 (with or without BOM) or GB18030; comma, semicolon or tab (found from the header);
/// quotes; comment lines begin with '#'; blank lines are skipped. Mistakes become diagnostics; nothing is
/// lost silently. `shown_path` is what messages call the file; `reference` is where the model names it.
std::optional<Table> read_table(const std::filesystem::path& path, const std::string& shown_path,
                                const TableOptions& options, const Location& reference,
                                Diagnostics& diagnostics);

/// The same from memory, for tests and fuzzing.
std::optional<Table> parse_table(std::string bytes, const std::string& shown_path,
                                 const TableOptions& options, Diagnostics& diagnostics);

/// What a number cell holds.
struct NumberCell {
  enum class Kind { value, empty, absent, censored, text };
  Kind kind = Kind::empty;
  double value =
      0;  ///< the number as written (no percent applied); the limit of a censored one (infinite for "W")
  bool percent = false;  ///< "40 %", "40％": value is 40
  std::string unit;      ///< a unit after the number ("12 t/yr"), else empty
  std::string problem;   ///< for text: why it is not a number
};

/// Reads "1,200", "１２００", "1 200", "3.5e6", "40 %", "—" "-" "…" "NA" (absent), "<1" and "W" (censored),
/// "12 t/yr".
NumberCell read_number(std::string_view text, bool decimal_comma = false);

/// Reads "2017", "2017年", "2017.0", "FY2017"? no: only the first three; empty if it is no calendar year.
std::optional<int> read_year(std::string_view text);

}  // namespace lode
