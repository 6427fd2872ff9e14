// SPDX-License-Identifier: Apache-2.0
//
// A lane is a run of its own: whatever stands in the lanes beside it, its bits are those of a run by itself;
// with a multiple of 8 lanes, where other kernels are used, its values but for rounding.
#include <fmt/format.h>

#include <functional>

#include "case_tools.hpp"
#include "identities.hpp"
#include "model_generator.hpp"

namespace lode::testing {
namespace {

/// The leaf's values, each scaled by a factor near 1 that differs by cell and lane; lane 0 keeps them.
Array perturbed(const Array& values, std::size_t leaf, std::size_t lanes) {
  Array result(values.series(), values.periods(), lanes);
  for (std::size_t s = 0; s < values.series(); ++s)
    for (std::size_t p = 0; p < values.periods(); ++p)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double wobble =
            std::sin(static_cast<double>(1 + 7 * leaf + 3 * s + p) * 0.7 + static_cast<double>(lane) * 1.9);
        result.at(s, p)[lane] = values.value(s, p) * (lane == 0 ? 1.0 : 1 + 0.02 * wobble);
      }
  return result;
}

Array lane_of(const Array& values, std::size_t lane) {
  Array result(values.series(), values.periods());
  for (std::size_t s = 0; s < values.series(); ++s)
    for (std::size_t p = 0; p < values.periods(); ++p) *result.at(s, p) = values.value(s, p, lane);
  return result;
}

std::string sorted_events(const Evaluation& evaluation) {
  std::vector<std::string> lines;
  for (const Event& event : evaluation.events())
    lines.push_back(fmt::format("{} {}", static_cast<int>(event.kind), event.what));
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

/// Compares a run of all lanes with one run per lane; `chosen` says which leaves vary.
void compare_lanes(const Plan& plan, std::size_t lanes, const std::function<bool(std::size_t)>& chosen,
                   const std::string& who) {
  const BoundModel& model = *plan.model;
  Evaluation together(plan);
  std::vector<Array> values(model.leaves.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!chosen(i)) continue;
    values[i] = perturbed(model.leaves[i].values, i, lanes);
    together.set_leaf(i, values[i]);
  }
  together.run();
  const double tolerance = lanes % 8 == 0 ? 1e-11 : 0;
  std::string events;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    Evaluation alone(plan);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (chosen(i)) alone.set_leaf(i, lane_of(values[i], lane));
    alone.run();
    events += sorted_events(alone);
    ASSERT_EQ(first_difference(together, lane, alone, 0, tolerance), "")
        << who << ", lane " << lane << " of " << lanes;
    if (lane == 0) {
      Evaluation untouched(plan);
      untouched.run();
      ASSERT_EQ(first_difference(alone, 0, untouched, 0), "") << who;
    }
  }
  if (tolerance > 0) return;
  EXPECT_EQ(together.events().empty(), events.empty())
      << who << ": " << sorted_events(together) << " against " << events;
}

class Lanes : public ::testing::TestWithParam<std::string> {};

TEST_P(Lanes, AreRunsOfTheirOwn) {
  const Session session = open_session(std::filesystem::path(LODE_SOURCE_DIR) / GetParam(), {});
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  for (const std::size_t lanes : {1, 3, 8, 24}) {
    compare_lanes(
        *session.plan, lanes, [](std::size_t) { return true; }, GetParam());
    if (HasFatalFailure()) return;
  }
  // One leaf at a time: most arrays stay narrow and are widened where they meet.
  for (std::size_t leaf = 0; leaf < session.bound->leaves.size(); ++leaf) {
    compare_lanes(
        *session.plan, 3, [&](std::size_t i) { return i == leaf; },
        GetParam() + " " + session.bound->leaves[leaf].name);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Repository, Lanes, ::testing::ValuesIn(repository_cases()),
                         [](const auto& each) { return test_name(each.param); });

TEST(LanesOfGeneratedModels, AreRunsOfTheirOwn) {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    const CaseFolder folder(random_case(seed));
    const Session session = folder.open();
    ASSERT_TRUE(session.planned()) << "LODE_SEED=" << seed;
    const std::string who = fmt::format("LODE_SEED={}", seed);
    compare_lanes(
        *session.plan, 8, [](std::size_t) { return true; }, who);
    compare_lanes(
        *session.plan, 3, [&](std::size_t i) { return (i + seed) % 3 == 0; }, who);
    if (HasFatalFailure()) return;
  }
}

