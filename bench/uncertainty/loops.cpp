// SPDX-License-Identifier: Apache-2.0
//
// `loops` by hand. Within a year everything is linear in A, what enters smelting, and X, what enters the
// pool:
//   X = ((1 - s) y A + Y) / (1 - Σ d w)        Y from the yard, d direct scrap, w shares of the pool
//   A = C + s y A + B X                        C = ore + slag + Σ q carried
//   B = Σ w (1 - f - d + q D₀ f)               q old scrap to smelting per end of life, f yields
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "uncertainty/loops.cpp"
#include "uncertainty/targets.hpp"
// before all that is compiled once per target
#include <hwy/foreach_target.h>

#include "uncertainty/cohorts-inl.hpp"

#ifndef LODE_BENCH_LOOPS
#define LODE_BENCH_LOOPS
#include <cmath>

namespace lode::handwritten {

struct Loops {
  static constexpr std::size_t years = 51;
  static constexpr std::size_t padded = 52;  // whole tiles
  static constexpr std::size_t products = 6;
  static constexpr std::size_t inputs = 3 + 5 * products + years * (1 + 2 * products);
  static constexpr std::size_t score_blocks = (inputs + 3) / 4;
  static constexpr std::size_t block = 32;          // its results and the bins of all cells share L2
  static constexpr std::size_t stride = block + 8;  // columns apart from one another's cache sets
  // Series of one cell per year come first, then those of the products, label by label.
  static constexpr const char* single[] = {"concentrate",   "anodes",       "slag",
                                           "slag_returned", "anode_scrap",  "cathodes",
                                           "yard_scrap",    "heaped.stock", "yarded.stock"};
  static constexpr const char* labelled[] = {"to_fabrication", "sales",       "direct_scrap",
                                             "smelter_scrap",  "end_of_life", "old_scrap",
                                             "stored",         "lost",        "in_use.stock"};
  static constexpr std::size_t series = 9 + 9 * products;

