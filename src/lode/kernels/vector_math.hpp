// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions of many values at once: y[i] = f(x[i]), on the widest vectors of this processor.
// Within 2 ulp of the exact value (power: |y ln x|/40 ulp more, normal_upper: 4 ulp) and right at zeros,
// infinities, NaN and subnormal numbers, but for the sign of a result that is zero. The same value gives the
// same bits wherever it stands; tiers differ in the last bits.
#pragma once
#include <cstddef>

namespace lode {

void exp_each(const double* x, double* y, std::size_t n);
void expm1_each(const double* x, double* y, std::size_t n);  ///< e^x − 1
void log_each(const double* x, double* y, std::size_t n);
void log1p_each(const double* x, double* y, std::size_t n);                          ///< ln(1 + x)
void power_each(const double* x, const double* exponent, double* y, std::size_t n);  ///< x^exponent
/// Q(x) = ∫_x^∞ φ, φ the density of the standard normal distribution
void normal_upper_each(const double* x, double* y, std::size_t n);

}  // namespace lode
