// SPDX-License-Identifier: Apache-2.0
#include "formula_test_tools.hpp"

#include <fmt/format.h>

namespace lode::test {
namespace {

std::string names(const char* word, const std::vector<NameAt>& list) {
  std::string text;
  for (const NameAt& name : list) text += (text.empty() ? fmt::format(" :{}", word) : "") + " " + name.id;
  return text;
}

}  // namespace

std::string tree(const Expression& e) {
  using Kind = Expression::Kind;
  std::string text;
  switch (e.kind) {
    case Kind::number:
      return fmt::format("{}{}", e.number, e.percent ? "%" : "");
    case Kind::quoted:
      return "'" + e.text + "'";
    case Kind::name:
      return e.text;
    case Kind::conditional:
    case Kind::unary:
    case Kind::binary:
    case Kind::call:
      text = "(" + e.text;
      break;
    case Kind::index:
      text = "([]";
      break;
  }
  for (const ExpressionPtr& operand : e.operands) text += " " + tree(*operand);
  for (const auto& [name, value] : e.keywords) text += " " + name.id + ":" + tree(*value);
  text += names("over", e.over) + names("by", e.by);
  if (e.filter) text += " :where " + tree(*e.filter);
  if (e.from) text += " :from " + tree(*e.from);
  if (e.to) text += " :to " + tree(*e.to);
  for (const Selector& selector : e.selectors) {
    text += " {";
    if (selector.dimension) text += selector.dimension->id + "=";
    if (selector.label) text += selector.label->id;
    if (selector.year) text += fmt::format("year {}", *selector.year);
    if (selector.lag) text += fmt::format("lag {}", *selector.lag);
    text += "}";
  }
  return text + ")";
}

std::string parsed(const std::string& text) {
  Diagnostics diagnostics;
  const ExpressionPtr expression = parse_formula(formula_text(text), diagnostics);
  if (expression != nullptr) return diagnostics.all().empty() ? tree(*expression) : "tree and message";
  if (diagnostics.all().size() != 1) return fmt::format("{} messages", diagnostics.all().size());
  const Diagnostic& d = diagnostics.all().front();
  const Location& where = d.labels.front().where;
  return fmt::format("{}@{}-{}: {}", d.code, where.offset, where.offset + where.length, d.message);
}

}  // namespace lode::test
