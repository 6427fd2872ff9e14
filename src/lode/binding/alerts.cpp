// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

void Binder::bind_alerts() {
  for (const AlertDecl& declaration : model().alerts) {
    const auto found = quantity_ids_.find(declaration.quantity.id);
    if (found == quantity_ids_.end()) {
      auto& diagnostic =
          diagnostics_.error("unknown-name", declaration.quantity.where,
                             fmt::format("no quantity is called `{}`", declaration.quantity.id));
      diagnostic.help = did_you_mean(declaration.quantity.id, value_names());
      continue;
    }
    bind_alert(declaration, found->second);
  }
}

/// A limit in the unit of what is held against it, over no label dimension that this lacks.
NodePtr Binder::bind_limit(const LimitDecl& limit, const NodePtr& held) {
  NodePtr node;
  if (limit.formula) {
    BindContext context;
    context.owner = "alert";
    node = bind(*limit.formula, context);
    if (!node) return nullptr;
    for (const DimensionId id : node->dims.labels) {
      if (aligned_axis(held->dims, id, dims())) continue;
      diagnostics_.error(
          "missing-dimension", node->where,
          fmt::format("the limit is over `{}`, what is held against it is not", dims()[id].name));
      return nullptr;
    }
  } else {
    Unit own = held->unit;
    if (limit.value->unit) {
      const auto read = bind_unit(limit.value->unit->text, limit.value->unit->where, nullptr, "alert");
      if (!read) return nullptr;
      own = *read;
    } else if (limit.value->percent || held->unit.symbolic()) {
      own = Unit();
    }
    const double in_internal_units = limit.value->number * own.scale();
    node = make_constant(in_internal_units, own, limit.value->where);
    std::const_pointer_cast<Node>(node)->any_unit = false;
  }
  return node->any_unit || fits_limit(held, node->unit, node->where) ? node : nullptr;
}

bool Binder::fits_limit(const NodePtr& held, const Unit& limit, const Location& where) {
  if (units_agree(limit, held->unit, nullptr)) return true;
  diagnostics_
      .error("unit-mismatch", where,
             fmt::format("`{}` is in {}, the limit is {}", source_text(held->where), held->unit.str(),
                         limit.dimensionless() ? "a plain number" : limit.str()))
      .labels.push_back({held->where, unit_text(held->unit)});
  return false;
}

void Binder::bind_alert(const AlertDecl& declaration, std::size_t quantity) {
  const std::string& name = declaration.quantity.id;
  Expression reference;
  reference.kind = Expression::Kind::name;
  reference.text = name;
  reference.where = declaration.quantity.where;
  BindContext context;
  context.owner = name;
  const NodePtr held = bind(reference, context);
  if (!held) return;
  const NodePtr low = declaration.at_least ? bind_limit(*declaration.at_least, held) : nullptr;
  const NodePtr high = declaration.at_most ? bind_limit(*declaration.at_most, held) : nullptr;
  if ((declaration.at_least && !low) || (declaration.at_most && !high) || (!low && !high)) return;

  const Location& where = declaration.quantity.where;
  DimSet over = held->dims;
  for (const NodePtr& limit : {low, high})
    if (limit) over = unify(over, limit->dims, dims());
  finish_quantity(quantity);
  Mask cells = expand(bound_.quantities[quantity].defined, held->dims, over, dims());
  if (over.time && declaration.from)
    for (std::size_t p = 0; p < dims().periods(); ++p)
      if (dims().years[p] < *declaration.from)
        for (std::size_t s = 0; s < cells.series(); ++s) cells.set(s, p, false);

  const auto add = [&](const std::string& called, const Title& title, const NodePtr& expression,
                       const Unit& unit, Quantity::Kind kind, std::string formula) {
    Quantity result;
    result.name = called;
    result.kind = kind;
    result.dims = over;
    result.unit = unit;
    result.where = where;
    result.title = title;
    result.is_signed = true;
    result.may_be_absent = held->may_be_absent || expression->may_be_absent;
    BoundPiece piece;
    piece.mask = std::make_shared<Mask>(cells);
    piece.expression = expression;
    piece.formula = std::move(formula);
    piece.where = where;
    result.pieces.push_back(std::move(piece));
    const std::size_t id = add_quantity(std::move(result));
    states_[id] = State::typed;
    return id;
  };
  const auto limit_quantity = [&](const NodePtr& limit, const char* key) {
    return add(fmt::format("@alert.{}.{}", name, key), {}, limit, held->unit, Quantity::Kind::checkpoint,
               source_text(limit->where));
  };
  const auto titled = [&](const char* english, const char* chinese) {
    Title title = declaration.title;
    if (title.empty()) title = bound_.quantities[quantity].title;
    for (auto& [language, text] : title.by_language) text += language == "zh" ? chinese : english;
    return title;
  };
  const auto distance = [&](const NodePtr& from, const NodePtr& to) {
    auto node = std::const_pointer_cast<Node>(make_map(Function::subtract, {to, from}, where));
    node->unit = held->unit;
    return node;
  };

  BoundAlert alert;
  alert.declaration = &declaration;
  alert.quantity = quantity;
  if (low) alert.at_least = limit_quantity(low, "at_least");
  if (high) alert.at_most = limit_quantity(high, "at_most");
  NodePtr margin = low ? distance(low, held) : distance(held, high);
  std::string formula = low ? fmt::format("{} - {}", name, source_text(low->where))
                            : fmt::format("{} - {}", source_text(high->where), name);
  if (low && high) {
    auto nearer =
        std::const_pointer_cast<Node>(make_map(Function::minimum, {margin, distance(held, high)}, where));
    nearer->unit = held->unit;
    margin = nearer;
    formula = fmt::format("min({}, {} - {})", formula, source_text(high->where), name);
  }
  auto crossed = std::const_pointer_cast<Node>(
      make_map(Function::less, {margin, make_constant(0, held->unit, where)}, where));
  crossed->unit = Unit();
  alert.margin = add(fmt::format("alert.{}.margin", name), titled(": margin to the limit", "：距限值"),
                     margin, bound_.quantities[quantity].unit, Quantity::Kind::named, formula);
  alert.crossed = add(fmt::format("alert.{}.crossed", name), titled(": limit crossed", "：超出限值"), crossed,
                      Unit(), Quantity::Kind::named, formula + " < 0");
  bound_.alerts.push_back(alert);
}

}  // namespace lode
