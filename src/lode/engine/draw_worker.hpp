// SPDX-License-Identifier: Apache-2.0
//
// A model under draws: which results depend on uncertain inputs, and a worker that computes blocks of draws.
// The model is shared between threads, each of which has a worker of its own.
#pragma once
#include <cstdint>
#include <vector>

#include "lode/engine/cell_copies.hpp"
#include "lode/engine/draw_failures.hpp"
#include "lode/engine/evaluation.hpp"
#include "lode/engine/inputs.hpp"

namespace lode {

/// A cell of a result.
struct DrawnCell {
  std::size_t quantity, series, period;
};

class DrawModel {
 public:
  /// `nominal` has been run; of the results some quantities, or all. What is named must outlive the model.
  DrawModel(const Plan& plan, const Evaluation& nominal, const Uncertainty& uncertainty);
  DrawModel(const Plan& plan, const Evaluation& nominal, const Uncertainty& uncertainty,
            const std::vector<std::size_t>& quantities);

  const Plan& plan() const { return plan_; }
  const Evaluation& nominal() const { return nominal_; }
  const Uncertainty& uncertainty() const { return uncertainty_; }
  const InputSampler& sampler() const { return sampler_; }
  std::size_t columns() const { return uncertainty_.columns.size(); }
  /// The operations that change from draw to draw.
  const std::vector<bool>& operations() const { return operations_; }
  /// All that the results rest on.
  const std::vector<bool>& needed() const { return needed_; }

  /// What is drawn of the results, ascending.
  const std::vector<std::size_t>& quantities() const { return quantities_; }
  bool draws(std::size_t quantity) const;
  bool varies(std::size_t quantity) const { return !cell_of_[quantity].empty(); }

  /// Cells that vary from draw to draw: those of a quantity lie together, [series][period] ascending.
  const std::vector<DrawnCell>& cells() const { return cells_; }
  /// Where a cell stands in cells(); no_cell if it does not vary.
  std::size_t find(std::size_t quantity, std::size_t series, std::size_t period) const;
  static constexpr std::size_t no_cell = static_cast<std::size_t>(-1);

  /// Cells that are no copy of one before them, and for each cell which of these it is.
  const std::vector<std::size_t>& distinct() const { return distinct_; }
  std::size_t distinct_of(std::size_t cell) const { return distinct_of_[cell]; }
  /// Where a distinct cell is computed; copies of it need not be.
  using Place = CellCopies::Cell;
  const Place& place(std::size_t distinct) const { return places_[distinct]; }

  /// Distinct cells that may be absent, in which only an infinity is an event, with what computes them.
  struct MaybeAbsent {
    std::size_t cell;
    const Operation* operation;
  };
  const std::vector<MaybeAbsent>& may_be_absent() const { return may_be_absent_; }

  /// Some of them that lie one after another.
  struct Stretch {
    Place first;
    std::size_t cell, count;  ///< places in distinct()
  };
  const std::vector<Stretch>& stretches() const { return stretches_; }

 private:
  void find_may_be_absent();

  const Plan& plan_;
  const Evaluation& nominal_;
  const Uncertainty& uncertainty_;
  InputSampler sampler_;
  std::vector<bool> operations_, needed_;
  std::vector<std::size_t> quantities_;
  std::vector<DrawnCell> cells_;
  std::vector<std::size_t> distinct_, distinct_of_;
  std::vector<Place> places_;
  std::vector<Stretch> stretches_;
  std::vector<MaybeAbsent> may_be_absent_;
  std::vector<std::vector<std::size_t>> cell_of_;  ///< per quantity: place of each cell
};

/// Something that failed in single draws.
struct DrawFailure {
  std::size_t model = 0;  ///< 0: the run's own, else DrawOptions::others[model − 1]
  Event event;            ///< of the first of them; `count` draws
  std::uint64_t first_draw = 0;
  std::uint64_t draws = 0;
};

class DrawWorker {
 public:
  explicit DrawWorker(const DrawModel& model);

  /// Draws at a time; a multiple of 8.
  std::size_t lanes() const { return lanes_; }
  /// Computes one group of draws from scores[column][lanes()].
  void compute(const double* scores);
  /// What failed in it, lane by lane.
  const std::vector<LaneFailed>& failed() const { return failed_; }
  /// A failure with its cell, of one whose lanes all hold the draw in which it happened.
  Event event(LaneFailure::Kind kind, const Operation* operation) const;
  /// A cell's lanes, as computed last; by place in model.cells().
  const double* row(std::size_t cell) const;
  /// Those of a stretch, one cell after another.
  const double* rows(const DrawModel::Stretch& stretch) const;
  /// Computes a group and copies some cells to block[i · stride + lane].
  void compute(const double* scores, const std::vector<std::size_t>& cells, double* block,
               std::size_t stride);

 private:
  void find_failed();
  void find_infinite();
  const double* at(const DrawModel::Place& place) const;

  const DrawModel& model_;
  const std::size_t lanes_ = usual_lanes;
  Evaluation evaluation_;
  InputSampler::Workspace workspace_;
  std::vector<Array*> inputs_;
  std::vector<LaneFailed> failed_;
  std::vector<std::vector<std::uint64_t>> known_failures_;  ///< [failure][lane]
};

}  // namespace lode
