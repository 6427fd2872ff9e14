// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lode/api/draw_report.hpp"
#include "lode/api/summary.hpp"

namespace lode {
namespace {

std::string place_of(const Location& where) {
  return where.file ? fmt::format("{}:{}", where.file->path(), where.line()) : "";
}

Json axes_json(const Model& model) {
  Json out = Json::array();
  for (const ScenarioAxis& axis : model.axes) {
    Json cases = Json::array();
    for (std::size_t i = 0; i < axis.cases.size(); ++i)
      cases.push_back(
          {{"id", axis.cases[i].id},
           {"title", i < axis.case_titles.size() ? title_json(axis.case_titles[i]) : Json::object()}});
    out.push_back({{"id", axis.name.id},
                   {"title", title_json(axis.title)},
                   {"default", axis.fallback.id},
                   {"cases", std::move(cases)}});
  }
  return out;
}

std::string value_text(const ValueText& value) {
  std::string text = fmt::format("{:.6g}", value.percent ? value.number * 100 : value.number);
  if (value.percent) text += " %";
  if (!value.unit) return text;
  // The unit of "5 %/yr" is kept as "1/yr".
  const std::string unit = value.percent && value.unit->text.rfind("1/", 0) == 0 ? value.unit->text.substr(1)
                                                                                 : " " + value.unit->text;
  return text + unit;
}

/// "normal (cv 5 %)".
std::string distribution_text(const UncertaintyDecl& uncertainty) {
  if (!uncertainty.distribution) return "";
  std::vector<std::string> parts;
  for (const DistributionDecl::Parameter& parameter : uncertainty.distribution->parameters) {
    std::vector<std::string> values;
    for (const ValueText& value : parameter.values) values.push_back(value_text(value));
    parts.push_back(fmt::format("{} {}", parameter.name.id, fmt::join(values, ", ")));
  }
  const std::string& family = uncertainty.distribution->family.id;
  return parts.empty() ? family : fmt::format("{} ({})", family, fmt::join(parts, ", "));
}

/// How the cells of a parameter came about, and how good what they come from is.
struct Cells {
  std::map<std::string, std::size_t> rules, qualities;
  std::vector<std::string> sources;
  std::size_t count = 0;
};

const char* rule_name(FillRule rule) {
  switch (rule) {
    case FillRule::given:
    case FillRule::constant:
      return "given";
    case FillRule::interpolated:
      return "interpolated";
    case FillRule::extrapolated:
      return "extrapolated";
    case FillRule::missing_value:
      return "missing_value";
    case FillRule::absent:
      return "absent";
    case FillRule::changed:
      return "scenario";
    case FillRule::solved:
      return "solved";
    case FillRule::none:
      break;
  }
  return "none";
}

Cells cells_of(const Leaf& leaf, const Dimensions& dims) {
  Cells result;
  const ParameterDecl& declaration = *leaf.declaration;
  const auto source = [&](const std::string& text) {
    std::string key;
    for (const char c : text + " ") {
      if (c != ' ' && c != ',' && c != ';') {
        key += c;
        continue;
      }
      if (!key.empty() &&
          std::find(result.sources.begin(), result.sources.end(), key) == result.sources.end())
        result.sources.push_back(key);
      key.clear();
    }
  };
  if (declaration.source) source(declaration.source->text);
  const std::size_t periods = leaf.values.periods();
  for (std::size_t s = 0; s < leaf.values.series(); ++s)
    for (std::size_t p = dims.first_period(leaf.dims.time); p < periods; ++p) {
      if (!leaf.exists.at(s, p)) continue;
      const LeafCell& cell = leaf.cells[s * periods + p];
      if (cell.rule == FillRule::none) continue;
      ++result.count;
      ++result.rules[rule_name(cell.rule)];
      const LeafRow* row = cell.row >= 0 ? &leaf.rows[static_cast<std::size_t>(cell.row)] : nullptr;
      std::string quality = row && !row->quality.empty() ? row->quality
                            : declaration.quality        ? declaration.quality->text
                                                         : "";
      if (declaration.quality_for_all && declaration.quality) quality = declaration.quality->text;
      if (cell.rule == FillRule::absent || cell.rule == FillRule::missing_value) continue;
      ++result.qualities[quality];
      if (row) source(row->source);
    }
  return result;
}

Json parameters_json(const Session& session) {
  static const char* interpolations[] = {"", "linear", "geometric", "step"};
  static const char* extrapolations[] = {"", "hold", "trend", "zero"};
  const BoundModel& bound = *session.bound;
  Json out = Json::array();
  for (const Leaf& leaf : bound.leaves) {
    const ParameterDecl& declaration = *leaf.declaration;
    const Cells cells = cells_of(leaf, bound.dimensions);
    Json one = {{"id", leaf.name}, {"title", title_json(declaration.title)}, {"unit", leaf.unit.str()}};
    if (declaration.value && !declaration.table) one["value"] = value_text(*declaration.value);
    if (declaration.table) one["table"] = declaration.table->path;
    one["place"] = place_of(declaration.name.where);
    one["cells"] = cells.count;
    one["rules"] = cells.rules;
    one["qualities"] = cells.qualities;
    one["sources"] = cells.sources;
    if (declaration.interpolate != Interpolation::none)
      one["interpolate"] = interpolations[static_cast<int>(declaration.interpolate)];
    if (declaration.extrapolate != Extrapolation::none)
      one["extrapolate"] = extrapolations[static_cast<int>(declaration.extrapolate)];
    if (declaration.missing == Missing::value) one["missing"] = declaration.missing_value;
    if (const std::string text = distribution_text(declaration.uncertainty); !text.empty())
      one["uncertainty"] = text;
    if (declaration.derived_from) one["derived_from"] = declaration.derived_from->text;
    if (!declaration.note.empty()) one["note"] = declaration.note;
    if (declaration.times != 1) one["times"] = declaration.times;
    out.push_back(std::move(one));
  }
  return out;
}

Json qualities_json(const Model& model) {
  Json out = Json::array();
  for (const QualityDecl& quality : model.quality_classes)
    out.push_back({{"id", quality.name.id}, {"uncertainty", distribution_text(quality.uncertainty)}});
  return out;
}

Json equations_json(const BoundModel& bound) {
  Json out = Json::array();
  for (const Quantity& quantity : bound.quantities) {
    if (quantity.kind != Quantity::Kind::flow && quantity.kind != Quantity::Kind::named) continue;
    if (quantity.pieces.empty() && !quantity.unknown) continue;
    Json pieces = Json::array();
    for (const BoundPiece& piece : quantity.pieces) {
      Json one = {{"tree", formula_json(piece.formula)}, {"place", place_of(piece.where)}};
      if (one["tree"].is_null()) one["text"] = piece.formula;
      if (!piece.condition.empty()) one["condition"] = piece.condition;
      pieces.push_back(std::move(one));
    }
    Json one = {{"id", quantity.name}, {"pieces", std::move(pieces)}};
    if (quantity.unknown) one["unknown"] = true;
    out.push_back(std::move(one));
  }
  return out;
}

Json lifetime_json(const LifetimeDecl& lifetime) {
  Json parameters = Json::array(), parts = Json::array();
  for (const auto& [name, value] : lifetime.parameters)
    parameters.push_back(Json::array({name.id, formula_json(*value)}));
  for (const LifetimeDecl& part : lifetime.parts) parts.push_back(lifetime_json(part));
  Json out = {{"family", lifetime.family.id}, {"parameters", std::move(parameters)}};
  if (!parts.empty()) out["parts"] = std::move(parts);
  return out;
}

Json stocks_json(const BoundModel& bound) {
  Json out = Json::array();
  for (const BoundStock& stock : bound.stocks) {
    const StockDecl& declaration = *stock.declaration;
    Json one = {{"id", stock.name},
                {"title", title_json(declaration.title)},
                {"place", place_of(declaration.name.where)}};
    if (stock.process) one["process"] = bound.processes[*stock.process].name;
    if (declaration.inflow) one["inflow"] = declaration.inflow->id;
    if (declaration.outflow) one["outflow"] = declaration.outflow->id;
    if (declaration.lifetime) one["lifetime"] = lifetime_json(*declaration.lifetime);
    Json level = Json::array();
    for (const PieceDecl& piece : declaration.level) {
      Json given = {{"tree", piece.formula ? formula_json(*piece.formula) : Json(nullptr)}};
      if (piece.condition) given["condition"] = piece.condition->id;
      level.push_back(std::move(given));
    }
    if (!level.empty()) one["level"] = std::move(level);
    if (declaration.change) one["change"] = formula_json(*declaration.change);
    one["inflow_at"] = declaration.inflow_at.text;
    one["negative_inflow"] = declaration.negative_inflow.text;
    out.push_back(std::move(one));
  }
  return out;
}

Json conditions_json(const Model& model) {
  Json out = Json::array();
  for (const ConditionDecl& condition : model.conditions)
    if (condition.expression)
      out.push_back({{"id", condition.name.id}, {"tree", formula_json(*condition.expression)}});
  return out;
}

Json processes_json(const Model& model) {
  Json out = Json::array();
  for (const ProcessDecl& process : model.processes) {
    Json one = {{"id", process.name.id}, {"title", title_json(process.title)}};
    if (process.stage) one["stage"] = process.stage->id;
    if (process.outside) one["outside"] = true;
    out.push_back(std::move(one));
  }
  return out;
}

Json sources_json(const Model& model) {
  Json out = Json::array();
  for (const SourceEntry& source : model.sources)
    out.push_back({{"key", source.key}, {"type", source.type}, {"fields", source.fields}});
  return out;
}

/// A limit year by year, in the unit of what it limits; one list for each label where it differs by label as
/// the limited quantity does, empty where it differs in another way.
Json limit_json(const Session& session, std::size_t limit, const Quantity& held) {
  const Quantity& quantity = session.bound->quantities[limit];
  const Dimensions& dims = session.bound->dimensions;
  const bool by_label = !quantity.dims.labels.empty();
  if (by_label && quantity.dims.labels != held.dims.labels) return nullptr;
  if (!by_label && held.unit.symbolic()) return nullptr;
  const Array& values = session.evaluation->quantity(limit);
  Json out = Json::array();
  for (std::size_t s = 0; s < values.series(); ++s) {
    const double scale = unit_of_cell(held.unit, held.dims, s, dims).scale();
    Json line = Json::array();
    for (std::size_t period = dims.lead; period < dims.years.size(); ++period)
      line.push_back(number_json(values.value(s, quantity.dims.time ? period : 0) / scale));
    if (!by_label) return line;
    out.push_back(std::move(line));
  }
  return out;
}

/// For each label the years beyond the limit, the farthest one first, as places among the years; empty where
/// the margin has other labels than what is limited.
Json beyond_json(const Session& session, const BoundAlert& alert) {
  const Quantity &margin = session.bound->quantities[alert.margin],
                 &held = session.bound->quantities[alert.quantity];
  if (margin.dims.labels != held.dims.labels) return nullptr;
  const Dimensions& dims = session.bound->dimensions;
  const Array& margins = session.evaluation->quantity(alert.margin);
  Json out = Json::array();
  for (std::size_t s = 0; s < margins.series(); ++s) {
    std::vector<std::pair<double, std::size_t>> beyond;
    for (std::size_t p = dims.first_period(margin.dims.time); p < margins.periods(); ++p)
      if (margin.defined.at(s, p) && margins.value(s, p) < 0)
        beyond.emplace_back(margins.value(s, p), margin.dims.time ? p - dims.lead : 0);
    std::stable_sort(beyond.begin(), beyond.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Json years = Json::array();
    for (const auto& each : beyond) years.push_back(each.second);
    out.push_back(std::move(years));
  }
  return out;
}

Json alerts_json(const Session& session) {
  Json out = Json::array();
  for (const BoundAlert& alert : session.bound->alerts) {
    const Quantity& quantity = session.bound->quantities[alert.quantity];
    Json one = {{"quantity", quantity.name}, {"severity", alert.declaration->severity.text}};
    if (alert.at_least) one["at_least"] = limit_json(session, *alert.at_least, quantity);
    if (alert.at_most) one["at_most"] = limit_json(session, *alert.at_most, quantity);
    one["beyond"] = beyond_json(session, alert);
    if (alert.declaration->from) one["from"] = *alert.declaration->from;
    out.push_back(std::move(one));
  }
  return out;
}

Json checkpoints_json(const Verification& verification) {
  Json out = Json::array();
  for (const Comparison& row : verification.rows) {
    Json one = {{"id", row.id}, {"what", row.what}, {"unit", row.unit}, {"status", status_name(row.status)}};
    one["ours"] = row.ours ? Json(*row.ours) : row.never ? Json("never") : Json(nullptr);
    one["published"] = row.published ? Json(*row.published) : Json(nullptr);
    one["difference"] = row.relative_difference ? Json(*row.relative_difference) : Json(nullptr);
    one["relation"] = row.relation;
    if (!row.scenario.empty()) one["scenario"] = row.scenario;
    if (!row.locator.empty()) one["locator"] = row.locator;
    if (!row.note.empty()) one["note"] = row.note;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

void add_model(Json& document, const Session& session, const Verification* verification) {
  const Model& model = *session.model;
  const BoundModel& bound = *session.bound;
  document["axes"] = axes_json(model);
  document["stages"] = Json::array();
  for (const StageDecl& stage : model.stages)
    document["stages"].push_back({{"id", stage.name.id}, {"title", title_json(stage.title)}});
  document["processes"] = processes_json(model);
  document["conditions"] = conditions_json(model);
  document["parameters"] = parameters_json(session);
  document["qualities"] = qualities_json(model);
  document["equations"] = equations_json(bound);
  document["stocks"] = stocks_json(bound);
  document["relations"] = Json::array();
  for (const BoundRelation& relation : bound.relations)
    document["relations"].push_back({{"text", relation.text}, {"tree", formula_json(relation.text)}});
  document["sources"] = sources_json(model);
  document["alerts"] = alerts_json(session);
  document["checkpoints"] = verification ? checkpoints_json(*verification) : Json::array();

  const RunSummary summary = summarise(session);
  document["computed"] = {{"flows", summary.flows},
                          {"stocks", summary.stocks},
                          {"quantities", summary.quantities},
                          {"parameters", summary.parameters},
                          {"values", summary.cells}};
  Json balances = Json::array();
  for (const BalanceLine& line : summary.balances)
    balances.push_back({{"process", line.process},
                        {"worst", line.worst},
                        {"amount", line.amount},
                        {"unit", line.unit},
                        {"cell", line.cell},
                        {"closed_by", line.closed_by},
                        {"balances", line.worst <= balance_tolerance}});
  document["balances"] = std::move(balances);
  document["balance_tolerance"] = balance_tolerance;
  const auto told = [](const std::vector<std::string>& english, const std::vector<std::string>& chinese) {
    Json lines = Json::array();
    for (std::size_t i = 0; i < english.size(); ++i) lines.push_back(title_json(english[i], chinese[i]));
    return lines;
  };
  const RemarkLines& chinese = summary.chinese;
  document["remarks"] = {{"found", told(summary.found, chinese.found)},
                         {"clamped", told(summary.clamped, chinese.clamped)},
                         {"negative", told(summary.negative, chinese.negative)},
                         {"seams", told(summary.seams, chinese.seams)},
                         {"alerts", told(summary.alerts, chinese.alerts)}};
  Json in_draws = Json::array();
  if (session.draws)
    for (const DrawEvent& event : draw_events_in_both(session))
      in_draws.push_back(title_json(event.english, event.chinese));
  document["remarks"]["in_draws"] = std::move(in_draws);
  Json warnings = Json::array();
  for (const Diagnostic& diagnostic : session.diagnostics.all()) {
    if (diagnostic.severity == Severity::note) continue;
    Json one = {{"code", diagnostic.code}, {"text", diagnostic.message}};
    if (!diagnostic.labels.empty()) one["place"] = place_of(diagnostic.labels.front().where);
    if (!diagnostic.why.empty()) one["why"] = diagnostic.why;
    warnings.push_back(std::move(one));
  }
  document["warnings"] = std::move(warnings);
}

}  // namespace lode
