// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"
#include "lode/api/report_json.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

const char* const model = R"(lode: 1
title: {en: "Copper </script><script>alert(1)</script> <!-- & \"so\"", zh: 铜}
question: How much?
time: {first: 2000, last: 2004}
defaults: {over: [time]}
quality:
  guess: {normal: {cv: 10 %}}
dimensions:
  good: {labels: {wire: {en: Wire, zh: 电线}, tube: Tube}}
parameters:
  made: {over: [time, good], unit: kt/yr, table: made.csv, interpolate: linear, quality: guess}
  loss: {value: 10 %, quality: guess}
  life: {value: 3 yr}
  spread: {value: 1 yr}
processes:
  mine: {outside: true}
  works: {}
  use: {}
  dump: {outside: true}
flows:
  ore: {from: mine, to: works}
  slag: {from: works, to: dump}
  metal: {from: works, to: use, over: [time, good]}
  scrap: {from: use, to: dump, over: [time, good]}
stocks:
  in_use:
    process: use
    over: [time, good]
    inflow: metal
    outflow: scrap
    lifetime: {normal: {mean: life, sd: spread}}
equations:
  metal: made
  slag: loss * ore
  ore: sum(metal over good) / (1 - loss)
  all_metal: sum(metal over good)
  year_of_most: max_year(all_metal from 2000 to 2004)
alerts:
  all_metal: {at_most: 14 kt/yr}
scenarios:
  losses:
    default: usual
    usual: {}
    high: {loss: 20 %}
  nothing:
    default: one
    one: {}
    two: {}
)";

Files copper() {
  return {{"model.yaml", model},
          {"made.csv",
           "time,good,value\n2000,wire,10\n2004,wire,14.1\n2000,tube,3\n2002,tube,0.1\n2004,tube,1\n"}};
}

Json document_of(Case& opened, const ReportRequest& request = {}) {
  EXPECT_TRUE(opened.run()) << opened.messages_text();
  const ReportResult report = opened.report(request);
  EXPECT_EQ(report.problem, "") << opened.messages_text();
  return report.problem.empty() ? Json::parse(report.document_json) : Json();
}

bool same(const Json& told, double value) {
  if (std::isnan(value)) return told.is_null();
  const double number = told.get<double>();
  return std::memcmp(&number, &value, sizeof value) == 0;
}

TEST(Report, HoldsEveryResultDigitForDigit) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  const ResultSet results = opened.results();
  ASSERT_EQ(document["variables"].size(), results.variables.size());
  for (std::size_t v = 0; v < results.variables.size(); ++v) {
    const ResultVariable& variable = results.variables[v];
    EXPECT_EQ(document["variables"][v]["id"], variable.name);
    EXPECT_EQ(document["variables"][v]["unit"], variable.unit);
    const Json& values = document["scenarios"][0]["values"][variable.name];
    ASSERT_EQ(values.size(), variable.values.size()) << variable.name;
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_TRUE(same(values[i], variable.values[i])) << variable.name << " " << i;
  }
}

TEST(Report, OtherScenariosHoldWhatDiffersToSixDigits) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  // The axis `nothing` changes nothing.
  ASSERT_EQ(document["scenarios"].size(), 2u);
  const Json& other = document["scenarios"][1];
  EXPECT_EQ(other["choice"]["losses"], "high");
  EXPECT_FALSE(other["values"].contains("metal"));
  ASSERT_TRUE(other["values"].contains("ore"));
  Case high = Case::load(folder.path(), {{"losses", "high"}});
  ASSERT_TRUE(high.run());
  const ResultSet results = high.results();
  const ResultVariable& ore = *results.find("ore");
  for (std::size_t i = 0; i < ore.values.size(); ++i)
    EXPECT_NEAR(other["values"]["ore"][i].get<double>(), ore.values[i], 5e-6 * ore.values[i]);
}

