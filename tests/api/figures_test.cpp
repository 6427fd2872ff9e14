// SPDX-License-Identifier: Apache-2.0
//
// The figures of a case: what figures.yaml may say, and that what is drawn is what was computed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../engine/case_tools.hpp"
#include "../report/svg_tools.hpp"
#include "../report/text_boxes.hpp"
#include "lode/lode.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

const char* const model_text = R"(lode: 1
title: {en: Metal in use, zh: 在用金属}
time: {first: 2015, last: 2024}
events: {2018: {en: A law, zh: 新法}}
defaults: {over: [time], flow: kt/yr, stock: kt}
stages: {make: {en: Making, zh: 制造}, use: {en: Use, zh: 使用}, end: {en: Waste, zh: 废弃}}
dimensions:
  product: {table: products.csv, name: {en: Product, zh: 产品}}
  family: {groups: product}
when:
  history: time <= 2019
quality:
  guess: {normal: {cv: 10 %}}
parameters:
  first_sold: {over: [product], unit: kt/yr, table: sold.csv, quality: guess, name: {en: Sales of 2015, zh: 2015年销量}}
  growth: {value: 5 %/yr, quality: guess, name: {en: Growth, zh: 增长率}}
  life: {value: 3 yr}
  returned: {value: 40 %, quality: guess}
processes:
  abroad: {outside: true, name: {en: Abroad, zh: 国外}}
  dump: {outside: true, name: {en: Dump, zh: 填埋}}
  making: {stage: make}
  using: {stage: use, name: {en: Use, zh: 使用}}
  waste: {stage: end}
flows:
  bought: {from: abroad, to: making, name: {en: Metal imported, zh: 金属进口}}
  sold: {from: making, to: using, over: [time, product], name: {en: Sold, zh: 销售}}
  sent: {from: making, to: abroad, name: {en: Goods exported, zh: 商品出口}}
  scrapped: {from: using, to: waste, over: [time, product], name: {en: Scrapped, zh: 报废}}
  recycled: {from: waste, to: making, name: {en: Recycled, zh: 回收}}
  lost: {from: waste, to: dump, name: {en: Lost, zh: 损失}}
stocks:
  in_use: {process: using, over: [time, product], inflow: sold, outflow: scrapped, lifetime: {fixed: life}}
equations:
  sold: first_sold * compound(growth, time - 2015)
  sent: 0.1 * sum(sold over product)
  bought: residual(making)
  recycled: returned * sum(scrapped over product)
  lost: residual(waste)
  all_sold: {name: {en: All sales, zh: 总销量}, equals: sum(sold over product)}
  offered: {name: {en: Supply, zh: 供应}, equals: 100 kt/yr}
  share: {unit: 1, equals: recycled / all_sold}
alerts:
  share: {at_least: 15 %, from: 2018}
scenarios:
  pace:
    default: slow
    slow: {name: {en: Slow, zh: 慢}}
    fast: {name: {en: Fast, zh: 快}, growth: 12 %/yr}
)";

const char* const figures_text = R"(figures:
  families: {kind: stacked, show: sold, by: family, total: all_sold, as: bars}
  products: {kind: stacked, show: in_use, by: product}
  paces: {kind: lines, show: all_sold, by: pace}
  each: {kind: multiples, show: sold, by: product, scales: own}
  nested: {kind: multiples, show: sold, by: product, panels: family}
  trade: {kind: trade, imports: bought, exports: sent}
  balance: {kind: supply-demand, demand: all_sold, supply: offered, recycling: recycled, panels: pace}
  fan: {kind: fan, show: all_sold}
  drivers: {kind: tornado, results: 'all_sold[2024]'}
  limits: {kind: limits}
  checkpoints: {kind: checkpoints}
  swept: {kind: sweep, inputs: 'growth = 0 %/yr..10 %/yr : 6', results: ['all_sold[2024]', 'share[2024]']}
  mapped: {kind: sweep, inputs: ['growth = 0 %/yr..10 %/yr : 6', 'returned = 0 %..80 % : 5'], results: 'share[2024] - 0.2'}
  system: {kind: system}
  coloured: {kind: sankey, year: 2019, by: product}
  flows: {kind: sankey, year: 2019}
)";