  double smelting, smelting_sd, anode, anode_sd, slag, slag_sd;
  double ore[years], ore_sd[years];
  struct Product {
    double weight[years], weight_sd[years];
    double collection[years], collection_sd[years];
    double yield, yield_sd, direct, direct_sd, dismantling, dismantling_sd, smelter, smelter_sd;
    double life, life_sd, shape;
    double powers[padded];  // age^shape
  } product[products];
};

}  // namespace lode::handwritten
#endif

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {
namespace {

HWY_INLINE void draw(const Loops& m, const ScoreRows& scores, std::size_t first, double* memory,
                     double* out) {
  constexpr std::size_t years = Loops::years;
  constexpr std::size_t products = Loops::products;
  constexpr std::size_t stride = Loops::stride;
  double* inflow = memory;
  double* losses = inflow + products * Loops::padded * pair_size;
  const double* z = scores.pair(first, losses + products * Loops::padded * pair_size);
  const std::size_t z_stride = scores.stride();
  const auto drawn = [&](std::size_t i, double mean, double deviation)
                         HWY_ATTR { return mul_add(both(deviation), load(z + i * z_stride), both(mean)); };
  const auto put = [&](std::size_t series, std::size_t t, Pair x)
                       HWY_ATTR { store(x, out + (series * years + t) * stride); };
  const auto put_product = [&](std::size_t series, std::size_t p, std::size_t t, Pair x)
                               HWY_ATTR { store(x, out + ((9 + 9 * p + series) * years + t) * stride); };

  const Pair smelting = drawn(0, m.smelting, m.smelting_sd);
  const Pair anode = drawn(1, m.anode, m.anode_sd);
  const Pair slag_share = drawn(2, m.slag, m.slag_sd);
  Pair yield[products], direct[products], dismantling[products], smelter[products], stock[products];
  for (std::size_t p = 0; p < products; ++p) {
    const Loops::Product& one = m.product[p];
    const std::size_t at = 3 + 5 * p;
    yield[p] = drawn(at, one.yield, one.yield_sd);
    direct[p] = drawn(at + 1, one.direct, one.direct_sd);
    dismantling[p] = drawn(at + 2, one.dismantling, one.dismantling_sd);
    smelter[p] = drawn(at + 3, one.smelter, one.smelter_sd);
    stock[p] = both(0);
    const Pair scale = drawn(at + 4, one.life, one.life_sd);
    weibull_losses(scale, one.shape, one.powers, Loops::padded, losses + p * Loops::padded * pair_size);
  }
  const Pair cathode_share = (both(1) - anode) * smelting;
  const Pair to_smelt = both(1) / (both(1) - anode * smelting);
  Pair slag = both(0), stored = both(0), heap = both(0), yard = both(0);
  for (std::size_t year = 0; year < years; year += tile) {
    Pair leaving[products][tile];
    for (std::size_t p = 0; p < products; ++p) {
      carried(inflow + p * Loops::padded * pair_size, losses + p * Loops::padded * pair_size, year,
              leaving[p]);
    }
    for (std::size_t k = 0; k < tile && year + k < years; ++k) {
      const std::size_t t = year + k;
      const std::size_t at = 3 + 5 * products + t * (1 + 2 * products);
      const Pair ore = drawn(at, m.ore[t], m.ore_sd[t]);
      const Pair slag_returned = slag_share * slag;
      const Pair yard_scrap = stored;
      Pair weight[products], collected[products];
      Pair weights = both(0), direct_sum = both(0), back_sum = both(0), smelter_input = ore + slag_returned;
      for (std::size_t p = 0; p < products; ++p) {
        const Loops::Product& one = m.product[p];
        const double* in = inflow + p * Loops::padded * pair_size;
        const double* loss = losses + p * Loops::padded * pair_size;
        for (std::size_t c = year; c < t; ++c) {
          leaving[p][k] = mul_add(load(in + c * pair_size), load(loss + (t - c) * pair_size), leaving[p][k]);
        }
        weight[p] = drawn(at + 1 + p, one.weight[t], one.weight_sd[t]);
        collected[p] = drawn(at + 1 + products + p, one.collection[t], one.collection_sd[t]) * dismantling[p];
        const Pair old = collected[p] * smelter[p];
        weights = weights + weight[p];
        direct_sum = mul_add(weight[p], direct[p], direct_sum);
        const Pair back = mul_add(old * load(loss), yield[p], both(1) - yield[p] - direct[p]);
        back_sum = mul_add(weight[p], back, back_sum);
        smelter_input = mul_add(old, leaving[p][k], smelter_input);
      }
      // With X = x₁ A + x₂; one division for both, over the weights' sum.
      const Pair per_pool = both(1) / (weights - direct_sum);
      const Pair x1 = cathode_share * weights * per_pool;
      const Pair x2 = yard_scrap * weights * per_pool;
      const Pair share = both(1) / weights;
      const Pair back_share = back_sum * share;
      const Pair constant = mul_add(back_share, x2, smelter_input) * to_smelt;
      const Pair input = constant / mul_sub_from(back_share * to_smelt, x1, both(1));
      const Pair pool = mul_add(x1, input, x2);

      const Pair anodes = smelting * input;
      const Pair anode_scrap = anode * anodes;
      slag = input - anodes;
      heap = heap + (slag - slag_returned);
      put(0, t, ore);
      put(1, t, anodes);
      put(2, t, slag);
      put(3, t, slag_returned);
      put(4, t, anode_scrap);
      put(5, t, anodes - anode_scrap);
      put(6, t, yard_scrap);
      put(7, t, heap);
      stored = both(0);
      const Pair per_weight = pool * share;
      for (std::size_t p = 0; p < products; ++p) {
        const Pair fabricated = weight[p] * per_weight;
        const Pair sales = yield[p] * fabricated;
        const Pair scrap = direct[p] * fabricated;
        const Pair end_of_life = mul_add(sales, load(losses + p * Loops::padded * pair_size), leaving[p][k]);
        const Pair dismantled = collected[p] * end_of_life;
        const Pair old_scrap = smelter[p] * dismantled;
        const Pair kept = dismantled - old_scrap;
        stored = stored + kept;
        stock[p] = stock[p] + (sales - end_of_life);
        store(sales, inflow + (p * Loops::padded + t) * pair_size);
        put_product(0, p, t, fabricated);
        put_product(1, p, t, sales);
        put_product(2, p, t, scrap);
        put_product(3, p, t, fabricated - sales - scrap);
        put_product(4, p, t, end_of_life);
        put_product(5, p, t, old_scrap);
        put_product(6, p, t, kept);
        put_product(7, p, t, end_of_life - dismantled);
        put_product(8, p, t, stock[p]);
      }
      yard = yard + (stored - yard_scrap);
      put(8, t, yard);
    }
  }
}

void run_loops(const Loops& model, const Draws& draws, double* workspace, Summary& summary) {
  summary.begin(draws.count);
  double* out = workspace;
  double* memory = out + Loops::series * Loops::years * Loops::stride;
  double* rows = memory + draw_step * (4 * Loops::score_blocks + 2 * Loops::products * Loops::padded);
  const ScoreRows scores(draws, 0, Loops::inputs, Loops::stride, rows);
  for (std::size_t d = 0; d < draws.count; d += pair_size) {
    draw(model, scores, d, memory, out + d);
  }
  summarise(out, Loops::stride, 0, Loops::series * Loops::years, draws.count, summary);
}

}  // namespace
}  // namespace lode::handwritten::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode::handwritten {
HWY_EXPORT(run_loops);

