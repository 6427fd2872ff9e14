// SPDX-License-Identifier: Apache-2.0
#include "identities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <set>

#include "lode/api/trace.hpp"
#include "lode/distributions/compound.hpp"

namespace lode::testing {

namespace {

class Checker {
 public:
  Checker(const Session& session, std::size_t limit)
      : session_(session), model_(*session.bound), trace_(session), limit_(limit) {}

  std::vector<std::string> run() {
    find_solved(session_.plan->operations, false);
    pieces();
    for (const BoundProcess& process : model_.processes)
      if (process.balance) balance(process);
    for (std::size_t i = 0; i < model_.stocks.size(); ++i) stock(model_.stocks[i]);
    relations();
    return found_;
  }

 private:
  std::size_t first_of(const DimSet& dims) const { return model_.dimensions.first_period(dims.time); }
  void say(std::string text) {
    if (found_.size() < limit_) found_.push_back(std::move(text));
  }
  double value(std::size_t quantity, std::size_t series, std::size_t period) const {
    return session_.evaluation->quantity(quantity).value(series, period);
  }
  std::string cell(std::size_t quantity, std::size_t series, std::size_t period) const {
    const Quantity& q = model_.quantities[quantity];
    return q.name + cell_name(q.dims, series, period, model_.dimensions);
  }

  void find_solved(const std::vector<Operation>& operations, bool inside) {
    for (const Operation& operation : operations) {
      const bool solve = inside || operation.kind == Operation::Kind::solve;
      if (solve)
        for (const ArrayId array : operation.writes)
          if (session_.plan->arrays[array].kind == PlanArray::Kind::quantity)
            solved_.insert(session_.plan->arrays[array].id);
      find_solved(operation.body, solve);
    }
  }

  /// The size of the terms a value is made of: what rounding is relative to. A member of a loop within the
  /// year agrees with the others up to the rounding of all its terms, not of itself.
  double magnitude(const NodePtr& node, const Place& at) {
    switch (node->kind) {
      case Node::Kind::gather: {
        const auto from = trace_.operand_place(*node, at);
        return from ? magnitude(node->operands[0], *from) : 0;
      }
      case Node::Kind::map:
        switch (node->function) {
          case Function::add:
          case Function::subtract:
          case Function::minimum:
          case Function::maximum:
            return magnitude(node->operands[0], at) + magnitude(node->operands[1], at);
          case Function::negate:
          case Function::absolute:
            return magnitude(node->operands[0], at);
          case Function::multiply:
            return magnitude(node->operands[0], at) * magnitude(node->operands[1], at);
          case Function::divide: {
            const double below = std::abs(trace_.value(node->operands[1], at));
            return below > 0 ? magnitude(node->operands[0], at) / below : 0;
          }
          case Function::select:
            return magnitude(node->operands[trace_.value(node->operands[0], at) != 0 ? 1 : 2], at);
          default:
            break;
        }
        break;
      case Node::Kind::reduce:
      case Node::Kind::over_time: {
        if (node->type != Node::Type::number) break;
        double sum = 0;
        for (const Place& from : trace_.reduced_places(*node, at)) {
          const double step =
              node->kind == Node::Kind::over_time ? model_.dimensions.steps[from.period] : 1.0;
          const double each = magnitude(node->operands[0], from) * step;
          if (std::isfinite(each)) sum += each;
        }
        return sum;
      }
      default:
        break;
    }
    const double own = std::abs(trace_.value(node, at));
    return std::isfinite(own) ? own : 0;
  }

  void compare(const std::string& what, double ours, const NodePtr& expression, const Place& at,
               bool may_be_absent) {
    const double theirs = trace_.value(expression, at);
    if (std::isnan(ours) && std::isnan(theirs) && may_be_absent) return;
    if (std::isfinite(ours) &&
        std::abs(ours - theirs) <= 1e-12 * std::max(std::abs(theirs), magnitude(expression, at)))
      return;
    say(fmt::format("{} is {:.17g}, recomputed {:.17g}", what, ours, theirs));
  }

