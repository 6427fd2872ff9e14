// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/sensitivity.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/ranking_chart.hpp"

namespace lode {
namespace {

/// A parameter's title; numbers of a parameter keep what follows its name: "content[EV]".
std::string input_name(const Model& model, const std::string& id, const std::string& language) {
  const std::size_t end = std::min(id.find('['), id.size());
  for (const ParameterDecl& parameter : model.parameters)
    if (parameter.name.id == id.substr(0, end) && !parameter.title.empty())
      return parameter.title.in(language) + (end < id.size() ? " " + id.substr(end) : "");
  return id;
}

/// "Demand, 2050" for demand[2050] where the result has a title.
std::string result_name(const BoundModel& bound, const std::string& what, const std::string& language) {
  const std::size_t begin = std::min(what.find('['), what.size());
  const auto id = bound.find_quantity(what.substr(0, begin));
  if (!id || bound.quantities[*id].title.empty()) return what;
  std::string title = bound.quantities[*id].title.in(language);
  if (begin == what.size()) return title;
  return title + (is_chinese(language) ? "，" : ", ") + what.substr(begin + 1, what.size() - begin - 2);
}

std::string first_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& each : diagnostics.all())
    if (each.severity == Severity::error) return each.message;
  return "the sensitivity cannot be computed";
}

}  // namespace

FigureResult tornado_figure(Session& session, const FigureSpec& spec) {
  if (spec.results.empty())
    return no_figure("a tornado figure needs `results`: formulas that give one number, like `gap[2035]`");
  const bool chinese = is_chinese(spec.language);
  Session own = open_session(session.as_read, session.model->scenario);
  DrawRequest questions;
  questions.focus = spec.results;
  if (!own.planned() || !bind_draw_questions(own, questions) || !compute(own))
    return no_figure(first_error(own.diagnostics));
  SensitivityRequest request;
  request.what = spec.results;
  request.draws = spec.draws;
  request.seed = spec.seed;
  const auto found = find_sensitivity(own, request);
  if (!found) return no_figure(first_error(own.diagnostics));

  std::vector<RankedResult> results;
  for (const Ranking& ranking : found->rankings) {
    const DisplayUnit unit = display_unit(ranking.unit, std::abs(ranking.mean), spec.language);
    RankedResult result;
    result.title = fmt::format("{}{}{} ± {}{}{}", result_name(*own.bound, ranking.what, spec.language),
                               chinese ? "：" : ": ", format_significant(ranking.mean / unit.divisor),
                               format_significant(ranking.deviation / unit.divisor, 2),
                               unit.text.empty() ? "" : " ", unit.text);
    for (const Ranking::Line& line : ranking.lines) {
      RankedInput input;
      input.id = line.input;
      input.name = input_name(*session.model, line.input, spec.language);
      input.alone = {line.first.value, line.first.low, line.first.high};
      input.with_others = RankedShare{line.second.value, line.second.low, line.second.high};
      result.inputs.push_back(std::move(input));
    }
    results.push_back(std::move(result));
  }
  FigureText text = figure_text(session, results_of(session), spec,
                                chinese ? "各输入占结果方差的比例" : "Share of the variance by input");
  text.unit = "%";
  text.notes.insert(text.notes.begin(),
                    chinese ? fmt::format("Sobol指数，{}次计算；细线：95%置信区间。",
                                          format_fixed(static_cast<double>(found->runs), 0))
                            : fmt::format("Sobol indices from {} runs; thin lines: 95 % intervals.",
                                          format_fixed(static_cast<double>(found->runs), 0)));
  text.description = text.heading;
  return figure_result(draw_ranking(results, text, spec.options()));
}

}  // namespace lode
