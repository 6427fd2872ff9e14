// SPDX-License-Identifier: Apache-2.0
//
// Uniform lifetime between low l and high u [yr], 0 ≤ l < u:
//   f(a) = 1/(u − l) for l ≤ a < u;  S(a) = (u − a)/(u − l) there;  h(a) = 1/(u − a)
//   mean (l + u)/2;  deviation (u − l)/√12;  from these l, u = m ∓ √3 s, so s ≤ m/√3
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 26.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/family.hpp"

namespace lode {
namespace {

class Uniform final : public Lifetime {
 public:
  Uniform(double low, double high) : low_(low), high_(high), width_(high - low) {}

  double survival(double age) const override {
    return age <= low_ ? 1 : age >= high_ ? 0 : (high_ - age) / width_;
  }
  double density(double age) const override { return age < low_ || age >= high_ ? 0 : 1 / width_; }
  double hazard(double age) const override {
    if (age >= high_) return std::numeric_limits<double>::infinity();
    return age < low_ ? 0 : 1 / (high_ - age);
  }
  double loss(double from, double to) const override {
    return std::max(0.0, std::min(to, high_) - std::max(from, low_)) / width_;
  }
  double mean() const override { return 0.5 * (low_ + high_); }
  double deviation() const override { return width_ / std::sqrt(12.0); }
  double quantile(double probability) const override { return low_ + probability * width_; }
  void bends(std::vector<double>& ages) const override { ages.insert(ages.end(), {low_, high_}); }

  void own_numbers(double* numbers) const override {
    numbers[0] = low_;
    numbers[1] = high_;
  }

 private:
  double low_;
  double high_;
  double width_;
};

enum Form : std::size_t { low_high, mean_sd };

std::unique_ptr<Lifetime> make_uniform(std::size_t form, std::span<const double> values,
                                       std::string& problem) {
  double low = values[0];
  double high = values[1];
  if (form == mean_sd) {
    // The 1e-12 lets what was computed as m/√3 pass; l is then 0.
    if (!check_mean_sd(values[0], values[1], 1e-9, std::numbers::inv_sqrt3 * (1 + 1e-12),
                       "the youngest would have a negative age", problem))
      return nullptr;
    low = std::max(0.0, values[0] - std::numbers::sqrt3 * values[1]);
    high = values[0] + std::numbers::sqrt3 * values[1];
  } else {
    if (!check_not_negative("low", low, problem) || !check_finite("high", high, problem)) return nullptr;
    if (!(high > low)) {
      problem = fmt::format("high must be above low (are {} and {})", high, low);
      return nullptr;
    }
  }
  return std::make_unique<Uniform>(low, high);
}

}  // namespace

LifetimeMaker uniform_lifetime() {
  return {{"uniform", {{"low", "high"}, {"mean", "sd"}}, {"low", "high", "mean", "sd"}}, make_uniform};
}

}  // namespace lode
