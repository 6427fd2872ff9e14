// SPDX-License-Identifier: Apache-2.0
#include "lode/plan/lower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lode/arrays/align.hpp"
#include "lode/support/contract.hpp"

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

Access Lowering::direct(const DimSet& target, const DimSet& source) const {
  Access access;
  if (target.labels != source.labels) access.series = series_map(target, source, dims());
  access.time = source.time ? Access::Time::same : Access::Time::none;
  return access;
}

Access Lowering::gather_access(const Node& gather) const {
  const DimSet& source = gather.operands[0]->dims;
  Access access;
  const std::size_t n = gather.dims.series(dims());
  access.series.assign(n, 0);
  for (std::size_t k = 0; k < source.labels.size(); ++k) {
    access.stride *= dims()[source.labels[k]].size();
    if (gather.picks[k].along_time) access.stride = 1;
  }
  for (std::size_t s = 0; s < n; ++s) {
    const auto index = gather.dims.unravel(s, dims());
    std::int64_t at = 0;
    for (std::size_t k = 0; k < source.labels.size(); ++k) {
      const Pick& pick = gather.picks[k];
      std::int64_t label = -1;
      if (pick.along_time) {
        label = 0;
      } else if (pick.fixed) {
        label = static_cast<std::int64_t>(*pick.fixed);
      } else {
        for (std::size_t j = 0; j < gather.dims.labels.size(); ++j)
          if (gather.dims.labels[j] == pick.target) label = pick.index[index[j]];
      }
      if (label < 0) {
        at = -1;
        break;
      }
      at = at * static_cast<std::int64_t>(dims()[source.labels[k]].size()) + label;
    }
    access.series[s] = static_cast<std::int32_t>(at);
  }
  if (!source.time) {
    access.time = Access::Time::none;
  } else if (gather.fixed_period) {
    access.time = Access::Time::fixed;
    access.period = *gather.fixed_period;
  } else if (!gather.periods.empty()) {
    access.time = Access::Time::mapped;
    access.periods = gather.periods;
  }
  return access;
}

CellRead cell_read(const Access& access, std::size_t series, std::size_t period) {
  CellRead cell{access.series.empty() ? static_cast<std::int64_t>(series) : access.series[series],
                static_cast<std::int64_t>(period)};
  if (cell.series >= 0) cell.series += static_cast<std::int64_t>(access.stride * period);
  switch (access.time) {
    case Access::Time::none:
      cell.period = 0;
      break;
    case Access::Time::fixed:
      cell.period = static_cast<std::int64_t>(access.period);
      break;
    case Access::Time::mapped:
      cell.period = access.periods[period];
      break;
    case Access::Time::same:
      break;
  }
  return cell;
}

Access Lowering::compose(const Access& outer, const Access& inner, const DimSet& target) const {
  Access result;
  const std::size_t n = target.series(dims());
  result.series.resize(n);
  for (std::size_t s = 0; s < n; ++s) {
    const std::int32_t middle = outer.series.empty() ? static_cast<std::int32_t>(s) : outer.series[s];
    result.series[s] =
        middle < 0 || inner.series.empty() ? middle : inner.series[static_cast<std::size_t>(middle)];
  }
  LODE_EXPECT(inner.stride == 0 || outer.time == Access::Time::same);
  result.stride = inner.stride;
  switch (inner.time) {
    case Access::Time::none:
    case Access::Time::fixed:
      result.time = inner.time;
      result.period = inner.period;
      break;
    case Access::Time::same:
      result.time = outer.time;
      result.period = outer.period;
      result.periods = outer.periods;
      break;
    case Access::Time::mapped:
      if (outer.time == Access::Time::same) {
        result.time = Access::Time::mapped;
        result.periods = inner.periods;
      } else if (outer.time == Access::Time::fixed) {
        const std::int32_t period = inner.periods[outer.period];
        if (period < 0) {
          // x[time − 3][2001] before the start: no such cell for any of ours
          result.time = Access::Time::mapped;
          result.periods.assign(target.periods(dims()), -1);
        } else {
          result.time = Access::Time::fixed;
          result.period = static_cast<std::size_t>(period);
        }
      } else {
        result.time = Access::Time::mapped;
        for (const std::int32_t p : outer.periods)
          result.periods.push_back(p < 0 ? -1 : inner.periods[static_cast<std::size_t>(p)]);
      }
      break;
  }
  return result;
}

