// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lode/model/reader.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

Interpolation interpolation_of(const std::string& word) {
  if (word == "linear") return Interpolation::linear;
  if (word == "geometric") return Interpolation::geometric;
  if (word == "step") return Interpolation::step;
  return Interpolation::none;
}

Extrapolation extrapolation_of(const std::string& word) {
  if (word == "hold") return Extrapolation::hold;
  if (word == "trend") return Extrapolation::trend;
  if (word == "zero") return Extrapolation::zero;
  return Extrapolation::none;
}

/// A misspelt key is reported by itself; what seems missing may be that key.
bool has_unknown_key(const YamlNode& node) {
  const std::vector<std::string> known = entry_keys("parameters");
  return std::any_of(node.keys.begin(), node.keys.end(), [&](const YamlPtr& key) {
    return std::find(known.begin(), known.end(), key->text) == known.end();
  });
}

}  // namespace

void Reader::read_parameter(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "a parameter")) return;
  ParameterDecl parameter;
  parameter.name = {key->text, key->where};
  claim(parameter.name, "a parameter");
  if (node->is_scalar()) {
    parameter.value = value_of(node);
  } else if (node->is_map()) {
    parameter.title = entry_title(*node);
    parameter.over = names_of(node->find("over"), "a dimension");
    parameter.unit = scalar_of(node->find("unit"));
    parameter.value = value_of(node->find("value"));
    parameter.table = table_of(*node);
    read_parameter_options(parameter, *node);
    read_borrowed(parameter, node->find("from"));
    const YamlPtr value_key = node->find_key("value");
    const YamlPtr table_key = node->find_key("table");
    const YamlPtr from_key = node->find_key("from");
    if (from_key && (value_key || table_key)) {
      two_places(diagnostics_.error("two-values", from_key->where,
                                    fmt::format("`{}` has results of another case and {}", parameter.name.id,
                                                value_key ? "a value" : "a table")),
                 "results here", (value_key ? value_key : table_key)->where,
                 value_key ? "a value here" : "a table here");
    } else if (value_key && table_key) {
      two_places(diagnostics_.error("two-values", table_key->where,
                                    fmt::format("`{}` has a value and a table", parameter.name.id)),
                 "a table here", value_key->where, "a value here");
    } else if (!value_key && !table_key && !from_key && !has_unknown_key(*node)) {
      diagnostics_
          .error("no-value", key->where, fmt::format("`{}` has neither `value:` nor `table:`", key->text))
          .help = "write `value: 60 %`, or `table: data/….csv`; `lode tables` writes an empty one";
    }
  }
  if (parameter.value && parameter.value->percent && parameter.unit &&
      parameter.unit->text.find('%') != std::string::npos) {
    Diagnostic& error = diagnostics_.error("percent-twice", parameter.unit->where,
                                           "the unit and the value both have a percent sign");
    two_places(error, "once here", parameter.value->where, "once here");
    error.help = "drop one of the two: `unit: %/yr, value: 5` and `value: 5 %/yr` mean the same";
  }
  model_.parameters.push_back(std::move(parameter));
}

void Reader::read_parameter_options(ParameterDecl& parameter, const YamlNode& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i]->text;
    const YamlPtr& value = node.values[i];
    if (key == "interpolate") parameter.interpolate = interpolation_of(value->text);
    if (key == "extrapolate") parameter.extrapolate = extrapolation_of(value->text);
    if (key == "missing" && value->is_scalar()) {
      parameter.missing_value = 0;
      if (value->text == "absent") {
        parameter.missing = Missing::absent;
      } else if (value->text == "error") {
        parameter.missing = Missing::error;
      } else if (const std::optional<double> number = number_of(value, "`missing`")) {
        parameter.missing = Missing::value;
        parameter.missing_value = *number;
      }
    }
    if (key == "where") parameter.where = formula_of(value);
    if (key == "source") parameter.source = joined_of(value);
    if (key == "quality") parameter.quality = scalar_of(value);
    if (key == "note" && value->is_scalar()) parameter.note = value->text;
    if (key == "data_year") parameter.data_year = year_of(value, "`data_year`");
    if (key == "derived_from") parameter.derived_from = joined_of(value);
    if (key == "sums_to") parameter.sums_to = value_of(value);
    if (key == "sums_rule" && value->is_scalar()) parameter.sums_rule = value->text;
  }
  UncertaintyDecl given = uncertainty_of(node);
  if (given.distribution) parameter.uncertainty.distribution = std::move(given.distribution);
  if (given.independent) parameter.uncertainty.independent = std::move(given.independent);
  if (given.autocorrelation) {
    parameter.uncertainty.autocorrelation = given.autocorrelation;
    parameter.uncertainty.autocorrelation_where = given.autocorrelation_where;
  }
}

std::optional<LimitDecl> Reader::limit_of(const YamlPtr& node) {
  if (!node || !node->is_scalar()) return std::nullopt;
  Diagnostics silent;
  const std::optional<ValueText> value = parse_value(formula_text(*node), silent);
  // `2 * cap` begins as a value does, with the persons that `cap` may be.
  const auto is_unit = [](const std::string& text) {
    return !text.starts_with('*') && parse_unit(text).unit;
  };
  if (value && (!value->unit || is_unit(value->unit->text))) return LimitDecl{value, nullptr};
  ExpressionPtr formula = formula_of(node);
  if (!formula) return std::nullopt;
  return LimitDecl{std::nullopt, std::move(formula)};
}

void Reader::read_alert(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map()) return;
  AlertDecl alert;
  alert.quantity = {key->text, key->where};
  alert.title = entry_title(*node);
  alert.at_least = limit_of(node->find("at_least"));
  alert.at_most = limit_of(node->find("at_most"));
  alert.from = year_of(node->find("from"), "`from`");
  if (std::optional<Scalar> severity = scalar_of(node->find("severity"))) alert.severity = *severity;
  alert.source = joined_of(node->find("source"));
  if (!node->find_key("at_least") && !node->find_key("at_most"))
    diagnostics_.error("missing-key", key->where, fmt::format("the alert on `{}` has no limit", key->text))
        .help = "write `at_least: 60 %`, `at_most: 100 t` or `at_least: target`";
  model_.alerts.push_back(std::move(alert));
}

}  // namespace lode
