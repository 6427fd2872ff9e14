// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "lode/model/reader.hpp"
#include "model_test_tools.hpp"

namespace lode {
namespace {

using namespace lode::testing;

std::vector<std::string> file_names(const Model& model) {
  std::vector<std::string> names;
  for (const auto& [path, digest] : model.files) {
    EXPECT_EQ(digest.size(), 32u);
    names.push_back(path);
  }
  return names;
}

TEST(CaseFolder, TablesGiveLabelsAndValues) {
  TemporaryCase files{
      {"model.yaml",
       "time: 2019\ndimensions:\n  product: {table: data/products.csv}\nparameters:\n"
       "  low: {over: [product], unit: t, table: data/values.csv, column: low}\n"
       "  high: {over: [product], unit: t, table: data/values.csv, column: high}\n"},
      {"data/products.csv",
       "label,name,name_zh,unit,category\nAC,Air conditioners,空调,item,home\nWT,Wind,风电,MW,power\n"},
      {"data/values.csv", "product,low,high\nAC,1,2\nWT,3,4\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_EQ(files.rendered(), "");
  const DimensionDecl& product = dimension(*model, "product");
  ASSERT_EQ(product.labels.size(), 2u);
  EXPECT_EQ(product.labels[1].title.in("zh"), "风电");
  EXPECT_EQ(product.labels[1].title.in("en"), "Wind");
  EXPECT_EQ(product.attributes.at("category")[0].text, "home");
  EXPECT_EQ(product.attributes.at("unit")[1].text, "MW");
  EXPECT_EQ(product.attributes.at("counted_in")[1].text, "MW")
      << "a column `unit` is what the label is counted in";
  EXPECT_EQ(product.attributes.count("name"), 0u);
  EXPECT_EQ(parameter(*model, "low").table->table, parameter(*model, "high").table->table)
      << "one file is read once";
  EXPECT_EQ(file_names(*model),
            (std::vector<std::string>{"data/products.csv", "data/values.csv", "model.yaml"}));
}

TEST(CaseFolder, TheModelFileItselfMayBeNamed) {
  TemporaryCase files{{"model.yaml", "time: 2019\n"}};
  Diagnostics diagnostics;
  const std::optional<Model> model = read_case(files.path() / "model.yaml", diagnostics);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->folder, files.path());
}

TEST(CaseFolder, MistakesOfTables) {
  TemporaryCase files{{"model.yaml",
                       "time: 2019\ndimensions:\n  a: {table: data/products.csv}\n  b: {table: "
                       "data/nolabel.csv}\n  c: {table: data/twice.csv}\n"
                       "parameters:\n  p: {unit: t, table: data/prodcts.csv}\n  q: {unit: t, table: "
                       "data/products.csv, column: vaule}\n"
                       "  r: {unit: t, table: data/book.xlsx#sheet}\n  s: {unit: t, table: ../outside.csv}\n "
                       " t: {unit: t, table: /etc/passwd}\n"
                       "  u: {unit: t, table: 'data\\products.csv'}\n"},
                      {"data/products.csv", "label,value\nx,1\n"},
                      {"data/nolabel.csv", "lable,value\nx,1\n"},
                      {"data/twice.csv", "label\nx\nx\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_FALSE(parameter(*model, "p").table->table);
  EXPECT_EQ(files.rendered(),
            "error: data/nolabel.csv has no column `label`\n"
            " --> CASE/data/nolabel.csv:1:1\n"
            "  |\n"
            "1 | lable,value\n"
            "  | ^^^^^ its header\n"
            " ::: CASE/model.yaml:4:14\n"
            "  |\n"
            "4 |   b: {table: data/nolabel.csv}\n"
            "  |              ^^^^^^^^^^^^^^^^ needed here\n"
            "  = help: call the column with the labels `label`\n"
            "\n"
            "error: the label `x` stands twice\n"
            " --> CASE/data/twice.csv:3:1\n"
            "  |\n"
            "2 | x\n"
            "  | ^ first here\n"
            "3 | x\n"
            "  | ^ again here\n"
            "\n"
            "error: there is no file CASE/data/prodcts.csv\n"
            " --> CASE/model.yaml:7:23\n"
            "  |\n"
            "7 |   p: {unit: t, table: data/prodcts.csv}\n"
            "  |                       ^^^^^^^^^^^^^^^^\n"
            "  = help: did you mean `data/products.csv`?\n"
            "\n"
            "error: data/products.csv has no column `vaule`\n"
            " --> CASE/model.yaml:8:50\n"
            "  |\n"
            "8 |   q: {unit: t, table: data/products.csv, column: vaule}\n"
            "  |                                                  ^^^^^\n"
            "  = help: did you mean `value`?\n"
            "\n"
            "error: XLSX is not read yet\n"
            " --> CASE/model.yaml:9:23\n"
            "  |\n"
            "9 |   r: {unit: t, table: data/book.xlsx#sheet}\n"
            "  |                       ^^^^^^^^^^^^^^^^^^^^\n"
            "  = help: save the sheet as CSV\n"
            "\n"
            "error: a table lies within the case's folder\n"
            "  --> CASE/model.yaml:10:23\n"
            "   |\n"
            "10 |   s: {unit: t, table: ../outside.csv}\n"
            "   |                       ^^^^^^^^^^^^^^\n"
            "   = why: a case that is copied must bring its data along\n"
            "   = help: put the file into data/; sections are shared with `extends:`\n"
            "\n"
            "error: a table lies within the case's folder\n"
            "  --> CASE/model.yaml:11:23\n"
            "   |\n"
            "11 |   t: {unit: t, table: /etc/passwd}\n"
            "   |                       ^^^^^^^^^^^\n"
            "   = why: a case that is copied must bring its data along\n"
            "   = help: put the file into data/; sections are shared with `extends:`\n"
            "\n"
            "error: a backslash stands in the path\n"
            "  --> CASE/model.yaml:12:23\n"
            "   |\n"
            "12 |   u: {unit: t, table: 'data\\products.csv'}\n"
            "   |                       ^^^^^^^^^^^^^^^^^^^\n"
            "   = help: write `data/products.csv`\n");
}

TEST(CaseFolder, UnknownSources) {
  TemporaryCase files{
      {"model.yaml",
       "time: 2019\nquality: {statistics: }\nparameters:\n  a: {value: 1, source: yao2012, quality: "
       "statistcs}\n"
       "  b: {value: 1, source: [usgs2020, yao2021]}\n  c: {value: 1, source: usgs2020; ghost}\n"
       "  d: {unit: t, table: data/d.csv}\n"},
      {"data/d.csv", "value,source\n1,yao2021\n2,elsewhere\n3,elsewhere\n4,\n"},
      {"sources.bib", "@article{yao2021, title={A}}\n@misc{usgs2020, title=\"B\"}\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_EQ(files.rendered(),
            "warning: sources.bib has no entry `elsewhere` (here and in 1 more row)\n"
            " --> CASE/data/d.csv:3:3\n"
            "  |\n"
            "3 | 2,elsewhere\n"
            "  |   ^^^^^^^^^\n"
            "\n"
            "error: sources.bib has no entry `yao2012`\n"
            " --> CASE/model.yaml:4:25\n"
            "  |\n"
            "4 |   a: {value: 1, source: yao2012, quality: statistcs}\n"
            "  |                         ^^^^^^^\n"
            "  = help: did you mean `yao2021`?\n"
            "\n"
            "error: there is no quality class `statistcs`\n"
            " --> CASE/model.yaml:4:43\n"
            "  |\n"
            "4 |   a: {value: 1, source: yao2012, quality: statistcs}\n"
            "  |                                           ^^^^^^^^^\n"
            "  = help: did you mean `statistics`?\n"
            "\n"
            "error: sources.bib has no entry `ghost`\n"
            " --> CASE/model.yaml:6:35\n"
            "  |\n"
            "6 |   c: {value: 1, source: usgs2020; ghost}\n"
            "  |                                   ^^^^^\n"
            "  = help: add it: `@misc{ghost, author = {…}, year = {…}}`\n");
}

TEST(CaseFolder, ExtendsMergesSectionBySection) {
  TemporaryCase files{{"common.yaml",
                       "stages: {mining: 采选, use: 使用}\nparameters:\n  shared: 1\n  changed: 1\n  table: "
                       "{unit: t, table: data/common.csv}\n"
                       "equations:\n  kept: shared\nrelations:\n  - a = b\ntitle: common\n"},
                      {"data/common.csv", "value\n7\n"},
                      {"sources.bib", "@misc{everyone, year={2020}}\n"},
                      {"one/model.yaml",
                       "extends: ../common.yaml\ntime: 2019\nparameters:\n  changed: 2\n  own: {value: 3, "
                       "source: everyone}\nrelations:\n  - c = d\n"}};
  const std::optional<Model> model = files.read("one");
  ASSERT_TRUE(model);
  EXPECT_EQ(files.rendered(), "");
  EXPECT_EQ(model->title.in("en"), "common");
  EXPECT_EQ(model->stages.size(), 2u);
  ASSERT_EQ(model->parameters.size(), 4u);
  EXPECT_EQ(parameter(*model, "changed").value->number, 2);
  ASSERT_TRUE(parameter(*model, "table").table->table) << "paths in a shared file start from its folder";
  EXPECT_EQ(model->relations.size(), 2u);
  EXPECT_EQ(file_names(*model), (std::vector<std::string>{"../common.yaml", "../data/common.csv",
                                                          "../sources.bib", "model.yaml"}));
}

TEST(CaseFolder, ExtendsInACircle) {
  TemporaryCase files{{"a.yaml", "extends: b.yaml\n"},
                      {"b.yaml", "extends: a.yaml\n"},
                      {"model.yaml", "extends: a.yaml\ntime: 2019\n"}};
  EXPECT_TRUE(files.read());
  ASSERT_EQ(files.diagnostics.all().size(), 1u);
  EXPECT_EQ(files.diagnostics.all()[0].code, "extends-cycle");
  files.write("model.yaml", "extends: nowhere.yaml\ntime: 2019\n");
  EXPECT_TRUE(files.read());
  EXPECT_EQ(files.rendered(),
            "error: cannot read CASE/nowhere.yaml: there is no such file\n"
            " --> CASE/model.yaml:1:10\n"
            "  |\n"
            "1 | extends: nowhere.yaml\n"
            "  |          ^^^^^^^^^^^^\n");
}

TEST(CaseFolder, WhatIsNoCase) {
  TemporaryCase files{{"cases/one/model.yaml", "time: 1\n"},
                      {"cases/two/model.yaml", "time: 1\n"},
                      {"notes/readme.txt", "x"},
                      {"other/model.yml", "time: 1\n"}};
  EXPECT_FALSE(files.read("cases"));
  EXPECT_EQ(files.rendered(),
            "error: CASE/cases is not a case\n"
            "  = why: a case is a folder with a file model.yaml (beside it data/, sources.bib, "
            "checkpoints.csv, if needed)\n"
            "  = help: cases in this folder: CASE/cases/one, CASE/cases/two\n");
  EXPECT_FALSE(files.read("other"));
  EXPECT_NE(files.rendered().find("rename model.yml to model.yaml"), std::string::npos);
  EXPECT_FALSE(files.read("nowhere"));
  EXPECT_EQ(files.rendered(),
            "error: there is no folder CASE/nowhere\n"
            "  = help: `lode new NAME` writes a case that runs\n");
  EXPECT_FALSE(files.read("notes/readme.txt"));
  EXPECT_FALSE(files.read("notes"));
  EXPECT_EQ(files.diagnostics.all().size(), 1u);
}

TEST(CaseFolder, AFolderInPlaceOfTheFile) {
  TemporaryCase files{{"model.yaml/x", ""}};
  EXPECT_FALSE(files.read());
  EXPECT_EQ(files.diagnostics.error_count(), 1u);
}

TEST(CaseFolder, WithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TemporaryCase files{{"model.yaml", "time: 2019\n"}};
  std::filesystem::permissions(files.path() / "model.yaml", std::filesystem::perms::none);
  EXPECT_FALSE(files.read());
  EXPECT_EQ(files.diagnostics.error_count(), 1u);
}

const char* const checkpoint_model =
    "time: 2019\nscenarios:\n  supply: {default: low, low: {}, high: {}}\n  recycling: {default: none, none: "
    "{}, much: {}}\n";

TEST(Checkpoints, EveryColumn) {
  TemporaryCase files{
      {"model.yaml", checkpoint_model},
      {"checkpoints.csv",
       "id,what,time,value,unit,relation,tolerance,scenario,kind,locator,note\n"
       "A1,by_category['electronic devices'],2017,\"4,000\",t,~,2 %,supply=high; recycling=much,result,3.1,\n"
       "A2,first_year(gap < 0),,2020,year,=,1,,projection,,\n"
       "A3,-,,60,%,>,2 points,,input,,why not\n"
       "A4,total(x),2000-2017,5 %,,≤,,,,,sum\n"
       "A5,,,,t,,,,result,,\n"
       "A6,\"max(a, b)\",2019,7,t,,0.1,,result,,\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_EQ(files.rendered(), "");
  ASSERT_EQ(model->checkpoints.size(), 6u);
  const CheckpointDecl& first = model->checkpoints[0];
  EXPECT_EQ(print(*first.what), "by_category['electronic devices']");
  EXPECT_EQ(first.year, 2017);
  EXPECT_EQ(first.value, 4000);
  EXPECT_EQ(first.relation, "~");
  EXPECT_EQ(first.tolerance, (std::pair<double, std::string>{2, "%"}));
  EXPECT_EQ(first.scenario, (std::map<std::string, std::string>{{"supply", "high"}, {"recycling", "much"}}));
  EXPECT_EQ(model->checkpoints[1].tolerance, (std::pair<double, std::string>{1, ""}));
  EXPECT_FALSE(model->checkpoints[2].what) << "not computable";
  EXPECT_EQ(model->checkpoints[2].tolerance, (std::pair<double, std::string>{2, "points"}));
  EXPECT_EQ(model->checkpoints[2].relation, ">");
  EXPECT_FALSE(model->checkpoints[3].year);
  EXPECT_EQ(model->checkpoints[3].note, "2000-2017; sum");
  EXPECT_EQ(model->checkpoints[3].value, 5);
  EXPECT_EQ(model->checkpoints[3].unit.text, "%");
  EXPECT_EQ(model->checkpoints[3].relation, "<=");
  EXPECT_FALSE(model->checkpoints[4].value);
  EXPECT_FALSE(model->checkpoints[4].tolerance);
  const ExpressionPtr quoted = model->checkpoints[5].what;
  EXPECT_EQ(text_at(quoted->operands[1]->where), "b") << "places are right inside quotes too";
}

TEST(Checkpoints, DecimalCommas) {
  TemporaryCase files{
      {"model.yaml", "time: 2019\ndefaults: {decimal: comma}\n"},
      {"checkpoints.csv", "id;what;value;unit;tolerance\nA1;x;1.234,50;t;0,5 %\nA2;x;1,5;t;2,5 points\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_EQ(files.rendered(), "");
  ASSERT_EQ(model->checkpoints.size(), 2u);
  EXPECT_DOUBLE_EQ(*model->checkpoints[0].value, 1234.5);
  EXPECT_DOUBLE_EQ(model->checkpoints[0].rounding, 0.005);
  EXPECT_EQ(model->checkpoints[0].tolerance, (std::pair<double, std::string>{0.5, "%"}));
  EXPECT_DOUBLE_EQ(*model->checkpoints[1].value, 1.5);
  EXPECT_EQ(model->checkpoints[1].tolerance, (std::pair<double, std::string>{2.5, "points"}));
}

TEST(Case, QualityClassesInTables) {
  TemporaryCase files{{"model.yaml",
                       "time: 2019\nquality: {statistics: , guess: }\nparameters:\n  a: {table: a.csv}\n  b: "
                       "{table: b.csv}\n"},
                      {"a.csv", "value,quality\n1,statistcs\n"},
                      {"b.csv", "value,quality\n1,guess\n2,\n3,rumour\n4,rumour\n5,rumour\n"}};
  ASSERT_TRUE(files.read());
  EXPECT_EQ(
      files.rendered(),
      "warning: there is no quality class `statistcs`\n"
      " --> CASE/a.csv:2:3\n  |\n2 | 1,statistcs\n  |   ^^^^^^^^^\n  = help: did you mean `statistics`?\n\n"
      "warning: there is no quality class `rumour` (here and in 2 more rows)\n"
      " --> CASE/b.csv:4:3\n  |\n4 | 3,rumour\n  |   ^^^^^^\n  = help: declared: statistics, guess\n");
  TemporaryCase none{{"model.yaml", "time: 2019\nparameters:\n  a: {table: a.csv}\n"},
                     {"a.csv", "value,quality\n1,anything\n"}};
  ASSERT_TRUE(none.read());
  EXPECT_EQ(none.rendered(),
            "warning: no class is declared in `quality:`, and numbers that name one are certain\n"
            " --> CASE/a.csv:2:3\n  |\n2 | 1,anything\n  |   ^^^^^^^^\n  = why: named: anything\n"
            "  = help: say how uncertain they are: `quality: {anything: {normal: 5 %}}`\n");
}

TEST(Checkpoints, Mistakes) {
  TemporaryCase files{{"model.yaml", checkpoint_model},
                      {"checkpoints.csv",
                       "id,what,time,value,unit,relation,tolerance,scenario,kind,locator,wath\n"
                       "A1,x +,,1,t,=,,,result,,\n"
                       "A1,x,,many,t,=,,,result,,\n"
                       ",x,,1,t,about,,,result,,\n"
                       "A3,x,,1,t,=,-5 %,,result,,\n"
                       "A4,x,,1,t,=,few,,result,,\n"
                       "A5,x,,1,t,=,,supply,result,,\n"
                       "A6,x,,1,t,=,,suply=high,result,,\n"
                       "A7,x,,1,t,=,,supply=hihg,guess,,\n"}};
  const std::optional<Model> model = files.read();
  ASSERT_TRUE(model);
  EXPECT_EQ(model->checkpoints.size(), 8u);
  std::string codes;
  for (const Diagnostic& d : files.diagnostics.all()) codes += d.code + " ";
  EXPECT_EQ(
      codes,
      "unknown-column missing-operand duplicate-name not-a-number missing-value unknown-option not-a-number "
      "not-a-number unknown-axis unknown-axis unknown-case unknown-option ");
}

TEST(Bibtex, EntriesBracesQuotesAndStrings) {
  const auto file = std::make_shared<SourceFile>(
      "sources.bib",
      "Some words before, a@b.org too.\n@comment{ignored @article{no, a={b}}}\n@string{rcr = {Resources}}\n"
      "@Article{yao2021,\n  author = {Yao, T. and {\\\"O}zer},\n  title  = \"A {B}\n   c\",\n  journal = rcr "
      "# \" et al\",\n  year = 2021,\n}\n"
      "@misc(second, note={x})\n@book{空, title={书}}\n");
  Diagnostics diagnostics;
  const std::vector<SourceEntry> entries = parse_bibtex(file, diagnostics);
  EXPECT_EQ(render(diagnostics), "");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].key, "yao2021");
  EXPECT_EQ(entries[0].type, "article");
  EXPECT_EQ(entries[0].fields.at("title"), "A B c");
  EXPECT_EQ(entries[0].fields.at("journal"), "Resources et al");
  EXPECT_EQ(entries[0].fields.at("year"), "2021");
  EXPECT_EQ(text_at(entries[0].where), "yao2021");
  EXPECT_EQ(entries[1].fields.at("note"), "x");
  EXPECT_EQ(entries[2].fields.at("title"), "书");
}

TEST(Bibtex, Mistakes) {
  const auto codes = [](const std::string& text) {
    Diagnostics diagnostics;
    parse_bibtex(std::make_shared<SourceFile>("sources.bib", text), diagnostics);
    std::string result;
    for (const Diagnostic& d : diagnostics.all()) result += d.code + " ";
    return result;
  };
  EXPECT_EQ(codes("@misc{a, x={1}}\n@misc{a, x={2}}"), "duplicate-key ");
  EXPECT_EQ(codes("@misc{a, x={1"), "bibtex ");
  EXPECT_EQ(codes("@misc{a, x={1}"), "bibtex ");
  EXPECT_EQ(codes("@misc{, x={1}}"), "bibtex ");
  EXPECT_EQ(codes("@misc{a, x 1}"), "bibtex ");
  EXPECT_EQ(codes("@misc{a, x=\"1}"), "bibtex ");
  EXPECT_EQ(codes("@"), "");
  EXPECT_EQ(codes("@misc"), "");
  EXPECT_EQ(codes("@misc{" + std::string(5000, '{')), "bibtex ");
}

}  // namespace
}  // namespace lode
