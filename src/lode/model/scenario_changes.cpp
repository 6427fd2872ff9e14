// SPDX-License-Identifier: Apache-2.0
#include "lode/model/scenario_changes.hpp"

#include <algorithm>
#include <functional>

#include "lode/model/yaml.hpp"

namespace lode {

namespace {

template <class List>
bool has(const List& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& item) { return item.name.id == name; });
}

/// The parameter that an override's key changes, "" if it changes something else.
std::string changed_parameter(const Model& model, const std::string& key) {
  if (has(model.parameters, key)) return key;
  if (has(model.equations, key)) return "";
  const std::string thing = key.substr(0, key.find('.'));
  return !has(model.stocks, thing) && has(model.parameters, thing) ? thing : "";
}

bool names(const ExpressionPtr& expression, const std::string& name) {
  if (!expression) return false;
  const Expression& e = *expression;
  if (e.kind == Expression::Kind::name && e.text == name) return true;
  const auto any = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(),
                       [&](const ExpressionPtr& part) { return names(part, name); });
  };
  return any(e.operands) || names(e.filter, name) || names(e.from, name) || names(e.to, name) ||
         std::any_of(e.keywords.begin(), e.keywords.end(),
                     [&](const auto& keyword) { return names(keyword.second, name); });
}

bool names(const LifetimeDecl& lifetime, const std::string& name) {
  return names(lifetime.share, name) || names(lifetime.stated_mean, name) ||
         names(lifetime.stated_deviation, name) ||
         std::any_of(lifetime.parameters.begin(), lifetime.parameters.end(),
                     [&](const auto& parameter) { return names(parameter.second, name); }) ||
         std::any_of(lifetime.parts.begin(), lifetime.parts.end(),
                     [&](const LifetimeDecl& part) { return names(part, name); });
}

/// Whether some formula or condition asks for the case of an axis: then it is structure.
bool asked_for(const Model& model, const std::string& axis) {
  const auto in_pieces = [&](const std::vector<PieceDecl>& pieces) {
    return std::any_of(pieces.begin(), pieces.end(),
                       [&](const PieceDecl& piece) { return names(piece.formula, axis); });
  };
  const auto any = [](const auto& list, const auto& asks) {
    return std::any_of(list.begin(), list.end(), asks);
  };
  const auto limited = [&](const AlertDecl& each) {
    return (each.at_least && names(each.at_least->formula, axis)) ||
           (each.at_most && names(each.at_most->formula, axis));
  };
  return any(model.conditions, [&](const auto& each) { return names(each.expression, axis); }) ||
         any(model.dimensions, [&](const auto& each) { return names(each.where, axis); }) ||
         any(model.parameters, [&](const auto& each) { return names(each.where, axis); }) ||
         any(model.equations, [&](const auto& each) { return in_pieces(each.pieces); }) ||
         any(model.relations, [&](const ExpressionPtr& each) { return names(each, axis); }) ||
         any(model.solves, [&](const auto& each) { return names(each.so_that, axis); }) ||
         any(model.checkpoints, [&](const auto& each) { return names(each.what, axis); }) ||
         any(model.alerts, limited) ||
         any(model.diagnosis, [&](const DiagnosisDecl& each) { return any(each.cells, limited); }) ||
         any(model.processes,
             [&](const auto& each) {
               return any(each.transfer, [&](const auto& part) { return names(part.share, axis); });
             }) ||
         any(model.stocks, [&](const StockDecl& each) {
           return in_pieces(each.level) || names(each.change, axis) || names(each.initial, axis) ||
                  names(each.hazard, axis) || (each.lifetime && names(*each.lifetime, axis)) ||
                  any(each.carries, [&](const auto& part) { return names(part.second, axis); });
         });
}

/// Whether another case takes the case of this axis, so that its results change with it.
bool matched(const Model& model, const std::string& lender, const std::string& axis) {
  return std::any_of(model.cases.begin(), model.cases.end(), [&](const CaseDecl& each) {
    return each.name.id == lender &&
           std::any_of(each.match.begin(), each.match.end(),
                       [&](const CaseDecl::Match& one) { return one.axis.id == axis; });
  });
}

}  // namespace

ScenarioChanges changes_between(const Model& as_read, const std::map<std::string, std::string>& a,
                                const std::map<std::string, std::string>& b) {
  ScenarioChanges changes;
  for (const ScenarioAxis& axis : as_read.axes) {
    const auto chosen = [&](const std::map<std::string, std::string>& choice) {
      const auto found = choice.find(axis.name.id);
      return found == choice.end() ? axis.fallback.id : found->second;
    };
    const std::string cases[] = {chosen(a), chosen(b)};
    if (cases[0] == cases[1]) continue;
    for (std::size_t k = 0; k < axis.cases.size(); ++k) {
      if (axis.cases[k].id != cases[0] && axis.cases[k].id != cases[1]) continue;
      for (const YamlPtr& key : axis.overrides[k]->keys) {
        const std::string parameter = changed_parameter(as_read, key->text);
        if (parameter.empty())
          changes.only_values = false;
        else
          changes.parameters.insert(parameter);
      }
    }
    for (const ParameterDecl& parameter : as_read.parameters)
      for (const BorrowDecl& borrowed : parameter.from)
        if (matched(as_read, borrowed.lender.id, axis.name.id)) changes.parameters.insert(parameter.name.id);
    // A table may have a column named after the axis; whose it is under other cases too is not looked for.
    const auto by_case = [&](const auto& table) {
      return table.second && table.second->column(axis.name.id);
    };
    if (std::any_of(as_read.tables.begin(), as_read.tables.end(), by_case)) {
      for (const ParameterDecl& parameter : as_read.parameters)
        if (parameter.table && parameter.table->table && parameter.table->table->column(axis.name.id))
          changes.parameters.insert(parameter.name.id);
      for (const ScenarioAxis& other : as_read.axes)
        for (const auto& overrides : other.overrides)
          for (const YamlPtr& key : overrides->keys)
            if (std::string name = changed_parameter(as_read, key->text); !name.empty())
              changes.parameters.insert(std::move(name));
    }
    if (asked_for(as_read, axis.name.id)) changes.only_values = false;
  }
  return changes;
}

}  // namespace lode
