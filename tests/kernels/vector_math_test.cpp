// SPDX-License-Identifier: Apache-2.0
//
// Against the long double functions of the C library, in units of the last place of the exact value.
#include "lode/kernels/vector_math.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "tiers.hpp"

namespace lode::testing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double units_off(double value, long double exact) {
  if (std::isnan(exact)) return std::isnan(value) ? 0 : infinity;
  const auto rounded = static_cast<double>(exact);
  if (std::isinf(rounded) || std::isinf(value)) return value == rounded ? 0 : infinity;
  const double size = std::max(std::abs(rounded), std::numeric_limits<double>::min());
  const double unit = std::nextafter(size, infinity) - size;
  return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / unit);
}

std::vector<double> evenly(double low, double high, int count) {
  std::vector<double> values;
  for (int i = 0; i <= count; ++i) values.push_back(low + (high - low) * (i + 0.37 * (i % 3)) / (count + 1));
  return values;
}

std::vector<double> by_powers(double first, double last, double factor) {
  std::vector<double> values;
  for (double x = first; x < last; x *= factor) values.push_back(x);
  return values;
}

std::vector<double> joined(std::initializer_list<std::vector<double>> parts) {
  std::vector<double> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

using Each = void (*)(const double*, double*, std::size_t);

void check(Each function, long double (*exact)(long double), const std::vector<double>& x, double most,
           double most_unfused = 0) {
  on_every_tier([&](bool fused) {
    std::vector<double> y(x.size());
    function(x.data(), y.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(units_off(y[i], exact(x[i])), fused ? most : std::max(most, most_unfused))
          << "at " << x[i] << ": " << y[i];
      double alone = 0;
      function(&x[i], &alone, 1);
      ASSERT_TRUE(alone == y[i] || (std::isnan(alone) && std::isnan(y[i]))) << x[i];
    }
  });
}

const std::vector<double> special = {0.0,       -0.0,     1,         -1,     infinity,
                                     -infinity, nothing,  5e-324,    1e-310, -1e-310,
                                     2.3e-308,  1.79e308, -1.79e308, 1e-17,  -1e-17};

TEST(VectorMath, Exp) {
  check(&exp_each, &std::exp,
        joined({special, evenly(-760, 720, 20000), evenly(-1, 1, 5000), evenly(709.7, 709.8, 100)}), 1.5);
}

TEST(VectorMath, Expm1) {
  check(&expm1_each, &std::expm1,
        joined({special, evenly(-60, 60, 20000), evenly(-1, 1, 5000), evenly(700, 711, 200),
                by_powers(1e-300, 1, 7.3)}),
        2);
}

TEST(VectorMath, Log) {
  check(&log_each, &std::log,
        joined({special, by_powers(1e-320, 1e308, 1.17), evenly(0.5, 2, 20000), evenly(0.999, 1.001, 999)}),
        1.5);
}

TEST(VectorMath, Log1p) {
  check(&log1p_each, &std::log1p,
        joined({special, by_powers(1e-300, 1e300, 1.21), evenly(-0.9999, 3, 20000), {-2, -0.5}}), 2);
}

TEST(VectorMath, NormalUpper) {
  const auto exact = [](long double z) { return 0.5L * std::erfc(z / std::sqrt(2.0L)); };
  // Without fused multiplication the exponent is rounded: by up to 2^-53 of z²/2.
  check(&normal_upper_each, +exact,
        joined({{0, -0.0, 1, -1, infinity, -infinity, nothing}, evenly(-9, 9, 20000)}), 6, 50);
  check(&normal_upper_each, +exact, evenly(-40, 37, 20000), 10, 500);
}

TEST(VectorMath, Power) {
  std::vector<double> x, y;
  for (const double base : joined({special, by_powers(1e-300, 1e300, 31.7), evenly(0.2, 5, 200)}))
    for (const double exponent : joined({special, evenly(-5, 5, 40), {0.5, 2, 3, -1, -2, 60, -400}})) {
      x.push_back(base);
      y.push_back(exponent);
    }
  on_every_tier([&](bool fused) {
    std::vector<double> result(x.size());
    power_each(x.data(), y.data(), result.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double exact = std::pow(static_cast<long double>(x[i]), static_cast<long double>(y[i]));
      const auto exponent = static_cast<double>(std::log(std::abs(exact)));
      const double most = 2 + (std::isfinite(exponent) ? std::abs(exponent) / (fused ? 40 : 1) : 0);
      ASSERT_LE(units_off(result[i], exact), most) << x[i] << " ^ " << y[i] << ": " << result[i];
    }
  });
}

}  // namespace
}  // namespace lode::testing
