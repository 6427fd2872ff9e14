// SPDX-License-Identifier: Apache-2.0
//
// A model with every name resolved: each quantity has dimensions, a unit, and defining pieces whose
// expressions are trees of typed nodes. All values are in internal units (see units/unit.hpp); masks are
// structure, known before any number.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lode/arrays/array.hpp"
#include "lode/arrays/dimension.hpp"
#include "lode/distributions/compound.hpp"
#include "lode/kernels/function.hpp"
#include "lode/model/model.hpp"
#include "lode/tables/table.hpp"
#include "lode/units/unit.hpp"

namespace lode {

struct Node;
using NodePtr = std::shared_ptr<const Node>;
using MaskPtr = std::shared_ptr<const Mask>;

enum class Reduction { sum, mean, minimum, maximum };

/// What runs along time. total = Σ x·Δ over [first, last]; cumulate(t) = Σ_{≤t} x·Δ from `first`; first_year
/// … give calendar years (absent if never); mean weighs by Δ.
enum class TimeFunction {
  total,
  cumulate,
  mean,
  minimum,
  maximum,
  first_year,
  last_year,
  max_year,
  min_year
};

/// How one label axis of a gathered operand is read: one fixed label, or along a target axis through an
/// index.
struct Pick {
  std::optional<std::size_t> fixed;
  bool along_time = false;  ///< a list of years of entry, read at the current year
  DimensionId target = 0;
  std::vector<std::int32_t> index;  ///< per target label the source label, −1 if there is none
};

/// A typed expression. What a number means: a plain number with a unit, a calendar year, or a truth (0 or 1).
struct Node {
  enum class Kind { constant, year, step, leaf, quantity, map, gather, reduce, over_time, condition };
  enum class Type { number, year, truth };
  Kind kind = Kind::constant;
  Type type = Type::number;
  DimSet dims;
  Unit unit;
  bool any_unit = false;  ///< a bare 0
  bool may_be_absent = false;
  Location where;
  std::string name;  ///< for people, if it is not the text at `where`

  double value = 0;     ///< constant
  std::size_t id = 0;   ///< leaf, quantity
  Function function{};  ///< map
  std::vector<NodePtr> operands;

  std::vector<Pick> picks;                  ///< gather: one per label axis of the operand, ascending
  std::optional<std::size_t> fixed_period;  ///< gather: x[2017]
  std::vector<std::int32_t>
      periods;  ///< gather: target period → source period, −1 before the start; empty: same

  Reduction reduction{};  ///< reduce: target axes come from `sources`
  std::vector<std::vector<std::int32_t>>
      sources;                      ///< reduce: per target series, source series in fixed order
  TimeFunction time_function{};     ///< over_time
  std::size_t first = 0, last = 0;  ///< over_time: periods, inclusive

