// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model_test_tools.hpp"

// What a newcomer gets to read: the file as typed, and all that is said about it.
namespace lode {
namespace {

std::string said(const std::string& yaml) {
  return testing::FromText(yaml).rendered();
}

TEST(Messages, TabsIndent) {
  EXPECT_EQ(said("time: 2019\nequations:\n\tused: a\n\tmore: b\n"),
            R"(error: a tab indents this line (and 1 more line does)
 --> model.yaml:3:1
  |
3 |     used: a
  | ^^^^
  = why: YAML counts spaces to know what belongs to what
  = help: replace it by spaces; editors can do so for every tab key press
)");
}

TEST(Messages, FullWidthColon) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  content：{unit: t, value: 3}
)"),
            R"(error: `：` is a full-width character
 --> model.yaml:3:10
  |
3 |   content：{unit: t, value: 3}
  |          ^^
  = why: YAML knows only the ASCII one
  = help: write `: `, with a space after it
)");
}

TEST(Messages, FullWidthInsideBraces) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  content: {unit： t/yr， over: [time]， value: 3}
)"),
            R"(error: `：` is a full-width character
 --> model.yaml:3:17
  |
3 |   content: {unit： t/yr， over: [time]， value: 3}
  |                 ^^
  = why: YAML knows only the ASCII one
  = help: write `: `, with a space after it

error: `，` is a full-width character
 --> model.yaml:3:23
  |
3 |   content: {unit： t/yr， over: [time]， value: 3}
  |                        ^^
  = why: YAML knows only the ASCII one
  = help: write `, `

error: `，` is a full-width character
 --> model.yaml:3:37
  |
3 |   content: {unit： t/yr， over: [time]， value: 3}
  |                                       ^^
  = why: YAML knows only the ASCII one
  = help: write `, `
)");
}

TEST(Messages, FullWidthBracketsAndQuotes) {
  EXPECT_EQ(said(R"(time: 2019
title: “钕”
parameters:
  content: ｛unit: t/yr, over: ［time］, value: 67.6％｝
)"),
            R"(error: full-width quotation marks `“ ”` are text to YAML, not quotes
 --> model.yaml:2:8
  |
2 | title: “钕”
  |        ^^^^
  = help: write `"钕"`

error: `｛` is a full-width character
 --> model.yaml:4:12
  |
4 |   content: ｛unit: t/yr, over: ［time］, value: 67.6％｝
  |            ^^
  = why: YAML knows only the ASCII one
  = help: write `{`

error: `［` is a full-width character
 --> model.yaml:4:31
  |
4 |   content: ｛unit: t/yr, over: ［time］, value: 67.6％｝
  |                                ^^
  = why: YAML knows only the ASCII one
  = help: write `[`

error: `］` is a full-width character
 --> model.yaml:4:36
  |
4 |   content: ｛unit: t/yr, over: ［time］, value: 67.6％｝
  |                                      ^^
  = why: YAML knows only the ASCII one
  = help: write `]`

error: `｝` is a full-width character
 --> model.yaml:4:51
  |
4 |   content: ｛unit: t/yr, over: ［time］, value: 67.6％｝
  |                                                       ^^
  = why: YAML knows only the ASCII one
  = help: write `}`
)");
}

TEST(Messages, FullWidthSpaceIndents) {
  EXPECT_EQ(said("time: 2019\nparameters:\n\u3000content: 3\n"),
            R"(error: a full-width space indents this line
 --> model.yaml:3:1
  |
3 | 　content: 3
  | ^^
  = why: YAML counts spaces to know what belongs to what
  = help: replace it by spaces
)");
}

TEST(Messages, ThousandsInBraces) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: {value: 1,200}
  b: {unit: t, value: 12,345,678.5, note: x}
)"),
            R"(error: `1,200` in braces is read as 1
 --> model.yaml:3:14
  |
3 |   a: {value: 1,200}
  |              ^^^^^
  = why: inside { } a comma begins the next key
  = help: write `1200`

error: `12,345,678.5` in braces is read as 12
 --> model.yaml:4:23
  |
4 |   b: {unit: t, value: 12,345,678.5, note: x}
  |                       ^^^^^^^^^^^^
  = why: inside { } a comma begins the next key
  = help: write `12345678.5`
)");
}

