// SPDX-License-Identifier: Apache-2.0
//
// What a formula that cannot be read most likely means, and what to write instead.
#include "lode/language/parser.hpp"
#include "lode/support/text.hpp"

namespace lode {

FormulaParser::Part FormulaParser::chained_comparison(const Part& left) {
  const Expression& first = *left.node;
  Diagnostic& diagnostic =
      error("chained-comparison", peek(), code(peek().text) + " cannot follow another comparison");
  diagnostic.labels.push_back({first.text_where, "the other comparison"});
  diagnostic.why = "a comparison gives true or false, which cannot be compared with a number";
  diagnostic.help = "write " + code("a " + first.text + " b and b " + peek().text + " c");
  return {};
}

FormulaParser::Part FormulaParser::needs_parentheses(std::string_view what) {
  error("needs-parentheses", peek(), code(what) + " after an operator needs parentheses").help =
      peek().keyword("if") ? "write `a + (if condition then b else c)`" : "write `a = (not b)`";
  return {};
}

void FormulaParser::missing_operand() {
  const Token& token = peek();
  if (token.symbol("(") || token.symbol("[")) {
    error("missing-operand", token, "brackets choose years and labels of what stands before them").help =
        "write `x[2017]`; group with `(` and `)`";
    return;
  }
  if (at_ == 0 && (token.symbol(")") || token.symbol("]"))) return stray_closing(token);
  if (token.kind == Token::Kind::end && (previous().symbol("(") || previous().symbol("["))) {
    return unclosed(previous(), previous().symbol("(") ? ")" : "]");
  }
  if (token.kind == Token::Kind::keyword) {
    const bool logic = token.text == "and" || token.text == "or";
    if (logic && peek(1).symbol("(")) {
      error("unknown-function", token, code(token.text) + " is not a function here").help =
          "write `a " + token.text + " b`";
      return;
    }
    if (at_ > 0 && previous().symbol(",")) {
      error("stray-comma", previous(), "no comma stands before " + code(token.text)).help =
          "write `sum(x over product where product.method = stock)`";
      return;
    }
    if (!logic && token.text != "then" && token.text != "else") return stray_keyword(token);
  }
  const std::string before = at_ == 0 ? std::string() : code(written(previous()));
  std::string gap = "before " + code(token.text);
  if (at_ > 0) gap = "between " + before + " and " + code(token.text);
  if (token.kind == Token::Kind::end) gap = "after " + before;
  error("missing-operand", token, "something is missing " + gap).help =
      "a name, a number or a part in parentheses belongs there";
}

void FormulaParser::stray_keyword(const Token& token) {
  Diagnostic& diagnostic = error("reserved-word", token, code(token.text) + " is a word of the language");
  if (token.text == "then" || token.text == "else") {
    diagnostic.help = "it belongs to `if condition then a else b`";
  } else if (token.text == "from" || token.text == "to") {
    diagnostic.help = "it belongs inside a function: `total(x from 2000 to 2017)`";
  } else if (token.text == "over" || token.text == "by" || token.text == "where") {
    diagnostic.help = "it belongs inside a function: `sum(x over product where product.method = stock)`";
  } else {
    diagnostic.help = "a label of this name stands in quotes: `'" + token.text + "'`";
  }
}

void FormulaParser::stray_closing(const Token& token) {
  error("unbalanced-bracket", token, code(token.text) + " closes nothing").help =
      std::string("open it with `") + (token.text == ")" ? "(" : "[") + "` or delete it";
}

void FormulaParser::unclosed(const Token& open, std::string_view closing) {
  const Token& token = peek();
  if (token.kind == Token::Kind::end) {
    Diagnostic& diagnostic = error("unbalanced-bracket", open, code(open.text) + " is not closed");
    diagnostic.help = "add " + code(closing);
    return;
  }
  if ((token.symbol(")") || token.symbol("]")) && token.text != closing) {
    Diagnostic& diagnostic =
        error("unbalanced-bracket", open, code(open.text) + " is closed by " + code(token.text));
    diagnostic.labels.push_back({formula_.at(token.begin, token.end), "found here"});
    diagnostic.help = "it needs " + code(closing);
    return;
  }
  unexpected(code(closing));
}

void FormulaParser::unexpected(const std::string& expected) {
  const Token& token = peek();
  const Token& before = previous();
  if (before.kind == Token::Kind::number && token.kind == Token::Kind::name && !excel_keyword(token)) {
    unit_after_number(before.begin, before.end, unit_end());
    return;
  }
  if (excel_keyword(token)) {
    error("reserved-word", token, code(token.text) + " is written in small letters").help =
        "write " + code(lower_case(token.text));
    return;
  }
  switch (token.kind) {
    case Token::Kind::name:
    case Token::Kind::number:
    case Token::Kind::quoted:
      missing_operator(before, token);
      return;
    case Token::Kind::keyword:
      if (token.text == "not" || token.text == "if") {
        missing_operator(before, token);
      } else {
        stray_keyword(token);
      }
      return;
    case Token::Kind::end:
      error("missing-operand", token, expected + " is missing at the end");
      return;
    case Token::Kind::symbol:
      break;
  }
  if (token.symbol("(")) {
    missing_operator(before, token);
  } else if (token.symbol(")") || token.symbol("]")) {
    stray_closing(token);
  } else if (token.symbol(",")) {
    comma(before);
  } else {
    error("unexpected", token, code(token.text) + " cannot stand here").help =
        expected.empty() ? std::string() : "expected " + expected;
  }
}

bool FormulaParser::excel_keyword(const Token& token) {
  return token.kind == Token::Kind::name && is_keyword(lower_case(token.text));
}

bool FormulaParser::is_year_unit(std::string_view word) {
  return word == "yr" || word == "a" || word == "year" || word == "年";
}

std::size_t FormulaParser::unit_end() const {
  const Token& unit = peek();
  const bool divided = peek(1).symbol("/") && peek(1).begin == unit.end && peek(2).kind == Token::Kind::name;
  return divided ? peek(2).end : unit.end;
}

void FormulaParser::unit_after_number(std::size_t begin, std::size_t number_end, std::size_t end) {
  Diagnostic& diagnostic = error("unit-in-formula", begin, end, "a number with a unit stands in a formula");
  diagnostic.why = "formulas hold no units, so that every such number has a name and a source";
  diagnostic.help = "make it a parameter, " +
                    code("name: {value: " + std::string(written(begin, end)) + "}") +
                    ", and write its name here";
  if (number_end < end && written(number_end, end).find('/') == std::string_view::npos) {
    const std::size_t word = formula_.text.find_first_not_of(' ', number_end);
    diagnostic.help += "; to multiply, write " + code(std::string(written(begin, number_end)) + " * " +
                                                      std::string(written(word, end)));
  }
}

void FormulaParser::missing_operator(const Token& before, const Token& token) {
  error("missing-operator", token,
        "an operator is missing between " + code(written(before)) + " and " + code(written(token)))
      .help = token.symbol("(")
                  ? "multiplication is written with `*`"
                  : "a name of several words is written with `_`, a label of several words in quotes";
}

void FormulaParser::comma(const Token& before) {
  const Token& token = peek();
  const Token& after = peek(1);
  if (before.kind == Token::Kind::number && after.kind == Token::Kind::number && before.end == token.begin &&
      token.end == after.begin) {
    error("decimal-comma", before.begin, after.end, "the decimal point is `.`").help =
        "write " + code(std::string(written(before)) + "." + std::string(written(after)));
    return;
  }
  error("stray-comma", token, "a comma separates the arguments of a function, and nothing else");
}

void FormulaParser::bad_label(const Token& open, const Token& first) {
  std::size_t last = at_;
  std::vector<Token> opened = {open};
  for (; tokens_[last].kind != Token::Kind::end; ++last) {
    const Token& token = tokens_[last];
    if (token.symbol("[") || token.symbol("(")) opened.push_back(token);
    if (token.symbol(",") && opened.size() == 1) break;
    if (!token.symbol("]") && !token.symbol(")")) continue;
    if (opened.size() == 1 || (opened.back().symbol("[") != token.symbol("]"))) break;
    opened.pop_back();
  }
  if (opened.size() > 1 || !(tokens_[last].symbol("]") || tokens_[last].symbol(","))) {
    at_ = last;
    unclosed(opened.back(), opened.back().symbol("[") ? "]" : ")");
    return;
  }
  const bool with_dimension = first.kind == Token::Kind::name && tokens_[last].begin > first.end &&
                              written(first.end, tokens_[last].begin).find('=') != std::string_view::npos;
  std::size_t from = first.begin;
  if (with_dimension) {
    from = formula_.text.find('=', first.end) + 1;
    while (from < tokens_[last].begin && formula_.text[from] == ' ') ++from;
  }
  const std::size_t to = tokens_[last - 1].end;
  if (from >= to) {
    error("bad-selector", first.begin, tokens_[last].end, "a label is missing after `=`");
    return;
  }
  const std::string text(written(from, to));
  if (text.find_first_of("'\"") != std::string::npos) {
    error("bad-selector", from, to, "this is no label").help = "one label stands in one pair of quotes";
    return;
  }
  Diagnostic& diagnostic = error("bad-selector", from, to, code(text) + " is not a year or a plain label");
  diagnostic.why =
      "without quotes a label consists of letters, digits and `_`, does not begin with a digit, and is no "
      "word of the language";
  diagnostic.help = "a label stands in quotes: `'" + text + "'`";
  if (first.kind == Token::Kind::number && whole(first).value_or(0) >= 1000) {
    diagnostic.help += "; a span of years is `total(x from 2000 to 2017)`";
  }
}

}  // namespace lode
