// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/kept_draws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "case_tools.hpp"
#include "lode/engine/draws.hpp"

namespace lode {
namespace {

std::vector<double> values(std::size_t count, double first) {
  std::vector<double> all(count);
  std::iota(all.begin(), all.end(), first);
  return all;
}

const auto all_done = [](std::uint64_t) { return true; };
const auto first_done = [](std::uint64_t chunk) { return chunk == 0; };

class KeptDrawsFile : public ::testing::Test {
 protected:
  static constexpr const char* name = "run.state.draws";
  std::string state() const { return (folder.path() / "run.state").string(); }
  bool load(KeptDraws& kept, const std::function<bool(std::uint64_t)>& done) {
    Team alone;
    problem.clear();
    return kept.load(state(), alone, done, problem);
  }
  bool there() const { return std::filesystem::exists(folder.path() / name); }

  lode::testing::CaseFolder folder{lode::testing::Files()};
  std::string problem;
};

TEST_F(KeptDrawsFile, IsRefusedWhereverItIsCutOrChanged) {
  KeptDraws written(2, 8, "this run");
  written.add(0, values(16, 1));
  ASSERT_TRUE(written.append(state(), 0, problem)) << problem;
  const std::string good = folder.read(name);
  ASSERT_LT(good.size(), 500U);
  for (std::size_t at = 0; at < good.size(); ++at) {
    KeptDraws kept(2, 8, "this run");
    folder.write(name, good.substr(0, at));
    EXPECT_FALSE(load(kept, all_done)) << at;
    EXPECT_NE(problem.find(name), std::string::npos) << problem;
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    folder.write(name, changed);
    EXPECT_FALSE(load(kept, all_done)) << at;
    EXPECT_EQ(folder.read(name), changed) << "what is not understood is kept";
  }
  folder.write(name, good);
  KeptDraws another(2, 8, "that run"), wider(1, 16, "this run"), kept(2, 8, "this run");
  EXPECT_FALSE(load(another, all_done));
  EXPECT_FALSE(load(wider, all_done));
  ASSERT_TRUE(load(kept, all_done)) << problem;
  EXPECT_EQ(kept.take(8), (std::vector<std::vector<double>>{values(8, 1), values(8, 9)}));
}

TEST_F(KeptDrawsFile, GoesOnAfterARecordThatWasCut) {
  KeptDraws written(1, 8200, "this run");
  written.add(0, values(8192, 0));
  ASSERT_TRUE(written.append(state(), 0, problem));
  const std::string first = folder.read(name);
  written.add(1, values(8, 8192));
  ASSERT_TRUE(written.append(state(), 0, problem));
  const std::string both = folder.read(name);
  EXPECT_EQ(both.substr(0, first.size()), first) << "what is there is not written again";
  for (std::size_t size = first.size(); size <= both.size(); ++size) {
    folder.write(name, both.substr(0, size));
    KeptDraws kept(1, 8200, "this run");
    ASSERT_TRUE(load(kept, first_done)) << problem;
    kept.add(1, values(8, 8192));
    ASSERT_TRUE(kept.append(state(), 0, problem)) << problem;
    KeptDraws again(1, 8200, "this run");
    ASSERT_TRUE(load(again, [](std::uint64_t chunk) { return chunk < 2; })) << size << problem;
    EXPECT_EQ(again.take(8200).at(0), values(8200, 0)) << size;
  }
}

TEST_F(KeptDrawsFile, TakesUpThoseOfOtherProcesses) {
  KeptDraws of_first(1, 16'384, "this run"), of_third(1, 16'384, "this run");
  of_first.add(0, values(8192, 0));
  of_third.add(1, values(8192, 8192));
  ASSERT_TRUE(of_first.append(state(), 0, problem));
  ASSERT_TRUE(of_third.append(state(), 2, problem));
  const auto both = [](std::uint64_t chunk) { return chunk < 2; };
  for (int round = 0; round < 2; ++round) {  // at first from two files, then from one
    KeptDraws kept(1, 16'384, "this run");
    ASSERT_TRUE(load(kept, both)) << problem;
    EXPECT_EQ(kept.take(16'384).at(0), values(16'384, 0));
    EXPECT_FALSE(std::filesystem::exists(state() + ".2.draws"));
  }
  KeptDraws::remove(state());
  EXPECT_FALSE(there());
}

TEST_F(KeptDrawsFile, LeavesFilesOfOthersAlone) {
  const auto none_done = [](std::uint64_t) { return false; };
  for (const char* const other : {"run.state.draws", "run.state.3.draws"}) {
    KeptDraws kept(1, 8, "this run");
    folder.write(other, "name,draws\nx,4096\n");
    EXPECT_FALSE(load(kept, none_done));
    EXPECT_NE(problem.find(std::string(other) + "` holds no draws of a run"), std::string::npos) << problem;
    EXPECT_EQ(folder.read(other), "name,draws\nx,4096\n");
    std::filesystem::remove(folder.path() / other);
  }
}

TEST_F(KeptDrawsFile, BeginsAnewWithoutAState) {
  KeptDraws written(1, 8, "another run");
  written.add(0, values(8, 0));
  ASSERT_TRUE(written.append(state(), 0, problem));
  KeptDraws kept(1, 8, "this run");
  EXPECT_TRUE(load(kept, [](std::uint64_t) { return false; })) << problem;
  EXPECT_FALSE(there());
  EXPECT_TRUE(std::isnan(kept.take(8).at(0).at(7)));
}

}  // namespace
}  // namespace lode
