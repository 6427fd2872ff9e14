// SPDX-License-Identifier: Apache-2.0
//
// Every family and every way to give its parameters, against Lifetime::loss and survival of each lane.
#include "lode/kernels/lane_survival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "tiers.hpp"

namespace lode::testing {
namespace {

constexpr std::size_t lanes = 16;

/// Values of a form that fit together, a little different in each lane.
std::vector<double> values_of(const std::string& family, const ParameterNames& names, std::size_t lane) {
  const double change = 1 + 0.04 * std::sin(2.1 * static_cast<double>(lane));
  std::vector<double> values;
  for (const std::string& name : names) {
    double value = 1;
    if (name == "mean" || name == "scale" || name == "median" || name == "half_life" || name == "value")
      value = 12.3;
    if (name == "mode") value = 14;
    if (name == "scale" && (family == "gompertz" || family == "logistic")) value = 4;
    if (name == "sd") value = 4;
    if (name == "shape") value = family == "gompertz" ? 0.05 : 2.6;
    if (name == "mu") value = family == "lognormal" ? 2.4 : 9;
    if (name == "sigma") value = family == "lognormal" ? 0.4 : 5;
    if (name == "low") value = 3;
    if (name == "high") value = 21.5;
    values.push_back(value * change);
  }
  return values;
}

struct Given {
  std::vector<std::vector<double>> columns;  ///< [parameter][lane]
  std::vector<LaneCells> cells;

