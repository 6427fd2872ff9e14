// SPDX-License-Identifier: Apache-2.0
//
// What is done of a run with draws, as bytes: a file from which an interrupted run goes on, and the message
// in which one process tells another. Process r writes FILE.r, the first one FILE; whoever goes on reads all.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/engine/draw_failures.hpp"
#include "lode/sampling/design.hpp"
#include "lode/statistics/cell_statistics.hpp"
#include "lode/statistics/sum_tree.hpp"

namespace lode {

class Team;

struct DrawState {
  std::optional<CellStatistics> statistics;
  SumTree pairs, given_data;
  DrawFailures failures;
  std::vector<std::uint64_t> done_elsewhere;  ///< chunks of other processes, ascending

  bool has(std::uint64_t chunk) const;
};

/// `identity` says what is computed: bytes of something else are refused.
std::string pack(const DrawState& state, std::string_view identity);
/// Adds what the bytes hold to a state with the same layouts; what it has already is passed over. False, and
/// `problem` says why.
bool merge_packed(std::string_view bytes, std::string_view identity, DrawState& state, std::string& problem);

/// Written beside and renamed, so that a crash leaves the one before.
bool save_state(const std::string& file, std::string_view identity, std::size_t rank, const DrawState& state,
                std::string& problem);
/// Takes up what files of an earlier run hold, if there are any; in a team rank 0 does, and tells the others.
bool load_states(const std::string& file, std::string_view identity, Team& team, DrawState& state,
                 std::string& problem);
/// After a run that is complete.
void remove_states(const std::string& file);

}  // namespace lode
