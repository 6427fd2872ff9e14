// SPDX-License-Identifier: Apache-2.0
#include "lode/units/units_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lode/units/formula.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

bool knows(std::string_view base) {
  const auto bases = internal_bases();
  return std::find(bases.begin(), bases.end(), base) != bases.end();
}

TEST(UnitsTable, HoldsEachNameOnce) {
  std::set<std::string_view> names;
  for (const NamedUnit& unit : unit_table()) EXPECT_TRUE(names.insert(unit.name).second) << unit.name;
  for (const RefusedUnit& refused : refused_units())
    EXPECT_TRUE(names.insert(refused.name).second) << refused.name;
}

TEST(UnitsTable, NamesOnlyInternalBasesAndPositiveScales) {
  for (const NamedUnit& unit : unit_table()) {
    EXPECT_TRUE(unit.base.empty() || knows(unit.base)) << unit.name;
    EXPECT_TRUE(std::isfinite(unit.scale) && unit.scale > 0) << unit.name;
    EXPECT_GE(unit.power, 1) << unit.name;
  }
}

TEST(UnitsTable, EveryInternalBaseIsAUnitOfScaleOne) {
  for (const std::string_view base : internal_bases()) {
    const UnitParse parse = parse_unit(base);
    ASSERT_TRUE(parse.unit.has_value()) << base;
    EXPECT_EQ(parse.unit->scale(), 1) << base;
    EXPECT_EQ(parse.unit->factors(), (std::vector<UnitFactor>{{std::string(base), 1, false}}));
  }
}

TEST(UnitsTable, EveryNameIsReadAsItStands) {
  for (const NamedUnit& unit : unit_table()) {
    const UnitParse parse = parse_unit(unit.name);
    ASSERT_TRUE(parse.unit.has_value()) << unit.name << ": " << parse.error;
    EXPECT_EQ(parse.unit->scale(), unit.scale) << unit.name;
    EXPECT_EQ(parse.unit->power_of(unit.base), unit.base.empty() ? 0 : unit.power) << unit.name;
  }
  EXPECT_EQ(known_units().size(), unit_table().size());
}

TEST(UnitsTable, EveryRefusedNameSaysWhy) {
  for (const RefusedUnit& refused : refused_units()) {
    const UnitParse parse = parse_unit(refused.name);
    EXPECT_FALSE(parse.unit.has_value()) << refused.name;
    EXPECT_NE(parse.error.find(refused.reason), std::string::npos) << refused.name << ": " << parse.error;
    EXPECT_EQ(parse.help, refused.help);
  }
}

// Facts from outside the table: (one of the first) = (number) of the second.
TEST(UnitsTable, AgreesWithItself) {
  struct Fact {
    const char* one;
    double number;
    const char* of;
  };
  for (const Fact& fact : {Fact{"t", 1000, "kg"},    {"kg", 1000, "g"},
                           {"g", 1000, "mg"},        {"mg", 1000, "µg"},
                           {"µg", 1000, "ng"},       {"kt", 1000, "t"},
                           {"Mt", 1000, "kt"},       {"Gt", 1000, "Mt"},
                           {"Tg", 1, "Mt"},          {"Gg", 1, "kt"},
                           {"lb", 453.59237, "g"},   {"short ton", 2000, "lb"},
                           {"long ton", 2240, "lb"}, {"ozt", 480.0 / 7000.0, "lb"},
                           {"carat", 200, "mg"},     {"公斤", 2, "斤"},
                           {"公斤", 1, "kg"},        {"吨", 1000, "千克"},
                           {"亿吨", 1e4, "万吨"},    {"GW", 1000, "MW"},
                           {"MW", 1000, "kW"},       {"kW", 1000, "W"},
                           {"TW", 1000, "GW"},       {"万千瓦", 10, "兆瓦"},
                           {"GWh", 1000, "MWh"},     {"TWh", 1000, "GWh"},
                           {"PWh", 1000, "TWh"},     {"度", 1, "kWh"},
                           {"kWh", 3.6, "MJ"},       {"TJ", 1000, "GJ"},
                           {"PJ", 1000, "TJ"},       {"EJ", 1000, "PJ"},
                           {"MJ", 1000, "kJ"},       {"toe", 41.868, "GJ"},
                           {"tce", 29.3076, "GJ"},   {"km", 1000, "m"},
                           {"m", 100, "cm"},         {"cm", 10, "mm"},
                           {"mm", 1000, "µm"},       {"µm", 1000, "nm"},
                           {"km2", 100, "ha"},       {"ha", 15, "亩"},
                           {"ha", 10000, "m2"},      {"m3", 1000, "L"},
                           {"L", 1000, "mL"},        {"decade", 10, "yr"},
                           {"%", 10, "‰"},           {"‰", 1000, "ppm"},
                           {"ppm", 1000, "ppb"},     {"百分点", 1, "pp"},
                           {"亿元", 1e8, "CNY"},     {"billion USD", 1000, "million USD"}}) {
    const auto factor = conversion(*parse_unit(fact.one).unit, *parse_unit(fact.of).unit);
    ASSERT_TRUE(factor.has_value()) << fact.one << " " << fact.of;
    EXPECT_NEAR(*factor / fact.number, 1, 1e-12) << fact.one << " " << fact.of;
  }
}

