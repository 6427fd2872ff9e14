// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

std::optional<std::size_t> BoundModel::find_quantity(std::string_view name) const {
  for (std::size_t i = 0; i < quantities.size(); ++i)
    if (quantities[i].name == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> BoundModel::find_leaf(std::string_view name) const {
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (leaves[i].name == name) return i;
  return std::nullopt;
}

void Binder::bind_all() {
  bind_dimensions();
  bind_conditions();
  bind_leaves();
  declare_system();
  declare_quantities();
  declare_carried();
  declare_balances();
  bind_classifications();
  bind_system();
  bind_solves();
  bind_diagnosis();  // its results may be checkpoints
  bind_checkpoints();
  bind_alerts();
  for (std::size_t id = 0; id < bound_.quantities.size(); ++id) finish_quantity(id);
}

void Binder::restore_names() {
  for (std::size_t i = 0; i < bound_.leaves.size(); ++i) leaf_ids_[bound_.leaves[i].name] = i;
  for (std::size_t i = 0; i < bound_.quantities.size(); ++i) quantity_ids_[bound_.quantities[i].name] = i;
  for (std::size_t i = 0; i < bound_.processes.size(); ++i) process_ids_[bound_.processes[i].name] = i;
  states_.assign(bound_.quantities.size(), State::typed);
  equation_of_.assign(bound_.quantities.size(), nullptr);
}

void Binder::bind_checkpoints() {
  for (const CheckpointDecl& declaration : model().checkpoints) {
    BoundCheckpoint checkpoint;
    checkpoint.declaration = &declaration;
    if (!declaration.what) {
      bound_.checkpoints.push_back(checkpoint);
      continue;
    }
    BindContext context;
    context.owner = declaration.id.text;
    context.whole = false;
    NodePtr node = bind(*declaration.what, context);
    if (!node) {
      bound_.checkpoints.push_back(checkpoint);
      continue;
    }
    if (node->dims.time && declaration.year) {
      const auto period = dims().year_index(*declaration.year);
      if (!period) {
        diagnostics_.error("unknown-year", declaration.year_where,
                           fmt::format("{} is no year of this model ({}–{})", *declaration.year,
                                       dims().first_year(), dims().last_year()));
        bound_.checkpoints.push_back(checkpoint);
        continue;
      }
      node = at_year(node, *period, node->where);
    }
    if (!node->dims.scalar()) {
      auto& diagnostic = diagnostics_.error("not-one-number", declaration.what->where,
                                            fmt::format("checkpoint {} is one number, but this is over {}",
                                                        declaration.id.text, node->dims.str(dims())));
      diagnostic.help =
          node->dims.time ? "give the year in the column `time`" : "choose a label in brackets, or sum";
      bound_.checkpoints.push_back(checkpoint);
      continue;
    }
    if (node->type == Node::Type::truth) {
      auto as_number = std::make_shared<Node>(*node);
      as_number->type = Node::Type::number;
      node = as_number;
    }
    const std::string& statistic = declaration.statistic.text;
    const bool relative = statistic == "cv" || statistic == "-sigma" || statistic == "+sigma";
    if (!statistic.empty() && node->type == Node::Type::year) {
      auto as_number = std::make_shared<Node>(*node);
      as_number->type = Node::Type::number;
      node = as_number;
    }
    checkpoint.is_year = node->type == Node::Type::year;
    const std::string& written = declaration.unit.text;
    if (checkpoint.is_year) {
      if (!written.empty() && written != "year" && written != "yr")
        diagnostics_.error("unit-mismatch", declaration.unit.where,
                           "this is a calendar year: its unit is `year`, or none");
    } else {
      static const std::vector<std::string> plain{"", "1", "-", "x", "count", "ratio", "times"};
      const bool is_plain = std::find(plain.begin(), plain.end(), written) != plain.end();
      const auto unit = is_plain ? std::optional<Unit>(Unit())
                                 : bind_unit(written, declaration.unit.where, nullptr, declaration.id.text);
      if (unit) {
        const Unit& yr = year_unit();
        if (relative) {
          checkpoint.unit = *unit;
          if (!unit->dimensionless())
            diagnostics_.error("unit-mismatch", declaration.unit.where,
                               fmt::format("checkpoint {} is relative (`{}`), a plain number or per cent",
                                           declaration.id.text, statistic));
        } else if (node->any_unit || conversion(*unit, node->unit, model().substance)) {
          checkpoint.unit = *unit;
        } else if (conversion(*unit / yr, node->unit, model().substance)) {
          // A year's flow, printed as an amount.
          checkpoint.unit = *unit / yr;
        } else if (conversion(*unit * yr, node->unit, model().substance)) {
          checkpoint.unit = *unit * yr;
        } else {
          auto& diagnostic = diagnostics_.error(
              "unit-mismatch", declaration.unit.where.file ? declaration.unit.where : declaration.where,
              fmt::format("checkpoint {} is in {}, but this is {}", declaration.id.text, unit->str(),
                          node->unit.dimensionless() ? "no unit" : node->unit.str()));
          diagnostic.labels.push_back({declaration.what->where, unit_text(node->unit)});
        }
      }
    }
    Quantity quantity;
    quantity.name = "@" + declaration.id.text;
    quantity.kind = Quantity::Kind::checkpoint;
    quantity.unit = relative ? node->unit.internal() : checkpoint.unit;
    quantity.type = node->type;
    quantity.where = declaration.what->where;
    quantity.is_signed = true;
    quantity.may_be_absent = node->may_be_absent;
    const std::size_t id = add_quantity(std::move(quantity));
    states_[id] = State::typed;
    BoundPiece piece;
    piece.mask = std::make_shared<Mask>(1, 1, true);
    piece.expression = node;
    piece.formula = print(*declaration.what);
    piece.where = declaration.what->where;
    bound_.quantities[id].pieces.push_back(std::move(piece));
    checkpoint.quantity = id;
    bound_.checkpoints.push_back(checkpoint);
  }
}

/// Whether a value is beyond a limit that has a unit of its own.
NodePtr Binder::beyond(const NodePtr& node, const QuestionLimit& limit) {
  Unit own;
  if (limit.value.unit) {
    const auto read = bind_unit(limit.value.unit->text, limit.value.unit->where, nullptr, "question");
    if (!read) return nullptr;
    own = *read;
  }
  if (node->type != Node::Type::year && !node->any_unit && !fits_limit(node, own, limit.value.where))
    return nullptr;
  auto result = std::make_shared<Node>(*make_map(
      limit.relation, {node, make_constant(limit.value.number * own.scale(), node->unit, limit.value.where)},
      node->where));
  result->type = Node::Type::truth;
  return result;
}

std::optional<std::size_t> Binder::bind_question(const std::string& name, const ExpressionPtr& formula,
                                                 const QuestionLimit* limit) {
  restore_names();
  if (const auto found = quantity_ids_.find(name); found != quantity_ids_.end()) return found->second;
  BindContext context;
  context.owner = name;
  context.whole = false;
  NodePtr node = bind(*formula, context);
  if (node && limit) node = beyond(node, *limit);
  if (!node) return std::nullopt;
  Quantity quantity;
  quantity.name = name;
  quantity.kind = Quantity::Kind::checkpoint;
  quantity.dims = node->dims;
  quantity.unit = node->unit.internal();
  quantity.type = node->type == Node::Type::year ? Node::Type::year : Node::Type::number;
  quantity.where = formula->where;
  quantity.is_signed = true;
  quantity.may_be_absent = node->may_be_absent;
  // It exists where all it reads exists; a quantity asked for alone keeps its own cells.
  Mask mask(node->dims.series(dims()), node->dims.periods(dims()), true);
  if (node->dims.time)
    for (std::size_t s = 0; s < mask.series(); ++s)
      for (std::size_t p = 0; p < dims().lead; ++p) mask.set(s, p, false);
  if (node->kind == Node::Kind::quantity) mask = bound_.quantities[node->id].defined;
  if (node->kind == Node::Kind::leaf) mask = bound_.leaves[node->id].defined;
  BoundPiece piece;
  piece.mask = std::make_shared<Mask>(mask);
  piece.expression = node;
  if (node->type == Node::Type::truth) {
    auto as_number = std::make_shared<Node>(*node);
    as_number->type = Node::Type::number;
    piece.expression = as_number;
  }
  piece.formula = print(*formula);
  piece.where = formula->where;
  quantity.pieces.push_back(std::move(piece));
  const std::size_t id = add_quantity(std::move(quantity));
  finish_quantity(id);
  return id;
}

std::set<std::size_t> unknowns_in(const BoundModel& model, const NodePtr& expression) {
  std::set<std::size_t> unknown, seen;
  std::function<void(std::size_t)> enter;
  const std::function<void(const NodePtr&)> visit = [&](const NodePtr& node) {
    if (!node) return;
    for (const NodePtr& operand : node->operands) visit(operand);
    if (node->kind == Node::Kind::quantity) enter(node->id);
  };
  enter = [&](std::size_t id) {
    if (!seen.insert(id).second) return;
    const Quantity& quantity = model.quantities[id];
    if (quantity.unknown) unknown.insert(id);
    for (const BoundPiece& piece : quantity.pieces) visit(piece.expression);
    if (!quantity.stock) return;
    const BoundStock& stock = model.stocks[*quantity.stock];
    for (const NodePtr& part : {stock.given_inflow, stock.given_outflow, stock.given_change, stock.initial,
                                stock.entries, stock.steady, stock.hazard, stock.content})
      visit(part);
    for (const BoundPiece& piece : stock.given_level) visit(piece.expression);
    if (stock.lifetime)
      for (const NodePtr& parameter : stock.lifetime->parameters) visit(parameter);
    if (!stock.lifetime) enter(stock.change);
    if (stock.carrier) enter(model.stocks[*stock.carrier].level);
  };
  visit(expression);
  return unknown;
}

BoundModel bind_model(std::shared_ptr<const Model> model, Diagnostics& diagnostics) {
  BoundModel bound;
  bound.model = std::move(model);
  Binder binder(bound, diagnostics);
  binder.bind_all();
  return bound;
}

std::optional<std::size_t> bind_question(BoundModel& bound, const std::string& name,
                                         const ExpressionPtr& formula, Diagnostics& diagnostics,
                                         const QuestionLimit* limit) {
  Binder binder(bound, diagnostics);
  return binder.bind_question(name, formula, limit);
}

}  // namespace lode
