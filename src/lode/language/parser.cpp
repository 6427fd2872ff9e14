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
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "lode/language/expression.hpp"
#include "lode/language/functions.hpp"
#include "lode/language/lexer.hpp"
#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_formula = 20000;  // bytes
constexpr std::size_t deepest_nesting = 200;    // of brackets, ifs and signs: bounds the parser's recursion
constexpr std::size_t highest_tree =
    1000;  // bounds the recursion of whoever walks a tree, chains of + included

enum Precedence {
  conditional_level,
  or_level,
  and_level,
  not_level,
  comparison_level,
  sum_level,
  term_level,
  sign_level,
  power_level
};

using Node = std::shared_ptr<Expression>;

/// A subtree, its height, and the bytes it takes with its parentheses.
struct Part {
  Node node;
  std::size_t height = 1;
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const { return node != nullptr; }
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

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

/// A shape of mistake that is told as soon as it is seen; parsing stops at the first.
class Parser {
 public:
  Parser(const FormulaText& formula, Diagnostics& diagnostics)
      : formula_(formula), diagnostics_(diagnostics) {}

  ExpressionPtr run() {
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

  Diagnostic& error(std::string id, std::size_t begin, std::size_t end, std::string message) {
    return diagnostics_.error(std::move(id), formula_.at(begin, end), std::move(message));
  }

 private:
  using Kind = Expression::Kind;

  Diagnostic& error(std::string id, const Token& token, std::string message) {
    return error(std::move(id), token.begin, token.end, std::move(message));
  }

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  std::string_view written(std::size_t begin, std::size_t end) const {
    return std::string_view(formula_.text).substr(begin, end - begin);
  }
  std::string_view written(const Token& token) const { return written(token.begin, token.end); }

  Node make(Kind kind, std::size_t begin, std::size_t end) const {
    auto node = std::make_shared<Expression>();
    node->kind = kind;
    node->where = formula_.at(begin, end);
    return node;
  }

  Part finish(Part part) {
    if (part.height <= highest_tree) return part;
    error("deep-formula", part.begin, part.end,
          "the formula has more than " + std::to_string(highest_tree) + " steps")
        .help = "give its parts names of their own under `equations:`";
    return {};
  }

  struct Operator {
    int level;
    bool comparison = false;
  };

  static std::optional<Operator> binary(const Token& token) {
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

  /// An expression whose operators all bind at least as tightly as `level`.
  Part expression(int level) {
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

  Part operators(int level) {
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

  Part chained_comparison(const Part& left) {
    const Expression& first = *left.node;
    Diagnostic& diagnostic =
        error("chained-comparison", peek(), code(peek().text) + " cannot follow another comparison");
    diagnostic.labels.push_back({first.text_where, "the other comparison"});
    diagnostic.why = "a comparison gives true or false, which cannot be compared with a number";
    diagnostic.help = "write " + code("a " + first.text + " b and b " + peek().text + " c");
    return {};
  }

  Part prefixed(int level) {
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

  Part needs_parentheses(std::string_view what) {
    error("needs-parentheses", peek(), code(what) + " after an operator needs parentheses").help =
        peek().keyword("if") ? "write `a + (if condition then b else c)`" : "write `a = (not b)`";
    return {};
  }

  Part sign(int level) {
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

  Part conditional() {
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

  Part postfix() {
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

  Part primary() {
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

  Part parenthesised() {
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

  void missing_operand() {
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

  void stray_keyword(const Token& token) {
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

  void stray_closing(const Token& token) {
    error("unbalanced-bracket", token, code(token.text) + " closes nothing").help =
        std::string("open it with `") + (token.text == ")" ? "(" : "[") + "` or delete it";
  }

  void unclosed(const Token& open, std::string_view closing) {
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

  /// The token at hand cannot follow what stands before it. `expected` may be empty.
  void unexpected(const std::string& expected) {
    const Token& token = peek();
    const Token& before = previous();
    if (before.kind == Token::Kind::number && token.kind == Token::Kind::name && !excel_keyword(token)) {
      unit_after_number(before.begin, before.end, unit_end());
      return;
    }
    if (excel_keyword(token)) {
      error("reserved-word", token, code(token.text) + " is written in small letters").help =
          "write " + code(lower(token.text));
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

  static bool excel_keyword(const Token& token) {
    return token.kind == Token::Kind::name && is_keyword(lower(token.text));
  }

  static bool is_year_unit(std::string_view word) {
    return word == "yr" || word == "a" || word == "year" || word == "年";
  }

  /// `5 t/yr`: takes the unit's denominator into the message too.
  std::size_t unit_end() const {
    const Token& unit = peek();
    const bool divided =
        peek(1).symbol("/") && peek(1).begin == unit.end && peek(2).kind == Token::Kind::name;
    return divided ? peek(2).end : unit.end;
  }

  void unit_after_number(std::size_t begin, std::size_t number_end, std::size_t end) {
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

  void missing_operator(const Token& before, const Token& token) {
    error("missing-operator", token,
          "an operator is missing between " + code(written(before)) + " and " + code(written(token)))
        .help = token.symbol("(")
                    ? "multiplication is written with `*`"
                    : "a name of several words is written with `_`, a label of several words in quotes";
  }

  void comma(const Token& before) {
    const Token& token = peek();
    const Token& after = peek(1);
    if (before.kind == Token::Kind::number && after.kind == Token::Kind::number &&
        before.end == token.begin && token.end == after.begin) {
      error("decimal-comma", before.begin, after.end, "the decimal point is `.`").help =
          "write " + code(std::string(written(before)) + "." + std::string(written(after)));
      return;
    }
    error("stray-comma", token, "a comma separates the arguments of a function, and nothing else");
  }

  // Brackets.

  std::optional<Selector> parse_selector(const Token& open) {
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

  bool label(Selector& selector, bool with_dimension) {
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

  std::optional<int> whole(const Token& token) const {
    int value = 0;
    const char* end = token.text.data() + token.text.size();
    const auto [stop, problem] = std::from_chars(token.text.data(), end, value);
    if (token.percent || problem != std::errc{} || stop != end) return std::nullopt;
    return value;
  }

  bool time_selector(Selector& selector) {
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

  void bad_label(const Token& open, const Token& first) {
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

  // Calls.

  Part call() {
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

  void unknown_function(const Token& name) {
    const std::string small = lower(name.text);
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

  bool arguments(const FunctionInfo& function, const Token& open, Expression& node, std::size_t& height) {
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

  bool keyword_known(const FunctionInfo& function, const Expression& node, const Token& name) {
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

  bool clauses(const FunctionInfo& function, Expression& node, std::size_t& height) {
    unsigned seen = 0;
    while (peek().kind == Token::Kind::keyword) {
      const Token word = peek();
      const unsigned clause = clause_of(word.text);
      if (clause == 0) return true;
      if ((function.clauses & clause) == 0) return wrong_clause(function, word), false;
      if (!node.keywords.empty() ||
          node.operands.size() != std::max<std::size_t>(function.min_arguments, 1)) {
        error("wrong-arguments", word, code(word.text) + " follows a single argument").help =
            "write " + code(function.example);
        return false;
      }
      if ((seen & clause) != 0) {
        Diagnostic& diagnostic = error("repeated-argument", word, code(word.text) + " is given twice");
        if (clause == clause_over || clause == clause_by)
          diagnostic.help = "write `" + word.text + " a and b`";
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
      ExpressionPtr& slot = clause == clause_where  ? node.filter
                            : clause == clause_from ? node.from
                                                    : node.to;
      slot = std::move(value.node);
    }
    return true;
  }

  static unsigned clause_of(std::string_view word) {
    if (word == "over") return clause_over;
    if (word == "by") return clause_by;
    if (word == "where") return clause_where;
    if (word == "from") return clause_from;
    if (word == "to") return clause_to;
    return 0;
  }

  void wrong_clause(const FunctionInfo& function, const Token& word) {
    Diagnostic& diagnostic =
        error("wrong-clause", word, code(word.text) + " cannot be used in " + code(function.name));
    diagnostic.help = "it is written " + code(function.signature);
    if ((word.text == "from" || word.text == "to") && function.name == "sum") {
      diagnostic.why = "a rate must be multiplied by its years before it is added over time";
      diagnostic.help = "write `total(x from 2000 to 2017)`";
    }
  }

  /// Names joined by `and` or `,`, after `over` or `by`.
  bool names(const Token& clause, std::vector<NameAt>& list) {
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

  bool check_call(const FunctionInfo& function, const Expression& node) {
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

  /// A written number must be able to be a year; what a name stands for is looked at later.
  bool check_year(const Expression& year) {
    if (year.kind != Kind::number || (!year.percent && year.number == std::floor(year.number))) return true;
    diagnostics_.error("wrong-arguments", year.where, "a year is a whole number").help = "write `2017`";
    return false;
  }

  /// `max(x from a to b)` is short for `max(x over time from a to b)`.
  static void run_along_time(const FunctionInfo& function, Expression& node) {
    if (function.needs == 0 || !(node.from || node.to) || !node.over.empty() || !node.by.empty()) return;
    node.over.push_back({"time", node.text_where});
  }

  /// `total(x over d from a)` is short for `total(sum(x over d) from a)`.
  static void sum_first(Expression& node) {
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

  Diagnostic& wrong_arguments(const Expression& node, std::string message) {
    Diagnostic& diagnostic = diagnostics_.error("wrong-arguments", node.where, std::move(message));
    diagnostic.help = "it is written " + code(find_function(node.text)->signature);
    return diagnostic;
  }

  static std::string argument_count(const FunctionInfo& function, std::size_t count) {
    const std::size_t low = function.min_arguments;
    const std::size_t high = function.max_arguments;
    std::string wanted = std::to_string(low);
    if (high != low)
      wanted += high == low + 1 ? " or " + std::to_string(high) : " to " + std::to_string(high);
    const std::string noun = high == 1 ? " argument" : " arguments";
    return code(function.name) + " takes " + wanted + noun + ", not " + std::to_string(count);
  }

  const FormulaText& formula_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

bool same_names(const std::vector<NameAt>& a, const std::vector<NameAt>& b) {
  return std::ranges::equal(a, b, {}, &NameAt::id, &NameAt::id);
}

bool same_optional(const std::optional<NameAt>& a, const std::optional<NameAt>& b) {
  return a.has_value() == b.has_value() && (!a || a->id == b->id);
}

bool same_pointer(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return same_tree(*a, *b);
}

}  // namespace

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
  return Parser(formula, diagnostics).run();
}

ExpressionPtr parse_relation(const FormulaText& formula, Diagnostics& diagnostics) {
  ExpressionPtr result = Parser(formula, diagnostics).run();
  if (result == nullptr || (result->kind == Expression::Kind::binary && result->text == "=")) return result;
  Diagnostic& diagnostic =
      diagnostics.error("no-relation", result->where, "a relation says that two things are equal");
  diagnostic.help = "write `left = right`, such as `slag[Cd] = slag_cd * slag[goods]`";
  return nullptr;
}

bool same_tree(const Expression& a, const Expression& b) {
  if (a.kind != b.kind || a.number != b.number || a.percent != b.percent || a.text != b.text) return false;
  if (!same_names(a.over, b.over) || !same_names(a.by, b.by)) return false;
  if (!same_pointer(a.filter, b.filter) || !same_pointer(a.from, b.from) || !same_pointer(a.to, b.to))
    return false;
  if (!std::ranges::equal(a.operands, b.operands, same_pointer)) return false;
  if (!std::ranges::equal(a.keywords, b.keywords, [](const auto& x, const auto& y) {
        return x.first.id == y.first.id && same_pointer(x.second, y.second);
      })) {
    return false;
  }
  return std::ranges::equal(a.selectors, b.selectors, [](const Selector& x, const Selector& y) {
    return same_optional(x.dimension, y.dimension) && same_optional(x.label, y.label) && x.year == y.year &&
           x.lag == y.lag;
  });
}

}  // namespace lode
