// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lode {

/// A lifetime distribution with its parameters fixed: ages in years, all functions per item.
class Lifetime {
 public:
  virtual ~Lifetime() = default;
  virtual double survival(
      double age) const = 0;  ///< share still in use at `age`; 1 for age ≤ 0 unless the family says otherwise
  virtual double density(double age) const = 0;  ///< 1/yr
  virtual double hazard(double age) const = 0;   ///< 1/yr
  /// Share that leaves between two ages: survival(from) − survival(to) without cancellation.
  virtual double loss(double from, double to) const = 0;
  virtual double mean() const = 0;                        ///< yr
  virtual double deviation() const = 0;                   ///< yr
  virtual double quantile(double probability) const = 0;  ///< age by which this share has left
  virtual bool has_density() const { return true; }       ///< false where items leave at single ages
  /// survival(a) and, from each age to the next, loss; the first from before entry. The same bits, in less
  /// time where a family overrides it. `ages` do not fall and may lie in the memory of `remaining`.
  virtual void shares_at(std::span<const double> ages, double* remaining, double* leaving) const;
  /// What the formulas at the head of the family's file are written in, up to three numbers; of others none.
  virtual void own_numbers(double* /*numbers*/) const {}
  /// Appends the ages above 0 at which the survival bends; none for most families.
  virtual void bends(std::vector<double>& /*ages*/) const {}
};

/// One way to give a family's parameters, e.g. {"scale", "shape"} or {"mean", "sd"}.
using ParameterNames = std::vector<std::string>;

/// A family: its name in the language, the parameter sets it accepts, which parameters are times (yr; the
/// others are plain numbers), and how to make one.
struct LifetimeFamily {
  std::string name;
  std::vector<ParameterNames> forms;
  std::vector<std::string> durations;  ///< parameters in yr
};

const std::vector<LifetimeFamily>& lifetime_families();
const LifetimeFamily* find_lifetime_family(std::string_view name);

/// Makes a lifetime: `form` indexes LifetimeFamily::forms, `values` are in that form's order. Null on bad
/// parameters, and `problem` says why ("mean must be above 0").
std::unique_ptr<Lifetime> make_lifetime(std::string_view family, std::size_t form,
                                        std::span<const double> values, std::string& problem);

}  // namespace lode
