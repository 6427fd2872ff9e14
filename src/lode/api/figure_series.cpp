// SPDX-License-Identifier: Apache-2.0
#include "lode/api/figure_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/draws.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

std::string case_title(const ScenarioAxis& axis, std::size_t index, const std::string& language) {
  const std::string axis_title = axis.title.empty() ? axis.name.id : axis.title.in(language);
  if (index < axis.case_titles.size() && !axis.case_titles[index].empty())
    return axis.case_titles[index].in(language);
  std::string id = axis.cases[index].id;
  std::replace(id.begin(), id.end(), '_', ' ');
  return axis_title + (is_chinese(language) ? "：" : ": ") + id;
}

std::string readable(std::string id) {
  std::replace(id.begin(), id.end(), '_', ' ');
  return id;
}

}  // namespace

Palette dimension_palette(const Dimensions& dimensions, DimensionId dimension) {
  return Palette(dimensions[dimensions[dimension].root].labels);
}

FigureData::FigureData(Session& session, const FigureSpec& spec, bool with_draws)
    : session_(session), spec_(spec) {
  compute_variants(with_draws || session.draws.has_value());
}

const ScenarioAxis* FigureData::axis(const std::string& name) const {
  if (name.empty() || session_.bound->dimensions.find(name)) return nullptr;
  for (const ScenarioAxis& each : session_.model->axes)
    if (each.name.id == name) return &each;
  return nullptr;
}

ResultSet FigureData::results_for(const ScenarioChoice& choice, bool with_draws) {
  const auto results = [](const Session& of) {
    ResultSet set = results_of(of);
    add_draws(of, set);
    return set;
  };
  if (choice == session_.model->scenario && (session_.draws || !with_draws)) return results(session_);
  Session other = open_session(session_.as_read, choice);
  if (!other.planned() || !compute(other)) {
    problem_ = fmt::format("the scenario {} cannot be computed", scenario_text(choice));
    return {};
  }
  if (with_draws) {
    DrawRequest request;
    request.draws = spec_.draws;
    request.seed = spec_.seed;
    if (session_.draws) {
      request.draws = session_.draws->draws;
      request.seed = session_.draws->design.seed;
      request.quantiles = session_.draws->quantiles;
      other.kept_results = session_.kept_results;
    }
    Team alone;
    if (!run_draws(other, request, alone)) {
      problem_ = "the case has no uncertain inputs to draw";
      return {};
    }
  }
  return results(other);
}

void FigureData::compute_variants(bool with_draws) {
  for (const std::string& name : {spec_.by, spec_.panels})
    if (!name.empty() && !session_.bound->dimensions.find(name) && !axis(name))
      problem_ = fmt::format("there is no dimension or scenario axis `{}`", name);
  const ScenarioAxis *by = axis(spec_.by), *panels = axis(spec_.panels);
  for (std::size_t p = 0; p < (panels ? panels->cases.size() : 1); ++p)
    for (std::size_t b = 0; b < (by ? by->cases.size() : 1); ++b) {
      Variant variant;
      ScenarioChoice choice = session_.model->scenario;
      if (by) {
        variant.by_case = by->cases[b].id;
        variant.by_title = case_title(*by, b, spec_.language);
        variant.by_index = b;
        choice[by->name.id] = variant.by_case;
      }
      if (panels) {
        variant.panel_case = panels->cases[p].id;
        variant.panel_title = case_title(*panels, p, spec_.language);
        choice[panels->name.id] = variant.panel_case;
      }
      variant.results = results_for(choice, with_draws);
      variants_.push_back(std::move(variant));
    }
}

ChartSeriesPanel& FigureData::panel_of(ChartSeriesSet& set, const std::string& id,
                                       const std::string& title) const {
  for (ChartSeriesPanel& panel : set.panels)
    if (panel.id == id) return panel;
  set.panels.push_back({id, title, {}});
  return set.panels.back();
}

