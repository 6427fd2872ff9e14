// SPDX-License-Identifier: Apache-2.0
//
// Special functions that <cmath> lacks. None throws and none yields NaN for the arguments stated.
#pragma once

namespace lode {

double log_gamma(double x);  ///< ln Γ(x), x > 0, without the global sign of std::lgamma

// The gamma distribution with scale 1 and shape k > 0, x ≥ 0.
double gamma_lower(double shape, double x);    ///< P(k, x) = ∫_0^x t^(k−1) e^(−t) dt / Γ(k)
double gamma_upper(double shape, double x);    ///< Q(k, x) = 1 − P(k, x)
double gamma_density(double shape, double x);  ///< x^(k−1) e^(−x) / Γ(k); infinite at 0 for k < 1
double gamma_hazard(double shape, double x);   ///< density / Q, also where both underflow
double gamma_quantile(double shape, double probability);  ///< x with P(k, x) = probability

double scaled_exponential_integral(double x);  ///< e^x E₁(x) = ∫_0^∞ e^(−t)/(x + t) dt, x > 0

}  // namespace lode
