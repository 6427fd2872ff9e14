// SPDX-License-Identifier: Apache-2.0
//
// `entries` by hand: a survival curve for every product, year of entry and draw.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "uncertainty/entries.cpp"
#include "uncertainty/targets.hpp"
// before all that is compiled once per target
#include <hwy/foreach_target.h>

#include "uncertainty/vectors-inl.hpp"

#ifndef LODE_BENCH_ENTRIES
#define LODE_BENCH_ENTRIES
#include <cmath>

namespace lode::handwritten {

struct Entered {
  static constexpr std::size_t history = 18;
  static constexpr std::size_t years = 51;
  static constexpr std::size_t inputs = 104;
  static constexpr std::size_t score_blocks = 26;  // sales, lifetimes, content, reach: 2·51 + 2

  bool stocked;
  std::size_t given;  // years whose sales are given
  double sales[years], sales_sd[years];
  double life[years], life_sd[years], shape;
  double powers[years];  // age^shape
  double content, content_sd;
  double reach, reach_sd;
  double rises[years];  // of the level from year to year
};

struct Entries {
  static constexpr std::size_t block = 256;
  static constexpr std::size_t stride = block + 8;  // columns apart from one another's cache sets
  std::vector<Entered> products;
};

}  // namespace lode::handwritten
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {
namespace {

/// One product and one pair of draws; `out` has the inflows, outflows and stocks of all years, `totals` the
/// sums of the first two. Cohort by cohort: when its turn comes, what leaves of all earlier ones is complete.
HWY_INLINE void product(const Entered& p, const ScoreRows& scores, std::size_t draw, double* out,
                        double* totals) {
  constexpr std::size_t years = Entered::years;
  constexpr std::size_t stride = Entries::stride;
  HWY_ALIGN double own[4 * Entered::score_blocks * pair_size];
  HWY_ALIGN double outflow[years * pair_size];
  const double* z = scores.pair(draw, own);
  const std::size_t z_stride = scores.stride();
  const auto score = [&](std::size_t i) HWY_ATTR { return load(z + i * z_stride); };
  const Pair content = mul_add(both(p.content_sd), score(2 * years), both(p.content));
  const Pair material = mul_add(both(p.reach_sd), score(2 * years + 1), both(p.reach)) * content;
  for (std::size_t t = 0; t < years; ++t) store(both(0), outflow + t * pair_size);
  Pair stock = both(0);
  for (std::size_t c = 0; c < years; ++c) {
    const Pair scale = mul_add(both(p.life_sd[c]), score(years + c), both(p.life[c]));
    const Pair hazard = both(0) - exp(both(-p.shape) * log(scale));
    Pair before = one_minus_exp(hazard * both(p.powers[0]));
    const Pair leaving = load(outflow + c * pair_size);
    const Pair in = c < p.given ? mul_add(both(p.sales_sd[c]), score(c), both(p.sales[c])) * content
                                : mul_add(material, both(p.rises[c]), leaving) / (both(1) - before);
    const Pair left = mul_add(in, before, leaving);
    stock = stock + (in - left);
    store(in, out + c * stride);
    store(left, out + (years + c) * stride);
    store(stock, out + (2 * years + c) * stride);
    store(load(totals + c * stride) + in, totals + c * stride);
    store(load(totals + (years + c) * stride) + left, totals + (years + c) * stride);
    for (std::size_t t = c + 1; t < years; ++t) {
      const Pair gone = one_minus_exp(hazard * both(p.powers[t - c]));
      store(mul_add(in, gone - before, load(outflow + t * pair_size)), outflow + t * pair_size);
      before = gone;
    }
  }
}

void run_entries(const Entries& model, const Draws& draws, double* workspace, Summary& summary) {
  summary.begin(draws.count);
  constexpr std::size_t years = Entered::years;
  constexpr std::size_t stride = Entries::stride;
  double* out = workspace;
  double* totals = out + 3 * years * stride;
  double* rows = totals + 3 * years * stride;
  for (std::size_t i = 0; i < 2 * years * stride; i += lanes) hn::Store(same(0), Tag(), totals + i);
  for (std::size_t p = 0; p < model.products.size(); ++p) {
    const ScoreRows scores(draws, p * 4 * Entered::score_blocks, Entered::inputs, stride, rows);
    for (std::size_t d = 0; d < draws.count; d += pair_size) {
      product(model.products[p], scores, d, out + d, totals + d);
    }
    summarise(out, stride, p * 3 * years, 3 * years, draws.count, summary);
  }
  double* stock = totals + 2 * years * stride;
  for (std::size_t d = 0; d < draws.count; d += pair_size) {
    Pair total = both(0);
    for (std::size_t t = 0; t < years; ++t) {
      total = total + (load(totals + t * stride + d) - load(totals + (years + t) * stride + d));
      store(total, stock + t * stride + d);
    }
  }
  summarise(totals, stride, model.products.size() * 3 * years, 3 * years, draws.count, summary);
}

}  // namespace
}  // namespace lode::handwritten::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode::handwritten {
HWY_EXPORT(run_entries);

namespace {

class EntriesKernel : public Kernel {
 public:
  EntriesKernel(const Numbers& numbers, const Spread& spread) {
    constexpr std::size_t years = Entered::years;
    const std::size_t stocked = numbers.at("reach").size();
    const std::vector<double>& level = numbers.at("level");
    const double* sales = numbers.at("sales").data();
    model_.products.resize(numbers.at("content").size());
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      Entered& p = model_.products[i];
      p.stocked = i < stocked;
      p.given = p.stocked ? Entered::history : years;
      for (std::size_t t = 0; t < p.given; ++t) {
        p.sales[t] = *sales++;
        p.sales_sd[t] = spread.statistics * p.sales[t];
      }
      p.shape = numbers.at("life_shape")[i];
      for (std::size_t t = 0; t < years; ++t) {
        p.life[t] = numbers.at("life_scale")[i * years + t];
        p.life_sd[t] = spread.literature * p.life[t];
        p.powers[t] = std::pow(static_cast<double>(t) + 0.5, p.shape);
      }
      p.content = numbers.at("content")[i];
      p.content_sd = spread.literature * p.content;
      if (!p.stocked) continue;
      p.reach = numbers.at("reach")[i];
      p.reach_sd = spread.assumption * p.reach;
      constexpr std::size_t levels = years - Entered::history + 1;  // from the year before on
      for (std::size_t t = Entered::history; t < years; ++t) {
        const std::size_t at = i * levels + t - Entered::history;
        p.rises[t] = level[at + 1] - level[at];
      }
    }
  }

  std::vector<Series> series() const override {
    std::vector<Series> all;
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      for (const char* name : {"to_use", "end_of_life", "in_use.stock"})
        all.push_back({name, i, Entered::years});
    }
    for (const char* name : {"inflow_total", "outflow_total", "stock_total"}) {
      all.push_back({name, no_label, Entered::years});
    }
    return all;
  }
  std::size_t columns() const override { return model_.products.size() * 4 * Entered::score_blocks; }
  std::size_t block() const override { return Entries::block; }
  std::size_t workspace() const override { return (6 * Entered::years + Entered::inputs) * Entries::stride; }
  void run(const Draws& draws, double* workspace, Summary& summary) const override {
    HWY_DYNAMIC_DISPATCH(run_entries)(model_, draws, workspace, summary);
  }

 private:
  Entries model_;
};

}  // namespace

std::unique_ptr<Kernel> make_entries(const Numbers& numbers, const Spread& spread) {
  return std::make_unique<EntriesKernel>(numbers, spread);
}

}  // namespace lode::handwritten
#endif
