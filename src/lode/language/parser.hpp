// SPDX-License-Identifier: Apache-2.0
//
// The parser of formulas by recursive descent; the grammar stands in parser.cpp, with the expressions.
// parse_call.cpp has calls of functions, parse_mistakes.cpp says what is wrong.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lode/language/expression.hpp"
#include "lode/language/functions.hpp"
#include "lode/language/lexer.hpp"
#include "lode/support/diagnostics.hpp"

namespace lode {

/// Tells a mistake as soon as it is seen and stops there.
class FormulaParser {
 public:
  FormulaParser(const FormulaText& formula, Diagnostics& diagnostics)
      : formula_(formula), diagnostics_(diagnostics) {}

  ExpressionPtr run();
  Diagnostic& error(std::string id, std::size_t begin, std::size_t end, std::string message);

 private:
  using Kind = Expression::Kind;
  using Node = std::shared_ptr<Expression>;

  /// A subtree, its height, and the bytes it takes with its parentheses.
  struct Part {
    Node node;
    std::size_t height = 1;
    std::size_t begin = 0;
    std::size_t end = 0;

    explicit operator bool() const { return node != nullptr; }
  };
  struct Operator {
    int level;
    bool comparison = false;
  };

  const Token& peek(std::size_t ahead = 0) const;
  const Token& previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  std::string_view written(std::size_t begin, std::size_t end) const;
  std::string_view written(const Token& token) const { return written(token.begin, token.end); }
  static std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }
  Node make(Kind kind, std::size_t begin, std::size_t end) const;
  Part finish(Part part);

  /// An expression whose operators all bind at least as tightly as `level`.
  Part expression(int level);
  static std::optional<Operator> binary(const Token& token);
  Part operators(int level);
  Part prefixed(int level);
  Part sign(int level);
  Part conditional();
  Part postfix();
  Part primary();
  Part parenthesised();
  std::optional<Selector> parse_selector(const Token& open);
  bool label(Selector& selector, bool with_dimension);
  std::optional<int> whole(const Token& token) const;
  bool time_selector(Selector& selector);

  Part call();
  bool arguments(const FunctionInfo& function, const Token& open, Expression& node, std::size_t& height);
  bool keyword_known(const FunctionInfo& function, const Expression& node, const Token& name);
  bool clauses(const FunctionInfo& function, Expression& node, std::size_t& height);
  static unsigned clause_of(std::string_view word);
  /// Names joined by `and` or `,`, after `over` or `by`.
  bool names(const Token& clause, std::vector<NameAt>& list);
  /// `max(x from a to b)` is short for `max(x over time from a to b)`.
  static void run_along_time(const FunctionInfo& function, Expression& node);
  /// `total(x over d from a)` is short for `total(sum(x over d) from a)`.
  static void sum_first(Expression& node);
  bool check_call(const FunctionInfo& function, const Expression& node);
  /// A written number must be able to be a year; what a name stands for is looked at later.
  bool check_year(const Expression& year);
  void unknown_function(const Token& name);
  void wrong_clause(const FunctionInfo& function, const Token& word);
  Diagnostic& wrong_arguments(const Expression& node, std::string message);
  static std::string argument_count(const FunctionInfo& function, std::size_t count);

  Diagnostic& error(std::string id, const Token& token, std::string message);
  /// The token at hand cannot follow what stands before it. `expected` may be empty.
  void unexpected(const std::string& expected);
  void missing_operand();
  void missing_operator(const Token& before, const Token& token);
  Part chained_comparison(const Part& left);
  Part needs_parentheses(std::string_view what);
  void stray_keyword(const Token& token);
  void stray_closing(const Token& token);
  void unclosed(const Token& open, std::string_view closing);
  void comma(const Token& before);
  void bad_label(const Token& open, const Token& first);
  void unit_after_number(std::size_t begin, std::size_t number_end, std::size_t end);
  /// `5 t/yr`: takes the unit's denominator into the message too.
  std::size_t unit_end() const;
  static bool excel_keyword(const Token& token);
  static bool is_year_unit(std::string_view word);

  const FormulaText& formula_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace lode
