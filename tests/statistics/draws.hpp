// SPDX-License-Identifier: Apache-2.0
//
// Draws for tests, and runs of one or a few cells over them.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lode/statistics/cell_statistics.hpp"

namespace lode::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  double uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }

 private:
  std::uint64_t state_;
};

/// values[cell][draw]
using Draws = std::vector<std::vector<double>>;

inline std::shared_ptr<const CellLayouts> layouts_of(const Draws& values, std::size_t pilot_size,
                                                     const StatisticsOptions& options = {}) {
  Pilot pilot(values.size(), pilot_size);
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    pilot.add_block(cell, 1, 0, values[cell].data(), pilot_size, pilot_size);
  }
  auto layouts = std::make_shared<CellLayouts>(values.size(), options);
  layouts->fit(pilot, 0, values.size());
  return layouts;
}

/// Counts one chunk of the draws in blocks of the given size.
inline void count_chunk(CellChunk& chunk, const Draws& values, std::uint64_t number,
                        std::size_t block = 128) {
  const std::size_t first = number * chunk_draws;
  const std::size_t draws = std::min(chunk_draws, values[0].size() - first);
  chunk.start(number, draws);
  std::vector<double> rows;
  for (std::size_t done = 0; done < draws; done += block) {
    const std::size_t now = std::min(block, draws - done);
    rows.assign(values.size() * block, 0);
    for (std::size_t cell = 0; cell < values.size(); ++cell) {
      for (std::size_t i = 0; i < now; ++i) rows[cell * block + i] = values[cell][first + done + i];
    }
    chunk.add_block(0, values.size(), rows.data(), block, now);
  }
}

inline CellStatistics run(const Draws& values, std::size_t pilot_size = 1024,
                          const StatisticsOptions& options = {}) {
  const auto layouts = layouts_of(values, pilot_size, options);
  CellStatistics statistics(layouts);
  CellChunk chunk(layouts);
  for (std::uint64_t number = 0; number < chunks_of(values[0].size()); ++number) {
    count_chunk(chunk, values, number);
    statistics.add(chunk);
  }
  return statistics;
}

inline std::vector<double> draw(std::size_t n, std::uint64_t seed,
                                const std::function<double(Random&)>& value) {
  Random random(seed);
  std::vector<double> values(n);
  for (double& x : values) x = value(random);
  return values;
}

}  // namespace lode::test
