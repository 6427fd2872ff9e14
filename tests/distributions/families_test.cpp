// SPDX-License-Identifier: Apache-2.0
//
// Single families against references: closed forms where there are any, else quadrature of the density in
// 25 to 40 digits (mpmath).
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lode/distributions/special_functions.hpp"
#include "make.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Reference {
  const char* family;
  std::size_t form;
  std::vector<double> values;
  double mean;
  double deviation;
  std::array<double, 3> survival;  // at 1, 10 and 40 years
};

TEST(Families, AgainstReferences) {
  const std::vector<Reference> references = {
      {"folded_normal",
       1,
       {8, 6},
       8.5087413804980375201,
       5.2536958533779199624,
       {0.94513469669447680918, 0.3707912382133937328, 4.8213034273237266635e-8}},
      {"folded_normal",
       1,
       {-1, 9},
       7.2252424196822060266,
       5.4585595148193466037,
       {0.91207044787094258621, 0.2694670551611538184, 9.9557890337241589794e-6}},
      {"truncated_normal",
       1,
       {8, 6},
       9.0828263612135750859,
       5.1151614032943640366,
       {0.96648144705381939831, 0.40652057793926910749, 5.3051968397538930995e-8}},
      {"truncated_normal",
       1,
       {-30, 10},
       2.8309865493043650693,
       2.6562979272903127585,
       {0.71679726212350246812, 0.023461951266700287658, 9.4808090233332180999e-10}},
      {"truncated_normal",
       1,
       {-900, 30},
       0.99779002301031111213,
       0.99669170795240485989,
       {0.36726794631061252722, 4.247557987859504376e-5, 1.6723833000493900213e-18}},
      {"gamma",
       0,
       {4, 2.5},
       10,
       6.324555320336758664,
       {0.99212329323262959221, 0.41588018699550792028, 0.0012497305630313754119}},
      {"gamma",
       0,
       {20, 0.5},
       10,
       14.142135623730950488,
       {0.75182963404584928249, 0.31731050786291410283, 0.045500263896358414401}},
      {"gompertz",
       0,
       {9, 0.05},
       23.3498731478455199,
       9.19078723520340491,
       {0.99414127621391047, 0.903131971073090566, 0.0148816274208385247}},
      {"gompertz",
       0,
       {50, 2},
       18.0664308444111292,
       14.1641249641343176,
       {0.960402626295689704, 0.642232098604453271, 0.0862002796614888313}},
      {"log_logistic",
       0,
       {12, 5},
       12.8275119853871414,
       5.0717903957410136,
       {0.999995981240430329, 0.713329052380515549, 0.00242410941412367946}},
      {"logistic",
       1,
       {12, 3},
       12,
       5.44139809270265355,
       {0.975075573352885964, 0.660756368765817172, 8.84191700189384892e-5}}};
  for (const Reference& reference : references) {
    const auto lifetime = make(reference.family, reference.form, reference.values);
    const std::string name = std::string(reference.family) + ' ' + std::to_string(reference.values[0]);
    EXPECT_NEAR(lifetime->mean() / reference.mean, 1, 1e-13) << name;
    EXPECT_NEAR(lifetime->deviation() / reference.deviation, 1, 1e-12) << name;
    EXPECT_NEAR(lifetime->survival(1) / reference.survival[0], 1, 1e-14) << name;
    EXPECT_NEAR(lifetime->survival(10) / reference.survival[1], 1, 1e-13) << name;
    EXPECT_NEAR(lifetime->survival(40) / reference.survival[2], 1, 1e-12) << name;
  }
}

TEST(SpecialFunctions, GammaHazardWhereTheTailUnderflows) {
  EXPECT_NEAR(gamma_hazard(2.5, 900), 0.998335184154672469, 1e-14);
  EXPECT_NEAR(gamma_hazard(0.3, 800), 1.00087390992325174, 1e-14);
  EXPECT_NEAR(gamma_hazard(50, 1200), 0.959202078973937451, 1e-14);
}

TEST(SpecialFunctions, ScaledExponentialIntegral) {
  EXPECT_NEAR(scaled_exponential_integral(1e-8) / 17.843465267485484369, 1, 1e-15);
  EXPECT_NEAR(scaled_exponential_integral(0.7) / 0.75267802002958713763, 1, 1e-15);
  EXPECT_NEAR(scaled_exponential_integral(1) / 0.59634736232319407434, 1, 1e-14);
  EXPECT_NEAR(scaled_exponential_integral(1.5) / 0.44825666929158295392, 1, 1e-15);
  EXPECT_NEAR(scaled_exponential_integral(4) / 0.2063456499010558331, 1, 1e-15);
  EXPECT_NEAR(scaled_exponential_integral(60) / 0.01639771370804652678, 1, 1e-15);
}

