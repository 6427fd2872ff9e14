// SPDX-License-Identifier: Apache-2.0
#include "lode/model/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "lode/model/figure_decl.hpp"

namespace lode {
namespace {

using Kind = Shape::Kind;

Shape simple(Kind kind, std::string expected) {
  Shape shape;
  shape.kind = kind;
  shape.expected = std::move(expected);
  return shape;
}
Shape text() {
  return simple(Kind::text, "a text");
}
Shape name(const std::string& of) {
  return simple(Kind::name, "the name of " + of);
}
Shape number() {
  return simple(Kind::number, "a number");
}
Shape integer(std::string of) {
  return simple(Kind::integer, std::move(of));
}
Shape truth() {
  return simple(Kind::boolean, "true or false");
}
Shape value() {
  return simple(Kind::value, "a number, perhaps with a unit (`60 %`, `13.6 Mt`)");
}
Shape unit() {
  return simple(Kind::unit, "a unit, like `t/yr` or `1`");
}
Shape file() {
  return simple(Kind::file, "a file, like data/production.csv");
}
Shape formula() {
  return simple(Kind::formula, "a formula");
}
Shape condition() {
  return simple(Kind::condition, "a condition, like `time <= 2017`");
}
Shape nothing() {
  return simple(Kind::nothing, "nothing");
}
Shape anything() {
  return simple(Kind::anything, "anything");
}

Shape choice(std::vector<std::string> of) {
  Shape shape = simple(Kind::choice, "one of " + fmt::format("{}", fmt::join(of, ", ")));
  shape.choices = std::move(of);
  return shape;
}
Shape list(Shape item, std::string expected) {
  Shape shape = simple(Kind::list, std::move(expected));
  shape.item = std::make_shared<const Shape>(std::move(item));
  return shape;
}
std::string as_example(const std::string& expected) {
  return expected.starts_with('{') ? "keys like `" + expected + "`" : expected;
}
Shape map(std::vector<KeySpec> keys, const std::string& expected) {
  Shape shape = simple(Kind::map, as_example(expected));
  shape.keys = std::move(keys);
  return shape;
}
Shape entries(Shape item, const std::string& expected) {
  Shape shape = simple(Kind::entries, as_example(expected));
  shape.item = std::make_shared<const Shape>(std::move(item));
  return shape;
}
Shape any_of(std::vector<Shape> shapes, std::string expected = "") {
  const bool given = !expected.empty();
  for (std::size_t i = 0; i < shapes.size() && !given; ++i) {
    if (shapes[i].kind == Kind::nothing) continue;
    if (!expected.empty()) expected += " or ";
    expected += shapes[i].expected;
  }
  Shape shape = simple(Kind::any_of, std::move(expected));
  shape.any = std::move(shapes);
  return shape;
}

KeySpec key(std::string id, std::string doc, Shape shape) {
  return {std::move(id), std::move(doc), std::move(shape)};
}
KeySpec required(std::string id, std::string doc, Shape shape) {
  return {std::move(id), std::move(doc), std::move(shape), true};
}
KeySpec later(std::string id, std::string doc, Shape shape) {
  return {std::move(id), std::move(doc), std::move(shape), false, true};
}

Shape title() {
  return any_of({text(), entries(text(), "titles by language, like {en: Use, zh: 使用}")});
}
Shape dimensions_list() {
  return any_of(
      {list(name("a dimension"), "a list of dimensions, like [time, product]"), name("a dimension")});
}
KeySpec over_key(std::string doc = "the dimensions it has, like [time, product]") {
  return key("over", std::move(doc), dimensions_list());
}
std::vector<KeySpec> with_titles(std::vector<KeySpec> keys) {
  keys.push_back(key("name", "title shown in figures and tables, in one or several languages", title()));
  keys.push_back(key("title", "the same as `name`", title()));
  keys.push_back(key("note", "a remark", text()));
  return keys;
}
Shape words(std::string one, std::string many) {
  return any_of({simple(Kind::text, std::move(one)), list(text(), std::move(many))});
}

Shape time_shape() {
  const Shape years = list(integer("a year"), "a list of years, like [2000, 2005, 2020]");
  return any_of(
      {integer("a year, like 2019"),
       map({key("first", "first year", integer("a year")), key("last", "last year", integer("a year")),
            key("step", "years from one to the next, 1 unless given", integer("a number of years")),
            key("years", "the years one by one, when they are unevenly spaced", years),
            key("period", "one period as a whole, like 2010-2020, both years included", text()),
            key("first_step",
                "length of the first period in years, when it differs from the gap to the second", number()),
            key("cohorts_from", "first year of entry of what is in stock before the first year",
                integer("a year"))},
           "{first: 2000, last: 2050}")});
}

Shape dimension_shape() {
  const Shape label_list = list(any_of({text(), entries(title(), "{label: title}")}), "a list of labels");
  return any_of(
      {map(with_titles(
               {key("table", "CSV with the column label, perhaps name, name_zh, and attributes", file()),
                key("labels", "the labels, in order, perhaps with titles",
                    any_of({label_list, entries(any_of({title(), nothing()}), "labels with titles")})),
                key("units", "unit of each label: the attribute counted_in",
                    entries(unit(), "units by label")),
                key("groups", "a column of another dimension's table: its distinct values are the labels",
                    name("a dimension or a column, like product.category")),
                key("part_of", "the dimension this is a subset of", name("a dimension")),
                key("where", "condition on the parent's attributes", condition()),
                key("same_as", "the dimension whose labels are used a second time", name("a dimension")),
                key("balance", "each: the labels are layers, never summed, and every process closes for each",
                    choice({"each"}))}),
           "{table: data/products.csv}"),
       label_list});
}

/// What each family of uncertainty takes; the first stands for a bare value: `normal: 5 %`.
const std::map<std::string, std::vector<std::string>>& distribution_parameters() {
  static const std::map<std::string, std::vector<std::string>> parameters = {
      {"normal", {"cv", "sd", "low", "high"}},
      {"lognormal", {"cv", "sd", "gsd", "ratio", "low", "high"}},
      {"uniform", {"within", "low", "high"}},
      {"triangular", {"within", "low", "high"}},
      {"pert", {"within", "low", "high"}},
      {"beta", {"cv", "sd", "low", "high"}},
      {"gamma", {"cv", "sd"}},
      {"discrete", {"values", "factors", "weights"}},
      {"empirical", {"values", "factors"}},
      {"dirichlet", {"cv", "concentration"}},
      {"pedigree", {"reliability", "completeness", "time", "geography", "other", "expert", "sensitivity"}}};
  return parameters;
}

const std::map<std::string, std::string>& distribution_docs() {
  static const std::map<std::string, std::string> docs = {
      {"cv", "standard deviation as a share of the value"},
      {"sd", "standard deviation"},
      {"gsd", "geometric standard deviation; the value is the median"},
      {"ratio", "95 % lie between value / ratio and value * ratio; the value is the median"},
      {"within", "half the width as a share of the value"},
      {"low", "lower end"},
      {"high", "upper end"},
      {"values", "the values it takes"},
      {"factors", "the same as multiples of the value"},
      {"weights", "how likely each is; equally unless given"},
      {"concentration", "of the Dirichlet distribution: larger is narrower"},
      {"reliability", "score from 1 (best) to 4"},
      {"completeness", "score from 1 (best) to 4"},
      {"time", "score from 1 (best) to 4: how far the year of the data is off"},
      {"geography", "score from 1 (best) to 4: how far the region of the data is off"},
      {"other", "score from 1 (best) to 4: how far product or technology are off"},
      {"expert", "score from 1 (best) to 4 of an expert's estimate, in place of the others"},
      {"sensitivity", "how strongly scores other than reliability count: high, medium or low"}};
  return docs;
}

Shape distribution_shape(const std::string& family) {
  std::vector<KeySpec> keys;
  for (const std::string& parameter : distribution_parameters().at(family)) {
    const bool is_list = parameter == "values" || parameter == "factors" || parameter == "weights";
    keys.push_back(key(parameter, distribution_docs().at(parameter),
                       is_list                      ? list(value(), "a list of values")
                       : parameter == "sensitivity" ? choice({"high", "medium", "low"})
                                                    : value()));
  }
  const bool takes_lists = family == "discrete" || family == "empirical";
  const Shape parameters = map(std::move(keys), takes_lists            ? "{values: [1, 2]}"
                                                : family == "pedigree" ? "{reliability: 2, time: 3}"
                                                                       : "{cv: 5 %}");
  return takes_lists || family == "pedigree" ? parameters : any_of({value(), parameters});
}

/// Keys of a quality class, and of a parameter.
std::vector<KeySpec> uncertainty_keys() {
  std::vector<KeySpec> keys = {
      key("independent",
          "the dimensions whose labels are drawn apart; [] for one draw for all; every number given unless "
          "said",
          dimensions_list()),
      key("autocorrelation", "of the draws of neighbouring years, from 0 to 1", number())};
  for (const std::string& family : distribution_keys())
    keys.push_back(
        key(family, "uncertainty of the value: a " + family + " distribution", distribution_shape(family)));
  keys.back().doc = "uncertainty from scores of data quality";
  return keys;
}

Shape correlation_shape() {
  return map({required("between", "the parameters", list(name("a parameter"), "a list of parameters")),
              required("rank", "rank correlation of their draws, from -1 to 1", number())},
             "{between: [price, demand], rank: 0.6}");
}

Shape interpolate() {
  return choice({"none", "linear", "geometric", "step"});
}
Shape extrapolate() {
  return choice({"none", "hold", "trend", "zero"});
}

std::vector<KeySpec> table_keys() {
  return {key("table", "CSV with one column per dimension and the values", file()),
          key("column", "the column that holds the values, `value` unless given", text()),
          key("columns", "time: the years stand across, one column each", choice({"time"})),
          key("decimal", "comma: the table's numbers have a decimal comma", choice({"comma", "point"}))};
}

Shape parameter_shape() {
  std::vector<KeySpec> keys = {
      over_key(),
      key("unit", "unit of the values; attributes of labels may stand in it, like product.counted_in/yr",
          unit()),
      key("value", "a single value", value())};
  for (KeySpec& k : table_keys()) keys.push_back(std::move(k));
  for (KeySpec& k : std::vector<KeySpec>{
           key("from", "a result of another case, like lithium.demand[china], or one for each label",
               any_of({formula(), entries(formula(), "{lithium: lithium.demand}")})),
           key("interpolate", "how years between given ones are filled", interpolate()),
           key("extrapolate", "how years outside the given ones are filled", extrapolate()),
           key("missing", "what an absent row means: 0, absent or error",
               any_of({number(), choice({"absent", "error"})})),
           key("where", "the values exist only there", condition()),
           key("source", "key of sources.bib; several separated by blanks",
               words("a key of sources.bib", "a list of keys")),
           key("quality", "a class of the section quality", name("a quality class")),
           key("data_year", "year of the data, if it is not the year they are used for", integer("a year")),
           key("derived_from", "ids of the checkpoints this value was taken from",
               words("the id of a checkpoint", "a list of ids")),
           key("sums_to", "what the values over the last dimension must add up to", value()),
           key("sums_rule", "what happens if they do not", choice({"report", "rescale"})),
           later("measured", "a measured value, adjusted by reconciliation", anything())})
    keys.push_back(std::move(k));
  for (KeySpec& k : uncertainty_keys()) keys.push_back(std::move(k));
  return any_of(
      {value(), map(with_titles(std::move(keys)), "{over: [time], unit: t/yr, table: data/x.csv}")});
}

Shape case_shape() {
  return map({required("folder", "the other case, from the folder of this file", file()),
              key("scenario", "the cases it is computed with, its defaults unless given",
                  entries(text(), "{supply: high}")),
              key("match", "scenario axes of both that take the same case, or the one named for it",
                  any_of({list(name("a scenario axis"), "a list of scenario axes"),
                          entries(any_of({entries(text(), "{target: ninety}"), nothing()}),
                                  "{recycling: {target: ninety}}")})),
              key("results", "a .nc of its results to read, in place of computing them", file()),
              key("draws", "how many draws its results' uncertainty is taken from", integer("4096"))},
             "{folder: ../lithium}");
}

Shape process_shape() {
  return any_of(
      {map(with_titles({key("stage", "the stage it belongs to in figures", name("a stage")),
                        key("outside", "true: it lies outside the system and is not balanced", truth()),
                        over_key("the dimensions it is balanced over; default: those all its flows share"),
                        key("transfer", "shares of all inputs that go to each output; one may be `rest`",
                            entries(formula(), "{output: share}"))}),
           "{stage: use}"),
       nothing()});
}

Shape flow_shape() {
  return map(
      with_titles(
          {required("from", "the process it leaves; `market at exporter` if the process has dimensions",
                    name("a process")),
           required("to", "the process it enters", name("a process")), over_key(),
           key("unit", "unit, if it is not the default", unit()),
           key("signed", "true: it may be negative", truth()),
           key("unknown", "true: it is solved for from balances and relations", truth()),
           later("measured", "a table of measured values, adjusted by reconciliation", anything())}),
      "{from: a, to: b}");
}

/// A family with its parameters; a chain or mixture holds others.
Shape lifetime_shape(int depth) {
  const Shape inner =
      depth > 0 ? any_of({formula(), lifetime_shape(depth - 1)}, "a formula or a lifetime") : formula();
  return entries(any_of({formula(), entries(inner, "{mean: m, sd: s}")}), "{fixed: 12}");
}

Shape stock_shape() {
  return map(
      with_titles(
          {key("process", "the process it belongs to", name("a process")),
           over_key(),
           key("unit", "unit, if it is not the default", unit()),
           key("inflow", "the flow or quantity that enters", name("a flow or quantity")),
           key("outflow", "the flow or quantity the stock computes", name("a flow or quantity")),
           key("used_in", "what enters with an age, by year of entry: second-hand imports",
               name("a flow or quantity")),
           key("used_out", "what leaves with an age, by year of entry: second-hand exports",
               name("a flow or quantity")),
           key("lifetime", "a family with its parameters, like {fixed: 12} or {weibull: {mean: m, shape: k}}",
               lifetime_shape(3)),
           key("stock", "the stock itself where it is given; the inflow is then solved for",
               any_of({formula(), entries(formula(), "a formula for each condition")})),
           key("change", "net addition, for a stock without lifetime", formula()),
           key("hazard", "multiplies the hazard of leaving, year by year: early scrapping, longer use",
               formula()),
           key("initial", "what is in stock before the first year",
               any_of({formula(), map({key("total", "the amount, of all ages together", formula()),
                                       key("ages", "steady: as after a constant inflow", choice({"steady"})),
                                       key("cohorts", "what is left of each year of entry", formula())},
                                      "a formula, {total: x, ages: steady} or {cohorts: x}")})),
           key("spin_up", "year from which the stock runs before the first", integer("a year")),
           key("cohorts", "the years of entry by which stock and outflow are kept, too", name("a dimension")),
           key("carries", "substances that a counted stock carries, with their content",
               entries(formula(), "{materials: content}")),
           key("inflow_at", "when in the year the inflow enters",
               choice({"start", "middle", "end", "spread"})),
           key("points", "of the quadrature over the year with `inflow_at: spread`: 2 to 10, 5 unless given",
               integer("a number from 2 to 10")),
           key("outflow_by", "how the outflow is computed", choice({"survival", "density"})),
           key("negative_inflow", "what happens where a given stock falls faster than it ages",
               choice({"error", "allow", "oldest-first", "proportional", "scale-hazard"})),
           key("join", "how a given stock joins the computed one", choice({"none", "scale", "shift"}))}),
      "{process: use, inflow: to_use, lifetime: {fixed: 12}}");
}

Shape equation_shape() {
  return any_of(
      {formula(),
       map(with_titles({over_key(), key("unit", "unit of the quantity", unit()),
                        key("where", "a condition: the quantity exists only there", name("a condition")),
                        required("equals", "the formula, or one for each condition",
                                 any_of({formula(), entries(formula(), "a formula for each condition")}))}),
           "{over: [time], unit: t, equals: …}"),
       entries(formula(), "a formula for each condition")},
      "a formula, or one for each condition");
}

Shape extension_shape() {
  return map(
      with_titles(
          {required("unit", "unit of the amounts, like GJ/yr", unit()),
           required(
               "of", "processes and flows, each with what goes with a unit of it",
               entries(
                   any_of(
                       {formula(),
                        map({required("intensity", "a formula for what goes with a unit of it", formula()),
                             key("per",
                                 "of a process: per its inputs (unless said), outputs, or one of its flows",
                                 text())},
                            "{intensity: energy_per_metal, per: metal}")}),
                   "{smelting: energy_per_metal}")),
           key("by", "the dimensions that sums keep", dimensions_list()),
           key("cumulative", "true: also the sum up to each stage", truth())}),
      "{unit: GJ/yr, of: {smelting: energy_per_metal}}");
}

Shape alert_shape() {
  return map(
      with_titles({key("at_least", "the lowest value that is well, or a formula for it",
                       any_of({value(), formula()})),
                   key("at_most", "the highest value that is well, or a formula for it",
                       any_of({value(), formula()})),
                   key("from", "first year it is checked", integer("a year")),
                   key("severity", "how a breach is reported", choice({"note", "warning", "error"})),
                   key("source", "key of sources.bib", words("a key of sources.bib", "a list of keys"))}),
      "{at_least: 60 %}");
}

Shape classification_shape() {
  return map(
      with_titles(
          {required("of", "what is classified: a formula", formula()),
           required("rules", "for each dimension of classes its rules in order: the first that holds counts",
                    entries(list(entries(any_of({formula(), entries(formula(), "{class: share}")}),
                                         "a class with its condition, like `viable: margin > 0`"),
                                 "a list of rules, each beginning with `- `"),
                            "{class: […]}"))}),
      "{of: …, rules: …}");
}

Shape diagnosis_shape() {
  return map(
      with_titles({key("at_least", "the lowest value that is well, or a formula for it",
                       any_of({value(), formula()})),
                   key("at_most", "the highest value that is well, or a formula for it",
                       any_of({value(), formula()})),
                   key("source", "key of sources.bib", words("a key of sources.bib", "a list of keys")),
                   key("stages", "its formula for each stage; `balance` and `spread` have their own",
                       entries(formula(), "{smelting: 1 - refining_yield}"))}),
      "{at_most: 10 %, stages: …}");
}

Shape solve_shape() {
  const Shape range = list(value(), "the lowest and the highest value, like [2 yr, 25 yr]");
  return any_of(
      {formula(),
       map(with_titles({required("so_that", "the relation, like `in_use.stock[2017] = reported`", formula()),
                        key("within", "the lowest and the highest value of the parameter", range),
                        key("find", "several parameters, each with its lowest and highest value, or without",
                            entries(any_of({range, nothing()}), "{ceiling: [0.5, 3], rate: }")),
                        key("errors", "what is made small where there are more equations than unknowns",
                            choice({"absolute", "relative"}))}),
           "{so_that: in_use.stock = reported, within: [2 yr, 25 yr]}")},
      "a relation, or `so_that:` with one");
}

Shape scenario_shape() {
  Shape axis = entries(anything(),
                       "cases with what they change, like {default: low, low: {}, high: {growth: 8 %/yr}}");
  return axis;
}

Shape section(Shape item, const std::string& expected) {
  return any_of({entries(std::move(item), expected), nothing()});
}

Shape build_model_shape() {
  Shape shape =
      map({key("lode", "version of the language: 1", integer("1")),
           key("extends", "a file whose sections this one adds to, like ../common.yaml",
               any_of({file(), list(file(), "a list of files")})),
           key("title", "what the model is, in one or several languages", title()),
           key("question", "the question it answers", title()),
           key("substance", "chemical symbol of what is balanced, like Nd", text()),
           required("time", "the years", time_shape()),
           key("defaults", "what need not be written everywhere",
               map({over_key("the dimensions of flows, stocks and equations that declare none"),
                    key("flow", "unit of flows", unit()), key("stock", "unit of stocks", unit()),
                    key("decimal", "comma: tables have a decimal comma unless they say otherwise",
                        choice({"comma", "point"}))},
                   "{over: [time], flow: t/yr, stock: t}")),
           key("stages", "columns of the system picture, from left to right",
               any_of({entries(any_of({title(), nothing()}), "{mining: Mining}"),
                       list(name("a stage"), "a list of stages"), nothing()})),
           key("dimensions", "the lists that data and flows are split by",
               section(dimension_shape(), "{product: {table: data/products.csv}}")),
           key("when", "named conditions on time, labels and scenario",
               section(condition(), "{history: time <= 2017}")),
           key("quality", "data classes and the uncertainty each stands for",
               section(any_of({map(with_titles(uncertainty_keys()), "{normal: {cv: 2 %}}"), nothing()}),
                       "{statistics: {normal: {cv: 2 %}}}")),
           key("parameters", "numbers from outside: values and tables",
               section(parameter_shape(), "{yield: 60 %}")),
           key("cases", "other cases whose results this one takes",
               section(case_shape(), "{lithium: {folder: ../lithium}}")),
           key("processes", "where flows begin and end; each is balanced",
               section(process_shape(), "{use: {stage: use}}")),
           key("flows", "the system picture: who is joined to whom",
               section(flow_shape(), "{sold: {from: market, to: use}}")),
           key("stocks", "what stays", section(stock_shape(), "{in_use: {process: use, …}}")),
           key("equations", "how flows and named quantities are computed",
               section(equation_shape(), "{sold: made - exported}")),
           key("extensions", "energy, emissions, cost, value or labour that go with processes and flows",
               section(extension_shape(), "{energy: {unit: GJ/yr, of: {smelting: energy_per_metal}}}")),
           key("relations", "what else is known of unknown flows",
               any_of({list(formula(), "a list of equalities, each beginning with `- `"), nothing()})),
           key("alerts", "limits that results are held against",
               section(alert_shape(), "{share: {at_least: 60 %}}")),
           key("classification", "quantities divided into classes by rules",
               section(classification_shape(), "{graded: {of: …, rules: …}}")),
           key("diagnosis", "indicators by which the stages of a chain are compared",
               section(diagnosis_shape(), "{loss: {at_most: 10 %, stages: …}}")),
           key("scenarios", "axes of cases that change parameters and equations",
               section(scenario_shape(), "{supply: {default: low, low: {}}}")),
           key("events", "years marked in figures", section(title(), "{2007: {en: Export licences}}")),
           key("correlations", "parameters whose draws go together",
               any_of({list(correlation_shape(), "a list, each beginning with `- `"), nothing()})),
           key("solve", "parameters found so that a relation holds, or fits best",
               section(solve_shape(), "{life: in_use.stock = reported}"))},
          "a model: `title:`, `time:` and sections");
  return shape;
}

/// One figure of figures.yaml.
Shape figure_shape() {
  const Shape results =
      any_of({name("a result"), list(name("a result"), "a list of results, like [mined, imported]"),
              entries(any_of({title(), nothing()}), "results with titles, like {demand: Demand}")});
  const Shape split = name("a dimension or a scenario axis");
  const Shape choices = entries(text(), "{product: EV}");
  return map(
      {required("kind", "what is drawn", choice(figure_kind_names())),
       key("title", "its heading, in one or several languages; without it what it shows", title()),
       key("note", "a remark below it, in one or several languages", title()),
       key("show", "the results it shows: flows, stocks, quantities", results),
       key("total", "stacked: the result that is the sum, with its band where there are draws", results),
       key("imports", "trade: what comes in, drawn below zero", results),
       key("exports", "trade: what goes out, drawn above zero", results),
       key("demand", "supply-demand: what is wanted", results),
       key("supply", "supply-demand: primary supply", results),
       key("recycling", "supply-demand: secondary supply, the wedge above the primary", results),
       key("results", "tornado, sweep: formulas that give one number, like `gap[2035]`",
           words("a formula that gives one number", "a list of formulas")),
       key("inputs", "sweep: one or two inputs and their values, like `collection = 0 %..100 % : 21`",
           words("an input and its values", "a list of one or two inputs")),
       key("by", "what it is split by; sankey: what the colours stand for", split),
       key("panels", "one panel for each label, or for each case of an axis", split),
       key("only", "a part: a label of a dimension, or a group, which stands for its members", choices),
       key("scenario", "cases of scenario axes other than those of the run",
           entries(text(), "{supply: high}")),
       key("year", "one year", integer("a year, like 2017")),
       key("years", "the first and the last, like 2000..2017; for a Sankey diagram the sum over them",
           simple(Kind::text, "the first and the last year, like 2000..2017")),
       key("history", "the last year of the past: what comes later is drawn as a projection",
           integer("a year")),
       key("unit", "unit it is shown in; without it one that keeps the numbers short",
           simple(Kind::unit, "a unit, like `kt/yr` or `%`")),
       key("as", "stacked: areas or bars", choice({"areas", "bars"})),
       key("events", "false: the years of `events` are not marked", truth()),
       key("scales", "of panels, or of Sankey diagrams of several years: shared or own",
           choice({"shared", "own"}))},
      "{kind: stacked, show: sold, by: product}");
}

Shape build_figures_shape() {
  return map({key("history", "the last year of the past, for all figures", integer("a year")),
              key("events", "years that charts mark, beside `events:` of the model",
                  section(title(), "{2007: {en: Export licences}}")),
              key("outside",
                  "what processes outside the system are to it; without it one that gives and takes is a "
                  "market, one that only takes a loss",
                  entries(choice({"market", "source", "use", "loss"}), "{other_uses: use}")),
              key("figures", "the figures, in order; the name is that of the file",
                  section(figure_shape(), "{demand: {kind: stacked, show: sold, by: product}}"))},
             "figures: {demand: {kind: stacked, show: sold, by: product}}");
}

/// Words of other tools and older drafts, and what they are called here.
const std::map<std::string, std::string>& old_words() {
  static const std::map<std::string, std::string> words = {
      {"constants", "numbers from outside are `parameters`"},
      {"inputs", "numbers from outside are `parameters`"},
      {"data", "numbers from outside are `parameters`, each with its `table:`"},
      {"variables", "computed quantities are `equations`, numbers from outside `parameters`"},
      {"quantities", "a named quantity is an entry of `equations`"},
      {"indicators", "a named quantity is an entry of `equations`"},
      {"limit", "limits are `alerts:`, like `{at_least: 60 %}`"},
      {"limits", "limits are `alerts:`, like `share: {at_least: 60 %}`"},
      {"below", "an alert has `at_least:` and `at_most:`"},
      {"above", "an alert has `at_least:` and `at_most:`"},
      {"level", "a given stock is `stock:`"},
      {"balance", "the flow that closes a process is `residual(process)`, in `equations`"},
      {"entering", "when the inflow enters is `inflow_at: start | middle | end`"},
      {"vary", "independent draws are `independent: [product]`"},
      {"memory", "the correlation over years is `autocorrelation:`"},
      {"between", "gaps between years are filled by `interpolate:`"},
      {"like", "a list used twice is `same_as:`"},
      {"cases", "write the cases themselves below the axis, with `default:`"},
      {"like_time", "a list used twice is `same_as: time`"},
      {"units_of", "units of labels are `units: {label: unit}`"},
      {"conditions", "named conditions stand in `when:`"},
      {"years", "the years are `time: {first: 2000, last: 2050}`"},
      {"sources", "sources stand in the file sources.bib"},
      {"figures", "figures stand in the file figures.yaml"},
      {"start", "the first year is `first:`"},
      {"end", "the last year is `last:`"},
      {"begin", "the first year is `first:`"},
      {"dims", "the dimensions are `over:`"},
      {"dimension", "the dimensions are `over:`"},
      {"file", "a CSV is given by `table:`"},
      {"csv", "a CSV is given by `table:`"},
      {"source_process", "a flow goes `from:` one process `to:` another"},
      {"origin", "a flow goes `from:` one process `to:` another"},
      {"destination", "a flow goes `from:` one process `to:` another"},
      {"formula", "the formula of a quantity stands in `equations:`"},
      {"expression", "the formula of a quantity stands in `equations:`"},
  };
  return words;
}

const char* kind_words(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a text";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a group of keys";
  }
  return "";
}

bool takes(const Shape& shape, const YamlNode& node) {
  switch (shape.kind) {
    case Kind::anything:
      return true;
    case Kind::nothing:
      return node.is_null();
    case Kind::list:
      return node.is_sequence();
    case Kind::map:
    case Kind::entries:
      return node.is_map();
    case Kind::any_of:
      return std::any_of(shape.any.begin(), shape.any.end(), [&](const Shape& s) { return takes(s, node); });
    default:
      return node.is_scalar();
  }
}

/// How well a shape that takes the node fits it: 0 fits, 1 is the right kind only.
int misfit(const Shape& shape, const YamlNode& node) {
  switch (shape.kind) {
    case Kind::choice:
      return std::find(shape.choices.begin(), shape.choices.end(), node.text) == shape.choices.end() ? 1 : 0;
    case Kind::map:
      for (const YamlPtr& k : node.keys)
        for (const KeySpec& spec : shape.keys)
          if (spec.name == k->text) return 0;
      return node.keys.empty() ? 0 : 2;
    case Kind::number:
      return !node.text.empty() && (std::isdigit(static_cast<unsigned char>(node.text.front())) != 0 ||
                                    node.text.front() == '-')
                 ? 0
                 : 1;
    case Kind::entries:
      return 1;
    default:
      return 0;
  }
}

void wrong_kind(const YamlNode& node, const Shape& shape, const std::string& what, Diagnostics& diagnostics) {
  if (node.is_null()) {
    diagnostics.error("missing-value", node.where, fmt::format("{} has no value", what)).help =
        fmt::format("give it {}", shape.expected);
    return;
  }
  Diagnostic& error = diagnostics.error(
      "wrong-kind", node.where, fmt::format("{} must be {}, not {}", what, shape.expected, kind_words(node)));
  if (node.is_scalar()) {
    const std::size_t colon = node.text.find(':');
    if (colon != std::string::npos && colon > 0 && colon + 1 < node.text.size() &&
        node.text[colon + 1] != ' ')
      error.help = fmt::format("a space is missing after the colon: `{}: {}`", node.text.substr(0, colon),
                               node.text.substr(colon + 1));
    else if (node.text.find("：") != std::string::npos)
      error.help = "write `: ` for the full-width colon";
  }
}

void check_keys(const YamlNode& node, const Shape& shape, const std::string& what, bool complete,
                Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const KeySpec& spec : shape.keys) names.push_back(spec.name);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlNode& k = *node.keys[i];
    const auto spec = std::find_if(shape.keys.begin(), shape.keys.end(),
                                   [&](const KeySpec& s) { return s.name == k.text; });
    if (spec == shape.keys.end()) {
      Diagnostic& error =
          diagnostics.error("unknown-key", k.where, fmt::format("{} has no key `{}`", what, shown(k.text)));
      if (const auto old = old_words().find(k.text); old != old_words().end())
        error.help = old->second;
      else if (k.text == "equals" && std::find(names.begin(), names.end(), "from") != names.end())
        error.help = "equations do not stand in the flow: write it under `equations:`, by the flow's name";
      else
        error.help = suggestion(diagnostics, k.text, names);
      if (error.help.empty()) error.help = fmt::format("known here: {}", listing(names));
      continue;
    }
    if (spec->later) {
      diagnostics.error("not-available", k.where, fmt::format("`{}` is not available yet", k.text)).why =
          fmt::format("the language has it ({}), this version does not compute it", spec->doc);
      continue;
    }
    check_shape(*node.values[i], spec->shape, fmt::format("`{}`", shown(k.text)), true, diagnostics);
  }
  if (!complete) return;
  for (const KeySpec& spec : shape.keys) {
    if (!spec.required || node.find_key(spec.name)) continue;
    Location where = node.where;
    if (!node.keys.empty()) where = node.keys.front()->where;
    diagnostics.error("missing-key", where, fmt::format("{} needs `{}:`", what, spec.name)).help =
        fmt::format("{}: {}", spec.name, spec.shape.expected);
  }
}

