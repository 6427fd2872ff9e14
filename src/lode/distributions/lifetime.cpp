// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/lifetime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const std::vector<LifetimeMaker>& makers() {
  static const std::vector<LifetimeMaker> all = {
      fixed_lifetime(),         normal_lifetime(),           weibull_lifetime(),  lognormal_lifetime(),
      folded_normal_lifetime(), truncated_normal_lifetime(), gamma_lifetime(),    exponential_lifetime(),
      logistic_lifetime(),      log_logistic_lifetime(),     gompertz_lifetime(), uniform_lifetime(),
      triangular_lifetime()};
  return all;
}

const LifetimeMaker* find_maker(std::string_view name) {
  const auto found = std::find_if(makers().begin(), makers().end(),
                                  [&](const LifetimeMaker& maker) { return maker.family.name == name; });
  return found == makers().end() ? nullptr : &*found;
}

}  // namespace

void Lifetime::shares_at(std::span<const double> ages, double* remaining, double* leaving) const {
  double from = -infinity;
  for (std::size_t k = 0; k < ages.size(); ++k) {
    const double age = ages[k];
    leaving[k] = loss(from, age);
    remaining[k] = survival(age);
    from = age;
  }
}

bool check_finite(std::string_view name, double value, std::string& problem) {
  if (std::isfinite(value)) return true;
  problem = fmt::format("{} must be a finite number (is {})", name, value);
  return false;
}

bool check_positive(std::string_view name, double value, std::string& problem) {
  if (!check_finite(name, value, problem)) return false;
  if (value > 0) return true;
  problem = fmt::format("{} must be above 0 (is {})", name, value);
  return false;
}

bool check_not_negative(std::string_view name, double value, std::string& problem) {
  if (!check_finite(name, value, problem)) return false;
  if (value >= 0) return true;
  problem = fmt::format("{} must not be negative (is {})", name, value);
  return false;
}

bool check_mean_sd(double mean, double sd, double least, double most, std::string_view why,
                   std::string& problem) {
  if (!check_positive("mean", mean, problem) || !check_positive("sd", sd, problem)) return false;
  const double variation = sd / mean;
  if (variation >= least && variation <= most) return true;
  problem =
      variation < least
          ? fmt::format("sd must be at least {:.4g} times the mean (is {:.4g})", least, variation)
          : fmt::format("sd must be at most {:.4g} times the mean (is {:.4g}): {}", most, variation, why);
  return false;
}

double search_quantile(const Lifetime& lifetime, double probability) {
  if (std::isnan(probability) || probability < 0 || probability > 1) return std::nan("");
  const double least = lifetime.survival(0) < 1 ? -infinity : 0;
  if (probability == 0) return least;
  // Each side by the function that keeps its digits there.
  if (probability < 0.5)
    return first_where([&](double age) { return lifetime.loss(-infinity, age) >= probability; }, least,
                       infinity);
  return first_where([&](double age) { return lifetime.survival(age) <= 1 - probability; }, least, infinity);
}

const std::vector<LifetimeFamily>& lifetime_families() {
  static const std::vector<LifetimeFamily> families = [] {
    std::vector<LifetimeFamily> list;
    for (const LifetimeMaker& maker : makers()) list.push_back(maker.family);
    return list;
  }();
  return families;
}

const LifetimeFamily* find_lifetime_family(std::string_view name) {
  const auto& families = lifetime_families();
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const LifetimeFamily& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

std::unique_ptr<Lifetime> make_lifetime(std::string_view family, std::size_t form,
                                        std::span<const double> values, std::string& problem) {
  const LifetimeMaker* maker = find_maker(family);
  if (maker == nullptr) {
    problem = fmt::format("there is no lifetime family '{}'", family);
    return nullptr;
  }
  if (form >= maker->family.forms.size()) {
    const std::size_t count = maker->family.forms.size();
    problem = fmt::format("{} has {} {} to give its parameters, not {}", family, count,
                          count == 1 ? "way" : "ways", form + 1);
    return nullptr;
  }
  const ParameterNames& names = maker->family.forms[form];
  if (values.size() != names.size()) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : " and ") + name;
    problem = fmt::format("{} needs {}: {} {}, not {}", family, list, names.size(),
                          names.size() == 1 ? "value" : "values", values.size());
    return nullptr;
  }
  return maker->make(form, values, problem);
}

}  // namespace lode
