// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

/// What the checkpoints say of one series, year by year.
struct Published {
  std::vector<double> value, low, high;
  bool any = false;
};

/// The year a checkpoint's formula names, if it is this series: `demand[2017]`, or `demand` with a year
/// beside it; `use.stock[2017, EV]` for the label EV.
std::optional<int> year_of(const CheckpointDecl& checkpoint, const std::string& result,
                           const std::string& label) {
  const Expression* e = checkpoint.what.get();
  if (!e) return std::nullopt;
  std::optional<int> year = checkpoint.year;
  std::string named;
  const Expression* name = e;
  if (e->kind == Expression::Kind::index) {
    name = e->operands.front().get();
    for (const Selector& selector : e->selectors) {
      if (selector.lag) return std::nullopt;
      if (selector.year) year = selector.year;
      if (selector.label && !named.empty()) return std::nullopt;
      if (selector.label) named = selector.label->id;
    }
  }
  if (name->kind != Expression::Kind::name || named != label) return std::nullopt;
  return name->text == result || name->text == result + ".stock" ? year : std::nullopt;
}

Published published_of(const Session& session, const std::string& id, const ChartSeriesSet& set) {
  // "result" or "result.label"; a stock's part has a point in its name.
  Published found;
  found.value.assign(set.years.size(), absent);
  found.low = found.high = found.value;
  const auto unit = parse_unit(set.unit).unit;
  if (!unit) return found;
  const std::size_t point = id.rfind('.');
  for (const BoundCheckpoint& checkpoint : session.bound->checkpoints) {
    const CheckpointDecl& declared = *checkpoint.declaration;
    if (!declared.value || !declared.scenario.empty()) continue;
    auto year = year_of(declared, id, "");
    if (!year && point != std::string::npos)
      year = year_of(declared, id.substr(0, point), id.substr(point + 1));
    const auto at = year ? std::find(set.years.begin(), set.years.end(), *year) : set.years.end();
    if (at == set.years.end()) continue;
    const auto factor = conversion(checkpoint.unit, *unit, session.model->substance);
    if (!factor) continue;
    const double value = *declared.value * *factor;
    const auto i = static_cast<std::size_t>(at - set.years.begin());
    const std::string& statistic = declared.statistic.text;
    const auto quantile = quantile_of(statistic);
    if (statistic.empty() || statistic == "mean")
      found.value[i] = value;
    else if (quantile && *quantile <= 0.1)
      found.low[i] = value;
    else if (quantile && *quantile >= 0.9)
      found.high[i] = value;
    else
      continue;
    found.any = true;
  }
  return found;
}

ChartMark band(const ChartSeries& series, std::size_t low, std::size_t high, double opacity,
               const std::string& name) {
  ChartMark mark;
  mark.kind = ChartMark::Kind::area;
  mark.id = series.id + name;
  mark.name = name;
  mark.swatch = {"#2b6c8f", Hatch::none, Marker::square, ""};
  mark.opacity = opacity;
  mark.low = series.taken.quantiles[low];
  mark.high = series.taken.quantiles[high];
  mark.naming = ChartNaming::legend;
  return mark;
}

ChartMark line(const std::string& id, const std::string& name, std::vector<double> values, Swatch swatch,
               double weight) {
  ChartMark mark;
  mark.id = id;
  mark.name = name;
  mark.values = std::move(values);
  mark.swatch = std::move(swatch);
  mark.weight = weight;
  mark.naming = ChartNaming::legend;
  return mark;
}

}  // namespace

FigureResult fan_figure(Session& session, const FigureSpec& spec) {
  if (spec.role("show").empty()) return no_figure("a fan needs `show`: the results it shows");
  const bool chinese = is_chinese(spec.language);
  const FigureData data(session, spec, true);
  if (!data.problem().empty()) return no_figure(data.problem());
  const ChartSeriesSet set = data.take("show");
  if (!set.problem.empty()) return no_figure(set.problem);
  const auto p5 = quantile_at(set.quantiles, 0.05), p25 = quantile_at(set.quantiles, 0.25),
             p50 = quantile_at(set.quantiles, 0.5), p75 = quantile_at(set.quantiles, 0.75),
             p95 = quantile_at(set.quantiles, 0.95);
  if (!p5 || !p25 || !p50 || !p75 || !p95)
    return no_figure("a fan needs draws with the quantiles 5, 25, 50, 75 and 95 %");
  TimeChart chart = chart_of(spec, set);
  bool varies = false;
  for (const ChartSeriesPanel& panel : set.panels)
    for (const ChartSeries& series : panel.series) {
      ChartPanel out;
      const bool several = panel.series.size() > 1;
      out.title = panel.title + (!panel.title.empty() && several ? (chinese ? "，" : ", ") : "") +
                  (several || panel.title.empty() ? series.name : "");
      if (series.taken.quantiles.size() > *p95) {
        varies = true;
        out.marks.push_back(band(series, *p5, *p95, 0.25, chinese ? "90%区间" : "90 % of draws"));
        out.marks.push_back(band(series, *p25, *p75, 0.45, chinese ? "50%区间" : "50 %"));
        out.marks.push_back(line(series.id + ".median", chinese ? "中位数" : "Median",
                                 series.taken.quantiles[*p50], {"#16445c", Hatch::none, Marker::circle, ""},
                                 1.3));
      }
      out.marks.push_back(line(series.id, chinese ? "标称值" : "Nominal", series.taken.values,
                               {"#111111", Hatch::none, Marker::circle, "3 1.8"}, 0.9));
      Published published = published_of(session, series.id, set);
      if (published.any) {
        ChartMark points;
        points.kind = ChartMark::Kind::points;
        points.id = series.id + ".published";
        points.name = chinese ? "文献值" : "Published";
        points.swatch = {"#c8321e", Hatch::none, Marker::diamond, ""};
        points.values = std::move(published.value);
        points.low = std::move(published.low);
        points.high = std::move(published.high);
        points.naming = ChartNaming::legend;
        out.marks.push_back(std::move(points));
      }
      chart.panels.push_back(std::move(out));
    }
  if (!varies && !session.kept_results.empty() && session.draws)
    return no_figure(fmt::format("the draws kept no statistics of what is shown here, only of {}",
                                 fmt::join(session.kept_results, ", ")));
  if (!varies)
    return no_figure(
        "nothing here varies between draws, or several numbers are added up: show a quantity that is the "
        "sum");
  trim_years(chart);
  FigureText text = figure_text(session, data.results(), spec, title_of_series(set, spec));
  if (spec.title.empty())
    text.heading +=
        (chinese ? "，" : ", ") + years_text(chart.years.front(), chart.years.back(), spec.language);
  text.description = text.heading;
  const double draws = static_cast<double>(session.draws ? session.draws->draws : spec.draws);
  text.notes.insert(text.notes.begin(), chinese ? fmt::format("{}次抽样。", format_fixed(draws, 0))
                                                : fmt::format("{} draws.", format_fixed(draws, 0)));
  return figure_result(draw_time_chart(chart, text, spec.options()));
}

}  // namespace lode
