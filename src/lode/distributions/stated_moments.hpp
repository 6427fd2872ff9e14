// SPDX-License-Identifier: Apache-2.0
//
// Published tables often give a mean beside the parameters of a lifetime: a check on both.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lode/distributions/lifetime.hpp"

namespace lode {

struct StatedMoments {
  std::optional<double> mean;  ///< yr
  std::optional<double> deviation;
  double tolerance = 0.02;  ///< relative
};

/// Empty where the lifetime has the moments stated, else a sentence with those it has.
std::string stated_moments_problem(const Lifetime& lifetime, const StatedMoments& stated);

/// The same for a family and its parameters (as for make_lifetime). If two parameters exchanged, or the
/// numbers read as another form of the family, give what is stated, or come four times as close, the sentence
/// says so. Parameters that make no lifetime are no concern of this: the answer is empty.
std::string stated_moments_problem(std::string_view family, std::size_t form, std::span<const double> values,
                                   const StatedMoments& stated);

}  // namespace lode