TEST(Messages, FormulaInBraces) {
  EXPECT_EQ(said(R"(time: 2019
equations:
  a: {equals: clamp(x, 0, 1), unit: t}
)"),
            R"(error: a formula with `,` `[` or `{` does not go in braces
 --> model.yaml:3:15
  |
3 |   a: {equals: clamp(x, 0, 1), unit: t}
  |               ^^^^^^^^^^^^^^
  = why: inside { } a comma begins the next key: YAML reads `clamp(x` and a key `1)`
  = help: move it under `equations:`, one formula per line, or put it in quotes
)");
}

TEST(Messages, FormulaInAFlow) {
  EXPECT_EQ(said(R"(time: 2019
flows:
  a: {from: x, to: y, equals: max(a, b), unit: t/yr}
)"),
            R"(error: `a` has no key `equals`
 --> model.yaml:3:23
  |
3 |   a: {from: x, to: y, equals: max(a, b), unit: t/yr}
  |                       ^^^^^^
  = help: equations do not stand in the flow: write it under `equations:`, by the flow's name

error: a formula with `,` `[` or `{` does not go in braces
 --> model.yaml:3:31
  |
3 |   a: {from: x, to: y, equals: max(a, b), unit: t/yr}
  |                               ^^^^^^^^^
  = why: inside { } a comma begins the next key: YAML reads `max(a` and a key `b)`
  = help: move it under `equations:`, one formula per line, or put it in quotes
)");
}

TEST(Messages, BracketsInBraces) {
  EXPECT_EQ(said(R"(time: 2019
equations:
  a: {equals: supply[2017] * 2}
)"),
            R"(error: a formula with `,` `[` or `{` does not go in braces
 --> model.yaml:3:15
  |
3 |   a: {equals: supply[2017] * 2}
  |               ^^^^^^^^^^^^^^^^
  = why: inside { } YAML takes these signs for its own
  = help: move it under `equations:`, one formula per line, or put it in quotes
)");
}

TEST(Messages, LagInBraces) {
  EXPECT_EQ(said(R"(time: 2019
equations:
  a: {over: [time], equals: x[time - 3]}
)"),
            R"(error: a formula with `,` `[` or `{` does not go in braces
 --> model.yaml:3:29
  |
3 |   a: {over: [time], equals: x[time - 3]}
  |                             ^^^^^^^^^^^
  = why: inside { } YAML takes these signs for its own
  = help: move it under `equations:`, one formula per line, or put it in quotes
)");
}

TEST(Messages, ColonInAFormula) {
  EXPECT_EQ(said(R"(time: 2019
equations:
  a: logistic(time, ceiling: K)
)"),
            R"(error: a second `: ` stands in this line
 --> model.yaml:3:28
  |
3 |   a: logistic(time, ceiling: K)
  |                            ^
  = why: `: ` ends a key, also inside a formula or a text
  = help: write keyword arguments with `=`: `logistic(time, ceiling = K)`
)");
}

TEST(Messages, ColonInAText) {
  EXPECT_EQ(said(R"(time: 2019
title: Neodymium: a study
)"),
            R"(error: a second `: ` stands in this line
 --> model.yaml:2:17
  |
2 | title: Neodymium: a study
  |                 ^
  = why: `: ` ends a key, also inside a formula or a text
  = help: put quotes around the text, or begin a new line with more indentation
)");
}

TEST(Messages, ExclamationMark) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: {value: 3, where: !history x}
)"),
            R"(error: `!` begins a tag here, which models do not use
 --> model.yaml:3:24
  |
3 |   a: {value: 3, where: !history x}
  |                        ^
  = help: for "not" write `not x`; put quotes around a text that begins with `!`
)");
}

TEST(Messages, NoSpaceAfterColon) {
  EXPECT_EQ(said(R"(time:2019
title: x
)"),
            R"(error: a space is missing after the colon
 --> model.yaml:1:5
  |
1 | time:2019
  |     ^
  = help: write `time: 2019`
)");
}

