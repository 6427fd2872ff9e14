// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "formula_test_tools.hpp"
#include "lode/language/functions.hpp"

namespace lode {
namespace {

using test::formula_text;
using test::tree;

ExpressionPtr parse(const std::string& text) {
  Diagnostics diagnostics;
  ExpressionPtr result = parse_formula(formula_text(text), diagnostics);
  EXPECT_NE(result, nullptr) << text << '\n' << render(diagnostics);
  return result;
}

TEST(Printer, LeavesCanonicalFormulasAsTheyAre) {
  for (const char* text : {
           "production * content * adoption",
           "prev(registered_ore) * compound(supply_growth)",
           "max(partner_imports - customs_exports, 0)",
           "sum(form_use over form where not magnet)",
           "saturation * exp(alpha * exp(beta * gdp))",
           "illegal_ore / (illegal_ore + sum(registered_ore over ore))",
           "total(illegal_ore from 2000 to 2017)",
           "first_year(gap > 0)",
           "logistic(time, ceiling = ceiling, rate = rate, middle = middle)",
           "(1 - rework_share) * target_recovery * target_scrap + utilization * sum(formal over held)",
           "(1 - loss_rate) * (refined_use[ito] + rework)",
           "sum(holdings.indium.stock over held and area) + sum(installed.stock over rest)",
           "min(formal_2013 * compound(formal_rise, time - 2013), formal_ceiling)",
           "nd_content * (reported_exports + reported_imports / (1 + freight)) / 2",
           "sum(trade over importer)[exporter = country]",
           "sum(share ^ 2 over country)",
           "slag[Cd] = slag_cd * slag[goods]",
           "time > 2017 and product.method = stock",
           "by_category['electronic devices']",
           "sum(manufactured by category)[2017, product = '2-wheelers']",
           "if known(x) then x else if y > 5 % then y else 0",
           "-2 ^ 2",
           "(-2) ^ 2",
           "2 ^ -x ^ y",
           "(a ^ b) ^ c",
           "a - (b - c)",
           "a - b - c",
           "a / (b * c)",
           "-(a + b)",
           "not (a and b)",
           "(a = b) = c",
           "prev((a = b))",
           "1.5 + 2000000 + 1e+30 + 1e-07",
       }) {
    const ExpressionPtr e = parse(text);
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(print(*e), text);
  }
}

TEST(Printer, SpellsOneWay) {
  const std::pair<const char*, const char*> cases[] = {
      {"((a))+ ( b*c )", "a + b * c"},
      {"2 points", "2 %"},
      {"67.6%", "67.6 %"},
      {"0.0001 %", "0.0001 %"},
      {"2e3 %", "2000 %"},
      {"1e-30 %", "1e-30 %"},
      {"0 %", "0 %"},
      {"007", "7"},
      {"sum(x where c over a, b by g)", "sum(x over a and b by g where c)"},
      {"total(x to 2 from 1)", "total(x from 1 to 2)"},
      {"max(x over time from 1 to 2)", "max(x from 1 to 2)"},
      {"max(x over time)", "max(x over time)"},
      {"total(x from 1 over a)", "total(sum(x over a) from 1)"},
      {"x[\"a\"]", "x[a]"},
      {"x['2017']", "x['2017']"},
      {"x['time']", "x['time']"},
      {"x['or']", "x['or']"},
      {"x['it''s']", "x['it''s']"},
      {"x[d = '007']", "x[d = 007]"},
      {"x[time = 2017]", "x[2017]"},
      {"x[time+0]", "x[time - 0]"},
      {"(if a then b else c)", "if a then b else c"},
      {"+x", "x"},
      {"'a label'=b", "'a label' = b"},
  };
  for (const auto& [written, printed] : cases) {
    const ExpressionPtr e = parse(written);
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(print(*e), printed) << written;
  }
}

TEST(Printer, PercentKeepsEveryBit) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    double value = std::generate_canonical<double, 53>(random);
    if (i % 3 == 0) value *= std::pow(10, static_cast<double>(random() % 600) - 300);
    if (value == 0) continue;
    Expression e;
    e.number = value;
    for (const bool percent : {false, true}) {
      e.percent = percent;
      const ExpressionPtr again = parse(print(e));
      ASSERT_NE(again, nullptr);
      ASSERT_EQ(again->number, value) << print(e);
      ASSERT_EQ(again->percent, percent);
    }
  }
}

