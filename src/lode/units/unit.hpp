// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

/// One base of a unit with its power. `base` is an internal unit ("t", "yr", "item", "person", "MW", "CNY",
/// …), a mass of a compound ("t(Nd2O3)") or a tagged mass ("t[REO]"), or, if `symbolic`, an attribute of a
/// dimension
/// ("product.counted_in") that becomes concrete label by label.
struct UnitFactor {
  std::string base;
  int power = 1;
  bool symbolic = false;
  bool operator==(const UnitFactor&) const = default;
};

/// A unit: `scale` times the product of its factors. A value in this unit times `scale` is the value in
/// internal units (mass t, time yr, power MW, energy MWh, counts one, money one, dimensionless one).
class Unit {
 public:
  Unit() = default;  ///< dimensionless, scale one
  Unit(double scale, std::vector<UnitFactor> factors, std::string text = {});

  double scale() const { return scale_; }
  const std::vector<UnitFactor>& factors() const { return factors_; }  ///< sorted by base, no zero powers
  bool dimensionless() const { return factors_.empty(); }
  bool symbolic() const;
  int power_of(std::string_view base) const;

  /// Same bases and powers, whatever the scale.
  bool same_kind(const Unit& other) const { return factors_ == other.factors_; }

  Unit operator*(const Unit& other) const;
  Unit operator/(const Unit& other) const;
  Unit pow(int exponent) const;
  /// The unit with every occurrence of a symbolic base replaced by a concrete unit.
  Unit substitute(std::string_view symbol, const Unit& concrete) const;
  Unit rename_symbol(std::string_view symbol, const std::string& to) const;
  /// Internal units of the same kind: scale one.
  Unit internal() const;

  /// As the user wrote it if known, else from the factors: "t/yr", "g/item", "1".
  std::string str() const;
  /// In UDUNITS spelling for NetCDF: "t year-1", "1"; counting units are spelt "1".
  std::string udunits() const;

 private:
  double scale_ = 1;
  std::vector<UnitFactor> factors_;
  std::string text_;
};

/// What a unit text turned out to be; on failure `error` says why, at byte `offset` of `length`.
struct UnitParse {
  std::optional<Unit> unit;
  std::string error;
  std::string help;
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// Says whether "product.counted_in" is an attribute that holds units.
using AttributeTest = std::function<bool(std::string_view dimension, std::string_view attribute)>;

/// Reads "t/yr", "g/item", "10^4 t/yr", "万吨", "kg/MW", "%", "%/yr", "points/yr", "ppm", "Mt(Nd2O3)",
/// "t[REO]", "person/CNY", "product.counted_in/yr", "1", "m^2", "t·yr^-1". Powers are integers.
UnitParse parse_unit(std::string_view text, const AttributeTest& is_attribute = {});

/// Factor that turns a value in `from` into one in `to`; empty if they are of different kinds. Masses of a
/// compound convert to plain masses of `substance` (an element symbol) by stoichiometry, tagged masses never.
std::optional<double> conversion(const Unit& from, const Unit& to, std::string_view substance = {});

/// Mass share of an element in a compound, by standard atomic weights; empty if either is not understood.
std::optional<double> element_share(std::string_view compound, std::string_view element);

/// All unit names known, for suggestions and the language reference.
std::vector<std::string> known_units();

}  // namespace lode
