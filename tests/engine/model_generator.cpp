// SPDX-License-Identifier: Apache-2.0
#include "model_generator.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lode::testing {

namespace {

// SplitMix64: the standard's distributions differ from library to library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return next() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  /// A number with few digits, as people write them.
  double between(double low, double high) {
    const double x = low + (high - low) * static_cast<double>(below(1001)) / 1000.0;
    return std::round(x * 1000) / 1000;
  }
  template <class T>
  const T& pick(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) {}
  Files make();

 private:
  void time();
  void dimensions();
  void system();
  void extras();
  void line(std::string& section, const std::string& text) { section += "  " + text + "\n"; }
  std::string over(bool detailed) const { return detailed ? detail_ : "[time]"; }
  /// A table over the detailed axes: all years, or two with interpolation.
  void table(const std::string& name, const std::string& unit, double low, double high);
  void labels_table(const std::string& name, const std::string& unit, double low, double high);

  Dice dice_;
  Files files_;
  std::vector<int> years_;
  std::string time_, detail_, detail_axes_;
  std::size_t products_ = 2;
  std::vector<std::string> product_names_, kinds_;
  bool regional_ = false;
  int seam_ = 0;
  std::string dimensions_, when_, parameters_, processes_, flows_, stocks_, equations_, relations_, alerts_;
};

void Generator::time() {
  const int first = 1990 + static_cast<int>(dice_.below(20));
  switch (dice_.below(5)) {
    case 0: {
      const int n = 1 + static_cast<int>(dice_.below(12));
      for (int i = 0; i < n; ++i) years_.push_back(first + i);
      time_ = n == 1 ? std::to_string(first) : fmt::format("{{first: {}, last: {}}}", first, years_.back());
      break;
    }
    case 1: {
      const int n = 2 + static_cast<int>(dice_.below(6));
      for (int i = 0; i < n; ++i) years_.push_back(first + 5 * i);
      time_ = fmt::format("{{first: {}, last: {}, step: 5}}", first, years_.back());
      break;
    }
    case 2: {
      int year = first;
      const std::size_t n = 3 + dice_.below(8);
      for (std::size_t i = 0; i < n; ++i) {
        years_.push_back(year);
        year += dice_.pick(std::vector<int>{1, 1, 2, 5, 10});
      }
      time_ = fmt::format("{{years: [{}], first_step: {}}}", fmt::join(years_, ", "), 1 + dice_.below(5));
      break;
    }
    case 3: {
      for (int i = 0; i < 6; ++i) years_.push_back(first + i);
      for (int i = 1; i < 5; ++i) years_.push_back(first + 5 + 5 * i);
      time_ = fmt::format("{{years: [{}]}}", fmt::join(years_, ", "));
      break;
    }
    default:
      for (int i = 0; i < 25; ++i) years_.push_back(first + i);
      time_ = fmt::format("{{first: {}, last: {}}}", first, years_.back());
  }
  seam_ = years_[years_.size() / 2];
}

void Generator::dimensions() {
  products_ = 1 + dice_.below(4);
  kinds_ = {"alpha", "beta"};
  std::string rows = "label,kind,weight\n";
  for (std::size_t i = 0; i < products_; ++i) {
    product_names_.push_back(std::string(1, static_cast<char>('A' + i)) + "x");
    // The first product is always alpha, so that the subset is never empty.
    rows += fmt::format("{},{},{}\n", product_names_.back(), i == 0 ? "alpha" : dice_.pick(kinds_), i + 1);
  }
  files_["data/products.csv"] = rows;
  line(dimensions_, "product: {table: data/products.csv}");
  line(dimensions_, "kind: {groups: product}");
  line(dimensions_, "alphas: {part_of: product, where: product.kind = alpha}");
  regional_ = dice_.chance(35);
  if (regional_) line(dimensions_, "region: [north, south]");
  detail_axes_ = regional_ ? "product and region" : "product";
  detail_ = regional_ ? "[time, product, region]" : "[time, product]";
  line(when_, fmt::format("early: time <= {}", seam_));
  line(when_, fmt::format("late: time > {}", seam_));
  line(when_, fmt::format("late_alpha: time > {} and product.kind = alpha", seam_));
  line(when_, "is_alpha: product.kind = alpha");
}

