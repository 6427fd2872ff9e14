// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

namespace {

std::string mirrored(const std::string& op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

bool holds(const std::string& op, double left, double right) {
  if (op == "=") return left == right;
  if (op == "<>") return left != right;
  if (op == "<") return left < right;
  if (op == "<=") return left <= right;
  if (op == ">") return left > right;
  return left >= right;
}

bool is_comparison(const std::string& op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The text of a label on the right of a comparison; a number's own spelling.
std::optional<std::string> label_text(const Expression& expression) {
  if (expression.kind == Expression::Kind::name || expression.kind == Expression::Kind::quoted)
    return expression.text;
  if (expression.kind == Expression::Kind::number) return fmt::format("{}", expression.number);
  return std::nullopt;
}

}  // namespace

StaticMask Binder::constant_mask(bool value) const {
  return {DimSet{}, Mask(1, 1, value)};
}

Mask Binder::within_model(Mask mask) const {
  if (mask.periods() > 1)
    for (std::size_t s = 0; s < mask.series(); ++s)
      for (std::size_t p = 0; p < dims().lead; ++p) mask.set(s, p);
  return mask;
}

StaticMask Binder::combine(const StaticMask& a, const StaticMask& b, bool conjunction) const {
  StaticMask result;
  result.dims = unify(a.dims, b.dims, dims());
  result.mask = expand(a.mask, a.dims, result.dims, dims());
  const Mask other = expand(b.mask, b.dims, result.dims, dims());
  if (conjunction) {
    result.mask &= other;
  } else {
    result.mask |= other;
  }
  return result;
}

StaticMask Binder::negate(StaticMask mask) const {
  mask.mask = mask.mask.complement();
  return mask;
}

void Binder::bind_conditions() {
  for (const ConditionDecl& declaration : model().conditions) condition(declaration.name);
}

std::optional<StaticMask> Binder::condition(const NameAt& name) {
  if (const auto found = conditions_.find(name.id); found != conditions_.end()) return found->second;
  if (name.id == "always") return constant_mask(true);
  for (const ConditionDecl& declaration : model().conditions) {
    if (declaration.name.id != name.id) continue;
    if (condition_failed_[name.id]) return std::nullopt;
    condition_failed_[name.id] = true;  // also stops a condition that names itself
    if (!declaration.expression) return std::nullopt;
    auto mask = bind_condition(*declaration.expression);
    if (!mask) return std::nullopt;
    condition_failed_[name.id] = false;
    conditions_.emplace(name.id, *mask);
    return mask;
  }
  std::vector<std::string> names{"always", "else"};
  for (const ConditionDecl& declaration : model().conditions) names.push_back(declaration.name.id);
  auto& diagnostic = diagnostics_.error("unknown-condition", name.where,
                                        fmt::format("no condition is called `{}`", name.id));
  diagnostic.why = "the keys of an equation are conditions declared under `when:`, or `else`";
  diagnostic.help = did_you_mean(name.id, names);
  return std::nullopt;
}

bool Binder::is_static(const Expression& expression) const {
  switch (expression.kind) {
    case Expression::Kind::number:
    case Expression::Kind::quoted:
      return true;
    case Expression::Kind::name: {
      if (expression.text == "time" || expression.text == "always") return true;
      const std::string head = expression.text.substr(0, expression.text.find('.'));
      if (leaf_ids_.count(expression.text) || quantity_ids_.count(expression.text)) return false;
      if (dims().find(head)) return true;
      for (const ConditionDecl& declaration : model().conditions)
        if (declaration.name.id == expression.text) return true;
      for (const ScenarioAxis& axis : model().axes)
        if (axis.name.id == expression.text) return true;
      return false;
    }
    case Expression::Kind::unary:
      return expression.text == "not" && is_static(*expression.operands[0]);
    case Expression::Kind::binary:
      if (is_comparison(expression.text)) {
        const Expression& left = *expression.operands[0];
        const Expression& right = *expression.operands[1];
        const auto simple = [](const Expression& e) {
          return e.kind == Expression::Kind::name || e.kind == Expression::Kind::quoted ||
                 e.kind == Expression::Kind::number;
        };
        // To the right of `product =` stands a label, whatever else has that name.
        return simple(left) && simple(right) &&
               ((left.kind == Expression::Kind::name && is_static(left)) ||
                (right.kind == Expression::Kind::name && right.text == "time" && is_static(left)));
      }
      return (expression.text == "and" || expression.text == "or") && is_static(*expression.operands[0]) &&
             is_static(*expression.operands[1]);
    default:
      return false;
  }
}

std::optional<StaticMask> Binder::bind_condition(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::name: {
      if (dims().find(expression.text) || expression.text == "time") break;
      return condition({expression.text, expression.where});
    }
    case Expression::Kind::unary:
      if (expression.text == "not") {
        auto mask = bind_condition(*expression.operands[0]);
        if (!mask) return std::nullopt;
        return negate(std::move(*mask));
      }
      break;
    case Expression::Kind::binary:
      if (expression.text == "and" || expression.text == "or") {
        const auto left = bind_condition(*expression.operands[0]);
        const auto right = bind_condition(*expression.operands[1]);
        if (!left || !right) return std::nullopt;
        return combine(*left, *right, expression.text == "and");
      }
      if (is_comparison(expression.text)) return bind_comparison(expression);
      break;
    default:
      break;
  }
  auto& diagnostic =
      diagnostics_.error("bad-condition", expression.where,
                         fmt::format("`{}` is no condition on time, labels or scenario", print(expression)));
  diagnostic.why = "conditions are structure: they are known before any number is computed";
  diagnostic.help =
      "compare `time` with a year, a dimension or its attribute with a label, or use `if … then … else` in a "
      "formula";
  return std::nullopt;
}

std::optional<StaticMask> Binder::bind_comparison(const Expression& expression) {
  const Expression* left = expression.operands[0].get();
  const Expression* right = expression.operands[1].get();
  std::string op = expression.text;
  if (left->kind == Expression::Kind::number && right->kind == Expression::Kind::name) {
    std::swap(left, right);
    op = mirrored(op);
  }
  if (left->kind != Expression::Kind::name) {
    diagnostics_.error(
        "bad-condition", left->where,
        "on the left of a condition stands `time`, a dimension, an attribute or a scenario axis");
    return std::nullopt;
  }
  // A list of years of entry: its label k is year k, in time's own order.
  const auto years_axis = [&](const Expression& side) -> std::optional<DimensionId> {
    if (side.kind != Expression::Kind::name) return std::nullopt;
    const auto id = dims().find(side.text);
    return id && dims().is_years(*id) ? id : std::nullopt;
  };
  const auto left_years = years_axis(*left), right_years = years_axis(*right);
  const bool left_time = left->text == "time",
             right_time = right->kind == Expression::Kind::name && right->text == "time";
  if ((left_years || right_years) && (left_years || left_time) &&
      (right_years || right_time || (right->kind == Expression::Kind::number && !right->percent)) &&
      left_years != right_years) {
    StaticMask result;
    result.dims.time = left_time || right_time;
    if (left_years) result.dims.insert(*left_years);
    if (right_years) result.dims.insert(*right_years);
    const std::size_t periods = result.dims.periods(dims());
    result.mask = Mask(result.dims.series(dims()), periods, false);
    for (std::size_t s = 0; s < result.mask.series(); ++s)
      for (std::size_t p = 0; p < periods; ++p) {
        const auto index = result.dims.unravel(s, dims());
        const auto year = [&](const std::optional<DimensionId>& axis) -> double {
          if (!axis) return dims().years[p];
          std::size_t k = 0;
          while (result.dims.labels[k] != *axis) ++k;
          return dims().years[index[k]];
        };
        const double a = left_time ? year({}) : year(left_years);
        const double b = right_years || right_time ? year(right_years) : right->number;
        if (holds(op, a, b)) result.mask.set(s, p);
      }
    return result;
  }
  if (left->text == "time") {
    if (right->kind != Expression::Kind::number || right->percent) {
      diagnostics_.error("bad-condition", right->where, "`time` compares with a calendar year such as 2017");
      return std::nullopt;
    }
    StaticMask result;
    result.dims.time = true;
    result.mask = Mask(1, dims().periods(), false);
    for (std::size_t p = 0; p < dims().periods(); ++p)
      if (holds(op, dims().years[p], right->number)) result.mask.set(0, p);
    return result;
  }
  const auto dot = left->text.find('.');
  const std::string head = left->text.substr(0, dot);
  if (const auto id = dims().find(head)) {
    const Dimension& dimension = dims()[*id];
    StaticMask result;
    result.dims.insert(*id);
    result.mask = Mask(dimension.size(), 1, false);
    const auto text = label_text(*right);
    if (!text) {
      auto& diagnostic =
          diagnostics_.error("bad-condition", right->where, "to the right of a dimension stands a label");
      diagnostic.help = "labels with spaces or signs go in quotes: `category = 'electronic devices'`";
      return std::nullopt;
    }
    if (dot == std::string::npos) {
      if (const auto label = dimension.index_of(*text)) {
        if (op != "=" && op != "<>") {
          diagnostics_.error("bad-condition", expression.text_where, "labels compare with `=` and `<>` only");
          return std::nullopt;
        }
        for (std::size_t i = 0; i < dimension.size(); ++i)
          if ((i == *label) == (op == "=")) result.mask.set(i, 0);
        return result;
      }
      if (const auto other = dims().find(*text);
          other && right->kind == Expression::Kind::name && *other != *id) {
        // exporter <> importer: two axes with one list
        if (op != "=" && op != "<>") {
          diagnostics_.error("bad-condition", expression.text_where, "labels compare with `=` and `<>` only");
          return std::nullopt;
        }
        result.dims.insert(*other);
        result.mask = Mask(result.dims.series(dims()), 1, false);
        for (std::size_t s = 0; s < result.mask.series(); ++s) {
          const auto index = result.dims.unravel(s, dims());
          const bool same = dims()[result.dims.labels[0]].labels[index[0]] ==
                            dims()[result.dims.labels[1]].labels[index[1]];
          if (same == (op == "=")) result.mask.set(s, 0);
        }
        return result;
      }
      auto& diagnostic = diagnostics_.error("unknown-label", right->where,
                                            fmt::format("`{}` is no label of `{}`", *text, dimension.name));
      diagnostic.help = did_you_mean(*text, dimension.labels);
      if (diagnostic.help.empty())
        diagnostic.help = fmt::format("its labels are {}", fmt::join(dimension.labels, ", "));
      return std::nullopt;
    }
    const std::string attribute = left->text.substr(dot + 1);
    const auto texts = dimension.attributes.find(attribute);
    if (texts == dimension.attributes.end()) {
      std::vector<std::string> names;
      for (const auto& [name, values] : dimension.attributes) names.push_back(name);
      auto& diagnostic =
          diagnostics_.error("unknown-attribute", left->where,
                             fmt::format("`{}` has no column `{}`", dimension.name, attribute));
      diagnostic.help = did_you_mean(attribute, names);
      if (diagnostic.help.empty())
        diagnostic.help = fmt::format("its columns are {}", fmt::join(names, ", "));
      return std::nullopt;
    }
    bool found = false;
    for (std::size_t i = 0; i < dimension.size(); ++i) {
      const std::string& value = texts->second[i];
      const auto number = as_number(value);
      bool truth = false;
      if (right->kind == Expression::Kind::number && number) {
        truth = holds(op, *number, right->number);
        found = true;
      } else if (op == "=" || op == "<>") {
        truth = (value == *text) == (op == "=");
        found = found || value == *text;
      } else {
        diagnostics_.error("bad-condition", expression.text_where,
                           fmt::format("`{}` of `{}` is the text `{}`: it compares with `=` and `<>` only",
                                       attribute, dimension.labels[i], value));
        return std::nullopt;
      }
      if (truth) result.mask.set(i, 0);
    }
    if (!found && dimension.kind != Dimension::Kind::part_of) {
      std::vector<std::string> values = texts->second;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      auto& diagnostic =
          diagnostics_.error("unknown-label", right->where,
                             fmt::format("no `{}` has `{}` = `{}`", dimension.name, attribute, *text));
      diagnostic.help = did_you_mean(*text, values);
      if (diagnostic.help.empty())
        diagnostic.help = fmt::format("the values are {}", fmt::join(values, ", "));
      return std::nullopt;
    }
    return result;
  }
  for (const ScenarioAxis& axis : model().axes) {
    if (axis.name.id != left->text) continue;
    const auto text = label_text(*right);
    std::vector<std::string> cases;
    for (const NameAt& name : axis.cases) cases.push_back(name.id);
    if (!text || std::find(cases.begin(), cases.end(), *text) == cases.end()) {
      auto& diagnostic =
          diagnostics_.error("unknown-label", right->where,
                             fmt::format("the scenario axis `{}` has no such case", axis.name.id));
      diagnostic.help = fmt::format("its cases are {}", fmt::join(cases, ", "));
      return std::nullopt;
    }
    const auto chosen = model().scenario.find(axis.name.id);
    const std::string current = chosen != model().scenario.end() ? chosen->second : axis.fallback.id;
    return constant_mask((current == *text) == (op == "="));
  }
  std::vector<std::string> names = dimension_names();
  for (const ScenarioAxis& axis : model().axes) names.push_back(axis.name.id);
  if (declares_number(left->text)) {
    auto& diagnostic =
        diagnostics_.error("bad-condition", left->where,
                           fmt::format("`{}` is a number, not a dimension or a scenario axis", left->text));
    diagnostic.why = "conditions are structure: they are known before any number is computed";
    diagnostic.help = fmt::format("in a formula, `if {} then … else …` chooses by value", print(expression));
    return std::nullopt;
  }
  auto& diagnostic = diagnostics_.error("unknown-name", left->where,
                                        fmt::format("`{}` is no dimension and no scenario axis", left->text));
  diagnostic.why = "conditions are structure: they are known before any number is computed";
  diagnostic.help = did_you_mean(head, names);
  return std::nullopt;
}

}  // namespace lode