TEST(Report, TakesTheScenariosAskedFor) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  ReportRequest alone;
  alone.alone = true;
  EXPECT_EQ(document_of(opened, alone)["scenarios"].size(), 1u);
  ReportRequest asked;
  asked.also = {{{"losses", "none"}}};
  EXPECT_NE(opened.report(asked).problem, "");
  EXPECT_NE(opened.messages_text().find("none"), std::string::npos);
}

TEST(Report, TheSankeyHasTheFlowsOfEveryYear) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  const ResultSet results = opened.results();
  const Json& film = document["sankey"];
  ASSERT_EQ(film["frames"].size(), 1u);
  ASSERT_EQ(film["frames"][0][0].size(), 5u);
  const double scale = film["layers"][0]["points_per_unit"];
  const double factor = film["layers"][0]["unit"] == "kt/yr" ? 1 : 1000;
  for (std::size_t year = 0; year < 5; ++year)
    for (const Json& ribbon : film["frames"][0][0][year]["ribbons"]) {
      const std::string flow = film["links"][ribbon[0].get<std::size_t>()]["flow"];
      const ResultVariable& variable = *results.find(flow);
      const std::size_t n = variable.values.size() / 5;
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += variable.values[year * n + i];
      const double unit = variable.unit == "kt/yr" ? factor : factor / 1000;
      EXPECT_NEAR(ribbon[1].get<double>(), sum * unit, 1e-9 * sum * unit) << flow;
      // One scale: a ribbon is as wide as its value, or at its thinnest, in every year.
      EXPECT_NEAR(ribbon[2].get<double>(), std::max(ribbon[1].get<double>() * scale * 10, 6.0), 0.51) << flow;
    }
}

TEST(Report, ExplainsWithTheNumbersOfTheResults) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  const Json& kept = document["explanations"];
  for (const char* key : {"ore[2004]", "metal[2004]", "metal[2004, wire]"}) {
    if (std::string(key) == "metal[2004, wire]" && !kept["numbers"].contains(key)) continue;
    ASSERT_TRUE(kept["numbers"].contains(key)) << key;
    const Json& part = kept["parts"][kept["numbers"][key].get<std::size_t>()];
    const std::string formula = std::string(key) == "metal[2004]" ? "sum(metal over good)[2004]" : key;
    const auto value = opened.value(formula);
    ASSERT_TRUE(value);
    EXPECT_NEAR(part[1].get<double>(), value->value, 1e-8 * value->value) << key;
    EXPECT_EQ(kept["texts"][part[2].get<std::size_t>()], value->unit);
    EXPECT_FALSE(part[6].empty()) << key;
  }
  for (const Json& part : kept["parts"])
    for (const Json& child : part[6]) EXPECT_LT(child[0].get<std::size_t>(), kept["parts"].size());
}

const std::string base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

std::string inflated(const std::string& letters, std::size_t size) {
  std::string packed;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : letters) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(base64_letters.find(letter));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    packed += static_cast<char>(bits >> count & 255U);
  }
  std::string out(size + 1, '\0');
  uLongf length = out.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                       reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
            Z_OK);
  out.resize(length);
  return out;
}

TEST(Report, NoTextOfTheCaseEndsTheScript) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  ASSERT_TRUE(opened.run()) << opened.messages_text();
  const ReportResult report = opened.report({});
  const std::string open = "<script type=\"text/plain\" id=\"lode-report\">";
  const auto begin = report.html.find(open);
  ASSERT_NE(begin, std::string::npos);
  const auto end = report.html.find("</script>", begin);
  const std::string inside = report.html.substr(begin + open.size(), end - begin - open.size());
  EXPECT_EQ(inside.find_first_not_of(base64_letters), std::string::npos);
  EXPECT_EQ(inflated(inside, report.document_json.size()), report.document_json);
  const auto title = report.html.find("<title>");
  EXPECT_EQ(report.html.substr(title, report.html.find("</title>") - title).find("<script>"),
            std::string::npos);
  EXPECT_EQ(report.html.find("lode:document"), std::string::npos);
}

