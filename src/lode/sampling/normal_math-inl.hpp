// SPDX-License-Identifier: Apache-2.0
//
// exp, −ln, Φ and its inverse on vectors of doubles, compiled once for each instruction tier (include it as
// Highway wants its -inl files included, after foreach_target.h). All coefficients are our own minimax fits,
// made with 60 digits; the bound behind each is the fit's own relative error, to which rounding adds.
//
//   exp x      2^n (1 + r + r² g(r)), n the integer nearest x / ln 2, |r| ≤ ln 2 / 2; g of degree 9, 1.3e-17
//   −ln p      −(e ln 2 + 2 s + s³ h(s²)), p = 2^e m, √½ ≤ m < √2, s = (m − 1)/(m + 1); h of degree 7, 3e-18
//   Φ⁻¹        with q = p − ½: for |q| ≤ 0.45 q R(0.2025 − q²), R of degrees 9/8, 5e-18;
//              else ± R(s − 1.73046875), s = √(−ln t), t = min(p, 1 − p) ≥ 2⁻⁶⁴, R of degrees 8/7, 9e-18
//   Φ(−a)      exp(−a²/2) R(a), 0 ≤ a ≤ 37.5, R of degrees 10/11, 1.2e-18; a² is split so that it is exact
//
// The variables are chosen such that (nearly) all coefficients are positive: nothing cancels.

#if defined(LODE_SAMPLING_NORMAL_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LODE_SAMPLING_NORMAL_MATH_INL
#undef LODE_SAMPLING_NORMAL_MATH_INL
#else
#define LODE_SAMPLING_NORMAL_MATH_INL
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Words = hn::RebindToUnsigned<Doubles>;
using Vector = hn::Vec<Doubles>;

/// c[0] + c[1] x + … by Horner's rule.
template <std::size_t n>
HWY_INLINE Vector polynomial(Vector x, const double (&c)[n]) {
  const Doubles d;
  Vector sum = hn::Set(d, c[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) sum = hn::MulAdd(sum, x, hn::Set(d, c[i]));
  return sum;
}

/// exp(x + small), −708 ≤ x ≤ 709, |small| below 1e-5.
HWY_INLINE Vector exp_of_sum(Vector x, Vector small) {
  static constexpr double g[] = {0.5000000000000001,     0.16666666666666644,   0.041666666666624254,
                                 0.008333333333356209,   0.0013888888917160792, 0.00019841269784670452,
                                 2.4801521366452146e-05, 2.755735547747803e-06, 2.7620059101008136e-07,
                                 2.506818680051837e-08};
  const Doubles d;
  const Words w;
  // Adding 1.5 × 2⁵² leaves the integer in the low bits.
  const Vector magic = hn::Set(d, 6755399441055744.0);
  const Vector shifted = hn::MulAdd(x, hn::Set(d, 1.4426950408889634), magic);
  const Vector n = hn::Sub(shifted, magic);
  // ln 2 in two parts, the first short enough for an exact product.
  Vector r = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42fee00000p-1), x);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.a39ef35793c76p-33), r);
  r = hn::Add(r, small);
  const Vector e = hn::Add(hn::Set(d, 1.0), hn::MulAdd(hn::Mul(r, r), polynomial(r, g), r));
  return hn::BitCast(d, hn::Add(hn::BitCast(w, e), hn::ShiftLeft<52>(hn::BitCast(w, shifted))));
}

/// exp(x), arguments outside −708 … 709 moved to these ends.
HWY_INLINE Vector exponential(Vector x) {
  const Doubles d;
  x = hn::Min(hn::Max(x, hn::Set(d, -708.0)), hn::Set(d, 709.0));
  return exp_of_sum(x, hn::Zero(d));
}

