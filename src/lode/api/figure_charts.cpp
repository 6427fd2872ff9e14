// SPDX-License-Identifier: Apache-2.0
//
// Charts along the years that need no more than results: stacked, lines, multiples, trade.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

ChartMark mark_of(const ChartSeries& series, ChartMark::Kind kind) {
  ChartMark mark;
  mark.kind = kind;
  mark.id = series.id;
  mark.name = series.name;
  mark.swatch = series.swatch;
  mark.values = series.taken.values;
  return mark;
}

/// Where every panel shows the same things, one legend names them for all.
void name_once(TimeChart& chart) {
  if (chart.panels.size() < 2) return;
  std::vector<std::string> names, seen;
  for (const ChartPanel& panel : chart.panels)
    for (const ChartMark& mark : panel.marks) {
      if (mark.naming != ChartNaming::end) continue;
      if (std::find(names.begin(), names.end(), mark.name) != names.end())
        seen.push_back(mark.name);
      else
        names.push_back(mark.name);
    }
  if (seen.size() < names.size()) return;
  for (ChartPanel& panel : chart.panels)
    for (ChartMark& mark : panel.marks)
      if (mark.naming == ChartNaming::end) mark.naming = ChartNaming::legend;
}

FigureResult drawn(const Session& session, const FigureData& data, const FigureSpec& spec, TimeChart& chart,
                   const std::string& what, std::vector<std::string> notes = {}) {
  trim_years(chart);
  FigureText text = figure_text(session, data.results(), spec, what);
  if (spec.title.empty())
    text.heading += (is_chinese(spec.language) ? "，" : ", ") +
                    years_text(chart.years.front(), chart.years.back(), spec.language);
  text.description = text.heading;
  for (const ChartPanel& panel : chart.panels)
    for (const ChartMark& mark : panel.marks)
      if (&panel == &chart.panels.front() && mark.naming != ChartNaming::none)
        text.description += (&mark == &panel.marks.front() ? ": " : ", ") + mark.name;
  text.notes.insert(text.notes.begin(), notes.begin(), notes.end());
  return figure_result(draw_time_chart(chart, text, spec.options()));
}

/// A line of what all parts come to, in the years in which there is any.
ChartMark total_of(const std::vector<ChartMark>& parts, const std::string& name) {
  ChartMark total;
  total.kind = ChartMark::Kind::line;
  total.id = "total";
  total.name = name;
  total.swatch = {"#111111", Hatch::none, Marker::circle, ""};
  total.weight = 0.9;
  for (const ChartMark& part : parts) {
    total.values.resize(std::max(total.values.size(), part.values.size()), absent);
    for (std::size_t i = 0; i < part.values.size(); ++i)
      if (std::isfinite(part.values[i]))
        total.values[i] = std::isfinite(total.values[i]) ? total.values[i] + part.values[i] : part.values[i];
  }
  return total;
}

