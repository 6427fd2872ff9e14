// SPDX-License-Identifier: Apache-2.0
//
// Lognormal lifetime: ln a is normal with mean μ and deviation σ (a in yr), z = (ln a − μ)/σ, a > 0:
//   f(a) = φ(z)/(σ a);  S(a) = Q(z);  h(a) = φ(z)/(Q(z) σ a)
//   median e^μ;  mean m = e^(μ + σ²/2);  deviation s = m √(e^(σ²) − 1)
// From mean and deviation: σ² = ln(1 + (s/m)²), μ = ln m − σ²/2.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 14.
#include <cmath>

#include "lode/distributions/family.hpp"
#include "lode/distributions/standard_normal.hpp"

namespace lode {
namespace {

class Lognormal final : public Lifetime {
 public:
  Lognormal(double mu, double sigma) : mu_(mu), sigma_(sigma) {}

  double survival(double age) const override { return age > 0 ? normal_upper(score(age)) : 1; }
  double density(double age) const override {
    return age > 0 ? normal_density(score(age)) / sigma_ / age : 0;
  }
  double hazard(double age) const override {
    if (!(age > 0) || std::isinf(age)) return 0;
    const double z = score(age);
    // At tiny ages φ underflows to 0 before 1/a overflows.
    return normal_hazard(z) / sigma_ / age;
  }
  double loss(double from, double to) const override {
    if (!(to > 0)) return 0;
    if (!(from > 0)) return normal_upper(-score(to));
    return normal_between(score(from), score(to));
  }
  double mean() const override { return std::exp(mu_ + 0.5 * sigma_ * sigma_); }
  double deviation() const override { return mean() * std::sqrt(std::expm1(sigma_ * sigma_)); }
  double quantile(double probability) const override {
    return std::exp(mu_ + sigma_ * normal_quantile(probability));
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = mu_;
    numbers[1] = sigma_;
  }

 private:
  double score(double age) const { return (std::log(age) - mu_) / sigma_; }

  double mu_;
  double sigma_;
};

enum Form : std::size_t { mean_sd, mu_sigma, median_sigma };

std::unique_ptr<Lifetime> make_lognormal(std::size_t form, std::span<const double> values,
                                         std::string& problem) {
  const double first = values[0];
  const double second = values[1];
  switch (form) {
    case mu_sigma:
      if (!check_finite("mu", first, problem) || !check_positive("sigma", second, problem)) return nullptr;
      return std::make_unique<Lognormal>(first, second);
    case median_sigma:
      if (!check_positive("median", first, problem) || !check_positive("sigma", second, problem))
        return nullptr;
      return std::make_unique<Lognormal>(std::log(first), second);
    default: {
      if (!check_positive("mean", first, problem) || !check_positive("sd", second, problem)) return nullptr;
      const double ratio = second / first;
      const double variance = std::log1p(ratio * ratio);
      if (!(variance > 0) || !std::isfinite(variance)) {
        problem = "sd and mean are too far apart";
        return nullptr;
      }
      return std::make_unique<Lognormal>(std::log(first) - 0.5 * variance, std::sqrt(variance));
    }
  }
}

}  // namespace

LifetimeMaker lognormal_lifetime() {
  return {{"lognormal", {{"mean", "sd"}, {"mu", "sigma"}, {"median", "sigma"}}, {"mean", "sd", "median"}},
          make_lognormal};
}

}  // namespace lode