/// Random trees that the grammar can express.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::shared_ptr<Expression> expression(int depth) {
    using Kind = Expression::Kind;
    auto e = std::make_shared<Expression>();
    switch (depth <= 0 ? below(3) : below(9)) {
      case 0:
        e->percent = coin();
        e->number = coin() ? static_cast<double>(below(3000)) : std::generate_canonical<double, 53>(random_);
        break;
      case 1:
        e->kind = Kind::quoted;
        e->text = label();
        break;
      case 2:
        e->kind = Kind::name;
        e->text = name();
        break;
      case 3:
        e->kind = Kind::unary;
        e->text = coin() ? "-" : "not";
        e->operands = {expression(depth - 1)};
        break;
      case 4:
      case 5: {
        constexpr const char* signs[] = {"+", "-",  "*", "/",  "^",   "=", "<>",
                                         "<", "<=", ">", ">=", "and", "or"};
        e->kind = Kind::binary;
        e->text = signs[below(std::size(signs))];
        e->operands = {expression(depth - 1), expression(depth - 1)};
        break;
      }
      case 6:
        e->kind = Kind::conditional;
        e->text = "if";
        e->operands = {expression(depth - 1), expression(depth - 1), expression(depth - 1)};
        break;
      case 7:
        e->kind = Kind::index;
        e->operands = {expression(depth - 1)};
        while (e->operands[0]->kind == Kind::number || e->operands[0]->kind == Kind::quoted) {
          e->operands = {expression(depth - 1)};
        }
        for (std::size_t i = 0; i <= below(3); ++i) e->selectors.push_back(selector());
        break;
      default:
        call(*e, depth);
    }
    return e;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool coin() { return below(2) == 0; }

  std::string name() {
    constexpr const char* names[] = {"a",         "production", "in_use.stock", "share", "产量",
                                     "库存.流出", "first",      "time",         "rate"};
    return names[below(std::size(names))];
  }

  std::string label() {
    constexpr const char* labels[] = {"AC",         "electronic devices",
                                      "2-wheelers", "it's",
                                      "\"",         "''",
                                      "2017",       "空调",
                                      "or",         "time",
                                      "1e5",        " ",
                                      "a.b",        "007"};
    return labels[below(std::size(labels))];
  }

  Selector selector() {
    Selector s;
    switch (below(4)) {
      case 0:
        s.year = static_cast<int>(below(3000));
        break;
      case 1:
        s.lag = static_cast<double>(below(10)) - 5;
        break;
      case 2:
        s.dimension = NameAt{coin() ? "product" : "rate", {}};
        [[fallthrough]];
      default:
        s.label = NameAt{label(), {}};
    }
    return s;
  }

  ExpressionPtr year() {
    auto e = std::make_shared<Expression>();
    e->number = static_cast<double>(below(3000));
    return e;
  }

  void call(Expression& e, int depth) {
    const FunctionInfo& function = functions()[below(functions().size())];
    e.kind = Expression::Kind::call;
    e.text = function.name;
    if (function.takes_process) {
      e.operands = {expression(0)};
      while (e.operands[0]->kind != Expression::Kind::name) e.operands = {expression(0)};
      return;
    }
    std::size_t count = function.min_arguments;
    if (function.max_arguments > count && coin())
      count += 1 + below(std::min<std::size_t>(3, function.max_arguments - count));
    for (std::size_t i = 0; i < count; ++i) {
      e.operands.push_back(function.name == "growth_rate" && i > 0 ? year() : expression(depth - 1));
    }
    for (const FunctionKeyword& keyword : function.keywords()) {
      if (keyword.required || coin()) {
        e.keywords.emplace_back(NameAt{std::string(keyword.name), {}}, expression(depth - 1));
      }
    }
    if (count > 1) return;
    const auto use = [&](Clause clause, bool needed) {
      return (function.clauses & clause) != 0 && (needed || coin());
    };
    if (function.needs != 0 && (function.clauses & clause_from) != 0 && coin()) {
      e.over = {{"time", {}}};
      if (coin()) e.from = year();
      if (coin()) e.to = year();
      return;
    }
    if (e.text == "total" || function.needs == 0) {
      if ((function.clauses & clause_from) != 0 && coin()) e.from = year();
      if ((function.clauses & clause_to) != 0 && coin()) e.to = year();
      return;
    }
    const bool needed = function.needs != 0;
    if (use(clause_over, needed)) e.over = {{"product", {}}, {"产品", {}}};
    if (use(clause_by, needed)) e.by = {{"category", {}}};
    if (use(clause_where, false)) e.filter = expression(depth - 1);
  }

  std::mt19937_64 random_;
};

