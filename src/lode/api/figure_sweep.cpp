// SPDX-License-Identifier: Apache-2.0
#include "lode/api/figure_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/sweep_chart.hpp"

namespace lode {
namespace {

SweepAxis axis_of(const BoundModel& model, const LeverRange& input, const std::string& language) {
  const Lever& lever = input.lever;
  const Title& title = model.leaves[lever.leaf].declaration->title;
  SweepAxis axis;
  const std::size_t chosen = std::min(lever.name.find('['), lever.name.size());
  axis.title = title.empty() ? lever.name : title.in(language);
  // What part of the parameter is moved, where it has a title.
  if (!title.empty() && chosen < lever.name.size()) axis.title += " " + lever.name.substr(chosen);
  if (lever.factor)
    axis.title += is_chinese(language) ? "，倍数" : ", times";
  else
    axis.unit = unit_in(lever_unit(lever), language);
  for (const double value : input.values) axis.values.push_back(lever_number(lever, value));
  if (lever.single) axis.now = lever_number(lever, lever.now);
  return axis;
}

}  // namespace

std::string result_name(const BoundModel& bound, const std::string& what, const std::string& language) {
  const std::size_t begin = std::min(what.find('['), what.size());
  const auto id = bound.find_quantity(what.substr(0, begin));
  if (!id || bound.quantities[*id].title.empty()) return what;
  // A formula that only begins with one is told as it is.
  if (begin < what.size() && what.find(']') + 1 != what.size()) return what;
  std::string title = bound.quantities[*id].title.in(language);
  if (begin == what.size()) return title;
  return title + (is_chinese(language) ? "，" : ", ") + what.substr(begin + 1, what.size() - begin - 2);
}

FigureResult draw_sweep_figure(const Session& session, const Sweep& sweep, const FigureSpec& spec) {
  if (sweep.columns.empty())
    return no_figure("a figure of a sweep shows up to twelve single numbers, like `gap[2035]`");
  const bool chinese = is_chinese(spec.language);
  std::vector<SweepAxis> axes;
  for (const LeverRange& input : sweep.inputs) axes.push_back(axis_of(*session.bound, input, spec.language));
  std::vector<SweepNumbers> results;
  for (const Sweep::Column& column : sweep.columns)
    results.push_back({result_name(*session.bound, column.name, spec.language), column.unit, column.is_year,
                       column.values});
  std::string what;
  for (const SweepAxis& axis : axes) what += (what.empty() ? "" : chinese ? "与" : " and ") + axis.title;
  const std::string shown =
      results.size() == 1 ? results.front().title : std::string(chinese ? "结果" : "Results");
  FigureText text = figure_text(session, results_of(session), spec,
                                shown + (chinese ? "：随" : " by ") + what + (chinese ? "变化" : ""));
  text.description = text.heading;
  const auto failed = std::count_if(sweep.problems.begin(), sweep.problems.end(),
                                    [](const std::string& problem) { return !problem.empty(); });
  if (failed > 0)
    text.notes.push_back(chinese
                             ? fmt::format("{}个点中有{}个无法计算。", sweep.points(), failed)
                             : fmt::format("{} of {} points could not be computed.", failed, sweep.points()));
  return figure_result(draw_sweep(axes, results, text, spec.options()));
}

FigureResult sweep_figure(Session& session, const FigureSpec& spec) {
  if (spec.inputs.empty() || spec.results.empty())
    return no_figure(
        "a figure of a sweep needs `inputs`, one or two like `collection = 0 %..100 % : 21`, and `results`: "
        "formulas that give one number, like `gap[2035]`");
  Session own = open_session(session.as_read, session.model->scenario);
  DrawRequest questions;
  questions.focus = spec.results;
  if (!own.planned() || !bind_draw_questions(own, questions) || !compute(own))
    return no_figure(first_error(own.diagnostics, "the sweep cannot be computed"));
  SweepRequest request;
  request.inputs = spec.inputs;
  request.what = spec.results;
  const std::optional<Sweep> sweep = run_sweep(own, request);
  if (!sweep) return no_figure(first_error(own.diagnostics, "the sweep cannot be computed"));
  return draw_sweep_figure(own, *sweep, spec);
}

}  // namespace lode