  void pieces() {
    for (std::size_t id = 0; id < model_.quantities.size(); ++id) {
      const Quantity& quantity = model_.quantities[id];
      for (std::size_t s = 0; s < quantity.defined.series(); ++s)
        for (std::size_t p = first_of(quantity.dims); p < quantity.defined.periods(); ++p) {
          std::size_t covering = 0;
          for (const BoundPiece& piece : quantity.pieces) covering += piece.mask->at(s, p);
          if (covering > 1) say(cell(id, s, p) + " is defined twice");
          if (!quantity.defined.at(s, p)) {
            if (covering) say(cell(id, s, p) + " has a piece but is not defined");
            continue;
          }
          const double ours = value(id, s, p);
          if (!std::isfinite(ours) && !(quantity.may_be_absent && std::isnan(ours)))
            say(fmt::format("{} is {}", cell(id, s, p), ours));
          const BoundPiece* piece = trace_.piece_at(id, s, p);
          if (piece) {
            compare(cell(id, s, p), ours, piece->expression, trace_.place(quantity.dims, s, p),
                    quantity.may_be_absent);
          } else if (!quantity.stock && !quantity.unknown) {
            say(cell(id, s, p) + " is defined by nothing");
          }
        }
    }
  }

  /// The label of a process's own axis at which a flow's cell enters or leaves it.
  std::optional<std::size_t> own_label(const FlowEnd& end, const BoundProcess& process, DimensionId axis,
                                       const DimSet& flow, const std::vector<std::size_t>& index) const {
    const Dimension& wanted = model_.dimensions[axis];
    const auto label_at = [&](std::size_t k) {
      return wanted.index_of(model_.dimensions[flow.labels[k]].labels[index[k]]);
    };
    if (end.at && process.declaration->over) {
      const auto at = model_.dimensions.find(end.at->id);
      if (at && model_.dimensions[*at].labels == wanted.labels)
        for (std::size_t k = 0; k < flow.labels.size(); ++k)
          if (flow.labels[k] == *at) return label_at(k);
    }
    for (std::size_t k = 0; k < flow.labels.size(); ++k)
      if (model_.dimensions.share_root(flow.labels[k], axis)) return label_at(k);
    return std::nullopt;
  }

  void add_to(Array& sums, Array& sizes, const DimSet& target, std::size_t quantity, double sign,
              const BoundProcess& process, const FlowEnd& end) {
    const Quantity& flow = model_.quantities[quantity];
    for (std::size_t s = 0; s < flow.defined.series(); ++s) {
      const auto index = flow.dims.unravel(s, model_.dimensions);
      std::size_t to = 0;
      bool lies = true;
      for (const DimensionId axis : target.labels) {
        const auto label = own_label(end, process, axis, flow.dims, index);
        lies = lies && label;
        to = to * model_.dimensions[axis].size() + label.value_or(0);
      }
      if (!lies) continue;
      for (std::size_t p = model_.dimensions.lead; p < sums.periods(); ++p) {
        const std::size_t own = flow.dims.time ? p : 0;
        if (!flow.defined.at(s, own)) continue;
        const double v = value(quantity, s, own);
        if (std::isnan(v)) continue;
        *sums.at(to, p) += sign * v;
        *sizes.at(to, p) += std::abs(v);
      }
    }
  }

  /// A process that nothing closes may be left open by its model.
  bool closed(const BoundProcess& process) const {
    const auto closes = [&](const Quantity& quantity) {
      return quantity.unknown ||
             std::any_of(quantity.pieces.begin(), quantity.pieces.end(), [&](const BoundPiece& piece) {
               return piece.mask->any() && piece.closes && &model_.processes[*piece.closes] == &process;
             });
    };
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        if (closes(model_.quantities[flow])) return true;
    return std::any_of(process.stocks.begin(), process.stocks.end(), [&](std::size_t stock) {
      return closes(model_.quantities[model_.stocks[stock].change]);
    });
  }

  void balance(const BoundProcess& process) {
    const Quantity& quantity = model_.quantities[*process.balance];
    const std::size_t series = quantity.dims.series(model_.dimensions),
                      periods = quantity.dims.periods(model_.dimensions);
    Array sums(series, periods, 1, 0.0), sizes(series, periods, 1, 0.0);
    const auto declaration = [&](std::size_t flow) -> const FlowDecl& {
      for (const FlowDecl& each : session_.model->flows)
        if (each.name.id == model_.quantities[flow].name) return each;
      std::abort();
    };
    for (const std::size_t flow : process.inputs)
      add_to(sums, sizes, quantity.dims, flow, 1, process, declaration(flow).to);
    for (const std::size_t flow : process.outputs)
      add_to(sums, sizes, quantity.dims, flow, -1, process, declaration(flow).from);
    for (const std::size_t stock : process.stocks)
      add_to(sums, sizes, quantity.dims, model_.stocks[stock].change, -1, process, FlowEnd{});
    for (std::size_t s = 0; s < series; ++s)
      for (std::size_t p = first_of(quantity.dims); p < periods; ++p) {
        const double size = *sizes.at(s, p);
        if (closed(process) && !(std::abs(*sums.at(s, p)) <= 1e-10 * size))
          say(fmt::format("{} does not balance: {:.6g} of {:.6g}", cell(*process.balance, s, p),
                          *sums.at(s, p), size));
        if (!(std::abs(value(*process.balance, s, p) - *sums.at(s, p)) <= 1e-10 * size))
          say(fmt::format("{} is {:.6g}, summed {:.6g}", cell(*process.balance, s, p),
                          value(*process.balance, s, p), *sums.at(s, p)));
      }
  }

