// SPDX-License-Identifier: Apache-2.0
//
// Weibull lifetime with scale λ [yr] and shape k, x(a) = (a/λ)^k, a ≥ 0:
//   f(a) = (k/λ) (a/λ)^(k−1) e^(−x);  S(a) = e^(−x);  h(a) = (k/λ) (a/λ)^(k−1)
//   mean m = λ Γ(1 + 1/k);  deviation s = m √(e^w − 1), w(u) = ln Γ(1 + 2u) − 2 ln Γ(1 + u), u = 1/k
// From mean and deviation: solve w(u) = ln(1 + (s/m)²), which has one root because w grows with u.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 21.
#include <cmath>

#include "lode/distributions/family.hpp"
#include "lode/distributions/special_functions.hpp"

namespace lode {
namespace {

// (s/m)² = e^w(u) − 1. For small u the two logarithms cancel; there w = Σ_{n≥2} (−1)^n ζ(n) (2^n − 2)/n uⁿ,
// from ln Γ(1+u) = −γu + Σ_{n≥2} (−1)^n ζ(n)/n uⁿ (Abramowitz & Stegun 6.1.33).
double squared_variation(double u) {
  double w = 0;
  if (u < 1.0 / 256) {
    constexpr double zeta[] = {0,
                               0,
                               1.6449340668482264,
                               1.2020569031595943,
                               1.0823232337111382,
                               1.0369277551433699,
                               1.0173430619844491,
                               1.0083492773819228,
                               1.0040773561979443};
    for (int n = 8; n >= 2; --n) {
      const double coefficient = (n % 2 == 0 ? 1 : -1) * zeta[n] * (std::ldexp(1.0, n) - 2) / n;
      w = w * u + coefficient;
    }
    w *= u * u;
  } else {
    w = log_gamma(1 + 2 * u) - 2 * log_gamma(1 + u);
  }
  return std::expm1(w);
}

class Weibull final : public Lifetime {
 public:
  Weibull(double scale, double shape) : scale_(scale), shape_(shape) {}

  double survival(double age) const override { return age > 0 ? std::exp(-exposure(age)) : 1; }
  double density(double age) const override {
    if (age < 0) return 0;
    const double remaining = survival(age);
    return remaining == 0 ? 0 : hazard(age) * remaining;
  }
  double hazard(double age) const override {
    return age < 0 ? 0 : shape_ / scale_ * std::pow(age / scale_, shape_ - 1);
  }
  double loss(double from, double to) const override {
    if (!(to > 0)) return 0;
    if (!(from > 0)) return -std::expm1(-exposure(to));
    const double before = exposure(from);
    return lost(from, before, std::exp(-before), to, [&] { return exposure(to); });
  }
  void shares_at(std::span<const double> ages, double* remaining, double* leaving) const override {
    double from = -1;
    double before = 0;
    double present = 1;
    for (std::size_t k = 0; k < ages.size(); ++k) {
      const double to = ages[k];
      const double after = to > 0 ? exposure(to) : 0;
      leaving[k] = !(to > 0)     ? 0
                   : !(from > 0) ? -std::expm1(-after)
                                 : lost(from, before, present, to, [&] { return after; });
      remaining[k] = to > 0 ? std::exp(-after) : 1;
      from = to;
      before = after;
      present = remaining[k];
    }
  }
  double mean() const override { return scale_ * std::exp(log_gamma(1 + 1 / shape_)); }
  double deviation() const override { return mean() * std::sqrt(squared_variation(1 / shape_)); }
  double quantile(double probability) const override {
    return scale_ * std::pow(-std::log1p(-probability), 1 / shape_);
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = scale_;
    numbers[1] = shape_;
  }

 private:
  double exposure(double age) const { return std::pow(age / scale_, shape_); }

  // loss() between ages above 0, given x(from), survival(from) and, if need be, x(to).
  template <typename After>
  double lost(double from, double before, double present, double to, const After& after) const {
    if (present == 0) return 0;
    // x(to) − x(from) cancels where the ages are close; there it is x(from) ((to/from)^k − 1).
    const bool close = to < 2 * from && before > 0;
    const double more =
        close ? before * std::expm1(shape_ * std::log1p((to - from) / from)) : after() - before;
    return -present * std::expm1(-more);
  }

  double scale_;
  double shape_;
};

// ln (s/m)² is nearly a straight line in ln u, so false position (the Illinois variant, which keeps the
// bracket and cannot stall) needs a handful of steps. The bracket holds s/m from 1e-6 to 1e6.
double solve_shape(double variation) {
  const double target = 2 * std::log(variation);
  const auto miss = [&](double log_u) { return std::log(squared_variation(std::exp(log_u))) - target; };
  double low = std::log(1e-7);
  double high = std::log(100.0);
  double miss_low = miss(low);
  double miss_high = miss(high);
  double middle = low;
  int side = 0;
  for (int step = 0; step < 200; ++step) {
    const double last = middle;
    middle = (low * miss_high - high * miss_low) / (miss_high - miss_low);
    const double value = miss(middle);
    if (value == 0 || std::abs(middle - last) <= 2e-16 * std::abs(middle)) break;
    if (value > 0) {
      high = middle;
      miss_high = value;
      if (side == 1) miss_low /= 2;
      side = 1;
    } else {
      low = middle;
      miss_low = value;
      if (side == -1) miss_high /= 2;
      side = -1;
    }
  }
  return std::exp(-middle);
}

enum Form : std::size_t { scale_shape, mean_shape, mean_sd };

std::unique_ptr<Lifetime> make_weibull(std::size_t form, std::span<const double> values,
                                       std::string& problem) {
  const double first = values[0];
  double shape = values[1];
  if (form == scale_shape) {
    if (!check_positive("scale", first, problem) || !check_positive("shape", shape, problem)) return nullptr;
    return std::make_unique<Weibull>(first, shape);
  }
  if (!check_positive("mean", first, problem)) return nullptr;
  if (form == mean_sd) {
    if (!check_positive("sd", values[1], problem)) return nullptr;
    const double variation = values[1] / first;
    if (!(variation >= 1e-6 && variation <= 1e6)) {
      problem = "sd must be between 1e-6 and 1e6 times the mean";
      return nullptr;
    }
    shape = solve_shape(variation);
  } else if (!check_positive("shape", shape, problem)) {
    return nullptr;
  }
  const double scale = first / std::exp(log_gamma(1 + 1 / shape));
  if (!std::isnormal(scale)) {
    problem = "shape is too small for this mean";
    return nullptr;
  }
  return std::make_unique<Weibull>(scale, shape);
}

}  // namespace

LifetimeMaker weibull_lifetime() {
  return {{"weibull", {{"scale", "shape"}, {"mean", "shape"}, {"mean", "sd"}}, {"scale", "mean", "sd"}},
          make_weibull};
}

}  // namespace lode
