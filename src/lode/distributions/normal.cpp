// SPDX-License-Identifier: Apache-2.0
//
// Normal lifetime with mean μ and deviation σ [yr], z = (a − μ)/σ:
//   f(a) = φ(z)/σ;  S(a) = Q(z) = ½ erfc(z/√2);  h(a) = φ(z)/(Q(z) σ)
// Not truncated at zero: S(0) = Q(−μ/σ) < 1, and the items with a negative lifetime leave in the period they
// enter. This is the convention of the established Python packages; mean and deviation are those of the whole
// normal. Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 13.
#include "lode/distributions/family.hpp"
#include "lode/distributions/standard_normal.hpp"

namespace lode {
namespace {

class Normal final : public Lifetime {
 public:
  Normal(double mean, double deviation) : mean_(mean), deviation_(deviation) {}

  double survival(double age) const override { return normal_upper(score(age)); }
  double density(double age) const override { return normal_density(score(age)) / deviation_; }
  double hazard(double age) const override { return normal_hazard(score(age)) / deviation_; }
  double loss(double from, double to) const override { return normal_between(score(from), score(to)); }
  double mean() const override { return mean_; }
  double deviation() const override { return deviation_; }
  double quantile(double probability) const override {
    return mean_ + deviation_ * normal_quantile(probability);
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = mean_;
    numbers[1] = deviation_;
  }

 private:
  double score(double age) const { return (age - mean_) / deviation_; }

  double mean_;
  double deviation_;
};

std::unique_ptr<Lifetime> make_normal(std::size_t /*form*/, std::span<const double> values,
                                      std::string& problem) {
  if (!check_positive("mean", values[0], problem) || !check_positive("sd", values[1], problem))
    return nullptr;
  return std::make_unique<Normal>(values[0], values[1]);
}

}  // namespace

LifetimeMaker normal_lifetime() {
  return {{"normal", {{"mean", "sd"}}, {"mean", "sd"}}, make_normal};
}

}  // namespace lode