TEST(Printer, ParsingWhatIsPrintedGivesTheSameTree) {
  constexpr int trees = 20000;
  for (int i = 0; i < trees; ++i) {
    Generator generator(static_cast<std::uint64_t>(i));
    const auto e = generator.expression(i % 6);
    const std::string text = print(*e);
    if (text.size() > 15000) continue;
    Diagnostics diagnostics;
    const ExpressionPtr again = parse_formula(formula_text(text), diagnostics);
    ASSERT_NE(again, nullptr) << "seed " << i << ": " << text << '\n' << render(diagnostics);
    ASSERT_TRUE(same_tree(*e, *again)) << "seed " << i << ": " << text << '\n'
                                       << tree(*e) << '\n'
                                       << tree(*again);
    ASSERT_EQ(print(*again), text);
  }
}

// Drops each pair of parentheses in turn: another tree, or none, must come out, or the pair was not needed.
// Those of calls are skipped by looking at what stands before.
TEST(Printer, WritesOnlyTheParenthesesNeeded) {
  int pairs = 0;
  for (int i = 0; i < 12000; ++i) {
    Generator generator(static_cast<std::uint64_t>(i) + 1000000);
    const auto e = generator.expression(i % 4);
    const std::string text = print(*e);
    char quote = 0;
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (quote != 0) {
        if (c == quote) quote = 0;
        continue;
      }
      if (c == '\'') quote = c;
      if (c == '(') open.push_back(at);
      if (c != ')') continue;
      const std::size_t begin = open.back();
      open.pop_back();
      const bool of_call =
          begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '(' && text[begin - 1] != '-';
      if (of_call) continue;
      ++pairs;
      std::string without = text;
      without[begin] = ' ';
      without[at] = ' ';
      Diagnostics diagnostics;
      const ExpressionPtr other = parse_formula(formula_text(without), diagnostics);
      EXPECT_TRUE(other == nullptr || !same_tree(*e, *other)) << text << '\n' << without;
    }
  }
  EXPECT_GT(pairs, 1000);
}

TEST(SameTree, SeesEveryDifference) {
  const char* formulas[] = {"a",
                            "b",
                            "'a'",
                            "1",
                            "1 %",
                            "0.01",
                            "-a",
                            "not a",
                            "a + b",
                            "b + a",
                            "a - b",
                            "x[2017]",
                            "x[2018]",
                            "x[a]",
                            "x[p = a]",
                            "x[time - 1]",
                            "x[time + 1]",
                            "exp(a)",
                            "log(a)",
                            "prev(a)",
                            "prev(a, first = b)",
                            "sum(a over b)",
                            "sum(a by b)",
                            "sum(a over b and c)",
                            "sum(a over b where c)",
                            "sum(a over b where d)",
                            "total(a)",
                            "total(a from 1)",
                            "total(a to 1)",
                            "if a then b else c"};
  for (const char* first : formulas) {
    for (const char* second : formulas) {
      const ExpressionPtr a = parse(first);
      const ExpressionPtr b = parse(second);
      ASSERT_TRUE(a && b);
      EXPECT_EQ(same_tree(*a, *b), std::string(first) == second) << first << " / " << second;
    }
  }
}

}  // namespace
}  // namespace lode
