// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/csv_cell.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "lode/tables/table.hpp"

namespace lode {
namespace {

TEST(CsvCell, QuotesWhatCouldBeTakenForSomethingElse) {
  for (const char* plain : {"", "a", "in-use stock", "百万台/yr", "C#", "1.5e6", "it's", "a|b", "x # y"})
    EXPECT_EQ(csv_cell(plain), plain);
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("a;b"), "\"a;b\"");
  EXPECT_EQ(csv_cell("a\tb"), "\"a\tb\"");
  EXPECT_EQ(csv_cell("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_cell("a\r\nb"), "\"a\r\nb\"");
  EXPECT_EQ(csv_cell("5\" pipe"), "\"5\"\" pipe\"");
  EXPECT_EQ(csv_cell("\""), "\"\"\"\"");
  EXPECT_EQ(csv_cell(" a"), "\" a\"");
  EXPECT_EQ(csv_cell("a "), "\"a \"");
  EXPECT_EQ(csv_cell("#1"), "\"#1\"");
  EXPECT_EQ(csv_cell("a|b", '|'), "\"a|b\"");
  EXPECT_EQ(csv_cell("a,b", ';'), "\"a,b\"");
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

// All texts of up to three pieces, each as the first and as a later cell of the header and of a row.
TEST(CsvCell, ComesBackFromATable) {
  const std::vector<std::string> pieces{"a", ",", ";", "\t", "|", "\"", "\n", "\r\n", " ", "#", "锂"};
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, round = 0; round < 3; ++round) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin)
      for (const std::string& piece : pieces) texts.push_back(texts[begin] + piece);
  }
  for (const char delimiter : {',', ';', '\t', '|'})
    for (const std::string& text : texts) {
      const std::string want = trimmed(text);
      if (want.empty()) continue;
      const std::string cell = csv_cell(text, delimiter), d(1, delimiter);
      const std::string opening = delimiter == '|' ? "sep=|\n" : "";
      Diagnostics diagnostics;
      auto table = parse_table(opening + cell + d + "x" + d + "y\n" + cell + d + cell + d + "1\n", "t.csv",
                               {}, diagnostics);
      ASSERT_TRUE(table) << cell << "\n" << render(diagnostics);
      ASSERT_EQ(diagnostics.error_count(), 0u) << cell << "\n" << render(diagnostics);
      ASSERT_EQ(table->header.size(), 3u) << cell;
      ASSERT_EQ(table->rows.size(), 1u) << cell;
      ASSERT_EQ(table->header[0].text, want) << cell;
      ASSERT_EQ(table->rows[0].cells[0].text, want) << cell;
      ASSERT_EQ(table->rows[0].cells[1].text, want) << cell;
    }
}

}  // namespace
}  // namespace lode
