// SPDX-License-Identifier: Apache-2.0
//
// Monte Carlo of one of the four models of make_cases.py, written by hand: what `lode run --draws` is
// measured against. bench_uncertainty_handwritten MODEL FOLDER [--draws N] [--seed S] [--threads T] [--tier
// avx2|sse2]
// [--scores own|random|sobol] [--output FILE]. Prints the seconds of the draws and of the whole; FILE gets
// nominal values, means, deviations and quantiles of all cells.
#include <fmt/format.h>
#include <hwy/targets.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include "lode/sampling/design.hpp"
#include "uncertainty/kernel.hpp"

namespace {

using lode::handwritten::Draws;
using lode::handwritten::Kernel;
using lode::handwritten::Numbers;
using lode::handwritten::Series;
using lode::handwritten::Spread;
using lode::handwritten::Summary;

constexpr std::uint64_t pilot_draws = 4096;

struct Options {
  std::string model;
  std::string folder;
  std::uint64_t draws = 1'000'000;
  std::uint64_t seed = 1;
  unsigned threads = 1;
  std::string tier;
  std::string scores = "own";
  std::string output;
};

Options parse(int count, char** words) {
  if (count < 3) throw std::runtime_error("a model and its folder are missing");
  Options options;
  options.model = words[1];
  options.folder = words[2];
  for (int i = 3; i + 1 < count; i += 2) {
    const std::string key = words[i];
    const std::string value = words[i + 1];
    if (key == "--draws") {
      options.draws = std::stoull(value);
    } else if (key == "--seed") {
      options.seed = std::stoull(value);
    } else if (key == "--threads") {
      options.threads = static_cast<unsigned>(std::stoul(value));
    } else if (key == "--tier") {
      options.tier = value;
    } else if (key == "--scores") {
      options.scores = value;
    } else if (key == "--output") {
      options.output = value;
    } else {
      throw std::runtime_error("unknown: " + key);
    }
  }
  return options;
}

void choose_tier(const std::string& tier) {
  if (tier == "avx2") {
    hwy::DisableTargets(HWY_AVX3);
  } else if (tier == "scalar") {
    hwy::DisableTargets(HWY_AVX3 | HWY_AVX2);
  } else if (!tier.empty()) {
    throw std::runtime_error("unknown tier: " + tier);
  }
}

std::unique_ptr<Kernel> make(const std::string& model, const Numbers& numbers, const Spread& spread) {
  if (model == "families") return lode::handwritten::make_families(numbers, spread);
  if (model == "loops") return lode::handwritten::make_loops(numbers, spread);
  if (model == "entries") return lode::handwritten::make_entries(numbers, spread);
  if (model == "labels") return lode::handwritten::make_labels(numbers, spread);
  throw std::runtime_error("unknown model: " + model);
}

std::size_t cell_count(const Kernel& kernel) {
  std::size_t cells = 0;
  for (const Series& one : kernel.series()) cells += one.years;
  return cells;
}

/// Blocks go to whichever thread is free; what each has summed is added in the end.
void run(const Kernel& kernel, std::uint64_t draws, const Options& options, const lode::Design* design,
         Summary& summary) {
  std::atomic<std::uint64_t> next{0};
  const auto work = [&](Summary& own) {
    const auto workspace = lode::handwritten::make_workspace(kernel.workspace());
    for (;;) {
      const std::uint64_t first = next.fetch_add(kernel.block());
      if (first >= draws) return;
      const std::uint64_t count = std::min<std::uint64_t>(kernel.block(), draws - first);
      kernel.run({options.seed, first, static_cast<std::size_t>(count), design}, workspace.get(), own);
    }
  };
  std::vector<Summary> others(options.threads, summary);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < others.size(); ++i) threads.emplace_back(work, std::ref(others[i]));
  work(others[0]);
  for (std::thread& one : threads) one.join();
  for (Summary& other : others) summary.merge(other);
}

void write(const Kernel& kernel, const Summary& nominal, const Summary& summary, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  fmt::print(file, "quantity,label,year,nominal,mean,sd,q05,q25,q50,q75,q95\n");
  std::size_t cell = 0;
  for (const Series& one : kernel.series()) {
    const std::string label = one.label == lode::handwritten::no_label ? "" : fmt::to_string(one.label);
    for (std::size_t year = 0; year < one.years; ++year, ++cell) {
      fmt::print(file, "{},{},{},{},{},{}", one.name, label, year, nominal.mean(cell), summary.mean(cell),
                 summary.deviation(cell));
      for (const double level : {0.05, 0.25, 0.5, 0.75, 0.95})
        fmt::print(file, ",{}", summary.quantile(cell, level));
      fmt::print(file, "\n");
    }
  }
  std::fclose(file);
}

/// Lode's design of the kind; none for the kernels' own scores.
std::unique_ptr<lode::Design> make_design(const Options& options, std::uint64_t& draws, std::size_t columns) {
  if (options.scores == "own") return nullptr;
  if (options.scores != "random" && options.scores != "sobol") {
    throw std::runtime_error("unknown scores: " + options.scores);
  }
  const auto kind = options.scores == "sobol" ? lode::DesignKind::sobol : lode::DesignKind::random;
  draws = lode::rounded_draws(kind, draws);
  std::vector<std::uint64_t> keys(columns);
  for (std::size_t c = 0; c < columns; ++c) keys[c] = lode::column_key(fmt::format("input {}", c));
  return std::make_unique<lode::Design>(lode::DesignSpec{kind, options.seed, draws}, keys);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void work(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  choose_tier(options.tier);
  const std::uint64_t step = lode::handwritten::draw_step;
  std::uint64_t draws = (options.draws + step - 1) / step * step;
  const Numbers numbers(options.folder + "/numbers.txt");
  const auto kernel = make(options.model, numbers, Spread{});
  const auto certain = make(options.model, numbers, Spread{0, 0, 0, 0});
  const std::size_t cells = cell_count(*kernel);
  const auto design = make_design(options, draws, kernel->columns());

  Summary nominal(cells, false);
  run(*certain, step, options, nullptr, nominal);
  Summary pilot(cells, false);
  run(*kernel, std::min(draws, pilot_draws), options, design.get(), pilot);
  Summary summary(cells, true);
  summary.set_edges(pilot);
  const auto begin = std::chrono::steady_clock::now();
  run(*kernel, draws, options, design.get(), summary);
  const double sampling = seconds_since(begin);
  if (!options.output.empty()) write(*kernel, nominal, summary, options.output);
  fmt::print("draws {} cells {} seconds {:.6f} of {:.6f} µs/draw {:.4f}\n", draws, cells, sampling,
             seconds_since(start), sampling / static_cast<double>(draws) * 1e6);
}

}  // namespace

int main(int count, char** words) {
  try {
    work(parse(count, words));
  } catch (const std::exception& problem) {
    fmt::print(stderr, "{}\n", problem.what());
    return 2;
  }
}