  void stock(const BoundStock& stock) {
    const auto& steps = model_.dimensions.steps;
    const bool by_change = stock.declaration->change != nullptr;
    for (std::size_t s = 0; s < stock.dims.series(model_.dimensions); ++s)
      for (std::size_t p = model_.dimensions.lead; p < steps.size(); ++p) {
        const Place at = trace_.place(stock.dims, s, p);
        const double level = value(stock.level, s, p);
        const bool scaled = stock.is_scaled();
        const double before = scaled && p > stock.begin
                                  ? trace_.value(trace_.piece_at(stock.level, s, p - 1)->expression,
                                                 trace_.place(stock.dims, s, p - 1))
                              : p > stock.begin ? value(stock.level, s, p - 1)
                              : stock.initial   ? trace_.value(stock.initial, at)
                              : stock.steady    ? trace_.value(stock.steady, at)
                                                : 0.0;
        const double change = value(stock.change, s, p) * steps[p];
        double size = std::abs(before) + std::abs(level);
        if (!by_change) {
          const double in = value(stock.inflow, s, p), out = value(stock.outflow, s, p);
          size += (std::abs(in) + std::abs(out)) * steps[p];
          if (!stock.used && !(std::abs((in - out) * steps[p] - change) <= 1e-12 * size))
            say(cell(stock.change, s, p) + " is not inflow less outflow");
        }
        if (!(std::abs(level - before - change) <= 1e-11 * size))
          say(fmt::format("{}: {:.15g} after {:.15g} with a change of {:.15g}", cell(stock.level, s, p),
                          level, before, change));
        if (by_change || scaled) continue;
        const bool given = stock.lifetime && stock.level_mask.at(s, p);
        if (given && stock.declaration->join.text != "none") continue;
        if (given) {
          for (const BoundPiece& piece : stock.given_level)
            if (piece.mask->at(s, p)) compare(cell(stock.level, s, p), level, piece.expression, at, false);
        } else if (stock.given_inflow) {
          compare(cell(stock.inflow, s, p), value(stock.inflow, s, p), stock.given_inflow, at, false);
        }
        if (!stock.lifetime && stock.given_outflow)
          compare(cell(stock.outflow, s, p), value(stock.outflow, s, p), stock.given_outflow, at, false);
      }
    if (stock.lifetime) cohorts(stock);
  }

