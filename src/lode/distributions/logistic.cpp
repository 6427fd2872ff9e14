// SPDX-License-Identifier: Apache-2.0
//
// Logistic lifetime with mean μ and scale s [yr], z = (a − μ)/s:
//   S(a) = 1/(1 + e^z);  f(a) = S (1 − S)/s;  h(a) = (1 − S)/s;  deviation π s/√3
// Not truncated at zero, as the normal: the items with a negative lifetime leave in the period they enter.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 23.
#include <cmath>
#include <numbers>

#include "lode/distributions/family.hpp"

namespace lode {
namespace {

constexpr double deviation_of_scale_1 = std::numbers::pi * std::numbers::inv_sqrt3;

class Logistic final : public Lifetime {
 public:
  Logistic(double mean, double scale) : mean_(mean), scale_(scale) {}

  double survival(double age) const override { return 1 / (1 + std::exp(score(age))); }
  double density(double age) const override {
    const double tail = std::exp(-std::abs(score(age)));
    return tail / ((1 + tail) * (1 + tail)) / scale_;
  }
  double hazard(double age) const override { return 1 / (1 + std::exp(-score(age))) / scale_; }
  double loss(double from, double to) const override {
    if (!(to > from)) return 0;
    // S(from) − S(to) = (1 − e^(z(from) − z(to))) S(from) (1 − S(to))
    return -std::expm1((from - to) / scale_) / ((1 + std::exp(score(from))) * (1 + std::exp(-score(to))));
  }
  double mean() const override { return mean_; }
  double deviation() const override { return scale_ * deviation_of_scale_1; }
  double quantile(double probability) const override {
    return mean_ + scale_ * (std::log(probability) - std::log1p(-probability));
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = mean_;
    numbers[1] = scale_;
  }

 private:
  double score(double age) const { return (age - mean_) / scale_; }

  double mean_;
  double scale_;
};

enum Form : std::size_t { mean_sd, mean_scale };

std::unique_ptr<Lifetime> make_logistic(std::size_t form, std::span<const double> values,
                                        std::string& problem) {
  if (!check_positive("mean", values[0], problem)) return nullptr;
  if (!check_positive(form == mean_sd ? "sd" : "scale", values[1], problem)) return nullptr;
  return std::make_unique<Logistic>(values[0],
                                    form == mean_sd ? values[1] / deviation_of_scale_1 : values[1]);
}

}  // namespace

LifetimeMaker logistic_lifetime() {
  return {{"logistic", {{"mean", "sd"}, {"mean", "scale"}}, {"mean", "sd", "scale"}}, make_logistic};
}

}  // namespace lode
