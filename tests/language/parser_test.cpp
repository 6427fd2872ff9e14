// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "formula_test_tools.hpp"
#include "lode/language/functions.hpp"
#include "lode/language/indicators.hpp"

namespace lode {
namespace {

using test::formula_text;
using test::parsed;
using Cases = std::vector<std::pair<std::string, std::string>>;

void expect(const Cases& cases) {
  for (const auto& [formula, result] : cases) EXPECT_EQ(parsed(formula), result) << "formula: " << formula;
}

TEST(Parser, BindsOperatorsAsInMathematics) {
  expect({
      {"a + b * c", "(+ a (* b c))"},
      {"(a + b) * c", "(* (+ a b) c)"},
      {"a - b - c", "(- (- a b) c)"},
      {"a / b / c", "(/ (/ a b) c)"},
      {"a ^ b ^ c", "(^ a (^ b c))"},
      {"-2^2", "(- (^ 2 2))"},
      {"(-2)^2", "(^ (- 2) 2)"},
      {"2^-1", "(^ 2 (- 1))"},
      {"2^-x^y", "(^ 2 (- (^ x y)))"},
      {"a * -b", "(* a (- b))"},
      {"-a * b", "(* (- a) b)"},
      {"a - -b", "(- a (- b))"},
      {"+a", "a"},
      {"+a * +b", "(* a b)"},
      {"x[2017]^2", "(^ ([] x {year 2017}) 2)"},
  });
}

TEST(Parser, BindsLogicBelowComparisonBelowSums) {
  expect({
      {"a + b < c * d", "(< (+ a b) (* c d))"},
      {"a = b and c <> d or e >= f", "(or (and (= a b) (<> c d)) (>= e f))"},
      {"a or b and c", "(or a (and b c))"},
      {"not a = b", "(not (= a b))"},
      {"not a and b", "(and (not a) b)"},
      {"not not a", "(not (not a))"},
      {"a <= b", "(<= a b)"},
      {"x<-3", "(< x (- 3))"},
      {"product.method = 'slow growth'", "(= product.method 'slow growth')"},
      {"(a < b) = c", "(= (< a b) c)"},
  });
}

TEST(Parser, ReadsConditionals) {
  expect({
      {"if a then b else c", "(if a b c)"},
      {"if a then b else c + d", "(if a b (+ c d))"},
      {"if a then b else if c then d else e", "(if a b (if c d e))"},
      {"if a then if b then c else d else e", "(if a (if b c d) e)"},
      {"if if a then b else c then d else e", "(if (if a b c) d e)"},
      {"(if a then b else c) + d", "(+ (if a b c) d)"},
      {"max(if a then b else c, 0)", "(max (if a b c) 0)"},
  });
}

TEST(Parser, ReadsNumbers) {
  expect({
      {"12", "12"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"2e6", "2000000"},
      {"2E+6", "2000000"},
      {"1.5e-3", "0.0015"},
      {"007", "7"},
      {"5 %", "0.05%"},
      {"5%", "0.05%"},
      {"67.6 %", "0.676%"},
      {"2e3 %", "20%"},
      {"2 points", "0.02%"},
      {"1 point", "0.01%"},
      {"0 %", "0%"},
      {"0e999", "0"},
      {"5 % * x", "(* 0.05% x)"},
      {"5 % / yr", "(/ 0.05% yr)"},
      {"5 * points_won", "(* 5 points_won)"},
  });
  // 67.6 * 0.01 is not the number that 0.676 is.
  Diagnostics diagnostics;
  const ExpressionPtr percent = parse_formula(formula_text("67.6 %"), diagnostics);
  ASSERT_NE(percent, nullptr);
  EXPECT_EQ(percent->number, 0.676);
}

TEST(Parser, ReadsNamesOfAnyScript) {
  expect({
      {"in_use.stock", "in_use.stock"},
      {"fleet.materials.outflow", "fleet.materials.outflow"},
      {"产量 * 含量", "(* 产量 含量)"},
      {"库存.流出", "库存.流出"},
      {"größe + été_2", "(+ größe été_2)"},
      {"_x1", "_x1"},
      {"orbit", "orbit"},
      {"if_any", "if_any"},
      {"share", "share"},
      {"first", "first"},
      {"a\t\n + \r\n b", "(+ a b)"},
      {"a\u3000+\u00A0b", "(+ a b)"},
  });
}

TEST(Parser, ReadsBrackets) {
  expect({
      {"x[2017]", "([] x {year 2017})"},
      {"x[time = 2017]", "([] x {year 2017})"},
      {"x[time - 3]", "([] x {lag 3})"},
      {"x[time + 1]", "([] x {lag -1})"},
      {"x[time - 0]", "([] x {lag 0})"},
      {"x[time + 0]", "([] x {lag 0})"},
      {"x[AC]", "([] x {AC})"},
      {"x['electronic devices']", "([] x {electronic devices})"},
      {"x[\"electronic devices\"]", "([] x {electronic devices})"},
      {"x['it''s']", "([] x {it's})"},
      {"x[\"a \"\"b\"\"\"]", "([] x {a \"b\"})"},
      {"x['2017']", "([] x {2017})"},
      {"x['time']", "([] x {time})"},
      {"x[product = WT]", "([] x {product=WT})"},
      {"x[product = '2-wheelers']", "([] x {product=2-wheelers})"},
      {"x[size = 500]", "([] x {size=500})"},
      {"x[exporter = country]", "([] x {exporter=country})"},
      {"x[2017, product = WT, urban]", "([] x {year 2017} {product=WT} {urban})"},
      {"x[2017][AC]", "([] ([] x {year 2017}) {AC})"},
      {"sum(x over importer)[exporter = country]", "([] (sum x :over importer) {exporter=country})"},
      {"(a + b)[2017]", "([] (+ a b) {year 2017})"},
      {"用量[产品 = 空调]", "([] 用量 {产品=空调})"},
  });
}

TEST(Parser, ReadsCalls) {
  expect({
      {"max(a, b, 0)", "(max a b 0)"},
      {"max(x over product)", "(max x :over product)"},
      {"max(x from 2000 to 2017)", "(max x :over time :from 2000 :to 2017)"},
      {"mean(x to 2017)", "(mean x :over time :to 2017)"},
      {"max(x over time)", "(max x :over time)"},
      {"max(x over time from 2000 to 2017)", "(max x :over time :from 2000 :to 2017)"},
      {"sum(x over product by category)", "(sum x :over product :by category)"},
      {"sum(x over product and area)", "(sum x :over product area)"},
      {"sum(x over product, area)", "(sum x :over product area)"},
      {"total(x over ore from 2000)", "(total (sum x :over ore) :from 2000)"},
      {"total(x over ore where ore = IAC)", "(total (sum x :over ore :where (= ore IAC)))"},
      {"total(x by category to 2017)", "(total (sum x :by category) :to 2017)"},
      {"sum(made over product where product.material = ito)",
       "(sum made :over product :where (= product.material ito))"},
      {"sum(form_use over form where not magnet)", "(sum form_use :over form :where (not magnet))"},
      {"total(illegal_ore from 2000 to 2017)", "(total illegal_ore :from 2000 :to 2017)"},
      {"total(x from 2018)", "(total x :from 2018)"},
      {"total(x to 2018 - 1)", "(total x :to (- 2018 1))"},
      {"total(sum(x over ore)) / 2", "(/ (total (sum x :over ore)) 2)"},
      {"cumulate(x from 2018)", "(cumulate x :from 2018)"},
      {"split(x by shares)", "(split x :by shares)"},
      {"repeat(x over product)", "(repeat x :over product)"},
      {"first_year(gap > 0)", "(first_year (> gap 0))"},
      {"first_year(x = 0)", "(first_year (= x 0))"},
      {"last_year(x = 0 from 2018)", "(last_year (= x 0) :from 2018)"},
      {"max_year(x from 2018 to 2050)", "(max_year x :from 2018 :to 2050)"},
      {"compound(rate, time - 2013)", "(compound rate (- time 2013))"},
      {"compound(rate)", "(compound rate)"},
      {"prev(x)", "(prev x)"},
      {"prev(x, first = 0)", "(prev x first:0)"},
      {"prev((first = 0))", "(prev (= first 0))"},
      {"prev(a.b = 0)", "(prev (= a.b 0))"},
      {"growth_rate(x, 2000, 2017, periods = 18)", "(growth_rate x 2000 2017 periods:18)"},
      {"logistic(time, ceiling = K, rate = r, middle = m)", "(logistic time ceiling:K rate:r middle:m)"},
      {"gompertz(gdp, beta = b, alpha = a, saturation = s)", "(gompertz gdp beta:b alpha:a saturation:s)"},
      {"share(x over country)", "(share x :over country)"},
      {"share * share(x by 区域)", "(* share (share x :by 区域))"},
      {"sum (x over product)", "(sum x :over product)"},
  });
}

TEST(Parser, TellsForeignOperatorsTheReplacement) {
  expect({
      {"a == b", "wrong-operator@2-4: `==` is not an operator"},
      {"a != b", "wrong-operator@2-4: `!=` is not an operator"},
      {"a && b", "wrong-operator@2-4: `&&` is not an operator"},
      {"a || b", "wrong-operator@2-4: `||` is not an operator"},
      {"!a", "wrong-operator@0-1: `!` is not an operator"},
      {"a ** 2", "wrong-operator@2-4: `**` is not an operator"},
      {"a => b", "wrong-operator@2-4: `=>` is not an operator"},
      {"a % b", "wrong-operator@2-3: `%` must follow a number"},
      {"a ? b : c", "wrong-operator@2-3: `?` is not an operator"},
      {"max(a; b)", "wrong-operator@5-6: `;` has no meaning in a formula"},
      {"$B$1", "wrong-operator@0-1: `$` has no meaning in a formula"},
      {"=a + b", "leading-equals@0-1: a formula does not begin with `=`"},
      {"a × b", "foreign-character@2-4: `×` is not used in formulas"},
      {"a ÷ b", "foreign-character@2-4: `÷` is not used in formulas"},
      {"sum（x over y）", "foreign-character@3-6: `（` is a full-width character"},
      {"5％", "foreign-character@1-4: `％` is a full-width character"},
      {"a\u200Bb", "invisible-character@1-4: an invisible character (U+200B) stands here"},
      {"😀", "unknown-character@0-4: `😀` has no meaning in a formula"},
      {"x[2017].stock", "unknown-character@7-8: `.` has no meaning in a formula"},
  });
}

std::string help_for(const std::string& formula) {
  Diagnostics diagnostics;
  parse_formula(formula_text(formula), diagnostics);
  return diagnostics.all().empty() ? "no message" : diagnostics.all().front().help;
}

TEST(Parser, HelpGivesTheExactReplacement) {
  const Cases cases = {
      {"a == b", "to compare, write `=`"},
      {"a != b", "to compare, write `<>`"},
      {"a && b", "write `and`"},
      {"a || b", "write `or`"},
      {"!a", "write `not`"},
      {"a ** 2", "for a power, write `^`"},
      {"a × （b ÷ ２）＋ x²", "write `*`: `a * (b / 2)+ x^2`"},
      {"a ≤ b", "write `<=`: `a <= b`"},
      {"a∧b", "write `and`: `a and b`"},
      {"x[‘a×b’]", "write `'`: `x['a*b']`"},
      {"x['a×b'] ＋ 1", "write `+`: `x['a×b'] + 1`"},
      {"1,200 * x", "write `1200`; if these are arguments, put a blank after the comma"},
      {"max(1,200,300)", "write `1200300`; if these are arguments, put a blank after the comma"},
      {"0,5 * x", "write `0.5`"},
      {"IF(a, b, c)", "write `if condition then a else b`"},
      {"if(a, b, c)", "write `if condition then a else b`"},
      {"SUM(x)", "write `sum(manufactured over product)`"},
      {"SUMIF(a, b)", "write `sum(x over product where product.method = stock)`"},
      {"VLOOKUP(a, b)", "nothing is looked up: names align by their dimensions; one label is `x[label]`"},
      {"cumulat(x)", "did you mean `cumulate`?"},
      {"x(2017)",
       "a year or label of a quantity stands in brackets: `x[2017]`; multiplication is written with `*`"},
      {"logistic(time, cieling = K)", "did you mean `ceiling`?"},
      {"5 t",
       "make it a parameter, `name: {value: 5 t}`, and write its name here; to multiply, write `5 * t`"},
      {"5 t/yr", "make it a parameter, `name: {value: 5 t/yr}`, and write its name here"},
      {"5 %/yr", "make it a parameter, `name: {value: 5 %/yr}`, and write its name here"},
      {"a < b <= c", "write `a < b and b <= c`"},
      {"x[2-wheelers]", "a label stands in quotes: `'2-wheelers'`"},
      {"x[2000-2017]",
       "a label stands in quotes: `'2000-2017'`; a span of years is `total(x from 2000 to 2017)`"},
      {"x.2017", "a year or label stands in brackets: `x[2017]`"},
      {"sum(x over product from 2000 to 2010)", "write `total(x from 2000 to 2017)`"},
      {"a AND b", "write `and`"},
  };
  for (const auto& [formula, help] : cases) EXPECT_EQ(help_for(formula), help) << "formula: " << formula;
}

TEST(Parser, FindsWhatIsMissing) {
  expect({
      {"", "empty-formula@0-0: the formula is empty"},
      {"  ", "empty-formula@0-2: the formula is empty"},
      {"a +", "missing-operand@3-3: something is missing after `+`"},
      {"* b", "missing-operand@0-1: something is missing before `*`"},
      {"a * / b", "missing-operand@4-5: something is missing between `*` and `/`"},
      {"()", "missing-operand@0-2: nothing stands between the parentheses"},
      {"max(a,)", "missing-operand@6-7: something is missing between `,` and `)`"},
      {"not", "missing-operand@3-3: something is missing after `not`"},
      {"a b", "missing-operator@2-3: an operator is missing between `a` and `b`"},
      {"2(a + b)", "missing-operator@1-2: an operator is missing between `2` and `(`"},
      {"a 'b c'", "missing-operator@2-7: an operator is missing between `a` and `'b c'`"},
      {"if a then b", "missing-else@11-11: `else` is missing in `if … then … else`"},
      {"if a b", "missing-operator@5-6: an operator is missing between `a` and `b`"},
      {"if a", "missing-then@4-4: `then` is missing in `if … then … else`"},
      {"5 t", "unit-in-formula@0-3: a number with a unit stands in a formula"},
      {"sum(x over)", "bad-clause@10-11: a name is missing after `over`"},
      {"sum(x over a and)", "bad-clause@16-17: a name is missing after `and`"},
      {"x.", "bad-name@0-2: a name is missing after `x.`"},
      {"''", "empty-label@0-2: nothing stands between the quotes"},
      {"'abc", "unclosed-quote@0-1: this quote is not closed"},
      {"5. * x", "bad-number@0-2: the number `5.` ends with a point"},
      {"1.2.3", "bad-number@0-5: this number has two points"},
      {"1e999", "bad-number@0-5: this number is too large or too small to be computed with"},
      {"1e-999", "bad-number@0-6: this number is too large or too small to be computed with"},
  });
}

TEST(Parser, PointsAtTheOpeningBracket) {
  expect({
      {"a * (b + c", "unbalanced-bracket@4-5: `(` is not closed"},
      {"max(a, b", "unbalanced-bracket@3-4: `(` is not closed"},
      {"sum(", "unbalanced-bracket@3-4: `(` is not closed"},
      {"sum(x over y", "unbalanced-bracket@3-4: `(` is not closed"},
      {"x[2017", "unbalanced-bracket@1-2: `[` is not closed"},
      {"x[", "unbalanced-bracket@1-2: `[` is not closed"},
      {"x[a(b]", "unbalanced-bracket@3-4: `(` is closed by `]`"},
      {"(a + b]", "unbalanced-bracket@0-1: `(` is closed by `]`"},
      {"x[2017)", "unbalanced-bracket@1-2: `[` is closed by `)`"},
      {"a + b)", "unbalanced-bracket@5-6: `)` closes nothing"},
      {"] a", "unbalanced-bracket@0-1: `]` closes nothing"},
  });
}

TEST(Parser, ExplainsWhatCannotStandTogether) {
  expect({
      {"a < b < c", "chained-comparison@6-7: `<` cannot follow another comparison"},
      {"a = b = c", "chained-comparison@6-7: `=` cannot follow another comparison"},
      {"a + not b", "needs-parentheses@4-7: `not` after an operator needs parentheses"},
      {"a * if b then c else d",
       "needs-parentheses@4-6: `if … then … else` after an operator needs parentheses"},
      {"a, b", "stray-comma@1-2: a comma separates the arguments of a function, and nothing else"},
      {"sum(x, over product)", "stray-comma@5-6: no comma stands before `over`"},
      {"x over product", "reserved-word@2-6: `over` is a word of the language"},
      {"from", "reserved-word@0-4: `from` is a word of the language"},
      {"a else b", "reserved-word@2-6: `else` is a word of the language"},
      {"a OR b", "reserved-word@2-4: `OR` is written in small letters"},
      {"5[2017]", "bad-selector@1-2: a number has no years or labels to choose from"},
      {"(5)[2017]", "bad-selector@3-4: a number has no years or labels to choose from"},
      {"[2017]", "missing-operand@0-1: brackets choose years and labels of what stands before them"},
  });
}

TEST(Parser, ExplainsBrackets) {
  expect({
      {"x[]", "bad-selector@2-3: a year or label is missing before `]`"},
      {"x[AC,]", "bad-selector@5-6: a year or label is missing before `]`"},
      {"x[product =]", "bad-selector@2-12: a label is missing after `=`"},
      {"x[2-wheelers]", "bad-selector@2-12: `2-wheelers` is not a year or a plain label"},
      {"x[two-wheelers, 2017]", "bad-selector@2-14: `two-wheelers` is not a year or a plain label"},
      {"x[product = home appliances]",
       "bad-selector@12-27: `home appliances` is not a year or a plain label"},
      {"x[or]", "bad-selector@2-4: `or` is not a year or a plain label"},
      {"x[5 %]", "bad-selector@2-5: `5 %` is not a year or a plain label"},
      {"x[1.5]", "bad-selector@2-5: `1.5` is not a year or a plain label"},
      {"x[99999999999]", "bad-selector@2-13: `99999999999` is not a year or a plain label"},
      {"x['a' b]", "bad-selector@2-7: this is no label"},
      {"x[product.method = stock]",
       "bad-selector@2-16: brackets choose one label of a dimension, not an attribute"},
      {"x[time]",
       "bad-selector@2-7: `time` in brackets needs a year, or a whole number of years before or after"},
      {"x[time - lag]",
       "bad-selector@2-12: `time` in brackets needs a year, or a whole number of years before or after"},
      {"x[time - 1.5]",
       "bad-selector@2-12: `time` in brackets needs a year, or a whole number of years before or after"},
  });
}

TEST(Parser, ChecksCalls) {
  expect({
      {"foo(x)", "unknown-function@0-3: there is no function `foo`"},
      {"a.b(x)", "unknown-function@0-3: there is no function `a.b`"},
      {"SUM(x)", "unknown-function@0-3: functions are written in small letters: `sum`"},
      {"and(a, b)", "unknown-function@0-3: `and` is not a function here"},
      {"sum(x)", "wrong-arguments@0-6: `sum` needs `over …`: what it runs over must be said"},
      {"sum(x where a = b)", "wrong-arguments@0-18: `sum` needs `over …`: what it runs over must be said"},
      {"min(x)", "wrong-arguments@0-6: `min` needs `over …`: what it runs over must be said"},
      {"split(x)", "wrong-arguments@0-8: `split` needs `by …`: what it runs over must be said"},
      {"sum(x, y)", "wrong-arguments@0-9: `sum` takes 1 argument, not 2"},
      {"clamp(x, 0)", "wrong-arguments@0-11: `clamp` takes 3 arguments, not 2"},
      {"compound()", "wrong-arguments@0-10: `compound` takes 1 or 2 arguments, not 0"},
      {"max(a, b over c)", "wrong-arguments@9-13: `over` follows a single argument"},
      {"prev(x, 0)", "wrong-arguments@0-10: `prev` takes 1 argument, not 2"},
      {"prev(first = 0)", "wrong-arguments@0-15: `prev` takes 1 argument, not 0"},
      {"prev(x, first = 0, 1)", "wrong-arguments@19-20: an argument without a name follows one with a name"},
      {"prev(x, last = 0)", "unknown-keyword@8-12: `prev` has no argument called `last`"},
      {"prev(x, first = 0, first = 1)", "repeated-argument@19-24: `first` is given twice"},
      {"logistic(time, ceiling = K, rate = r)", "wrong-arguments@0-37: `logistic` needs `middle = …`"},
      {"exp(x over product)", "wrong-clause@6-10: `over` cannot be used in `exp`"},
      {"sum(x over y from 1 to 2)", "wrong-clause@13-17: `from` cannot be used in `sum`"},
      {"cumulate(x to 2017)", "wrong-clause@11-13: `to` cannot be used in `cumulate`"},
      {"sum(x over y over z)", "repeated-argument@13-17: `over` is given twice"},
      {"sum(x over y and y)", "repeated-argument@17-18: `y` is named twice"},
      {"sum(x over product = EV)", "bad-clause@19-20: a condition stands after `where`"},
      {"sum(x over 'product')", "bad-clause@11-20: a name stands without quotes"},
      {"sum(x by category and region)", "bad-clause@18-21: `by` takes one name"},
      {"max(x over product from 2000)", "wrong-arguments@0-29: `from` and `to` in `max` need `over time`"},
      {"max(x over time by category)", "wrong-arguments@0-28: `over time` goes with `from` and `to` only"},
      {"total(x where a = b)", "wrong-arguments@0-20: `where` needs `over …`"},
      {"total(x from 2000.5)", "wrong-arguments@13-19: a year is a whole number"},
      {"growth_rate(x, 5 %, 2017)", "wrong-arguments@15-18: a year is a whole number"},
      {"residual(a + b)", "wrong-arguments@9-14: `residual` takes the name of a process"},
      {"exp(x, base = 2)", "wrong-arguments@0-16: `exp` takes 1 argument, not 2"},
  });
}

TEST(Parser, KeepsPlaces) {
  Diagnostics diagnostics;
  auto file = std::make_shared<const SourceFile>("m.yaml", "x: a + sum(b over c)\n");
  const ExpressionPtr e = parse_formula(FormulaText::plain(file, 3, 17), diagnostics);
  ASSERT_NE(e, nullptr);
  EXPECT_EQ(e->where.offset, 3u);
  EXPECT_EQ(e->where.length, 17u);
  EXPECT_EQ(e->text_where.offset, 5u);
  EXPECT_EQ(e->operands[1]->where.offset, 7u);
  EXPECT_EQ(e->operands[1]->where.length, 13u);
  EXPECT_EQ(e->operands[1]->text_where.length, 3u);
  EXPECT_EQ(e->operands[1]->over[0].where.str(), "m.yaml:1:19");
}

TEST(Parser, CoversParenthesesOfOperands) {
  Diagnostics diagnostics;
  const ExpressionPtr e = parse_formula(formula_text("(a + b) * (c)"), diagnostics);
  ASSERT_NE(e, nullptr);
  EXPECT_EQ(e->where.length, 13u);
  EXPECT_EQ(e->operands[0]->where.offset, 1u);
  EXPECT_EQ(e->operands[0]->where.length, 5u);
}

TEST(Parser, MapsFoldedTextBackToItsFile) {
  // "a +\n    b" folded by YAML into "a + b": the line break is the blank, and b stands in the next line.
  auto file = std::make_shared<const SourceFile>("m.yaml", "x: a +\n     $\n");
  const FormulaText folded{"a + $", file, {3, 4, 5, 6, 12, 13}};
  Diagnostics diagnostics;
  EXPECT_EQ(parse_formula(folded, diagnostics), nullptr);
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].labels[0].where.str(), "m.yaml:2:6");
  EXPECT_EQ(folded.at(0, 4).length, 9u);
}

