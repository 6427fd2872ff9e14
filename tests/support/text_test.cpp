// SPDX-License-Identifier: Apache-2.0
#include "lode/support/text.hpp"

#include <gtest/gtest.h>

namespace lode {
namespace {

std::vector<std::string> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string> result;
  for (const TextPart& part : split_text(text, separators)) result.emplace_back(part.text);
  return result;
}

TEST(Text, IsTrimmedAtItsEndsOnly) {
  EXPECT_EQ(trimmed(" \t a  b\r\n"), "a  b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \t\r\n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, LowersLatinLettersOnly) {
  EXPECT_EQ(lower_case("Ab-Z 钕É"), "ab-z 钕É");
}

TEST(Text, ReadsSuperscripts) {
  EXPECT_EQ(superscript_digit(U'⁰'), 0);
  EXPECT_EQ(superscript_digit(U'³'), 3);
  EXPECT_EQ(superscript_digit(U'⁹'), 9);
  EXPECT_EQ(superscript_digit(U'3'), std::nullopt);
}

TEST(Text, IsSplitIntoTrimmedParts) {
  using List = std::vector<std::string>;
  EXPECT_EQ(parts_of("a, b ,c", ","), (List{"a", "b", "c"}));
  EXPECT_EQ(parts_of("a;b,c", ",;"), (List{"a", "b", "c"}));
  EXPECT_EQ(parts_of("", ","), (List{""}));
  EXPECT_EQ(parts_of(" , ", ","), (List{"", ""}));
}

TEST(Text, BracketsKeepSeparators) {
  using List = std::vector<std::string>;
  EXPECT_EQ(parts_of("x[a, b], f(c, d[e, g])", ","), (List{"x[a, b]", "f(c, d[e, g])"}));
  EXPECT_EQ(parts_of("a), b", ","), (List{"a)", "b"}));
  EXPECT_EQ(parts_of("a[b, c", ","), (List{"a[b, c"}));
}

TEST(Text, PartsKnowTheirPlace) {
  const std::string text = " one,  , two ";
  for (const TextPart& part : split_text(text, ","))
    EXPECT_EQ(text.substr(part.offset, part.text.size()), part.text);
  EXPECT_EQ(split_text(text, ",")[0].offset, 1u);
  EXPECT_EQ(split_text(text, ",")[1].offset, 7u);
  EXPECT_EQ(split_text(text, ",")[2].offset, 9u);
}

TEST(Text, IsPaddedByColumnsOfATerminal) {
  EXPECT_EQ(padded("ab", 4), "ab  ");
  EXPECT_EQ(padded("ab", 4, true), "  ab");
  EXPECT_EQ(padded("钕", 4), "钕  ");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(Text, TablesAlignTheirColumns) {
  EXPECT_EQ(aligned_table({{"name", "t", "%"}, {"铜矿石", "1000", "5"}, {"b", "20"}}, "lr"),
            "name       t  %\n"
            "铜矿石  1000  5\n"
            "b         20\n");
  EXPECT_EQ(aligned_table({{"a", "b"}, {"ccc", ""}}, "l"), "a    b\nccc\n");
  EXPECT_EQ(aligned_table({}, "l"), "");
}

}  // namespace
}  // namespace lode