void Generator::table(const std::string& name, const std::string& unit, double low, double high) {
  const bool all = dice_.chance(40) || years_.size() < 3;
  const std::string rule = all ? "" : dice_.chance(50) ? ", interpolate: linear" : ", interpolate: geometric";
  std::string text = regional_ ? "time,product,region,value\n" : "time,product,value\n";
  for (const std::string& product : product_names_)
    for (const char* region : {"north", "south"}) {
      if (!regional_ && std::string(region) == "south") continue;
      for (const int year : years_) {
        if (!all && year != years_.front() && year != years_.back()) continue;
        text += fmt::format("{},{}{},{}\n", year, product, regional_ ? std::string(",") + region : "",
                            dice_.between(low, high));
      }
    }
  files_["data/" + name + ".csv"] = text;
  line(parameters_,
       fmt::format("{}: {{over: {}, unit: {}, table: data/{}.csv{}}}", name, detail_, unit, name, rule));
}

void Generator::labels_table(const std::string& name, const std::string& unit, double low, double high) {
  if (dice_.chance(30)) {
    line(parameters_, fmt::format("{}: {{unit: {}, value: {}}}", name, unit, dice_.between(low, high)));
    return;
  }
  std::string text = "product,value\n";
  for (const std::string& product : product_names_)
    text += fmt::format("{},{}\n", product, dice_.between(low, high));
  files_["data/" + name + ".csv"] = text;
  line(parameters_, fmt::format("{}: {{over: [product], unit: {}, table: data/{}.csv}}", name, unit, name));
}

