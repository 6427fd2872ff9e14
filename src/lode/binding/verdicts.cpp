// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

/// A classification has one dimension more for each axis, and no other: a rule over a region would else copy
/// what is classified into every one.
bool Binder::bind_classification(const ClassificationDecl& declaration) {
  const std::string& name = declaration.name.id;
  BoundClassification bound;
  bound.declaration = &declaration;
  const auto typed = [&](const std::string& part) {
    const std::size_t id = quantity_ids_.at(part);
    ensure_typed(id, bound_.quantities[id].where);
    return id;
  };
  bound.whole = typed(name + ".whole");
  if (states_[bound.whole] != State::typed) return false;
  const Quantity& whole = bound_.quantities[bound.whole];
  DimSet expected = whole.dims;
  for (const NameAt& axis : declaration.axes) {
    const auto id = dims().find(axis.id);
    if (!id) {
      auto& diagnostic =
          diagnostics_.error("unknown-name", axis.where, fmt::format("no dimension is called `{}`", axis.id));
      diagnostic.help = did_you_mean(axis.id, dimension_names());
      if (diagnostic.help.empty())
        diagnostic.help =
            fmt::format("declare its classes: `{}: [viable, later, never]` in `dimensions:`", axis.id);
      return false;
    }
    if (aligned_axis(whole.dims, *id, dims())) {
      diagnostics_
          .error("dimensions-differ", axis.where,
                 fmt::format("what `{}` classifies is over `{}` already", name, axis.id))
          .labels.push_back({whole.where, whole.dims.str(dims())});
      return false;
    }
    expected.insert(*id);
    bound.axes.push_back(*id);
  }
  for (const NameAt& axis : declaration.axes) {
    bound.shares.push_back(typed(name + "." + axis.id));
    const Quantity& share = bound_.quantities[bound.shares.back()];
    if (states_[bound.shares.back()] != State::typed) return false;
    if (!share.unit.dimensionless()) {
      diagnostics_.error("unit-mismatch", axis.where,
                         fmt::format("shares have no unit, these are in {}", share.unit.str()));
      return false;
    }
    for (const DimensionId id : share.dims.labels) {
      if (aligned_axis(expected, id, dims())) continue;
      auto& diagnostic = diagnostics_.error(
          "dimensions-differ", axis.where,
          fmt::format("the rules are over `{}`, what is classified is not", dims()[id].name));
      diagnostic.labels.push_back({whole.where, over_text(whole.dims, dims(), "one value")});
      diagnostic.help =
          fmt::format("classify something that is over `{}`, or sum in the rule", dims()[id].name);
      return false;
    }
    if (share.dims.time && !whole.dims.time) {
      diagnostics_
          .error("dimensions-differ", axis.where,
                 "the rules change over time, what is classified has no time")
          .labels.push_back({whole.where, over_text(whole.dims, dims(), "one value")});
      return false;
    }
  }
  bound.result = typed(name);
  bound.unclassified = typed(name + ".unclassified");
  bound_.classifications.push_back(std::move(bound));
  return true;
}

void Binder::bind_classifications() {
  for (const ClassificationDecl& declaration : model().classifications) {
    if (bind_classification(declaration)) continue;
    std::vector<std::string> parts{"", ".unclassified"};
    for (const NameAt& axis : declaration.axes) parts.push_back("." + axis.id);
    for (const std::string& part : parts) {
      const std::size_t id = quantity_ids_.at(declaration.name.id + part);
      if (states_[id] == State::typed) continue;
      equation_of_[id] = nullptr;  // said already
      states_[id] = State::failed;
    }
  }
}

