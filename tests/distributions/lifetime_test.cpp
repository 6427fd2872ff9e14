// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "make.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  const char* family;
  std::size_t form;
  std::vector<double> values;
};

std::string name_of(const Case& one) {
  std::string name = fmt::format("{}_{}", one.family, one.form);
  for (double value : one.values) name += fmt::format("_{}", value);
  for (char& letter : name) {
    if (letter == '.' || letter == '-' || letter == '+') letter = 'o';
  }
  return name;
}

// ∫ over [from, to] by 5-point Gauss–Legendre on `panels` equal parts.
template <typename Function>
double integrate(const Function& function, double from, double to, int panels) {
  constexpr std::array<double, 5> nodes = {0, -0.5384693101056831, 0.5384693101056831, -0.9061798459386640,
                                           0.9061798459386640};
  constexpr std::array<double, 5> weights = {0.5688888888888889, 0.4786286704993665, 0.4786286704993665,
                                             0.2369268850561891, 0.2369268850561891};
  const double half = (to - from) / panels / 2;
  double sum = 0;
  for (int panel = 0; panel < panels; ++panel) {
    const double centre = from + half * (2 * panel + 1);
    for (std::size_t i = 0; i < nodes.size(); ++i) sum += weights[i] * function(centre + half * nodes[i]);
  }
  return sum * half;
}

class Smooth : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<Lifetime> lifetime = make(GetParam().family, GetParam().form, GetParam().values);
  bool has_negative_ages() const { return lifetime->survival(0) < 1; }
};

TEST_P(Smooth, MomentsAgreeWithQuadrature) {
  double mean = 0;
  double second = 0;
  if (has_negative_ages()) {
    const double low = lifetime->quantile(1e-30);
    const double high = 2 * lifetime->mean() - low;
    mean = integrate([&](double age) { return age * lifetime->density(age); }, low, high, 400);
    second = integrate([&](double age) { return age * age * lifetime->density(age); }, low, high, 400);
  } else {
    // ∫ S da and 2 ∫ a S da with a = e^y: the integrand falls off at both ends and has no singularity at 0.
    const double low = std::log(lifetime->mean()) - 40;
    const double high = std::log(lifetime->quantile(1 - 1e-16)) + 40;
    const auto panels = static_cast<int>((high - low) * 40);
    mean =
        integrate([&](double y) { return std::exp(y) * lifetime->survival(std::exp(y)); }, low, high, panels);
    second = integrate([&](double y) { return 2 * std::exp(2 * y) * lifetime->survival(std::exp(y)); }, low,
                       high, panels);
  }
  EXPECT_NEAR(mean / lifetime->mean(), 1, 1e-11);
  EXPECT_NEAR(second / (lifetime->mean() * lifetime->mean() + lifetime->deviation() * lifetime->deviation()),
              1, 1e-11);
}

TEST_P(Smooth, DensityIntegratesToLoss) {
  for (double p = 0.01; p < 0.95; p += 0.11) {
    const double from = lifetime->quantile(p);
    const double to = lifetime->quantile(p + 0.05);
    const double area = integrate([&](double age) { return lifetime->density(age); }, from, to, 200);
    EXPECT_NEAR(area, lifetime->loss(from, to), 1e-13);
  }
}

TEST_P(Smooth, HazardIsDensityOverSurvival) {
  for (double p = 0.0005; p < 1; p += 0.0131) {
    const double age = lifetime->quantile(p);
    EXPECT_NEAR(lifetime->hazard(age) * lifetime->survival(age) / lifetime->density(age), 1, 1e-12) << p;
  }
}

TEST_P(Smooth, LossIsTheDifferenceOfSurvival) {
  const std::array<double, 6> share = {1e-9, 0.001, 0.2, 0.5, 0.9, 0.9999};
  for (double p : share) {
    for (double q : share) {
      if (p >= q) continue;
      const double from = lifetime->quantile(p);
      const double to = lifetime->quantile(q);
      EXPECT_NEAR(lifetime->loss(from, to), lifetime->survival(from) - lifetime->survival(to), 3e-15);
    }
    const double age = lifetime->quantile(p);
    EXPECT_NEAR(lifetime->loss(-infinity, age), 1 - lifetime->survival(age), 3e-15);
    EXPECT_NEAR(lifetime->loss(age, infinity), lifetime->survival(age), 3e-15);
    EXPECT_EQ(lifetime->loss(age, age), 0);
  }
}

