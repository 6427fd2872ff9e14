// SPDX-License-Identifier: Apache-2.0
#include "lode/units/unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lode/units/formula.hpp"
#include "lode/units/units_table.hpp"

namespace lode {
namespace {

bool before(const UnitFactor& a, const UnitFactor& b) {
  return a.base != b.base ? a.base < b.base : a.symbolic < b.symbolic;
}

std::vector<UnitFactor> normal(std::vector<UnitFactor> factors) {
  std::stable_sort(factors.begin(), factors.end(), before);
  std::vector<UnitFactor> result;
  for (UnitFactor& factor : factors) {
    if (!result.empty() && result.back().base == factor.base && result.back().symbolic == factor.symbolic) {
      result.back().power += factor.power;
    } else {
      result.push_back(std::move(factor));
    }
  }
  std::erase_if(result, [](const UnitFactor& f) { return f.power == 0; });
  return result;
}

std::vector<UnitFactor> joined(const std::vector<UnitFactor>& a, const std::vector<UnitFactor>& b,
                               int power) {
  std::vector<UnitFactor> all = a;
  for (UnitFactor factor : b) {
    factor.power *= power;
    all.push_back(std::move(factor));
  }
  return all;
}

/// "Nd2O3" of "t(Nd2O3)"; empty for every other base.
std::string_view compound_of(const UnitFactor& factor) {
  const std::string_view base = factor.base;
  if (factor.symbolic || !base.starts_with("t(") || !base.ends_with(")")) return {};
  return base.substr(2, base.size() - 3);
}

std::string raised(const std::string& base, int power) {
  return power == 1 ? base : fmt::format("{}^{}", base, power);
}

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-12 * std::abs(b);
}

/// 10^4 rather than 10000, and 0.25 as it is.
std::string number_text(double value) {
  const double exponent = std::round(std::log10(value));
  if (std::abs(exponent) >= 4 && near(value, std::pow(10, exponent))) return fmt::format("10^{}", exponent);
  return fmt::format("{}", value);
}

/// "%" for 0.01; empty if no name has this value.
std::string_view pure_number_name(double value) {
  for (const NamedUnit& named : unit_table()) {
    if (named.base.empty() && near(named.scale, value)) return named.name;
  }
  return {};
}

/// Spells the first mass, power or energy of power one so that it takes up the scale: 1e-6 t → g.
bool absorb(double& scale, std::string& spelling, const std::string& base) {
  const std::size_t stem = base.find_first_of("([");
  const std::string plain = base.substr(0, stem);
  for (const NamedUnit& named : unit_table()) {
    if (named.base != plain || named.power != 1 || named.word || !near(named.scale, scale)) continue;
    spelling = std::string(named.name) + (stem == std::string::npos ? "" : base.substr(stem));
    scale = 1;
    return true;
  }
  return false;
}

}  // namespace

Unit::Unit(double scale, std::vector<UnitFactor> factors, std::string text)
    : scale_(scale), factors_(normal(std::move(factors))), text_(std::move(text)) {}

bool Unit::symbolic() const {
  return std::any_of(factors_.begin(), factors_.end(), [](const UnitFactor& f) { return f.symbolic; });
}

int Unit::power_of(std::string_view base) const {
  for (const UnitFactor& factor : factors_) {
    if (factor.base == base) return factor.power;
  }
  return 0;
}

Unit Unit::operator*(const Unit& other) const {
  return Unit(scale_ * other.scale_, joined(factors_, other.factors_, 1));
}

Unit Unit::operator/(const Unit& other) const {
  return Unit(scale_ / other.scale_, joined(factors_, other.factors_, -1));
}

Unit Unit::pow(int exponent) const {
  return Unit(std::pow(scale_, exponent), joined({}, factors_, exponent));
}

Unit Unit::substitute(std::string_view symbol, const Unit& concrete) const {
  Unit result(scale_, {});
  bool found = false;
  std::vector<UnitFactor> kept;
  for (const UnitFactor& factor : factors_) {
    if (factor.symbolic && factor.base == symbol) {
      found = true;
      result = result * concrete.pow(factor.power);
    } else {
      kept.push_back(factor);
    }
  }
  return found ? result * Unit(1, std::move(kept)) : *this;
}

