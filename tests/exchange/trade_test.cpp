// SPDX-License-Identifier: Apache-2.0
// All numbers here are made up; only the layouts are those of UN Comtrade and BACI.
#include "lode/exchange/trade.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "lode/exchange/trade_case.hpp"
#include "own_folder.hpp"

namespace lode {
namespace {

struct Read {
  std::optional<TradeData> data;
  Diagnostics diagnostics;
  std::string said() const { return render(diagnostics); }
};

Read read(const std::string& text, const TradeOptions& options = {}) {
  Read result;
  result.data = read_trade_bytes(text, "trade.csv", options, result.diagnostics);
  return result;
}

const std::string header =
    "refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,partnerCode,partnerISO,"
    "partnerDesc,"
    "partner2Code,classificationCode,cmdCode,customsCode,motCode,qtyUnitCode,qty,netWgt,isNetWgtEstimated,"
    "cifvalue,fobvalue,primaryValue\n";

/// A row of China (X) or Japan (M), with the given cells of numbers.
std::string row(const std::string& flow, const std::string& weight, const std::string& value,
                const std::string& code = "850511", const std::string& year = "2017") {
  const bool in = flow == "M" || flow == "RM";
  const std::string ends =
      in ? "392,JPN,Japan," + flow + ",156,CHN,China" : "156,CHN,China," + flow + ",392,JPN,Japan";
  return year + ",52," + year + "," + ends + ",0,H5," + code + ",C00,0,8,," + weight + ",False," +
         (in ? value : "") + "," + (in ? "" : value) + "," + value + "\n";
}

const TradeReport& only(const TradeData& data) {
  EXPECT_EQ(data.reports.size(), 1u);
  return data.reports.begin()->second;
}

bool says(const std::vector<std::string>& notes, const std::string& words) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

TEST(Trade, ReadsTheNewLayout) {
  const Read r = read(header + row("X", "1234567", "50000") + row("M", "1300000", "56000"));
  ASSERT_TRUE(r.data) << r.said();
  ASSERT_EQ(r.data->reports.size(), 2u);
  EXPECT_EQ(r.data->years, (std::vector<int>{2017}));
  for (const auto& [key, report] : r.data->reports) {
    EXPECT_EQ(r.data->countries[key.exporter].label, "CHN");
    EXPECT_EQ(r.data->countries[key.importer].label, "JPN");
    EXPECT_EQ(r.data->codes[key.code].label, "850511");
    EXPECT_EQ(report.weight.value, key.flow == TradeFlow::exports ? 1234.567 : 1300);
    EXPECT_EQ(report.value.value, key.flow == TradeFlow::exports ? 50000 : 56000);
  }
}

TEST(Trade, ReadsTheOldLayout) {
  const Read r = read(
      "Classification,Year,Period,Trade Flow Code,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner "
      "Code,Partner,"
      "Partner ISO,2nd Partner Code,Commodity Code,Netweight (kg),Trade Value (US$),Flag\n"
      "H3,2011,2011,1,Import,392,Japan,JPN,156,China,CHN,,280530,2000,9000,4\n"
      "H3,2011,2011,2,Export,156,China,CHN,0,World,WLD,,280530,5000,9000,0\n");
  ASSERT_TRUE(r.data) << r.said();
  const TradeReport& report = only(*r.data);
  EXPECT_EQ(report.weight.value, 2);
  EXPECT_TRUE(report.weight.estimated);
  EXPECT_EQ(r.data->world.size(), 1u);
}

TEST(Trade, KeepsCensoredNumbersCensored) {
  const Read r = read(header + row("X", "W", "900") + row("M", "<1000", "\"1,200\""));
  ASSERT_TRUE(r.data) << r.said();
  for (const auto& [key, report] : r.data->reports) {
    if (key.flow == TradeFlow::exports) {
      EXPECT_EQ(report.weight.kind, TradeNumber::Kind::withheld);
    } else {
      EXPECT_EQ(report.weight.kind, TradeNumber::Kind::below);
      EXPECT_EQ(report.weight.value, 1);
      EXPECT_EQ(report.value.value, 1200);
    }
  }
}

TEST(Trade, AWeightOfZeroBesideAValueIsUnknown) {
  const Read r = read(header + row("X", "0", "900"));
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(only(*r.data).weight.kind, TradeNumber::Kind::missing);
  EXPECT_TRUE(says(r.data->notes, "1 row has a value and no weight"));
  const Read zero = read(header + row("X", "0", "0"));
  ASSERT_TRUE(zero.data);
  EXPECT_EQ(only(*zero.data).weight.kind, TradeNumber::Kind::given);
}

TEST(Trade, TellsMistakesWithTheirPlace) {
  const Read r = read(header + row("X", "5", "900") + row("M", "a few", "900"));
  EXPECT_FALSE(r.data);
  EXPECT_NE(r.said().find("trade.csv:3:"), std::string::npos) << r.said();
  EXPECT_NE(r.said().find("`netWgt`: `a few` is no number"), std::string::npos) << r.said();
  EXPECT_NE(r.said().find("^^^^^"), std::string::npos) << r.said();
}

TEST(Trade, LeavesBadRowsOutOnlyWhenAskedAndKeepsThem) {
  TradeOptions options;
  options.keep_going = true;
  const Read r = read(header + row("X", "5", "900") + row("M", "a few", "900"), options);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(r.data->reports.size(), 1u);
  ASSERT_EQ(r.data->left_out.size(), 1u);
  EXPECT_EQ(r.data->left_out[0].place.line, 3u);
  EXPECT_NE(r.data->left_out[0].text.find("a few"), std::string::npos);
}

TEST(Trade, RefusesShiftedColumnsUnlessTheyAreSaidToBe) {
  // A header with one column more in front: every value stands one column left of its name.
  std::string with_year = "typeCode," + header;
  for (const char* flow : {"X", "M"}) {
    const std::string whole = row(flow, "5000", "900");
    with_year += whole.substr(0, whole.size() - 1) + ",\n";
  }
  const Read refused = read(with_year);
  EXPECT_FALSE(refused.data);
  EXPECT_NE(refused.said().find(
                "the columns are shifted by one: `refYear` holds `52`; `2017` stands under `typeCode`"),
            std::string::npos)
      << refused.said();
  EXPECT_NE(refused.said().find("--shifted"), std::string::npos);
  TradeOptions options;
  options.shifted = true;
  const Read r = read(with_year, options);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(r.data->reports.size(), 2u);
  EXPECT_EQ(r.data->reports.begin()->second.weight.value, 5);
}

TEST(Trade, ACommaTooMuchAtTheEndShiftsNothing) {
  std::string text = header;
  for (const char* flow : {"X", "M"}) {
    const std::string whole = row(flow, "5000", "900");
    text += whole.substr(0, whole.size() - 1) + ",\n";
  }
  const Read r = read(text);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(r.data->reports.size(), 2u);
  EXPECT_TRUE(says(r.data->notes, "2 rows end with a comma"));
}

TEST(Trade, RepeatedRowsCountOnceAndOthersAreRefused) {
  const Read same = read(header + row("X", "5", "900") + row("X", "5", "900"));
  ASSERT_TRUE(same.data) << same.said();
  EXPECT_TRUE(says(same.data->notes, "1 row repeats another one exactly"));
  const Read other = read(header + row("X", "5", "900") + row("X", "6", "900"));
  EXPECT_FALSE(other.data);
  EXPECT_NE(
      other.said().find("CHN → JPN, 850511, 2017 stands twice with other numbers, first in trade.csv:2"),
      std::string::npos)
      << other.said();
}

TEST(Trade, PartsOfTotalsAreNotAddedToThem) {
  std::string part = row("X", "3", "500");
  part.replace(part.find("C00,0"), 5, "C01,0");
  const Read r = read(header + row("X", "5", "900") + part);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(only(*r.data).weight.value, 0.005);
  const Read alone = read(header + part);
  EXPECT_FALSE(alone.data);
  EXPECT_NE(alone.said().find("only there in parts"), std::string::npos) << alone.said();
}

TEST(Trade, CodesThatHoldOthersAreRefused) {
  const Read r = read(header + row("X", "9", "900", "8505") + row("X", "5", "500"));
  EXPECT_FALSE(r.data);
  EXPECT_NE(r.said().find("`850511` is a part of `8505`"), std::string::npos) << r.said();
  TradeOptions options;
  options.codes = {"8505"};
  EXPECT_TRUE(read(header + row("X", "9", "900", "8505") + row("X", "5", "500"), options).data);
}

TEST(Trade, PutsBackTheZeroOfACode) {
  TradeOptions options;
  options.codes = {"071490"};
  const Read r = read(header + row("X", "9", "900", "71490"), options);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(r.data->codes[0].label, "071490");
  EXPECT_TRUE(says(r.data->notes, "lost the zero in front"));
}

TEST(Trade, TwoRevisionsOfOneNumberAreRefused) {
  std::string old = row("X", "7", "900");
  old.replace(old.find("H5"), 2, "H4");
  EXPECT_NE(read(header + row("X", "5", "900") + old).said().find("--revision H5"), std::string::npos);
  TradeOptions options;
  options.revision = "H4";
  const Read r = read(header + row("X", "5", "900") + old, options);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_EQ(only(*r.data).weight.value, 0.007);
}

TEST(Trade, WarnsOfACountryThatIsNotThere) {
  TradeOptions options;
  options.countries = {"CHN", "JPM"};
  const Read r = read(header + row("X", "5", "900") + row("M", "6", "900", "9999AA"), options);
  ASSERT_TRUE(r.data) << r.said();
  EXPECT_NE(r.said().find("names `JPM`"), std::string::npos) << r.said();
  EXPECT_NE(r.said().find("`JPN`"), std::string::npos) << r.said();
  EXPECT_EQ(r.said().find("names `CHN`"), std::string::npos) << r.said();
  EXPECT_TRUE(says(r.data->notes, "or of none (TOTAL, 9999AA)"));
}

TEST(Trade, SaysWhatIsNoTradeFile) {
  // The header is shown as it is written, with its place.
  const std::string none = read("\nLand,Jahr,Menge\n1,2,3\n").said();
  EXPECT_NE(none.find("neither those of UN Comtrade"), std::string::npos) << none;
  EXPECT_NE(none.find("trade.csv:2:1"), std::string::npos) << none;
  EXPECT_NE(none.find("2 | Land,Jahr,Menge\n"), std::string::npos) << none;
  EXPECT_EQ(none.find("no trade between"), std::string::npos) << none;
  const std::string lacks = read("REFYEAR,flowCode,partnerCode,primaryValue\n2017,X,4,900\n").said();
  EXPECT_NE(lacks.find("the header lacks `reporterCode`, `cmdCode`"), std::string::npos) << lacks;
  EXPECT_NE(lacks.find("1 | REFYEAR,flowCode,partnerCode,primaryValue\n"), std::string::npos) << lacks;
  TradeOptions options;
  options.keep_going = true;
  EXPECT_EQ(read("a,b\n1,2\n", options).said().find("no trade between"), std::string::npos);
  EXPECT_NE(read("").said().find("empty"), std::string::npos);
  std::string monthly = row("X", "5", "900");
  monthly.replace(monthly.find(",52,2017"), 8, ",7,201707");
  EXPECT_NE(read(header + monthly).said().find("a month"), std::string::npos);
}

/// Every row of any file is either a report, or counted in a note, or told as a mistake.
TEST(Trade, LosesNoRow) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text = header;
    const std::size_t rows = 1 + random() % 12;
    for (std::size_t i = 0; i < rows; ++i) {
      static const std::vector<std::string> weights{"5", "<3", "W",   "",          "NA",
                                                    "x", "-1", "1e3", "\"1,000\"", "12 kg"};
      static const std::vector<std::string> flows{"X", "M", "RX", "DX", "Z"};
      std::string line = row(flows[random() % flows.size()], weights[random() % weights.size()],
                             std::to_string(random() % 9),
                             random() % 5 == 0 ? "TOTAL" : "85051" + std::to_string(random() % 9),
                             std::to_string(2010 + random() % 4));
      if (random() % 10 == 0) line.erase(line.size() / 2, line.size() / 2 - 1);
      text += line;
    }
    TradeOptions options;
    options.keep_going = true;
    const Read r = read(text, options);
    if (!r.data) {
      EXPECT_TRUE(r.diagnostics.has_errors());
      continue;
    }
    EXPECT_EQ(r.data->rows, rows);
    std::size_t told = r.data->reports.size() + r.data->world.size() + r.data->left_out.size();
    for (const std::string& note : r.data->notes) {
      const bool counts =
          note.find("passed over") != std::string::npos || note.find("count once") != std::string::npos;
      if (counts) told += std::stoul(note);
    }
    EXPECT_EQ(told, rows) << text;
  }
}

