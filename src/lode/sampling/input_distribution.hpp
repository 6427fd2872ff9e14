// SPDX-License-Identifier: Apache-2.0
//
// The distribution of one uncertain number x as a function of a standard normal score z: value = Q(Φ(z)), Q
// the quantile function. Scores carry sharing and correlation; this gives each cell its marginal.
//
// `nominal` below is x, the value that the model states. Relative parameters are plain numbers, absolute ones
// have the unit of x.
//
//   family      given as                 meaning                                             value
//   fixed                                x                                                   x
//   normal      cv | sd                  mean x, deviation cv·|x|                            x + sd z
//               + low and/or high        the same normal cut off there; its own mean and deviation differ
//                                        x + sd Φ⁻¹(Φ(a)Φ(−z) + Φ(b)Φ(z)), a, b the standardised bounds
//               low, high alone          a 95 % interval: as from_interval, but never lognormal
//   lognormal   gsd                      median x, log-deviation s = ln gsd                  x exp(s z)
//               ratio                    median x, 95 % within x/ratio … x·ratio             s = ln ratio
//               / 1.95996 cv | sd                  mean x: s² = ln(1 + cv²), median x exp(−s²/2) low, high
//               median √(low·high), 95 % between them (x unused)
//   uniform     within | low, high       x(1 − w) … x(1 + w), or between the bounds          low + (high −
//   low) Φ(z) triangular  within | low, high       mode x, ends as for uniform pert        within | low, high
//   mode x: beta with α = 1 + 4 (x−low)/(high−low), β = 6 − α beta        cv | sd, low, high       mean x
//   between low (0 unless given) and high (1 unless given) gamma       cv | sd                  mean x, shape
//   1/cv² discrete    values, weights          the values with chances in proportion to the weights (equal if
//   none) empirical   values                   a sample: quantiles linear between its sorted values at (i −
//   ½)/n,
//                                        constant beyond, which keeps the sample's mean
//               values, probabilities    a table of quantiles: linear between them, constant beyond
//
// For x < 0 relative widths are of |x|, and lognormal and gamma are mirrored. x = 0 with relative parameters
// is fixed at 0. So is any width of 0.
//
// Shapes without a cheap quantile (beta, pert, gamma) are tabled once by QuantileTables and shared by all
// cells that differ in location and scale only; error below 1e-9 of the scale (high − low; gamma: the
// deviation). Beyond |z| = 8.3 (p = 5e-17) tabled values stay as they are there.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lode/sampling/input_formula.hpp"
#include "lode/sampling/quantile_table.hpp"

namespace lode {

/// A distribution as written, before it meets a nominal value; parameters by the names in the table above.
struct InputSpread {
  std::string family;
  std::map<std::string, double, std::less<>> numbers;
  std::vector<double> values;         ///< of discrete and empirical
  std::vector<double> weights;        ///< of discrete
  std::vector<double> probabilities;  ///< of empirical
};

/// A family and every parameter that some form of it takes; make() says which go together.
struct InputFamily {
  std::string_view name;
  std::vector<std::string_view> parameters;
};
const std::vector<InputFamily>& input_families();
/// Whether a parameter is in the unit of the value (`sd`, `low`, `high`, `values`), not a plain number.
bool has_unit_of_value(std::string_view parameter);

class InputDistribution {
 public:
  InputDistribution() : InputDistribution(0.0) {}
  explicit InputDistribution(double fixed);
  /// Nothing on bad parameters, and `problem` says why ("cv must not be below 0").
  static std::optional<InputDistribution> make(const InputSpread& spread, double nominal,
                                               QuantileTables& tables, std::string& problem);
  /// A 95 % interval printed beside a value: P(below low) = P(above high) = 2.5 %. Normal with mean x where
  /// the two arms, high − x and x − low, differ by at most 20 % of their mean; else lognormal with median x
  /// where that holds of the arms' logarithms; else two half normals with median x, each arm with its own
  /// deviation. The last meets interval and value exactly, whatever they are; its density jumps at x, and its
  /// mean is x + (s₊ − s₋)/√(2π). The first two meet the value exactly and each end within 10 % of its arm.
  static std::optional<InputDistribution> from_interval(double low, double nominal, double high,
                                                        std::string& problem);

  const InputFormula& formula() const { return formula_; }
  bool fixed() const { return formula_.form == InputForm::linear && formula_.b == 0; }
  /// out[i] = Q(Φ(scores[i])), i < n; in place too.
  void values(const double* scores, double* out, std::size_t n) const;

  double at_score(double z) const;
  double quantile(double p) const;  ///< p in 0 … 1
  double mean() const;
  double deviation() const;
  double mass_below(double x) const;  ///< P(X < x)
  double mass_above(double x) const;  ///< P(X > x)
  double lowest() const;              ///< of the support; may be infinite
  double highest() const;

 private:
  friend class InputMaker;

  InputFormula formula_;
  std::shared_ptr<const QuantileTable> table_;
  std::shared_ptr<const InputPoints> points_;
};

/// The marginals of many columns, applied to a block of scores in one call.
class Marginals {
 public:
  Marginals() = default;
  explicit Marginals(std::vector<InputDistribution> columns);
  std::size_t columns() const { return columns_.size(); }
  const InputDistribution& column(std::size_t index) const { return columns_[index]; }
  /// out[c * stride + i] becomes the value of column first + c at scores[c * stride + i], c < count, i < n;
  /// the two may be the same.
  void apply(std::size_t first, std::size_t count, const double* scores, double* out, std::size_t stride,
             std::size_t n) const;

 private:
  std::vector<InputDistribution> columns_;
  std::vector<InputFormula> formulas_;
};

}  // namespace lode
