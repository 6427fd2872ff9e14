// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/language/indicators.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

const ExpressionPtr* keyword(const Expression& expression, std::string_view name) {
  for (const auto& [key, value] : expression.keywords)
    if (key.id == name) return &value;
  return nullptr;
}

}  // namespace

NodePtr Binder::compound(const NodePtr& rate, const NodePtr& span, const Location& where) {
  const NodePtr one = make_constant(1, Unit(), where);
  const NodePtr base = make_map(Function::add, {one, rate}, where);
  return make_map(Function::power, {base, span}, where);
}

NodePtr Binder::bind_call(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Location& where = expression.where;
  BindContext part = context;
  part.whole = false;
  const auto argument = [&](std::size_t i) { return bind(*expression.operands[i], part); };
  const auto keyword_argument = [&](std::string_view key) -> NodePtr {
    const auto* found = keyword(expression, key);
    return found ? bind(**found, part) : nullptr;
  };

  if (const Indicator* indicator = find_indicator(name))
    return bind_indicator(*indicator, expression, context);
  if (name == "residual" || name == "inputs" || name == "outputs")
    return bind_process_call(expression, context);
  const bool along_time =
      (name == "min" || name == "max" || name == "mean") &&
      ((expression.over.size() == 1 && expression.over[0].id == "time") || expression.from || expression.to);
  if (name == "total" || name == "cumulate" || name == "first_year" || name == "last_year" ||
      name == "max_year" || name == "min_year" || along_time)
    return bind_over_time(expression, part);
  if (name == "sum_to") return bind_sum_to(expression, part);
  if (name == "sum" || name == "mean" || name == "share" ||
      ((name == "min" || name == "max") && (!expression.over.empty() || !expression.by.empty())))
    return bind_reduction(expression, part);

  if (name == "min" || name == "max") {
    NodePtr node = argument(0);
    if (!node || !expect_number(node, "`min` and `max`")) return nullptr;
    for (std::size_t i = 1; i < expression.operands.size(); ++i) {
      const NodePtr next = argument(i);
      if (!next || !expect_number(next, "`min` and `max`")) return nullptr;
      if (!node->any_unit && !next->any_unit && !units_agree(node->unit, next->unit, context.cells)) {
        auto& diagnostic = diagnostics_.error("unit-mismatch", next->where,
                                              fmt::format("`{}` needs arguments in the same unit", name));
        diagnostic.labels.front().text = unit_text(next->unit);
        diagnostic.labels.push_back({node->where, unit_text(node->unit)});
        return nullptr;
      }
      if (!check_broadcast({node, next}, where, name == "min" ? "`min`" : "`max`")) return nullptr;
      auto both = std::const_pointer_cast<Node>(
          make_map(name == "min" ? Function::minimum : Function::maximum, {node, next}, where));
      both->unit = node->any_unit ? next->unit : node->unit;
      both->any_unit = node->any_unit && next->any_unit;
      node = both;
    }
    return node;
  }
  if (name == "exp" || name == "log" || name == "log10") {
    const NodePtr x = argument(0);
    if (!x || !expect_dimensionless(x, fmt::format("`{}`", name).c_str(), part)) return nullptr;
    return make_map(name == "exp"   ? Function::exp
                    : name == "log" ? Function::log
                                    : Function::log10,
                    {x}, where);
  }
  if (name == "sqrt") {
    const NodePtr x = argument(0);
    if (!x || !expect_number(x, "`sqrt`")) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(Function::sqrt, {x}, where));
    std::vector<UnitFactor> halves;
    for (UnitFactor factor : x->unit.factors()) {
      if (factor.power % 2 != 0) {
        diagnostics_.error("unit-mismatch", x->where, "the root of this unit is no unit")
            .labels.front()
            .text = x->unit.str();
        return nullptr;
      }
      factor.power /= 2;
      halves.push_back(factor);
    }
    node->unit = Unit(1, halves);
    return node;
  }
  if (name == "abs") {
    const NodePtr x = argument(0);
    if (!x || !expect_number(x, "`abs`")) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(Function::absolute, {x}, where));
    node->unit = x->unit;
    return node;
  }
  if (name == "clamp") {
    const NodePtr x = argument(0), low = argument(1), high = argument(2);
    if (!x || !low || !high) return nullptr;
    for (const NodePtr& bound : {low, high})
      if (!bound->any_unit && !units_agree(x->unit, bound->unit, context.cells)) {
        auto& diagnostic = diagnostics_.error("unit-mismatch", bound->where,
                                              "the limits of `clamp` need the unit of its first argument");
        diagnostic.labels.front().text = unit_text(bound->unit);
        diagnostic.labels.push_back({x->where, unit_text(x->unit)});
        return nullptr;
      }
    if (!check_broadcast({x, low, high}, where, "`clamp`")) return nullptr;
    auto raised = std::const_pointer_cast<Node>(make_map(Function::maximum, {x, low}, where));
    raised->unit = x->unit;
    auto node = std::const_pointer_cast<Node>(make_map(Function::minimum, {raised, high}, where));
    node->unit = x->unit;
    return node;
  }
  if (name == "known") {
    const NodePtr x = argument(0);
    if (!x) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(Function::known, {x}, where));
    node->type = Node::Type::truth;
    node->may_be_absent = false;
    return node;
  }
  if (name == "prev") {
    const NodePtr first = keyword_argument("first");
    if (first) assume_type(*expression.operands[0], first);
    const NodePtr x = argument(0);
    if (!x) return nullptr;
    if (!x->dims.time) {
      diagnostics_.error("no-time", x->where, "`prev` needs something that changes over time")
          .labels.front()
          .text = over_text(x->dims, dims(), "one value");
      return nullptr;
    }
    std::vector<std::int32_t> periods;
    for (std::size_t p = 0; p < dims().periods(); ++p)
      periods.push_back(p == dims().lead ? -1 : static_cast<std::int32_t>(p) - 1);
    NodePtr lagged = make_lag(x, periods, where);
    if (!keyword(expression, "first")) return lagged;
    if (!first) return nullptr;
    if (!first->any_unit && !units_agree(first->unit, x->unit, context.cells)) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", first->where, "`first` needs the unit of what it begins");
      diagnostic.labels.front().text = unit_text(first->unit);
      diagnostic.labels.push_back({x->where, unit_text(x->unit)});
      return nullptr;
    }
    auto begin = std::make_shared<Node>();
    begin->kind = Node::Kind::condition;
    begin->type = Node::Type::truth;
    begin->dims.time = true;
    auto mask = std::make_shared<Mask>(1, dims().periods(), false);
    mask->set(0, 0);
    mask->set(0, dims().lead);
    begin->mask = mask;
    begin->where = where;
    if (!check_broadcast({first, lagged}, where, "`prev(x, first = …)`")) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(Function::select, {begin, first, lagged}, where));
    node->unit = x->unit;
    return node;
  }
  if (name == "compound") {
    const NodePtr rate = argument(0);
    if (!rate || !expect_number(rate, "`compound`")) return nullptr;
    const Unit& per_year = per_year_unit();
    if (!rate->any_unit && !units_agree(rate->unit, per_year, context.cells)) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", rate->where, "`compound` needs a rate of growth per year");
      diagnostic.labels.front().text = rate->unit.dimensionless() ? "no unit" : rate->unit.str();
      diagnostic.help = "declare the rate as `5 %/yr`, or with `unit: 1/yr`";
      return nullptr;
    }
    NodePtr span = make_step_node(where);
    if (expression.operands.size() > 1) {
      span = argument(1);
      if (!span || !expect_number(span, "a span")) return nullptr;
      if (!span->any_unit && !span->unit.same_kind(year_unit())) {
        diagnostics_
            .error("unit-mismatch", span->where, "the span of `compound` is a duration such as `time - 2017`")
            .labels.front()
            .text = span->unit.dimensionless() ? "no unit" : span->unit.str();
        return nullptr;
      }
    }
    return compound(rate, span, where);
  }
  if (name == "growth_rate") {
    const NodePtr x = argument(0);
    if (!x || !expect_number(x, "`growth_rate`")) return nullptr;
    std::vector<int> years;
    if (!x->dims.time) {
      diagnostics_.error("no-time", x->where, "`growth_rate` needs something that changes over time")
          .labels.front()
          .text = over_text(x->dims, dims(), "one value");
      return nullptr;
    }
    for (std::size_t i = 1; i <= 2; ++i) {
      const Expression& year = *expression.operands[i];
      const auto period = year.kind == Expression::Kind::number
                              ? dims().year_index(static_cast<int>(year.number))
                              : std::nullopt;
      if (!period) {
        diagnostics_.error(
            "unknown-year", year.where,
            fmt::format("this is no year of this model ({}–{})", dims().first_year(), dims().last_year()));
        return nullptr;
      }
      years.push_back(static_cast<int>(*period));
    }
    NodePtr periods = keyword_argument("periods");
    if (keyword(expression, "periods") && !periods) return nullptr;
    if (!periods)
      periods = make_constant(
          dims().years[static_cast<std::size_t>(years[1])] - dims().years[static_cast<std::size_t>(years[0])],
          Unit(), where);
    const NodePtr ratio = make_map(Function::divide,
                                   {at_year(x, static_cast<std::size_t>(years[1]), where),
                                    at_year(x, static_cast<std::size_t>(years[0]), where)},
                                   where);
    const NodePtr one = make_constant(1, Unit(), where);
    const NodePtr root = make_map(Function::divide, {one, periods}, where);
    auto node = std::const_pointer_cast<Node>(
        make_map(Function::subtract, {make_map(Function::power, {ratio, root}, where), one}, where));
    node->unit = per_year_unit();
    return node;
  }
  if (name == "logistic") {
    // ceiling / (1 + exp(−rate (x − middle)))
    const NodePtr x = argument(0), ceiling = keyword_argument("ceiling"), rate = keyword_argument("rate"),
                  middle = keyword_argument("middle");
    if (!x || !ceiling || !rate || !middle) return nullptr;
    const NodePtr distance = make_map(Function::subtract, {x, middle}, where);
    const Unit& yr = year_unit();
    const Unit driver = x->type == Node::Type::year ? yr : x->unit;
    if (!units_agree(rate->unit * driver, Unit(), context.cells)) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", rate->where, "`rate` must undo the unit of the driver");
      diagnostic.labels.front().text = unit_text(rate->unit);
      diagnostic.labels.push_back({x->where, unit_text(driver)});
      return nullptr;
    }
    // A year may be written as a number, or stand in a parameter counted in years.
    const bool is_middle = x->type == Node::Type::year
                               ? middle->type == Node::Type::year || middle->kind == Node::Kind::constant ||
                                     units_agree(middle->unit, driver, context.cells)
                               : middle->any_unit || units_agree(middle->unit, driver, context.cells);
    if (!is_middle || middle->type == Node::Type::truth) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", middle->where, "`middle` needs the unit of the driver");
      diagnostic.labels.front().text = unit_text(middle->unit);
      diagnostic.labels.push_back({x->where, unit_text(driver)});
      return nullptr;
    }
    const NodePtr one = make_constant(1, Unit(), where);
    const NodePtr slope =
        make_map(Function::negate, {make_map(Function::multiply, {rate, distance}, where)}, where);
    const NodePtr bottom = make_map(Function::add, {one, make_map(Function::exp, {slope}, where)}, where);
    auto node = std::const_pointer_cast<Node>(make_map(Function::divide, {ceiling, bottom}, where));
    node->unit = ceiling->unit;
    return node;
  }
  if (name == "gompertz") {
    // saturation · exp(alpha · exp(beta · x))
    const NodePtr x = argument(0), saturation = keyword_argument("saturation"),
                  alpha = keyword_argument("alpha"), beta = keyword_argument("beta");
    if (!x || !saturation || !alpha || !beta) return nullptr;
    if (!expect_number(x, "`gompertz`") || !expect_dimensionless(alpha, "`alpha`", part)) return nullptr;
    if (!units_agree(beta->unit * x->unit, Unit(), context.cells)) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", beta->where, "`beta` must undo the unit of the driver");
      diagnostic.labels.front().text = unit_text(beta->unit);
      diagnostic.labels.push_back({x->where, unit_text(x->unit)});
      return nullptr;
    }
    const NodePtr inner = make_map(Function::exp, {make_map(Function::multiply, {beta, x}, where)}, where);
    const NodePtr outer =
        make_map(Function::exp, {make_map(Function::multiply, {alpha, inner}, where)}, where);
    auto node = std::const_pointer_cast<Node>(make_map(Function::multiply, {saturation, outer}, where));
    node->unit = saturation->unit;
    return node;
  }
  if (name == "bass") {
    const NodePtr x = argument(0), ceiling = keyword_argument("ceiling"), start = keyword_argument("start"),
                  innovation = keyword_argument("innovation"), imitation = keyword_argument("imitation");
    if (!x || !ceiling || !start || !innovation || !imitation) return nullptr;
    const Unit& yr = year_unit();
    const bool is_year = x->type == Node::Type::year;
    const Unit driver = is_year ? yr : x->unit;
    const bool is_start = is_year ? start->type == Node::Type::year || start->kind == Node::Kind::constant ||
                                        units_agree(start->unit, driver, context.cells)
                                  : start->any_unit || units_agree(start->unit, driver, context.cells);
    if (!is_start || start->type == Node::Type::truth) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", start->where, "`start` needs the unit of the driver");
      diagnostic.labels.front().text = unit_text(start->unit);
      diagnostic.labels.push_back({x->where, unit_text(driver)});
      return nullptr;
    }
    for (const auto& [rate, called] :
         {std::pair(innovation, "innovation"), std::pair(imitation, "imitation")}) {
      if (units_agree(rate->unit * driver, Unit(), context.cells)) continue;
      auto& diagnostic = diagnostics_.error("unit-mismatch", rate->where,
                                            fmt::format("`{}` must undo the unit of the driver", called));
      diagnostic.labels.front().text = unit_text(rate->unit);
      diagnostic.labels.push_back({x->where, unit_text(driver)});
      return nullptr;
    }
    const NodePtr zero = make_constant(0, Unit(), where), one = make_constant(1, Unit(), where);
    // Before the start nothing is adopted: the span since is held at zero, where the curve begins.
    const NodePtr span =
        make_map(Function::maximum, {make_map(Function::subtract, {x, start}, where), zero}, where);
    const NodePtr both = make_map(Function::add, {innovation, imitation}, where);
    const NodePtr decay = make_map(
        Function::exp,
        {make_map(Function::negate, {make_map(Function::multiply, {both, span}, where)}, where)}, where);
    const NodePtr top = make_map(Function::subtract, {one, decay}, where);
    const NodePtr ratio = make_map(Function::divide, {imitation, innovation}, where);
    const NodePtr bottom =
        make_map(Function::add, {one, make_map(Function::multiply, {ratio, decay}, where)}, where);
    const auto node = std::const_pointer_cast<Node>(
        make_map(Function::multiply, {ceiling, make_map(Function::divide, {top, bottom}, where)}, where));
    node->unit = ceiling->unit;
    return node;
  }
  if (name == "ramp") return bind_ramp(expression, part);
  if (name == "rank") return bind_rank(expression, part);
  if (name == "repeat") {
    const NodePtr x = argument(0);
    if (!x) return nullptr;
    const auto over = bind_over(expression.over);
    if (!over) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_lag(x, {}, where));
    node->dims.time = node->dims.time || over->time;
    for (const DimensionId id : over->labels)
      if (aligned_axis(node->dims, id, dims())) {
        diagnostics_.error("repeated-dimension", where,
                           fmt::format("`{}` is over `{}` already", source_text(x->where), dims()[id].name));
        return nullptr;
      } else {
        node->dims.insert(id);
      }
    return node;
  }
  if (name == "split") {
    // x · shares / Σ shares, the sum over the dimensions that x lacks
    const NodePtr x = argument(0);
    if (!x || expression.by.empty()) return nullptr;
    Expression by;
    by.kind = Expression::Kind::name;
    by.text = expression.by[0].id;
    by.where = expression.by[0].where;
    const NodePtr shares = bind(by, part);
    if (!shares || !expect_number(shares, "`split`")) return nullptr;
    DimSet kept;
    for (const DimensionId id : shares->dims.labels)
      if (aligned_axis(x->dims, id, dims())) kept.insert(id);
    const NodePtr total = reduce_to(shares, kept, Reduction::sum, where);
    auto node = std::const_pointer_cast<Node>(
        make_map(Function::divide, {make_map(Function::multiply, {x, shares}, where), total}, where));
    node->unit = x->unit;
    return node;
  }
  diagnostics_.error("unknown-function", where, fmt::format("no function is called `{}`", name));
  return nullptr;
}

