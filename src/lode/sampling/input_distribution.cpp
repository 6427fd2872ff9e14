// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/input_distribution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/standard_normal.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double inverse_root_two_pi = std::numbers::inv_sqrtpi / std::numbers::sqrt2;

struct Moments {
  double mean = 0;
  double variance = 0;
};

// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions I, 13.10.1. With one bound at
// infinity its terms are 0.
Moments truncated_moments(const InputFormula& f) {
  const double alpha = (f.low - f.a) / f.b;
  const double beta = (f.high - f.a) / f.b;
  const double mass = normal_between(alpha, beta);
  const double left = normal_density(alpha);
  const double right = normal_density(beta);
  const double shift = (left - right) / mass;
  const double bend = ((std::isinf(alpha) ? 0 : alpha * left) - (std::isinf(beta) ? 0 : beta * right)) / mass;
  return {f.a + f.b * shift, f.b * f.b * (1 + bend - shift * shift)};
}

Moments step_moments(const InputPoints& points) {
  Moments result;
  for (std::size_t k = 0; k < points.values.size(); ++k) result.mean += points.weights[k] * points.values[k];
  for (std::size_t k = 0; k < points.values.size(); ++k)
    result.variance += points.weights[k] * std::pow(points.values[k] - result.mean, 2);
  return result;
}

Moments polyline_moments(const InputPoints& points) {
  const std::vector<double>& p = points.edges;
  const std::vector<double>& x = points.values;
  Moments result;
  result.mean = p.front() * x.front() + (1 - p.back()) * x.back();
  for (std::size_t k = 1; k < p.size(); ++k) result.mean += (p[k] - p[k - 1]) * 0.5 * (x[k] + x[k - 1]);
  const auto square = [&](double value) { return (value - result.mean) * (value - result.mean); };
  result.variance = p.front() * square(x.front()) + (1 - p.back()) * square(x.back());
  for (std::size_t k = 1; k < p.size(); ++k) {
    const double middle = 0.5 * (x[k] + x[k - 1]);
    const double width = x[k] - x[k - 1];
    result.variance += (p[k] - p[k - 1]) * (square(middle) + width * width / 12);
  }
  return result;
}

Moments moments(const InputFormula& f) {
  switch (f.form) {
    case InputForm::linear:
      return {f.a, f.b * f.b};
    case InputForm::exponential: {
      const double mean = f.c * std::exp(f.a + 0.5 * f.b * f.b);
      return {mean, mean * mean * std::expm1(f.b * f.b)};
    }
    case InputForm::split: {
      const double shift = (f.c - f.b) * inverse_root_two_pi;
      return {f.a + shift, 0.5 * (f.b * f.b + f.c * f.c) - shift * shift};
    }
    case InputForm::uniform:
      return {0.5 * (f.low + f.high), (f.high - f.low) * (f.high - f.low) / 12};
    case InputForm::triangular: {
      const double left = f.b * f.b / (f.high - f.low);
      const double right = f.c * f.c / (f.high - f.low);
      // Of the ends and the mode from low on: variance (left² + left right + right²)/18.
      return {f.low + (2 * left + right) / 3, (left * left + left * right + right * right) / 18};
    }
    case InputForm::truncated:
      return truncated_moments(f);
    case InputForm::tabled:
      return {f.a + f.b * f.table->mean, f.b * f.b * f.table->deviation * f.table->deviation};
    case InputForm::steps:
      return step_moments(*f.points);
    case InputForm::polyline:
      return polyline_moments(*f.points);
  }
  return {};
}

double step_mass(const InputPoints& points, double x, bool below) {
  double sum = 0;
  for (std::size_t k = 0; k < points.values.size(); ++k)
    if (below ? points.values[k] < x : points.values[k] > x) sum += points.weights[k];
  return std::min(sum, 1.0);
}

double polyline_below(const InputPoints& points, double x) {
  const std::vector<double>& v = points.values;
  if (!(x > v.front())) return 0;
  if (x > v.back()) return 1;
  const auto k = static_cast<std::size_t>(std::lower_bound(v.begin(), v.end(), x) - v.begin());
  const double t = (x - v[k - 1]) / (v[k] - v[k - 1]);
  return points.edges[k - 1] + t * (points.edges[k] - points.edges[k - 1]);
}

double polyline_above(const InputPoints& points, double x) {
  const std::vector<double>& v = points.values;
  if (!(x < v.back())) return 0;
  if (x < v.front()) return 1;
  const auto k = static_cast<std::size_t>(std::upper_bound(v.begin(), v.end(), x) - v.begin());
  const double t = (x - v[k - 1]) / (v[k] - v[k - 1]);
  return 1 - points.edges[k - 1] - t * (points.edges[k] - points.edges[k - 1]);
}

