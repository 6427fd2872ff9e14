// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/roots.hpp"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

/// |f| below this part of the largest |f| on the grid is zero; a change of sign that stays above is a jump.
constexpr double zero_part = 1e-12, jump_part = 1e-6;

struct NoValue {};

struct Grid {
  std::vector<double> x, f;
  double largest = 0;
};

template <class Result>
class Counted {
 public:
  Counted(const ScalarFunction& f, Result& result) : f_(f), result_(result) {}
  double operator()(double x) const {
    const double value = f_(x);
    if (result_.evaluations++ == 0) result_.best_value = std::numeric_limits<double>::quiet_NaN();
    if (std::isnan(value) && result_.without_value++ == 0) result_.no_value_at = x;
    return value;
  }
  double sure(double x) const {
    const double value = (*this)(x);
    if (std::isnan(value)) throw NoValue();
    return value;
  }
  Grid grid(const RootSearch& search) const {
    LODE_EXPECT(search.points >= 2 && search.low < search.high);
    Grid grid;
    const auto last = static_cast<double>(search.points - 1);
    for (std::size_t i = 0; i < search.points; ++i) {
      const double x = i + 1 == search.points
                           ? search.high
                           : search.low + (search.high - search.low) * (static_cast<double>(i) / last);
      grid.x.push_back(x);
      grid.f.push_back((*this)(x));
      if (std::isfinite(grid.f.back())) grid.largest = std::max(grid.largest, std::abs(grid.f.back()));
    }
    return grid;
  }

 private:
  const ScalarFunction& f_;
  Result& result_;
};

/// A minimum of g between a and b, of which c between them lies lower than both.
template <class Function>
std::pair<double, double> minimum(const Function& g, double a, double b) {
  std::uintmax_t most = 80;
  return boost::math::tools::brent_find_minima(g, a, b, std::numeric_limits<double>::digits / 2, most);
}

}  // namespace

Roots find_roots(const ScalarFunction& function, const RootSearch& search) {
  Roots result;
  const Counted<Roots> f(function, result);
  const auto look = [&](double x, double value) {
    if (std::isnan(value) ||
        (!std::isnan(result.best_value) && std::abs(value) >= std::abs(result.best_value)))
      return;
    result.best = x;
    result.best_value = value;
  };
  const Grid grid = f.grid(search);
  const std::size_t n = grid.x.size();
  const double zero = zero_part * grid.largest;
  for (std::size_t i = 0; i < n; ++i) look(grid.x[i], grid.f[i]);
  result.first_value = grid.f.front();
  result.last_value = grid.f.back();
  bool rises = true, falls = true;
  for (std::size_t i = 1; i < n; ++i) {
    rises = rises && !(grid.f[i] < grid.f[i - 1]);
    falls = falls && !(grid.f[i] > grid.f[i - 1]);
  }
  result.monotone = rises || falls;

  const auto is_zero = [&](std::size_t i) { return std::abs(grid.f[i]) <= zero; };
  const auto between = [&](double a, double b, double fa, double fb) {
    std::uintmax_t most = 200;
    std::pair<double, double> ends{a, b};
    try {
      const auto sure = [&](double x) { return f.sure(x); };
      if (fa != 0 && fb != 0)
        ends = boost::math::tools::toms748_solve(sure, a, b, fa, fb,
                                                 boost::math::tools::eps_tolerance<double>(53), most);
      else
        ends = fa == 0 ? std::pair{a, a} : std::pair{b, b};
      const double first = f.sure(ends.first), second = f.sure(ends.second);
      look(ends.first, first);
      look(ends.second, second);
      const bool nearer = std::abs(first) <= std::abs(second);
      if (std::min(std::abs(first), std::abs(second)) > jump_part * grid.largest)
        result.jumps.push_back({ends.second, first, second});
      else
        result.roots.push_back(
            {Root::Kind::crossing, nearer ? ends.first : ends.second, 0, nearer ? first : second});
    } catch (const NoValue&) {
      // The count says so.
    }
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(grid.f[i])) continue;
    if (is_zero(i)) {
      std::size_t last = i;
      while (last + 1 < n && is_zero(last + 1)) ++last;
      if (last > i) {
        result.roots.push_back({Root::Kind::stretch, grid.x[i], grid.x[last], grid.f[i]});
      } else {
        const double before = i > 0 ? grid.f[i - 1] : 0, after = i + 1 < n ? grid.f[i + 1] : 0;
        const bool touches = before * after > 0;
        result.roots.push_back(
            {touches ? Root::Kind::touching : Root::Kind::crossing, grid.x[i], 0, grid.f[i]});
      }
      i = last;
      continue;
    }
    if (i + 1 < n && !std::isnan(grid.f[i + 1]) && !is_zero(i + 1) && grid.f[i] * grid.f[i + 1] < 0)
      between(grid.x[i], grid.x[i + 1], grid.f[i], grid.f[i + 1]);
    // A dip towards zero between points of one sign may cross or touch it.
    const bool dips =
        i > 0 && i + 1 < n && !is_zero(i - 1) && !is_zero(i + 1) && grid.f[i - 1] * grid.f[i] > 0 &&
        grid.f[i] * grid.f[i + 1] > 0 && std::abs(grid.f[i]) <= std::abs(grid.f[i - 1]) &&
        std::abs(grid.f[i]) <= std::abs(grid.f[i + 1]) &&
        (std::abs(grid.f[i]) < std::abs(grid.f[i - 1]) || std::abs(grid.f[i]) < std::abs(grid.f[i + 1]));
    if (!dips) continue;
    try {
      const double sign = grid.f[i] > 0 ? 1 : -1;
      const auto [x, value] =
          minimum([&](double at) { return sign * f.sure(at); }, grid.x[i - 1], grid.x[i + 1]);
      look(x, sign * value);
      if (value < -zero) {
        between(grid.x[i - 1], x, grid.f[i - 1], sign * value);
        between(x, grid.x[i + 1], sign * value, grid.f[i + 1]);
      } else if (value <= 1e-9 * grid.largest) {
        result.roots.push_back({Root::Kind::touching, x, 0, sign * value});
      }
    } catch (const NoValue&) {
    }
  }
  std::sort(result.roots.begin(), result.roots.end(), [](const Root& a, const Root& b) { return a.x < b.x; });
  // Two dips may lead to one zero.
  const double apart = 1e-9 * (search.high - search.low);
  const auto last = std::unique(result.roots.begin(), result.roots.end(),
                                [&](const Root& a, const Root& b) { return b.x - a.x <= apart; });
  result.roots.erase(last, result.roots.end());
  return result;
}

