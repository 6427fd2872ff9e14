// SPDX-License-Identifier: Apache-2.0
#include "lode/api/figure_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/model/keys.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

/// Looks names up that figures.yaml gives.
class Checker {
 public:
  Checker(const BoundModel& bound, Diagnostics& diagnostics) : bound_(bound), diagnostics_(diagnostics) {}

  void check(const FigureDecl& figure) {
    for (const auto& [role, series] : figure.series)
      for (const FigureSeriesDecl& each : series) check_result(each.result);
    if (figure.by) check_split(*figure.by);
    if (figure.panels) check_split(*figure.panels);
    for (const auto& [dimension, label] : figure.only) check_label(dimension, label);
    for (const auto& [axis, chosen] : figure.scenario) check_case(axis, chosen);
    for (const auto& year : {figure.first_year, figure.last_year})
      if (year && !bound_.dimensions.year_index(year->year))
        diagnostics_.error("unknown-year", year->where,
                           fmt::format("{} is no year of this model ({}–{})", year->year,
                                       bound_.dimensions.first_year(), bound_.dimensions.last_year()));
    if (figure.unit && figure.unit->text != "%" && !parse_unit(figure.unit->text).unit)
      diagnostics_.error("unknown-unit", figure.unit->where,
                         fmt::format("`{}` is no unit", shown(figure.unit->text)));
  }

  void check_outside(const NameAt& process) {
    std::vector<std::string> names;
    for (const ProcessDecl& each : bound_.model->processes) {
      if (!each.outside) continue;
      if (each.name.id == process.id) return;
      names.push_back(each.name.id);
    }
    unknown(process, fmt::format("there is no process `{}` outside the system", shown(process.id)), names);
  }

 private:
  void unknown(const NameAt& name, const std::string& message, const std::vector<std::string>& names) {
    Diagnostic& error = diagnostics_.error("unknown-name", name.where, message);
    error.help = suggestion(diagnostics_, name.id, names);
    if (error.help.empty() && !names.empty()) error.help = fmt::format("declared: {}", listing(names));
  }

  void check_result(const NameAt& name) {
    if (bound_.find_quantity(name.id) || bound_.find_quantity(name.id + ".stock") ||
        bound_.find_leaf(name.id))
      return;
    std::vector<std::string> names;
    for (const Quantity& quantity : bound_.quantities)
      if (quantity.kind != Quantity::Kind::checkpoint && quantity.kind != Quantity::Kind::balance &&
          quantity.kind != Quantity::Kind::throughput)
        names.push_back(quantity.name);
    unknown(name, fmt::format("there is no result `{}`", shown(name.id)), names);
  }

  std::vector<std::string> dimension_names() const {
    std::vector<std::string> names;
    for (DimensionId d = 1; d < bound_.dimensions.all.size(); ++d) names.push_back(bound_.dimensions[d].name);
    return names;
  }
  void check_split(const NameAt& name) {
    std::vector<std::string> names = dimension_names();
    for (const ScenarioAxis& axis : bound_.model->axes) names.push_back(axis.name.id);
    if (std::find(names.begin(), names.end(), name.id) == names.end())
      unknown(name, fmt::format("there is no dimension or scenario axis `{}`", shown(name.id)), names);
  }

  void check_label(const NameAt& dimension, const Scalar& label) {
    const auto id = bound_.dimensions.find(dimension.id);
    if (!id || *id == time_dimension)
      return unknown(dimension, fmt::format("no dimension is called `{}`", shown(dimension.id)),
                     dimension_names());
    if (!bound_.dimensions[*id].index_of(label.text))
      unknown({label.text, label.where},
              fmt::format("`{}` has no label `{}`", dimension.id, shown(label.text)),
              bound_.dimensions[*id].labels);
  }

  void check_case(const NameAt& axis, const Scalar& chosen) {
    std::vector<std::string> axes;
    for (const ScenarioAxis& each : bound_.model->axes) {
      axes.push_back(each.name.id);
      if (each.name.id != axis.id) continue;
      std::vector<std::string> cases;
      for (const NameAt& name : each.cases) cases.push_back(name.id);
      if (std::find(cases.begin(), cases.end(), chosen.text) == cases.end())
        unknown({chosen.text, chosen.where},
                fmt::format("`{}` has no case `{}`", axis.id, shown(chosen.text)), cases);
      return;
    }
    unknown(axis, fmt::format("there is no scenario axis `{}`", shown(axis.id)), axes);
  }

