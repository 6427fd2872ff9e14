// SPDX-License-Identifier: Apache-2.0
#include "lode/model/yaml.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>

#include "model_test_tools.hpp"

namespace lode {
namespace {

using testing::text_at;

YamlPtr parse(const std::string& text, Diagnostics& diagnostics) {
  return parse_yaml(text, "model.yaml", diagnostics);
}

/// The places of the bytes of a scalar, as the text found there.
std::string followed(const std::string& yaml) {
  Diagnostics diagnostics;
  const YamlPtr root = parse(yaml, diagnostics);
  if (!root || root->values.empty()) return "(unreadable) " + render(diagnostics);
  const FormulaText text = formula_text(*root->values.front());
  std::string result;
  for (std::size_t i = 0; i < text.text.size(); ++i) result += text.file->text()[text.offsets[i]];
  return result;
}

TEST(Yaml, KnowsThePlaceOfEveryKeyAndValue) {
  Diagnostics diagnostics;
  const YamlPtr root = parse("a: 1\nb: {c: [x, 'y z'], 中文: \"q\"}\n", diagnostics);
  ASSERT_TRUE(root) << render(diagnostics);
  EXPECT_EQ(root->keys[1]->where.str(), "model.yaml:2:1");
  const YamlPtr b = root->find("b");
  EXPECT_EQ(text_at(b->where), "{c: [x, 'y z'], 中文: \"q\"}");
  EXPECT_EQ(text_at(b->find("c")->where), "[x, 'y z']");
  EXPECT_EQ(text_at(b->find("c")->values[1]->where), "'y z'");
  EXPECT_EQ(b->find("c")->values[1]->text, "y z");
  EXPECT_EQ(text_at(b->find_key("中文")->where), "中文");
  EXPECT_EQ(text_at(b->find("中文")->where), "\"q\"");
}

TEST(Yaml, CountsBytesAfterMarksAndWindowsLineEnds) {
  Diagnostics diagnostics;
  const YamlPtr root = parse("\xEF\xBB\xBFtitle: 钕\r\ntime: 2019\r\n", diagnostics);
  ASSERT_TRUE(root) << render(diagnostics);
  EXPECT_EQ(root->find("title")->text, "钕");
  EXPECT_EQ(root->find_key("time")->where.str(), "model.yaml:2:1");
  EXPECT_EQ(text_at(root->find("time")->where), "2019");
}

TEST(Yaml, FollowsScalarsThroughQuotesAndFolds) {
  EXPECT_EQ(followed("a: plain + text # comment\n"), "plain + text");
  EXPECT_EQ(followed("a: 'it''s x'\n"), "it's x");
  EXPECT_EQ(followed("a: first +\n   second\n"), "first +\nsecond")
      << "a folded break is a blank at the break";
  EXPECT_EQ(followed("a: 'first +\n   second'\n"), "first +\nsecond");
  EXPECT_EQ(followed("a: |\n  first +\n  second\n"), "first +\nsecond\n");
  EXPECT_EQ(followed("a: >\n  first +\n  second\n"), "first +\nsecond\n");
  EXPECT_EQ(followed("a: \"x\\ty\"\n"), "x\\y") << "an escape is one byte at its backslash";
  EXPECT_EQ(followed("a: \"\\u94d5 = b\"\n"), "\\\\\\ = b")
      << "three bytes of one character, all at the escape";
  EXPECT_EQ(followed("a: &anchor\n  text\n"), "text");
}

TEST(Yaml, AliasesShareOneNode) {
  Diagnostics diagnostics;
  const YamlPtr root = parse("a: &x {k: v}\nb: *x\n", diagnostics);
  ASSERT_TRUE(root) << render(diagnostics);
  EXPECT_EQ(root->find("b")->find("k")->text, "v");
  EXPECT_EQ(root->find("b")->find("k")->where.str(), "model.yaml:1:11");
}

TEST(Yaml, RefusesAliasesThatGrowWithoutEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", " : "") + one;
    bomb += "]\n";
  }
  Diagnostics diagnostics;
  EXPECT_FALSE(parse(bomb, diagnostics));
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all().front().code, "too-large");
}

TEST(Yaml, RefusesWhatContainsItself) {
  for (const char* text : {"a: &x [*x]\n", "a: &x {b: {c: *x}}\n", "&x a: *x\nb: &y\n  - c: *y\n"}) {
    Diagnostics diagnostics;
    const YamlPtr root = parse(text, diagnostics);
    if (root) continue;  // an anchor on a key is no cycle
    ASSERT_EQ(diagnostics.all().size(), 1u) << text;
    EXPECT_EQ(diagnostics.all().front().code, "alias-cycle") << text;
  }
}

TEST(Yaml, RefusesDepth) {
  for (const std::size_t depth : {60u, 300u, 30000u}) {
    Diagnostics flow;
    EXPECT_FALSE(parse("a: " + std::string(depth, '[') + std::string(depth, ']'), flow));
    ASSERT_EQ(flow.error_count(), 1u);
    EXPECT_EQ(flow.all().front().code, "too-deep") << depth;
  }
  std::string block;
  for (std::size_t i = 0; i < 300; ++i) block += std::string(i, ' ') + "a:\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(parse(block, diagnostics));
  EXPECT_EQ(diagnostics.all().front().code, "too-deep");
}

TEST(Yaml, ReadsGb18030WithANote) {
  Diagnostics diagnostics;
  const YamlPtr root = parse("title: \xEE\xCF\xCE\xEF\xD6\xCA\xC1\xF7\n", diagnostics);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("title")->text, "钕物质流");
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all().front().severity, Severity::note);
  EXPECT_EQ(diagnostics.all().front().code, "converted");
}

