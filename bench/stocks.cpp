// SPDX-License-Identifier: Apache-2.0
//
// Stock series over 151 years, inflow-driven and stock-driven: bench_stocks [threads] [repeats]. 20 Weibull
// lifetimes, each shared by neighbouring series (a label's lifetime, its regions or draws beside each other);
// a lifetime for every series, whose curves are then part of the time; lifetimes that change from cohort to
// cohort; an inflow spread over its year; five times as many series; stocks that fall and are repaired.
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
#include <utility>
#include <vector>

#include "lode/distributions/lifetime.hpp"
#include "lode/kernels/cohort.hpp"

namespace {

constexpr std::size_t periods = 151;

struct Case {
  const char* title;
  std::size_t series;
  std::size_t lifetimes;
  bool by_cohort;
  lode::Entry entry;
};

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
  Case what;
  std::vector<double> steps = std::vector<double>(periods, 1.0);
  std::vector<std::uint8_t> given = std::vector<std::uint8_t>(periods, 1);
  std::vector<std::vector<std::unique_ptr<lode::Lifetime>>> lifetimes;  // one each, or one per cohort
  std::vector<lode::SurvivalCurves> curves;
  std::vector<double> inflow;
  std::vector<double> stock;
  std::vector<double> outflow;
  std::vector<lode::CohortSeries> series;

  explicit Work(const Case& its_case)
      : what(its_case),
        lifetimes(what.lifetimes),
        curves(what.lifetimes),
        inflow(what.series * periods),
        stock(what.series * periods),
        outflow(what.series * periods),
        series(what.series) {
    for (std::size_t i = 0; i < what.lifetimes; ++i) {
      const double where = static_cast<double>(i) / static_cast<double>(what.lifetimes);
      for (std::size_t c = 0; c < (what.by_cohort ? periods : 1); ++c) {
        const double longer = 1 + 0.3 * static_cast<double>(c) / static_cast<double>(periods);
        lifetimes[i].push_back(weibull((5 + 45 * where) * longer, 1.5 + 2 * where));
      }
    }
    for (std::size_t i = 0; i < what.series; ++i) {
      const std::size_t at = i * periods;
      series[i] = {&curves[lifetime_of(i)], nullptr, &inflow[at], &stock[at], &outflow[at]};
    }
  }

  std::size_t lifetime_of(std::size_t i) const { return i * what.lifetimes / what.series; }

  void make_curves() {
    tbb::parallel_for(std::size_t{0}, curves.size(), [&](std::size_t i) {
      if (what.by_cohort) {
        std::vector<const lode::Lifetime*> each;
        for (const auto& one : lifetimes[i]) each.push_back(one.get());
        curves[i] = lode::survival_curves(each, steps, what.entry, lode::OutflowBy::survival);
      } else {
        curves[i] = lode::survival_curves(*lifetimes[i][0], steps, what.entry, lode::OutflowBy::survival);
      }
    });
  }

  void set_inflow() {
    for (std::size_t i = 0; i < what.series; ++i) {
      for (std::size_t t = 0; t < periods; ++t) {
        const double year = static_cast<double>(t);
        inflow[i * periods + t] = 10 + 0.1 * year + std::sin(0.1 * year + 0.001 * static_cast<double>(i));
      }
    }
  }

  void drive(bool by_stock) {
    for (lode::CohortSeries& one : series) one.stock_given = by_stock ? given.data() : nullptr;
  }

  void advance(lode::NegativeInflow policy = lode::NegativeInflow::error) {
    constexpr std::size_t block = 80;
    tbb::parallel_for(std::size_t{0}, what.series / block, [&](std::size_t i) {
      const auto part = std::span<const lode::CohortSeries>(series).subspan(i * block, block);
      const auto failures = lode::advance(part, steps, 0, periods, policy);
      const auto corrected = [](const lode::CohortFailure& failure) {
        return failure.kind == lode::CohortFailure::Kind::corrected;
      };
      if (!std::all_of(failures.begin(), failures.end(), corrected)) std::abort();
    });
  }
};

