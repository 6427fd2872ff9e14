// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/alerts.hpp"
#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

const Swatch red{"#b01010", Hatch::none, Marker::circle, "4 2"};

/// Limits of a result that is one number per year.
std::vector<const BoundAlert*> alerts_of(const Session& session, const FigureSpec& spec) {
  std::vector<const BoundAlert*> alerts;
  for (const BoundAlert& alert : session.bound->alerts) {
    const Quantity& held = session.bound->quantities[alert.quantity];
    const auto& shown = spec.role("show");
    const bool wanted =
        shown.empty() || std::any_of(shown.begin(), shown.end(), [&](const FigureSpec::Series& each) {
          return each.result == held.name || each.result + ".stock" == held.name;
        });
    if (wanted && held.dims.time && held.dims.labels.empty()) alerts.push_back(&alert);
  }
  return alerts;
}

/// A limit year by year, in the unit shown; from the year on from which it holds.
std::vector<double> limit_values(const Session& session, std::size_t limit, const BoundAlert& alert,
                                 const std::vector<int>& years, double scale) {
  const Array& values = session.evaluation->quantity(limit);
  const bool time = session.bound->quantities[limit].dims.time;
  std::vector<double> out(years.size(), absent);
  for (std::size_t y = 0; y < years.size(); ++y) {
    const auto period = session.bound->dimensions.year_index(years[y]);
    if (period && years[y] >= alert.declaration->from.value_or(years[y]))
      out[y] = values.value(0, time ? *period : 0) / scale;
  }
  return out;
}

ChartMark limit_line(std::vector<double> values, bool at_most, const std::string& id, bool chinese) {
  ChartMark line;
  line.id = id + (at_most ? ".at_most" : ".at_least");
  line.name = chinese ? (at_most ? "上限" : "下限") : (at_most ? "At most" : "At least");
  line.swatch = red;
  line.weight = 0.9;
  line.values = std::move(values);
  return line;
}

/// Between the limit and what is beyond it.
ChartMark beyond_limit(const std::vector<double>& values, const ChartMark& limit, bool at_most,
                       const std::string& name) {
  ChartMark area;
  area.kind = ChartMark::Kind::area;
  area.id = limit.id + ".beyond";
  area.name = name;
  area.swatch = {"#d01c1c", Hatch::rising, Marker::square, ""};
  area.naming = ChartNaming::legend;
  area.in_table = false;
  area.low.assign(values.size(), absent);
  area.high = area.low;
  for (std::size_t y = 0; y < values.size(); ++y) {
    if (!std::isfinite(values[y]) || !std::isfinite(limit.values[y])) continue;
    area.low[y] = at_most ? limit.values[y] : std::min(values[y], limit.values[y]);
    area.high[y] = at_most ? std::max(values[y], limit.values[y]) : limit.values[y];
  }
  return area;
}

bool has_area(const ChartMark& area) {
  for (std::size_t y = 0; y < area.low.size(); ++y)
    if (std::isfinite(area.low[y]) && area.low[y] != area.high[y]) return true;
  return false;
}

/// Probabilities of a breach in per cent, in the years in which the limit holds; nothing without draws.
std::optional<ChartMark> chances(const Session& session, const std::vector<AlertRisk>& risks,
                                 const BoundAlert& alert, const std::vector<int>& years,
                                 const std::string& name) {
  const auto risk =
      std::find_if(risks.begin(), risks.end(), [&](const AlertRisk& each) { return each.alert == &alert; });
  if (risk == risks.end()) return std::nullopt;
  ChartMark bars;
  bars.kind = ChartMark::Kind::bars;
  bars.id = session.bound->quantities[alert.crossed].name;
  bars.name = name;
  bars.swatch = {"#c8321e", Hatch::none, Marker::square, ""};
  bars.naming = ChartNaming::none;
  bars.values.assign(years.size(), absent);
  for (std::size_t i = 0; i < risk->years.size(); ++i) {
    const auto year = std::find(years.begin(), years.end(), risk->years[i]);
    if (year != years.end())
      bars.values[static_cast<std::size_t>(year - years.begin())] = 100 * risk->probability[i];
  }
  std::vector<ChartMark> one = {std::move(bars)};
  stack(one);
  return std::move(one.front());
}

}  // namespace

