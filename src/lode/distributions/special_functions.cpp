// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/special_functions.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using namespace boost::math::policies;
using Quiet = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                     underflow_error<ignore_error>, evaluation_error<ignore_error>, promote_double<false>>;

}  // namespace

double log_gamma(double x) {
#if defined(__GLIBC__) || defined(__APPLE__)
  int sign = 0;
  return ::lgamma_r(x, &sign);  // std::lgamma writes a global sign
#else
  return std::lgamma(x);
#endif
}

double gamma_lower(double shape, double x) {
  if (!(x > 0)) return 0;
  return std::isinf(x) ? 1 : boost::math::gamma_p(shape, x, Quiet());
}

double gamma_upper(double shape, double x) {
  if (!(x > 0)) return 1;
  return std::isinf(x) ? 0 : boost::math::gamma_q(shape, x, Quiet());
}

double gamma_density(double shape, double x) {
  if (!(x > 0)) return shape < 1 ? infinity : shape > 1 ? 0 : 1;
  if (std::isinf(x)) return 0;
  return boost::math::gamma_p_derivative(shape, x, Quiet());
}

// Where Q underflows: Legendre's continued fraction (Abramowitz & Stegun 6.5.31),
//   x Q(k, x)/density = x/(x+1−k − 1(1−k)/(x+3−k − 2(2−k)/(x+5−k − …))), by Lentz's rule.
double gamma_hazard(double shape, double x) {
  const double remaining = gamma_upper(shape, x);
  if (remaining > 1e-280) return gamma_density(shape, x) / remaining;
  if (std::isinf(x)) return 1;
  double b = x + 1 - shape;
  double c = infinity;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < 1'000'000; ++n) {
    const double a = n * (shape - n);
    b += 2;
    d = 1 / (b + a * d);
    c = b + a / c;
    const double factor = c * d;
    fraction *= factor;
    if (std::abs(factor - 1) < 1e-16) break;
  }
  return 1 / (x * fraction);
}

double gamma_quantile(double shape, double probability) {
  if (std::isnan(probability) || probability < 0 || probability > 1)
    return std::numeric_limits<double>::quiet_NaN();
  if (probability == 0) return 0;
  if (probability == 1) return infinity;
  return probability < 0.5 ? boost::math::gamma_p_inv(shape, probability, Quiet())
                           : boost::math::gamma_q_inv(shape, 1 - probability, Quiet());
}

// Abramowitz & Stegun 5.1.11 below 1, 5.1.22 in its contracted form from there.
double scaled_exponential_integral(double x) {
  if (std::isinf(x)) return 0;
  if (x < 1) {
    double sum = -std::numbers::egamma - std::log(x);
    double term = 1;
    for (int n = 1; n < 25; ++n) {
      term *= -x / n;
      sum -= term / n;
    }
    return std::exp(x) * sum;
  }
  double tail = 0;
  for (int n = 120; n >= 1; --n) tail = static_cast<double>(n) * n / (x + 2 * n + 1 - tail);
  return 1 / (x + 1 - tail);
}

}  // namespace lode