/// The score at which a continuous, strictly rising form reaches x.
double score_at(const InputFormula& f, double x) {
  if (f.form == InputForm::linear) return (x - f.a) / f.b;
  if (f.form == InputForm::split) return (x - f.a) / (x < f.a ? f.b : f.c);
  // exponential: c exp(a + b z), b of the sign of c.
  return x * f.c > 0 ? (std::log(x * f.c) - f.a) / f.b : (f.c > 0 ? -infinity : infinity);
}

}  // namespace

InputDistribution::InputDistribution(double fixed) {
  formula_.a = fixed;
  formula_.low = fixed;
  formula_.high = fixed;
}

void InputDistribution::values(const double* scores, double* out, std::size_t n) const {
  apply_formulas(&formula_, 1, scores, out, n, n);
}

double InputDistribution::at_score(double z) const {
  double result = 0;
  values(&z, &result, 1);
  return result;
}

double InputDistribution::quantile(double p) const {
  LODE_EXPECT(p >= 0 && p <= 1);
  if (p == 0) return lowest();
  if (p == 1) return highest();
  return at_score(normal_quantile(p));
}

double InputDistribution::mean() const {
  return moments(formula_).mean;
}

double InputDistribution::deviation() const {
  return std::sqrt(std::max(0.0, moments(formula_).variance));
}

double InputDistribution::mass_below(double x) const {
  const InputFormula& f = formula_;
  if (fixed()) return f.a < x ? 1 : 0;
  switch (f.form) {
    case InputForm::linear:
    case InputForm::exponential:
    case InputForm::split:
      return normal_upper(-score_at(f, x));
    case InputForm::steps:
      return step_mass(*f.points, x, true);
    case InputForm::polyline:
      return polyline_below(*f.points, x);
    default:
      break;
  }
  if (x <= f.low) return 0;
  if (x >= f.high) return 1;
  switch (f.form) {
    case InputForm::uniform:
      return (x - f.low) / (f.high - f.low);
    case InputForm::triangular:
      if ((x - f.low) * (f.high - f.low) < f.b * f.b) return std::pow((x - f.low) / f.b, 2);
      return 1 - std::pow((f.high - x) / f.c, 2);
    case InputForm::truncated: {
      const double alpha = (f.low - f.a) / f.b;
      return normal_between(alpha, (x - f.a) / f.b) / normal_between(alpha, (f.high - f.a) / f.b);
    }
    default:
      return f.c > 0 ? f.table->below((x - f.a) / f.b) : f.table->above((x - f.a) / f.b);
  }
}

double InputDistribution::mass_above(double x) const {
  const InputFormula& f = formula_;
  if (fixed()) return f.a > x ? 1 : 0;
  switch (f.form) {
    case InputForm::linear:
    case InputForm::exponential:
    case InputForm::split:
      return normal_upper(score_at(f, x));
    case InputForm::steps:
      return step_mass(*f.points, x, false);
    case InputForm::polyline:
      return polyline_above(*f.points, x);
    default:
      break;
  }
  if (x <= f.low) return 1;
  if (x >= f.high) return 0;
  switch (f.form) {
    case InputForm::uniform:
      return (f.high - x) / (f.high - f.low);
    case InputForm::triangular:
      if ((x - f.low) * (f.high - f.low) < f.b * f.b) return 1 - std::pow((x - f.low) / f.b, 2);
      return std::pow((f.high - x) / f.c, 2);
    case InputForm::truncated: {
      const double beta = (f.high - f.a) / f.b;
      return normal_between((x - f.a) / f.b, beta) / normal_between((f.low - f.a) / f.b, beta);
    }
    default:
      return f.c > 0 ? f.table->above((x - f.a) / f.b) : f.table->below((x - f.a) / f.b);
  }
}

double InputDistribution::lowest() const {
  const InputFormula& f = formula_;
  switch (f.form) {
    case InputForm::linear:
      return f.b == 0 ? f.a : -infinity;
    case InputForm::exponential:
      return f.c > 0 ? 0 : -infinity;
    case InputForm::split:
      return f.b == 0 ? f.a : -infinity;
    case InputForm::steps:
    case InputForm::polyline:
      return f.points->values.front();
    default:
      return f.low;
  }
}

double InputDistribution::highest() const {
  const InputFormula& f = formula_;
  switch (f.form) {
    case InputForm::linear:
      return f.b == 0 ? f.a : infinity;
    case InputForm::exponential:
      return f.c > 0 ? infinity : 0;
    case InputForm::split:
      return f.c == 0 ? f.a : infinity;
    case InputForm::steps:
    case InputForm::polyline:
      return f.points->values.back();
    default:
      return f.high;
  }
}

Marginals::Marginals(std::vector<InputDistribution> columns) : columns_(std::move(columns)) {
  formulas_.reserve(columns_.size());
  for (const InputDistribution& column : columns_) formulas_.push_back(column.formula());
}

void Marginals::apply(std::size_t first, std::size_t count, const double* scores, double* out,
                      std::size_t stride, std::size_t n) const {
  LODE_EXPECT(first + count <= columns_.size());
  apply_formulas(formulas_.data() + first, count, scores, out, stride, n);
}

}  // namespace lode
