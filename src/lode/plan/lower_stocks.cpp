// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/plan/lower.hpp"

namespace lode {

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

}  // namespace lode
