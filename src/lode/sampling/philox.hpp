// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10, a counter-based generator: 128 random bits as a pure function of a 64-bit key and a 128-bit
// counter, so that numbers do not depend on threads, blocks or order. Ten rounds of
//   (c0, c1, c2, c3) ← (high(M1 c2) ⊕ c1 ⊕ k0, low(M1 c2), high(M0 c0) ⊕ c3 ⊕ k1, low(M0 c0))
// with M0 = 0xD2511F53, M1 = 0xCD9E8D57; after each round (k0, k1) grows by (0x9E3779B9, 0xBB67AE85).
// Source: Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.
//
// A stream is a sequence of 64-bit words, one for each draw: draw d = 8 p + l belongs to packet p, lane l.
// Its word is half of the block with the counter (low 64 bits: 4 p + l mod 4; high 64 bits: the stream);
// lanes 0–3 take c0 + 2³² c1, lanes 4–7 take c2 + 2³² c3. All bits are the same on every instruction tier.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace lode {

using PhiloxBlock = std::array<std::uint32_t, 4>;

PhiloxBlock philox(std::uint64_t key, const PhiloxBlock& counter);
/// The block with the counter (low, high).
PhiloxBlock philox(std::uint64_t key, std::uint64_t low, std::uint64_t high);

/// Words of packets first … first + packets − 1: 8 × packets values.
void philox_words(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet, std::size_t packets,
                  std::uint64_t* out);
/// The same as uniform numbers (w + ½) / 2⁵² of the words' upper 52 bits w: in the open interval, symmetric
/// about ½, from 2⁻⁵³ to 1 − 2⁻⁵³, exact.
void philox_uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t first_packet,
                     std::size_t packets, double* out);

}  // namespace lode