Files case_files(const std::string& figures) {
  Files files = {
      {"model.yaml", model_text},
      {"products.csv",
       "label,name,name_zh,family\nC,Cable,电缆,electric\nM,Motor,电机,electric\nP,Pipe,管道,building\n"},
      {"sold.csv", "product,value\nC,60\nM,20\nP,5\n"},
      {"checkpoints.csv",
       "id,what,time,value,unit\nA,all_sold,2015,85,kt/yr\nB,all_sold[2016],,95,kt/yr\nC,,,1,kt\n"}};
  std::string text = model_text;
  text.replace(text.find("100 kt/yr}"), 10, "supply}");
  text.replace(text.find("  life:"), 7, "  supply: {value: 85 kt/yr}\n  life:");
  text.replace(text.find("0.1 *"), 5, "export_share *");
  text.replace(text.find("  life:"), 7, "  export_share: {value: 10 %}\n  life:");
  files["model.yaml"] = text;
  if (!figures.empty()) files["figures.yaml"] = figures;
  return files;
}

std::vector<std::vector<std::string>> table_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

class FiguresOfACase : public ::testing::Test {
 protected:
  FiguresOfACase() : folder(case_files(figures_text)), model(Case::load(folder.path())) {
    EXPECT_TRUE(model.ok()) << model.messages_text();
    EXPECT_TRUE(model.run()) << model.messages_text();
  }
  FigureResult drawn(const std::string& id, const std::string& language = "en", double width = 180) {
    FigureRequest request;
    request.id = id;
    request.language = language;
    request.width = width;
    request.draws = 256;
    return model.figure(request);
  }
  /// In the unit of the figures.
  double kilotonnes(Case& of, const std::string& formula) {
    const auto value = of.value(formula);
    EXPECT_TRUE(value) << formula;
    if (!value) return 0;
    EXPECT_TRUE(value->unit == "t/yr" || value->unit == "kt/yr") << value->unit;
    return value->unit == "t/yr" ? value->value / 1000 : value->value;
  }
  CaseFolder folder;
  Case model;
};

TEST_F(FiguresOfACase, AreListedAsTheyStand) {
  const auto list = model.figures();
  ASSERT_EQ(list.size(), 16u);
  EXPECT_EQ(list.front().id, "families");
  EXPECT_EQ(list.front().kind, "stacked");
  EXPECT_TRUE(list.front().takes_draws);
  EXPECT_EQ(list.back().first_year, 2019);
  // Every kind that there is stands in the case.
  for (const std::string& kind : figure_kinds())
    EXPECT_TRUE(std::any_of(list.begin(), list.end(), [&](const FigureInfo& info) {
      return info.kind == kind;
    })) << kind;
}

TEST_F(FiguresOfACase, AreReadableInBothLanguagesAndWidths) {
  for (const FigureInfo& info : model.figures())
    for (const char* language : {"en", "zh"})
      for (const double width : {85.0, 180.0}) {
        const FigureResult figure = drawn(info.id, language, width);
        ASSERT_EQ(figure.problem, "") << info.id;
        testing::expect_well_formed(figure.svg);
        testing::expect_references_defined(figure.svg);
        if (info.kind != "sankey") testing::expect_readable(figure.svg);
        EXPECT_EQ(figure.svg.find("nan"), std::string::npos) << info.id;
        EXPECT_EQ(nlohmann::json::parse(figure.scene_json)["kind"], info.kind);
        EXPECT_GT(table_of(figure.table_csv).size(), 1u) << info.id;
        if (HasFailure()) FAIL() << info.id << " " << language << " " << width;
      }
}

TEST_F(FiguresOfACase, AreTheSameBytesTwice) {
  for (const FigureInfo& info : model.figures()) EXPECT_EQ(drawn(info.id).svg, drawn(info.id).svg) << info.id;
}