TEST(TradeCase, SaysTheMarginThatImportersState) {
  std::string both = row("M", "5000", "112");
  both.replace(both.find(",112,,112"), 9, ",112,100,112");
  const Read r = read(header + row("X", "5000", "100") + both);
  ASSERT_TRUE(r.data) << r.said();
  Diagnostics diagnostics;
  const auto made = make_trade_case(*r.data, nullptr, {}, diagnostics);
  ASSERT_TRUE(made) << render(diagnostics);
  EXPECT_TRUE(says(made->notes, "the median of CIF/FOB − 1 is 12 %, taken is 6 %"));
  EXPECT_NE(made->files[0].text.find("if known(importer_fob) then importer_fob"), std::string::npos);
}

TEST(TradeCase, NeedsWeightsAndContentOfEveryCode) {
  const Read r = read(header + row("X", "", "900"));
  ASSERT_TRUE(r.data);
  Diagnostics diagnostics;
  EXPECT_FALSE(make_trade_case(*r.data, nullptr, {}, diagnostics));
  EXPECT_NE(render(diagnostics).find("no row has a net weight"), std::string::npos);
  ContentTable content;
  content.columns = {"value"};
  content.rows.push_back({"280530", "", "", 0.2, {"20 %"}});
  Diagnostics lacking;
  EXPECT_FALSE(make_trade_case(*read(header + row("X", "5", "900")).data, &content, {}, lacking));
  EXPECT_NE(render(lacking).find("has no content of 850511"), std::string::npos);
}

TEST(TradeContent, TakesTheLongestCodeAndChecksShares) {
  const auto path = own_folder() / "content.csv";
  std::ofstream(path) << "code,content,unit\n8505,100,kg/t\n850511,25 %,\n";
  Diagnostics diagnostics;
  const auto table = read_content(path, false, diagnostics);
  ASSERT_TRUE(table) << render(diagnostics);
  EXPECT_DOUBLE_EQ(table->find("850519")->share, 0.1);
  EXPECT_DOUBLE_EQ(table->find("850511")->share, 0.25);
  EXPECT_EQ(table->find("280530"), nullptr);
  std::ofstream(path) << "code,content\n850511,25\n";
  Diagnostics wrong;
  EXPECT_FALSE(read_content(path, false, wrong));
  EXPECT_NE(render(wrong).find("25 %") == std::string::npos ? render(wrong).find("30 %") : 0,
            std::string::npos);
}

}  // namespace
}  // namespace lode