Mask Lowering::needed_of(const Access& access, const Mask& needed, const DimSet& source) const {
  Mask result(source.series(dims()), source.periods(dims()), false);
  for (std::size_t s = 0; s < needed.series(); ++s)
    for (std::size_t p = 0; p < needed.periods(); ++p) {
      if (!needed.at(s, p)) continue;
      const CellRead cell = cell_read(access, s, p);
      if (cell.series >= 0 && cell.period >= 0)
        result.set(static_cast<std::size_t>(cell.series), static_cast<std::size_t>(cell.period));
    }
  return result;
}

Mask cells_read(const Operation& operation, std::size_t read, const Plan& plan) {
  const Access& access = operation.reads[read];
  const PlanArray& array = plan.arrays[access.array];
  Mask result(array.series, array.periods, false);
  if (operation.kind == Operation::Kind::reduce) {
    for (std::size_t s = 0; s < operation.mask.series(); ++s)
      for (std::size_t p = 0; p < operation.mask.periods(); ++p)
        if (operation.mask.at(s, p))
          for (const std::int32_t from : operation.sources[s])
            result.set(static_cast<std::size_t>(from), array.periods == 1 ? 0 : p);
    return result;
  }
  if (operation.kind == Operation::Kind::over_time) {
    for (std::size_t s = 0; s < operation.mask.series(); ++s)
      for (std::size_t p = operation.first; p <= operation.last; ++p)
        if (operation.mask.at(s, 0) || operation.mask.periods() > 1) result.set(s, p);
    return result;
  }
  // A stock asks for an inflow only where it is not given itself.
  const bool entering = operation.kind == Operation::Kind::cohort && read == 0 && operation.given.any();
  for (std::size_t s = 0; s < operation.mask.series(); ++s)
    for (std::size_t p = 0; p < operation.mask.periods(); ++p) {
      if (!operation.mask.at(s, p) || (entering && operation.given.at(s, p))) continue;
      const CellRead cell = cell_read(access, s, p);
      if (cell.series >= 0 && cell.period >= 0)
        result.set(static_cast<std::size_t>(cell.series), static_cast<std::size_t>(cell.period));
    }
  return result;
}

void Lowering::check_defined(const NodePtr& node, const Mask& defined, const Access& access,
                             const DimSet& target, const Mask& needed, const DimSet& source,
                             const std::string& name) {
  for (std::size_t s = 0; s < needed.series(); ++s)
    for (std::size_t p = 0; p < needed.periods(); ++p) {
      if (!needed.at(s, p)) continue;
      const auto [from, period] = cell_read(access, s, p);
      if (period >= 0 && from >= 0 &&
          defined.at(static_cast<std::size_t>(from), static_cast<std::size_t>(period)))
        continue;
      const std::string cell = cell_name(target, s, p, dims());
      if (period < 0) {
        auto& diagnostic =
            diagnostics_.error("before-the-start", node->where,
                               fmt::format("at {} this reads `{}` before the first year", cell, name));
        std::size_t early = dims().lead;
        while (early < access.periods.size() && access.periods[early] < 0) ++early;
        if (early == dims().lead + 1)
          diagnostic.help =
              fmt::format("give the first year its own condition, or write `prev({}, first = …)`", name);
        else
          diagnostic.help =
              fmt::format("give the years before {} their own condition",
                          early < dims().periods() ? dims().years[early] : dims().last_year() + 1);
        return;
      }
      auto& diagnostic =
          diagnostics_.error("undefined-cell", node->where,
                             from < 0 ? fmt::format("`{}` has no label for {}", name, cell)
                                      : fmt::format("`{}` does not exist at {}", name,
                                                    cell_name(source, static_cast<std::size_t>(from),
                                                              static_cast<std::size_t>(period), dims())));
      if (from < 0) {
        diagnostic.labels.push_back({node->kind == Node::Kind::leaf
                                         ? model_.leaves[node->id].declaration->name.where
                                         : model_.quantities[node->id].where,
                                     "over " + source.str(dims())});
        diagnostic.help = "two different subsets meet here: declare one that is part of both";
      } else if (node->kind == Node::Kind::leaf) {
        diagnostic.labels.push_back({model_.leaves[node->id].declaration->name.where, "declared here"});
        diagnostic.help =
            period < static_cast<std::int64_t>(dims().lead) && node->dims.time
                ? "a stock that begins early asks for it there: give it values for those years, or "
                  "`extrapolate:`"
                : "use it only under a condition where it exists, or widen its `where:`";
      } else if (node->kind == Node::Kind::quantity) {
        diagnostic.labels.push_back({model_.quantities[node->id].where, "defined here"});
        diagnostic.help = "use it only under a condition where it exists";
      }
      return;
    }
}

