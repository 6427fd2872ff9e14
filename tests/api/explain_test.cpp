// SPDX-License-Identifier: Apache-2.0
#include "lode/api/explain.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"

namespace lode {
namespace {

using testing::CaseFolder;
using testing::Files;

Explanation ask(Session& session, const std::string& question, std::size_t depth = 20,
                std::size_t width = 20) {
  const auto explanation = explain(session, question, depth, width);
  if (!explanation) {
    ADD_FAILURE() << question << "\n" << render(session.diagnostics);
    return {};
  }
  return *explanation;
}

const Explanation& part(const Explanation& whole, const std::string& name) {
  static const Explanation none;
  for (const Explanation& each : whole.parts)
    if (each.name == name) return each;
  ADD_FAILURE() << "no part " << name << " in\n" << explanation_text(whole);
  return none;
}

std::size_t levels(const Explanation& whole) {
  std::size_t deepest = 0;
  for (const Explanation& each : whole.parts) deepest = std::max(deepest, 1 + levels(each));
  return deepest;
}

/// Wherever parts have shares, they make the whole.
void expect_shares(const Explanation& whole) {
  double shares = 0;
  bool any = false;
  for (const Explanation& each : whole.parts) {
    if (each.share) {
      any = true;
      shares += *each.share;
    }
    expect_shares(each);
  }
  if (any) {
    EXPECT_NEAR(shares, 1, 1e-12) << explanation_text(whole);
  }
}

const char* const arithmetic = R"(lode: 1
time: {years: [2000, 2001, 2003]}
dimensions:
  good: [wire, tube, foil]
when:
  late: time >= 2001
parameters:
  made: {over: [time, good], unit: kt/yr, table: made.csv, interpolate: linear, source: yb}
  back: {value: 10 kt/yr}
  half: {value: 50 %, note: a guess}
equations:
  all: sum(made over good)
  net: all - back
  part: net * half / 2
  squared: half ^ 2
  nothing: net - all + back
  average: mean(made over good)
  since: total(all from 2001)
  typical: mean(all from 2001 to 2003)
  largest: max(made over good)
  top_year: max_year(all)
  once: if all > 20 kt_limit then net else back
  later:
    over: [time]
    unit: kt/yr
    where: late
    equals: net
)";

Files arithmetic_case() {
  std::string model = arithmetic;
  model.replace(model.find("20 kt_limit"), 11, "back");
  return {{"model.yaml", model},
          {"sources.bib", "@book{yb, title={Yearbook}, year={2004}}\n"},
          {"made.csv",
           "time,good,value,note\n2000,wire,10,\n2000,tube,20,\n2000,foil,30,\n2001,wire,12,checked\n"
           "2003,wire,16,\n2003,tube,32,\n2003,foil,0,\n"}};
}

TEST(Explain, SumsHaveShares) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation net = ask(session, "net[2000]");
  EXPECT_EQ(net.name, "net[2000]");
  EXPECT_EQ(net.how, "all - back");
  EXPECT_DOUBLE_EQ(net.value, 50000);  // named quantities are told in internal units
  EXPECT_EQ(net.unit, "t/yr");
  ASSERT_EQ(net.parts.size(), 2u);
  EXPECT_EQ(net.parts[0].name, "all[2000]");
  EXPECT_EQ(net.parts[0].sign, "+");
  EXPECT_DOUBLE_EQ(*net.parts[0].share, 1.2);
  EXPECT_EQ(net.parts[1].sign, "−");
  EXPECT_DOUBLE_EQ(*net.parts[1].share, -0.2);
  ASSERT_EQ(net.parts[0].parts.size(), 3u);
  EXPECT_EQ(net.parts[0].parts[0].name, "made[2000, foil]");  // the largest first
  EXPECT_DOUBLE_EQ(net.parts[0].parts[0].value, 30);
  EXPECT_EQ(net.parts[0].parts[0].unit, "kt/yr");
  EXPECT_DOUBLE_EQ(*net.parts[0].parts[2].share, 10.0 / 60);
  expect_shares(net);
}

