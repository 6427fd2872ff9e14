// SPDX-License-Identifier: Apache-2.0
//
// 20,000 stock series × 151 years, inflow-driven and stock-driven: bench_stocks [threads] [repeats].
// 20 Weibull lifetimes, each shared by 1,000 series (a label's lifetime, its regions or draws beside each
// other), and the same with a lifetime for every series, whose curves are then part of the time.
#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lode/distributions/lifetime.hpp"
#include "lode/kernels/cohort.hpp"

namespace {

constexpr std::size_t series_count = 20'000;
constexpr std::size_t periods = 151;
constexpr std::size_t shared_lifetimes = 20;

std::unique_ptr<lode::Lifetime> weibull(double scale, double shape) {
  std::string problem;
  const double values[] = {scale, shape};
  auto lifetime = lode::make_lifetime("weibull", 0, values, problem);
  if (lifetime == nullptr) {
    fmt::print(stderr, "{}\n", problem);
    std::exit(1);
  }
  return lifetime;
}

struct Work {
  std::vector<double> steps = std::vector<double>(periods, 1.0);
  std::vector<std::uint8_t> given = std::vector<std::uint8_t>(periods, 1);
  std::vector<std::unique_ptr<lode::Lifetime>> lifetimes;
  std::vector<lode::SurvivalCurves> curves;
  std::vector<double> inflow = std::vector<double>(series_count * periods);
  std::vector<double> stock = std::vector<double>(series_count * periods);
  std::vector<double> outflow = std::vector<double>(series_count * periods);
  std::vector<lode::CohortSeries> series;

  explicit Work(std::size_t lifetime_count) : curves(lifetime_count), series(series_count) {
    for (std::size_t i = 0; i < lifetime_count; ++i) {
      const double where = static_cast<double>(i) / static_cast<double>(lifetime_count);
      lifetimes.push_back(weibull(5 + 45 * where, 1.5 + 2 * where));
    }
    for (std::size_t i = 0; i < series_count; ++i) {
      const std::size_t at = i * periods;
      series[i] = {&curves[i * lifetime_count / series_count], nullptr, &inflow[at], &stock[at],
                   &outflow[at]};
    }
  }

  void make_curves() {
    tbb::parallel_for(std::size_t{0}, curves.size(), [&](std::size_t i) {
      curves[i] =
          lode::survival_curves(*lifetimes[i], steps, lode::InflowAt::middle, lode::OutflowBy::survival);
    });
  }

  void set_inflow() {
    for (std::size_t i = 0; i < series_count; ++i) {
      for (std::size_t t = 0; t < periods; ++t) {
        const double year = static_cast<double>(t);
        inflow[i * periods + t] = 10 + 0.1 * year + std::sin(0.1 * year + 0.001 * static_cast<double>(i));
      }
    }
  }

  void drive(bool by_stock) {
    for (lode::CohortSeries& one : series) one.stock_given = by_stock ? given.data() : nullptr;
  }

  void advance() {
    constexpr std::size_t block = 80;
    tbb::parallel_for(std::size_t{0}, series_count / block, [&](std::size_t i) {
      const auto part = std::span<const lode::CohortSeries>(series).subspan(i * block, block);
      if (!lode::advance(part, steps, 0, periods, lode::NegativeInflow::error).empty()) std::abort();
    });
  }
};

// Cohort by cohort, straight from the survival function: every 97th series.
bool answer_is_right(const Work& work, const std::vector<double>& inflow) {
  for (std::size_t i = 0; i < series_count; i += 97) {
    const auto& lifetime = *work.lifetimes[i * work.lifetimes.size() / series_count];
    double before = 0;
    for (std::size_t t = 0; t < periods; ++t) {
      double stock = 0;
      for (std::size_t c = 0; c <= t; ++c) {
        stock += inflow[i * periods + c] * lifetime.survival(static_cast<double>(t - c) + 0.5);
      }
      const std::size_t at = i * periods + t;
      const double outflow = inflow[at] - (stock - before);
      before = stock;
      if (std::abs(work.stock[at] - stock) > 1e-11 * stock ||
          std::abs(work.outflow[at] - outflow) > 1e-11 * stock ||
          std::abs(work.inflow[at] - inflow[at]) > 1e-9) {
        fmt::print(stderr, "wrong answer in series {}, period {}\n", i, t);
        return false;
      }
    }
  }
  return true;
}

double median_seconds(int repeats, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

bool measure(const char* title, std::size_t lifetime_count, int repeats) {
  Work work(lifetime_count);
  work.set_inflow();
  const std::vector<double> inflow = work.inflow;
  const bool own_curves = lifetime_count == series_count;
  work.make_curves();
  work.drive(false);
  const auto run = [&] {
    if (own_curves) work.make_curves();
    work.advance();
  };
  run();
  if (!answer_is_right(work, inflow)) return false;
  const double by_inflow = median_seconds(repeats, run);

  work.drive(true);
  std::fill(work.inflow.begin(), work.inflow.end(), 0.0);
  run();
  if (!answer_is_right(work, inflow)) return false;
  const double by_stock = median_seconds(repeats, run);
  fmt::print("{:42} inflow-driven {:7.4f} s   stock-driven {:7.4f} s\n", title, by_inflow, by_stock);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::max(1, std::atoi(argv[1])) : 2;
  const int repeats = argc > 2 ? std::max(1, std::atoi(argv[2])) : 11;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  fmt::print("{} series x {} years, {} threads, median of {}\n", series_count, periods, threads, repeats);
  const bool right = measure("20 lifetimes, 1,000 series each", shared_lifetimes, repeats) &&
                     measure("a lifetime for every series, curves included", series_count, repeats);
  return right ? 0 : 1;
}
