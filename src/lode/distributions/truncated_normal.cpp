// SPDX-License-Identifier: Apache-2.0
//
// Normal lifetime with mean μ and deviation σ [yr] before what is below zero is cut off, a ≥ 0. With
// z(a) = (a − μ)/σ, z₀ = z(0), λ = φ(z₀)/Q(z₀), d = λ − z₀:
//   f(a) = φ(z)/(σ Q(z₀));  S(a) = Q(z)/Q(z₀);  h(a) = φ(z)/(σ Q(z))
//   mean m = σ d;  variance s² = σ² (1 − λ d)
// Mean and deviation are those of what is left after the cut. s/m grows with z₀ from 0 towards 1, where it is
// the exponential; from mean and deviation z₀ is solved for.
// Far beyond the mode (z₀ ≥ 10) all is taken from Laplace's continued fraction λ = z + 1/(z + e),
// e = 2/(z + g), g = 3/(z + 4/(z + …)): d = 1/(z + e) and (s/m)² = (z + 2e − g)/(z + g), where nothing
// cancels. Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 13; Abramowitz &
// Stegun 26.2.14.
#include <cmath>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"
#include "lode/distributions/gauss.hpp"
#include "lode/distributions/standard_normal.hpp"

namespace lode {
namespace {

constexpr double far = 10;

struct Moments {
  double mean = 0;       // d
  double variation = 0;  // s/m
};

Moments moments_of(double z) {
  if (z < far) {
    const double hazard = normal_hazard(z);
    const double mean = hazard - z;
    return {mean, std::sqrt(1 - hazard * mean) / mean};
  }
  double g = z;
  for (int n = 42; n >= 4; --n) g = z + n / g;
  g = 3 / g;
  const double e = 2 / (z + g);
  return {1 / (z + e), std::sqrt((z + 2 * e - g) / (z + g))};
}

class TruncatedNormal final : public Lifetime {
 public:
  TruncatedNormal(double start, double sigma)
      : start_(start), sigma_(sigma), whole_(start < far ? normal_upper(start) : 0) {}

  double survival(double age) const override {
    if (!(age > 0)) return 1;
    return whole_ > 0 ? normal_upper(score(age)) / whole_ : std::exp(-exposure(0, age));
  }
  double density(double age) const override {
    if (age < 0) return 0;
    if (whole_ > 0) return normal_density(score(age)) / whole_ / sigma_;
    const double remaining = survival(age);
    return remaining == 0 ? 0 : hazard(age) * remaining;
  }
  double hazard(double age) const override { return age < 0 ? 0 : normal_hazard(score(age)) / sigma_; }
  double loss(double from, double to) const override {
    if (!(to > 0) || !(to > from)) return 0;
    const double begin = from > 0 ? from : 0;
    if (whole_ > 0) return normal_along(score(begin), (to - begin) / sigma_) / whole_;
    const double present = survival(begin);
    return present == 0 ? 0 : -present * std::expm1(-exposure(begin, to));
  }
  double mean() const override { return sigma_ * moments_of(start_).mean; }
  double deviation() const override {
    const Moments moments = moments_of(start_);
    return sigma_ * moments.mean * moments.variation;
  }
  double quantile(double probability) const override { return search_quantile(*this, probability); }

  void own_numbers(double* numbers) const override {
    numbers[0] = start_;
    numbers[1] = sigma_;
  }

 private:
  double score(double age) const { return start_ + age / sigma_; }

  // ∫ h da = ln(Q(z(from))/Q(z(to))): over a short way by Gauss's rule, since the logarithms cancel.
  double exposure(double from, double to) const {
    const double way = (to - from) / sigma_;
    const double begin = score(from);
    if (way > 1)
      return way * (begin + 0.5 * way) + std::log(normal_hazard(begin + way) / normal_hazard(begin));
    return gauss_integral(begin, way, normal_hazard);
  }

  double start_;
  double sigma_;
  double whole_;  // Q(z₀), 0 where the continued fraction is used
};

enum Form : std::size_t { mean_sd, mu_sigma };

std::unique_ptr<Lifetime> make_truncated_normal(std::size_t form, std::span<const double> values,
                                                std::string& problem) {
  constexpr double farthest = 1e4;
  if (form == mu_sigma) {
    if (!check_finite("mu", values[0], problem) || !check_positive("sigma", values[1], problem))
      return nullptr;
    const double start = -values[0] / values[1];
    if (!(start <= farthest && start >= -1e12)) {
      problem =
          start > 0 ? "mu is more than 10000 times sigma below 0" : "mu must be at most 1e12 times sigma";
      return nullptr;
    }
    return std::make_unique<TruncatedNormal>(start, values[1]);
  }
  if (!check_mean_sd(values[0], values[1], 1e-6, moments_of(farthest).variation,
                     "a truncated normal spreads less than an exponential", problem))
    return nullptr;
  const double wanted = values[1] / values[0];
  const double start =
      first_where([&](double each) { return moments_of(each).variation >= wanted; }, -2e6, farthest);
  return std::make_unique<TruncatedNormal>(start, values[0] / moments_of(start).mean);
}

}  // namespace

LifetimeMaker truncated_normal_lifetime() {
  return {{"truncated_normal", {{"mean", "sd"}, {"mu", "sigma"}}, {"mean", "sd", "mu", "sigma"}},
          make_truncated_normal};
}

}  // namespace lode
