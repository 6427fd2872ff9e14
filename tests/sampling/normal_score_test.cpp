// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/normal_score.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

#include "lode/sampling/philox.hpp"
#include "sampling_tools.hpp"

namespace lode {
namespace {

using Oracle = boost::math::normal_distribution<long double>;

// Everywhere, thick in the tails and at the seams of the approximations.
std::vector<double> probabilities() {
  std::vector<double> p(8 * 1000);
  philox_uniforms(1, 1, 0, 1000, p.data());
  const std::vector<double> plain = p;
  for (const double u : plain) {
    p.push_back(std::exp2(-63.9 * u));
    p.push_back(1 - std::exp2(-52.9 * u));
  }
  for (const double seam : {0.05, 0.5, 0.95}) {
    for (double step = 1e-16; step < 1e-3; step *= 7) {
      p.push_back(seam - step);
      p.push_back(seam + step);
    }
  }
  return p;
}

double relative(double value, long double exact) {
  return std::abs(static_cast<double>((static_cast<long double>(value) - exact) / exact));
}

TEST(NormalScore, agrees_with_boost_to_a_few_ulp) {
  const std::vector<double> p = probabilities();
  std::vector<double> z(p.size());
  on_each_tier([&] {
    normal_scores(p.data(), z.data(), p.size());
    double worst = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (p[i] == 0.5) {
        EXPECT_EQ(z[i], 0);
      } else {
        worst =
            std::max(worst, relative(z[i], boost::math::quantile(Oracle(), static_cast<long double>(p[i]))));
      }
    }
    EXPECT_LT(worst, 1e-15);
  });
}

TEST(NormalScore, ends_are_finite) {
  on_each_tier([] {
    std::vector<double> z = {0, 1, 1e-300, 0x1p-53, 1 - 0x1p-53};
    normal_scores(z.data(), z.data(), z.size());
    EXPECT_NEAR(z[0], -9.0801553, 1e-6);
    EXPECT_EQ(z[1], -z[0]);
    EXPECT_EQ(z[2], z[0]);
    EXPECT_EQ(z[3], -z[4]);
    EXPECT_NEAR(z[4], 8.2095362, 1e-6);
  });
}

TEST(NormalScore, a_value_does_not_depend_on_its_neighbours) {
  const std::vector<double> p = probabilities();
  on_each_tier([&] {
    std::vector<double> z(p.size());
    normal_scores(p.data(), z.data(), p.size());
    for (std::size_t i = 0; i < p.size(); i += 7) {
      double one = 0;
      normal_scores(&p[i], &one, 1);
      ASSERT_EQ(one, z[i]);
    }
    std::vector<double> in_place = p;
    for (std::size_t i = 0; i < p.size(); i += 24)
      normal_scores(&in_place[i], &in_place[i], std::min<std::size_t>(24, p.size() - i));
    EXPECT_EQ(in_place, z);
  });
}

TEST(NormalScore, probabilities_agree_with_boost_and_invert) {
  std::vector<double> z;
  for (double x = -37; x < 10; x += 0.00317) z.push_back(x);
  std::vector<double> p(z.size());
  on_each_tier([&] {
    normal_probabilities(z.data(), p.data(), z.size());
    double worst = 0;
    for (std::size_t i = 0; i < z.size(); ++i)
      worst = std::max(worst, relative(p[i], boost::math::cdf(Oracle(), static_cast<long double>(z[i]))));
    EXPECT_LT(worst, 2e-15);
    normal_scores(p.data(), p.data(), p.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
      if (std::abs(z[i]) < 5) {
        ASSERT_NEAR(p[i], z[i], 3e-10);
      }
    }
  });
}

}  // namespace
}  // namespace lode
