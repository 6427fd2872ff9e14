// SPDX-License-Identifier: Apache-2.0
//
// Which cells are asked for. All of the model's own years are; of the years before, only what stocks that
// begin early need, and what that needs in turn.
#include "lode/arrays/align.hpp"
#include "lode/plan/lower.hpp"

namespace lode {

void Lowering::find_demand() {
  if (dims().lead == 0) return;
  for (const Quantity& quantity : model_.quantities) {
    const std::size_t n = quantity.dims.series(dims()), periods = quantity.dims.periods(dims());
    Mask mask(n, periods, true);
    if (quantity.dims.time)
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t p = 0; p < dims().lead; ++p) mask.set(s, p, false);
    demand_.push_back(std::move(mask));
  }
  for (const BoundStock& stock : model_.stocks) {
    const std::size_t n = stock.dims.series(dims());
    Mask before(n, dims().periods(), false);
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t p = stock.begin; p < dims().lead; ++p) before.set(s, p);
    if (!before.any()) continue;
    const auto ask = [&](const NodePtr& node, const Mask& cells) {
      if (node) demand(node, needed_of(direct(stock.dims, node->dims), cells, node->dims));
    };
    Mask inflow = before;
    for (const BoundPiece& piece : stock.given_level) {
      Mask cells = before;
      cells &= *piece.mask;
      ask(piece.expression, cells);
      inflow &= piece.mask->complement();
    }
    if (stock.carrier || stock.declaration->spin_up) ask(stock.given_inflow, inflow);
    ask(stock.entries, before);
    ask(stock.hazard, before);
    if (!stock.carrier && stock.lifetime)
      for (const NodePtr& parameter : stock.lifetime->parameters) ask(parameter, before);
  }
}

void Lowering::demand(const NodePtr& node, const Mask& needed) {
  if (!needed.any()) return;
  switch (node->kind) {
    case Node::Kind::quantity: {
      Mask fresh = needed;
      fresh &= demand_[node->id].complement();
      if (!fresh.any()) return;
      demand_[node->id] |= fresh;
      const Quantity& quantity = model_.quantities[node->id];
      for (const BoundPiece& piece : quantity.pieces) {
        Mask cells = fresh;
        cells &= *piece.mask;
        const NodePtr& expression = piece.expression;
        demand(expression, needed_of(direct(quantity.dims, expression->dims), cells, expression->dims));
      }
      return;
    }
    case Node::Kind::gather:
      return demand(node->operands[0], needed_of(gather_access(*node), needed, node->operands[0]->dims));
    case Node::Kind::map:
      for (std::size_t i = 0; i < node->operands.size(); ++i) {
        const NodePtr& operand = node->operands[i];
        Mask cells = needed;
        if (node->function == Function::select && i > 0 && node->operands[0]->kind == Node::Kind::condition) {
          // A branch is asked for only where the condition takes it.
          const Node& condition = *node->operands[0];
          const Mask taken = expand(*condition.mask, condition.dims, node->dims, dims());
          cells &= i == 1 ? taken : taken.complement();
        }
        demand(operand, needed_of(direct(node->dims, operand->dims), cells, operand->dims));
      }
      return;
    case Node::Kind::reduce: {
      const NodePtr& operand = node->operands[0];
      Mask cells(operand->dims.series(dims()), operand->dims.periods(dims()), false);
      for (std::size_t s = 0; s < needed.series(); ++s)
        for (std::size_t p = 0; p < needed.periods(); ++p)
          if (needed.at(s, p))
            for (const std::int32_t from : node->sources[s])
              cells.set(static_cast<std::size_t>(from), operand->dims.time ? p : 0);
      return demand(operand, cells);
    }
    case Node::Kind::constant:
    case Node::Kind::year:
    case Node::Kind::step:
    case Node::Kind::leaf:
    case Node::Kind::over_time:  // runs over the model's own years
    case Node::Kind::condition:
      return;
  }
}

}  // namespace lode
