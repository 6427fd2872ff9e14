// SPDX-License-Identifier: Apache-2.0
#include "lode/api/unused.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "lode/language/lexer.hpp"
#include "lode/model/yaml.hpp"
#include "lode/support/utf8.hpp"

namespace lode {

namespace {

/// Gathers every word that stands in a formula. A label that is called like a parameter hides that nothing
/// uses it; the opposite, a false alarm, cannot be.
class Words {
 public:
  explicit Words(const Model& model) {
    for (const ConditionDecl& each : model.conditions) add(each.expression);
    for (const DimensionDecl& each : model.dimensions) add(each.where);
    for (const ParameterDecl& each : model.parameters) {
      add(each.where);
      for (const ConditionalValue& change : each.changes) words_.insert(change.condition.id);
    }
    for (const ProcessDecl& each : model.processes)
      for (const TransferDecl& transfer : each.transfer) add(transfer.share);
    for (const StockDecl& each : model.stocks) add(each);
    for (const EquationDecl& each : model.equations) {
      if (each.where) words_.insert(each.where->id);
      add(each.pieces);
    }
    for (const ExpressionPtr& each : model.relations) add(each);
    for (const SolveDecl& each : model.solves) add(each.so_that);
    for (const AlertDecl& each : model.alerts) {
      add(each.quantity.id);
      for (const auto& limit : {each.at_least, each.at_most})
        if (limit) add(limit->formula);
    }
    for (const DiagnosisDecl& each : model.diagnosis)
      if (!each.cells.empty())  // all have the same limits
        for (const auto& limit : {each.cells.front().at_least, each.cells.front().at_most})
          if (limit) add(limit->formula);
    for (const CheckpointDecl& each : model.checkpoints) add(each.what);
    for (const ScenarioAxis& axis : model.axes)
      for (const auto& changes : axis.overrides)
        if (changes)
          for (const YamlPtr& value : changes->values) add(value);
  }
  bool have(const std::string& name) const { return words_.count(name) > 0; }

 private:
  void add(const std::string& text) {
    std::string word;
    for (std::size_t i = 0; i < text.size();) {
      const std::string character = text.substr(i, decode_utf8(text, i).length);
      i += character.size();
      if (is_plain_word("x" + character)) {
        word += character;
        if (i < text.size()) continue;
      }
      words_.insert(word);
      word.clear();
    }
  }
  void add(const ExpressionPtr& formula) {
    if (formula) add(print(*formula));
  }
  void add(const std::vector<PieceDecl>& pieces) {
    for (const PieceDecl& piece : pieces) {
      if (piece.condition) words_.insert(piece.condition->id);
      add(piece.formula);
    }
  }
  void add(const StockDecl& stock) {
    add(stock.level);
    for (const ExpressionPtr& each : {stock.change, stock.initial, stock.hazard}) add(each);
    for (const auto& [name, content] : stock.carries) add(content);
    for (const auto& name : {stock.inflow, stock.outflow, stock.used_in, stock.used_out})
      if (name) words_.insert(name->id);
    if (stock.lifetime) add(*stock.lifetime);
  }
  void add(const LifetimeDecl& lifetime) {
    for (const auto& [name, value] : lifetime.parameters) add(value);
    for (const LifetimeDecl& part : lifetime.parts) add(part);
    for (const ExpressionPtr& each : {lifetime.share, lifetime.stated_mean, lifetime.stated_deviation})
      add(each);
  }
  /// A changed value: its keys are conditions or options, its texts may be formulas.
  void add(const YamlPtr& node) {
    if (!node) return;
    if (node->is_scalar()) add(node->text);
    for (const YamlPtr& key : node->keys)
      if (key) words_.insert(key->text);
    for (const YamlPtr& value : node->values) add(value);
  }

  std::set<std::string> words_;
};

}  // namespace

void tell_unused(const Model& model, Diagnostics& diagnostics) {
  const Words words(model);
  const auto judge = [&](const NameAt& name, const char* kind) {
    if (name.where.file != model.file || words.have(name.id)) return;
    diagnostics.warning("unused", name.where, fmt::format("nothing uses the {} `{}`", kind, name.id));
  };
  for (const ParameterDecl& each : model.parameters) judge(each.name, "parameter");
  for (const ConditionDecl& each : model.conditions) judge(each.name, "condition");
  for (const CaseDecl& each : model.cases) {
    const auto takes = [&](const ParameterDecl& parameter) {
      return std::any_of(parameter.from.begin(), parameter.from.end(),
                         [&](const BorrowDecl& borrowed) { return borrowed.lender.id == each.name.id; });
    };
    if (each.name.where.file == model.file &&
        std::none_of(model.parameters.begin(), model.parameters.end(), takes))
      diagnostics.warning("unused", each.name.where,
                          fmt::format("nothing is taken from the case `{}`", each.name.id));
  }
}

}  // namespace lode