  const BoundModel& bound_;
  Diagnostics& diagnostics_;
};

/// The years that the model marks, and those of figures.yaml, which count where both name one.
std::vector<MarkedYear> marked_years(const Session& session) {
  std::map<int, Title> titles;
  for (const MarkedYear& event : read_events(session.as_read->folder)) titles[event.year] = event.title;
  for (const MarkedYear& event : session.figures.events) titles[event.year] = event.title;
  std::vector<MarkedYear> years;
  for (auto& [year, title] : titles) years.push_back({year, std::move(title)});
  return years;
}

FigureSpec spec_of_declared(const Session& session, const FigureDecl& figure) {
  FigureSpec spec;
  spec.id = figure.id.id;
  spec.kind = figure.kind.text;
  spec.title = figure.title;
  spec.note = figure.note;
  for (const auto& [role, series] : figure.series)
    for (const FigureSeriesDecl& each : series) spec.series[role].push_back({each.result.id, each.title});
  for (const Scalar& result : figure.results) spec.results.push_back(result.text);
  for (const Scalar& input : figure.inputs) spec.inputs.push_back(input.text);
  if (figure.events) spec.events = marked_years(session);
  if (figure.by) spec.by = figure.by->id;
  if (figure.panels) spec.panels = figure.panels->id;
  for (const auto& [dimension, label] : figure.only) spec.only[dimension.id] = label.text;
  for (const auto& [axis, chosen] : figure.scenario) spec.scenario[axis.id] = chosen.text;
  if (figure.first_year) spec.first_year = figure.first_year->year;
  if (figure.last_year) spec.last_year = figure.last_year->year;
  spec.history = figure.history ? std::optional(figure.history->year) : last_year_of_history(*session.model);
  if (figure.unit) spec.unit = figure.unit->text;
  spec.bars = figure.bars;
  spec.own_scales = figure.own_scales;
  spec.one_scale = figure.one_scale;
  return spec;
}

FigureSpec spec_of_kind(const Session& session, std::string id, std::string kind) {
  FigureSpec spec;
  spec.id = std::move(id);
  spec.kind = std::move(kind);
  spec.history = last_year_of_history(*session.model);
  spec.events = marked_years(session);
  return spec;
}

/// The dimension by which a quantity is best split: the first with labels few enough to be told apart.
std::string split_of(const Dimensions& dims, const Quantity& quantity) {
  constexpr std::size_t most = 20;
  for (const DimensionId axis : quantity.dims.labels)
    if (dims[axis].size() > 1 && dims[axis].size() <= most && !dims[axis].balance_each &&
        !dims.is_years(axis))
      return dims[axis].name;
  return "";
}

/// Flows from and to partners in trade: outside processes that give and take.
void add_trade(const BoundModel& bound, FigureSpec& trade) {
  for (const Quantity& flow : bound.quantities) {
    if (flow.kind != Quantity::Kind::flow || !flow.from || !flow.to || !flow.dims.time) continue;
    const auto partner = [&](std::size_t process) {
      const BoundProcess& end = bound.processes[process];
      return end.declaration && end.declaration->outside && !end.inputs.empty() && !end.outputs.empty();
    };
    if (partner(*flow.from))
      trade.series["imports"].push_back({flow.name, {}});
    else if (partner(*flow.to))
      trade.series["exports"].push_back({flow.name, {}});
  }
}

/// What most readers would want to see of a model that says nothing of figures.
std::vector<FigureSpec> default_figures(const Session& session) {
  const BoundModel& bound = *session.bound;
  std::vector<FigureSpec> set;
  const auto last = last_year_of_history(*session.model);
  set.push_back(spec_of_kind(session, "system", "system"));
  FigureSpec flows = spec_of_kind(session, "flows", "sankey");
  if (last) flows.first_year = flows.last_year = *last;
  // Layers are never summed: one has to be chosen, and the first is as good as any.
  for (DimensionId d = 1; d < bound.dimensions.all.size(); ++d)
    if (bound.dimensions[d].balance_each && bound.dimensions[d].root == d && bound.dimensions[d].size() > 1)
      flows.only[bound.dimensions[d].name] = bound.dimensions[d].labels.front();
  const std::map<std::string, std::string> layer = flows.only;
  set.push_back(std::move(flows));
  if (bound.dimensions.years.size() - bound.dimensions.lead > 1) {
    for (const BoundStock& stock : bound.stocks) {
      if (!stock.process) continue;
      const Quantity& level = bound.quantities[stock.level];
      FigureSpec figure = spec_of_kind(session, stock.name, "stacked");
      figure.series["show"].push_back({level.name, {}});
      figure.by = split_of(bound.dimensions, level);
      for (const auto& [dimension, label] : layer)
        if (level.dims.has(*bound.dimensions.find(dimension))) figure.only[dimension] = label;
      set.push_back(std::move(figure));
    }
    FigureSpec trade = spec_of_kind(session, "trade", "trade");
    trade.only = layer;
    add_trade(bound, trade);
    if (!trade.series["imports"].empty() && !trade.series["exports"].empty()) set.push_back(std::move(trade));
    const bool limited = std::any_of(bound.alerts.begin(), bound.alerts.end(), [&](const BoundAlert& alert) {
      const DimSet& dims = bound.quantities[alert.quantity].dims;
      return dims.time && dims.labels.empty();
    });
    if (limited) set.push_back(spec_of_kind(session, "limits", "limits"));
  }
  if (!session.model->checkpoints.empty()) set.push_back(spec_of_kind(session, "checkpoints", "checkpoints"));
  return set;
}

}  // namespace

