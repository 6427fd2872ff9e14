// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model_test_tools.hpp"

namespace lode {
namespace {

using namespace lode::testing;

Model good(const std::string& yaml) {
  FromText read(yaml);
  EXPECT_EQ(read.rendered(), "") << yaml;
  EXPECT_TRUE(read.model.has_value());
  return read.model ? std::move(*read.model) : Model{};
}

std::vector<std::string> ids(const std::vector<NameAt>& names) {
  std::vector<std::string> result;
  for (const NameAt& name : names) result.push_back(name.id);
  return result;
}

using Words = std::vector<std::string>;

TEST(ReadTime, EveryForm) {
  const auto time = [](const std::string& text) { return good("time: " + text + "\n").time; };
  EXPECT_EQ(time("2019").years, std::vector<int>{2019});
  EXPECT_EQ(time("2019").steps, std::vector<double>{1});
  EXPECT_EQ(time("{first: 2000, last: 2003}").years, (std::vector<int>{2000, 2001, 2002, 2003}));
  EXPECT_EQ(time("{first: 2000, last: 2010, step: 5}").steps, (std::vector<double>{5, 5, 5}));
  EXPECT_EQ(time("{years: [2000, 2005, 2020]}").steps, (std::vector<double>{5, 5, 15}))
      << "first step: the gap to the next";
  EXPECT_EQ(time("{years: [2000, 2005, 2020], first_step: 1}").steps, (std::vector<double>{1, 5, 15}));
  EXPECT_EQ(time("{years: [2020]}").steps, std::vector<double>{1});
  EXPECT_EQ(time("{period: 2010-2020}").years, std::vector<int>{2020});
  EXPECT_EQ(time("{period: 2010-2020}").steps, std::vector<double>{11}) << "both years belong to the period";
}

TEST(ReadTime, Mistakes) {
  const auto codes = [](const std::string& text) { return FromText("time: " + text + "\n").codes(); };
  EXPECT_EQ(codes("soon"), "not-a-year");
  EXPECT_EQ(codes("{first: 2050, last: 2000}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000}"), "missing-key");
  EXPECT_EQ(codes("{}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000, last: 2010, years: [1]}"), "bad-time");
  EXPECT_EQ(codes("{years: [2000, 2000]}"), "bad-time");
  EXPECT_EQ(codes("{years: []}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000, last: 2011, step: 5}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000, last: 2010, step: 0}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000, last: 2010, step: 1.5}"), "bad-time");
  EXPECT_EQ(codes("{period: 2020-2010}"), "not-a-year");
  EXPECT_EQ(codes("{years: [2000, 2001], first_step: 0}"), "bad-time");
  EXPECT_EQ(codes("{first: 2000, last: 2010, cohorts_from: 1990}"), "");
  EXPECT_EQ(codes("{first: 2000, last: 2010, cohorts_from: 2000}"), "bad-time");
}

TEST(ReadHead, TitlesDefaultsAndStages) {
  const Model model = good(
      "lode: 1\ntitle: {en: Metal, zh: 金属}\nquestion: how much\nsubstance: Nd\ntime: 2019\n"
      "defaults: {over: [time, layer], flow: kg/yr, stock: kg}\n"
      "stages:\n  mining: 采选\n  use: {en: Use, zh: 使用}\n  end:\n");
  EXPECT_EQ(model.title.in("zh"), "金属");
  EXPECT_EQ(model.title.in("fr"), "Metal") << "any other language will do";
  EXPECT_EQ(model.question.in("en"), "how much");
  EXPECT_EQ(model.substance, "Nd");
  EXPECT_EQ(ids(model.default_over), (Words{"time", "layer"}));
  EXPECT_EQ(model.default_flow_unit, "kg/yr");
  EXPECT_EQ(text_at(model.default_stock_where), "kg");
  ASSERT_EQ(model.stages.size(), 3u);
  EXPECT_EQ(model.stages[0].title.in("en"), "采选");
  EXPECT_EQ(model.stages[1].title.in("zh"), "使用");
  EXPECT_TRUE(model.stages[2].title.empty());
}

TEST(ReadDimensions, EveryFormButTables) {
  const Model model = good(
      "time: 2019\ndimensions:\n"
      "  layer: {labels: [goods, Cd], units: {goods: t, Cd: kg}, balance: each}\n"
      "  form: [a, 'b c']\n"
      "  titled: {labels: {x: {en: X, zh: 甲}, y: Y, z: }, name: Things}\n"
      "  category: {groups: product}\n"
      "  kind: {groups: product.category}\n"
      "  held: {part_of: product, where: product.held_by <> none}\n"
      "  exporter: {same_as: country}\n");
  const DimensionDecl& layer = dimension(model, "layer");
  EXPECT_TRUE(layer.balance_each);
  ASSERT_EQ(layer.labels.size(), 2u);
  EXPECT_EQ(layer.attributes.at("counted_in")[1].text, "kg");
  EXPECT_EQ(text_at(layer.attributes.at("unit")[1].where), "kg");
  EXPECT_EQ(dimension(model, "form").labels[1].id, "b c");
  EXPECT_EQ(dimension(model, "titled").labels[0].title.in("zh"), "甲");
  EXPECT_EQ(dimension(model, "titled").title.in("en"), "Things");
  EXPECT_EQ(dimension(model, "category").kind, DimensionDecl::Kind::groups);
  EXPECT_FALSE(dimension(model, "category").column.has_value());
  EXPECT_EQ(dimension(model, "kind").parent->id, "product");
  EXPECT_EQ(text_at(dimension(model, "kind").column->where), "category");
  EXPECT_EQ(dimension(model, "held").kind, DimensionDecl::Kind::part_of);
  EXPECT_TRUE(dimension(model, "held").where);
  EXPECT_EQ(dimension(model, "exporter").kind, DimensionDecl::Kind::same_as);
  EXPECT_EQ(dimension(model, "exporter").parent->id, "country");
}

TEST(ReadDimensions, Mistakes) {
  const auto codes = [](const std::string& text) {
    return FromText("time: 2019\ndimensions:\n  d: " + text + "\n").codes();
  };
  EXPECT_EQ(codes("{}"), "missing-key");
  EXPECT_EQ(codes("{labels: []}"), "no-labels");
  EXPECT_EQ(codes("{labels: [a, b, a]}"), "duplicate-label");
  EXPECT_EQ(codes("{labels: [a], same_as: b}"), "two-values");
  EXPECT_EQ(codes("{labels: [a], units: {b: t}}"), "missing-value unknown-label");
  EXPECT_EQ(codes("{labels: [a], balance: all}"), "unknown-option");
  EXPECT_EQ(codes("{part_of: product}"), "missing-key");
  EXPECT_EQ(codes("{same_as: product, where: time > 3}"), "unknown-key");
  EXPECT_EQ(codes("{same_as: product, units: {a: t}}"), "unknown-key");
  EXPECT_EQ(FromText("time: 2019\ndimensions:\n  time: [a]\n").codes(), "bad-name");
}

TEST(ReadParameters, EveryKey) {
  const Model model = good(
      "time: 2019\nparameters:\n"
      "  a: 67.6 %\n"
      "  b: {value: 13.6 Mt(Nd2O3), data_year: 2020, note: reserves}\n"
      "  c: {over: [time, product], unit: product.counted_in/yr, table: data/c.csv, column: low, columns: "
      "time,\n"
      "      interpolate: geometric, extrapolate: hold, missing: 0, where: not history, sums_to: 100 %, "
      "sums_rule: rescale}\n"
      "  d: {value: 5 %/yr, derived_from: [ND014, ND015], normal: {cv: 5 %}, independent: [product], "
      "autocorrelation: 0.8}\n"
      "  e: {value: 2 points/yr, missing: absent, name: {en: E}}\n"
      "  f: {over: time, value: 1,\n      derived_from: ND1 ND2, missing: 1.5, decimal: comma}\n"
      "  汽车产量: -3.5e6 辆/yr\n");
  EXPECT_DOUBLE_EQ(parameter(model, "a").value->number, 0.676);
  EXPECT_TRUE(parameter(model, "a").value->percent);
  EXPECT_FALSE(parameter(model, "a").value->unit.has_value());
  const ParameterDecl& b = parameter(model, "b");
  EXPECT_DOUBLE_EQ(b.value->number, 13.6);
  EXPECT_EQ(b.value->unit->text, "Mt(Nd2O3)");
  EXPECT_EQ(text_at(b.value->unit->where), "Mt(Nd2O3)");
  EXPECT_EQ(b.data_year, 2020);
  EXPECT_EQ(b.note, "reserves");
  const ParameterDecl& c = parameter(model, "c");
  EXPECT_EQ(ids(*c.over), (Words{"time", "product"}));
  EXPECT_EQ(c.unit->text, "product.counted_in/yr");
  EXPECT_EQ(c.table->path, "data/c.csv");
  EXPECT_EQ(c.table->column->text, "low");
  EXPECT_TRUE(c.table->years_across);
  EXPECT_EQ(c.interpolate, Interpolation::geometric);
  EXPECT_EQ(c.extrapolate, Extrapolation::hold);
  EXPECT_EQ(c.missing, Missing::value);
  EXPECT_EQ(c.missing_value, 0);
  EXPECT_TRUE(c.where);
  EXPECT_DOUBLE_EQ(c.sums_to->number, 1);
  EXPECT_EQ(c.sums_rule, "rescale");
  const ParameterDecl& d = parameter(model, "d");
  EXPECT_DOUBLE_EQ(d.value->number, 0.05);
  EXPECT_EQ(d.value->unit->text, "1/yr");
  EXPECT_EQ(d.derived_from->text, "ND014 ND015");
  ASSERT_TRUE(d.uncertainty.distribution);
  EXPECT_EQ(d.uncertainty.distribution->family.id, "normal");
  ASSERT_EQ(d.uncertainty.distribution->parameters.size(), 1u);
  EXPECT_EQ(d.uncertainty.distribution->parameters[0].name.id, "cv");
  EXPECT_DOUBLE_EQ(d.uncertainty.distribution->parameters[0].values.at(0).number, 0.05);
  EXPECT_EQ(ids(*d.uncertainty.independent), Words{"product"});
  EXPECT_DOUBLE_EQ(*d.uncertainty.autocorrelation, 0.8);
  const ParameterDecl& e = parameter(model, "e");
  EXPECT_DOUBLE_EQ(e.value->number, 0.02);
  EXPECT_EQ(e.value->unit->text, "1/yr");
  EXPECT_EQ(e.missing, Missing::absent);
  EXPECT_EQ(e.title.in("en"), "E");
  EXPECT_EQ(parameter(model, "f").derived_from->text, "ND1 ND2");
  EXPECT_EQ(parameter(model, "f").missing_value, 1.5);
  EXPECT_EQ(ids(*parameter(model, "f").over), Words{"time"});
  EXPECT_EQ(parameter(model, "汽车产量").value->unit->text, "辆/yr");
}

TEST(ReadValues, NumbersAsPeopleWriteThem) {
  const auto value = [](const std::string& text) {
    return *parameter(good("time: 2019\nparameters:\n  a: " + text + "\n"), "a").value;
  };
  EXPECT_DOUBLE_EQ(value("1,200").number, 1200);
  EXPECT_DOUBLE_EQ(value("12,345,678.5 t").number, 12345678.5);
  EXPECT_DOUBLE_EQ(value("67.6％").number, 0.676);
  EXPECT_DOUBLE_EQ(value("１２３").number, 123);
  EXPECT_DOUBLE_EQ(value("22e6").number, 22e6);
  EXPECT_DOUBLE_EQ(value("1.5E-3 kg").number, 1.5e-3);
  EXPECT_DOUBLE_EQ(value("'+5'").number, 5);
  EXPECT_DOUBLE_EQ(value("−5").number, -5);
  EXPECT_DOUBLE_EQ(value(".5").number, 0.5);
  EXPECT_DOUBLE_EQ(value("2 个百分点").number, 0.02);
  EXPECT_TRUE(value("2 个百分点").percent);
  EXPECT_EQ(value("40 10^4 t").unit->text, "10^4 t");
  EXPECT_EQ(value("13.6 Mt（Nd2O3）").unit->text, "Mt(Nd2O3)");
  EXPECT_EQ(value("3 万吨").unit->text, "万吨");
  EXPECT_EQ(value("5 pointsource").unit->text, "pointsource") << "only the whole word is the sign";
}

TEST(ReadValues, WhatIsNoNumber) {
  for (const char* text : {"abc", "nan", "inf", "1e999", "1,20", "1.200,5", "3 4", "''", "a + b", "1.2.3"}) {
    const FromText read("time: 2019\nparameters:\n  a: " + std::string(text) + "\n");
    EXPECT_EQ(read.codes(), "not-a-number") << text;
  }
}

TEST(ReadSystem, ProcessesAndFlows) {
  const Model model = good(
      "time: 2019\nstages: {use: Use}\nprocesses:\n"
      "  mine: {outside: true}\n"
      "  market: {stage: use, over: [country], name: {en: Market, zh: 市场}}\n"
      "  smelter: {transfer: {metal: yield_rate, slag: rest}}\n"
      "  bare:\n"
      "flows:\n"
      "  trade: {from: market at exporter, to: market at importer, over: [time, exporter, importer], unit: "
      "kg/yr, signed: true}\n"
      "  slag: {from: smelter, to: mine, unknown: true, title: Slag}\n");
  ASSERT_EQ(model.processes.size(), 4u);
  EXPECT_TRUE(model.processes[0].outside);
  EXPECT_EQ(model.processes[1].stage->id, "use");
  EXPECT_EQ(ids(*model.processes[1].over), Words{"country"});
  EXPECT_EQ(model.processes[1].title.in("zh"), "市场");
  ASSERT_EQ(model.processes[2].transfer.size(), 2u);
  EXPECT_TRUE(model.processes[2].transfer[0].share);
  EXPECT_FALSE(model.processes[2].transfer[1].share) << "the rest";
  const FlowDecl& trade = flow(model, "trade");
  EXPECT_EQ(trade.from.process.id, "market");
  EXPECT_EQ(trade.from.at->id, "exporter");
  EXPECT_EQ(text_at(trade.to.at->where), "importer");
  EXPECT_EQ(trade.unit->text, "kg/yr");
  EXPECT_TRUE(trade.is_signed);
  EXPECT_FALSE(trade.unknown);
  EXPECT_TRUE(flow(model, "slag").unknown);
  EXPECT_EQ(flow(model, "slag").title.in("zh"), "Slag");
}

TEST(ReadSystem, Stocks) {
  const Model model = good(
      "time: 2019\nwhen:\n  saturating: time > 2017\nstocks:\n"
      "  in_use:\n    process: use\n    over: [time, product]\n    inflow: to_use\n    outflow: end_of_life\n"
      "    lifetime: {weibull: {scale: scale, shape: shape}}\n    stock:\n      saturating: ownership * "
      "population\n"
      "    inflow_at: end\n    outflow_by: density\n    negative_inflow: allow\n    join: scale\n"
      "  plain: {stock: ownership, lifetime: {fixed: life / 2}}\n"
      "  always_given:\n    lifetime: {normal: {mean: m, sd: s}}\n    stock: {always: ownership}\n"
      "  inventory: {process: refined, change: residual(refined), initial: 0 t}\n"
      "  landfill: {process: landfill, inflow: dumped, initial: old_waste, unit: kg}\n");
  const StockDecl& in_use = stock(model, "in_use");
  EXPECT_EQ(in_use.process->id, "use");
  EXPECT_EQ(in_use.outflow->id, "end_of_life");
  EXPECT_EQ(in_use.lifetime->family.id, "weibull");
  ASSERT_EQ(in_use.lifetime->parameters.size(), 2u);
  EXPECT_EQ(in_use.lifetime->parameters[1].first.id, "shape");
  ASSERT_EQ(in_use.level.size(), 1u);
  EXPECT_EQ(in_use.level[0].condition->id, "saturating");
  EXPECT_EQ(in_use.inflow_at.text, "end");
  EXPECT_EQ(in_use.outflow_by.text, "density");
  EXPECT_EQ(in_use.negative_inflow.text, "allow");
  EXPECT_EQ(in_use.join.text, "scale");
  const StockDecl& plain = stock(model, "plain");
  EXPECT_FALSE(plain.level[0].condition.has_value());
  EXPECT_EQ(plain.lifetime->parameters[0].first.id, "value");
  EXPECT_EQ(print(*plain.lifetime->parameters[0].second), "life / 2");
  EXPECT_EQ(plain.inflow_at.text, "middle") << "the conventions' defaults";
  EXPECT_EQ(plain.outflow_by.text, "survival");
  EXPECT_EQ(plain.negative_inflow.text, "error");
  EXPECT_FALSE(stock(model, "always_given").level[0].condition.has_value());
  EXPECT_EQ(print(*stock(model, "inventory").initial), "0");
  EXPECT_TRUE(stock(model, "inventory").change);
  EXPECT_EQ(print(*stock(model, "landfill").initial), "old_waste");
}

TEST(ReadSystem, StockMistakes) {
  const auto codes = [](const std::string& text) {
    return FromText("time: 2019\nstocks:\n  s: {" + text + "}\n").codes();
  };
  EXPECT_EQ(codes("process: p"), "missing-key");
  EXPECT_EQ(codes("inflow: i, lifetime: {chain: {mean: m}}"), "bad-lifetime");
  EXPECT_EQ(codes("inflow: i, lifetime: {wiebull: {mean: m}}"), "unknown-name");
  EXPECT_EQ(codes("inflow: i, lifetime: {weibull: 3}"), "bad-lifetime");
  EXPECT_EQ(codes("inflow: i, lifetime: {fixed: 3, normal: {mean: m}}"), "bad-lifetime");
  EXPECT_EQ(codes("inflow: i, lifetime: 12"), "wrong-kind");
  EXPECT_EQ(codes("change: c, lifetime: {fixed: 3}"), "two-values");
  EXPECT_EQ(codes("inflow: i, initial: 5 t"), "number-with-unit");
  EXPECT_EQ(codes("inflow: i, initial: {total: x}"), "bad-initial");
  EXPECT_EQ(codes("inflow: i, initial: {cohorts: x, ages: steady}"), "bad-initial");
  EXPECT_EQ(codes("inflow: i, initial: {total: x, ages: young}"), "unknown-option");
  EXPECT_EQ(codes("inflow: i, carries: {2nd: content}"), "bad-name");
  EXPECT_EQ(codes("inflow: i, inflow_at: spread, points: 11"), "bad-option");
  EXPECT_EQ(codes("inflow: i, spin_up: early"), "not-a-year");
  EXPECT_EQ(codes("inflow: i, inflow_at: begin"), "unknown-option");
}

TEST(ReadSystem, Equations) {
  const Model model = good(
      "time: 2019\nwhen:\n  history: time <= 2017\n  growing: time > 2017\nflows:\n  made: {from: a, to: "
      "b}\nequations:\n"
      "  made:\n    history: production\n    else: 0\n"
      "  short: max(a, b)[x = y]\n"
      "  long:\n    over: [time]\n    unit: t\n    where: history\n    name: {en: Long}\n    equals: x *\n   "
      "   y\n"
      "  parted:\n    unit: 1\n    equals:\n      history: x\n      growing: y\n"
      "relations:\n  - slag[Cd] = rate * slag[goods]\n");
  const EquationDecl& made = equation(model, "made");
  ASSERT_EQ(made.pieces.size(), 2u);
  EXPECT_EQ(made.pieces[0].condition->id, "history");
  EXPECT_EQ(made.pieces[1].condition->id, "else");
  EXPECT_FALSE(equation(model, "short").pieces[0].condition.has_value());
  EXPECT_EQ(print(*equation(model, "short").pieces[0].formula), "max(a, b)[x = y]");
  const EquationDecl& longer = equation(model, "long");
  EXPECT_EQ(ids(*longer.over), Words{"time"});
  EXPECT_EQ(longer.unit->text, "t");
  EXPECT_EQ(longer.where->id, "history");
  EXPECT_EQ(longer.title.in(""), "Long");
  EXPECT_EQ(print(*longer.pieces[0].formula), "x * y");
  EXPECT_EQ(longer.pieces[0].formula->operands[1]->where.str(), "model.yaml:18:7")
      << "on the line where it stands";
  EXPECT_EQ(equation(model, "parted").pieces.size(), 2u);
  ASSERT_EQ(model.relations.size(), 1u);
  EXPECT_EQ(print(*model.relations[0]), "slag[Cd] = rate * slag[goods]");
}

TEST(ReadSystem, AlertsEventsAndQuality) {
  const Model model = good(
      "time: 2019\nquality:\n  statistics: {normal: {cv: 2 %}}\n  guess:\nevents: {2007: {en: Licences, zh: "
      "许可证}}\n"
      "alerts:\n  share: {at_least: 60 %, at_most: 1, from: 2018, severity: error}\n  total: {at_most: 5 "
      "Mt}\n  rate: {at_least: 5 %/yr}\n  use: {at_most: 2 * cap}\n");
  ASSERT_EQ(model.quality_classes.size(), 2u);
  EXPECT_EQ(model.quality_classes[0].name.id, "statistics");
  EXPECT_EQ(model.quality_classes[0].uncertainty.distribution->family.id, "normal");
  EXPECT_EQ(model.quality_classes[1].name.id, "guess");
  EXPECT_FALSE(model.quality_classes[1].uncertainty.distribution);
  ASSERT_EQ(model.alerts.size(), 4u);
  EXPECT_DOUBLE_EQ(model.alerts[0].at_least->value->number, 0.6);
  EXPECT_EQ(model.alerts[0].from, 2018);
  EXPECT_EQ(model.alerts[0].severity.text, "error");
  EXPECT_EQ(model.alerts[1].severity.text, "warning");
  EXPECT_EQ(model.alerts[1].at_most->value->unit->text, "Mt");
  EXPECT_EQ(model.alerts[2].at_least->value->unit->text, "1/yr");
  EXPECT_FALSE(model.alerts[3].at_most->value);
  EXPECT_EQ(print(*model.alerts[3].at_most->formula), "2 * cap");
}

TEST(ReadNames, ChineseAndReserved) {
  good("time: 2019\nparameters:\n  人口: 3 person\n  α1: 4\n  _x: 5\nequations:\n  人均: 人口 / 2\n");
  for (const char* name : {"sum", "if", "2x", "a-b", "a b", "a.b", "人口，", "x！", "''"}) {
    const FromText read("time: 2019\nparameters:\n  " + std::string(name) + ": 4\n");
    EXPECT_EQ(read.codes(), "bad-name") << name;
  }
}

TEST(ReadNames, OneNameForOneThing) {
  EXPECT_EQ(FromText("time: 2019\nparameters:\n  a: 1\nequations:\n  a: 2\n").codes(), "duplicate-name");
  EXPECT_EQ(FromText("time: 2019\nflows:\n  a: {from: x, to: y}\nstocks:\n  a: {inflow: b}\n").codes(),
            "duplicate-name");
  EXPECT_EQ(FromText("time: 2019\nwhen:\n  a: time > 3\nequations:\n  a: 2\n").codes(), "duplicate-name");
  EXPECT_EQ(FromText("time: 2019\nflows:\n  a: {from: x, to: y}\nequations:\n  a: 2\n").codes(), "")
      << "an equation by a flow's name defines the flow";
  const FromText process("time: 2019\nprocesses:\n  waste:\nequations:\n  waste: 2\n");
  EXPECT_EQ(process.codes(), "same-name");
  EXPECT_FALSE(process.diagnostics.has_errors());
}

TEST(ReadModel, AllMistakesAtOnce) {
  const FromText read(
      "time: 2019\nparameters:\n  a: x\n  b: {vale: 1}\n  a: 2\nflows:\n  f: {from: p}\nequations:\n  g: (\n"
      "  h: [1]\nstocks:\n  s: 3\nsolv: 1\n");
  EXPECT_TRUE(read.model.has_value());
  EXPECT_EQ(read.diagnostics.error_count(), 8u) << read.rendered();
}

}  // namespace
}  // namespace lode