namespace {

class LoopsKernel : public Kernel {
 public:
  LoopsKernel(const Numbers& numbers, const Spread& spread) : model_(std::make_unique<Loops>()) {
    const auto set = [&](const char* name, std::size_t at, double cv, double& value, double& deviation) {
      value = numbers.at(name)[at];
      deviation = cv * value;
    };
    Loops& m = *model_;
    set("smelting_yield", 0, spread.assay, m.smelting, m.smelting_sd);
    set("anode_share", 0, spread.assumption, m.anode, m.anode_sd);
    set("slag_recovery", 0, spread.assumption, m.slag, m.slag_sd);
    for (std::size_t t = 0; t < Loops::years; ++t) set("ore", t, spread.statistics, m.ore[t], m.ore_sd[t]);
    for (std::size_t i = 0; i < Loops::products; ++i) {
      Loops::Product& p = m.product[i];
      for (std::size_t t = 0; t < Loops::years; ++t) {
        const std::size_t at = i * Loops::years + t;
        set("weight", at, spread.literature, p.weight[t], p.weight_sd[t]);
        set("collection", at, spread.literature, p.collection[t], p.collection_sd[t]);
      }
      set("fabrication_yield", i, spread.assay, p.yield, p.yield_sd);
      set("direct_share", i, spread.assumption, p.direct, p.direct_sd);
      set("dismantling_yield", i, spread.statistics, p.dismantling, p.dismantling_sd);
      set("to_smelter", i, spread.literature, p.smelter, p.smelter_sd);
      set("life_scale", i, spread.literature, p.life, p.life_sd);
      p.shape = numbers.at("life_shape")[i];
      for (std::size_t t = 0; t < Loops::padded; ++t) {
        p.powers[t] = std::pow(static_cast<double>(t) + 0.5, p.shape);
      }
    }
  }

  std::vector<Series> series() const override {
    std::vector<Series> all;
    for (const char* name : Loops::single) all.push_back({name, no_label, Loops::years});
    for (std::size_t i = 0; i < Loops::products; ++i) {
      for (const char* name : Loops::labelled) all.push_back({name, i, Loops::years});
    }
    return all;
  }
  std::size_t columns() const override { return Loops::inputs; }
  std::size_t block() const override { return Loops::block; }
  std::size_t workspace() const override {
    return (Loops::series * Loops::years + Loops::inputs) * Loops::stride +
           draw_step * (4 * Loops::score_blocks + 2 * Loops::products * Loops::padded);
  }
  void run(const Draws& draws, double* workspace, Summary& summary) const override {
    HWY_DYNAMIC_DISPATCH(run_loops)(*model_, draws, workspace, summary);
  }

 private:
  std::unique_ptr<Loops> model_;
};

}  // namespace

std::unique_ptr<Kernel> make_loops(const Numbers& numbers, const Spread& spread) {
  return std::make_unique<LoopsKernel>(numbers, spread);
}

}  // namespace lode::handwritten
#endif
