// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/vector_math.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/vector_math.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

template <typename Function>
void each(const double* x, const double* other, double* y, std::size_t n, Function function) {
  const Wide d;
  const std::size_t width = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + width <= n; i += width)
    hn::StoreU(function(hn::LoadU(d, x + i), hn::LoadU(d, other + i)), d, y + i);
  if (i == n) return;
  HWY_ALIGN double a[8] = {1, 1, 1, 1, 1, 1, 1, 1}, b[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  for (std::size_t k = 0; i + k < n; ++k) {
    a[k] = x[i + k];
    b[k] = other[i + k];
  }
  hn::Store(function(hn::Load(d, a), hn::Load(d, b)), d, a);
  for (std::size_t k = 0; i + k < n; ++k) y[i + k] = a[k];
}

void exp_on(const double* x, double* y, std::size_t n) {
  each(x, x, y, n, [](WideVector v, WideVector) { return exp_vector(v); });
}
void expm1_on(const double* x, double* y, std::size_t n) {
  each(x, x, y, n, [](WideVector v, WideVector) { return expm1_vector(v); });
}
void log_on(const double* x, double* y, std::size_t n) {
  each(x, x, y, n, [](WideVector v, WideVector) { return log_vector(v); });
}
void log1p_on(const double* x, double* y, std::size_t n) {
  each(x, x, y, n, [](WideVector v, WideVector) { return log1p_vector(v); });
}
void power_on(const double* x, const double* exponent, double* y, std::size_t n) {
  each(x, exponent, y, n, [](WideVector v, WideVector e) { return power_vector(v, e); });
}
void normal_upper_on(const double* x, double* y, std::size_t n) {
  each(x, x, y, n, [](WideVector v, WideVector) { return normal_upper_vector(v); });
}

}  // namespace
}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(exp_on);
HWY_EXPORT(expm1_on);
HWY_EXPORT(log_on);
HWY_EXPORT(log1p_on);
HWY_EXPORT(power_on);
HWY_EXPORT(normal_upper_on);

void exp_each(const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(exp_on)(x, y, n);
}
void expm1_each(const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(expm1_on)(x, y, n);
}
void log_each(const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(log_on)(x, y, n);
}
void log1p_each(const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(log1p_on)(x, y, n);
}
void power_each(const double* x, const double* exponent, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(power_on)(x, exponent, y, n);
}
void normal_upper_each(const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(normal_upper_on)(x, y, n);
}

}  // namespace lode
#endif
