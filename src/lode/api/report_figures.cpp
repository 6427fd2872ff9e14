// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/api/figures.hpp"
#include "lode/api/report.hpp"

namespace lode {

std::vector<ReportFigure> report_figures(Session& session, Json& document,
                                         std::vector<std::string>& remarks) {
  std::vector<ReportFigure> figures;
  document = Json::array();
  for (const FigureInfo& info : figure_list(session)) {
    // What is made of draws alone is drawn where there are some.
    if (!session.draws && (info.kind == "fan" || info.kind == "tornado")) continue;
    Json one = {{"id", info.id}, {"kind", info.kind}, {"title", title_json(info.title, info.title_zh)}};
    for (const char* language : {"en", "zh"}) {
      FigureRequest request;
      request.id = info.id;
      request.language = language;
      FigureResult drawn = draw_figure(session, request);
      if (!drawn.problem.empty()) {
        if (language == std::string("en"))
          remarks.push_back(fmt::format("no figure {}: {}", info.id, drawn.problem));
        continue;
      }
      one["svg"][language] = drawn.svg;
      one["csv"][language] = drawn.table_csv;
      figures.push_back(
          {fmt::format("{}.{}", info.id, language), std::move(drawn.svg), std::move(drawn.table_csv)});
    }
    if (one.contains("svg")) document.push_back(std::move(one));
  }
  return figures;
}

}  // namespace lode