/// −ln p, for normal numbers p.
HWY_INLINE Vector negative_log(Vector p) {
  static constexpr double h[] = {0.6666666666666666,  0.4000000000000088, 0.28571428570801544,
                                 0.2222222239214429,  0.1818179559747706, 0.1538624187177582,
                                 0.13268718479806443, 0.1308716702103467};
  const Doubles d;
  const Words w;
  const auto bits = hn::BitCast(w, p);
  // The exponent e of p = 2^e m, biased by 1023 so that it is positive; OR-ed into the low bits of 2⁵².
  const auto root_half = hn::Set(w, std::uint64_t{0x3FE6A09E667F3BCD});
  const auto biased =
      hn::ShiftRight<52>(hn::Add(hn::Sub(bits, root_half), hn::Set(w, std::uint64_t{1023} << 52)));
  const Vector e = hn::Sub(hn::BitCast(d, hn::Or(biased, hn::Set(w, std::uint64_t{0x4330000000000000}))),
                           hn::Set(d, 4503599627370496.0 + 1023));
  const Vector m =
      hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<52>(hn::Sub(biased, hn::Set(w, std::uint64_t{1023})))));
  const Vector one = hn::Set(d, 1.0);
  const Vector s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const Vector square = hn::Mul(s, s);
  const Vector odd = hn::MulAdd(hn::Mul(square, s), polynomial(square, h), hn::Add(s, s));
  const Vector low = hn::MulAdd(e, hn::Set(d, 0x1.a39ef35793c76p-33), odd);
  return hn::Neg(hn::MulAdd(e, hn::Set(d, 0x1.62e42fee00000p-1), low));
}

/// Φ⁻¹(½ + q) where `rest` = 0.2025 − q² ≥ 0.
HWY_INLINE Vector central_score(Vector q, Vector rest) {
  static constexpr double above[] = {
      3.655230282114384,  241.9965248074338, 6304.510775524073,  82423.81301107099, 572759.6724262201,
      2070893.4784417986, 3554471.750732698, 2345672.5416825674, 320587.9449900071, -12628.09867046389};
  static constexpr double below[] = {1.0,
                                     70.28611329348364,
                                     1968.679952101089,
                                     28154.17068560848,
                                     219323.11624677276,
                                     922320.3469824856,
                                     1956029.8260991238,
                                     1795131.3004544845,
                                     493434.03837510856};
  return hn::Div(hn::Mul(q, polynomial(rest, above)), polynomial(rest, below));
}

/// −Φ⁻¹(t) for t ≤ 0.05; t below 2⁻⁶⁴ counts as that.
HWY_INLINE Vector tail_score(Vector t) {
  static constexpr double above[] = {1.6442668621834686,   4.902432820198619,     5.738067713909982,
                                     3.488768165386497,    1.2067280247208523,    0.24084911944666398,
                                     0.026431340117718777, 0.0013891539066945258, 2.4586318843016454e-05};
  static constexpr double below[] = {1.0,
                                     1.9608521194415351,
                                     1.5513880207596895,
                                     0.6352249638966503,
                                     0.14284803493522866,
                                     0.01709466528672989,
                                     0.0009522887898560979,
                                     1.7384737581473066e-05};
  const Doubles d;
  const Vector s = hn::Sqrt(negative_log(hn::Max(t, hn::Set(d, 0x1p-64))));
  const Vector x = hn::Sub(s, hn::Set(d, 1.73046875));
  return hn::Div(polynomial(x, above), polynomial(x, below));
}

/// Φ(−a) for a ≥ 0; beyond 37.5 as there.
HWY_INLINE Vector upper_tail(Vector a) {
  static constexpr double above[] = {0.5,
                                     0.829407458470459,
                                     0.6819436877916214,
                                     0.359161016787143,
                                     0.132943869351516,
                                     0.035975670177326495,
                                     0.00719857552402736,
                                     0.0010530664674637577,
                                     0.00010820831015688493,
                                     7.103403959153434e-06,
                                     2.2907927574658276e-07};
  static constexpr double below[] = {1.0,
                                     2.4566994777437836,
                                     2.8240499594074606,
                                     2.009199676517327,
                                     0.9853596884029444,
                                     0.35074827416639154,
                                     0.09278166733356437,
                                     0.018314242513847924,
                                     0.002657451775808379,
                                     0.00027181222637611243,
                                     1.780559321016697e-05,
                                     5.742165897182592e-07};
  const Doubles d;
  const Words w;
  a = hn::Min(a, hn::Set(d, 37.5));
  // The upper 26 bits of a have an exact square: a² = c² + (a − c)(a + c).
  const Vector c = hn::BitCast(d, hn::And(hn::BitCast(w, a), hn::Set(w, ~((std::uint64_t{1} << 27) - 1))));
  const Vector half = hn::Set(d, -0.5);
  const Vector large = hn::Mul(half, hn::Mul(c, c));
  const Vector small = hn::Mul(half, hn::Mul(hn::Sub(a, c), hn::Add(a, c)));
  return hn::Div(hn::Mul(exp_of_sum(large, small), polynomial(a, above)), polynomial(a, below));
}

