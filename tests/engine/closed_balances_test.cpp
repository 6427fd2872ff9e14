// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/closed_balances.hpp"

#include "case_tools.hpp"

namespace lode::testing {
namespace {

bool is_closed(const Session& session, const std::string& balance) {
  const auto id = session.bound->find_quantity(balance);
  EXPECT_TRUE(id) << balance;
  return id && closed_balances(*session.plan)[*id];
}

/// A maker whose waste is what remains, users with a stock, and a sorter whose flows are told one by one.
std::string model(const std::string& glass) {
  return R"(lode: 1
title: Balances
time: {first: 2000, last: 2004}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions: {product: [car, house]}
parameters:
  ore_output: {value: 100 t/yr}
  good_share: {value: 80 %}
  glass_share: {value: 40 %}
  life: {value: 2 yr}
processes:
  mine: {outside: true}
  maker: {}
  use: {over: [product]}
  sorter: {}
  dump: {outside: true}
flows:
  ore: {from: mine, to: maker}
  goods: {from: maker, to: use, over: [time, product]}
  slag: {from: maker, to: dump}
  worn: {from: use, to: sorter, over: [time, product]}
  glass: {from: sorter, to: dump}
  steel: {from: sorter, to: dump}
stocks:
  in_use: {process: use, over: [time, product], inflow: goods, outflow: worn, lifetime: {fixed: {value: life}}}
equations:
  ore: ore_output
  goods: repeat(good_share * ore / 2 over product)
  slag: residual(maker)
  glass: )" +
         glass + R"(
  steel: (1 - glass_share) * sum(worn over product)
)";
}

TEST(ClosedBalances, HoldByResidualAndByStock) {
  const Session session = CaseFolder(model("glass_share * sum(worn over product)")).computed();
  ASSERT_TRUE(session.computed());
  EXPECT_TRUE(is_closed(session, "balance.maker")) << "by its residual";
  EXPECT_TRUE(is_closed(session, "balance.use")) << "by the change of its stock";
  EXPECT_FALSE(is_closed(session, "balance.sorter")) << "by numbers: shares that add up to 100 %";
}

TEST(ClosedBalances, AreNotTakenForGranted) {
  const Session session = CaseFolder(model("0.9 * sum(worn over product)")).computed();
  ASSERT_TRUE(session.computed());
  EXPECT_FALSE(is_closed(session, "balance.sorter")) << "130 % of what comes in leaves";
  const Session summed = CaseFolder(model("sum(worn over product) - steel")).computed();
  ASSERT_TRUE(summed.computed());
  EXPECT_TRUE(is_closed(summed, "balance.sorter")) << "the one flow is what the other leaves";
}

/// What is said not to vary is zero in every lane.
TEST(ClosedBalances, AreZeroInEveryDraw) {
  const Session session = CaseFolder(model("sum(worn over product) - steel")).computed();
  ASSERT_TRUE(session.computed());
  Evaluation evaluation(*session.plan);
  for (const char* name : {"ore_output", "good_share", "glass_share", "life"}) {
    const std::size_t leaf = *session.bound->find_leaf(name);
    const Array nominal = evaluation.leaf(leaf);
    Array& values = evaluation.leaf_lanes(leaf, 16);
    for (std::size_t i = 0; i < values.size(); ++i)
      values.data()[i] =
          nominal.data()[i / 16] * (1 + 0.01 * std::sin(static_cast<double>(i) + static_cast<double>(leaf)));
  }
  evaluation.run();
  const std::vector<bool> closed = closed_balances(*session.plan);
  std::size_t checked = 0;
  for (std::size_t q = 0; q < closed.size(); ++q) {
    if (!closed[q]) continue;
    for (const double balance : evaluation.quantity(q).data()) {
      EXPECT_NEAR(balance, 0, 1e-9) << session.bound->quantities[q].name;
      ++checked;
    }
  }
  EXPECT_GE(checked, 4 * 5u);
}

}  // namespace
}  // namespace lode::testing
