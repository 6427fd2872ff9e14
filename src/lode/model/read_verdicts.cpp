// SPDX-License-Identifier: Apache-2.0
//
// Classifications and diagnoses are formulas: the reader writes them as equations, so that units, draws,
// scenarios and explanations need nothing of their own.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/language/make_expression.hpp"
#include "lode/model/reader.hpp"

namespace lode {
namespace {

/// `axis = label`
ExpressionPtr is_label(const NameAt& axis, const NameAt& label) {
  return make_binary("=", make_name(axis.id, axis.where), make_quoted(label.id, label.where), label.where);
}

/// What the given shares leave: 1 - a - b.
ExpressionPtr rest_of(const ClassRule& rule, const Location& where) {
  ExpressionPtr rest = make_number(1, where);
  for (const auto& [label, share] : rule.shares)
    if (share) rest = make_binary("-", rest, share, where);
  return rest;
}

/// if A = a then its share else if A = b then …, else 0
ExpressionPtr shares_formula(const NameAt& axis, const ClassRule& rule) {
  ExpressionPtr formula = make_number(0, rule.where);
  for (auto label = rule.shares.rbegin(); label != rule.shares.rend(); ++label) {
    ExpressionPtr share = label->second ? label->second : rest_of(rule, label->first.where);
    formula =
        make_conditional(is_label(axis, label->first), std::move(share), std::move(formula), rule.where);
  }
  return formula;
}

/// The first rule that holds: if c1 then … else if c2 then …, else 0
ExpressionPtr rules_formula(const NameAt& axis, const std::vector<ClassRule>& rules) {
  ExpressionPtr formula;
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    ExpressionPtr shares = shares_formula(axis, *rule);
    if (!rule->condition) {
      formula = std::move(shares);
      continue;
    }
    if (!formula) formula = make_number(0, rule->where);
    formula = make_conditional(rule->condition, std::move(shares), std::move(formula), rule->where);
  }
  return formula;
}

EquationDecl equation(std::string name, const Location& where, Title title, ExpressionPtr formula) {
  EquationDecl equation;
  equation.name = {std::move(name), where};
  equation.title = std::move(title);
  equation.pieces.push_back({std::nullopt, std::move(formula)});
  return equation;
}

Title with_words(Title title, const char* english, const char* chinese) {
  for (auto& [language, text] : title.by_language) text += language == "zh" ? chinese : english;
  return title;
}

}  // namespace

/// The shares of a rule that are plain numbers add up to one, or to less where others take the rest.
void Reader::check_split(const ClassRule& rule) {
  double sum = 0;
  bool others = false;
  for (const auto& [label, share] : rule.shares) {
    if (share && share->kind == Expression::Kind::number)
      sum += share->number;
    else
      others = true;
  }
  if (others ? sum < 1 + 1e-9 : std::abs(sum - 1) < 1e-9) return;
  Diagnostic& error = diagnostics_.error(
      "bad-split", rule.where,
      fmt::format("the classes share {:.6g} %, {} 100 %", sum * 100, others ? "more than" : "not"));
  error.help = others ? "what the others leave would be negative" : "let one of them be `rest`";
}

/// `- LABEL: condition`, or `- {where: condition, split: {a: 60 %, b: rest}}`; `else` is the last condition.
std::optional<ClassRule> Reader::class_rule_of(const YamlPtr& node) {
  if (!node->is_map() || node->keys.empty()) return std::nullopt;
  ClassRule rule;
  rule.where = node->keys.front()->where;
  const auto read_condition = [&](const YamlPtr& text) {
    if (!text->is_scalar()) return false;
    if (text->text == "else") return true;
    rule.condition = formula_of(text);
    return rule.condition != nullptr;
  };
  const YamlPtr split = node->find("split");
  if (!split) {
    if (node->keys.size() > 1) {
      diagnostics_.error("bad-rule", node->keys[1]->where, "a rule gives one class").help =
          "begin each rule with `- `; classes share by `{where: …, split: {a: 60 %, b: rest}}`";
      return std::nullopt;
    }
    rule.shares.emplace_back(NameAt{node->keys[0]->text, node->keys[0]->where}, nullptr);
    return read_condition(node->values[0]) ? std::optional(rule) : std::nullopt;
  }
  for (const YamlPtr& key : node->keys)
    if (key->text != "split" && key->text != "where") {
      diagnostics_.error("bad-rule", key->where, "beside `split:` stands only `where:`");
      return std::nullopt;
    }
  if (const YamlPtr where = node->find("where"); where && !read_condition(where)) return std::nullopt;
  bool has_rest = false;
  for (std::size_t i = 0; split->is_map() && i < split->keys.size(); ++i) {
    const YamlPtr& value = split->values[i];
    if (!value->is_scalar()) return std::nullopt;
    const bool is_rest = value->text == "rest";
    if (is_rest && has_rest) {
      diagnostics_.error("bad-split", value->where, "only one class can take the rest");
      return std::nullopt;
    }
    has_rest = has_rest || is_rest;
    ExpressionPtr share = is_rest ? nullptr : formula_of(value);
    if (!is_rest && !share) return std::nullopt;
    rule.shares.emplace_back(NameAt{split->keys[i]->text, split->keys[i]->where}, std::move(share));
  }
  if (rule.shares.empty()) {
    diagnostics_.error("bad-split", rule.where, "`split:` names no class").help =
        "write `split: {a: 60 %, b: rest}`";
    return std::nullopt;
  }
  check_split(rule);
  return rule;
}

