// SPDX-License-Identifier: Apache-2.0
//
// Identities × cases: every case of the repository under every scenario, one axis at a time.
#include "identities.hpp"

#include <fmt/format.h>

#include "case_tools.hpp"
#include "lode/results/write.hpp"

namespace lode::testing {
namespace {

class EveryCase : public ::testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return std::filesystem::path(LODE_SOURCE_DIR) / GetParam(); }
};

TEST_P(EveryCase, KeepsTheIdentitiesInEveryScenario) {
  const Session first = open_session(folder(), {});
  ASSERT_TRUE(first.planned()) << render(first.diagnostics);
  for (const ScenarioChoice& choice : choices_of(*first.model)) {
    Session session = open_session(folder(), choice);
    ASSERT_TRUE(session.planned()) << choice_text(choice) << "\n" << render(session.diagnostics);
    ASSERT_TRUE(compute(session)) << choice_text(choice) << "\n" << render(session.diagnostics);
    const auto found = violations(session);
    EXPECT_TRUE(found.empty()) << choice_text(choice) << "\n" << fmt::format("{}", fmt::join(found, "\n"));
  }
}

TEST_P(EveryCase, GivesTheSameBitsAgain) {
  Session session = open_session(folder(), {});
  ASSERT_TRUE(session.planned());
  ASSERT_TRUE(compute(session));
  Session other = open_session(folder(), {});
  ASSERT_TRUE(compute(other));
  EXPECT_EQ(first_difference(*session.evaluation, 0, *other.evaluation, 0), "");
  Evaluation again(*session.plan);
  again.run();
  EXPECT_EQ(first_difference(*session.evaluation, 0, again, 0), "");
  again.run();
  EXPECT_EQ(first_difference(*session.evaluation, 0, again, 0), "") << "the second run of one evaluation";
}

TEST_P(EveryCase, ReadsBackWhatItWrote) {
  Session session = open_session(folder(), {});
  ASSERT_TRUE(compute(session));
  const ResultSet written = results_of(session);
  const CaseFolder out(Files{});
  const auto file = out.path() / "results.nc";
  ASSERT_EQ(write_netcdf(written, file).value_or(""), "");
  std::string problem;
  const auto read = read_netcdf(file, problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(read->title, written.title);
  EXPECT_EQ(read->manifest, written.manifest);
  ASSERT_EQ(read->dimensions.size(), written.dimensions.size());
  for (std::size_t i = 0; i < written.dimensions.size(); ++i) {
    EXPECT_EQ(read->dimensions[i].name, written.dimensions[i].name);
    EXPECT_EQ(read->dimensions[i].labels, written.dimensions[i].labels);
  }
  ASSERT_EQ(read->variables.size(), written.variables.size());
  std::size_t cells = 0;
  for (const ResultVariable& variable : written.variables) {
    const ResultVariable* found = read->find(variable.name);
    ASSERT_TRUE(found) << variable.name;
    EXPECT_EQ(found->unit, variable.unit);
    EXPECT_EQ(found->group, variable.group);
    EXPECT_EQ(found->dimensions, variable.dimensions);
    ASSERT_EQ(found->values.size(), variable.values.size());
    for (std::size_t i = 0; i < variable.values.size(); ++i) {
      if (std::isnan(variable.values[i])) {
        EXPECT_TRUE(std::isnan(found->values[i])) << variable.name << " " << i;
      } else {
        EXPECT_EQ(found->values[i], variable.values[i]) << variable.name << " " << i;
        ++cells;
      }
    }
  }
  EXPECT_GT(cells, 5u);
}

INSTANTIATE_TEST_SUITE_P(Repository, EveryCase, ::testing::ValuesIn(repository_cases()),
                         [](const auto& each) { return test_name(each.param); });

}  // namespace
}  // namespace lode::testing
