// SPDX-License-Identifier: Apache-2.0
#include "lode/language/functions.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "lode/language/expression.hpp"
#include "lode/language/indicators.hpp"

namespace lode {
namespace {

constexpr unsigned labels_only = clause_over | clause_by | clause_where;
constexpr unsigned all_clauses = labels_only | clause_from | clause_to;
constexpr std::size_t many = 100;

constexpr FunctionInfo table[] = {
    {.name = "sum",
     .signature = "sum(x over d [and e …] [by g] [where condition])",
     .doc = "Adds over dimensions, or by groups; labels where the condition fails are left out.",
     .example = "sum(manufactured over product)",
     .clauses = labels_only,
     .needs = clause_over | clause_by},
    {.name = "mean",
     .signature = "mean(x over d [by g] [where condition]), mean(x over time), mean(x from year to year)",
     .doc = "The mean over dimensions; over years each year weighs as much as its step is long.",
     .example = "mean(price from 2010 to 2015)",
     .clauses = all_clauses,
     .needs = clause_over | clause_by},
    {.name = "min",
     .signature =
         "min(a, b, …), min(x over d [by g] [where condition]), min(x over time), min(x from year to year)",
     .doc = "The smallest of its arguments, or the smallest over dimensions or years.",
     .example = "min(formal_2013 + formal_rise * (time - 2013), formal_ceiling)",
     .max_arguments = many,
     .clauses = all_clauses,
     .needs = clause_over | clause_by},
    {.name = "max",
     .signature =
         "max(a, b, …), max(x over d [by g] [where condition]), max(x over time), max(x from year to year)",
     .doc = "The largest of its arguments, or the largest over dimensions or years.",
     .example = "max(partner_imports - customs_exports, 0)",
     .max_arguments = many,
     .clauses = all_clauses,
     .needs = clause_over | clause_by},
    {.name = "share",
     .signature = "share(x over d), share(x by g)",
     .doc = "Each cell's part of the sum over d, or of its group's sum.",
     .example = "share(exports over country)",
     .clauses = clause_over | clause_by,
     .needs = clause_over | clause_by,
     .reserved = false},
    {.name = "total",
     .signature = "total(x [over d] [by g] [where condition] [from year] [to year])",
     .doc = "The sum over years, each times its step: a rate becomes an amount. With `over` or `by` the sum "
            "of the sums.",
     .example = "total(illegal_ore from 2000 to 2017)",
     .clauses = all_clauses},
    {.name = "cumulate",
     .signature = "cumulate(x [from year])",
     .doc = "The running total up to and including each year.",
     .example = "reserves - cumulate(primary)",
     .clauses = clause_from},
    {.name = "prev",
     .signature = "prev(x [, first = value])",
     .doc = "The value one step before; `first` is the answer in the first year.",
     .example = "prev(supply, first = supply_2000) * compound(supply_growth)",
     .keyword_slots = {{{"first", false}}}},
    {.name = "compound",
     .signature = "compound(rate [, span])",
     .doc = "(1 + rate) ^ span: growth over a span of years, one step if none is given.",
     .example = "share_2013 * compound(rise, time - 2013)",
     .max_arguments = 2},
    {.name = "growth_rate",
     .signature = "growth_rate(x, first year, last year [, periods = count])",
     .doc = "The yearly rate that leads from one year's value to another's; `periods` where the years are "
            "counted "
            "otherwise.",
     .example = "growth_rate(demand, 2000, 2017, periods = 18)",
     .min_arguments = 3,
     .max_arguments = 3,
     .keyword_slots = {{{"periods", false}}}},
    {.name = "logistic",
     .signature = "logistic(driver, ceiling = K, rate = r, middle = m)",
     .doc = "K / (1 + exp(-r (driver - m))): the S-curve that reaches half its ceiling at m.",
     .example = "logistic(time, ceiling = ceiling, rate = rate, middle = middle)",
     .keyword_slots = {{{"ceiling", true}, {"rate", true}, {"middle", true}}}},
    {.name = "gompertz",
     .signature = "gompertz(driver, saturation = K, alpha = a, beta = b)",
     .doc =
         "K exp(a exp(b driver)), with a and b below zero: the S-curve that leaves early and arrives late.",
     .example = "gompertz(gdp, saturation = saturation, alpha = alpha, beta = beta)",
     .keyword_slots = {{{"saturation", true}, {"alpha", true}, {"beta", true}}}},
    {.name = "bass",
     .signature = "bass(time, ceiling = K, start = t0, innovation = p, imitation = q)",
     .doc = "K (1 - exp(-(p + q) a)) / (1 + q / p exp(-(p + q) a)) for a = time - t0 above 0, else 0: "
            "adoption by "
            "own choice and by example.",
     .example = "bass(time, ceiling = ceiling, start = launch, innovation = p, imitation = q)",
     .keyword_slots = {{{"ceiling", true}, {"start", true}, {"innovation", true}, {"imitation", true}}}},
    {.name = "ramp",
     .signature = "ramp(time, before = a, after = b, begin = t0, end = t1)",
     .doc = "a until t0, b from t1 on, a straight line between: a measure that is phased in.",
     .example = "ramp(time, before = collection, after = goal, begin = 2025, end = 2035)",
     .keyword_slots = {{{"before"}, {"after"}, {"begin"}, {"end"}}},
     .reserved = false},
    {.name = "rank",
     .signature = "rank(x over d)",
     .doc = "The place of each label, 1 for the largest value; equal ones share the better place.",
     .example = "rank(content over product)",
     .clauses = clause_over,
     .needs = clause_over,
     .reserved = false},
    {.name = "residual",
     .signature = "residual(process)",
     .doc = "What closes the balance of a process, over all its other flows and stock changes.",
     .example = "residual(concentrate)",
     .takes_process = true},
    {.name = "inputs",
     .signature = "inputs(process)",
     .doc = "The sum of the flows that enter a process.",
     .example = "loss_rate * inputs(fabrication)",
     .takes_process = true},
    {.name = "outputs",
     .signature = "outputs(process)",
     .doc = "The sum of the flows that leave a process.",
     .example = "outputs(refining) / inputs(refining)",
     .takes_process = true},
    {.name = "first_year",
     .signature = "first_year(condition [from year] [to year])",
     .doc = "The first year in which the condition holds, or never.",
     .example = "first_year(gap > 0)",
     .clauses = clause_from | clause_to},
    {.name = "last_year",
     .signature = "last_year(condition [from year] [to year])",
     .doc = "The last year in which the condition holds, or never.",
     .example = "last_year(self_sufficiency >= 60 %)",
     .clauses = clause_from | clause_to},
    {.name = "max_year",
     .signature = "max_year(x [from year] [to year])",
     .doc = "The year of the largest value, the first of several.",
     .example = "max_year(primary)",
     .clauses = clause_from | clause_to},
    {.name = "min_year",
     .signature = "min_year(x [from year] [to year])",
     .doc = "The year of the smallest value, the first of several.",
     .example = "min_year(ore_left)",
     .clauses = clause_from | clause_to},
    {.name = "repeat",
     .signature = "repeat(x over d [and e …])",
     .doc = "Copies x along a dimension it does not have: a sum over it then counts x once per label.",
     .example = "price * repeat(quota over region)",
     .clauses = clause_over,
     .needs = clause_over},
    {.name = "split",
     .signature = "split(x by shares)",
     .doc = "Divides x in proportion to the shares, so that the sum stays x.",
     .example = "split(imports by form_share)",
     .clauses = clause_by,
     .needs = clause_by},
    {.name = "known",
     .signature = "known(x)",
     .doc = "True in the cells that hold a value, false where it is absent.",
     .example = "if known(reported) then reported else estimate"},
    {.name = "exp",
     .signature = "exp(x)",
     .doc = "e to the power x, of a number without unit.",
     .example = "exp(-decay * (time - 2000))"},
    {.name = "log",
     .signature = "log(x)",
     .doc = "The natural logarithm, of a number without unit.",
     .example = "log(gdp / gdp[2000])"},
    {.name = "log10",
     .signature = "log10(x)",
     .doc = "The logarithm to base ten, of a number without unit.",
     .example = "log10(demand / demand[2000])"},
    {.name = "sqrt",
     .signature = "sqrt(x)",
     .doc = "The square root; halves the powers of the unit.",
     .example = "sqrt(low_share * high_share)"},
    {.name = "abs",
     .signature = "abs(x)",
     .doc = "The value without its sign.",
     .example = "abs(reported_imports - reported_exports)"},
    {.name = "clamp",
     .signature = "clamp(x, low, high)",
     .doc = "x, but at least low and at most high.",
     .example = "clamp(adoption, 0, 1)",
     .min_arguments = 3,
     .max_arguments = 3},
};

constexpr std::string_view keywords[] = {"if",   "then", "else",  "and",  "or", "not",
                                         "over", "by",   "where", "from", "to", "time"};

}  // namespace

std::span<const FunctionInfo> functions() {
  return table;
}

const FunctionInfo* find_function(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &FunctionInfo::name);
  if (found != std::end(table)) return found;
  const Indicator* indicator = find_indicator(name);
  return indicator == nullptr ? nullptr : &indicator->function;
}

bool is_reserved(std::string_view word) {
  if (std::ranges::find(keywords, word) != std::end(keywords)) return true;
  const FunctionInfo* function = find_function(word);
  return function != nullptr && function->reserved;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const FunctionInfo& function : table) names.emplace_back(function.name);
  for (const Indicator& indicator : indicators()) names.emplace_back(indicator.function.name);
  return names;
}

}  // namespace lode