Access Lowering::resolve(const NodePtr& node, Access access, const DimSet& target, const Mask& needed,
                         const std::string& label) {
  switch (node->kind) {
    case Node::Kind::gather: {
      const Access inner = gather_access(*node);
      // Two series that both move with time, or one behind a lag, have no stride of their own.
      const bool apart = (inner.stride != 0 && access.time != Access::Time::same) ||
                         (access.stride != 0 && node->operands[0]->kind == Node::Kind::gather) ||
                         (access.stride != 0 && inner.stride != 0);
      if (apart) {
        access.array = materialise(node, needed_of(access, needed, node->dims), label);
        return access;
      }
      return resolve(node->operands[0], compose(access, inner, target), target, needed, label);
    }
    case Node::Kind::leaf:
      check_defined(node, model_.leaves[node->id].defined, access, target, needed, node->dims,
                    model_.leaves[node->id].name);
      access.array = plan_.array_of_leaf[node->id];
      return access;
    case Node::Kind::quantity: {
      const Quantity& quantity = model_.quantities[node->id];
      check_defined(node, quantity.defined, access, target, needed, node->dims, quantity.name);
      access.array = plan_.array_of_quantity[node->id];
      return access;
    }
    case Node::Kind::year:
      if (node->dims.time) {
        access.array = years_;
      } else {
        access.array = structure(dims()[node->dims.labels.front()].name, node->dims,
                                 std::vector<double>(dims().years.begin(), dims().years.end()));
      }
      return access;
    case Node::Kind::step:
      access.array = steps_;
      return access;
    case Node::Kind::condition: {
      auto& array = condition_arrays_[node->mask.get()];
      if (array == 0) {
        std::vector<double> values(node->mask->bits().begin(), node->mask->bits().end());
        array = structure("condition", node->dims, std::move(values));
      }
      access.array = array;
      return access;
    }
    default: {
      // A lag that reaches before the start is found here too, whatever it lags.
      if (access.time == Access::Time::mapped)
        for (std::size_t s = 0; s < needed.series(); ++s)
          for (std::size_t p = 0; p < needed.periods(); ++p)
            if (needed.at(s, p) && access.periods[p] < 0) {
              auto& diagnostic = diagnostics_.error(
                  "before-the-start", node->where,
                  fmt::format("at {} this reads before the first year", cell_name(target, s, p, dims())));
              diagnostic.help = "give the first years their own condition, or `prev(x, first = …)`";
              s = needed.series() - 1;
              break;
            }
      access.array = materialise(node, needed_of(access, needed, node->dims), label);
      return access;
    }
  }
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

void Lowering::lower_stock(std::size_t id) {
  const BoundStock& stock = model_.stocks[id];
  const std::size_t n = stock.dims.series(dims());
  const std::size_t periods = dims().periods();
  DimSet label_dims = stock.dims;
  label_dims.time = false;
  const Location& where = stock.declaration->name.where;
  const auto own = [&](const NodePtr& expression, const DimSet& target, const Mask& mask,
                       const std::string& label) {
    const ArrayId array = add_array(PlanArray::Kind::temporary, 0, label, target);
    lower_into(expression, array, target, mask, label, expression->where, std::nullopt, std::nullopt);
    operations_.back().check_finite = true;
    Access access;
    access.array = array;
    access.time = target.time ? Access::Time::same : Access::Time::none;
    return access;
  };
  Operation operation;
  operation.stock = id;
  operation.where = where;
  operation.label = stock.name;
  operation.mask = Mask(n, periods, true);
  for (std::size_t s = 0; s < n; ++s)
    for (std::size_t p = 0; p < stock.begin; ++p) operation.mask.set(s, p, false);
  if (!stock.lifetime && !stock.carrier) {
    // reads: inflow, outflow or change; then the initial amount
    operation.kind = Operation::Kind::accumulate;
    const ArrayId level = plan_.array_of_quantity[stock.level];
    if (stock.declaration->change) {
      operation.writes = {level};
      Access access;
      access.array = plan_.array_of_quantity[stock.change];
      operation.reads = {access};
    } else {
      operation.writes = {level, plan_.array_of_quantity[stock.inflow],
                          plan_.array_of_quantity[stock.outflow]};
      const Mask all = operation.mask;
      const auto zero = std::make_shared<Node>();
      operation.reads.push_back(
          own(stock.given_inflow ? stock.given_inflow : zero, stock.dims, all, stock.name + ".inflow"));
      operation.reads.push_back(
          own(stock.given_outflow ? stock.given_outflow : zero, stock.dims, all, stock.name + ".outflow"));
    }
    const auto zero = std::make_shared<Node>();
    operation.reads.push_back(
        own(stock.initial ? stock.initial : zero, label_dims, Mask(n, 1, true), stock.name + " (initial)"));
    finish(operation);
    return;
  }
  if (stock.is_scaled()) return;  // its parts are the carrier's times the content
  operation.kind = Operation::Kind::cohort;
  operation.given = stock.level_mask;
  const StockCurves& curves = stock.carrier ? stock_curves_[*stock.carrier] : lower_survival(id);
  operation.curves = curves.set;
  operation.curve_of = series_map(stock.dims, curves.dims, dims());
  if (stock.carrier)
    operation.carrier_of = series_map(stock.dims, model_.stocks[*stock.carrier].dims, dims());
  operation.writes = {plan_.array_of_quantity[stock.inflow], plan_.array_of_quantity[stock.level],
                      plan_.array_of_quantity[stock.outflow]};
  const bool repairs = stock.declaration->negative_inflow.text != "error" &&
                       stock.declaration->negative_inflow.text != "allow" &&
                       !stock.declaration->level.empty();
  Access correction;
  if (repairs && !stock.carrier) {
    correction_arrays_[id] =
        add_array(PlanArray::Kind::temporary, 0, stock.name + " (corrections)", stock.dims);
    operation.writes.push_back(correction_arrays_[id]);
  }
  const auto within = [&](Mask mask, std::size_t first, std::size_t last) {
    for (std::size_t s = 0; s < mask.series(); ++s)
      for (std::size_t p = 0; p < periods; ++p)
        if (p < first || p >= last) mask.set(s, p, false);
    return mask;
  };
  // reads: inflow where given, stock where given, curves; then, if any, the older stock, its corrections
  const std::size_t first_inflow =
      stock.carrier || stock.declaration->spin_up ? stock.begin : std::max(stock.begin, dims().lead);
  const ArrayId inflow_array =
      add_array(PlanArray::Kind::temporary, 0, stock.name + ".inflow (given)", stock.dims);
  const auto lower_given = [&](const NodePtr& expression, ArrayId array, const Mask& mask,
                               const std::string& label, const Location& at) {
    if (!expression || !mask.any()) return;
    lower_into(expression, array, stock.dims, mask, label, at, std::nullopt, std::nullopt);
    operations_.back().check_finite = true;
  };
  lower_given(stock.given_inflow, inflow_array, within(stock.level_mask.complement(), first_inflow, periods),
              stock.name + ".inflow (given)", where);
  lower_given(stock.entries, inflow_array, within(Mask(n, periods, true), stock.begin, dims().lead),
              stock.name + " (entered before)", where);
  const ArrayId level_array =
      add_array(PlanArray::Kind::temporary, 0, stock.name + ".stock (given)", stock.dims);
  const bool joins = stock.declaration->join.text != "none";
  for (const BoundPiece& piece : stock.given_level) {
    Mask cells = *piece.mask;
    // To join, the formula is asked for the year before it begins, too.
    if (joins)
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t p = stock.begin; p + 1 < periods; ++p)
          if (piece.mask->at(s, p + 1) && !stock.level_mask.at(s, p)) cells.set(s, p);
    lower_given(piece.expression, level_array, cells,
                stock.name + ".stock (" + (piece.condition.empty() ? "given" : piece.condition) + ")",
                piece.where);
  }
  Access inflow, level, curve;
  inflow.array = inflow_array;
  level.array = level_array;
  curve.array = curves.array;
  curve.time = Access::Time::none;
  curve.series = operation.curve_of;
  operation.reads = {inflow, level, curve};
  if (stock.steady) {
    operation.steady_read = operation.reads.size();
    operation.reads.push_back(own(stock.steady, label_dims, Mask(n, 1, true), stock.name + " (first stock)"));
  }
  if (stock.carrier) {
    if (const auto found = correction_arrays_.find(*stock.carrier); found != correction_arrays_.end()) {
      operation.correction_read = operation.reads.size();
      correction.array = found->second;
      correction.series = operation.carrier_of;
      operation.reads.push_back(correction);
    }
  }
  if (stock.used) {
    DimSet over = stock.dims;
    over.insert(stock.used_axis);
    operation.used_read = operation.reads.size();
    operation.reads.push_back(own(stock.used, over,
                                  within(Mask(over.series(dims()), periods, true), dims().lead, periods),
                                  stock.name + " (with an age)"));
  }
  const Operation cohort = operation;
  finish(operation);
  if (!stock.by_cohort) return;
  Operation results;
  results.kind = Operation::Kind::cohort_results;
  results.stock = id;
  results.where = where;
  results.label = stock.name + " (cohorts)";
  for (const std::size_t quantity : {stock.by_cohort->stock, stock.by_cohort->outflow,
                                     stock.by_cohort->mean_age, stock.by_cohort->mean_age_leaving})
    results.writes.push_back(plan_.array_of_quantity[quantity]);
  const PlanArray& first = plan_.arrays[results.writes.front()];
  results.mask = within(Mask(first.series, periods, true), dims().lead, periods);
  // It looks at all that the cohorts are made of.
  results.reads = cohort.reads;
  for (const ArrayId array : cohort.writes) {
    Access access;
    access.array = array;
    results.reads.push_back(access);
  }
  results.curve_of = cohort.curve_of;
  finish(results);
}

