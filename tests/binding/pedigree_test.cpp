// SPDX-License-Identifier: Apache-2.0
#include "lode/binding/pedigree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "lode/api/session.hpp"

namespace lode {
namespace {

constexpr PedigreeSensitivity low = PedigreeSensitivity::low, medium = PedigreeSensitivity::medium,
                              high = PedigreeSensitivity::high;

std::string reference() {
  std::ifstream file(std::string(LODE_SOURCE_DIR) + "/docs/language.md");
  EXPECT_TRUE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The four percentages of the table's row that begins so, as they are shown.
std::vector<std::string> shown(const std::string& text, const std::string& row) {
  const std::size_t begin = text.find("\n| " + row);
  if (begin == std::string::npos) return {};
  const std::string line = text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
  const std::regex percentage(R"(([0-9.]+) %)");
  std::vector<std::string> found;
  for (std::sregex_iterator each(line.begin(), line.end(), percentage), none; each != none; ++each)
    found.push_back((*each)[1]);
  return found;
}

TEST(Pedigree, IsWhatTheReferenceShows) {
  const std::string text = reference();
  const auto expect = [&](const std::string& row, const std::string& indicator,
                          PedigreeSensitivity sensitivity) {
    std::vector<std::string> numbers;
    for (int score = 1; score <= 4; ++score)
      numbers.push_back(fmt::format("{:g}", pedigree_cv(indicator, score, sensitivity) * 100));
    EXPECT_EQ(shown(text, row), numbers) << row;
  };
  for (const PedigreeSensitivity any : {low, medium, high}) {
    expect("`reliability` |", "reliability", any);
    expect("`expert` |", "expert", any);
  }
  for (const char* other : {"completeness", "time", "geography", "other"}) {
    expect("`completeness`, `time`, `geography`, `other`; `sensitivity: high` |", other, high);
    expect("the same; `sensitivity: medium` |", other, medium);
    expect("the same; `sensitivity: low` |", other, low);
  }
}

// A worse score never counts less, and a higher sensitivity never less than a lower one.
TEST(Pedigree, GrowsWithScoreAndSensitivity) {
  for (const char* indicator : {"reliability", "completeness", "time", "geography", "other", "expert"})
    for (int score = 1; score <= 4; ++score) {
      const double at_high = pedigree_cv(indicator, score, high);
      EXPECT_GE(at_high, pedigree_cv(indicator, score, medium));
      EXPECT_GE(pedigree_cv(indicator, score, medium), pedigree_cv(indicator, score, low));
      if (score > 1) {
        EXPECT_GT(at_high, pedigree_cv(indicator, score - 1, high));
      }
    }
}

double deviation_of(const std::string& scores) {
  std::string name = (std::filesystem::temp_directory_path() / "lode-pedigree-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  std::ofstream(folder / "model.yaml")
      << "lode: 1\ntitle: Scores\ntime: 2020\nparameters:\n  a: {value: 200 t, "
         "pedigree: {" +
             scores + "}}\nequations:\n  b: 2 * a\n";
  const Session session = open_session(folder, {});
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(session.planned()) << render(session.diagnostics);
  if (!session.planned() || session.uncertainty.leaves.size() != 1) return std::nan("");
  const InputDistribution& drawn = session.uncertainty.leaves[0].distributions.at(0);
  EXPECT_DOUBLE_EQ(drawn.mean(), 200);
  return drawn.deviation();
}

TEST(Pedigree, SpreadsANumberOfAModel) {
  EXPECT_DOUBLE_EQ(deviation_of("reliability: 3"), 200 * 0.206);
  EXPECT_DOUBLE_EQ(deviation_of("expert: 2"), 200 * 0.137);
  EXPECT_DOUBLE_EQ(deviation_of("time: 3"), 200 * 0.137);
  EXPECT_DOUBLE_EQ(deviation_of("time: 3, sensitivity: high"), 200 * 0.137);
  EXPECT_DOUBLE_EQ(deviation_of("time: 3, sensitivity: medium"), 200 * 0.068);
  EXPECT_DOUBLE_EQ(deviation_of("sensitivity: low, time: 3"), 200 * 0.034);
  // 0.068² + 0.034² + 0.103² + 0² + 0.011²
  EXPECT_NEAR(
      deviation_of("reliability: 2, completeness: 3, time: 4, geography: 1, other: 2, sensitivity: low"),
      200 * std::sqrt(0.016510), 1e-9);
  EXPECT_TRUE(std::isnan(deviation_of("geography: 1")));  // it is certain then: not drawn at all
}

}  // namespace
}  // namespace lode
