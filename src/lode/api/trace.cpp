// SPDX-License-Identifier: Apache-2.0
#include "lode/api/trace.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>
#include <tuple>

#include "lode/arrays/align.hpp"
#include "lode/kernels/strips.hpp"

namespace lode {

Place Trace::place(const DimSet& dims, std::size_t series_index, std::size_t period) const {
  Place result;
  const auto index = dims.unravel(series_index, model_.dimensions);
  for (std::size_t k = 0; k < dims.labels.size(); ++k) result.labels.emplace_back(dims.labels[k], index[k]);
  result.period = period;
  return result;
}

std::optional<std::size_t> Trace::series(const DimSet& dims, const Place& place) const {
  std::size_t result = 0;
  for (const DimensionId axis : dims.labels) {
    const Dimension& dimension = model_.dimensions[axis];
    std::optional<std::size_t> label;
    for (const auto& [id, index] : place.labels) {
      if (id == axis) {
        label = index;
        break;
      }
      if (!model_.dimensions.share_root(id, axis)) continue;
      const std::int32_t root = model_.dimensions[id].to_root[index];
      for (std::size_t i = 0; i < dimension.size(); ++i)
        if (dimension.to_root[i] == root) label = i;
    }
    if (!label) return std::nullopt;
    result = result * dimension.size() + *label;
  }
  return result;
}

std::optional<Place> Trace::operand_place(const Node& node, const Place& at) const {
  if (node.kind != Node::Kind::gather) return at;
  Place result;
  result.period = at.period;
  const DimSet& source = node.operands[0]->dims;
  for (std::size_t k = 0; k < source.labels.size(); ++k) {
    const Pick& pick = node.picks[k];
    if (pick.along_time) {
      result.labels.emplace_back(source.labels[k], at.period);
      continue;
    }
    if (pick.fixed) {
      result.labels.emplace_back(source.labels[k], *pick.fixed);
      continue;
    }
    DimSet one;
    one.insert(pick.target);
    const auto label = series(one, at);
    if (!label || pick.index[*label] < 0) return std::nullopt;
    result.labels.emplace_back(source.labels[k], static_cast<std::size_t>(pick.index[*label]));
  }
  if (node.fixed_period) result.period = *node.fixed_period;
  if (!node.periods.empty()) {
    if (node.periods[at.period] < 0) return std::nullopt;
    result.period = static_cast<std::size_t>(node.periods[at.period]);
  }
  return result;
}

std::vector<Place> Trace::reduced_places(const Node& node, const Place& at) const {
  std::vector<Place> result;
  const DimSet& source = node.operands[0]->dims;
  if (node.kind == Node::Kind::reduce) {
    const auto own = series(node.dims, at);
    if (!own) return result;
    for (const std::int32_t from : node.sources[*own])
      result.push_back(place(source, static_cast<std::size_t>(from), at.period));
    return result;
  }
  const std::size_t last =
      node.time_function == TimeFunction::cumulate ? std::min(node.last, at.period) : node.last;
  for (std::size_t p = node.first; p <= last; ++p) {
    Place each = at;
    each.period = p;
    result.push_back(std::move(each));
  }
  return result;
}

const BoundPiece* Trace::piece_at(std::size_t quantity, std::size_t series_index, std::size_t period) const {
  for (const BoundPiece& piece : model_.quantities[quantity].pieces)
    if (piece.mask->at(series_index, piece.mask->periods() == 1 ? 0 : period)) return &piece;
  return nullptr;
}

double Trace::value(const NodePtr& node, const Place& at) const {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  switch (node->kind) {
    case Node::Kind::constant:
      return node->value;
    case Node::Kind::year:
      if (node->dims.time) return model_.dimensions.years[at.period];
      if (const auto s = series(node->dims, at)) return model_.dimensions.years[*s];
      return nothing;
    case Node::Kind::step:
      return model_.dimensions.steps[at.period];
    case Node::Kind::condition: {
      const auto s = series(node->dims, at);
      return s && node->mask->at(*s, node->dims.time ? at.period : 0) ? 1.0 : 0.0;
    }
    case Node::Kind::leaf: {
      const auto s = series(node->dims, at);
      return s ? session_.evaluation->leaf(node->id).value(*s, at.period) : nothing;
    }
    case Node::Kind::quantity: {
      const auto s = series(node->dims, at);
      return s ? session_.evaluation->quantity(node->id).value(*s, at.period) : nothing;
    }
    case Node::Kind::gather: {
      const auto from = operand_place(*node, at);
      return from ? value(node->operands[0], *from) : nothing;
    }
    case Node::Kind::map: {
      if (node->function == Function::select)
        return value(node->operands[0], at) != 0 ? value(node->operands[1], at)
                                                 : value(node->operands[2], at);
      const double a = value(node->operands[0], at);
      const double b = node->operands.size() > 1 ? value(node->operands[1], at) : 0;
      return apply_one(node->function, a, b, 0);
    }
    case Node::Kind::reduce:
    case Node::Kind::over_time: {
      double result = 0, weight = 0, best = 0;
      bool any = false;
      for (const Place& from : reduced_places(*node, at)) {
        const double x = value(node->operands[0], from);
        if (std::isnan(x)) continue;
        const double step = node->kind == Node::Kind::over_time ? model_.dimensions.steps[from.period] : 1.0;
        const double year = model_.dimensions.years[from.period];
        if (node->kind == Node::Kind::reduce) {
          if (node->reduction == Reduction::minimum) {
            result = any ? std::min(result, x) : x;
          } else if (node->reduction == Reduction::maximum) {
            result = any ? std::max(result, x) : x;
          } else {
            result += x;
          }
          weight += 1;
        } else {
          switch (node->time_function) {
            case TimeFunction::total:
            case TimeFunction::cumulate:
            case TimeFunction::mean:
              result += x * step;
              weight += step;
              break;
            case TimeFunction::minimum:
              result = any ? std::min(result, x) : x;
              break;
            case TimeFunction::maximum:
              result = any ? std::max(result, x) : x;
              break;
            case TimeFunction::first_year:
              if (x == 0 || any) continue;
              result = year;
              break;
            case TimeFunction::last_year:
              if (x == 0) continue;
              result = year;
              break;
            case TimeFunction::max_year:
            case TimeFunction::min_year:
              if (any && (node->time_function == TimeFunction::max_year ? x <= best : x >= best)) continue;
              best = x;
              result = year;
              break;
          }
        }
        any = true;
      }
      const bool mean = node->kind == Node::Kind::reduce ? node->reduction == Reduction::mean
                                                         : node->time_function == TimeFunction::mean;
      const bool sums = node->kind == Node::Kind::reduce ? node->reduction == Reduction::sum
                                                         : node->time_function == TimeFunction::total ||
                                                               node->time_function == TimeFunction::cumulate;
      if (mean) return result / weight;
      return any || sums ? result : nothing;
    }
  }
  return nothing;
}

void Trace::inputs(const NodePtr& node, const Place& at, const QuantityVisit& quantity,
                   const LeafVisit& leaf) const {
  switch (node->kind) {
    case Node::Kind::leaf:
    case Node::Kind::quantity: {
      const auto s = series(node->dims, at);
      if (!s) return;
      if (node->kind == Node::Kind::leaf) {
        leaf(node->id, *s, node->dims.time ? at.period : 0);
      } else {
        quantity(node->id, *s, node->dims.time ? at.period : 0);
      }
      return;
    }
    case Node::Kind::gather:
      if (const auto from = operand_place(*node, at)) inputs(node->operands[0], *from, quantity, leaf);
      return;
    case Node::Kind::map:
      if (node->function == Function::select) {
        inputs(node->operands[0], at, quantity, leaf);
        inputs(node->operands[value(node->operands[0], at) != 0 ? 1 : 2], at, quantity, leaf);
        return;
      }
      for (const NodePtr& operand : node->operands) inputs(operand, at, quantity, leaf);
      return;
    case Node::Kind::reduce:
    case Node::Kind::over_time:
      for (const Place& from : reduced_places(*node, at)) inputs(node->operands[0], from, quantity, leaf);
      return;
    default:
      return;
  }
}

void Trace::visit_leaves(std::size_t start, std::size_t start_series, std::size_t start_period,
                         const std::function<bool(std::size_t, std::size_t, std::size_t)>& visit) const {
  std::vector<std::vector<bool>> seen(model_.quantities.size()), seen_leaf(model_.leaves.size());
  struct Visited {
    std::size_t quantity, series, period;
  };
  std::deque<Visited> queue;
  bool going = true;
  const QuantityVisit push = [&](std::size_t id, std::size_t s, std::size_t p) {
    const std::size_t periods = model_.quantities[id].dims.periods(model_.dimensions);
    auto& bits = seen[id];
    if (bits.empty()) bits.assign(model_.quantities[id].dims.cells(model_.dimensions), false);
    if (bits[s * periods + p]) return;
    bits[s * periods + p] = true;
    queue.push_back({id, s, p});
  };
  const LeafVisit leaf = [&](std::size_t id, std::size_t s, std::size_t p) {
    const std::size_t periods = model_.leaves[id].dims.periods(model_.dimensions);
    auto& bits = seen_leaf[id];
    if (bits.empty()) bits.assign(model_.leaves[id].dims.cells(model_.dimensions), false);
    if (bits[s * periods + p]) return;
    bits[s * periods + p] = true;
    if (going && !visit(id, s, p)) going = false;
    if (!model_.leaves[id].solved_by) return;
    // What was found rests on what it was to meet, and on what that was compared with, of its own labels
    // where these were solved side by side.
    const std::size_t entry = *model_.leaves[id].solved_by;
    const BoundSolve& solve = model_.solves[entry];
    const bool apart = entry < session_.calibrations.size() && session_.calibrations[entry].groups > 1;
    const DimSet& dims = model_.quantities[solve.right].dims;
    const DimSet& own = model_.leaves[id].dims;
    const auto own_labels = own.unravel(s, model_.dimensions);
    const Mask& cells = *model_.quantities[solve.right].pieces.front().mask;
    for (std::size_t i = 0; i < cells.series(); ++i) {
      const auto labels = dims.unravel(i, model_.dimensions);
      bool same = true;
      for (std::size_t k = 0; k < labels.size(); ++k)
        for (std::size_t j = 0; j < own_labels.size(); ++j)
          if (own.labels[j] == dims.labels[k] && own_labels[j] != labels[k]) same = false;
      if (apart && !same) continue;
      for (std::size_t t = 0; t < cells.periods(); ++t)
        if (cells.at(i, t)) {
          push(solve.right, i, t);
          push(solve.left, i, t);
        }
    }
  };
  push(start, start_series, start_period);
  while (!queue.empty() && going) {
    const Visited cell = queue.front();
    queue.pop_front();
    const Quantity& quantity = model_.quantities[cell.quantity];
    const Place at = place(quantity.dims, cell.series, cell.period);
    const bool scaled = quantity.stock && model_.stocks[*quantity.stock].is_scaled();
    if (quantity.stock && quantity.kind == Quantity::Kind::stock_cohorts) {
      const BoundStock& stock = model_.stocks[*quantity.stock];
      const auto s = series(stock.dims, at);
      if (s) push(stock.level, *s, cell.period);
      if (s) push(stock.outflow, *s, cell.period);
      continue;
    }
    if (quantity.stock && quantity.kind != Quantity::Kind::stock_change && !scaled) {
      const BoundStock& stock = model_.stocks[*quantity.stock];
      if (!stock.lifetime) {
        if (quantity.kind == Quantity::Kind::stock_level) {
          if (cell.period > stock.begin) push(stock.level, cell.series, cell.period - 1);
          push(stock.change, cell.series, cell.period);
          if (cell.period == stock.begin && stock.initial) inputs(stock.initial, at, push, leaf);
        } else if (quantity.kind == Quantity::Kind::stock_inflow) {
          if (stock.given_inflow) inputs(stock.given_inflow, at, push, leaf);
        } else if (stock.given_outflow) {
          inputs(stock.given_outflow, at, push, leaf);
        }
        continue;
      }
      for (const NodePtr& parameter : stock.lifetime->parameters)
        for (std::size_t c = parameter->dims.time ? stock.begin : cell.period; c <= cell.period; ++c)
          inputs(parameter, place(quantity.dims, cell.series, c), push, leaf);
      if (stock.hazard) inputs(stock.hazard, at, push, leaf);
      const bool given = stock.level_mask.at(cell.series, cell.period);
      if (quantity.kind == Quantity::Kind::stock_inflow && !given) {
        const NodePtr& entered =
            cell.period < model_.dimensions.lead && stock.entries ? stock.entries : stock.given_inflow;
        if (entered) inputs(entered, at, push, leaf);
        continue;
      }
      if (stock.steady) inputs(stock.steady, at, push, leaf);
      if (stock.used) {
        const DimSet& over = stock.used->dims;
        for (std::size_t c = stock.begin; c <= cell.period; ++c)
          for (std::size_t t = c; t <= cell.period; ++t) {
            Place aged = place(quantity.dims, cell.series, t);
            aged.labels.emplace_back(stock.used_axis, c);
            if (over.time || t == c) inputs(stock.used, aged, push, leaf);
          }
      }
      if (given)
        for (const BoundPiece& piece : stock.given_level)
          if (piece.mask->at(cell.series, cell.period)) inputs(piece.expression, at, push, leaf);
      if (given && quantity.kind == Quantity::Kind::stock_level) continue;
      const SurvivalCurves* curves = session_.evaluation->curves(*quantity.stock, cell.series);
      for (std::size_t c = stock.begin; c <= cell.period; ++c) {
        if (quantity.kind == Quantity::Kind::stock_inflow && c == cell.period) continue;
        const double share = quantity.kind == Quantity::Kind::stock_outflow ? curves->d(c, cell.period)
                                                                            : curves->s(c, cell.period);
        if (share != 0) push(stock.inflow, cell.series, c);
      }
      continue;
    }
    if (quantity.unknown) {
      for (const BoundRelation& relation : model_.relations) inputs(relation.residual, at, push, leaf);
      for (const BoundProcess& process : model_.processes)
        for (const auto& list : {process.inputs, process.outputs})
          if (std::find(list.begin(), list.end(), cell.quantity) != list.end() && process.balance) {
            const auto s = series(model_.quantities[*process.balance].dims, at);
            if (s) push(*process.balance, *s, cell.period);
          }
      continue;
    }
    if (const BoundPiece* piece = piece_at(cell.quantity, cell.series, cell.period))
      inputs(piece->expression, at, push, leaf);
  }
}

}  // namespace lode
