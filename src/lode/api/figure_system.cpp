// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/figure_kinds.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/sankey_data.hpp"
#include "lode/report/system_picture.hpp"

namespace lode {
namespace {

std::string name_of(const Title& title, std::string id, const std::string& language) {
  if (!title.empty()) return title.in(language);
  std::replace(id.begin(), id.end(), '_', ' ');
  return id;
}

}  // namespace

FigureResult system_figure(Session& session, const FigureSpec& spec) {
  const BoundModel& bound = *session.bound;
  const Model& model = *session.model;
  SystemPicture system;
  for (const StageDecl& stage : model.stages)
    system.stages.push_back(name_of(stage.title, stage.name.id, spec.language));
  std::vector<std::optional<std::size_t>> place(bound.processes.size());
  for (std::size_t p = 0; p < bound.processes.size(); ++p) {
    const BoundProcess& process = bound.processes[p];
    if (process.declaration && process.declaration->outside) continue;
    SystemProcess out;
    out.name =
        name_of(process.declaration ? process.declaration->title : Title{}, process.name, spec.language);
    if (process.declaration && process.declaration->stage)
      for (std::size_t s = 0; s < model.stages.size(); ++s)
        if (model.stages[s].name.id == process.declaration->stage->id) out.stage = static_cast<int>(s);
    for (const std::size_t stock : process.stocks)
      out.stocks.push_back(
          name_of(bound.stocks[stock].declaration->title, bound.stocks[stock].name, spec.language));
    place[p] = system.processes.size();
    system.processes.push_back(std::move(out));
  }
  const auto partner = [&](std::size_t process) {
    const ProcessDecl* declaration = bound.processes[process].declaration;
    return name_of(declaration ? declaration->title : Title{}, bound.processes[process].name, spec.language);
  };
  for (const Quantity& flow : bound.quantities) {
    if (flow.kind != Quantity::Kind::flow || !flow.from || !flow.to) continue;
    SystemFlow out;
    out.name = name_of(flow.title, flow.name, spec.language);
    out.from = place[*flow.from];
    out.to = place[*flow.to];
    if (!out.from && !out.to) continue;
    if (!out.from) out.partner = partner(*flow.from);
    if (!out.to) {
      out.partner = partner(*flow.to);
      // As in the Sankey diagram.
      const std::string role = outside_role(bound, *flow.to, spec.outside);
      out.loss = role == "loss";
      out.use = role == "use";
    }
    system.flows.push_back(std::move(out));
  }
  if (system.processes.empty()) return no_figure("the model has no processes");
  if (const double least = least_system_width(system, spec.options()); least > spec.options().width)
    return no_figure(fmt::format("the system has too many processes side by side for {:g} mm: take {:.0f} mm",
                                 spec.width, std::ceil(least / points_per_millimetre)));
  const ResultSet results = results_of(session);
  const bool chinese = is_chinese(spec.language);
  FigureText text = figure_text(session, results, spec,
                                case_title(results, spec.language) + (chinese ? "：系统" : ": the system"));
  text.scenario.clear();
  text.description = text.heading;
  text.notes.insert(text.notes.begin(), chinese ? "虚线：系统边界。上方为流入，下方为流出；白框：存量。"
                                                : "Dashed: the boundary of the system. What comes in stands "
                                                  "above, what goes out below; white boxes are stocks.");
  return figure_result(draw_system(system, text, spec.options()));
}

}  // namespace lode
