// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/philox.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/sampling/philox.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using Words = hn::CappedTag<std::uint64_t, 8>;
using Doubles = hn::RebindToFloat<Words>;
using Word = hn::Vec<Words>;

// The 64-bit product of each lane's lower half and a number.
HWY_INLINE Word product(Word a, std::uint32_t multiplier) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(Words(), (hn::GetLane(a) & 0xFFFFFFFFu) * multiplier);
#else
  const hn::Repartition<std::uint32_t, Words> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::Set(halves, multiplier));
#endif
}

struct Pair {
  Word lower;  // c0 + 2³² c1
  Word upper;  // c2 + 2³² c3
};

// One block in each lane. The lower halves of lanes hold the counters; the upper ones what is left over.
HWY_INLINE Pair blocks(std::uint64_t key, Word low, std::uint64_t stream) {
  const Words w;
  Word c0 = low;
  Word c1 = hn::ShiftRight<32>(low);
  Word c2 = hn::Set(w, stream & 0xFFFFFFFFu);
  Word c3 = hn::Set(w, stream >> 32);
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const Word p0 = product(c0, 0xD2511F53u);
    const Word p1 = product(c2, 0xCD9E8D57u);
    c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(w, std::uint64_t{k0}));
    c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(w, std::uint64_t{k1}));
    c1 = p1;
    c3 = p0;
  }
  const Word lower_half = hn::Set(w, std::uint64_t{0xFFFFFFFFu});
  return {hn::Or(hn::And(c0, lower_half), hn::ShiftLeft<32>(c1)),
          hn::Or(hn::And(c2, lower_half), hn::ShiftLeft<32>(c3))};
}

struct AsWords {
  HWY_INLINE Word operator()(Word bits) const { return bits; }
};

struct AsUniforms {
  HWY_INLINE hn::Vec<Doubles> operator()(Word bits) const {
    const Words w;
    const Doubles d;
    // 52 bits after the point of a number from 1 to 2; the difference is exact.
    const Word number = hn::Or(hn::ShiftRight<12>(bits), hn::Set(w, std::uint64_t{0x3FF0000000000000}));
    return hn::Sub(hn::BitCast(d, number), hn::Set(d, 1 - 0x1p-53));
  }
};

template <class Finish, class T>
HWY_INLINE void fill(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet,
                     std::size_t packets, T* out, const Finish& finish) {
  const hn::CappedTag<T, 8> d;
  const Words w;
  const std::size_t lanes = hn::Lanes(w);
  const std::uint64_t first = 4 * first_packet;
#if HWY_TARGET != HWY_SCALAR
  if (lanes == 8) {  // two packets at a time
    for (std::size_t p = 0; p < packets; p += 2, out += 16) {
      const Pair pair = blocks(seed, hn::Add(hn::Iota(w, 0), hn::Set(w, first + 4 * p)), stream);
      const auto lower = finish(pair.lower);
      const auto upper = finish(pair.upper);
      hn::StoreU(hn::ConcatLowerLower(d, upper, lower), d, out);
      if (p + 1 < packets) hn::StoreU(hn::ConcatUpperUpper(d, upper, lower), d, out + 8);
    }
    return;
  }
#endif
  for (std::size_t p = 0; p < packets; ++p, out += 8) {
    for (std::size_t i = 0; i < 4; i += lanes) {
      const Pair pair = blocks(seed, hn::Add(hn::Iota(w, 0), hn::Set(w, first + 4 * p + i)), stream);
      hn::StoreU(finish(pair.lower), d, out + i);
      hn::StoreU(finish(pair.upper), d, out + i + 4);
    }
  }
}

}  // namespace

void words_on_tier(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet, std::size_t packets,
                   std::uint64_t* out) {
  fill(seed, stream, first_packet, packets, out, AsWords());
}

void uniforms_on_tier(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet,
                      std::size_t packets, double* out) {
  fill(seed, stream, first_packet, packets, out, AsUniforms());
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(words_on_tier);
HWY_EXPORT(uniforms_on_tier);

PhiloxBlock philox(std::uint64_t key, const PhiloxBlock& counter) {
  PhiloxBlock c = counter;
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
  }
  return c;
}

PhiloxBlock philox(std::uint64_t key, std::uint64_t low, std::uint64_t high) {
  return philox(key, {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32),
                      static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)});
}

void philox_words(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet, std::size_t packets,
                  std::uint64_t* out) {
  HWY_DYNAMIC_DISPATCH(words_on_tier)(seed, stream, first_packet, packets, out);
}

void philox_uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet,
                     std::size_t packets, double* out) {
  HWY_DYNAMIC_DISPATCH(uniforms_on_tier)(seed, stream, first_packet, packets, out);
}

}  // namespace lode
#endif