TEST(Messages, NoColon) {
  EXPECT_EQ(said(R"(title: x
time
  first: 2000
)"),
            R"(error: `time` has no colon
 --> model.yaml:2:1
  |
2 | time
  | ^^^^
  = help: write `time:`
)");
}

TEST(Messages, WrongIndentation) {
  EXPECT_EQ(said(R"(time: 2019
flows:
 a: {from: x, to: y}
  b: {from: x, to: y}
)"),
            R"(error: this line does not fit its section
 --> model.yaml:4:3
  |
4 |   b: {from: x, to: y}
  |   ^
  = help: give all keys of one section the same number of spaces, and each a colon
)");
}

TEST(Messages, BraceNotClosed) {
  EXPECT_EQ(said(R"(time: 2019
flows:
  a: {from: x, to: y
  b: {from: x, to: y}
)"),
            R"(error: this `{` is not closed by `}`
 --> model.yaml:3:6
  |
3 |   a: {from: x, to: y
  |      ^
  = why: a comma or closing bracket is missing, or a key stands where none may
  = help: check the commas up to `}`, one key and value after the other
)");
}

TEST(Messages, CommaMissing) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: {unit: t/yr value: 3}
)"),
            R"(error: a comma is missing before `value`
 --> model.yaml:3:18
  |
3 |   a: {unit: t/yr value: 3}
  |                  ^^^^^
  = help: write `, value:`
)");
}

TEST(Messages, CommaTwice) {
  EXPECT_EQ(said(R"(time: 2019
flows:
  a: {from: x, to: y,, over: [time]}
)"),
            R"(error: a key is missing here
 --> model.yaml:3:22
  |
3 |   a: {from: x, to: y,, over: [time]}
  |                      ^
  = help: look for a comma or colon too many
)");
}

TEST(Messages, QuoteInsideQuotes) {
  EXPECT_EQ(said(R"(time: 2019
title: 'it's
)"),
            R"(error: the text goes on behind its closing quotation mark
 --> model.yaml:2:12
  |
2 | title: 'it's
  |        ^^^^^
  |        closed here
  = help: double the mark inside the text (`'it''s'`), or put double quotes around the whole
)");
}

TEST(Messages, QuoteNotClosed) {
  EXPECT_EQ(said(R"(time: 2019
title: "abc
equations:
  a: b
)"),
            R"(error: this quotation mark is never closed
 --> model.yaml:2:8
  |
2 | title: "abc
  |        ^
  = why: all text behind it belongs to one value
  = help: close it with the same mark
)");
}

TEST(Messages, AliasOfNothing) {
  EXPECT_EQ(said(R"(time: 2019
equations:
  a: *foo
)"),
            R"(error: `*` begins an alias, and there is no such anchor
 --> model.yaml:3:6
  |
3 |   a: *foo
  |      ^
  = help: put quotes around a text or formula that begins with `*`
)");
}

TEST(Messages, AliasInACircle) {
  EXPECT_EQ(said(R"(time: 2019
stages: &x [*x]
)"),
            R"(error: this alias stands inside the very thing it names
 --> model.yaml:2:13
  |
2 | stages: &x [*x]
  |             ^
  = why: what contains itself has no end
)");
}

TEST(Messages, SecondDocument) {
  EXPECT_EQ(said(R"(time: 2019
---
title: x
)"),
            R"(error: the file holds a second document after `---`
 --> model.yaml:2:1
  |
2 | ---
  | ^^^
  = help: remove the line `---` and everything that does not belong to this model
)");
}

TEST(Messages, KeyTwice) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: 3
  a: 4
)"),
            R"(error: `a` is written twice
 --> model.yaml:4:3
  |
3 |   a: 3
  |   ^ first here
4 |   a: 4
  |   ^ again here
  = help: remove or rename one of the two
)");
}

TEST(Messages, NameTwice) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: 3
equations:
  a: 4
)"),
            R"(error: `a` names a parameter and a quantity
 --> model.yaml:5:3
  |
3 |   a: 3
  |   ^ a parameter
4 | equations:
5 |   a: 4
  |   ^ a quantity
  = why: in a formula the name must mean one thing
  = help: rename one of the two
)");
}

