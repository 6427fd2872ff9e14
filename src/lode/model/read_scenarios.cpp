// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lode/model/reader.hpp"

namespace lode {
namespace {

const std::set<std::string> stock_options = {"lifetime",  "stock",      "change",          "initial",
                                             "inflow_at", "outflow_by", "negative_inflow", "join",
                                             "hazard",    "carries",    "points"};
const std::set<std::string> parameter_options = {
    "value", "table",  "column",  "columns", "interpolate", "extrapolate", "missing",
    "times", "source", "quality", "note",    "data_year",   "derived_from"};
const std::set<std::string> fixed_options = {"over", "unit", "from", "to", "where", "process", "outside"};

template <class List>
void add_names(const List& list, std::vector<std::string>& names) {
  for (const auto& item : list) names.push_back(item.name.id);
}

/// The shape of one key of a section's entry, to check an override against; null if there is none.
const Shape* option_shape(const std::string& section, const std::string& option) {
  const Shape& entry = entry_shape(section);
  const auto look = [&](const Shape& shape) -> const Shape* {
    for (const KeySpec& spec : shape.keys)
      if (spec.name == option) return &spec.shape;
    return nullptr;
  };
  if (const Shape* found = look(entry)) return found;
  for (const Shape& alternative : entry.any)
    if (const Shape* found = look(alternative)) return found;
  return nullptr;
}

}  // namespace

void Reader::read_axis(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map() || !good_name(*key, "a scenario axis", true)) return;
  ScenarioAxis axis;
  axis.name = {key->text, key->where};
  std::optional<NameAt> fallback;
  for (std::size_t i = 0; i < node->keys.size(); ++i) {
    const YamlNode& name = *node->keys[i];
    const YamlPtr& value = node->values[i];
    if (name.text == "default") {
      if (value->is_scalar())
        fallback = NameAt{value->text, value->where};
      else
        diagnostics_.error("wrong-kind", value->where, "`default` names one of the cases");
      continue;
    }
    if (name.text == "name" || name.text == "title") {
      axis.title = title_of(value);
      continue;
    }
    if (!value->is_map() && !value->is_null()) {
      diagnostics_
          .error("wrong-kind", value->where,
                 fmt::format("the case `{}` must be a group of what it changes, like {{growth: 8 %/yr}}",
                             name.text))
          .help = "a case that changes nothing is `{}`";
      continue;
    }
    Title title;
    auto changes = std::make_shared<YamlNode>();
    changes->kind = YamlNode::Kind::map;
    changes->where = value->where;
    for (std::size_t k = 0; k < value->keys.size(); ++k) {
      const bool is_title = (value->keys[k]->text == "name" || value->keys[k]->text == "title") &&
                            index_.find(model_.parameters, value->keys[k]->text) == model_.parameters.end() &&
                            index_.find(model_.equations, value->keys[k]->text) == model_.equations.end();
      if (is_title) {
        title = title_of(value->values[k]);
        continue;
      }
      changes->keys.push_back(value->keys[k]);
      changes->values.push_back(value->values[k]);
    }
    axis.cases.push_back({name.text, name.where});
    axis.case_titles.push_back(std::move(title));
    axis.overrides.push_back(std::move(changes));
  }
  if (axis.cases.empty()) {
    diagnostics_
        .error("missing-key", key->where, fmt::format("the scenario axis `{}` has no cases", key->text))
        .help = "write `default: today`, `today: {}` and the others";
    return;
  }
  if (!fallback) {
    diagnostics_
        .error("missing-key", key->where, fmt::format("the scenario axis `{}` has no default", key->text))
        .help = fmt::format("write `default: {}`", axis.cases.front().id);
    fallback = axis.cases.front();
  }
  std::vector<std::string> names;
  for (const NameAt& name : axis.cases) names.push_back(name.id);
  if (std::find(names.begin(), names.end(), fallback->id) == names.end()) {
    Diagnostic& error = diagnostics_.error("unknown-case", fallback->where,
                                           fmt::format("`{}` has no case `{}`", key->text, fallback->id));
    error.help = suggestion(diagnostics_, fallback->id, names);
    if (error.help.empty()) error.help = fmt::format("its cases: {}", listing(names));
    fallback = axis.cases.front();
  }
  axis.fallback = *fallback;
  model_.axes.push_back(std::move(axis));
}

