// SPDX-License-Identifier: Apache-2.0
//
// Which results draws keep statistics of: all of a case, or those that are named.
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// Which results are drawn: those of the case, or what the questions ask for alone.
enum class DrawScope { all, questions };

/// Reads names of results, several in a text with commas, into session.kept_results. False after a mistake in
/// one.
bool read_kept_results(Session& session, const std::vector<std::string>& texts);

/// Quantities that are drawn: those named, else all that results are written of; and what is asked for.
std::vector<std::size_t> drawn_quantities(const Session& session, DrawScope scope);
/// The same if none were named.
std::vector<std::size_t> all_drawn_quantities(const Session& session);

/// Named results whose draws are all the same.
std::vector<std::string> certain_kept_results(const Session& session);
/// Results with limits whose breaches are not drawn.
std::vector<std::string> unwatched_limits(const Session& session);

}  // namespace lode
