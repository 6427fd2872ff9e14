// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <limits>
#include <set>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

void Binder::bind_solves() {
  std::map<std::string, Location> found;
  for (const SolveDecl& declaration : model().solves) {
    bool once = true;
    for (const SolveDecl::Unknown& unknown : declaration.find) {
      const auto [first, is_new] = found.emplace(unknown.parameter.id, unknown.parameter.where);
      if (is_new) continue;
      once = false;
      auto& diagnostic = diagnostics_.error("doubly-defined", unknown.parameter.where,
                                            fmt::format("`{}` is found twice", unknown.parameter.id));
      diagnostic.labels.push_back({first->second, "the first time"});
      diagnostic.help = "write both relations' parameters under one `find:`";
    }
    if (once) bind_solve(declaration);
  }
}

void Binder::bind_solve(const SolveDecl& declaration) {
  BoundSolve solve;
  solve.declaration = &declaration;
  solve.text = print(*declaration.so_that);
  bool good = true;
  for (const SolveDecl::Unknown& unknown : declaration.find) {
    const auto found = leaf_ids_.find(unknown.parameter.id);
    if (found == leaf_ids_.end()) {
      std::vector<std::string> names;
      for (const Leaf& leaf : bound_.leaves) names.push_back(leaf.name);
      auto& diagnostic = diagnostics_.error("unknown-name", unknown.parameter.where,
                                            fmt::format("no parameter is called `{}`", unknown.parameter.id));
      diagnostic.why = "what is found is a parameter; its value is where the search begins";
      diagnostic.help = did_you_mean(unknown.parameter.id, names);
      good = false;
      continue;
    }
    if (failed_leaves_.count(unknown.parameter.id)) return;
    const Leaf& leaf = bound_.leaves[found->second];
    const auto bound_value = [&](const std::optional<ValueText>& value, double otherwise) {
      if (!value) return otherwise;
      std::optional<Unit> own = leaf.unit;
      if (value->unit) own = bind_unit(value->unit->text, value->unit->where, nullptr, leaf.name);
      if (!own) {
        good = false;
        return otherwise;
      }
      if (!units_agree(*own, leaf.unit, nullptr)) {
        diagnostics_.error(
            "unit-mismatch", value->where,
            fmt::format("`{}` is in {}, this is {}", leaf.name, unit_text(leaf.unit), unit_text(*own)));
        good = false;
        return otherwise;
      }
      return value->number * (value->percent && !value->unit ? 1.0 : own->scale());
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    BoundSolve::Unknown bound{found->second, bound_value(unknown.low, -infinity),
                              bound_value(unknown.high, infinity)};
    if (good && !(bound.low < bound.high)) {
      diagnostics_.error("bad-range", unknown.low->where,
                         fmt::format("the lowest value of `{}` is not below its highest", leaf.name));
      good = false;
    }
    solve.find.push_back(bound);
  }
  const std::string owner = "solve." + declaration.name.id;
  const auto sides = bind_sides(*declaration.so_that, owner);
  if (!sides || !good) return;
  const NodePtr left = sides->first, right = sides->second;
  const DimSet over = unify(left->dims, right->dims, dims());
  // Cells that exist on both sides; elsewhere there is nothing to compare.
  Mask cells(over.series(dims()), over.periods(dims()), true);
  if (over.time)
    for (std::size_t s = 0; s < cells.series(); ++s)
      for (std::size_t p = 0; p < dims().lead; ++p) cells.set(s, p, false);
  for (const NodePtr& side : {left, right}) {
    if (side->kind != Node::Kind::quantity && side->kind != Node::Kind::leaf) continue;
    Mask defined = side->kind == Node::Kind::leaf ? bound_.leaves[side->id].defined : Mask();
    if (side->kind == Node::Kind::quantity) {
      finish_quantity(side->id);
      defined = bound_.quantities[side->id].defined;
    }
    cells &= expand(defined, side->dims, over, dims());
  }
  const auto side_of = [&](const char* suffix, const NodePtr& node) {
    Quantity quantity;
    quantity.name = "@" + owner + suffix;
    quantity.kind = Quantity::Kind::checkpoint;
    quantity.dims = over;
    quantity.unit = (left->any_unit ? right : left)->unit.internal();
    quantity.type = node->type;
    quantity.where = node->where;
    quantity.is_signed = true;
    quantity.may_be_absent = node->may_be_absent;
    const std::size_t id = add_quantity(std::move(quantity));
    states_[id] = State::typed;
    BoundPiece piece;
    piece.mask = std::make_shared<Mask>(cells);
    piece.expression = node;
    piece.formula = print(*declaration.so_that->operands[node == left ? 0 : 1]);
    piece.where = node->where;
    bound_.quantities[id].pieces.push_back(std::move(piece));
    return id;
  };
  solve.left = side_of(".left", left);
  solve.right = side_of(".right", right);
  bound_.solves.push_back(std::move(solve));
}

}  // namespace lode