void Reader::check_cases() {
  // Cases that are not run are applied too, and taken back, so that their mistakes are found today.
  const auto try_on = [&](auto& list, const std::string& id, const YamlNode& key, const YamlNode& value) {
    const auto found = index_.find(list, id);
    if (found == list.end()) return false;
    auto kept = *found;
    apply_override(key, value);
    *index_.find(list, id) = std::move(kept);
    return true;
  };
  for (const ScenarioAxis& axis : model_.axes) {
    for (const auto& changes : axis.overrides) {
      for (std::size_t i = 0; i < changes->keys.size(); ++i) {
        const YamlNode& key = *changes->keys[i];
        const YamlNode& value = *changes->values[i];
        const std::string thing = key.text.substr(0, key.text.find('.'));
        if (try_on(model_.parameters, thing, key, value) || try_on(model_.equations, thing, key, value) ||
            try_on(model_.equations, key.text, key, value) || try_on(model_.stocks, thing, key, value) ||
            try_on(model_.processes, thing, key, value))
          continue;
        const std::size_t equations = model_.equations.size();
        apply_override(key, value);
        model_.equations.resize(equations);
      }
    }
  }
}

bool Reader::known_condition(const YamlNode& key) {
  if (index_.find(model_.conditions, key.text) != model_.conditions.end()) return true;
  std::vector<std::string> names;
  if (guessing(model_.conditions.size())) add_names(model_.conditions, names);
  Diagnostic& error =
      diagnostics_.error("unknown-name", key.where, fmt::format("there is no condition `{}`", key.text));
  error.help = suggestion(diagnostics_, key.text, names);
  if (error.help.empty())
    error.help =
        names.empty() ? std::string("name it in `when:`") : fmt::format("conditions: {}", listing(names));
  return false;
}

void Reader::override_parameter(ParameterDecl& parameter, const YamlNode& key, const YamlNode& value) {
  if (value.is_scalar()) {
    parameter.value = value_of(std::make_shared<YamlNode>(value));
    parameter.table.reset();
    parameter.from.clear();
    return;
  }
  if (!value.is_map() || value.keys.empty()) {
    diagnostics_
        .error("wrong-kind", value.where, fmt::format("`{}` is a parameter: give it a value", key.text))
        .help = "`60 %`, `{table: data/….csv}`, `{times: 0.5}` or `{condition: 60 %}`";
    return;
  }
  bool options = false;
  for (const YamlPtr& k : value.keys) {
    if (fixed_options.count(k->text) > 0 &&
        index_.find(model_.conditions, k->text) == model_.conditions.end()) {
      diagnostics_.error("fixed-option", k->where, fmt::format("a scenario cannot change `{}`", k->text))
          .why = "dimensions and units are the same in all cases";
      return;
    }
    options = options || (parameter_options.count(k->text) > 0 &&
                          index_.find(model_.conditions, k->text) == model_.conditions.end());
  }
  if (!options) {
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      if (!known_condition(*value.keys[i])) continue;
      ConditionalValue change;
      change.condition = {value.keys[i]->text, value.keys[i]->where};
      const YamlPtr& given = value.values[i];
      if (given->is_scalar()) {
        change.value = value_of(given);
      } else if (given->is_map() && given->find_key("table")) {
        change.table = table_of(*given);
      } else {
        diagnostics_.error("wrong-kind", given->where,
                           "under a condition stands a value or `{table: data/….csv}`");
        continue;
      }
      if (change.value || change.table) parameter.changes.push_back(std::move(change));
    }
    return;
  }
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const std::string& option = value.keys[i]->text;
    if (parameter_options.count(option) == 0) {
      const std::vector<std::string> names(parameter_options.begin(), parameter_options.end());
      diagnostics_
          .error("unknown-key", value.keys[i]->where,
                 fmt::format("a changed parameter has no key `{}`", option))
          .help = suggestion(diagnostics_, option, names);
      continue;
    }
    if (option == "times") {
      if (const std::optional<double> factor = number_of(value.values[i], "`times`"))
        parameter.times *= *factor;
    } else if (const Shape* shape = option_shape("parameters", option)) {
      check_shape(*value.values[i], *shape, fmt::format("`{}`", option), true, diagnostics_);
    }
  }
  if (value.find_key("value")) {
    parameter.value = value_of(value.find("value"));
    parameter.table.reset();
  }
  if (value.find_key("table")) {
    parameter.table = table_of(value);
    parameter.value.reset();
  } else if (parameter.table) {
    if (std::optional<Scalar> column = scalar_of(value.find("column"))) parameter.table->column = column;
  }
  if (parameter.value || value.find("table")) parameter.from.clear();
  read_parameter_options(parameter, value);
  if (!value.find("quality")) return;
  parameter.uncertainty.distribution.reset();
  parameter.quality_for_all = !value.find("table");
}