const Lowering::StockCurves& Lowering::lower_survival(std::size_t id) {
  const BoundStock& stock = model_.stocks[id];
  Operation survival;
  survival.kind = Operation::Kind::survival;
  survival.stock = id;
  survival.where = stock.declaration->name.where;
  survival.label = stock.name + " (lifetime)";
  survival.curves = plan_.curve_sets++;
  std::vector<NodePtr> parameters = stock.lifetime->parameters;
  if (stock.hazard) parameters.push_back(stock.hazard);
  DimSet life_dims;
  for (const NodePtr& parameter : parameters) life_dims = unify(life_dims, parameter->dims, dims());
  // Curves lie on the stock's own axes, so that a subset has its own.
  DimSet curve_dims;
  for (const DimensionId axis : stock.dims.labels)
    if (aligned_axis(life_dims, axis, dims())) curve_dims.insert(axis);
  const std::size_t curves = curve_dims.series(dims());
  survival.mask = Mask(curves, 1, true);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    DimSet target = curve_dims;
    target.time = parameters[i]->dims.time;
    Mask cells(curves, target.periods(dims()), true);
    if (target.time)
      for (std::size_t s = 0; s < curves; ++s)
        for (std::size_t p = 0; p < stock.begin; ++p) cells.set(s, p, false);
    const bool is_hazard = i >= stock.lifetime->parameters.size();
    const std::string label = is_hazard ? fmt::format("{} (hazard)", stock.name)
                                        : fmt::format("{} (lifetime {})", stock.name, i + 1);
    Access access;
    access.array = add_array(PlanArray::Kind::temporary, 0, label, target);
    access.time = target.time ? Access::Time::same : Access::Time::none;
    lower_into(parameters[i], access.array, target, cells, label, parameters[i]->where, std::nullopt,
               std::nullopt);
    operations_.back().check_finite = true;
    survival.reads.push_back(access);
  }
  // The curves are an array too, so that the order of operations knows of them.
  const ArrayId array = add_array(PlanArray::Kind::temporary, 0, survival.label, curve_dims);
  survival.writes = {array};
  const std::size_t set = survival.curves;
  finish(survival);
  return stock_curves_[id] = {set, curve_dims, array};
}