TEST_P(Smooth, EarlyLossKeepsItsDigits) {
  for (double p : {1e-6, 1e-12, 1e-18, 1e-30}) {
    const double age = lifetime->quantile(p);
    EXPECT_NEAR(lifetime->loss(-infinity, age) / p, 1, 1e-10) << p;
  }
}

TEST_P(Smooth, LossesAddUp) {
  const double step = lifetime->mean() / 7;
  double sum = lifetime->loss(-infinity, step / 2);
  for (int k = 1; k < 200; ++k) sum += lifetime->loss((k - 0.5) * step, (k + 0.5) * step);
  EXPECT_NEAR(sum + lifetime->survival(199.5 * step), 1, 1e-14);
}

TEST_P(Smooth, QuantileInvertsSurvival) {
  for (double p = 0.003; p < 1; p += 0.0173) {
    EXPECT_NEAR(lifetime->survival(lifetime->quantile(p)), 1 - p, 2e-14) << p;
  }
}

TEST_P(Smooth, SurvivalFallsAndEndsAtZero) {
  double before = lifetime->survival(0);
  EXPECT_LE(before, 1);
  for (double p = 0.001; p < 1; p += 0.001) {
    const double age = std::max(0.0, lifetime->quantile(p));
    const double now = lifetime->survival(age);
    EXPECT_LE(now, before);
    before = now;
  }
  EXPECT_EQ(lifetime->survival(infinity), 0);
  EXPECT_EQ(lifetime->density(infinity), 0);
}

TEST_P(Smooth, NothingHappensBeforeEntry) {
  if (has_negative_ages()) return;
  EXPECT_EQ(lifetime->survival(0), 1);
  EXPECT_EQ(lifetime->survival(-3), 1);
  EXPECT_EQ(lifetime->density(-3), 0);
  EXPECT_EQ(lifetime->hazard(-3), 0);
  EXPECT_EQ(lifetime->loss(-3, 0), 0);
  EXPECT_EQ(lifetime->loss(-3, 2), lifetime->loss(-infinity, 2));
}

INSTANTIATE_TEST_SUITE_P(
    Families, Smooth,
    testing::Values(Case{"normal", 0, {5, 1.5}}, Case{"normal", 0, {30, 12}}, Case{"weibull", 0, {5.6, 3}},
                    Case{"weibull", 0, {10, 1}}, Case{"weibull", 0, {8, 0.6}}, Case{"weibull", 1, {14, 5}},
                    Case{"weibull", 2, {14, 4}}, Case{"weibull", 2, {3, 6}}, Case{"lognormal", 0, {5, 1.5}},
                    Case{"lognormal", 0, {14, 49}}, Case{"lognormal", 1, {2, 0.3}},
                    Case{"lognormal", 2, {12, 0.8}}, Case{"folded_normal", 0, {12, 4}},
                    Case{"folded_normal", 0, {12, 9}}, Case{"folded_normal", 1, {0, 3}},
                    Case{"folded_normal", 1, {-2, 3}}, Case{"truncated_normal", 0, {12, 4}},
                    Case{"truncated_normal", 0, {12, 11.5}}, Case{"truncated_normal", 1, {-3, 4}},
                    Case{"truncated_normal", 1, {-60, 4}}, Case{"gamma", 0, {3, 0.7}},
                    Case{"gamma", 1, {12, 9}}, Case{"gamma", 2, {12, 1.5}}, Case{"exponential", 0, {9}},
                    Case{"exponential", 1, {5.27}}, Case{"logistic", 0, {12, 4}},
                    Case{"logistic", 1, {12, 1.5}}, Case{"log_logistic", 0, {12, 4}},
                    Case{"log_logistic", 1, {12, 7}}, Case{"log_logistic", 2, {12, 6}},
                    Case{"gompertz", 0, {5, 0.02}}, Case{"gompertz", 0, {5, 3}}, Case{"gompertz", 1, {70, 9}},
                    Case{"gompertz", 2, {12, 4}}, Case{"gompertz", 2, {12, 11}}),
    [](const auto& tested) { return name_of(tested.param); });