TEST(UnitsTable, DoesNotCountMassesTimesOrEnergies) {
  for (const char* base : {"item", "person", "household", "vehicle", "USD", "CNY", "EUR"})
    EXPECT_TRUE(is_count_or_money(base));
  for (const char* base : {"t", "yr", "MW", "MWh", "m"}) EXPECT_FALSE(is_count_or_money(base));
}

TEST(ElementShare, AgreesWithHandbooks) {
  EXPECT_NEAR(*element_share("Nd2O3", "Nd"), 0.8574, 5e-5);
  EXPECT_NEAR(*element_share("Li2CO3", "Li"), 0.18785, 5e-5);
  EXPECT_EQ(*element_share("LCE", "Li"), *element_share("Li2CO3", "Li"));
  EXPECT_NEAR(*element_share("GeO2", "Ge"), 0.6942, 5e-5);
  EXPECT_NEAR(*element_share("In2O3", "In"), 0.8271, 5e-5);
  EXPECT_NEAR(*element_share("ZnS", "Zn"), 0.6710, 5e-5);
  EXPECT_NEAR(*element_share("Fe2O3", "Fe"), 0.6994, 5e-5);
  EXPECT_NEAR(*element_share("CuSO4·5H2O", "Cu"), 0.2545, 5e-5);
  EXPECT_NEAR(*element_share("LiOH·H2O", "Li"), 0.1654, 5e-5);
  EXPECT_EQ(*element_share("Nd", "Nd"), 1);
  EXPECT_EQ(*element_share("Nd2O3", "Li"), 0);
}

TEST(ElementShare, ReadsEverySpelling) {
  const double share = *element_share("Nd2(CO3)3·8H2O", "Nd");
  EXPECT_DOUBLE_EQ(share, 2 * 144.242 / (2 * 144.242 + 3 * (12.011 + 3 * 15.999) + 8 * (2 * 1.008 + 15.999)));
  EXPECT_EQ(*element_share("Nd₂(CO₃)₃·8H₂O", "Nd"), share);
  EXPECT_EQ(*element_share("Nd2[CO3]3*8H2O", "Nd"), share);
  EXPECT_EQ(*element_share("Nd2（CO3）3•8H2O", "Nd"), share);
}

TEST(ElementShare, SharesOfAllElementsSumToOne) {
  for (const char* formula : {"Nd2Fe14B", "Ca5(PO4)3F", "LiNi0.8Mn0.1Co0.1O2", "K4[Fe(CN)6]·3H2O"}) {
    const auto atoms = parse_formula(formula);
    ASSERT_TRUE(atoms.has_value()) << formula;
    double sum = 0;
    for (const auto& [element, count] : *atoms) sum += *element_share(formula, element);
    EXPECT_NEAR(sum, 1, 1e-14) << formula;
  }
}

TEST(ElementShare, RefusesWhatIsNoFormula) {
  for (const char* formula :
       {"", "REO", "nd2o3", "Nd2O3)", "(Nd2O3", "Nd2O3·", "Xx2", "Nd0", "2", "()", "Nd2..5", "Nd9999999999"})
    EXPECT_FALSE(element_share(formula, "Nd").has_value()) << formula;
  EXPECT_FALSE(element_share("Nd2O3", "goods").has_value());
  EXPECT_FALSE(element_share(std::string(50, '(') + "Nd" + std::string(50, ')'), "Nd").has_value());
  EXPECT_FALSE(element_share(std::string(10000, 'N'), "N").has_value());
}

TEST(AtomicWeight, GrowsAlongThePeriodicTableButForTheKnownInversions) {
  const char* order[] = {"H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si",
                         "P",  "S",  "Cl", "K",  "Ar", "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Ni", "Co",
                         "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo",
                         "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "I",  "Te", "Xe", "Cs", "Ba", "La",
                         "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf",
                         "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Pa", "Th", "U"};
  double last = 0;
  for (const char* symbol : order) {
    const auto weight = atomic_weight(symbol);
    ASSERT_TRUE(weight.has_value()) << symbol;
    // Argon outweighs potassium, cobalt nickel, tellurium iodine, thorium protactinium: the list above swaps
    // them.
    EXPECT_GT(*weight, last) << symbol;
    last = *weight;
  }
  EXPECT_FALSE(atomic_weight("Tc").has_value());
  EXPECT_FALSE(atomic_weight("nd").has_value());
}

}  // namespace
}  // namespace lode
