// SPDX-License-Identifier: Apache-2.0
//
// The grammar (also in docs/language-grammar.md; a test keeps the two equal). Words in quotes are keywords,
// no names.
//
//   formula    = expression ;
//   relation   = sum "=" sum ;
//   expression = "if" expression "then" expression "else" expression | or ;
//   or         = and { "or" and } ;
//   and        = not { "and" not } ;
//   not        = "not" not | comparison ;
//   comparison = sum [ ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum ] ;
//   sum        = term { ( "+" | "-" ) term } ;
//   term       = unary { ( "*" | "/" ) unary } ;
//   unary      = ( "-" | "+" ) unary | power ;
//   power      = postfix [ "^" unary ] ;
//   postfix    = primary { "[" selector { "," selector } "]" } ;
//   primary    = number | quoted | path | call | "(" expression ")" ;
//
//   selector   = year | "time" ( "-" | "+" ) whole | name "=" label | word | quoted ;
//   year       = whole | "time" "=" whole ;
//   label      = word | quoted | number ;
//
//   call       = name "(" argument { "," argument } { clause } ")" ;
//   argument   = expression | name "=" expression ;
//   clause     = "over" names | "by" path | "where" expression | "from" expression | "to" expression ;
//   names      = path { ( "and" | "," ) path } ;
//
//   path       = name { "." name } ;
//   name       = letter { letter | digit } ;
//   word       = name ;
//   letter     = a letter of any script | "_" ;
//   number     = decimal [ ( "e" | "E" ) [ "+" | "-" ] digits ] [ "%" | "point" | "points" ] ;
//   decimal    = digits [ "." digits ] | "." digits ;
//   whole      = digits ;
//   quoted     = "'" { character | "''" } "'" | '"' { character | '""' } '"' ;
//
// Not in the grammar: an argument `name = expression` is a keyword argument only in functions that take
// keywords; which clauses a function allows stands in functions.cpp; a number or a quoted text takes no
// brackets.
#include "lode/language/parser.hpp"

#include <algorithm>
#include <charconv>

#include "lode/language/precedence.hpp"
#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_formula = 20000;  // bytes
constexpr std::size_t deepest_nesting = 200;    // of brackets, ifs and signs: bounds the parser's recursion
constexpr std::size_t highest_tree =
    1000;  // bounds the recursion of whoever walks a tree, chains of + included

}  // namespace

ExpressionPtr FormulaParser::run() {
  LODE_EXPECT(formula_.offsets.size() == formula_.text.size() + 1);
  if (formula_.text.size() > longest_formula) {
    error("long-formula", 0, 0,
          "the formula is longer than " + std::to_string(longest_formula) + " characters")
        .help = "give its parts names of their own under `equations:`";
    return nullptr;
  }
  auto tokens = tokenize(formula_, diagnostics_);
  if (!tokens) return nullptr;
  tokens_ = std::move(*tokens);
  if (tokens_.size() == 1) {
    error("empty-formula", 0, formula_.text.size(), "the formula is empty").help =
        "write it after the name, or delete the line";
    return nullptr;
  }
  if (peek().symbol("=")) {
    error("leading-equals", peek(), "a formula does not begin with `=`").help =
        "leave the sign out; the name stands before the formula, as a key: `name: formula`";
    return nullptr;
  }
  const Part whole = expression(conditional_level);
  if (!whole) return nullptr;
  if (peek().kind != Token::Kind::end) return unexpected(""), nullptr;
  return whole.node;
}

Diagnostic& FormulaParser::error(std::string id, std::size_t begin, std::size_t end, std::string message) {
  return diagnostics_.error(std::move(id), formula_.at(begin, end), std::move(message));
}

Diagnostic& FormulaParser::error(std::string id, const Token& token, std::string message) {
  return error(std::move(id), token.begin, token.end, std::move(message));
}

const Token& FormulaParser::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

std::string_view FormulaParser::written(std::size_t begin, std::size_t end) const {
  return std::string_view(formula_.text).substr(begin, end - begin);
}

