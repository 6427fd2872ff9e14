// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lode/units/unit.hpp"

namespace lode {
namespace {

struct Good {
  const char* text;
  double scale;
  std::vector<UnitFactor> factors;
};

void expect_unit(const Good& good) {
  const UnitParse parse = parse_unit(good.text);
  ASSERT_TRUE(parse.unit.has_value()) << good.text << ": " << parse.error;
  EXPECT_DOUBLE_EQ(parse.unit->scale(), good.scale) << good.text;
  EXPECT_EQ(parse.unit->factors(), good.factors) << good.text;
  EXPECT_EQ(parse.error, "");
}

TEST(ParseUnit, ReadsMassesAndRates) {
  const UnitFactor t{"t", 1, false};
  const UnitFactor per_yr{"yr", -1, false};
  for (const Good& good : std::vector<Good>{{"t", 1, {t}},
                                            {"kg", 1e-3, {t}},
                                            {"kt", 1e3, {t}},
                                            {"Mg", 1, {t}},
                                            {"µg", 1e-12, {t}},
                                            {"μg", 1e-12, {t}},
                                            {"tonnes", 1, {t}},
                                            {"metric tons", 1, {t}},
                                            {"Metric Ton", 1, {t}},
                                            {"short ton", 0.90718474, {t}},
                                            {"吨", 1, {t}},
                                            {"万吨", 1e4, {t}},
                                            {"百万吨", 1e6, {t}},
                                            {"亿吨", 1e8, {t}},
                                            {"千吨", 1e3, {t}},
                                            {"千克", 1e-3, {t}},
                                            {"公斤", 1e-3, {t}},
                                            {"10^4 t", 1e4, {t}},
                                            {"10^4t", 1e4, {t}},
                                            {"10⁴ t", 1e4, {t}},
                                            {"10**4 t", 1e4, {t}},
                                            {"×10^4 t", 1e4, {t}},
                                            {"1e4 t", 1e4, {t}},
                                            {"1,000 t", 1e3, {t}},
                                            {"10^-3 t", 1e-3, {t}},
                                            {"million tonnes", 1e6, {t}},
                                            {"万 t", 1e4, {t}},
                                            {"t/yr", 1, {t, per_yr}},
                                            {" t / yr ", 1, {t, per_yr}},
                                            {"t/a", 1, {t, per_yr}},
                                            {"t/y", 1, {t, per_yr}},
                                            {"t per year", 1, {t, per_yr}},
                                            {"吨／年", 1, {t, per_yr}},
                                            {"吨每年", 1, {t, per_yr}},
                                            {"万吨/年", 1e4, {t, per_yr}},
                                            {"t·yr^-1", 1, {t, per_yr}},
                                            {"t*yr^-1", 1, {t, per_yr}},
                                            {"t×yr⁻¹", 1, {t, per_yr}},
                                            {"t yr-1", 1, {t, per_yr}},
                                            {"t yr^(-1)", 1, {t, per_yr}},
                                            {"10^4 t/yr", 1e4, {t, per_yr}}})
    expect_unit(good);
}

TEST(ParseUnit, ReadsCountsMoneyAndShares) {
  for (const Good& good : std::vector<Good>{
           {"1", 1, {}},
           {"%", 0.01, {}},
           {"％", 0.01, {}},
           {"百分点", 0.01, {}},
           {"个百分点", 0.01, {}},
           {"‰", 1e-3, {}},
           {"ppm", 1e-6, {}},
           {"10^4", 1e4, {}},
           {"亿", 1e8, {}},
           {"%/yr", 0.01, {{"yr", -1, false}}},
           {"points/yr", 0.01, {{"yr", -1, false}}},
           {"pp/yr", 0.01, {{"yr", -1, false}}},
           {"1/yr", 1, {{"yr", -1, false}}},
           {"item", 1, {{"item", 1, false}}},
           {"Units", 1, {{"item", 1, false}}},
           {"万台", 1e4, {{"item", 1, false}}},
           {"台", 1, {{"item", 1, false}}},
           {"个", 1, {{"item", 1, false}}},
           {"million item", 1e6, {{"item", 1, false}}},
           {"1e6 item/yr", 1e6, {{"item", 1, false}, {"yr", -1, false}}},
           {"万辆", 1e4, {{"vehicle", 1, false}}},
           {"cars", 1, {{"vehicle", 1, false}}},
           {"亿人", 1e8, {{"person", 1, false}}},
           {"kg/capita", 1e-3, {{"person", -1, false}, {"t", 1, false}}},
           {"人/户", 1, {{"household", -1, false}, {"person", 1, false}}},
           {"亿元", 1e8, {{"CNY", 1, false}}},
           {"¥", 1, {{"CNY", 1, false}}},
           {"￥", 1, {{"CNY", 1, false}}},
           {"usd", 1, {{"USD", 1, false}}},
           {"US$/t", 1, {{"USD", 1, false}, {"t", -1, false}}},
           {"百万美元", 1e6, {{"USD", 1, false}}},
           {"€", 1, {{"EUR", 1, false}}},
           {"person/CNY", 1, {{"CNY", -1, false}, {"person", 1, false}}},
           {"kg/MW", 1e-3, {{"MW", -1, false}, {"t", 1, false}}},
           {"万千瓦", 10, {{"MW", 1, false}}},
           {"亿千瓦时", 1e5, {{"MWh", 1, false}}},
           {"km²", 1e6, {{"m", 2, false}}},
           {"m2", 1, {{"m", 2, false}}},
           {"m^2", 1, {{"m", 2, false}}},
           {"万平方米", 1e4, {{"m", 2, false}}},
           {"cm3", 1e-6, {{"m", 3, false}}},
       })
    expect_unit(good);
}

TEST(ParseUnit, ANumberBelongsToTheUnitThatFollows) {
  expect_unit({"t/1000 person", 1e-3, {{"person", -1, false}, {"t", 1, false}}});
  expect_unit({"人/万人", 1e-4, {}});
  expect_unit({"1/100 person", 1e-2, {{"person", -1, false}}});
}

TEST(ParseUnit, ReadsDivisionsFromTheLeftAndBrackets) {
  const std::vector<UnitFactor> intensity{{"person", -1, false}, {"t", 1, false}, {"yr", -1, false}};
  expect_unit({"g/(person·yr)", 1e-6, intensity});
  expect_unit({"g/person/yr", 1e-6, intensity});
  expect_unit({"(g/person)/yr", 1e-6, intensity});
  expect_unit({"t per capita per yr", 1, intensity});
  expect_unit({"(t/yr)^2", 1, {{"t", 2, false}, {"yr", -2, false}}});
}

TEST(ParseUnit, ReadsCompoundsAndTags) {
  expect_unit({"Mt(Nd2O3)", 1e6, {{"t(Nd2O3)", 1, false}}});
  expect_unit({"kt (Li₂CO₃)/yr", 1e3, {{"t(Li2CO3)", 1, false}, {"yr", -1, false}}});
  expect_unit({"t(LCE)", 1, {{"t(Li2CO3)", 1, false}}});
  expect_unit({"吨（Nd2O3）", 1, {{"t(Nd2O3)", 1, false}}});
  expect_unit({"t(Nd2(CO3)3·8H2O)", 1, {{"t(Nd2(CO3)3·8H2O)", 1, false}}});
  expect_unit({"t[REO]", 1, {{"t[REO]", 1, false}}});
  expect_unit({"万吨[ 稀土氧化物 ]", 1e4, {{"t[稀土氧化物]", 1, false}}});
  expect_unit({"g(Nd2O3)/t", 1e-6, {{"t", -1, false}, {"t(Nd2O3)", 1, false}}});
}

TEST(ParseUnit, AsksWhichAttributesHoldUnits) {
  const AttributeTest test = [](std::string_view dimension, std::string_view attribute) {
    return dimension == "product" && attribute == "counted_in";
  };
  const UnitParse good = parse_unit("g/product.counted_in", test);
  ASSERT_TRUE(good.unit.has_value());
  EXPECT_EQ(good.unit->factors(),
            (std::vector<UnitFactor>{{"product.counted_in", -1, true}, {"t", 1, false}}));
  const UnitParse bad = parse_unit("g/product.category", test);
  EXPECT_FALSE(bad.unit.has_value());
  EXPECT_EQ(bad.error, "`product.category` is no attribute that holds units");
  EXPECT_EQ(bad.offset, 2u);
  EXPECT_EQ(bad.length, 16u);
  EXPECT_TRUE(parse_unit("产品.单位/年").unit->symbolic());
}

struct Bad {
  const char* text;
  std::size_t offset;
  std::size_t length;
  const char* error;
  const char* help;
};

TEST(ParseUnit, SaysWhatIsWrongAndWhere) {
  const char* brackets = "put the divisor in brackets, as in `g/(person·yr)`, or the division last";
  for (const Bad& bad : std::vector<Bad>{
           {"", 0, 0, "the unit is empty", "a number without unit is written `1`"},
           {"  ", 0, 2, "the unit is empty", "a number without unit is written `1`"},
           {"tonn/yr", 0, 4, "`tonn` is no unit", "did you mean `tonne`?"},
           {"item/vehicel", 5, 7, "`vehicel` is no unit", "did you mean `vehicle`?"},
           {"KG", 0, 2, "`KG` is no unit: unit names distinguish capitals", "did you mean `kg`?"},
           {"T/yr", 0, 1, "`T` is not read: `T` is the tesla", "did you mean `t` (tonne)?"},
           {"mt", 0, 2, "`mt` is not read: `mt` would be a millitonne, and may be meant as a metric ton",
            "did you mean `Mt` (10^6 t) or `t`?"},
           {"ton", 0, 3, "`ton` is not read: a ton is 907, 1000 or 1016 kg, depending on who writes it",
            "write `t` (1000 kg), `short ton` or `long ton`"},
           {"t/d", 2, 1,
            "`d` is not read: a model step is a calendar year, and years differ in length, so days and "
            "shorter times "
            "have no fixed value",
            "write the time in years (`yr`), the rate per year (`/yr`)"},
           {"吨/月", 4, 3,
            "`月` is not read: a model step is a calendar year, and years differ in length, so days and "
            "shorter times "
            "have no fixed value",
            "write the time in years (`yr`), the rate per year (`/yr`)"},
           {"g/person·yr", 0, 12, "`g/person·yr` can be read in two ways", brackets},
           {"t/yr person", 0, 11, "`t/yr person` can be read in two ways", brackets},
           {"t/", 1, 1, "nothing follows `/`", ""},
           {"t//yr", 2, 1, "`/` has no place in a unit", ""},
           {"/yr", 0, 1, "`/` has no place in a unit", ""},
           {"t/(yr", 2, 1, "this bracket is not closed", ""},
           {"t(Nd2O3", 1, 1, "this bracket is not closed", ""},
           {"t[REO", 1, 1, "this bracket is not closed", ""},
           {"t)", 1, 1, "this bracket closes nothing", ""},
           {"()", 1, 1, "`)` has no place in a unit", ""},
           {"(", 0, 1, "this bracket is not closed", ""},
           {"t, yr", 1, 1, "`,` has no place in a unit", ""},
           {"t CO2", 2, 3, "`CO2` is a formula, no unit", "a mass of it is written `t(CO2)`"},
           {"t(goods)", 2, 5, "`goods` is not understood as a chemical formula",
            "a mass of something without a formula is written `t[goods]`"},
           {"t(REO)", 2, 3, "`REO` is not understood as a chemical formula",
            "a mass of something without a formula is written `t[REO]`"},
           {"t[]", 1, 2, "a name must stand in these brackets", "as in `t[REO]`"},
           {"kg.m", 0, 4, "`kg.m`: units are not multiplied with a full stop", "write `kg·m`"},
           {"m^0.5", 0, 4, "powers of units are whole numbers", ""},
           {"m^", 1, 1, "a whole number must follow as the power", "as in `m^2` or `yr^-1`"},
           {"m^x", 1, 1, "a whole number must follow as the power", "as in `m^2` or `yr^-1`"},
           {"m^13", 0, 4, "a power above 12 is no unit", ""},
           {"10 10 t", 0, 4, "a number must stand before its unit, and only one", "as in `10^4 t`"},
           {"t 10", 0, 3, "a number must stand before its unit, and only one", "as in `10^4 t`"},
           {"0 t", 0, 1, "a unit cannot be a multiple of zero", ""},
           {"1e400 t", 0, 5, "`1e400` is no number", ""},
           {"1.2.3 t", 0, 5, "`1.2.3` is no number", ""},
           {"10^300 10^300", 0, 8, "a number must stand before its unit, and only one", "as in `10^4 t`"},
           {"10^300*10^300", 0, 13, "the number in the unit is zero or beyond what can be computed", ""},
           {"cohort", 0, 6, "`cohort` is no unit",
            "things are counted in `item`, masses in `t`, shares in `1` or `%`"},
       }) {
    const UnitParse parse = parse_unit(bad.text);
    EXPECT_FALSE(parse.unit.has_value()) << bad.text;
    EXPECT_EQ(parse.error, bad.error) << bad.text;
    EXPECT_EQ(parse.help, bad.help) << bad.text;
    EXPECT_EQ(parse.offset, bad.offset) << bad.text;
    EXPECT_EQ(parse.length, bad.length) << bad.text;
  }
}

TEST(ParseUnit, SurvivesAbsurdTexts) {
  EXPECT_EQ(parse_unit(std::string(100000, 't')).error, "the unit is absurdly long");
  EXPECT_EQ(parse_unit(std::string(100, '(') + "t" + std::string(100, ')')).error,
            "the brackets are nested too deeply");
  std::string words;
  for (int i = 0; i < 60; ++i) words += "万 ";
  EXPECT_NO_FATAL_FAILURE(parse_unit(words));
  EXPECT_FALSE(parse_unit("\xFF\xFE").unit.has_value());
  EXPECT_FALSE(parse_unit(std::string_view("t\0", 2)).unit.has_value());
}

}  // namespace
}  // namespace lode
