// SPDX-License-Identifier: Apache-2.0
//
// A compiled model: arrays and the operations that fill them, in an order that can be run. Immutable, holds
// no values but structure (masks, years, steps), and can be shared by threads. Every operation is evaluated
// for a window of periods, so that the same code runs whole series at once or year by year inside a Scan.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/binding/bound_model.hpp"
#include "lode/kernels/cohort.hpp"

namespace lode {

using ArrayId = std::size_t;

struct PlanArray {
  enum class Kind { leaf, quantity, temporary, structure };
  Kind kind = Kind::temporary;
  std::size_t id = 0;  ///< leaf or quantity
  std::string name;
  DimSet dims;
  std::size_t series = 1, periods = 1;
  std::vector<double> constant;  ///< structure: its values
};

/// How an operation reads an array: for each of its own cells, which cell of the array.
struct Access {
  enum class Time { same, mapped, fixed, none };
  ArrayId array = 0;
  std::vector<std::int32_t> series;  ///< own series → array's series; −1 there is none; empty: the same
  Time time = Time::same;
  std::size_t period = 0;             ///< fixed
  std::vector<std::int32_t> periods;  ///< mapped: own period → array's period; −1 there is none
  /// Added to the array's series for every own period: an axis of years of entry, read at the current year.
  std::size_t stride = 0;
};

/// The cell of the array that an access reads for one of the operation's own; series or period −1: none.
struct CellRead {
  std::int64_t series, period;
};
CellRead cell_read(const Access& access, std::size_t series, std::size_t period);

/// Elementwise code over strips of periods: register `target` = function(registers).
struct Instruction {
  enum class Kind { load, constant, apply };
  Kind kind = Kind::apply;
  Function function{};
  std::size_t target = 0, a = 0, b = 0, c = 0;  ///< load: a is the index into `reads`
  double value = 0;
};

/// A stretch of periods [first, last) of one series that an operation fills.
struct Run {
  std::size_t series, first, last;
};

struct Operation {
  enum class Kind {
    map,
    reduce,
    over_time,
    survival,
    cohort,
    cohort_results,
    accumulate,
    unknowns,
    scan,
    solve
  };
  Kind kind = Kind::map;
  std::string label;  ///< for people: "manufactured (history)"
  Location where;
  std::vector<ArrayId>
      writes;  ///< map, reduce, over_time: one; cohort: inflow, stock, outflow (corrections); unknowns: all
  std::vector<Access> reads;
  Mask mask;              ///< the cells it fills, over the first array it writes
  std::vector<Run> runs;  ///< the same as stretches

  std::vector<Instruction> code;  ///< map
  std::size_t registers = 0;
  bool check_finite = false;   ///< the last step of a quantity's piece: no infinity or NaN may leave it
  bool may_be_absent = false;  ///< what it writes
  bool skip_absent = false;    ///< reduce, over_time: what it reads
  std::optional<std::size_t> quantity, piece;

  Reduction reduction{};  ///< reduce; reads[0]
  std::vector<std::vector<std::int32_t>> sources;
  TimeFunction time_function{};  ///< over_time; reads[0]
  std::size_t first = 0, last = 0;

  std::size_t stock = 0;                 ///< survival, cohort, cohort_results, accumulate
  std::size_t curves = 0;                ///< survival writes, cohort reads: index of the set of curves
  std::vector<std::int32_t> curve_of;    ///< cohort: series → curve in the set
  Mask given;                            ///< cohort: cells where the stock is given
  std::vector<std::int32_t> carrier_of;  ///< cohort of a carried stock: series → the carrier's
  std::optional<std::size_t> steady_read, correction_read, used_read;  ///< cohort: into `reads`

  std::vector<Operation> body;  ///< scan, solve
  std::vector<ArrayId>
      tears;  ///< solve: arrays whose cells are unknown, each written by the body operation below
  std::vector<std::size_t> tear_operations;
  std::vector<ArrayId> residuals;  ///< solve: arrays that must become zero (for unknown flows)
  std::vector<Mask> residual_masks;
  bool affine = false;
  bool whole_window = false;  ///< solve: no lag inside, all periods at once
};

/// One named pass of the compilation, as `lode plan` shows it.
struct PassReport {
  std::string name;
  std::string text;
};

struct Plan {
  std::shared_ptr<const BoundModel> model;
  std::vector<PlanArray> arrays;
  std::vector<ArrayId> array_of_leaf, array_of_quantity;
  std::vector<Operation> operations;
  std::size_t curve_sets = 0;
  std::vector<PassReport> passes;
};

/// Compiles a bound model. Undefined cells that are read, loops that read their own future, and unknown flows
/// that no equation determines are reported; on errors the plan must not be run.
Plan make_plan(std::shared_ptr<const BoundModel> model, Diagnostics& diagnostics);

/// The plan as text: arrays, operations in order, loops with their members.
std::string print(const Plan& plan);
std::string to_json(const Plan& plan);

}  // namespace lode
