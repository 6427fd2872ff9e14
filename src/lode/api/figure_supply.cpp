// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

const ChartSeriesPanel* panel_with(const ChartSeriesSet& set, const std::string& id) {
  for (const ChartSeriesPanel& panel : set.panels)
    if (panel.id == id && !panel.series.empty()) return &panel;
  return nullptr;
}

/// The sum of what a role has in a panel; not a number in years without any.
std::vector<double> sum_of(const ChartSeriesPanel* panel, std::size_t years) {
  std::vector<double> sum(years, absent);
  if (!panel) return sum;
  for (const ChartSeries& series : panel->series)
    for (std::size_t i = 0; i < years; ++i) {
      const double value = series.taken.values[i];
      if (std::isfinite(value)) sum[i] = std::isfinite(sum[i]) ? sum[i] + value : value;
    }
  return sum;
}

std::string name_of(const ChartSeriesPanel* panel, const std::string& otherwise) {
  return panel && panel->series.size() == 1 ? panel->series.front().name : otherwise;
}

/// Years in which something is lacking, named from the first to the last.
std::optional<ChartSpan> deficit_of(const std::vector<int>& years, const std::vector<double>& gap,
                                    bool chinese) {
  std::optional<ChartSpan> span;
  bool unbroken = true;
  std::size_t last = 0;
  for (std::size_t i = 0; i < years.size(); ++i) {
    if (!(gap[i] > 0)) continue;
    if (!span)
      span = ChartSpan{years[i], years[i], ""};
    else
      unbroken = unbroken && last + 1 == i;
    span->last = years[i];
    last = i;
  }
  if (!span) return span;
  const std::string range = span->first == span->last
                                ? (chinese ? fmt::format("{}年", span->first) : std::to_string(span->first))
                            : chinese ? fmt::format("{}—{}年", span->first, span->last)
                                      : fmt::format("{}–{}", span->first, span->last);
  span->text = chinese ? "缺口" + range + (unbroken ? "" : "（有间断）")
                       : "Deficit " + range + (unbroken ? "" : ", with breaks");
  return span;
}

}  // namespace

FigureResult supply_demand_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("demand").empty() || spec.role("supply").empty())
    return no_figure("a figure of supply and demand needs `demand` and `supply`");
  const bool chinese = is_chinese(spec.language);
  const FigureData data(session, spec);
  const ChartSeriesSet demand = data.take("demand");
  const ChartSeriesSet supply = data.take("supply", demand.unit);
  const ChartSeriesSet recycling = data.take("recycling", demand.unit);
  for (const ChartSeriesSet* set : {&demand, &supply, &recycling})
    if (!set->problem.empty()) return no_figure(set->problem);

  TimeChart chart = chart_of(spec, demand);
  std::vector<std::string> notes;
  for (const ChartSeriesPanel& panel : demand.panels) {
    const std::size_t years = chart.years.size();
    const ChartSeriesPanel *primary = panel_with(supply, panel.id),
                           *secondary = panel_with(recycling, panel.id);
    const std::vector<double> wanted = sum_of(&panel, years), mined = sum_of(primary, years),
                              returned = sum_of(secondary, years);
    ChartMark base, wedge, lacking, line;
    base.kind = wedge.kind = lacking.kind = ChartMark::Kind::area;
    base.id = "supply";
    base.name = name_of(primary, chinese ? "原生供应" : "Primary supply");
    base.swatch = {"#a6bcd6", Hatch::none, Marker::square, ""};
    wedge.id = "recycling";
    wedge.name = name_of(secondary, chinese ? "再生供应" : "Recycling");
    wedge.swatch = {"#5b8523", Hatch::none, Marker::square, ""};
    lacking.id = "deficit";
    lacking.name = chinese ? "缺口" : "Deficit";
    lacking.swatch = {"#d01c1c", Hatch::rising, Marker::square, ""};
    line.id = "demand";
    line.name = name_of(&panel, chinese ? "需求" : "Demand");
    line.swatch = {"#111111", Hatch::none, Marker::circle, ""};
    line.weight = 1.7;
    line.values = wanted;
    base.values = mined;
    wedge.values = returned;
    lacking.values.assign(years, absent);
    for (ChartMark* mark : {&base, &wedge, &lacking}) {
      mark->low.assign(years, absent);
      mark->high.assign(years, absent);
    }
    for (std::size_t i = 0; i < years; ++i) {
      if (!std::isfinite(mined[i])) {
        // Years without a supply are no years of this figure.
        line.values[i] = wedge.values[i] = absent;
        continue;
      }
      const double more = std::isfinite(returned[i]) ? returned[i] : 0;
      base.low[i] = 0;
      base.high[i] = wedge.low[i] = mined[i];
      wedge.high[i] = lacking.low[i] = mined[i] + more;
      if (!std::isfinite(wanted[i])) continue;
      lacking.high[i] = std::max(wanted[i], lacking.low[i]);
      lacking.values[i] = wanted[i] - lacking.low[i];
    }
    ChartPanel out;
    out.title = panel.title;
    out.span = deficit_of(chart.years, lacking.values, chinese);
    if (!out.span)
      out.title += std::string(out.title.empty() ? ""
                               : chinese         ? "，"
                                                 : ", ") +
                   (chinese ? "无缺口" : "no deficit");
    for (double& value : lacking.values)
      if (value < 0) value = 0;
    const bool any = out.span.has_value();
    out.marks.push_back(std::move(base));
    if (secondary) out.marks.push_back(std::move(wedge));
    if (any) out.marks.push_back(std::move(lacking));
    out.marks.push_back(std::move(line));
    chart.panels.push_back(std::move(out));
  }
  if (chart.panels.size() > 1)
    for (ChartPanel& panel : chart.panels)
      for (ChartMark& mark : panel.marks) mark.naming = ChartNaming::legend;
  trim_years(chart);
  FigureText text = figure_text(session, data.results(), spec, chinese ? "供应与需求" : "Supply and demand");
  if (spec.title.empty())
    text.heading +=
        (chinese ? "，" : ", ") + years_text(chart.years.front(), chart.years.back(), spec.language);
  text.description = text.heading;
  for (const ChartPanel& panel : chart.panels)
    text.description += (chinese ? "；" : "; ") + panel.title +
                        (panel.span ? (panel.title.empty() ? ""
                                       : chinese           ? "："
                                                           : ": ") +
                                          panel.span->text
                                    : "");
  text.notes.insert(text.notes.begin(), chinese ? "缺口：需求高于原生与再生供应之和的部分。"
                                                : "Deficit: demand beyond primary supply and recycling.");
  return figure_result(draw_time_chart(chart, text, spec.options()));
}

}  // namespace lode