using nlohmann::ordered_json;

ordered_json schema_of(const Shape& shape) {
  ordered_json result = ordered_json::object();
  switch (shape.kind) {
    case Kind::text:
    case Kind::name:
    case Kind::unit:
    case Kind::file:
      result["type"] = {"string", "number", "boolean"};
      break;
    case Kind::value:
    case Kind::formula:
    case Kind::condition:
      result["type"] = {"string", "number"};
      break;
    case Kind::number:
      result["type"] = "number";
      break;
    case Kind::integer:
      result["type"] = "integer";
      break;
    case Kind::boolean:
      result["type"] = "boolean";
      break;
    case Kind::nothing:
      result["type"] = "null";
      break;
    case Kind::choice:
      result["enum"] = shape.choices;
      break;
    case Kind::list:
      result["type"] = "array";
      result["items"] = schema_of(*shape.item);
      break;
    case Kind::entries:
      result["type"] = "object";
      result["additionalProperties"] = schema_of(*shape.item);
      break;
    case Kind::map: {
      result["type"] = "object";
      ordered_json properties = ordered_json::object();
      std::vector<std::string> needed;
      for (const KeySpec& spec : shape.keys) {
        ordered_json property = schema_of(spec.shape);
        property["description"] = spec.later ? spec.doc + " (not available yet)" : spec.doc;
        properties[spec.name] = std::move(property);
        if (spec.required) needed.push_back(spec.name);
      }
      result["properties"] = std::move(properties);
      if (!needed.empty()) result["required"] = needed;
      result["additionalProperties"] = false;
      break;
    }
    case Kind::any_of: {
      ordered_json any = ordered_json::array();
      for (const Shape& s : shape.any) any.push_back(schema_of(s));
      result["anyOf"] = std::move(any);
      break;
    }
    case Kind::anything:
      break;
  }
  return result;
}

}  // namespace

