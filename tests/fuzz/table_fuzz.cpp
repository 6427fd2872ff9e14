// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lode/tables/table.hpp"
#include "lode/units/unit.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void try_number(const std::string& text, bool decimal_comma) {
  const lode::NumberCell number = lode::read_number(text, decimal_comma);
  using Kind = lode::NumberCell::Kind;
  if (number.kind == Kind::value) require(std::isfinite(number.value));
  require((number.kind == Kind::text) == !number.problem.empty());
}

void try_unit(const std::string& text) {
  const lode::UnitParse parse = lode::parse_unit(text);
  if (!parse.unit) {
    require(!parse.error.empty());
    require(parse.offset + parse.length <= text.size());
    return;
  }
  require(std::isfinite(parse.unit->scale()) && parse.unit->scale() > 0);
  // What is printed from the factors is read back as the same unit.
  const lode::Unit bare(parse.unit->scale(), parse.unit->factors());
  const lode::UnitParse again = lode::parse_unit(bare.str());
  require(again.unit.has_value() || bare.str().size() > 400);
  if (again.unit) require(again.unit->same_kind(*parse.unit));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool decimal_comma = (data[0] & 1u) != 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  lode::Diagnostics diagnostics;
  lode::TableOptions options;
  options.decimal_comma = decimal_comma;
  const auto table = lode::parse_table(bytes, "data/fuzz.csv", options, diagnostics);
  require(table.has_value() || diagnostics.has_errors());
  if (table) {
    for (const lode::Row& row : table->rows) {
      require(row.cells.size() == table->header.size());
      for (const lode::Cell& cell : row.cells) {
        require(cell.where.file == table->file);
        require(cell.where.offset + cell.where.length <= table->file->text().size());
        try_number(cell.text, decimal_comma);
        lode::read_year(cell.text);
        try_unit(cell.text);
      }
    }
    for (const lode::Cell& cell : table->header) require(!lode::canonical_header(cell.text).empty());
  }
  lode::render(diagnostics, true);
  lode::to_json(diagnostics);
  return 0;
}
