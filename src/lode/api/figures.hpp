// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Draws one of figure_kinds() from a computed session.
FigureResult draw_figure(const Session& session, const FigureRequest& request);

}  // namespace lode