TEST(Families, SpecialCasesMeet) {
  const auto exponential = make("exponential", 0, {7});
  const auto gamma = make("gamma", 0, {7, 1});
  const auto weibull = make("weibull", 0, {7, 1});
  const auto steep = make("gompertz", 0, {7e7, 1e7});  // hazard 1/7, growing by a tenth in 7 million years
  for (double age : {0.1, 1.0, 7.0, 30.0}) {
    EXPECT_NEAR(gamma->survival(age), exponential->survival(age), 1e-15);
    EXPECT_NEAR(weibull->survival(age), exponential->survival(age), 1e-15);
    EXPECT_NEAR(steep->survival(age), exponential->survival(age), 1e-6);
  }
  const auto normal = make("normal", 0, {20, 2});
  const auto folded = make("folded_normal", 0, {20, 2});
  const auto truncated = make("truncated_normal", 0, {20, 2});
  for (double age : {12.0, 20.0, 27.0}) {
    EXPECT_NEAR(folded->survival(age), normal->survival(age), 1e-12);
    EXPECT_NEAR(truncated->survival(age), normal->survival(age), 1e-12);
  }
}

TEST(Exponential, HalfIsLeftAtTheHalfLife) {
  const auto lifetime = make("exponential", 1, {5});
  EXPECT_NEAR(lifetime->survival(5), 0.5, 1e-15);
  EXPECT_NEAR(lifetime->survival(15), 0.125, 1e-15);
  EXPECT_EQ(lifetime->hazard(0), lifetime->hazard(100));
}

TEST(Gompertz, ModeIsWhereTheDensityPeaks) {
  const auto lifetime = make("gompertz", 1, {70, 9});
  EXPECT_NEAR(lifetime->hazard(70), 1.0 / 9, 1e-15);
  EXPECT_LT(lifetime->density(69.9), lifetime->density(70));
  EXPECT_LT(lifetime->density(70.1), lifetime->density(70));
}

TEST(LogLogistic, MeanAndDeviationMayBeInfinite) {
  EXPECT_EQ(make("log_logistic", 0, {10, 1})->mean(), infinity);
  const auto lifetime = make("log_logistic", 0, {10, 1.5});
  EXPECT_NEAR(lifetime->mean(), 10 * 2 * M_PI / 3 / std::sin(2 * M_PI / 3), 1e-12);
  EXPECT_EQ(lifetime->deviation(), infinity);
  EXPECT_NEAR(lifetime->quantile(0.5), 10, 1e-14);
}

TEST(Uniform, ByHand) {
  const auto lifetime = make("uniform", 0, {4, 14});
  EXPECT_EQ(lifetime->survival(4), 1);
  EXPECT_EQ(lifetime->survival(9), 0.5);
  EXPECT_EQ(lifetime->survival(14), 0);
  EXPECT_EQ(lifetime->density(3), 0);
  EXPECT_EQ(lifetime->density(5), 0.1);
  EXPECT_EQ(lifetime->hazard(12), 0.5);
  EXPECT_EQ(lifetime->hazard(14), infinity);
  EXPECT_NEAR(lifetime->loss(-infinity, 6), 0.2, 1e-16);
  EXPECT_NEAR(lifetime->loss(5, 20), 0.9, 1e-15);
  EXPECT_EQ(lifetime->loss(15, 20), 0);
  EXPECT_EQ(lifetime->mean(), 9);
  EXPECT_NEAR(lifetime->deviation(), 10 / std::sqrt(12.0), 1e-15);
  EXPECT_EQ(lifetime->quantile(0.25), 6.5);
  const auto moments = make("uniform", 1, {lifetime->mean(), lifetime->deviation()});
  EXPECT_NEAR(moments->quantile(0), 4, 1e-14);
  EXPECT_NEAR(moments->quantile(1), 14, 1e-14);
  EXPECT_EQ(make("uniform", 1, {3, 3 / std::sqrt(3.0)})->quantile(0), 0);
}

