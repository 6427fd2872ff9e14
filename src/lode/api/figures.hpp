// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Draws what is asked of a computed session.
FigureResult draw_figure(Session& session, const FigureRequest& request);

/// The figures that the case names, or those that suit it.
std::vector<FigureInfo> figure_list(const Session& session);

}  // namespace lode
