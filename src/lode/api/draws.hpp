// SPDX-License-Identifier: Apache-2.0
//
// Draws of a case: what is asked of them, and what they say, in words and units.
#pragma once
#include <string>
#include <vector>

#include "lode/api/correlations.hpp"
#include "lode/api/draw_choice.hpp"
#include "lode/api/session.hpp"
#include "lode/engine/draws.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Binds the formulas that are asked of the draws (`focus`, `probability`, `until`), so that they are
/// computed with everything else; before compute(). False after a mistake in one.
bool bind_draw_questions(Session& session, const DrawRequest& request);

/// The same for numbers of which a figure shows the deviation, however many.
bool bind_numbers(Session& session, const std::vector<std::string>& formulas);

/// The same questions for another scenario.
bool bind_same_questions(const Session& from, Session& session);

/// Draws, after compute(): fills session.draws. False, with a message, where it cannot be done.
bool run_draws(Session& session, const DrawRequest& request, Team& team, DrawScope scope = DrawScope::all);

/// Two sessions by place in a list: results of the first less those of the second.
struct ScenarioPair {
  std::size_t first, second;
};
/// The same for several computed sessions with the same questions, draw by draw with the same scores for the
/// same numbers; fills the draws of each, and the differences of pairs.
bool draw_together(const std::vector<Session*>& sessions, const std::vector<ScenarioPair>& pairs,
                   const DrawRequest& request, Team& team, DrawScope scope, Diagnostics& diagnostics,
                   std::vector<DrawnDifference>& differences);

/// Mean, deviation, quantiles and extremes of everything that varies, in display units, beside the nominal
/// values of `results`; correlations and draws where they were asked for: of what is named, which others of
/// several sessions may have followed.
void add_draws(const Session& session, const FollowedNames& followed, ResultSet& results);
void add_draws(const Session& session, ResultSet& results);
/// The same of the differences to another session; nominal values are differences too.
ResultSet differences_of(const Session& session, const Session& other, const DrawnDifference& difference,
                         const FollowedNames& followed);
ResultSet differences_of(const Session& session, const Session& other, const DrawnDifference& difference);
/// Of the draws in which a cell has a value.
double share_below_zero(const CellSummary& summary);

const char* design_name(DesignKind kind);
const char* design_words(DesignKind kind);

/// What the draws say of the questions, and what went wrong in single draws.
std::string draws_text(const Session& session);
std::string draws_json(const Session& session);
/// Where their time went.
std::string profile_text(const Session& session);

}  // namespace lode
