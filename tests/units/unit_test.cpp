// SPDX-License-Identifier: Apache-2.0
#include "lode/units/unit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace lode {
namespace {

Unit unit(std::string_view text) {
  const UnitParse parse = parse_unit(text);
  EXPECT_TRUE(parse.unit.has_value()) << text << ": " << parse.error;
  return parse.unit.value_or(Unit());
}

double factor(std::string_view from, std::string_view to, std::string_view substance = {}) {
  return conversion(unit(from), unit(to), substance).value_or(std::nan(""));
}

bool converts(std::string_view from, std::string_view to, std::string_view substance = {}) {
  return conversion(unit(from), unit(to), substance).has_value();
}

TEST(Unit, IsDimensionlessByDefault) {
  const Unit one;
  EXPECT_TRUE(one.dimensionless());
  EXPECT_EQ(one.scale(), 1);
  EXPECT_EQ(one.str(), "1");
  EXPECT_EQ(one.udunits(), "1");
}

TEST(Unit, SortsAndMergesFactors) {
  const Unit u(2, {{"yr", -1, false}, {"t", 2, false}, {"t", -1, false}, {"m", 1, false}, {"m", -1, false}});
  EXPECT_EQ(u.factors(), (std::vector<UnitFactor>{{"t", 1, false}, {"yr", -1, false}}));
  EXPECT_EQ(u.power_of("yr"), -1);
  EXPECT_EQ(u.power_of("m"), 0);
}

TEST(Unit, ArithmeticFollowsPowers) {
  const Unit rate = unit("kt/yr");
  const Unit time = unit("yr");
  EXPECT_TRUE((rate * time).same_kind(unit("t")));
  EXPECT_EQ((rate * time).scale(), 1000);
  EXPECT_TRUE((rate / rate).dimensionless());
  EXPECT_EQ((rate / unit("t/yr")).scale(), 1000);
  EXPECT_EQ(rate.pow(-2).power_of("yr"), 2);
  EXPECT_TRUE(rate.pow(0).dimensionless());
  EXPECT_EQ(rate.pow(0).scale(), 1);
}

TEST(Unit, RateAmountAndDurationDiffer) {
  EXPECT_FALSE(unit("t/yr").same_kind(unit("t")));
  EXPECT_FALSE(unit("t").same_kind(unit("yr")));
  EXPECT_FALSE(unit("1/yr").same_kind(unit("1")));
  EXPECT_FALSE(unit("MW").same_kind(unit("MWh")));
  EXPECT_FALSE(unit("item").same_kind(unit("vehicle")));
  EXPECT_FALSE(unit("USD").same_kind(unit("CNY")));
}

TEST(Unit, SubstitutesAttributes) {
  const Unit symbolic = unit("g/product.counted_in");
  EXPECT_TRUE(symbolic.symbolic());
  const Unit concrete = symbolic.substitute("product.counted_in", unit("10^4 item"));
  EXPECT_FALSE(concrete.symbolic());
  EXPECT_TRUE(concrete.same_kind(unit("t/item")));
  EXPECT_DOUBLE_EQ(concrete.scale(), 1e-10);
  const Unit squared = unit("product.counted_in^2/yr").substitute("product.counted_in", unit("MW"));
  EXPECT_TRUE(squared.same_kind(unit("MW^2/yr")));
  EXPECT_EQ(symbolic.substitute("other.counted_in", unit("MW")).str(), "g/product.counted_in");
}

TEST(Unit, RenamesSymbols) {
  const Unit renamed = unit("held.counted_in/yr").rename_symbol("held.counted_in", "product.counted_in");
  EXPECT_TRUE(renamed.same_kind(unit("product.counted_in/yr")));
  // A symbol never meets a concrete unit of the same name.
  EXPECT_FALSE(Unit(1, {{"t", 1, true}}).same_kind(unit("t")));
}

TEST(Unit, InternalKeepsTheKind) {
  EXPECT_EQ(unit("Mt/yr").internal().str(), "t/yr");
  EXPECT_EQ(unit("Mt/yr").internal().scale(), 1);
}

TEST(Unit, PrintsAsWrittenElseFromFactors) {
  EXPECT_EQ(unit(" 万吨/年 ").str(), "万吨/年");
  const auto bare = [](std::string_view text) {
    const Unit u = unit(text);
    return Unit(u.scale(), u.factors()).str();
  };
  EXPECT_EQ(bare("t/yr"), "t/yr");
  EXPECT_EQ(bare("g/item"), "g/item");
  EXPECT_EQ(bare("万吨/年"), "10^4 t/yr");
  EXPECT_EQ(bare("g/person/yr"), "g/(person·yr)");
  EXPECT_EQ(bare("0.25 t"), "0.25 t");
  EXPECT_EQ(bare("%"), "%");
  EXPECT_EQ(bare("%/yr"), "%/yr");
  EXPECT_EQ(bare("yr^-1"), "1/yr");
  EXPECT_EQ(bare("Mt(Nd2O3)/yr"), "Mt(Nd2O3)/yr");
  EXPECT_EQ(bare("kt[REO]"), "kt[REO]");
  EXPECT_EQ(bare("m²"), "m^2");
}

TEST(Unit, WhatIsPrintedIsReadBack) {
  for (const char* a : {"t", "kg", "Mt(Nd2O3)", "t[REO]", "10^-4 item", "%", "万辆", "GW", "km2", "3 L"}) {
    for (const char* b : {"1", "yr", "person", "product.counted_in", "m^3", "1e6 CNY", "kWh"}) {
      for (const int power : {-2, -1, 1, 3}) {
        const Unit made = unit(a) * unit(b).pow(power) / unit("household");
        const Unit back = unit(made.str());
        EXPECT_TRUE(back.same_kind(made)) << made.str();
        EXPECT_NEAR(back.scale() / made.scale(), 1, 1e-11) << made.str();
      }
    }
  }
}

TEST(Unit, SpellsUdunits) {
  EXPECT_EQ(unit("t/yr").udunits(), "t year-1");
  EXPECT_EQ(unit("item/yr").udunits(), "year-1");
  EXPECT_EQ(unit("person/CNY").udunits(), "1");
  EXPECT_EQ(unit("t(Nd2O3)/yr").udunits(), "t year-1");
  EXPECT_EQ(unit("t[REO]").udunits(), "t");
  EXPECT_EQ(unit("MWh/yr").udunits(), "MW h year-1");
  EXPECT_EQ(unit("kg/m³").internal().udunits(), "t m-3");
  EXPECT_EQ(unit("product.counted_in").udunits(), "1");
  EXPECT_EQ(unit("%").udunits(), "0.01");
}

TEST(Conversion, ScalesWithinAKind) {
  EXPECT_EQ(factor("t", "kg"), 1000);
  EXPECT_EQ(factor("g", "t"), 1e-6);
  EXPECT_EQ(factor("万吨/年", "t/yr"), 1e4);
  EXPECT_DOUBLE_EQ(factor("g/t", "ppm"), 1);
  EXPECT_EQ(factor("%/yr", "1/yr"), 0.01);
  EXPECT_DOUBLE_EQ(factor("kg/MW", "g/kW"), 1);
  EXPECT_DOUBLE_EQ(factor("元/kg", "CNY/t"), 1000);
  EXPECT_DOUBLE_EQ(factor("GJ", "kWh"), 1000 / 3.6);
  EXPECT_DOUBLE_EQ(factor("公顷", "m^2"), 1e4);
}

TEST(Conversion, RefusesOtherKinds) {
  EXPECT_FALSE(converts("t", "t/yr"));
  EXPECT_FALSE(converts("t", "item"));
  EXPECT_FALSE(converts("1", "1/yr"));
  EXPECT_FALSE(converts("USD", "CNY"));
  EXPECT_FALSE(converts("item", "1"));
}

TEST(Conversion, NeedsTheSameSymbol) {
  EXPECT_DOUBLE_EQ(factor("g/product.counted_in", "t/product.counted_in"), 1e-6);
  EXPECT_FALSE(converts("g/product.counted_in", "g/held.counted_in"));
  EXPECT_FALSE(converts("g/product.counted_in", "g/item"));
}

TEST(Conversion, CompoundsNeedTheSubstance) {
  const double share = 2 * 144.242 / (2 * 144.242 + 3 * 15.999);
  EXPECT_DOUBLE_EQ(factor("t(Nd2O3)", "t", "Nd"), share);
  EXPECT_DOUBLE_EQ(factor("t", "t(Nd2O3)", "Nd"), 1 / share);
  EXPECT_DOUBLE_EQ(factor("Mt(Nd2O3)/yr", "kt/yr", "Nd"), 1000 * share);
  EXPECT_DOUBLE_EQ(factor("CNY/t(Nd2O3)", "CNY/t", "Nd"), 1 / share);
  EXPECT_NEAR(factor("t(Nd2O3)", "t(NdF3)", "Nd"),
              2 * (144.242 + 3 * 18.998403162) / (2 * 144.242 + 3 * 15.999), 1e-12);
  EXPECT_EQ(factor("kt(Nd2O3)", "t(Nd2O3)"), 1000);
  EXPECT_FALSE(converts("t(Nd2O3)", "t"));
  EXPECT_FALSE(converts("t(Nd2O3)", "t", "Li"));
  EXPECT_FALSE(converts("t(Nd2O3)", "t", "goods"));
  EXPECT_EQ(factor("t(LCE)", "t(Li2CO3)"), 1);
}

TEST(Conversion, TaggedMassesConvertOnlyToThemselves) {
  EXPECT_EQ(factor("kt[REO]", "t[REO]"), 1000);
  EXPECT_FALSE(converts("t[REO]", "t", "Nd"));
  EXPECT_FALSE(converts("t[REO]", "t(Nd2O3)", "Nd"));
  EXPECT_FALSE(converts("t[REO]", "t[TREO]"));
}

TEST(Conversion, ThereAndBackIsOne) {
  const std::vector<std::string> masses{"t", "kg", "Mt(Nd2O3)", "g(NdF3)", "lb", "万吨"};
  for (const std::string& a : masses) {
    for (const std::string& b : masses)
      EXPECT_NEAR(factor(a, b, "Nd") * factor(b, a, "Nd"), 1, 1e-14) << a << " " << b;
  }
}

}  // namespace
}  // namespace lode