TEST(Explain, PartsBeyondTheWidthAreOneLine) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation all = ask(session, "all[2000]", 20, 1);
  ASSERT_EQ(all.parts.size(), 2u);
  EXPECT_EQ(all.parts[1].name, "2 more");
  EXPECT_DOUBLE_EQ(all.parts[1].value, 30);
  expect_shares(all);
  // One left over is shown as it is.
  EXPECT_EQ(ask(session, "all[2000]", 20, 2).parts.size(), 3u);
}

TEST(Explain, ProductsHaveElasticities) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation product = ask(session, "part[2000]");
  ASSERT_EQ(product.parts.size(), 3u);
  for (const Explanation& each : product.parts) EXPECT_FALSE(each.share) << each.name;
  EXPECT_EQ(product.parts[0].name, "net[2000]");
  EXPECT_EQ(product.parts[0].sign, "×");
  EXPECT_EQ(product.parts[0].elasticity, 1.0);
  EXPECT_EQ(product.parts[1].name, "half");
  EXPECT_EQ(product.parts[1].source, "a guess");
  EXPECT_EQ(product.parts[2].sign, "÷");
  EXPECT_EQ(product.parts[2].elasticity, -1.0);
  const Explanation power = ask(session, "squared");
  ASSERT_EQ(power.parts.size(), 1u);
  EXPECT_EQ(power.parts[0].elasticity, 2.0);
  EXPECT_NE(explanation_text(power).find("half = 50 %  (elasticity 2)"), std::string::npos)
      << explanation_text(power);
}

TEST(Explain, OfNothingThereAreNoShares) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation nothing = ask(session, "nothing[2000]");
  EXPECT_EQ(nothing.value, 0);
  ASSERT_EQ(nothing.parts.size(), 3u);
  for (const Explanation& each : nothing.parts) EXPECT_FALSE(each.share);
}

TEST(Explain, MeansAndTotalsWeighTheirParts) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation average = ask(session, "average[2000]");
  EXPECT_DOUBLE_EQ(average.value, 20000);
  ASSERT_EQ(average.parts.size(), 3u);
  EXPECT_DOUBLE_EQ(*part(average, "made[2000, foil]").share, 0.5);
  // 2001: 12 + 24 + 20 = 56 kt/yr over one year, 2003: 48 kt/yr over two.
  const Explanation since = ask(session, "since");
  EXPECT_NEAR(since.value, 152000, 1e-9);
  EXPECT_NEAR(*part(since, "all[2003]").share, 96.0 / 152, 1e-12);
  const Explanation typical = ask(session, "typical");
  EXPECT_NEAR(typical.value, 152000.0 / 3, 1e-9);
  EXPECT_NEAR(*part(typical, "all[2001]").share, 56.0 / 152, 1e-12);
  for (const auto& each : {average, since, typical}) expect_shares(each);
}

TEST(Explain, ExtremesShowTheCellThatDecided) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation largest = ask(session, "largest[2003]");
  ASSERT_EQ(largest.parts.size(), 1u);
  EXPECT_EQ(largest.parts[0].name, "made[2003, tube]");
  const Explanation year = ask(session, "top_year");
  EXPECT_TRUE(year.is_year);
  EXPECT_EQ(year.value, 2000);
  ASSERT_EQ(year.parts.size(), 1u);
  EXPECT_EQ(year.parts[0].name, "all[2000]");
}

TEST(Explain, TheBranchTakenIsShown) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation once = ask(session, "once[2000]", 1);
  ASSERT_EQ(once.parts.size(), 1u);
  EXPECT_EQ(once.parts[0].name, "net[2000]");
}

TEST(Explain, CellsSayHowTheyWereFilledAndWhere) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation given = ask(session, "made[2001, wire]");
  EXPECT_EQ(given.how, "given");
  EXPECT_TRUE(given.place.ends_with("made.csv:5")) << given.place;
  EXPECT_EQ(given.source, "yb; checked");
  const Explanation between = ask(session, "made[2001, tube]");
  EXPECT_EQ(between.how, "interpolated (linear) between 20 and 32");
  EXPECT_TRUE(between.place.ends_with("made.csv:3 and :7")) << between.place;
  EXPECT_DOUBLE_EQ(between.value, 24);
}

