// SPDX-License-Identifier: Apache-2.0
//
// Differences of scenarios drawn together, against what follows by hand of linear models. Random draws meet 5
// standard errors: with a right program a seed in 1.7 million would fail, and the seeds here are fixed.
#include "lode/engine/draw_difference.hpp"

#include <fmt/format.h>

#include <cstring>

#include "case_tools.hpp"
#include "lode/api/draws.hpp"

namespace lode::testing {
namespace {

constexpr std::uint64_t many = 65'536;

/// y = factor · a + b: normal, mean 20 (30), deviation √(4 + 9) (√(9 + 9)); the difference is a, 10 ± 1,
/// where draws of its own for each scenario would give √(13 + 18).
const char* const linear = R"(lode: 1
time: {first: 2000, last: 2004}
quality: {rough: {normal: {cv: 50 %}}}
parameters:
  a: {value: 10 t, normal: {sd: 1}}
  b: {value: 0 t, normal: {sd: 3}}
  c: {value: 4 t}
  factor: {value: 2}
equations:
  y: factor * a + b
  same: y
  apart: b + c
  only_there: c * factor
scenarios:
  size:
    default: small
    small: {}
    large: {factor: 3}
    drawn: {c: {quality: rough}}
  shape:
    default: straight
    straight: {}
    bent: {same: y + c}
)";

/// Scenarios with a session each.
struct Together {
  explicit Together(const std::vector<ScenarioChoice>& choices, const std::string& model = linear)
      : folder(model) {
    for (const ScenarioChoice& choice : choices)
      sessions.push_back(std::make_unique<Session>(folder.computed(choice)));
    for (const auto& session : sessions)
      models.push_back(
          std::make_unique<DrawModel>(*session->plan, *session->evaluation, session->uncertainty));
  }
  const DrawDifference& subtract(std::size_t first, std::size_t second) {
    differences.push_back(std::make_unique<DrawDifference>(*models[first], *models[second]));
    return *differences.back();
  }
  DrawOptions options(std::uint64_t draws = many, DesignKind kind = DesignKind::random,
                      std::uint64_t seed = 1) const {
    DrawOptions result;
    result.design = {kind, seed, rounded_draws(kind, draws)};
    result.threads = 2;
    result.identity = "these";
    for (std::size_t k = 1; k < models.size(); ++k) result.others.push_back(models[k].get());
    for (const auto& each : differences) result.differences.push_back(each.get());
    return result;
  }
  DrawResult run(const DrawOptions& options) const {
    Team alone;
    std::string problem;
    auto result = run_draws(*models.front(), options, alone, problem);
    EXPECT_TRUE(result) << problem;
    return result ? std::move(*result) : DrawResult{};
  }
  std::size_t quantity(const std::string& name) const {
    return sessions.front()->bound->find_quantity(name).value();
  }