TEST_F(FiguresOfACase, HaveTablesThatAreTheResults) {
  const auto families = table_of(drawn("families").table_csv);
  ASSERT_EQ(families.front(),
            (std::vector<std::string>{"Year", "Electric (kt/yr)", "Building (kt/yr)", "Total (kt/yr)"}));
  for (std::size_t y = 0; y < 10; ++y) {
    const std::string year = std::to_string(2015 + y);
    EXPECT_NEAR(std::stod(families[y + 1][1]),
                kilotonnes(model, "sum(sold over product where product.family = electric)[" + year + "]"),
                1e-3);
    EXPECT_NEAR(std::stod(families[y + 1][2]), kilotonnes(model, "sold[" + year + ", P]"), 1e-3);
    EXPECT_NEAR(std::stod(families[y + 1][3]), kilotonnes(model, "all_sold[" + year + "]"), 1e-3);
  }
  const auto trade = table_of(drawn("trade").table_csv);
  EXPECT_NEAR(std::stod(trade[1][2]), -kilotonnes(model, "bought[2015]"), 1e-3);
  EXPECT_NEAR(std::stod(trade[1][3]), kilotonnes(model, "sent[2015] - bought[2015]"), 1e-3);
}

TEST_F(FiguresOfACase, ComputeEveryScenarioTheyShow) {
  Case fast = Case::load(folder.path(), {{"pace", "fast"}});
  ASSERT_TRUE(fast.run());
  const auto paces = table_of(drawn("paces").table_csv);
  ASSERT_EQ(paces.front().size(), 3u);
  EXPECT_NEAR(std::stod(paces[10][1]), kilotonnes(model, "all_sold[2024]"), 1e-3);
  EXPECT_NEAR(std::stod(paces[10][2]), kilotonnes(fast, "all_sold[2024]"), 1e-3);
}

TEST_F(FiguresOfACase, NameTheYearsOfADeficit) {
  const auto scene = nlohmann::json::parse(drawn("balance").scene_json);
  for (std::size_t p = 0; p < 2; ++p) {
    const auto& panel = scene["panels"][p];
    const auto& demand = panel["marks"].back()["values"];
    int first = 0, last = 0;
    for (std::size_t y = 0; y < demand.size(); ++y) {
      const double supplied =
          panel["marks"][0]["values"][y].get<double>() + panel["marks"][1]["values"][y].get<double>();
      if (demand[y].get<double>() <= supplied) continue;
      if (first == 0) first = 2015 + static_cast<int>(y);
      last = 2015 + static_cast<int>(y);
    }
    ASSERT_NE(first, 0);
    EXPECT_EQ(panel["span"]["first"], first);
    EXPECT_EQ(panel["span"]["last"], last);
  }
}

TEST_F(FiguresOfACase, ShowDraws) {
  DrawRequest draws;
  draws.draws = 512;
  ASSERT_TRUE(model.run_draws(draws)) << model.messages_text();
  const auto fan = nlohmann::json::parse(drawn("fan").scene_json)["panels"][0]["marks"];
  ASSERT_EQ(fan.size(), 5u);  // two bands, median, nominal, published
  EXPECT_LT(fan[0]["low"][9], fan[1]["low"][9]);
  EXPECT_LT(fan[1]["high"][9], fan[0]["high"][9]);
  EXPECT_EQ(fan[4]["values"][1], 95.0);
  EXPECT_NE(drawn("families").svg.find("Dotted lines"), std::string::npos);
  const auto limits = nlohmann::json::parse(drawn("limits").scene_json)["panels"];
  ASSERT_EQ(limits.size(), 2u);
  const auto& chance = limits[1]["marks"][0]["values"];
  EXPECT_EQ(limits[1]["unit"], "%");
  for (const auto& value : chance)
    if (!value.is_null()) {
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 100);
    }
}

