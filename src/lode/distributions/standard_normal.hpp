// SPDX-License-Identifier: Apache-2.0
//
// The standard normal distribution, density φ(z) = exp(−z²/2)/√(2π), from the C++ library's erf and erfc.
#pragma once

namespace lode {

double normal_density(double z);                ///< φ(z)
double normal_upper(double z);                  ///< Q(z) = ∫_z^∞ φ, with relative accuracy in the tail
double normal_between(double from, double to);  ///< Q(from) − Q(to), from the side where nothing cancels
double normal_along(double from, double way);   ///< Q(from) − Q(from + way), also for a tiny way
double normal_hazard(double z);                 ///< φ(z)/Q(z), also where both underflow
double normal_quantile(double probability);     ///< z with 1 − Q(z) = probability; ∓∞ at 0 and 1

}  // namespace lode