const std::vector<FigureSpec::Series>& FigureSpec::role(const std::string& name) const {
  static const std::vector<Series> none;
  const auto found = series.find(name);
  return found == series.end() ? none : found->second;
}

FigureOptions FigureSpec::options() const {
  return {width * points_per_millimetre, language};
}

void take_figures(Session& session, FigureFile figures) {
  if (session.bound && !session.diagnostics.has_errors()) {
    Checker checker(*session.bound, session.diagnostics);
    for (const FigureDecl& figure : figures.figures) checker.check(figure);
    for (const auto& [process, role] : figures.outside) checker.check_outside(process);
  }
  session.figures = std::move(figures);
}

std::vector<FigureSpec> figure_set(const Session& session) {
  if (session.figures.figures.empty()) return default_figures(session);
  std::vector<FigureSpec> set;
  for (const FigureDecl& figure : session.figures.figures) set.push_back(spec_of_declared(session, figure));
  return set;
}

std::map<std::string, std::string> outside_roles(const Session& session) {
  std::map<std::string, std::string> roles;
  for (const auto& [process, role] : session.figures.outside) roles[process.id] = role.text;
  return roles;
}

std::optional<int> last_year_of_history(const Model& model) {
  for (const ConditionDecl& condition : model.conditions) {
    const bool past = condition.name.id == "history";
    if (!past && condition.name.id != "projection") continue;
    const Expression* e = condition.expression.get();
    if (!e || e->kind != Expression::Kind::binary || e->operands.size() != 2) continue;
    const Expression &left = *e->operands[0], &right = *e->operands[1];
    if (left.kind != Expression::Kind::name || left.text != "time" || right.kind != Expression::Kind::number)
      continue;
    const int year = static_cast<int>(std::lround(right.number));
    if (e->text == (past ? "<=" : ">")) return year;
    if (e->text == (past ? "<" : ">=")) return year - 1;
  }
  return std::nullopt;
}

std::optional<FigureSpec> spec_of(const Session& session, const FigureRequest& request,
                                  std::string& problem) {
  std::optional<FigureSpec> spec;
  if (request.id.empty()) {
    spec = spec_of_kind(session, request.kind, request.kind);
    for (const std::string& result : request.show) spec->series["show"].push_back({result, {}});
    spec->results = request.show;
    spec->inputs = request.inputs;
  } else {
    std::vector<std::string> ids;
    for (FigureSpec& each : figure_set(session)) {
      ids.push_back(each.id);
      if (each.id == request.id) spec = std::move(each);
    }
    if (!spec) {
      problem = fmt::format("the case has no figure `{}`; it has {}", request.id, fmt::join(ids, ", "));
      return std::nullopt;
    }
  }
  if (!request.by.empty()) spec->by = request.by;
  if (!request.panels.empty()) spec->panels = request.panels;
  if (!request.unit.empty()) spec->unit = request.unit;
  if (request.first_year != 0) {
    spec->first_year = request.first_year;
    spec->last_year = request.last_year != 0 ? request.last_year : request.first_year;
  }
  for (const auto& [dimension, label] : request.only) spec->only[dimension] = label;
  spec->one_scale = spec->one_scale || request.one_scale;
  spec->outside = outside_roles(session);
  spec->language = request.language;
  spec->width = request.width;
  spec->draws = request.draws;
  spec->seed = request.seed;
  return spec;
}

}  // namespace lode