double survival(const lode::Lifetime& lifetime, lode::Entry entry, std::size_t age) {
  const double end = static_cast<double>(age);
  if (entry.at == lode::InflowAt::middle) return lifetime.survival(end + 0.5);
  return (lifetime.survival(end) + 4 * lifetime.survival(end + 0.5) + lifetime.survival(end + 1)) / 6;
}

// Cohort by cohort, straight from the survival function: every 97th series.
bool answer_is_right(const Work& work, const std::vector<double>& inflow) {
  for (std::size_t i = 0; i < work.what.series; i += 97) {
    const auto& lifetimes = work.lifetimes[work.lifetime_of(i)];
    double before = 0;
    for (std::size_t t = 0; t < periods; ++t) {
      double stock = 0;
      for (std::size_t c = 0; c <= t; ++c) {
        stock += inflow[i * periods + c] *
                 survival(*lifetimes[work.what.by_cohort ? c : 0], work.what.entry, t - c);
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

bool measure(const Case& what, int repeats) {
  Work work(what);
  work.set_inflow();
  const std::vector<double> inflow = work.inflow;
  const bool own_curves = what.lifetimes == what.series;
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
  fmt::print("{:7} series  {:46} inflow-driven {:7.4f} s   stock-driven {:7.4f} s\n", what.series, what.title,
             by_inflow, by_stock);
  return true;
}

// Stocks that grow and then halve within ten years.
bool measure_repairs(int repeats) {
  const std::pair<const char*, lode::NegativeInflow> policies[] = {
      {"oldest first", lode::NegativeInflow::oldest_first},
      {"proportional", lode::NegativeInflow::proportional},
      {"scaled hazard", lode::NegativeInflow::scale_hazard}};
  Work work({"", 20'000, 20, false, lode::InflowAt::middle});
  work.make_curves();
  work.drive(true);
  for (std::size_t i = 0; i < work.stock.size(); ++i) {
    const double year = static_cast<double>(i % periods);
    work.stock[i] = 10 + year - (year < 100 ? 0 : 6 * std::min(10.0, year - 100));
  }
  for (const auto& [name, policy] : policies) {
    const double seconds = median_seconds(repeats, [&] { work.advance(policy); });
    for (std::size_t i = 0; i < work.stock.size(); ++i) {
      const double change = i % periods == 0 ? work.stock[i] : work.stock[i] - work.stock[i - 1];
      if (work.inflow[i] < 0 || std::abs(work.inflow[i] - work.outflow[i] - change) > 1e-11) {
        fmt::print(stderr, "wrong answer at {}: {}\n", i, name);
        return false;
      }
    }
    fmt::print("{:7} series  20 lifetimes, the stock falls faster than it ages: {:15} {:7.4f} s\n",
               work.what.series, name, seconds);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::max(1, std::atoi(argv[1])) : 2;
  const int repeats = argc > 2 ? std::max(1, std::atoi(argv[2])) : 11;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  fmt::print("{} years, {} threads, median of {}\n", periods, threads, repeats);
  using lode::InflowAt;
  const Case cases[] = {
      {"20 lifetimes, 1,000 series each", 20'000, 20, false, InflowAt::middle},
      {"a lifetime for every series, curves included", 20'000, 20'000, false, InflowAt::middle},
      {"20 lifetimes that change with the cohort", 20'000, 20, true, InflowAt::middle},
      {"own lifetimes, with the cohort, curves incl.", 1'040, 1'040, true, InflowAt::middle},
      {"own lifetimes, spread by 3 points, curves incl.", 20'000, 20'000, false, {InflowAt::spread, 3}},
      {"20 lifetimes, 5,000 series each", 100'000, 20, false, InflowAt::middle},
      {"a lifetime for every series, curves included", 100'000, 100'000, false, InflowAt::middle}};
  for (const Case& one : cases)
    if (!measure(one, repeats)) return 1;
  return measure_repairs(repeats) ? 0 : 1;
}
