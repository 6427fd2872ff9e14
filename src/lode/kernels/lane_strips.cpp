// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/lane_strips.hpp"

#include "lode/kernels/strips.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/kernels/lane_strips.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {
namespace {

using V = WideVector;

HWY_INLINE V truth(hn::Mask<Wide> mask) {
  return hn::IfThenElseZero(mask, hn::Set(Wide(), 1.0));
}
HWY_INLINE hn::Mask<Wide> is_zero(V x) {
  return hn::Eq(x, hn::Zero(Wide()));
}

template <bool wide>
HWY_INLINE V load(const double* cell, std::size_t lane) {
  if constexpr (wide) return hn::LoadU(Wide(), cell + lane);
  return hn::Set(Wide(), *cell);
}

template <bool wide_a, typename F>
void unary(const LaneInstruction& code, std::size_t cells, std::size_t lanes, F f) {
  const double* a = code.a.values;
  double* to = code.target;
  for (; cells > 0; --cells, a += code.a.stride, to += code.stride)
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(Wide()))
      hn::StoreU(f(load<wide_a>(a, lane)), Wide(), to + lane);
}

template <bool wide_a, bool wide_b, typename F>
void binary_of(const LaneInstruction& code, std::size_t cells, std::size_t lanes, F f) {
  const double *a = code.a.values, *b = code.b.values;
  double* to = code.target;
  for (; cells > 0; --cells, a += code.a.stride, b += code.b.stride, to += code.stride)
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(Wide()))
      hn::StoreU(f(load<wide_a>(a, lane), load<wide_b>(b, lane)), Wide(), to + lane);
}

template <typename F>
void binary(const LaneInstruction& code, std::size_t cells, std::size_t lanes, F f) {
  if (code.a.wide && code.b.wide) return binary_of<true, true>(code, cells, lanes, f);
  if (code.a.wide) return binary_of<true, false>(code, cells, lanes, f);
  binary_of<false, true>(code, cells, lanes, f);
}

template <bool wide_a, bool wide_b, bool wide_c>
void select_of(const LaneInstruction& code, std::size_t cells, std::size_t lanes) {
  const double *a = code.a.values, *b = code.b.values, *c = code.c.values;
  double* to = code.target;
  for (; cells > 0; --cells, a += code.a.stride, b += code.b.stride, c += code.c.stride, to += code.stride)
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(Wide()))
      hn::StoreU(hn::IfThenElse(is_zero(load<wide_a>(a, lane)), load<wide_c>(c, lane), load<wide_b>(b, lane)),
                 Wide(), to + lane);
}

void select(const LaneInstruction& code, std::size_t cells, std::size_t lanes) {
  switch ((code.a.wide ? 4 : 0) + (code.b.wide ? 2 : 0) + (code.c.wide ? 1 : 0)) {
    case 7:
      return select_of<true, true, true>(code, cells, lanes);
    case 6:
      return select_of<true, true, false>(code, cells, lanes);
    case 5:
      return select_of<true, false, true>(code, cells, lanes);
    case 4:
      return select_of<true, false, false>(code, cells, lanes);
    case 3:
      return select_of<false, true, true>(code, cells, lanes);
    case 2:
      return select_of<false, true, false>(code, cells, lanes);
    default:
      return select_of<false, false, true>(code, cells, lanes);
  }
}

void apply_narrow(const LaneInstruction& code, std::size_t cells) {
  const auto row = [&](const LaneCells& operand) { return !operand.values || operand.stride == 1; };
  if (!code.copy && row(code.a) && row(code.b) && row(code.c))
    return apply_strip(code.function, code.target, code.a.values, code.b.values, code.c.values, cells);
  const auto value = [](const LaneCells& operand, std::size_t i) {
    return operand.values ? operand.values[static_cast<std::ptrdiff_t>(i) * operand.stride] : 0.0;
  };
  for (std::size_t i = 0; i < cells; ++i)
    code.target[i] = code.copy
                         ? value(code.a, i)
                         : apply_one(code.function, value(code.a, i), value(code.b, i), value(code.c, i));
}

template <typename F>
void unary_any(const LaneInstruction& code, std::size_t cells, std::size_t lanes, F f) {
  if (code.a.wide) return unary<true>(code, cells, lanes, f);
  unary<false>(code, cells, lanes, f);
}

/// Growth from year to year is a power too, with the length of a period as exponent: mostly 1.
void power(const LaneInstruction& code, std::size_t cells, std::size_t lanes) {
  const auto any = [](V a, V b) { return power_vector(a, b); };
  if (!code.a.wide || code.b.wide) return binary(code, cells, lanes, any);
  LaneInstruction cell = code;
  for (; cells > 0; --cells) {
    if (*cell.b.values == 1)
      unary<true>(cell, 1, lanes, [](V a) { return a; });
    else if (*cell.b.values == 2)
      unary<true>(cell, 1, lanes, [](V a) { return hn::Mul(a, a); });
    else
      binary_of<true, false>(cell, 1, lanes, any);
    cell.a.values += cell.a.stride;
    cell.b.values += cell.b.stride;
    cell.target += cell.stride;
  }
}

