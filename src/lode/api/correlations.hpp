// SPDX-License-Identifier: Apache-2.0
//
// How results that draws followed go together, with each other and with the scores of uncertain numbers: in
// words, for machines, as labelled arrays; of a scenario, or of a difference of two.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// What is followed, and the uncertain numbers it may depend on, as in DrawnPart::focus and its columns.
struct FollowedNames {
  std::vector<std::string> results, inputs;
  bool correlated = false, kept = false;  ///< what there is of them

  /// Adds those of another scenario that are not yet there.
  void add(const FollowedNames& more);
};
FollowedNames followed_names(const Session& session);
FollowedNames followed_names(const Session& first, const Session& second, const DrawnDifference& difference);

/// The line above them; empty where there are none.
std::string correlations_heading(const DrawnPart& part);
std::string correlations_text(const DrawnPart& part, const FollowedNames& names);
nlohmann::ordered_json correlations_json(const DrawnPart& part, const FollowedNames& names);

/// Two arrays of numbers without unit over the labels of `all`, not a number where the part lacks one.
void add_correlations(const DrawnPart& part, const FollowedNames& names, const FollowedNames& all,
                      ResultSet& results);

}  // namespace lode
