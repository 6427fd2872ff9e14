// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/input_formula.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/sampling/input_formula.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/sampling/normal_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace {

// Beyond this many edges a search beats trying each.
constexpr std::size_t few = 24;

HWY_INLINE Vector within(Vector x, const InputFormula& f) {
  const Doubles d;
  return hn::Min(hn::Max(x, hn::Set(d, f.low)), hn::Set(d, f.high));
}

/// Calls f with each vector of the scores and stores what it returns.
template <class F>
HWY_INLINE void each_vector(const double* in, double* out, std::size_t n, const F& f) {
  const Doubles d;
  for_vectors(in, out, n,
              [&](const double* from, double* to) HWY_ATTR { hn::StoreU(f(hn::LoadU(d, from)), d, to); });
}

HWY_INLINE void triangular(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  each_vector(in, out, n, [&](Vector z) HWY_ATTR {
    const Vector tail = upper_tail(hn::Abs(z));
    const Vector rest = hn::Sub(hn::Set(d, 1.0), tail);
    const auto lower = hn::Lt(z, hn::Set(d, f.d));
    // The mass on the side of the mode where z lies.
    const auto outer = hn::Xor(hn::VecFromMask(d, lower), hn::VecFromMask(d, hn::Lt(z, hn::Zero(d))));
    const Vector mass = hn::IfThenElse(hn::MaskFromVec(outer), rest, tail);
    const Vector root = hn::Sqrt(mass);
    const Vector left = hn::MulAdd(hn::Set(d, f.b), root, hn::Set(d, f.low));
    const Vector right = hn::NegMulAdd(hn::Set(d, f.c), root, hn::Set(d, f.high));
    return within(hn::IfThenElse(lower, left, right), f);
  });
}

HWY_INLINE void truncated(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  HWY_ALIGN double tails[512 + 8];
  for (std::size_t begin = 0; begin < n; begin += 512) {
    const std::size_t size = std::min<std::size_t>(512, n - begin);
    // A tail on the upper side is marked by its sign.
    each_vector(in + begin, tails, size, [&](Vector z) HWY_ATTR {
      const Vector tail = upper_tail(hn::Abs(z));
      const Vector rest = hn::Sub(hn::Set(d, 1.0), tail);
      const auto negative = hn::Lt(z, hn::Zero(d));
      const Vector p = hn::IfThenElse(negative, tail, rest);
      const Vector q = hn::IfThenElse(negative, rest, tail);
      const Vector lower = hn::MulAdd(hn::Set(d, f.below[0]), q, hn::Mul(hn::Set(d, f.below[1]), p));
      const Vector upper = hn::MulAdd(hn::Set(d, f.above[0]), q, hn::Mul(hn::Set(d, f.above[1]), p));
      return hn::IfThenElse(hn::Lt(lower, upper), lower, hn::Neg(upper));
    });
    double* const to = out + begin;
    each_vector(tails, to, size, [&](Vector t) HWY_ATTR { return hn::Abs(t); });
    score_strip(to, to, size);
    for (std::size_t i = 0; i < size; ++i) tails[i] = tails[i] < 0 ? -f.b : f.b;
    for (std::size_t i = 0; i < size; ++i) to[i] = f.a + tails[i] * to[i];
    each_vector(to, to, size, [&](Vector x) HWY_ATTR { return within(x, f); });
  }
}

HWY_INLINE void tabled(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  const hn::RebindToSigned<Doubles> integers;
  const double intervals = static_cast<double>(f.table->intervals);
  const Vector scale = hn::Set(d, f.c * intervals / (2 * QuantileTable::reach));
  const Vector middle = hn::Set(d, 0.5 * intervals);
  // A score at the upper end belongs to the last interval.
  const Vector last = hn::Set(d, intervals - 1);
  const Vector end = hn::Set(d, intervals);
  // Adding 2⁵² leaves the integer in the low bits.
  const Vector magic = hn::Set(d, 4503599627370496.0);
  const double* const rows = f.table->polynomials.data();
  each_vector(in, out, n, [&](Vector z) HWY_ATTR {
    const Vector place = hn::Min(hn::Max(hn::MulAdd(z, scale, middle), hn::Zero(d)), end);
    const Vector interval = hn::Min(hn::Floor(place), last);
    const Vector t = hn::Sub(place, interval);
    const auto bits = hn::BitCast(integers, hn::Add(interval, magic));
    const auto index = hn::ShiftLeft<3>(hn::And(bits, hn::Set(integers, std::int64_t{0xFFFFFF})));
    Vector sum = hn::GatherIndex(d, rows + 5, index);
    for (int k = 4; k >= 0; --k) sum = hn::MulAdd(sum, t, hn::GatherIndex(d, rows + k, index));
    return within(hn::MulAdd(hn::Set(d, f.b), sum, hn::Set(d, f.a)), f);
  });
}

