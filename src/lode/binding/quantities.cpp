// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

std::size_t Binder::add_quantity(Quantity quantity) {
  const std::size_t id = bound_.quantities.size();
  quantity_ids_[quantity.name] = id;
  bound_.quantities.push_back(std::move(quantity));
  states_.push_back(State::declared);
  equation_of_.push_back(nullptr);
  return id;
}

void Binder::declare_quantities() {
  for (const EquationDecl& equation : model().equations) {
    const auto found = quantity_ids_.find(equation.name.id);
    if (found != quantity_ids_.end() && bound_.quantities[found->second].kind == Quantity::Kind::flow) {
      equation_of_[found->second] = &equation;
      continue;
    }
    Quantity quantity;
    quantity.name = equation.name.id;
    quantity.kind = Quantity::Kind::named;
    quantity.where = equation.name.where;
    quantity.title = equation.title;
    quantity.is_signed = true;
    const std::size_t id = add_quantity(std::move(quantity));
    equation_of_[id] = &equation;
    // Declared dimensions and unit settle the type at once; else the first use of the name infers it.
    if (equation.over && equation.unit) {
      if (const auto over = bind_over(*equation.over)) bound_.quantities[id].dims = *over;
      if (const auto unit = bind_unit(equation.unit->text, equation.unit->where, &bound_.quantities[id].dims,
                                      equation.name.id))
        bound_.quantities[id].unit = *unit;
      states_[id] = State::typed;
    }
  }
}

void Binder::ensure_typed(std::size_t id, const Location& asked_at) {
  if (states_[id] == State::typed || states_[id] == State::failed) return;
  if (states_[id] == State::declared) {
    bind_equation(id);
    return;
  }
  Quantity& quantity = bound_.quantities[id];
  auto& diagnostic = diagnostics_.error(
      "type-unknown", asked_at,
      fmt::format("`{}` refers to itself before its dimensions and unit are known", quantity.name));
  diagnostic.labels.push_back({quantity.where, "defined here"});
  diagnostic.help =
      fmt::format("give `{}` an `over:` and a `unit:`, with its formula under `equals:`", quantity.name);
  states_[id] = State::failed;
}

/// In `x: prev(x, first = begin) * …` the beginning tells what x is.
void Binder::assume_type(const Expression& name, const NodePtr& first) {
  if (name.kind != Expression::Kind::name || first->any_unit) return;
  const auto found = quantity_ids_.find(name.text);
  if (found == quantity_ids_.end() || states_[found->second] != State::in_progress) return;
  const std::size_t id = found->second;

  Quantity& quantity = bound_.quantities[id];
  if (!equation_of_[id]->over) {
    quantity.dims = first->dims;
    quantity.dims.time = true;
  }
  quantity.unit = first->unit.internal();
  quantity.type = first->type;
  states_[id] = State::typed;
}

std::vector<std::pair<PieceDecl, StaticMask>> Binder::piece_masks(const std::vector<PieceDecl>& pieces,
                                                                  const std::optional<StaticMask>& where,
                                                                  const Location& owner_where,
                                                                  const std::string& owner,
                                                                  StaticMask& covered) {
  std::vector<std::pair<PieceDecl, StaticMask>> result;
  covered = constant_mask(false);
  const PieceDecl* rest = nullptr;
  for (const PieceDecl& piece : pieces) {
    if (piece.condition && piece.condition->id == "else") {
      rest = &piece;
      continue;
    }
    auto mask = piece.condition ? condition(*piece.condition) : constant_mask(true);
    if (!mask) continue;
    for (const auto& [other, other_mask] : result) {
      const StaticMask both = combine(*mask, other_mask, true);
      if (!both.mask.any()) continue;
      std::size_t s = 0, p = 0;
      for (s = 0; s < both.mask.series(); ++s) {
        for (p = 0; p < both.mask.periods() && !both.mask.at(s, p); ++p) {
        }
        if (p < both.mask.periods()) break;
      }
      auto& diagnostic = diagnostics_.error(
          "overlapping-conditions", piece.condition ? piece.condition->where : owner_where,
          fmt::format("two conditions of `{}` overlap{}", owner,
                      both.dims.scalar() ? "" : " at " + cell_name(both.dims, s, p, dims())));
      if (other.condition) diagnostic.labels.push_back({other.condition->where, "also true there"});
      diagnostic.why = "every cell has exactly one definition";
      diagnostic.help = "let one end where the other begins; `else` stands for all that the others leave";
      break;
    }
    covered = combine(covered, *mask, false);
    result.emplace_back(piece, *mask);
  }
  if (rest) {
    result.emplace_back(*rest, negate(covered));
    covered = constant_mask(true);
  }
  if (where) {
    for (auto& [piece, mask] : result) mask = combine(mask, *where, true);
    covered = combine(covered, negate(*where), false);
  }
  return result;
}

