// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
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

std::vector<std::unique_ptr<Lifetime>> lifetimes_of(const std::string& tool,
                                                    const std::string& distribution) {
  std::vector<std::unique_ptr<Lifetime>> lifetimes;
  if (distribution == "normal") {
    lifetimes.push_back(make("normal", 0, {5, 1.5}));
  } else if (distribution == "lognormal") {
    lifetimes.push_back(make("lognormal", 0, {5, tool == "odym" ? 25 / 1.5 : 1.5}));
  } else if (distribution == "weibull") {
    lifetimes.push_back(make("weibull", 0, {5.6, 3}));
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

struct Tally {
  int checked = 0;
  int reported = 0;  // nothing survives
  std::set<std::string> not_there_yet;
};

Tally compare(const std::string& prefix) {
  Tally tally;
  const Rows rows = read(prefix);
  for (const auto& [key, totals] : rows.totals) {
    const auto& [tool, convention, distribution, mode] = key;
    SCOPED_TRACE(tool + ' ' + convention + ' ' + distribution + ' ' + mode);
    EXPECT_EQ(totals.size(), periods);
    const auto lifetimes = lifetimes_of(tool, distribution);
    const std::map<std::string, InflowAt> known = {{"age_end", InflowAt::end},
                                                   {"end", InflowAt::end},
                                                   {"middle", InflowAt::middle},
                                                   {"start", InflowAt::start}};
    if (lifetimes.empty() || !known.contains(convention)) {
      tally.not_there_yet.insert(lifetimes.empty() ? distribution : convention);
      continue;
    }
    if (mode.ends_with("negcorr") || mode.starts_with("initialstock")) {
      tally.not_there_yet.insert(mode);
      continue;
    }
    SurvivalCurves curves;
    if (lifetimes.size() == 1) {
      curves = survival_curves(*lifetimes[0], steps, known.at(convention), OutflowBy::survival);
      EXPECT_TRUE(curves.by_age);
    } else {
      std::vector<const Lifetime*> each;
      for (const auto& lifetime : lifetimes) each.push_back(lifetime.get());
      curves = survival_curves(each, steps, known.at(convention), OutflowBy::survival);
    }
    std::vector<double> inflow(periods), stock(periods), outflow(periods);
    const std::vector<std::uint8_t> given(periods, mode == "inflow_driven" ? 0 : 1);
    for (std::size_t t = 0; t < periods; ++t) (given[t] ? stock[t] : inflow[t]) = totals[t][given[t] ? 1 : 0];
    const CohortSeries series{&curves, given.data(), inflow.data(), stock.data(), outflow.data()};
    const auto failures = advance({&series, 1}, steps, 0, periods, NegativeInflow::allow);

    if (given[0] && curves.s(0, 0) == 0) {
      EXPECT_EQ(failures.size(), periods);
      for (const CohortFailure& failure : failures)
        EXPECT_EQ(failure.kind, CohortFailure::Kind::nothing_survives);
      ++tally.reported;
      if (tool == "flodym") continue;
    } else {
      EXPECT_TRUE(failures.empty());
    }
    for (std::size_t t = 0; t < periods; ++t) {
      EXPECT_NEAR(inflow[t], totals[t][0], tolerance) << t;
      EXPECT_NEAR(stock[t], totals[t][1], tolerance) << t;
      EXPECT_NEAR(outflow[t], totals[t][2], tolerance) << t;
      ++tally.checked;
    }
    for (const auto& [year, entered, survival, left, lost] : rows.cohorts.at(key)) {
      const auto t = static_cast<std::size_t>(year);
      const auto c = static_cast<std::size_t>(entered);
      EXPECT_NEAR(curves.s(c, t), survival, tolerance) << t << ' ' << c;
      EXPECT_NEAR(inflow[c] * curves.s(c, t), left, tolerance) << t << ' ' << c;
      EXPECT_NEAR(inflow[c] * curves.d(c, t), lost, tolerance) << t << ' ' << c;
      ++tally.checked;
    }
  }
  return tally;
}

TEST(CohortGolden, MainCases) {
  const Tally tally = compare("");
  // 4 families × 4 conventions (one of ODYM, three of flodym) × 2 modes, 10 years and 55 cohort cells each.
  EXPECT_EQ(tally.checked, 4 * 4 * 2 * (10 + 55));
  EXPECT_EQ(tally.reported, 0);
  EXPECT_EQ(tally.not_there_yet,
            (std::set<std::string>{"foldednormal", "quad2", "quad3", "quad5", "quad10"}));
}

TEST(CohortGolden, EdgeCases) {
  const Tally tally = compare("extra_");
  // Falling stock: 4 families × 3 conventions. Fixed 0, 0.4, 1, 3.5: 4 conventions, both modes, without the 6
  // of flodym that have no answer. Weibull by cohort: 3 conventions, both modes.
  EXPECT_EQ(tally.checked, (4 * 3 + 4 * 4 * 2 - 6 + 3 * 2) * (10 + 55));
  EXPECT_EQ(tally.reported, 7);
  EXPECT_EQ(tally.not_there_yet,
            (std::set<std::string>{"foldednormal", "initialstock4_switch5", "initialstock4_switch5_negcorr",
                                   "stock_driven_negcorr"}));
}

}  // namespace
}  // namespace lode