TEST(FormulaText, StaysInsideItsFile) {
  auto file = std::make_shared<const SourceFile>("m.yaml", "abc");
  const FormulaText text = FormulaText::plain(file, 1, 100);
  EXPECT_EQ(text.text, "bc");
  EXPECT_EQ(text.at(0, 2).length, 2u);
  EXPECT_EQ(text.at(5, 9).offset, 3u);
  EXPECT_EQ(text.at(2, 1).length, 0u);
  EXPECT_TRUE(FormulaText::plain(file, 7, 1).text.empty());
  EXPECT_FALSE(FormulaText{}.at(0, 1));
}

TEST(Parser, RelationNeedsAnEquality) {
  Diagnostics diagnostics;
  EXPECT_NE(parse_relation(formula_text("slag[Cd] = slag_cd * slag[goods]"), diagnostics), nullptr);
  EXPECT_TRUE(diagnostics.all().empty());
  EXPECT_EQ(parse_relation(formula_text("a + b"), diagnostics), nullptr);
  EXPECT_EQ(parse_relation(formula_text("a = b and c = d"), diagnostics), nullptr);
  EXPECT_EQ(parse_relation(formula_text("a <> b"), diagnostics), nullptr);
  EXPECT_EQ(parse_relation(formula_text("a ="), diagnostics), nullptr);
  ASSERT_EQ(diagnostics.all().size(), 4u);
  EXPECT_EQ(diagnostics.all()[0].code, "no-relation");
  EXPECT_EQ(diagnostics.all()[3].code, "missing-operand");
}

