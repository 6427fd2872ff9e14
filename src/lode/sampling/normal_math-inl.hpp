// SPDX-License-Identifier: Apache-2.0
//
// Φ and its inverse on vectors of doubles, compiled once for each instruction tier (include it as Highway
// wants its -inl files included, after foreach_target.h). The coefficients are our own minimax fits, made
// with 60 digits; the bound behind each is the fit's own relative error, to which rounding adds.
//
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

#include "lode/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = Wide;
using Words = hn::RebindToUnsigned<Doubles>;
using Vector = WideVector;

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
  const Vector s = hn::Sqrt(hn::Neg(log_normal_positive(hn::Max(t, hn::Set(d, 0x1p-64)))));
  const Vector x = hn::Sub(s, hn::Set(d, 1.73046875));
  return hn::Div(polynomial(x, above), polynomial(x, below));
}

/// Φ(−a) for a ≥ 0; beyond 37.5 as there. Draws need no more; the survival of lifetimes, which must end at
/// zero, has `normal_upper_of_size` of the kernels, which pays for that with a second division.
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
  const ExpParts parts = exp_parts(large);
  const Vector power = power_of_two(parts.n);
  // exp(small) = 1 + small + small²/2 + small³/6, |small| < 2e-5
  const Vector bend = hn::MulAdd(small, hn::Set(d, 1.0 / 6), hn::Set(d, 0.5));
  const Vector factor = hn::MulAdd(hn::Mul(small, small), bend, small);
  const Vector e = hn::MulAdd(power, parts.p, power);
  return hn::Div(hn::Mul(hn::MulAdd(e, factor, e), polynomial(a, above)), polynomial(a, below));
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
  const hn::Rebind<std::int32_t, Doubles> integers;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN std::int32_t where[512 + 16];
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
      // In a register: on some processors a store that compresses takes a hundred cycles.
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, tail, bits);
      const auto index = hn::Add(hn::Iota(integers, 0), hn::Set(integers, static_cast<std::int32_t>(first)));
      hn::StoreU(hn::CompressBits(index, bits), integers, where + tails);
      tails += hn::CountTrue(d, tail);
    } else {  // without an instruction for it, compressing costs more than a loop without branches
      std::uint64_t bits = mask_bits(tail);
      for (std::size_t k = 0; k < lanes; ++k, bits >>= 1) {
        where[tails] = static_cast<std::int32_t>(first + k);
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