FormulaParser::Node FormulaParser::make(Kind kind, std::size_t begin, std::size_t end) const {
  auto node = std::make_shared<Expression>();
  node->kind = kind;
  node->where = formula_.at(begin, end);
  return node;
}

FormulaParser::Part FormulaParser::finish(Part part) {
  if (part.height <= highest_tree) return part;
  error("deep-formula", part.begin, part.end,
        "the formula has more than " + std::to_string(highest_tree) + " steps")
      .help = "give its parts names of their own under `equations:`";
  return {};
}

std::optional<FormulaParser::Operator> FormulaParser::binary(const Token& token) {
  if (token.kind == Token::Kind::keyword) {
    if (token.text == "or") return Operator{or_level};
    if (token.text == "and") return Operator{and_level};
    return std::nullopt;
  }
  if (token.kind != Token::Kind::symbol) return std::nullopt;
  const std::string& s = token.text;
  if (s == "=" || s == "<>" || s == "<" || s == "<=" || s == ">" || s == ">=")
    return Operator{comparison_level, true};
  if (s == "+" || s == "-") return Operator{sum_level};
  if (s == "*" || s == "/") return Operator{term_level};
  if (s == "^") return Operator{power_level};
  return std::nullopt;
}

FormulaParser::Part FormulaParser::expression(int level) {
  if (depth_ >= deepest_nesting) {
    error("deep-formula", peek(),
          "the formula is nested more than " + std::to_string(deepest_nesting) + " levels deep")
        .help = "give its parts names of their own under `equations:`";
    return {};
  }
  ++depth_;
  Part result = operators(level);
  --depth_;
  return result;
}

FormulaParser::Part FormulaParser::operators(int level) {
  Part left = prefixed(level);
  bool compared = false;
  while (left) {
    const auto op = binary(peek());
    if (!op || op->level < level) return left;
    if (op->comparison && compared) return chained_comparison(left);
    compared = op->comparison;
    const Token sign = take();
    const int right_level = op->level == power_level ? sign_level : op->level + 1;
    Part right = expression(right_level);
    if (!right) return {};
    // Only without blanks: a quantity may be called `a`, and the printer writes blanks.
    const bool touching = sign.begin == left.end && sign.end == right.begin;
    if (sign.text == "/" && touching && left.node->percent && right.node->kind == Kind::name &&
        is_year_unit(right.node->text)) {
      unit_after_number(left.begin, left.end, right.end);
      return {};
    }
    Part joined{make(Kind::binary, left.begin, right.end), std::max(left.height, right.height) + 1,
                left.begin, right.end};
    joined.node->text = sign.text;
    joined.node->text_where = formula_.at(sign.begin, sign.end);
    joined.node->operands = {std::move(left.node), std::move(right.node)};
    left = finish(std::move(joined));
  }
  return {};
}

FormulaParser::Part FormulaParser::prefixed(int level) {
  const Token& token = peek();
  if (token.keyword("if")) {
    if (level > conditional_level) return needs_parentheses("if … then … else");
    return conditional();
  }
  if (token.keyword("not")) {
    if (level > not_level) return needs_parentheses("not");
    return sign(not_level);
  }
  if (token.symbol("-") || token.symbol("+")) return sign(sign_level);
  return postfix();
}

FormulaParser::Part FormulaParser::sign(int level) {
  const Token token = take();
  Part operand = expression(level);
  if (!operand) return {};
  if (token.symbol("+")) {
    operand.begin = token.begin;
    return operand;
  }
  Part result{make(Kind::unary, token.begin, operand.end), operand.height + 1, token.begin, operand.end};
  result.node->text = token.text;
  result.node->text_where = formula_.at(token.begin, token.end);
  result.node->operands = {std::move(operand.node)};
  return finish(std::move(result));
}

