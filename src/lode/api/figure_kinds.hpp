// SPDX-License-Identifier: Apache-2.0
//
// One function for each kind of figure: it takes the data from a computed session and has it drawn. What is
// missing or cannot be shown is said in `problem`.
#pragma once
#include <string>
#include <vector>

#include "lode/api/figure_spec.hpp"
#include "lode/report/figure.hpp"

namespace lode {

FigureResult sankey_figure(Session& session, const FigureSpec& spec);
FigureResult stacked_figure(Session& session, const FigureSpec& spec);
FigureResult lines_figure(Session& session, const FigureSpec& spec);
FigureResult multiples_figure(Session& session, const FigureSpec& spec);
FigureResult trade_figure(Session& session, const FigureSpec& spec);
FigureResult supply_demand_figure(Session& session, const FigureSpec& spec);
FigureResult fan_figure(Session& session, const FigureSpec& spec);
FigureResult tornado_figure(Session& session, const FigureSpec& spec);
FigureResult checkpoints_figure(Session& session, const FigureSpec& spec);
FigureResult limits_figure(Session& session, const FigureSpec& spec);
FigureResult sweep_figure(Session& session, const FigureSpec& spec);
FigureResult system_figure(Session& session, const FigureSpec& spec);

// What they share.

FigureResult no_figure(std::string problem);
/// The first error with what helps; `otherwise` if there is none.
std::string first_error(const Diagnostics& diagnostics, const std::string& otherwise);
FigureResult figure_result(FigureFiles files);

/// Heading from the spec's title or else from `what`, the part chosen, note, scenario and source. Nothing
/// about years.
FigureText figure_text(const Session& session, const ResultSet& results, const FigureSpec& spec,
                       const std::string& what);
/// The case's title without the years it ends in.
std::string case_title(const ResultSet& results, const std::string& language);
/// "2017年", "2000—2017年"; "2017", "2000–2017".
std::string years_text(int first, int last, const std::string& language);

}  // namespace lode
