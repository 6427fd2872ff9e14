// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/api/figure_kinds.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/sankey_data.hpp"
#include "lode/report/sankey_svg.hpp"

namespace lode {
namespace {

/// The smallest scale that any year of the model needs.
double scale_for_all_years(const Session& session, const ResultSet& results, const FigureSpec& spec,
                           const SankeyFigureOptions& options) {
  const Dimensions& dims = session.bound->dimensions;
  double least = 0;
  for (std::size_t period = dims.lead; period < dims.years.size(); ++period) {
    const int year = dims.years[period];
    const SankeyData data = take_sankey(*session.bound, results, {year, year, spec.only});
    if (!data.problem.empty()) continue;
    const double scale = sankey_scale(data.input, options);
    least = least == 0 ? scale : std::min(least, scale);
  }
  return least;
}

}  // namespace

FigureResult sankey_figure(Session& session, const FigureSpec& spec) {
  const int last = spec.last_year != 0 ? spec.last_year : session.bound->dimensions.last_year();
  const int first = spec.first_year != 0 ? spec.first_year : last;
  const ResultSet results = results_of(session);
  const SankeyData data = take_sankey(*session.bound, results, {first, last, spec.only});
  if (!data.problem.empty()) return no_figure(data.problem);
  SankeyFigureOptions options;
  options.figure = spec.options();
  options.unit = data.unit;
  if (spec.one_scale && first == last) options.scale = scale_for_all_years(session, results, spec, options);
  FigureText text = figure_text(session, results, spec, case_title(results, spec.language));
  const bool chinese = is_chinese(spec.language);
  if (first == last)
    text.heading += chinese ? fmt::format("，{}年", first) : fmt::format(", {}", first);
  else
    text.heading +=
        chinese ? fmt::format("，{}—{}年累计", first, last) : fmt::format(", total {}–{}", first, last);
  std::vector<std::string> remarks;
  if (!data.left_out.empty()) {
    text.notes.push_back(chinese
                             ? fmt::format("未画出（单位不可换算）：{}。", fmt::join(data.left_out, "、"))
                             : fmt::format("Not drawn, for their unit: {}.", fmt::join(data.left_out, ", ")));
    remarks.push_back(text.notes.back());
  }
  FigureResult result = figure_result(draw_sankey(data.input, text, options));
  result.remarks = std::move(remarks);
  return result;
}

}  // namespace lode
