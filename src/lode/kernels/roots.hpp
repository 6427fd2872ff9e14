// SPDX-License-Identifier: Apache-2.0
//
// Where a function of one variable is zero, or not above zero, between two limits. Nothing is known of the
// function: it may touch zero, jump across it, have no value in places. It is looked at on an even grid of n
// points; between neighbours of opposite sign a zero is found by TOMS 748 (Alefeld, Potra & Shi, ACM Trans.
// Math. Softw. 21 (1995) 327), between neighbours of one sign with a smaller |f| between them by Brent's
// search for a minimum. What lies between two points of the grid and shows at neither is not seen.
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace lode {

/// Not a number where it has no value.
using ScalarFunction = std::function<double(double)>;

struct RootSearch {
  double low = 0, high = 1;
  std::size_t points = 65;
};

struct Root {
  enum class Kind {
    crossing,
    touching,  ///< zero without a change of sign
    stretch    ///< zero from x to `to`
  };
  Kind kind = Kind::crossing;
  double x = 0, to = 0, value = 0;  ///< value: f(x), zero but for rounding
};

/// A change of sign without a zero.
struct Jump {
  double x = 0, before = 0, after = 0;
};

struct Roots {
  std::vector<Root> roots;  ///< ascending
  std::vector<Jump> jumps;
  double best = 0, best_value = 0;         ///< the x with the smallest |f| seen
  double first_value = 0, last_value = 0;  ///< at the limits
  bool monotone = true;                    ///< on the grid
  std::size_t evaluations = 0, without_value = 0;
  double no_value_at = 0;  ///< the first x without value
};
Roots find_roots(const ScalarFunction& f, const RootSearch& search);

/// An interval in which f ≤ 0; its ends are such points themselves.
struct Below {
  double low = 0, high = 0;
};
struct BelowSearch {
  std::vector<Below> intervals;     ///< ascending
  double best = 0, best_value = 0;  ///< the x with the smallest f seen
  std::size_t evaluations = 0, without_value = 0;
  double no_value_at = 0;
};
BelowSearch find_below(const ScalarFunction& f, const RootSearch& search);

}  // namespace lode
