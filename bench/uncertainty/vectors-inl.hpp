// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on draws, compiled once per instruction set. A pair is two vectors of draws side by side, the
// unit that every kernel computes in.
#if defined(LODE_BENCH_VECTORS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LODE_BENCH_VECTORS_INL
#undef LODE_BENCH_VECTORS_INL
#else
#define LODE_BENCH_VECTORS_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "lode/sampling/design.hpp"
#include "uncertainty/kernel.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using BitsTag = hn::ScalableTag<std::uint64_t>;
using Vector = hn::Vec<Tag>;
using Bits = hn::Vec<BitsTag>;
constexpr std::size_t lanes = hn::MaxLanes(Tag());
constexpr std::size_t pair_size = 2 * lanes;
static_assert(draw_step % pair_size == 0);

/// Vectors computed side by side, step by step: a processor looks some hundred instructions ahead, and one
/// polynomial after another would leave it waiting for the last step's result.
template <std::size_t k>
struct Vectors {
  Vector v[k];
};
using Pair = Vectors<2>;

template <std::size_t k, typename Function>
HWY_INLINE Vectors<k> each(Function function) {
  Vectors<k> y;
#pragma GCC unroll 8
  for (std::size_t j = 0; j < k; ++j) y.v[j] = function(j);
  return y;
}

HWY_INLINE Vector same(double x) {
  return hn::Set(Tag(), x);
}
HWY_INLINE Pair both(double x) {
  return {same(x), same(x)};
}
HWY_INLINE Pair load(const double* at) {
  return {hn::Load(Tag(), at), hn::Load(Tag(), at + lanes)};
}
template <std::size_t k>
HWY_INLINE void store(const Vectors<k>& x, double* at) {
#pragma GCC unroll 8
  for (std::size_t j = 0; j < k; ++j) hn::Store(x.v[j], Tag(), at + j * lanes);
}
template <std::size_t k>
HWY_INLINE Vectors<k> operator+(const Vectors<k>& x, const Vectors<k>& y) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::Add(x.v[j], y.v[j]); });
}
template <std::size_t k>
HWY_INLINE Vectors<k> operator-(const Vectors<k>& x, const Vectors<k>& y) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::Sub(x.v[j], y.v[j]); });
}
template <std::size_t k>
HWY_INLINE Vectors<k> operator*(const Vectors<k>& x, const Vectors<k>& y) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::Mul(x.v[j], y.v[j]); });
}
template <std::size_t k>
HWY_INLINE Vectors<k> operator/(const Vectors<k>& x, const Vectors<k>& y) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::Div(x.v[j], y.v[j]); });
}
/// x y + z
template <std::size_t k>
HWY_INLINE Vectors<k> mul_add(const Vectors<k>& x, const Vectors<k>& y, const Vectors<k>& z) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::MulAdd(x.v[j], y.v[j], z.v[j]); });
}
template <std::size_t k>
HWY_INLINE Vectors<k> mul_add(const Vectors<k>& x, const Vectors<k>& y, double z) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::MulAdd(x.v[j], y.v[j], same(z)); });
}
/// z - x y
template <std::size_t k>
HWY_INLINE Vectors<k> mul_sub_from(const Vectors<k>& x, const Vectors<k>& y, const Vectors<k>& z) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::NegMulAdd(x.v[j], y.v[j], z.v[j]); });
}
template <std::size_t k>
HWY_INLINE Vectors<k> log(const Vectors<k>& x) {
  return each<k>([&](std::size_t j) HWY_ATTR { return hn::Log(Tag(), x.v[j]); });
}

/// Σ c[i] x^i, even and odd powers apart.
template <std::size_t n, std::size_t k>
HWY_INLINE Vectors<k> polynomial(const double (&c)[n], const Vectors<k>& x) {
  constexpr std::size_t evens = (n + 1) / 2;
  constexpr std::size_t odds = n / 2;
  const Vectors<k> square = x * x;
  Vectors<k> even = each<k>([&](std::size_t) HWY_ATTR { return same(c[2 * evens - 2]); });
  Vectors<k> odd = each<k>([&](std::size_t) HWY_ATTR { return same(c[2 * odds - 1]); });
#pragma GCC unroll 16
  for (std::size_t i = 1; i < evens; ++i) {
    even = mul_add(even, square, c[2 * (evens - 1 - i)]);
    if (i < odds) odd = mul_add(odd, square, c[2 * (odds - 1 - i) + 1]);
  }
  return mul_add(odd, x, even);
}

