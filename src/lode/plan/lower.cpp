// SPDX-License-Identifier: Apache-2.0
#include "lode/plan/lower.hpp"

#include "lode/arrays/align.hpp"

namespace lode {

std::vector<Run> runs_of(const Mask& mask) {
  std::vector<Run> runs;
  for (std::size_t s = 0; s < mask.series(); ++s) {
    std::size_t p = 0;
    while (p < mask.periods()) {
      if (!mask.at(s, p)) {
        ++p;
        continue;
      }
      const std::size_t first = p;
      while (p < mask.periods() && mask.at(s, p)) ++p;
      runs.push_back({s, first, p});
    }
  }
  return runs;
}

ArrayId Lowering::add_array(PlanArray::Kind kind, std::size_t id, std::string name,
                            const DimSet& array_dims) {
  PlanArray array;
  array.kind = kind;
  array.id = id;
  array.name = std::move(name);
  array.dims = array_dims;
  array.series = array_dims.series(dims());
  array.periods = array_dims.periods(dims());
  plan_.arrays.push_back(std::move(array));
  return plan_.arrays.size() - 1;
}

ArrayId Lowering::structure(const std::string& name, const DimSet& array_dims, std::vector<double> values) {
  const ArrayId id = add_array(PlanArray::Kind::structure, 0, name, array_dims);
  plan_.arrays[id].constant = std::move(values);
  return id;
}

std::size_t Lowering::compile(const NodePtr& node, Operation& operation, const DimSet& target,
                              const DimSet& frame, const Mask& needed, const std::string& label) {
  const auto emit = [&](Instruction instruction) {
    instruction.target = operation.registers++;
    operation.code.push_back(instruction);
    return instruction.target;
  };
  if (node->kind == Node::Kind::constant) {
    Instruction instruction;
    instruction.kind = Instruction::Kind::constant;
    instruction.value = node->value;
    return emit(instruction);
  }
  if (node->kind != Node::Kind::map || !(node->dims == frame)) {
    operation.reads.push_back(resolve(node, direct(target, node->dims), target, needed, label));
    Instruction instruction;
    instruction.kind = Instruction::Kind::load;
    instruction.a = operation.reads.size() - 1;
    return emit(instruction);
  }
  Instruction instruction;
  instruction.function = node->function;
  std::vector<std::size_t> operands;
  if (node->function == Function::select && node->operands[0]->kind == Node::Kind::condition) {
    // A branch is needed only where the condition takes it.
    const Mask taken = expand(*node->operands[0]->mask, node->operands[0]->dims, target, dims());
    Mask yes = needed, no = needed;
    yes &= taken;
    no &= taken.complement();
    operands.push_back(compile(node->operands[0], operation, target, frame, needed, label));
    operands.push_back(compile(node->operands[1], operation, target, frame, yes, label));
    operands.push_back(compile(node->operands[2], operation, target, frame, no, label));
  } else {
    for (const NodePtr& operand : node->operands)
      operands.push_back(compile(operand, operation, target, frame, needed, label));
  }
  instruction.a = operands[0];
  if (operands.size() > 1) instruction.b = operands[1];
  if (operands.size() > 2) instruction.c = operands[2];
  return emit(instruction);
}

void Lowering::finish(Operation& operation) {
  operation.runs = runs_of(operation.mask);
  operations_.push_back(std::move(operation));
}

void Lowering::lower_into(const NodePtr& expression, ArrayId target_array, const DimSet& target,
                          const Mask& mask, std::string label, const Location& where,
                          std::optional<std::size_t> quantity, std::optional<std::size_t> piece) {
  Operation operation;
  operation.label = std::move(label);
  operation.where = where;
  operation.writes = {target_array};
  operation.mask = mask;
  operation.quantity = quantity;
  operation.piece = piece;
  operation.check_finite = quantity.has_value();
  operation.may_be_absent = expression->may_be_absent;
  if (expression->kind == Node::Kind::reduce && expression->dims == target) {
    operation.kind = Operation::Kind::reduce;
    operation.reduction = expression->reduction;
    operation.sources = expression->sources;
    operation.skip_absent = expression->operands[0]->may_be_absent;
    const NodePtr& operand = expression->operands[0];
    Mask needed(operand->dims.series(dims()), operand->dims.periods(dims()), false);
    for (std::size_t s = 0; s < mask.series(); ++s)
      for (std::size_t p = 0; p < mask.periods(); ++p)
        if (mask.at(s, p))
          for (const std::int32_t from : expression->sources[s])
            needed.set(static_cast<std::size_t>(from), operand->dims.time ? p : 0);
    // The operand must lie as it is: a gather is made an array of its own.
    Access access;
    if (operand->kind == Node::Kind::gather) {
      access.array = materialise(operand, needed, operation.label);
      access.time = operand->dims.time ? Access::Time::same : Access::Time::none;
    } else {
      access = resolve(operand, direct(operand->dims, operand->dims), operand->dims, needed, operation.label);
    }
    operation.reads = {access};
    finish(operation);
    return;
  }
  if (expression->kind == Node::Kind::over_time && expression->dims == target) {
    operation.kind = Operation::Kind::over_time;
    operation.time_function = expression->time_function;
    operation.first = expression->first;
    operation.skip_absent = expression->operands[0]->may_be_absent;
    operation.last = expression->last;
    const NodePtr& operand = expression->operands[0];
    Mask needed(operand->dims.series(dims()), dims().periods(), false);
    for (std::size_t s = 0; s < mask.series(); ++s) {
      bool any = false;
      for (std::size_t p = 0; p < mask.periods(); ++p) any = any || mask.at(s, p);
      if (!any) continue;
      for (std::size_t p = expression->first; p <= expression->last; ++p) needed.set(s, p);
    }
    Access access;
    if (operand->kind == Node::Kind::gather) {
      access.array = materialise(operand, needed, operation.label);
    } else {
      access = resolve(operand, direct(operand->dims, operand->dims), operand->dims, needed, operation.label);
    }
    operation.reads = {access};
    finish(operation);
    return;
  }
  operation.kind = Operation::Kind::map;
  const std::size_t last = compile(expression, operation, target, expression->dims, mask, operation.label);
  static_cast<void>(last);  // the result is the last register by construction
  finish(operation);
}

ArrayId Lowering::materialise(const NodePtr& node, const Mask& needed, const std::string& label) {
  const ArrayId array = add_array(PlanArray::Kind::temporary, 0, label, node->dims);
  lower_into(node, array, node->dims, needed, label, node->where, std::nullopt, std::nullopt);
  return array;
}

void Lowering::lower_piece(std::size_t quantity_id, std::size_t piece_id) {
  const Quantity& quantity = model_.quantities[quantity_id];
  const BoundPiece& piece = quantity.pieces[piece_id];
  Mask mask = *piece.mask;
  if (dims().lead > 0) mask &= demand_[quantity_id];
  if (!mask.any()) return;
  const std::string label =
      piece.condition.empty() ? quantity.name : quantity.name + " (" + piece.condition + ")";
  lower_into(piece.expression, plan_.array_of_quantity[quantity_id], quantity.dims, mask, label, piece.where,
             quantity_id, piece_id);
}

void Lowering::lower_all() {
  DimSet time;
  time.time = true;
  find_demand();
  years_ = structure("time", time, std::vector<double>(dims().years.begin(), dims().years.end()));
  steps_ = structure("step", time, dims().steps);
  condition_arrays_[nullptr] = years_;  // ids start above zero for conditions
  for (std::size_t i = 0; i < model_.leaves.size(); ++i)
    plan_.array_of_leaf.push_back(
        add_array(PlanArray::Kind::leaf, i, model_.leaves[i].name, model_.leaves[i].dims));
  for (std::size_t i = 0; i < model_.quantities.size(); ++i)
    plan_.array_of_quantity.push_back(
        add_array(PlanArray::Kind::quantity, i, model_.quantities[i].name, model_.quantities[i].dims));
  for (std::size_t i = 0; i < model_.quantities.size(); ++i)
    for (std::size_t k = 0; k < model_.quantities[i].pieces.size(); ++k) lower_piece(i, k);
  for (std::size_t i = 0; i < model_.stocks.size(); ++i) lower_stock(i);
  lower_unknowns();
}

}  // namespace lode
