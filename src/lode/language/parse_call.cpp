// SPDX-License-Identifier: Apache-2.0
//
// Calls: name(argument, …, name = argument, … over … by … where … from … to …).
#include <algorithm>
#include <cmath>

#include "lode/language/parser.hpp"
#include "lode/language/precedence.hpp"
#include "lode/support/text.hpp"

namespace lode {
namespace {

struct Advice {
  std::string_view word;
  std::string_view help;
};

/// Functions of spreadsheets and of other languages, in small letters.
constexpr Advice foreign_functions[] = {
    {"if", "write `if condition then a else b`"},
    {"ifs", "write `if condition then a else if other then b else c`"},
    {"iferror",
     "nothing is hidden here: declare `missing:` at the parameter, or write `if known(x) then x else y`"},
    {"ifna", "write `if known(x) then x else y`"},
    {"and", "write `a and b`"},
    {"or", "write `a or b`"},
    {"not", "write `not a`"},
    {"sumif", "write `sum(x over product where product.method = stock)`"},
    {"sumifs", "write `sum(x over product where product.method = stock)`"},
    {"sumproduct", "write `sum(a * b over product)`"},
    {"average", "write `mean(x over product)`"},
    {"averageif", "write `mean(x over product where product.method = stock)`"},
    {"avg", "write `mean(x over product)`"},
    {"vlookup", "nothing is looked up: names align by their dimensions; one label is `x[label]`"},
    {"xlookup", "nothing is looked up: names align by their dimensions; one label is `x[label]`"},
    {"hlookup", "nothing is looked up: names align by their dimensions; one year is `x[2017]`"},
    {"index", "one label is `x[label]`, one year `x[2017]`"},
    {"offset", "the value some years before is `x[time - 3]`, one step before `prev(x)`"},
    {"ln", "write `log(x)`, the natural logarithm"},
    {"power", "write `x ^ y`"},
    {"pow", "write `x ^ y`"},
    {"product", "write `a * b`"},
    {"integrate", "write `total(x from 2000 to 2017)`"},
    {"cumsum", "write `cumulate(x)`"},
    {"lag", "write `prev(x)`, or `x[time - 3]` for three years"},
    {"shift", "write `prev(x)`, or `x[time - 3]` for three years"},
    {"diff", "write `x - prev(x)`"},
    {"delta", "write `x - prev(x)`"},
    {"grow", "write `x * compound(rate)`"},
    {"spread", "write `repeat(x over product)` to copy, `split(x by shares)` to divide"},
    {"balance", "write `residual(process)` for what closes a process"},
    {"round", "nothing is rounded in formulas; results are rounded where they are shown"},
    {"isnumber", "write `known(x)`"},
    {"isblank", "write `not known(x)`"},
    {"unit", "units by label are attributes: `unit: product.counted_in` at the parameter"},
};

}  // namespace

FormulaParser::Part FormulaParser::call() {
  const Token name = take();
  const Token open = take();
  const FunctionInfo* function = find_function(name.text);
  if (function == nullptr) return unknown_function(name), Part{};

  Part result{make(Kind::call, name.begin, name.end), 1, name.begin, name.end};
  result.node->text = name.text;
  result.node->text_where = formula_.at(name.begin, name.end);
  std::size_t height = 0;
  if (!peek().symbol(")")) {
    if (!arguments(*function, open, *result.node, height)) return {};
    if (!clauses(*function, *result.node, height)) return {};
  }
  if (!peek().symbol(")")) return unclosed(open, ")"), Part{};
  result.end = take().end;
  result.height = height + 2;  // two, for `total` may become two calls
  result.node->where = formula_.at(result.begin, result.end);
  run_along_time(*function, *result.node);
  if (!check_call(*function, *result.node)) return {};
  sum_first(*result.node);
  return finish(std::move(result));
}

void FormulaParser::unknown_function(const Token& name) {
  const std::string small = lower_case(name.text);
  Diagnostic& diagnostic = error("unknown-function", name, "there is no function " + code(name.text));
  if (const FunctionInfo* function = find_function(small)) {
    diagnostic.message = "functions are written in small letters: " + code(small);
    diagnostic.help = "write " + code(function->example);
    return;
  }
  for (const Advice& advice : foreign_functions) {
    if (advice.word == small) {
      diagnostic.help = advice.help;
      return;
    }
  }
  const std::vector<std::string> names = function_names();
  diagnostic.help = did_you_mean(small, names);
  if (diagnostic.help.empty()) {
    diagnostic.help = "a year or label of a quantity stands in brackets: " + code(name.text + "[2017]") +
                      "; multiplication is written with `*`";
  }
}

bool FormulaParser::arguments(const FunctionInfo& function, const Token& open, Expression& node,
                              std::size_t& height) {
  while (true) {
    const Token first = peek();
    const bool keyword = !function.keywords().empty() && first.kind == Token::Kind::name &&
                         peek(1).symbol("=") && first.text.find('.') == std::string::npos;
    if (keyword) {
      if (!keyword_known(function, node, first)) return false;
      take();
      take();
    } else if (!node.keywords.empty()) {
      if (first.kind != Token::Kind::end) {
        error("wrong-arguments", first, "an argument without a name follows one with a name").help =
            "write " + code(function.example);
        return false;
      }
    } else if (first.kind == Token::Kind::end) {
      unclosed(open, ")");
      return false;
    }
    Part argument = expression(conditional_level);
    if (!argument) return false;
    height = std::max(height, argument.height);
    if (keyword) {
      node.keywords.emplace_back(NameAt{first.text, formula_.at(first.begin, first.end)},
                                 std::move(argument.node));
    } else {
      node.operands.push_back(std::move(argument.node));
    }
    if (!peek().symbol(",")) return true;
    take();
  }
}

bool FormulaParser::keyword_known(const FunctionInfo& function, const Expression& node, const Token& name) {
  std::vector<std::string> names;
  bool known = false;
  for (const FunctionKeyword& keyword : function.keywords()) {
    names.emplace_back(keyword.name);
    known = known || keyword.name == name.text;
  }
  if (!known) {
    Diagnostic& diagnostic =
        error("unknown-keyword", name, code(function.name) + " has no argument called " + code(name.text));
    diagnostic.help = did_you_mean(name.text, names);
    if (diagnostic.help.empty()) diagnostic.help = "it is written " + code(function.signature);
    return false;
  }
  for (const auto& [other, value] : node.keywords) {
    if (other.id != name.text) continue;
    error("repeated-argument", name, code(name.text) + " is given twice")
        .labels.push_back({other.where, "already given here"});
    return false;
  }
  return true;
}

bool FormulaParser::clauses(const FunctionInfo& function, Expression& node, std::size_t& height) {
  unsigned seen = 0;
  while (peek().kind == Token::Kind::keyword) {
    const Token word = peek();
    const unsigned clause = clause_of(word.text);
    if (clause == 0) return true;
    if ((function.clauses & clause) == 0) return wrong_clause(function, word), false;
    if (!node.keywords.empty() || node.operands.size() != std::max<std::size_t>(function.min_arguments, 1)) {
      error("wrong-arguments", word, code(word.text) + " follows a single argument").help =
          "write " + code(function.example);
      return false;
    }
    if ((seen & clause) != 0) {
      Diagnostic& diagnostic = error("repeated-argument", word, code(word.text) + " is given twice");
      if (clause == clause_over || clause == clause_by) diagnostic.help = "write `" + word.text + " a and b`";
      if (clause == clause_where) diagnostic.help = "write `where a and b`";
      return false;
    }
    seen |= clause;
    take();
    if (clause == clause_over || clause == clause_by) {
      if (!names(word, clause == clause_over ? node.over : node.by)) return false;
      continue;
    }
    Part value = expression(conditional_level);
    if (!value) return false;
    height = std::max(height, value.height);
    ExpressionPtr& slot = clause == clause_where ? node.filter : clause == clause_from ? node.from : node.to;
    slot = std::move(value.node);
  }
  return true;
}

unsigned FormulaParser::clause_of(std::string_view word) {
  if (word == "over") return clause_over;
  if (word == "by") return clause_by;
  if (word == "where") return clause_where;
  if (word == "from") return clause_from;
  if (word == "to") return clause_to;
  return 0;
}

void FormulaParser::wrong_clause(const FunctionInfo& function, const Token& word) {
  Diagnostic& diagnostic =
      error("wrong-clause", word, code(word.text) + " cannot be used in " + code(function.name));
  diagnostic.help = "it is written " + code(function.signature);
  if ((word.text == "from" || word.text == "to") && function.name == "sum") {
    diagnostic.why = "a rate must be multiplied by its years before it is added over time";
    diagnostic.help = "write `total(x from 2000 to 2017)`";
  }
}

bool FormulaParser::names(const Token& clause, std::vector<NameAt>& list) {
  while (true) {
    const Token token = peek();
    if (token.kind != Token::Kind::name) {
      if (token.kind == Token::Kind::quoted) {
        error("bad-clause", token, "a name stands without quotes");
      } else if (token.kind == Token::Kind::keyword) {
        stray_keyword(token);
      } else {
        error("bad-clause", token, "a name is missing after " + code(previous().text)).help =
            clause.text == "over" ? "write `sum(x over product and region)`" : "write `sum(x by category)`";
      }
      return false;
    }
    for (const NameAt& other : list) {
      if (other.id != token.text) continue;
      error("repeated-argument", token, code(token.text) + " is named twice")
          .labels.push_back({other.where, "already named here"});
      return false;
    }
    list.push_back({token.text, formula_.at(token.begin, token.end)});
    take();
    if (peek().symbol("=") || peek().symbol("<>")) {
      error("bad-clause", peek(), "a condition stands after `where`").help =
          "write `sum(x over product where " + token.text + " = …)`";
      return false;
    }
    if (!peek().keyword("and") && !peek().symbol(",")) return true;
    if (clause.text == "by") {
      error("bad-clause", peek(), "`by` takes one name").help =
          "a finer grouping is a column of its own in the dimension's table";
      return false;
    }
    take();
  }
}

bool FormulaParser::check_call(const FunctionInfo& function, const Expression& node) {
  const std::size_t count = node.operands.size();
  unsigned given = 0;
  if (!node.over.empty()) given |= clause_over;
  if (!node.by.empty()) given |= clause_by;
  if (node.from) given |= clause_from;
  if (node.to) given |= clause_to;

  if (count < function.min_arguments || count > function.max_arguments) {
    Diagnostic& diagnostic = wrong_arguments(node, argument_count(function, count));
    if (count > 1 && function.name == "sum")
      diagnostic.help = "to add, write `a + b`; over a dimension " + code(function.example);
    if (count > 1 && function.name == "mean")
      diagnostic.help = "write `(a + b) / 2`; over a dimension `mean(x over product)`";
    return false;
  }
  for (const FunctionKeyword& keyword : function.keywords()) {
    if (!keyword.required) continue;
    const bool found =
        std::ranges::any_of(node.keywords, [&](const auto& k) { return k.first.id == keyword.name; });
    if (found) continue;
    wrong_arguments(node, code(function.name) + " needs " + code(std::string(keyword.name) + " = …"));
    return false;
  }
  if (function.needs != 0 && count == std::max<std::size_t>(function.min_arguments, 1) &&
      (given & function.needs) == 0) {
    const std::string_view needed = (function.needs & clause_over) != 0 ? "over" : "by";
    Diagnostic& diagnostic =
        wrong_arguments(node, code(function.name) + " needs " + code(std::string(needed) + " …") +
                                  ": what it runs over must be said");
    diagnostic.help = "write " + code(function.example);
    return false;
  }
  if (node.from || node.to) {
    for (const ExpressionPtr& year : {node.from, node.to}) {
      if (year != nullptr && !check_year(*year)) return false;
    }
    const bool along_time = node.over.size() == 1 && node.over[0].id == "time";
    if (function.needs != 0 && !along_time) {
      wrong_arguments(node, "`from` and `to` in " + code(function.name) + " need `over time`").help =
          "write " + code(std::string(function.name) + "(x over time from 2000 to 2017)");
      return false;
    }
  }
  if (function.name == "growth_rate" && !(check_year(*node.operands[1]) && check_year(*node.operands[2])))
    return false;
  if ((!node.by.empty() || node.filter) && node.over.size() == 1 && node.over[0].id == "time") {
    wrong_arguments(node, "`over time` goes with `from` and `to` only").help =
        "leave labels out, or group them, inside: `max(sum(x by category) over time)`";
    return false;
  }
  if (node.filter && node.over.empty() && node.by.empty()) {
    wrong_arguments(node, "`where` needs `over …`").why = "`where` only leaves labels out";
    return false;
  }
  if (function.takes_process && node.operands.front()->kind != Kind::name) {
    diagnostics_
        .error("wrong-arguments", node.operands.front()->where,
               code(function.name) + " takes the name of a process")
        .help = "write " + code(function.example);
    return false;
  }
  return true;
}

bool FormulaParser::check_year(const Expression& year) {
  if (year.kind != Kind::number || (!year.percent && year.number == std::floor(year.number))) return true;
  diagnostics_.error("wrong-arguments", year.where, "a year is a whole number").help = "write `2017`";
  return false;
}

void FormulaParser::run_along_time(const FunctionInfo& function, Expression& node) {
  if (function.needs == 0 || !(node.from || node.to) || !node.over.empty() || !node.by.empty()) return;
  node.over.push_back({"time", node.text_where});
}

void FormulaParser::sum_first(Expression& node) {
  if (node.text != "total" || (node.over.empty() && node.by.empty())) return;
  auto sum = std::make_shared<Expression>();
  sum->kind = Kind::call;
  sum->text = "sum";
  sum->where = node.where;
  sum->text_where = node.text_where;
  sum->operands = std::move(node.operands);
  sum->over = std::move(node.over);
  sum->by = std::move(node.by);
  sum->filter = std::move(node.filter);
  node.over.clear();
  node.by.clear();
  node.filter = nullptr;
  node.operands = {std::move(sum)};
}

Diagnostic& FormulaParser::wrong_arguments(const Expression& node, std::string message) {
  Diagnostic& diagnostic = diagnostics_.error("wrong-arguments", node.where, std::move(message));
  diagnostic.help = "it is written " + code(find_function(node.text)->signature);
  return diagnostic;
}

std::string FormulaParser::argument_count(const FunctionInfo& function, std::size_t count) {
  const std::size_t low = function.min_arguments;
  const std::size_t high = function.max_arguments;
  std::string wanted = std::to_string(low);
  if (high != low) wanted += high == low + 1 ? " or " + std::to_string(high) : " to " + std::to_string(high);
  const std::string noun = high == 1 ? " argument" : " arguments";
  return code(function.name) + " takes " + wanted + noun + ", not " + std::to_string(count);
}

}  // namespace lode