/// 2^n and e^r - 1 with x = n ln 2 + r, |r| ≤ ½ ln 2; x ≥ -700. The polynomial interpolates (e^r - 1)/r at
/// Chebyshev nodes, its error is 2e-17.
template <std::size_t k>
struct Exponential {
  Vectors<k> power;
  Vectors<k> rest;
};
template <std::size_t k>
HWY_INLINE Exponential<k> split_exponential(const Vectors<k>& x) {
  static constexpr double coefficients[] = {1.0,
                                            0.5000000000000006,
                                            0.1666666666666667,
                                            0.041666666666573066,
                                            0.008333333333326136,
                                            0.001388888893251478,
                                            0.00019841269874820627,
                                            2.480150431378554e-05,
                                            2.7557255400206422e-06,
                                            2.7626371065696354e-07,
                                            2.5105217004720745e-08};
  const Tag d;
  const BitsTag bits;
  const Vector magic = same(6755399441055744.0);  // 1.5 2^52: the sum's low bits are n
  const Vectors<k> limited = each<k>([&](std::size_t j) HWY_ATTR { return hn::Max(x.v[j], same(-700.0)); });
  const Vectors<k> shifted = each<k>(
      [&](std::size_t j) HWY_ATTR { return hn::MulAdd(limited.v[j], same(1.4426950408889634), magic); });
  const Vectors<k> r = each<k>([&](std::size_t j) HWY_ATTR {
    const Vector n = hn::Sub(shifted.v[j], magic);
    const Vector high = hn::NegMulAdd(n, same(0.6931471803691238), limited.v[j]);
    return hn::NegMulAdd(n, same(1.9082149292705877e-10), high);
  });
  const Vectors<k> power = each<k>([&](std::size_t j) HWY_ATTR {
    const Bits exponent = hn::ShiftLeft<52>(hn::BitCast(bits, shifted.v[j]));
    return hn::BitCast(d, hn::Add(exponent, hn::BitCast(bits, same(1.0))));
  });
  return {power, r * polynomial(coefficients, r)};
}
template <std::size_t k>
HWY_INLINE Vectors<k> exp(const Vectors<k>& x) {
  const Exponential<k> e = split_exponential(x);
  return mul_add(e.power, e.rest, e.power);
}
/// 1 - e^x, precise for small x too.
template <std::size_t k>
HWY_INLINE Vectors<k> one_minus_exp(const Vectors<k>& x) {
  const Exponential<k> e = split_exponential(x);
  const Vectors<k> rest = each<k>([&](std::size_t j) HWY_ATTR { return hn::Sub(same(1.0), e.power.v[j]); });
  return mul_sub_from(e.power, e.rest, rest);
}

/// The inverse normal at (i + ½)/2^32 for i in the low halves: z = x f(w), x = 2u - 1, w = -ln(1 - x²), f by
/// polynomials in w up to 6 and in √w beyond, as of Giles (2012), Approximating the erfinv function. The
/// error is below 1e-9, that of the steps of u; 1e-7 beyond ±3.2.
template <std::size_t k>
HWY_INLINE Vectors<k> inverse_normal(const Bits (&i)[k]) {
  static constexpr double logarithm[] = {1.000000000048012,    -0.5000000030845538,  0.3333333084628052,
                                         -0.24999936585814816, 0.2000016963794254,   -0.16670383652377296,
                                         0.14283798395270253,  -0.12410885665961421, 0.11042736039719009,
                                         -0.10898112577877182, 0.10636542375579953,  -0.058456713350896375};
  static constexpr double middle[] = {2.2960351246249897,     0.34171699140971984,    -0.008114948939642931,
                                      -0.0011825294207981278, 0.00027585925834741604, -1.799301077608816e-05,
                                      -2.472823542312124e-06, 6.400646645744895e-07,  -3.321601881968258e-08,
                                      -8.469939103026647e-09, 1.5220574446620253e-09, 3.191340547241476e-11,
                                      -2.1008013721365756e-11};
  static constexpr double tails[] = {4.717089057420538,      1.424634386936173,       0.004637397262151911,
                                     -0.0029157269011891316, 0.001525543075036653,    -0.000961739937816589,
                                     0.0006570303993589391,  -0.00033451748558723524, 6.740845900603564e-05,
                                     1.9750958630268745e-05, -8.775435219629761e-06};
  const Tag d;
  const BitsTag bits;
  const Bits exponent_of_52 = hn::BitCast(bits, same(4503599627370496.0));
  const Bits root_half = hn::BitCast(bits, same(0.7071067811865476));
  const Bits to_one = hn::Sub(hn::BitCast(bits, same(1.0)), root_half);
  const Vectors<k> x = each<k>([&](std::size_t j) HWY_ATTR {
    // 2^52 + i less 2^52 - ½
    const Vector i_half = hn::Sub(hn::BitCast(d, hn::Or(i[j], exponent_of_52)), same(4503599627370495.5));
    return hn::MulAdd(i_half, same(4.656612873077393e-10), same(-1.0));
  });
  // 1 - x² = 2^e m with m from √½ to √2
  const Vectors<k> moved = each<k>([&](std::size_t j) HWY_ATTR {
    const Vector v = hn::NegMulAdd(x.v[j], x.v[j], same(1.0));
    return hn::BitCast(d, hn::Add(hn::BitCast(bits, v), to_one));
  });
  const Vectors<k> e = each<k>([&](std::size_t j) HWY_ATTR {
    const Bits biased = hn::ShiftRight<52>(hn::BitCast(bits, moved.v[j]));
    return hn::Sub(hn::BitCast(d, hn::Or(biased, exponent_of_52)), same(4503599627370496.0 + 1023));
  });
  const Vectors<k> t = each<k>([&](std::size_t j) HWY_ATTR {
    const Bits mantissa = hn::And(hn::BitCast(bits, moved.v[j]), hn::Set(bits, 0x000FFFFFFFFFFFFFULL));
    return hn::Sub(hn::BitCast(d, hn::Add(mantissa, root_half)), same(1.0));
  });
  const Vectors<k> ln_m = t * polynomial(logarithm, t);
  const Vectors<k> minus_w = each<k>(
      [&](std::size_t j) HWY_ATTR { return hn::MulAdd(e.v[j], same(0.6931471805599453), ln_m.v[j]); });
  Vectors<k> z = x * polynomial(middle, each<k>([&](std::size_t j)
                                                    HWY_ATTR { return hn::Sub(same(-3.0), minus_w.v[j]); }));
  Vector smallest = minus_w.v[0];
  for (std::size_t j = 1; j < k; ++j) smallest = hn::Min(smallest, minus_w.v[j]);
  if (HWY_UNLIKELY(!hn::AllFalse(d, hn::Lt(smallest, same(-6.0))))) {
    for (std::size_t j = 0; j < k; ++j) {
      const Vectors<1> from_middle = {
          hn::Sub(hn::Sqrt(hn::Max(hn::Neg(minus_w.v[j]), same(0.0))), same(3.5))};
      const Vector far = hn::Mul(x.v[j], polynomial(tails, from_middle).v[0]);
      z.v[j] = hn::IfThenElse(hn::Lt(minus_w.v[j], same(-6.0)), far, z.v[j]);
    }
  }
  return z;
}