TEST_F(FiguresOfACase, PutWhatDrawsTellBesideFlows) {
  DrawRequest draws;
  draws.draws = 512;
  ASSERT_TRUE(model.run_draws(draws)) << model.messages_text();
  // Of a sum over products it is the deviation of the sum, which the model has under another name.
  const ResultSet results = model.results();
  const ResultVariable* sum = results.find("all_sold");
  ASSERT_TRUE(sum && sum->uncertainty);
  ASSERT_EQ(sum->unit, "t/yr");
  const double expected = sum->uncertainty->deviation[4] / 1000;
  const auto scene = nlohmann::json::parse(drawn("flows").scene_json);
  std::size_t with = 0;
  for (const auto& ribbon : scene["ribbons"]) {
    with += ribbon.contains("plus_minus");
    if (ribbon["title"] == "Sold") {
      EXPECT_NEAR(ribbon["plus_minus"], expected, 1e-9 * expected);
    }
  }
  EXPECT_EQ(with, scene["ribbons"].size());
  for (const auto& node : scene["nodes"])
    if (node["id"] == "using") {
      EXPECT_NEAR(node["plus_minus"], expected, 1e-9 * expected);
    }
  const FigureResult figure = drawn("flows");
  EXPECT_NE(figure.svg.find("one standard deviation of 512 draws"), std::string::npos);
  EXPECT_NE(figure.svg.find("\u00A0±\u00A0"), std::string::npos);
  // Amounts over years have theirs too.
  FigureRequest request;
  request.first_year = 2016;
  request.last_year = 2019;
  const auto total = nlohmann::json::parse(model.figure(request).scene_json);
  for (const auto& ribbon : total["ribbons"]) EXPECT_TRUE(ribbon.contains("plus_minus")) << ribbon["title"];
}

TEST_F(FiguresOfACase, ColourFlowsAsOtherFiguresDo) {
  const auto scene = nlohmann::json::parse(drawn("coloured").scene_json);
  const auto stacked = nlohmann::json::parse(drawn("products").scene_json);
  std::map<std::string, std::string> colours;
  for (const auto& mark : stacked["panels"][0]["marks"]) colours[mark["name"]] = mark["colour"];
  double sum = 0;
  std::size_t parts = 0;
  for (const auto& ribbon : scene["ribbons"]) {
    if (!ribbon.contains("group")) continue;
    ++parts;
    const std::string label = ribbon["group"];
    EXPECT_EQ(ribbon["fill"], colours[label == "C" ? "Cable" : label == "M" ? "Motor" : "Pipe"]) << label;
    if (ribbon["title"] == "Sold") sum += ribbon["value"].get<double>();
  }
  EXPECT_EQ(parts, 6u);
  EXPECT_NEAR(sum, kilotonnes(model, "all_sold[2019]"), 1e-9);
  EXPECT_EQ(table_of(drawn("coloured").table_csv).front().back(), "Part");
}

TEST_F(FiguresOfACase, MarkTheYearsOfEvents) {
  const FigureResult figure = drawn("families", "zh");
  EXPECT_EQ(nlohmann::json::parse(figure.scene_json)["events"][0]["year"], 2018);
  EXPECT_NE(figure.svg.find("2018 新法"), std::string::npos);
  folder.write("figures.yaml",
               "events: {2020: New mine, 2018: Another law}\n"
               "figures:\n  a: {kind: lines, show: sold, by: product}\n"
               "  b: {kind: lines, show: sold, by: product, events: false}\n");
  Case again = Case::load(folder.path());
  ASSERT_TRUE(again.run()) << again.messages_text();
  FigureRequest request;
  request.id = "a";
  const auto events = nlohmann::json::parse(again.figure(request).scene_json)["events"];
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0]["text"], "Another law");
  EXPECT_EQ(events[1]["year"], 2020);
  request.id = "b";
  EXPECT_FALSE(nlohmann::json::parse(again.figure(request).scene_json).contains("events"));
}

TEST_F(FiguresOfACase, SweepInputs) {
  const FigureResult line = drawn("swept");
  const auto table = table_of(line.table_csv);
  ASSERT_EQ(table.size(), 7u);
  EXPECT_EQ(table[0][0], "Growth (%/yr)");
  EXPECT_NEAR(std::stod(table[1][1]), 85, 1e-3);
  EXPECT_NEAR(std::stod(table[6][1]), 85 * std::pow(1.1, 9), 1e-2);
  EXPECT_NEAR(nlohmann::json::parse(line.scene_json)["axes"][0]["now"], 5, 1e-9);
  EXPECT_NE(drawn("mapped", "zh").svg.find("结果为零"), std::string::npos);
  // The same from the sweep itself.
  SweepRequest sweep;
  sweep.inputs = {"growth = 0 %/yr..10 %/yr : 6"};
  sweep.what = {"all_sold[2024]", "share[2024]"};
  EXPECT_EQ(model.sweep_figure({}).problem, "no sweep has been made");
  ASSERT_TRUE(model.sweep(sweep)) << model.messages_text();
  EXPECT_EQ(model.sweep_figure({}).table_csv, line.table_csv);
}