NodePtr Binder::bind_indicator(const Indicator& indicator, const Expression& call,
                               const BindContext& context) {
  // Arguments stand several times in a formula, so that nesting multiplies the work.
  constexpr int most_nested = 8;
  if (indicators_open_ == most_nested) {
    diagnostics_
        .error("too-deep", call.where,
               fmt::format("indicators stand more than {} deep in one another", most_nested))
        .help = "give the inner ones names of their own under `equations:`";
    return nullptr;
  }
  const std::size_t errors = diagnostics_.error_count();
  ++indicators_open_;
  NodePtr node = bind(*expand(indicator, call), context);
  --indicators_open_;
  if (diagnostics_.error_count() > errors && indicators_open_ == 0)
    diagnostics_.note("indicator", call.where,
                      fmt::format("`{}` stands for `{}`", indicator.function.name, indicator.formula));
  return node;
}

/// Sums of an extension: over all dimensions but those asked for and layers. No formula can call it.
NodePtr Binder::bind_sum_to(const Expression& expression, const BindContext& context) {
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  DimSet target;
  for (const DimensionId axis : x->dims.labels)
    if (dims()[axis].balance_each) target.insert(axis);
  for (const NameAt& kept : expression.over) {
    if (kept.id == "time") continue;
    const auto id = dims().find(kept.id);
    const auto axis = id ? aligned_axis(x->dims, *id, dims()) : std::nullopt;
    if (!axis) {
      const std::string text = print(*expression.operands[0]);
      auto& diagnostic = diagnostics_.error(
          id ? "missing-dimension" : "unknown-dimension", expression.where,
          id ? fmt::format("`{}` has no dimension `{}`, which sums are to keep", text, kept.id)
             : fmt::format("no dimension is called `{}`", kept.id));
      diagnostic.labels.push_back({kept.where, over_text(x->dims, dims(), "the part has no dimension")});
      diagnostic.help = id ? "drop it from `by:`, or give an intensity or flow that has it"
                           : did_you_mean(kept.id, dimension_names());
      return nullptr;
    }
    target.insert(*axis);
  }
  return reduce_to(x, target, Reduction::sum, expression.where);
}