TEST(Report, WishesComeFirst) {
  Files files = copper();
  files["report.yaml"] = R"(summary: {en: In short., zh: 简言之。}
answer:
  - number: ore[2004]
    name: {en: Ore in 2004, zh: 2004年矿石}
  - number: year_of_most
charts:
  - show: [ore, slag]
    name: Ore and slag
)";
  const CaseFolder folder(files);
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  EXPECT_EQ(document["summary"]["zh"], "简言之。");
  ASSERT_EQ(document["answer"].size(), 2u);
  EXPECT_EQ(document["answer"][0]["title"]["en"], "Ore in 2004");
  EXPECT_TRUE(same(document["answer"][0]["values"][0][0], opened.value("ore[2004]")->value));
  EXPECT_EQ(document["answer"][1]["values"][0][1], "year");
  ASSERT_EQ(document["charts"].size(), 1u);
  EXPECT_EQ(document["charts"][0]["show"], Json::parse(R"(["ore", "slag"])"));
}

TEST(Report, MistakesInWishesAreToldWithTheirPlace) {
  const struct {
    const char *text, *said;
  } mistakes[] = {
      {"answers: []\n", "`answers` is no key of report.yaml here"},
      {"answer: ore[2004]\n", "`answer:` is a list"},
      {"answer: [{name: Ore}]\n", "an answer needs a `number:`"},
      {"answer: [{number: 'oar[2004]'}]\n", "oar"},
      {"answer: [{number: 'ore'}]\n", "choose one cell"},
      {"charts: [{show: [oar]}]\n", "a chart shows `oar`, which there is not"},
      {"charts: [{name: Ore}]\n", "a chart needs what to `show:`"},
      {"charts: [ore]\n", "keys are expected here"},
      {"summary: [1]\n", "a text is expected here"},
  };
  for (const auto& mistake : mistakes) {
    Files files = copper();
    files["report.yaml"] = mistake.text;
    const CaseFolder folder(files);
    Case opened = Case::load(folder.path());
    ASSERT_TRUE(opened.run());
    EXPECT_NE(opened.report({}).problem, "") << mistake.text;
    EXPECT_NE(opened.messages_text().find(mistake.said), std::string::npos)
        << mistake.text << opened.messages_text();
  }
}

TEST(Report, FormulasAreNestedArrays) {
  EXPECT_EQ(formula_json("a * (b - 5 %) / sum(c over x where d = 'e')").dump(),
            R"(["/",["*",["name","a"],["-",["name","b"],["percent",0.05]]],["call","sum",[["name","c"]],)"
            R"({"over":["x"],"where":["=",["name","d"],["text","e"]]}]])");
  EXPECT_EQ(formula_json("if x[2017, AC] > 1 then -y else prev(z)").dump(),
            R"(["if",[">",["at",["name","x"],["2017","AC"]],["number",1.0]],["-",["name","y"]],)"
            R"(["call","prev",[["name","z"]],{}]])");
  EXPECT_TRUE(formula_json("a +").is_null());
}

TEST(Report, FiguresStandBesideIt) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  ASSERT_TRUE(opened.run());
  const ReportResult report = opened.report({});
  ASSERT_FALSE(report.figures.empty());
  std::vector<std::string> wanted;
  for (const FigureInfo& info : opened.figures())
    for (const char* language : {"en", "zh"}) wanted.push_back(info.id + "." + language);
  for (const ReportFigure& figure : report.figures) {
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), figure.name), wanted.end()) << figure.name;
    EXPECT_NE(figure.svg.find("</svg>"), std::string::npos) << figure.name;
  }
}