namespace {

/// Equations of one kind: one per cell of the mask, and the unknown flows they speak of.
struct Equations {
  DimSet dims;
  Mask mask;
  std::set<std::size_t> unknown;
};

/// Unknown flows that the equations leave open, whatever their coefficients: with M a largest matching of
/// equations and unknowns (each equation with one unknown it speaks of), those that an alternating path leads
/// to from an unmatched unknown. That is the underdetermined part of the Dulmage–Mendelsohn decomposition
/// (doi:10.4153/CJM-1958-052-0). An equation counts as speaking of every cell of a flow that has its labels.
std::set<std::size_t> undetermined(const BoundModel& model, const std::vector<Equations>& equations,
                                   const std::vector<std::size_t>& flows) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  const Dimensions& dims = model.dimensions;
  std::vector<std::size_t> flow_of;             // per unknown cell
  std::map<std::size_t, std::size_t> first_of;  // flow → its first cell
  for (const std::size_t flow : flows) {
    first_of[flow] = flow_of.size();
    flow_of.insert(flow_of.end(), model.quantities[flow].dims.series(dims), flow);
  }
  const auto agree = [&](const DimSet& a, std::size_t s, const DimSet& b, std::size_t t) {
    const auto at = a.unravel(s, dims), bt = b.unravel(t, dims);
    for (std::size_t i = 0; i < a.labels.size(); ++i)
      for (std::size_t j = 0; j < b.labels.size(); ++j)
        if (dims.share_root(a.labels[i], b.labels[j]) &&
            dims[a.labels[i]].to_root[at[i]] != dims[b.labels[j]].to_root[bt[j]])
          return false;
    return true;
  };
  std::set<std::size_t> open;
  std::vector<std::pair<std::size_t, std::size_t>> before;  // equations of the last period looked at
  for (std::size_t p = dims.lead; p < dims.periods(); ++p) {
    std::vector<std::pair<std::size_t, std::size_t>> cells;
    for (std::size_t e = 0; e < equations.size(); ++e)
      for (std::size_t s = 0; s < equations[e].mask.series(); ++s)
        if (equations[e].mask.at(s, equations[e].mask.periods() == 1 ? 0 : p)) cells.emplace_back(e, s);
    if (p > dims.lead && cells == before) continue;
    before = cells;
    std::vector<std::vector<std::size_t>> speaks(cells.size()), spoken(flow_of.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto& [e, s] = cells[c];
      for (const std::size_t flow : equations[e].unknown) {
        const DimSet& own = model.quantities[flow].dims;
        for (std::size_t t = 0; t < own.series(dims); ++t)
          if (agree(equations[e].dims, s, own, t)) {
            speaks[c].push_back(first_of[flow] + t);
            spoken[first_of[flow] + t].push_back(c);
          }
      }
    }
    std::vector<std::size_t> unknown_of(cells.size(), none), equation_of(flow_of.size(), none);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      // Breadth first to an unknown that is still free, then along the path backwards.
      std::vector<std::size_t> reached(flow_of.size(), none), queue{c};
      std::size_t end = none;
      for (std::size_t i = 0; i < queue.size() && end == none; ++i)
        for (const std::size_t u : speaks[queue[i]]) {
          if (reached[u] != none) continue;
          reached[u] = queue[i];
          if (equation_of[u] == none) {
            end = u;
            break;
          }
          queue.push_back(equation_of[u]);
        }
      while (end != none) {
        const std::size_t equation = reached[end], next = unknown_of[equation];
        equation_of[end] = equation;
        unknown_of[equation] = end;
        end = equation == c ? none : next;
      }
    }
    std::vector<std::size_t> queue;
    std::vector<bool> seen(flow_of.size(), false);
    for (std::size_t u = 0; u < flow_of.size(); ++u)
      if (equation_of[u] == none) {
        queue.push_back(u);
        seen[u] = true;
      }
    for (std::size_t i = 0; i < queue.size(); ++i) {
      open.insert(flow_of[queue[i]]);
      for (const std::size_t c : spoken[queue[i]]) {
        const std::size_t u = unknown_of[c];
        if (u == none || seen[u]) continue;
        seen[u] = true;
        queue.push_back(u);
      }
    }
  }
  return open;
}

}  // namespace

