// SPDX-License-Identifier: Apache-2.0
//
// A run with draws: blocks of draws are computed by several threads, their statistics merged in a fixed order
// (statistics/sum_tree.hpp), so that the result has the same bits whatever the number of threads and
// processes, interrupted or not. Memory is bounded by the number of cells, not of draws.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/engine/draw_difference.hpp"
#include "lode/engine/draw_worker.hpp"
#include "lode/sampling/design.hpp"
#include "lode/statistics/cell_statistics.hpp"
#include "lode/statistics/pair_sums.hpp"
#include "lode/statistics/sensitivity.hpp"

namespace lode {

/// Other processes that share a run: process `rank` of `size`, 0 the one that reports.
class Team {
 public:
  virtual ~Team() = default;
  virtual std::size_t rank() const { return 0; }
  virtual std::size_t size() const { return 1; }
  /// Every process gives bytes; rank 0 receives all of them in the order of ranks, the others nothing.
  virtual std::vector<std::string> gather(std::string bytes) { return {std::move(bytes)}; }
  /// Rank 0's bytes, to every process.
  virtual std::string broadcast(std::string bytes) { return bytes; }
};

struct DrawOptions {
  DesignSpec design;  ///< draws as rounded_draws gives them
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
  std::size_t threads = 0;  ///< 0: as many as the machine has
  /// Results that are followed draw by draw, by place in DrawModel::cells(); those of `others` and
  /// `differences` by place in their cells(), nothing of those beyond the lists' ends.
  std::vector<std::size_t> focus;
  std::vector<std::vector<std::size_t>> other_focus, difference_focus;
  bool keep_draws = false;   ///< the draws of what is followed
  bool pairs = false;        ///< its correlations
  bool first_order = false;  ///< with `pairs`: its first-order indices, too
  /// Models drawn together with the run's own, with the same scores for the same numbers.
  std::vector<const DrawModel*> others;
  /// Among the run's model and the others.
  std::vector<const DrawDifference*> differences;
  /// How many cells would be counted with all results, if these are some of them: the pilot is as long as
  /// then, so that a result's statistics have the same bits whatever else is drawn. 0: these are all.
  std::size_t counted_in_all = 0;
  std::string state_file;  ///< where what is done is kept, and taken up again; empty: nowhere
  double seconds_between_states = 5;
  std::string identity;  ///< digest of model and scenario: a state of another run is refused
  /// Called now and then with the draws done; returns false to stop early.
  std::function<bool(std::uint64_t)> progress;
};

/// What draws tell of one model, or of one difference.
struct DrawnPart {
  std::vector<CellSummary> cells;  ///< as its cells()
  std::vector<std::size_t> focus;
  /// With DrawOptions::pairs: of the focus with the part's columns, and with each other. The columns of a
  /// difference are those of its first model, then what its second has beyond them.
  PairCorrelations correlations;
  std::vector<IndexEstimate> first_order;  ///< [column][focus], from these draws alone
  std::vector<std::vector<double>> kept;   ///< [focus][draw]
};

/// What is known after a run with draws: of its own model, and of the others and differences of DrawOptions.
struct DrawResult : DrawnPart {
  DesignSpec design;
  std::vector<double> quantiles;
  std::uint64_t draws = 0;  ///< 8 scrambles × a power of two for sobol
  std::vector<DrawnPart> others, differences;
  std::vector<DrawFailure> failures;
  /// Seconds of all threads together: for people who look for what takes long.
  struct Times {
    double scores = 0, model = 0, statistics = 0;
  } times;
  bool complete = false;  ///< false on processes other than rank 0, and where progress() stopped it
};

/// Runs. On a failure (a state file that does not fit) the result is empty and `problem` says why.
std::optional<DrawResult> run_draws(const DrawModel& model, const DrawOptions& options, Team& team,
                                    std::string& problem);

/// A run that goes on until `enough` says so of a result: draws are doubled from 8,192 on, up to
/// options.design.draws. Not for Latin hypercubes, which cannot grow.
std::optional<DrawResult> run_draws_until(const DrawModel& model, const DrawOptions& options, Team& team,
                                          const std::function<bool(const DrawResult&)>& enough,
                                          std::string& problem);

}  // namespace lode
