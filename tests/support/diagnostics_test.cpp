// SPDX-License-Identifier: Apache-2.0
#include "lode/support/diagnostics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "lode/support/utf8.hpp"

namespace lode {
namespace {

SourcePtr source(std::string text, std::string path = "m.yaml") {
  return std::make_shared<const SourceFile>(std::move(path), std::move(text));
}

Location at(const SourcePtr& file, std::string_view part) {
  const std::size_t offset = file->text().find(part);
  EXPECT_NE(offset, std::string::npos) << part;
  return {file, offset, part.size()};
}

Diagnostic diagnostic(std::string message, std::vector<Label> labels) {
  Diagnostic d;
  d.message = std::move(message);
  d.labels = std::move(labels);
  return d;
}

TEST(Render, ShowsTheMessageOfTheLanguageDesign) {
  std::string text;
  for (int i = 1; i < 58; ++i) text += "\n";
  text += "    history:    production * content + adoption\n";
  const SourcePtr file = source(text, "cases/neodymium-china/model.yaml");
  Diagnostic d = diagnostic("units do not agree",
                            {{at(file, "production * content"), "t/yr"}, {at(file, "adoption"), "no unit"}});
  d.why = "a sum needs both sides in the same unit";
  d.help = "did you mean `production * content * adoption`?";
  EXPECT_EQ(render(d),
            "error: units do not agree\n"
            "  --> cases/neodymium-china/model.yaml:58:17\n"
            "   |\n"
            "58 |     history:    production * content + adoption\n"
            "   |                 ^^^^^^^^^^^^^^^^^^^^   ^^^^^^^^ no unit\n"
            "   |                 t/yr\n"
            "   = why: a sum needs both sides in the same unit\n"
            "   = help: did you mean `production * content * adoption`?\n");
}

TEST(Render, KeepsCaretsUnderChineseTextAndTabs) {
  const SourcePtr file = source("产量：\t含量 + ａ\n");
  EXPECT_EQ(render(diagnostic("no such name", {{at(file, "含量"), "这里"}})),
            "error: no such name\n"
            " --> m.yaml:1:5\n"
            "  |\n"
            "1 | 产量：    含量 + ａ\n"
            "  |           ^^^^ 这里\n");
  EXPECT_EQ(render(diagnostic("x", {{at(file, "ａ"), ""}})),
            "error: x\n"
            " --> m.yaml:1:10\n"
            "  |\n"
            "1 | 产量：    含量 + ａ\n"
            "  |                  ^^\n");
}

TEST(Render, StacksTextsThatWouldCollide) {
  const SourcePtr file = source("aa bb cc dd");
  EXPECT_EQ(render(diagnostic("m", {{at(file, "aa"), "first of them"},
                                    {at(file, "bb"), "second"},
                                    {at(file, "cc"), "x"},
                                    {at(file, "dd"), "last"}})),
            "error: m\n"
            " --> m.yaml:1:1\n"
            "  |\n"
            "1 | aa bb cc dd\n"
            "  | ^^ ^^ ^^ ^^ last\n"
            "  | |  |  x\n"
            "  | |  second\n"
            "  | first of them\n");
}

TEST(Render, PutsTextsOfNestedPlacesBeneath) {
  const SourcePtr file = source("sum(a + b)");
  EXPECT_EQ(render(diagnostic("m", {{at(file, "sum(a + b)"), "whole"}, {at(file, "b"), "part"}})),
            "error: m\n"
            " --> m.yaml:1:1\n"
            "  |\n"
            "1 | sum(a + b)\n"
            "  | ^^^^^^^^^^\n"
            "  | whole   part\n");
}

TEST(Render, ShowsOtherLinesInOrderWithGaps) {
  const SourcePtr file = source("one\ntwo\nthree\nfour\nfive\nsix\n");
  EXPECT_EQ(render(diagnostic(
                "m", {{at(file, "six"), "here"}, {at(file, "one"), "there"}, {at(file, "three"), ""}})),
            "error: m\n"
            " --> m.yaml:6:1\n"
            "  |\n"
            "1 | one\n"
            "  | ^^^ there\n"
            "2 | two\n"
            "3 | three\n"
            "  | ^^^^^\n"
            "...\n"
            "6 | six\n"
            "  | ^^^ here\n");
}

TEST(Render, ShowsASecondFile) {
  const SourcePtr a = source("x: 1\n", "a.yaml");
  const SourcePtr b = source("\n\n\n\n\n\n\n\n\nx: 2\n", "b.yaml");
  EXPECT_EQ(render(diagnostic("x is defined twice", {{at(b, "x"), "again"}, {at(a, "x"), "first here"}})),
            "error: x is defined twice\n"
            "  --> b.yaml:10:1\n"
            "   |\n"
            "10 | x: 2\n"
            "   | ^ again\n"
            "  ::: a.yaml:1:1\n"
            "   |\n"
            " 1 | x: 1\n"
            "   | ^ first here\n");
}

TEST(Render, MarksThePlaceWhereSomethingIsMissing) {
  const SourcePtr file = source("a: b\n");
  EXPECT_EQ(render(diagnostic("m", {{Location{file, 4, 0}, "more is expected"}})),
            "error: m\n"
            " --> m.yaml:1:5\n"
            "  |\n"
            "1 | a: b\n"
            "  |     ^ more is expected\n");
}

TEST(Render, MarksAStretchOfSeveralLinesToTheEndOfTheFirst) {
  const SourcePtr file = source("first line\nsecond line\n");
  EXPECT_EQ(render(diagnostic("m", {{Location{file, 6, 12}, ""}})),
            "error: m\n"
            " --> m.yaml:1:7\n"
            "  |\n"
            "1 | first line\n"
            "  |       ^^^^\n");
}

TEST(Render, NeedsNoPlace) {
  Diagnostics all;
  all.error("no-case", {}, "there is no case here").help = "lode new NAME";
  all.warning("w", {}, "second");
  EXPECT_EQ(render(all), "error: there is no case here\n  = help: lode new NAME\n\nwarning: second\n");
}

TEST(Render, NamesAnEmptyFileWithoutAnExcerpt) {
  EXPECT_EQ(render(diagnostic("the table is empty", {{Location{source("", "data/x.csv"), 0, 0}, ""}})),
            "error: the table is empty\n --> data/x.csv:1:1\n");
}

TEST(Render, CutsLongLinesAroundTheCaret) {
  const SourcePtr file = source(std::string(5000, 'x') + "钕BAD" + std::string(5000, 'y'));
  const std::string shown = render(diagnostic("m", {{at(file, "BAD"), "here"}}));
  const SourceFile lines("shown", shown);
  EXPECT_EQ(lines.line(2), " --> m.yaml:1:5002");
  EXPECT_LE(display_width(lines.line(4)), 120u);
  EXPECT_TRUE(lines.line(4).starts_with("1 | …xxx"));
  EXPECT_TRUE(lines.line(4).ends_with("yyy…"));
  const std::size_t text_column = display_width(lines.line(4).substr(0, lines.line(4).find("BAD")));
  EXPECT_EQ(lines.line(5).find("^^^ here"), text_column);
}

TEST(Render, CutsAMegabyteLineQuickly) {
  const SourcePtr file = source(std::string(4'000'000, '1') + "中文" + std::string(4'000'000, '2'));
  const std::string shown = render(diagnostic("m", {{at(file, "中文"), ""}}));
  EXPECT_LT(shown.size(), 1000u);
  EXPECT_NE(shown.find("中文"), std::string::npos);
}

TEST(Render, KeepsControlCharactersFromTheTerminal) {
  const SourcePtr file = source("a\x1B[31m\x07 b\n", "bad\x1B.yaml");
  Diagnostic d = diagnostic("odd \x1B[2J name", {{at(file, "b"), "l\x1B"}});
  d.help = "h\x1B";
  const std::string shown = render(d);
  EXPECT_EQ(shown.find('\x1B'), std::string::npos);
  EXPECT_EQ(shown.find('\x07'), std::string::npos);
  EXPECT_TRUE(is_valid_utf8(shown));
}

TEST(Render, UsesColourOnlyIfAsked) {
  const SourcePtr file = source("a b\n");
  Diagnostic d = diagnostic("m", {{at(file, "a"), "x"}, {at(file, "b"), "y"}});
  d.why = "w";
  const std::string plain = render(d, false);
  std::string coloured = render(d, true);
  EXPECT_EQ(plain.find('\x1B'), std::string::npos);
  EXPECT_NE(coloured.find('\x1B'), std::string::npos);
  for (std::size_t i = coloured.find('\x1B'); i != std::string::npos; i = coloured.find('\x1B'))
    coloured.erase(i, coloured.find('m', i) - i + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(Render, IndentsFurtherLinesOfHelp) {
  Diagnostic d = diagnostic("m", {});
  d.help = "either\nor";
  EXPECT_EQ(render(d), "error: m\n  = help: either\n          or\n");
}

TEST(Diagnostics, CountsOnlyErrors) {
  Diagnostics all;
  EXPECT_FALSE(all.has_errors());
  all.warning("w", {}, "a");
  all.note("n", {}, "b");
  EXPECT_FALSE(all.has_errors());
  all.error("e", {}, "c");
  EXPECT_TRUE(all.has_errors());
  EXPECT_EQ(all.error_count(), 1u);
  EXPECT_EQ(all.all().size(), 3u);
}

TEST(Diagnostics, SortsByFileAndPlaceAndDropsRepeats) {
  const SourcePtr a = source("0123456789", "a");
  const SourcePtr b = source("0123456789", "b");
  Diagnostics all;
  all.error("e", {b, 1, 1}, "b1");
  all.error("e", {a, 5, 1}, "a5");
  all.error("e", {a, 2, 1}, "a2");
  all.error("e", {a, 5, 1}, "a5");
  all.error("e", {a, 5, 1}, "another");
  all.warning("e", {a, 5, 1}, "a5");
  all.error("e", {}, "nowhere");
  all.sort_and_unique();
  std::vector<std::string> order;
  for (const Diagnostic& d : all.all()) order.push_back(d.message);
  EXPECT_EQ(order, (std::vector<std::string>{"nowhere", "a2", "a5", "another", "a5", "b1"}));
  EXPECT_EQ(all.error_count(), 5u);
}

TEST(Diagnostics, GivesJson) {
  const SourcePtr file = source("产量: 5\n");
  Diagnostics all;
  Diagnostic& d = all.error("unit-mismatch", at(file, "5"), "units do not agree");
  d.why = "w";
  d.help = "h";
  d.labels.push_back({at(file, "产量"), "\xFF"});
  all.note("n", {}, "nowhere");
  const auto json = nlohmann::json::parse(to_json(all));
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["severity"], "error");
  EXPECT_EQ(json[0]["code"], "unit-mismatch");
  EXPECT_EQ(json[0]["message"], "units do not agree");
  EXPECT_EQ(json[0]["file"], "m.yaml");
  EXPECT_EQ(json[0]["line"], 1);
  EXPECT_EQ(json[0]["column"], 5);
  EXPECT_EQ(json[0]["why"], "w");
  EXPECT_EQ(json[0]["help"], "h");
  ASSERT_EQ(json[0]["labels"].size(), 2u);
  EXPECT_EQ(json[0]["labels"][1]["length"], 2);
  EXPECT_EQ(json[0]["labels"][1]["text"], "\uFFFD");
  EXPECT_EQ(json[1]["severity"], "note");
  EXPECT_TRUE(json[1]["file"].is_null());
  EXPECT_EQ(nlohmann::json::parse(to_json(Diagnostics())), nlohmann::json::array());
}

const std::vector<std::string> names{"production", "content", "含量", "产量", "in_use", "t", "kt"};

TEST(Nearest, FindsSlipsOfThePen) {
  EXPECT_EQ(nearest("prodcution", names), std::vector<std::string>{"production"});  // swapped
  EXPECT_EQ(nearest("prduction", names), std::vector<std::string>{"production"});   // left out
  EXPECT_EQ(nearest("contant", names), std::vector<std::string>{"content"});        // replaced
  EXPECT_EQ(nearest("In-Use", names), std::vector<std::string>{"in_use"});
  EXPECT_EQ(nearest("产数", names), std::vector<std::string>{"产量"});
  EXPECT_EQ(nearest("prod", names), std::vector<std::string>{"production"});  // begun
  EXPECT_EQ(nearest("ｃｏｎｔｅｎｔ", names), std::vector<std::string>{"content"});
}

TEST(Nearest, OffersNothingFarAway) {
  EXPECT_TRUE(nearest("lifetime", names).empty());
  EXPECT_TRUE(nearest("x", names).empty());
  EXPECT_TRUE(nearest("", names).empty());
  EXPECT_TRUE(nearest(std::string(10000, 'p'), names).empty());
  EXPECT_TRUE(nearest("content", {}).empty());
}

TEST(Nearest, PutsTheBestFirstAndKeepsTheLimit) {
  const std::vector<std::string> list{"abcdxx", "abcdex", "abcdef", "abcdefg", "bacdef"};
  EXPECT_EQ(nearest("abcdefh", list), (std::vector<std::string>{"abcdef", "abcdefg", "abcdex"}));
  EXPECT_EQ(nearest("abcdefh", list, 1), std::vector<std::string>{"abcdef"});
}

TEST(DidYouMean, IsASentence) {
  const std::vector<std::string> list{"steel1", "steel2", "steel3"};
  EXPECT_EQ(did_you_mean("steel", list), "did you mean `steel1`, `steel2` or `steel3`?");
  EXPECT_EQ(did_you_mean("steel", std::span(list).first(2)), "did you mean `steel1` or `steel2`?");
  EXPECT_EQ(did_you_mean("steel", std::span(list).first(1)), "did you mean `steel1`?");
  EXPECT_EQ(did_you_mean("copper", list), "");
}

}  // namespace
}  // namespace lode
