// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace lode {
namespace {

using Texts = std::vector<std::vector<std::string>>;

struct Read {
  std::optional<Table> table;
  Diagnostics diagnostics;

  explicit Read(std::string bytes, bool decimal_comma = false) {
    TableOptions options;
    options.decimal_comma = decimal_comma;
    table = parse_table(std::move(bytes), "data/x.csv", options, diagnostics);
  }
  Texts texts() const {
    Texts all;
    if (!table) return all;
    const auto add = [&](const std::vector<Cell>& cells) {
      std::vector<std::string> row;
      for (const Cell& cell : cells) row.push_back(cell.text);
      all.push_back(std::move(row));
    };
    add(table->header);
    for (const Row& row : table->rows) add(row.cells);
    return all;
  }
  std::string messages() const { return render(diagnostics); }
};

const Texts small{{"time", "value"}, {"2017", "5"}, {"2018", "6"}};

TEST(Table, ReadsEverySeparatorAndLineEnd) {
  for (const char* text :
       {"time,value\n2017,5\n2018,6\n", "time;value\r\n2017;5\r\n2018;6\r\n", "time\tvalue\r2017\t5\r2018\t6",
        "sep=|\ntime|value\n2017|5\n2018|6",
        "\n\n# remark, here\n  # another\ntime,value\n2017,5\n\n  \n2018,6",
        "\xEF\xBB\xBFtime,value\n2017,5\n2018,6\n", " time , value \n\t2017 , 5\n　2018　,\u00A06\n",
        "time,value,,\n2017,5,,\n,,,\n2018,6,,\n", "\"time\",\"value\"\n\"2017\", \"5\" \n2018,6"}) {
    const Read read(text);
    EXPECT_EQ(read.texts(), small) << text;
    EXPECT_EQ(read.messages(), "") << text;
  }
}

TEST(Table, FindsTheSeparatorFromTheHeader) {
  EXPECT_EQ(Read("time;value, in t\n2017;1,5\n", true).texts(),
            (Texts{{"time", "value, in t"}, {"2017", "1,5"}}));
  EXPECT_EQ(Read("a\tb,c;d\n1\t2\n").texts(), (Texts{{"a", "b,c;d"}, {"1", "2"}}));
  EXPECT_EQ(Read("\"a;b;c\",d\n1,2\n").texts(), (Texts{{"a;b;c", "d"}, {"1", "2"}}));
  EXPECT_EQ(Read("value\n5\n").texts(), (Texts{{"value"}, {"5"}}));
}

TEST(Table, ReadsQuotedCells) {
  EXPECT_EQ(Read("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\nlines\",5\" pipe\n\"\",z\n").texts(),
            (Texts{{"a", "b"}, {"x, y", "say \"hi\""}, {"two\nlines", "5\" pipe"}, {"", "z"}}));
  EXPECT_EQ(Read("a\n\"\"\"\"\"\"\n").texts(), (Texts{{"a"}, {"\"\""}}));
}

TEST(Table, KeepsARowThatHoldsOnlyAQuotedNothing) {
  EXPECT_EQ(Read("a,b\n\"\",\n").texts(), (Texts{{"a", "b"}, {"", ""}}));
}

TEST(Table, FillsShortRows) {
  const Read read("a,b,c\n1\n");
  EXPECT_EQ(read.texts(), (Texts{{"a", "b", "c"}, {"1", "", ""}}));
  EXPECT_EQ(read.table->rows[0].cells[2].where.str(), "data/x.csv:2:2");
  EXPECT_EQ(read.messages(), "");
}

TEST(Table, KnowsThePlaceOfEveryCell) {
  const Read read("\xEF\xBB\xBF年份, 数值\n\"a\"\"b\", 5\n");
  ASSERT_TRUE(read.table.has_value());
  EXPECT_EQ(read.table->header[1].where.str(), "data/x.csv:1:5");
  EXPECT_EQ(read.table->header[1].where.length, 6u);
  const Row& row = read.table->rows[0];
  EXPECT_EQ(row.where.str(), "data/x.csv:2:1");
  EXPECT_EQ(row.where.length, 9u);
  EXPECT_EQ(row.cells[0].where.str(), "data/x.csv:2:2");
  EXPECT_EQ(row.cells[0].where.length, 4u);
  EXPECT_EQ(row.cells[1].where.str(), "data/x.csv:2:9");
}

TEST(Table, MayHaveNoRows) {
  const Read read("time,value\n");
  EXPECT_EQ(read.texts(), (Texts{{"time", "value"}}));
  EXPECT_EQ(read.messages(), "");
}

TEST(Table, DoesNotTakeASpreadsheetErrorForARemark) {
  EXPECT_EQ(Read("value,a\n#N/A,1\n#DIV/0!,2\n#note,3\n").texts(),
            (Texts{{"value", "a"}, {"#N/A", "1"}, {"#DIV/0!", "2"}}));
}

TEST(Table, ReadsGb18030AndSaysSo) {
  // 年份,数值 / 2017,镨钕 and a character of four bytes.
  const Read read("\xC4\xEA\xB7\xDD,\xCA\xFD\xD6\xB5\n2017,\xEF\xE8\xEE\xCF\n2018,\x95\x32\x82\x36\n");
  EXPECT_EQ(read.texts(), (Texts{{"年份", "数值"}, {"2017", "镨钕"}, {"2018", "𠀀"}})) << read.messages();
  EXPECT_FALSE(read.diagnostics.has_errors());
  ASSERT_EQ(read.diagnostics.all().size(), 1u);
  EXPECT_EQ(read.diagnostics.all()[0].message, "the file is read as GB18030, as it is not UTF-8");
  EXPECT_EQ(read.table->rows[0].cells[1].where.str(), "data/x.csv:2:6");
}

struct Bad {
  std::string bytes;
  const char* message;
};

TEST(Table, ExplainsOtherEncodingsAndBinaryFiles) {
  const char* utf16 =
      "error: the file is in UTF-16 (Excel's \"Unicode text\")\n --> data/x.csv:1:1\n"
      "  = help: save the file as \"CSV UTF-8\"\n";
  for (const Bad& bad : std::vector<Bad>{
           {std::string("\xFF\xFEt\0,\0", 6), utf16},
           {std::string("\xFE\xFF\0t\0,", 6), utf16},
           {std::string("t\0i\0m\0e\0", 8), utf16},
           {"PK\x03\x04rest",
            "error: the file is a workbook (XLSX) or another ZIP archive, not a text table\n --> "
            "data/x.csv:1:1\n"
            "  = help: save the sheet as \"CSV UTF-8\"\n"},
           {"\xD0\xCF\x11\xE0rest",
            "error: the file is an old Excel workbook (XLS), not a text table\n --> data/x.csv:1:1\n"
            "  = help: save the sheet as \"CSV UTF-8\"\n"},
           {"time,value\n2017,caf\xE9s\n",
            "error: this is neither UTF-8 nor GB18030\n --> data/x.csv:2:9\n  |\n2 | 2017,caf\uFFFDs\n"
            "  |         ^\n  = help: save the file as \"CSV UTF-8\"\n"},
           {std::string("time,value\n2017,5\n\0", 19),
            "error: the file holds a NUL byte, so it is no text\n --> data/x.csv:3:1\n  |\n3 | \uFFFD\n  | "
            "^\n"
            "  = help: save the file as \"CSV UTF-8\"\n"},
       }) {
    const Read read(bad.bytes);
    EXPECT_FALSE(read.table.has_value());
    EXPECT_EQ(read.messages(), bad.message);
  }
}

TEST(Table, ExplainsWhatIsWrongWithTheHeader) {
  for (const Bad& bad : std::vector<Bad>{
           {"",
            "error: the table is empty\n --> data/x.csv:1:1\n"
            "  = help: its first line names the columns, as in `time,value,unit`\n"},
           {"\n# only\n,,,\n",
            "error: the table is empty\n --> data/x.csv:1:1\n  |\n1 |\n  | ^\n"
            "  = help: its first line names the columns, as in `time,value,unit`\n"},
           {"time,value,time\n",
            "error: column `time` occurs twice\n --> data/x.csv:1:12\n  |\n1 | time,value,time\n"
            "  | ^^^^       ^^^^\n  | first here\n"},
           {"年份,value,year\n",
            "error: columns `年份` and `year` both mean `time`\n --> data/x.csv:1:10\n  |\n1 | "
            "年份,value,year\n"
            "  | ^^^^       ^^^^\n  | first here\n"},
           {"time,,value\n",
            "error: column 2 has no name\n --> data/x.csv:1:6\n  |\n1 | time,,value\n  |      ^\n"
            "  = help: give every column a name in the first line; a merged heading names only its first "
            "column\n"},
           {"年份，数值\n",
            "error: the columns are separated by full-width marks\n --> data/x.csv:1:1\n  |\n1 | 年份，数值\n"
            "  | ^^^^^^^^^^\n  = help: separate them by `,`, `;` or a tab\n"},
       }) {
    const Read read(bad.bytes);
    EXPECT_FALSE(read.table.has_value()) << bad.bytes;
    EXPECT_EQ(read.messages(), bad.message);
  }
}

TEST(Table, AllowsANameInTwoLanguages) {
  EXPECT_EQ(Read("label,name,名称\n").messages(), "");
  EXPECT_NE(Read("label,name,name\n").messages(), "");
}

TEST(Table, ExplainsQuotes) {
  EXPECT_EQ(Read("a,b\n1,\"x\n2,y\n").messages(),
            "error: this quotation mark is never closed\n --> data/x.csv:2:3\n  |\n2 | 1,\"x\n  |   ^\n"
            "  = why: a cell that begins with a quotation mark goes on to the next one, over line ends too\n"
            "  = help: close it, or double it if it belongs to the text: `\"\"`\n");
  EXPECT_EQ(Read("a,b\n\"x\"y,2\n").messages(),
            "error: text follows a closing quotation mark\n --> data/x.csv:2:4\n  |\n2 | \"x\"y,2\n  |    ^\n"
            "  = help: a quotation mark inside a quoted cell is doubled: `\"5\"\" pipe\"`\n");
}

TEST(Table, ExplainsRowsThatAreTooLong) {
  const Read read("time,value\n2017,1,200\n2018,5,\n");
  EXPECT_EQ(read.messages(),
            "error: this row has 3 cells, the header has 2\n --> data/x.csv:2:8\n  |\n2 | 2017,1,200\n"
            "  |        ^^^ beyond the last column\n"
            "  = help: put a cell that holds a comma in quotation marks: `\"1,200\"`\n");
  EXPECT_EQ(read.texts(), (Texts{{"time", "value"}, {"2017", "1"}, {"2018", "5"}}));
  EXPECT_NE(
      Read("time,value\n2017,1,5\n", true).messages().find("with a decimal comma, separate the cells by `;`"),
      std::string::npos);
}

TEST(Table, CountsRowsThatAreTooLongInsteadOfListingThemAll) {
  std::string text = "a\n";
  for (int i = 0; i < 1000; ++i) text += "1,2\n";
  const Read read(text);
  EXPECT_EQ(read.diagnostics.error_count(), 11u);
  EXPECT_EQ(read.diagnostics.all().back().message, "990 more rows have more cells than the header");
}

TEST(Table, RefusesAbsurdSizes) {
  EXPECT_EQ(Read(std::string(100000, ',') + "\n").diagnostics.all()[0].message,
            "a row has more than 16384 cells");
  std::string wide = "c0";
  for (int i = 1; i < 16000; ++i) wide += ",c" + std::to_string(i);
  wide += "\n";
  for (int i = 0; i < 600; ++i) wide += "1\n";
  EXPECT_EQ(Read(wide).diagnostics.all()[0].message, "the table has more than 8 million cells");
}

TEST(Table, FindsColumnsBySpellingThenByMeaning) {
  const Read read("年份,数值,单位,来源,备注,产品,name,名称\n");
  ASSERT_TRUE(read.table.has_value());
  EXPECT_EQ(read.table->column("time"), 0u);
  EXPECT_EQ(read.table->column("year"), 0u);
  EXPECT_EQ(read.table->column("数值"), 1u);
  EXPECT_EQ(read.table->column("unit"), 2u);
  EXPECT_EQ(read.table->column("source"), 3u);
  EXPECT_EQ(read.table->column("note"), 4u);
  EXPECT_EQ(read.table->column("产品"), 5u);
  EXPECT_EQ(read.table->column("name"), 6u);
  EXPECT_EQ(read.table->column("名称"), 7u);
  EXPECT_EQ(read.table->column("product"), std::nullopt);
}

TEST(CanonicalHeader, KnowsTheAcceptedSpellings) {
  struct Pair {
    const char* written;
    const char* canonical;
  };
  for (const Pair& pair : {Pair{"年份", "time"},      {"年", "time"},
                           {"Year", "time"},          {"TIME", "time"},
                           {"数值", "value"},         {"值", "value"},
                           {"单位", "unit"},          {"来源", "source"},
                           {"数据来源", "source"},    {"备注", "note"},
                           {"说明", "note"},          {"质量", "quality"},
                           {"数据质量", "quality"},   {"标签", "label"},
                           {"代码", "label"},         {"名称", "name"},
                           {"中文名", "name_zh"},     {"名称_中文", "name_zh"},
                           {"下限", "low"},           {"上限", "high"},
                           {"数据年份", "data_year"}, {"data year", "data_year"},
                           {" 年 份 ", "time"},       {"数\n值", "value"},
                           {"ｖａｌｕｅ", "value"},   {"标准差", "sd"}})
    EXPECT_EQ(canonical_header(pair.written), pair.canonical) << pair.written;
}

TEST(CanonicalHeader, LeavesOtherNamesAlone) {
  for (const char* name : {"产品", "product", "counted_in", "2017年", "Product", "name_en", "times", ""})
    EXPECT_EQ(canonical_header(name), name);
  EXPECT_EQ(canonical_header("  产品 "), "产品");
}

TEST(ReadTable, ReadsAFileAndExplainsAMissingOne) {
  std::string folder = (std::filesystem::temp_directory_path() / "lode-table-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::ofstream(std::filesystem::path(folder) / "production.csv") << "time,value\n2017,5\n";
  const auto model = std::make_shared<const SourceFile>("model.yaml", "table: data/prodution.csv\n");
  const Location reference{model, 7, 18};
  Diagnostics diagnostics;
  const auto good = read_table(std::filesystem::path(folder) / "production.csv", "data/production.csv", {},
                               reference, diagnostics);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->rows.size(), 1u);
  EXPECT_EQ(good->file->path(), "data/production.csv");
  EXPECT_EQ(render(diagnostics), "");
  EXPECT_FALSE(read_table(std::filesystem::path(folder) / "prodution.csv", "data/prodution.csv", {},
                          reference, diagnostics));
  EXPECT_EQ(
      render(diagnostics),
      "error: table `data/prodution.csv` cannot be read: there is no such file\n --> model.yaml:1:8\n  |\n"
      "1 | table: data/prodution.csv\n  |        ^^^^^^^^^^^^^^^^^^\n  = help: did you mean "
      "`production.csv`?\n");
  EXPECT_FALSE(read_table(folder, "data", {}, reference, diagnostics).has_value());
  EXPECT_EQ(diagnostics.all().back().message, "table `data` cannot be read: it is a folder, not a file");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lode
