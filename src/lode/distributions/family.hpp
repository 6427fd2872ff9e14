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

/// Each fills `problem` and answers false when the value is not as its name says.
bool check_finite(std::string_view name, double value, std::string& problem);
bool check_positive(std::string_view name, double value, std::string& problem);
bool check_not_negative(std::string_view name, double value, std::string& problem);

}  // namespace lode
