// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "lode/kernels/cohort.hpp"

namespace lode {
namespace {

constexpr std::size_t periods = 10;
constexpr double tolerance = 1e-12;
const std::vector<double> steps(periods, 1.0);

// tool, convention, distribution, mode
using Key = std::tuple<std::string, std::string, std::string, std::string>;

struct Rows {
  std::map<Key, std::vector<std::array<double, 3>>> totals;   // inflow, stock, outflow by year
  std::map<Key, std::vector<std::array<double, 5>>> cohorts;  // year, cohort, survival, stock, outflow
};

Rows read(const std::string& prefix) {
  Rows rows;
  for (const bool by_cohort : {false, true}) {
    std::ifstream file(std::string(LODE_SOURCE_DIR) + "/tests/golden/" + prefix +
                       (by_cohort ? "cohorts.csv" : "totals.csv"));
    EXPECT_TRUE(file.good());
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::vector<std::string> cells;
      std::stringstream cutter(line);
      for (std::string cell; std::getline(cutter, cell, ',');) cells.push_back(cell);
      const Key key(cells.at(0), cells.at(1), cells.at(2), cells.at(3));
      const auto number = [&](std::size_t column) { return std::strtod(cells.at(column).c_str(), nullptr); };
      if (by_cohort) {
        rows.cohorts[key].push_back({number(4) - 2001, number(5) - 2001, number(6), number(7), number(8)});
      } else {
        EXPECT_EQ(number(4), 2001 + static_cast<double>(rows.totals[key].size()));
        rows.totals[key].push_back({number(5), number(6), number(7)});
      }
    }
  }
  return rows;
}

std::unique_ptr<Lifetime> make(std::string_view family, std::size_t form, std::vector<double> values) {
  std::string problem;
  auto lifetime = make_lifetime(family, form, values, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  return lifetime;
}

// The absolute value of a normal(mu, sigma), as scipy's foldnorm: P(|X| > x).
class FoldedNormal final : public Lifetime {
 public:
  FoldedNormal(double mu, double sigma) : mu_(mu), sigma_(sigma) {}
  double survival(double age) const override {
    return age <= 0 ? 1 : upper((age - mu_) / sigma_) + upper((age + mu_) / sigma_);
  }
  double loss(double from, double to) const override { return survival(from) - survival(to); }
  double density(double) const override { return 0; }
  double hazard(double) const override { return 0; }
  double mean() const override { return 0; }
  double deviation() const override { return 0; }
  double quantile(double) const override { return 0; }
  bool has_density() const override { return false; }

 private:
  static double upper(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }
  double mu_;
  double sigma_;
};

std::vector<std::unique_ptr<Lifetime>> lifetimes_of(const std::string& tool,
                                                    const std::string& distribution) {
  std::vector<std::unique_ptr<Lifetime>> lifetimes;
  if (distribution == "normal") {
    lifetimes.push_back(make("normal", 0, {5, 1.5}));
  } else if (distribution == "lognormal") {
    lifetimes.push_back(make("lognormal", 0, {5, tool == "odym" ? 25 / 1.5 : 1.5}));
  } else if (distribution == "weibull") {
    lifetimes.push_back(make("weibull", 0, {5.6, 3}));
  } else if (distribution == "foldednormal") {
    lifetimes.push_back(std::make_unique<FoldedNormal>(5, 1.5));
  } else if (distribution == "weibull_scale_4+0.5c") {
    for (std::size_t c = 0; c < periods; ++c)
      lifetimes.push_back(make("weibull", 0, {4 + 0.5 * static_cast<double>(c), 3}));
  } else if (distribution == "fixed") {
    lifetimes.push_back(make("fixed", 0, {5}));
  } else if (distribution.starts_with("fixed_")) {
    lifetimes.push_back(make("fixed", 0, {std::strtod(distribution.c_str() + 6, nullptr)}));
  }
  return lifetimes;
}

Entry entry_of(const std::string& convention) {
  if (convention == "start") return InflowAt::start;
  if (convention == "middle") return InflowAt::middle;
  if (convention == "end" || convention == "age_end") return InflowAt::end;
  EXPECT_TRUE(convention.starts_with("quad")) << convention;
  return {InflowAt::spread, std::atoi(convention.c_str() + 4)};
}

SurvivalCurves curves_of(const std::vector<std::unique_ptr<Lifetime>>& lifetimes, Entry entry) {
  if (lifetimes.size() == 1) return survival_curves(*lifetimes[0], steps, entry, OutflowBy::survival);
  std::vector<const Lifetime*> each;
  for (const auto& lifetime : lifetimes) each.push_back(lifetime.get());
  return survival_curves(each, steps, entry, OutflowBy::survival);
}

struct Tally {
  int cases = 0;
  int years = 0;
  int cells = 0;     // of cohorts
  int reported = 0;  // nothing survives
  int corrected = 0;
};

Tally compare(const std::string& prefix) {
  Tally tally;
  const Rows rows = read(prefix);
  for (const auto& [key, totals] : rows.totals) {
    const auto& [tool, convention, distribution, mode] = key;
    SCOPED_TRACE(tool + ' ' + convention + ' ' + distribution + ' ' + mode);
    EXPECT_EQ(totals.size(), periods);
    const auto lifetimes = lifetimes_of(tool, distribution);
    EXPECT_FALSE(lifetimes.empty());
    const SurvivalCurves curves = curves_of(lifetimes, entry_of(convention));
    EXPECT_EQ(curves.by_age, lifetimes.size() == 1);
    const NegativeInflow policy =
        mode.ends_with("negcorr") ? NegativeInflow::proportional : NegativeInflow::allow;
    std::vector<double> inflow(periods), stock(periods), outflow(periods), correction(periods);
    std::vector<std::uint8_t> given(periods, mode == "inflow_driven" ? 0 : 1);
    // The historic inflows of an initial stock are those that leave just that stock in the fourth year.
    if (mode.starts_with("initialstock")) std::fill_n(given.begin(), 4, std::uint8_t{0});
    for (std::size_t t = 0; t < periods; ++t) (given[t] ? stock[t] : inflow[t]) = totals[t][given[t] ? 1 : 0];
    CohortSeries series{&curves, given.data(), inflow.data(), stock.data(), outflow.data()};
    series.correction = correction.data();
    const auto failures = advance({&series, 1}, steps, 0, periods, policy);

    ++tally.cases;
    if (given[0] && curves.s(0, 0) == 0) {
      EXPECT_EQ(failures.size(), periods);
      for (const CohortFailure& failure : failures)
        EXPECT_EQ(failure.kind, CohortFailure::Kind::nothing_survives);
      ++tally.reported;
      if (tool == "flodym") continue;
    } else {
      for (const CohortFailure& failure : failures) {
        EXPECT_EQ(failure.kind, CohortFailure::Kind::corrected);
        EXPECT_GT(failure.value, 0);
        EXPECT_EQ(inflow[failure.period], 0);
        ++tally.corrected;
      }
    }
    for (std::size_t t = 0; t < periods; ++t) {
      EXPECT_NEAR(inflow[t], totals[t][0], tolerance) << t;
      EXPECT_NEAR(stock[t], totals[t][1], tolerance) << t;
      EXPECT_NEAR(outflow[t], totals[t][2], tolerance) << t;
      ++tally.years;
    }
    const auto cohorts = rows.cohorts.find(key);
    if (cohorts == rows.cohorts.end()) continue;
    std::vector<double> present(periods), leaving(periods);
    for (const auto& [year, entered, survival, left, lost] : cohorts->second) {
      const auto t = static_cast<std::size_t>(year);
      const auto c = static_cast<std::size_t>(entered);
      by_cohort(series, steps, policy, t, present, leaving);
      EXPECT_NEAR(curves.s(c, t), survival, tolerance) << t << ' ' << c;
      EXPECT_NEAR(present[c], left, tolerance) << t << ' ' << c;
      EXPECT_NEAR(leaving[c], lost, tolerance) << t << ' ' << c;
      ++tally.cells;
    }
  }
  return tally;
}

TEST(CohortGolden, MainCases) {
  const Tally tally = compare("");
  // 5 families × 8 conventions (one of ODYM, seven of flodym) × 2 modes; cohorts of 5 conventions.
  EXPECT_EQ(tally.cases, 5 * 8 * 2);
  EXPECT_EQ(tally.years, tally.cases * 10);
  EXPECT_EQ(tally.cells, 5 * 5 * 2 * 55);
  EXPECT_EQ(tally.reported, 0);
  EXPECT_EQ(tally.corrected, 0);
}

TEST(CohortGolden, EdgeCases) {
  const Tally tally = compare("extra_");
  // Falling stock: 5 families × 3 conventions, and 5 with ODYM's correction. Initial stock: 3 families, with
  // and without it. Fixed 0, 0.4, 1, 3.5: 4 conventions, both modes, of which 6 of flodym have no answer.
  // Weibull by cohort: 3 conventions, both modes.
  EXPECT_EQ(tally.cases, 5 * 3 + 5 + 3 * 2 + 4 * 4 * 2 + 3 * 2);
  EXPECT_EQ(tally.years, (tally.cases - 6) * 10);
  EXPECT_EQ(tally.cells, tally.years / 10 * 55);
  EXPECT_EQ(tally.reported, 7);
  EXPECT_EQ(tally.corrected, 5 * 2);
}

// The initial stock as the packages give it, by amounts and their ages, in place of historic inflows.
TEST(CohortGolden, InitialStockByAge) {
  const Rows rows = read("extra_");
  int compared = 0;
  for (const auto& [key, totals] : rows.totals) {
    const auto& [tool, convention, distribution, mode] = key;
    if (!mode.starts_with("initialstock")) continue;
    SCOPED_TRACE(distribution + ' ' + mode);
    const auto lifetimes = lifetimes_of(tool, distribution);
    const std::vector<double> later(6, 1.0);
    const SurvivalCurves curves = survival_curves(*lifetimes[0], later, InflowAt::end, OutflowBy::survival);
    std::vector<double> older_stock(6), older_outflow(6);
    for (int c = 0; c < 4; ++c) {
      const double age = 3 - c, present = (c + 1) / lifetimes[0]->survival(age);
      for (int t = 0; t < 6; ++t) {
        older_stock[t] += present * lifetimes[0]->survival(age + t + 1);
        older_outflow[t] += present * lifetimes[0]->loss(age + t, age + t + 1);
      }
    }
    const std::vector<std::uint8_t> given(6, 1);
    std::vector<double> inflow(6), stock{11, 12, 13, 14, 15, 16}, outflow(6);
    CohortSeries series{&curves, given.data(), inflow.data(), stock.data(), outflow.data()};
    series.older_stock = older_stock.data();
    series.older_outflow = older_outflow.data();
    EXPECT_TRUE(advance({&series, 1}, later, 0, 6, NegativeInflow::proportional).empty());
    std::vector<double> present(6), leaving(6);
    for (std::size_t t = 0; t < 6; ++t) {
      EXPECT_NEAR(inflow[t], totals[t + 4][0], tolerance) << t;
      EXPECT_NEAR(stock[t], totals[t + 4][1], tolerance) << t;
      EXPECT_NEAR(outflow[t], totals[t + 4][2], tolerance) << t;
      const CohortAmount older = by_cohort(series, later, NegativeInflow::proportional, t, present, leaving);
      double old_stock = 0;
      double old_outflow = 0;
      for (const auto& [year, entered, survival, left, lost] : rows.cohorts.at(key)) {
        if (year != static_cast<double>(t) + 4) continue;
        if (entered < 4) {
          old_stock += left;
          old_outflow += lost;
        } else {
          EXPECT_NEAR(present[static_cast<std::size_t>(entered) - 4], left, tolerance);
          EXPECT_NEAR(leaving[static_cast<std::size_t>(entered) - 4], lost, tolerance);
        }
      }
      EXPECT_NEAR(older.stock, old_stock, tolerance);
      EXPECT_NEAR(older.outflow, old_outflow, tolerance);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 3 * 2 * 6);
}

std::vector<std::vector<std::string>> table(const std::string& name) {
  std::ifstream file(std::string(LODE_SOURCE_DIR) + "/tests/golden/" + name);
  EXPECT_TRUE(file.good());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::stringstream cutter(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cutter, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

TEST(CohortGolden, SurvivalByAge) {
  const auto rows = table("survival_by_age.csv");
  EXPECT_EQ(rows.size(), 5u * 8u * 10u);
  for (const auto& row : rows) {
    const auto lifetimes = lifetimes_of(row.at(0), row.at(2));
    ASSERT_EQ(lifetimes.size(), 1u) << row.at(2);
    const SurvivalCurves curves = curves_of(lifetimes, entry_of(row.at(1)));
    EXPECT_NEAR(curves.remaining.at(std::stoul(row.at(3))), std::stod(row.at(4)), tolerance)
        << row.at(0) << ' ' << row.at(1) << ' ' << row.at(2) << ' ' << row.at(3);
  }
}

TEST(CohortGolden, ReleaseLists) {
  const auto rows = table("dpmfa_weibull_listrelease.csv");
  EXPECT_EQ(rows.size(), 3u * 10u);
  for (std::size_t at = 0; at < rows.size(); at += periods) {
    const SurvivalCurves curves = curves_of(lifetimes_of("dpmfa", "weibull"), entry_of(rows[at][0]));
    std::vector<double> inflow(periods), stock(periods), outflow(periods);
    for (std::size_t t = 0; t < periods; ++t) inflow[t] = std::stod(rows[at + t].at(2));
    const CohortSeries series{&curves, nullptr, inflow.data(), stock.data(), outflow.data()};
    advance({&series, 1}, steps, 0, periods, NegativeInflow::error);
    for (std::size_t t = 0; t < periods; ++t) {
      EXPECT_EQ(rows[at + t].at(0), rows[at].at(0));
      EXPECT_NEAR(stock[t], std::stod(rows[at + t].at(3)), tolerance) << rows[at][0] << ' ' << t;
      EXPECT_NEAR(outflow[t], std::stod(rows[at + t].at(4)), tolerance) << rows[at][0] << ' ' << t;
    }
  }
}

}  // namespace
}  // namespace lode
