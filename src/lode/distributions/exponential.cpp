// SPDX-License-Identifier: Apache-2.0
//
// Exponential lifetime with mean m [yr], a ≥ 0: what is in use leaves at the same rate at every age.
//   f(a) = e^(−a/m)/m;  S(a) = e^(−a/m);  h(a) = 1/m;  mean m, deviation m;  half-life m ln 2
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 19.
#include <cmath>
#include <numbers>

#include "lode/distributions/family.hpp"

namespace lode {
namespace {

class Exponential final : public Lifetime {
 public:
  explicit Exponential(double mean) : mean_(mean) {}

  double survival(double age) const override { return age > 0 ? std::exp(-age / mean_) : 1; }
  double density(double age) const override { return age < 0 ? 0 : std::exp(-age / mean_) / mean_; }
  double hazard(double age) const override { return age < 0 ? 0 : 1 / mean_; }
  double loss(double from, double to) const override {
    if (!(to > 0)) return 0;
    if (!(from > 0)) return -std::expm1(-to / mean_);
    if (!(to > from)) return 0;
    return -survival(from) * std::expm1(-(to - from) / mean_);
  }
  double mean() const override { return mean_; }
  double deviation() const override { return mean_; }
  double quantile(double probability) const override { return -mean_ * std::log1p(-probability); }

  void own_numbers(double* numbers) const override { numbers[0] = mean_; }

 private:
  double mean_;
};

enum Form : std::size_t { mean, half_life };

std::unique_ptr<Lifetime> make_exponential(std::size_t form, std::span<const double> values,
                                           std::string& problem) {
  if (!check_positive(form == mean ? "mean" : "half_life", values[0], problem)) return nullptr;
  return std::make_unique<Exponential>(form == mean ? values[0] : values[0] / std::numbers::ln2);
}

}  // namespace

LifetimeMaker exponential_lifetime() {
  return {{"exponential", {{"mean"}, {"half_life"}}, {"mean", "half_life"}}, make_exponential};
}

}  // namespace lode