FormulaParser::Part FormulaParser::conditional() {
  const Token start = take();
  Part parts[3];
  constexpr std::string_view before[] = {"", "then", "else"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0 && !peek().keyword(before[i])) {
      if (peek().symbol(",") || peek().kind == Token::Kind::end || peek().symbol(")")) {
        Diagnostic& diagnostic = error("missing-" + std::string(before[i]), peek(),
                                       code(before[i]) + " is missing in `if … then … else`");
        diagnostic.labels.push_back({formula_.at(start.begin, start.end), "the `if` begins here"});
        if (i == 2) diagnostic.why = "every `if` says what holds otherwise";
        diagnostic.help = "write `if condition then a else b`";
      } else {
        unexpected("`" + std::string(before[i]) + "`");
      }
      return {};
    }
    if (i > 0) take();
    parts[i] = expression(conditional_level);
    if (!parts[i]) return {};
  }
  const std::size_t height = std::max({parts[0].height, parts[1].height, parts[2].height}) + 1;
  Part result{make(Kind::conditional, start.begin, parts[2].end), height, start.begin, parts[2].end};
  result.node->text = "if";
  result.node->text_where = formula_.at(start.begin, start.end);
  for (Part& part : parts) result.node->operands.push_back(std::move(part.node));
  return finish(std::move(result));
}

FormulaParser::Part FormulaParser::postfix() {
  Part base = primary();
  while (base && peek().symbol("[")) {
    if (base.node->kind == Kind::number || base.node->kind == Kind::quoted) {
      error("bad-selector", peek(),
            base.node->kind == Kind::number ? "a number has no years or labels to choose from"
                                            : "a label has nothing to choose from");
      return {};
    }
    const Token open = take();
    std::vector<Selector> selectors;
    do {
      auto selector = parse_selector(open);
      if (!selector) return {};
      selectors.push_back(std::move(*selector));
    } while (peek().symbol(",") && (take(), true));
    if (!peek().symbol("]")) return unclosed(open, "]"), Part{};
    const std::size_t end = take().end;
    Part indexed{make(Kind::index, base.begin, end), base.height + 1, base.begin, end};
    indexed.node->operands = {std::move(base.node)};
    indexed.node->selectors = std::move(selectors);
    base = finish(std::move(indexed));
  }
  return base;
}

FormulaParser::Part FormulaParser::primary() {
  const Token& token = peek();
  if (token.symbol("(")) return parenthesised();
  if (token.kind == Token::Kind::number) {
    const Token number = take();
    Part part{make(Kind::number, number.begin, number.end), 1, number.begin, number.end};
    part.node->number = number.number;
    part.node->percent = number.percent;
    return part;
  }
  if (token.kind == Token::Kind::quoted || token.kind == Token::Kind::name) {
    if (token.kind == Token::Kind::name && peek(1).symbol("(")) return call();
    const Token word = take();
    const Kind kind = word.kind == Token::Kind::quoted ? Kind::quoted : Kind::name;
    Part part{make(kind, word.begin, word.end), 1, word.begin, word.end};
    part.node->text = word.text;
    part.node->text_where = part.node->where;
    return part;
  }
  missing_operand();
  return {};
}

FormulaParser::Part FormulaParser::parenthesised() {
  const Token open = take();
  const bool after_if = at_ >= 2 && tokens_[at_ - 2].keyword("if");
  if (peek().symbol(")")) {
    error("missing-operand", open.begin, peek().end, "nothing stands between the parentheses");
    return {};
  }
  Part inner = expression(conditional_level);
  if (!inner) return {};
  if (after_if && peek().symbol(",")) {
    error("wrong-if", tokens_[at_], "`if` is not a function here").help =
        "write `if condition then a else b`";
    return {};
  }
  if (!peek().symbol(")")) return unclosed(open, ")"), Part{};
  inner.begin = open.begin;
  inner.end = take().end;
  return inner;
}

