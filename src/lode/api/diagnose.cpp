// SPDX-License-Identifier: Apache-2.0
#include "lode/api/diagnose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "lode/api/verdict_text.hpp"
#include "lode/report/numbers.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

using Json = nlohmann::ordered_json;

struct Verdict {
  bool known = false;
  double value = 0;
  std::string unit;
  std::optional<double> at_least, at_most;
  double ratio = 0;    ///< above one: beyond a limit; infinite where what must not fall short is not there
  bool below = false;  ///< it is the lower limit that is meant
  std::optional<double> probability;  ///< of a breach
  bool beyond() const { return known && ratio > 1; }
};

struct Diagnosis {
  int year = 0;
  struct Indicator {
    std::string name, title;
    bool without_draws = false;  ///< the spread is known with draws only
  };
  std::vector<Indicator> indicators;
  struct Stage {
    std::string name, title;
    std::vector<Verdict> cells;       ///< one per indicator
    std::vector<std::size_t> beyond;  ///< indicators, the furthest first
    double furthest = 0;
  };
  std::vector<Stage> stages;
  std::optional<std::size_t> weak, nearest;
};

std::string built_in_title(const DiagnosisDecl& declaration, const std::string& language) {
  const bool chinese = is_chinese(language);
  if (!declaration.title.empty()) return declaration.title.in(language);
  if (declaration.kind == DiagnosisDecl::Kind::balance) return chinese ? "平衡差额" : "balance";
  if (declaration.kind == DiagnosisDecl::Kind::spread) return chinese ? "数据离散度" : "spread";
  return declaration.name.id;
}

double ratio_to(const Verdict& cell, bool& below) {
  const double none = std::numeric_limits<double>::infinity();
  double ratio = 0;
  if (cell.at_most) {
    if (cell.value > 0) ratio = *cell.at_most > 0 ? cell.value / *cell.at_most : none;
    below = false;
  }
  if (cell.at_least && *cell.at_least > 0) {
    const double short_of = cell.value > 0 ? *cell.at_least / cell.value : none;
    if (!cell.at_most || short_of > ratio) {
      ratio = short_of;
      below = true;
    }
  }
  return ratio;
}

/// Mean and deviation of a result in a year, from its draws.
std::optional<std::pair<double, double>> drawn(const ResultSet& results, const std::string& name,
                                               std::size_t place) {
  const ResultVariable* variable = results.find(name);
  if (!variable || !variable->uncertainty) return std::nullopt;
  const std::size_t at = variable->values.size() > 1 ? place : 0;
  const double mean = variable->uncertainty->mean[at], deviation = variable->uncertainty->deviation[at];
  return std::isnan(mean) ? std::nullopt : std::optional(std::pair(mean, deviation));
}

Verdict judge(const Session& session, const ResultSet& results, const BoundDiagnosis& indicator,
              const BoundDiagnosis::Cell& cell, std::size_t period) {
  const BoundModel& model = *session.bound;
  const Quantity& quantity = model.quantities[cell.quantity];
  const std::size_t place = period - model.dimensions.lead;
  Verdict verdict;
  if (indicator.declaration->kind == DiagnosisDecl::Kind::spread) {
    verdict.unit = "1";
    const AlertDecl& limits = indicator.declaration->cells.front();
    if (limits.at_most && limits.at_most->value) verdict.at_most = limits.at_most->value->number;
    if (session.draws && session.draw_model->draws(cell.quantity)) {
      const auto found = drawn(results, quantity.name, place);
      verdict.known = true;
      verdict.value = found && found->first != 0 ? found->second / std::abs(found->first) : 0;
    }
  } else {
    const std::size_t at = quantity.dims.time ? period : 0;
    const ShownValue value = shown(session, cell.quantity, 0, at);
    verdict.known = quantity.defined.at(0, at) && !std::isnan(value.value);
    verdict.value = value.value;
    if (indicator.declaration->kind == DiagnosisDecl::Kind::balance && std::abs(value.value) < 1e-12)
      verdict.value = 0;  // rounding
    verdict.unit = value.unit;
    const auto limit = [&](const std::optional<std::size_t>& id) -> std::optional<double> {
      if (!id) return std::nullopt;
      return shown(session, *id, 0, model.quantities[*id].dims.time ? period : 0).value;
    };
    verdict.at_least = limit(cell.alert->at_least);
    verdict.at_most = limit(cell.alert->at_most);
    if (session.draws) {
      const std::string& crossed = model.quantities[cell.alert->crossed].name;
      if (const auto found = drawn(results, crossed, place)) verdict.probability = found->first;
    }
  }
  if (verdict.known) verdict.ratio = ratio_to(verdict, verdict.below);
  return verdict;
}

