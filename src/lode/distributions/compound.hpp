// SPDX-License-Identifier: Apache-2.0
//
// Lifetimes made from other lifetimes, and from survival by age. They share the parts they are made of.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lode/distributions/lifetime.hpp"

namespace lode {

using LifetimePtr = std::shared_ptr<const Lifetime>;

/// Survival by age [yr], a straight line between given ages, from 1 at age 0: ages ascend from 0 or above,
/// shares do not rise. Null and a problem if they do not fit. What the last share keeps stays for good; if
/// that is not 0 the lifetime is made, its mean is infinite, and `problem` says so.
LifetimePtr make_empirical(std::span<const double> ages, std::span<const double> shares,
                           std::string& problem);

/// Of each part its share of what enters. Shares must not be negative and sum to 1 within 1e-6.
LifetimePtr make_mixture(std::span<const double> shares, std::vector<LifetimePtr> parts,
                         std::string& problem);

/// One stay after another, all independent: the sum of the delays. Exact for fixed delays and whatever is
/// mixed of them; two others by integration, survival to 1e-11 of what entered. From the third on, the sum so
/// far is tabulated by polynomials, to 1e-10.
LifetimePtr make_chain(const std::vector<LifetimePtr>& stages, std::string& problem);

/// How a lifetime is made from a row of numbers: a tree whose leaves take their numbers one after another.
struct LifetimeSpec {
  enum class Kind { family, mixture, chain, empirical };
  Kind kind = Kind::family;
  std::string family;               ///< "weibull", "chain", …
  std::size_t form = 0;             ///< family: takes the form's values
  std::string name;                 ///< of a stage or a part
  std::vector<LifetimeSpec> parts;  ///< chain: each takes its values; mixture: its share, then its values
  std::vector<double> ages;         ///< empirical: takes a share for each
  bool states_mean = false;         ///< takes the mean to compare with, last but for the deviation
  bool states_deviation = false;
};

/// Takes all `values`. Null and a problem on bad ones; `remarks` tells what is odd and yet possible.
LifetimePtr make_lifetime(const LifetimeSpec& spec, std::span<const double> values, std::string& problem,
                          std::vector<std::string>& remarks);

}  // namespace lode
