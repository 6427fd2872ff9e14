// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/standard_normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/gauss.hpp"

namespace lode {
namespace {

constexpr double inverse_root_two = 1.0 / std::numbers::sqrt2;

}  // namespace

double normal_density(double z) {
  return std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi * inverse_root_two;
}

double normal_upper(double z) {
  return 0.5 * std::erfc(z * inverse_root_two);
}

double normal_between(double from, double to) {
  if (from > 0) return normal_upper(from) - normal_upper(to);
  if (to < 0) return normal_upper(-to) - normal_upper(-from);
  return 0.5 * (std::erf(to * inverse_root_two) - std::erf(from * inverse_root_two));
}

// Over a short way by Gauss's rule: from + way would round the way. The rule's error is below 1e-17.
double normal_along(double from, double way) {
  if (!(way * std::max(1.0, std::abs(from)) < 0.25)) return normal_between(from, from + way);
  return gauss_integral(from, way, normal_density);
}

double normal_hazard(double z) {
  if (z < 10) return normal_density(z) / normal_upper(z);
  // Laplace's continued fraction for φ/Q: z + 1/(z + 2/(z + 3/(z + …))). Abramowitz & Stegun 26.2.14.
  double tail = z;
  for (int n = 40; n >= 1; --n) tail = z + n / tail;
  return tail;
}

// The start is Abramowitz & Stegun 26.2.23 (error below 4.5e-4); Halley's rule triples the digits at each
// step: with e = (Q(z) − q)/φ(z), z ← z + e/(1 − z e/2).
double normal_quantile(double probability) {
  if (std::isnan(probability) || probability < 0 || probability > 1) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const bool lower = probability < 0.5;
  const double tail = lower ? probability : 1 - probability;
  if (tail == 0.5) return 0;
  if (tail == 0) return (lower ? -1 : 1) * std::numeric_limits<double>::infinity();
  const double t = std::sqrt(-2 * std::log(tail));
  double z =
      t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int step = 0; step < 3; ++step) {
    const double error = (normal_upper(z) - tail) / normal_density(z);
    z += error / (1 - 0.5 * z * error);
  }
  return lower ? -z : z;
}

}  // namespace lode