Diagnosis diagnose(const Session& session, const ResultSet& results, int year, const std::string& language) {
  const BoundModel& model = *session.bound;
  Diagnosis out;
  out.year = year;
  const std::size_t period = *model.dimensions.year_index(year);
  const auto is_drawn = [&](const BoundDiagnosis::Cell& cell) {
    return session.draws && session.draw_model->draws(cell.quantity);
  };
  for (const BoundDiagnosis& indicator : model.diagnosis)
    out.indicators.push_back({indicator.declaration->name.id,
                              built_in_title(*indicator.declaration, language),
                              indicator.declaration->kind == DiagnosisDecl::Kind::spread &&
                                  !std::all_of(indicator.cells.begin(), indicator.cells.end(), is_drawn)});
  for (const StageDecl& declared : session.model->stages) {
    Diagnosis::Stage stage{declared.name.id, title_of(declared.title, declared.name.id, language), {}, {}, 0};
    bool any = false;
    for (std::size_t i = 0; i < model.diagnosis.size(); ++i) {
      Verdict verdict;
      for (const BoundDiagnosis::Cell& cell : model.diagnosis[i].cells)
        if (cell.stage == stage.name) {
          verdict = judge(session, results, model.diagnosis[i], cell, period);
          any = true;
        }
      stage.cells.push_back(verdict);
      if (verdict.beyond()) stage.beyond.push_back(i);
      if (verdict.known) stage.furthest = std::max(stage.furthest, verdict.ratio);
    }
    std::stable_sort(stage.beyond.begin(), stage.beyond.end(), [&](std::size_t a, std::size_t b) {
      return stage.cells[a].ratio > stage.cells[b].ratio;
    });
    if (any) out.stages.push_back(std::move(stage));
  }
  // The furthest beyond a limit is the weak one; of equals the one that is beyond more limits.
  for (std::size_t s = 0; s < out.stages.size(); ++s) {
    const auto further = [&](const std::optional<std::size_t>& than) {
      return !than || out.stages[s].furthest > out.stages[*than].furthest ||
             (out.stages[s].furthest == out.stages[*than].furthest &&
              out.stages[s].beyond.size() > out.stages[*than].beyond.size());
    };
    if (further(out.nearest)) out.nearest = s;
  }
  if (out.nearest && !out.stages[*out.nearest].beyond.empty()) out.weak = out.nearest;
  return out;
}

std::string reason(const Diagnosis& diagnosis, const Diagnosis::Stage& stage, std::size_t indicator,
                   bool chinese) {
  const Verdict& cell = stage.cells[indicator];
  const std::string value = shown_text(cell.value, cell.unit);
  const std::string limit = shown_text(cell.below ? *cell.at_least : *cell.at_most, cell.unit);
  const std::string times = format_significant(cell.ratio, 2);
  std::string chance;
  if (cell.probability)
    chance = chinese ? fmt::format("（概率 {:.3g} %）", *cell.probability * 100)
                     : fmt::format(" (probability {:.3g} %)", *cell.probability * 100);
  const std::string& title = diagnosis.indicators[indicator].title;
  if (chinese) {
    if (cell.below) return fmt::format("{}为 {}，低于下限 {}{}", title, value, limit, chance);
    return std::isinf(cell.ratio)
               ? fmt::format("{}为 {}，应为 {}{}", title, value, limit, chance)
               : fmt::format("{}为 {}，是上限 {} 的 {} 倍{}", title, value, limit, times, chance);
  }
  if (std::isinf(cell.ratio)) return fmt::format("{} is {}, the limit {}{}", title, value, limit, chance);
  return cell.below ? fmt::format("{} is {}, {} of it at least are wanted{}", title, value, limit, chance)
                    : fmt::format("{} is {}, {} times its limit of {}{}", title, value, times, limit, chance);
}

std::string verdict_line(const Diagnosis& diagnosis, bool chinese) {
  if (!diagnosis.nearest) return chinese ? "没有可比较的环节\n" : "no stage has a number\n";
  const Diagnosis::Stage& stage = diagnosis.stages[*diagnosis.nearest];
  if (!diagnosis.weak)
    return chinese ? fmt::format("各环节均未超限；最接近限值的是{}\n", stage.title)
                   : fmt::format("no stage is beyond a limit; {} comes nearest\n", stage.title);
  std::string out =
      chinese ? fmt::format("薄弱环节：{}\n", stage.title) : fmt::format("weak stage: {}\n", stage.title);
  for (const std::size_t indicator : stage.beyond)
    out += "  " + reason(diagnosis, stage, indicator, chinese) + "\n";
  for (const Diagnosis::Stage& other : diagnosis.stages) {
    if (other.beyond.empty() || &other == &stage) continue;
    out += (chinese ? "另有超限：" : "also beyond: ") + other.title + (chinese ? "（" : " (");
    for (std::size_t i = 0; i < other.beyond.size(); ++i)
      out += (i == 0 ? "" : chinese ? "，" : ", ") + diagnosis.indicators[other.beyond[i]].title;
    out += chinese ? "）\n" : ")\n";
  }
  return out;
}