void apply(const LaneInstruction& code, std::size_t cells, std::size_t lanes) {
  const Wide d;
  // One long row, where nothing lies between the cells.
  const auto row = [&](const LaneCells& operand) {
    return !operand.values || operand.stride == (operand.wide ? static_cast<std::ptrdiff_t>(lanes) : 0);
  };
  if (code.stride == static_cast<std::ptrdiff_t>(lanes) && row(code.a) && row(code.b) && row(code.c)) {
    lanes *= cells;
    cells = 1;
  }
  if (code.copy) return unary_any(code, cells, lanes, [](V a) { return a; });
  switch (code.function) {
    case Function::add:
      return binary(code, cells, lanes, [](V a, V b) { return hn::Add(a, b); });
    case Function::subtract:
      return binary(code, cells, lanes, [](V a, V b) { return hn::Sub(a, b); });
    case Function::multiply:
      return binary(code, cells, lanes, [](V a, V b) { return hn::Mul(a, b); });
    case Function::divide:
      return binary(code, cells, lanes, [](V a, V b) { return hn::Div(a, b); });
    case Function::power:
      return power(code, cells, lanes);
    case Function::negate:
      return unary_any(code, cells, lanes, [](V a) { return hn::Neg(a); });
    case Function::minimum:
      return binary(code, cells, lanes, [](V a, V b) { return hn::IfThenElse(hn::Lt(b, a), b, a); });
    case Function::maximum:
      return binary(code, cells, lanes, [](V a, V b) { return hn::IfThenElse(hn::Gt(b, a), b, a); });
    case Function::exp:
      return unary_any(code, cells, lanes, [](V a) { return exp_vector(a); });
    case Function::log:
      return unary_any(code, cells, lanes, [](V a) { return log_vector(a); });
    case Function::log10:
      return unary_any(code, cells, lanes, [](V a) {
        return one_by_one(hn::Lt(a, a), a, a, a, [](double value, double) { return std::log10(value); });
      });
    case Function::sqrt:
      return unary_any(code, cells, lanes, [](V a) { return hn::Sqrt(a); });
    case Function::absolute:
      return unary_any(code, cells, lanes, [](V a) { return hn::Abs(a); });
    case Function::equal:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Eq(a, b)); });
    case Function::not_equal:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Or(hn::Lt(a, b), hn::Gt(a, b))); });
    case Function::less:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Lt(a, b)); });
    case Function::less_equal:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Le(a, b)); });
    case Function::greater:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Gt(a, b)); });
    case Function::greater_equal:
      return binary(code, cells, lanes, [](V a, V b) { return truth(hn::Ge(a, b)); });
    case Function::logical_and:
      return binary(code, cells, lanes, [](V a, V b) {
        return hn::IfThenZeroElse(hn::Or(is_zero(a), is_zero(b)), hn::Set(Wide(), 1.0));
      });
    case Function::logical_or:
      return binary(code, cells, lanes, [](V a, V b) {
        return hn::IfThenZeroElse(hn::And(is_zero(a), is_zero(b)), hn::Set(Wide(), 1.0));
      });
    case Function::logical_not:
      return unary_any(code, cells, lanes, [](V a) { return truth(is_zero(a)); });
    case Function::select:
      return select(code, cells, lanes);
    case Function::known:
      return unary_any(code, cells, lanes,
                       [&](V a) { return hn::IfThenZeroElse(hn::IsNaN(a), hn::Set(d, 1.0)); });
  }
}

void run_strips(const LaneInstruction* code, std::size_t count, std::size_t lanes) {
  for (std::size_t i = 0; i < count; ++i) {
    if (code[i].wide_target)
      apply(code[i], code[i].cells, lanes);
    else
      apply_narrow(code[i], code[i].cells);
  }
}

