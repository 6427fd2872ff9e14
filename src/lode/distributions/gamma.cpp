// SPDX-License-Identifier: Apache-2.0
//
// Gamma lifetime with scale θ [yr] and shape k, x = a/θ, a ≥ 0:
//   f(a) = x^(k−1) e^(−x)/(Γ(k) θ);  S(a) = Q(k, x) = Γ(k, x)/Γ(k);  h(a) = f(a)/S(a)
//   mean m = k θ;  deviation s = θ √k;  from these k = (m/s)², θ = s²/m
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 17.
#include <cmath>

#include "lode/distributions/family.hpp"
#include "lode/distributions/special_functions.hpp"

namespace lode {
namespace {

class Gamma final : public Lifetime {
 public:
  Gamma(double scale, double shape) : scale_(scale), shape_(shape) {}

  double survival(double age) const override { return gamma_upper(shape_, age / scale_); }
  double density(double age) const override {
    return age < 0 ? 0 : gamma_density(shape_, age / scale_) / scale_;
  }
  double hazard(double age) const override {
    return age < 0 ? 0 : gamma_hazard(shape_, age / scale_) / scale_;
  }
  double loss(double from, double to) const override {
    const double low = from / scale_;
    const double high = to / scale_;
    if (!(high > 0) || !(high > low)) return 0;
    // From the side where less is subtracted.
    if (low > shape_) return gamma_upper(shape_, low) - gamma_upper(shape_, high);
    return gamma_lower(shape_, high) - gamma_lower(shape_, low);
  }
  double mean() const override { return shape_ * scale_; }
  double deviation() const override { return std::sqrt(shape_) * scale_; }
  double quantile(double probability) const override { return scale_ * gamma_quantile(shape_, probability); }

 private:
  double scale_;
  double shape_;
};

enum Form : std::size_t { scale_shape, mean_shape, mean_sd };

std::unique_ptr<Lifetime> make_gamma(std::size_t form, std::span<const double> values, std::string& problem) {
  double scale = values[0];
  double shape = values[1];
  if (form == mean_sd) {
    if (!check_mean_sd(values[0], values[1], 1e-6, 1e4, "gamma reaches no further", problem)) return nullptr;
    const double ratio = values[0] / values[1];
    scale = values[1] / ratio;
    shape = ratio * ratio;
  } else {
    if (!check_positive(form == mean_shape ? "mean" : "scale", scale, problem)) return nullptr;
    if (!check_positive("shape", shape, problem)) return nullptr;
    if (shape < 1e-8 || shape > 1e12) {
      problem = "shape must be between 1e-8 and 1e12";
      return nullptr;
    }
    if (form == mean_shape) scale /= shape;
  }
  if (!std::isnormal(scale)) {
    problem = "mean and shape are too far apart";
    return nullptr;
  }
  return std::make_unique<Gamma>(scale, shape);
}

}  // namespace

LifetimeMaker gamma_lifetime() {
  return {{"gamma", {{"scale", "shape"}, {"mean", "shape"}, {"mean", "sd"}}, {"scale", "mean", "sd"}},
          make_gamma};
}

}  // namespace lode
