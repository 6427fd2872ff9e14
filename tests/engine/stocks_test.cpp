// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "case_tools.hpp"
#include "identities.hpp"
#include "lode/api/session.hpp"

namespace lode::testing {
namespace {

class Curves : public ::testing::TestWithParam<const char*> {};

TEST_P(Curves, GiveTheSameBitsWhetherKeptOrMadeAnew) {
  Session session = open_session(std::filesystem::path(LODE_SOURCE_DIR) / GetParam(), {});
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  Evaluation kept(*session.plan), anew(*session.plan);
  kept.run();
  anew.keep_curves_below(0);
  anew.run();
  EXPECT_EQ(kept.events().size(), anew.events().size());
  EXPECT_EQ(first_difference(kept, 0, anew, 0), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, Curves,
                         ::testing::Values("tests/trials/vehicle-fleet", "tests/trials/indium-china",
                                           "cases/indium-china", "templates/chain"));

/// Cohorts of every series and year add up to the stock and the outflow.
TEST(Cohorts, AddUpToTheStock) {
  for (const char* name : {"tests/trials/vehicle-fleet", "tests/trials/indium-china", "cases/indium-china"}) {
    Session session = open_session(std::filesystem::path(LODE_SOURCE_DIR) / name, {});
    ASSERT_TRUE(compute(session)) << render(session.diagnostics);
    const BoundModel& model = *session.bound;
    std::size_t checked = 0;
    for (std::size_t i = 0; i < model.stocks.size(); ++i) {
      const BoundStock& stock = model.stocks[i];
      if (!stock.lifetime) continue;
      for (std::size_t s = 0; s < stock.dims.series(model.dimensions); ++s)
        for (std::size_t p = model.dimensions.lead; p < model.dimensions.periods(); p += 7) {
          const Evaluation::Cohorts cohorts = session.evaluation->cohorts(i, s, p);
          double held = cohorts.older.stock, left = cohorts.older.outflow;
          for (const double amount : cohorts.stock) held += amount;
          for (const double amount : cohorts.outflow) left += amount;
          const double level = session.evaluation->quantity(stock.level).value(s, p);
          const double outflow = session.evaluation->quantity(stock.outflow).value(s, p);
          EXPECT_NEAR(held, level, 1e-11 * (std::abs(level) + 1e-300)) << stock.name;
          EXPECT_NEAR(left, outflow, 1e-10 * (std::abs(outflow) + 1e-12 * std::abs(level))) << stock.name;
          ++checked;
        }
    }
    EXPECT_GT(checked, 5u) << name;
  }
}

}  // namespace
}  // namespace lode::testing