FigureResult limits_figure(Session& session, const FigureSpec& spec) {
  const bool chinese = is_chinese(spec.language);
  const std::vector<const BoundAlert*> alerts = alerts_of(session, spec);
  if (alerts.empty())
    return no_figure("the case has no alert on a result with one number per year: see `alerts:`");
  ResultSet results = results_of(session);
  add_draws(session, results);
  const std::vector<AlertRisk> risks = alert_risks(session);
  TimeChart chart;
  chart.kind = spec.kind;
  chart.history = spec.history;
  chart.own_scales = true;
  for (const MarkedYear& event : spec.events)
    chart.events.push_back({event.year, event.title.empty() ? "" : event.title.in(spec.language)});
  const auto p5 = quantile_at(results.quantiles, 0.05), p95 = quantile_at(results.quantiles, 0.95);
  std::string said;
  for (const BoundAlert* alert : alerts) {
    const Quantity& held = session.bound->quantities[alert->quantity];
    SeriesQuery query;
    query.result = held.name;
    query.first_year = spec.first_year;
    query.last_year = spec.last_year;
    // Shares are read in per cent.
    query.unit = held.unit.dimensionless() ? "%" : held.unit.str();
    SeriesData data = take_series(*session.bound, results, query);
    if (!data.problem.empty()) return no_figure(data.problem);
    const auto unit = parse_unit(query.unit).unit;
    const double scale = unit ? unit->scale() : 1;
    const TakenSeries& taken = data.series.front();
    chart.years = data.years;
    ChartPanel out;
    out.title = held.title.empty() ? held.name : held.title.in(spec.language);
    out.unit = query.unit;
    if (p5 && p95 && taken.quantiles.size() > *p95) {
      ChartMark band;
      band.kind = ChartMark::Kind::area;
      band.id = held.name + ".band";
      band.name = chinese ? "90%区间" : "90 % of draws";
      band.swatch = {"#2b6c8f", Hatch::none, Marker::square, ""};
      band.opacity = 0.25;
      band.low = taken.quantiles[*p5];
      band.high = taken.quantiles[*p95];
      band.naming = ChartNaming::legend;
      out.marks.push_back(std::move(band));
    }
    std::vector<ChartMark> lines;
    for (const bool at_most : {true, false}) {
      const auto& limit = at_most ? alert->at_most : alert->at_least;
      if (!limit) continue;
      lines.push_back(
          limit_line(limit_values(session, *limit, *alert, chart.years, scale), at_most, held.name, chinese));
      ChartMark beyond =
          beyond_limit(taken.values, lines.back(), at_most, chinese ? "超出限值" : "Beyond the limit");
      if (has_area(beyond)) out.marks.push_back(std::move(beyond));
    }
    ChartMark line;
    line.id = held.name;
    line.name = chinese ? "计算值" : "Result";
    line.swatch = {"#111111", Hatch::none, Marker::circle, ""};
    line.weight = 1.5;
    line.values = taken.values;
    line.naming = ChartNaming::none;
    for (ChartMark& each : lines) out.marks.push_back(std::move(each));
    out.marks.push_back(std::move(line));
    said += (chinese ? "；" : "; ") + out.title;
    auto chance = chances(session, risks, *alert, chart.years, chinese ? "概率" : "Probability");
    const std::string title = out.title;
    chart.panels.push_back(std::move(out));
    if (!chance) continue;
    ChartPanel panel;
    panel.title = (chinese ? "超出限值的概率：" : "Probability of a breach: ") + title;
    panel.unit = "%";
    panel.high = 100;
    panel.marks.push_back(std::move(*chance));
    chart.panels.push_back(std::move(panel));
  }
  trim_years(chart);
  FigureText text =
      figure_text(session, results, spec, chinese ? "指标与限值" : "Indicators and their limits");
  if (spec.title.empty())
    text.heading +=
        (chinese ? "，" : ", ") + years_text(chart.years.front(), chart.years.back(), spec.language);
  text.description = text.heading + said;
  return figure_result(draw_time_chart(chart, text, spec.options()));
}

}  // namespace lode
