// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lode/engine/events.hpp"
#include "lode/engine/lanes.hpp"
#include "lode/kernels/cohort.hpp"
#include "lode/plan/plan.hpp"

namespace lode {

/// Something that happened while computing, with its first place and how often.
struct Event {
  using Kind = EventKind;
  Kind kind;
  std::string what;  ///< operation or stock
  std::string cell;  ///< "[2017, AC]"
  double value = 0;
  std::size_t count = 1;
  Location where;
  std::string detail;
};

bool is_failure(const Event& event);

/// The values of one run of a plan: private to one thread, while the plan is shared.
class Evaluation {
 public:
  /// Leaf values are taken from the model; `set_leaf` replaces some before `run`.
  explicit Evaluation(const Plan& plan);
  Evaluation& operator=(const Evaluation&) = delete;
  ~Evaluation();
  /// Another with the same values, to be changed apart; of one lane.
  std::unique_ptr<Evaluation> copy() const;

  /// Replaces a parameter's values: same cells, one lane or `lanes` of them, internal units.
  void set_leaf(std::size_t leaf, Array values);
  /// The parameter's own array with so many lanes, to be filled in place before each run_again.
  Array& leaf_lanes(std::size_t leaf, std::size_t lanes);

  /// Survival curves of one stock that take more memory than this are made anew where they are needed; 256
  /// MiB unless set.
  void keep_curves_below(double bytes) { most_curve_bytes_ = bytes; }

  /// Computes everything. Events are collected; the values of cells after a failure are not meaningful.
  void run();
  /// The same for some operations, such as needed_for() names: only what they fill is then meaningful.
  void run(const std::vector<bool>& operations);

  /// Computes again, after set_leaf, without telling events, the operations that affected_by() names.
  void run_again(const std::vector<bool>& operations);
  /// The same, with the events of a run from the beginning: these operations tell theirs anew, what the
  /// others told stays told.
  void run_changed(const std::vector<bool>& operations);
  /// Per operation of the plan, whether it lies between these parameters and these quantities.
  std::vector<bool> affected_by(const std::vector<std::size_t>& leaves,
                                const std::vector<std::size_t>& quantities) const;
  /// Per operation of the plan, whether it depends on these parameters.
  std::vector<bool> affected_by(const std::vector<std::size_t>& leaves) const;
  /// Per operation of the plan, whether these quantities rest on it.
  std::vector<bool> needed_for(const std::vector<std::size_t>& quantities) const;
  std::vector<bool> needed_for_arrays(const std::vector<ArrayId>& arrays) const;
  /// Per array of the plan, whether one of these operations writes it.
  std::vector<bool> written_by(const std::vector<bool>& operations) const;
  /// Whether one of these operations reads the parameter.
  bool reads(const std::vector<bool>& operations, std::size_t leaf) const;

  const std::vector<Event>& events() const { return events_; }
  /// Whether run() and run_again() measure each operation of the plan; times() begin at 0 then.
  void keep_times(bool keep);
  const std::vector<double>& times() const { return times_; }  ///< [s] per operation of the plan, if kept
  /// With a multiple of 8 lanes: what failed in single lanes, counted over all runs since run(). Values that
  /// are not finite are not looked for.
  const std::vector<LaneFailure>& lane_failures() const;
  Event event_of(const LaneFailure& failure) const;  ///< `count` lanes
  const Array& leaf(std::size_t id) const { return arrays_[plan_.array_of_leaf[id]]; }
  const Array& quantity(std::size_t id) const { return arrays_[plan_.array_of_quantity[id]]; }
  const Array& array(ArrayId id) const { return arrays_[id]; }
  const Plan& plan() const { return plan_; }
  /// The cohorts of a stock's series in a period, after run(), corrections of a falling stock included.
  struct Cohorts {
    std::vector<double> stock;    ///< per cohort 0 … period: in stock at its end [amount]
    std::vector<double> outflow;  ///< leaves in it [amount/yr]
    CohortAmount older;           ///< of a first stock without years of entry
  };
  Cohorts cohorts(std::size_t stock, std::size_t series, std::size_t period, std::size_t lane = 0);
  /// The curves of a stock's series, after run(), until the next call; null without lifetime.
  const SurvivalCurves* curves(std::size_t stock, std::size_t series, std::size_t lane = 0);

