// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/least_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr double met = 1e-9;
constexpr std::size_t most_steps = 60, most_sweeps = 4000;

/// a · y ≤ b, or = b.
struct Plane {
  std::vector<double> a;
  double b = 0;
  bool equal = false;
};

/// The point nearest to the origin that is on the right side of all planes; if there is none, one between.
std::vector<double> nearest(const std::vector<Plane>& planes, std::size_t n) {
  std::vector<double> y(n, 0.0), multiplier(planes.size(), 0.0), norm(planes.size(), 0.0);
  for (std::size_t k = 0; k < planes.size(); ++k)
    for (const double a : planes[k].a) norm[k] += a * a;
  for (std::size_t sweep = 0; sweep < most_sweeps; ++sweep) {
    double moved = 0;
    for (std::size_t k = 0; k < planes.size(); ++k) {
      if (norm[k] == 0) continue;
      double along = -planes[k].b;
      for (std::size_t i = 0; i < n; ++i) along += planes[k].a[i] * y[i];
      double change = along / norm[k];
      if (!planes[k].equal) change = std::max(change, -multiplier[k]);
      if (std::abs(multiplier[k]) > 1e12) continue;  // planes that contradict each other
      multiplier[k] += change;
      for (std::size_t i = 0; i < n; ++i) y[i] -= change * planes[k].a[i];
      moved = std::max(moved, std::abs(change) * std::sqrt(norm[k]));
    }
    if (moved < 1e-15) break;
  }
  return y;
}

class Search {
 public:
  explicit Search(const LeastChangeProblem& problem) : problem_(problem), n_(problem.start.size()) {}

  LeastChange run();

 private:
  std::vector<double> point(const std::vector<double>& y) const {
    std::vector<double> x(n_);
    for (std::size_t i = 0; i < n_; ++i)
      x[i] = std::clamp(problem_.start[i] + y[i] * problem_.scale[i], problem_.low[i], problem_.high[i]);
    return x;
  }
  bool look(const std::vector<double>& y, std::vector<double>& c) {
    ++result_.evaluations;
    c.resize(problem_.equal.size());
    if (!problem_.conditions(point(y), c)) return false;
    for (std::size_t k = 0; k < c.size(); ++k) {
      if (std::isnan(c[k])) return false;
      c[k] /= problem_.size[k];
    }
    return true;
  }
  double violation(const std::vector<double>& c, std::size_t k) const {
    return problem_.equal[k] ? std::abs(c[k]) : std::max(c[k], 0.0);
  }
  double worst(const std::vector<double>& c) const {
    double largest = 0;
    for (std::size_t k = 0; k < c.size(); ++k) largest = std::max(largest, violation(c, k));
    return largest;
  }
  double merit(const std::vector<double>& y, const std::vector<double>& c) const {
    double sum = 0;
    for (const double each : y) sum += each * each;
    for (std::size_t k = 0; k < c.size(); ++k) sum += weight_ * violation(c, k);
    return sum;
  }
  void keep(const std::vector<double>& y, const std::vector<double>& c);
  void descend(std::vector<double> y);

  const LeastChangeProblem& problem_;
  const std::size_t n_;
  LeastChange result_;
  double weight_ = 0;
};

void Search::keep(const std::vector<double>& y, const std::vector<double>& c) {
  double change = 0;
  for (const double each : y) change += each * each;
  change = std::sqrt(change);
  const double off = worst(c);
  const bool good = off <= met;
  const bool better = result_.x.empty() || (good && !result_.met) ||
                      (good == result_.met && (good ? change < result_.change : off < result_.violation));
  if (!better) return;
  result_.x = point(y);
  result_.change = change;
  result_.violation = off;
  result_.met = good;
}

void Search::descend(std::vector<double> y) {
  std::vector<double> c, c_moved;
  if (!look(y, c)) return;
  keep(y, c);
  weight_ = 1;
  for (std::size_t step = 0; step < most_steps; ++step) {
    std::vector<Plane> planes(c.size());
    for (std::size_t k = 0; k < c.size(); ++k) {
      planes[k].a.resize(n_);
      planes[k].equal = problem_.equal[k];
    }
    for (std::size_t i = 0; i < n_; ++i) {
      const double low = (problem_.low[i] - problem_.start[i]) / problem_.scale[i],
                   high = (problem_.high[i] - problem_.start[i]) / problem_.scale[i];
      double by = 1e-6 * std::max(1.0, std::abs(y[i]));
      if (y[i] + by > high) by = -by;
      std::vector<double> moved = y;
      moved[i] += by;
      if (!look(moved, c_moved)) return;
      for (std::size_t k = 0; k < c.size(); ++k) planes[k].a[i] = (c_moved[k] - c[k]) / by;
      std::vector<double> axis(n_, 0.0);
      axis[i] = 1;
      planes.push_back({axis, high, false});
      axis[i] = -1;
      planes.push_back({axis, -low, false});
    }
    for (std::size_t k = 0; k < c.size(); ++k) {
      planes[k].b = -c[k];
      for (std::size_t i = 0; i < n_; ++i) planes[k].b += planes[k].a[i] * y[i];
    }
    const std::vector<double> aim = nearest(planes, n_);
    double distance = 0;
    for (std::size_t i = 0; i < n_; ++i) distance = std::max(distance, std::abs(aim[i] - y[i]));
    if (distance < 1e-14) return;
    // The measure must fall: where a full step does not help, weigh the conditions more, then go less far.
    bool moved = false;
    for (int attempt = 0; attempt < 3 && !moved; ++attempt, weight_ *= 100) {
      const double before = merit(y, c);
      for (double part = 1; part > 1e-4 && !moved; part /= 2) {
        std::vector<double> next(n_);
        for (std::size_t i = 0; i < n_; ++i) next[i] = y[i] + part * (aim[i] - y[i]);
        if (!look(next, c_moved) || !(merit(next, c_moved) < before)) continue;
        y = std::move(next);
        c = c_moved;
        moved = true;
      }
    }
    if (!moved) return;
    keep(y, c);
  }
}

LeastChange Search::run() {
  for (std::size_t i = 0; i < n_; ++i)
    LODE_EXPECT(problem_.scale[i] > 0 && problem_.low[i] <= problem_.high[i]);
  std::vector<double> y(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    const double x = std::clamp(problem_.start[i], problem_.low[i], problem_.high[i]);
    y[i] = (x - problem_.start[i]) / problem_.scale[i];
  }
  descend(y);
  for (std::size_t attempt = 1; attempt <= problem_.beginnings; ++attempt) {
    for (std::size_t i = 0; i < n_; ++i) {
      const double place =
          std::fmod(static_cast<double>(attempt) * std::sqrt(2.0 + static_cast<double>(i) * 1.7), 1.0);
      const double x = problem_.low[i] + place * (problem_.high[i] - problem_.low[i]);
      y[i] = (x - problem_.start[i]) / problem_.scale[i];
    }
    descend(y);
  }
  return result_;
}

}  // namespace

LeastChange least_change(const LeastChangeProblem& problem) {
  return Search(problem).run();
}

}  // namespace lode
