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
  struct Swing {
    double low = 0, high = 0;  ///< the result with the input at its 5 % and at its 95 % point
  };
  std::optional<Swing> swing = {};
};

struct RankedResult {
  std::string title;  ///< what is explained, with its mean and deviation
  double centre = 0;  ///< with all inputs at their medians, as swings in the unit shown
  std::string unit;
  std::vector<RankedInput> inputs;  ///< most important first
};

/// Bars from the centre to each end of a swing, and of first-order and total indices; one panel for each
/// result. In one column of a journal the indices are numbers.
FigureFiles draw_ranking(const std::vector<RankedResult>& results, FigureText text,
                         const FigureOptions& options);

}  // namespace lode