 private:
  Evaluation(const Evaluation& other);
  using Window = LaneWindow;
  void size_arrays();
  void run_operation(const Operation& operation, Window window);
  void run_map(const Operation& operation, Window window);
  void run_reduce(const Operation& operation, Window window);
  void run_over_time(const Operation& operation, Window window);
  void run_survival(const Operation& operation);
  void begin_lanes();
  void run_cohort(const Operation& operation, Window window);
  void run_cohort_results(const Operation& operation, Window window);
  void advance_cohorts(const Operation& operation, Window window);
  void fill_given(const Operation& operation, std::size_t series, Window window,
                  const SurvivalCurves* const* curves, std::vector<LaneEvent>& events);
  double joined_level(const Operation& operation, std::size_t series, std::size_t period,
                      std::size_t lane) const;
  using UsedVisit = std::function<void(std::size_t, const std::vector<double>&, const std::vector<double>&)>;
  void for_each_used(const Operation& operation, std::size_t series, std::size_t lane, std::size_t last,
                     const SurvivalCurves& curves, const UsedVisit& visit) const;
  void check_used(const Operation& operation, const CohortSeries& one, std::size_t series, std::size_t lane,
                  Window window, std::vector<LaneEvent>& events) const;
  struct SeriesStore;
  CohortSeries series_of(const Operation& operation, std::size_t series, std::size_t lane, std::size_t done,
                         std::size_t last, const SurvivalCurves* curves, SeriesStore& store) const;
  void run_accumulate(const Operation& operation, Window window);
  void run_scan(const Operation& operation, Window window);
  void run_solve(const Operation& operation, Window window);
  void report(Event event);
  /// Of an operation of a stock: into `lane_events_`, if that is set, else reported.
  void tell(const Operation& operation, const LaneEvent& event, std::string detail = "",
            const Location* where = nullptr);
  /// "[2017, AC]" where it happened.
  std::string cell_of(const Operation& operation, EventKind kind, const LaneCell& cell) const;
  void run_in_lanes(const Operation& operation, Window window, std::vector<LaneEvent>& events);
  void run_operations(const std::vector<bool>& operations);
  /// What an operation with all its members reads and writes.
  struct Arrays {
    std::set<ArrayId> reads, writes;
  };
  const std::vector<Arrays>& arrays_of_operations() const;
  mutable std::vector<Arrays> arrays_of_operations_;  ///< once asked for

  const Plan& plan_;
  std::vector<Array> arrays_;
  struct CurveSet {
    std::size_t lanes = 1;
    const Operation* survival = nullptr;
    bool by_entry = false;               ///< lifetimes differ by year of entry
    bool kept = true;                    ///< else curves are made where they are needed
    std::vector<SurvivalCurves> curves;  ///< [curve][lane], if kept
    std::size_t last_index = 0;          ///< if not kept, the curves asked for last
    SurvivalCurves last;
    std::size_t lane_of(std::size_t index) const { return lanes == 1 ? LaneEvent::every : index % lanes; }
    std::vector<OlderShares> older;  ///< the same, of a first stock with the ages of a constant inflow
  };
  void describe_curves(const Operation& survival, CurveSet& set) const;
  LifetimePtr make_one_lifetime(const CurveSet& set, std::size_t index, std::size_t period, bool telling);
  void check_lifetimes(const CurveSet& set, std::size_t index);
  SurvivalCurves make_curves(const CurveSet& set, std::size_t index, OlderShares* older, bool telling);
  std::size_t curve_index(const Operation& cohort, std::size_t series, std::size_t lane) const;
  std::vector<CurveSet> curve_sets_;
  std::vector<const Operation*> cohort_of_;  ///< per stock, null without lifetime
  std::vector<Event> events_;
  std::vector<std::size_t> told_by_;  ///< per event, the operation of the plan
  std::size_t running_ = 0;           ///< operation of the plan
  std::vector<double> scratch_;
  double most_curve_bytes_ = 256.0 * 1024 * 1024;
  std::unique_ptr<LaneProgram> program_;  ///< where arrays have a multiple of 8 lanes
  std::vector<double> times_;
  bool quiet_ = false;                             ///< inside a solve, where guesses may fail
  std::vector<LaneEvent>* lane_events_ = nullptr;  ///< where single lanes are counted
};

}  // namespace lode
