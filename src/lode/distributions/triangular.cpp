// SPDX-License-Identifier: Apache-2.0
//
// Triangular lifetime between low l and high u with mode c [yr], 0 ≤ l ≤ c ≤ u, l < u:
//   1 − S(a) = (a − l)²/((u − l)(c − l)) for l ≤ a ≤ c;  S(a) = (u − a)²/((u − l)(u − c)) for c ≤ a ≤ u
//   f(a) = 2 (a − l)/((u − l)(c − l)) and 2 (u − a)/((u − l)(u − c));  h(a) = 2/(u − a) from c on
//   mean (l + c + u)/3;  variance ((u − l)² − (u − c)(c − l))/18
// From the mean: c = 3m − l − u.
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 26.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/distributions/family.hpp"

namespace lode {
namespace {

class Triangular final : public Lifetime {
 public:
  Triangular(double low, double mode, double high)
      : low_(low), mode_(mode), high_(high), width_(high - low) {}

  double survival(double age) const override {
    if (age <= low_) return 1;
    if (age >= high_) return 0;
    return age < mode_ ? 1 - rising(low_, age) : falling(age, high_);
  }
  double density(double age) const override {
    if (age < low_ || age >= high_) return 0;
    if (age < mode_) return 2 * ((age - low_) / (mode_ - low_)) / width_;
    return 2 * ((high_ - age) / (high_ - mode_)) / width_;
  }
  double hazard(double age) const override {
    if (age >= high_) return std::numeric_limits<double>::infinity();
    return age < mode_ ? density(age) / survival(age) : 2 / (high_ - age);
  }
  double loss(double from, double to) const override {
    double sum = 0;
    if (from < mode_) sum += rising(std::max(from, low_), std::min(to, mode_));
    if (to > mode_) sum += falling(std::max(from, mode_), std::min(to, high_));
    return sum;
  }
  double mean() const override { return (low_ + mode_ + high_) / 3; }
  double deviation() const override {
    const double share = (mode_ - low_) / width_;
    return width_ * std::sqrt((1 - share * (1 - share)) / 18);
  }
  double quantile(double probability) const override {
    if (probability <= (mode_ - low_) / width_)
      return low_ + std::sqrt(probability * width_ * (mode_ - low_));
    return high_ - std::sqrt((1 - probability) * width_ * (high_ - mode_));
  }
  void bends(std::vector<double>& ages) const override { ages.insert(ages.end(), {low_, mode_, high_}); }

  void own_numbers(double* numbers) const override {
    numbers[0] = low_;
    numbers[1] = mode_;
    numbers[2] = high_;
  }

 private:
  // What leaves between two ages on one side of the mode: a difference of squares.
  double rising(double from, double to) const {
    if (!(to > from)) return 0;
    return ((to - from) / width_) * (((to - low_) + (from - low_)) / (mode_ - low_));
  }
  double falling(double from, double to) const {
    if (!(to > from)) return 0;
    return ((to - from) / width_) * (((high_ - from) + (high_ - to)) / (high_ - mode_));
  }

  double low_;
  double mode_;
  double high_;
  double width_;
};

enum Form : std::size_t { low_mode_high, mean_low_high };

std::unique_ptr<Lifetime> make_triangular(std::size_t form, std::span<const double> values,
                                          std::string& problem) {
  const double low = values[form == low_mode_high ? 0 : 1];
  const double high = values[2];
  double mode = values[1];
  if (!check_not_negative("low", low, problem) || !check_finite("high", high, problem)) return nullptr;
  if (!(high > low)) {
    problem = fmt::format("high must be above low (are {} and {})", high, low);
    return nullptr;
  }
  if (form == mean_low_high) {
    if (!check_finite("mean", values[0], problem)) return nullptr;
    mode = 3 * values[0] - low - high;
    const double slack = 1e-12 * (high - low);
    if (mode < low - slack || mode > high + slack) {
      problem = fmt::format("mean must be between {:.6g} and {:.6g} (is {})", (2 * low + high) / 3,
                            (low + 2 * high) / 3, values[0]);
      return nullptr;
    }
    mode = std::clamp(mode, low, high);
  } else {
    if (!check_finite("mode", mode, problem)) return nullptr;
    if (mode < low || mode > high) {
      problem = fmt::format("mode must be between low and high (is {})", mode);
      return nullptr;
    }
  }
  return std::make_unique<Triangular>(low, mode, high);
}

}  // namespace

LifetimeMaker triangular_lifetime() {
  return {{"triangular", {{"low", "mode", "high"}, {"mean", "low", "high"}}, {"low", "mode", "high", "mean"}},
          make_triangular};
}

}  // namespace lode
