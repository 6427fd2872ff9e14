// SPDX-License-Identifier: Apache-2.0
//
// What a file of a lifetime family offers to the registry in lifetime.cpp.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lode/distributions/lifetime.hpp"

namespace lode {

struct LifetimeMaker {
  LifetimeFamily family;
  /// `form` and the number of values have been checked; null and a problem on bad values.
  std::unique_ptr<Lifetime> (*make)(std::size_t form, std::span<const double> values, std::string& problem);
};

LifetimeMaker fixed_lifetime();
LifetimeMaker normal_lifetime();
LifetimeMaker weibull_lifetime();
LifetimeMaker lognormal_lifetime();
LifetimeMaker folded_normal_lifetime();
LifetimeMaker truncated_normal_lifetime();
LifetimeMaker gamma_lifetime();
LifetimeMaker exponential_lifetime();
LifetimeMaker logistic_lifetime();
LifetimeMaker log_logistic_lifetime();
LifetimeMaker gompertz_lifetime();
LifetimeMaker uniform_lifetime();
LifetimeMaker triangular_lifetime();

/// Each fills `problem` and answers false when the value is not as its name says.
bool check_finite(std::string_view name, double value, std::string& problem);
bool check_positive(std::string_view name, double value, std::string& problem);
bool check_not_negative(std::string_view name, double value, std::string& problem);
/// Mean and deviation, both above 0 and their ratio between `least` and `most`; `why` follows the problem.
bool check_mean_sd(double mean, double sd, double least, double most, std::string_view why,
                   std::string& problem);

/// Quantile by halving: for families without an inverse in closed form.
double search_quantile(const Lifetime& lifetime, double probability);

}  // namespace lode