TEST(Report, FiguresAreInTheDocumentInBothLanguages) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  ASSERT_TRUE(opened.run());
  const ReportResult report = opened.report({});
  const Json document = Json::parse(report.document_json);
  std::size_t told = 0;
  for (const Json& figure : document["figures"])
    for (const char* language : {"en", "zh"}) {
      const std::string name = figure["id"].get<std::string>() + "." + language;
      const auto beside = std::find_if(report.figures.begin(), report.figures.end(),
                                       [&](const ReportFigure& each) { return each.name == name; });
      ASSERT_NE(beside, report.figures.end()) << name;
      EXPECT_EQ(figure["svg"][language], beside->svg);
      EXPECT_EQ(figure["csv"][language], beside->table_csv);
      ++told;
    }
  EXPECT_EQ(told, report.figures.size());
}

TEST(Report, DrawsGiveBandsToAnswersSumsAndFlows) {
  Files files = copper();
  files["report.yaml"] = R"(answer:
  - number: sum(metal over good)[2004]
  - number: all_metal[2004]
  - number: metal[2004, wire] / all_metal[2004]
charts:
  - show: metal
)";
  const CaseFolder folder(files);
  Case opened = Case::load(folder.path());
  DrawRequest request;
  request.draws = 512;
  request.for_report = true;
  ASSERT_TRUE(opened.run_draws(request)) << opened.messages_text();
  EXPECT_EQ(opened.draws_text().find("sum(metal"), std::string::npos) << "nobody asked for it by name";
  const ReportResult report = opened.report({});
  ASSERT_EQ(report.problem, "") << opened.messages_text();
  const Json document = Json::parse(report.document_json);
  const ResultSet results = opened.results();
  const ResultVariable& all = *results.find("all_metal");
  const auto& quantiles = all.uncertainty->quantiles;
  const Json& answer = document["answer"];
  // The sum is one number more than the results have; its draws are those of the equation that says the same.
  EXPECT_EQ(answer[0]["band"], answer[1]["band"]);
  EXPECT_NEAR(answer[1]["band"][0].get<double>(), quantiles.front()[4], 1e-3 * quantiles.front()[4]);
  EXPECT_NEAR(answer[1]["band"][1].get<double>(), quantiles.back()[4], 1e-3 * quantiles.back()[4]);
  EXPECT_LT(answer[2]["band"][0].get<double>(), answer[2]["values"][0][0].get<double>());
  const Json& sums = document["scenarios"][0]["sums"]["metal"];
  ASSERT_EQ(sums.size(), quantiles.size());
  for (std::size_t q = 0; q < quantiles.size(); ++q)
    for (std::size_t year = 0; year < 5; ++year)
      EXPECT_NEAR(sums[q][year].get<double>(), quantiles[q][year], 1e-3 * quantiles[q][year]);
  const Json& film = document["sankey"];
  const double factor = film["layers"][0]["unit"] == all.unit ? 1 : 1000;
  std::size_t banded = 0;
  for (std::size_t year = 0; year < 5; ++year)
    for (const Json& ribbon : film["frames"][0][0][year]["ribbons"]) {
      if (film["links"][ribbon[0].get<std::size_t>()]["flow"] != "metal") continue;
      ASSERT_EQ(ribbon.size(), 6u);
      EXPECT_NEAR(ribbon[5][0].get<double>(), quantiles.front()[year] * factor,
                  1e-3 * quantiles.front()[year] * factor);
      EXPECT_NEAR(ribbon[5][1].get<double>(), quantiles.back()[year] * factor,
                  1e-3 * quantiles.back()[year] * factor);
      EXPECT_GT(ribbon[5][2].get<double>(), 0);
      EXPECT_LT(ribbon[5][2].get<double>(), (quantiles.back()[year] - quantiles.front()[year]) * factor);
      ++banded;
    }
  EXPECT_EQ(banded, 5u);
}

