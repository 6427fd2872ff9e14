// SPDX-License-Identifier: Apache-2.0
//
// The grain of sums over draws. Draw d belongs to lane d mod 8 and to chunk d div 8,192. One thread computes
// a chunk in the order of its draws; chunks are merged by a tree over their numbers (sum_tree.hpp). What is
// summed so has the same bits whoever computed which chunk, in whatever order and blocks.
#pragma once
#include <cstddef>
#include <cstdint>

namespace lode {

inline constexpr std::size_t draw_lanes = 8;
inline constexpr std::size_t chunk_draws = 8192;

inline std::uint64_t chunks_of(std::uint64_t draws) {
  return (draws + chunk_draws - 1) / chunk_draws;
}

}  // namespace lode