TEST(Messages, WordsOfOtherTools) {
  EXPECT_EQ(said(R"(time: 2019
constants:
  a: 3
quantities:
  b: a
pramaeters:
  c: 3
)"),
            R"(error: a model has no key `constants`
 --> model.yaml:2:1
  |
2 | constants:
  | ^^^^^^^^^
  = help: numbers from outside are `parameters`

error: a model has no key `quantities`
 --> model.yaml:4:1
  |
4 | quantities:
  | ^^^^^^^^^^
  = help: a named quantity is an entry of `equations`

error: a model has no key `pramaeters`
 --> model.yaml:6:1
  |
6 | pramaeters:
  | ^^^^^^^^^^
  = help: did you mean `parameters`?
)");
}

TEST(Messages, WordsOfOtherToolsInAStock) {
  EXPECT_EQ(said(R"(time: 2019
stocks:
  s: {inflow: i, level: 3, entering: middle, lifetim: {fixed: 3}}
)"),
            R"(error: `s` has no key `level`
 --> model.yaml:3:18
  |
3 |   s: {inflow: i, level: 3, entering: middle, lifetim: {fixed: 3}}
  |                  ^^^^^
  = help: a given stock is `stock:`

error: `s` has no key `entering`
 --> model.yaml:3:28
  |
3 |   s: {inflow: i, level: 3, entering: middle, lifetim: {fixed: 3}}
  |                            ^^^^^^^^
  = help: when the inflow enters is `inflow_at: start | middle | end`

error: `s` has no key `lifetim`
 --> model.yaml:3:46
  |
3 |   s: {inflow: i, level: 3, entering: middle, lifetim: {fixed: 3}}
  |                                              ^^^^^^^
  = help: did you mean `lifetime`?
)");
}

TEST(Messages, NamesThatCannotBe) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  my rate: 3
  sum: 4
  2x: 5
)"),
            R"(error: `my rate` cannot be the name of a parameter
 --> model.yaml:3:3
  |
3 |   my rate: 3
  |   ^^^^^^^
  = why: ` ` cannot stand in a name: letters, digits and _ can
  = help: write `my_rate`; the name shown to readers goes into `name:`

error: `sum` cannot be the name of a parameter
 --> model.yaml:4:3
  |
4 |   sum: 4
  |   ^^^
  = why: the word has a meaning in formulas
  = help: choose another word

error: `2x` cannot be the name of a parameter
 --> model.yaml:5:3
  |
5 |   2x: 5
  |   ^^
  = why: a name begins with a letter
)");
}

TEST(Messages, ParameterWithoutValue) {
  EXPECT_EQ(said(R"(time: 2019
parameters:
  a: {unit: t}
  b:
  c: x * y
  d: {value: 5 %, unit: %/yr}
)"),
            R"(error: `a` has neither `value:` nor `table:`
 --> model.yaml:3:3
  |
3 |   a: {unit: t}
  |   ^
  = help: write `value: 60 %`, or `table: data/….csv`; `lode tables` writes an empty one

error: `b` has no value
 --> model.yaml:4:3
  |
4 |   b:
  |   ^
  = help: give it a number, perhaps with a unit (`60 %`, `13.6 Mt`) or keys like `{over: [time], unit: t/yr, table: data/x.csv}`

error: `x * y` is no number
 --> model.yaml:5:6
  |
5 |   c: x * y
  |      ^^^^^
  = help: a formula stands under `equations:`; a parameter has a number or a `table:`

error: the unit and the value both have a percent sign
 --> model.yaml:6:25
  |
6 |   d: {value: 5 %, unit: %/yr}
  |              ^^^        ^^^^ once here
  |              once here
  = help: drop one of the two: `unit: %/yr, value: 5` and `value: 5 %/yr` mean the same
)");
}

TEST(Messages, WrongKinds) {
  EXPECT_EQ(said(R"(time: 2019
flows:
  a: x -> y
equations:
  b:
stages: 3
processes: {p: {stage: [a]}}
)"),
            R"(error: `a` must be keys like `{from: a, to: b}`, not a text
 --> model.yaml:3:6
  |
3 |   a: x -> y
  |      ^^^^^^

error: `b` has no value
 --> model.yaml:5:3
  |
5 |   b:
  |   ^
  = help: give it a formula, or one for each condition

error: `stages` must be keys like `{mining: Mining}` or a list of stages, not a text
 --> model.yaml:6:9
  |
6 | stages: 3
  |         ^

error: `stage` must be the name of a stage, not a list
 --> model.yaml:7:24
  |
7 | processes: {p: {stage: [a]}}
  |                        ^^^
)");
}

