// SPDX-License-Identifier: Apache-2.0
//
// The identities on hundreds of models drawn at random. LODE_SEED=<n> runs one of them; LODE_MODELS=<n> sets
// how many.
#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "identities.hpp"
#include "model_generator.hpp"

namespace lode::testing {
namespace {

void count_kinds(const std::vector<Operation>& operations, std::map<Operation::Kind, int>& kinds,
                 bool in_scan, int& solves_in_scans) {
  for (const Operation& operation : operations) {
    ++kinds[operation.kind];
    if (in_scan && operation.kind == Operation::Kind::solve) ++solves_in_scans;
    count_kinds(operation.body, kinds, in_scan || operation.kind == Operation::Kind::scan, solves_in_scans);
  }
}

TEST(GeneratedModels, KeepTheIdentities) {
  const char* one = std::getenv("LODE_SEED");
  const char* how_many = std::getenv("LODE_MODELS");
  const std::uint64_t first = one ? std::strtoull(one, nullptr, 10) : 1;
  const std::uint64_t last = one ? first : how_many ? std::strtoull(how_many, nullptr, 10) : 300;
  std::map<Operation::Kind, int> kinds;
  int solves_in_scans = 0, failed = 0;
  for (std::uint64_t seed = first; seed <= last && failed < 3; ++seed) {
    const Files files = random_case(seed);
    const CaseFolder folder(files);
    Session session = folder.open();
    const std::string who = fmt::format("LODE_SEED={}\n", seed);
    if (!session.planned() || !compute(session)) {
      ADD_FAILURE() << who << text_of(files) << render(session.diagnostics);
      ++failed;
      continue;
    }
    count_kinds(session.plan->operations, kinds, false, solves_in_scans);
    const auto found = violations(session);
    if (!found.empty()) {
      ADD_FAILURE() << who << text_of(files) << fmt::format("{}", fmt::join(found, "\n")) << "\n"
                    << print(*session.plan);
      ++failed;
      continue;
    }
    Evaluation again(*session.plan);
    again.run();
    EXPECT_EQ(first_difference(*session.evaluation, 0, again, 0), "") << who;
  }
  if (one || failed) return;
  using Kind = Operation::Kind;
  for (const Kind kind : {Kind::map, Kind::reduce, Kind::over_time, Kind::survival, Kind::cohort,
                          Kind::accumulate, Kind::scan, Kind::solve})
    EXPECT_GT(kinds[kind], 30) << "the generator has stopped making operations of kind "
                               << static_cast<int>(kind);
  EXPECT_GT(solves_in_scans, 30);
}

TEST(GeneratedModels, AreTheSameForOneSeed) {
  EXPECT_EQ(text_of(random_case(7)), text_of(random_case(7)));
  EXPECT_NE(text_of(random_case(7)), text_of(random_case(8)));
}

}  // namespace
}  // namespace lode::testing
