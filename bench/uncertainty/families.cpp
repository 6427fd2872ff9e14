// SPDX-License-Identifier: Apache-2.0
//
// `families` by hand: product after product over a block of draws, so that its cells and their bins stay in
// L2.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "uncertainty/families.cpp"
#include "uncertainty/targets.hpp"
// before all that is compiled once per target
#include <hwy/foreach_target.h>

#include "uncertainty/cohorts-inl.hpp"

#ifndef LODE_BENCH_FAMILIES
#define LODE_BENCH_FAMILIES
#include <cmath>

namespace lode::handwritten {

struct Family {
  static constexpr std::size_t history = 18;
  static constexpr std::size_t years = 51;
  static constexpr std::size_t padded = 52;  // whole tiles
  static constexpr std::size_t inputs = 58;
  static constexpr std::size_t score_blocks = 15;

  bool stocked;
  double net[history];  // production - exports + imports, and their deviations
  double production[history], exports[history], imports[history];
  double content, content_sd;
  double adoption, adoption_sd;
  double life, life_sd, shape;
  double powers[padded];  // age^shape
  double last, last_sd;   // growth, or saturation
  double rises[padded];   // of the given stock from year to year at a saturation, content and adoption of 1
};

struct Families {
  static constexpr std::size_t block = 256;
  static constexpr std::size_t stride = block + 8;  // columns apart from one another's cache sets
  std::vector<Family> products;
};

}  // namespace lode::handwritten
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {
namespace {

/// One product and one pair of draws; `out` has the inflows, outflows and stocks of all years, `totals`
/// theirs.
template <bool stocked>
HWY_INLINE void product(const Family& p, const ScoreRows& scores, std::size_t draw, double* out,
                        double* totals) {
  constexpr std::size_t years = Family::years;
  constexpr std::size_t stride = Families::stride;
  HWY_ALIGN double own[4 * Family::score_blocks * pair_size];
  HWY_ALIGN double inflow[Family::padded * pair_size];
  HWY_ALIGN double losses[Family::padded * pair_size];
  const double* z = scores.pair(draw, own);
  const std::size_t z_stride = scores.stride();
  const auto score = [&](std::size_t i) HWY_ATTR { return load(z + i * z_stride); };
  constexpr std::size_t history = Family::history;
  const Pair material = mul_add(both(p.content_sd), score(3 * history), both(p.content)) *
                        mul_add(both(p.adoption_sd), score(3 * history + 1), both(p.adoption));
  const Pair scale = mul_add(both(p.life_sd), score(3 * history + 2), both(p.life));
  const Pair last = mul_add(both(p.last_sd), score(3 * history + 3), both(p.last));
  for (std::size_t t = 0; t < history; ++t) {
    Pair net = mul_add(both(p.production[t]), score(t), both(p.net[t]));
    net = mul_sub_from(both(p.exports[t]), score(history + t), net);
    net = mul_add(both(p.imports[t]), score(2 * history + t), net);
    store(net * material, inflow + t * pair_size);
  }
  weibull_losses(scale, p.shape, p.powers, Family::padded, losses);

  const Pair factor = stocked ? last * material : both(1) + last;
  const Pair first_loss = load(losses);
  const Pair kept = both(1) / (both(1) - first_loss);
  Pair stock = both(0);
  for (std::size_t year = 0; year < years; year += tile) {
    Pair leaving[tile];
    carried(inflow, losses, year, leaving);
    for (std::size_t k = 0; k < tile && year + k < years; ++k) {
      const std::size_t t = year + k;
      for (std::size_t c = year; c < t; ++c) {
        leaving[k] = mul_add(load(inflow + c * pair_size), load(losses + (t - c) * pair_size), leaving[k]);
      }
      Pair in = load(inflow + t * pair_size);
      if (t >= history) {
        if (stocked) {
          in = mul_add(factor, both(p.rises[t]), leaving[k]) * kept;
        } else {
          in = load(inflow + (t - 1) * pair_size) * factor;
        }
        store(in, inflow + t * pair_size);
      }
      const Pair outflow = mul_add(in, first_loss, leaving[k]);
      stock = stock + (in - outflow);
      store(in, out + t * stride);
      store(outflow, out + (years + t) * stride);
      store(stock, out + (2 * years + t) * stride);
      store(load(totals + t * stride) + in, totals + t * stride);
      store(load(totals + (years + t) * stride) + outflow, totals + (years + t) * stride);
    }
  }
}

void run_families(const Families& model, const Draws& draws, double* workspace, Summary& summary) {
  summary.begin(draws.count);
  constexpr std::size_t years = Family::years;
  constexpr std::size_t stride = Families::stride;
  double* out = workspace;
  double* totals = out + 3 * years * stride;
  double* rows = totals + 3 * years * stride;
  for (std::size_t i = 0; i < 2 * years * stride; i += lanes) hn::Store(same(0), Tag(), totals + i);
  for (std::size_t p = 0; p < model.products.size(); ++p) {
    const ScoreRows scores(draws, p * 4 * Family::score_blocks, Family::inputs, stride, rows);
    for (std::size_t d = 0; d < draws.count; d += pair_size) {
      if (model.products[p].stocked) {
        product<true>(model.products[p], scores, d, out + d, totals + d);
      } else {
        product<false>(model.products[p], scores, d, out + d, totals + d);
      }
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
HWY_EXPORT(run_families);

namespace {

class FamiliesKernel : public Kernel {
 public:
  FamiliesKernel(const Numbers& numbers, const Spread& spread) {
    const std::vector<double>& production = numbers.at("production");
    const std::vector<double>& exports = numbers.at("exports");
    const std::vector<double>& imports = numbers.at("imports");
    const std::vector<double>& population = numbers.at("population");
    const std::vector<double>& gdp = numbers.at("gdp");
    model_.products.resize(numbers.at("content").size());
    const std::size_t stocked = numbers.at("saturation").size();
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      Family& p = model_.products[i];
      p.stocked = i < stocked;
      for (std::size_t t = 0; t < Family::history; ++t) {
        const std::size_t at = i * Family::history + t;
        p.net[t] = production[at] - exports[at] + imports[at];
        p.production[t] = spread.statistics * production[at];
        p.exports[t] = spread.statistics * exports[at];
        p.imports[t] = spread.statistics * imports[at];
      }
      p.content = numbers.at("content")[i] * 1e-6;
      p.content_sd = spread.literature * p.content;
      p.adoption = numbers.at("adoption")[i];
      p.adoption_sd = spread.assumption * p.adoption;
      p.life = numbers.at("life_scale")[i];
      p.life_sd = spread.literature * p.life;
      p.shape = numbers.at("life_shape")[i];
      p.last = p.stocked ? numbers.at("saturation")[i] : numbers.at("growth")[i - stocked];
      p.last_sd = spread.assumption * p.last;
      double before = 0;
      for (std::size_t t = 0; t < Family::padded; ++t) {
        p.powers[t] = std::pow(static_cast<double>(t) + 0.5, p.shape);
        if (p.stocked && t < Family::years) {
          const double ownership =
              std::exp(numbers.at("alpha")[i] * std::exp(numbers.at("beta")[i] * gdp[t]));
          const double level = ownership * population[t];
          p.rises[t] = level - before;
          before = level;
        }
      }
    }
  }

  std::vector<Series> series() const override {
    std::vector<Series> all;
    // By product: its three series follow one another.
    for (std::size_t i = 0; i < model_.products.size(); ++i) {
      for (const char* name : {"to_use", "end_of_life", "in_use.stock"})
        all.push_back({name, i, Family::years});
    }
    for (const char* name : {"inflow_total", "outflow_total", "stock_total"}) {
      all.push_back({name, no_label, Family::years});
    }
    return all;
  }
  std::size_t columns() const override { return model_.products.size() * 4 * Family::score_blocks; }
  std::size_t block() const override { return Families::block; }
  std::size_t workspace() const override { return (6 * Family::years + Family::inputs) * Families::stride; }
  void run(const Draws& draws, double* workspace, Summary& summary) const override {
    HWY_DYNAMIC_DISPATCH(run_families)(model_, draws, workspace, summary);
  }

 private:
  Families model_;
};

}  // namespace

std::unique_ptr<Kernel> make_families(const Numbers& numbers, const Spread& spread) {
  return std::make_unique<FamiliesKernel>(numbers, spread);
}

}  // namespace lode::handwritten
#endif
