// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// One published figure against ours.
struct Comparison {
  enum class Status { agrees, differs, by_construction, input, not_computable };
  std::string id, what, unit, relation, note, locator, scenario;
  Status status = Status::not_computable;
  std::optional<double> ours, published;  ///< in `unit`; a year that never comes is empty
  std::optional<double> relative_difference;
  bool never = false;
};

struct Verification {
  std::vector<Comparison> rows;
  std::size_t undrawn = 0;  ///< checkpoints left out, as they are statistics of draws
  std::size_t count(Comparison::Status status) const;
};

const char* status_name(Comparison::Status status);

/// Compares every checkpoint, computing each combination of scenarios the checkpoints name on top of `base`'s
/// choice. `session` is computed; problems of other combinations go to its diagnostics. Without `with_draws`
/// those that ask for a statistic of draws are left out: they take some thousand runs of the model.
Verification verify(Session& session, const ScenarioChoice& choice, bool with_draws = true);

std::string verification_text(const Verification& verification);
std::string verification_json(const Verification& verification);
/// One line: "183 checkpoints: 61 agree, 12 differ, …".
std::string verification_line(const Verification& verification);

}  // namespace lode