TEST(Messages, OptionsThatAreNone) {
  EXPECT_EQ(said(R"(time: 2019
stages: {refining: 冶炼}
processes:
  a: {stage: refinning}
parameters:
  b: {value: 1, interpolate: liner}
)"),
            R"(error: there is no stage `refinning`
 --> model.yaml:4:14
  |
4 |   a: {stage: refinning}
  |              ^^^^^^^^^
  = help: did you mean `refining`?

error: `interpolate` cannot be `liner`
 --> model.yaml:6:30
  |
6 |   b: {value: 1, interpolate: liner}
  |                              ^^^^^
  = help: did you mean `linear`?
)");
}

TEST(Messages, StockWithANumber) {
  EXPECT_EQ(said(R"(time: 2019
stocks:
  s: {inflow: i, initial: 5 t}
)"),
            R"(error: a number with a unit does not stand in a formula
 --> model.yaml:3:27
  |
3 |   s: {inflow: i, initial: 5 t}
  |                           ^^^
  = help: make it a parameter, `before: 5 t`, and write `initial: before`
)");
}

TEST(Messages, NotComputedYet) {
  EXPECT_EQ(said(R"(time: 2019
flows: {f: {from: a, to: b, measured: data}}
)"),
            R"(error: `measured` is not available yet
 --> model.yaml:2:29
  |
2 | flows: {f: {from: a, to: b, measured: data}}
  |                             ^^^^^^^^
  = why: the language has it (a table of measured values, adjusted by reconciliation), this version does not compute it
)");
}

TEST(Messages, FiguresHaveAFileOfTheirOwn) {
  EXPECT_EQ(said(R"(time: 2019
figures: [sankey]
)"),
            R"(error: a model has no key `figures`
 --> model.yaml:2:1
  |
2 | figures: [sankey]
  | ^^^^^^^
  = help: figures stand in the file figures.yaml
)");
}

TEST(Messages, NoTime) {
  EXPECT_EQ(said(R"(title: x
)"),
            R"(error: a model needs `time:`
 --> model.yaml:1:1
  |
1 | title: x
  | ^^^^^
  = help: write `time: {first: 2000, last: 2050}`, or `time: 2019` for one year
)");
}

TEST(Messages, NoModel) {
  EXPECT_EQ(said(R"(hello
)"),
            R"(error: the file must be a model: `title:`, `time:` and sections, not a text
 --> model.yaml:1:1
  |
1 | hello
  | ^^^^^
)");
}

TEST(Messages, Empty) {
  EXPECT_EQ(said("\n"),
            R"(error: the file is empty
 --> model.yaml:1:1
  |
1 |
  | ^
  = help: a model begins with `title:` and `time:`; `lode new` writes one that runs
)");
}

TEST(Messages, ScenarioMistakes) {
  EXPECT_EQ(said(R"(time: 2019
parameters: {growth: 5 %/yr}
scenarios:
  supply:
    low: {growht: 3 %}
    high: {growth: {history: 3}}
    odd: 3
)"),
            R"(error: the scenario axis `supply` has no default
 --> model.yaml:4:3
  |
4 |   supply:
  |   ^^^^^^
  = help: write `default: low`

error: there is no parameter or equation `growht` to change
 --> model.yaml:5:11
  |
5 |     low: {growht: 3 %}
  |           ^^^^^^
  = help: did you mean `growth`?

error: there is no condition `history`
 --> model.yaml:6:21
  |
6 |     high: {growth: {history: 3}}
  |                     ^^^^^^^
  = help: name it in `when:`

error: the case `odd` must be a group of what it changes, like {growth: 8 %/yr}
 --> model.yaml:7:10
  |
7 |     odd: 3
  |          ^
  = help: a case that changes nothing is `{}`
)");
}

}  // namespace
}  // namespace lode
