// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/report/figure.hpp"

namespace lode {

/// What share of a result's variance an input stands for, with the 95 % interval of the estimate.
struct RankedShare {
  double value = 0, low = 0, high = 0;
};

struct RankedInput {
  std::string id, name;
  RankedShare alone;                       ///< first order
  std::optional<RankedShare> with_others;  ///< total
};

struct RankedResult {
  std::string title;                ///< what is explained, with its mean and deviation
  std::vector<RankedInput> inputs;  ///< most important first
};

/// Bars of first-order and total indices, one panel for each result.
FigureFiles draw_ranking(const std::vector<RankedResult>& results, FigureText text,
                         const FigureOptions& options);

}  // namespace lode
