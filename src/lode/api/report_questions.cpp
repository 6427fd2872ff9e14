// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_questions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lode {

std::vector<ReportAnswer> default_answer(const Session& session) {
  constexpr std::size_t most = 6;
  std::vector<ReportAnswer> answer;
  const BoundModel& model = *session.bound;
  const int last = model.dimensions.last_year();
  std::set<std::string> seen;
  const auto add = [&](const Quantity& quantity) {
    if (answer.size() >= most || !seen.insert(quantity.name).second) return;
    ReportAnswer one;
    one.title = quantity.title;
    if (one.title.empty()) one.title.by_language[""] = quantity.name;
    for (const DimensionId label : quantity.dims.labels)
      if (model.dimensions[label].balance_each) return;
    one.number = sum_formula(model, quantity);
    if (quantity.dims.time) {
      one.number += fmt::format("[{}]", last);
      for (auto& [language, text] : one.title.by_language)
        text += language == "zh" ? fmt::format("（{}年）", last) : fmt::format(", {}", last);
    }
    answer.push_back(std::move(one));
  };
  for (const BoundAlert& alert : model.alerts) add(model.quantities[alert.quantity]);
  for (const BoundStock& stock : model.stocks)
    if (stock.process) add(model.quantities[stock.level]);
  for (const Quantity& quantity : model.quantities)
    if (quantity.kind == Quantity::Kind::named && quantity.dims.scalar() && quantity.type == Node::Type::year)
      add(quantity);
  for (const BoundStock& stock : model.stocks) add(model.quantities[stock.level]);
  return answer;
}

std::vector<ReportChart> default_charts(const Session& session) {
  std::vector<ReportChart> charts;
  const BoundModel& model = *session.bound;
  const auto add = [&](const std::vector<std::size_t>& quantities) {
    ReportChart chart;
    for (const std::size_t id : quantities)
      if (id < model.quantities.size() && model.quantities[id].dims.time)  // a stock may have no inflow
        chart.show.push_back(model.quantities[id].name);
    if (!chart.show.empty() && charts.size() < 12) charts.push_back(std::move(chart));
  };
  for (const BoundStock& stock : model.stocks) {
    if (!stock.process) continue;
    add({stock.level});
    add({stock.inflow});
    add({stock.outflow});
  }
  for (const BoundAlert& alert : model.alerts) add({alert.quantity});
  return charts;
}

std::string sum_formula(const BoundModel& model, const Quantity& quantity) {
  std::string formula = quantity.name;
  for (std::size_t k = quantity.dims.labels.size(); k-- > 0;) {
    const Dimension& dimension = model.dimensions[quantity.dims.labels[k]];
    if (!dimension.balance_each) formula = fmt::format("sum({} over {})", formula, dimension.name);
  }
  return formula;
}

std::vector<std::string> report_questions(const Session& session) {
  const BoundModel& model = *session.bound;
  std::vector<std::string> questions;
  Diagnostics ignored;
  const ReportWishes wishes = read_report_wishes(*session.model, ignored);
  for (const ReportAnswer& each : wishes.answer.empty() ? default_answer(session) : wishes.answer)
    questions.push_back(each.number);
  const auto add_sum = [&](const Quantity& quantity) {
    if (std::string formula = sum_formula(model, quantity); formula != quantity.name && quantity.dims.time)
      questions.push_back(std::move(formula));
  };
  for (const Quantity& quantity : model.quantities)
    if (quantity.kind == Quantity::Kind::flow) add_sum(quantity);
  for (const ReportChart& chart : wishes.charts.empty() ? default_charts(session) : wishes.charts)
    for (const std::string& name : chart.show)
      if (const auto id = model.find_quantity(name)) add_sum(model.quantities[*id]);
  return questions;
}

DrawnRatios drawn_ratios(const Session& session, const std::string& formula, std::size_t period,
                         std::size_t label) {
  if (!session.draws) return {};
  const BoundModel& model = *session.bound;
  std::optional<std::size_t> id = model.find_quantity(formula);
  for (const Session::DrawQuestion& question : session.draw_questions)
    if (!id && question.text == formula && question.kind != Session::DrawQuestion::Kind::probability)
      id = question.quantity;
  if (!id) return {};
  const Quantity& quantity = model.quantities[*id];
  const std::size_t at = quantity.dims.time ? period : 0;
  if (label >= quantity.defined.series()) return {};
  const double nominal = session.evaluation->quantity(*id).value(label, at);
  const std::size_t cell = session.draw_model->find(*id, label, at);
  if (cell == DrawModel::no_cell || !std::isfinite(nominal) || nominal == 0) return {};
  const CellSummary& drawn = session.draws->cells[cell];
  DrawnRatios ratios{{}, drawn.deviation / std::abs(nominal)};
  for (const QuantileEstimate& quantile : drawn.quantiles)
    ratios.quantiles.push_back(quantile.value / nominal);
  return ratios;
}

}  // namespace lode