bool Binder::fits(const DimSet& target, const Unit& unit, Node::Type type, const NodePtr& expression,
                  const Mask& mask, const StaticMask* cells, const std::string& owner,
                  const Location& where) {
  const DimSet& yields = expression->dims;
  const auto explain = [&](const std::string& help) {
    auto& diagnostic =
        diagnostics_.error("dimensions-differ", expression->where,
                           fmt::format("`{}` {}, but this yields {}", owner,
                                       target.scalar() ? "has no dimension" : "is over " + target.str(dims()),
                                       yields.scalar() ? "one value for all" : yields.str(dims())));
    diagnostic.labels.push_back({where, over_text(target, dims(), "declared without dimension")});
    diagnostic.help = help;
  };
  const std::string text = source_text(expression->where);
  if (yields.time && !target.time) {
    DimSet all = unify(target, yields, dims());
    explain(
        fmt::format("write `over: {}` there, or `defaults: {{over: [time]}}` for all flows and stocks; "
                    "`{}[{}]` is one year's value",
                    all.str(dims()), text, dims().first_year()));
    return false;
  }
  for (const DimensionId id : yields.labels) {
    if (aligned_axis(target, id, dims())) continue;
    explain(fmt::format("`sum({0} over {1})`, or add `{1}` to the `over:` of `{2}`", text, dims()[id].name,
                        owner));
    return false;
  }
  for (std::size_t k = 0; k < target.labels.size(); ++k) {
    const DimensionId id = target.labels[k];
    if (aligned_axis(yields, id, dims())) continue;
    if (expression->kind == Node::Kind::constant) continue;
    // A condition that pins the dimension to one label is no copy.
    std::optional<std::size_t> only;
    bool pinned = true;
    for (std::size_t s = 0; s < mask.series() && pinned; ++s) {
      bool any = false;
      for (std::size_t p = 0; p < mask.periods() && !any; ++p) any = mask.at(s, p);
      if (!any) continue;
      const std::size_t label = target.unravel(s, dims())[k];
      if (only && *only != label) pinned = false;
      only = label;
    }
    if (pinned) continue;
    const std::string& name = dims()[id].name;
    explain(fmt::format("`repeat({0} over {1})` copies it to every label, `split({0} by shares)` divides it",
                        text, name));
    return false;
  }
  // Labels that the expression does not have.
  const auto map = series_map(target, yields, dims());
  for (std::size_t s = 0; s < mask.series(); ++s) {
    if (map[s] >= 0) continue;
    for (std::size_t p = 0; p < mask.periods(); ++p)
      if (mask.at(s, p)) {
        explain(fmt::format("there is no value for {}: use a condition for the labels it has",
                            cell_name(target, s, p, dims())));
        return false;
      }
  }
  if (expression->any_unit) return true;
  if (expression->type != type) {
    diagnostics_.error("not-a-quantity", expression->where,
                       expression->type == Node::Type::truth
                           ? fmt::format("a condition cannot define `{}`", owner)
                           : fmt::format("a calendar year cannot define `{}`", owner));
    return false;
  }
  if (type == Node::Type::number && !units_agree(expression->unit, unit, cells)) {
    auto& diagnostic = diagnostics_.error(
        "unit-mismatch", expression->where,
        fmt::format("`{}` is in {}, but this yields {}", owner, unit.str(),
                    expression->unit.dimensionless() ? "a plain number" : expression->unit.str()));
    diagnostic.labels.front().text = unit_text(expression->unit);
    diagnostic.labels.push_back({where, unit_text(unit)});
    if (expression->unit.dimensionless() && !unit.dimensionless())
      diagnostic.help = "a share or a factor is of something: multiply it by that";
    if (expression->kind == Node::Kind::constant)
      diagnostic.help = "a number with a unit is a parameter: declare it under `parameters:` with its source";
    if (expression->unit.same_kind(unit * year_unit()))
      diagnostic.help =
          fmt::format("an amount is no rate: what comes every year is declared in {}", unit.str());
    if (unit.same_kind(expression->unit * year_unit()))
      diagnostic.help = fmt::format(
          "a rate is no amount: `cumulate({0})` is what has come together up to each year, `total({0})` in "
          "all years",
          text);
    return false;
  }
  return true;
}