const std::vector<std::string>& distribution_keys() {
  static const std::vector<std::string> keys = {"normal",    "lognormal", "uniform", "triangular",
                                                "beta",      "gamma",     "pert",    "discrete",
                                                "empirical", "dirichlet", "pedigree"};
  return keys;
}

const Shape& model_shape() {
  static const Shape shape = build_model_shape();
  return shape;
}

const Shape& figures_shape() {
  static const Shape shape = build_figures_shape();
  return shape;
}

const std::vector<std::string>& figure_kind_names() {
  static const std::vector<std::string> names = {"sankey",      "stacked",       "lines", "multiples",
                                                 "trade",       "supply-demand", "fan",   "tornado",
                                                 "checkpoints", "limits",        "sweep", "system"};
  return names;
}

const Shape& entry_shape(const std::string& section_name) {
  static const Shape none;
  for (const KeySpec& spec : model_shape().keys) {
    if (spec.name != section_name) continue;
    for (const Shape& alternative : spec.shape.any)
      if (alternative.kind == Kind::entries) return *alternative.item;
  }
  return none;
}

std::vector<std::string> entry_keys(const std::string& section_name) {
  std::vector<std::string> result;
  const Shape& shape = entry_shape(section_name);
  const auto collect = [&](const Shape& s) {
    for (const KeySpec& spec : s.keys) result.push_back(spec.name);
  };
  collect(shape);
  for (const Shape& alternative : shape.any) collect(alternative);
  return result;
}

