// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

namespace {

NodePtr condition_node(std::optional<StaticMask> mask, const Location& where) {
  if (!mask) return nullptr;
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::condition;
  node->type = Node::Type::truth;
  node->dims = std::move(mask->dims);
  node->mask = std::make_shared<Mask>(std::move(mask->mask));
  node->where = where;
  return node;
}

}  // namespace

std::vector<std::string> Binder::value_names() const {
  std::vector<std::string> names{"time"};
  for (const auto& [name, id] : quantity_ids_)
    if (name.front() != '@') names.push_back(name);
  for (const auto& [name, id] : leaf_ids_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string source_text(const Location& where) {
  constexpr std::size_t longest = 50;
  if (!where.file || where.length == 0 || where.length > longest) return "…";
  std::string text = where.file->text().substr(where.offset, where.length);
  return text.find('\n') == std::string::npos ? text : "…";
}

std::string over_text(const DimSet& set, const Dimensions& dimensions, const char* none) {
  return set.scalar() ? none : "over " + set.str(dimensions);
}

std::string unit_text(const Unit& unit) {
  return unit.dimensionless() ? "no unit" : unit.str();
}

bool Binder::declares_number(std::string_view name) const {
  const auto is = [&](const auto& declaration) { return declaration.name.id == name; };
  return std::any_of(model().parameters.begin(), model().parameters.end(), is) ||
         std::any_of(model().flows.begin(), model().flows.end(), is) ||
         std::any_of(model().equations.begin(), model().equations.end(), is) ||
         std::any_of(model().stocks.begin(), model().stocks.end(),
                     [&](const StockDecl& stock) { return stock.name.id == name.substr(0, name.find('.')); });
}

NodePtr Binder::make_constant(double value, const Unit& unit, const Location& where) const {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::constant;
  node->value = value;
  node->unit = unit;
  node->where = where;
  return node;
}

NodePtr Binder::make_year_node(const Location& where) const {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::year;
  node->type = Node::Type::year;
  node->dims.time = true;
  node->where = where;
  return node;
}

NodePtr Binder::make_step_node(const Location& where) const {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::step;
  node->dims.time = true;
  node->unit = year_unit();
  node->where = where;
  return node;
}

NodePtr Binder::make_map(Function function, std::vector<NodePtr> operands, const Location& where) const {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::map;
  node->function = function;
  node->where = where;
  for (const NodePtr& operand : operands) {
    node->dims = unify(node->dims, operand->dims, dims());
    node->may_be_absent = node->may_be_absent || operand->may_be_absent;
  }
  if (too_large(node->dims, where, "this")) node->dims = DimSet();  // reported: nothing of it will be planned
  node->operands = std::move(operands);
  return node;
}

NodePtr Binder::quantity_node(std::size_t id, const Location& where) {
  ensure_typed(id, where);
  if (open_.count(id)) read_open_.insert(id);
  const Quantity& quantity = bound_.quantities[id];
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::quantity;
  node->id = id;
  node->dims = quantity.dims;
  node->unit = quantity.unit.internal();
  node->type = quantity.type;
  node->may_be_absent = quantity.may_be_absent;
  node->where = where;
  return node;
}

NodePtr Binder::make_lag(NodePtr operand, const std::vector<std::int32_t>& periods,
                         const Location& where) const {
  auto node = std::make_shared<Node>(*operand);
  node->kind = Node::Kind::gather;
  node->where = where;
  node->picks.clear();
  node->any_unit = false;
  for (const DimensionId id : operand->dims.labels) {
    Pick pick;
    pick.target = id;
    pick.index.resize(dims()[id].size());
    for (std::size_t i = 0; i < pick.index.size(); ++i) pick.index[i] = static_cast<std::int32_t>(i);
    node->picks.push_back(std::move(pick));
  }
  node->periods = periods;
  node->fixed_period.reset();
  node->operands = {std::move(operand)};
  return node;
}

NodePtr Binder::at_year(NodePtr operand, std::size_t period, const Location& where) const {
  auto node = std::const_pointer_cast<Node>(make_lag(std::move(operand), {}, where));
  node->fixed_period = period;
  node->dims.time = false;
  return node;
}

NodePtr Binder::select_label(NodePtr operand, DimensionId axis, std::size_t label,
                             const Location& where) const {
  auto node = std::const_pointer_cast<Node>(make_lag(std::move(operand), {}, where));
  for (Pick& pick : node->picks)
    if (pick.target == axis) {
      pick.fixed = label;
      pick.index.clear();
    }
  node->dims.erase(axis);
  const DimensionId root = dims()[axis].root;
  const auto root_label = static_cast<std::size_t>(dims()[axis].to_root[label]);
  for (const auto& [column, texts] : dims()[root].attributes) {
    const std::string symbol = symbol_of(root, column);
    if (node->unit.power_of(symbol) == 0) continue;
    if (const auto unit = unit_of_label(root, column, root_label))
      node->unit = node->unit.substitute(symbol, *unit).internal();
  }
  return node;
}

NodePtr Binder::rename_axis(NodePtr operand, DimensionId from, DimensionId to, const Location& where) const {
  if (from == to) return operand;
  auto node = std::const_pointer_cast<Node>(make_lag(std::move(operand), {}, where));
  for (Pick& pick : node->picks)
    if (pick.target == from) {
      pick.target = to;
      pick.along_time = to == time_dimension;
    }
  node->dims.erase(from);
  node->dims.insert(to);
  for (const auto& [column, texts] : dims()[from].attributes)
    node->unit = node->unit.rename_symbol(symbol_of(from, column), symbol_of(to, column));
  return node;
}

NodePtr Binder::reduce_to(NodePtr operand, const DimSet& target, Reduction reduction,
                          const Location& where) const {
  DimSet wanted = target;
  wanted.time = operand->dims.time;
  if (operand->dims == wanted) return operand;
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::reduce;
  node->reduction = reduction;
  node->dims = wanted;
  node->unit = operand->unit;
  node->type = operand->type;
  node->may_be_absent = false;
  node->where = where;
  // Which target series does each source series fall into?
  const std::size_t n = operand->dims.series(dims());
  node->sources.resize(wanted.series(dims()));
  struct Part {
    std::size_t position;
    std::vector<std::int32_t> to_target;
    std::size_t stride;
  };
  std::vector<Part> parts;
  std::size_t stride = 1;
  for (std::size_t k = wanted.labels.size(); k-- > 0;) {
    const auto axis = aligned_axis(operand->dims, wanted.labels[k], dims());
    std::size_t position = 0;
    while (operand->dims.labels[position] != *axis) ++position;
    parts.push_back({position, dims().alignment(*axis, wanted.labels[k]), stride});
    stride *= dims()[wanted.labels[k]].size();
  }
  for (std::size_t s = 0; s < n; ++s) {
    const auto index = operand->dims.unravel(s, dims());
    std::int64_t at = 0;
    for (const Part& part : parts) {
      const std::int32_t i = part.to_target[index[part.position]];
      if (i < 0) {
        at = -1;
        break;
      }
      at += i * static_cast<std::int64_t>(part.stride);
    }
    if (at >= 0) node->sources[static_cast<std::size_t>(at)].push_back(static_cast<std::int32_t>(s));
  }
  node->operands = {std::move(operand)};
  return node;
}

bool Binder::expect_number(const NodePtr& node, const char* what) {
  if (node->type == Node::Type::number) return true;
  auto& diagnostic = diagnostics_.error("not-a-quantity", node->where,
                                        node->type == Node::Type::year
                                            ? fmt::format("a calendar year cannot stand in {}", what)
                                            : fmt::format("a condition cannot stand in {}", what));
  diagnostic.help = node->type == Node::Type::year ? "`time - 2013` is a duration in years"
                                                   : "`if … then … else …` turns a condition into a value";
  return false;
}

bool Binder::expect_dimensionless(const NodePtr& node, const char* what, const BindContext& context) {
  if (!expect_number(node, what)) return false;
  if (node->any_unit || units_agree(node->unit, Unit(), context.cells)) return true;
  auto& diagnostic =
      diagnostics_.error("unit-mismatch", node->where, fmt::format("{} needs a plain number", what));
  diagnostic.labels.front().text = node->unit.str();
  return false;
}

bool Binder::check_broadcast(const std::vector<NodePtr>& operands, const Location& where, const char* what) {
  DimSet all;
  for (const NodePtr& operand : operands) all = unify(all, operand->dims, dims());
  for (const NodePtr& operand : operands) {
    // Constants and plain numbers may be copied, and anything along time; an amount is never copied along
    // labels.
    if (operand->kind == Node::Kind::constant || operand->type != Node::Type::number) continue;
    if (operand->unit.dimensionless()) continue;
    for (const DimensionId id : all.labels) {
      if (aligned_axis(operand->dims, id, dims())) continue;
      const bool covers = where.offset <= operand->where.offset && where.length > operand->where.length;
      auto& diagnostic = diagnostics_.error("dimensions-differ", covers ? operand->where : where,
                                            fmt::format("{} needs the same dimensions on both sides", what));
      if (covers) diagnostic.labels.clear();
      for (const NodePtr& each : operands) {
        Label label{each->where, over_text(each->dims, dims(), "no dimension")};
        diagnostic.labels.insert(
            covers && each == operand ? diagnostic.labels.begin() : diagnostic.labels.end(),
            std::move(label));
      }
      const bool compared = std::string_view(what) == "a comparison";
      diagnostic.why = compared ? "one amount for all would be compared with each of many"
                                : "copying an amount along a dimension would multiply it";
      const std::string& name = dims()[id].name;
      std::string longer = "…";
      for (const NodePtr& each : operands)
        if (aligned_axis(each->dims, id, dims())) longer = source_text(each->where);
      const std::string shorter = source_text(operand->where);
      if (compared)
        diagnostic.help = fmt::format("`repeat({2} over {1})` if it is meant so, else `sum({0} over {1})`",
                                      longer, name, shorter);
      else
        diagnostic.help = fmt::format(
            "`sum({0} over {1})` on the one side, or `repeat({2} over {1})` or `split({2} by shares)` on the "
            "other",
            longer, name, shorter);
      return false;
    }
  }
  return true;
}

NodePtr Binder::bind(const Expression& expression, const BindContext& context) {
  BindContext part = context;
  part.whole = false;
  switch (expression.kind) {
    case Expression::Kind::number: {
      auto node = std::const_pointer_cast<Node>(make_constant(expression.number, Unit(), expression.where));
      node->any_unit = expression.number == 0 && !expression.percent;
      return node;
    }
    case Expression::Kind::quoted: {
      auto& diagnostic = diagnostics_.error("label-as-value", expression.where,
                                            fmt::format("'{}' is a label, not a value", expression.text));
      diagnostic.help = "labels stand to the right of `dimension =`, or in `x['label']`";
      return nullptr;
    }
    case Expression::Kind::name:
      return bind_name(expression, context);
    case Expression::Kind::conditional:
      return bind_conditional(expression, part);
    case Expression::Kind::index:
      return bind_index(expression, part);
    case Expression::Kind::call:
      return bind_call(expression, context);
    case Expression::Kind::unary:
    case Expression::Kind::binary:
      return bind_arithmetic(expression, part);
  }
  return nullptr;
}

NodePtr Binder::bind_name(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  if (name == "time") return make_year_node(expression.where);
  if (const auto found = leaf_ids_.find(name); found != leaf_ids_.end()) {
    if (failed_leaves_.count(name)) return nullptr;  // said already
    const Leaf& leaf = bound_.leaves[found->second];
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::leaf;
    node->id = found->second;
    node->dims = leaf.dims;
    node->unit = leaf.unit.internal();
    node->may_be_absent = leaf.may_be_absent;
    node->where = expression.where;
    return node;
  }
  if (const auto found = quantity_ids_.find(name); found != quantity_ids_.end()) {
    const Quantity& named = bound_.quantities[found->second];
    if (context.flow && named.kind == Quantity::Kind::balance) {
      const Quantity& flow = bound_.quantities[*context.flow];
      for (const auto& end : {flow.from, flow.to}) {
        if (!end || bound_.processes[*end].balance != found->second) continue;
        const std::string& process = bound_.processes[*end].name;
        auto& diagnostic = diagnostics_.error(
            "own-balance", expression.where,
            fmt::format("`{}` counts `{}` itself, which stands at `{}`", name, flow.name, process));
        diagnostic.labels.push_back({flow.where, "the flow"});
        diagnostic.why = "what is left over of a process is known only when all its flows are";
        diagnostic.help = fmt::format("`{}: residual({})` closes the process", flow.name, process);
        return nullptr;
      }
    }
    NodePtr node = quantity_node(found->second, expression.where);
    if (states_[found->second] == State::failed) return nullptr;  // said already
    return node;
  }
  if (const auto id = dims().find(name); id && dims().is_years(*id)) {
    // A list of years of entry by its name is the year of each label: `time - cohort` is an age.
    const auto node = std::const_pointer_cast<Node>(make_year_node(expression.where));
    node->dims = DimSet();
    node->dims.insert(*id);
    return node;
  }
  if (is_static(expression)) return condition_node(bind_condition(expression), expression.where);
  auto& diagnostic = diagnostics_.error("unknown-name", expression.where,
                                        fmt::format("no parameter, flow or quantity is called `{}`", name));
  const auto dot = name.find('.');
  for (const BoundStock& stock : bound_.stocks)
    if (dot != std::string::npos && stock.name == name.substr(0, dot)) {
      diagnostic.message = fmt::format("stock `{}` has no `{}`", stock.name, name.substr(dot + 1));
      diagnostic.help =
          stock.inflow == no_quantity ? fmt::format("it has `{0}.stock` and `{0}.change`", stock.name)
          : name.find(".cohorts") != std::string::npos || name.find(".mean_age") != std::string::npos
              ? fmt::format(
                    "declare `cohorts: cohort` in the stock, with `cohort: {{same_as: time}}` among the "
                    "dimensions")
              : fmt::format("it has `{0}.stock`, `{0}.inflow`, `{0}.outflow` and `{0}.change`", stock.name);
      return nullptr;
    } else if (stock.name == name) {
      diagnostic.message = fmt::format("`{}` is a stock: say which of its quantities", name);
      diagnostic.help = fmt::format(
          "`{0}.stock` is the amount in it, `{0}.inflow`, `{0}.outflow`, `{0}.change` its flows", name);
      return nullptr;
    }
  for (const BoundProcess& process : bound_.processes)
    if (process.name == name) {
      diagnostic.message = fmt::format("`{}` is a process, not a quantity", name);
      diagnostic.help =
          fmt::format("`inputs({0})`, `outputs({0})` and `residual({0})` are what it has", name);
      return nullptr;
    }
  diagnostic.help = did_you_mean(name, value_names());
  return nullptr;
}

NodePtr Binder::bind_conditional(const Expression& expression, const BindContext& context) {
  const Expression& condition_text = *expression.operands[0];
  const NodePtr condition = is_static(condition_text)
                                ? condition_node(bind_condition(condition_text), condition_text.where)
                                : bind(condition_text, context);
  const NodePtr yes = bind(*expression.operands[1], context);
  const NodePtr no = bind(*expression.operands[2], context);
  if (!condition || !yes || !no) return nullptr;
  if (condition->type != Node::Type::truth) {
    diagnostics_.error("not-a-condition", condition->where, "`if` needs a condition such as `x > 0`");
    return nullptr;
  }
  if (!check_broadcast({yes, no}, expression.where, "`then … else`")) return nullptr;
  if (!yes->any_unit && !no->any_unit &&
      (!units_agree(yes->unit, no->unit, context.cells) || yes->type != no->type)) {
    auto& diagnostic =
        diagnostics_.error("unit-mismatch", no->where, "the branches of `if` have different units");
    const auto text = [](const NodePtr& node) {
      return node->type == Node::Type::year ? "calendar year" : unit_text(node->unit);
    };
    diagnostic.labels.front().text = text(no);
    diagnostic.labels.push_back({yes->where, text(yes)});
    return nullptr;
  }
  auto node =
      std::const_pointer_cast<Node>(make_map(Function::select, {condition, yes, no}, expression.where));
  node->unit = yes->any_unit ? no->unit : yes->unit;
  node->any_unit = yes->any_unit && no->any_unit;
  node->type = yes->any_unit ? no->type : yes->type;
  return node;
}

/// In a product or quotient, what is over a grouping is read by each label of what it groups.
NodePtr Binder::read_by_group(NodePtr node, const NodePtr& other) const {
  for (const DimensionId group : std::vector<DimensionId>(node->dims.labels)) {
    if (dims()[group].kind != Dimension::Kind::groups || other->dims.has(group)) continue;
    const DimensionId parent = dims()[group].parent;
    const auto member = aligned_axis(other->dims, parent, dims());
    if (!member || aligned_axis(node->dims, parent, dims())) continue;
    const auto read = std::const_pointer_cast<Node>(make_lag(node, {}, node->where));
    for (Pick& pick : read->picks) {
      if (pick.target != group) continue;
      pick.target = *member;
      pick.index.clear();
      for (const std::int32_t label : dims().alignment(*member, parent))
        pick.index.push_back(label < 0 ? -1 : dims()[group].group_of[static_cast<std::size_t>(label)]);
    }
    read->dims.erase(group);
    read->dims.insert(*member);
    node = read;
  }
  return node;
}

NodePtr Binder::bind_arithmetic(const Expression& expression, const BindContext& context) {
  const std::string& op = expression.text;
  if (expression.kind == Expression::Kind::unary) {
    const NodePtr operand = bind(*expression.operands[0], context);
    if (!operand) return nullptr;
    if (op == "not") {
      if (operand->type != Node::Type::truth) {
        diagnostics_.error("not-a-condition", operand->where, "`not` needs a condition");
        return nullptr;
      }
      auto node = std::const_pointer_cast<Node>(make_map(Function::logical_not, {operand}, expression.where));
      node->type = Node::Type::truth;
      return node;
    }
    if (!expect_number(operand, "arithmetic")) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(Function::negate, {operand}, expression.where));
    node->unit = operand->unit;
    node->any_unit = operand->any_unit;
    return node;
  }
  if ((op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=" || op == "and" ||
       op == "or") &&
      is_static(expression))
    return condition_node(bind_condition(expression), expression.where);
  NodePtr left = bind(*expression.operands[0], context);
  NodePtr right = bind(*expression.operands[1], context);
  if (!left || !right) return nullptr;
  const Location& where = expression.where;
  const Location& sign = expression.text_where.file ? expression.text_where : where;
  const auto units_differ = [&](const char* why) {
    auto& diagnostic = diagnostics_.error("unit-mismatch", sign, "units do not agree");
    diagnostic.labels.push_back({left->where, left->type == Node::Type::year ? "calendar year"
                                              : left->unit.dimensionless()   ? "no unit"
                                                                             : left->unit.str()});
    diagnostic.labels.push_back({right->where, right->type == Node::Type::year ? "calendar year"
                                               : right->unit.dimensionless()   ? "no unit"
                                                                               : right->unit.str()});
    diagnostic.why = why;
    if (left->type == Node::Type::year || right->type == Node::Type::year) {
      diagnostic.help = "`time - 2013` is a duration in years, `time >= 2013` a condition";
      return;
    }
    if (left->kind == Node::Kind::constant || right->kind == Node::Kind::constant) {
      diagnostic.help = "a number with a unit is a parameter: declare it under `parameters:` with its source";
      return;
    }
    const Unit& yr = year_unit();
    for (const auto& [rate, other] : {std::pair(left, right), std::pair(right, left)})
      if ((rate->unit * yr).same_kind(other->unit)) {
        diagnostic.help =
            other->unit.dimensionless()
                ? fmt::format("what is per year takes a span: `… * (time - {})`, or `compound(…)`",
                              dims().first_year())
                : fmt::format("`cumulate({})` is what has come together up to each year",
                              source_text(rate->where));
        return;
      }
    // A product in place of the sum often is what was meant.
    if ((op == "+" || op == "-") && (right->unit.dimensionless() || left->unit.dimensionless()))
      diagnostic.help = fmt::format("did you mean `{} * {}`?", print(*expression.operands[0]),
                                    print(*expression.operands[1]));
  };
  if (op == "and" || op == "or") {
    if (left->type != Node::Type::truth || right->type != Node::Type::truth) {
      diagnostics_.error("not-a-condition", left->type != Node::Type::truth ? left->where : right->where,
                         fmt::format("`{}` joins conditions", op));
      return nullptr;
    }
    auto node = std::const_pointer_cast<Node>(
        make_map(op == "and" ? Function::logical_and : Function::logical_or, {left, right}, where));
    node->type = Node::Type::truth;
    return node;
  }
  const bool comparison = op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
  const bool year_left = left->type == Node::Type::year, year_right = right->type == Node::Type::year;
  if (left->type == Node::Type::truth || right->type == Node::Type::truth) {
    expect_number(left->type == Node::Type::truth ? left : right, comparison ? "a comparison" : "arithmetic");
    return nullptr;
  }
  const Unit& yr = year_unit();
  const auto plain_year = [](const NodePtr& node) {
    return node->kind == Node::Kind::constant && node->unit.dimensionless();
  };
  if (comparison) {
    static const std::map<std::string, Function> functions{
        {"=", Function::equal},       {"<>", Function::not_equal}, {"<", Function::less},
        {"<=", Function::less_equal}, {">", Function::greater},    {">=", Function::greater_equal}};
    if (year_left || year_right) {
      if (!((year_left || plain_year(left)) && (year_right || plain_year(right)))) {
        units_differ("a calendar year compares only with a year");
        return nullptr;
      }
    } else if (!left->any_unit && !right->any_unit && !units_agree(left->unit, right->unit, context.cells)) {
      units_differ("a comparison needs both sides in the same unit");
      return nullptr;
    }
    if (!check_broadcast({left, right}, sign, "a comparison")) return nullptr;
    auto node = std::const_pointer_cast<Node>(make_map(functions.at(op), {left, right}, where));
    node->type = Node::Type::truth;
    return node;
  }
  if (op == "+" || op == "-") {
    auto finish = [&](const Unit& unit, Node::Type type) -> NodePtr {
      auto node = std::const_pointer_cast<Node>(
          make_map(op == "+" ? Function::add : Function::subtract, {left, right}, where));
      node->unit = unit;
      node->type = type;
      node->any_unit = left->any_unit && right->any_unit;
      return node;
    };
    if (year_left && op == "-" && (year_right || plain_year(right))) return finish(yr, Node::Type::number);
    if (year_left && !year_right && right->unit.same_kind(yr)) return finish(Unit(), Node::Type::year);
    if (year_right && !year_left && op == "+" && left->unit.same_kind(yr))
      return finish(Unit(), Node::Type::year);
    if (year_right && op == "-" && plain_year(left)) return finish(yr, Node::Type::number);
    if (year_left || year_right) {
      units_differ("to a calendar year only durations are added");
      return nullptr;
    }
    if (!left->any_unit && !right->any_unit && !units_agree(left->unit, right->unit, context.cells)) {
      units_differ(op == "+" ? "a sum needs both sides in the same unit"
                             : "a difference needs both sides in the same unit");
      return nullptr;
    }
    if (!check_broadcast({left, right}, sign, op == "+" ? "a sum" : "a difference")) return nullptr;
    return finish(left->any_unit ? right->unit : left->unit, Node::Type::number);
  }
  if (!expect_number(left, "arithmetic") || !expect_number(right, "arithmetic")) return nullptr;
  for (const NodePtr& side : {left, right})
    if (side->kind == Node::Kind::quantity || side->kind == Node::Kind::leaf) continue;
  if (op == "*" || op == "/") {
    const NodePtr l = left, r = right;
    left = read_by_group(l, r);
    right = read_by_group(r, l);
    auto node = std::const_pointer_cast<Node>(
        make_map(op == "*" ? Function::multiply : Function::divide, {left, right}, where));
    node->unit = (op == "*" ? left->unit * right->unit : left->unit / right->unit).internal();
    return node;
  }
  // power
  if (!expect_dimensionless(right, "an exponent", context)) return nullptr;
  auto node = std::const_pointer_cast<Node>(make_map(Function::power, {left, right}, where));
  if (!left->unit.dimensionless()) {
    const bool whole = right->kind == Node::Kind::constant && right->value == std::floor(right->value) &&
                       std::abs(right->value) <= 9;
    if (!whole) {
      auto& diagnostic = diagnostics_.error("unit-mismatch", right->where,
                                            "a quantity with a unit takes a small whole exponent");
      diagnostic.labels.push_back({left->where, left->unit.str()});
      return nullptr;
    }
    node->unit = left->unit.pow(static_cast<int>(right->value)).internal();
  }
  return node;
}

std::vector<std::int32_t> Binder::calendar_lag(double years, const Location& where) {
  std::vector<std::int32_t> result;
  bool reported = false;
  for (std::size_t p = 0; p < dims().periods(); ++p) {
    const double wanted = dims().years[p] - years;
    if (wanted < dims().first_year() || wanted > dims().last_year()) {
      result.push_back(-1);
      continue;
    }
    const auto found =
        wanted == std::floor(wanted) ? dims().year_index(static_cast<int>(wanted)) : std::nullopt;
    if (!found && !reported) {
      auto& diagnostic =
          diagnostics_.error("off-grid", where,
                             fmt::format("{:g} years before {} is {:g}, which is no year of this model",
                                         years, dims().years[p], wanted));
      diagnostic.help = "`prev(x)` is one step back, however long";
      reported = true;
    }
    result.push_back(found ? static_cast<std::int32_t>(*found) : -1);
  }
  return result;
}

NodePtr Binder::bind_index(const Expression& expression, const BindContext& context) {
  NodePtr node = bind(*expression.operands[0], context);
  if (!node) return nullptr;
  const std::string base = source_text(expression.operands[0]->where);
  for (const Selector& selector : expression.selectors) {
    if (selector.lag) {
      if (!node->dims.time) {
        diagnostics_.error("no-time", selector.where, fmt::format("`{}` does not change over time", base));
        return nullptr;
      }
      node = make_lag(node, calendar_lag(*selector.lag, selector.where), expression.where);
      continue;
    }
    if (selector.year && !selector.dimension) {
      const auto period = dims().year_index(*selector.year);
      if (node->dims.time && period) {
        node = at_year(node, *period, expression.where);
        continue;
      }
      const std::string text = std::to_string(*selector.year);
      bool is_label = false;
      for (const DimensionId id : node->dims.labels)
        is_label = is_label || dims()[id].index_of(text).has_value();
      if (!is_label) {
        if (!node->dims.time) {
          diagnostics_.error("no-time", selector.where, fmt::format("`{}` does not change over time", base));
        } else {
          diagnostics_.error("unknown-year", selector.where,
                             fmt::format("{} is no year of this model ({}–{})", text, dims().first_year(),
                                         dims().last_year()));
        }
        return nullptr;
      }
    }
    const std::string label = selector.label  ? selector.label->id
                              : selector.year ? std::to_string(*selector.year)
                                              : "";
    const Location label_where = selector.label ? selector.label->where : selector.where;
    if (selector.dimension) {
      const auto wanted = dims().find(selector.dimension->id);
      if (selector.dimension->id == "time" && selector.year) {
        const auto period = dims().year_index(*selector.year);
        if (!period || !node->dims.time) {
          diagnostics_.error(node->dims.time ? "unknown-year" : "no-time", selector.where,
                             node->dims.time ? fmt::format("{} is no year of this model ({}–{})", label,
                                                           dims().first_year(), dims().last_year())
                                             : fmt::format("`{}` does not change over time", base));
          return nullptr;
        }
        node = at_year(node, *period, expression.where);
        continue;
      }
      const auto axis = wanted ? aligned_axis(node->dims, *wanted, dims()) : std::nullopt;
      if (!axis || *axis == time_dimension) {
        std::vector<std::string> names;
        for (const DimensionId id : node->dims.labels) names.push_back(dims()[id].name);
        auto& diagnostic = diagnostics_.error(
            "unknown-dimension", selector.dimension->where,
            fmt::format("`{}` has no dimension `{}`: it {}", base, selector.dimension->id,
                        node->dims.scalar() ? "is one value" : "is over " + node->dims.str(dims())));
        diagnostic.help = did_you_mean(selector.dimension->id, names);
        return nullptr;
      }
      if (const auto index = dims()[*axis].index_of(label)) {
        node = select_label(node, *axis, *index, expression.where);
        continue;
      }
      if (const auto other = dims().find(label); other && dims()[*other].labels == dims()[*axis].labels) {
        if (*other != time_dimension && aligned_axis(node->dims, *other, dims())) {
          diagnostics_.error(
              "repeated-dimension", selector.where,
              fmt::format("`{}` is over `{}` already: sum over it before renaming", base, label));
          return nullptr;
        }
        node = rename_axis(node, *axis, *other, expression.where);
        continue;
      }
      auto& diagnostic = diagnostics_.error(
          "unknown-label", label_where, fmt::format("`{}` is no label of `{}`", label, dims()[*axis].name));
      diagnostic.help = did_you_mean(label, dims()[*axis].labels);
      return nullptr;
    }
    std::vector<DimensionId> holders;
    std::vector<std::string> labels;
    for (const DimensionId id : node->dims.labels) {
      if (dims()[id].index_of(label)) holders.push_back(id);
      labels.insert(labels.end(), dims()[id].labels.begin(), dims()[id].labels.end());
    }
    if (holders.size() == 1) {
      node = select_label(node, holders[0], *dims()[holders[0]].index_of(label), expression.where);
    } else if (holders.empty()) {
      if (node->dims.labels.empty()) {
        diagnostics_.error("unknown-label", label_where,
                           fmt::format("there are no labels to choose from: `{}` has {}", base,
                                       node->dims.time ? "`time` alone" : "no dimension"));
        return nullptr;
      }
      std::vector<std::string> names;
      for (const DimensionId id : node->dims.labels) names.push_back("`" + dims()[id].name + "`");
      auto& diagnostic =
          diagnostics_.error("unknown-label", label_where,
                             fmt::format("`{}` is no label of {}", label, fmt::join(names, " or ")));
      diagnostic.help = did_you_mean(label, labels);
      if (diagnostic.help.empty() && labels.size() <= 30)
        diagnostic.help = fmt::format("there are {}", fmt::join(labels, ", "));
      return nullptr;
    } else {
      auto& diagnostic = diagnostics_.error("ambiguous-label", label_where,
                                            fmt::format("`{}` is a label of `{}` and of `{}`", label,
                                                        dims()[holders[0]].name, dims()[holders[1]].name));
      diagnostic.help = fmt::format("write `{} = {}`", dims()[holders[0]].name, label);
      return nullptr;
    }
  }
  return node;
}

}  // namespace lode