TEST(Explain, DepthIsTheNumberOfLevels) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  for (std::size_t depth = 0; depth <= 3; ++depth)
    EXPECT_EQ(levels(ask(session, "part[2000]", depth)), depth) << depth;
  EXPECT_EQ(levels(ask(session, "part[2000]")), 3u);  // part, net, all, made
  // A formula asked for is its own top.
  EXPECT_EQ(levels(ask(session, "net[2000] + net[2001]", 1)), 1u);
}

TEST(Explain, ACellThatDoesNotExistHasNoValue) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation before = ask(session, "later[2000]");
  EXPECT_TRUE(std::isnan(before.value));
  EXPECT_EQ(before.how, "does not exist here");
  EXPECT_TRUE(before.parts.empty());
  EXPECT_DOUBLE_EQ(ask(session, "later[2001]").value, 46);
}

TEST(Explain, WrongQuestionsAreAnswered) {
  const CaseFolder folder(arithmetic_case());
  for (const auto& [question, code] :
       std::vector<std::pair<std::string, std::string>>{{"all[2002]", "unknown-year"},
                                                        {"made[2000, pipe]", "unknown-label"},
                                                        {"al[2000]", "unknown-name"},
                                                        {"made[2000]", "not-one-number"},
                                                        {"all[2000", "unbalanced-bracket"}}) {
    Session session = folder.computed();
    EXPECT_FALSE(explain(session, question, 3, 3)) << question;
    ASSERT_TRUE(session.diagnostics.has_errors()) << question;
    EXPECT_EQ(session.diagnostics.all().back().code, code) << question;
  }
}

