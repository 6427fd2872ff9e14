// SPDX-License-Identifier: Apache-2.0
//
// Gompertz lifetime with scale β [yr] and shape η, a ≥ 0: the hazard grows by the factor e in each β.
//   h(a) = (η/β) e^(a/β);  S(a) = exp(−η (e^(a/β) − 1));  f(a) = h(a) S(a)
//   mode M = −β ln η, where η < 1; so h(a) = e^((a − M)/β)/β
//   mean m = β e^η E₁(η);  E[a²] = 2 β² e^η J(η), J(η) = ∫_1^∞ (ln t/t) e^(−ηt) dt
// Below η = 1, with γ Euler's constant and g = γ + ln η, A = Σ_{n≥1} (−η)ⁿ/(n n!), B = Σ_{n≥1} (−η)ⁿ/(n² n!):
//   E₁ = −g − A;  J = g²/2 + π²/12 + B  (from J' = −E₁/η), so
//   s²/β² = e^η (π²/6 + 2B) − e^η (e^η − 1) g² − e^(2η) A (2g + A), where nothing large cancels.
// Above, J is integrated numerically. The variation s/m grows with η from 0 to 1 (exponential); from mean and
// deviation ln η is solved for. ln η is what is kept, since η underflows for narrow distributions.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 22; Lenart 2014,
// Scandinavian Actuarial Journal 2014(3), 255–277.
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"
#include "lode/distributions/quadrature.hpp"
#include "lode/distributions/special_functions.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;

double mean_of(double log_shape) {
  if (log_shape < -40) return -std::numbers::egamma - log_shape;
  return scaled_exponential_integral(std::exp(log_shape));
}

double variance_of(double log_shape) {
  if (log_shape < -40) return pi * pi / 6;
  const double shape = std::exp(log_shape);
  if (shape < 1) {
    double a = 0;
    double b = 0;
    double term = 1;
    for (int n = 1; n < 25; ++n) {
      term *= -shape / n;
      a += term / n;
      b += term / n / n;
    }
    const double g = std::numbers::egamma + log_shape;
    const double grown = std::exp(shape);
    return grown * (pi * pi / 6 + 2 * b - std::expm1(shape) * g * g - grown * a * (2 * g + a));
  }
  // E[a²]/β² = 2/η² ∫ u e^(−η (e^(u/η) − 1)) du; the rest of the integral is below e^−45.
  double second = 0;
  for (int panel = 0; panel < 15; ++panel)
    second += integrate_panel([&](double u) { return u * std::exp(-shape * std::expm1(u / shape)); },
                              3.0 * panel, 3.0 * (panel + 1));
  const double mean = mean_of(log_shape);
  return 2 * second / (shape * shape) - mean * mean;
}

class Gompertz final : public Lifetime {
 public:
  Gompertz(double scale, double log_shape)
      : scale_(scale), log_shape_(log_shape), shape_(std::exp(log_shape)) {}

  double survival(double age) const override { return age > 0 ? std::exp(-exposure(age)) : 1; }
  double density(double age) const override {
    if (age < 0) return 0;
    const double remaining = survival(age);
    return remaining == 0 ? 0 : hazard(age) * remaining;
  }
  double hazard(double age) const override {
    return age < 0 ? 0 : std::exp(age / scale_ + log_shape_) / scale_;
  }
  double loss(double from, double to) const override {
    if (!(to > 0) || !(to > from)) return 0;
    const double begin = from > 0 ? from : 0;
    const double present = survival(begin);
    if (present == 0) return 0;
    const double way = (to - begin) / scale_;
    const double start = begin / scale_ + log_shape_;
    // ∫ h da = e^start (e^way − 1)
    const double more = way < 1 ? std::exp(start) * std::expm1(way) : std::exp(start + way) - std::exp(start);
    return -present * std::expm1(-more);
  }
  double mean() const override { return scale_ * mean_of(log_shape_); }
  double deviation() const override { return scale_ * std::sqrt(variance_of(log_shape_)); }
  double quantile(double probability) const override {
    const double exposed = -std::log1p(-probability);
    if (exposed == 0) return 0;
    // ln(1 + x/η)
    const double log_ratio = std::log(exposed) - log_shape_;
    return scale_ * (log_ratio > 40 ? log_ratio : std::log1p(std::exp(log_ratio)));
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = scale_;
    numbers[1] = log_shape_;
  }

 private:
  double exposure(double age) const {
    const double x = age / scale_;
    return x < 1 ? shape_ * std::expm1(x) : std::exp(x + log_shape_) - shape_;
  }

  double scale_;
  double log_shape_;
  double shape_;
};

enum Form : std::size_t { scale_shape, mode_scale, mean_sd };

std::unique_ptr<Lifetime> make_gompertz(std::size_t form, std::span<const double> values,
                                        std::string& problem) {
  constexpr double least = -2e6;
  const double most = std::log(1e8);
  double scale = values[0];
  double log_shape = 0;
  if (form == mean_sd) {
    const double widest = std::sqrt(variance_of(most)) / mean_of(most);
    if (!check_mean_sd(values[0], values[1], 1e-6, widest, "a gompertz spreads less than an exponential",
                       problem))
      return nullptr;
    const double wanted = values[1] / values[0];
    log_shape = first_where(
        [&](double each) { return std::sqrt(variance_of(each)) >= wanted * mean_of(each); }, least, most);
    scale = values[0] / mean_of(log_shape);
  } else if (form == mode_scale) {
    scale = values[1];
    if (!check_not_negative("mode", values[0], problem) || !check_positive("scale", scale, problem))
      return nullptr;
    log_shape = -values[0] / scale;
  } else {
    if (!check_positive("scale", scale, problem) || !check_positive("shape", values[1], problem))
      return nullptr;
    log_shape = std::log(values[1]);
  }
  if (!(log_shape >= least && log_shape <= most)) {
    problem = log_shape < 0 ? "mode is too large against scale" : "shape must be at most 1e8";
    return nullptr;
  }
  if (!std::isnormal(scale)) {
    problem = "mean and sd are too far apart";
    return nullptr;
  }
  return std::make_unique<Gompertz>(scale, log_shape);
}

}  // namespace

LifetimeMaker gompertz_lifetime() {
  return {
      {"gompertz", {{"scale", "shape"}, {"mode", "scale"}, {"mean", "sd"}}, {"scale", "mode", "mean", "sd"}},
      make_gompertz};
}

}  // namespace lode
