// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <charconv>
#include <random>

#include "lode/results/cells.hpp"
#include "lode/results/write.hpp"
#include "sample.hpp"

namespace lode {
namespace {

TEST(Csv, OneTidyTablePerVariable) {
  const Scratch scratch;
  ASSERT_EQ(write_csv(sample(), scratch / "tables"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "tables/in_use.inflow.csv"),
            "\xEF\xBB\xBFproduct,time,value,unit\n"
            "WT,2000,0.1,kt/yr\n"
            "WT,2001,0.3333333333333333,kt/yr\n"
            "\"a, \"\"b\"\"\",2000,-0,kt/yr\n"
            "\"a, \"\"b\"\"\",2001,1e+300,kt/yr\n"
            "\"a, \"\"b\"\"\",2005,5e-324,kt/yr\n"
            "\"x/y\n;z\",2000,123456789.125,kt/yr\n"
            "\"x/y\n;z\",2001,2,kt/yr\n"
            "\"x/y\n;z\",2005,100000,kt/yr\n");
  EXPECT_EQ(bytes_of(scratch / "tables/yield.csv"), "\xEF\xBB\xBFvalue,unit\n87.5,%\n");
  EXPECT_EQ(bytes_of(scratch / "tables/never.csv"), "\xEF\xBB\xBFproduct,value,unit\n");
  EXPECT_EQ(scratch.count(), 5u);  // the folder and four tables
}

TEST(Csv, UnitFollowsTheLabel) {
  const Scratch scratch;
  ASSERT_EQ(write_csv(sample(), scratch.folder()), std::nullopt);
  const std::string table = bytes_of(scratch / "in_use.stock.csv");
  EXPECT_NE(table.find("2000,WT,1,MW\n"), std::string::npos) << table;
  EXPECT_NE(table.find("2005,两轮 电动车,11,辆\n"), std::string::npos) << table;
}

TEST(Csv, StatisticsFollowWhereThereAreAny) {
  const Scratch scratch;
  ResultSet results = uncertain_sample();
  ResultVariable& scalar = results.variables[2];
  scalar.uncertainty->deviation = {missing};
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "yield.csv"),
            "\xEF\xBB\xBFvalue,unit,mean,mean_error,deviation,deviation_error,minimum,maximum,p2.5,p50,p95\n"
            "87.5,%,92.96875,0.08750000000000001,,0.17500000000000002,43.75,175,65.625,87.5,131.25\n");
  EXPECT_EQ(bytes_of(scratch / "never.csv"), "\xEF\xBB\xBFproduct,value,unit\n");

  scalar.values = {missing};  // no value, yet draws have
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  const std::string table = bytes_of(scratch / "yield.csv");
  EXPECT_NE(table.find("\n,%,92.96875,"), std::string::npos) << table;
}

TEST(Csv, DrawsThatWereKept) {
  const Scratch scratch;
  ResultSet results = uncertain_sample();
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "draws.csv"),
            "\xEF\xBB\xBF"
            "draw,name,value,unit\n"
            "1,\"in_use.inflow[WT, 2001]\",0.25,kt/yr\n"
            "2,\"in_use.inflow[WT, 2001]\",,kt/yr\n"
            "3,\"in_use.inflow[WT, 2001]\",-0,kt/yr\n"
            "4,\"in_use.inflow[WT, 2001]\",0.3333333333333333,kt/yr\n"
            "1,yield,87,%\n"
            "2,yield,88,%\n"
            "3,yield,87.5,%\n"
            "4,yield,5e-324,%\n");
  results.variables[3].name = "draws";
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "draws.csv"), "\xEF\xBB\xBFproduct,value,unit\n");
  EXPECT_EQ(bytes_of(scratch / "draws_.csv").find("draw,name"), 3u);
}

TEST(Csv, QuantilesAreNamedByPerCent) {
  EXPECT_EQ(quantile_name(0.05), "p5");
  EXPECT_EQ(quantile_name(0.025), "p2.5");
  EXPECT_EQ(quantile_name(0.07), "p7");
  EXPECT_EQ(quantile_name(0.5), "p50");
  EXPECT_EQ(quantile_name(0.999), "p99.9");
  EXPECT_EQ(quantile_name(0.00001), "p0.001");
  EXPECT_EQ(quantile_name(0), "p0");
  EXPECT_EQ(quantile_name(1), "p100");
}

TEST(Csv, OwnColumnsStepAsideForDimensionsOfTheSameName) {
  const Scratch scratch;
  ResultSet results = sample();
  results.dimensions[1].name = "unit";
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "never.csv"), "\xEF\xBB\xBFunit,value,unit_\n");

  results = uncertain_sample();
  results.dimensions[1].name = "p50";
  ASSERT_EQ(write_csv(results, scratch.folder()), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "in_use.inflow.csv").find(",p2.5,p50_,p95\n"), 80u);
}

TEST(Csv, NumbersReadBackToTheSameBits) {
  std::mt19937_64 bits(20260304);
  std::vector<double> numbers = {0.0,
                                 -0.0,
                                 1e16,
                                 1e-5,
                                 9.999999999999999e-6,
                                 9999999999999998.0,
                                 0.1 + 0.2,
                                 std::numeric_limits<double>::max(),
                                 std::numeric_limits<double>::denorm_min(),
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 20000; ++i) {
    const double any = std::bit_cast<double>(bits());
    if (!std::isnan(any)) numbers.push_back(any);
    numbers.push_back(static_cast<double>(bits() % 1000000007) / 1000.0);
  }
  for (const double number : numbers) {
    std::string text;
    append_number(text, number);
    double back = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(parsed.ptr, text.data() + text.size()) << text;
    ASSERT_TRUE(same_number(number, back)) << text;
  }
}

TEST(Csv, OrdinaryNumbersAreWrittenOut) {
  const auto text = [](double value) {
    std::string out;
    append_number(out, value);
    return out;
  };
  EXPECT_EQ(text(100000), "100000");
  EXPECT_EQ(text(1e15), "1000000000000000");
  EXPECT_EQ(text(1e16), "1e+16");
  EXPECT_EQ(text(0.00001), "0.00001");
  EXPECT_EQ(text(0.000001), "1e-06");
  EXPECT_EQ(text(missing), "nan");
}

TEST(Csv, SameBytesAgain) {
  const Scratch scratch;
  ResultSet results = sample();
  ASSERT_EQ(write_csv(results, scratch / "a"), std::nullopt);
  results.timestamp = "2027-01-01T00:00:00Z";
  ASSERT_EQ(write_csv(results, scratch / "b"), std::nullopt);
  for (const ResultVariable& variable : results.variables) {
    EXPECT_EQ(bytes_of(scratch / ("a/" + variable.name + ".csv")),
              bytes_of(scratch / ("b/" + variable.name + ".csv")));
  }
}

}  // namespace
}  // namespace lode
