// SPDX-License-Identifier: Apache-2.0
//
// Draws of a case: what is asked of them, and what they say, in words and units.
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/engine/draws.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Binds the formulas that are asked of the draws (`focus`, `probability`, `until`), so that they are
/// computed with everything else; before compute(). False after a mistake in one.
bool bind_draw_questions(Session& session, const DrawRequest& request);

/// Which results are drawn: all of the case, or what the questions ask for alone.
enum class DrawScope { all, questions };

/// Draws, after compute(): fills session.draws. False, with a message, where it cannot be done.
bool run_draws(Session& session, const DrawRequest& request, Team& team, DrawScope scope = DrawScope::all);

/// Mean, deviation, quantiles and extremes of everything that varies, in display units, beside the nominal
/// values of `results`.
void add_draws(const Session& session, ResultSet& results);
/// The same of the differences to the other scenario; nominal values are differences too.
ResultSet differences_of(const Session& session);

/// What the draws say of the questions, and what went wrong in single draws.
std::string draws_text(const Session& session);
std::string draws_json(const Session& session);
/// Where their time went.
std::string profile_text(const Session& session);

}  // namespace lode
