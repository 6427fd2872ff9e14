// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions of one vector of doubles, for kernels that Highway compiles for several targets; see
// vector_math.hpp. The polynomials interpolate at Chebyshev nodes, to below 2^-56 of the result.
#include <hwy/highway.h>

#include <cmath>

#if defined(LODE_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LODE_VECTOR_MATH_INL
#undef LODE_VECTOR_MATH_INL
#else
#define LODE_VECTOR_MATH_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// At most 8 lanes wide: the number of lanes of an evaluation is a multiple of 8.
using Wide = hn::CappedTag<double, 8>;
using WideVector = hn::Vec<Wide>;

template <std::size_t n>
HWY_INLINE WideVector polynomial(WideVector x, const double (&coefficients)[n]) {
  const Wide d;
  WideVector sum = hn::Set(d, coefficients[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) sum = hn::MulAdd(sum, x, hn::Set(d, coefficients[i]));
  return sum;
}

/// 2^n for whole −1022 ≤ n ≤ 1023.
HWY_INLINE WideVector power_of_two(WideVector n) {
  const Wide d;
  const hn::RebindToUnsigned<Wide> du;
  // Added to 1.5·2^52 a whole number stands in the last bits.
  const auto bits = hn::BitCast(du, hn::Add(n, hn::Set(d, 0x1.8p52)));
  return hn::BitCast(d, hn::Add(hn::ShiftLeft<52>(bits), hn::BitCast(du, hn::Set(d, 1.0))));
}

/// e^r − 1 for |r| ≤ ln 2 / 2
HWY_INLINE WideVector expm1_of_rest(WideVector r) {
  static constexpr double coefficients[] = {0.5,
                                            0.1666666666666667,
                                            0.04166666666666667,
                                            0.008333333333326112,
                                            0.001388888888888373,
                                            0.0001984126987490126,
                                            2.4801587325605324e-05,
                                            2.7557255297969643e-06,
                                            2.755727357010214e-07,
                                            2.5105259538448494e-08,
                                            2.0914717341716378e-09};
  return hn::MulAdd(hn::Mul(r, r), polynomial(r, coefficients), r);
}

/// e^x = 2^n (1 + p), n whole.
struct ExpParts {
  WideVector n, p;
};

HWY_INLINE ExpParts exp_parts(WideVector x) {
  const Wide d;
  const WideVector magic = hn::Set(d, 0x1.8p52);
  const WideVector n = hn::Sub(hn::MulAdd(x, hn::Set(d, 1.4426950408889634), magic), magic);
  // x − n ln 2 in two steps; n times the first part is exact
  WideVector r = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42fee00000p-1), x);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.a39ef35793c76p-33), r);
  return {n, expm1_of_rest(r)};
}

/// e^x and e^x − 1 for x ≤ 0; 0 and −1 below −708.
struct ExpPair {
  WideVector exp, less_one;
};

HWY_INLINE ExpPair exp_pair_not_above_zero(WideVector x) {
  const Wide d;
  const auto gone = hn::Lt(x, hn::Set(d, -708.0));
  const ExpParts parts = exp_parts(hn::Max(x, hn::Set(d, -708.0)));
  const WideVector power = power_of_two(parts.n);
  return {hn::IfThenZeroElse(gone, hn::MulAdd(power, parts.p, power)),
          hn::MulAdd(power, parts.p, hn::Sub(power, hn::Set(d, 1.0)))};
}