/// Philox 4x32 of Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3, with the seed as key and
/// (draw, block of four inputs) as counter; 7 rounds, the fewest that pass their tests.
class Scores {
 public:
  Scores(std::uint64_t seed, std::uint64_t first) : seed_(seed) {
    draw_.a = hn::Iota(BitsTag(), first);
    draw_.b = hn::Iota(BitsTag(), first + lanes);
  }

  /// Normal scores of inputs 4 block … 4 block + 3, a pair each.
  HWY_INLINE void four(std::uint64_t block, double* out) const {
    Bits a[4];
    Bits b[4];
    philox(draw_.a, block, a);
    philox(draw_.b, block, b);
    for (std::size_t i = 0; i < 4; i += 2) {
      const Bits both_of_two[] = {a[i], b[i], a[i + 1], b[i + 1]};
      store(inverse_normal(both_of_two), out + i * pair_size);
    }
  }

 private:
  struct {
    Bits a, b;
  } draw_;
  std::uint64_t seed_;

  HWY_INLINE void philox(Bits draw, std::uint64_t block, Bits (&out)[4]) const {
    const BitsTag d;
    const Bits m0 = hn::Set(d, 0xD2511F53U);
    const Bits m1 = hn::Set(d, 0xCD9E8D57U);
    std::uint32_t key0 = static_cast<std::uint32_t>(seed_);
    std::uint32_t key1 = static_cast<std::uint32_t>(seed_ >> 32);
    Bits c0 = draw;
    Bits c1 = hn::ShiftRight<32>(draw);
    Bits c2 = hn::Set(d, block);
    Bits c3 = hn::Zero(d);
    // Only low halves count; high halves hold rests of products until the end.
    for (int round = 0; round < 7; ++round) {
      const Bits p0 = multiply(c0, m0);
      const Bits p1 = multiply(c2, m1);
      c0 = hn::Xor3(hn::ShiftRight<32>(p1), c1, hn::Set(d, std::uint64_t{key0}));
      c2 = hn::Xor3(hn::ShiftRight<32>(p0), c3, hn::Set(d, std::uint64_t{key1}));
      c1 = p1;
      c3 = p0;
      key0 += 0x9E3779B9U;
      key1 += 0xBB67AE85U;
    }
    const Bits low = hn::Set(d, 0xFFFFFFFFULL);
    out[0] = hn::And(c0, low);
    out[1] = hn::And(c1, low);
    out[2] = hn::And(c2, low);
    out[3] = hn::And(c3, low);
  }
  static HWY_INLINE Bits multiply(Bits x, Bits y) {
#if HWY_TARGET == HWY_SCALAR
    return hn::Mul(hn::And(x, hn::Set(BitsTag(), 0xFFFFFFFFULL)), y);
#else
    const hn::Repartition<std::uint32_t, BitsTag> half;
    return hn::MulEven(hn::BitCast(half, x), hn::BitCast(half, y));
#endif
  }
};

