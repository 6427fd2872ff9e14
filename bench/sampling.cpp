// SPDX-License-Identifier: Apache-2.0
//
// What a number costs on its way from the generator to an input's value. Each answer is checked first. Items
// per second are numbers per second: 1 G/s is 1 ns.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "lode/sampling/correlation.hpp"
#include "lode/sampling/design.hpp"
#include "lode/sampling/dirichlet.hpp"
#include "lode/sampling/input_distribution.hpp"
#include "lode/sampling/normal_score.hpp"
#include "lode/sampling/philox.hpp"

namespace {

using namespace lode;

constexpr std::size_t columns = 986;
constexpr std::size_t packets = 16;
constexpr std::size_t row = packets * packet_size;

void check(bool right, const std::string& what) {
  if (right) return;
  fmt::print(stderr, "bench_sampling: wrong answer: {}\n", what);
  std::exit(1);
}

void items(benchmark::State& state, std::size_t values) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(values));
}

Design design(DesignKind kind, std::uint64_t draws = 1u << 17) {
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < columns; ++i) keys.push_back(i);
  return Design({kind, 1, rounded_draws(kind, draws)}, std::move(keys));
}

double mean(const std::vector<double>& x, double power) {
  double sum = 0;
  for (const double value : x) sum += std::pow(value, power);
  return sum / static_cast<double>(x.size());
}

void philox_numbers(benchmark::State& state) {
  check(philox(0, PhiloxBlock{})[0] == 0x6627e8d5, "Philox");
  std::vector<double> u(4096);
  std::uint64_t packet = 0;
  for (auto _ : state) {
    philox_uniforms(1, 2, packet += 512, 512, u.data());
    benchmark::DoNotOptimize(u.data());
  }
  items(state, u.size());
}

void scores(benchmark::State& state) {
  double p = 0.975;
  normal_scores(&p, &p, 1);
  check(std::abs(p - 1.959963984540054) < 1e-14, "normal score");
  std::vector<double> u(4096);
  std::vector<double> z(4096);
  philox_uniforms(1, 2, 0, 512, u.data());
  for (auto _ : state) {
    normal_scores(u.data(), z.data(), z.size());
    benchmark::DoNotOptimize(z.data());
  }
  items(state, z.size());
}

void probabilities(benchmark::State& state) {
  double z = 1.959963984540054;
  normal_probabilities(&z, &z, 1);
  check(std::abs(z - 0.975) < 1e-15, "normal probability");
  std::vector<double> u(4096);
  philox_uniforms(1, 2, 0, 512, u.data());
  normal_scores(u.data(), u.data(), u.size());
  std::vector<double> p(4096);
  for (auto _ : state) {
    normal_probabilities(u.data(), p.data(), p.size());
    benchmark::DoNotOptimize(p.data());
  }
  items(state, p.size());
}

void design_numbers(benchmark::State& state, DesignKind kind, bool normal, std::size_t at_once) {
  const Design one = design(kind);
  std::vector<double> out(columns * at_once * packet_size);
  const ScoreBlock first{0, at_once, 0, columns};
  one.normals(first, out.data(), at_once * packet_size);
  check(std::abs(mean(out, 1)) < 0.1 && std::abs(mean(out, 2) - 1) < 0.1, "normal numbers of a design");
  ScoreBlock block = first;
  for (auto _ : state) {
    if (normal) {
      one.normals(block, out.data(), at_once * packet_size);
    } else {
      one.uniforms(block, out.data(), at_once * packet_size);
    }
    benchmark::DoNotOptimize(out.data());
    block.first_packet = (block.first_packet + at_once) % one.packets();
  }
  items(state, out.size());
}

void design_setup(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(design(DesignKind::sobol, 1u << 20));
  items(state, columns);
}

void marginal(benchmark::State& state, const InputSpread& spread, double nominal) {
  QuantileTables tables;
  std::string problem;
  const auto made = InputDistribution::make(spread, nominal, tables, problem);
  check(made.has_value(), problem);
  const Marginals marginals(std::vector<InputDistribution>(columns, *made));
  const Design one = design(DesignKind::sobol);
  std::vector<double> z(columns * row);
  one.normals({0, packets, 0, columns}, z.data(), row);
  std::vector<double> x = z;
  marginals.apply(0, columns, x.data(), x.data(), row, row);
  check(std::abs(mean(x, 1) - made->mean()) < 0.05 * made->deviation(), spread.family);
  // In place a value would be a score the next time: part by part, a copy of the scores first.
  std::vector<double> part(row);
  for (auto _ : state) {
    for (std::size_t c = 0; c < columns; ++c) {
      made->values(z.data() + c * row, part.data(), row);
      benchmark::DoNotOptimize(part.data());
    }
  }
  items(state, z.size());
}

void table_setup(benchmark::State& state, bool beta) {
  double shape = 2;
  QuantileTables tables;
  for (auto _ : state) {
    shape += 0.01;
    benchmark::DoNotOptimize(beta ? tables.beta(shape, 3) : tables.gamma(shape));
  }
  items(state, 1);
}