HWY_INLINE void steps(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  const std::vector<double>& edges = f.points->edges;
  const std::vector<double>& values = f.points->values;
  if (edges.size() > few) {
    for (std::size_t i = 0; i < n; ++i)
      out[i] = values[static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), in[i]) -
                                               edges.begin())];
    return;
  }
  each_vector(in, out, n, [&](Vector z) HWY_ATTR {
    Vector x = hn::Set(d, values[0]);
    for (std::size_t k = 0; k < edges.size(); ++k)
      x = hn::IfThenElse(hn::Lt(z, hn::Set(d, edges[k])), x, hn::Set(d, values[k + 1]));
    return x;
  });
}

HWY_INLINE void polyline(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  const InputPoints& points = *f.points;
  const std::vector<double>& edges = points.edges;
  if (edges.size() <= few) {
    each_vector(in, out, n, [&](Vector z) HWY_ATTR {
      const Vector p = probability(z);
      Vector from = hn::Zero(d);
      Vector value = hn::Set(d, points.values[0]);
      Vector slope = hn::Zero(d);
      for (std::size_t k = 0; k < edges.size(); ++k) {
        const auto before = hn::Lt(p, hn::Set(d, edges[k]));
        from = hn::IfThenElse(before, from, hn::Set(d, edges[k]));
        value = hn::IfThenElse(before, value, hn::Set(d, points.values[k]));
        slope = hn::IfThenElse(before, slope, hn::Set(d, points.slopes[k]));
      }
      return hn::MulAdd(hn::Sub(p, from), slope, value);
    });
    return;
  }
  each_vector(in, out, n, [](Vector z) HWY_ATTR { return probability(z); });
  for (std::size_t i = 0; i < n; ++i) {
    const auto next =
        static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), out[i]) - edges.begin());
    out[i] = next == 0 ? points.values[0]
                       : points.values[next - 1] + (out[i] - edges[next - 1]) * points.slopes[next - 1];
  }
}

HWY_INLINE void apply_one(const InputFormula& f, const double* in, double* out, std::size_t n) {
  const Doubles d;
  const Vector a = hn::Set(d, f.a);
  const Vector b = hn::Set(d, f.b);
  const Vector c = hn::Set(d, f.c);
  switch (f.form) {
    case InputForm::linear:
      return each_vector(in, out, n, [&](Vector z) HWY_ATTR { return hn::MulAdd(b, z, a); });
    case InputForm::exponential:
      return each_vector(in, out, n,
                         [&](Vector z) HWY_ATTR { return hn::Mul(c, exp_vector(hn::MulAdd(b, z, a))); });
    case InputForm::split:
      return each_vector(in, out, n, [&](Vector z) HWY_ATTR {
        return hn::MulAdd(hn::IfThenElse(hn::Lt(z, hn::Zero(d)), b, c), z, a);
      });
    case InputForm::uniform:
      return each_vector(in, out, n,
                         [&](Vector z) HWY_ATTR { return within(hn::MulAdd(b, probability(z), a), f); });
    case InputForm::triangular:
      return triangular(f, in, out, n);
    case InputForm::truncated:
      return truncated(f, in, out, n);
    case InputForm::tabled:
      return tabled(f, in, out, n);
    case InputForm::steps:
      return steps(f, in, out, n);
    case InputForm::polyline:
      return polyline(f, in, out, n);
  }
}

}  // namespace

void apply_on_tier(const InputFormula* formulas, std::size_t count, const double* scores, double* out,
                   std::size_t stride, std::size_t n) {
  for (std::size_t k = 0; k < count; ++k) apply_one(formulas[k], scores + k * stride, out + k * stride, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(apply_on_tier);

void apply_formulas(const InputFormula* formulas, std::size_t count, const double* scores, double* out,
                    std::size_t stride, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(apply_on_tier)(formulas, count, scores, out, stride, n);
}

}  // namespace lode
#endif