void Generator::system() {
  const bool push = dice_.chance(45);  // supply drives, else demand
  const bool detailed = push || dice_.chance(60);
  const std::string x = over(detailed), y = detail_;
  const bool many = years_.size() > 1;
  table("amount", "kt/yr", 5, 200);
  labels_table("life", "yr", 8, 30);
  labels_table("spread", "yr", 1.5, 5);
  labels_table("shape", "1", 1.2, 4);
  line(parameters_, fmt::format("yield: {{value: {} %}}", dice_.between(55, 98)));
  line(parameters_, fmt::format("recovery: {{value: {} %}}", dice_.between(5, 85)));
  line(parameters_, fmt::format("export_share: {{value: {} %}}", dice_.between(1, 40)));
  line(parameters_, fmt::format("growth: {{value: {} %/yr}}", dice_.between(-3, 6)));
  const std::string labels = x == "[time]" ? "[]" : regional_ ? "[product, region]" : "[product]";
  line(parameters_, fmt::format("old: {{over: {}, unit: kt, value: {}}}", labels, dice_.between(0, 50)));
  line(parameters_, fmt::format("leach: {{value: {} %/yr}}", dice_.between(0.1, 9)));

  for (const char* name : {"mines", "abroad", "sea"})
    line(processes_, fmt::format("{}: {{outside: true}}", name));
  line(processes_, "market: {stage: make}");
  line(processes_,
       push ? "fab: {stage: make, transfer: {made: yield, new_scrap: rest}}" : "fab: {stage: make}");
  line(processes_, "use: {stage: use}");
  const bool rest = dice_.chance(70);
  line(processes_,
       rest ? "waste: {stage: use, transfer: {recycled: recovery, lost: rest}}" : "waste: {stage: use}");
  line(processes_, "dumpsite: {stage: use}");

  line(flows_, fmt::format("primary: {{from: mines, to: market, over: {}, signed: true}}", x));
  line(flows_, fmt::format("exported: {{from: market, to: abroad, over: {}, signed: true}}", x));
  line(flows_, fmt::format("to_fab: {{from: market, to: fab, over: {}, signed: true}}", x));
  line(flows_, fmt::format("made: {{from: fab, to: use, over: {}, signed: true}}", y));
  line(flows_, fmt::format("new_scrap: {{from: fab, to: market, over: {}, signed: true}}", x));
  line(flows_, fmt::format("scrap: {{from: use, to: waste, over: {}, signed: true}}", y));
  line(flows_, fmt::format("recycled: {{from: waste, to: market, over: {}, signed: true}}", x));
  line(flows_, fmt::format("lost: {{from: waste, to: dumpsite, over: {}, signed: true}}", x));
  line(flows_, fmt::format("leached: {{from: dumpsite, to: sea, over: {}, signed: true}}", x));

  // The stock in use.
  const std::string at = dice_.pick(
      std::vector<std::string>{"", ", inflow_at: start", ", inflow_at: end", ", inflow_at: middle"});
  const std::string life = dice_.pick(
      std::vector<std::string>{"{normal: {mean: life, sd: spread}}", "{weibull: {mean: life, shape: shape}}",
                               "{lognormal: {mean: life, sd: spread}}", "{fixed: life}"});
  const std::size_t driven = !push && many ? dice_.below(4) : 0;  // 1 late, 2 late for alphas, 3 always
  std::string level;
  if (driven) {
    level = "\n    negative_inflow: allow\n    stock:";
    const std::string formula = dice_.pick(
        std::vector<std::string>{"amount * life", "amount * life * compound(growth, time - 1990)"});
    level += driven == 3 ? " " + formula
                         : fmt::format("\n      {}: {}", driven == 1 ? "late" : "late_alpha", formula);
  }
  line(stocks_, fmt::format("in_use:\n    process: use\n    over: {}\n    unit: kt\n    inflow: made\n    "
                            "outflow: scrap\n    lifetime: {}{}{}",
                            y, life, at.empty() ? "" : "\n    " + at.substr(2), level));

  std::string equations;
  const auto piece = [&](const std::string& name, const std::string& formula) {
    line(equations_, name + ": " + formula);
  };
  const std::string pick_made = detailed ? "made" : "sum(made over " + detail_axes_ + ")";
  const std::string pick_scrap = detailed ? "scrap" : "sum(scrap over " + detail_axes_ + ")";
  if (push) {
    piece("primary", many && dice_.chance(50)
                         ? "\n      early: amount\n      late: prev(primary) * compound(growth)"
                         : "amount");
    piece("to_fab", "residual(market)");
    piece("exported",
          dice_.pick(std::vector<std::string>{"export_share * primary", "export_share * inputs(market)",
                                              "export_share * (primary + recycled)"}));
  } else {
    const std::string free =
        many && dice_.chance(50)
            ? dice_.pick(std::vector<std::string>{"prev(made, first = amount) * compound(growth)",
                                                  "amount * (1 + growth * (time - 1990))"})
            : "amount";
    if (driven == 3) {
      if (dice_.chance(50)) piece("made", "in_use.inflow");
    } else if (driven) {
      piece("made", fmt::format("\n      {}: in_use.inflow\n      else: {}",
                                driven == 1 ? "late" : "late_alpha", free));
    } else {
      piece("made", free);
    }
    piece("to_fab", pick_made + " / yield");
    piece("new_scrap", "residual(fab)");
    piece("primary", "residual(market)");
    piece("exported",
          dice_.pick(std::vector<std::string>{
              "export_share * primary", "export_share * to_fab", "export_share * inputs(market)",
              many ? "\n      early: export_share * primary\n      late: prev(exported) * compound(growth)"
                   : "export_share * primary"}));
  }
  if (!rest) {
    piece("recycled", many && dice_.chance(60) ? "\n      early: recovery * " + pick_scrap +
                                                     "\n      late: prev(recycled) * compound(growth)"
                                               : "recovery * " + pick_scrap);
    piece("lost", "residual(waste)");
  }
  switch (many ? dice_.below(3) : 2) {
    case 0:
      line(
          stocks_,
          fmt::format(
              "dump: {{process: dumpsite, over: {}, unit: kt, inflow: lost, outflow: leached, initial: old}}",
              x));
      piece("leached", "leach * prev(dump.stock, first = old)");
      break;
    case 1:
      line(stocks_,
           fmt::format(
               "dump: {{process: dumpsite, over: {}, unit: kt, change: residual(dumpsite), initial: old}}",
               x));
      piece("leached", "lost * 3 %");
      break;
    default:
      line(stocks_,
           fmt::format("dump: {{process: dumpsite, over: {}, unit: kt, inflow: lost, outflow: leached}}", x));
      piece("leached", "recovery * lost");
  }
}

