// SPDX-License-Identifier: Apache-2.0
#include "lode/language/make_expression.hpp"

#include <utility>

namespace lode {

namespace {

std::shared_ptr<Expression> node_of(Expression::Kind kind, const std::string& text, const Location& where) {
  auto node = std::make_shared<Expression>();
  node->kind = kind;
  node->text = text;
  node->where = node->text_where = where;
  return node;
}

}  // namespace

ExpressionPtr make_number(double number, const Location& where) {
  auto node = std::make_shared<Expression>();
  node->number = number;
  node->where = where;
  return node;
}

ExpressionPtr make_name(const std::string& name, const Location& where) {
  return node_of(Expression::Kind::name, name, where);
}

ExpressionPtr make_quoted(const std::string& text, const Location& where) {
  return node_of(Expression::Kind::quoted, text, where);
}

ExpressionPtr make_binary(const char* sign, ExpressionPtr left, ExpressionPtr right, const Location& where) {
  auto node = node_of(Expression::Kind::binary, sign, where);
  node->operands = {std::move(left), std::move(right)};
  return node;
}

ExpressionPtr make_conditional(ExpressionPtr condition, ExpressionPtr yes, ExpressionPtr no,
                               const Location& where) {
  auto node = std::make_shared<Expression>();
  node->kind = Expression::Kind::conditional;
  node->where = where;
  node->operands = {std::move(condition), std::move(yes), std::move(no)};
  return node;
}

ExpressionPtr make_call(const std::string& function, std::vector<ExpressionPtr> operands,
                        std::vector<NameAt> over, const Location& where) {
  auto node = node_of(Expression::Kind::call, function, where);
  node->operands = std::move(operands);
  node->over = std::move(over);
  return node;
}

}  // namespace lode
