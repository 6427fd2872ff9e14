// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/language/indicators.hpp"

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

}  // namespace lode