NodePtr Binder::bind_reduction(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Location& where = expression.where;
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  if (x->type == Node::Type::year) {
    expect_number(x, fmt::format("`{}`", name).c_str());
    return nullptr;
  }
  DimSet target = x->dims;
  struct Grouping {
    DimensionId source, group;
  };
  std::optional<Grouping> grouping;
  std::vector<DimensionId> summed;
  std::vector<DimensionId>
      asked;  // of each axis summed, the dimension whose labels count: the axis or a part of it
  for (const NameAt& over : expression.over) {
    if (over.id == "time") {
      auto& diagnostic =
          diagnostics_.error("sum-over-time", over.where, fmt::format("`{}` does not run over time", name));
      diagnostic.why = "years may differ in length, and a sum of rates is no amount";
      const std::string text = print(*expression.operands[0]);
      if (x->unit.power_of("yr") < 0)
        diagnostic.help = fmt::format("`total({} from {} to {})` makes an amount of a yearly flow", text,
                                      dims().first_year(), dims().last_year());
      else
        diagnostic.help = fmt::format("`mean({0} over time)` is its mean, `{0}[{1}]` one year's value", text,
                                      dims().last_year());
      return nullptr;
    }
    const auto id = dims().find(over.id);
    const auto axis = id ? aligned_axis(x->dims, *id, dims()) : std::nullopt;
    if (!axis) {
      std::vector<std::string> names;
      for (const DimensionId each : x->dims.labels) names.push_back(dims()[each].name);
      auto& diagnostic = diagnostics_.error(id ? "missing-dimension" : "unknown-dimension", over.where,
                                            id ? fmt::format("what is summed has no dimension `{}`", over.id)
                                               : fmt::format("no dimension is called `{}`", over.id));
      diagnostic.labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      diagnostic.help = did_you_mean(over.id, id ? names : dimension_names());
      return nullptr;
    }
    if (name == "share" && !dims().contains(*id, *axis)) {
      auto& diagnostic =
          diagnostics_.error("missing-dimension", over.where,
                             fmt::format("`{}` is only a part of `{}`: outside it there is no share", over.id,
                                         dims()[*axis].name));
      diagnostic.labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      diagnostic.help = fmt::format("`share(… over {})` of a quantity that is over `{}`", over.id, over.id);
      return nullptr;
    }
    summed.push_back(*axis);
    asked.push_back(*id);
    target.erase(*axis);
  }
  for (const NameAt& by : expression.by) {
    const auto id = dims().find(by.id);
    if (!id || dims()[*id].kind != Dimension::Kind::groups) {
      auto& diagnostic = diagnostics_.error("unknown-dimension", by.where,
                                            id ? fmt::format("`{}` does not group another dimension", by.id)
                                               : fmt::format("no dimension is called `{}`", by.id));
      diagnostic.help =
          !id ? did_you_mean(by.id, dimension_names())
          : aligned_axis(x->dims, *id, dims())
              ? fmt::format("`over {}` sums it up; `by` takes a dimension declared as `{{groups: …}}`", by.id)
              : "`by` takes a dimension declared as `{groups: …}`";
      return nullptr;
    }
    const auto axis = aligned_axis(x->dims, dims()[*id].parent, dims());
    if (!axis) {
      diagnostics_
          .error("missing-dimension", by.where,
                 fmt::format("`{}` groups `{}`, which `{}` does not have", by.id,
                             dims()[dims()[*id].parent].name, source_text(x->where)))
          .labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      return nullptr;
    }
    grouping = Grouping{*axis, *id};
    if (std::find(summed.begin(), summed.end(), *axis) == summed.end()) {
      summed.push_back(*axis);
      asked.push_back(*axis);
    }
    target.erase(*axis);
    target.insert(*id);
  }
  LODE_EXPECT(!summed.empty());  // the parser asks for `over` or `by`
  for (const DimensionId id : summed)
    if (dims()[id].balance_each) {
      auto& diagnostic = diagnostics_.error(
          "sum-over-layers", where,
          fmt::format("layers are never summed: each label of `{}` closes by itself", dims()[id].name));
      diagnostic.help =
          fmt::format("`{}[{}]` is one of them", source_text(x->where), dims()[id].labels.front());
      return nullptr;
    }
  std::optional<StaticMask> filter;
  if (expression.filter) {
    filter = bind_condition(*expression.filter);
    if (!filter) return nullptr;
    bool good = !filter->dims.time;
    for (const DimensionId id : filter->dims.labels) good = good && aligned_axis(x->dims, id, dims());
    if (!good) {
      diagnostics_
          .error("bad-condition", expression.filter->where,
                 "`where` inside a sum may speak only of the labels of what is summed")
          .labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      return nullptr;
    }
  }
  // The unit must be the same for all that is added up.
  Unit unit = x->unit;
  const StaticMask* cells = filter ? &*filter : context.cells;
  for (std::size_t each = 0; each < summed.size(); ++each) {
    const DimensionId id = summed[each];
    const DimensionId root = dims()[id].root;
    const Dimension& counted = dims().contains(id, asked[each]) ? dims()[asked[each]] : dims()[id];
    for (const auto& [column, texts] : dims()[root].attributes) {
      const std::string symbol = symbol_of(root, column);
      if (unit.power_of(symbol) == 0) continue;
      std::optional<Unit> common;
      std::string first_label;
      std::vector<std::size_t> active = active_labels(root, cells);
      for (const std::size_t label : active) {
        const bool counts = std::find(counted.to_root.begin(), counted.to_root.end(),
                                      static_cast<std::int32_t>(label)) != counted.to_root.end();
        if (!counts) continue;
        const auto concrete = unit_of_label(root, column, label);
        if (!concrete) continue;
        if (!common) {
          common = concrete;
          first_label = dims()[root].labels[label];
        } else if (!common->same_kind(*concrete)) {
          auto& diagnostic = diagnostics_.error(
              "unit-mismatch", x->where,
              fmt::format("`{}` is counted in {}, `{}` in {}: they do not add up", first_label, common->str(),
                          dims()[root].labels[label], concrete->str()));
          diagnostic.labels.front().text = x->unit.str();
          diagnostic.help = "multiply by a content first, or sum a part with `where`";
          return nullptr;
        }
      }
      if (common) unit = unit.substitute(symbol, *common).internal();
    }
  }
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::reduce;
  node->reduction = name == "mean"  ? Reduction::mean
                    : name == "min" ? Reduction::minimum
                    : name == "max" ? Reduction::maximum
                                    : Reduction::sum;
  node->dims = target;
  node->unit = unit;
  node->where = where;
  node->sources.resize(target.series(dims()));
  std::vector<std::int32_t> filter_map;
  if (filter) filter_map = series_map(x->dims, filter->dims, dims());
  std::vector<std::vector<std::int32_t>> places(
      x->dims.labels.size());  // of each label in the part asked for
  for (std::size_t k = 0; k < places.size(); ++k)
    if (const auto at = std::find(summed.begin(), summed.end(), x->dims.labels[k]); at != summed.end())
      places[k] = dims().alignment(*at, asked[static_cast<std::size_t>(at - summed.begin())]);
  const std::size_t n = x->dims.series(dims());
  for (std::size_t s = 0; s < n; ++s) {
    if (filter && (filter_map[s] < 0 || !filter->mask.at(static_cast<std::size_t>(filter_map[s]), 0)))
      continue;
    const auto index = x->dims.unravel(s, dims());
    bool counts = true;
    for (std::size_t k = 0; k < places.size(); ++k)
      counts = counts && (places[k].empty() || places[k][index[k]] >= 0);
    if (!counts) continue;
    std::size_t at = 0;
    for (const DimensionId id : target.labels) {
      std::size_t label = 0;
      for (std::size_t k = 0; k < x->dims.labels.size(); ++k) {
        if (grouping && id == grouping->group && x->dims.labels[k] == grouping->source) {
          // group_of is per label of the parent; the axis may be a subset of it
          const Dimension& axis = dims()[grouping->source];
          const Dimension& parent = dims()[dims()[grouping->group].parent];
          std::size_t parent_label = index[k];
          if (&axis != &parent) {
            const auto in_parent = dims().alignment(grouping->source, dims()[grouping->group].parent);
            parent_label = static_cast<std::size_t>(in_parent[index[k]]);
          }
          label = static_cast<std::size_t>(dims()[id].group_of[parent_label]);
        } else if (x->dims.labels[k] == id) {
          label = index[k];
        }
      }
      at = at * dims()[id].size() + label;
    }
    node->sources[at].push_back(static_cast<std::int32_t>(s));
  }
  if (name == "min" || name == "max" || name == "mean")
    for (std::size_t s = 0; s < node->sources.size(); ++s)
      if (node->sources[s].empty()) {
        DimSet labels = target;
        labels.time = false;
        const std::string cell = cell_name(labels, s, 0, dims());
        auto& diagnostic = diagnostics_.error(
            "empty-reduction", where,
            fmt::format("`{}` has nothing to choose from{}", name, cell.empty() ? "" : " at " + cell));
        diagnostic.why = filter ? "no label satisfies the condition" : "the group is empty";
        return nullptr;
      }
  node->operands = {x};
  if (name != "share") return node;
  NodePtr total = node;
  if (grouping) {
    // Each label reads its group's sum.
    auto back = std::const_pointer_cast<Node>(make_lag(total, {}, where));
    back->dims = x->dims;
    for (Pick& pick : back->picks) {
      if (pick.target != grouping->group) continue;
      pick.target = grouping->source;
      pick.index.clear();
      const auto in_parent = dims().alignment(grouping->source, dims()[grouping->group].parent);
      for (const std::int32_t label : in_parent)
        pick.index.push_back(dims()[grouping->group].group_of[static_cast<std::size_t>(label)]);
    }
    total = back;
  }
  return make_map(Function::divide, {x, total}, where);
}

