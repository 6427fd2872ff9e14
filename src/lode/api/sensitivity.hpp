// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

/// What drives one number: its inputs, most important first.
struct Ranking {
  std::string what, unit;
  double mean = 0, deviation = 0;  ///< in `unit`
  double centre = 0;               ///< sobol: with all inputs at their medians, in `unit`
  std::string told;                ///< both, as people read them
  struct Line {
    std::string input;
    /// sobol: first and total; draws: first alone; screening: mean absolute effect and deviation of effects,
    /// in `unit`.
    IndexEstimate first, second;
    /// sobol: the result with the input at its 5 % and 95 % point, all others at their medians, in `unit`.
    double low = 0, high = 0;
  };
  std::vector<Line> lines;
};

struct Sensitivity {
  SensitivityRequest request;
  std::size_t runs = 0;  ///< of the model
  std::vector<Ranking> rankings;
  std::vector<std::string> constant;  ///< asked for, and the same in every draw
  std::vector<std::string> absent;    ///< asked for, without a value in any draw
  std::vector<std::string> in_draws;  ///< events of single ones, of the plain draws that come first
};

/// After bind_draw_questions() and compute(): its focus is what is ranked. Empty, with a message, where it
/// cannot be done.
std::optional<Sensitivity> find_sensitivity(Session& session, const SensitivityRequest& request);

std::string sensitivity_text(const Sensitivity& sensitivity);
std::string sensitivity_json(const Sensitivity& sensitivity);

}  // namespace lode
