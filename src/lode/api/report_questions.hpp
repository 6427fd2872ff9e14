// SPDX-License-Identifier: Apache-2.0
//
// What a report asks of a case beside its results: the numbers of its answer and sums over labels. With draws
// these are drawn too, for quantiles do not add up.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lode/api/report_wishes.hpp"
#include "lode/api/session.hpp"

namespace lode {

/// Without wishes: alerts at their limits, stocks and calendar years that quantities come to.
std::vector<ReportAnswer> default_answer(const Session& session);
/// Without wishes: every alert, every stock, and what goes into and out of processes with stocks.
std::vector<ReportChart> default_charts(const Session& session);

/// "sum(sum(trade over partner) over product)": a quantity over the years, and for each label of a dimension
/// with `balance: each`, whose labels do not add up. The quantity itself where nothing is summed.
std::string sum_formula(const BoundModel& model, const Quantity& quantity);

/// Formulas whose draws a report shows.
std::vector<std::string> report_questions(const Session& session);

/// What draws tell of one number, as multiples of its nominal value.
struct DrawnRatios {
  std::vector<double> quantiles;  ///< empty where the number does not vary
  double deviation = 0;
};
/// `label` is one of a dimension with `balance: each`, if the formula keeps one.
DrawnRatios drawn_ratios(const Session& session, const std::string& formula, std::size_t period,
                         std::size_t label = 0);

}  // namespace lode