void Lowering::lower_unknowns() {
  std::vector<std::size_t> unknown;
  for (std::size_t id = 0; id < model_.quantities.size(); ++id)
    if (model_.quantities[id].unknown) unknown.push_back(id);
  if (unknown.empty()) return;
  Operation operation;
  operation.kind = Operation::Kind::unknowns;
  operation.label = "unknown flows";
  operation.where = model_.quantities[unknown[0]].where;
  for (const std::size_t id : unknown)
    operation.label += fmt::format("{} `{}`", id == unknown[0] ? "" : ",", model_.quantities[id].name);
  std::size_t unknown_cells = 0, equation_cells = 0;
  for (const std::size_t id : unknown) {
    operation.writes.push_back(plan_.array_of_quantity[id]);
    unknown_cells += model_.quantities[id].dims.series(dims());
  }
  operation.mask =
      Mask(plan_.arrays[operation.writes[0]].series, plan_.arrays[operation.writes[0]].periods, true);
  std::vector<Equations> equations;
  const auto add_residual = [&](ArrayId array, Mask mask, const NodePtr& expression) {
    equations.push_back({plan_.arrays[array].dims, mask, unknowns_in(model_, expression)});
    equation_cells += mask.count() / std::max<std::size_t>(1, mask.periods());
    Access access;
    access.array = array;
    access.time = plan_.arrays[array].dims.time ? Access::Time::same : Access::Time::none;
    operation.reads.push_back(access);
    operation.residuals.push_back(array);
    operation.residual_masks.push_back(std::move(mask));
  };
  for (const BoundProcess& process : model_.processes) {
    if (!process.balance) continue;
    bool touches = false;
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list) touches = touches || model_.quantities[flow].unknown;
    if (!touches) continue;
    const Quantity& balance = model_.quantities[*process.balance];
    Mask open(balance.dims.series(dims()), balance.dims.periods(dims()), true);
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        for (const BoundPiece& piece : model_.quantities[flow].pieces) {
          if (!piece.closes || &model_.processes[*piece.closes] != &process) continue;
          const auto map = series_map(model_.quantities[flow].dims, balance.dims, dims());
          for (std::size_t s = 0; s < piece.mask->series(); ++s)
            for (std::size_t p = 0; p < piece.mask->periods(); ++p)
              if (piece.mask->at(s, p) && map[s] >= 0) open.set(static_cast<std::size_t>(map[s]), p, false);
        }
    if (open.any())
      add_residual(plan_.array_of_quantity[*process.balance], open, balance.pieces.front().expression);
  }
  for (const BoundRelation& relation : model_.relations) {
    if (unknowns_in(model_, relation.residual).empty()) continue;  // held against the results instead
    const Mask all(relation.residual->dims.series(dims()), relation.residual->dims.periods(dims()), true);
    add_residual(materialise(relation.residual, all, relation.text), all, relation.residual);
  }
  const std::string counted =
      fmt::format("{} unknown{}, {} equation{} per year", unknown_cells, unknown_cells == 1 ? "" : "s",
                  equation_cells, equation_cells == 1 ? "" : "s");
  const std::set<std::size_t> open_flows = undetermined(model_, equations, unknown);
  if (!open_flows.empty() || equation_cells != unknown_cells) {
    std::vector<std::string> names;
    for (const std::size_t id : open_flows) names.push_back("`" + model_.quantities[id].name + "`");
    auto& diagnostic = diagnostics_.error(
        open_flows.empty() ? "overdetermined" : "underdetermined",
        open_flows.empty() ? operation.where : model_.quantities[*open_flows.begin()].where, counted);
    diagnostic.why =
        !open_flows.empty()
            ? fmt::format("the balances and relations do not determine {}", fmt::join(names, ", "))
            : "more equations than unknowns need data reconciliation, which is not available yet";
    diagnostic.help = !open_flows.empty() ? "add a relation or give one of them an equation"
                                          : "leave out a relation, or declare one more flow unknown";
    return;
  }
  diagnostics_.note("determined", operation.where, counted);
  finish(operation);
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
