// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "lode/results/result_set.hpp"

namespace lode {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// An empty folder that goes away with the test.
class Scratch {
 public:
  Scratch() {
    static std::atomic<int> serial = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("lode-results-test-" + std::to_string(::getpid()) + "-" + std::to_string(serial++));
    std::filesystem::create_directories(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  const std::filesystem::path& folder() const { return folder_; }

  /// Everything below the folder, hidden files too.
  std::size_t count() const {
    const auto all = std::filesystem::recursive_directory_iterator(folder_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

 private:
  std::filesystem::path folder_;
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Two years of a small system with what is awkward: gaps, Chinese, odd labels, units by label, a scalar.
inline ResultSet sample() {
  ResultSet results;
  results.title = "Neodymium in China";
  results.title_zh = "中国钕";
  results.timestamp = "2026-03-04T05:06:07Z";
  results.manifest = {{"engine_version", "0.1.0"},
                      {"model_hash", "c0ffee"},
                      {"scenario", "growth=5%; 回收=高"},
                      {"options", ""},
                      {"title", "a key that NetCDF uses itself"}};

  ResultDimension time;
  time.name = "time";
  time.title = "Year";
  time.title_zh = "年份";
  time.labels = {"2000", "2001", "2005"};
  time.is_time = true;
  time.period_lengths = {1, 1, 4};
  ResultDimension product;
  product.name = "product";
  product.title = "Product";
  product.title_zh = "产品";
  product.labels = {"WT", "a, \"b\"", "两轮 电动车", "x/y\n;z"};
  product.titles = {"Wind turbines", "", "", ""};
  product.titles_zh = {"风机", "", "电动两轮车", ""};
  results.dimensions = {time, product};

  ResultVariable flow;
  flow.name = "in_use.inflow";
  flow.title = "Into use";
  flow.title_zh = "进入使用";
  flow.group = "flow";
  flow.unit = "kt/yr";
  flow.udunits = "Gg year-1";
  flow.dimensions = {1, 0};
  flow.values = {0.1,     1.0 / 3.0, missing, -0.0,          1e300, 5e-324,
                 missing, missing,   missing, 123456789.125, 2,     100000};
  flow.is_flow = true;
  flow.formula = "made * share[time - 1]";
  flow.from = "manufacturing";
  flow.to = "in_use";

  ResultVariable stock;
  stock.name = "in_use.stock";
  stock.group = "stock";
  stock.unit = "product.counted_in";
  stock.udunits = "1";
  stock.dimensions = {0, 1};
  stock.values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  stock.label_units = {"MW", "item", "辆", "t"};

  ResultVariable scalar;
  scalar.name = "yield";
  scalar.group = "parameter";
  scalar.unit = "%";
  scalar.udunits = "percent";
  scalar.values = {87.5};

  ResultVariable gone;
  gone.name = "never";
  gone.group = "quantity";
  gone.unit = "1";
  gone.udunits = "1";
  gone.dimensions = {1};
  gone.values = {missing, missing, missing, missing};

  results.variables = {flow, stock, scalar, gone};
  return results;
}

/// The sample after a run with draws: two arrays are uncertain, two numbers were kept.
inline ResultSet uncertain_sample() {
  ResultSet results = sample();
  results.quantiles = {0.025, 0.5, 0.95};
  const auto spread = [&](ResultVariable& variable) {
    const auto scaled = [&](double factor) {
      std::vector<double> values = variable.values;
      for (double& value : values) value *= factor;
      return values;
    };
    ResultUncertainty uncertainty;
    uncertainty.mean = scaled(1.0625);
    uncertainty.mean_error = scaled(0.001);
    uncertainty.deviation = scaled(1.0 / 3.0);
    uncertainty.deviation_error = scaled(0.002);
    uncertainty.minimum = scaled(0.5);
    uncertainty.maximum = scaled(2);
    uncertainty.quantiles = {scaled(0.75), scaled(1), scaled(1.5)};
    uncertainty.quantile_errors = {scaled(0.01), scaled(0.02), scaled(0.03)};
    variable.uncertainty = uncertainty;
  };
  spread(results.variables[0]);
  spread(results.variables[2]);
  results.draws = {{"in_use.inflow[WT, 2001]", "kt/yr", "Gg year-1", {0.25, missing, -0.0, 1.0 / 3.0}},
                   {"yield", "%", "percent", {87, 88, 87.5, 5e-324}}};
  return results;
}

/// Same bits, or both NaN.
inline bool same_number(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline void expect_same(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(same_number(a[i], b[i])) << "cell " << i << ": " << a[i] << ", " << b[i];
  }
}

inline void expect_same(const std::vector<std::vector<double>>& a,
                        const std::vector<std::vector<double>>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) expect_same(a[i], b[i]);
}

inline void expect_same(const ResultUncertainty& a, const ResultUncertainty& b) {
  expect_same(a.mean, b.mean);
  expect_same(a.mean_error, b.mean_error);
  expect_same(a.deviation, b.deviation);
  expect_same(a.deviation_error, b.deviation_error);
  expect_same(a.minimum, b.minimum);
  expect_same(a.maximum, b.maximum);
  expect_same(a.quantiles, b.quantiles);
  expect_same(a.quantile_errors, b.quantile_errors);
}

inline void expect_same(const ResultSet& a, const ResultSet& b) {
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.title_zh, b.title_zh);
  EXPECT_EQ(a.timestamp, b.timestamp);
  EXPECT_EQ(a.manifest, b.manifest);
  ASSERT_EQ(a.dimensions.size(), b.dimensions.size());
  for (std::size_t d = 0; d < a.dimensions.size(); ++d) {
    const ResultDimension &x = a.dimensions[d], &y = b.dimensions[d];
    SCOPED_TRACE(x.name);
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.title, y.title);
    EXPECT_EQ(x.title_zh, y.title_zh);
    EXPECT_EQ(x.labels, y.labels);
    EXPECT_EQ(x.titles, y.titles);
    EXPECT_EQ(x.titles_zh, y.titles_zh);
    EXPECT_EQ(x.is_time, y.is_time);
    EXPECT_EQ(x.period_lengths, y.period_lengths);
  }
  ASSERT_EQ(a.variables.size(), b.variables.size());
  for (std::size_t v = 0; v < a.variables.size(); ++v) {
    const ResultVariable &x = a.variables[v], &y = b.variables[v];
    SCOPED_TRACE(x.name);
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.title, y.title);
    EXPECT_EQ(x.title_zh, y.title_zh);
    EXPECT_EQ(x.group, y.group);
    EXPECT_EQ(x.unit, y.unit);
    EXPECT_EQ(x.udunits, y.udunits);
    EXPECT_EQ(x.dimensions, y.dimensions);
    EXPECT_EQ(x.is_flow, y.is_flow);
    EXPECT_EQ(x.formula, y.formula);
    EXPECT_EQ(x.from, y.from);
    EXPECT_EQ(x.to, y.to);
    EXPECT_EQ(x.label_units, y.label_units);
    expect_same(x.values, y.values);
    ASSERT_EQ(x.uncertainty.has_value(), y.uncertainty.has_value());
    if (x.uncertainty) expect_same(*x.uncertainty, *y.uncertainty);
  }
  EXPECT_EQ(a.quantiles, b.quantiles);
  ASSERT_EQ(a.draws.size(), b.draws.size());
  for (std::size_t i = 0; i < a.draws.size(); ++i) {
    const ResultDraws &x = a.draws[i], &y = b.draws[i];
    SCOPED_TRACE(x.name);
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.unit, y.unit);
    EXPECT_EQ(x.udunits, y.udunits);
    expect_same(x.values, y.values);
  }
}

}  // namespace lode
