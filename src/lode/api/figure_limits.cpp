// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"

namespace lode {
namespace {

/// A limit of the model on a result that is one number per year.
struct Limit {
  const BoundAlert* alert = nullptr;
  std::string result, unit;  ///< the unit it is shown in
  double scale = 1;          ///< of that unit
  double level = 0;          ///< in it
  bool at_most = true;
  std::string words;      ///< "at most 50 %"
  std::string condition;  ///< "> 50 %"
};

std::vector<Limit> limits_of(const Session& session, const FigureSpec& spec) {
  const bool chinese = is_chinese(spec.language);
  std::vector<Limit> limits;
  for (const BoundAlert& alert : session.bound->alerts) {
    const Quantity& quantity = session.bound->quantities[alert.quantity];
    const auto& shown = spec.role("show");
    const bool wanted =
        shown.empty() || std::any_of(shown.begin(), shown.end(), [&](const FigureSpec::Series& s) {
          return s.result == quantity.name || s.result + ".stock" == quantity.name;
        });
    if (!wanted || !quantity.dims.time || !quantity.dims.labels.empty()) continue;
    for (const bool at_most : {true, false}) {
      const auto& bound = at_most ? alert.at_most : alert.at_least;
      const auto& written = at_most ? alert.declaration->at_most : alert.declaration->at_least;
      if (!bound || !written) continue;
      Limit limit;
      limit.alert = &alert;
      limit.result = quantity.name;
      limit.at_most = at_most;
      // Shares are read in per cent.
      limit.unit = quantity.unit.dimensionless() ? "%" : quantity.unit.str();
      const auto unit = parse_unit(limit.unit).unit;
      if (!unit) continue;
      limit.scale = unit->scale();
      limit.level = *bound / limit.scale;
      const std::string number = fmt::format("{:.4g}", limit.level) + (limit.unit == "%" ? " %" : "");
      limit.words =
          chinese ? (at_most ? "上限 " : "下限 ") + number : (at_most ? "At most " : "At least ") + number;
      limit.condition = fmt::format("{} {:.17g} {}", at_most ? ">" : "<", limit.level, limit.unit);
      limits.push_back(std::move(limit));
    }
  }
  return limits;
}

/// Probabilities of being beyond each limit, per cent, in the years in which it holds and the result has a
/// value; empty where nothing is drawn.
std::vector<std::vector<double>> probabilities(const Session& session, const std::vector<Limit>& limits,
                                               const std::vector<TakenSeries>& taken,
                                               const std::vector<int>& years) {
  std::vector<std::vector<double>> result(limits.size());
  if (!session.draws) return result;
  DrawRequest request;
  request.draws = session.draws->draws;
  request.seed = session.draws->design.seed;
  std::vector<std::pair<std::size_t, std::size_t>> asked;  // limit, year
  for (std::size_t k = 0; k < limits.size(); ++k)
    for (std::size_t y = 0; y < years.size(); ++y)
      if (std::isfinite(taken[k].values[y]) &&
          years[y] >= limits[k].alert->declaration->from.value_or(years.front())) {
        asked.emplace_back(k, y);
        request.probability.push_back(
            fmt::format("{}[{}] {}", limits[k].result, years[y], limits[k].condition));
      }
  Session own = open_session(session.as_read, session.model->scenario);
  Team alone;
  if (!own.planned() || !bind_draw_questions(own, request) || !compute(own) ||
      !run_draws(own, request, alone, DrawScope::questions))
    return result;
  for (std::size_t q = 0; q < asked.size() && q < own.draw_questions.size(); ++q) {
    const auto [k, y] = asked[q];
    const std::size_t quantity = own.draw_questions[q].quantity;
    const std::size_t cell = own.draw_model->find(quantity, 0, 0);
    const double share = cell == DrawModel::no_cell ? own.evaluation->quantity(quantity).value(0, 0)
                                                    : own.draws->cells[cell].mean;
    if (result[k].empty()) result[k].assign(years.size(), absent);
    if (std::isfinite(share)) result[k][y] = 100 * share;
  }
  return result;
}

std::string title_of(const Session& session, const Limit& limit, const FigureSpec& spec) {
  const Quantity& quantity = session.bound->quantities[limit.alert->quantity];
  if (!quantity.title.empty()) return quantity.title.in(spec.language);
  return quantity.name;
}

}  // namespace

FigureResult limits_figure(Session& session, const FigureSpec& spec) {
  const bool chinese = is_chinese(spec.language);
  const std::vector<Limit> limits = limits_of(session, spec);
  if (limits.empty())
    return no_figure("the case has no alert on a result with one number per year: see `alerts:`");
  ResultSet results = results_of(session);
  add_draws(session, results);
  TimeChart chart;
  chart.kind = spec.kind;
  chart.history = spec.history;
  chart.own_scales = true;
  const auto p5 = quantile_at(results.quantiles, 0.05), p95 = quantile_at(results.quantiles, 0.95);
  std::vector<TakenSeries> taken;
  for (const Limit& limit : limits) {
    SeriesQuery query;
    query.result = limit.result;
    query.first_year = spec.first_year;
    query.last_year = spec.last_year;
    query.unit = limit.unit;
    SeriesData data = take_series(*session.bound, results, query);
    if (!data.problem.empty()) return no_figure(data.problem);
    chart.years = data.years;
    taken.push_back(std::move(data.series.front()));
  }
  const auto chances = probabilities(session, limits, taken, chart.years);
  for (std::size_t k = 0; k < limits.size(); ++k) {
    const Limit& limit = limits[k];
    const std::vector<double>& values = taken[k].values;
    ChartPanel out;
    out.title = title_of(session, limit, spec);
    out.unit = limit.unit;
    out.levels.push_back({limit.level, limit.words});
    if (p5 && p95 && taken[k].quantiles.size() > *p95) {
      ChartMark band;
      band.kind = ChartMark::Kind::area;
      band.id = limit.result + ".band";
      band.name = chinese ? "90%区间" : "90 % of draws";
      band.swatch = {"#2b6c8f", Hatch::none, Marker::square, ""};
      band.opacity = 0.25;
      band.low = taken[k].quantiles[*p5];
      band.high = taken[k].quantiles[*p95];
      band.naming = ChartNaming::legend;
      out.marks.push_back(std::move(band));
    }
    ChartMark beyond;
    beyond.kind = ChartMark::Kind::area;
    beyond.id = limit.result + ".beyond";
    beyond.name = chinese ? "超出限值" : "Beyond the limit";
    beyond.swatch = {"#d01c1c", Hatch::rising, Marker::square, ""};
    beyond.naming = ChartNaming::legend;
    beyond.in_table = false;
    beyond.low.assign(values.size(), absent);
    beyond.high = beyond.low;
    bool any = false;
    const int from = limit.alert->declaration->from.value_or(chart.years.front());
    for (std::size_t y = 0; y < values.size(); ++y) {
      if (!std::isfinite(values[y]) || chart.years[y] < from) continue;
      beyond.low[y] = std::min(limit.level, limit.at_most ? limit.level : values[y]);
      beyond.high[y] = std::max(limit.level, limit.at_most ? values[y] : limit.level);
      any = any || beyond.low[y] != beyond.high[y];
    }
    if (any) out.marks.push_back(std::move(beyond));
    ChartMark line;
    line.id = limit.result;
    line.name = chinese ? "计算值" : "Result";
    line.swatch = {"#111111", Hatch::none, Marker::circle, ""};
    line.weight = 1.5;
    line.values = values;
    line.naming = ChartNaming::none;
    out.marks.push_back(std::move(line));
    chart.panels.push_back(std::move(out));
    if (chances[k].empty()) continue;
    ChartPanel chance;
    chance.title =
        (chinese ? "超出限值的概率：" : "Probability of being beyond: ") + title_of(session, limit, spec);
    chance.unit = "%";
    ChartMark bars;
    bars.kind = ChartMark::Kind::bars;
    bars.id = limit.result + ".probability";
    bars.name = chinese ? "概率" : "Probability";
    bars.swatch = {"#c8321e", Hatch::none, Marker::square, ""};
    bars.values = chances[k];
    bars.low.assign(bars.values.size(), absent);
    bars.high = bars.values;
    for (std::size_t y = 0; y < bars.values.size(); ++y)
      if (std::isfinite(bars.values[y])) bars.low[y] = 0;
    bars.naming = ChartNaming::none;
    chance.marks.push_back(std::move(bars));
    ChartLevel all{100, "100 %"};
    chance.levels.push_back(all);
    chart.panels.push_back(std::move(chance));
  }
  trim_years(chart);
  FigureText text =
      figure_text(session, results, spec, chinese ? "指标与限值" : "Indicators and their limits");
  if (spec.title.empty())
    text.heading +=
        (chinese ? "，" : ", ") + years_text(chart.years.front(), chart.years.back(), spec.language);
  text.description = text.heading;
  for (const Limit& limit : limits)
    text.description += (chinese ? "；" : "; ") + title_of(session, limit, spec) + ", " + limit.words;
  return figure_result(draw_time_chart(chart, text, spec.options()));
}

}  // namespace lode