TEST(LanesOfOneModel, MayTakeDifferentBranches) {
  const CaseFolder folder(R"(lode: 1
title: Branches
time: {first: 2000, last: 2004}
defaults: {over: [time]}
parameters: {driver: 1, one_year: 1 yr}
equations:
  x: if driver * (time - 2000) / one_year > 2 then 10 else driver
  y: first_year(x > 5)
  z: clamp(driver, 0, 1)
)");
  const Session session = folder.open();
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  Evaluation evaluation(*session.plan);
  Array values(1, 1, 3);
  values.at(0, 0)[0] = 1;
  values.at(0, 0)[1] = -1;
  values.at(0, 0)[2] = 2;
  const auto driver = session.bound->find_leaf("driver");
  ASSERT_TRUE(driver);
  evaluation.set_leaf(*driver, values);
  evaluation.run();
  const auto get = [&](const char* name, std::size_t period, std::size_t lane) {
    return evaluation.quantity(*session.bound->find_quantity(name)).value(0, period, lane);
  };
  EXPECT_EQ(get("x", 3, 0), 10);
  EXPECT_EQ(get("x", 3, 1), -1);
  EXPECT_EQ(get("x", 2, 2), 10);
  EXPECT_EQ(get("y", 0, 0), 2003);
  EXPECT_TRUE(std::isnan(get("y", 0, 1))) << "never";
  EXPECT_EQ(get("y", 0, 2), 2002);
  EXPECT_EQ(get("z", 0, 1), 0);
  EXPECT_EQ(get("z", 0, 2), 1);
}

TEST(LanesOfOneModel, AreCountedWhereTheyFail) {
  // Lane 2: no lifetime; lane 3: a singular loop; lane 4: the stock falls faster than it ages.
  const CaseFolder folder(R"(lode: 1
title: Lanes fail
time: {first: 2000, last: 2003}
defaults: {over: [time]}
parameters: {gain: 0.5, life: 10 yr, fall: -0.01, one_year: 1 yr, all: 9 t}
stocks:
  use:
    unit: t
    lifetime: {weibull: {mean: life, shape: 2}}
    stock: all * (1 - fall * (time - 2000) / one_year)
equations:
  x: {over: [time], unit: 1, equals: 1 + gain * y}
  y: {over: [time], unit: 1, equals: x * 1}
)");
  const Session session = folder.open();
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  Evaluation evaluation(*session.plan);
  const auto set = [&](const char* name, std::size_t lane, double value) {
    Array& values = evaluation.leaf_lanes(*session.bound->find_leaf(name), 8);
    for (std::size_t i = 0; i < 8; ++i)
      if (std::isnan(values.at(0, 0)[i]))
        values.at(0, 0)[i] = session.bound->leaves[*session.bound->find_leaf(name)].values.data()[0];
    values.at(0, 0)[lane] = value;
  };
  set("life", 2, -1);
  set("gain", 3, 1);
  set("fall", 4, 0.3);
  evaluation.run();
  EXPECT_EQ(evaluation.events().size(), 3u);
  std::vector<std::size_t> leaves, quantities;
  for (std::size_t i = 0; i < session.bound->leaves.size(); ++i) leaves.push_back(i);
  for (std::size_t i = 0; i < session.bound->quantities.size(); ++i) quantities.push_back(i);
  set("life", 6, 0);
  evaluation.run_again(evaluation.affected_by(leaves, quantities));
  std::map<LaneFailure::Kind, std::pair<std::size_t, std::size_t>> found;
  for (const LaneFailure& failure : evaluation.lane_failures())
    found[failure.kind] = {failure.lanes, failure.first_lane};
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[LaneFailure::Kind::bad_lifetime], std::pair(std::size_t{3}, std::size_t{2}));
  EXPECT_EQ(found[LaneFailure::Kind::singular], std::pair(std::size_t{2}, std::size_t{3}));
  EXPECT_EQ(found[LaneFailure::Kind::negative_inflow], std::pair(std::size_t{2}, std::size_t{4}));
  for (const LaneFailure& failure : evaluation.lane_failures()) {
    const Event event = evaluation.event_of(failure);
    EXPECT_EQ(event.count, failure.lanes);
    if (event.kind == Event::Kind::negative_inflow) {
      EXPECT_EQ(event.cell, "[2001]");
    }
  }
}

TEST(LanesOfOneModel, FailOneByOne) {
  // A singular loop in one lane leaves the other alone.
  const CaseFolder folder(R"(lode: 1
title: One lane fails
time: 2000
parameters: {gain: 0.5}
equations:
  x: {over: [time], unit: 1, equals: 1 + gain * y}
  y: {over: [time], unit: 1, equals: x * 1}
)");
  const Session session = folder.open();
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  Evaluation evaluation(*session.plan);
  Array values(1, 1, 2);
  values.at(0, 0)[0] = 1;
  values.at(0, 0)[1] = 0.5;
  evaluation.set_leaf(*session.bound->find_leaf("gain"), values);
  evaluation.run();
  ASSERT_EQ(evaluation.events().size(), 1u);
  EXPECT_EQ(evaluation.events()[0].kind, Event::Kind::singular);
  EXPECT_EQ(evaluation.events()[0].count, 1u);
  EXPECT_DOUBLE_EQ(evaluation.quantity(*session.bound->find_quantity("x")).value(0, 0, 1), 2.0);
}

}  // namespace
}  // namespace lode::testing
