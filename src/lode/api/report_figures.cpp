// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/api/figures.hpp"
#include "lode/api/report.hpp"

namespace lode {

std::vector<ReportFigure> report_figures(Session& session, std::vector<std::string>& remarks) {
  std::vector<ReportFigure> figures;
  for (const FigureInfo& info : figure_list(session)) {
    // What is made of draws alone is drawn where there are some.
    if (!session.draws && (info.kind == "fan" || info.kind == "tornado")) continue;
    for (const char* language : {"en", "zh"}) {
      FigureRequest request;
      request.id = info.id;
      request.language = language;
      FigureResult drawn = draw_figure(session, request);
      if (drawn.problem.empty()) {
        figures.push_back(
            {fmt::format("{}.{}", info.id, language), std::move(drawn.svg), std::move(drawn.table_csv)});
      } else if (language == std::string("en")) {
        remarks.push_back(fmt::format("no figure {}: {}", info.id, drawn.problem));
      }
    }
  }
  return figures;
}

}  // namespace lode
