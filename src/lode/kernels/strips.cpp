// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/strips.hpp"

#include <algorithm>

namespace lode {

namespace {

template <class F>
void each(double* target, std::size_t n, F f) {
  for (std::size_t i = 0; i < n; ++i) target[i] = f(i);
}

}  // namespace

void apply_strip(Function function, double* t, const double* a, const double* b, const double* c,
                 std::size_t n) {
  switch (function) {
    case Function::add:
      return each(t, n, [=](std::size_t i) { return a[i] + b[i]; });
    case Function::subtract:
      return each(t, n, [=](std::size_t i) { return a[i] - b[i]; });
    case Function::multiply:
      return each(t, n, [=](std::size_t i) { return a[i] * b[i]; });
    case Function::divide:
      return each(t, n, [=](std::size_t i) { return a[i] / b[i]; });
    case Function::power:
      return each(t, n, [=](std::size_t i) { return std::pow(a[i], b[i]); });
    case Function::negate:
      return each(t, n, [=](std::size_t i) { return -a[i]; });
    case Function::minimum:
      return each(t, n, [=](std::size_t i) { return b[i] < a[i] ? b[i] : a[i]; });
    case Function::maximum:
      return each(t, n, [=](std::size_t i) { return b[i] > a[i] ? b[i] : a[i]; });
    case Function::exp:
      return each(t, n, [=](std::size_t i) { return std::exp(a[i]); });
    case Function::log:
      return each(t, n, [=](std::size_t i) { return std::log(a[i]); });
    case Function::log10:
      return each(t, n, [=](std::size_t i) { return std::log10(a[i]); });
    case Function::sqrt:
      return each(t, n, [=](std::size_t i) { return std::sqrt(a[i]); });
    case Function::absolute:
      return each(t, n, [=](std::size_t i) { return std::abs(a[i]); });
    case Function::equal:
      return each(t, n, [=](std::size_t i) { return a[i] == b[i] ? 1.0 : 0.0; });
    case Function::not_equal:
      return each(t, n, [=](std::size_t i) { return a[i] < b[i] || a[i] > b[i] ? 1.0 : 0.0; });
    case Function::less:
      return each(t, n, [=](std::size_t i) { return a[i] < b[i] ? 1.0 : 0.0; });
    case Function::less_equal:
      return each(t, n, [=](std::size_t i) { return a[i] <= b[i] ? 1.0 : 0.0; });
    case Function::greater:
      return each(t, n, [=](std::size_t i) { return a[i] > b[i] ? 1.0 : 0.0; });
    case Function::greater_equal:
      return each(t, n, [=](std::size_t i) { return a[i] >= b[i] ? 1.0 : 0.0; });
    case Function::logical_and:
      return each(t, n, [=](std::size_t i) { return a[i] != 0 && b[i] != 0 ? 1.0 : 0.0; });
    case Function::logical_or:
      return each(t, n, [=](std::size_t i) { return a[i] != 0 || b[i] != 0 ? 1.0 : 0.0; });
    case Function::logical_not:
      return each(t, n, [=](std::size_t i) { return a[i] == 0 ? 1.0 : 0.0; });
    case Function::select:
      return each(t, n, [=](std::size_t i) { return a[i] != 0 ? b[i] : c[i]; });
    case Function::known:
      return each(t, n, [=](std::size_t i) { return std::isnan(a[i]) ? 0.0 : 1.0; });
  }
}

double apply_one(Function function, double a, double b, double c) {
  double result = 0;
  apply_strip(function, &result, &a, &b, &c, 1);
  return result;
}

}  // namespace lode