std::size_t mean_sd_form(const LifetimeFamily& family) {
  for (std::size_t form = 0; form < family.forms.size(); ++form)
    if (family.forms[form] == ParameterNames{"mean", "sd"}) return form;
  return family.forms.size();
}

TEST(Lifetime, MeanAndDeviationAreTheOnesAskedFor) {
  std::size_t made = 0;
  for (const LifetimeFamily& family : lifetime_families()) {
    const std::size_t form = mean_sd_form(family);
    if (form == family.forms.size()) continue;
    for (double variation : {1e-5, 1e-3, 0.01, 0.1, 0.3, 0.57, 0.75, 0.9, 0.9999, 1.0, 1.7, 5.0, 40.0}) {
      std::string problem;
      const std::vector<double> values = {14, 14 * variation};
      const auto lifetime = make_lifetime(family.name, form, values, problem);
      if (lifetime == nullptr) {
        EXPECT_NE(problem.find("sd must be at most"), std::string::npos) << family.name << ' ' << problem;
        continue;
      }
      ++made;
      EXPECT_NEAR(lifetime->mean() / 14, 1, 1e-12) << family.name << ' ' << variation;
      EXPECT_NEAR(lifetime->deviation() / (14 * variation), 1, 1e-10) << family.name << ' ' << variation;
    }
  }
  // All 13 for six families; folded normal up to 0.75, uniform up to 0.57, the two short of the exponential
  // up to 0.9999.
  EXPECT_EQ(made, 6 * 13 + 7 + 6 + 2 * 9u);
}

// Everything that can be asked of an age, for parameters and ages far beyond any product.
TEST(Lifetime, NothingIsEverNaN) {
  const std::array<double, 13> ages = {-infinity, -1e300, -1,  0,    1e-300, 1e-20,   1e-3,
                                       1,         30,     1e4, 1e15, 1e300,  infinity};
  const std::array<double, 10> sizes = {1e-12, 1e-5, 0.01, 0.5, 1, 2, 40, 1e4, 1e8, 1e12};
  std::size_t made = 0;
  for (const LifetimeFamily& family : lifetime_families()) {
    for (std::size_t form = 0; form < family.forms.size(); ++form) {
      for (double first : sizes) {
        for (double second : sizes) {
          std::vector<double> values = {first, second, first + second};
          values.resize(family.forms[form].size());
          std::string problem;
          const auto lifetime = make_lifetime(family.name, form, values, problem);
          if (lifetime == nullptr) {
            EXPECT_NE(problem, "");
            continue;
          }
          ++made;
          const std::string name = fmt::format("{} {} {} {}", family.name, form, first, second);
          double before = 1;
          double previous = -infinity;
          for (double age : ages) {
            const double now = lifetime->survival(age);
            EXPECT_LE(now, before + 1e-15) << name << " at " << age;
            EXPECT_GE(now, 0) << name << " at " << age;
            EXPECT_GE(lifetime->density(age), 0) << name << " at " << age;
            EXPECT_GE(lifetime->hazard(age), 0) << name << " at " << age;
            const double lost = lifetime->loss(previous, age);
            EXPECT_NEAR(lost, before - now, 1e-8) << name << " at " << age;
            EXPECT_GE(lost, 0) << name << " at " << age;
            EXPECT_LE(lost, 1) << name << " at " << age;
            before = now;
            previous = age;
          }
          EXPECT_EQ(lifetime->survival(-infinity), 1) << name;
          EXPECT_EQ(lifetime->survival(infinity), 0) << name;
          EXPECT_GE(lifetime->mean(), 0) << name;
          EXPECT_GE(lifetime->deviation(), 0) << name;
          double age_before = -infinity;
          for (double probability : {0.0, 1e-9, 0.1, 0.5, 0.9, 1 - 1e-9, 1.0}) {
            const double age = lifetime->quantile(probability);
            EXPECT_GE(age, age_before) << name << " at " << probability;
            age_before = age;
          }
        }
      }
    }
  }
  EXPECT_GT(made, 1500u);
}