/// What the processes of a stage leave over against what enters them, or what enters them.
std::optional<std::size_t> Binder::declare_stage_sums(const DiagnosisDecl& declaration, const AlertDecl& cell,
                                                      const std::string& stage) {
  const Location& where = cell.quantity.where;
  NodePtr left_over, entering;
  const auto add = [&](NodePtr& sum, const NodePtr& part) {
    if (!sum) {
      sum = part;
      return;
    }
    auto both = std::const_pointer_cast<Node>(make_map(Function::add, {sum, part}, where));
    both->unit = part->unit;
    sum = both;
  };
  for (const BoundProcess& process : bound_.processes) {
    const auto& at = process.declaration->stage;
    if (!at || at->id != stage || !process.balance || !process.throughput) continue;
    const Quantity& enters = bound_.quantities[*process.throughput];
    if (enters.unit.symbolic()) continue;  // counted differently by label: no sum
    if (entering && !conversion(enters.unit, entering->unit, model().substance)) continue;
    DimSet years;
    years.time = enters.dims.time;
    add(entering, reduce_to(quantity_node(*process.throughput, where), years, Reduction::sum, where));
    const NodePtr balance = quantity_node(*process.balance, where);
    auto size = std::const_pointer_cast<Node>(make_map(Function::absolute, {balance}, where));
    size->unit = balance->unit;
    add(left_over, reduce_to(size, years, Reduction::sum, where));
  }
  if (!entering) return std::nullopt;
  NodePtr value = entering;
  if (declaration.kind == DiagnosisDecl::Kind::balance) {
    auto part = std::const_pointer_cast<Node>(make_map(Function::divide, {left_over, entering}, where));
    part->unit = Unit();
    auto flowing = std::const_pointer_cast<Node>(
        make_map(Function::greater, {entering, make_constant(0, entering->unit, where)}, where));
    flowing->type = Node::Type::truth;
    flowing->unit = Unit();
    auto choice = std::const_pointer_cast<Node>(
        make_map(Function::select, {flowing, part, make_constant(0, Unit(), where)}, where));
    choice->unit = Unit();
    value = choice;
  }
  Quantity quantity;
  quantity.name = cell.quantity.id;
  quantity.kind = Quantity::Kind::named;
  quantity.dims = value->dims;
  quantity.unit = value->unit;
  quantity.where = where;
  quantity.title = declaration.title;
  quantity.is_signed = true;
  quantity.may_be_absent = value->may_be_absent;
  BoundPiece piece;
  Mask cells(1, value->dims.periods(dims()), true);
  for (std::size_t p = 0; value->dims.time && p < dims().lead; ++p) cells.set(0, p, false);
  piece.mask = std::make_shared<Mask>(cells);
  piece.expression = value;
  piece.formula =
      declaration.kind == DiagnosisDecl::Kind::balance ? "what is left over / what enters" : "what enters";
  piece.where = where;
  quantity.pieces.push_back(std::move(piece));
  const std::size_t id = add_quantity(std::move(quantity));
  states_[id] = State::typed;
  return id;
}

void Binder::bind_diagnosis() {
  for (const DiagnosisDecl& declaration : model().diagnosis) {
    BoundDiagnosis bound;
    bound.declaration = &declaration;
    for (std::size_t i = 0; i < declaration.cells.size(); ++i) {
      const AlertDecl& cell = declaration.cells[i];
      BoundDiagnosis::Cell made;
      made.stage = declaration.stages[i].id;
      if (declaration.kind == DiagnosisDecl::Kind::formula) {
        made.quantity = quantity_ids_.at(cell.quantity.id);
      } else {
        const auto id = declare_stage_sums(declaration, cell, made.stage);
        if (!id) continue;
        made.quantity = *id;
      }
      if (states_[made.quantity] == State::failed) continue;  // said already
      if (!bound_.quantities[made.quantity].dims.labels.empty()) {
        auto& diagnostic = diagnostics_.error(
            "not-one-number", cell.quantity.where,
            fmt::format("an indicator of a stage is one number a year, but this is over {}",
                        bound_.quantities[made.quantity].dims.str(dims())));
        diagnostic.help = "choose a label in brackets, or sum";
        continue;
      }
      if (declaration.kind != DiagnosisDecl::Kind::spread) {
        const std::size_t before = bound_.alerts.size();
        bind_alert(cell, made.quantity);
        if (bound_.alerts.size() == before) continue;
        made.alert = bound_.alerts.back();
        bound_.alerts.pop_back();
      }
      bound.cells.push_back(std::move(made));
    }
    bound_.diagnosis.push_back(std::move(bound));
  }
}

}  // namespace lode