void memory(benchmark::State& state) {
  ScoreMixer mixer;
  std::string problem;
  std::vector<double> years(51);
  for (std::size_t t = 0; t < 51; ++t) years[t] = 2000 + static_cast<double>(t);
  for (std::size_t label = 0; label < 17; ++label) {
    std::vector<std::size_t> chain(51);
    for (std::size_t t = 0; t < 51; ++t) chain[t] = label * 51 + t;
    check(mixer.autocorrelate(chain, years, 0.8, problem), problem);
  }
  const Design one = design(DesignKind::sobol);
  std::vector<double> plain(17 * 51 * row);
  one.normals({0, packets, 0, 17 * 51}, plain.data(), row);
  std::vector<double> z = plain;
  for (auto _ : state) {
    z = plain;
    mixer.apply(z.data(), row, row);
    benchmark::DoNotOptimize(z.data());
  }
  check(std::abs(mean(z, 2) - 1) < 0.1, "autocorrelated numbers");
  items(state, z.size());
}

void correlated(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  ScoreMixer mixer;
  std::string problem;
  std::vector<double> matrix(size * size, 0.4);
  std::vector<std::size_t> group(size);
  for (std::size_t i = 0; i < size; ++i) {
    matrix[i * size + i] = 1;
    group[i] = i;
  }
  check(mixer.correlate(group, matrix, problem) && problem.empty(), problem);
  const Design one = design(DesignKind::sobol);
  std::vector<double> plain(size * row);
  one.normals({0, packets, 0, size}, plain.data(), row);
  std::vector<double> z = plain;
  for (auto _ : state) {
    z = plain;
    mixer.apply(z.data(), row, row);
    benchmark::DoNotOptimize(z.data());
  }
  items(state, z.size());
}

void shares(benchmark::State& state) {
  QuantileTables tables;
  std::string problem;
  const auto made = DirichletShares::make(std::vector<double>{0.5, 0.3, 0.15, 0.05}, SpreadOfShares::cv, 0.1,
                                          tables, problem);
  check(made.has_value(), problem);
  const Design one = design(DesignKind::sobol);
  std::vector<double> plain(4 * row);
  one.normals({0, packets, 0, 4}, plain.data(), row);
  std::vector<double> x = plain;
  for (auto _ : state) {
    x = plain;
    made->apply(x.data(), row, row);
    benchmark::DoNotOptimize(x.data());
  }
  check(std::abs(x[0] + x[row] + x[2 * row] + x[3 * row] - 1) < 1e-15, "shares");
  items(state, x.size());
}

InputSpread spread(std::string family, std::map<std::string, double, std::less<>> numbers) {
  return {std::move(family), std::move(numbers), {}, {}, {}};
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("philox uniforms", philox_numbers);
  benchmark::RegisterBenchmark("normal scores of uniforms", scores);
  benchmark::RegisterBenchmark("probabilities of scores", probabilities);
  using Kind = DesignKind;
  benchmark::RegisterBenchmark("sobol uniforms, 16 packets at once", design_numbers, Kind::sobol, false,
                               packets);
  benchmark::RegisterBenchmark("sobol uniforms, 1 packet at once", design_numbers, Kind::sobol, false, 1);
  benchmark::RegisterBenchmark("sobol normals, 16 packets at once", design_numbers, Kind::sobol, true,
                               packets);
  benchmark::RegisterBenchmark("sobol normals, 1 packet at once", design_numbers, Kind::sobol, true, 1);
  benchmark::RegisterBenchmark("random normals, 16 packets at once", design_numbers, Kind::random, true,
                               packets);
  benchmark::RegisterBenchmark("latin normals, 16 packets at once", design_numbers, Kind::latin, true,
                               packets);
  benchmark::RegisterBenchmark("sobol set-up for 2^20 draws, per column", design_setup);

  const std::pair<InputSpread, double> families[] = {
      {spread("normal", {{"cv", 0.05}}), 3},
      {spread("normal", {{"cv", 0.5}, {"low", 0}}), 3},
      {spread("lognormal", {{"gsd", 1.4}}), 3},
      {spread("uniform", {{"within", 0.2}}), 3},
      {spread("triangular", {{"within", 0.2}}), 3},
      {spread("pert", {{"low", 1}, {"high", 9}}), 3},
      {spread("beta", {{"sd", 0.1}}), 0.3},
      {spread("gamma", {{"cv", 0.4}}), 3},
      {InputSpread{"discrete", {}, {1, 2, 3, 4, 5}, {}, {}}, 3},
      {InputSpread{"empirical", {}, {1, 2, 3, 4, 5, 7, 9, 10, 12, 20}, {}, {}}, 3}};
  for (const auto& [given, nominal] : families) {
    const std::string name = given.family + (given.numbers.count("low") > 0 ? " with bounds" : "");
    benchmark::RegisterBenchmark(name.c_str(), marginal, given, nominal);
  }
  benchmark::RegisterBenchmark("set-up of a beta table", table_setup, true);
  benchmark::RegisterBenchmark("set-up of a gamma table", table_setup, false);
  benchmark::RegisterBenchmark("autocorrelation", memory);
  benchmark::RegisterBenchmark("correlation in groups of", correlated)->Arg(2)->Arg(10)->Arg(50);
  benchmark::RegisterBenchmark("dirichlet shares", shares);

  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