// Shapes to 20 digits from 50-digit root finding of the ratio of gamma functions.
TEST(Weibull, ShapeSolvedFromMeanAndDeviation) {
  struct Reference {
    double mean, deviation, shape, scale;
  };
  const std::vector<Reference> references = {{5, 1.5, 3.7137723664296047659, 5.5393193368480835361},
                                             {14, 4, 3.9200153243845324569, 15.463367939962083566},
                                             {10, 10, 1, 10},
                                             {10, 30, 0.41134026902074571969, 3.2441499957959861923},
                                             {20, 0.01, 2564.3691942752974743, 20.004499819245686285},
                                             {1, 1e-5, 128254.25225915568509, 1.0000045005178451562},
                                             {8, 200, 0.17539199488666220614, 0.019297931484618357342},
                                             {1, 1e6, 0.046610385131946792694, 4.8310973266959052625e-21},
                                             {1, 1e-6, 1282549.0993994885623, 1.0000004500530652475}};
  for (const Reference& reference : references) {
    const auto solved = make("weibull", 2, {reference.mean, reference.deviation});
    // The hazard at the scale is shape/scale; the quantile at 1 − 1/e is the scale.
    const double scale = solved->quantile(-std::expm1(-1.0));
    EXPECT_NEAR(scale / reference.scale, 1, 1e-11) << reference.deviation;
    const double far = solved->quantile(0.9);
    EXPECT_NEAR(std::log(std::log(10.0)) / std::log(far / scale) / reference.shape, 1,
                1e-12 + 1e-15 * reference.shape)
        << reference.deviation;
  }
}

TEST(Weibull, ShapeOneIsExponential) {
  const auto lifetime = make("weibull", 0, {4, 1});
  EXPECT_DOUBLE_EQ(lifetime->hazard(0), 0.25);
  EXPECT_DOUBLE_EQ(lifetime->hazard(9), 0.25);
  EXPECT_DOUBLE_EQ(lifetime->density(0), 0.25);
  EXPECT_DOUBLE_EQ(lifetime->mean(), 4);
  EXPECT_DOUBLE_EQ(lifetime->deviation(), 4);
}

TEST(Weibull, FormsAgree) {
  const auto native = make("weibull", 0, {5.6, 3});
  const auto by_mean = make("weibull", 1, {native->mean(), 3});
  const auto by_moments = make("weibull", 2, {native->mean(), native->deviation()});
  for (double age : {0.0, 0.5, 3.0, 5.6, 9.0}) {
    EXPECT_NEAR(by_mean->survival(age), native->survival(age), 1e-15);
    EXPECT_NEAR(by_moments->survival(age), native->survival(age), 1e-13);
  }
}

TEST(Weibull, LossOfAShortStepIsHazardTimesStep) {
  const auto lifetime = make("weibull", 0, {5.6, 3});
  const double age = 4;
  const double step = 1e-10;
  const double exact_step = (age + step) - age;
  EXPECT_NEAR(lifetime->loss(age, age + step) / (lifetime->density(age) * exact_step), 1, 1e-9);
}

TEST(Weibull, FallingHazardIsInfiniteAtEntry) {
  const auto lifetime = make("weibull", 0, {5, 0.5});
  EXPECT_EQ(lifetime->hazard(0), infinity);
  EXPECT_EQ(lifetime->density(0), infinity);
  EXPECT_EQ(lifetime->survival(0), 1);
}

TEST(Weibull, FarBeyondItsLifeNothingIsLeftAndNothingIsNaN) {
  const auto lifetime = make("weibull", 0, {1, 40});
  EXPECT_EQ(lifetime->survival(1e30), 0);
  EXPECT_EQ(lifetime->density(1e30), 0);
  EXPECT_EQ(lifetime->loss(1e30, 2e30), 0);
  EXPECT_EQ(lifetime->loss(1e-30, 1e30), 1);
}

TEST(Normal, IsNotTruncatedAtZero) {
  const auto lifetime = make("normal", 0, {5, 1.5});
  EXPECT_NEAR(lifetime->survival(0), 0.9995709396668032, 1e-15);
  EXPECT_NEAR(lifetime->loss(-infinity, 0), 4.2906033319683708e-4, 1e-17);
  EXPECT_LT(lifetime->quantile(1e-5), 0);
}

