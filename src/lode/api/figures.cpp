// SPDX-License-Identifier: Apache-2.0
#include "lode/api/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/api/figure_kinds.hpp"

namespace lode {
namespace {

struct Kind {
  const char* name;
  FigureResult (*draw)(Session&, const FigureSpec&);
  bool draws = false;  ///< shows more where there are draws
};
constexpr Kind kinds[] = {{"sankey", sankey_figure, true},
                          {"stacked", stacked_figure, true},
                          {"lines", lines_figure, true},
                          {"multiples", multiples_figure, true},
                          {"trade", trade_figure},
                          {"supply-demand", supply_demand_figure},
                          {"fan", fan_figure, true},
                          {"tornado", tornado_figure},
                          {"checkpoints", checkpoints_figure},
                          {"limits", limits_figure, true},
                          {"sweep", sweep_figure},
                          {"system", system_figure}};

const Kind* find_kind(const std::string& name) {
  const auto* const found =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return kind.name == name; });
  return found == std::end(kinds) ? nullptr : found;
}

/// Another scenario is another session, with draws if this one has them.
FigureResult draw_in_scenario(Session& session, const FigureSpec& spec, const Kind& kind) {
  ScenarioChoice choice = session.model->scenario;
  for (const auto& [axis, chosen] : spec.scenario) choice[axis] = chosen;
  if (choice == session.model->scenario) return kind.draw(session, spec);
  Session other = open_session(session.as_read, choice);
  if (!other.planned() || !compute(other))
    return no_figure(fmt::format("the scenario {} cannot be computed", scenario_text(spec.scenario)));
  return kind.draw(other, spec);
}

}  // namespace

std::vector<std::string> figure_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  return names;
}

std::vector<FigureInfo> figure_list(const Session& session) {
  std::vector<FigureInfo> list;
  if (!session.bound || session.diagnostics.has_errors()) return list;
  for (const FigureSpec& spec : figure_set(session)) {
    FigureInfo info;
    info.id = spec.id;
    info.kind = spec.kind;
    info.title = spec.title.empty() ? "" : spec.title.in("en");
    info.title_zh = spec.title.empty() ? "" : spec.title.in("zh");
    info.first_year = spec.first_year;
    info.last_year = spec.last_year;
    const Kind* kind = find_kind(spec.kind);
    info.takes_draws = kind && kind->draws;
    list.push_back(std::move(info));
  }
  return list;
}

FigureResult draw_figure(Session& session, const FigureRequest& request) {
  if (!(request.width >= 60 && request.width <= 500))
    return no_figure(fmt::format("{} mm is no width for a figure: 60 to 500", request.width));
  FigureRequest whole = request;
  if (!whole.layer.empty()) {
    const Dimensions& dims = session.bound->dimensions;
    const auto layer = std::find_if(dims.all.begin(), dims.all.end(), [&](const Dimension& dimension) {
      return dimension.balance_each && dimension.index_of(whole.layer);
    });
    if (layer == dims.all.end())
      return no_figure(fmt::format("no dimension with `balance: each` has a label `{}`", whole.layer));
    whole.only[layer->name] = whole.layer;
  }
  std::string problem;
  const std::optional<FigureSpec> spec = spec_of(session, whole, problem);
  if (!spec) return no_figure(problem);
  const Kind* kind = find_kind(spec->kind);
  if (!kind)
    return no_figure(fmt::format("there is no figure `{}`; the figures are {}", spec->kind,
                                 fmt::join(figure_kinds(), ", ")));
  return draw_in_scenario(session, *spec, *kind);
}

}  // namespace lode
