// SPDX-License-Identifier: Apache-2.0
//
// Log-logistic lifetime with scale α [yr], the median, and shape β, x = (a/α)^β, a ≥ 0:
//   S(a) = 1/(1 + x);  f(a) = β x/(a (1 + x)²);  h(a) = β x/(a (1 + x))
// With b = π/β: mean m = α b/sin b for β > 1, else infinite; deviation s = m √(tan b/b − 1) for β > 2, else
// infinite. From mean and deviation: solve tan b/b − 1 = (s/m)², which grows from 0 to ∞ on 0 < b < π/2.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 23 (the log of a is
// logistic).
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;

// (s/m)² = tan b/b − 1; for small b by the series of tan, where the two cancel.
double squared_variation(double b) {
  const double u = b * b;
  if (b > 0.25) return std::tan(b) / b - 1;
  constexpr double coefficients[] = {1.0 / 3,
                                     2.0 / 15,
                                     17.0 / 315,
                                     62.0 / 2835,
                                     1382.0 / 155925,
                                     21844.0 / 6081075,
                                     929569.0 / 638512875,
                                     6404582.0 / 10854718875,
                                     443861162.0 / 1856156927625};
  double sum = 0;
  for (int n = 8; n >= 0; --n) sum = sum * u + coefficients[n];
  return sum * u;
}

class LogLogistic final : public Lifetime {
 public:
  LogLogistic(double scale, double shape) : scale_(scale), shape_(shape) {}

  double survival(double age) const override { return age > 0 ? 1 / (1 + odds(age)) : 1; }
  double density(double age) const override {
    if (age < 0 || std::isinf(age)) return 0;
    const double now = hazard(age);
    return std::isinf(now) ? now : now * survival(age);
  }
  double hazard(double age) const override {
    if (age < 0 || std::isinf(age)) return 0;
    if (age < scale_) return shape_ / scale_ * std::pow(age / scale_, shape_ - 1) / (1 + odds(age));
    return shape_ / age / (1 + 1 / odds(age));
  }
  double loss(double from, double to) const override {
    if (!(to > 0) || !(to > from)) return 0;
    const double left = 1 / (1 + 1 / odds(to));  // 1 − S(to)
    if (!(from > 0)) return left;
    // S(from) − S(to) = (1 − x(from)/x(to)) S(from) (1 − S(to))
    const double ratio = std::log1p((to - from) / from);
    return -std::expm1(-shape_ * (std::isinf(ratio) ? std::log(to) - std::log(from) : ratio)) *
           survival(from) * left;
  }
  double mean() const override {
    const double b = pi / shape_;
    return shape_ > 1 ? scale_ * b / std::sin(b) : infinity;
  }
  double deviation() const override {
    return shape_ > 2 ? mean() * std::sqrt(squared_variation(pi / shape_)) : infinity;
  }
  double quantile(double probability) const override {
    return scale_ * std::exp((std::log(probability) - std::log1p(-probability)) / shape_);
  }

  void own_numbers(double* numbers) const override {
    numbers[0] = scale_;
    numbers[1] = shape_;
  }

 private:
  double odds(double age) const {
    const double x = age / scale_;
    if (std::isinf(x)) return std::exp(shape_ * (std::log(age) - std::log(scale_)));
    return std::pow(x, shape_);
  }

  double scale_;
  double shape_;
};

enum Form : std::size_t { scale_shape, mean_shape, mean_sd };

std::unique_ptr<Lifetime> make_log_logistic(std::size_t form, std::span<const double> values,
                                            std::string& problem) {
  double shape = values[1];
  if (form == scale_shape) {
    if (!check_positive("scale", values[0], problem) || !check_positive("shape", shape, problem))
      return nullptr;
    return std::make_unique<LogLogistic>(values[0], shape);
  }
  if (form == mean_sd) {
    if (!check_mean_sd(values[0], values[1], 1e-6, 1e4, "log_logistic reaches no further", problem))
      return nullptr;
    const double variation = values[1] / values[0];
    const double wanted = variation * variation;
    shape = pi / first_where([&](double b) { return squared_variation(b) >= wanted; }, 0, pi / 2);
  } else {
    if (!check_positive("mean", values[0], problem) || !check_positive("shape", shape, problem))
      return nullptr;
    if (!(shape > 1)) {
      problem = "shape must be above 1, else there is no mean";
      return nullptr;
    }
  }
  const double scale = values[0] * std::sin(pi / shape) * shape / pi;
  if (!std::isnormal(scale)) {
    problem = "shape is too close to 1 for this mean";
    return nullptr;
  }
  return std::make_unique<LogLogistic>(scale, shape);
}

}  // namespace

LifetimeMaker log_logistic_lifetime() {
  return {{"log_logistic", {{"scale", "shape"}, {"mean", "shape"}, {"mean", "sd"}}, {"scale", "mean", "sd"}},
          make_log_logistic};
}

}  // namespace lode