  CaseFolder folder;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<DrawModel>> models;
  std::vector<std::unique_ptr<DrawDifference>> differences;
};

/// The deviation's standard error is that of normal values.
bool agrees(const CellSummary& cell, double mean, double deviation) {
  const auto n = static_cast<double>(cell.draws);
  return std::abs(cell.mean - mean) <= 5 * deviation / std::sqrt(n) &&
         std::abs(cell.deviation - deviation) <= 5 * deviation / std::sqrt(2 * n);
}

TEST(DrawDifferences, KnowWhatScenariosHaveInCommon) {
  Together pair({{}, {{"size", "large"}}});
  const DrawDifference& of = pair.subtract(1, 0);
  for (const DesignKind kind : {DesignKind::random, DesignKind::latin, DesignKind::sobol}) {
    const DrawResult result = pair.run(pair.options(many, kind));
    ASSERT_EQ(result.differences.size(), 1u);
    const CellSummary& y = result.differences[0].cells.at(of.find(pair.quantity("y"), 0, 0));
    EXPECT_TRUE(agrees(y, 10, 1)) << y.mean << " " << y.deviation;
    EXPECT_FALSE(agrees(y, 10, std::sqrt(31))) << "as with independent draws";
    EXPECT_FALSE(agrees(y, 10.1, 1));
    EXPECT_LT(y.quantiles.back().value - y.quantiles.front().value, 0.25 * 2 * 1.645 * std::sqrt(31));
    EXPECT_NEAR(y.quantiles.front().value, 10 - 1.6448536,
                5 * std::sqrt(0.05 * 0.95 / static_cast<double>(many)) / 0.1031);
    EXPECT_EQ(y.negative, 0u) << "10 deviations";
    // Neither scenario alone is known so well.
    EXPECT_TRUE(agrees(result.cells.at(pair.models[0]->find(pair.quantity("y"), 0, 0)), 20, std::sqrt(13)));
    EXPECT_TRUE(agrees(result.others.at(0).cells.at(pair.models[1]->find(pair.quantity("y"), 0, 0)), 30,
                       std::sqrt(18)));
  }
}

TEST(DrawDifferences, OfIndependentDrawsAreAsWideAsBothTogether) {
  // What common scores save: the same difference from runs with seeds of their own.
  Together pair({{}, {{"size", "large"}}});
  std::vector<double> values[2];
  for (std::size_t k = 0; k < 2; ++k) {
    DrawOptions options;
    options.design = {DesignKind::random, 10 + k, many};
    options.focus = {pair.models[k]->find(pair.quantity("y"), 0, 0)};
    options.keep_draws = true;
    Team alone;
    std::string problem;
    values[k] = run_draws(*pair.models[k], options, alone, problem)->kept.at(0);
  }
  for (std::size_t i = 0; i < many; ++i) values[1][i] -= values[0][i];
  StatisticsOptions options;
  const CellSummary apart = exact_summary(values[1], options);
  EXPECT_TRUE(agrees(apart, 10, std::sqrt(31))) << apart.mean << " " << apart.deviation;
}

TEST(DrawDifferences, HaveTheirProbabilityBelowZero) {
  // c is uncertain in one scenario alone: its own column, and a difference N(0, 2).
  Together pair({{}, {{"size", "drawn"}}});
  const DrawDifference& of = pair.subtract(1, 0);
  const DrawResult result = pair.run(pair.options());
  const std::size_t place = of.find(pair.quantity("apart"), 0, 0);
  ASSERT_NE(place, DrawModel::no_cell);
  const CellSummary& apart = result.differences[0].cells[place];
  EXPECT_TRUE(agrees(apart, 0, 2)) << apart.mean << " " << apart.deviation;
  EXPECT_NEAR(share_below_zero(apart), 0.5, 5 * 0.5 / std::sqrt(many));
  // y does not depend on c: no draw makes a difference, and nothing is left of it.
  const CellSummary& y = result.differences[0].cells.at(of.find(pair.quantity("y"), 0, 0));
  EXPECT_EQ(y.minimum, 0);
  EXPECT_EQ(y.maximum, 0);
  // The other scenario alone varies.
  const std::size_t there = of.find(pair.quantity("only_there"), 0, 0);
  ASSERT_NE(there, DrawModel::no_cell);
  EXPECT_EQ(pair.models[0]->find(pair.quantity("only_there"), 0, 0), DrawModel::no_cell);
  EXPECT_TRUE(agrees(result.differences[0].cells[there], 0, 4));
}

TEST(DrawDifferences, OfWhatIsACopyInOneScenarioOnly) {
  Together pair({{}, {{"shape", "bent"}}});
  const DrawDifference& of = pair.subtract(1, 0);
  const DrawResult result = pair.run(pair.options());
  EXPECT_EQ(result.differences[0].cells.at(of.find(pair.quantity("y"), 0, 0)).mean, 0);
  EXPECT_EQ(result.differences[0].cells.at(of.find(pair.quantity("same"), 0, 0)).mean, 4) << "c";
}

TEST(DrawDifferences, LeaveEachScenarioTheBitsOfARunByItself) {
  Together all({{}, {{"size", "large"}}, {{"shape", "bent"}}});
  all.subtract(1, 0);
  all.subtract(2, 1);
  for (const std::uint64_t count : {std::uint64_t{2048}, many}) {
    const DrawResult together = all.run(all.options(count, DesignKind::sobol));
    for (std::size_t k = 0; k < 3; ++k) {
      DrawOptions options;
      options.design = {DesignKind::sobol, 1, rounded_draws(DesignKind::sobol, count)};
      Team alone;
      std::string problem;
      const DrawResult own = *run_draws(*all.models[k], options, alone, problem);
      const auto& cells = k == 0 ? together.cells : together.others[k - 1].cells;
      ASSERT_EQ(cells.size(), own.cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        EXPECT_EQ(cells[i].mean, own.cells[i].mean);
        EXPECT_EQ(cells[i].deviation, own.cells[i].deviation);
        for (std::size_t q = 0; q < cells[i].quantiles.size(); ++q)
          EXPECT_EQ(cells[i].quantiles[q].value, own.cells[i].quantiles[q].value);
      }
    }
  }
}

/// What is followed of all models and differences: y, and of the others what is there.
void follow(const Together& all, DrawOptions& options, const std::vector<const char*>& names) {
  options.keep_draws = options.pairs = true;
  const auto cells = [&](const auto& part) {
    std::vector<std::size_t> found;
    for (const char* name : names)
      if (const std::size_t cell = part.find(all.quantity(name), 0, 0); cell != DrawModel::no_cell)
        found.push_back(cell);
    return found;
  };
  options.focus = cells(*all.models.front());
  for (std::size_t k = 1; k < all.models.size(); ++k) options.other_focus.push_back(cells(*all.models[k]));
  for (const auto& each : all.differences) options.difference_focus.push_back(cells(*each));
}

void expect_same(const std::vector<double>& a, const std::vector<double>& b, const char* what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  EXPECT_TRUE(a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) << what;
}

TEST(FollowedScenarios, HaveTheDrawsAndCorrelationsOfARunByItself) {
  Together all({{}, {{"size", "large"}}, {{"size", "drawn"}}});
  all.subtract(1, 0);
  all.subtract(0, 2);
  for (const std::uint64_t count : {std::uint64_t{200}, std::uint64_t{2048}, many})
    for (const DesignKind kind : {DesignKind::random, DesignKind::sobol}) {
      DrawOptions options = all.options(count, kind);
      follow(all, options, {"y", "only_there"});
      const DrawResult together = all.run(options);
      ASSERT_EQ(together.others.size(), 2u);
      ASSERT_EQ(together.differences.size(), 2u);
      for (std::size_t k = 0; k < 3; ++k) {
        DrawOptions alone = options;
        alone.others.clear();
        alone.differences.clear();
        alone.focus = k == 0 ? options.focus : options.other_focus[k - 1];
        alone.other_focus = alone.difference_focus = {};
        alone.threads = 1;
        Team team;
        std::string problem;
        const DrawResult own = *run_draws(*all.models[k], alone, team, problem);
        const DrawnPart& part = k == 0 ? together : together.others[k - 1];
        EXPECT_EQ(part.focus, own.focus);
        ASSERT_EQ(part.kept.size(), k == 2 ? 2u : 1u) << "of c only where it is drawn";
        ASSERT_EQ(own.kept.size(), part.kept.size());
        for (std::size_t i = 0; i < own.kept.size(); ++i) expect_same(part.kept[i], own.kept[i], "draws");
        EXPECT_EQ(part.correlations.draws, own.correlations.draws);
        expect_same(part.correlations.with_inputs, own.correlations.with_inputs, "with inputs");
        expect_same(part.correlations.with_results, own.correlations.with_results, "with results");
        EXPECT_TRUE(part.first_order.empty()) << "nobody asked";
      }
      // Draw i is draw i in all of them.
      const DrawnPart& wider = together.differences[0];
      ASSERT_EQ(wider.kept.size(), 1u);
      ASSERT_EQ(wider.kept[0].size(), together.draws);
      for (std::size_t i = 0; i < together.draws; ++i)
        ASSERT_EQ(wider.kept[0][i], together.others[0].kept[0][i] - together.kept[0][i]);
    }
}

TEST(FollowedScenarios, TellWhatDrivesADifference) {
  Together all({{}, {{"size", "large"}}, {{"size", "drawn"}}});
  all.subtract(1, 0);
  all.subtract(0, 2);
  DrawOptions options = all.options();
  follow(all, options, {"y", "only_there"});
  const DrawResult result = all.run(options);
  // 3 a + b − (2 a + b) = a.
  const PairCorrelations& wider = result.differences[0].correlations;
  ASSERT_EQ(wider.with_inputs.size(), 2u);
  EXPECT_NEAR(wider.with_inputs[0], 1, 1e-9);
  EXPECT_NEAR(wider.with_inputs[1], 0, 5 / std::sqrt(many));
  // Where c is certain less where it is drawn: the column of c is that of the second alone. y does not
  // differ.
  const PairCorrelations& drawn = result.differences[1].correlations;
  ASSERT_EQ(drawn.with_inputs.size(), 2u * 3u);
  EXPECT_TRUE(std::isnan(drawn.with_inputs[0])) << "a difference of nothing goes with nothing";
  EXPECT_NEAR(drawn.with_inputs[3], 0, 5 / std::sqrt(many));
  EXPECT_NEAR(drawn.with_inputs[5], -1, 1e-9);
}

std::string bytes_of(const DrawResult& result) {
  std::string bytes;
  const auto append = [&](const std::vector<CellSummary>& cells) {
    for (const CellSummary& cell : cells) {
      bytes += fmt::format("{} {} ", cell.draws, cell.negative);
      for (const double value : {cell.mean, cell.deviation, cell.minimum, cell.maximum, cell.mean_error})
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
      for (const QuantileEstimate& quantile : cell.quantiles)
        bytes.append(reinterpret_cast<const char*>(&quantile.value), sizeof(double));
    }
  };
  const auto append_numbers = [&](const std::vector<double>& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  };
  const auto append_part = [&](const DrawnPart& part) {
    append(part.cells);
    append_numbers(part.correlations.with_inputs);
    append_numbers(part.correlations.with_results);
    for (const auto& values : part.kept) append_numbers(values);
  };
  append_part(result);
  for (const auto& each : result.others) append_part(each);
  for (const auto& each : result.differences) append_part(each);
  return bytes;
}

TEST(DrawDifferences, HaveTheSameBitsWithAnyThreadsAndAfterAnInterruption) {
  Together all({{}, {{"size", "large"}}, {{"size", "drawn"}}});
  all.subtract(1, 0);
  all.subtract(2, 0);
  for (const DesignKind kind : {DesignKind::random, DesignKind::sobol}) {
    DrawOptions options = all.options(many, kind);
    follow(all, options, {"y", "only_there"});
    options.threads = 1;
    const std::string with_draws = bytes_of(all.run(options));
    options.threads = 2;
    EXPECT_EQ(with_draws, bytes_of(all.run(options)));
    options.keep_draws = false;  // a state holds none
    options.threads = 1;
    const std::string one = bytes_of(all.run(options));
    options.threads = 3;
    EXPECT_EQ(one, bytes_of(all.run(options)));
    options.state_file = (all.folder.path() / "run.state").string();
    options.threads = 1;
    std::size_t calls = 0, computed = 0;
    options.progress = [&](std::uint64_t) { return ++calls < 3; };
    EXPECT_FALSE(all.run(options).complete);
    options.progress = [&](std::uint64_t) { return ++computed > 0; };
    EXPECT_EQ(one, bytes_of(all.run(options)));
    EXPECT_EQ(computed, 5u) << "3 of 8 chunks were there";
  }
}

}  // namespace
}  // namespace lode::testing
