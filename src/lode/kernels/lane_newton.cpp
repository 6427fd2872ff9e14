// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_newton.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/lane_newton.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

using V = WideVector;

HWY_INLINE V load(const double* row, std::size_t lane) {
  return hn::LoadU(Wide(), row + lane);
}

void largest_on(const double* values, std::size_t rows, bool finite, double* size, std::size_t lanes) {
  const Wide d;
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    V largest = hn::Zero(d);
    for (std::size_t i = 0; i < rows; ++i) {
      const V one = hn::Abs(load(values + i * lanes, lane));
      if (finite)
        largest = hn::IfThenElse(hn::And(hn::IsFinite(one), hn::Gt(one, largest)), one, largest);
      else
        largest = hn::IfThenElse(hn::Or(hn::Le(one, largest), hn::IsNaN(largest)), largest, one);
    }
    hn::StoreU(largest, d, size + lane);
  }
}

HWY_INLINE hn::Mask<Wide> is_set(const double* flags, std::size_t lane) {
  return hn::Ne(load(flags, lane), hn::Zero(Wide()));
}

bool close_on(const double* error, const double* size, double* open, std::size_t lanes) {
  const Wide d;
  V any = hn::Zero(d);
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    const auto closes = hn::Le(load(error, lane), hn::Mul(hn::Set(d, 1e-12), load(size, lane)));
    const V left = hn::IfThenZeroElse(closes, load(open, lane));
    hn::StoreU(left, d, open + lane);
    any = hn::Max(any, left);
  }
  return !hn::AllTrue(d, hn::Eq(any, hn::Zero(d)));
}

void step_on(double* x, const double* least, double scale, const double* open, double* step,
             std::size_t lanes) {
  const Wide d;
  const hn::RebindToUnsigned<Wide> du;
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    const V own = hn::Abs(load(x, lane)), other = load(least, lane);
    const V size = hn::Mul(hn::IfThenElse(hn::Gt(other, own), other, own), hn::Set(d, scale));
    const V within = hn::Min(hn::Max(size, hn::Set(d, 1e-290)), hn::Set(d, 1e290));
    // Its exponent alone.
    V power =
        hn::BitCast(d, hn::And(hn::BitCast(du, within), hn::Set(du, std::uint64_t{0x7ff0000000000000})));
    power = hn::IfThenElse(hn::Gt(size, hn::Zero(d)), power, hn::Set(d, 1.0));
    hn::StoreU(power, d, step + lane);
    const V own_x = load(x, lane);
    hn::StoreU(hn::IfThenElse(is_set(open, lane), hn::Add(own_x, power), own_x), d, x + lane);
  }
}

void slope_on(const double* value, const double* base, const double* step, double* to, std::ptrdiff_t stride,
              std::size_t rows, std::size_t lanes) {
  const Wide d;
  for (std::size_t i = 0; i < rows; ++i, value += lanes, base += lanes, to += stride)
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d))
      hn::StoreU(hn::Div(hn::Sub(load(value, lane), load(base, lane)), load(step, lane)), d, to + lane);
}

bool add_solved_on(std::size_t n, const double* change, const double* open, const double* solved, double* x,
                   std::size_t lanes) {
  const Wide d;
  V missed = hn::Zero(d);
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    const auto is_solved = is_set(solved, lane), take = hn::And(is_set(open, lane), is_solved);
    missed = hn::Max(missed, hn::IfThenZeroElse(is_solved, load(open, lane)));
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = i * lanes + lane;
      hn::StoreU(hn::IfThenElse(take, hn::Add(load(x, at), load(change, at)), load(x, at)), d, x + at);
    }
  }
  return hn::AllTrue(d, hn::Eq(missed, hn::Zero(d)));
}

void eliminate_on(std::size_t n, const double* jacobian, const double* f, double* solution, double* scratch,
                  double* solved, std::size_t lanes) {
  const Wide d;
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    const auto at = [&](std::size_t i, std::size_t j)
                        HWY_ATTR { return scratch + (i * n + j) * lanes + lane; };
    const auto right = [&](std::size_t i) HWY_ATTR { return solution + i * lanes + lane; };
    auto good = hn::Eq(hn::Zero(d), hn::Zero(d));
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) hn::StoreU(load(jacobian + (k * n + j) * lanes, lane), d, at(k, j));
      V side = hn::Neg(load(f + k * lanes, lane));
      // What the rows above take from row k, and how large the numbers are of which its pivot is left.
      V size = hn::Abs(hn::LoadU(d, at(k, k)));
      for (std::size_t m = 0; m < k; ++m) {
        const V factor = hn::Div(hn::LoadU(d, at(k, m)), hn::LoadU(d, at(m, m)));
        for (std::size_t j = m + 1; j < n; ++j) {
          const V taken = hn::Mul(factor, hn::LoadU(d, at(m, j)));
          if (j == k) size = hn::Add(size, hn::Abs(taken));
          hn::StoreU(hn::Sub(hn::LoadU(d, at(k, j)), taken), d, at(k, j));
        }
        side = hn::Sub(side, hn::Mul(factor, hn::LoadU(d, right(m))));
      }
      hn::StoreU(side, d, right(k));
      const V pivot = hn::Abs(hn::LoadU(d, at(k, k)));
      good = hn::And(good, hn::And(hn::IsFinite(size), hn::Gt(pivot, hn::Mul(size, hn::Set(d, 1e-6)))));
    }
    for (std::size_t k = n; k-- > 0;) {
      V side = hn::LoadU(d, right(k));
      for (std::size_t j = k + 1; j < n; ++j)
        side = hn::Sub(side, hn::Mul(hn::LoadU(d, at(k, j)), hn::LoadU(d, right(j))));
      side = hn::Div(side, hn::LoadU(d, at(k, k)));
      good = hn::And(good, hn::IsFinite(side));
      hn::StoreU(side, d, right(k));
    }
    hn::StoreU(hn::IfThenElseZero(good, hn::Set(d, 1.0)), d, solved + lane);
  }
}

}  // namespace
}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(largest_on);
HWY_EXPORT(close_on);
HWY_EXPORT(step_on);
HWY_EXPORT(slope_on);
HWY_EXPORT(eliminate_on);
HWY_EXPORT(add_solved_on);

void largest_lanes(const double* values, std::size_t rows, bool finite, double* size, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(largest_on)(values, rows, finite, size, lanes);
}
bool close_lanes(const double* error, const double* size, double* open, std::size_t lanes) {
  return HWY_DYNAMIC_DISPATCH(close_on)(error, size, open, lanes);
}
void step_lanes(double* x, const double* least, double scale, const double* open, double* step,
                std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(step_on)(x, least, scale, open, step, lanes);
}
void slope_lanes(const double* value, const double* base, const double* step, double* to,
                 std::ptrdiff_t stride, std::size_t rows, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(slope_on)(value, base, step, to, stride, rows, lanes);
}
void eliminate_lanes(std::size_t n, const double* jacobian, const double* f, double* solution,
                     double* scratch, double* solved, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(eliminate_on)(n, jacobian, f, solution, scratch, solved, lanes);
}
bool add_solved_lanes(std::size_t n, const double* d, const double* open, const double* solved, double* x,
                      std::size_t lanes) {
  return HWY_DYNAMIC_DISPATCH(add_solved_on)(n, d, open, solved, x, lanes);
}

}  // namespace lode
#endif
