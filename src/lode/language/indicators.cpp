// SPDX-License-Identifier: Apache-2.0
#include "lode/language/indicators.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr std::string_view usgs = "USGS, Mineral Commodity Summaries, appendix on terms";
constexpr std::string_view unep = "UNEP International Resource Panel, Recycling Rates of Metals (2011)";

/// What follows from the names of the arguments and from the formula.
constexpr Indicator complete(Indicator indicator) {
  FunctionInfo& function = indicator.function;
  function.min_arguments = 0;
  for (const std::string_view argument : indicator.arguments) function.min_arguments += !argument.empty();
  function.max_arguments = function.min_arguments;
  if (indicator.formula.find("over dimension") != std::string_view::npos)
    function.clauses = function.needs = clause_over;
  function.reserved = false;
  return indicator;
}

constexpr Indicator table[] = {
    // Trade and dependence
    complete(
        {.function =
             {.name = "apparent_consumption",
              .signature =
                  "apparent_consumption(production = p, imports = i, exports = e [, stock_release = s])",
              .doc = "What a country takes up by its own output, its trade and what it draws from stocks.",
              .example = "apparent_consumption(production = mined, imports = imports, exports = exports)",
              .keyword_slots = {{{"production"}, {"imports"}, {"exports"}, {"stock_release", false, "0"}}}},
         .formula = "production + imports - exports + stock_release",
         .unit = "as the flows",
         .source = usgs}),
    complete(
        {.function =
             {.name = "import_reliance",
              .signature = "import_reliance(production = p, imports = i, exports = e [, stock_release = s])",
              .doc =
                  "Net imports and releases from stocks as a part of apparent consumption; below zero for a "
                  "net exporter.",
              .example = "import_reliance(production = mined, imports = imports, exports = exports)",
              .keyword_slots = {{{"production"}, {"imports"}, {"exports"}, {"stock_release", false, "0"}}}},
         .formula = "(imports - exports + stock_release) / (production + imports - exports + stock_release)",
         .unit = "1",
         .source = usgs}),
    complete({.function = {.name = "self_sufficiency",
                           .signature = "self_sufficiency(production = p, use = u)",
                           .doc = "How much of its use a country makes itself; above one if it makes more.",
                           .example = "self_sufficiency(production = mined + recycled, use = demand)",
                           .keyword_slots = {{{"production"}, {"use"}}}},
              .formula = "production / use",
              .unit = "1",
              .source = "common usage; the complement of import reliance where stocks do not change"}),
    complete(
        {.function =
             {.name = "herfindahl",
              .signature = "herfindahl(x over d)",
              .doc =
                  "Concentration after Herfindahl and Hirschman, from 1/n for n equal suppliers to 1 for a "
                  "single one; times 10,000 as competition authorities write it.",
              .example = "herfindahl(mined over country)"},
         .arguments = {"x"},
         .formula = "sum(share(x over dimension) ^ 2 over dimension)",
         .unit = "1",
         .source = "A. O. Hirschman, American Economic Review 54 (1964) 761"}),
    complete({.function = {.name = "largest_share",
                           .signature = "largest_share(x over d)",
                           .doc = "The part of the largest supplier.",
                           .example = "largest_share(mined over country)"},
              .arguments = {"x"},
              .formula = "max(share(x over dimension) over dimension)",
              .unit = "1",
              .source = "common usage, also CR1"}),
    complete(
        {.function =
             {.name = "price_asymmetry",
              .signature = "price_asymmetry(import_value = v, imports = i, export_value = w, exports = e)",
              .doc = "The unit value of what is imported against that of what is exported: above one where a "
                     "country sells raw and buys refined.",
              .example = "price_asymmetry(import_value = target_bill, imports = targets, export_value = "
                         "metal_income, exports = metal)",
              .keyword_slots = {{{"import_value"}, {"imports"}, {"export_value"}, {"exports"}}}},
         .formula = "(import_value / imports) / (export_value / exports)",
         .unit = "1",
         .source = "unit values of trade statistics"}),

    // Reserves
    complete(
        {.function =
             {.name = "reserve_life",
              .signature = "reserve_life(reserves = r, production = p [, recovery = y])",
              .doc =
                  "Static life: how long reserves last at this year's output. `recovery` is the part of the "
                  "metal in the ground that becomes output.",
              .example = "reserve_life(reserves = reserves, production = mined, recovery = recovery)",
              .keyword_slots = {{{"reserves"}, {"production"}, {"recovery", false, "1"}}}},
         .formula = "reserves * recovery / production",
         .unit = "yr",
         .source = "common usage, also R/P"}),
    complete(
        {.function =
             {.name = "depletion_year",
              .signature = "depletion_year(reserves = r, production = p [, recovery = y] [, since = year])",
              .doc = "The first year by whose end cumulative output has reached the recoverable reserves, or "
                     "never. `since` is the first year of output counted.",
              .example = "depletion_year(reserves = reserves, production = mined, since = 2018)",
              .keyword_slots = {{{"reserves"}, {"production"}, {"recovery", false, "1"}, {"since", false}}}},
         .formula = "first_year(cumulate(production from since) >= reserves * recovery)",
         .unit = "a year",
         .source = "dynamic life: reserves against cumulative output"}),
    complete({.function = {.name = "reserves_used",
                           .signature = "reserves_used(demand = d, reserves = r [, since = year])",
                           .doc = "Cumulative demand against reserves, year by year.",
                           .example = "reserves_used(demand = demand, reserves = reserves, since = 2018)",
                           .keyword_slots = {{{"demand"}, {"reserves"}, {"since", false}}}},
              .formula = "cumulate(demand from since) / reserves",
              .unit = "1",
              .source = "common usage"}),
    complete({.function = {.name = "stock_cover",
                           .signature = "stock_cover(stock = s, use = u)",
                           .doc = "How long a stock replaces a flow, such as the days of net imports that a "
                                  "strategic reserve holds.",
                           .example = "stock_cover(stock = reserve.stock, use = imports - exports)",
                           .keyword_slots = {{{"stock"}, {"use"}}}},
              .formula = "stock / use",
              .unit = "yr",
              .source = "common usage; IEA, emergency response: days of net imports"}),
    complete(
        {.function =
             {.name = "reserve_release",
              .signature = "reserve_release(demand = d, supply = s, available = a, fastest = f)",
              .doc =
                  "What a strategic stock gives in a shortage: what is lacking, but no more of what is there "
                  "than `fastest` allows in a year; 100 %/yr where nothing but the stock is a limit.",
              .example = "reserve_release(demand = demand, supply = supply, available = prev(reserve.stock, "
                         "first = opening), fastest = fastest)",
              .keyword_slots = {{{"demand"}, {"supply"}, {"available"}, {"fastest"}}}},
         .formula = "min(max(demand - supply, 0), available * fastest)",
         .unit = "as the flows",
         .source = "common usage"}),
    complete({.function = {.name = "stock_to_reserves",
                           .signature = "stock_to_reserves(stock = s, reserves = r)",
                           .doc = "The in-use stock against what is left in the ground.",
                           .example = "stock_to_reserves(stock = in_use.stock, reserves = reserves)",
                           .keyword_slots = {{{"stock"}, {"reserves"}}}},
              .formula = "stock / reserves",
              .unit = "1",
              .source = "common usage"}),

    // Recycling
    complete(
        {.function = {.name = "collection_rate",
                      .signature = "collection_rate(collected = c, end_of_life = w)",
                      .doc = "Old scrap collected for recycling, as a part of what reached its end of life.",
                      .example = "collection_rate(collected = collected, end_of_life = in_use.outflow)",
                      .keyword_slots = {{{"collected"}, {"end_of_life"}}}},
         .formula = "collected / end_of_life",
         .unit = "1",
         .source = unep}),
    complete({.function = {.name = "recycling_efficiency",
                           .signature = "recycling_efficiency(recycled = r, collected = c)",
                           .doc = "Metal recovered, as a part of the metal in collected scrap.",
                           .example = "recycling_efficiency(recycled = recycled, collected = collected)",
                           .keyword_slots = {{{"recycled"}, {"collected"}}}},
              .formula = "recycled / collected",
              .unit = "1",
              .source = unep}),
    complete(
        {.function = {.name = "end_of_life_recycling_rate",
                      .signature = "end_of_life_recycling_rate(recycled = r, end_of_life = w)",
                      .doc = "Metal recovered from old scrap, as a part of what reached its end of life.",
                      .example =
                          "end_of_life_recycling_rate(recycled = recycled, end_of_life = in_use.outflow)",
                      .keyword_slots = {{{"recycled"}, {"end_of_life"}}}},
         .formula = "recycled / end_of_life",
         .unit = "1",
         .source = unep}),
    complete({.function = {.name = "recycled_content",
                           .signature = "recycled_content(primary = p, old_scrap = o [, new_scrap = n])",
                           .doc = "The part of scrap in the metal that fabrication takes up.",
                           .example =
                               "recycled_content(primary = primary, old_scrap = recycled, new_scrap = swarf)",
                           .keyword_slots = {{{"primary"}, {"old_scrap"}, {"new_scrap", false, "0"}}}},
              .formula = "(old_scrap + new_scrap) / (primary + old_scrap + new_scrap)",
              .unit = "1",
              .source = unep}),
    complete(
        {.function =
             {.name = "old_scrap_ratio",
              .signature = "old_scrap_ratio(old_scrap = o, new_scrap = n)",
              .doc =
                  "The part of old scrap, from used products, in all scrap recycled; the rest is new scrap, "
                  "from making them.",
              .example = "old_scrap_ratio(old_scrap = recycled, new_scrap = swarf)",
              .keyword_slots = {{{"old_scrap"}, {"new_scrap"}}}},
         .formula = "old_scrap / (old_scrap + new_scrap)",
         .unit = "1",
         .source = unep}),
    complete({.function = {.name = "recovered_to_waste",
                           .signature = "recovered_to_waste(recovered = r, waste = w)",
                           .doc = "What is won back for each tonne that is lost.",
                           .example = "recovered_to_waste(recovered = recycled, waste = landfilled)",
                           .keyword_slots = {{{"recovered"}, {"waste"}}}},
              .formula = "recovered / waste",
              .unit = "1",
              .source = "common usage"}),
    complete(
        {.function =
             {.name = "recycling_needed",
              .signature = "recycling_needed(demand = d, supply = s, base = b)",
              .doc =
                  "The part of `base` that must come back so that supply meets demand, zero where it does "
                  "already; above one where no recycling suffices. The base is a choice: end of life, what "
                  "is collected, the in-use stock per year.",
              .example = "recycling_needed(demand = demand, supply = supply, base = in_use.outflow)",
              .keyword_slots = {{{"demand"}, {"supply"}, {"base"}}}},
         .formula = "max(demand - supply, 0) / base",
         .unit = "1",
         .source = "supply gap over secondary potential"}),
    complete(
        {.function =
             {.name = "collection_priority",
              .signature = "collection_priority(amount, concentration, point_sources over d)",
              .doc = "Which products to collect first: the geometric mean of what there is of a metal, how "
                     "much of it each holds, and the part of it that stands at few places, each against the "
                     "largest; from 0 to 1. What lacks one of the three comes last.",
              .example = "collection_priority(end_of_life, content, at_firms over product)"},
         .arguments = {"amount", "concentration", "point_sources"},
         .formula =
             "(amount / max(amount over dimension) * concentration / max(concentration over dimension) "
             "* point_sources / max(point_sources over dimension)) ^ (1 / 3)",
         .unit = "1",
         .source = "common usage"}),

    // The chain of stages
    complete({.function = {.name = "loss_rate",
                           .signature = "loss_rate(losses = l, input = i)",
                           .doc = "What a stage loses of what it takes in.",
                           .example = "loss_rate(losses = tailings, input = inputs(mining))",
                           .keyword_slots = {{{"losses"}, {"input"}}}},
              .formula = "losses / input",
              .unit = "1",
              .source = "common usage; one less the recovery rate"}),
    complete({.function = {.name = "chain_loss",
                           .signature = "chain_loss(x over d)",
                           .doc = "What a chain of stages loses in all, from the loss rate of each.",
                           .example = "chain_loss(stage_loss over stage)"},
              .arguments = {"x"},
              .formula = "1 - exp(sum(log(1 - x) over dimension))",
              .unit = "1",
              .source = "one less the product of recovery rates"}),
    complete(
        {.function =
             {.name = "statistical_entropy",
              .signature = "statistical_entropy(substance, goods over d)",
              .doc =
                  "How dispersed a substance is over the goods that carry it, in bits; falls where a stage "
                  "concentrates, rises where it dilutes. `substance` and `goods` are masses of the same "
                  "flows.",
              .example = "statistical_entropy(copper, goods over flow)"},
         .arguments = {"substance", "goods"},
         .formula = "-sum((if substance > 0 then share(substance over dimension) * log(substance / goods) "
                    "else 0) over "
                    "dimension) / log(2)",
         .unit = "bit",
         .source = "H. Rechberger, P. H. Brunner, Environmental Science & Technology 36 (2002) 809"}),
    complete(
        {.function =
             {.name = "relative_entropy",
              .signature = "relative_entropy(substance, goods over d)",
              .doc =
                  "Statistical entropy against that of the same goods with the substance spread evenly over "
                  "their mass.",
              .example = "relative_entropy(copper, goods over flow)"},
         .arguments = {"substance", "goods"},
         .formula = "-sum((if substance > 0 then share(substance over dimension) * log(substance / goods) "
                    "else 0) over "
                    "dimension) / log(sum(goods over dimension) / sum(substance over dimension))",
         .unit = "1",
         .source = "H. Rechberger, P. H. Brunner, Environmental Science & Technology 36 (2002) 809"}),

    // Stocks and time
    complete({.function = {.name = "per_person",
                           .signature = "per_person(x, population = n)",
                           .doc = "A stock or a flow for each inhabitant.",
                           .example = "per_person(in_use.stock, population = population)",
                           .keyword_slots = {{{"population"}}}},
              .arguments = {"x"},
              .formula = "x / population",
              .unit = "as x, per person",
              .source = "common usage"}),
    complete({.function = {.name = "turnover",
                           .signature = "turnover(outflow = o, stock = s)",
                           .doc = "The part of a stock that leaves it in a year.",
                           .example = "turnover(outflow = in_use.outflow, stock = in_use.stock)",
                           .keyword_slots = {{{"outflow"}, {"stock"}}}},
              .formula = "outflow / stock",
              .unit = "1/yr",
              .source = "common usage"}),
    complete(
        {.function = {.name = "takeover_year",
                      .signature = "takeover_year(secondary = s, primary = p)",
                      .doc = "The first year in which secondary supply exceeds primary supply, or never.",
                      .example = "takeover_year(secondary = recycled, primary = mined)",
                      .keyword_slots = {{{"secondary"}, {"primary"}}}},
         .formula = "first_year(secondary > primary)",
         .unit = "a year",
         .source = "common usage"}),
};

