// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/support/contract.hpp"

namespace lode {

void Binder::declare_system() {
  std::vector<std::string> names;
  for (const ProcessDecl& declaration : model().processes) {
    process_ids_[declaration.name.id] = bound_.processes.size();
    BoundProcess process;
    process.declaration = &declaration;
    process.name = declaration.name.id;
    bound_.processes.push_back(std::move(process));
    names.push_back(declaration.name.id);
  }
  const auto process_of = [&](const NameAt& name) -> std::optional<std::size_t> {
    if (const auto found = process_ids_.find(name.id); found != process_ids_.end()) return found->second;
    auto& diagnostic =
        diagnostics_.error("unknown-process", name.where, fmt::format("no process is called `{}`", name.id));
    diagnostic.help = did_you_mean(name.id, names);
    return std::nullopt;
  };
  for (const FlowDecl& declaration : model().flows) {
    Quantity flow;
    flow.name = declaration.name.id;
    flow.kind = Quantity::Kind::flow;
    flow.where = declaration.name.where;
    flow.title = declaration.title;
    flow.is_signed = declaration.is_signed;
    flow.unknown = declaration.unknown;
    const auto over = bind_over(declaration.over ? *declaration.over : model().default_over);
    bool good = over.has_value();
    if (over) flow.dims = *over;
    const std::string unit_text = declaration.unit ? declaration.unit->text : model().default_flow_unit;
    const Location unit_where = declaration.unit ? declaration.unit->where : model().default_flow_where;
    if (const auto unit = bind_unit(unit_text, unit_where, over ? &*over : nullptr, declaration.name.id)) {
      flow.unit = *unit;
      if (unit->power_of("yr") != -1) {
        auto& diagnostic =
            diagnostics_.error("amount-for-rate", unit_where,
                               fmt::format("a flow is a rate: `{}` is no amount per year", unit->str()));
        diagnostic.help = fmt::format("write `{}/yr`", unit->str());
        if (unit->power_of("yr") == 0) flow.unit = *unit / year_unit();  // as it was meant
      }
    } else {
      good = false;
    }
    flow.from = process_of(declaration.from.process);
    flow.to = process_of(declaration.to.process);
    const auto from = flow.from, to = flow.to;
    if (from && to && *from == *to && !declaration.from.at && !declaration.to.at)
      diagnostics_
          .error("self-flow", declaration.name.where,
                 fmt::format("`{}` begins and ends at `{}`", flow.name, declaration.from.process.id))
          .help =
          "what a process does within itself is no flow; `at` tells the two ends apart where the process has "
          "a dimension";
    for (const FlowEnd* end : {&declaration.from, &declaration.to}) {
      if (!end->at) continue;
      const auto axis = dims().find(end->at->id);
      if (!axis || !flow.dims.has(*axis)) {
        diagnostics_
            .error("unknown-dimension", end->at->where,
                   fmt::format("`{}` is not over `{}`: it {}", flow.name, end->at->id,
                               flow.dims.scalar() ? "has no dimension" : "is over " + flow.dims.str(dims())))
            .help =
            fmt::format("`at` names the dimension of the flow that is the process's own: add it to `over:`");
      }
    }
    const std::size_t id = add_quantity(std::move(flow));
    states_[id] = good ? State::typed : State::failed;
    if (from) bound_.processes[*from].outputs.push_back(id);
    if (to) bound_.processes[*to].inputs.push_back(id);
  }
  for (const StockDecl& declaration : model().stocks) declare_stock(declaration);
}

NodePtr Binder::flow_at(std::size_t flow_id, bool as_input, const DimSet& target, const Location& where) {
  const Quantity& flow = bound_.quantities[flow_id];
  const std::size_t process = as_input ? *flow.to : *flow.from;
  const FlowDecl* declaration = nullptr;
  for (const FlowDecl& each : model().flows)
    if (each.name.id == flow.name) declaration = &each;
  if (states_[flow_id] == State::failed) return nullptr;  // said already
  NodePtr node = quantity_node(flow_id, where);
  const FlowEnd& end = as_input ? declaration->to : declaration->from;
  std::optional<DimensionId> own;
  if (end.at && bound_.processes[process].declaration->over) {
    const auto at = dims().find(end.at->id);
    for (const NameAt& name : *bound_.processes[process].declaration->over) {
      const auto axis = dims().find(name.id);
      if (axis && at && dims()[*axis].labels == dims()[*at].labels) own = axis;
    }
    if (at && own && *at != *own) {
      // Other axes over the same list are the far end: sum them before the near end takes its name.
      DimSet kept = node->dims;
      kept.time = false;
      bool clash = kept.has(*own);
      if (clash) kept.erase(*own);
      for (const DimensionId id : std::vector<DimensionId>(kept.labels))
        if (id != *at && !aligned_axis(target, id, dims())) kept.erase(id);
      node = reduce_to(node, kept, Reduction::sum, where);
      node = rename_axis(node, *at, *own, where);
    }
  }
  for (const DimensionId id : target.labels) {
    if (aligned_axis(node->dims, id, dims())) continue;
    auto& diagnostic = diagnostics_.error("missing-dimension", where,
                                          fmt::format("`{}` at `{}` has no dimension `{}`", flow.name,
                                                      bound_.processes[process].name, dims()[id].name));
    diagnostic.labels.push_back({flow.where, "is over " + flow.dims.str(dims())});
    diagnostic.why = fmt::format("the balance of `{}` is taken over {}", bound_.processes[process].name,
                                 target.str(dims()));
    diagnostic.help = fmt::format(
        "give `{}` this dimension, for instance by `split(… by shares)`, or close `{}` by a flow without it",
        flow.name, bound_.processes[process].name);
    return nullptr;
  }
  return reduce_to(node, target, Reduction::sum, where);
}

DimSet Binder::process_dims(std::size_t id) const {
  const BoundProcess& process = bound_.processes[id];
  DimSet result;
  result.time = true;
  if (process.declaration->over) {
    for (const NameAt& name : *process.declaration->over)
      if (const auto axis = dims().find(name.id)) result.insert(*axis);
    // Layers close one by one wherever a flow has them.
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        for (const DimensionId axis : bound_.quantities[flow].dims.labels)
          if (dims()[axis].balance_each) result.insert(axis);
    return result;
  }
  bool first = true;
  for (const auto& list : {process.inputs, process.outputs})
    for (const std::size_t flow : list) {
      const DimSet& over = bound_.quantities[flow].dims;
      if (first) {
        result.labels = over.labels;
      } else {
        std::erase_if(result.labels, [&](DimensionId axis) { return !over.has(axis); });
      }
      first = false;
    }
  for (const std::size_t stock : process.stocks)
    if (!first)
      std::erase_if(result.labels,
                    [&](DimensionId axis) { return !aligned_axis(bound_.stocks[stock].dims, axis, dims()); });
  return result;
}

NodePtr Binder::balance_expression(std::size_t process_id, const DimSet& target,
                                   std::optional<DimensionId> own_axis,
                                   std::optional<std::size_t> except_flow,
                                   std::optional<std::size_t> except_stock, double sign, bool inputs_only,
                                   const Location& where) {
  const BoundProcess& process = bound_.processes[process_id];
  DimSet wanted = target;
  if (own_axis) {
    // The closing flow names the process's axis differently: work on the process's axis, rename at the end.
    for (const NameAt& name : process.declaration->over.value_or(std::vector<NameAt>{})) {
      const auto axis = dims().find(name.id);
      if (axis && dims()[*axis].labels == dims()[*own_axis].labels && *axis != *own_axis) {
        wanted.erase(*own_axis);
        wanted.insert(*axis);
        const NodePtr inner = balance_expression(process_id, wanted, std::nullopt, except_flow, except_stock,
                                                 sign, inputs_only, where);
        return inner ? rename_axis(inner, *axis, *own_axis, where) : nullptr;
      }
    }
  }
  NodePtr result;
  Unit unit;
  const Quantity* first = nullptr;
  bool mixed = false;
  const auto append = [&](const NodePtr& term, bool positive, const Quantity& owner) {
    if (!result) {
      unit = term->unit;
      first = &owner;
      if (positive) {
        result = term;
        return;
      }
      auto node = std::const_pointer_cast<Node>(make_map(Function::negate, {term}, where));
      node->unit = unit;
      result = node;
      return;
    }
    if (!units_agree(unit, term->unit, nullptr)) {
      mixed = true;
      tell_mixed_units(process_id, *first, owner, where);
      return;
    }
    auto node = std::const_pointer_cast<Node>(
        make_map(positive ? Function::add : Function::subtract, {result, term}, where));
    node->unit = unit;
    result = node;
  };
  for (const std::size_t flow : process.inputs) {
    if (except_flow == flow) continue;
    const NodePtr term = flow_at(flow, true, wanted, where);
    if (!term) return nullptr;
    append(term, sign > 0, bound_.quantities[flow]);
  }
  if (!inputs_only) {
    for (const std::size_t flow : process.outputs) {
      if (except_flow == flow) continue;
      const NodePtr term = flow_at(flow, false, wanted, where);
      if (!term) return nullptr;
      append(term, sign < 0, bound_.quantities[flow]);
    }
    for (const std::size_t id : process.stocks) {
      if (except_stock == id) continue;
      if (failed_stocks_.count(id)) return nullptr;
      const NodePtr change = quantity_node(bound_.stocks[id].change, where);
      if (result && !units_agree(unit, change->unit, nullptr)) continue;  // counted in something else
      bool has_all = true;
      for (const DimensionId axis : wanted.labels)
        has_all = has_all && aligned_axis(change->dims, axis, dims());
      if (!has_all) {
        auto& diagnostic = diagnostics_.error(
            "missing-dimension", where,
            fmt::format("stock `{}` at `{}` is over {}, the balance over {}", bound_.stocks[id].name,
                        process.name, change->dims.str(dims()), wanted.str(dims())));
        diagnostic.labels.push_back(
            {bound_.stocks[id].declaration->name.where, "is over " + change->dims.str(dims())});
        diagnostic.help = fmt::format("give `{}` these dimensions in its `over:`", bound_.stocks[id].name);
        return nullptr;
      }
      append(reduce_to(change, wanted, Reduction::sum, where), sign < 0,
             bound_.quantities[bound_.stocks[id].change]);
    }
  }
  if (mixed) return nullptr;
  if (!result) {
    auto zero = std::const_pointer_cast<Node>(make_constant(0, Unit(), where));
    zero->any_unit = true;
    return zero;
  }
  return result;
}

NodePtr Binder::flows_sum(std::size_t process_id, bool inputs, const DimSet& target, const Location& where) {
  const BoundProcess& process = bound_.processes[process_id];
  const auto& flows = inputs ? process.inputs : process.outputs;
  NodePtr result;
  for (const std::size_t flow : flows) {
    const NodePtr term = flow_at(flow, inputs, target, where);
    if (!term) return nullptr;
    if (!result) {
      result = term;
      continue;
    }
    if (!units_agree(result->unit, term->unit, nullptr)) {
      tell_mixed_units(process_id, bound_.quantities[flows[0]], bound_.quantities[flow], where);
      return nullptr;
    }
    auto node = std::const_pointer_cast<Node>(make_map(Function::add, {result, term}, where));
    node->unit = result->unit;
    result = node;
  }
  return result;
}

void Binder::tell_mixed_units(std::size_t process, const Quantity& first, const Quantity& second,
                              const Location& where) {
  if (!mixed_units_.insert(process).second) return;
  auto& diagnostic = diagnostics_.error(
      "unit-mismatch", where,
      fmt::format("the flows at `{}` have different units", bound_.processes[process].name));
  diagnostic.labels.push_back({first.where, first.unit.str()});
  diagnostic.labels.push_back({second.where, second.unit.str()});
  diagnostic.why = "what enters and leaves a process is added up";
}

NodePtr Binder::bind_process_call(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Expression& argument = *expression.operands[0];
  LODE_EXPECT(argument.kind == Expression::Kind::name);  // the parser sees to it
  const auto found = process_ids_.find(argument.text);
  if (found == process_ids_.end()) {
    std::vector<std::string> names;
    for (const BoundProcess& process : bound_.processes) names.push_back(process.name);
    diagnostics_
        .error("unknown-process", argument.where, fmt::format("no process is called `{}`", argument.text))
        .help = did_you_mean(argument.text, names);
    return nullptr;
  }
  const std::size_t process_id = found->second;
  const BoundProcess& process = bound_.processes[process_id];
  if (name == "inputs" || name == "outputs") {
    const DimSet target = process_dims(process_id);
    if ((name == "inputs" ? process.inputs : process.outputs).empty()) {
      diagnostics_.error(
          "no-flows", argument.where,
          fmt::format("no flow {} `{}`", name == "inputs" ? "enters" : "leaves", process.name));
      return nullptr;
    }
    return flows_sum(process_id, name == "inputs", target, expression.where);
  }
  if (process.declaration->outside) {
    auto& diagnostic = diagnostics_.error(
        "outside-residual", argument.where,
        fmt::format("`{}` lies outside the system: it has no balance to close", process.name));
    diagnostic.labels.push_back({process.declaration->name.where, "outside: true"});
    return nullptr;
  }
  if (!context.whole) {
    auto& diagnostic = diagnostics_.error("residual-in-formula", expression.where,
                                          "`residual(…)` must be the whole formula");
    diagnostic.why = "it closes a process: scaled or added to something it would not";
    diagnostic.help = "define the closing flow by the residual alone, and use its name in other formulas";
    return nullptr;
  }
  if (context.stock) {
    const BoundStock& stock = bound_.stocks[*context.stock];
    if (stock.declaration->process && !stock.process) return nullptr;  // said already
    if (!stock.process || *stock.process != process_id) {
      auto& diagnostic =
          diagnostics_.error("wrong-process", argument.where,
                             fmt::format("stock `{}` is not at `{}`", stock.name, process.name));
      diagnostic.help =
          stock.process ? fmt::format("did you mean `residual({})`?", bound_.processes[*stock.process].name)
                        : fmt::format("declare it with `process: {}`", process.name);
      return nullptr;
    }
    return balance_expression(process_id, stock.dims, std::nullopt, std::nullopt, *context.stock, 1, false,
                              expression.where);
  }
  if (!context.flow) {
    auto& diagnostic = diagnostics_.error("residual-of-no-flow", expression.where,
                                          "only a flow or a stock's change can close a process");
    diagnostic.help = fmt::format("the discrepancy of a process is the quantity `balance.{}`", process.name);
    return nullptr;
  }
  const Quantity& flow = bound_.quantities[*context.flow];
  const bool enters = flow.to && *flow.to == process_id, leaves = flow.from && *flow.from == process_id;
  if (!enters && !leaves) {
    auto& diagnostic =
        diagnostics_.error("wrong-process", argument.where,
                           fmt::format("`{}` neither enters nor leaves `{}`", flow.name, process.name));
    diagnostic.labels.push_back({flow.where, "the flow"});
    std::vector<std::string> ends;
    if (flow.from) ends.push_back(fmt::format("`residual({})`", bound_.processes[*flow.from].name));
    if (flow.to) ends.push_back(fmt::format("`residual({})`", bound_.processes[*flow.to].name));
    diagnostic.help = fmt::format("did you mean {}?", fmt::join(ends, " or "));
    return nullptr;
  }
  std::optional<DimensionId> own;
  for (const FlowDecl& declaration : model().flows) {
    if (declaration.name.id != flow.name) continue;
    const FlowEnd& end = enters ? declaration.to : declaration.from;
    if (end.at) own = dims().find(end.at->id);
  }
  return balance_expression(process_id, flow.dims, own, *context.flow, std::nullopt, enters ? -1 : 1, false,
                            expression.where);
}

void Binder::bind_process_transfers(std::size_t process_id) {
  const BoundProcess& process = bound_.processes[process_id];
  for (const TransferDecl& transfer : process.declaration->transfer) {
    const auto found = quantity_ids_.find(transfer.flow.id);
    if (found == quantity_ids_.end() || bound_.quantities[found->second].kind != Quantity::Kind::flow ||
        bound_.quantities[found->second].from != process_id) {
      std::vector<std::string> names;
      for (const std::size_t flow : process.outputs) names.push_back(bound_.quantities[flow].name);
      auto& diagnostic =
          diagnostics_.error("unknown-flow", transfer.flow.where,
                             fmt::format("no flow called `{}` leaves `{}`", transfer.flow.id, process.name));
      diagnostic.help = did_you_mean(transfer.flow.id, names);
      if (diagnostic.help.empty() && !names.empty())
        diagnostic.help = fmt::format("what leaves it: {}", fmt::join(names, ", "));
      continue;
    }
    const std::size_t flow = found->second;
    if (equation_of_[flow] || !bound_.quantities[flow].pieces.empty()) {
      auto& diagnostic = diagnostics_.error(
          "doubly-defined", transfer.flow.where,
          fmt::format("`{}` has a transfer coefficient and another definition", transfer.flow.id));
      if (equation_of_[flow]) diagnostic.labels.push_back({equation_of_[flow]->name.where, "the equation"});
      diagnostic.why = "each flow has exactly one definition";
      continue;
    }
    const auto whole = constant_mask(true);
    if (!transfer.share) {
      const NodePtr rest = balance_expression(process_id, bound_.quantities[flow].dims, std::nullopt, flow,
                                              std::nullopt, 1, false, transfer.flow.where);
      const std::size_t before = bound_.quantities[flow].pieces.size();
      if (!rest) states_[flow] = State::failed;
      add_piece(flow, rest, whole, "", nullptr, transfer.flow.where);
      if (bound_.quantities[flow].pieces.size() > before) {
        bound_.quantities[flow].pieces.back().formula = fmt::format("residual({})", process.name);
        bound_.quantities[flow].pieces.back().closes = process_id;
      }
      continue;
    }
    DimSet target = bound_.quantities[flow].dims;
    for (const std::size_t input : process.inputs)
      for (const DimensionId id : std::vector<DimensionId>(target.labels))
        if (!aligned_axis(bound_.quantities[input].dims, id, dims())) target.erase(id);
    BindContext context;
    context.owner = bound_.quantities[flow].name;
    const NodePtr share = bind(*transfer.share, context);
    const std::size_t before = bound_.quantities[flow].pieces.size();
    states_[flow] = State::failed;  // until it is defined
    if (!share || !expect_dimensionless(share, "a transfer coefficient", context)) continue;
    if (process.inputs.empty()) {
      diagnostics_.error("no-flows", transfer.flow.where,
                         fmt::format("no flow enters `{}`: there is nothing to share out", process.name));
      continue;
    }
    NodePtr inputs = flows_sum(process_id, true, target, transfer.flow.where);
    if (!inputs) continue;
    if (inputs->kind != Node::Kind::quantity) {
      auto named = std::make_shared<Node>(*inputs);
      named->name = fmt::format("inputs({})", process.name);
      inputs = named;
    }
    states_[flow] = State::typed;
    auto product =
        std::const_pointer_cast<Node>(make_map(Function::multiply, {share, inputs}, transfer.share->where));
    product->unit = inputs->unit;
    add_piece(flow, product, whole, "", nullptr, transfer.flow.where);
    if (bound_.quantities[flow].pieces.size() > before)
      bound_.quantities[flow].pieces.back().formula =
          fmt::format("{} * inputs({})", print(*transfer.share), process.name);
  }
}

/// Balances have their names and types before any equation is bound, and what they are made of after all.
void Binder::declare_balances() {
  for (std::size_t id = 0; id < bound_.processes.size(); ++id) {
    BoundProcess& process = bound_.processes[id];
    if (process.declaration->outside || (process.inputs.empty() && process.outputs.empty())) continue;
    const auto add = [&](const char* prefix, Quantity::Kind kind) {
      Quantity quantity;
      quantity.name = prefix + process.name;
      quantity.kind = kind;
      quantity.dims = process_dims(id);
      quantity.unit = bound_.quantities[process.inputs.empty() ? process.outputs[0] : process.inputs[0]].unit;
      quantity.where = process.declaration->name.where;
      quantity.title = process.declaration->title;
      quantity.is_signed = true;
      const std::size_t q = add_quantity(std::move(quantity));
      states_[q] = State::typed;
      return q;
    };
    process.balance = add("balance.", Quantity::Kind::balance);
    if (!process.inputs.empty()) process.throughput = add("throughput.", Quantity::Kind::throughput);
  }
}

void Binder::bind_balances() {
  for (std::size_t id = 0; id < bound_.processes.size(); ++id) {
    BoundProcess& process = bound_.processes[id];
    if (process.declaration->outside) continue;
    const Location& where = process.declaration->name.where;
    if (!process.balance) {
      if (process.stocks.empty())
        diagnostics_.warning("idle-process", where,
                             fmt::format("no flow enters or leaves `{}`", process.name));
      continue;
    }
    const auto define = [&](std::size_t q, bool inputs_only) {
      const DimSet target = bound_.quantities[q].dims;
      const NodePtr expression =
          balance_expression(id, target, std::nullopt, std::nullopt, std::nullopt, 1, inputs_only, where);
      add_piece(q, expression, constant_mask(true), "", nullptr, where);
      return expression != nullptr;
    };
    if (define(*process.balance, false) && process.throughput) define(*process.throughput, true);
  }
}

/// Both sides of `left = right`, if they can be compared.
std::optional<std::pair<NodePtr, NodePtr>> Binder::bind_sides(const Expression& relation,
                                                              const std::string& owner) {
  BindContext context;
  context.owner = owner;
  context.whole = false;
  const NodePtr left = bind(*relation.operands[0], context), right = bind(*relation.operands[1], context);
  if (!left || !right) return std::nullopt;
  if (!left->any_unit && !right->any_unit && !units_agree(left->unit, right->unit, nullptr)) {
    auto& diagnostic =
        diagnostics_.error("unit-mismatch", relation.where, "the sides of a relation have different units");
    diagnostic.labels.front() = {right->where, unit_text(right->unit)};
    diagnostic.labels.push_back({left->where, unit_text(left->unit)});
    return std::nullopt;
  }
  if (!check_broadcast({left, right}, relation.where, "a relation")) return std::nullopt;
  return std::pair(left, right);
}

void Binder::bind_relations() {
  for (const ExpressionPtr& relation : model().relations) {
    if (!relation || relation->operands.size() != 2) continue;
    const auto sides = bind_sides(*relation, "relation");
    if (!sides) continue;
    const auto& [left, right] = *sides;
    auto difference =
        std::const_pointer_cast<Node>(make_map(Function::subtract, {left, right}, relation->where));
    difference->unit = left->any_unit ? right->unit : left->unit;
    bound_.relations.push_back({difference, left, right, relation->where, print(*relation)});
  }
}

void Binder::check_residuals() {
  // One residual per process and cell.
  for (std::size_t id = 0; id < bound_.processes.size(); ++id) {
    struct Closing {
      std::string name;
      StaticMask cells;
      Location where;
    };
    std::vector<Closing> closings;
    const auto& process = bound_.processes[id];
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        for (const BoundPiece& piece : bound_.quantities[flow].pieces)
          if (piece.closes == id) {
            StaticMask cells{bound_.quantities[flow].dims, *piece.mask};
            closings.push_back({bound_.quantities[flow].name, std::move(cells), piece.where});
          }
    for (const std::size_t stock : process.stocks)
      for (const BoundPiece& piece : bound_.quantities[bound_.stocks[stock].change].pieces)
        if (piece.closes == id)
          closings.push_back(
              {bound_.stocks[stock].name + ".change", {bound_.stocks[stock].dims, *piece.mask}, piece.where});
    for (std::size_t a = 0; a < closings.size(); ++a)
      for (std::size_t b = a + 1; b < closings.size(); ++b) {
        const StaticMask both = combine(closings[a].cells, closings[b].cells, true);
        if (!both.mask.any()) continue;
        auto& diagnostic = diagnostics_.error(
            "two-residuals", closings[b].where,
            fmt::format("`{}` and `{}` both close `{}`", closings[a].name, closings[b].name, process.name));
        diagnostic.labels.push_back({closings[a].where, "closes it already"});
        diagnostic.why = "one equation cannot determine two flows";
        diagnostic.help = "give one of them by a transfer coefficient or by data";
      }
  }
}

void Binder::bind_system() {
  for (std::size_t id = 0; id < bound_.quantities.size(); ++id) {
    const Quantity::Kind kind = bound_.quantities[id].kind;
    if (kind != Quantity::Kind::flow && kind != Quantity::Kind::named) continue;
    if (!equation_of_[id]) continue;
    if (bound_.quantities[id].unknown) {
      auto& diagnostic = diagnostics_.error(
          "doubly-defined", equation_of_[id]->name.where,
          fmt::format("`{}` is declared unknown and has an equation", bound_.quantities[id].name));
      diagnostic.labels.push_back({bound_.quantities[id].where, "unknown: true"});
      diagnostic.why = "what is unknown is solved from balances and relations";
      continue;
    }
    const bool bound_already = states_[id] == State::typed && kind == Quantity::Kind::named &&
                               !(equation_of_[id]->over && equation_of_[id]->unit);
    if (!bound_already) bind_equation(id);
  }
  for (BoundStock& stock : bound_.stocks) bind_stock(stock);
  for (std::size_t id = 0; id < bound_.processes.size(); ++id) bind_process_transfers(id);
  // Which pieces close a process?
  for (std::size_t id = 0; id < bound_.quantities.size(); ++id) {
    Quantity& quantity = bound_.quantities[id];
    if (quantity.kind != Quantity::Kind::flow && quantity.kind != Quantity::Kind::stock_change) continue;
    for (BoundPiece& piece : quantity.pieces)
      if (piece.formula.rfind("residual(", 0) == 0) {
        const std::string name = piece.formula.substr(9, piece.formula.size() - 10);
        if (const auto found = process_ids_.find(name); found != process_ids_.end())
          piece.closes = found->second;
      }
  }
  check_residuals();
  for (Quantity& quantity : bound_.quantities) {
    const auto id = static_cast<std::size_t>(&quantity - bound_.quantities.data());
    if (quantity.kind != Quantity::Kind::flow || quantity.unknown || !quantity.pieces.empty() ||
        states_[id] == State::failed || equation_of_[id])
      continue;
    bool of_failed_stock = false;
    for (const std::size_t stock : failed_stocks_)
      for (const auto& name :
           {bound_.stocks[stock].declaration->inflow, bound_.stocks[stock].declaration->outflow})
        of_failed_stock = of_failed_stock || (name && name->id == quantity.name);
    if (of_failed_stock) continue;
    auto& diagnostic = diagnostics_.error("no-equation", quantity.where,
                                          fmt::format("flow `{}` has no equation yet", quantity.name));
    diagnostic.help = fmt::format(
        "add `{}: …` under `equations:`; `residual(…)` closes a process, `unknown: true` solves it from "
        "relations",
        quantity.name);
  }
  bind_relations();
  bind_balances();
}

}  // namespace lode