/// `n` vectors side by side, from `at` on in each source: one alone would wait for its last sum.
template <LaneReduction reduction, bool skip_absent, std::size_t n>
HWY_INLINE void reduce_vectors(const double* const* sources, std::size_t count, std::ptrdiff_t at,
                               double* target) {
  const Wide d;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  V sum[n], known[n];
  for (std::size_t k = 0; k < n; ++k) {
    sum[k] = hn::Set(d, reduction == LaneReduction::minimum   ? infinity
                        : reduction == LaneReduction::maximum ? -infinity
                                                              : 0.0);
    known[k] = hn::Zero(d);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double* const source = sources[i] + at;
    for (std::size_t k = 0; k < n; ++k) {
      const V x = hn::LoadU(d, source + k * hn::Lanes(d));
      V next;
      if constexpr (reduction == LaneReduction::minimum)
        next = hn::IfThenElse(hn::Lt(x, sum[k]), x, sum[k]);
      else if constexpr (reduction == LaneReduction::maximum)
        next = hn::IfThenElse(hn::Gt(x, sum[k]), x, sum[k]);
      else
        next = hn::Add(sum[k], x);
      if constexpr (skip_absent) {
        const auto absent = hn::IsNaN(x);
        sum[k] = hn::IfThenElse(absent, sum[k], next);
        known[k] = hn::Add(known[k], hn::IfThenZeroElse(absent, hn::Set(d, 1.0)));
      } else {
        sum[k] = next;
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    if constexpr (reduction == LaneReduction::mean)
      sum[k] = hn::Div(sum[k], skip_absent ? known[k] : hn::Set(d, static_cast<double>(count)));
    hn::StoreU(sum[k], d, target + k * hn::Lanes(d));
  }
}

template <LaneReduction reduction, bool skip_absent>
void reduce_of(const double* const* sources, std::size_t count, std::size_t offset,
               std::ptrdiff_t source_stride, double* target, std::ptrdiff_t target_stride, std::size_t cells,
               std::size_t lanes) {
  constexpr std::size_t together = 4;
  const std::size_t wide = hn::Lanes(Wide());
  for (std::size_t cell = 0; cell < cells; ++cell, target += target_stride) {
    const std::ptrdiff_t at =
        static_cast<std::ptrdiff_t>(offset) + static_cast<std::ptrdiff_t>(cell) * source_stride;
    std::size_t lane = 0;
    for (; lane + together * wide <= lanes; lane += together * wide)
      reduce_vectors<reduction, skip_absent, together>(sources, count, at + static_cast<std::ptrdiff_t>(lane),
                                                       target + lane);
    for (; lane < lanes; lane += wide)
      reduce_vectors<reduction, skip_absent, 1>(sources, count, at + static_cast<std::ptrdiff_t>(lane),
                                                target + lane);
  }
}

template <bool skip_absent>
void reduce_which(LaneReduction reduction, const double* const* sources, std::size_t count,
                  std::size_t offset, std::ptrdiff_t source_stride, double* target,
                  std::ptrdiff_t target_stride, std::size_t cells, std::size_t lanes) {
  switch (reduction) {
    case LaneReduction::sum:
      return reduce_of<LaneReduction::sum, skip_absent>(sources, count, offset, source_stride, target,
                                                        target_stride, cells, lanes);
    case LaneReduction::mean:
      return reduce_of<LaneReduction::mean, skip_absent>(sources, count, offset, source_stride, target,
                                                         target_stride, cells, lanes);
    case LaneReduction::minimum:
      return reduce_of<LaneReduction::minimum, skip_absent>(sources, count, offset, source_stride, target,
                                                            target_stride, cells, lanes);
    case LaneReduction::maximum:
      return reduce_of<LaneReduction::maximum, skip_absent>(sources, count, offset, source_stride, target,
                                                            target_stride, cells, lanes);
  }
}

void reduce_on(LaneReduction reduction, bool skip_absent, const double* const* sources, std::size_t count,
               std::size_t offset, std::ptrdiff_t source_stride, double* target, std::ptrdiff_t target_stride,
               std::size_t cells, std::size_t lanes) {
  if (source_stride == static_cast<std::ptrdiff_t>(lanes) && source_stride == target_stride) {
    lanes *= cells;
    cells = 1;
  }
  if (skip_absent)
    return reduce_which<true>(reduction, sources, count, offset, source_stride, target, target_stride, cells,
                              lanes);
  reduce_which<false>(reduction, sources, count, offset, source_stride, target, target_stride, cells, lanes);
}

template <LaneTimeFunction function>
void over_time_of(bool skip_absent, const double* source, std::ptrdiff_t stride, const double* steps,
                  const int* years, std::size_t cells, double* target, std::size_t lanes) {
  const Wide d;
  const V never = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    // `weight`: the sum of the steps, or the largest or smallest value so far
    V result = hn::Zero(d), weight = hn::Zero(d);
    auto any = hn::Lt(result, result);
    for (std::size_t i = 0; i < cells; ++i) {
      const V x = hn::LoadU(d, source + static_cast<std::ptrdiff_t>(i) * stride + lane);
      const V step = hn::Set(d, steps[i]), year = hn::Set(d, static_cast<double>(years[i]));
      auto counts = skip_absent ? hn::Not(hn::IsNaN(x)) : hn::Eq(step, step);
      if constexpr (function == LaneTimeFunction::total || function == LaneTimeFunction::mean) {
        result = hn::IfThenElse(counts, hn::Add(result, hn::Mul(x, step)), result);
        if constexpr (function == LaneTimeFunction::mean)
          weight = hn::IfThenElse(counts, hn::Add(weight, step), weight);
      } else if constexpr (function == LaneTimeFunction::minimum || function == LaneTimeFunction::maximum) {
        const auto better = function == LaneTimeFunction::minimum ? hn::Lt(x, result) : hn::Gt(x, result);
        result = hn::IfThenElse(hn::And(counts, hn::Or(better, hn::Not(any))), x, result);
      } else if constexpr (function == LaneTimeFunction::first_year) {
        counts = hn::And(counts, hn::Not(is_zero(x)));
        result = hn::IfThenElse(hn::And(counts, hn::Not(any)), year, result);
      } else if constexpr (function == LaneTimeFunction::last_year) {
        counts = hn::And(counts, hn::Not(is_zero(x)));
        result = hn::IfThenElse(counts, year, result);
      } else {
        const auto better = function == LaneTimeFunction::min_year ? hn::Lt(x, weight) : hn::Gt(x, weight);
        const auto take = hn::And(counts, hn::Or(better, hn::Not(any)));
        weight = hn::IfThenElse(take, x, weight);
        result = hn::IfThenElse(take, year, result);
      }
      any = hn::Or(any, counts);
    }
    if constexpr (function == LaneTimeFunction::mean) result = hn::Div(result, weight);
    if constexpr (function != LaneTimeFunction::total) result = hn::IfThenElse(any, result, never);
    hn::StoreU(result, d, target + lane);
  }
}

void over_time_on(LaneTimeFunction function, bool skip_absent, const double* source, std::ptrdiff_t stride,
                  const double* steps, const int* years, std::size_t cells, double* target,
                  std::size_t lanes) {
  const auto run = [&](auto chosen) {
    over_time_of<decltype(chosen)::value>(skip_absent, source, stride, steps, years, cells, target, lanes);
  };
  using F = LaneTimeFunction;
  switch (function) {
    case F::total:
      return run(std::integral_constant<F, F::total>());
    case F::mean:
      return run(std::integral_constant<F, F::mean>());
    case F::minimum:
      return run(std::integral_constant<F, F::minimum>());
    case F::maximum:
      return run(std::integral_constant<F, F::maximum>());
    case F::first_year:
      return run(std::integral_constant<F, F::first_year>());
    case F::last_year:
      return run(std::integral_constant<F, F::last_year>());
    case F::max_year:
      return run(std::integral_constant<F, F::max_year>());
    case F::min_year:
      return run(std::integral_constant<F, F::min_year>());
  }
}

HWY_INLINE V load_any(const LaneCells& cells, std::size_t i, std::size_t lane) {
  const double* at = cells.values + static_cast<std::ptrdiff_t>(i) * cells.stride;
  return cells.wide ? load<true>(at, lane) : load<false>(at, lane);
}

void accumulate_on(const LaneCells& before, const LaneCells& a, const LaneCells& b, const double* steps,
                   double* target, std::size_t cells, std::size_t lanes) {
  const Wide d;
  for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
    V level = load_any(before, 0, lane);
    for (std::size_t i = 0; i < cells; ++i) {
      V change = load_any(a, i, lane);
      if (b.values) change = hn::Sub(change, load_any(b, i, lane));
      level = hn::Add(level, hn::Mul(change, hn::Set(d, steps[i])));
      hn::StoreU(level, d, target + i * lanes + lane);
    }
  }
}

}  // namespace
}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(run_strips);
HWY_EXPORT(reduce_on);
HWY_EXPORT(over_time_on);
HWY_EXPORT(accumulate_on);

void run_lane_strips(std::span<const LaneInstruction> code, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(run_strips)(code.data(), code.size(), lanes);
}

void reduce_lanes(LaneReduction reduction, bool skip_absent, std::span<const double* const> sources,
                  std::size_t offset, std::ptrdiff_t source_stride, double* target,
                  std::ptrdiff_t target_stride, std::size_t cells, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(reduce_on)
  (reduction, skip_absent, sources.data(), sources.size(), offset, source_stride, target, target_stride,
   cells, lanes);
}

void over_time_lanes(LaneTimeFunction function, bool skip_absent, const double* source, std::ptrdiff_t stride,
                     const double* steps, const int* years, std::size_t cells, double* target,
                     std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(over_time_on)
  (function, skip_absent, source, stride, steps, years, cells, target, lanes);
}

void accumulate_lanes(LaneCells before, LaneCells a, LaneCells b, const double* steps, double* target,
                      std::size_t cells, std::size_t lanes) {
  HWY_DYNAMIC_DISPATCH(accumulate_on)(before, a, b, steps, target, cells, lanes);
}

}  // namespace lode
#endif