/// Φ(z) from Φ(−|z|).
HWY_INLINE Vector probability(Vector z) {
  const Doubles d;
  const Vector tail = upper_tail(hn::Abs(z));
  return hn::IfThenElse(hn::Lt(z, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0), tail));
}

/// Calls f(pointer, pointer) for each vector of the n values, the last few copied into a vector of their own.
template <class F>
HWY_INLINE void for_vectors(const double* in, double* out, std::size_t n, const F& f) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) f(in + i, out + i);
  if (i == n) return;
  HWY_ALIGN double rest[8] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
  for (std::size_t k = i; k < n; ++k) rest[k - i] = in[k];
  f(rest, rest);
  for (std::size_t k = i; k < n; ++k) out[k] = rest[k - i];
}

template <class Mask>
HWY_INLINE std::uint64_t mask_bits(Mask mask) {
  std::uint8_t bytes[8] = {};  // at least 8 for StoreMaskBits
  hn::StoreMaskBits(Doubles(), mask, bytes);
  return bytes[0];
}

/// Scores of at most 512 probabilities, in place. The tails, a tenth of them, are gathered and done together.
HWY_INLINE void score_strip(const double* p, double* z, std::size_t n) {
  const Doubles d;
  const hn::RebindToSigned<Doubles> integers;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN std::int64_t where[512 + 16];
  std::size_t tails = 0;
  std::size_t first = 0;
  const auto half = hn::Set(d, 0.5);
  const auto limit = hn::Set(d, 0.2025);
  for_vectors(p, z, n, [&](const double* from, double* to) HWY_ATTR {
    const Vector value = hn::LoadU(d, from);
    const Vector q = hn::Sub(value, half);
    const Vector rest = hn::NegMulAdd(q, q, limit);
    const auto tail = hn::Lt(rest, hn::Zero(d));
    hn::StoreU(hn::IfThenElse(tail, value, central_score(q, rest)), d, to);
    // A last part that is not full is padded with ½, which is no tail.
    if (HWY_TARGET <= HWY_AVX3) {
      const auto index = hn::Add(hn::Iota(integers, 0), hn::Set(integers, static_cast<std::int64_t>(first)));
      tails += hn::CompressStore(index, hn::RebindMask(integers, tail), integers, where + tails);
    } else {  // without an instruction for it, compressing costs more than a loop without branches
      std::uint64_t bits = mask_bits(tail);
      for (std::size_t k = 0; k < lanes; ++k, bits >>= 1) {
        where[tails] = static_cast<std::int64_t>(first + k);
        tails += bits & 1;
      }
    }
    first += lanes;
  });
  if (tails == 0) return;
  for (std::size_t k = 0; k < lanes; ++k) where[tails + k] = where[0];
  const auto one = hn::Set(d, 1.0);
  HWY_ALIGN double part[8];
  for (std::size_t k = 0; k < tails; k += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) part[i] = z[where[k + i]];
    const Vector value = hn::Load(d, part);
    const Vector score = tail_score(hn::Min(value, hn::Sub(one, value)));
    hn::Store(hn::IfThenElse(hn::Lt(value, half), hn::Neg(score), score), d, part);
    for (std::size_t i = 0; i < lanes && k + i < tails; ++i) z[where[k + i]] = part[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#endif