TEST(Parser, RefusesDepthAndLengthWithoutFalling) {
  const auto repeat = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  EXPECT_TRUE(parsed(repeat("(", 5000) + "a" + repeat(")", 5000)).starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("-", 5000) + "a").starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("not ", 4000) + "a").starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("a^", 5000) + "a").starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("if a then b else ", 1000) + "a").starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("a+", 5000) + "a").starts_with("deep-formula@"));
  EXPECT_TRUE(parsed("a" + repeat("[1]", 5000)).starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("abs(", 4000)).starts_with("deep-formula@"));
  EXPECT_TRUE(parsed(repeat("a+", 20000) + "a").starts_with("long-formula@"));
  EXPECT_EQ(parsed(repeat("(", 150) + "a" + repeat(")", 150)), "a");
  EXPECT_TRUE(parsed(repeat("a + ", 900) + "a").starts_with("(+"));
}

TEST(Parser, RefusesBytesThatAreNoText) {
  expect({
      {std::string("a\0b", 3), "invisible-character@1-2: an invisible character (U+0000) stands here"},
      {"a + \xFF", "invalid-utf8@4-5: the formula holds a byte that is not UTF-8"},
      {"'\xC3'", "invalid-utf8@1-2: the formula holds a byte that is not UTF-8"},
      {"\xED\xA0\x80", "invalid-utf8@0-1: the formula holds a byte that is not UTF-8"},
  });
}

