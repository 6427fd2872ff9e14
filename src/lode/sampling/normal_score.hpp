// SPDX-License-Identifier: Apache-2.0
//
// The standard normal distribution and its inverse, many values at once: z with Φ(z) = p,
// Φ(z) = ∫_−∞^z exp(−t²/2)/√(2π) dt. The approximations are described in normal_math-inl.hpp. A value depends
// on its own argument only, not on its neighbours; instruction tiers differ in the last bits.
#pragma once
#include <cstddef>

namespace lode {

/// z[i] with Φ(z[i]) = p[i], relative error below 1e-15 for 2⁻⁶⁴ ≤ p ≤ 1 − 2⁻⁵³; below and beyond as for
/// 2⁻⁶⁴ and 1 − 2⁻⁶⁴, so that |z| ≤ 9.0802. `p` and `z` may be the same array.
void normal_scores(const double* p, double* z, std::size_t n);

/// p[i] = Φ(z[i]), relative error below 2e-15 for |z| ≤ 37; below −37 as at −37. `z` and `p` may be the same
/// array.
void normal_probabilities(const double* z, double* p, std::size_t n);

}  // namespace lode
