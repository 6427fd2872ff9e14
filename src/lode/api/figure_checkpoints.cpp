// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/api/figure_kinds.hpp"
#include "lode/api/verify.hpp"
#include "lode/report/checkpoint_chart.hpp"
#include "lode/report/numbers.hpp"

namespace lode {

FigureResult checkpoints_figure(Session& session, const FigureSpec& spec) {
  if (session.model->checkpoints.empty()) return no_figure("the case has no checkpoints.csv");
  const bool chinese = is_chinese(spec.language);
  std::vector<CheckpointRow> rows;
  std::size_t computed = 0, agreeing = 0;
  const Verification verification = verify(session, session.model->scenario);
  for (std::size_t i = 0; i < verification.rows.size(); ++i) {
    const Comparison& each = verification.rows[i];
    const CheckpointDecl& declared = session.model->checkpoints[i];
    CheckpointRow row;
    row.id = each.id;
    row.what = each.what.empty() ? each.note : each.what;
    if (declared.year && row.what.find('[') == std::string::npos)
      row.what += fmt::format("[{}]", *declared.year);
    if (!declared.statistic.text.empty()) row.what = declared.statistic.text + ": " + row.what;
    row.unit = each.unit;
    row.relation = each.relation;
    row.status = static_cast<CheckpointRow::Status>(each.status);
    row.ours = each.ours;
    row.published = each.published;
    computed += each.status == Comparison::Status::agrees || each.status == Comparison::Status::differs;
    agreeing += each.status == Comparison::Status::agrees;
    rows.push_back(std::move(row));
  }
  const ResultSet results = results_of(session);
  FigureText text = figure_text(
      session, results, spec,
      case_title(results, spec.language) + (chinese ? "：与文献值比较" : ": ours against published"));
  text.description = text.heading + (chinese ? fmt::format("：{}项中{}项一致", computed, agreeing)
                                             : fmt::format(": {} of {} agree", agreeing, computed));
  return figure_result(draw_checkpoints(rows, text, spec.options()));
}

}  // namespace lode