/// The 90 % band of a total, as two thin lines: a filling would hide what is stacked below.
std::vector<ChartMark> band_lines(const ChartSeries& total, const std::vector<double>& quantiles,
                                  const std::string& name) {
  std::vector<ChartMark> lines;
  const auto low = quantile_at(quantiles, 0.05), high = quantile_at(quantiles, 0.95);
  if (!low || !high || total.taken.quantiles.size() <= *high) return lines;
  for (const std::size_t at : {*low, *high}) {
    ChartMark line;
    line.id = at == *low ? "p5" : "p95";
    line.name = name + (at == *low ? ", 5 %" : ", 95 %");
    line.swatch = {"#111111", Hatch::none, Marker::circle, "1.5 1.2"};
    line.weight = 0.7;
    line.values = total.taken.quantiles[at];
    line.naming = ChartNaming::none;
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Why series of one panel have no axis in common; empty if they have.
std::string mixed_units(const ChartSeriesSet& set, const FigureSpec& spec) {
  for (const ChartSeriesPanel& panel : set.panels)
    for (const ChartSeries& series : panel.series)
      if (series.taken.unit != panel.series.front().taken.unit)
        return fmt::format(
            "`{}` is in {} and `{}` in {}: draw `kind: multiples`, a panel for each label{}",
            panel.series.front().id, panel.series.front().taken.unit, series.id, series.taken.unit,
            spec.by.empty() ? "" : fmt::format(", or choose one with `only: {{{}: …}}`", spec.by));
  return "";
}

}  // namespace

FigureResult stacked_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("show").empty()) return no_figure("a stacked figure needs `show`: the results it is made of");
  const bool chinese = is_chinese(spec.language);
  const FigureData data(session, spec);
  const ChartSeriesSet set = data.take("show");
  if (!set.problem.empty()) return no_figure(set.problem);
  if (std::string mixed = mixed_units(set, spec); !mixed.empty()) return no_figure(std::move(mixed));
  const ChartSeriesSet totals = data.take("total", set.unit, false);
  if (!totals.problem.empty()) return no_figure(totals.problem);
  TimeChart chart = chart_of(spec, set);
  std::vector<std::string> notes;
  for (const ChartSeriesPanel& panel : set.panels) {
    ChartPanel out;
    out.title = panel.title;
    out.unit = panel.series.empty() ? "" : panel.series.front().taken.unit;
    out.short_unit = true;
    for (const ChartSeries& series : panel.series)
      out.marks.push_back(mark_of(series, spec.bars ? ChartMark::Kind::bars : ChartMark::Kind::area));
    ChartMark total = total_of(out.marks, chinese ? "合计" : "Total");
    stack(out.marks);
    for (const ChartSeriesPanel& each : totals.panels) {
      if (each.id != panel.id || each.series.empty()) continue;
      total.values = each.series.front().taken.values;
      for (ChartMark& line : band_lines(each.series.front(), totals.quantiles, total.name)) {
        out.marks.push_back(std::move(line));
        notes = {chinese ? "虚线：合计的90%区间。" : "Dotted lines: 90 % band of the total."};
      }
    }
    if (panel.series.size() > 1) {
      if (spec.bars) total.weight = 0;
      out.marks.push_back(std::move(total));
    }
    chart.panels.push_back(std::move(out));
  }
  name_once(chart);
  return drawn(session, data, spec, chart, title_of_series(set, spec), notes);
}

namespace {

FigureResult line_chart(Session& session, const FigureSpec& spec, bool apart) {
  const FigureData data(session, spec);
  const ChartSeriesSet set = data.take("show");
  if (!set.problem.empty()) return no_figure(set.problem);
  if (std::string mixed = apart ? "" : mixed_units(set, spec); !mixed.empty())
    return no_figure(std::move(mixed));
  TimeChart chart = chart_of(spec, set);
  chart.own_scales = spec.own_scales;
  for (const ChartSeriesPanel& panel : set.panels) {
    ChartPanel out;
    out.title = panel.title;
    for (const ChartSeries& series : panel.series) {
      ChartMark line = mark_of(series, ChartMark::Kind::line);
      const auto low = quantile_at(set.quantiles, 0.05), high = quantile_at(set.quantiles, 0.95);
      std::vector<ChartMark> marks;
      if (low && high && series.taken.quantiles.size() > *high) {
        ChartMark band;
        band.kind = ChartMark::Kind::area;
        band.id = series.id + ".band";
        band.name = series.name + (is_chinese(spec.language) ? "，90%区间" : ", 90 % band");
        band.swatch = {series.swatch.colour, Hatch::none, Marker::circle, ""};
        band.opacity = 0.22;
        band.naming = ChartNaming::none;
        band.low = series.taken.quantiles[*low];
        band.high = series.taken.quantiles[*high];
        marks.push_back(std::move(band));
      }
      if (apart) {
        line.label = ChartLabel::number;
        line.swatch.dashes.clear();
      }
      marks.push_back(std::move(line));
      if (apart) {
        ChartPanel own;
        own.title = panel.title.empty()
                        ? series.name
                        : panel.title + (is_chinese(spec.language) ? "，" : ", ") + series.name;
        own.marks = std::move(marks);
        own.unit = series.taken.unit;
        own.short_unit = true;
        chart.panels.push_back(std::move(own));
      } else {
        for (ChartMark& mark : marks) out.marks.push_back(std::move(mark));
      }
    }
    if (!apart) {
      out.unit = panel.series.empty() ? "" : panel.series.front().taken.unit;
      out.short_unit = true;
      chart.panels.push_back(std::move(out));
    }
  }
  if (!apart) {
    for (ChartPanel& panel : chart.panels) {
      const auto named = std::count_if(panel.marks.begin(), panel.marks.end(),
                                       [](const ChartMark& mark) { return mark.naming == ChartNaming::end; });
      // The title of a panel, or of the figure, names a single line; its last number remains.
      for (ChartMark& mark : panel.marks)
        if (named == 1 && mark.naming == ChartNaming::end && chart.panels.size() > 1 &&
            mark.name == panel.title)
          mark.label = ChartLabel::number;
    }
    name_once(chart);
  }
  return drawn(session, data, spec, chart, title_of_series(set, spec));
}

}  // namespace