Unit Unit::rename_symbol(std::string_view symbol, const std::string& to) const {
  std::vector<UnitFactor> factors = factors_;
  bool found = false;
  for (UnitFactor& factor : factors) {
    if (!factor.symbolic || factor.base != symbol) continue;
    factor.base = to;
    found = true;
  }
  return found ? Unit(scale_, std::move(factors)) : *this;
}

Unit Unit::internal() const {
  return Unit(1, factors_);
}

std::string Unit::str() const {
  if (!text_.empty()) return text_;
  double scale = scale_;
  if (factors_.empty()) {
    if (near(scale, 1)) return "1";
    const std::string_view name = pure_number_name(scale);
    return name.empty() ? number_text(scale) : std::string(name);
  }
  std::string above;
  std::string below;
  int divisors = 0;
  const bool scaled = !near(scale, 1);
  bool to_absorb = scaled;
  for (const UnitFactor& factor : factors_) {
    std::string base = factor.base;
    if (to_absorb && factor.power == 1 && !factor.symbolic) to_absorb = !absorb(scale, base, factor.base);
    if (factor.power > 0) {
      above += (above.empty() ? "" : "·") + raised(base, factor.power);
    } else {
      below += (below.empty() ? "" : "·") + raised(base, -factor.power);
      ++divisors;
    }
  }
  if (!near(scale, 1)) {
    const std::string_view name = above.empty() ? pure_number_name(scale) : std::string_view();
    const std::string number = name.empty() ? number_text(scale) : std::string(name);
    above = above.empty() ? number : number + " " + above;
  }
  if (above.empty()) above = "1";
  if (below.empty()) return above;
  return divisors == 1 ? above + "/" + below : above + "/(" + below + ")";
}

std::string Unit::udunits() const {
  std::string text = near(scale_, 1) ? "" : fmt::format("{}", scale_);
  const auto add = [&](const UnitFactor& factor) {
    if (factor.symbolic || is_count_or_money(factor.base)) return;
    std::string base = factor.base.starts_with("t(") || factor.base.starts_with("t[") ? "t" : factor.base;
    if (base == "yr") base = "year";
    const std::string power = factor.power == 1 ? "" : std::to_string(factor.power);
    // UDUNITS knows the hour as h, and MWh as a product.
    std::string spelling = base == "MWh" ? fmt::format("MW{0} h{0}", power) : base + power;
    text += (text.empty() ? "" : " ") + spelling;
  };
  for (const UnitFactor& factor : factors_) {
    if (factor.power > 0) add(factor);
  }
  for (const UnitFactor& factor : factors_) {
    if (factor.power < 0) add(factor);
  }
  return text.empty() ? "1" : text;
}

// A value x in `from` is x · scale(from) in internal units. A mass of a compound c counts as w_c tonnes of
// the substance, w_c its mass share, so the factor is  scale(from) Π w_c^p / (scale(to) Π w_c^p)  over the
// compounds of each.
std::optional<double> conversion(const Unit& from, const Unit& to, std::string_view substance) {
  if (from.same_kind(to)) return from.scale() / to.scale();
  if (substance.empty()) return std::nullopt;
  bool known = true;
  const auto as_substance = [&](const Unit& unit) {
    double scale = unit.scale();
    std::vector<UnitFactor> factors;
    for (UnitFactor factor : unit.factors()) {
      const std::string_view compound = compound_of(factor);
      if (!compound.empty()) {
        const double share = element_share(compound, substance).value_or(0);
        if (share <= 0) known = false;
        scale *= std::pow(share, factor.power);
        factor.base = "t";
      }
      factors.push_back(std::move(factor));
    }
    return Unit(scale, std::move(factors));
  };
  const Unit a = as_substance(from);
  const Unit b = as_substance(to);
  if (!known || !a.same_kind(b)) return std::nullopt;
  return a.scale() / b.scale();
}

std::vector<std::string> known_units() {
  std::vector<std::string> names;
  for (const NamedUnit& named : unit_table()) names.emplace_back(named.name);
  return names;
}

}  // namespace lode
