// SPDX-License-Identifier: Apache-2.0
#include "lode/api/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "lode/engine/draws.hpp"

namespace lode {
namespace {

std::string percent(double probability) {
  return fmt::format("{:.3g} %", probability * 100);
}

}  // namespace

std::vector<AlertRisk> alert_risks(const Session& session) {
  std::vector<AlertRisk> risks;
  if (!session.draws) return risks;
  const BoundModel& model = *session.bound;
  const Dimensions& dims = model.dimensions;
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, std::size_t> place;
  const auto& cells = session.draw_model->cells();
  for (std::size_t i = 0; i < cells.size(); ++i)
    place[{cells[i].quantity, cells[i].series, cells[i].period}] = i;
  for (const BoundAlert& alert : model.alerts) {
    if (!session.draw_model->draws(alert.crossed)) continue;
    const Quantity& crossed = model.quantities[alert.crossed];
    const Array& nominal = session.evaluation->quantity(alert.crossed);
    for (std::size_t s = 0; s < nominal.series(); ++s) {
      AlertRisk risk;
      risk.alert = &alert;
      DimSet labels = crossed.dims;
      labels.time = false;
      risk.name = model.quantities[alert.quantity].name + cell_name(labels, s, 0, dims);
      for (std::size_t p = dims.first_period(crossed.dims.time); p < nominal.periods(); ++p) {
        if (!crossed.defined.at(s, p)) continue;
        const auto drawn = place.find({alert.crossed, s, p});
        if (crossed.dims.time) risk.years.push_back(dims.years[p]);
        const bool varies = drawn != place.end();
        risk.probability.push_back(varies ? session.draws->cells[drawn->second].mean : nominal.value(s, p));
        risk.error.push_back(varies ? session.draws->cells[drawn->second].mean_error : 0);
      }
      if (!risk.probability.empty()) risks.push_back(std::move(risk));
    }
  }
  return risks;
}

std::vector<std::string> alert_risk_lines(const Session& session) {
  std::vector<std::string> lines;
  for (const AlertRisk& risk : alert_risks(session)) {
    const auto highest = std::max_element(risk.probability.begin(), risk.probability.end());
    if (*highest <= 0) continue;
    std::string line = risk.name + ": ";
    const auto year_of = [&](auto found) {
      return risk.years[static_cast<std::size_t>(found - risk.probability.begin())];
    };
    if (risk.years.empty()) {
      lines.push_back(line + percent(*highest));
      continue;
    }
    for (const double part : {0.05, 0.5}) {
      const auto first = std::find_if(risk.probability.begin(), risk.probability.end(),
                                      [&](double probability) { return probability >= part; });
      if (first != risk.probability.end())
        line += fmt::format("over {} first in {}, ", percent(part), year_of(first));
    }
    lines.push_back(line + fmt::format("most in {}: {} of the draws", year_of(highest), percent(*highest)));
  }
  return lines;
}

}  // namespace lode