void Reader::override_equation(EquationDecl& equation, const YamlNode& value) {
  if (value.is_scalar()) {
    equation.pieces = pieces_of(std::make_shared<YamlNode>(value));
    return;
  }
  if (!value.is_map() || value.keys.empty()) {
    diagnostics_
        .error("wrong-kind", value.where,
               fmt::format("`{}` is an equation: give it a formula", equation.name.id))
        .help = "write a formula, or one for each condition";
    return;
  }
  for (const YamlPtr& k : value.keys) {
    if ((k->text == "over" || k->text == "unit") &&
        index_.find(model_.conditions, k->text) == model_.conditions.end()) {
      diagnostics_.error("fixed-option", k->where, fmt::format("a scenario cannot change `{}`", k->text))
          .why = "dimensions and units are the same in all cases";
      return;
    }
  }
  if (const YamlPtr equals = value.find("equals")) {
    equation.pieces = pieces_of(equals);
    return;
  }
  for (const YamlPtr& k : value.keys)
    if (k->text != "else" && k->text != "always" && !known_condition(*k)) return;
  std::vector<PieceDecl> pieces = pieces_from(value);
  const auto same = [](const PieceDecl& a, const PieceDecl& b) {
    return a.condition && b.condition && a.condition->id == b.condition->id;
  };
  const auto has = [&](const std::vector<PieceDecl>& list, const PieceDecl& piece) {
    return std::any_of(list.begin(), list.end(), [&](const PieceDecl& p) { return same(p, piece); });
  };
  // Pieces that the equation has already are exchanged and the others stay; a single formula holds elsewhere.
  const bool exchanges =
      std::all_of(pieces.begin(), pieces.end(), [&](const PieceDecl& p) { return has(equation.pieces, p); });
  if (exchanges) {
    for (PieceDecl& old : equation.pieces)
      for (const PieceDecl& piece : pieces)
        if (same(old, piece)) old.formula = piece.formula;
    return;
  }
  const bool has_else = std::any_of(pieces.begin(), pieces.end(), [](const PieceDecl& p) {
    return !p.condition || p.condition->id == "else";
  });
  if (equation.pieces.size() == 1 && !equation.pieces.front().condition && !has_else)
    pieces.push_back({NameAt{"else", value.where}, equation.pieces.front().formula});
  equation.pieces = std::move(pieces);
}

void Reader::override_option(const YamlNode& key, const YamlNode& value) {
  const std::size_t dot = key.text.find('.');
  const std::string thing = key.text.substr(0, dot);
  const std::string option = key.text.substr(dot + 1);
  auto one = std::make_shared<YamlNode>();
  one->kind = YamlNode::Kind::map;
  one->where = value.where;
  auto option_key = std::make_shared<YamlNode>(key);
  option_key->text = option;
  one->keys.push_back(option_key);
  one->values.push_back(std::make_shared<YamlNode>(value));
  const auto check = [&](const std::string& section) {
    const Shape* shape = option_shape(section, option);
    const std::size_t before = diagnostics_.error_count();
    if (shape) check_shape(value, *shape, fmt::format("`{}`", key.text), true, diagnostics_);
    return shape && diagnostics_.error_count() == before;
  };
  if (const auto stock = index_.find(model_.stocks, thing); stock != model_.stocks.end()) {
    if (stock_options.count(option) > 0) {
      if (check("stocks")) read_stock_options(*stock, *one);
      return;
    }
    const std::vector<std::string> names(stock_options.begin(), stock_options.end());
    Diagnostic& error =
        diagnostics_.error("unknown-key", key.where,
                           fmt::format("a scenario cannot change `{}` of the stock `{}`", option, thing));
    error.help = suggestion(diagnostics_, option, names);
    if (error.help.empty()) error.help = fmt::format("it can change: {}", listing(names));
    return;
  }
  if (const auto parameter = index_.find(model_.parameters, thing); parameter != model_.parameters.end()) {
    override_parameter(*parameter, key, *one);
    return;
  }
  if (const auto process = index_.find(model_.processes, thing);
      process != model_.processes.end() && option == "transfer") {
    if (!check("processes")) return;
    process->transfer.clear();
    read_transfer(*process, one->values.front());
    return;
  }
  std::vector<std::string> names;
  if (guessing(model_.stocks.size() * stock_options.size() + model_.processes.size())) {
    for (const StockDecl& stock : model_.stocks)
      for (const std::string& o : stock_options) names.push_back(stock.name.id + "." + o);
    for (const ProcessDecl& process : model_.processes) names.push_back(process.name.id + ".transfer");
  }
  diagnostics_
      .error("unknown-name", key.where, fmt::format("there is nothing called `{}` to change", key.text))
      .help = suggestion(diagnostics_, key.text, names);
}

