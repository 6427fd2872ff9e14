// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "lode/api/figure_spec.hpp"
#include "lode/api/sweep.hpp"

namespace lode {

/// Lines over one input, maps over two, of each single number of a sweep.
FigureResult draw_sweep_figure(const Session& session, const Sweep& sweep, const FigureSpec& spec);

/// "Demand, 2050" for demand[2050] where the result has a title.
std::string result_name(const BoundModel& bound, const std::string& what, const std::string& language);

}  // namespace lode