TEST(Report, LimitsByLabelStandInTheUnitOfWhatTheyLimit) {
  Files files = copper();
  std::string& text = files["model.yaml"];
  text.replace(text.find("  all_metal: {at_most: 14 kt/yr}"), 32, R"(  all_metal: {at_most: 14 kt/yr}
  metal: {at_most: 0.5 * made})");
  const CaseFolder folder(files);
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  const ResultSet results = opened.results();
  const ResultVariable& metal = *results.find("metal");
  const Json& whole = document["alerts"][0]["at_most"];
  ASSERT_EQ(whole.size(), 5u);
  EXPECT_DOUBLE_EQ(whole[0].get<double>(), results.find("all_metal")->unit == "kt/yr" ? 14 : 14000);
  EXPECT_EQ(document["alerts"][1]["beyond"], Json::parse("[[4,3,2,1,0],[0,1,4,3,2]]"));
  const Json& halves = document["alerts"][1]["at_most"];
  ASSERT_EQ(halves.size(), 2u);
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t year = 0; year < 5; ++year)
      EXPECT_NEAR(halves[s][year].get<double>(), 0.5 * metal.values[year * 2 + s], 1e-9);
}

TEST(Report, RemarksAreInBothLanguages) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  ASSERT_EQ(document["remarks"]["alerts"].size(), 1u);
  EXPECT_NE(document["remarks"]["alerts"][0]["en"].get<std::string>().find("above the limit"),
            std::string::npos);
  EXPECT_NE(document["remarks"]["alerts"][0]["zh"].get<std::string>().find("高于限值"), std::string::npos);
}

TEST(Report, TellsWhatHappensInSingleDraws) {
  const CaseFolder folder(std::string(R"(lode: 1
title: {en: Mine, zh: 矿山}
time: {first: 2000, last: 2001}
defaults: {over: [time], flow: t/yr}
parameters:
  made: {value: 10 t/yr}
  stated: {value: 8 t/yr, normal: {sd: 2}}
processes:
  mine: {outside: true}
  works: {}
  sea: {outside: true}
flows:
  known_ore: {from: mine, to: works, title: {en: Known ore, zh: 已知矿石}}
  other_ore: {from: mine, to: works, title: {en: Other ore, zh: 其他矿石}}
  metal: {from: works, to: sea}
equations:
  known_ore: stated
  metal: made
  other_ore: residual(works)
)"));
  Case opened = Case::load(folder.path());
  EXPECT_TRUE(document_of(opened)["remarks"]["in_draws"].empty()) << "no draws";
  DrawRequest request;
  request.draws = 1024;
  request.for_report = true;
  ASSERT_TRUE(opened.run_draws(request)) << opened.messages_text();
  const Json told = document_of(opened)["remarks"]["in_draws"];
  ASSERT_EQ(told.size(), 1u);
  // 8 ± 2 is above 10 in 15.87 % of the draws.
  EXPECT_EQ(told[0]["en"].get<std::string>().find("in 16"), 0u) << told;
  EXPECT_NE(told[0]["en"].get<std::string>().find(" of 1,024 draws other_ore[2000] < 0"), std::string::npos)
      << told;
  EXPECT_EQ(told[0]["zh"].get<std::string>().find("1,024次抽样中有16"), 0u) << told;
  EXPECT_NE(told[0]["zh"].get<std::string>().find("其他矿石 other_ore[2000]小于0"), std::string::npos)
      << told;
}

TEST(Report, AStockWithoutLifetimeHasNoInflowToShow) {
  const CaseFolder folder(Files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2002}
defaults: {over: [time]}
parameters:
  a: {value: 3 t/yr}
processes:
  world: {outside: true}
  store: {}
flows:
  stored: {from: world, to: store}
stocks:
  kept: {process: store, change: residual(store), initial: 0}
equations:
  stored: a
)"}});
  Case opened = Case::load(folder.path());
  const Json document = document_of(opened);
  EXPECT_NE(document["charts"].dump().find("kept.stock"), std::string::npos) << document["charts"].dump();
}

TEST(Report, NeedsResults) {
  const CaseFolder folder(copper());
  Case opened = Case::load(folder.path());
  EXPECT_EQ(opened.report({}).problem, "nothing is computed yet");
}

}  // namespace
}  // namespace lode
