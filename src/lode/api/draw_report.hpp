// SPDX-License-Identifier: Apache-2.0
//
// How numbers of draws are told. A deviation is told in per cent of its mean, that of a share, which is a
// per cent itself, in points, that of a year in years.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "lode/api/session.hpp"

namespace lode {

/// A number that was drawn, and how it is shown.
struct DrawnNumber {
  std::string name, unit;
  double scale = 1;
  bool is_year = false;

  /// Told in per cent, as a number without unit around this one is.
  bool is_share(double around) const;
};
DrawnNumber drawn_number(const Session& session, const DrawnCell& cell);
/// "gap[2035]"; by place in the session's draw_model->cells().
std::string drawn_name(const Session& session, std::size_t place);

/// "8.1 %", "0.4 points".
std::string part_text(double part, double whole, const DrawnNumber& shown);
/// "12,400 t/yr ± 8.1 %".
std::string mean_text(const CellSummary& cell, const DrawnNumber& shown);
/// "5 % … 95 % 850 kt/yr … 930 kt/yr"; empty without quantiles.
std::string band_text(const CellSummary& cell, const DrawnNumber& shown);
/// "-410 kt/yr ± 12 kt/yr, 5 % … 95 % -430 kt/yr … -390 kt/yr, P(< 0) = 100 %".
std::string difference_text(const CellSummary& cell, const DrawnNumber& shown);
/// ", no value in 3.1 % of the draws": of a year that never comes, say; empty where all draws have one.
std::string absent_text(const CellSummary& cell);
/// Whether the standard error of the mean is at most this share of it.
bool known_to(const CellSummary& cell, double bound);
/// "not known to 0.1 %, as `--until` asks: …"; empty where it is.
std::string unmet_text(const CellSummary& cell, double bound);
/// One quantity of a probability's cells: "P(gap > 0)[2035]".
std::string probability_name(const Session& session, const Session::DrawQuestion& question,
                             std::size_t place);
/// Of a condition: "12.3 % ± 0.4 points".
std::string probability_text(const CellSummary& cell);

/// What happened in single draws, counted, in English and in Chinese.
struct DrawEvent {
  std::string english, chinese;
};
/// "in 12 of 1,000,000 draws illegal_ore[2003] < 0". Nothing that goes wrong in a draw is dropped without a
/// word.
std::vector<DrawEvent> draw_events_in_both(const Session& session);
std::vector<std::string> draw_events(const Session& session);
/// The first of them, one a line, for a terminal; empty where there are none.
std::string draw_events_text(const Session& session);

nlohmann::ordered_json summary_json(const CellSummary& cell, const DrawnNumber& shown);
nlohmann::ordered_json draw_questions_json(const Session& session);

}  // namespace lode
