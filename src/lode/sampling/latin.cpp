// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/latin.hpp"

#include <bit>

#include "lode/sampling/philox.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

// Counters of permutations lie where no draw's do.
constexpr std::uint64_t permutation_counter = std::uint64_t{1} << 62;

}  // namespace

Permutation::Permutation(std::uint64_t seed, std::uint64_t key, std::uint32_t count) : size(count) {
  LODE_EXPECT(count > 0);
  const auto bits = static_cast<std::uint32_t>(std::bit_width(count - 1));
  mask = bits == 0 ? 0 : ~std::uint32_t{0} >> (32 - bits);
  shift = bits < 2 ? 1 : (bits + 1) / 2;
  for (std::size_t round = 0; round < rounds; ++round) {
    const PhiloxBlock block = philox(seed, permutation_counter + round, key);
    multiply[round] = block[0] | 1;
    add[round] = block[1];
  }
}

std::uint32_t Permutation::operator()(std::uint32_t x) const {
  LODE_EXPECT(x < size);
  do {
    for (std::size_t round = 0; round < rounds; ++round) {
      x = (x * multiply[round] + add[round]) & mask;
      x ^= x >> shift;
    }
  } while (x >= size);
  return x;
}

}  // namespace lode