  Given(std::size_t count, const std::function<std::vector<double>(std::size_t)>& values) {
    columns.assign(count, std::vector<double>(lanes));
    for (std::size_t lane = 0; lane < lanes; ++lane)
      for (std::size_t i = 0; i < count; ++i) columns[i][lane] = values(lane)[i];
    for (const auto& column : columns) cells.push_back({column.data(), 0, true});
  }
};

/// The largest error relative to max(D, 1e-3 of the largest D) must be tiny; S(own) to rounding.
void check(const LifetimeSpec& spec, const std::vector<LaneAges>& moments, const Given& given,
           double tolerance = 2e-12) {
  const std::size_t count = moments.front().ages.size();
  LaneSurvival survival(spec, lanes);
  survival.set_parameters(given.cells);
  EXPECT_FALSE(survival.any_failed());
  std::vector<double> leaving(count * lanes), own(lanes);
  survival.losses(moments, count, leaving.data(), own.data());
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::vector<double> values;
    for (const auto& column : given.columns) values.push_back(column[lane]);
    std::string problem;
    const auto lifetime = make_lifetime(spec.family, spec.form, values, problem);
    ASSERT_TRUE(lifetime) << problem;
    double first = 0;
    for (const LaneAges& moment : moments) first += moment.weight * lifetime->survival(moment.ages.front());
    ASSERT_NEAR(own[lane], first, std::max(1e-13, 0.1 * tolerance));
    for (std::size_t k = 0; k < count; ++k) {
      double exact = 0;
      for (const LaneAges& moment : moments)
        exact += moment.weight *
                 lifetime->loss(k == 0 ? -std::numeric_limits<double>::infinity() : moment.ages[k - 1],
                                moment.ages[k]);
      ASSERT_NEAR(leaving[k * lanes + lane], exact, tolerance * std::max(exact, 1e-4))
          << spec.family << " " << spec.form << ", lane " << lane << ", period " << k;
    }
  }
}

LifetimeSpec spec_of(const std::string& family, std::size_t form) {
  LifetimeSpec spec;
  spec.family = family;
  spec.form = form;
  return spec;
}

const Entry entries[] = {InflowAt::start, InflowAt::middle, InflowAt::end, {InflowAt::spread, 4}};

TEST(LaneSurvival, AgreesWithEveryFamily) {
  const std::vector<double> years(51, 1.0), uneven = {1, 1, 1, 5, 5, 10, 10, 2, 0.5};
  on_every_tier([&](bool) {
    for (const LifetimeFamily& family : lifetime_families())
      for (std::size_t form = 0; form < family.forms.size(); ++form) {
        const Given given(family.forms[form].size(),
                          [&](std::size_t lane) { return values_of(family.name, family.forms[form], lane); });
        for (const Entry& entry : entries) {
          check(spec_of(family.name, form), lane_ages(entry, years, true), given);
          check(spec_of(family.name, form), lane_ages(entry, uneven, false), given);
          if (::testing::Test::HasFatalFailure()) return;
        }
      }
  });
}

TEST(LaneSurvival, KeepsDigitsOfNarrowAndWideWeibulls) {
  const std::vector<double> years(80, 1.0);
  for (const double shape : {0.3, 0.9, 1.0, 6.0, 40.0, 250.0, 900.0})
    for (const double scale : {0.2, 3.0, 40.0, 1e5}) {
      const Given given(2, [&](std::size_t lane) {
        return std::vector<double>{scale * (1 + 0.001 * static_cast<double>(lane)), shape};
      });
      // The exponent's own rounding is multiplied by the shape.
      check(spec_of("weibull", 0), lane_ages(InflowAt::middle, years, true), given,
            2e-12 * std::max(1.0, shape));
      if (HasFatalFailure()) FAIL() << shape << " " << scale;
    }
}

TEST(LaneSurvival, TakesOneShapeForAllLanes) {
  const std::vector<double> years(51, 1.0);
  const auto ages = lane_ages(InflowAt::middle, years, true);
  const double shape = 2.5;
  for (const std::size_t form : {0u, 1u}) {
    Given given(2, [&](std::size_t lane) {
      return std::vector<double>{10 + static_cast<double>(lane), shape};
    });
    check(spec_of("weibull", form), ages, given);
    given.cells[1] = {&shape, 0, false};
    check(spec_of("weibull", form), ages, given);
  }
}

TEST(LaneSurvival, MarksLanesWithoutLifetime) {
  const std::vector<double> years(5, 1.0);
  const auto ages = lane_ages(InflowAt::middle, years, true);
  for (const char* family : {"weibull", "normal", "fixed", "gamma", "gompertz"}) {
    const auto& names = find_lifetime_family(family)->forms[0];
    const Given given(names.size(), [&](std::size_t lane) {
      auto values = values_of(family, names, lane);
      if (lane == 3) values[0] = -1;
      if (lane == 5) values[0] = std::nan("");
      return values;
    });
    LaneSurvival survival(spec_of(family, 0), lanes);
    survival.set_parameters(given.cells);
    std::vector<double> leaving(5 * lanes), own(lanes);
    survival.losses(ages, 5, leaving.data(), own.data());
    EXPECT_TRUE(survival.any_failed());
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      EXPECT_EQ(survival.failed()[lane], lane == 3 || lane == 5 ? 1 : 0) << family;
      double sum = 0;
      for (std::size_t k = 0; k < 5; ++k) sum += leaving[k * lanes + lane];
      EXPECT_EQ(sum == 0 && own[lane] == 1, survival.failed()[lane] == 1 || std::string(family) == "fixed");
    }
  }
}

TEST(LaneSurvival, CoversParametersFarFromUsual) {
  const std::vector<double> years(30, 1.0);
  const auto ages = lane_ages(InflowAt::middle, years, true);
  for (const char* family :
       {"weibull", "log_logistic", "gompertz", "folded_normal", "truncated_normal", "gamma"}) {
    const auto& forms = find_lifetime_family(family)->forms;
    const std::size_t form = static_cast<std::size_t>(
        std::find(forms.begin(), forms.end(), ParameterNames{"mean", "sd"}) - forms.begin());
    ASSERT_LT(form, forms.size()) << family;
    for (const double variation : {0.02, 0.1, 0.5, 0.7, 0.74}) {
      const Given given(2, [&](std::size_t lane) {
        const double mean = 8 + 0.3 * static_cast<double>(lane);
        return std::vector<double>{mean, mean * variation * (1 + 0.001 * static_cast<double>(lane))};
      });
      check(spec_of(family, form), ages, given, 1e-10);
      if (HasFatalFailure()) FAIL() << family << " " << variation;
    }
  }
}

}  // namespace
}  // namespace lode::testing
