// SPDX-License-Identifier: Apache-2.0
//
// The worked examples of docs/indicators.md: examples/indicators computes each, its checkpoints are the
// numbers by hand, and the document shows the same arithmetic.
#include "lode/language/indicators.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lode/lode.hpp"

namespace lode {
namespace {

const std::string root = LODE_SOURCE_DIR;

std::string text_of(const std::string& path) {
  std::ifstream file(root + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Indicators, AgreeWithTheArithmeticByHand) {
  Case worked = Case::load(root + "/examples/indicators");
  ASSERT_TRUE(worked.ok()) << worked.messages_text();
  ASSERT_TRUE(worked.run()) << worked.messages_text();
  const std::string document = text_of("/docs/indicators.md");
  const std::vector<Checkpoint> checkpoints = worked.verify();
  EXPECT_EQ(checkpoints.size(), indicators().size());
  for (const Checkpoint& checkpoint : checkpoints) {
    EXPECT_EQ(checkpoint.status, "agrees") << checkpoint.id << ' ' << checkpoint.what;
    EXPECT_NE(document.find("| " + checkpoint.note + " |"), std::string::npos) << checkpoint.note;
  }
}

TEST(Indicators, AreAllWorkedByHand) {
  const std::string model = text_of("/examples/indicators/model.yaml");
  for (const Indicator& indicator : indicators())
    EXPECT_NE(model.find(": " + std::string(indicator.function.name) + "("), std::string::npos)
        << indicator.function.name;
}

}  // namespace
}  // namespace lode
