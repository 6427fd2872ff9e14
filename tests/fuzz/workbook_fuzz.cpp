// SPDX-License-Identifier: Apache-2.0
// The parts of a workbook as XML, and now and then a whole file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lode/tables/workbook.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  std::string problem;
  if ((data[0] & 3u) == 0) {
    const auto strings = lode::parse_shared_strings(bytes, problem);
    require(strings.has_value() || !problem.empty());
  } else if ((data[0] & 3u) == 1) {
    const auto list = lode::parse_sheet_list(bytes, bytes, problem);
    require(list.has_value() || !problem.empty());
  } else if ((data[0] & 3u) == 2) {
    auto book = lode::Workbook::open_bytes(bytes, problem);
    require(book.has_value() || !problem.empty());
    for (std::size_t i = 0; book && i < book->sheets().size() && i < 3; ++i) book->read(i, problem);
  } else {
    const auto sheet = lode::parse_sheet(bytes, {"a", "b"}, problem);
    require(sheet.has_value() || !problem.empty());
    std::uint32_t row = 0, column = 0;
    for (std::size_t i = 0; sheet && i < sheet->cells.size(); ++i) {
      const lode::SheetCell& cell = sheet->cells[i];
      require(cell.row > row || (cell.row == row && cell.column > column));
      require(cell.row <= lode::most_sheet_rows && cell.column <= lode::most_sheet_columns);
      row = cell.row, column = cell.column;
    }
  }
  return 0;
}
