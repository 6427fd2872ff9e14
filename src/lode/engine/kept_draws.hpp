// SPDX-License-Identifier: Apache-2.0
//
// The draws themselves of results that are followed, chunk by chunk. Where a run keeps a state in FILE, each
// chunk is written once, as a sealed record at the end of FILE.draws (process r: FILE.r.draws), before the
// state that names it: states are written anew again and again, and draws may be gigabytes.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

class Team;

class KeptDraws {
 public:
  /// `width`: how many results; 0 keeps nothing. `draws`: of the run, of which each chunk has chunk_draws,
  /// the last one what is left; `identity` as that of the state.
  KeptDraws(std::size_t width, std::uint64_t draws, std::string identity);

  std::size_t width() const { return width_; }
  /// `values`: [result][draw]; a chunk that is not there yet, or all draws of the run as chunk 0.
  void add(std::uint64_t chunk, std::vector<double> values);

  /// Appends what was added since the last time. False, and `problem` says why.
  bool append(const std::string& state_file, std::size_t rank, std::string& problem);
  /// Takes up what an earlier run left, in any process, of the chunks that are `done`; in a team rank 0 does,
  /// and tells the others. False where draws of one are not there. Records of other chunks are passed over.
  bool load(const std::string& state_file, Team& team, const std::function<bool(std::uint64_t)>& done,
            std::string& problem);
  /// After a run that is complete.
  static void remove(const std::string& state_file);

  /// Rank 0 takes what other processes kept, a chunk of each at a time; they have none then.
  bool gather(Team& team, std::string& problem);

  /// [result][draw] of the first `draws`, NaN where there are none; those kept are then the caller's.
  std::vector<std::vector<double>> take(std::uint64_t draws);

 private:
  std::uint64_t draws_in(std::uint64_t chunk) const;
  std::string record(std::uint64_t chunk) const;
  bool read_record(std::string_view sealed);
  std::uint64_t read_records(const std::string& file);
  std::string take_up(const std::string& state_file, const std::function<bool(std::uint64_t)>& done);

  std::size_t width_;
  std::uint64_t draws_;
  std::string identity_;
  std::map<std::uint64_t, std::vector<double>> chunks_;
  std::vector<std::uint64_t> unwritten_;
};

}  // namespace lode