  // K(t) = Σ_{c≤t} I(c) Δ(c) S(c,t), O(t) Δ(t) = Σ_{c≤t} I(c) Δ(c) (S(c,t−1) − S(c,t)), S from the moment of
  // entry with the lifetime of the year of entry and the hazard's factor of each year. A spread inflow, a
  // first stock without years of entry and repaired cohorts are left to the kernel's own tests.
  void cohorts(const BoundStock& stock) {
    const auto& steps = model_.dimensions.steps;
    const std::string& at_name = stock.declaration->inflow_at.text;
    const double entry = at_name == "start" ? 1.0 : at_name == "end" ? 0.0 : 0.5;
    const bool density = stock.declaration->outflow_by.text == "density";
    if (at_name == "spread" || stock.steady || stock.used) return;
    for (const Event& event : session_.evaluation->events())
      if (event.kind == Event::Kind::corrected && event.what == stock.declaration->name.id) return;
    for (std::size_t s = 0; s < stock.dims.series(model_.dimensions); ++s) {
      std::vector<double> level(steps.size(), 0), leaving(steps.size(), 0), size(steps.size(), 0);
      bool without_density = false;
      for (std::size_t c = stock.begin; c < steps.size(); ++c) {
        const Place at = trace_.place(stock.dims, s, c);
        std::vector<double> parameters;
        for (const NodePtr& node : stock.lifetime->parameters) parameters.push_back(trace_.value(node, at));
        std::string problem;
        std::vector<std::string> remarks;
        const auto lifetime = make_lifetime(stock.lifetime->spec, parameters, problem, remarks);
        if (!lifetime) {
          say(stock.name + ": " + problem);
          return;
        }
        without_density = !lifetime->has_density();
        const double amount = value(stock.inflow, s, c) * steps[c];
        double age = 0, plain = 1, share = 1;
        for (std::size_t p = c; p < steps.size(); ++p) {
          age += p == c ? entry * steps[c] : steps[p];
          const double left = lifetime->survival(age);
          const double factor = stock.hazard ? trace_.value(stock.hazard, trace_.place(stock.dims, s, p)) : 1;
          const double now = plain > 0 ? share * std::pow(left / plain, factor) : 0;
          level[p] += amount * now;
          leaving[p] += amount * (share - now);
          size[p] += std::abs(amount);
          plain = left;
          share = now;
        }
      }
      if (density && !without_density) continue;
      for (std::size_t p = model_.dimensions.lead; p < steps.size(); ++p) {
        if (!(std::abs(level[p] - value(stock.level, s, p)) <= 1e-10 * size[p]))
          say(fmt::format("{} is {:.15g}, its cohorts {:.15g}", cell(stock.level, s, p),
                          value(stock.level, s, p), level[p]));
        if (!(std::abs(leaving[p] - value(stock.outflow, s, p) * steps[p]) <= 1e-10 * size[p]))
          say(fmt::format("{} is {:.15g}, its cohorts {:.15g}", cell(stock.outflow, s, p),
                          value(stock.outflow, s, p), leaving[p] / steps[p]));
      }
    }
  }

  void relations() {
    const bool unknowns = std::any_of(model_.quantities.begin(), model_.quantities.end(),
                                      [](const Quantity& q) { return q.unknown; });
    if (!unknowns) return;
    for (const BoundRelation& relation : model_.relations) {
      const DimSet& dims = relation.residual->dims;
      for (std::size_t s = 0; s < dims.series(model_.dimensions); ++s)
        for (std::size_t p = first_of(dims); p < dims.periods(model_.dimensions); ++p) {
          const Place at = trace_.place(dims, s, p);
          const double left = trace_.value(relation.left, at), right = trace_.value(relation.right, at);
          const double size = magnitude(relation.left, at) + magnitude(relation.right, at);
          if (!(std::abs(left - right) <= 1e-9 * size))
            say(fmt::format("{}{}: {:.15g} and {:.15g}", relation.text,
                            cell_name(dims, s, p, model_.dimensions), left, right));
        }
    }
  }

  const Session& session_;
  const BoundModel& model_;
  Trace trace_;
  std::size_t limit_;
  std::set<std::size_t> solved_, open_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const Session& session, std::size_t limit) {
  return Checker(session, limit).run();
}

std::string first_difference(const Evaluation& a, std::size_t lane_a, const Evaluation& b, std::size_t lane_b,
                             double tolerance) {
  const BoundModel& model = *a.plan().model;
  std::vector<double> largest(model.quantities.size(), 0.0);
  double largest_of_all = 0;
  for (std::size_t id = 0; id < model.quantities.size(); ++id) {
    const Array& values = b.quantity(id);
    for (std::size_t i = values.lanes() == 1 ? 0 : lane_b; i < values.size(); i += values.lanes())
      if (std::isfinite(values.data()[i])) largest[id] = std::max(largest[id], std::abs(values.data()[i]));
    largest_of_all = std::max(largest_of_all, largest[id]);
  }
  for (std::size_t id = 0; id < model.quantities.size(); ++id) {
    const Quantity& quantity = model.quantities[id];
    // What cancels keeps the rounding of what it is made of.
    const double allowed = tolerance * (largest[id] + 1e-3 * largest_of_all);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = model.dimensions.first_period(quantity.dims.time); p < quantity.defined.periods();
           ++p) {
        if (!quantity.defined.at(s, p)) continue;
        const double x = a.quantity(id).value(s, p, lane_a), y = b.quantity(id).value(s, p, lane_b);
        if (std::isnan(x) && std::isnan(y)) continue;
        if (std::bit_cast<std::uint64_t>(x) != std::bit_cast<std::uint64_t>(y) &&
            !(std::abs(x - y) <= allowed))
          return fmt::format("{}{}: {:.17g} and {:.17g}", quantity.name,
                             cell_name(quantity.dims, s, p, model.dimensions), x, y);
      }
  }
  return "";
}

}  // namespace lode::testing
