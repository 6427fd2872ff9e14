// SPDX-License-Identifier: Apache-2.0
//
// A keyed permutation of 0 … n−1 with random access, for Latin hypercubes. On the 2^k ≥ n numbers of k bits,
// six rounds of x ← (m x + a) mod 2^k, x ← x ⊕ ⌊x / 2^⌈k/2⌉⌋, m odd, each round a bijection; numbers that
// land at n or beyond go through again until they do not (cycle walking: Black & Rogaway, CT-RSA 2002). m and
// a come from Philox.
#pragma once
#include <array>
#include <cstdint>

namespace lode {

struct Permutation {
  static constexpr int rounds = 6;
  std::uint32_t size = 1;
  std::uint32_t mask = 0;  ///< 2^k − 1
  std::uint32_t shift = 1;
  std::array<std::uint32_t, rounds> multiply{};
  std::array<std::uint32_t, rounds> add{};

  Permutation(std::uint64_t seed, std::uint64_t key, std::uint32_t count);
  std::uint32_t operator()(std::uint32_t x) const;
};

}  // namespace lode
