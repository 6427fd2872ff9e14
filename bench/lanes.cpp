// SPDX-License-Identifier: Apache-2.0
//
// Draws in lanes: bench_lanes [lanes] [repeats] [which or the folder of a case] [avx2]. A declared model of
// 17 products over 51 years, Weibull lifetimes, 986 inputs that differ from draw to draw, 8 products whose
// stock is given after 2017, and the same with a loop through scrap, with lifetimes by year of entry and with
// 100 labels. Without random numbers and statistics: what the engine takes for a draw, and which operations
// take it.
#include <fmt/format.h>
#include <hwy/targets.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/engine/closed_balances.hpp"

namespace {

struct Shape {
  const char* title;
  int labels;
  bool loop;
  bool by_entry;
  const char* lifetime;
};

std::string model_text(const Shape& shape) {
  std::string text = R"(lode: 1
title: Draws
time: {first: 2000, last: 2050}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions: {product: {table: data/products.csv}}
when:
  history: time <= 2017
  saturating: time > 2017 and product.method = stock
  growing: time > 2017 and product.method = growth
parameters:
  production: {over: [time, product], unit: t/yr, table: data/production.csv, where: history}
  exports: {over: [time, product], unit: t/yr, table: data/exports.csv, where: history}
  imports: {over: [time, product], unit: t/yr, table: data/imports.csv, where: history}
  content: {over: [product], unit: 1, table: data/content.csv}
  adoption: {over: [product], unit: 1, table: data/adoption.csv}
  life: {over: [product], unit: yr, table: data/life.csv}
  spread: {over: [product], unit: yr, table: data/spread.csv}
  growth: {over: [product], unit: 1/yr, table: data/growth.csv}
  saturation: {over: [product], unit: t, table: data/saturation.csv}
  reuse: {value: 0.2}
  shape: {value: 2.5}
processes: {makers: {outside: true}, use: {}, waste: {outside: true}}
flows:
  sold: {from: makers, to: use, over: [time, product]}
  retired: {from: use, to: waste, over: [time, product]}
stocks:
  in_use:
    process: use
    over: [time, product]
    inflow: sold
    outflow: retired
    negative_inflow: allow
)";
  std::string life = shape.by_entry ? "life * (1 + 0.004 * (time - 2000) / one_year)" : "life";
  text += fmt::format("    lifetime: {{weibull: {{mean: \"{}\", {}}}}}\n", life, shape.lifetime);
  text += "    stock: {saturating: saturation * exp(-2 * exp(-0.08 * (time - 2000) / one_year))}\n";
  text += R"(equations:
  sold:
    history: (production - exports + imports) * content * adoption)";
  if (shape.loop) text += " + reuse * sum(retired over product) * adoption / 40";
  text += R"(
    growing: sold[2017] * exp(growth * (time - 2017)))";
  if (shape.loop) text += " + reuse * sum(retired over product) * adoption / 40";
  text += R"(
    saturating: in_use.inflow
  total_stock: sum(in_use.stock over product)
  total_retired: sum(retired over product)
)";
  const std::size_t at = text.find("processes:");
  text.insert(at, "  one_year: {value: 1 yr}\n");
  return text;
}

/// A case in a folder of its own, gone with the object.
class Folder {
 public:
  explicit Folder(const Shape& shape) {
    std::string name = (std::filesystem::temp_directory_path() / "lode-bench-XXXXXX").string();
    path_ = mkdtemp(name.data());
    std::filesystem::create_directories(path_ / "data");
    write("model.yaml", model_text(shape));
    std::string products = "label,method\n";
    std::map<std::string, std::string> tables;
    for (const char* table : {"content", "adoption", "life", "spread", "growth", "saturation"})
      tables[table] = "product,value\n";
    for (const char* table : {"production", "exports", "imports"}) tables[table] = "time,product,value\n";
    for (int i = 0; i < shape.labels; ++i) {
      products += fmt::format("P{},{}\n", i, i % 2 == 1 ? "stock" : "growth");
      const auto line = [&](const char* table, double value) {
        tables[table] += fmt::format("P{},{:.6g}\n", i, value);
      };
      line("content", 0.3 + 0.02 * i / shape.labels);
      line("adoption", 0.5 + 0.3 * i / shape.labels);
      line("life", 5 + 12.0 * i / shape.labels);
      line("spread", 2 + 4.0 * i / shape.labels);
      line("growth", 0.01 + 0.02 * i / shape.labels);
      line("saturation", 3000 + 1000.0 * i / shape.labels);
      for (int year = 2000; year <= 2017; ++year) {
        const double made = (100 + 10 * (year - 2000)) * (1 + 0.5 * std::sin(i + 0.3 * year));
        tables["production"] += fmt::format("{},P{},{:.6g}\n", year, i, made + 60);
        tables["exports"] += fmt::format("{},P{},{:.6g}\n", year, i, 0.3 * made);
        tables["imports"] += fmt::format("{},P{},{:.6g}\n", year, i, 0.1 * made);
      }
    }
    write("data/products.csv", products);
    for (const auto& [table, content] : tables) write("data/" + table + ".csv", content);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& file, const std::string& text) { std::ofstream(path_ / file) << text; }
  std::filesystem::path path_;
};