void FigureData::take_variant(const Variant& variant, const std::vector<FigureSpec::Series>& shown,
                              bool split, ChartSeriesSet& set) const {
  const Dimensions& dims = session_.bound->dimensions;
  const bool chinese = is_chinese(spec_.language);
  const auto by = dims.find(spec_.by), panels = dims.find(spec_.panels);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    SeriesQuery query;
    query.result = shown[i].result;
    if (split && by && *by != time_dimension) query.by = by;
    if (panels && *panels != time_dimension) query.panels = panels;
    query.only = spec_.only;
    query.first_year = spec_.first_year;
    query.last_year = spec_.last_year;
    query.unit = set.unit;
    SeriesData data = take_series(*session_.bound, variant.results, query);
    if (!data.problem.empty()) {
      set.problem = data.problem;
      return;
    }
    set.unit = data.unit;
    set.years = data.years;
    std::string title = shown[i].title.empty() ? "" : shown[i].title.in(spec_.language);
    if (title.empty() && chinese) title = data.title_zh;
    if (title.empty()) title = data.title;
    if (title.empty()) title = readable(shown[i].result);
    if (shown.size() == 1) set.title = title;
    for (TakenSeries& taken : data.series) {
      std::string panel_id = variant.panel_case, panel_title = variant.panel_title;
      if (query.panels) {
        panel_id = dims[*query.panels].labels[taken.panel];
        panel_title = label_title(variant.results, *query.panels, taken.panel, chinese);
      }
      ChartSeries series;
      series.id = shown[i].result;
      series.name = title;
      series.swatch = nth_swatch(i);
      if (query.by) {
        const std::string label = label_title(variant.results, *query.by, taken.label, chinese);
        series.id += "." + dims[*query.by].labels[taken.label];
        series.name = shown.size() == 1 ? label : title + (chinese ? "，" : ", ") + label;
        series.swatch = dimension_palette(dims, *query.by).of(dims[*query.by].labels[taken.label]);
      } else if (!variant.by_case.empty()) {
        series.id += "." + variant.by_case;
        series.name =
            shown.size() == 1 ? variant.by_title : title + (chinese ? "，" : ", ") + variant.by_title;
        series.swatch = nth_swatch(variant.by_index);
      }
      series.taken = std::move(taken);
      panel_of(set, panel_id, panel_title).series.push_back(std::move(series));
    }
  }
}

ChartSeriesSet FigureData::take(const std::string& role, const std::string& unit, bool split) const {
  ChartSeriesSet set;
  set.problem = problem_;
  set.unit = spec_.unit.empty() ? unit : spec_.unit;
  const auto& shown = spec_.role(role);
  for (const Variant& variant : variants_) {
    set.quantiles = variant.results.quantiles.empty() ? set.quantiles : variant.results.quantiles;
    if (set.problem.empty()) take_variant(variant, shown, split, set);
  }
  return set;
}

TimeChart chart_of(const FigureSpec& spec, const ChartSeriesSet& set) {
  TimeChart chart;
  chart.kind = spec.kind;
  chart.years = set.years;
  chart.history = spec.history;
  chart.unit = set.unit;
  chart.fixed_unit = !spec.unit.empty();
  chart.own_scales = spec.own_scales;
  for (const MarkedYear& event : spec.events)
    chart.events.push_back({event.year, event.title.empty() ? "" : event.title.in(spec.language)});
  return chart;
}

void trim_years(TimeChart& chart) {
  std::size_t first = chart.years.size(), last = 0;
  const auto look = [&](const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) continue;
      first = std::min(first, i);
      last = std::max(last, i);
    }
  };
  for (const ChartPanel& panel : chart.panels)
    for (const ChartMark& mark : panel.marks) look(mark.values);
  if (first > last) return;
  const auto cut = [&](auto& list) {
    if (list.size() != chart.years.size()) return;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(last) + 1, list.end());
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(first));
  };
  for (ChartPanel& panel : chart.panels)
    for (ChartMark& mark : panel.marks) {
      cut(mark.values);
      cut(mark.low);
      cut(mark.high);
    }
  cut(chart.years);
}

std::optional<std::size_t> quantile_at(const std::vector<double>& quantiles, double probability) {
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    if (std::abs(quantiles[i] - probability) < 1e-9) return i;
  return std::nullopt;
}

std::string title_of_series(const ChartSeriesSet& set, const FigureSpec& spec) {
  if (!set.title.empty()) return set.title;
  std::string out;
  for (const ChartSeriesPanel& panel : set.panels)
    for (const ChartSeries& series : panel.series)
      if (out.find(series.name) == std::string::npos)
        out += (out.empty() ? "" : is_chinese(spec.language) ? "、" : ", ") + series.name;
  return out;
}

}  // namespace lode
