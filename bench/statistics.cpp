// SPDX-License-Identifier: Apache-2.0
//
// What counting draws takes, per value: 2,601 cells of several shapes, blocks of 128 draws, one chunk. Each
// benchmark first checks the statistics that it times. Also what a chunk takes to merge, and the memory of a
// run with two threads.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "lode/statistics/cell_statistics.hpp"
#include "lode/statistics/pilot.hpp"

namespace {

constexpr std::size_t cells = 2601;
constexpr std::size_t block = 128;
constexpr std::size_t stride = block + 8;

double uniform(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (static_cast<double>((z ^ (z >> 31)) >> 12) + 0.5) * 0x1p-52;
}

double normal(std::uint64_t& state) {
  return std::sqrt(-2 * std::log(uniform(state))) * std::cos(6.283185307179586 * uniform(state));
}

enum Shape { normal_values, positive_values, clamped, skewed, constant, some_missing };

double value(int shape, std::uint64_t& state) {
  switch (shape) {
    case normal_values:
      return normal(state);
    case positive_values:
      return 100 + 10 * normal(state);
    case clamped:
      return std::max(0.0, normal(state));
    case skewed:
      return std::exp(2 * normal(state));
    case constant:
      return 3;
    default:
      return uniform(state) < 0.01 ? std::nan("") : normal(state);
  }
}

std::vector<double> draw(int shape, std::size_t draws, std::size_t row) {
  std::vector<double> values(cells * row);
  std::uint64_t state = 1;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    for (std::size_t i = 0; i < draws; ++i) values[cell * row + i] = value(shape, state);
  }
  return values;
}

lode::Pilot pilot_of(int shape) {
  constexpr std::size_t draws = 1024;
  const std::vector<double> values = draw(shape, draws, draws);
  lode::Pilot pilot(cells, draws);
  pilot.add_block(0, cells, 0, values.data(), draws, draws);
  return pilot;
}

std::shared_ptr<const lode::CellLayouts> layouts_of(const lode::Pilot& pilot, bool scrambled) {
  auto layouts = std::make_shared<lode::CellLayouts>(cells, lode::StatisticsOptions{.scrambled = scrambled});
  layouts->fit(pilot, 0, cells);
  return layouts;
}

void check(const lode::CellStatistics& statistics, const std::vector<double>& values, std::size_t blocks) {
  for (const std::size_t cell : {std::size_t{0}, cells - 1}) {
    std::vector<double> all(&values[cell * stride], &values[cell * stride] + block);
    const lode::CellSummary exact = lode::exact_summary(all, statistics.layouts().options());
    const lode::CellSummary found = statistics.summary(cell);
    const double scale = exact.maximum - exact.minimum + std::abs(exact.mean);
    const bool same = found.draws == blocks * block && found.not_finite == blocks * exact.not_finite &&
                      found.negative == blocks * exact.negative && found.minimum == exact.minimum &&
                      found.maximum == exact.maximum && std::abs(found.mean - exact.mean) <= 1e-12 * scale;
    if (!same) {
      std::fprintf(stderr, "cell %zu: the statistics are wrong\n", cell);
      std::exit(1);
    }
  }
}

void add_blocks(benchmark::State& timing) {
  const int shape = static_cast<int>(timing.range(0));
  const auto layouts = layouts_of(pilot_of(shape), timing.range(1) != 0);
  // One block again and again, as large as a run's: the histograms of all cells pass by between its visits.
  const std::vector<double> values = draw(shape, block, stride);
  constexpr std::size_t blocks = lode::chunk_draws / block;
  lode::CellChunk chunk(layouts);
  const auto run = [&] {
    chunk.start(0);
    for (std::size_t i = 0; i < blocks; ++i) chunk.add_block(0, cells, values.data(), stride, block);
  };
  run();
  lode::CellStatistics statistics(layouts);
  statistics.add(chunk);
  check(statistics, values, blocks);
  for (auto unused : timing) run();
  // Seconds per 10⁹ values are ns per value.
  timing.counters["1e9 values"] =
      benchmark::Counter(static_cast<double>(cells * lode::chunk_draws) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(add_blocks)
    ->ArgNames({"shape", "scrambled"})
    ->ArgsProduct({{normal_values, positive_values, clamped, skewed, constant, some_missing}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

void merge_chunks(benchmark::State& timing) {
  const auto layouts = layouts_of(pilot_of(normal_values), true);
  lode::CellChunk chunk(layouts);
  auto statistics = std::make_unique<lode::CellStatistics>(layouts);
  std::uint64_t next = 0;
  for (auto unused : timing) {
    chunk.start(next++, 0);
    statistics->add(chunk);
  }
  timing.counters["MB of a run"] =
      static_cast<double>(2 * chunk.bytes() + statistics->bytes() + layouts->bytes()) / 1e6;
}
BENCHMARK(merge_chunks)->Iterations(122)->Unit(benchmark::kMillisecond);

void fit_layouts(benchmark::State& timing) {
  const lode::Pilot pilot = pilot_of(static_cast<int>(timing.range(0)));
  for (auto unused : timing) benchmark::DoNotOptimize(layouts_of(pilot, true));
}
BENCHMARK(fit_layouts)->Arg(normal_values)->Arg(skewed)->Unit(benchmark::kMillisecond);

void exact_summaries(benchmark::State& timing) {
  const std::vector<double> values = draw(normal_values, 4096, 4096);
  const lode::StatisticsOptions options{.scrambled = true};
  for (auto unused : timing) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
      benchmark::DoNotOptimize(lode::exact_summary({&values[cell * 4096], 4096}, options));
    }
  }
}
BENCHMARK(exact_summaries)->Unit(benchmark::kMillisecond);

void summaries(benchmark::State& timing) {
  const auto layouts = layouts_of(pilot_of(normal_values), true);
  const std::vector<double> values = draw(normal_values, block, stride);
  lode::CellChunk chunk(layouts);
  chunk.start(0, block);
  chunk.add_block(0, cells, values.data(), stride, block);
  lode::CellStatistics statistics(layouts);
  statistics.add(chunk);
  for (auto unused : timing) {
    for (std::size_t cell = 0; cell < cells; ++cell) benchmark::DoNotOptimize(statistics.summary(cell));
  }
}
BENCHMARK(summaries)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
