// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <regex>

#include "lode/api/figure_kinds.hpp"
#include "lode/api/verdict_text.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/sources.hpp"

namespace lode {
namespace {

/// Titles of what was chosen: "Electric vehicles".
std::string chosen_labels(const ResultSet& results, const FigureSpec& spec) {
  const bool chinese = is_chinese(spec.language);
  std::string out;
  for (const auto& [name, label] : spec.only) {
    std::string title = label;
    for (const ResultDimension& dimension : results.dimensions) {
      if (dimension.name != name) continue;
      for (std::size_t i = 0; i < dimension.labels.size(); ++i)
        if (dimension.labels[i] == label) title = label_title(dimension, i, spec.language);
    }
    out += (out.empty() ? "" : chinese ? "，" : ", ") + title;
  }
  return out;
}

/// Cases chosen other than by default: "Supply: high".
std::string chosen_scenario(const Session& session, const FigureSpec& spec) {
  const bool chinese = is_chinese(spec.language);
  std::string out;
  for (const ScenarioAxis& axis : session.model->axes) {
    const auto own = spec.scenario.find(axis.name.id);
    const auto chosen = session.model->scenario.find(axis.name.id);
    std::string name = own != spec.scenario.end()                ? own->second
                       : chosen != session.model->scenario.end() ? chosen->second
                                                                 : axis.fallback.id;
    if (name == axis.fallback.id || axis.name.id == spec.by || axis.name.id == spec.panels) continue;
    for (std::size_t i = 0; i < axis.cases.size() && i < axis.case_titles.size(); ++i)
      if (axis.cases[i].id == name && !axis.case_titles[i].empty())
        name = axis.case_titles[i].in(spec.language);
    out += (out.empty() ? ""
            : chinese   ? "；"
                        : "; ") +
           (axis.title.empty() ? axis.name.id : axis.title.in(spec.language)) + (chinese ? "：" : ": ") +
           name;
  }
  return out;
}

}  // namespace

FigureResult no_figure(std::string problem) {
  FigureResult result;
  result.problem = std::move(problem);
  return result;
}

std::string first_error(const Diagnostics& diagnostics, const std::string& otherwise) {
  for (const Diagnostic& each : diagnostics.all())
    if (each.severity == Severity::error)
      return each.help.empty() ? each.message : each.message + "; " + each.help;
  return otherwise;
}

FigureResult figure_result(FigureFiles files) {
  FigureResult result;
  result.svg = std::move(files.svg);
  result.scene_json = std::move(files.scene_json);
  result.table_csv = std::move(files.table_csv);
  return result;
}

std::string case_title(const ResultSet& results, const std::string& language) {
  static const std::regex years("( |,|，)*[0-9]{4}(-|–|—)[0-9]{4}(年)?$");
  const bool chinese = is_chinese(language) && !results.title_zh.empty();
  return std::regex_replace(chinese ? results.title_zh : results.title, years, "");
}

std::string years_text(int first, int last, const std::string& language) {
  if (first == last) return is_chinese(language) ? fmt::format("{}年", first) : std::to_string(first);
  return is_chinese(language) ? fmt::format("{}—{}年", first, last) : fmt::format("{}–{}", first, last);
}

FigureText figure_text(const Session& session, const ResultSet& results, const FigureSpec& spec,
                       const std::string& what) {
  const bool chinese = is_chinese(spec.language);
  FigureText text;
  text.heading = spec.title.empty() ? what : spec.title.in(spec.language);
  if (const std::string chosen = chosen_labels(results, spec); !chosen.empty() && spec.title.empty())
    text.heading += (chinese ? "：" : ": ") + chosen;
  if (!spec.note.empty()) text.notes.push_back(spec.note.in(spec.language));
  text.scenario = chosen_scenario(session, spec);
  text.source = source_line(*session.model, spec.language);
  text.source += (text.source.empty() ? ""
                  : chinese           ? "；"
                                      : "; ") +
                 (chinese ? fmt::format("由 lode {} 计算", engine_version())
                          : fmt::format("computed with lode {}", engine_version()));
  return text;
}

}  // namespace lode