NodePtr Binder::bind_over_time(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Location& where = expression.where;
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::over_time;
  node->where = where;
  node->dims = x->dims;
  node->dims.time = false;
  node->unit = x->unit;
  node->first = dims().lead;
  node->last = dims().periods() - 1;
  if (!x->dims.time) {
    diagnostics_.error("no-time", x->where, fmt::format("`{}` needs something that changes over time", name))
        .labels.front()
        .text = over_text(x->dims, dims(), "one value");
    return nullptr;
  }
  const auto year_of = [&](const ExpressionPtr& text, std::size_t fallback) -> std::optional<std::size_t> {
    if (!text) return fallback;
    const auto period = text->kind == Expression::Kind::number
                            ? dims().year_index(static_cast<int>(text->number))
                            : std::nullopt;
    if (!period)
      diagnostics_.error(
          "unknown-year", text->where,
          fmt::format("this is no year of this model ({}–{})", dims().first_year(), dims().last_year()));
    return period;
  };
  const auto first = year_of(expression.from, node->first), last = year_of(expression.to, node->last);
  if (!first || !last) return nullptr;
  node->first = *first;
  node->last = *last;
  if (node->first > node->last) {
    diagnostics_.error("empty-span", where, "`from` comes after `to`");
    return nullptr;
  }
  if (name == "total" || name == "cumulate") {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    if (x->unit.power_of("yr") >= 0) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", x->where, fmt::format("`{}` adds up a rate over years", name));
      diagnostic.labels.front().text = x->unit.dimensionless() ? "no unit" : x->unit.str();
      diagnostic.why = "only what is per year becomes an amount";
      diagnostic.help = fmt::format("`mean({0} over time)` is its mean, `{0}[{1}]` one year's value",
                                    print(*expression.operands[0]), dims().last_year());
      return nullptr;
    }
    node->time_function = name == "total" ? TimeFunction::total : TimeFunction::cumulate;
    node->unit = (x->unit * year_unit()).internal();
    node->dims.time = name == "cumulate";
  } else if (name == "first_year" || name == "last_year") {
    if (x->type != Node::Type::truth) {
      auto& diagnostic = diagnostics_.error("not-a-condition", x->where,
                                            fmt::format("`{}` needs a condition such as `gap > 0`", name));
      diagnostic.help = "`max_year(x)` is the year of the largest value";
      return nullptr;
    }
    node->time_function = name == "first_year" ? TimeFunction::first_year : TimeFunction::last_year;
    node->type = Node::Type::year;
    node->unit = Unit();
    node->may_be_absent = true;
  } else if (name == "max_year" || name == "min_year") {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    node->time_function = name == "max_year" ? TimeFunction::max_year : TimeFunction::min_year;
    node->type = Node::Type::year;
    node->unit = Unit();
  } else {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    node->time_function = name == "mean"  ? TimeFunction::mean
                          : name == "min" ? TimeFunction::minimum
                                          : TimeFunction::maximum;
  }
  node->operands = {x};
  return node;
}

}  // namespace lode
