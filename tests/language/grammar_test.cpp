// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(std::string(LODE_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string grammar_in_code() {
  std::string grammar;
  bool inside = false;
  for (const std::string& line : lines_of("src/lode/language/parser.cpp")) {
    if (line.starts_with("//   formula ")) inside = true;
    if (!inside) continue;
    if (line == "//" && grammar.ends_with("'\"' ;\n")) break;
    grammar += (line.size() > 5 ? line.substr(5) : std::string()) + "\n";
  }
  return grammar;
}

std::string grammar_in(const std::string& path) {
  std::string grammar;
  bool inside = false;
  for (const std::string& line : lines_of(path)) {
    if (inside && line == "```") return grammar;
    if (inside) grammar += line + "\n";
    if (line == "```ebnf") inside = true;
  }
  return grammar;
}

TEST(Grammar, IsTheSameInCodeAndDocuments) {
  const std::string code = grammar_in_code();
  ASSERT_GT(code.size(), 1000u);
  EXPECT_EQ(grammar_in("docs/language-grammar.md"), code);
  EXPECT_EQ(grammar_in("docs/language.md"), code);
}

}  // namespace
