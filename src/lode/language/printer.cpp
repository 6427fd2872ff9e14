// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/language/expression.hpp"
#include "lode/language/functions.hpp"
#include "lode/language/lexer.hpp"
#include "lode/language/precedence.hpp"

namespace lode {
namespace {

using Kind = Expression::Kind;

int level_of(const Expression& e) {
  switch (e.kind) {
    case Kind::conditional:
      return conditional_level;
    case Kind::unary:
      return e.text == "not" ? not_level : sign_level;
    case Kind::binary:
      if (e.text == "or") return or_level;
      if (e.text == "and") return and_level;
      if (e.text == "+" || e.text == "-") return sum_level;
      if (e.text == "*" || e.text == "/") return term_level;
      if (e.text == "^") return power_level;
      return comparison_level;
    default:
      return postfix_level;
  }
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += c;
    result += c;
  }
  return result + "'";
}

/// The shortest decimal that reads back as this number; of a percentage, as a hundredth of the decimal.
std::string number(double value, bool percent) {
  if (!percent) return fmt::format("{}", value);
  const std::string shortest = fmt::format("{}", value);
  std::string digits;
  long power = 0;
  bool point = false;
  std::size_t i = 0;
  for (; i < shortest.size() && shortest[i] != 'e'; ++i) {
    if (shortest[i] == '.') {
      point = true;
      continue;
    }
    digits += shortest[i];
    if (point) --power;
  }
  if (i < shortest.size()) power += std::stol(shortest.substr(i + 1));
  power += 2;
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++power;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const long size = static_cast<long>(digits.size());
  constexpr long longest_plain = 16;
  std::string result;
  if (digits == "0") {
    result = "0";
  } else if (power >= 0 && size + power <= longest_plain) {
    result = digits + std::string(static_cast<std::size_t>(power), '0');
  } else if (power < 0 && size + power > 0) {
    result = digits.insert(static_cast<std::size_t>(size + power), ".");
  } else if (power < 0 && -power <= longest_plain) {
    result = "0." + std::string(static_cast<std::size_t>(-power - size), '0') + digits;
  } else {
    result = fmt::format("{}e{}", digits, power);
  }
  return result + " %";
}

class Printer {
 public:
  std::string operator()(const Expression& e, int level) const {
    const std::string text = plain(e);
    return level_of(e) < level ? "(" + text + ")" : text;
  }

 private:
  std::string plain(const Expression& e) const {
    switch (e.kind) {
      case Kind::number:
        return number(e.number, e.percent);
      case Kind::quoted:
        return quoted(e.text);
      case Kind::name:
        return e.text;
      case Kind::unary:
        return (e.text == "not" ? "not " : e.text) + (*this)(*e.operands[0], level_of(e));
      case Kind::binary:
        return binary(e);
      case Kind::conditional:
        return "if " + any(e.operands[0]) + " then " + any(e.operands[1]) + " else " + any(e.operands[2]);
      case Kind::call:
        return call(e);
      case Kind::index:
        return index(e);
    }
    return {};
  }

  std::string any(const ExpressionPtr& e) const { return (*this)(*e, conditional_level); }

  std::string binary(const Expression& e) const {
    const int level = level_of(e);
    int left = level;
    int right = level + 1;
    if (level == comparison_level) left = level + 1;
    if (level == power_level) {
      left = postfix_level;
      right = sign_level;
    }
    return (*this)(*e.operands[0], left) + " " + e.text + " " + (*this)(*e.operands[1], right);
  }

  std::string call(const Expression& e) const {
    const FunctionInfo* function = find_function(e.text);
    const bool takes_keywords = function != nullptr && !function->keywords().empty();
    std::string text = e.text + "(";
    const char* separator = "";
    for (const ExpressionPtr& operand : e.operands) {
      const std::string argument = any(operand);
      text += separator;
      text += takes_keywords && looks_like_keyword(argument) ? "(" + argument + ")" : argument;
      separator = ", ";
    }
    for (const auto& [name, value] : e.keywords) {
      text += separator + name.id + " = " + any(value);
      separator = ", ";
    }
    const bool span = e.from != nullptr || e.to != nullptr;
    const bool along_time = span && e.over.size() == 1 && e.over[0].id == "time";
    if (!along_time) text += names(" over ", e.over);
    text += names(" by ", e.by);
    if (e.filter) text += " where " + any(e.filter);
    if (e.from) text += " from " + any(e.from);
    if (e.to) text += " to " + any(e.to);
    return text + ")";
  }

  /// `a = b` as an argument of a function with keywords would be read as the keyword a.
  static bool looks_like_keyword(const std::string& argument) {
    const std::size_t sign = argument.find(" = ");
    return sign != std::string::npos && is_plain_word(std::string_view(argument).substr(0, sign));
  }

  static std::string names(const char* word, const std::vector<NameAt>& list) {
    std::string text;
    for (const NameAt& name : list) text += (text.empty() ? word : " and ") + name.id;
    return text;
  }

  std::string index(const Expression& e) const {
    std::string text = (*this)(*e.operands[0], postfix_level) + "[";
    const char* separator = "";
    for (const Selector& selector : e.selectors) {
      text += separator;
      separator = ", ";
      if (selector.year) {
        text += std::to_string(*selector.year);
      } else if (selector.lag) {
        text += fmt::format("time {} {}", *selector.lag < 0 ? '+' : '-',
                            *selector.lag < 0 ? -*selector.lag : *selector.lag);
      } else if (selector.label) {
        const std::string& label = selector.label->id;
        const bool bare = is_plain_word(label) && (selector.dimension || label != "time");
        const bool digits = selector.dimension && !label.empty() &&
                            label.find_first_not_of("0123456789") == std::string::npos;
        if (selector.dimension) text += selector.dimension->id + " = ";
        text += bare || digits ? label : quoted(label);
      }
    }
    return text + "]";
  }
};

}  // namespace

std::string print(const Expression& expression) {
  return Printer()(expression, conditional_level);
}

}  // namespace lode
