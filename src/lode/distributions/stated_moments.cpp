// SPDX-License-Identifier: Apache-2.0
#include "lode/distributions/stated_moments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace lode {
namespace {

// The larger relative miss of what is stated; infinite where a moment is.
double miss_of(const Lifetime& lifetime, const StatedMoments& stated) {
  double worst = 0;
  const auto compare = [&](const std::optional<double>& wanted, double given) {
    if (!wanted) return;
    const double size = std::max(std::abs(*wanted), std::numeric_limits<double>::min());
    const double miss = std::abs(given - *wanted) / size;
    worst = std::isnan(miss) ? std::numeric_limits<double>::infinity() : std::max(worst, miss);
  };
  compare(stated.mean, lifetime.mean());
  compare(stated.deviation, lifetime.deviation());
  return worst;
}

std::string moments(const Lifetime& lifetime, const StatedMoments& stated) {
  std::string text;
  if (stated.mean) text = fmt::format("a mean of {:.4g} yr", lifetime.mean());
  if (stated.deviation)
    text += fmt::format("{}a deviation of {:.4g} yr", text.empty() ? "" : " and ", lifetime.deviation());
  return text;
}

std::string stated_text(const StatedMoments& stated) {
  std::string text;
  if (stated.mean) text = fmt::format("{:.4g}", *stated.mean);
  if (stated.deviation) text += fmt::format("{}{:.4g}", text.empty() ? "" : " and ", *stated.deviation);
  return text;
}

std::string pairs(const ParameterNames& names, std::span<const double> values) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{}{} {:.4g}",
                        i == 0                  ? ""
                        : i + 1 == names.size() ? " and "
                                                : ", ",
                        names[i], values[i]);
  return text;
}

}  // namespace

std::string stated_moments_problem(const Lifetime& lifetime, const StatedMoments& stated) {
  if (miss_of(lifetime, stated) <= stated.tolerance) return "";
  return fmt::format("the parameters give {}, stated {} {}", moments(lifetime, stated),
                     stated.mean && stated.deviation ? "are" : "is", stated_text(stated));
}

std::string stated_moments_problem(std::string_view family, std::size_t form, std::span<const double> values,
                                   const StatedMoments& stated) {
  std::string problem;
  const auto lifetime = make_lifetime(family, form, values, problem);
  if (!lifetime) return "";
  const double miss = miss_of(*lifetime, stated);
  if (miss <= stated.tolerance) return "";
  const LifetimeFamily& known = *find_lifetime_family(family);
  const ParameterNames& names = known.forms[form];
  std::string sentence = fmt::format("{} {} {}, stated {} {}", pairs(names, values),
                                     names.size() == 1 ? "gives" : "give", moments(*lifetime, stated),
                                     stated.mean && stated.deviation ? "are" : "is", stated_text(stated));
  // Rounded tables: a reading that is not within the tolerance still convinces if it is far closer.
  double best = std::max(stated.tolerance, miss / 4);
  std::string better;
  const auto consider = [&](std::size_t other_form, std::span<const double> other, const auto& describe) {
    const auto candidate = make_lifetime(family, other_form, other, problem);
    if (!candidate) return;
    const double candidate_miss = miss_of(*candidate, stated);
    if (!(candidate_miss <= best)) return;
    best = candidate_miss;
    better = describe(moments(*candidate, stated));
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      std::vector<double> exchanged(values.begin(), values.end());
      std::swap(exchanged[i], exchanged[j]);
      consider(form, exchanged, [&](const std::string& found) {
        return fmt::format("{} and {} look exchanged: the other way round they give {}", names[i], names[j],
                           found);
      });
    }
  for (std::size_t other = 0; other < known.forms.size(); ++other) {
    if (other == form || known.forms[other].size() != values.size()) continue;
    consider(other, values, [&](const std::string& found) {
      return fmt::format("read as {} they give {}", pairs(known.forms[other], values), found);
    });
  }
  return better.empty() ? sentence : sentence + "; " + better;
}

}  // namespace lode