void Binder::add_piece(std::size_t id, const NodePtr& expression, const StaticMask& cells,
                       std::string condition_name, const Expression* formula, const Location& where,
                       const Location& condition_where) {
  if (!expression || states_[id] == State::failed) return;
  Quantity& quantity = bound_.quantities[id];
  for (const DimensionId axis : cells.dims.labels)
    if (!aligned_axis(quantity.dims, axis, dims())) {
      if (condition_name == "else") return;  // the others have said it
      auto& diagnostic = diagnostics_.error(
          "condition-without-dimension", condition_where ? condition_where : where,
          fmt::format("the condition `{}` speaks of `{}`, but `{}` {}", condition_name, dims()[axis].name,
                      quantity.name,
                      quantity.dims.scalar() ? "has no dimension" : "is over " + quantity.dims.str(dims())));
      diagnostic.labels.push_back(
          {quantity.where, over_text(quantity.dims, dims(), "declared without dimension")});
      diagnostic.help = fmt::format("add `{}` to the `over:` of `{}`", dims()[axis].name, quantity.name);
      return;
    }
  if (cells.dims.time && !quantity.dims.time) {
    if (condition_name == "else") return;
    auto& diagnostic = diagnostics_.error(
        "condition-without-dimension", condition_where ? condition_where : where,
        fmt::format("the condition `{}` speaks of time, but `{}` does not change over time", condition_name,
                    quantity.name));
    diagnostic.labels.push_back(
        {quantity.where, over_text(quantity.dims, dims(), "declared without dimension")});
    diagnostic.help =
        fmt::format("add `time` to the `over:` of `{}`, or to that of `defaults:`", quantity.name);
    return;
  }
  auto mask = std::make_shared<Mask>(expand(cells.mask, cells.dims, quantity.dims, dims()));
  if (!fits(quantity.dims, quantity.unit, quantity.type, expression, *mask, &cells, quantity.name,
            quantity.where))
    return;
  BoundPiece piece;
  piece.mask = mask;
  piece.expression = expression;
  piece.condition = std::move(condition_name);
  piece.formula = formula ? print(*formula) : "";
  piece.where = where;
  quantity.may_be_absent = quantity.may_be_absent || expression->may_be_absent;
  quantity.pieces.push_back(std::move(piece));
}

