// SPDX-License-Identifier: Apache-2.0
#include "lode/units/units_table.hpp"

#include <algorithm>
#include <array>

namespace lode {
namespace {

constexpr std::array<std::string_view, 13> bases{"t",   "yr", "item", "person", "household", "vehicle", "MW",
                                                 "MWh", "m",  "USD",  "CNY",    "EUR",       "JPY"};

constexpr double lb = 0.45359237e-3;          // t; international pound
constexpr double troy_ounce = 31.1034768e-6;  // t
constexpr double gigajoule = 1.0 / 3.6;       // MWh

// The first name of each scale and base is the one used when a unit is printed.
constexpr NamedUnit table[] = {
    // mass, internal unit t
    {"t", 1, "t"},
    {"kg", 1e-3, "t"},
    {"g", 1e-6, "t"},
    {"mg", 1e-9, "t"},
    {"µg", 1e-12, "t"},
    {"ng", 1e-15, "t"},
    {"kt", 1e3, "t"},
    {"Mt", 1e6, "t"},
    {"Gt", 1e9, "t"},
    {"ug", 1e-12, "t"},
    {"Mg", 1, "t"},
    {"Gg", 1e3, "t"},
    {"Tg", 1e6, "t"},
    {"Pg", 1e9, "t"},
    {"tonne", 1, "t", 1, true},
    {"metric ton", 1, "t", 1, true},
    {"kilotonne", 1e3, "t", 1, true},
    {"megatonne", 1e6, "t", 1, true},
    {"gram", 1e-6, "t", 1, true},
    {"kilogram", 1e-3, "t", 1, true},
    {"milligram", 1e-9, "t", 1, true},
    {"short ton", 2000 * lb, "t", 1, true},
    {"long ton", 2240 * lb, "t", 1, true},
    {"lb", lb, "t"},
    {"lbs", lb, "t"},
    {"pound", lb, "t", 1, true},
    {"ozt", troy_ounce, "t"},
    {"troy ounce", troy_ounce, "t", 1, true},
    {"carat", 0.2e-6, "t", 1, true},
    {"吨", 1, "t"},
    {"公吨", 1, "t"},
    {"千克", 1e-3, "t"},
    {"公斤", 1e-3, "t"},
    {"斤", 0.5e-3, "t"},
    {"克", 1e-6, "t"},
    {"毫克", 1e-9, "t"},
    {"微克", 1e-12, "t"},
    {"克拉", 0.2e-6, "t"},
    // time, internal unit yr: calendar years only
    {"yr", 1, "yr"},
    {"a", 1, "yr"},
    {"y", 1, "yr"},
    {"yrs", 1, "yr"},
    {"year", 1, "yr", 1, true},
    {"annum", 1, "yr", 1, true},
    {"decade", 10, "yr", 1, true},
    {"年", 1, "yr"},
    // counts
    {"item", 1, "item", 1, true},
    {"unit", 1, "item", 1, true},
    {"piece", 1, "item", 1, true},
    {"pcs", 1, "item", 1, true},
    {"台", 1, "item"},
    {"部", 1, "item"},
    {"件", 1, "item"},
    {"个", 1, "item"},
    {"只", 1, "item"},
    {"套", 1, "item"},
    {"块", 1, "item"},
    {"支", 1, "item"},
    {"vehicle", 1, "vehicle", 1, true},
    {"car", 1, "vehicle", 1, true},
    {"辆", 1, "vehicle"},
    {"person", 1, "person", 1, true},
    {"people", 1, "person", 1, true},
    {"capita", 1, "person", 1, true},
    {"cap", 1, "person", 1, true},
    {"inhabitant", 1, "person", 1, true},
    {"人", 1, "person"},
    {"household", 1, "household", 1, true},
    {"户", 1, "household"},
    // power and energy
    {"MW", 1, "MW"},
    {"W", 1e-6, "MW"},
    {"kW", 1e-3, "MW"},
    {"GW", 1e3, "MW"},
    {"TW", 1e6, "MW"},
    {"瓦", 1e-6, "MW"},
    {"千瓦", 1e-3, "MW"},
    {"兆瓦", 1, "MW"},
    {"吉瓦", 1e3, "MW"},
    {"MWh", 1, "MWh"},
    {"Wh", 1e-6, "MWh"},
    {"kWh", 1e-3, "MWh"},
    {"GWh", 1e3, "MWh"},
    {"TWh", 1e6, "MWh"},
    {"PWh", 1e9, "MWh"},
    {"瓦时", 1e-6, "MWh"},
    {"千瓦时", 1e-3, "MWh"},
    {"兆瓦时", 1, "MWh"},
    {"吉瓦时", 1e3, "MWh"},
    {"度", 1e-3, "MWh"},
    {"kJ", gigajoule * 1e-6, "MWh"},
    {"MJ", gigajoule * 1e-3, "MWh"},
    {"GJ", gigajoule, "MWh"},
    {"TJ", gigajoule * 1e3, "MWh"},
    {"PJ", gigajoule * 1e6, "MWh"},
    {"EJ", gigajoule * 1e9, "MWh"},
    {"toe", 11.63, "MWh"},
    {"ktoe", 11.63e3, "MWh"},
    {"Mtoe", 11.63e6, "MWh"},
    {"tce", 29.3076 * gigajoule, "MWh"},
    {"吨标准煤", 29.3076 * gigajoule, "MWh"},
    {"吨标煤", 29.3076 * gigajoule, "MWh"},
    // length, area, volume: powers of m
    {"m", 1, "m"},
    {"km", 1e3, "m"},
    {"cm", 1e-2, "m"},
    {"mm", 1e-3, "m"},
    {"µm", 1e-6, "m"},
    {"um", 1e-6, "m"},
    {"nm", 1e-9, "m"},
    {"metre", 1, "m", 1, true},
    {"meter", 1, "m", 1, true},
    {"米", 1, "m"},
    {"公里", 1e3, "m"},
    {"千米", 1e3, "m"},
    {"厘米", 1e-2, "m"},
    {"毫米", 1e-3, "m"},
    {"微米", 1e-6, "m"},
    {"ha", 1e4, "m", 2},
    {"hectare", 1e4, "m", 2, true},
    {"平方米", 1, "m", 2},
    {"平方公里", 1e6, "m", 2},
    {"平方千米", 1e6, "m", 2},
    {"公顷", 1e4, "m", 2},
    {"亩", 2000.0 / 3.0, "m", 2},
    {"L", 1e-3, "m", 3},
    {"l", 1e-3, "m", 3},
    {"mL", 1e-6, "m", 3},
    {"litre", 1e-3, "m", 3, true},
    {"liter", 1e-3, "m", 3, true},
    {"立方米", 1, "m", 3},
    {"升", 1e-3, "m", 3},
    {"毫升", 1e-6, "m", 3},
    // money, of one price basis each: no exchange rates, no deflators
    {"USD", 1, "USD", 1, true},
    {"US$", 1, "USD", 1, true},
    {"$", 1, "USD"},
    {"美元", 1, "USD"},
    {"CNY", 1, "CNY", 1, true},
    {"RMB", 1, "CNY", 1, true},
    {"yuan", 1, "CNY", 1, true},
    {"元", 1, "CNY"},
    {"人民币", 1, "CNY"},
    {"¥", 1, "CNY"},
    {"EUR", 1, "EUR", 1, true},
    {"euro", 1, "EUR", 1, true},
    {"€", 1, "EUR"},
    {"欧元", 1, "EUR"},
    {"JPY", 1, "JPY", 1, true},
    {"日元", 1, "JPY"},
    // pure numbers
    {"%", 1e-2, ""},
    {"percent", 1e-2, "", 1, false},
    {"wt%", 1e-2, ""},
    {"points", 1e-2, ""},
    {"point", 1e-2, ""},
    {"pp", 1e-2, ""},
    {"百分点", 1e-2, ""},
    {"个百分点", 1e-2, ""},
    {"‰", 1e-3, ""},
    {"ppm", 1e-6, ""},
    {"ppb", 1e-9, ""},
};

constexpr std::string_view no_calendar =
    "a model step is a calendar year, and years differ in length, so days and shorter times have no fixed "
    "value";
constexpr std::string_view per_year = "write the time in years (`yr`), the rate per year (`/yr`)";
constexpr std::string_view which_ton = "a ton is 907, 1000 or 1016 kg, depending on who writes it";
constexpr std::string_view say_ton = "write `t` (1000 kg), `short ton` or `long ton`";
constexpr std::string_view per_annum = "per annum is part of the unit";

constexpr RefusedUnit refused[] = {
    {"d", no_calendar, per_year},
    {"day", no_calendar, per_year},
    {"days", no_calendar, per_year},
    {"h", no_calendar, per_year},
    {"hr", no_calendar, per_year},
    {"hour", no_calendar, per_year},
    {"hours", no_calendar, per_year},
    {"min", no_calendar, per_year},
    {"s", no_calendar, per_year},
    {"month", no_calendar, per_year},
    {"months", no_calendar, per_year},
    {"week", no_calendar, per_year},
    {"weeks", no_calendar, per_year},
    {"天", no_calendar, per_year},
    {"日", no_calendar, per_year},
    {"月", no_calendar, per_year},
    {"小时", no_calendar, per_year},
    {"ton", which_ton, say_ton},
    {"tons", which_ton, say_ton},
    {"T", "`T` is the tesla", "did you mean `t` (tonne)?"},
    {"mt", "`mt` would be a millitonne, and may be meant as a metric ton",
     "did you mean `Mt` (10^6 t) or `t`?"},
    {"MT", "`MT` is read as a metric ton by some and as a megatonne by others", "write `t` or `Mt` (10^6 t)"},
    {"KT", "unit names distinguish capitals", "did you mean `kt` (10^3 t)?"},
    {"Kt", "unit names distinguish capitals", "did you mean `kt` (10^3 t)?"},
    {"tpa", per_annum, "write `t/yr`"},
    {"tpy", per_annum, "write `t/yr`"},
    {"ktpa", per_annum, "write `kt/yr`"},
    {"Mtpa", per_annum, "write `Mt/yr`"},
    {"pa", per_annum, "write `/yr`, as in `%/yr`"},
    {"p.a", per_annum, "write `/yr`, as in `%/yr`"},
    {"mW", "a milliwatt is of no use here, and is often a slip", "did you mean `MW`?"},
    {"mWh", "a milliwatt-hour is of no use here, and is often a slip", "did you mean `MWh`?"},
    {"ppt", "parts per thousand to some, parts per trillion to others", "write `‰` or `10^-12`"},
    {"oz", "an ounce is 28.35 g, for precious metals 31.10 g", "write `ozt` (troy ounce) or grams"},
    {"at%", "a share of atoms is not a share of mass", "convert it to `wt%` first"},
    {"mol", "amounts of substance are not modelled", "convert to a mass first"},
    {"dollar", "several countries have one", "write `USD`"},
    {"dollars", "several countries have one", "write `USD`"},
    {"M", "a prefix needs its unit", "write `Mt`, `million item`, `10^6 item`"},
    {"k", "a prefix needs its unit", "write `kt`, `thousand item`, `10^3 item`"},
    {"REO", "rare earth oxides are a mixture", "a tagged mass is written `t[REO]`"},
    {"LCE", "lithium carbonate equivalent is a mass", "write `t(LCE)`"},
};

constexpr Multiplier words[] = {
    {"thousand", 1e3}, {"million", 1e6}, {"billion", 1e9}, {"trillion", 1e12}, {"hundred", 1e2},
    {"十", 1e1},       {"百", 1e2},      {"千", 1e3},      {"万", 1e4},        {"亿", 1e8},
};

struct Weight {
  std::string_view symbol;
  double value;
};

// Standard atomic weights (g/mol), IUPAC Commission on Isotopic Abundances and Atomic Weights, table of 2021;
// conventional values where the standard is an interval. Elements without a standard weight are left out.
constexpr Weight weights[] = {
    {"H", 1.008},        {"He", 4.002602},   {"Li", 6.94},       {"Be", 9.0121831},    {"B", 10.81},
    {"C", 12.011},       {"N", 14.007},      {"O", 15.999},      {"F", 18.998403162},  {"Ne", 20.1797},
    {"Na", 22.98976928}, {"Mg", 24.305},     {"Al", 26.9815384}, {"Si", 28.085},       {"P", 30.973761998},
    {"S", 32.06},        {"Cl", 35.45},      {"Ar", 39.95},      {"K", 39.0983},       {"Ca", 40.078},
    {"Sc", 44.955907},   {"Ti", 47.867},     {"V", 50.9415},     {"Cr", 51.9961},      {"Mn", 54.938043},
    {"Fe", 55.845},      {"Co", 58.933194},  {"Ni", 58.6934},    {"Cu", 63.546},       {"Zn", 65.38},
    {"Ga", 69.723},      {"Ge", 72.630},     {"As", 74.921595},  {"Se", 78.971},       {"Br", 79.904},
    {"Kr", 83.798},      {"Rb", 85.4678},    {"Sr", 87.62},      {"Y", 88.905838},     {"Zr", 91.224},
    {"Nb", 92.90637},    {"Mo", 95.95},      {"Ru", 101.07},     {"Rh", 102.90549},    {"Pd", 106.42},
    {"Ag", 107.8682},    {"Cd", 112.414},    {"In", 114.818},    {"Sn", 118.710},      {"Sb", 121.760},
    {"Te", 127.60},      {"I", 126.90447},   {"Xe", 131.293},    {"Cs", 132.90545196}, {"Ba", 137.327},
    {"La", 138.90547},   {"Ce", 140.116},    {"Pr", 140.90766},  {"Nd", 144.242},      {"Sm", 150.36},
    {"Eu", 151.964},     {"Gd", 157.25},     {"Tb", 158.925354}, {"Dy", 162.500},      {"Ho", 164.930329},
    {"Er", 167.259},     {"Tm", 168.934219}, {"Yb", 173.045},    {"Lu", 174.9668},     {"Hf", 178.486},
    {"Ta", 180.94788},   {"W", 183.84},      {"Re", 186.207},    {"Os", 190.23},       {"Ir", 192.217},
    {"Pt", 195.084},     {"Au", 196.966570}, {"Hg", 200.592},    {"Tl", 204.38},       {"Pb", 207.2},
    {"Bi", 208.98040},   {"Th", 232.0377},   {"Pa", 231.03588},  {"U", 238.02891},
};

}  // namespace

std::span<const NamedUnit> unit_table() {
  return table;
}
std::span<const RefusedUnit> refused_units() {
  return refused;
}
std::span<const Multiplier> multipliers() {
  return words;
}
std::span<const std::string_view> internal_bases() {
  return bases;
}

bool is_count_or_money(std::string_view base) {
  static constexpr std::array<std::string_view, 8> counted{"item", "person", "household", "vehicle",
                                                           "USD",  "CNY",    "EUR",       "JPY"};
  return std::find(counted.begin(), counted.end(), base) != counted.end();
}

std::optional<double> atomic_weight(std::string_view symbol) {
  for (const Weight& weight : weights) {
    if (weight.symbol == symbol) return weight.value;
  }
  return std::nullopt;
}

}  // namespace lode
