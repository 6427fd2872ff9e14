// SPDX-License-Identifier: Apache-2.0
//
// Numerical integration: Gauss–Kronrod (7, 15) on one panel, and with panels halved until it is precise.
// Source: Kronrod 1965; nodes as in QUADPACK (Piessens and others 1983).
#pragma once
#include <array>
#include <cmath>

namespace lode {

/// ∫ over [from, to] by Kronrod's 15 points; `miss` is its difference from Gauss's 7.
template <typename Function>
double integrate_panel(const Function& function, double from, double to, double* miss = nullptr) {
  constexpr std::array<double, 8> nodes = {
      0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
      0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
      0.586087235467691130294144691693014, 0.405845151377397166906606412076961,
      0.207784955007898467600689403773245, 0};
  constexpr std::array<double, 8> kronrod = {
      0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
      0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
      0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
      0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
  constexpr std::array<double, 4> gauss = {
      0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
      0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
  const double half = 0.5 * (to - from);
  const double centre = 0.5 * (from + to);
  const double middle = function(centre);
  double fine = kronrod[7] * middle;
  double coarse = gauss[3] * middle;
  for (std::size_t i = 0; i < 7; ++i) {
    const double pair = function(centre - half * nodes[i]) + function(centre + half * nodes[i]);
    fine += kronrod[i] * pair;
    if (i % 2 == 1) coarse += gauss[i / 2] * pair;
  }
  if (miss != nullptr) *miss = half * std::abs(fine - coarse);
  return half * fine;
}

/// Halves the panel until the two rules agree to `tolerance`, at most `depth` times.
template <typename Function>
double integrate(const Function& function, double from, double to, double tolerance, int depth = 40) {
  double miss = 0;
  const double value = integrate_panel(function, from, to, &miss);
  const double middle = 0.5 * (from + to);
  // Most of the difference is Gauss's error, so Kronrod's is far below the tolerance.
  if (miss <= tolerance || depth == 0 || !(middle > from && middle < to)) return value;
  return integrate(function, from, middle, tolerance, depth - 1) +
         integrate(function, middle, to, tolerance, depth - 1);
}

}  // namespace lode