TEST_F(FiguresOfACase, SwingInputsAboutTheirMedians) {
  const auto result = nlohmann::json::parse(drawn("drivers").scene_json)["results"][0];
  EXPECT_NEAR(result["centre"], kilotonnes(model, "all_sold[2024]"), 1e-6);
  for (const auto& input : result["inputs"]) {
    const double low = input["swing"]["low"], high = input["swing"]["high"], centre = result["centre"];
    if (input["id"] == "first_sold") {  // in proportion, all products together
      EXPECT_NEAR(low / centre, 1 - 0.1 * 1.6448536269514722, 1e-9);
      EXPECT_NEAR(high / centre, 1 + 0.1 * 1.6448536269514722, 1e-9);
    }
    if (input["id"] == "growth") {
      EXPECT_NEAR(high / centre, std::pow((1 + 0.05 * 1.16448536269514722) / 1.05, 9), 1e-9);
    }
  }
}

TEST(Figures, SayWhatTheOutsideIs) {
  const auto role = [](const std::string& figures) {
    CaseFolder folder(case_files(figures));
    Case model = Case::load(folder.path());
    EXPECT_TRUE(model.run()) << model.messages_text();
    FigureRequest request;
    request.kind = "sankey";
    std::string found;
    const auto scene = nlohmann::json::parse(model.figure(request).scene_json);
    for (const auto& ribbon : scene["ribbons"])
      if (ribbon["title"] == "Lost") found = ribbon["role"];
    return found;
  };
  EXPECT_EQ(role(""), "loss");
  EXPECT_EQ(role("outside: {dump: use}\nfigures: {a: {kind: system}}\n"), "use");
  EXPECT_EQ(role("outside: {dump: market}\nfigures: {a: {kind: system}}\n"), "export");
}

TEST(Figures, ShowUnitsThatDifferByLabel) {
  Files files = case_files("");
  files["model.yaml"] = R"(lode: 1
title: Several metals
time: {first: 2020, last: 2023}
defaults: {over: [time, metal], flow: t/yr, stock: t}
dimensions: {metal: {table: metals.csv}}
parameters:
  use: {over: [metal], unit: metal.counted_in/yr, table: use.csv}
processes:
  mines: {outside: true}
  market: {}
  users: {outside: true}
flows:
  mined: {from: mines, to: market, unit: metal.counted_in/yr}
  used: {from: market, to: users, unit: metal.counted_in/yr}
equations:
  used: repeat(use over time)
  mined: used
)";
  files.erase("products.csv");
  files.erase("sold.csv");
  files.erase("checkpoints.csv");
  files["metals.csv"] = "label,counted_in\nsteel,t\ncopper,t\nlithium,t[LCE]\n";
  files["use.csv"] = "metal,value\nsteel,1e9\ncopper,1e7\nlithium,5e5\n";
  CaseFolder folder(files);
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run()) << model.messages_text();
  FigureRequest request;
  request.kind = "sankey";
  EXPECT_NE(model.figure(request).problem.find("choose one, as in metal=steel"), std::string::npos)
      << model.figure(request).problem;
  request.only = {{"metal", "lithium"}};
  FigureResult one = model.figure(request);
  ASSERT_EQ(one.problem, "");
  EXPECT_NE(one.svg.find("LCE"), std::string::npos);
  request.only.clear();
  request.kind = "multiples";
  request.show = {"used"};
  request.by = "metal";
  const FigureResult several = model.figure(request);
  ASSERT_EQ(several.problem, "");
  const auto panels = nlohmann::json::parse(several.scene_json)["panels"];
  ASSERT_EQ(panels.size(), 3u);
  EXPECT_EQ(panels[0]["unit"], "Mt/yr");
  EXPECT_NE(panels[2]["unit"].get<std::string>().find("LCE"), std::string::npos);
  request.kind = "stacked";
  EXPECT_NE(model.figure(request).problem.find("draw `kind: multiples`"), std::string::npos);
}