BelowSearch find_below(const ScalarFunction& function, const RootSearch& search) {
  BelowSearch result;
  const Counted<BelowSearch> f(function, result);
  const auto look = [&](double x, double value) {
    if (std::isnan(value) || (!std::isnan(result.best_value) && value >= result.best_value)) return;
    result.best = x;
    result.best_value = value;
  };
  Grid grid = f.grid(search);
  for (std::size_t i = 0; i < grid.x.size(); ++i) look(grid.x[i], grid.f[i]);
  // A dip below zero between points above it.
  for (std::size_t i = 1; i + 1 < grid.x.size(); ++i) {
    const double before = grid.f[i - 1], here = grid.f[i], after = grid.f[i + 1];
    if (!(here > 0 && before >= here && after >= here && (before > here || after > here))) continue;
    try {
      const auto [x, value] = minimum([&](double at) { return f.sure(at); }, grid.x[i - 1], grid.x[i + 1]);
      look(x, value);
      if (value > 0) continue;
      const auto at = static_cast<std::ptrdiff_t>(x < grid.x[i] ? i : i + 1);
      grid.x.insert(grid.x.begin() + at, x);
      grid.f.insert(grid.f.begin() + at, value);
      ++i;
    } catch (const NoValue&) {
    }
  }
  // The end of an interval between a point where it holds and one where it does not, by halving.
  const auto edge = [&](double inside, double outside) {
    for (int step = 0; step < 200; ++step) {
      const double middle = inside + (outside - inside) / 2;
      if (middle == inside || middle == outside) break;
      const double value = f(middle);
      look(middle, value);
      (value <= 0 ? inside : outside) = middle;
    }
    return inside;
  };
  for (std::size_t i = 0; i < grid.x.size(); ++i) {
    if (!(grid.f[i] <= 0)) continue;
    std::size_t last = i;
    while (last + 1 < grid.x.size() && grid.f[last + 1] <= 0) ++last;
    Below interval{grid.x[i], grid.x[last]};
    if (i > 0) interval.low = edge(grid.x[i], grid.x[i - 1]);
    if (last + 1 < grid.x.size()) interval.high = edge(grid.x[last], grid.x[last + 1]);
    result.intervals.push_back(interval);
    i = last;
  }
  return result;
}

}  // namespace lode