/// What the names of a formula stand for in one call.
struct Meaning {
  std::map<std::string_view, ExpressionPtr> values;
  const Expression* call = nullptr;

  ExpressionPtr of(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second;
  }
};

ExpressionPtr in_its_place(const ExpressionPtr& body, const Meaning& meaning);

/// The year of a clause: the argument it names, none where the call leaves that out.
ExpressionPtr year_in_its_place(const ExpressionPtr& year, const Meaning& meaning) {
  if (year && year->kind == Expression::Kind::name) return meaning.of(year->text);
  return year ? in_its_place(year, meaning) : nullptr;
}

ExpressionPtr in_its_place(const ExpressionPtr& body, const Meaning& meaning) {
  if (body->kind == Expression::Kind::name) {
    ExpressionPtr value = meaning.of(body->text);
    LODE_EXPECT(value != nullptr);
    return value;
  }
  auto node = std::make_shared<Expression>(*body);
  node->where = meaning.call->where;
  node->text_where = meaning.call->text_where;
  for (ExpressionPtr& operand : node->operands) operand = in_its_place(operand, meaning);
  if (!node->over.empty()) node->over = meaning.call->over;
  node->from = year_in_its_place(node->from, meaning);
  node->to = year_in_its_place(node->to, meaning);
  return node;
}