constexpr double usual_spread = 0.03;

double wobble(std::size_t leaf, std::size_t cell, std::size_t lane, double spread = usual_spread) {
  return 1 +
         spread * std::sin(static_cast<double>(1 + 7 * leaf + 3 * cell) + 1.9 * static_cast<double>(lane));
}

/// Gives every lane of an input numbers of its own.
void fill_lanes(lode::Evaluation& evaluation, std::size_t leaf, std::size_t lanes,
                double spread = usual_spread) {
  const lode::Array nominal = evaluation.leaf(leaf);
  lode::Array& values = evaluation.leaf_lanes(leaf, lanes);
  for (std::size_t cell = 0; cell < nominal.size(); ++cell)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      values.data()[cell * lanes + lane] = nominal.data()[cell] * wobble(leaf, cell, lane, spread);
}

bool varies(const std::string& name) {
  return name != "one_year" && name != "shape" && name != "saturation" && name != "spread";
}

/// The largest difference of a lane from a run of its own, relative to the largest value of the quantity.
double difference(const lode::Plan& plan, const lode::Evaluation& together, std::size_t lane) {
  const lode::BoundModel& model = *plan.model;
  lode::Evaluation alone(plan);
  for (std::size_t i = 0; i < model.leaves.size(); ++i) {
    if (!varies(model.leaves[i].name)) continue;
    lode::Array values = model.leaves[i].values;
    for (std::size_t cell = 0; cell < values.size(); ++cell) values.data()[cell] *= wobble(i, cell, lane);
    alone.set_leaf(i, values);
  }
  alone.run();
  double worst = 0;
  for (const char* name :
       {"in_use.stock", "in_use.inflow", "in_use.outflow", "total_stock", "total_retired"}) {
    const std::size_t id = *model.find_quantity(name);
    const lode::Array& a = together.quantity(id);
    const lode::Array& b = alone.quantity(id);
    double largest = 0, miss = 0;
    for (std::size_t cell = 0; cell < b.size(); ++cell) {
      largest = std::max(largest, std::abs(b.data()[cell]));
      miss = std::max(miss, std::abs(a.data()[cell * a.lanes() + lane] - b.data()[cell]));
    }
    worst = std::max(worst, miss / largest);
  }
  return worst;
}

/// Times the operations, which have been run, and prints those that take longest.
void report(const char* title, std::size_t inputs, lode::Evaluation& evaluation,
            const std::vector<bool>& operations, std::size_t lanes, int repeats) {
  // Short stretches, of which one falls between other work of the machine.
  const auto seconds = [&](int times) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) evaluation.run_again(operations);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const int times = std::max(1, static_cast<int>(0.001 / (seconds(3) / 3)));
  const double per_draw = 1e6 / (static_cast<double>(times) * static_cast<double>(lanes));
  double best = 1e9, best_timed = 1e9;
  std::vector<double> parts;
  for (int i = 0; i < repeats; ++i) {
    best = std::min(best, seconds(times));
    evaluation.keep_times(true);
    const double timed = seconds(times);
    if (timed < best_timed) {
      best_timed = timed;
      parts = evaluation.times();
    }
    evaluation.keep_times(false);
  }
  fmt::print("{:44} {:5} inputs {:3} lanes {:8.2f} µs per draw\n", title, inputs, lanes, best * per_draw);
  std::vector<std::size_t> order(parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return parts[a] > parts[b]; });
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 10); ++i)
    if (parts[order[i]] * per_draw > 0.01)
      fmt::print("    {:8.3f}  {}\n", parts[order[i]] * per_draw,
                 evaluation.plan().operations[order[i]].label);
}