void Reader::read_classification(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map() || !good_name(*key, "a classification")) return;
  ClassificationDecl classification{{key->text, key->where}, entry_title(*node), {}};
  claim(classification.name, "a classification");
  const YamlPtr of = node->find("of"), axes = node->find("rules");
  const ExpressionPtr whole = formula_of(of);
  if (!whole || !axes || !axes->is_map()) return;

  const std::string& name = key->text;
  const Title& title = classification.title;
  std::vector<EquationDecl> equations;
  equations.push_back(equation(name + ".whole", of->where, with_words(title, ": in all", "：总量"), whole));
  ExpressionPtr product = make_name(name + ".whole", of->where);
  for (std::size_t i = 0; i < axes->keys.size(); ++i) {
    const NameAt axis{axes->keys[i]->text, axes->keys[i]->where};
    if (!axes->values[i]->is_sequence()) return;
    std::vector<ClassRule> rules;
    for (const YamlPtr& item : axes->values[i]->values) {
      std::optional<ClassRule> rule = class_rule_of(item);
      if (!rule) return;
      if (!rules.empty() && !rules.back().condition) {
        diagnostics_.error("bad-rule", rule->where, "no cell comes to this rule")
            .labels.push_back({rules.back().where, "takes all that is left"});
        return;
      }
      rules.push_back(std::move(*rule));
    }
    if (rules.empty()) {
      diagnostics_.error("bad-rule", axis.where, fmt::format("`{}` has no rule", axis.id)).help =
          "write `- CLASS: condition`, at last `- CLASS: else`";
      return;
    }
    classification.axes.push_back(axis);
    const std::string shares = name + "." + axis.id;
    equations.push_back(
        equation(shares, axis.where, with_words(title, ": shares", "：占比"), rules_formula(axis, rules)));
    product = make_binary("*", product, make_name(shares, axis.where), of->where);
  }
  equations.push_back(equation(name, key->where, title, product));

  const ExpressionPtr sum = make_call("sum", {make_name(name, of->where)}, classification.axes, of->where);
  equations.push_back(equation(name + ".unclassified", key->where,
                               with_words(title, ": in no class", "：未归类"),
                               make_binary("-", make_name(name + ".whole", of->where), sum, of->where)));
  for (EquationDecl& each : equations) model_.equations.push_back(std::move(each));
  model_.classifications.push_back(std::move(classification));
}

void Reader::read_diagnosis(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map() || !good_name(*key, "an indicator")) return;
  DiagnosisDecl diagnosis;
  diagnosis.name = {key->text, key->where};
  diagnosis.title = entry_title(*node);
  AlertDecl limits;
  limits.at_least = limit_of(node->find("at_least"));
  limits.at_most = limit_of(node->find("at_most"));
  limits.source = joined_of(node->find("source"));
  limits.severity.text = "note";
  if (!node->find_key("at_least") && !node->find_key("at_most"))
    diagnostics_.error("missing-key", key->where, fmt::format("the indicator `{}` has no limit", key->text))
        .help = "write `at_least: 60 %`, `at_most: 10 %` or `at_most: limit`";
  const auto add = [&](const NameAt& stage) {
    AlertDecl cell = limits;
    cell.quantity = {fmt::format("diagnosis.{}.{}", key->text, stage.id), stage.where};
    diagnosis.stages.push_back(stage);
    diagnosis.cells.push_back(std::move(cell));
  };
  if (const YamlPtr stages = node->find("stages")) {
    for (std::size_t i = 0; stages->is_map() && i < stages->keys.size(); ++i) {
      const NameAt stage{stages->keys[i]->text, stages->keys[i]->where};
      if (std::none_of(model_.stages.begin(), model_.stages.end(),
                       [&](const StageDecl& each) { return each.name.id == stage.id; })) {
        Diagnostic& error =
            diagnostics_.error("unknown-name", stage.where, fmt::format("there is no stage `{}`", stage.id));
        std::vector<std::string> names;
        for (const StageDecl& each : model_.stages) names.push_back(each.name.id);
        error.help = suggestion(diagnostics_, stage.id, names);
        if (error.help.empty())
          error.help = names.empty() ? "declare it under `stages:`" : "stages: " + listing(names);
        continue;
      }
      ExpressionPtr formula = formula_of(stages->values[i]);
      if (!formula) continue;
      add(stage);
      model_.equations.push_back(
          equation(diagnosis.cells.back().quantity.id, stage.where, diagnosis.title, std::move(formula)));
    }
  } else if (key->text == "balance" || key->text == "spread") {
    diagnosis.kind = key->text == "balance" ? DiagnosisDecl::Kind::balance : DiagnosisDecl::Kind::spread;
    if (diagnosis.kind == DiagnosisDecl::Kind::spread &&
        (!limits.at_most || !limits.at_most->value || limits.at_most->value->unit))
      diagnostics_
          .error("bad-limit", key->where,
                 "`spread` is a part of the value: its limit is a plain number or per cent")
          .help = "write `spread: {at_most: 20 %}`";
    for (const StageDecl& stage : model_.stages)
      if (std::any_of(model_.processes.begin(), model_.processes.end(), [&](const ProcessDecl& process) {
            return process.stage && process.stage->id == stage.name.id && !process.outside;
          }))
        add({stage.name.id, key->where});
  } else {
    diagnostics_
        .error("missing-key", key->where, fmt::format("the indicator `{}` has no formulas", key->text))
        .help = "write `stages:` with a formula for each; `balance` and `spread` have their own";
  }
  model_.diagnosis.push_back(std::move(diagnosis));
}

}  // namespace lode