  MaskPtr mask;  ///< condition: over its own dims
};

/// Where a cell of a parameter came from.
enum class FillRule {
  given,
  constant,
  interpolated,
  extrapolated,
  missing_value,
  absent,
  changed,
  solved,
  none
};

struct LeafRow {
  Location where;
  std::string text, unit, source, quality, note, derived_from;
  std::vector<std::pair<std::string, Cell>> spread;  ///< its columns sd, cv, low, high, distribution
};

/// A number that was given for a parameter; cells are this number or lie between two of them.
struct LeafGiven {
  std::int32_t row = -1;   ///< into Leaf::rows
  std::size_t series = 0;  ///< over a list of years of entry: that of the list's first label
  int year = 0;            ///< 0: stands for no single year
  bool constant = false;   ///< one number for all cells, repeated for each series
  double value = 0;        ///< internal units
  double factor = 1;       ///< from the numbers of its row to internal units
};

struct LeafCell {
  FillRule rule = FillRule::none;
  std::int32_t row = -1, other_row = -1;  ///< into Leaf::rows
  /// Into Leaf::givens: the cell is given, or lies `share` of the way to other_given; −1: a fixed value.
  std::int32_t given = -1, other_given = -1;
  double share = 0;
  bool geometric = false;  ///< the way there, else straight
};

/// The value of a cell from those of its givens.
double filled(const LeafCell& cell, double given, double other);

/// A parameter with its cells filled.
struct Leaf {
  std::string name;
  const ParameterDecl* declaration = nullptr;
  DimSet dims;
  Unit unit;  ///< as declared, for display; symbolic where it differs by label
  bool may_be_absent = false;
  Array values;  ///< internal units
  Mask exists;   ///< cells that `where:` leaves
  Mask defined;  ///< of these, the ones that have a value (or are declared absent)
  std::vector<LeafRow> rows;
  std::vector<LeafGiven> givens;
  std::vector<LeafCell> cells;           ///< as values
  std::optional<std::size_t> solved_by;  ///< the entry of `solve:` that found the values
};

struct BoundPiece {
  MaskPtr mask;  ///< over the quantity's dims
  NodePtr expression;
  std::string condition;  ///< name for people; "" for everywhere
  std::string formula;    ///< text for people
  Location where;
  std::optional<std::size_t> closes;  ///< process closed by this residual
};

struct Quantity {
  enum class Kind {
    flow,
    named,
    stock_level,
    stock_inflow,
    stock_outflow,
    stock_change,
    stock_cohorts,  ///< by year of entry, and mean ages
    balance,
    throughput,
    checkpoint
  };
  std::string name;
  Kind kind = Kind::named;
  DimSet dims;
  Unit unit;  ///< for display
  Node::Type type = Node::Type::number;
  Location where;
  Title title;
  bool is_signed = false;
  bool may_be_absent = false;
  bool unknown = false;  ///< solved from balances and relations
  std::vector<BoundPiece> pieces;
  Mask defined;                         ///< cells some piece, stock or unknown defines
  std::optional<std::size_t> from, to;  ///< flows: processes
  std::optional<std::size_t> stock;     ///< parts of a stock
};

struct BoundLifetime {
  LifetimeSpec spec;                ///< takes the parameters' values in order
  std::vector<NodePtr> parameters;  ///< dims within the stock's; along time by year of entry
};

/// A stock: cohorts with a lifetime, or (no lifetime) what goes in less what goes out, or what another stock
/// carries.
struct BoundStock {
  std::string name;
  const StockDecl* declaration = nullptr;
  DimSet dims;
  Unit unit;
  std::optional<std::size_t> process;
  std::optional<BoundLifetime> lifetime;
  std::size_t level = 0, inflow = 0, outflow = 0, change = 0;  ///< quantities
  NodePtr given_inflow;                ///< where the stock is not given; null if it always is
  NodePtr given_outflow;               ///< no lifetime: what leaves; null if nothing does
  NodePtr given_change;                ///< no lifetime: net addition instead of inflow and outflow
  NodePtr initial;                     ///< no lifetime: amount before the first period
  std::size_t begin = 0;               ///< its first period
  NodePtr entries;                     ///< in the periods before the model's first: what entered per year, or
  bool entries_remain = false;         ///< what is left of it when the first one begins [amount]
  NodePtr steady;                      ///< amount before the first period, with the ages of a constant inflow
  NodePtr hazard;                      ///< factor of the hazard by calendar year; null: 1
  std::optional<std::size_t> carrier;  ///< the stock that carries this one
  NodePtr content;                     ///< of the carrier's unit, along time by year of entry
  NodePtr content_by_label;            ///< the same, over a list of years of entry
  bool content_by_entry = false;       ///< what leaves has the content of the years it was bought in
  /// Carried, and all its parts are the carrier's times the content.
  bool is_scaled() const { return carrier && !content_by_entry; }
  NodePtr used;               ///< enters (less what leaves) with an age, over used_axis too
  DimensionId used_axis = 0;  ///< a list of years of entry
  /// On request, by year of entry: quantities over the stock's dimensions and that one.
  struct ByCohort {
    DimensionId axis;
    std::size_t stock, outflow, mean_age, mean_age_leaving;
  };
  std::optional<ByCohort> by_cohort;
  std::vector<BoundPiece> given_level;  ///< where the stock is given
  Mask level_mask;                      ///< union of given_level's masks
};

struct BoundProcess {
  const ProcessDecl* declaration = nullptr;
  std::string name;
  std::vector<std::size_t> inputs, outputs;  ///< flows (quantities)
  std::vector<std::size_t> stocks;
  std::optional<std::size_t> balance, throughput;  ///< quantities; none for the outside
};

struct BoundRelation {
  NodePtr residual;  ///< left − right
  NodePtr left, right;
  Location where;
  std::string text;
};

/// Parameters found so that left = right in every cell where both are known.
struct BoundSolve {
  const SolveDecl* declaration = nullptr;
  std::string text;
  struct Unknown {
    std::size_t leaf = 0;
    double low, high;  ///< internal units; may be infinite
  };
  std::vector<Unknown> find;
  std::size_t left = 0, right = 0;  ///< quantities over the same dimensions
};

struct BoundCheckpoint {
  const CheckpointDecl* declaration = nullptr;
  std::optional<std::size_t> quantity;  ///< a scalar
  Unit unit;                            ///< of the published value
  bool is_year = false;
};

struct BoundAlert {
  const AlertDecl* declaration = nullptr;
  std::size_t quantity = 0;
  std::optional<std::size_t> at_least,
      at_most;             ///< quantities: the limits, over the dimensions of the margin
  std::size_t margin = 0;  ///< what is left until the nearer limit; below zero beyond it
  std::size_t crossed =
      0;  ///< 1 where the margin is below zero, else 0: its mean over draws is a probability
};

/// How a quantity is divided into classes.
struct BoundClassification {
  const ClassificationDecl* declaration = nullptr;
  std::size_t whole = 0, result = 0, unclassified = 0;  ///< quantities
  std::vector<std::size_t> shares;                      ///< quantities, one per axis
  std::vector<DimensionId> axes;
};

/// One indicator of a diagnosis.
struct BoundDiagnosis {
  struct Cell {
    std::string stage;
    std::size_t quantity = 0;         ///< over time, or one value
    std::optional<BoundAlert> alert;  ///< none for the spread of draws
  };
  const DiagnosisDecl* declaration = nullptr;
  std::vector<Cell> cells;
};

struct BoundModel {
  std::shared_ptr<const Model> model;
  Dimensions dimensions;
  std::vector<Leaf> leaves;
  std::vector<Quantity> quantities;
  std::vector<BoundStock> stocks;
  std::vector<BoundProcess> processes;
  std::vector<BoundRelation> relations;
  std::vector<BoundSolve> solves;
  std::vector<BoundCheckpoint> checkpoints;
  std::vector<BoundAlert> alerts;
  std::vector<BoundClassification> classifications;
  std::vector<BoundDiagnosis> diagnosis;

  std::optional<std::size_t> find_quantity(std::string_view name) const;
  std::optional<std::size_t> find_leaf(std::string_view name) const;
};

/// Resolves names, dimensions and units. On errors the result is incomplete and must not be planned.
BoundModel bind_model(std::shared_ptr<const Model> model, Diagnostics& diagnostics);

/// Binds one more formula against a bound model, for questions asked from outside ("in_use.stock[2017, AC]"):
/// appends a named quantity and returns its index. The model must be planned again before it can be computed.
/// With a limit the quantity is whether the formula's value is beyond it, 1 or 0: "c[2002] > 60 t/yr".
struct QuestionLimit {
  Function relation{};
  ValueText value;
};
std::optional<std::size_t> bind_question(BoundModel& bound, const std::string& name,
                                         const ExpressionPtr& formula, Diagnostics& diagnostics,
                                         const QuestionLimit* limit = nullptr);

/// The unknown flows that an expression depends on, by whatever way.
std::set<std::size_t> unknowns_in(const BoundModel& model, const NodePtr& expression);

/// The concrete unit of a cell: symbolic factors replaced by the label's own.
Unit unit_of_cell(const Unit& unit, const DimSet& dims, std::size_t series, const Dimensions& dimensions);

}  // namespace lode