void Generator::extras() {
  const std::string axes = detail_axes_;
  std::vector<std::string> pool{
      "sum(made over " + axes + ")",
      "sum(made by kind" + std::string(")"),
      "sum(made over product where product.kind = alpha)",
      "mean(in_use.stock over " + axes + ")",
      "max(made over product)",
      "min(amount over time)",
      "share(amount over product)",
      "total(made)",
      fmt::format("total(made over {} from {} to {})", axes, years_.front(), years_.back()),
      "cumulate(sum(scrap over " + axes + "))",
      "max_year(sum(made over " + axes + "))",
      "min_year(sum(amount over " + axes + "))",
      "first_year(sum(in_use.stock over " + axes + ") > 3 * sum(in_use.inflow over " + axes + ") * one_year)",
      "last_year(sum(made over " + axes + ") > 0)",
      "if amount > made then amount - made else made - amount",
      "clamp(made / amount, 0, 1)",
      fmt::format("amount[{}]", years_.back()),
      fmt::format("made[{}, {}]", years_.front(), product_names_.front()),
      "in_use.change * 2 + in_use.outflow",
      "split(sum(made over product) by amount)",
      "sqrt(amount * amount) - abs(-amount)",
      "amount ^ 2 / amount",
      "log(exp(amount / amount[" + std::to_string(years_.back()) + "]))",
      "inputs(market) - outputs(market)",
      "mean(made over time)",
      "prev(amount, first = amount) - amount",
      fmt::format("growth_rate(amount, {}, {})", years_.front(), years_.back()),
      "logistic(time, ceiling = life, rate = 1 / spread, middle = life)",
      "if is_alpha then amount else 2 * amount",
  };
  line(parameters_, "one_year: {value: 1 yr}");
  const std::size_t n = 3 + dice_.below(8);
  for (std::size_t i = 0; i < n; ++i) {
    const std::string& formula = dice_.pick(pool);
    if (formula.starts_with("growth_rate") && years_.size() < 2) continue;
    if (formula.starts_with("logistic")) {
      line(equations_, fmt::format("q{}: logistic(time, ceiling = life, rate = leach, middle = life)", i));
      continue;
    }
    line(equations_, fmt::format("q{}: {}", i, formula));
  }
  if (dice_.chance(40)) {  // a quantity of the subset, used by the whole and back
    line(equations_, fmt::format("of_alphas:\n    over: {}\n    equals: amount * yield",
                                 regional_ ? "[time, alphas, region]" : "[time, alphas]"));
    line(equations_,
         "alpha_sum: sum(of_alphas over " + std::string(regional_ ? "alphas and region" : "alphas") + ")");
    line(equations_, "alpha_ratio: of_alphas / amount");
  }
  if (dice_.chance(30)) {  // an affine loop of named quantities
    line(equations_,
         "ring_a:\n    over: " + detail_ + "\n    unit: kt/yr\n    equals: amount + 0.4 * ring_b");
    line(equations_, "ring_b: 0.5 * ring_a - yield * amount");
  }
  if (dice_.chance(30)) {  // a loop that Newton's method must solve
    line(equations_,
         "curve_a:\n    over: " + detail_ + "\n    unit: kt/yr\n    equals: sqrt(amount * curve_b)");
    line(equations_, "curve_b: amount / 2 + 0.3 * curve_a");
  }
  if (dice_.chance(30) && years_.size() > 1) {  // a loop within the year inside one along time
    line(equations_,
         "spiral_a:\n    over: " + detail_ +
             "\n    unit: kt/yr\n    equals: 0.3 * spiral_b + 0.5 * prev(spiral_b, first = amount)");
    line(equations_, "spiral_b: amount + 0.2 * spiral_a");
  }
  if (dice_.chance(30)) {  // unknown flows
    line(processes_, "sorter: {stage: use}");
    line(flows_, "feed: {from: mines, to: sorter, over: " + detail_ + "}");
    line(flows_, "fine: {from: sorter, to: sea, over: " + detail_ + ", unknown: true}");
    line(flows_, "coarse: {from: sorter, to: abroad, over: " + detail_ + ", unknown: true}");
    line(equations_, "feed: amount");
    line(relations_, "- fine = 0.25 * coarse");
  }
  if (dice_.chance(30)) line(alerts_, "primary: {at_most: 1 kt/yr, severity: note}");
}

Files Generator::make() {
  time();
  dimensions();
  system();
  extras();
  // The order of the sections, and of the entries, means nothing.
  std::vector<std::string> sections{"dimensions:\n" + dimensions_, "when:\n" + when_,
                                    "parameters:\n" + parameters_, "processes:\n" + processes_,
                                    "flows:\n" + flows_,           "stocks:\n" + stocks_,
                                    "equations:\n" + equations_,   "stages: {make: Make, use: Use}\n"};
  if (!relations_.empty()) sections.push_back("relations:\n" + relations_);
  if (!alerts_.empty()) sections.push_back("alerts:\n" + alerts_);
  std::string model = "lode: 1\ntitle: Drawn at random\ntime: " + time_ +
                      "\ndefaults: {over: [time], flow: kt/yr, stock: kt}\n";
  while (!sections.empty()) {
    const std::size_t i = dice_.below(sections.size());
    model += sections[i];
    sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(i));
  }
  files_["model.yaml"] = model;
  return files_;
}

}  // namespace

Files random_case(std::uint64_t seed) {
  return Generator(seed).make();
}

std::string text_of(const Files& files) {
  std::string text;
  for (const auto& [name, content] : files) text += "=== " + name + "\n" + content;
  return text;
}

}  // namespace lode::testing