TEST(Normal, HazardWhereNothingIsLeft) {
  const auto lifetime = make("normal", 0, {10, 1});
  EXPECT_NEAR(lifetime->hazard(110), 100.00999800099926, 1e-9);
}

TEST(Lognormal, FormsAgree) {
  const double variance = std::log1p(0.09);
  const double mu = std::log(5.0) - variance / 2;
  const auto by_moments = make("lognormal", 0, {5, 1.5});
  const auto native = make("lognormal", 1, {mu, std::sqrt(variance)});
  const auto by_median = make("lognormal", 2, {std::exp(mu), std::sqrt(variance)});
  EXPECT_NEAR(by_moments->quantile(0.5), 4.789131426105757, 1e-13);
  for (double age : {0.0, 0.5, 3.0, 5.6, 9.0}) {
    EXPECT_NEAR(native->survival(age), by_moments->survival(age), 1e-15);
    EXPECT_NEAR(by_median->survival(age), by_moments->survival(age), 1e-15);
  }
}

TEST(Lognormal, NothingLeavesAtOnce) {
  const auto lifetime = make("lognormal", 0, {5, 1.5});
  EXPECT_EQ(lifetime->density(0), 0);
  EXPECT_EQ(lifetime->hazard(0), 0);
  EXPECT_EQ(lifetime->density(1e-300), 0);
  EXPECT_FALSE(std::isnan(lifetime->hazard(1e-300)));
  EXPECT_GT(lifetime->loss(-infinity, 1e-3), 0);
}

TEST(Fixed, PresentWhileYoungerThanItsLife) {
  const auto lifetime = make("fixed", 0, {5});
  EXPECT_EQ(lifetime->survival(0), 1);
  EXPECT_EQ(lifetime->survival(4.999), 1);
  EXPECT_EQ(lifetime->survival(5), 0);
  EXPECT_EQ(lifetime->loss(4, 5), 1);
  EXPECT_EQ(lifetime->loss(5, 6), 0);
  EXPECT_EQ(lifetime->loss(-infinity, 4), 0);
  EXPECT_EQ(lifetime->loss(-infinity, 5), 1);
  EXPECT_EQ(lifetime->mean(), 5);
  EXPECT_EQ(lifetime->deviation(), 0);
  EXPECT_EQ(lifetime->quantile(0.3), 5);
  EXPECT_EQ(lifetime->hazard(4), 0);
  EXPECT_EQ(lifetime->hazard(5), infinity);
  EXPECT_EQ(lifetime->density(4), 0);
  EXPECT_EQ(lifetime->density(5), infinity);
  EXPECT_FALSE(lifetime->has_density());
}

TEST(Fixed, RoundingOfSummedStepsKeepsNothingLonger) {
  const auto lifetime = make("fixed", 0, {0.8});
  double age = 0;
  for (int i = 0; i < 8; ++i) age += 0.1;
  ASSERT_LT(age, 0.8);
  EXPECT_EQ(lifetime->survival(age), 0);
}

TEST(Fixed, ZeroMeansGoneOnEntry) {
  const auto lifetime = make("fixed", 0, {0});
  EXPECT_EQ(lifetime->survival(0), 0);
  EXPECT_EQ(lifetime->loss(-infinity, 0), 1);
}

TEST(LifetimeFamilies, EveryFormMakesALifetime) {
  std::vector<std::string> names;
  for (const LifetimeFamily& family : lifetime_families()) {
    names.push_back(family.name);
    EXPECT_EQ(find_lifetime_family(family.name), &family);
    for (std::size_t form = 0; form < family.forms.size(); ++form) {
      std::vector<double> values = {1.5, 1.1, 2};
      if (family.forms[form].back() == "sd") values[1] = 0.5;
      if (family.forms[form].front() == "low") values = {1, 1.5, 2};
      values.resize(family.forms[form].size());
      make(family.name, form, values);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"fixed", "normal", "weibull", "lognormal", "folded_normal",
                                             "truncated_normal", "gamma", "exponential", "logistic",
                                             "log_logistic", "gompertz", "uniform", "triangular"}));
  EXPECT_EQ(find_lifetime_family("Weibull"), nullptr);
  EXPECT_EQ(find_lifetime_family(""), nullptr);
}