FigureResult lines_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("show").empty()) return no_figure("a figure of lines needs `show`: the results it shows");
  return line_chart(session, spec, false);
}

FigureResult multiples_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("show").empty()) return no_figure("small multiples need `show`: the results they show");
  if (spec.by.empty() && spec.panels.empty() && spec.role("show").size() < 2)
    return no_figure("small multiples need `by` or `panels`: what they are split by");
  return line_chart(session, spec, spec.panels.empty());
}

FigureResult trade_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("imports").empty() && spec.role("exports").empty())
    return no_figure("a figure of trade needs `imports` and `exports`");
  const bool chinese = is_chinese(spec.language);
  const FigureData data(session, spec);
  const ChartSeriesSet exports = data.take("exports");
  const ChartSeriesSet imports = data.take("imports", exports.unit);
  for (const ChartSeriesSet* set : {&exports, &imports})
    if (!set->problem.empty()) return no_figure(set->problem);
  TimeChart chart = chart_of(spec, exports.panels.empty() ? imports : exports);
  const bool bars = chart.years.size() <= 40;
  std::vector<std::pair<std::string, std::string>> panels;
  for (const ChartSeriesSet* set : {&exports, &imports})
    for (const ChartSeriesPanel& panel : set->panels)
      if (std::find(panels.begin(), panels.end(), std::pair{panel.id, panel.title}) == panels.end())
        panels.emplace_back(panel.id, panel.title);
  for (const auto& named : panels) {
    ChartPanel out;
    out.title = named.second;
    out.above = chinese ? "出口" : "Exports";
    out.below = chinese ? "进口" : "Imports";
    const auto add = [&](const ChartSeriesSet& set, double sign) {
      for (const ChartSeriesPanel& panel : set.panels)
        for (const ChartSeries& series : panel.series) {
          if (panel.id != named.first) continue;
          ChartMark mark = mark_of(series, bars ? ChartMark::Kind::bars : ChartMark::Kind::area);
          for (double& value : mark.values) value *= sign;
          out.marks.push_back(std::move(mark));
        }
    };
    add(exports, 1);
    add(imports, -1);
    ChartMark net = total_of(out.marks, chinese ? "净出口" : "Net exports");
    net.weight = 1.5;
    net.id = "net";
    stack(out.marks);
    out.marks.push_back(std::move(net));
    chart.panels.push_back(std::move(out));
  }
  name_once(chart);
  return drawn(session, data, spec, chart, chinese ? "贸易" : "Trade");
}

}  // namespace lode