TEST(Parser, GivesOneMessagePerFormula) {
  for (const char* text : {"(a == b ++ )) &&", "SUM(IF(a; b; c)", "x[1-a, 2-b] foo(", "，，，"}) {
    Diagnostics diagnostics;
    EXPECT_EQ(parse_formula(formula_text(text), diagnostics), nullptr) << text;
    EXPECT_EQ(diagnostics.all().size(), 1u) << text;
  }
}

std::vector<const FunctionInfo*> functions_and_indicators() {
  std::vector<const FunctionInfo*> all;
  for (const FunctionInfo& function : functions()) all.push_back(&function);
  for (const Indicator& indicator : indicators()) all.push_back(&indicator.function);
  return all;
}

TEST(Functions, ExamplesAreTrue) {
  for (const FunctionInfo* each : functions_and_indicators()) {
    const FunctionInfo& function = *each;
    Diagnostics diagnostics;
    EXPECT_NE(parse_formula(formula_text(std::string(function.example)), diagnostics), nullptr)
        << function.example << '\n'
        << render(diagnostics);
    EXPECT_NE(function.example.find(std::string(function.name) + "("), std::string_view::npos)
        << function.name;
    EXPECT_TRUE(function.signature.starts_with(std::string(function.name) + "(")) << function.name;
    EXPECT_TRUE(function.doc.ends_with('.')) << function.name;
    EXPECT_EQ(find_function(function.name), &function);
  }
  EXPECT_EQ(find_function("SUM"), nullptr);
}

TEST(Functions, ReservesTheirNames) {
  for (const char* word : {"if", "then", "else", "and", "or", "not", "over", "by", "where", "from", "to",
                           "time", "sum", "prev", "residual", "first_year", "clamp"}) {
    EXPECT_TRUE(is_reserved(word)) << word;
  }
  for (const char* word : {"share", "first", "rate", "rest", "Sum", "summe", "", "产量"}) {
    EXPECT_FALSE(is_reserved(word)) << word;
  }
  EXPECT_EQ(function_names().size(), functions().size() + indicators().size());
}

}  // namespace
}  // namespace lode
