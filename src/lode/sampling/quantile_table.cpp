// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/quantile_table.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <functional>

#include "lode/distributions/special_functions.hpp"
#include "lode/distributions/standard_normal.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

namespace bm = boost::math;
// Nothing throws; double is precise enough.
using Quiet = bm::policies::policy<bm::policies::domain_error<bm::policies::ignore_error>,
                                   bm::policies::pole_error<bm::policies::ignore_error>,
                                   bm::policies::overflow_error<bm::policies::ignore_error>,
                                   bm::policies::underflow_error<bm::policies::ignore_error>,
                                   bm::policies::evaluation_error<bm::policies::ignore_error>,
                                   bm::policies::rounding_error<bm::policies::ignore_error>,
                                   bm::policies::promote_double<false>>;

constexpr double tolerance = 1e-10;
constexpr std::size_t least_intervals = 32;
constexpr std::size_t most_intervals = 8192;

/// To 40 bits, so that cells whose shapes differ by rounding share a table.
double rounded(double shape) {
  int exponent = 0;
  const double fraction = std::frexp(shape, &exponent);
  return std::ldexp(std::round(std::ldexp(fraction, 40)), exponent - 40);
}

/// T and its first two derivatives by z.
struct Node {
  double value = 0;
  double slope = 0;
  double bend = 0;
};

/// From the quantile, the density's logarithm and the derivative of that.
Node node(double z, double value, double log_density, double log_slope) {
  const double slope = std::exp(-0.5 * z * z - 0.91893853320467274178 - log_density);
  const double bend = slope * (-z - slope * log_slope);
  // Where a quantile underflows the curve is flat.
  if (!std::isfinite(slope) || !std::isfinite(bend)) return {value, 0, 0};
  return {value, slope, bend};
}

Node beta_node(double alpha, double beta, double z) {
  double rest = 0;
  double x = 0;
  if (z < 0) {
    x = bm::ibeta_inv(alpha, beta, normal_upper(-z), &rest, Quiet());
  } else {
    x = bm::ibetac_inv(alpha, beta, normal_upper(z), &rest, Quiet());
  }
  if (!(x > 0 && rest > 0)) return {x > 0 ? 1.0 : 0.0, 0, 0};
  double log_density = std::log(bm::ibeta_derivative(alpha, beta, x, Quiet()));
  if (!std::isfinite(log_density) || x > 0.999 || x < 1e-3) {
    log_density = (alpha - 1) * std::log(x) + (beta - 1) * std::log(rest) + log_gamma(alpha + beta) -
                  log_gamma(alpha) - log_gamma(beta);
  }
  return node(z, x, log_density, (alpha - 1) / x - (beta - 1) / rest);
}

Node gamma_node(double shape, double z) {
  const double x = z < 0 ? bm::gamma_p_inv(shape, normal_upper(-z), Quiet())
                         : bm::gamma_q_inv(shape, normal_upper(z), Quiet());
  const double deviation = std::sqrt(shape);
  if (!(x > 0)) return {0, 0, 0};
  double log_density = std::log(bm::gamma_p_derivative(shape, x, Quiet()));
  if (!std::isfinite(log_density)) log_density = (shape - 1) * std::log(x) - x - log_gamma(shape);
  Node result = node(z, x, log_density, (shape - 1) / x - 1);
  result.value /= deviation;
  result.slope /= deviation;
  result.bend /= deviation;
  return result;
}

/// Coefficients of the polynomial between two nodes, h apart.
std::array<double, 6> between(const Node& left, const Node& right, double h) {
  const double rise = right.value - left.value;
  double s0 = left.slope * h;
  double s1 = right.slope * h;
  const double b0 = left.bend * h * h;
  const double b1 = right.bend * h * h;
  // Control points in Bernstein's form: the polynomial rises if they do.
  const double p1 = s0 / 5;
  const double p2 = 2 * s0 / 5 + b0 / 20;
  const double p3 = rise - 2 * s1 / 5 + b1 / 20;
  const double p4 = rise - s1 / 5;
  if (p1 >= 0 && p2 >= p1 && p3 >= p2 && p4 >= p3 && rise >= p4) {
    return {left.value,
            s0,
            b0 / 2,
            10 * rise - 6 * s0 - 4 * s1 - 1.5 * b0 + 0.5 * b1,
            -15 * rise + 8 * s0 + 7 * s1 + 1.5 * b0 - b1,
            6 * rise - 3 * s0 - 3 * s1 - 0.5 * b0 + 0.5 * b1};
  }
  s0 = std::min(s0, 3 * rise);
  s1 = std::min(s1, 3 * rise);
  return {left.value, s0, 3 * rise - 2 * s0 - s1, s0 + s1 - 2 * rise, 0, 0};
}

