// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_sweep.hpp"
#include "lode/api/sensitivity.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/ranking_chart.hpp"

namespace lode {

struct DrawnTornado {
  std::shared_ptr<const BoundModel> model;  ///< which knows the formulas that are ranked
  Sensitivity found;
};

namespace {

/// A parameter's title; numbers of a parameter keep what follows its name: "content[EV]".
std::string input_name(const Model& model, const std::string& id, const std::string& language) {
  const std::size_t end = std::min(id.find('['), id.size());
  for (const ParameterDecl& parameter : model.parameters)
    if (parameter.name.id == id.substr(0, end) && !parameter.title.empty())
      return parameter.title.in(language) + (end < id.size() ? " " + id.substr(end) : "");
  return id;
}

std::shared_ptr<const DrawnTornado> tornado_of(Session& session, const FigureSpec& spec,
                                               std::string& problem) {
  SensitivityRequest request;
  request.what = spec.results;
  request.draws = spec.draws;
  request.seed = spec.seed;
  if (session.tornado) {
    const SensitivityRequest& last = session.tornado->found.request;
    if (last.what == request.what && last.draws == request.draws && last.seed == request.seed)
      return session.tornado;
  }
  Session own = open_session(session.as_read, session.model->scenario);
  DrawRequest questions;
  questions.focus = spec.results;
  if (own.planned() && bind_draw_questions(own, questions) && compute(own))
    if (auto found = find_sensitivity(own, request)) {
      session.tornado = std::make_shared<const DrawnTornado>(DrawnTornado{own.bound, std::move(*found)});
      return session.tornado;
    }
  problem = first_error(own.diagnostics, "the sensitivity cannot be computed");
  return nullptr;
}

}  // namespace

FigureResult tornado_figure(Session& session, const FigureSpec& spec) {
  if (spec.results.empty())
    return no_figure("a tornado figure needs `results`: formulas that give one number, like `gap[2035]`");
  const bool chinese = is_chinese(spec.language);
  std::string problem;
  const auto tornado = tornado_of(session, spec, problem);
  if (!tornado) return no_figure(problem);

  std::vector<RankedResult> results;
  for (const Ranking& ranking : tornado->found.rankings) {
    const DisplayUnit unit = display_unit(ranking.unit, std::abs(ranking.mean), spec.language);
    RankedResult result;
    result.title = fmt::format("{}{}{} ± {}{}{}", result_name(*tornado->model, ranking.what, spec.language),
                               chinese ? "：" : ": ", format_significant(ranking.mean / unit.divisor),
                               format_significant(ranking.deviation / unit.divisor, 2),
                               unit.text.empty() ? "" : " ", unit.text);
    result.centre = ranking.centre / unit.divisor;
    result.unit = unit.text;
    for (const Ranking::Line& line : ranking.lines) {
      RankedInput input;
      input.id = line.input;
      input.name = input_name(*session.model, line.input, spec.language);
      input.alone = {line.first.value, line.first.low, line.first.high};
      input.with_others = RankedShare{line.second.value, line.second.low, line.second.high};
      if (!ranking.unit.empty() && std::isfinite(ranking.centre))
        input.swing = RankedInput::Swing{line.low / unit.divisor, line.high / unit.divisor};
      result.inputs.push_back(std::move(input));
    }
    results.push_back(std::move(result));
  }
  FigureText text = figure_text(session, results_of(session), spec,
                                chinese ? "结果的主要影响因素" : "What the result depends on");
  const std::string runs = format_fixed(static_cast<double>(tornado->found.runs), 0);
  std::vector<std::string> notes =
      chinese ? std::vector<std::string>{"左：单个输入取其5%与95%分位值、其余取中位值时的结果；含多个数的输入同向变动。"
                                         "右侧粗体数字为总效应。",
                                         fmt::format("方差占比：Sobol指数，{}次计算；细线：95%置信区间。", runs)}
              : std::vector<std::string>{
                    "Bars left: the result with one input at its 5 % or 95 % point and all others at their "
                    "medians; the numbers of an input move together. In bold at the right: total share of "
                    "the variance.",
                    fmt::format("Shares: Sobol indices from {} runs; thin lines: 95 % intervals.", runs)};
  text.notes.insert(text.notes.begin(), notes.begin(), notes.end());
  text.description = text.heading;
  return figure_result(draw_ranking(results, text, spec.options()));
}

}  // namespace lode
