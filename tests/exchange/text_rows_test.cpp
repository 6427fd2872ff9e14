// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/text_rows.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "own_folder.hpp"

namespace lode {
namespace {

using Cells = std::vector<std::vector<std::string>>;

struct All {
  Cells cells;
  std::vector<std::size_t> lines;
  std::string problem, encoding;
};

All all(TextRows rows) {
  All result;
  TextRow row;
  std::vector<std::string_view> cells;
  std::vector<std::string> storage;
  while (rows.next(row)) {
    split_cells(row, ',', cells, storage);
    result.cells.emplace_back(cells.begin(), cells.end());
    result.lines.push_back(row.line);
  }
  result.problem = rows.problem();
  result.encoding = rows.encoding();
  return result;
}

All of(std::string bytes) {
  std::string problem;
  auto rows = TextRows::of_bytes(std::move(bytes), problem);
  if (rows) return all(std::move(*rows));
  All result;
  result.problem = problem;
  return result;
}

TEST(TextRows, SplitsQuotesLinesAndBlanks) {
  const All r =
      of("\xEF\xBB\xBF"
         "a,b\r\n\r\n \"x, y\" , 2 ,\n\"say \"\"so\"\"\",\"two\nlines\"\nlast,row");
  EXPECT_EQ(r.cells, (Cells{{"a", "b"}, {"x, y", "2", ""}, {"say \"so\"", "two\nlines"}, {"last", "row"}}));
  EXPECT_EQ(r.lines, (std::vector<std::size_t>{1, 3, 4, 6}));
  EXPECT_EQ(r.problem, "");
}

TEST(TextRows, ReadsWhatIsNotUtf8) {
  const All western = of("country,v\nC\xF4te d'Ivoire,1\nT\xFCrkiye,2\n");
  EXPECT_EQ(western.cells[1][0], "Côte d'Ivoire");
  EXPECT_EQ(western.encoding, "Latin-1 (Windows-1252)");
  const All chinese = of("a,b\n\xD6\xD0\xB9\xFA,1\n");
  EXPECT_EQ(chinese.cells[1][0], "中国");
  EXPECT_EQ(chinese.encoding, "GB18030 (Chinese)");
  std::string wide("\xFF\xFE", 2);
  for (const char c : std::string("t,i\n2017,156\n")) wide += {c, '\0'};
  const All utf16 = of(wide);
  EXPECT_EQ(utf16.cells, (Cells{{"t", "i"}, {"2017", "156"}}));
  EXPECT_EQ(utf16.encoding, "UTF-16");
}

TEST(TextRows, SaysWhyItCannotGoOn) {
  EXPECT_NE(of("a,b\n\"never closed,1\n2,3\n").problem.find("quotation mark"), std::string::npos);
  EXPECT_NE(of(std::string("a,b\n1,\0\n", 8)).problem.find("NUL"), std::string::npos);
  EXPECT_NE(of("PK\x03\x04 rest").problem.find("ZIP"), std::string::npos);
  EXPECT_NE(of("\x1F\x8B rest").problem.find("gunzip"), std::string::npos);
}

TEST(TextRows, GivesTheSameFromAFileInChunksAsFromMemory) {
  std::mt19937 random(5);
  std::string text = "a,b,c\n";
  while (text.size() < 3'500'000) {
    const auto length = random() % 200;
    for (unsigned i = 0; i < length; ++i) text += "abcé 0123,"[random() % 11];
    if (random() % 9 == 0) text += "\"quoted, over\ntwo \"\"lines\"\"\"";
    text += random() % 2 == 0 ? "\r\n" : "\n";
  }
  const auto path = own_folder() / "rows.csv";
  std::ofstream(path, std::ios::binary) << text;
  std::string problem;
  auto rows = TextRows::open(path, problem);
  ASSERT_TRUE(rows) << problem;
  const All file = all(std::move(*rows)), memory = of(text);
  EXPECT_EQ(file.problem, memory.problem);
  EXPECT_EQ(file.lines, memory.lines);
  EXPECT_EQ(file.cells, memory.cells);
}

}  // namespace
}  // namespace lode
