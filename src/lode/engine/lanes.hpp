// SPDX-License-Identifier: Apache-2.0
//
// The operations of a plan for arrays with a multiple of 8 lanes: addresses, strips and tables are found
// once, so that running them again neither allocates nor decides. Kernels with lanes do the work; what they
// do not cover runs as it does with any number of lanes (Evaluation::run_operation).
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "lode/arrays/array.hpp"
#include "lode/engine/events.hpp"
#include "lode/kernels/lane_cohorts.hpp"
#include "lode/kernels/lane_strips.hpp"
#include "lode/kernels/lane_survival.hpp"
#include "lode/plan/plan.hpp"

namespace lode {

/// Periods [first, last).
struct LaneWindow {
  std::size_t first, last;
};

/// Something that happened in some lanes.
struct LaneFailure {
  using Kind = EventKind;
  Kind kind;
  const Operation* operation;
  std::size_t lanes = 0;            ///< in which it happened, over all runs
  std::size_t first_lane = 0;       ///< of the first run in which it did
  LaneCell cell;                    ///< the first then
  std::vector<std::uint64_t> runs;  ///< per lane: those in which it happened
};

/// An operation of the plan and, if it is a loop, those inside; or neighbouring ones.
class LaneStep {
 public:
  explicit LaneStep(const Operation& operation) : LaneStep(std::vector{&operation}) {}
  explicit LaneStep(std::vector<const Operation*> operations)
      : operation_(*operations.front()), operations_(std::move(operations)) {}
  virtual ~LaneStep() = default;
  /// Before run() is called several times for a window: what does not change between these calls.
  virtual void prepare(LaneWindow) {}
  virtual void run(LaneWindow window) = 0;
  /// After all periods: counts the lanes in which something failed.
  virtual void finish() {}
  /// A step for those of its operations that are wanted, to be run where this one has been run before for the
  /// same window, and while this one exists. Null: only all of them can be run.
  virtual std::unique_ptr<LaneStep> part(const std::vector<bool>& /*wanted*/) const { return nullptr; }
  const std::vector<const Operation*>& operations() const { return operations_; }

 protected:
  const Operation& operation_;

 private:
  std::vector<const Operation*> operations_;
};

/// What the steps of one evaluation share.
struct LaneContext {
  const Plan& plan;
  std::vector<Array>& arrays;
  std::size_t lanes;
  /// Runs an operation in the way for any number of lanes; adds what happened.
  std::function<void(const Operation&, LaneWindow, std::vector<LaneEvent>&)> run_otherwise;
  /// The curves of a stock's series, and of what is older, where lifetimes are the same in all lanes.
  std::function<const SurvivalCurves&(const Operation& cohort, std::size_t series)> narrow_curves;
  std::function<const OlderShares&(const Operation& cohort, std::size_t series)> narrow_older;
  double most_curve_bytes = 256.0 * 1024 * 1024;
  std::vector<LaneFailure> failures = {};

  const Dimensions& dims() const { return plan.model->dimensions; }
  bool is_wide(ArrayId array) const { return arrays[array].lanes() == lanes; }
  /// A series' cells along time.
  LaneCells row(ArrayId array, std::size_t series) const;
  /// Counts the lanes whose flag is not 0.
  void count(LaneFailure::Kind kind, const Operation& operation, const double* flags, const LaneCell& cell);
};

/// The steps of each kind; null where only the way for any number of lanes will do. `changing`, inside a loop
/// that is solved: per array, whether it changes from guess to guess; else null.
std::unique_ptr<LaneStep> make_lane_maps(LaneContext& context,
                                         const std::vector<const Operation*>& operations, bool by_period,
                                         const std::vector<bool>* changing);
std::unique_ptr<LaneStep> make_lane_reduce(LaneContext& context, const Operation& operation);
std::unique_ptr<LaneStep> make_lane_over_time(LaneContext& context, const Operation& operation);
std::unique_ptr<LaneStep> make_lane_accumulate(LaneContext& context, const Operation& operation);
std::unique_ptr<LaneStep> make_lane_solve(LaneContext& context, const Operation& operation,
                                          std::vector<std::unique_ptr<LaneStep>> body, bool by_period);

/// The curves of a stock, made by lanes.
class LaneLifetimes;
struct LaneLifetimesDelete {
  void operator()(LaneLifetimes* lifetimes) const;
};
using LaneLifetimesPtr = std::unique_ptr<LaneLifetimes, LaneLifetimesDelete>;
/// Null where lifetimes are the same in all lanes or of a kind that has no vector form. `keep`: all curves
/// are made by the survival step; else each when a cohort step asks for it.
LaneLifetimesPtr make_lane_lifetimes(LaneContext& context, const Operation& survival, bool keep);
std::unique_ptr<LaneStep> make_lane_survival(const Operation& operation, LaneLifetimes& lifetimes);
/// `lifetimes` are null where those of all lanes are the same.
std::unique_ptr<LaneStep> make_lane_cohort(LaneContext& context, const Operation& operation,
                                           LaneLifetimes* lifetimes);
/// Whether make_lane_cohort covers the stock, once it has its curves.
bool lane_cohort_covers(const LaneContext& context, const Operation& operation);

class LaneProgram {
 public:
  /// The arrays have their sizes and keep them; those of one lane keep their values too, once computed.
  explicit LaneProgram(LaneContext context);
  ~LaneProgram();
  /// Runs operation `i` of the plan over all periods.
  void run(std::size_t i);
  /// Whether the curves of a set are made by the program itself.
  bool makes_curves(std::size_t set) const { return lifetimes_[set] != nullptr; }
  const std::vector<LaneFailure>& failures() const { return context_.failures; }

 private:
  LaneContext context_;
  std::unique_ptr<LaneStep> make(const Operation& operation, bool by_period,
                                 const std::vector<bool>* changing);
  std::vector<std::unique_ptr<LaneStep>> make_body(const std::vector<Operation>& operations, bool by_period,
                                                   const std::vector<bool>* changing);
  std::vector<LaneLifetimesPtr> lifetimes_;  ///< by set of curves; null: not made here
  std::vector<std::unique_ptr<LaneStep>> steps_;
};

}  // namespace lode