void Binder::bind_equation(std::size_t id) {
  const EquationDecl* equation = equation_of_[id];
  if (!equation) {
    states_[id] = State::typed;
    return;
  }
  const bool typed_already = states_[id] == State::typed;
  if (!typed_already) states_[id] = State::in_progress;
  std::optional<StaticMask> where;
  if (equation->where) {
    where = condition(*equation->where);
    if (!where) {
      states_[id] = State::typed;
      return;
    }
  }
  StaticMask covered;
  auto pieces = piece_masks(equation->pieces, where, equation->name.where, equation->name.id, covered);
  const bool is_flow = bound_.quantities[id].kind == Quantity::Kind::flow;

  struct Ready {
    NodePtr expression;
    StaticMask cells;
    const PieceDecl* piece;
  };
  std::vector<Ready> ready;
  // The pieces that do not speak of the quantity itself come first: they settle its type.
  std::vector<std::size_t> order(pieces.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::function<bool(const Expression&)> speaks_of_itself = [&](const Expression& e) {
    if (e.kind == Expression::Kind::name && e.text == equation->name.id) return true;
    for (const auto& operand : e.operands)
      if (operand && speaks_of_itself(*operand)) return true;
    for (const auto& [key, value] : e.keywords)
      if (value && speaks_of_itself(*value)) return true;
    return false;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const bool self_a = pieces[a].first.formula && speaks_of_itself(*pieces[a].first.formula);
    const bool self_b = pieces[b].first.formula && speaks_of_itself(*pieces[b].first.formula);
    return !self_a && self_b;
  });
  if (!typed_already && equation->over) {
    if (const auto over = bind_over(*equation->over)) bound_.quantities[id].dims = *over;
  }
  std::optional<Unit> declared_unit;
  if (!typed_already && equation->unit) {
    const DimSet over = bound_.quantities[id].dims;
    declared_unit = bind_unit(equation->unit->text, equation->unit->where, equation->over ? &over : nullptr,
                              equation->name.id);
  }
  bool inferred = typed_already;
  if (!typed_already) open_.insert(id);
  for (const std::size_t i : order) {
    const auto& [piece, cells] = pieces[i];
    if (!piece.formula) continue;
    BindContext context;
    context.cells = &cells;
    context.owner = equation->name.id;
    if (is_flow) context.flow = id;
    NodePtr expression = bind(*piece.formula, context);
    if (!expression) continue;
    if (!typed_already) {
      Quantity& quantity = bound_.quantities[id];
      if (!inferred && states_[id] == State::typed) {  // assumed
        inferred = true;
        if (declared_unit) quantity.unit = *declared_unit;
      }
      if (!equation->over) {
        DimSet with_condition = unify(quantity.dims, expression->dims, dims());
        with_condition = unify(with_condition, cells.dims, dims());
        if (read_open_.count(id) && !(with_condition == quantity.dims)) {
          // What has read it took it for smaller.
          auto& diagnostic = diagnostics_.error(
              "dimensions-differ", expression->where,
              fmt::format("`{}` begins {}, but this yields {}", quantity.name,
                          over_text(quantity.dims, dims(), "without dimension"), with_condition.str(dims())));
          diagnostic.labels.push_back(
              {quantity.where, over_text(quantity.dims, dims(), "without dimension")});
          diagnostic.why = "it is used in its own definition before all its dimensions are known";
          diagnostic.help =
              fmt::format("declare `over: {}` and the unit of `{}`, with its formula under `equals:`",
                          with_condition.str(dims()), quantity.name);
          states_[id] = State::failed;
          ready.clear();
          break;
        }
        quantity.dims = with_condition;
      }
      if (!inferred && !expression->any_unit) {
        quantity.unit = declared_unit ? *declared_unit : expression->unit.internal();
        quantity.type = expression->type == Node::Type::year ? Node::Type::year : Node::Type::number;
        quantity.may_be_absent = expression->may_be_absent;
        inferred = true;
        states_[id] = State::typed;  // a later piece may speak of the quantity itself
      }
    }
    if (expression->type == Node::Type::truth && !is_flow) {
      // A condition kept as a quantity: 1 where true.
      auto as_number = std::make_shared<Node>(*expression);
      as_number->type = Node::Type::number;
      expression = as_number;
    }
    ready.push_back({expression, cells, &piece});
  }
  open_.erase(id);
  read_open_.erase(id);
  if (!inferred && declared_unit) bound_.quantities[id].unit = *declared_unit;
  // Without any readable piece nothing is known of it; what reads it is not blamed for that.
  const bool failed = states_[id] == State::failed || (!typed_already && ready.empty());
  states_[id] = failed && !is_flow ? State::failed : State::typed;
  for (const Ready& each : ready)
    add_piece(id, each.expression, each.cells, each.piece->condition ? each.piece->condition->id : "",
              each.piece->formula.get(), each.piece->formula->where,
              each.piece->condition ? each.piece->condition->where
              : equation->where     ? equation->where->where
                                    : Location());
  covered.mask = within_model(std::move(covered.mask));
  if (!failed && !covered.mask.all() && !equation->where && (is_flow || !equation->over)) {
    std::size_t s = 0, p = 0;
    for (s = 0; s < covered.mask.series(); ++s) {
      for (p = 0; p < covered.mask.periods() && covered.mask.at(s, p); ++p) {
      }
      if (p < covered.mask.periods()) break;
    }
    auto& diagnostic =
        diagnostics_.error("incomplete-conditions", equation->name.where,
                           fmt::format("the conditions of `{}` leave {} undefined", equation->name.id,
                                       cell_name(covered.dims, s, p, dims())));
    diagnostic.why =
        is_flow ? "every flow is defined in every cell" : "a quantity without `where:` exists everywhere";
    diagnostic.help = is_flow ? "add `else: 0`" : "add `else: …`, or say where it exists with `where:`";
  }
}

void Binder::finish_quantity(std::size_t id) {
  Quantity& quantity = bound_.quantities[id];
  if (quantity.defined.series() == 0)
    quantity.defined = Mask(quantity.dims.series(dims()), quantity.dims.periods(dims()), false);
  for (const BoundPiece& piece : quantity.pieces) quantity.defined |= *piece.mask;
  if (quantity.unknown) quantity.defined = Mask(quantity.defined.series(), quantity.defined.periods(), true);
}

}  // namespace lode
