// SPDX-License-Identifier: Apache-2.0
#include "lode/api/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/lenders.hpp"
#include "lode/api/trace.hpp"

namespace lode {

namespace {

struct Term {
  NodePtr node;
  Place place;
  double sign = 1;
  double weight = 1;  // period length, where a run along time adds up
};

class Explainer {
 public:
  Explainer(const Session& session, std::size_t depth, std::size_t width)
      : session_(session), model_(*session.bound), trace_(session), depth_(depth), width_(width) {}

  Explanation quantity(std::size_t id, std::size_t series, std::size_t period, std::size_t level) const;
  Explanation expression(const NodePtr& node, const Place& place, std::size_t level) const;

 private:
  Explanation leaf(std::size_t id, std::size_t series, std::size_t period, std::size_t level) const;
  void other_case(Explanation& into, const Leaf& leaf, const LeafRow& row, std::size_t level) const;
  void parts_of(Explanation& into, const NodePtr& node, const Place& place, std::size_t level) const;
  void sum_terms(const NodePtr& node, const Place& place, double sign, double weight,
                 std::vector<Term>& terms) const;
  void stock_parts(Explanation& into, const Quantity& quantity, std::size_t series, std::size_t period,
                   std::size_t level) const;
  bool is_sum(const Node& node) const {
    return (node.kind == Node::Kind::map &&
            (node.function == Function::add || node.function == Function::subtract) &&
            node.type == Node::Type::number) ||
           (node.kind == Node::Kind::reduce && node.reduction == Reduction::sum) ||
           (node.kind == Node::Kind::over_time &&
            (node.time_function == TimeFunction::total || node.time_function == TimeFunction::cumulate)) ||
           is_mean(node);
  }
  bool is_mean(const Node& node) const {
    return (node.kind == Node::Kind::reduce && node.reduction == Reduction::mean) ||
           (node.kind == Node::Kind::over_time && node.time_function == TimeFunction::mean);
  }
  void add_shared(Explanation& into, std::vector<Explanation> parts, double total) const;
  Unit shown_unit(const NodePtr& node, const Place& place) const;
  std::string place_of(const Location& where) const {
    return where.file ? fmt::format("{}:{}", where.file->path(), where.line()) : "";
  }

