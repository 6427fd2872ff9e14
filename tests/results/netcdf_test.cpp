// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <netcdf.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "lode/results/write.hpp"
#include "sample.hpp"

namespace lode {
namespace {

ResultSet written_and_read(const ResultSet& results) {
  const Scratch scratch;
  EXPECT_EQ(write_netcdf(results, scratch / "r.nc"), std::nullopt);
  std::string error;
  const auto back = read_netcdf(scratch / "r.nc", error);
  EXPECT_TRUE(back.has_value()) << error;
  return back.value_or(ResultSet{});
}

TEST(NetCdf, ReadsBackAllThatWasWritten) {
  expect_same(sample(), written_and_read(sample()));
}

TEST(NetCdf, ReadsBackWhatDrawsTell) {
  expect_same(uncertain_sample(), written_and_read(uncertain_sample()));
  ResultSet without_quantiles = uncertain_sample();
  without_quantiles.quantiles.clear();
  for (ResultVariable& variable : without_quantiles.variables) {
    if (!variable.uncertainty) continue;
    variable.uncertainty->quantiles.clear();
    variable.uncertainty->quantile_errors.clear();
  }
  without_quantiles.draws[1].values.resize(3);  // another dimension
  expect_same(without_quantiles, written_and_read(without_quantiles));
}

TEST(NetCdf, StatisticsBesideNamesTheyWouldTake) {
  ResultSet results = uncertain_sample();
  results.dimensions[1].name = "quantile";
  results.variables[1].name = "in_use.inflow.mean";
  results.variables[2].name = "名称 with blanks";
  results.variables[3].name = "draw";
  results.draws[0].name = results.draws[1].name = "[/]";
  expect_same(results, written_and_read(results));

  std::string long_name = "n";
  for (int i = 0; i < 200; ++i) long_name += "钕";
  results.variables[0].name = long_name + "a";
  results.variables[2].name = long_name + "b";
  results.draws[0].name = long_name;
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, StatisticsOfNoCells) {
  ResultSet results = uncertain_sample();
  results.dimensions[1] = {};
  results.dimensions[1].name = "product";
  results.variables[0].values.clear();
  const std::vector<std::vector<double>> none(3);
  results.variables[0].uncertainty = ResultUncertainty{{}, {}, {}, {}, {}, {}, none, none, {}};
  results.variables.erase(results.variables.begin() + 1);
  results.variables.pop_back();
  results.draws[0].values.clear();
  expect_same(results, written_and_read(results));
}

/// More than a chunk holds, and more than deflating needs to be worth it.
ResultSet large_uncertain() {
  ResultSet results;
  results.quantiles = {0.05, 0.95};
  ResultDimension product, origin;
  product.name = "product";
  origin.name = "origin";
  for (int i = 0; i < 400; ++i) product.labels.push_back("p" + std::to_string(i));
  origin.labels = product.labels;
  results.dimensions = {product, origin};
  ResultVariable variable;
  variable.name = "traded";
  variable.group = "flow";
  variable.unit = variable.udunits = "t";
  variable.dimensions = {0, 1};
  const auto series = [](std::size_t count, double scale) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = scale * std::sqrt(static_cast<double>(i));
    return values;
  };
  variable.values = series(160000, 1);
  variable.uncertainty = ResultUncertainty{series(160000, 2),
                                           series(160000, 3),
                                           series(160000, 4),
                                           series(160000, 5),
                                           series(160000, 6),
                                           series(160000, 12),
                                           {series(160000, 7), series(160000, 8)},
                                           {series(160000, 9), series(160000, 10)},
                                           {}};
  results.variables = {variable};
  results.draws = {{"traded[p1, p2]", "t", "t", series(300000, 11)}};
  return results;
}

TEST(NetCdf, CompressesWhatIsLargeInChunksAndKeepsItsBits) {
  const ResultSet results = large_uncertain();
  const Scratch scratch;
  ASSERT_EQ(write_netcdf(results, scratch / "a.nc"), std::nullopt);
  ASSERT_EQ(write_netcdf(results, scratch / "b.nc"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "a.nc"), bytes_of(scratch / "b.nc"));
  std::string error;
  const auto back = read_netcdf(scratch / "a.nc", error);
  ASSERT_TRUE(back.has_value()) << error;
  expect_same(results, *back);

  int file = 0;
  ASSERT_EQ(nc_open((scratch / "a.nc").c_str(), NC_NOWRITE, &file), NC_NOERR);
  const auto chunks = [&](const char* name) {
    int id = 0, storage = 0, shuffle = 0, deflate = 0, level = 0, rank = 0;
    EXPECT_EQ(nc_inq_varid(file, name, &id), NC_NOERR) << name;
    EXPECT_EQ(nc_inq_varndims(file, id, &rank), NC_NOERR);
    std::vector<std::size_t> sizes(static_cast<std::size_t>(rank));
    EXPECT_EQ(nc_inq_var_chunking(file, id, &storage, sizes.data()), NC_NOERR);
    EXPECT_EQ(nc_inq_var_deflate(file, id, &shuffle, &deflate, &level), NC_NOERR);
    EXPECT_EQ(shuffle, deflate);
    return deflate != 0 ? sizes : std::vector<std::size_t>{};
  };
  EXPECT_EQ(chunks("traded"), (std::vector<std::size_t>{}));
  EXPECT_EQ(chunks("traded.mean"), (std::vector<std::size_t>{327, 400}));
  EXPECT_EQ(chunks("traded.quantiles"), (std::vector<std::size_t>{1, 327, 400}));
  EXPECT_EQ(chunks("traded_p1_p2.draws"), (std::vector<std::size_t>{131072}));
  nc_close(file);
}

TEST(NetCdf, StatisticsSayWhatTheyAreInTheWordsOfCf) {
  const Scratch scratch;
  ASSERT_EQ(write_netcdf(uncertain_sample(), scratch / "r.nc"), std::nullopt);
  int file = 0;
  ASSERT_EQ(nc_open((scratch / "r.nc").c_str(), NC_NOWRITE, &file), NC_NOERR);
  const auto text = [&](const char* variable, const char* name) {
    int id = 0;
    std::size_t size = 0;
    EXPECT_EQ(nc_inq_varid(file, variable, &id), NC_NOERR) << variable;
    if (nc_inq_attlen(file, id, name, &size) != NC_NOERR) return std::string("none");
    std::string value(size, '\0');
    EXPECT_EQ(nc_get_att_text(file, id, name, value.data()), NC_NOERR) << variable << ':' << name;
    return value;
  };
  EXPECT_EQ(text("in_use.inflow", "ancillary_variables"),
            "in_use.inflow.mean in_use.inflow.mean_error in_use.inflow.deviation "
            "in_use.inflow.deviation_error in_use.inflow.minimum "
            "in_use.inflow.maximum");
  EXPECT_EQ(text("in_use.inflow", "quantiles"), "in_use.inflow.quantiles");
  EXPECT_EQ(text("in_use.stock", "ancillary_variables"), "none");
  EXPECT_EQ(text("in_use.inflow.deviation", "cell_methods"), "time: mean realization: standard_deviation");
  EXPECT_EQ(text("in_use.inflow.deviation", "long_name"), "Into use, standard deviation of the draws");
  EXPECT_EQ(text("in_use.inflow.deviation", "units"), "Gg year-1");
  EXPECT_EQ(text("in_use.inflow.mean_error", "cell_methods"), "time: mean");
  EXPECT_EQ(text("yield.maximum", "cell_methods"), "realization: maximum");
  EXPECT_EQ(text("yield.quantiles", "ancillary_variables"), "yield.quantile_errors");
  EXPECT_EQ(text("in_use.inflow_WT_2001.draws", "long_name"), "in_use.inflow[WT, 2001]");
  EXPECT_EQ(text("draw", "standard_name"), "realization");
  nc_close(file);
}

TEST(NetCdf, AFileThatLostItsStatisticsIsDamaged) {
  const Scratch scratch;
  for (const char* name : {"yield.deviation", "yield.quantiles", "yield.quantile_errors"}) {
    ASSERT_EQ(write_netcdf(uncertain_sample(), scratch / "r.nc"), std::nullopt);
    int file = 0, id = 0;
    ASSERT_EQ(nc_open((scratch / "r.nc").c_str(), NC_WRITE, &file), NC_NOERR);
    ASSERT_EQ(nc_inq_varid(file, name, &id), NC_NOERR);
    ASSERT_EQ(nc_rename_var(file, id, "else"), NC_NOERR);
    ASSERT_EQ(nc_close(file), NC_NOERR);
    std::string error;
    EXPECT_FALSE(read_netcdf(scratch / "r.nc", error).has_value()) << name;
    EXPECT_EQ(error, "cannot read `" + (scratch / "r.nc").string() + "`: the file is damaged");
  }
}

TEST(NetCdf, OlderFilesHaveNoErrorOfTheDeviation) {
  const Scratch scratch;
  ResultSet expected = uncertain_sample();
  ASSERT_EQ(write_netcdf(expected, scratch / "r.nc"), std::nullopt);
  int file = 0, id = 0;
  ASSERT_EQ(nc_open((scratch / "r.nc").c_str(), NC_WRITE, &file), NC_NOERR);
  ASSERT_EQ(nc_inq_varid(file, "yield", &id), NC_NOERR);
  const std::string names = "yield.mean yield.mean_error yield.deviation yield.minimum yield.maximum";
  ASSERT_EQ(nc_put_att_text(file, id, "ancillary_variables", names.size(), names.c_str()), NC_NOERR);
  ASSERT_EQ(nc_close(file), NC_NOERR);
  std::string error;
  const auto read = read_netcdf(scratch / "r.nc", error);
  ASSERT_TRUE(read.has_value()) << error;
  const auto yield = std::find_if(read->variables.begin(), read->variables.end(),
                                  [](const ResultVariable& each) { return each.name == "yield"; });
  ASSERT_NE(yield, read->variables.end());
  const ResultUncertainty& known = *expected.variables[2].uncertainty;
  expect_same(yield->uncertainty->deviation_error, {missing});
  expect_same(yield->uncertainty->deviation, known.deviation);
  expect_same(yield->uncertainty->maximum, known.maximum);
}

TEST(NetCdf, NoDimensionsNoVariablesNoTexts) {
  expect_same(ResultSet{}, written_and_read(ResultSet{}));
  ResultSet scalar;
  ResultVariable variable;
  variable.name = "x";
  variable.group = "quantity";
  variable.unit = variable.udunits = "1";
  variable.values = {missing};
  scalar.variables = {variable};
  expect_same(scalar, written_and_read(scalar));
}

TEST(NetCdf, DimensionWithoutLabels) {
  ResultSet results = sample();
  results.dimensions[1] = {};
  results.dimensions[1].name = "product";
  for (ResultVariable& variable : results.variables) {
    if (!variable.dimensions.empty()) variable.values.clear();
    variable.label_units.clear();
  }
  results.variables[1].unit = "t";
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, NamesThatNetcdfWouldRefuseOrConfuse) {
  ResultSet results = sample();
  results.dimensions[1].name = "a/b";
  results.variables[0].name = "time";  // also a dimension
  results.variables[1].name = "year";  // also our own coordinate
  results.variables[2].name = ".hidden/名称 ";
  results.variables[3].name = "time_bnds";
  results.manifest = {{"Conventions", "none"}, {"file data/b.csv", "1"}, {"manifest_x", "2"}};
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, NamesLongerThanNetcdfTakes) {
  ResultSet results = sample();
  std::string long_name = "n";
  for (int i = 0; i < 200; ++i) long_name += "钕";
  results.variables[0].name = long_name + "a";
  results.variables[1].name = long_name + "b";
  results.dimensions[1].name = long_name;
  results.manifest.clear();
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, UnitsOfTheLabelsBelongToTheDimensionTheUnitNames) {
  ResultSet results = sample();
  ResultDimension other = results.dimensions[1];
  other.name = "destination";
  results.dimensions.push_back(other);
  ResultVariable variable = results.variables[1];
  variable.name = "traded";
  variable.dimensions = {2, 1};
  variable.values.assign(16, 1.0);
  variable.unit = "product.counted_in/yr";
  ResultVariable twin = variable;
  twin.name = "traded_too";
  twin.unit = "kg/destination.counted_in";
  results.variables = {variable, twin};

  const Scratch scratch;
  ASSERT_EQ(write_netcdf(results, scratch / "r.nc"), std::nullopt);
  int file = 0, id = 0;
  ASSERT_EQ(nc_open((scratch / "r.nc").c_str(), NC_NOWRITE, &file), NC_NOERR);
  EXPECT_EQ(nc_inq_varid(file, "product_unit", &id), NC_NOERR);
  EXPECT_EQ(nc_inq_varid(file, "destination_unit", &id), NC_NOERR);
  nc_close(file);
}

TEST(NetCdf, TimeIsDaysWithBounds) {
  const Scratch scratch;
  ASSERT_EQ(write_netcdf(sample(), scratch / "r.nc"), std::nullopt);
  int file = 0, time = 0, bounds = 0, year = 0;
  ASSERT_EQ(nc_open((scratch / "r.nc").c_str(), NC_NOWRITE, &file), NC_NOERR);
  ASSERT_EQ(nc_inq_varid(file, "time", &time), NC_NOERR);
  ASSERT_EQ(nc_inq_varid(file, "time_bnds", &bounds), NC_NOERR);
  ASSERT_EQ(nc_inq_varid(file, "year", &year), NC_NOERR);
  std::vector<double> days(3), edges(6);
  std::vector<int> years(3);
  ASSERT_EQ(nc_get_var_double(file, time, days.data()), NC_NOERR);
  ASSERT_EQ(nc_get_var_double(file, bounds, edges.data()), NC_NOERR);
  ASSERT_EQ(nc_get_var_int(file, year, years.data()), NC_NOERR);
  nc_close(file);
  // 1900 has 365 days, and of 1901..1999 24 years have 366: 100·365 + 24 = 36524 days up to 2000-01-01.
  EXPECT_EQ(edges, (std::vector<double>{36524, 36890, 36890, 37255, 37255, 37255 + 3 * 365 + 366}));
  EXPECT_EQ(days, (std::vector<double>{36889, 37254, 37255 + 3 * 365 + 365}));
  EXPECT_EQ(years, (std::vector<int>{2000, 2001, 2005}));
}

TEST(NetCdf, TimeWithLabelsThatAreNoYears) {
  ResultSet results = sample();
  results.dimensions[0].labels = {"2000", "early", "02001"};
  results.dimensions[0].period_lengths = {};
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, PeriodsShorterThanAYearKeepTheirLength) {
  ResultSet results = sample();
  results.dimensions[0].labels = {"-500", "1582", "9999"};
  results.dimensions[0].period_lengths = {0.25, 0.5, 100};
  expect_same(results, written_and_read(results));
}

TEST(NetCdf, SameResultsGiveSameBytesAndTheTimeStampIsTheOnlyDifference) {
  const Scratch scratch;
  ResultSet results = uncertain_sample();
  ASSERT_EQ(write_netcdf(results, scratch / "a.nc"), std::nullopt);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 times have a resolution of a second
  ASSERT_EQ(write_netcdf(results, scratch / "b.nc"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "a.nc"), bytes_of(scratch / "b.nc"));

  results.timestamp = "2031-12-30T23:59:58Z";
  ASSERT_EQ(write_netcdf(results, scratch / "c.nc"), std::nullopt);
  std::string before = bytes_of(scratch / "a.nc");
  const std::string after = bytes_of(scratch / "c.nc");
  const std::size_t at = before.find("2026-03-04T05:06:07Z");
  ASSERT_NE(at, std::string::npos);
  before.replace(at, results.timestamp.size(), results.timestamp);
  ASSERT_EQ(before.size(), after.size());
  // The checksum of the metadata block around the time stamp differs too: four bytes.
  std::size_t different = 0;
  for (std::size_t i = 0; i < before.size(); ++i) different += before[i] != after[i];
  EXPECT_LE(different, 8u);
}

TEST(NetCdf, ReplacesAnOlderFileAndLeavesNothingElse) {
  const Scratch scratch;
  std::ofstream(scratch / "r.nc") << "old";
  ASSERT_EQ(write_netcdf(sample(), scratch / "r.nc"), std::nullopt);
  EXPECT_EQ(bytes_of(scratch / "r.nc").substr(1, 3), "HDF");
  EXPECT_EQ(scratch.count(), 1u);
}

TEST(NetCdf, ManyThreadsAtOnceAndNothingIsPrinted) {
  const Scratch scratch;
  testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&scratch, t] {
      for (int i = 0; i < 5; ++i) {
        const auto file = scratch / ("r" + std::to_string(t) + ".nc");
        EXPECT_EQ(write_netcdf(sample(), file), std::nullopt);
        std::string error;
        EXPECT_TRUE(read_netcdf(file, error).has_value()) << error;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(bytes_of(scratch / "r0.nc"), bytes_of(scratch / "r3.nc"));
}

TEST(NetCdf, ReadingWhatIsNotOurs) {
  const Scratch scratch;
  std::string error;
  EXPECT_FALSE(read_netcdf(scratch / "none.nc", error).has_value());
  EXPECT_EQ(error, "cannot read `" + (scratch / "none.nc").string() + "`: there is no such file");

  EXPECT_FALSE(read_netcdf(scratch.folder(), error).has_value());
  EXPECT_EQ(error, "cannot read `" + scratch.folder().string() + "`: it is a folder");

  std::ofstream(scratch / "text.nc") << "hello";
  EXPECT_FALSE(read_netcdf(scratch / "text.nc", error).has_value());
  EXPECT_EQ(error, "cannot read `" + (scratch / "text.nc").string() + "`: it is not a NetCDF file");

  int file = 0;
  ASSERT_EQ(nc_create((scratch / "other.nc").c_str(), NC_NETCDF4, &file), NC_NOERR);
  ASSERT_EQ(nc_close(file), NC_NOERR);
  EXPECT_FALSE(read_netcdf(scratch / "other.nc", error).has_value());
  EXPECT_EQ(error, "cannot read `" + (scratch / "other.nc").string() +
                       "`: these are not results written by this version of Lode");

  ASSERT_EQ(write_netcdf(sample(), scratch / "cut.nc"), std::nullopt);
  std::filesystem::resize_file(scratch / "cut.nc", 4000);
  EXPECT_FALSE(read_netcdf(scratch / "cut.nc", error).has_value());
  EXPECT_EQ(error, "cannot read `" + (scratch / "cut.nc").string() + "`: the file is damaged");
}

}  // namespace
}  // namespace lode
