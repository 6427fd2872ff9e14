// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/philox.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "sampling_tools.hpp"

namespace lode {
namespace {

TEST(Philox, known_answers) {  // those published with Random123
  EXPECT_EQ(philox(0, PhiloxBlock{}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(~std::uint64_t{0}, PhiloxBlock{~0u, ~0u, ~0u, ~0u}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, PhiloxBlock{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, packets_are_blocks_on_every_tier) {
  const std::uint64_t seed = 0x299f31d0a4093822;
  const std::uint64_t stream = 0x0370734413198a2e;
  on_each_tier([&] {
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{0x3fffffff}}) {
      for (const std::size_t packets : {1u, 2u, 5u}) {
        std::vector<std::uint64_t> words(8 * packets + 1, 42);
        philox_words(seed, stream, first, packets, words.data());
        for (std::size_t i = 0; i < 8 * packets; ++i) {
          const PhiloxBlock block = philox(seed, 4 * (first + i / 8) + i % 4, stream);
          const std::size_t half = i % 8 < 4 ? 0 : 2;
          ASSERT_EQ(words[i], block[half] + (std::uint64_t{block[half + 1]} << 32)) << i;
        }
        EXPECT_EQ(words.back(), 42u);
      }
    }
  });
}

TEST(Philox, uniforms_are_the_upper_52_bits_and_a_half) {
  std::vector<std::uint64_t> words(8 * 501);
  std::vector<double> uniforms(words.size());
  on_each_tier([&] {
    philox_words(3, 4, 11, 501, words.data());
    philox_uniforms(3, 4, 11, 501, uniforms.data());
    for (std::size_t i = 0; i < words.size(); ++i)
      ASSERT_EQ(uniforms[i], (static_cast<double>(words[i] >> 12) + 0.5) * 0x1p-52);
  });
}

// False-alarm rate 1e-6 for each of the three numbers.
TEST(Philox, streams_and_seeds_nearby_are_uniform_and_independent) {
  constexpr std::size_t packets = 5000;
  std::vector<double> a(8 * packets);
  std::vector<double> b(8 * packets);
  philox_uniforms(1, 1, 0, packets, a.data());
  EXPECT_LT(uniform_distance(a), kolmogorov_limit);
  const double root = std::sqrt(static_cast<double>(a.size()));
  philox_uniforms(1, 2, 0, packets, b.data());
  EXPECT_LT(std::abs(correlation_of(a, b)) * root, normal_limit);
  philox_uniforms(2, 1, 0, packets, b.data());
  EXPECT_LT(std::abs(correlation_of(a, b)) * root, normal_limit);

  // The checks see a generator that is 3 % off, and one shifted by a packet's overlap.
  for (double& u : b) u = std::pow(u, 1.05);
  EXPECT_GT(uniform_distance(b), kolmogorov_limit);
  for (std::size_t i = 0; i < a.size(); ++i) b[i] = 0.97 * b[i] + 0.03 * a[i];
  EXPECT_GT(std::abs(correlation_of(a, b)) * root, normal_limit);
}

}  // namespace
}  // namespace lode