TEST(Yaml, RefusesWhatIsNoText) {
  const std::pair<std::string, const char*> files[] = {
      {"", "empty-file"},
      {"\n  \n", "empty-file"},
      {"# only a remark\n", "empty-file"},
      {std::string("a: b\0c\n", 7), "not-text"},
      {"a: \x1b[31m\n", "control-character"},
      {"\xff\xfe\x80\x00\xff", "not-text"},
      {std::string("\xff\xff\xff"), "not-text"},
  };
  for (const auto& [bytes, code] : files) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse(bytes, diagnostics)) << code;
    ASSERT_EQ(diagnostics.all().size(), 1u) << code;
    EXPECT_EQ(diagnostics.all().front().code, code);
  }
}

TEST(Yaml, FullWidthPunctuationInTextIsLeftAlone) {
  const char* texts[] = {
      "title: 中国：钕的物质流，历史与未来\n",
      "title: {zh: 采选，冶炼：多少, en: a}\n",
      "title: 第一行\n  继续：后面\n",
      "note: |\n  表：｛一｝\n  另：二\n",
      "note: '表：｛一｝' # 注：释\n",
      "title: “绿色”发展\n",
      "# 注：｛｝\na: b\n",
      "a: f（x，y）\n",
  };
  for (const char* text : texts) {
    Diagnostics diagnostics;
    EXPECT_TRUE(parse(text, diagnostics)) << text;
    EXPECT_EQ(render(diagnostics), "") << text;
  }
}

TEST(Yaml, PercentMayBeginAUnit) {
  Diagnostics diagnostics;
  const YamlPtr root = parse("a: {unit: %/yr, value: 5}\nb: %\n", diagnostics);
  ASSERT_TRUE(root) << render(diagnostics);
  EXPECT_EQ(root->find("a")->find("unit")->text, "%/yr");
  EXPECT_EQ(text_at(root->find("a")->find("unit")->where), "%/yr");
  EXPECT_EQ(root->find("b")->text, "%");
}

std::string many(std::size_t count, const std::function<std::string(std::size_t)>& one) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += one(i);
  return result;
}

// Each of these took minutes with one careless loop over all that is there.
TEST(Yaml, LargeAndFaultyFilesAreReadInOneGo) {
  const auto number = [](std::size_t i) { return std::to_string(i); };
  const std::string files[] = {
      many(400'000, [](std::size_t) { return "- "; }),
      many(200'000, [](std::size_t) { return "“a\n"; }),
      "a: {" + many(300'000, [](std::size_t) { return "中，"; }) + "中：}",
      "a: {b: (" + many(100'000, [&](std::size_t i) { return "k" + number(i) + ","; }) + ")}",
      "a: &x " + many(300'000, [](std::size_t) { return "y+"; }) + "z\n" +
          many(50'000, [&](std::size_t i) { return "e" + number(i) + ": *x\n"; }),
      "time: 2019\nstages: {" + many(40'000, [&](std::size_t i) { return "s" + number(i) + ": a, "; }) +
          "}\nprocesses:\n" +
          many(40'000, [&](std::size_t i) { return "  p" + number(i) + ": {stage: x" + number(i) + "}\n"; }),
      "time: 2019\nparameters:\n" + many(20'000, [&](std::size_t i) { return "  p" + number(i) + ": 3\n"; }) +
          "scenarios:\n  s:\n    default: c0\n" +
          many(20'000, [&](std::size_t i) { return "    c" + number(i) + ": {p" + number(i) + ": 4}\n"; }),
  };
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& file : files) testing::FromText read(file);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

// Whatever bytes come: no crash, every place inside the file, and either a tree or an error.
TEST(Yaml, SurvivesMutatedFiles) {
  const std::string seed =
      "title: {en: A, zh: 甲}\ntime: {first: 2000, last: 2003}\nparameters:\n  a: {value: 1 %, over: "
      "[time]}\n"
      "equations:\n  b: 'x''y'\n  c: \"q\\u94d5\"\n  d: |\n    text\n  e: &n [1, *n]\n  f：｛g：1，h: 2｝\n";
  std::mt19937 random(20);
  const std::string extra = "{}[],:'\"|>&*!%#-\n\t ？：，｛｝“”\\\x7f";
  for (int round = 0; round < 3000; ++round) {
    std::string text = seed;
    const int changes = 1 + static_cast<int>(random() % 6);
    for (int k = 0; k < changes; ++k) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text.erase(at, 1 + random() % 4);
          break;
        case 1:
          text.insert(at, 1, extra[random() % extra.size()]);
          break;
        default:
          text[at] = extra[random() % extra.size()];
      }
      if (text.empty()) text = "a";
    }
    Diagnostics diagnostics;
    const YamlPtr root = parse(text, diagnostics);
    EXPECT_TRUE(root || diagnostics.has_errors()) << text;
    std::function<void(const YamlNode&)> visit = [&](const YamlNode& node) {
      ASSERT_TRUE(node.where.file);
      ASSERT_LE(node.where.offset + node.where.length, node.where.file->text().size()) << text;
      if (node.is_scalar()) {
        const FormulaText places = formula_text(node);
        ASSERT_EQ(places.offsets.size(), node.text.size() + 1);
        for (const std::size_t offset : places.offsets) ASSERT_LE(offset, node.where.file->text().size());
      }
      for (const YamlPtr& key : node.keys) visit(*key);
      for (const YamlPtr& value : node.values) visit(*value);
    };
    if (root) visit(*root);
    ASSERT_NO_THROW(render(diagnostics));
  }
}

}  // namespace
}  // namespace lode
