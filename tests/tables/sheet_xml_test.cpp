// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/sheet_xml.hpp"

#include <gtest/gtest.h>

#include "lode/tables/workbook.hpp"

namespace lode {
namespace {

using Kind = SheetCell::Kind;

std::string sheet(const std::string& rows, const std::string& after = "") {
  return "<?xml version=\"1.0\"?><worksheet "
         "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">"
         "<sheetData>" +
         rows + "</sheetData>" + after + "</worksheet>";
}

std::optional<Sheet> parse(const std::string& xml, std::string& problem) {
  return parse_sheet(xml, {"Mining", "Use phase"}, problem);
}

TEST(SheetXml, NamesCells) {
  EXPECT_EQ(cell_name(17, 2), "B17");
  EXPECT_EQ(cell_name(1, 26), "Z1");
  EXPECT_EQ(cell_name(1, 27), "AA1");
  EXPECT_EQ(cell_name(most_sheet_rows, most_sheet_columns), "XFD1048576");
}

TEST(SheetXml, ReadsEveryKindOfCell) {
  std::string problem;
  const auto read = parse(
      sheet(
          "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>63416.296</v></c><c r=\"C2\" s=\"3\"/>"
          "<c r=\"D2\" t=\"inlineStr\"><is><r><t>BOF </t></r><r><t>steel</t></r><rPh><t>x</t></rPh></is></c>"
          "<c r=\"E2\" t=\"b\"><v>1</v></c><c r=\"F2\" t=\"e\"><v>#N/A</v></c>"
          "<c r=\"G2\"><f>A1*2</f><v>4</v></c><c r=\"H2\"><f>A1</f></c><c r=\"AB2\" "
          "t=\"str\"><v>a&amp;b</v></c></row>",
          "<mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells>"),
      problem);
  ASSERT_TRUE(read) << problem;
  ASSERT_EQ(read->cells.size(), 8u);
  const std::vector<std::pair<Kind, std::string>> expected{
      {Kind::text, "Use phase"}, {Kind::number, "63416.296"}, {Kind::text, "BOF steel"},
      {Kind::boolean, "TRUE"},   {Kind::error, "#N/A"},       {Kind::number, "4"},
      {Kind::uncomputed, ""},    {Kind::text, "a&b"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(read->cells[i].kind, expected[i].first) << i;
    EXPECT_EQ(read->cells[i].text, expected[i].second) << i;
    EXPECT_EQ(read->cells[i].row, 2u);
  }
  EXPECT_EQ(read->cells.back().column, 28u);
  EXPECT_EQ(read->merged, 1u);
}

TEST(SheetXml, CountsRowsAndCellsWithoutNumbers) {
  std::string problem;
  const auto read = parse(
      "<x:worksheet xmlns:x=\"a\"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>"
      "<x:row hidden=\"1\"><x:c><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>",
      problem);
  ASSERT_TRUE(read) << problem;
  ASSERT_EQ(read->cells.size(), 3u);
  EXPECT_EQ(cell_name(read->cells[1].row, read->cells[1].column), "B1");
  EXPECT_EQ(cell_name(read->cells[2].row, read->cells[2].column), "A2");
  EXPECT_EQ(read->hidden_rows, 1u);
}

TEST(SheetXml, RefusesWhatIsNoSheet) {
  const auto refused = [](const std::string& xml, const std::string& words) {
    std::string problem;
    EXPECT_FALSE(parse(xml, problem)) << xml;
    EXPECT_NE(problem.find(words), std::string::npos) << problem;
  };
  refused("", "broken in line 1");
  refused("<worksheet><sheetData>", "broken in line 1");
  refused(sheet("<row r=\"2\"><c r=\"A3\"><v>1</v></c></row>"), "a cell of row 2 is called `A3`");
  refused(sheet("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>"), "is called `XFE1`");
  refused(sheet("<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>"), "is called `A1`");
  refused(sheet("<row r=\"2\"/><row r=\"2\"/>"), "numbered `2`");
  refused(sheet("<row r=\"1048577\"/>"), "numbered `1048577`");
  refused(sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>2</v></c></row>"),
          "cell A1 names a text that is not there");
  refused("<!DOCTYPE w [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" + sheet("<row><c><v>&b;</v></c></row>"),
          "document type");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  refused(deep, "nested too deep");
  refused(sheet("<row><c t=\"str\"><v>" + std::string(200'000, 'x') + "</v></c></row>"), "more text");
}

TEST(Workbook, SaysWhyAFileIsNone) {
  std::string problem;
  EXPECT_FALSE(Workbook::open_bytes("source,target\n", problem));
  EXPECT_NE(problem.find("no workbook"), std::string::npos) << problem;
  EXPECT_FALSE(Workbook::open_bytes("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old", problem));
  EXPECT_NE(problem.find(".xls"), std::string::npos) << problem;
  EXPECT_FALSE(Workbook::open("/nowhere/at/all.xlsx", problem));
  EXPECT_NE(problem.find("no such file"), std::string::npos) << problem;
}

}  // namespace
}  // namespace lode
