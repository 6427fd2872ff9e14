// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

/// before + (after − before) · clamp((x − begin) / (end − begin), 0, 1)
NodePtr Binder::bind_ramp(const Expression& expression, const BindContext& context) {
  const Location& where = expression.where;
  const auto keyword = [&](std::string_view key) -> NodePtr {
    const auto found = std::find_if(expression.keywords.begin(), expression.keywords.end(),
                                    [&](const auto& each) { return each.first.id == key; });
    return found == expression.keywords.end() ? nullptr : bind(*found->second, context);
  };
  const NodePtr x = bind(*expression.operands[0], context), before = keyword("before"),
                after = keyword("after"), begin = keyword("begin"), end = keyword("end");
  if (!x || !before || !after || !begin || !end) return nullptr;
  if (!expect_number(before, "`ramp`") || !expect_number(after, "`ramp`")) return nullptr;
  const Unit driver = x->type == Node::Type::year ? year_unit() : x->unit;
  for (const NodePtr& edge : {begin, end}) {
    // A year may be written as a number, or stand in a parameter counted in years.
    const bool fits = x->type == Node::Type::year
                          ? edge->type == Node::Type::year || edge->kind == Node::Kind::constant ||
                                units_agree(edge->unit, driver, context.cells)
                          : edge->any_unit || units_agree(edge->unit, driver, context.cells);
    if (fits && edge->type != Node::Type::truth) continue;
    auto& diagnostic = diagnostics_.error("unit-mismatch", edge->where,
                                          "`begin` and `end` need the unit of what the ramp runs along");
    diagnostic.labels.front().text = unit_text(edge->unit);
    diagnostic.labels.push_back({x->where, unit_text(driver)});
    return nullptr;
  }
  if (!before->any_unit && !after->any_unit && !units_agree(before->unit, after->unit, context.cells)) {
    auto& diagnostic =
        diagnostics_.error("unit-mismatch", after->where, "`before` and `after` need the same unit");
    diagnostic.labels.front().text = unit_text(after->unit);
    diagnostic.labels.push_back({before->where, unit_text(before->unit)});
    return nullptr;
  }
  if (!check_broadcast({before, after}, where, "`ramp`")) return nullptr;
  const Unit unit = before->any_unit ? after->unit : before->unit;
  const auto plain = [&](double value) { return make_constant(value, Unit(), where); };
  // A ramp without length is a step behind `begin`.
  const NodePtr length =
      make_map(Function::maximum, {make_map(Function::subtract, {end, begin}, where), plain(1e-9)}, where);
  const NodePtr way =
      make_map(Function::divide, {make_map(Function::subtract, {x, begin}, where), length}, where);
  const NodePtr part =
      make_map(Function::minimum, {make_map(Function::maximum, {way, plain(0)}, where), plain(1)}, where);
  const NodePtr rise =
      make_map(Function::multiply, {make_map(Function::subtract, {after, before}, where), part}, where);
  auto node = std::const_pointer_cast<Node>(make_map(Function::add, {before, rise}, where));
  node->unit = unit;
  node->type = Node::Type::number;
  return node;
}

/// 1 + the number of labels with a larger value: equal ones share the better place.
NodePtr Binder::bind_rank(const Expression& expression, const BindContext& context) {
  constexpr std::size_t most_labels = 500;  // each is compared with each
  const Location& where = expression.where;
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x || !expect_number(x, "`rank`")) return nullptr;
  if (expression.over.size() != 1) {
    diagnostics_.error("missing-dimension", where, "`rank` runs over one dimension");
    return nullptr;
  }
  const NameAt& over = expression.over.front();
  const auto id = dims().find(over.id);
  if (!id || !x->dims.has(*id)) {
    auto& diagnostic = diagnostics_.error(id ? "missing-dimension" : "unknown-dimension", over.where,
                                          id ? fmt::format("what is ranked is not over `{}`", over.id)
                                             : fmt::format("no dimension is called `{}`", over.id));
    diagnostic.labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
    if (!id) diagnostic.help = did_you_mean(over.id, dimension_names());
    return nullptr;
  }
  if (x->unit.symbolic()) {
    diagnostics_.error("unit-mismatch", x->where, "only labels in the same unit can be ranked")
        .labels.front()
        .text = x->unit.str();
    return nullptr;
  }
  if (dims()[*id].size() > most_labels) {
    diagnostics_.error("too-large", over.where,
                       fmt::format("`{}` has {} labels, more than the {} that `rank` takes", over.id,
                                   dims()[*id].size(), most_labels));
    return nullptr;
  }
  NodePtr place = make_constant(1, Unit(), where);
  for (std::size_t label = 0; label < dims()[*id].size(); ++label) {
    auto larger = std::const_pointer_cast<Node>(
        make_map(Function::greater, {select_label(x, *id, label, where), x}, where));
    larger->unit = Unit();
    auto sum = std::const_pointer_cast<Node>(make_map(Function::add, {place, larger}, where));
    sum->unit = Unit();
    sum->type = Node::Type::number;
    place = sum;
  }
  return place;
}

}  // namespace lode