  const Session& session_;
  const BoundModel& model_;
  Trace trace_;
  std::size_t depth_, width_;
};

Unit Explainer::shown_unit(const NodePtr& node, const Place& place) const {
  Unit unit = node->unit;
  for (const UnitFactor& factor : node->unit.factors()) {
    if (!factor.symbolic) continue;
    const auto dot = factor.base.find('.');
    const auto root = model_.dimensions.find(factor.base.substr(0, dot));
    if (!root) continue;
    DimSet one;
    one.insert(*root);
    const auto label = trace_.series(one, place);
    const auto& attributes = model_.dimensions[*root].attributes;
    const auto texts = attributes.find(factor.base.substr(dot + 1));
    if (label && texts != attributes.end())
      if (const auto concrete = parse_unit(texts->second[*label]).unit)
        unit = unit.substitute(factor.base, *concrete);
  }
  return unit;
}

/// What a row of a borrowed table is made of, in the case it comes from.
void Explainer::other_case(Explanation& into, const Leaf& leaf, const LeafRow& row, std::size_t level) const {
  if (!row.where.file || !session_.model->lenders) return;
  const BorrowedRows* rows = session_.model->lenders->rows_of(row.where.file.get());
  if (!rows) return;
  const Lender& lender = *rows->lender;
  const std::size_t line = row.where.line();
  if (line == 0 || line > rows->cells.size()) return;
  const auto [series, period] = rows->cells[line - 1];
  into.place = lender.place;
  into.source = fmt::format("run of model and data {}", lender.hash.substr(0, 12));
  if (leaf.declaration->source) into.source = leaf.declaration->source->text + "; " + into.source;
  if (!lender.session || level >= depth_) return;
  const Session& other = *lender.session;
  const BoundModel& bound = *other.bound;
  const auto first = [&](const DimSet& dims) { return bound.dimensions.first_period(dims.time); };
  const std::size_t left = depth_ - level - 1;
  for (std::size_t id = 0; id < bound.quantities.size(); ++id)
    if (bound.quantities[id].name == rows->result) {
      into.parts.push_back(
          explain_cell(other, id, series, period + first(bound.quantities[id].dims), left, width_));
      return;
    }
  if (const auto id = bound.find_leaf(rows->result))
    into.parts.push_back(
        Explainer(other, left, width_).leaf(*id, series, period + first(bound.leaves[*id].dims), 0));
}

Explanation Explainer::leaf(std::size_t id, std::size_t series, std::size_t period, std::size_t level) const {
  const Leaf& leaf = model_.leaves[id];
  Explanation result;
  result.name = leaf.name + cell_name(leaf.dims, series, period, model_.dimensions);
  const Unit unit = unit_of_cell(leaf.unit, leaf.dims, series, model_.dimensions);
  result.value = session_.evaluation->leaf(id).value(series, period) / unit.scale();
  result.unit = unit.str();
  const LeafCell& cell = leaf.cells[series * leaf.values.periods() + period];
  const auto row = [&](std::int32_t index) -> const LeafRow* {
    return index >= 0 ? &leaf.rows[static_cast<std::size_t>(index)] : nullptr;
  };
  const LeafRow* first = row(cell.row);
  const LeafRow* second = row(cell.other_row);
  switch (cell.rule) {
    case FillRule::given:
      result.how = leaf.declaration->from.empty() ? "given" : "result of another case";
      break;
    case FillRule::constant:
      result.how = "given in the model";
      break;
    case FillRule::solved:
      result.how = "found so that " + model_.solves[*leaf.solved_by].text;
      break;
    case FillRule::changed:
      result.how = "given by the scenario";
      break;
    case FillRule::interpolated: {
      static const char* rules[] = {"", "linear", "geometric", "step"};
      result.how = fmt::format("interpolated ({}) between {} and {}",
                               rules[static_cast<int>(leaf.declaration->interpolate)],
                               first ? first->text : "", second ? second->text : "");
      break;
    }
    case FillRule::extrapolated: {
      static const char* rules[] = {"", "hold", "trend", "zero"};
      result.how =
          fmt::format("extrapolated ({}) from {}", rules[static_cast<int>(leaf.declaration->extrapolate)],
                      first ? first->text : "");
      break;
    }
    case FillRule::missing_value:
      result.how = fmt::format("missing: {:g}", leaf.declaration->missing_value);
      break;
    case FillRule::absent:
      result.how = "absent";
      break;
    case FillRule::none:
      result.how = "does not exist";
      result.value = std::numeric_limits<double>::quiet_NaN();
      break;
  }
  if (leaf.declaration->times != 1)
    result.how += fmt::format(", times {:g} by the scenario", leaf.declaration->times);
  if (first) {
    result.place = place_of(first->where);
    if (second) result.place += fmt::format(" and :{}", second->where.line());
    std::vector<std::string> words;
    const std::string source = !first->source.empty()     ? first->source
                               : leaf.declaration->source ? leaf.declaration->source->text
                                                          : "";
    const std::string quality = !first->quality.empty()     ? first->quality
                                : leaf.declaration->quality ? leaf.declaration->quality->text
                                                            : "";
    if (!source.empty()) words.push_back(source);
    if (!quality.empty()) words.push_back(quality);
    if (!first->derived_from.empty()) words.push_back("taken from " + first->derived_from);
    const std::string note = !first->note.empty() ? first->note : leaf.declaration->note;
    if (!note.empty()) words.push_back(note);
    result.source = fmt::format("{}", fmt::join(words, "; "));
    for (const LeafRow* each : {first, second})
      if (each && !leaf.declaration->from.empty()) other_case(result, leaf, *each, level);
  } else {
    result.place = place_of(leaf.declaration->name.where);
  }
  return result;
}

void Explainer::add_shared(Explanation& into, std::vector<Explanation> parts, double total) const {
  std::erase_if(parts, [](const Explanation& part) { return *part.share == 0; });
  std::stable_sort(parts.begin(), parts.end(), [](const Explanation& a, const Explanation& b) {
    return std::abs(*a.share) > std::abs(*b.share);
  });
  if (parts.size() > width_ + 1) {
    Explanation rest;
    rest.name = fmt::format("{} more", parts.size() - width_);
    rest.unit = parts[width_].unit;
    rest.share = 0;
    for (std::size_t i = width_; i < parts.size(); ++i) {
      rest.value += parts[i].sign == "−" ? -parts[i].value : parts[i].value;
      *rest.share += *parts[i].share;
    }
    rest.sign = rest.value < 0 ? "−" : "+";
    rest.value = std::abs(rest.value);
    parts.resize(width_);
    parts.push_back(std::move(rest));
  }
  for (Explanation& part : parts) {
    // Of nothing there are no shares.
    part.share = total != 0 ? std::optional<double>(*part.share / total) : std::nullopt;
    into.parts.push_back(std::move(part));
  }
}

void Explainer::sum_terms(const NodePtr& node, const Place& place, double sign, double weight,
                          std::vector<Term>& terms) const {
  if (node->kind == Node::Kind::map && node->function == Function::negate)
    return sum_terms(node->operands[0], place, -sign, weight, terms);
  if (!is_sum(*node)) {
    terms.push_back({node, place, sign, weight});
    return;
  }
  if (node->kind == Node::Kind::map) {
    sum_terms(node->operands[0], place, sign, weight, terms);
    sum_terms(node->operands[1], place, node->function == Function::add ? sign : -sign, weight, terms);
    return;
  }
  const auto places = trace_.reduced_places(*node, place);
  const auto step = [&](const Place& from) {
    return node->kind == Node::Kind::over_time ? model_.dimensions.steps[from.period] : 1.0;
  };
  double all = 1;
  if (is_mean(*node)) {
    all = 0;
    for (const Place& from : places)
      if (!std::isnan(trace_.value(node->operands[0], from))) all += step(from);
  }
  for (const Place& from : places) sum_terms(node->operands[0], from, sign, weight * step(from) / all, terms);
}

void Explainer::parts_of(Explanation& into, const NodePtr& node, const Place& place,
                         std::size_t level) const {
  if (level > depth_) return;
  if (is_sum(*node)) {
    std::vector<Term> terms;
    sum_terms(node, place, 1, 1, terms);
    std::vector<Explanation> parts;
    double total = 0;
    for (const Term& term : terms) {
      const double value = trace_.value(term.node, term.place) * term.sign * term.weight;
      if (std::isnan(value)) continue;
      total += value;
      if (value == 0) continue;
      Explanation part = expression(term.node, term.place, level);
      part.share = value;
      part.sign = term.sign < 0 ? "−" : "+";
      parts.push_back(std::move(part));
    }
    add_shared(into, std::move(parts), total);
    return;
  }
  if (node->kind == Node::Kind::map &&
      (node->function == Function::multiply || node->function == Function::divide)) {
    std::vector<std::pair<NodePtr, bool>> factors;
    const std::function<void(const NodePtr&, bool)> collect = [&](const NodePtr& each, bool up) {
      if (each->kind == Node::Kind::map && each->function == Function::multiply) {
        collect(each->operands[0], up);
        collect(each->operands[1], up);
      } else if (each->kind == Node::Kind::map && each->function == Function::divide) {
        collect(each->operands[0], up);
        collect(each->operands[1], !up);
      } else {
        factors.emplace_back(each, up);
      }
    };
    collect(node, true);
    for (const auto& [factor, up] : factors) {
      Explanation part = expression(factor, place, level);
      part.sign = up ? "×" : "÷";
      part.elasticity = up ? 1 : -1;
      into.parts.push_back(std::move(part));
    }
    return;
  }
  if (node->kind == Node::Kind::map && node->function == Function::select) {
    const bool yes = trace_.value(node->operands[0], place) != 0;
    into.parts.push_back(expression(node->operands[yes ? 1 : 2], place, level));
    return;
  }
  if (node->kind == Node::Kind::gather) {
    if (const auto from = trace_.operand_place(*node, place))
      into.parts.push_back(expression(node->operands[0], *from, level));
    return;
  }
  if (node->kind == Node::Kind::map && node->function == Function::power) {
    into.parts.push_back(expression(node->operands[0], place, level));
    into.parts.back().elasticity = trace_.value(node->operands[1], place);
    if (node->operands[1]->kind != Node::Kind::constant)
      into.parts.push_back(expression(node->operands[1], place, level));
    return;
  }
  if (node->kind == Node::Kind::map) {
    for (const NodePtr& operand : node->operands)
      if (operand->kind != Node::Kind::constant) into.parts.push_back(expression(operand, place, level));
    return;
  }
  if (node->kind == Node::Kind::reduce || node->kind == Node::Kind::over_time) {
    // A year found or an extreme taken: show the cell that decided.
    const double result = trace_.value(node, place);
    for (const Place& from : trace_.reduced_places(*node, place)) {
      const bool year = node->type == Node::Type::year;
      if (year ? model_.dimensions.years[from.period] == result
               : trace_.value(node->operands[0], from) == result) {
        into.parts.push_back(expression(node->operands[0], from, level));
        return;
      }
    }
    return;
  }
  if (node->kind == Node::Kind::quantity || node->kind == Node::Kind::leaf)
    into.parts.push_back(expression(node, place, level));
}

Explanation Explainer::expression(const NodePtr& node, const Place& place, std::size_t level) const {
  if (node->kind == Node::Kind::leaf) {
    if (const auto s = trace_.series(node->dims, place))
      return leaf(node->id, *s, node->dims.time ? place.period : 0, level);
  }
  if (node->kind == Node::Kind::quantity) {
    if (const auto s = trace_.series(node->dims, place))
      return quantity(node->id, *s, node->dims.time ? place.period : 0, level);
  }
  if (node->kind == Node::Kind::gather) {
    if (const auto from = trace_.operand_place(*node, place))
      return expression(node->operands[0], *from, level);
  }
  Explanation result;
  const Unit unit = shown_unit(node, place);
  result.value = trace_.value(node, place) / unit.scale();
  result.unit = node->type == Node::Type::truth ? "1" : unit.str();
  result.is_year = node->type == Node::Type::year;
  result.place = place_of(node->where);
  result.name = node->name;
  if (result.name.empty() && node->where.file) {
    const std::string& text = node->where.file->text();
    if (node->where.offset + node->where.length <= text.size())
      result.name = text.substr(node->where.offset, node->where.length);
  }
  if (node->kind == Node::Kind::constant) result.name = fmt::format("{:g}", node->value);
  if (node->kind == Node::Kind::step) result.name = "length of the period";
  if (result.name.empty()) result.name = "part";
  parts_of(result, node, place, level + 1);
  return result;
}

void Explainer::stock_parts(Explanation& into, const Quantity& quantity, std::size_t series,
                            std::size_t period, std::size_t level) const {
  const BoundStock& stock = model_.stocks[*quantity.stock];
  const Place at = trace_.place(stock.dims, series, period);
  const auto& dims = model_.dimensions;
  if (!stock.lifetime) {
    if (quantity.kind == Quantity::Kind::stock_level) {
      into.how = "the year before plus the net addition";
      if (level >= depth_) return;
      if (period > stock.begin) {
        into.parts.push_back(this->quantity(stock.level, series, period - 1, depth_));
      } else if (stock.initial) {
        into.parts.push_back(expression(stock.initial, at, level + 1));
      }
      into.parts.push_back(this->quantity(stock.change, series, period, level + 1));
      into.parts.back().sign = "+";
    } else if (const NodePtr& given =
                   quantity.kind == Quantity::Kind::stock_inflow ? stock.given_inflow : stock.given_outflow) {
      into.how = quantity.kind == Quantity::Kind::stock_inflow ? "what is declared to enter"
                                                               : "what is declared to leave";
      if (level < depth_) into.parts.push_back(expression(given, at, level + 1));
    }
    return;
  }
  const bool given = stock.level_mask.at(series, period);
  const SurvivalCurves* curves = session_.evaluation->curves(*quantity.stock, series);
  std::string lifetime = stock.lifetime->spec.family;
  for (const NodePtr& parameter : stock.lifetime->parameters)
    lifetime += fmt::format(" {:.4g}", trace_.value(parameter, at));
  if (quantity.kind == Quantity::Kind::stock_inflow && !given) {
    const bool before = period < dims.lead && stock.entries;
    const NodePtr& entered = before ? stock.entries : stock.given_inflow;
    into.how = before          ? "what is declared to have entered"
               : stock.carrier ? "what its carrier takes in"
                               : "what is declared to enter";
    if (level < depth_ && entered) into.parts.push_back(expression(entered, at, level + 1));
    return;
  }
  if (quantity.kind == Quantity::Kind::stock_level && given) {
    for (const BoundPiece& piece : stock.given_level)
      if (piece.mask->at(series, period)) {
        into.how = (piece.condition.empty() ? "given: " : piece.condition + ": ") + piece.formula;
        into.place = place_of(piece.where);
        if (level < depth_) parts_of(into, piece.expression, at, level + 1);
      }
    return;
  }
  if (quantity.kind == Quantity::Kind::stock_inflow) {
    into.how = fmt::format(
        "solved: the given stock less what is left of earlier years, by the share {:.4g} of a year's inflow "
        "that remains at its end",
        curves->s(period, period));
    if (level >= depth_) return;
    into.parts.push_back(this->quantity(stock.level, series, period, level + 1));
    Explanation carried;
    carried.name = "left of earlier years";
    carried.unit = into.parts.back().unit;
    carried.sign = "−";
    carried.how = "lifetime " + lifetime;
    const double scale = unit_of_cell(stock.unit, stock.dims, series, dims).scale();
    const Evaluation::Cohorts cohorts = session_.evaluation->cohorts(*quantity.stock, series, period);
    carried.value = cohorts.older.stock / scale;
    for (std::size_t c = stock.begin; c < period; ++c) carried.value += cohorts.stock[c] / scale;
    into.parts.push_back(std::move(carried));
    return;
  }
  const bool outflow = quantity.kind == Quantity::Kind::stock_outflow;
  into.how = fmt::format("{} of each year's inflow, lifetime {}", outflow ? "what leaves" : "what is left",
                         lifetime);
  if (level >= depth_) return;
  std::vector<Explanation> parts;
  const Evaluation::Cohorts cohorts = session_.evaluation->cohorts(*quantity.stock, series, period);
  const Unit unit = unit_of_cell(quantity.unit, quantity.dims, series, dims);
  double total = 0;
  const auto part_of = [&](double amount, std::string name) {
    total += amount;
    Explanation part;
    part.name = std::move(name);
    part.value = amount / unit.scale();
    part.unit = unit.str();
    part.share = amount;
    part.sign = "+";
    return part;
  };
  if (const double amount = outflow ? cohorts.older.outflow : cohorts.older.stock; amount != 0) {
    parts.push_back(part_of(amount, outflow ? "leaves of the first stock" : "left of the first stock"));
    if (level + 1 < depth_ && stock.steady)
      parts.back().parts.push_back(expression(stock.steady, at, level + 2));
  }
  for (std::size_t c = stock.begin; c <= period; ++c) {
    const double amount = outflow ? cohorts.outflow[c] : cohorts.stock[c];
    if (amount == 0) continue;
    const double entered = session_.evaluation->quantity(stock.inflow).value(series, c) * dims.steps[c];
    Explanation part = part_of(
        amount, fmt::format("{:.4g} % of the inflow of {}",
                            amount * (outflow ? dims.steps[period] : 1.0) / entered * 100, dims.years[c]));
    if (level + 1 < depth_) part.parts.push_back(this->quantity(stock.inflow, series, c, level + 2));
    parts.push_back(std::move(part));
  }
  add_shared(into, std::move(parts), total);
}

Explanation Explainer::quantity(std::size_t id, std::size_t series, std::size_t period,
                                std::size_t level) const {
  const Quantity& quantity = model_.quantities[id];
  Explanation result;
  result.name = quantity.name + cell_name(quantity.dims, series, period, model_.dimensions);
  const ShownValue value = shown(session_, id, series, period);
  result.value = value.value;
  result.unit = value.unit;
  result.is_year = quantity.type == Node::Type::year;
  result.place = place_of(quantity.where);
  if (!quantity.defined.at(series, quantity.dims.time ? period : 0)) {
    result.how = "does not exist here";
    result.value = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  const bool scaled = quantity.stock && model_.stocks[*quantity.stock].is_scaled();
  if (quantity.stock && quantity.kind == Quantity::Kind::stock_cohorts) {
    const BoundStock& stock = model_.stocks[*quantity.stock];
    const bool outflow = id == stock.by_cohort->outflow || id == stock.by_cohort->mean_age_leaving;
    const bool age = id == stock.by_cohort->mean_age || id == stock.by_cohort->mean_age_leaving;
    result.how = age ? "each year of entry's age, weighed by its amount" : "this year of entry's part";
    if (const auto own = trace_.series(stock.dims, trace_.place(quantity.dims, series, period));
        own && level < depth_)
      result.parts.push_back(this->quantity(outflow ? stock.outflow : stock.level, *own, period, level + 1));
    return result;
  }
  if (quantity.stock && quantity.kind != Quantity::Kind::stock_change && !scaled) {
    stock_parts(result, quantity, series, period, level);
    return result;
  }
  if (quantity.unknown) {
    result.how = "solved from the balances and relations";
    for (const BoundRelation& relation : model_.relations) result.how += "; " + relation.text;
    return result;
  }
  const BoundPiece* piece = trace_.piece_at(id, series, period);
  if (!piece) return result;
  result.how = piece->condition.empty() ? piece->formula : piece->condition + ": " + piece->formula;
  result.place = place_of(piece->where);
  if (level < depth_)
    parts_of(result, piece->expression, trace_.place(quantity.dims, series, period), level + 1);
  return result;
}

void print(std::string& out, const Explanation& each, const std::string& prefix, const std::string& branch,
           const std::string& below) {
  std::string line = prefix + branch;
  if (!each.sign.empty()) line += each.sign + " ";
  line += each.name + " = " + shown_text(each.value, each.unit, each.is_year);
  if (each.share) line += fmt::format("  ({:.1f} %)", *each.share * 100);
  if (each.elasticity && std::abs(*each.elasticity) != 1)
    line += fmt::format("  (elasticity {:.4g})", *each.elasticity);
  out += line;
  if (!each.how.empty()) out += "  ← " + each.how;
  if (!each.place.empty()) out += "  [" + each.place + "]";
  if (!each.source.empty()) out += "  " + each.source;
  out += '\n';
  for (std::size_t i = 0; i < each.parts.size(); ++i) {
    const bool last = i + 1 == each.parts.size();
    print(out, each.parts[i], prefix + below, last ? "└─ " : "├─ ", last ? "   " : "│  ");
  }
}

nlohmann::ordered_json json(const Explanation& each) {
  nlohmann::ordered_json out;
  out["name"] = each.name;
  out["value"] =
      std::isfinite(each.value) ? nlohmann::ordered_json(each.value) : nlohmann::ordered_json(nullptr);
  out["unit"] = each.is_year ? "year" : each.unit;
  if (each.share) out["share"] = *each.share;
  if (each.elasticity) out["elasticity"] = *each.elasticity;
  if (!each.sign.empty()) out["sign"] = each.sign;
  if (!each.how.empty()) out["how"] = each.how;
  if (!each.place.empty()) out["place"] = each.place;
  if (!each.source.empty()) out["source"] = each.source;
  for (const Explanation& part : each.parts) out["parts"].push_back(json(part));
  return out;
}

}  // namespace

std::optional<Explanation> explain(Session& session, const std::string& question, std::size_t depth,
                                   std::size_t width) {
  const auto file = std::make_shared<SourceFile>("question", question);
  ExpressionPtr formula = parse_formula(FormulaText::plain(file, 0, question.size()), session.diagnostics);
  if (!formula) return std::nullopt;
  // A stock named alone means its amount.
  const Expression* inner = formula.get();
  while (inner->kind == Expression::Kind::index) inner = inner->operands[0].get();
  if (inner->kind == Expression::Kind::name)
    for (const BoundStock& stock : session.bound->stocks)
      if (stock.name == inner->text && !session.bound->find_quantity(inner->text) &&
          !session.bound->find_leaf(inner->text)) {
        std::string longer = question;
        longer.insert(inner->where.offset + inner->where.length, ".stock");
        return explain(session, longer, depth, width);
      }
  // The question is bound against the model; only cells that are computed already are read.
  BoundModel copy = *session.bound;
  const std::size_t before = copy.quantities.size();
  const auto id = bind_question(copy, "question", formula, session.diagnostics);
  if (!id) return std::nullopt;
  const Explainer explainer(session, depth, width);
  if (*id < before) return explainer.quantity(*id, 0, 0, 0);
  const NodePtr node = copy.quantities[*id].pieces.front().expression;
  if (!node->dims.scalar() && node->dims.cells(copy.dimensions) > 1) {
    auto& diagnostic = session.diagnostics.error(
        "not-one-number", formula->where,
        fmt::format("this is over {}: choose one cell", node->dims.str(copy.dimensions)));
    std::vector<std::string> cells;
    if (node->dims.time) cells.push_back(std::to_string(copy.dimensions.last_year()));
    for (const DimensionId axis : node->dims.labels) cells.push_back(copy.dimensions[axis].labels.front());
    diagnostic.help = fmt::format("for example `{}[{}]`", question, fmt::join(cells, ", "));
    return std::nullopt;
  }
  return explainer.expression(node, Place{}, 0);
}

Explanation explain_cell(const Session& session, std::size_t quantity, std::size_t series, std::size_t period,
                         std::size_t depth, std::size_t width) {
  return Explainer(session, depth, width).quantity(quantity, series, period, 0);
}

std::string explanation_text(const Explanation& explanation) {
  std::string out;
  print(out, explanation, "", "", "");
  return out;
}

std::string explanation_json(const Explanation& explanation) {
  return json(explanation).dump(2);
}

}  // namespace lode
