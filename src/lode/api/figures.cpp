// SPDX-License-Identifier: Apache-2.0
#include "lode/api/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "lode/report/sankey_data.hpp"
#include "lode/report/sankey_svg.hpp"
#include "lode/report/sources.hpp"

namespace lode {
namespace {

FigureResult refused(std::string problem) {
  FigureResult result;
  result.problem = std::move(problem);
  return result;
}

/// Titles of what was chosen: "Electric vehicles".
std::string chosen_labels(const ResultSet& results, const FigureRequest& request) {
  const bool chinese = is_chinese(request.language);
  std::string out;
  for (const auto& [name, label] : request.only) {
    std::string title = label;
    for (const ResultDimension& dimension : results.dimensions) {
      if (dimension.name != name) continue;
      for (std::size_t i = 0; i < dimension.labels.size(); ++i) {
        if (dimension.labels[i] != label) continue;
        if (i < dimension.titles.size() && !dimension.titles[i].empty()) title = dimension.titles[i];
        if (chinese && i < dimension.titles_zh.size() && !dimension.titles_zh[i].empty())
          title = dimension.titles_zh[i];
      }
    }
    out += (out.empty() ? "" : chinese ? "，" : ", ") + title;
  }
  return out;
}

/// Cases chosen other than by default: "Supply: high".
std::string chosen_scenario(const Model& model, const std::string& language) {
  const bool chinese = is_chinese(language);
  std::string out;
  for (const ScenarioAxis& axis : model.axes) {
    const auto chosen = model.scenario.find(axis.name.id);
    if (chosen == model.scenario.end() || chosen->second == axis.fallback.id) continue;
    std::string name = chosen->second;
    for (std::size_t i = 0; i < axis.cases.size() && i < axis.case_titles.size(); ++i)
      if (axis.cases[i].id == name && !axis.case_titles[i].empty()) name = axis.case_titles[i].in(language);
    out += (out.empty() ? ""
            : chinese   ? "；"
                        : "; ") +
           (axis.title.empty() ? axis.name.id : axis.title.in(language)) + (chinese ? "：" : ": ") + name;
  }
  return out;
}

/// A title without the years it ends in: the figure says its own.
std::string without_years(const std::string& title) {
  static const std::regex years("( |,|，)*[0-9]{4}(-|–|—)[0-9]{4}(年)?$");
  return std::regex_replace(title, years, "");
}

FigureText figure_text(const Session& session, const ResultSet& results, const FigureRequest& request) {
  const bool chinese = is_chinese(request.language);
  FigureText text;
  text.heading = without_years(chinese && !results.title_zh.empty() ? results.title_zh : results.title);
  if (const std::string chosen = chosen_labels(results, request); !chosen.empty())
    text.heading += (chinese ? "：" : ": ") + chosen;
  if (request.first_year == request.last_year) {
    text.heading +=
        chinese ? fmt::format("，{}年", request.first_year) : fmt::format(", {}", request.first_year);
  } else {
    text.heading += chinese ? fmt::format("，{}—{}年累计", request.first_year, request.last_year)
                            : fmt::format(", total {}–{}", request.first_year, request.last_year);
  }
  text.scenario = chosen_scenario(*session.model, request.language);
  text.source = source_line(*session.model, request.language);
  text.source += (text.source.empty() ? ""
                  : chinese           ? "；"
                                      : "; ") +
                 (chinese ? fmt::format("由 lode {} 计算", engine_version())
                          : fmt::format("computed with lode {}", engine_version()));
  return text;
}

/// The smallest scale that any year of the model needs.
double scale_for_all_years(const Session& session, const ResultSet& results, const FigureRequest& request,
                           const SankeyFigureOptions& options) {
  const Dimensions& dims = session.bound->dimensions;
  double least = 0;
  for (std::size_t period = dims.lead; period < dims.years.size(); ++period) {
    const int year = dims.years[period];
    const SankeyData data = take_sankey(*session.bound, results, {year, year, request.only});
    if (!data.problem.empty()) continue;
    const double scale = sankey_scale(data.input, options);
    least = least == 0 ? scale : std::min(least, scale);
  }
  return least;
}

FigureResult draw_sankey_of(const Session& session, const FigureRequest& request) {
  const ResultSet results = results_of(session);
  const SankeyData data =
      take_sankey(*session.bound, results, {request.first_year, request.last_year, request.only});
  if (!data.problem.empty()) return refused(data.problem);
  SankeyFigureOptions options;
  options.figure.width = request.width * points_per_millimetre;
  options.figure.language = request.language;
  options.unit = data.unit;
  if (request.one_scale && request.first_year == request.last_year)
    options.scale = scale_for_all_years(session, results, request, options);
  FigureText text = figure_text(session, results, request);
  const bool chinese = is_chinese(request.language);
  FigureResult result;
  if (!data.left_out.empty()) {
    text.notes.push_back(chinese
                             ? fmt::format("未画出（单位不可换算）：{}。", fmt::join(data.left_out, "、"))
                             : fmt::format("Not drawn, for their unit: {}.", fmt::join(data.left_out, ", ")));
    result.remarks.push_back(text.notes.back());
  }
  FigureFiles files = draw_sankey(data.input, text, options);
  result.svg = std::move(files.svg);
  result.scene_json = std::move(files.scene_json);
  result.table_csv = std::move(files.table_csv);
  return result;
}

}  // namespace

std::vector<std::string> figure_kinds() {
  return {"sankey"};
}

FigureResult draw_figure(const Session& session, const FigureRequest& request) {
  if (!(request.width >= 60 && request.width <= 500))
    return refused(fmt::format("{} mm is no width for a figure: 60 to 500", request.width));
  FigureRequest whole = request;
  if (whole.first_year == 0) whole.first_year = session.bound->dimensions.last_year();
  if (whole.last_year == 0) whole.last_year = whole.first_year;
  if (!whole.layer.empty()) {
    const Dimensions& dims = session.bound->dimensions;
    const auto layer = std::find_if(dims.all.begin(), dims.all.end(), [&](const Dimension& dimension) {
      return dimension.balance_each && dimension.index_of(whole.layer);
    });
    if (layer == dims.all.end())
      return refused(fmt::format("no dimension with `balance: each` has a label `{}`", whole.layer));
    whole.only[layer->name] = whole.layer;
  }
  if (request.kind == "sankey") return draw_sankey_of(session, whole);
  const std::vector<std::string> kinds = figure_kinds();
  return refused(
      fmt::format("there is no figure `{}`; the figures are {}", request.kind, fmt::join(kinds, ", ")));
}

}  // namespace lode
