// SPDX-License-Identifier: Apache-2.0
//
// Fixed lifetime L: every item leaves at age L.
//   S(a) = 1 for a < L, else 0;  mean L, deviation 0;  all mass at L, so there is no density.
// Ages are sums of period lengths. One within 1e-9 of L (relative) counts as L, so that the rounding of such
// a sum does not keep a cohort for a period more.
#include <cmath>
#include <limits>

#include "lode/distributions/family.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Fixed final : public Lifetime {
 public:
  explicit Fixed(double value) : value_(value), present_below_(value * (1 - 1e-9)) {}

  double survival(double age) const override { return age < present_below_ ? 1 : 0; }
  double density(double age) const override {
    return std::abs(age - value_) <= value_ - present_below_ ? infinity : 0;
  }
  double hazard(double age) const override { return age < present_below_ ? 0 : infinity; }
  double loss(double from, double to) const override { return survival(from) - survival(to); }
  double mean() const override { return value_; }
  double deviation() const override { return 0; }
  double quantile(double /*probability*/) const override { return value_; }
  bool has_density() const override { return false; }

  void own_numbers(double* numbers) const override { numbers[0] = value_; }

 private:
  double value_;
  double present_below_;
};

std::unique_ptr<Lifetime> make_fixed(std::size_t /*form*/, std::span<const double> values,
                                     std::string& problem) {
  if (!check_not_negative("value", values[0], problem)) return nullptr;
  return std::make_unique<Fixed>(values[0]);
}

}  // namespace

LifetimeMaker fixed_lifetime() {
  return {{"fixed", {{"value"}}, {"value"}}, make_fixed};
}

}  // namespace lode