ExpressionPtr parsed(std::string_view formula) {
  const auto file = std::make_shared<const SourceFile>("indicator", std::string(formula));
  Diagnostics diagnostics;
  ExpressionPtr tree = parse_formula(FormulaText::plain(file, 0, formula.size()), diagnostics);
  LODE_EXPECT(tree != nullptr);
  return tree;
}

}  // namespace

std::span<const Indicator> indicators() {
  return table;
}

const Indicator* find_indicator(std::string_view name) {
  const auto* found =
      std::ranges::find_if(table, [&](const Indicator& each) { return each.function.name == name; });
  return found == std::end(table) ? nullptr : found;
}

ExpressionPtr expand(const Indicator& indicator, const Expression& call) {
  Meaning meaning;
  meaning.call = &call;
  for (std::size_t i = 0; i < call.operands.size() && i < indicator.arguments.size(); ++i)
    meaning.values[indicator.arguments[i]] = call.operands[i];
  for (const FunctionKeyword& keyword : indicator.function.keywords()) {
    const auto given =
        std::ranges::find_if(call.keywords, [&](const auto& each) { return each.first.id == keyword.name; });
    if (given != call.keywords.end()) {
      meaning.values[keyword.name] = given->second;
    } else if (!keyword.fallback.empty()) {
      auto value = std::make_shared<Expression>(*parsed(keyword.fallback));
      value->where = call.where;
      meaning.values[keyword.name] = value;
    }
  }
  return in_its_place(parsed(indicator.formula), meaning);
}

}  // namespace lode