TEST_F(FiguresOfACase, SayWhatCannotBeShown) {
  FigureRequest request;
  request.id = "nothing";
  EXPECT_NE(model.figure(request).problem.find("the case has no figure `nothing`; it has families"),
            std::string::npos);
  request.id.clear();
  request.kind = "lines";
  request.show = {"sold", "share"};
  request.by = "product";
  EXPECT_NE(model.figure(request).problem.find("`share` is not split by `product`"), std::string::npos);
  request.by.clear();
  EXPECT_NE(model.figure(request).problem.find("is in 1, which is not to be had in kt/yr"),
            std::string::npos);
  request.show = {"in_use"};
  request.unit = "kg/yr";
  EXPECT_NE(model.figure(request).problem.find("is in kt, which is not to be had in kg/yr"),
            std::string::npos);
}

TEST(Figures, SuitACaseThatNamesNone) {
  CaseFolder folder(case_files(""));
  Case model = Case::load(folder.path());
  ASSERT_TRUE(model.run());
  std::string ids;
  for (const FigureInfo& info : model.figures()) {
    ids += info.id + " ";
    FigureRequest request;
    request.id = info.id;
    EXPECT_EQ(model.figure(request).problem, "") << info.id;
  }
  EXPECT_EQ(ids, "system flows in_use trade limits checkpoints ");
}

std::string mistakes(const std::string& figures) {
  CaseFolder folder(case_files(figures));
  const Case model = Case::load(folder.path());
  std::string out;
  for (const Message& message : model.messages())
    if (message.severity == Message::Severity::error)
      out += std::to_string(message.line) + ":" + std::to_string(message.column) + " " + message.text + "; " +
             message.help + "\n";
  return out;
}

TEST(Figures, MistakesAreToldWithTheirPlace) {
  EXPECT_EQ(mistakes("figures:\n  a: {kind: pie}\n").rfind("2:13 `kind` cannot be `pie`", 0), 0u);
  EXPECT_EQ(mistakes("figures:\n  a: {show: sold}\n"),
            "2:7 `a` needs `kind:`; kind: one of sankey, stacked, lines, multiples, trade, "
            "supply-demand, fan, tornado, checkpoints, limits, sweep, system\n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: lines, show: slod}\n"),
            "2:26 there is no result `slod`; did you mean `sold`?\n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: lines, show: sold, by: produkt}\n"),
            "2:36 there is no dimension or scenario axis `produkt`; did you mean `product`?\n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: sankey, only: {product: X}}\n"),
            "2:37 `product` has no label `X`; declared: C, M, P\n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: sankey, scenario: {pace: fats}}\n"),
            "2:38 `pace` has no case `fats`; did you mean `fast`?\n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: sankey, year: 1990}\n"),
            "2:27 1990 is no year of this model (2015–2024); \n");
  EXPECT_EQ(mistakes("figures:\n  a: {kind: lines, show: sold, years: 2015-2020}\n"),
            "2:39 `2015-2020` are no years; write the first and the last, like `years: 2000..2017`\n");
  EXPECT_EQ(
      mistakes("figures:\n  a b: {kind: system}\n"),
      "2:3 `a b` cannot name a figure; its name is that of its files: letters a to z, digits, - and _\n");
  EXPECT_EQ(
      mistakes("figures:\n  a: {kind: lines, show: sold, unit: kt/jr}\n").rfind("2:38 `kt/jr` is no unit", 0),
      0u);
  EXPECT_EQ(mistakes("outside: {dmup: use}\nfigures: {a: {kind: system}}\n"),
            "1:11 there is no process `dmup` outside the system; did you mean `dump`?\n");
  EXPECT_EQ(mistakes("outside: {dump: sink}\nfigures: {a: {kind: system}}\n").rfind("1:17 ", 0), 0u);
  EXPECT_EQ(mistakes("events: {soon: X}\nfigures: {a: {kind: system}}\n").rfind("1:10 `soon` is no year", 0),
            0u);
  EXPECT_EQ(
      mistakes("figure: {}\n").rfind("1:1 figures.yaml has no key `figure`; did you mean `figures`?", 0), 0u);
}

}  // namespace
}  // namespace lode
