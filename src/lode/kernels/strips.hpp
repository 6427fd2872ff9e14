// SPDX-License-Identifier: Apache-2.0
//
// Elementwise arithmetic over strips: target[i] = f(a[i], b[i], c[i]), i = 0 … n−1. Truths are 0 and 1;
// select takes b where a is not 0, else c. Comparisons with NaN (an absent value) are false.
#pragma once
#include <cmath>
#include <cstddef>

#include "lode/kernels/function.hpp"

namespace lode {

void apply_strip(Function function, double* target, const double* a, const double* b, const double* c,
                 std::size_t n);

/// The same for one value.
double apply_one(Function function, double a, double b, double c);

}  // namespace lode