TEST(Explain, TextAndJsonSayTheSame) {
  const CaseFolder folder(arithmetic_case());
  Session session = folder.computed();
  const Explanation net = ask(session, "net[2000]", 1);
  const std::string text = explanation_text(net);
  EXPECT_NE(text.find("net[2000] = 50,000 t/yr  ← all - back"), std::string::npos) << text;
  EXPECT_NE(text.find("├─ + all[2000] = 60,000 t/yr  (120.0 %)"), std::string::npos) << text;
  EXPECT_NE(text.find("└─ − back = 10 kt/yr  (-20.0 %)"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(explanation_json(net));
  EXPECT_EQ(json["parts"].size(), 2u);
  EXPECT_EQ(json["parts"][1]["sign"], "−");
  EXPECT_DOUBLE_EQ(json["parts"][0]["share"].get<double>(), 1.2);
  EXPECT_TRUE(nlohmann::json::parse(explanation_json(ask(session, "later[2000]")))["value"].is_null());
}

// All stocks below: what enters in a year leaves two years later.
std::string stock_model(const std::string& head, const std::string& stock) {
  return "lode: 1\ntime: " + head +
         "\ndefaults: {over: [time]}\nparameters:\n  made: {over: [time], unit: t/yr, table: made.csv}\n"
         "  life: {value: 2 yr}\nprocesses:\n  a: {outside: true}\n  use: {}\nflows:\n"
         "  sold: {from: a, to: use}\n  scrap: {from: use, to: a}\nequations:\n  sold: made\nstocks:\n"
         "  in_use: {process: use, inflow_at: end, inflow: sold, outflow: scrap, lifetime: {fixed: life}" +
         stock + "}\n";
}

TEST(Explain, AStockIsMadeOfCohorts) {
  const CaseFolder folder(Files{{"model.yaml", stock_model("{first: 2000, last: 2003}", "")},
                                {"made.csv", "time,value\n2000,1\n2001,2\n2002,3\n2003,4\n"}});
  Session session = folder.computed();
  const Explanation stock = ask(session, "in_use[2003]");
  EXPECT_EQ(stock.name, "in_use.stock[2003]");
  EXPECT_EQ(stock.value, 7);
  ASSERT_EQ(stock.parts.size(), 2u);
  EXPECT_EQ(stock.parts[0].name, "100 % of the inflow of 2003");
  EXPECT_EQ(stock.parts[0].value, 4);
  EXPECT_EQ(stock.parts[0].unit, "t");
  EXPECT_EQ(stock.parts[1].value, 3);
  EXPECT_NE(stock.how.find("lifetime fixed 2"), std::string::npos) << stock.how;
  ASSERT_EQ(stock.parts[0].parts.size(), 1u);
  EXPECT_EQ(stock.parts[0].parts[0].name, "in_use.inflow[2003]");
  expect_shares(stock);
  const Explanation scrap = ask(session, "scrap[2003]");
  EXPECT_EQ(scrap.value, 2);
  const Explanation out = ask(session, "in_use.outflow[2003]");
  ASSERT_EQ(out.parts.size(), 1u);
  EXPECT_EQ(out.parts[0].name, "100 % of the inflow of 2001");
  EXPECT_EQ(ask(session, "in_use[2003]", 1).parts[0].parts.size(), 0u);
}

TEST(Explain, WhatEnteredBeforeTheFirstYearIsShown) {
  const CaseFolder folder(Files{{"model.yaml", stock_model("{first: 2000, last: 2001}", ", spin_up: 1998")},
                                {"made.csv", "time,value\n1998,8\n1999,9\n2000,1\n2001,2\n"}});
  Session session = folder.computed();
  const Explanation stock = ask(session, "in_use[2000]");
  EXPECT_EQ(stock.value, 10);
  EXPECT_EQ(part(stock, "100 % of the inflow of 1999").value, 9);
  expect_shares(stock);
}

TEST(Explain, TheFirstStockIsOnePart) {
  const CaseFolder folder(
      Files{{"model.yaml",
             stock_model("{first: 2000, last: 2001}", ", initial: {total: old, ages: steady}") + "# old\n"},
            {"made.csv", "time,value\n2000,1\n2001,2\n"}});
  std::string model = folder.read("model.yaml");
  model.replace(model.find("  life:"), 7, "  old: {value: 20 t}\n  life:");
  folder.write("model.yaml", model);
  Session session = folder.computed();
  const Explanation stock = ask(session, "in_use[2000]");
  // Half of what was there is one year old and stays.
  EXPECT_EQ(stock.value, 11);
  const Explanation& first = part(stock, "left of the first stock");
  EXPECT_EQ(first.value, 10);
  ASSERT_EQ(first.parts.size(), 1u);
  EXPECT_EQ(first.parts[0].name, "old");
  expect_shares(stock);
  EXPECT_EQ(part(ask(session, "in_use.outflow[2000]"), "leaves of the first stock").value, 10);
}

TEST(Explain, AGivenStockAndItsInflow) {
  Files files{{"model.yaml", stock_model("{first: 2000, last: 2002}", ", stock: made * years")},
              {"made.csv", "time,value\n2000,10\n2001,15\n2002,18\n"}};
  std::string& model = files["model.yaml"];
  model.replace(model.find("equations:\n  sold: made\n"), 24, "");
  model.replace(model.find("  life:"), 7, "  years: {value: 1 yr}\n  life:");
  const CaseFolder folder(files);
  Session session = folder.computed();
  const Explanation stock = ask(session, "in_use[2001]", 1);
  EXPECT_EQ(stock.how, "given: made * years");
  EXPECT_EQ(stock.parts.size(), 2u);
  const Explanation inflow = ask(session, "in_use.inflow[2001]");
  EXPECT_EQ(inflow.value, 5);
  EXPECT_EQ(inflow.how.substr(0, 6), "solved");
  ASSERT_EQ(inflow.parts.size(), 2u);
  EXPECT_EQ(inflow.parts[1].name, "left of earlier years");
  EXPECT_EQ(inflow.parts[1].value, 10);
  EXPECT_EQ(inflow.parts[1].sign, "−");
}

TEST(Explain, AStockWithoutLifetimeIsTheYearBeforeAndTheAddition) {
  const CaseFolder folder(
      "lode: 1\ntime: {first: 2000, last: 2002}\ndefaults: {over: [time]}\nparameters:\n  made: {value: 5 "
      "t/yr}\n"
      "  gone: {value: 2 t/yr}\n  opening: {value: 100 t}\nprocesses:\n  a: {outside: true}\n  store: "
      "{}\nflows:\n"
      "  into: {from: a, to: store}\n  out: {from: store, to: a}\nequations:\n  into: repeat(made over "
      "time)\n"
      "  out: repeat(gone over time)\nstocks:\n  kept: {process: store, inflow: into, outflow: out, initial: "
      "opening}\n");
  Session session = folder.computed();
  const Explanation first = ask(session, "kept[2000]");
  EXPECT_EQ(first.value, 103);
  EXPECT_EQ(part(first, "opening").value, 100);
  const Explanation second = ask(session, "kept[2001]");
  EXPECT_EQ(second.value, 106);
  EXPECT_EQ(part(second, "kept.stock[2000]").value, 103);
  EXPECT_EQ(part(second, "kept.change[2001]").value, 3);
  EXPECT_EQ(part(second, "kept.change[2001]").sign, "+");
}

TEST(Explain, ScenarioChangesAreNamed) {
  Files files{{"model.yaml", R"(lode: 1
time: {first: 2000, last: 2001}
when: {late: time > 2000}
parameters:
  collection: {over: [time], unit: 1, value: 10 %}
  growth: {value: 4 %/yr}
  made: {over: [time], unit: t/yr, table: made.csv}
equations:
  back: made * collection
scenarios:
  recycling:
    default: today
    today: {}
    high:
      collection: {late: 60 %}
      growth: {times: 0.5}
      back: made * collection * collection
)"},
              {"made.csv", "time,value\n2000,10\n2001,20\n"}};
  const CaseFolder folder(files);
  Session today = folder.computed(), high = folder.computed({{"recycling", "high"}});
  EXPECT_EQ(ask(today, "collection[2001]").how, "given in the model");
  EXPECT_EQ(ask(today, "back[2001]").value, 2);
  const Explanation changed = ask(high, "collection[2001]");
  EXPECT_EQ(changed.how, "given by the scenario");
  EXPECT_TRUE(changed.place.ends_with("model.yaml:15")) << changed.place;
  EXPECT_EQ(ask(high, "collection[2000]").how, "given in the model");
  EXPECT_EQ(ask(high, "growth").how, "given in the model, times 0.5 by the scenario");
  const Explanation back = ask(high, "back[2001]");
  EXPECT_NEAR(back.value, 7.2, 1e-12);
  EXPECT_EQ(back.how, "made * collection * collection");
  EXPECT_TRUE(back.place.ends_with("model.yaml:17")) << back.place;
}

TEST(Explain, UnknownFlowsNameTheirRelations) {
  const CaseFolder folder(
      "lode: 1\ntime: 2000\nparameters:\n  fed: {value: 10 t/yr}\n  part: {value: 30 %}\nprocesses:\n"
      "  a: {outside: true}\n  mill: {}\nflows:\n  ore: {from: a, to: mill, over: []}\n  metal: {from: mill, "
      "to: a, "
      "over: [], unknown: true}\n  slag: {from: mill, to: a, over: [], unknown: true}\nequations:\n  ore: "
      "fed\n"
      "relations:\n  - metal = part * ore\n");
  Session session = folder.computed();
  const Explanation metal = ask(session, "slag");
  EXPECT_NEAR(metal.value, 7, 1e-12);
  EXPECT_EQ(metal.how, "solved from the balances and relations; metal = part * ore");
}

TEST(Explain, ATransferIsAShareOfTheInputs) {
  const CaseFolder folder(
      "lode: 1\ntime: 2000\nparameters:\n  fed: {value: 10 t/yr}\n  part: {value: 30 %}\nprocesses:\n"
      "  a: {outside: true}\n  mill: {transfer: {metal: part, slag: rest}}\nflows:\n"
      "  ore: {from: a, to: mill, over: []}\n  scrap: {from: a, to: mill, over: []}\n"
      "  metal: {from: mill, to: a, over: []}\n  slag: {from: mill, to: a, over: []}\nequations:\n"
      "  ore: fed\n  scrap: fed * 3\n");
  Session session = folder.computed();
  const Explanation metal = ask(session, "metal");
  EXPECT_EQ(metal.value, 12);
  EXPECT_EQ(part(metal, "part").sign, "×");
  const Explanation& inputs = part(metal, "inputs(mill)");
  EXPECT_EQ(inputs.value, 40);
  EXPECT_EQ(*part(inputs, "scrap").share, 0.75);
  const Explanation slag = ask(session, "slag");
  EXPECT_EQ(slag.how, "residual(mill)");
  EXPECT_EQ(part(slag, "metal").sign, "−");
  expect_shares(slag);
}

}  // namespace
}  // namespace lode
