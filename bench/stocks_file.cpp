// SPDX-License-Identifier: Apache-2.0
//
// One job of bench/stocks_peers.py: bench_stocks_file INPUT OUTPUT SERIES YEARS inflow|stock cohorts THREADS
// REPEATS. INPUT: doubles, scale[series][cohorts], shape[series], the given inflow or stock[series][years],
// `cohorts` 1 or YEARS. OUTPUT: stock or inflow, then outflow. Survival is computed in every repeat, and only
// for the series at hand. Prints the median seconds and the growth of the peak memory in KiB.
#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "lode/distributions/lifetime.hpp"
#include "lode/kernels/cohort.hpp"

namespace {

// Of this process since it was started; getrusage would count the one that started it.
long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

struct Job {
  std::size_t series, years, cohorts;
  bool by_stock;
  std::vector<double> scale, shape, inflow, stock, outflow;
};

void compute(Job& job, std::size_t first, std::size_t last) {
  const std::vector<double> steps(job.years, 1.0);
  const std::vector<std::uint8_t> given(job.years, 1);
  std::vector<lode::SurvivalCurves> curves(last - first);
  std::vector<lode::CohortSeries> series(last - first);
  for (std::size_t i = first; i < last; ++i) {
    std::vector<std::unique_ptr<lode::Lifetime>> lifetimes;
    std::vector<const lode::Lifetime*> each;
    for (std::size_t c = 0; c < job.cohorts; ++c) {
      std::string problem;
      const double values[] = {job.scale[i * job.cohorts + c], job.shape[i]};
      lifetimes.push_back(lode::make_lifetime("weibull", 0, values, problem));
      if (lifetimes.back() == nullptr) std::abort();
      each.push_back(lifetimes.back().get());
    }
    curves[i - first] =
        job.cohorts == 1
            ? lode::survival_curves(*each[0], steps, lode::InflowAt::end, lode::OutflowBy::survival)
            : lode::survival_curves(each, steps, lode::InflowAt::end, lode::OutflowBy::survival);
    const std::size_t at = i * job.years;
    series[i - first] = {&curves[i - first], job.by_stock ? given.data() : nullptr, &job.inflow[at],
                         &job.stock[at], &job.outflow[at]};
  }
  lode::advance(series, steps, 0, job.years, lode::NegativeInflow::allow);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) return 2;
  Job job;
  job.series = std::strtoul(argv[3], nullptr, 10);
  job.years = std::strtoul(argv[4], nullptr, 10);
  job.by_stock = std::string(argv[5]) == "stock";
  job.cohorts = std::strtoul(argv[6], nullptr, 10);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  std::strtoul(argv[7], nullptr, 10));
  const int repeats = std::atoi(argv[8]);

  std::ifstream input(argv[1], std::ios::binary);
  const auto read = [&](std::size_t count) {
    std::vector<double> values(count);
    input.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
    return values;
  };
  job.scale = read(job.series * job.cohorts);
  job.shape = read(job.series);
  (job.by_stock ? job.stock : job.inflow) = read(job.series * job.years);
  if (!input) return 1;

  const long before = peak_kib();
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    (job.by_stock ? job.inflow : job.stock).resize(job.series * job.years);
    job.outflow.resize(job.series * job.years);
    constexpr std::size_t block = 40;
    tbb::parallel_for(std::size_t{0}, (job.series + block - 1) / block,
                      [&](std::size_t b) { compute(job, b * block, std::min(job.series, (b + 1) * block)); });
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  const long after = peak_kib();
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());

  std::ofstream output(argv[2], std::ios::binary);
  const auto write = [&](const std::vector<double>& values) {
    output.write(reinterpret_cast<const char*>(values.data()),
                 static_cast<std::streamsize>(values.size() * sizeof(double)));
  };
  write(job.by_stock ? job.inflow : job.stock);
  write(job.outflow);
  fmt::print("{} {}\n", seconds[static_cast<std::size_t>(repeats / 2)], after - before);
  return output ? 0 : 1;
}
