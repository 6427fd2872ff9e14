// SPDX-License-Identifier: Apache-2.0
#include "lode/support/source.hpp"

#include <gtest/gtest.h>

#include "lode/support/utf8.hpp"

namespace lode {
namespace {

SourcePtr source(std::string text) {
  return std::make_shared<const SourceFile>("a.yaml", std::move(text));
}

TEST(SourceFile, ReadsEveryKindOfLineEnd) {
  const SourceFile file("f", "one\ntwo\r\nthree\rfour\n");
  ASSERT_EQ(file.line_count(), 5u);
  EXPECT_EQ(file.line(1), "one");
  EXPECT_EQ(file.line(2), "two");
  EXPECT_EQ(file.line(3), "three");
  EXPECT_EQ(file.line(4), "four");
  EXPECT_EQ(file.line(5), "");
  EXPECT_EQ(file.line_start(3), 9u);
}

TEST(SourceFile, HasOneEmptyLineIfItIsEmpty) {
  const SourceFile file("f", "");
  EXPECT_EQ(file.line_count(), 1u);
  EXPECT_EQ(file.line(1), "");
  EXPECT_EQ(file.line_of(0), 1u);
}

TEST(SourceFile, AnswersOutsideTheFile) {
  const SourceFile file("f", "one\ntwo");
  EXPECT_EQ(file.line(0), "");
  EXPECT_EQ(file.line(3), "");
  EXPECT_EQ(file.line_start(0), 0u);
  EXPECT_EQ(file.line_start(3), 7u);
  EXPECT_EQ(file.line_of(7), 2u);
}

TEST(SourceFile, LineOfAgreesWithLineStartAtEveryOffset) {
  const SourceFile file("f", "a\n\nbc\r\n\rd");
  std::size_t expected = 1;
  for (std::size_t offset = 0; offset <= file.text().size(); ++offset) {
    while (expected < file.line_count() && file.line_start(expected + 1) <= offset) ++expected;
    EXPECT_EQ(file.line_of(offset), expected) << offset;
  }
}

TEST(Location, CountsColumnsInCharacters) {
  const SourcePtr file = source("产量: 5\n\tx: 6\n");
  EXPECT_EQ((Location{file, 8, 1}.str()), "a.yaml:1:5");
  EXPECT_EQ((Location{file, 11, 1}.str()), "a.yaml:2:2");
  EXPECT_EQ((Location{file, 16, 0}.line()), 3u);
}

TEST(Location, StaysInsideAFileThatIsShorter) {
  const Location beyond{source("ab"), 100, 5};
  EXPECT_EQ(beyond.line(), 1u);
  EXPECT_EQ(beyond.column(), 3u);
}

TEST(Location, NowhereIsFalseAndZero) {
  const Location nowhere;
  EXPECT_FALSE(nowhere);
  EXPECT_EQ(nowhere.line(), 0u);
  EXPECT_EQ(nowhere.column(), 0u);
  EXPECT_EQ(nowhere.str(), "");
}

TEST(Location, CoverJoinsBothOrders) {
  const SourcePtr file = source("0123456789");
  const Location a{file, 2, 2};
  const Location b{file, 6, 3};
  for (const Location& both : {cover(a, b), cover(b, a)}) {
    EXPECT_EQ(both.offset, 2u);
    EXPECT_EQ(both.length, 7u);
  }
  EXPECT_EQ(cover(Location{}, b).offset, 6u);
  EXPECT_EQ(cover(a, Location{}).offset, 2u);
  EXPECT_EQ(cover(a, Location{source("other"), 0, 1}).length, 2u);
}

TEST(Utf8, CountsCodePointsAndColumns) {
  EXPECT_EQ(code_points("钕 Nd"), 4u);
  EXPECT_EQ(display_width("钕 Nd"), 5u);
  EXPECT_EQ(display_width("％，"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("🙂"), 2u);
  EXPECT_EQ(code_points(""), 0u);
}

TEST(Utf8, RefusesWhatIsNoUtf8) {
  EXPECT_TRUE(is_valid_utf8("plain, 中文, 🙂"));
  EXPECT_FALSE(is_valid_utf8("\xC4\xEA"));          // GB18030
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_valid_utf8("\xE0\x80\x80"));      // overlong
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // beyond Unicode
  EXPECT_FALSE(is_valid_utf8("\xE4\xB8"));          // cut short
  EXPECT_FALSE(is_valid_utf8("a\x80"));             // stray continuation
  EXPECT_EQ(code_points("\xC4\xEA"), 2u);           // each broken byte counts
}

TEST(Utf8, DecodingUndoesEncodingForEveryCharacter) {
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 37) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const CodePoint back = decode_utf8(text, 0);
    ASSERT_TRUE(back.valid);
    ASSERT_EQ(back.value, c);
    ASSERT_EQ(back.length, text.size());
  }
}

TEST(Utf8, MapsFullWidthToHalfWidth) {
  EXPECT_EQ(half_width(U'％'), U'%');
  EXPECT_EQ(half_width(U'９'), U'9');
  EXPECT_EQ(half_width(U'\u3000'), U' ');
  EXPECT_EQ(half_width(U'￥'), U'¥');
  EXPECT_EQ(half_width(U'钕'), U'钕');
}

}  // namespace
}  // namespace lode
