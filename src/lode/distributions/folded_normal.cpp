// SPDX-License-Identifier: Apache-2.0
//
// Folded normal lifetime: the size of a normal number with mean μ and deviation σ [yr], a ≥ 0. With
// z = (a − μ)/σ, y = (a + μ)/σ, c = μ/σ (μ and −μ give the same):
//   f(a) = (φ(z) + φ(y))/σ;  S(a) = Q(z) + Q(y);  h(a) = f(a)/S(a)
//   mean m = σ g, g = c + 2 e with e = φ(c) − c Q(c);  variance s² = σ² (1 − 2 e (c + g))
// μ and σ are not mean and deviation of the lifetime unless σ is small against μ. From mean and deviation:
// solve (s/m)² for c ≥ 0, which falls from π/2 − 1 (half-normal) to 0, so s ≤ 0.7555 m.
// Source: Leone, Nelson & Nottingham 1961, Technometrics 3, 543–550.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"
#include "lode/distributions/standard_normal.hpp"

namespace lode {
namespace {

double excess(double c) {
  return normal_density(c) - c * normal_upper(c);
}
double mean_of(double c) {
  return c + 2 * excess(c);
}
double variance_of(double c) {
  return 1 - 2 * excess(c) * (c + mean_of(c));
}
double variation_of(double c) {
  return std::sqrt(variance_of(c)) / mean_of(c);
}

class FoldedNormal final : public Lifetime {
 public:
  FoldedNormal(double mu, double sigma) : mu_(std::abs(mu)), sigma_(sigma) {}

  double survival(double age) const override {
    return age > 0 ? std::min(1.0, normal_upper(low_score(age)) + normal_upper(high_score(age))) : 1;
  }
  double density(double age) const override {
    return age < 0 ? 0 : (normal_density(low_score(age)) + normal_density(high_score(age))) / sigma_;
  }
  double hazard(double age) const override {
    if (age < 0) return 0;
    const double remaining = survival(age);
    if (remaining > 1e-280) return density(age) / remaining;
    // Q(y)/Q(z) = e^(−2aμ/σ²) h(z)/h(y) weighs the two hazards where both tails underflow.
    const double low = normal_hazard(low_score(age));
    const double high = normal_hazard(high_score(age));
    if (std::isinf(low) || std::isinf(high)) return low;
    const double weight = std::exp(-2 * (age / sigma_) * (mu_ / sigma_)) * low / high;
    return (low + weight * high) / (1 + weight) / sigma_;
  }
  double loss(double from, double to) const override {
    if (!(to > 0) || !(to > from)) return 0;
    if (!(from > 0)) return normal_along(-high_score(to), 2 * (to / sigma_));
    const double way = (to - from) / sigma_;
    return normal_along(low_score(from), way) + normal_along(high_score(from), way);
  }
  double mean() const override { return sigma_ * mean_of(mu_ / sigma_); }
  double deviation() const override { return sigma_ * std::sqrt(variance_of(mu_ / sigma_)); }
  double quantile(double probability) const override { return search_quantile(*this, probability); }

  void own_numbers(double* numbers) const override {
    numbers[0] = mu_;
    numbers[1] = sigma_;
  }

 private:
  double low_score(double age) const { return (age - mu_) / sigma_; }
  double high_score(double age) const { return (age + mu_) / sigma_; }

  double mu_;
  double sigma_;
};

enum Form : std::size_t { mean_sd, mu_sigma };

std::unique_ptr<Lifetime> make_folded_normal(std::size_t form, std::span<const double> values,
                                             std::string& problem) {
  if (form == mu_sigma) {
    if (!check_finite("mu", values[0], problem) || !check_positive("sigma", values[1], problem))
      return nullptr;
    if (std::abs(values[0]) > 1e12 * values[1]) {
      problem = "mu must be at most 1e12 times sigma";
      return nullptr;
    }
    return std::make_unique<FoldedNormal>(values[0], values[1]);
  }
  const double most = std::sqrt(std::numbers::pi / 2 - 1);
  if (!check_mean_sd(values[0], values[1], 1e-6, most, "a folded normal spreads no further", problem))
    return nullptr;
  const double wanted = values[1] / values[0];
  const double c = first_where([&](double each) { return variation_of(each) <= wanted; }, 0, 2e6);
  const double sigma = values[0] / mean_of(c);
  return std::make_unique<FoldedNormal>(c * sigma, sigma);
}

}  // namespace

LifetimeMaker folded_normal_lifetime() {
  return {{"folded_normal", {{"mean", "sd"}, {"mu", "sigma"}}, {"mean", "sd", "mu", "sigma"}},
          make_folded_normal};
}

}  // namespace lode