bool measure(const Shape& shape, std::size_t lanes, int repeats) {
  const Folder folder(shape);
  const lode::Session session = lode::open_session(folder.path(), {});
  if (!session.planned()) {
    fmt::print(stderr, "{}\n", render(session.diagnostics));
    return false;
  }
  const lode::Plan& plan = *session.plan;
  const lode::BoundModel& model = *plan.model;
  lode::Evaluation evaluation(plan);
  std::vector<std::size_t> leaves, quantities;
  std::size_t inputs = 0;
  for (std::size_t i = 0; i < model.leaves.size(); ++i) {
    if (!varies(model.leaves[i].name)) continue;
    leaves.push_back(i);
    inputs += model.leaves[i].defined.count();
  }
  for (std::size_t i = 0; i < model.quantities.size(); ++i) quantities.push_back(i);
  const std::vector<bool> operations = evaluation.affected_by(leaves, quantities);
  for (const std::size_t leaf : leaves) fill_lanes(evaluation, leaf, lanes);
  evaluation.run();
  evaluation.run_again(operations);
  for (const std::size_t lane : {std::size_t{0}, std::size_t{1}, lanes - 1}) {
    const double miss = difference(plan, evaluation, lane);
    if (miss < 1e-11) continue;
    fmt::print(stderr, "wrong answer in lane {}: {}\n", lane, miss);
    return false;
  }
  report(shape.title, inputs, evaluation, operations, lanes, repeats);
  return true;
}

/// What `lode run --draws` computes of a case, inputs being 1 % apart in different lanes.
bool measure_case(const std::filesystem::path& folder, std::size_t lanes, int repeats) {
  const lode::Session session = lode::open_session(folder, {});
  if (!session.planned()) {
    fmt::print(stderr, "{}\n", render(session.diagnostics));
    return false;
  }
  const lode::BoundModel& model = *session.bound;
  lode::Evaluation evaluation(*session.plan);
  const std::vector<bool> closed = lode::closed_balances(*session.plan);
  std::vector<std::size_t> leaves, quantities;
  for (const lode::UncertainLeaf& uncertain : session.uncertainty.leaves) leaves.push_back(uncertain.leaf);
  for (std::size_t i = 0; i < model.quantities.size(); ++i)
    if (!closed[i] && model.quantities[i].kind != lode::Quantity::Kind::throughput &&
        model.quantities[i].kind != lode::Quantity::Kind::checkpoint)
      quantities.push_back(i);
  const std::vector<bool> operations = evaluation.affected_by(leaves, quantities);
  for (const std::size_t leaf : leaves) fill_lanes(evaluation, leaf, lanes, 0.01);
  evaluation.run();
  report(folder.filename().c_str(), session.uncertainty.columns.size(), evaluation, operations, lanes,
         repeats);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = static_cast<std::size_t>(argc > 1 ? std::max(0, std::atoi(argv[1])) : 0);
  const std::size_t lanes = given > 0 ? given : lode::usual_lanes;
  const int repeats = argc > 2 ? std::max(1, std::atoi(argv[2])) : 100;
  const Shape shapes[] = {{"17 products", 17, false, false, "shape: shape"},
                          {"17 products, mean and deviation", 17, false, false, "sd: spread"},
                          {"17 products, a loop through scrap", 17, true, false, "shape: shape"},
                          {"17 products, lifetimes by year of entry", 17, false, true, "shape: shape"},
                          {"100 products", 100, false, false, "shape: shape"}};
  if (argc > 4 && std::string(argv[4]) == "avx2") hwy::DisableTargets(HWY_AVX2 - 1);
  if (argc > 3 && std::filesystem::is_directory(argv[3]))
    return measure_case(argv[3], lanes, repeats) ? 0 : 1;
  const int which = argc > 3 ? std::atoi(argv[3]) : -1;
  for (int i = 0; const Shape& shape : shapes)
    if ((which < 0 || i++ == which) && !measure(shape, lanes, repeats)) return 1;
  return 0;
}
