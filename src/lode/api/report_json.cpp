// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace lode {

Json title_json(const Title& title) {
  const auto found = title.by_language.find("zh");
  return title_json(title.empty() ? "" : title.in("en"),
                    found == title.by_language.end() ? "" : found->second);
}

Json title_json(const std::string& english, const std::string& chinese) {
  Json out = Json::object();
  if (!english.empty()) out["en"] = english;
  if (!chinese.empty()) out["zh"] = chinese;
  return out;
}

double significant(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return value;
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

Json number_json(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

namespace {

Json names_json(const std::vector<NameAt>& names) {
  Json out = Json::array();
  for (const NameAt& name : names) out.push_back(name.id);
  return out;
}

Json call_json(const Expression& call) {
  Json arguments = Json::array(), more = Json::object();
  for (const ExpressionPtr& argument : call.operands) arguments.push_back(formula_json(*argument));
  if (!call.over.empty()) more["over"] = names_json(call.over);
  if (!call.by.empty()) more["by"] = names_json(call.by);
  if (call.filter) more["where"] = formula_json(*call.filter);
  if (call.from) more["from"] = formula_json(*call.from);
  if (call.to) more["to"] = formula_json(*call.to);
  for (const auto& [name, value] : call.keywords) more["with"][name.id] = formula_json(*value);
  return Json::array({"call", call.text, std::move(arguments), std::move(more)});
}

std::string selector_text(const Selector& selector) {
  std::string text = selector.dimension ? selector.dimension->id + " = " : "";
  if (selector.label) return text + selector.label->id;
  if (selector.year) return text + std::to_string(*selector.year);
  return text + fmt::format("t − {:g}", selector.lag.value_or(0));
}

}  // namespace

Json formula_json(const Expression& expression) {
  const auto operand = [&](std::size_t i) { return formula_json(*expression.operands[i]); };
  switch (expression.kind) {
    case Expression::Kind::number:
      return Json::array({expression.percent ? "percent" : "number", expression.number});
    case Expression::Kind::quoted:
      return Json::array({"text", expression.text});
    case Expression::Kind::name:
      return Json::array({"name", expression.text});
    case Expression::Kind::conditional:
      return Json::array({"if", operand(0), operand(1), operand(2)});
    case Expression::Kind::call:
      return call_json(expression);
    case Expression::Kind::index: {
      Json selectors = Json::array();
      for (const Selector& selector : expression.selectors) selectors.push_back(selector_text(selector));
      return Json::array({"at", operand(0), std::move(selectors)});
    }
    case Expression::Kind::unary:
    case Expression::Kind::binary:
      break;
  }
  Json out = Json::array({expression.text});
  for (const ExpressionPtr& each : expression.operands) out.push_back(formula_json(*each));
  return out;
}

Json formula_json(const std::string& text) {
  Diagnostics ignored;
  const auto file = std::make_shared<SourceFile>("formula", text);
  const ExpressionPtr formula = parse_formula(FormulaText::plain(file, 0, text.size()), ignored);
  return formula && !ignored.has_errors() ? formula_json(*formula) : Json(nullptr);
}

}  // namespace lode
