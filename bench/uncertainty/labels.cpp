// SPDX-License-Identifier: Apache-2.0
//
// `labels` by hand: product after product over a block of draws, sums by category beside them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "uncertainty/labels.cpp"
#include "uncertainty/targets.hpp"
// before all that is compiled once per target
#include <hwy/foreach_target.h>

#include "uncertainty/cohorts-inl.hpp"

#ifndef LODE_BENCH_LABELS
#define LODE_BENCH_LABELS
#include <cmath>

namespace lode::handwritten {

struct Labelled {
  static constexpr std::size_t years = 26;
  static constexpr std::size_t padded = 28;  // whole tiles
  static constexpr std::size_t inputs = 29;
  static constexpr std::size_t score_blocks = 8;

  double production[years], production_sd[years];
  double content, content_sd;
  double adoption, adoption_sd;
  double life, life_sd, shape;
  double powers[padded];  // age^shape
};

struct Labels {
  static constexpr std::size_t block = 256;
  static constexpr std::size_t stride = block + 8;  // columns apart from one another's cache sets
  static constexpr std::size_t in_category = 10;
  std::vector<Labelled> products;
};

}  // namespace lode::handwritten
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {
namespace {

/// One product and one pair of draws; `out` has the inflows, outflows and stocks of all years, `totals` their
/// sums over the category so far.
HWY_INLINE void product(const Labelled& p, const ScoreRows& scores, std::size_t draw, double* out,
                        double* totals) {
  constexpr std::size_t years = Labelled::years;
  constexpr std::size_t stride = Labels::stride;
  HWY_ALIGN double own[4 * Labelled::score_blocks * pair_size];
  HWY_ALIGN double inflow[Labelled::padded * pair_size];
  HWY_ALIGN double losses[Labelled::padded * pair_size];
  const double* z = scores.pair(draw, own);
  const std::size_t z_stride = scores.stride();
  const auto score = [&](std::size_t i) HWY_ATTR { return load(z + i * z_stride); };
  const Pair material = mul_add(both(p.content_sd), score(years), both(p.content)) *
                        mul_add(both(p.adoption_sd), score(years + 1), both(p.adoption));
  const Pair scale = mul_add(both(p.life_sd), score(years + 2), both(p.life));
  for (std::size_t t = 0; t < years; ++t) {
    store(mul_add(both(p.production_sd[t]), score(t), both(p.production[t])) * material,
          inflow + t * pair_size);
  }
  for (std::size_t t = years; t < Labelled::padded; ++t) store(both(0), inflow + t * pair_size);
  weibull_losses(scale, p.shape, p.powers, Labelled::padded, losses);

  Pair stock = both(0);
  for (std::size_t year = 0; year < years; year += tile) {
    Pair leaving[tile];
    carried(inflow, losses, year, leaving);
    for (std::size_t k = 0; k < tile && year + k < years; ++k) {
      const std::size_t t = year + k;
      for (std::size_t c = year; c <= t; ++c) {
        leaving[k] = mul_add(load(inflow + c * pair_size), load(losses + (t - c) * pair_size), leaving[k]);
      }
      const Pair in = load(inflow + t * pair_size);
      stock = stock + (in - leaving[k]);
      store(in, out + t * stride);
      store(leaving[k], out + (years + t) * stride);
      store(stock, out + (2 * years + t) * stride);
      store(load(totals + t * stride) + in, totals + t * stride);
      store(load(totals + (years + t) * stride) + leaving[k], totals + (years + t) * stride);
    }
  }
}

void run_labels(const Labels& model, const Draws& draws, double* workspace, Summary& summary) {
  summary.begin(draws.count);
  constexpr std::size_t years = Labelled::years;
  constexpr std::size_t stride = Labels::stride;
  constexpr std::size_t size = Labels::in_category;
  double* out = workspace;
  double* totals = out + 3 * years * stride;
  double* rows = totals + 3 * years * stride;
  std::size_t cell = 0;
  for (std::size_t first = 0; first < model.products.size(); first += size) {
    for (std::size_t i = 0; i < 2 * years * stride; i += lanes) hn::Store(same(0), Tag(), totals + i);
    for (std::size_t p = first; p < first + size; ++p) {
      const ScoreRows scores(draws, p * 4 * Labelled::score_blocks, Labelled::inputs, stride, rows);
      for (std::size_t d = 0; d < draws.count; d += pair_size) {
        product(model.products[p], scores, d, out + d, totals + d);
      }
      summarise(out, stride, cell, 3 * years, draws.count, summary);
      cell += 3 * years;
    }
    double* stock = totals + 2 * years * stride;
    for (std::size_t d = 0; d < draws.count; d += pair_size) {
      Pair total = both(0);
      for (std::size_t t = 0; t < years; ++t) {
        total = total + (load(totals + t * stride + d) - load(totals + (years + t) * stride + d));
        store(total, stock + t * stride + d);
      }
    }
    summarise(totals, stride, cell, 3 * years, draws.count, summary);
    cell += 3 * years;
  }
}

}  // namespace
}  // namespace lode::handwritten::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode::handwritten {
HWY_EXPORT(run_labels);

namespace {

class LabelsKernel : public Kernel {
 public:
  LabelsKernel(const Numbers& numbers, const Spread& spread) {
    const std::vector<double>& production = numbers.at("production");
    model_.products.resize(numbers.at("content").size());
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      Labelled& p = model_.products[i];
      for (std::size_t t = 0; t < Labelled::years; ++t) {
        p.production[t] = production[i * Labelled::years + t];
        p.production_sd[t] = spread.statistics * p.production[t];
      }
      p.content = numbers.at("content")[i] * 1e-6;
      p.content_sd = spread.literature * p.content;
      p.adoption = numbers.at("adoption")[i];
      p.adoption_sd = spread.assumption * p.adoption;
      p.life = numbers.at("life_scale")[i];
      p.life_sd = spread.literature * p.life;
      p.shape = numbers.at("life_shape")[i];
      for (std::size_t t = 0; t < Labelled::padded; ++t) {
        p.powers[t] = std::pow(static_cast<double>(t) + 0.5, p.shape);
      }
    }
  }

  std::vector<Series> series() const override {
    std::vector<Series> all;
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      for (const char* name : {"to_use", "end_of_life", "in_use.stock"})
        all.push_back({name, i, Labelled::years});
      if ((i + 1) % Labels::in_category != 0) continue;
      for (const char* name : {"inflow_by_category", "outflow_by_category", "stock_by_category"}) {
        all.push_back({name, i / Labels::in_category, Labelled::years});
      }
    }
    return all;
  }
  std::size_t columns() const override { return model_.products.size() * 4 * Labelled::score_blocks; }
  std::size_t block() const override { return Labels::block; }
  std::size_t workspace() const override { return (6 * Labelled::years + Labelled::inputs) * Labels::stride; }
  void run(const Draws& draws, double* workspace, Summary& summary) const override {
    HWY_DYNAMIC_DISPATCH(run_labels)(model_, draws, workspace, summary);
  }

 private:
  Labels model_;
};

}  // namespace

std::unique_ptr<Kernel> make_labels(const Numbers& numbers, const Spread& spread) {
  return std::make_unique<LabelsKernel>(numbers, spread);
}

}  // namespace lode::handwritten
#endif