/// The scores of some inputs and a block of draws: all at once from a design, or made pair by pair.
class ScoreRows {
 public:
  /// `memory` has columns × stride places.
  ScoreRows(const Draws& draws, std::size_t first_column, std::size_t columns, std::size_t stride,
            double* memory)
      : draws_(draws),
        first_block_(first_column / 4),
        blocks_((columns + 3) / 4),
        stride_(stride),
        memory_(memory) {
    if (draws.design == nullptr) return;
    draws.design->normals({draws.first / packet_size, draws.count / packet_size, first_column, columns},
                          memory, stride);
  }

  /// The first score of the pair of draws at `draw` of the block; `own` has room for all of them.
  HWY_INLINE const double* pair(std::size_t draw, double* own) const {
    if (draws_.design != nullptr) return memory_ + draw;
    const Scores scores(draws_.seed, draws_.first + draw);
    for (std::size_t i = 0; i < blocks_; ++i) scores.four(first_block_ + i, own + 4 * i * pair_size);
    return own;
  }
  /// From one score to the next.
  std::size_t stride() const { return draws_.design != nullptr ? stride_ : pair_size; }

 private:
  const Draws& draws_;
  std::size_t first_block_;
  std::size_t blocks_;
  std::size_t stride_;
  double* memory_;
};

/// Adds `draws` values of each of `cells` cells, the first of them `cell`, `stride` apart.
inline void summarise(const double* values, std::size_t stride, std::size_t cell, std::size_t cells,
                      std::size_t draws, Summary& summary) {
  HWY_ALIGN std::uint64_t bin[largest_block];
  const Tag d;
  // A number plus 2^52 has its nearest integer in the low bits.
  const Vector lowest = same(4503599627370496.0);
  const Vector highest = same(4503599627370496.0 + Summary::bins - 1);
  for (std::size_t c = cell; c < cell + cells; ++c, values += stride) {
    if (c + 1 < summary.cells && !summary.counts.empty()) {
      const std::uint16_t* next = summary.recent.data() + (c + 1) * Summary::bins;
      for (std::size_t i = 0; i < Summary::bins; i += 32) __builtin_prefetch(next + i, 1);
    }
    const Vector scale = same(summary.scale[c]);
    const Vector offset = same(summary.offset[c]);
    Vector sum_a = hn::Zero(d);
    Vector sum_b = hn::Zero(d);
    Vector squares_a = hn::Zero(d);
    Vector squares_b = hn::Zero(d);
    if (summary.counts.empty()) {
      for (std::size_t i = 0; i < draws; i += lanes) {
        const Vector y = hn::MulAdd(hn::Load(d, values + i), scale, offset);
        sum_a = hn::Add(sum_a, y);
        squares_a = hn::MulAdd(y, y, squares_a);
      }
    } else {
      const Vector offset_bin = same(summary.offset[c] - 0.5);
      for (std::size_t i = 0; i < draws; i += pair_size) {
        const Pair x = load(values + i);
        const Pair y = {hn::MulAdd(x.v[0], scale, offset), hn::MulAdd(x.v[1], scale, offset)};
        sum_a = hn::Add(sum_a, y.v[0]);
        sum_b = hn::Add(sum_b, y.v[1]);
        squares_a = hn::MulAdd(y.v[0], y.v[0], squares_a);
        squares_b = hn::MulAdd(y.v[1], y.v[1], squares_b);
        const Vector at_a = hn::Add(hn::MulAdd(x.v[0], scale, offset_bin), lowest);
        const Vector at_b = hn::Add(hn::MulAdd(x.v[1], scale, offset_bin), lowest);
        const BitsTag bits;
        hn::Store(hn::BitCast(bits, hn::Min(hn::Max(at_a, lowest), highest)), bits, bin + i);
        hn::Store(hn::BitCast(bits, hn::Min(hn::Max(at_b, lowest), highest)), bits, bin + i + lanes);
      }
      std::uint16_t* counts = summary.recent.data() + c * Summary::bins;
      for (std::size_t i = 0; i < draws; i += 8) {
        for (std::size_t k = 0; k < 8; ++k) ++counts[static_cast<std::uint32_t>(bin[i + k])];
      }
    }
    summary.sum[c] += hn::GetLane(hn::SumOfLanes(d, hn::Add(sum_a, sum_b)));
    summary.squares[c] += hn::GetLane(hn::SumOfLanes(d, hn::Add(squares_a, squares_b)));
  }
}

}  // namespace lode::handwritten::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