std::string text_of(const Session& session, const Diagnosis& diagnosis, bool chinese) {
  std::string out = session.model->title.in(chinese ? "zh" : "en") + (chinese ? "，" : ", ") +
                    std::to_string(diagnosis.year) + "\n";
  std::vector<std::vector<std::string>> rows(1);
  rows[0].push_back(chinese ? "环节" : "stage");
  for (const Diagnosis::Indicator& indicator : diagnosis.indicators) rows[0].push_back(indicator.title);
  for (const Diagnosis::Stage& stage : diagnosis.stages) {
    auto& row = rows.emplace_back();
    row.push_back(stage.title);
    for (std::size_t i = 0; i < stage.cells.size(); ++i) {
      const Verdict& cell = stage.cells[i];
      std::string text = cell.known ? shown_text(cell.value, cell.unit) : "–";
      if (cell.probability && *cell.probability > 0 && *cell.probability < 1)
        text += " [" + format_significant(*cell.probability * 100, 3) + " %]";
      row.push_back(text + (cell.beyond() ? " !" : "  "));
    }
  }
  out += aligned_table(rows, "lr");
  bool without_draws = false;
  for (const auto& indicator : diagnosis.indicators) without_draws = without_draws || indicator.without_draws;
  out += verdict_line(diagnosis, chinese);
  if (without_draws) out += chinese ? "数据离散度需用 --draws 计算\n" : "the spread needs --draws\n";
  return out;
}

/// Reasons stand in both languages, titles in that of the request.
Json json_of(const Diagnosis& diagnosis, const Diagnosis& english, const Diagnosis& chinese) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  Json out = {{"year", diagnosis.year}};
  out["weak"] = diagnosis.weak ? Json(diagnosis.stages[*diagnosis.weak].name) : Json(nullptr);
  for (const Diagnosis* each : {&english, &chinese}) {
    Json reasons = Json::array();
    if (each->weak)
      for (const std::size_t indicator : each->stages[*each->weak].beyond)
        reasons.push_back(reason(*each, each->stages[*each->weak], indicator, each == &chinese));
    out["reasons"][each == &chinese ? "zh" : "en"] = std::move(reasons);
  }
  out["stages"] = Json::array();
  for (const Diagnosis::Stage& stage : diagnosis.stages) {
    Json one = {{"stage", stage.name}, {"title", stage.title}, {"furthest", number(stage.furthest)}};
    one["indicators"] = Json::array();
    for (std::size_t i = 0; i < stage.cells.size(); ++i) {
      const Verdict& cell = stage.cells[i];
      if (!cell.known) continue;
      Json each = {{"indicator", diagnosis.indicators[i].name},
                   {"title", diagnosis.indicators[i].title},
                   {"value", number(cell.value)},
                   {"unit", cell.unit}};
      if (cell.at_least) each["at_least"] = number(*cell.at_least);
      if (cell.at_most) each["at_most"] = number(*cell.at_most);
      each["ratio"] = number(cell.ratio);
      each["beyond"] = cell.beyond();
      if (cell.probability) each["probability"] = *cell.probability;
      one["indicators"].push_back(std::move(each));
    }
    out["stages"].push_back(std::move(one));
  }
  return out;
}

std::string csv_of(const Diagnosis& diagnosis) {
  std::string out = "time,stage,indicator,value,unit,at_least,at_most,ratio,beyond,probability\n";
  for (const Diagnosis::Stage& stage : diagnosis.stages)
    for (std::size_t i = 0; i < stage.cells.size(); ++i) {
      const Verdict& cell = stage.cells[i];
      if (!cell.known) continue;
      const auto optional = [](const std::optional<double>& value) {
        return value ? csv_number(*value) : std::string();
      };
      out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", diagnosis.year, csv_cell(stage.name),
                         csv_cell(diagnosis.indicators[i].name), csv_number(cell.value), csv_cell(cell.unit),
                         optional(cell.at_least), optional(cell.at_most), csv_number(cell.ratio),
                         cell.beyond() ? 1 : 0, optional(cell.probability));
    }
  return out;
}

}  // namespace

TableResult diagnosis_table(const Session& session, const ResultSet& results,
                            const DiagnoseRequest& request) {
  TableResult out;
  if (session.bound->diagnosis.empty()) {
    out.problem = "the case compares no stages: see `diagnosis:` in the reference of the language";
    return out;
  }
  const auto year = year_of_table(session, request.year, out.problem);
  if (!year) return out;
  const Diagnosis diagnosis = diagnose(session, results, *year, request.language);
  out.text = text_of(session, diagnosis, is_chinese(request.language));
  out.json =
      json_of(diagnosis, diagnose(session, results, *year, "en"), diagnose(session, results, *year, "zh"))
          .dump(2, ' ', false, Json::error_handler_t::replace);
  out.csv = csv_of(diagnosis);
  return out;
}

}  // namespace lode
