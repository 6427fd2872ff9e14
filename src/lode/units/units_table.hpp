// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace lode {

/// One name of the unit table. Words may be written with any capitals and with a plural s; symbols as they
/// are.
struct NamedUnit {
  std::string_view name;
  double scale;           ///< internal units in one of this
  std::string_view base;  ///< internal unit, empty for a pure number
  int power = 1;
  bool word = false;
};

/// A name people write that Lode does not read, because it has two meanings or none that is fixed.
struct RefusedUnit {
  std::string_view name;
  std::string_view reason;
  std::string_view help;
};

/// "万", "million": a number written as a word before a unit.
struct Multiplier {
  std::string_view name;
  double value;
};

std::span<const NamedUnit> unit_table();
std::span<const RefusedUnit> refused_units();
std::span<const Multiplier> multipliers();

/// The bases a factor may have beside compounds, tags and attributes.
std::span<const std::string_view> internal_bases();
/// True for bases that count things or money, which UDUNITS does not know.
bool is_count_or_money(std::string_view base);

/// Standard atomic weight in g/mol; empty for what is no element and for elements without a standard weight.
std::optional<double> atomic_weight(std::string_view symbol);

}  // namespace lode
