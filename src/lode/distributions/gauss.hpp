// SPDX-License-Identifier: Apache-2.0
//
// ∫ f from a to a + w = w Σ c_i f(a + w x_i), the rule of Gauss and Legendre with five nodes: exact for
// polynomials of degree 9. Source: Abramowitz & Stegun, table 25.4, moved to [0, 1].
#pragma once
#include <array>
#include <cstddef>

namespace lode {

template <typename Function>
double gauss_integral(double from, double way, Function f) {
  constexpr std::array<double, 5> nodes = {0.5, 0.2307653449471585, 0.7692346550528415, 0.0469100770306680,
                                           0.9530899229693320};
  constexpr std::array<double, 5> weights = {0.2844444444444444, 0.2393143352496833, 0.2393143352496833,
                                             0.1184634425280945, 0.1184634425280945};
  double sum = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) sum += weights[i] * f(from + way * nodes[i]);
  return way * sum;
}

}  // namespace lode