double evaluate(const double* c, double t) {
  return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))));
}

/// Nodes of n intervals are every second node of 2n.
void fill(QuantileTable& table, const std::function<Node(double)>& at) {
  const auto place = [](std::size_t i, std::size_t n) {
    return QuantileTable::reach * (2 * static_cast<double>(i) / static_cast<double>(n) - 1);
  };
  std::size_t n = least_intervals;
  std::vector<Node> nodes(n + 1);
  for (std::size_t i = 0; i <= n; ++i) nodes[i] = at(place(i, n));
  while (true) {
    // Rounding in the inversion must not let the table fall.
    for (std::size_t i = 1; i <= n; ++i) nodes[i].value = std::max(nodes[i].value, nodes[i - 1].value);
    std::vector<Node> finer(2 * n + 1);
    table.intervals = n;
    table.error = 0;
    table.polynomials.assign(n * QuantileTable::row, 0);
    for (std::size_t i = 0; i < n; ++i) {
      double* const row = &table.polynomials[i * QuantileTable::row];
      const auto c = between(nodes[i], nodes[i + 1], 2 * QuantileTable::reach / static_cast<double>(n));
      std::copy(c.begin(), c.end(), row);
      finer[2 * i] = nodes[i];
      finer[2 * i + 1] = at(place(2 * i + 1, 2 * n));
      table.error = std::max(table.error, std::abs(evaluate(row, 0.5) - finer[2 * i + 1].value));
    }
    if (table.error <= tolerance || n == most_intervals) return;
    finer[2 * n] = nodes[n];
    nodes = std::move(finer);
    n *= 2;
  }
}

}  // namespace

double QuantileTable::at(double z) const {
  const auto n = static_cast<double>(intervals);
  const double place = std::clamp((z / reach + 1) * 0.5 * n, 0.0, n);
  const double interval = std::min(std::floor(place), n - 1);
  return evaluate(&polynomials[static_cast<std::size_t>(interval) * row], place - interval);
}

double QuantileTable::below(double x) const {
  if (!(x > 0)) return 0;
  if (second == 0) return gamma_lower(first, x * std::sqrt(first));
  return x < 1 ? bm::ibeta(first, second, x, Quiet()) : 1;
}

double QuantileTable::above(double x) const {
  if (!(x > 0)) return 1;
  if (second == 0) return gamma_upper(first, x * std::sqrt(first));
  return x < 1 ? bm::ibetac(first, second, x, Quiet()) : 0;
}

std::shared_ptr<const QuantileTable> QuantileTables::beta(double alpha, double beta) {
  LODE_EXPECT(std::min(alpha, beta) >= least_shape && std::max(alpha, beta) <= greatest_shape);
  alpha = rounded(alpha);
  beta = rounded(beta);
  const std::lock_guard<std::mutex> lock(mutex_);
  auto& slot = tables_[{alpha, beta}];
  if (slot != nullptr) return slot;
  auto table = std::make_shared<QuantileTable>();
  const double sum = alpha + beta;
  table->first = alpha;
  table->second = beta;
  table->mean = alpha / sum;
  table->deviation = std::sqrt(alpha * beta / (sum + 1)) / sum;
  fill(*table, [&](double z) { return beta_node(alpha, beta, z); });
  return slot = std::move(table);
}

std::shared_ptr<const QuantileTable> QuantileTables::gamma(double shape) {
  LODE_EXPECT(shape >= least_shape && shape <= greatest_shape);
  shape = rounded(shape);
  const std::lock_guard<std::mutex> lock(mutex_);
  auto& slot = tables_[{shape, 0.0}];
  if (slot != nullptr) return slot;
  auto table = std::make_shared<QuantileTable>();
  table->first = shape;
  table->mean = std::sqrt(shape);
  table->deviation = 1;
  fill(*table, [&](double z) { return gamma_node(shape, z); });
  return slot = std::move(table);
}

std::size_t QuantileTables::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return tables_.size();
}

}  // namespace lode