TEST(LifetimeFamilies, FormsAndTimes) {
  using Forms = std::vector<ParameterNames>;
  EXPECT_EQ(find_lifetime_family("fixed")->forms, (Forms{{"value"}}));
  EXPECT_EQ(find_lifetime_family("normal")->forms, (Forms{{"mean", "sd"}}));
  EXPECT_EQ(find_lifetime_family("weibull")->forms,
            (Forms{{"scale", "shape"}, {"mean", "shape"}, {"mean", "sd"}}));
  EXPECT_EQ(find_lifetime_family("lognormal")->forms,
            (Forms{{"mean", "sd"}, {"mu", "sigma"}, {"median", "sigma"}}));
  EXPECT_EQ(find_lifetime_family("weibull")->durations, (std::vector<std::string>{"scale", "mean", "sd"}));
  EXPECT_EQ(find_lifetime_family("lognormal")->durations, (std::vector<std::string>{"mean", "sd", "median"}));
}

TEST(LifetimeProblems, NameTheParameter) {
  EXPECT_EQ(problem_of("normal", 0, {0, 1}), "mean must be above 0 (is 0)");
  EXPECT_EQ(problem_of("normal", 0, {3, -1.5}), "sd must be above 0 (is -1.5)");
  EXPECT_EQ(problem_of("normal", 0, {3, 0}), "sd must be above 0 (is 0)");
  EXPECT_EQ(problem_of("normal", 0, {infinity, 1}), "mean must be a finite number (is inf)");
  EXPECT_EQ(problem_of("fixed", 0, {-1}), "value must not be negative (is -1)");
  EXPECT_EQ(problem_of("fixed", 0, {std::nan("")}), "value must be a finite number (is nan)");
  EXPECT_EQ(problem_of("weibull", 0, {-5, 1}), "scale must be above 0 (is -5)");
  EXPECT_EQ(problem_of("weibull", 0, {5, 0}), "shape must be above 0 (is 0)");
  EXPECT_EQ(problem_of("weibull", 1, {0, 2}), "mean must be above 0 (is 0)");
  EXPECT_EQ(problem_of("weibull", 1, {5, 1e-5}), "shape is too small for this mean");
  EXPECT_EQ(problem_of("weibull", 1, {5, -1}), "shape must be above 0 (is -1)");
  EXPECT_EQ(problem_of("weibull", 2, {5, 0}), "sd must be above 0 (is 0)");
  EXPECT_EQ(problem_of("weibull", 2, {5, 1e-7}), "sd must be between 1e-6 and 1e6 times the mean");
  EXPECT_EQ(problem_of("weibull", 2, {5, 1e8}), "sd must be between 1e-6 and 1e6 times the mean");
  EXPECT_EQ(problem_of("lognormal", 0, {-2, 1}), "mean must be above 0 (is -2)");
  EXPECT_EQ(problem_of("lognormal", 0, {1, 1e-200}), "sd and mean are too far apart");
  EXPECT_EQ(problem_of("lognormal", 1, {-infinity, 1}), "mu must be a finite number (is -inf)");
  EXPECT_EQ(problem_of("lognormal", 1, {-2, 0}), "sigma must be above 0 (is 0)");
  EXPECT_EQ(problem_of("lognormal", 2, {0, 1}), "median must be above 0 (is 0)");
}

TEST(LifetimeProblems, NameTheFamilyAndTheForm) {
  EXPECT_EQ(problem_of("bathtub", 0, {1, 2}), "there is no lifetime family 'bathtub'");
  EXPECT_EQ(problem_of("normal", 1, {1, 2}), "normal has 1 way to give its parameters, not 2");
  EXPECT_EQ(problem_of("weibull", 3, {1, 2}), "weibull has 3 ways to give its parameters, not 4");
  EXPECT_EQ(problem_of("weibull", 0, {1}), "weibull needs scale and shape: 2 values, not 1");
  EXPECT_EQ(problem_of("fixed", 0, {}), "fixed needs value: 1 value, not 0");
}

TEST(Lifetime, NegativeMuIsALifeBelowAYear) {
  const auto lifetime = make("lognormal", 1, {-1, 0.5});
  EXPECT_NEAR(lifetime->quantile(0.5), std::exp(-1.0), 1e-15);
}

}  // namespace
}  // namespace lode
