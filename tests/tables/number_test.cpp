// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "lode/tables/table.hpp"

namespace lode {
namespace {

using Kind = NumberCell::Kind;

struct Good {
  const char* text;
  double value;
  const char* unit = "";
  bool percent = false;
};

void expect_value(const Good& good, bool decimal_comma, Kind kind = Kind::value) {
  const NumberCell cell = read_number(good.text, decimal_comma);
  EXPECT_EQ(cell.kind, kind) << good.text << ": " << cell.problem;
  EXPECT_EQ(cell.value, good.value) << good.text;
  EXPECT_EQ(cell.unit, good.unit) << good.text;
  EXPECT_EQ(cell.percent, good.percent) << good.text;
  EXPECT_EQ(cell.problem, "") << good.text;
}

TEST(ReadNumber, ReadsPlainAndGroupedNumbers) {
  for (const Good& good : {Good{"5", 5},
                           {"-5", -5},
                           {"+5", 5},
                           {"- 5", -5},
                           {"−5", -5},
                           {"–5", -5},
                           {"－５", -5},
                           {"0.25", 0.25},
                           {".5", 0.5},
                           {"5.", 5},
                           {"007", 7},
                           {"1,200", 1200},
                           {"12,345,678.9", 12345678.9},
                           {"１，２００", 1200},
                           {"１２．５", 12.5},
                           {"1 200", 1200},
                           {"1\u00A0200\u00A0000", 1200000},
                           {"1\u202F200", 1200},
                           {"1'200", 1200},
                           {"1’200.5", 1200.5},
                           {"3.5e6", 3.5e6},
                           {"3.5E+06", 3.5e6},
                           {"1e-3", 1e-3},
                           {"1.2×10^4", 1.2e4},
                           {"1.2 x 10^-4", 1.2e-4},
                           {"1.2×10⁴", 1.2e4},
                           {"1.2×10⁻⁴", 1.2e-4},
                           {"1.2万", 1.2e4},
                           {"3亿", 3e8},
                           {"2百万", 2e6},
                           {"  42\t", 42},
                           {"　42　", 42}})
    expect_value(good, false);
}

TEST(ReadNumber, ReadsDecimalCommasIfDeclared) {
  for (const Good& good : {Good{"4,2", 4.2},
                           {"1.234,5", 1234.5},
                           {"1.234", 1234},
                           {"1 234,5", 1234.5},
                           {"12.345.678", 12345678},
                           {",5", 0.5},
                           {"-0,25", -0.25},
                           {"3,5e6", 3.5e6},
                           {"40,5 %", 40.5, "", true}})
    expect_value(good, true);
}

TEST(ReadNumber, ReadsPercentAndUnits) {
  for (const Good& good : {Good{"40 %", 40, "", true},
                           {"40%", 40, "", true},
                           {"40％", 40, "", true},
                           {"-2.5 %", -2.5, "", true},
                           {"5 %/yr", 5, "%/yr"},
                           {"12 t/yr", 12, "t/yr"},
                           {"12t", 12, "t"},
                           {"1,200 万吨", 1200, "万吨"},
                           {"1.2万台", 1.2, "万台"},
                           {"0.6 g/item", 0.6, "g/item"},
                           {"3×10^4 t", 3e4, "t"},
                           {"2 百分点", 2, "百分点"}})
    expect_value(good, false);
}

TEST(ReadNumber, KnowsEmptyAbsentAndCensored) {
  for (const char* text : {"", " ", "　", "\u00A0"}) EXPECT_EQ(read_number(text).kind, Kind::empty);
  for (const char* text :
       {"-", "--", "–", "—", "——", "－", "…", "……", "...", "NA", "N/A", "n/a", "n.a.", " — ", "无", "不详"})
    EXPECT_EQ(read_number(text).kind, Kind::absent) << text;
  for (const Good& good : {Good{"<1", 1},
                           {"< 0.5", 0.5},
                           {"＜1", 1},
                           {"≤2", 2},
                           {"<=2", 2},
                           {"<0.5 t", 0.5, "t"},
                           {"<5 %", 5, "", true}})
    expect_value(good, false, Kind::censored);
  EXPECT_EQ(read_number("W").kind, Kind::censored);
  EXPECT_EQ(read_number("W").value, std::numeric_limits<double>::infinity());
  expect_value({"<0,5", 0.5}, true, Kind::censored);
}

struct Bad {
  const char* text;
  const char* problem;
  bool decimal_comma = false;
};

TEST(ReadNumber, SaysWhyATextIsNoNumber) {
  for (const Bad& bad : std::vector<Bad>{
           {"abc", "`abc` is no number"},
           {"W/h", "`W/h` is no number"},
           {"4,2",
            "`4,2`: a comma may only separate thousands; for a decimal comma the table needs `decimal: "
            "comma`"},
           {"0,200",
            "`0,200`: a comma may only separate thousands; for a decimal comma the table needs `decimal: "
            "comma`"},
           {"1.234,5",
            "`1.234,5`: a comma may only separate thousands; for a decimal comma the table needs `decimal: "
            "comma`"},
           {"1,2000",
            "`1,2000`: a comma may only separate thousands; for a decimal comma the table needs `decimal: "
            "comma`"},
           {"1.234.567",
            "`1.234.567` has several points; if they separate thousands the table needs `decimal: comma`"},
           {"3.5",
            "`3.5`: the table is declared to have a decimal comma, so a point may only separate thousands",
            true},
           {"1,2,3",
            "`1,2,3`: the table is declared to have a decimal comma, so a point may only separate thousands",
            true},
           {"#N/A", "`#N/A` is the error value of a spreadsheet: a value that was not found"},
           {"#DIV/0!", "`#DIV/0!` is the error value of a spreadsheet: a division by zero"},
           {"#REF!", "`#REF!` is the error value of a spreadsheet: a reference to a deleted cell"},
           {"nan", "`nan` is no finite number"},
           {"-Inf", "`-Inf` is no finite number"},
           {"∞", "`∞` is no finite number"},
           {"1e999", "the number is beyond what can be computed"},
           {"1e-999", "the number is beyond what can be computed"},
           {"(5)",
            "a number in brackets may be a negative one or a remark; write `-` before a negative number"},
           {"~5",
            "write the number alone; how sure it is belongs into a column `sd`, `cv`, `low` or `quality`"},
           {"约5",
            "write the number alone; how sure it is belongs into a column `sd`, `cv`, `low` or `quality`"},
           {">5", "a lower limit is not read; only `<` marks a censored value"},
           {"$5", "the unit stands after the number or in a column `unit`"},
           {"￥5", "the unit stands after the number or in a column `unit`"},
           {"5-10",
            "a range or a date is no number; columns `low`, `high` or `sd` hold what is known beside the "
            "value"},
           {"5~10",
            "a range or a date is no number; columns `low`, `high` or `sd` hold what is known beside the "
            "value"},
           {"5±1",
            "a range or a date is no number; columns `low`, `high` or `sd` hold what is known beside the "
            "value"},
           {"2017-05-01",
            "a range or a date is no number; columns `low`, `high` or `sd` hold what is known beside the "
            "value"},
           {"2017 2018", "two numbers stand in one cell"},
           {"5*", "`*` after the number is not understood"},
           {"5 tonn", "`tonn` after the number is not understood"},
           {"0x10", "`x10` after the number is not understood"},
           {"<0", "a value below zero or nothing cannot be a limit of detection"},
           {"--5", "`--5` is no number"},
           {".", "`.` is no number"},
           {"一百", "`一百` is no number"},
       }) {
    const NumberCell cell = read_number(bad.text, bad.decimal_comma);
    EXPECT_EQ(cell.kind, Kind::text) << bad.text;
    EXPECT_EQ(cell.problem, bad.problem) << bad.text;
    EXPECT_EQ(cell.value, 0) << bad.text;
  }
  EXPECT_EQ(read_number(std::string(1000, '1')).problem, "the text is too long for a number");
  EXPECT_EQ(read_number(std::string(1000, 'x')).kind, Kind::text);
}

TEST(ReadNumber, ReadsBackEveryDouble) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(-300, 300);
  std::uniform_real_distribution<double> mantissa(-10, 10);
  for (int i = 0; i < 2000; ++i) {
    const double value = mantissa(random) * std::pow(10, exponent(random));
    const std::string text = fmt::format("{}", value);
    ASSERT_EQ(read_number(text).value, value) << text;
    std::string comma = text;
    if (comma.find('.') != std::string::npos) comma[comma.find('.')] = ',';
    ASSERT_EQ(read_number(comma, true).value, value) << comma;
  }
}

TEST(ReadNumber, ReadsBackGroupedIntegers) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 2000; ++i) {
    const auto value = static_cast<double>(random() % 1'000'000'000'000);
    std::string digits = fmt::format("{:.0f}", value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    ASSERT_EQ(read_number(digits).value, value) << digits;
    for (char& c : digits) {
      if (c == ',') c = '.';
    }
    ASSERT_EQ(read_number(digits, true).value, value) << digits;
  }
}

TEST(ReadYear, ReadsCalendarYears) {
  for (const char* text : {"2017", "2017年", " 2017 ", "２０１７", "2017 年", "２０１７年", "2017.0"})
    EXPECT_EQ(read_year(text), 2017) << text;
  EXPECT_EQ(read_year("1000"), 1000);
  EXPECT_EQ(read_year("9999"), 9999);
}

TEST(ReadYear, RefusesEverythingElse) {
  for (const char* text : {"", "年", "17", "20170", "0999", "FY2017", "2017a", "2017.5", "2017-01-01",
                           "-2017", "+2017", "2,017", "2017年年", "二〇一七", "value"})
    EXPECT_EQ(read_year(text), std::nullopt) << text;
  EXPECT_EQ(read_year(std::string(1000, '2')), std::nullopt);
}

}  // namespace
}  // namespace lode