TEST(Triangular, ByHand) {
  const auto lifetime = make("triangular", 0, {2, 4, 10});
  EXPECT_EQ(lifetime->survival(2), 1);
  EXPECT_NEAR(lifetime->survival(3), 1 - 1.0 / 16, 1e-16);
  EXPECT_NEAR(lifetime->survival(4), 0.75, 1e-16);
  EXPECT_NEAR(lifetime->survival(7), 9.0 / 48, 1e-16);
  EXPECT_EQ(lifetime->survival(10), 0);
  EXPECT_NEAR(lifetime->density(4), 0.25, 1e-16);
  EXPECT_NEAR(lifetime->hazard(7), 2.0 / 3, 1e-15);
  EXPECT_NEAR(lifetime->hazard(3), 0.125 / (15.0 / 16), 1e-15);
  EXPECT_NEAR(lifetime->loss(3, 7), 15.0 / 16 - 9.0 / 48, 1e-15);
  EXPECT_NEAR(lifetime->loss(-infinity, infinity), 1, 1e-15);
  EXPECT_NEAR(lifetime->mean(), 16.0 / 3, 1e-15);
  EXPECT_NEAR(lifetime->deviation(), std::sqrt((64.0 - 12) / 18), 1e-15);
  for (double p : {0.0, 0.1, 0.25, 0.5, 0.9, 1.0}) {
    EXPECT_NEAR(lifetime->survival(lifetime->quantile(p)), 1 - p, 1e-15) << p;
  }
  const auto by_mean = make("triangular", 1, {16.0 / 3, 2, 10});
  EXPECT_NEAR(by_mean->survival(4), 0.75, 1e-14);
  const auto falling = make("triangular", 0, {0, 0, 6});
  EXPECT_NEAR(falling->survival(3), 0.25, 1e-16);
  EXPECT_NEAR(falling->density(0), 1.0 / 3, 1e-16);
  const auto rising = make("triangular", 0, {0, 6, 6});
  EXPECT_NEAR(rising->survival(3), 0.75, 1e-16);
  EXPECT_EQ(rising->survival(6), 0);
}

TEST(FamilyProblems, SayWhatIsPossible) {
  EXPECT_EQ(problem_of("folded_normal", 0, {10, 8}),
            "sd must be at most 0.7555 times the mean (is 0.8): a folded normal spreads no further");
  EXPECT_EQ(problem_of("folded_normal", 1, {2, 0}), "sigma must be above 0 (is 0)");
  EXPECT_EQ(
      problem_of("truncated_normal", 0, {10, 10}),
      "sd must be at most 1 times the mean (is 1): a truncated normal spreads less than an exponential");
  EXPECT_EQ(problem_of("truncated_normal", 1, {-1e6, 1}), "mu is more than 10000 times sigma below 0");
  EXPECT_EQ(problem_of("gamma", 0, {3, -1}), "shape must be above 0 (is -1)");
  EXPECT_EQ(problem_of("gamma", 0, {3, 1e-9}), "shape must be between 1e-8 and 1e12");
  EXPECT_EQ(problem_of("gamma", 2, {3, 0}), "sd must be above 0 (is 0)");
  EXPECT_EQ(problem_of("gamma", 2, {1, 1e-7}), "sd must be at least 1e-06 times the mean (is 1e-07)");
  EXPECT_EQ(problem_of("exponential", 1, {0}), "half_life must be above 0 (is 0)");
  EXPECT_EQ(problem_of("logistic", 1, {3, 0}), "scale must be above 0 (is 0)");
  EXPECT_EQ(problem_of("log_logistic", 1, {3, 1}), "shape must be above 1, else there is no mean");
  EXPECT_EQ(problem_of("gompertz", 2, {10, 12}),
            "sd must be at most 1 times the mean (is 1.2): a gompertz spreads less than an exponential");
  EXPECT_EQ(problem_of("gompertz", 1, {1e9, 1}), "mode is too large against scale");
  EXPECT_EQ(problem_of("uniform", 0, {5, 5}), "high must be above low (are 5 and 5)");
  EXPECT_EQ(problem_of("uniform", 0, {-1, 5}), "low must not be negative (is -1)");
  EXPECT_EQ(problem_of("uniform", 1, {5, 3}),
            "sd must be at most 0.5774 times the mean (is 0.6): the youngest would have a negative age");
  EXPECT_EQ(problem_of("triangular", 0, {5, 4, 8}), "mode must be between low and high (is 4)");
  EXPECT_EQ(problem_of("triangular", 1, {7, 0, 9}), "mean must be between 3 and 6 (is 7)");
}

}  // namespace
}  // namespace lode
