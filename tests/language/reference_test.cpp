// SPDX-License-Identifier: Apache-2.0
//
// docs/language.md says what the code does: keys, functions, units, reserved words and examples are compared
// with it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "lode/language/functions.hpp"
#include "lode/language/indicators.hpp"
#include "lode/language/lexer.hpp"
#include "lode/model/keys.hpp"
#include "lode/model/model.hpp"
#include "lode/model/yaml.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

std::string document(const std::string& name) {
  std::ifstream file(std::string(LODE_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string reference() {
  return document("language.md");
}

/// What stands in backticks outside code blocks.
std::set<std::string> code_words(const std::string& text) {
  std::set<std::string> words;
  std::istringstream lines(text);
  bool block = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) block = !block;
    if (block) continue;
    for (std::size_t at = line.find('`'); at != std::string::npos; at = line.find('`', at + 1)) {
      const std::size_t end = line.find('`', at + 1);
      if (end == std::string::npos) break;
      words.insert(line.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  return words;
}

std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> result;
  const std::string fence = "\n```" + language + "\n";
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at + 1)) {
    const std::size_t begin = at + fence.size();
    result.push_back(text.substr(begin, text.find("\n```\n", begin) + 1 - begin));
  }
  return result;
}

void collect_keys(const nlohmann::json& schema, std::set<std::string>& keys) {
  if (schema.is_object() && schema.contains("properties")) {
    for (const auto& [key, value] : schema["properties"].items()) keys.insert(key);
  }
  if (schema.is_structured()) {
    for (const auto& part : schema) collect_keys(part, keys);
  }
}

TEST(Reference, NamesEveryKey) {
  const std::string text = reference();
  const std::set<std::string> words = code_words(text);
  std::set<std::string> keys;
  collect_keys(nlohmann::json::parse(json_schema()), keys);
  ASSERT_GT(keys.size(), 50u);
  for (const std::string& key : keys) {
    const bool named = words.count(key) > 0 || words.count(key + ":") > 0 ||
                       text.find("`" + key + ":") != std::string::npos ||
                       text.find("\n" + key + ":") != std::string::npos ||
                       text.find("{" + key + ":") != std::string::npos;
    EXPECT_TRUE(named) << key;
  }
}

TEST(Reference, ListsEveryFunction) {
  const std::string text = reference();
  for (const FunctionInfo& f : functions()) {
    const std::string row = fmt::format("\n| `{}` | {} | `{}` |\n", f.signature, f.doc, f.example);
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(Reference, ListsEveryIndicator) {
  const std::string text = document("indicators.md");
  for (const Indicator& indicator : indicators()) {
    const FunctionInfo& f = indicator.function;
    const std::string row = fmt::format("\n| `{}` | {} | `{}` | {} | {} | ", f.signature, f.doc,
                                        indicator.formula, indicator.unit, indicator.source);
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(Reference, ListsEveryUnit) {
  const std::set<std::string> words = code_words(reference());
  for (const std::string& unit : known_units()) EXPECT_EQ(words.count(unit), 1u) << unit;
}

TEST(Reference, ListsTheReservedWords) {
  const std::string text = reference();
  const std::size_t begin = text.find("\n## Reserved words\n");
  const std::size_t end = text.find(".\n", text.find("`if`", begin));
  ASSERT_NE(end, std::string::npos);
  const std::set<std::string> listed = code_words(text.substr(begin, end - begin));
  for (const std::string& word : listed) EXPECT_TRUE(is_reserved(word)) << word;
  for (const std::string& name : function_names())
    EXPECT_EQ(listed.count(name), is_reserved(name) ? 1u : 0u) << name;
  for (const char* word :
       {"if", "then", "else", "and", "or", "not", "over", "by", "where", "from", "to", "time"}) {
    EXPECT_EQ(listed.count(word), 1u) << word;
  }
}

TEST(Reference, ExamplesOfTheModelAreWellFormed) {
  const std::vector<std::string> examples = blocks(reference(), "yaml");
  ASSERT_GT(examples.size(), 10u);
  for (const std::string& example : examples) {
    if (example.starts_with("# yaml-language-server") && example.find("\nlode:") == std::string::npos)
      continue;
    Diagnostics diagnostics;
    const YamlPtr node = parse_yaml(example, "model.yaml", diagnostics);
    ASSERT_NE(node, nullptr) << example << render(diagnostics);
    check_shape(*node, model_shape(), "a model", false, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << example << render(diagnostics);
  }
}

TEST(Reference, WholeExampleIsAModel) {
  const std::vector<std::string> examples = blocks(reference(), "yaml");
  ASSERT_FALSE(examples.empty());
  Diagnostics diagnostics;
  const auto model = read_case_text(examples.front(), "model.yaml", diagnostics);
  ASSERT_TRUE(model);
  EXPECT_TRUE(diagnostics.all().empty()) << render(diagnostics);
  EXPECT_EQ(model->flows.size(), 5u);
  EXPECT_EQ(model->equations.size(), 4u);
}

}  // namespace
}  // namespace lode