void Reader::apply_override(const YamlNode& key, const YamlNode& value) {
  const auto parameter = index_.find(model_.parameters, key.text);
  if (parameter != model_.parameters.end()) return override_parameter(*parameter, key, value);
  const auto equation = index_.find(model_.equations, key.text);
  if (equation != model_.equations.end()) return override_equation(*equation, value);
  if (key.text.find('.') != std::string::npos) return override_option(key, value);
  if (index_.find(model_.stocks, key.text) != model_.stocks.end()) {
    diagnostics_
        .error("wrong-kind", key.where, fmt::format("`{}` is a stock: name what of it changes", key.text))
        .help = fmt::format("write `{}.lifetime: {{fixed: 12}}`", key.text);
    return;
  }
  if (index_.find(model_.flows, key.text) != model_.flows.end()) {
    EquationDecl added;
    added.name = {key.text, key.where};
    override_equation(added, value);
    if (!added.pieces.empty()) model_.equations.push_back(std::move(added));
    return;
  }
  std::vector<std::string> names;
  if (guessing(model_.parameters.size() + model_.equations.size())) {
    add_names(model_.parameters, names);
    add_names(model_.equations, names);
  }
  Diagnostic& error = diagnostics_.error(
      "unknown-name", key.where, fmt::format("there is no parameter or equation `{}` to change", key.text));
  error.help = suggestion(diagnostics_, key.text, names);
}

void apply_scenario(Model& model, const std::map<std::string, std::string>& choice,
                    Diagnostics& diagnostics) {
  std::vector<std::string> axis_names;
  for (const ScenarioAxis& axis : model.axes) axis_names.push_back(axis.name.id);
  for (const auto& [axis, chosen] : choice) {
    if (std::find(axis_names.begin(), axis_names.end(), axis) != axis_names.end()) continue;
    Diagnostic& error =
        diagnostics.error("unknown-axis", {}, fmt::format("there is no scenario axis `{}`", axis));
    error.help = suggestion(diagnostics, axis, axis_names);
    if (error.help.empty())
      error.help = axis_names.empty() ? std::string("the model has no scenarios")
                                      : fmt::format("axes: {}", listing(axis_names));
  }
  struct Change {
    const ScenarioAxis* axis;
    Location where;
  };
  std::map<std::string, Change> changed;
  Reader reader(model, diagnostics, !model.folder.empty());
  model.scenario.clear();
  const std::vector<ScenarioAxis> axes = model.axes;
  for (const ScenarioAxis& axis : axes) {
    const auto given = choice.find(axis.name.id);
    const std::string& wanted = given == choice.end() ? axis.fallback.id : given->second;
    const auto found =
        std::find_if(axis.cases.begin(), axis.cases.end(), [&](const NameAt& n) { return n.id == wanted; });
    if (found == axis.cases.end()) {
      std::vector<std::string> names;
      for (const NameAt& name : axis.cases) names.push_back(name.id);
      Diagnostic& error = diagnostics.error("unknown-case", axis.name.where,
                                            fmt::format("`{}` has no case `{}`", axis.name.id, wanted));
      error.help = suggestion(diagnostics, wanted, names);
      if (error.help.empty()) error.help = fmt::format("its cases: {}", listing(names));
      continue;
    }
    model.scenario[axis.name.id] = wanted;
    const YamlNode& changes = *axis.overrides[static_cast<std::size_t>(found - axis.cases.begin())];
    for (std::size_t i = 0; i < changes.keys.size(); ++i) {
      const YamlNode& key = *changes.keys[i];
      const auto [earlier, is_new] = changed.try_emplace(key.text, Change{&axis, key.where});
      if (!is_new) {
        Diagnostic& error =
            diagnostics.error("two-axes", key.where,
                              fmt::format("the scenario axes `{}` and `{}` both change `{}`",
                                          earlier->second.axis->name.id, axis.name.id, key.text));
        two_places(error, fmt::format("changed by `{}`", axis.name.id), earlier->second.where,
                   fmt::format("changed by `{}`", earlier->second.axis->name.id));
        error.why = "which of the two holds would depend on their order";
        error.help = "let one axis change it, or split the parameter in two";
        continue;
      }
      reader.apply_override(key, *changes.values[i]);
    }
  }
}

}  // namespace lode