std::string listing(const std::vector<std::string>& names) {
  constexpr std::size_t most = 40;
  if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{}, and {} more", fmt::join(names.begin(), names.begin() + most, ", "),
                     names.size() - most);
}

std::string shown(const std::string& text) {
  constexpr std::size_t most = 80;
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

bool few_enough(const Diagnostics& diagnostics, std::size_t names) {
  constexpr std::size_t most_comparisons = 200'000;  // a file full of mistakes must not take minutes
  return names * (diagnostics.error_count() + 1) <= most_comparisons;
}

std::string suggestion(const Diagnostics& diagnostics, const std::string& word,
                       const std::vector<std::string>& names) {
  if (!few_enough(diagnostics, names.size())) return "";
  return did_you_mean(word, names);
}

bool read_boolean(const std::string& word, bool& value) {
  static const std::vector<std::string> yes = {"true", "True", "TRUE", "yes", "Yes", "是"};
  static const std::vector<std::string> no = {"false", "False", "FALSE", "no", "No", "否"};
  value = std::find(yes.begin(), yes.end(), word) != yes.end();
  return value || std::find(no.begin(), no.end(), word) != no.end();
}

void check_shape(const YamlNode& node, const Shape& shape, const std::string& what, bool complete,
                 Diagnostics& diagnostics) {
  if (!takes(shape, node)) {
    wrong_kind(node, shape, what, diagnostics);
    return;
  }
  switch (shape.kind) {
    case Kind::any_of: {
      const Shape* best = nullptr;
      int least = 0;
      for (const Shape& alternative : shape.any) {
        if (!takes(alternative, node)) continue;
        const int fit = misfit(alternative, node);
        if (!best || fit < least) {
          best = &alternative;
          least = fit;
        }
      }
      check_shape(node, *best, what, complete, diagnostics);
      return;
    }
    case Kind::choice: {
      if (std::find(shape.choices.begin(), shape.choices.end(), node.text) != shape.choices.end()) return;
      Diagnostic& error = diagnostics.error("unknown-option", node.where,
                                            fmt::format("{} cannot be `{}`", what, shown(node.text)));
      error.help = suggestion(diagnostics, node.text, shape.choices);
      if (error.help.empty()) error.help = fmt::format("{}", shape.expected);
      return;
    }
    case Kind::boolean: {
      bool value = false;
      if (!read_boolean(node.text, value))
        diagnostics.error("unknown-option", node.where,
                          fmt::format("{} must be true or false, not `{}`", what, shown(node.text)));
      return;
    }
    case Kind::list:
      for (const YamlPtr& item : node.values)
        check_shape(*item, *shape.item, "each part of " + what, complete, diagnostics);
      return;
    case Kind::entries:
      for (std::size_t i = 0; i < node.keys.size(); ++i)
        check_shape(*node.values[i], *shape.item, fmt::format("`{}`", shown(node.keys[i]->text)), complete,
                    diagnostics);
      return;
    case Kind::map:
      check_keys(node, shape, what, complete, diagnostics);
      return;
    default:
      return;
  }
}

namespace {

std::string schema_text(const Shape& shape, const char* title, const char* description) {
  ordered_json result = ordered_json::object();
  result["$schema"] = "http://json-schema.org/draft-07/schema#";
  result["title"] = title;
  result["description"] = description;
  const ordered_json body = schema_of(shape);
  for (auto it = body.begin(); it != body.end(); ++it) result[it.key()] = it.value();
  return result.dump(2) + "\n";
}

}  // namespace

std::string json_schema() {
  return schema_text(model_shape(), "Lode model", "A model of material flows: model.yaml of a case folder.");
}
std::string figures_schema() {
  return schema_text(figures_shape(), "Lode figures", "The figures of a case: figures.yaml of its folder.");
}

}  // namespace lode
