// SPDX-License-Identifier: Apache-2.0
//
// How a value follows from its normal score z, Φ the standard normal distribution:
//   linear       a + b z
//   exponential  c exp(a + b z)
//   split        a + b z for z < 0, a + c z else
//   uniform      a + b Φ(z)
//   triangular   low + b √Φ(z) for z < d, high − c √Φ(−z) else
//   truncated    a + b Φ⁻¹(c[0] Φ(−z) + c[1] Φ(z)), from the tail's side: the complement is likewise the mix
//   of
//                the complements
//   tabled       a + b T(c z), c = ±1
//   steps        values[k], k the number of edges (scores) ≤ z
//   polyline     linear between the points (edges[k], values[k]) at Φ(z), constant beyond
// uniform, triangular, truncated and tabled values are kept within low … high, which rounding may cross.
#pragma once
#include <cstddef>
#include <vector>

#include "lode/sampling/quantile_table.hpp"

namespace lode {

enum class InputForm { linear, exponential, split, uniform, triangular, truncated, tabled, steps, polyline };

struct InputPoints {
  std::vector<double> edges;
  std::vector<double> values;
  std::vector<double> weights;  ///< of steps: the chances of the values
  std::vector<double> slopes;   ///< of polyline: from each point to the next, 0 at the last
};

struct InputFormula {
  InputForm form = InputForm::linear;
  double a = 0;
  double b = 0;
  double c = 0;
  double d = 0;
  double low = 0;
  double high = 0;
  double below[2] = {0, 0};  ///< truncated: Φ of the standardised bounds
  double above[2] = {0, 0};  ///< and 1 − Φ
  const QuantileTable* table = nullptr;
  const InputPoints* points = nullptr;
};

/// out[k * stride + i] = the k-th formula at scores[k * stride + i], k < count, i < n; in place too.
void apply_formulas(const InputFormula* formulas, std::size_t count, const double* scores, double* out,
                    std::size_t stride, std::size_t n);

}  // namespace lode