HWY_INLINE WideVector exp_vector(WideVector x) {
  const Wide d;
  const WideVector within = hn::Min(hn::Max(x, hn::Set(d, -746.0)), hn::Set(d, 710.0));
  const ExpParts parts = exp_parts(within);
  // In two factors, so that the largest and the subnormal results come out.
  const WideVector most = hn::Min(hn::Max(parts.n, hn::Set(d, -1000.0)), hn::Set(d, 1000.0));
  const WideVector power = power_of_two(most);
  const WideVector result = hn::Mul(hn::MulAdd(power, parts.p, power), power_of_two(hn::Sub(parts.n, most)));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

HWY_INLINE WideVector expm1_vector(WideVector x) {
  const Wide d;
  const WideVector within = hn::Min(hn::Max(x, hn::Set(d, -40.0)), hn::Set(d, 710.0));
  const ExpParts parts = exp_parts(within);
  const WideVector most = hn::Min(parts.n, hn::Set(d, 1000.0)), rest = hn::Sub(parts.n, most);
  const WideVector power = power_of_two(most);
  WideVector result = hn::MulAdd(power, parts.p, hn::Sub(power, hn::Set(d, 1.0)));
  result = hn::Mul(result, power_of_two(rest));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

HWY_INLINE hn::Mask<Wide> normal_positive(WideVector x) {
  const Wide d;
  return hn::And(hn::Ge(x, hn::Set(d, 2.2250738585072014e-308)),
                 hn::Le(x, hn::Set(d, 1.7976931348623157e308)));
}

/// `usual` where the mask says so, else what the C library has for the lane: no lane depends on another.
template <typename Function>
HWY_NOINLINE WideVector one_by_one(hn::Mask<Wide> mask, WideVector usual, WideVector x, WideVector y,
                                   Function function) {
  const Wide d;
  HWY_ALIGN double a[8], b[8];
  hn::Store(x, d, a);
  hn::Store(y, d, b);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) a[i] = function(a[i], b[i]);
  return hn::IfThenElse(mask, usual, hn::Load(d, a));
}

/// x = 2^exponent (1 + f), √½ ≤ 1 + f < √2, for normal x > 0.
struct LogParts {
  WideVector exponent, f;
};

HWY_INLINE LogParts log_parts(WideVector x) {
  const Wide d;
  const hn::RebindToUnsigned<Wide> du;
  const auto one = hn::BitCast(du, hn::Set(d, 1.0));
  const auto bits = hn::BitCast(du, x);
  const auto biased =
      hn::ShiftRight<52>(hn::Add(bits, hn::Sub(one, hn::BitCast(du, hn::Set(d, 0.7071067811865476)))));
  const WideVector exponent =
      hn::Sub(hn::BitCast(d, hn::Or(biased, hn::BitCast(du, hn::Set(d, 0x1p52)))), hn::Set(d, 0x1p52 + 1023));
  const WideVector mantissa = hn::BitCast(d, hn::Sub(hn::Add(bits, one), hn::ShiftLeft<52>(biased)));
  return {exponent, hn::Sub(mantissa, hn::Set(d, 1.0))};
}

inline constexpr double log_two_high = 0x1.62e42fee00000p-1, log_two_low = 0x1.a39ef35793c76p-33;

/// ln x = e ln 2 + f − (f²/2 − s (f²/2 + R)), s = f/(2 + f), s R = 2 artanh s − 2 s.
HWY_INLINE WideVector log_normal_positive(WideVector x) {
  const Wide d;
  static constexpr double coefficients[] = {0.6666666666666666,  0.40000000000000885, 0.28571428570799784,
                                            0.22222222392581045, 0.18181795547521137, 0.15386244737621665,
                                            0.13268638369266825, 0.13088034850927555};
  const LogParts parts = log_parts(x);
  const WideVector f = parts.f;
  const WideVector s = hn::Div(f, hn::Add(f, hn::Set(d, 2.0)));
  const WideVector z = hn::Mul(s, s);
  const WideVector half_square = hn::Mul(hn::Mul(f, f), hn::Set(d, 0.5));
  const WideVector inner = hn::MulAdd(polynomial(z, coefficients), z, half_square);
  const WideVector low = hn::MulAdd(parts.exponent, hn::Set(d, log_two_low), hn::Mul(s, inner));
  const WideVector rest = hn::Sub(f, hn::Sub(half_square, low));
  return hn::MulAdd(parts.exponent, hn::Set(d, log_two_high), rest);
}

HWY_INLINE WideVector log_vector(WideVector x) {
  const Wide d;
  const auto usual = normal_positive(x);
  const WideVector result = log_normal_positive(x);
  if (HWY_LIKELY(hn::AllTrue(d, usual))) return result;
  return one_by_one(usual, result, x, x, [](double value, double) { return std::log(value); });
}

HWY_INLINE WideVector log1p_vector(WideVector x) {
  const Wide d;
  const WideVector one = hn::Set(d, 1.0);
  const WideVector u = hn::Add(one, x);
  const auto usual = normal_positive(u);
  // what rounding took off 1 + x; where x is so small that nothing of it is in u, x itself
  const WideVector lost =
      hn::IfThenElse(hn::Gt(x, one), hn::Sub(one, hn::Sub(u, x)), hn::Sub(x, hn::Sub(u, one)));
  WideVector result = hn::Add(log_normal_positive(u), hn::Div(lost, u));
  result = hn::IfThenElse(hn::Eq(u, one), x, result);
  if (HWY_LIKELY(hn::AllTrue(d, usual))) return result;
  return one_by_one(usual, result, x, x, [](double value, double) { return std::log1p(value); });
}

/// x^y = e^(y ln x), the logarithm in two parts: 2 artanh s = 2s + s³ (⅔ + s² R(s²)), s = high + low.
HWY_INLINE WideVector power_vector(WideVector x, WideVector y) {
  const Wide d;
  const auto usual = hn::And(normal_positive(x), hn::Le(hn::Abs(y), hn::Set(d, 1e300)));
  static constexpr double coefficients[] = {0.4000000000000003,  0.2857142857133801,  0.22222222271326808,
                                            0.18181808210921882, 0.15385577463308145, 0.13285868837545742,
                                            0.1291471218393509};
  const LogParts parts = log_parts(x);
  const WideVector f = parts.f;
  const WideVector sum = hn::Add(f, hn::Set(d, 2.0));
  const WideVector sum_low = hn::Sub(f, hn::Sub(sum, hn::Set(d, 2.0)));
  const WideVector s = hn::Div(f, sum);
  const WideVector left = hn::NegMulAdd(s, sum_low, hn::NegMulAdd(s, sum, f));
  const WideVector s_low = hn::Div(left, sum);
  const WideVector z = hn::Mul(s, s);
  const WideVector cube =
      hn::Mul(hn::Mul(s, z), hn::MulAdd(z, polynomial(z, coefficients), hn::Set(d, 2.0 / 3)));
  const WideVector twice = hn::Add(s, s);
  // e ln2 (high) + 2s + (2 s_low + cube + e ln2 (low)) as high + low
  const WideVector small =
      hn::Add(hn::MulAdd(parts.exponent, hn::Set(d, log_two_low), cube), hn::Add(s_low, s_low));
  const WideVector big = hn::Mul(parts.exponent, hn::Set(d, log_two_high));
  const WideVector first = hn::Add(big, twice);
  const WideVector first_low =
      hn::IfThenElse(hn::Ge(hn::Abs(big), hn::Abs(twice)), hn::Add(hn::Sub(big, first), twice),
                     hn::Add(hn::Sub(twice, first), big));
  const WideVector tail = hn::Add(first_low, small);
  const WideVector high = hn::Add(first, tail);
  const WideVector low = hn::Add(hn::Sub(first, high), tail);
  const WideVector product = hn::Mul(y, high);
  const WideVector product_low = hn::MulAdd(y, low, hn::MulSub(y, high, product));
  WideVector result = exp_vector(product);
  const auto finite = hn::Le(result, hn::Set(d, 1.7976931348623157e308));
  result = hn::IfThenElse(finite, hn::MulAdd(result, product_low, result), result);
  if (HWY_LIKELY(hn::AllTrue(d, usual))) return result;
  return one_by_one(usual, result, x, y,
                    [](double base, double exponent) { return std::pow(base, exponent); });
}

/// Q(|z|) = e^(−z²/2) P(t)/(1 + |z|), t = (|z| − 5.25)/(|z| + 5.25).
HWY_INLINE WideVector normal_upper_of_size(WideVector size) {
  const Wide d;
  static constexpr double coefficients[] = {
      0.45930144282933044,    -0.08996869142390301,   0.03382818312580568,     0.005958151992661922,
      -0.023979891586917924,  0.02464678262742276,    -0.016898576196747485,   0.00842964520432573,
      -0.0029020032429301953, 0.0004891760067356186,  0.00011182805427493226,  -9.162712140447651e-05,
      1.3074302718938411e-05, 8.23323104489594e-06,   -3.403481442296013e-06,  -5.542749940673338e-07,
      5.622580689126778e-07,  2.3499760799222383e-08, -8.779305349427519e-08,  6.854922740984776e-10,
      1.3650638573578655e-08, -2.438125878978492e-10, -1.8768997408838786e-09, 1.7386486916990066e-11,
      1.5786997979594683e-10};
  const WideVector z = hn::Min(size, hn::Set(d, 40.0));
  const WideVector t = hn::Div(hn::Sub(z, hn::Set(d, 5.25)), hn::Add(z, hn::Set(d, 5.25)));
  const WideVector half = hn::Mul(z, hn::Set(d, 0.5));
  const WideVector exponent = hn::Mul(z, half);
  const WideVector rest = hn::MulSub(z, half, exponent);  // what the product lost
  const WideVector tail = exp_vector(hn::Neg(exponent));
  const WideVector share = hn::Div(polynomial(t, coefficients), hn::Add(z, hn::Set(d, 1.0)));
  const WideVector result = hn::Mul(hn::NegMulAdd(tail, rest, tail), share);
  return hn::IfThenElse(hn::IsNaN(size), size, result);
}

HWY_INLINE WideVector normal_upper_vector(WideVector z) {
  const Wide d;
  const WideVector tail = normal_upper_of_size(hn::Abs(z));
  return hn::IfThenElse(hn::Lt(z, hn::Zero(d)), hn::Sub(hn::Set(d, 1.0), tail), tail);
}

}  // namespace lode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