std::optional<Selector> FormulaParser::parse_selector(const Token& open) {
  const Token first = peek();
  Selector selector;
  if (first.kind == Token::Kind::end) return unclosed(open, "]"), std::nullopt;
  if (first.symbol("]") || first.symbol(",")) {
    error("bad-selector", first, "a year or label is missing before " + code(first.text)).help =
        "write `x[2017]`, `x[time - 3]` or `x[product = WT]`";
    return std::nullopt;
  }
  bool read = false;
  if (first.is(Token::Kind::name, "time")) {
    read = time_selector(selector);
    if (!read) return std::nullopt;
  } else if (first.kind == Token::Kind::name && peek(1).symbol("=")) {
    if (first.text.find('.') != std::string::npos) {
      error("bad-selector", first, "brackets choose one label of a dimension, not an attribute").help =
          "write `sum(x over product where " + first.text + " = …)`";
      return std::nullopt;
    }
    selector.dimension = NameAt{first.text, formula_.at(first.begin, first.end)};
    take();
    take();
    read = label(selector, true);
  } else {
    read = label(selector, false);
  }
  if (!read || !(peek().symbol("]") || peek().symbol(","))) return bad_label(open, first), std::nullopt;
  selector.where = formula_.at(first.begin, previous().end);
  return selector;
}

bool FormulaParser::label(Selector& selector, bool with_dimension) {
  const Token token = peek();
  if (token.kind == Token::Kind::number && !with_dimension) {
    const auto year = whole(token);
    if (!year) return false;
    selector.year = *year;
  } else if ((token.kind == Token::Kind::name && token.text.find('.') == std::string::npos) ||
             token.kind == Token::Kind::quoted || (token.kind == Token::Kind::number && !token.percent)) {
    selector.label = NameAt{token.text, formula_.at(token.begin, token.end)};
  } else {
    return false;
  }
  take();
  return true;
}

std::optional<int> FormulaParser::whole(const Token& token) const {
  int value = 0;
  const char* end = token.text.data() + token.text.size();
  const auto [stop, problem] = std::from_chars(token.text.data(), end, value);
  if (token.percent || problem != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool FormulaParser::time_selector(Selector& selector) {
  const Token time = take();
  const Token sign = peek();
  if (sign.symbol("-") || sign.symbol("+") || sign.symbol("=")) {
    take();
    const auto value = peek().kind == Token::Kind::number ? whole(peek()) : std::nullopt;
    if (value) {
      take();
      if (sign.symbol("=")) {
        selector.year = *value;
      } else {
        selector.lag = sign.symbol("-") || *value == 0 ? *value : -static_cast<double>(*value);
      }
      if (peek().symbol("]") || peek().symbol(",")) return true;
    }
  }
  Diagnostic& diagnostic =
      error("bad-selector", time.begin, std::max(time.end, peek().end),
            "`time` in brackets needs a year, or a whole number of years before or after");
  diagnostic.help = "write `x[2017]` or `x[time - 3]`";
  return false;
}

Location FormulaText::at(std::size_t begin, std::size_t end) const {
  if (offsets.empty()) return {file, 0, 0};
  const std::size_t last = offsets.size() - 1;
  begin = std::min(begin, last);
  end = std::clamp(end, begin, last);
  const std::size_t from = offsets[begin];
  return {file, from, offsets[end] > from ? offsets[end] - from : 0};
}

FormulaText FormulaText::plain(SourcePtr file, std::size_t offset, std::size_t length) {
  FormulaText result;
  if (file != nullptr) {
    offset = std::min(offset, file->text().size());
    result.text = file->text().substr(offset, length);
  }
  result.file = std::move(file);
  for (std::size_t i = 0; i <= result.text.size(); ++i) result.offsets.push_back(offset + i);
  return result;
}

ExpressionPtr parse_formula(const FormulaText& formula, Diagnostics& diagnostics) {
  return FormulaParser(formula, diagnostics).run();
}

ExpressionPtr parse_relation(const FormulaText& formula, Diagnostics& diagnostics) {
  ExpressionPtr result = FormulaParser(formula, diagnostics).run();
  if (result == nullptr || (result->kind == Expression::Kind::binary && result->text == "=")) return result;
  Diagnostic& diagnostic =
      diagnostics.error("no-relation", result->where, "a relation says that two things are equal");
  diagnostic.help = "write `left = right`, such as `slag[Cd] = slag_cd * slag[goods]`";
  return nullptr;
}

}  // namespace lode
