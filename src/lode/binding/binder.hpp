// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lode/binding/bound_model.hpp"

namespace lode {

struct Indicator;

/// A condition evaluated: structure, known before any number.
struct StaticMask {
  DimSet dims;
  Mask mask;
};

/// What a formula is bound for: the cells concerned (for units that differ by label) and what it defines.
struct BindContext {
  const StaticMask* cells = nullptr;
  std::optional<std::size_t> flow;   ///< the flow that residual() closes
  std::optional<std::size_t> stock;  ///< the stock whose change residual() closes
  bool whole = true;                 ///< the formula itself, not a part of it
  std::string owner;                 ///< for messages
};

/// Does the work of bind_model; the parts live in one file each.
class Binder {
 public:
  Binder(BoundModel& bound, Diagnostics& diagnostics) : bound_(bound), diagnostics_(diagnostics) {}

  void bind_all();
  std::optional<std::size_t> bind_question(const std::string& name, const ExpressionPtr& formula,
                                           const QuestionLimit* limit);
  void restore_names();                                      ///< for a model that is bound already
  void bind_parameters(const std::set<std::string>& names);  ///< and the conditions, nothing else
  std::optional<Mask> named_cells(const std::string& condition, const DimSet& target);

 private:
  // dimensions.cpp
  void bind_dimensions();
  void add_years_before(Dimensions& dimensions);
  bool too_large(const DimSet& set, const Location& where, const std::string& what) const;
  std::optional<DimSet> bind_over(const std::vector<NameAt>& names);
  std::optional<Unit> bind_unit(const std::string& text, const Location& where, const DimSet* dims,
                                const std::string& owner);
  std::string symbol_of(DimensionId id, std::string_view attribute) const;
  std::optional<std::pair<DimensionId, std::string>> split_symbol(std::string_view symbol) const;
  std::optional<Unit> unit_of_label(DimensionId root, const std::string& attribute, std::size_t label) const;
  bool units_agree(const Unit& a, const Unit& b, const StaticMask* cells) const;
  std::vector<std::size_t> active_labels(DimensionId root, const StaticMask* cells) const;

  // conditions.cpp
  void bind_conditions();
  std::optional<StaticMask> condition(const NameAt& name);
  std::optional<StaticMask> bind_condition(const Expression& expression);
  std::optional<StaticMask> bind_comparison(const Expression& expression);
  bool is_static(const Expression& expression) const;
  StaticMask constant_mask(bool value) const;
  Mask within_model(Mask mask) const;  ///< with the years before the first taken as satisfied
  StaticMask combine(const StaticMask& a, const StaticMask& b, bool conjunction) const;
  StaticMask negate(StaticMask mask) const;

  // leaves.cpp
  void bind_leaves();
  void bind_leaf(const ParameterDecl& declaration);

  // expressions.cpp, calls.cpp, policy_calls.cpp, reductions.cpp
  NodePtr bind(const Expression& expression, const BindContext& context);
  NodePtr bind_name(const Expression& expression, const BindContext& context);
  NodePtr read_by_group(NodePtr node, const NodePtr& other) const;
  NodePtr bind_arithmetic(const Expression& expression, const BindContext& context);
  NodePtr bind_conditional(const Expression& expression, const BindContext& context);
  NodePtr bind_index(const Expression& expression, const BindContext& context);
  NodePtr bind_call(const Expression& expression, const BindContext& context);
  NodePtr bind_ramp(const Expression& expression, const BindContext& context);
  NodePtr bind_rank(const Expression& expression, const BindContext& context);
  NodePtr bind_indicator(const Indicator& indicator, const Expression& call, const BindContext& context);
  NodePtr bind_reduction(const Expression& expression, const BindContext& context);
  NodePtr bind_sum_to(const Expression& expression, const BindContext& context);
  NodePtr bind_over_time(const Expression& expression, const BindContext& context);
  NodePtr bind_process_call(const Expression& expression, const BindContext& context);
  NodePtr make_map(Function function, std::vector<NodePtr> operands, const Location& where) const;
  NodePtr make_constant(double value, const Unit& unit, const Location& where) const;
  NodePtr make_year_node(const Location& where) const;
  NodePtr make_step_node(const Location& where) const;
  NodePtr make_lag(NodePtr operand, const std::vector<std::int32_t>& periods, const Location& where) const;
  NodePtr at_year(NodePtr operand, std::size_t period, const Location& where) const;
  NodePtr quantity_node(std::size_t id, const Location& where);
  NodePtr reduce_to(NodePtr operand, const DimSet& dims, Reduction reduction, const Location& where) const;
  NodePtr rename_axis(NodePtr operand, DimensionId from, DimensionId to, const Location& where) const;
  NodePtr select_label(NodePtr operand, DimensionId axis, std::size_t label, const Location& where) const;
  std::vector<std::int32_t> calendar_lag(double years, const Location& where);
  bool expect_number(const NodePtr& node, const char* what);
  bool expect_dimensionless(const NodePtr& node, const char* what, const BindContext& context);
  bool check_broadcast(const std::vector<NodePtr>& operands, const Location& where, const char* what);
  NodePtr compound(const NodePtr& rate, const NodePtr& span, const Location& where);

  // system.cpp
  void declare_system();
  void bind_system();
  void bind_process_transfers(std::size_t process);
  void declare_balances();
  void bind_balances();
  void bind_relations();
  NodePtr beyond(const NodePtr& node, const QuestionLimit& limit);
  std::optional<std::pair<NodePtr, NodePtr>> bind_sides(const Expression& relation, const std::string& owner);
  NodePtr balance_expression(std::size_t process, const DimSet& dims, std::optional<DimensionId> own_axis,
                             std::optional<std::size_t> except_flow, std::optional<std::size_t> except_stock,
                             double sign, bool inputs_only, const Location& where);
  DimSet process_dims(std::size_t process) const;
  NodePtr flow_at(std::size_t flow, bool as_input, const DimSet& dims, const Location& where);
  NodePtr flows_sum(std::size_t process, bool inputs, const DimSet& dims, const Location& where);
  void tell_mixed_units(std::size_t process, const Quantity& first, const Quantity& second,
                        const Location& where);
  void check_residuals();

  // solves.cpp
  void bind_solves();
  void bind_solve(const SolveDecl& declaration);

  // stocks.cpp, lifetimes.cpp
  void declare_stock(const StockDecl& declaration);
  std::size_t add_stock(BoundStock stock, const Location& where, const Title& title, bool has_flows,
                        bool good);
  void declare_carried();
  void declare_cohorts(std::size_t stock);
  void define_from_begin(const BoundStock& stock, std::size_t quantity);
  void define_change(BoundStock& stock, const Location& where);
  void define_flow_by_stock(std::size_t flow, std::size_t part, const Location& where);
  void bind_stock(BoundStock& stock);
  void bind_carried(BoundStock& stock);
  void bind_given_level(BoundStock& stock);
  void bind_stock_inflow(BoundStock& stock);
  void bind_stock_outflow(BoundStock& stock);
  void bind_lifetime(BoundStock& stock);
  bool bind_lifetime_part(const LifetimeDecl& declaration, const BoundStock& stock, LifetimeSpec& spec,
                          std::vector<NodePtr>& parameters);
  bool bind_empirical(const LifetimeDecl& declaration, const BoundStock& stock, LifetimeSpec& spec,
                      std::vector<NodePtr>& parameters);
  NodePtr lifetime_number(const std::string& name, const ExpressionPtr& expression, bool duration,
                          const BoundStock& stock);
  void bind_initial(BoundStock& stock);
  void bind_used(BoundStock& stock);
  NodePtr by_entry(NodePtr node, const BoundStock& stock, const char* what);
  NodePtr stock_reference(const BoundStock& stock, const NameAt& name);
  Mask inflow_cells(const BoundStock& stock) const;

  // quantities.cpp
  void declare_quantities();
  void ensure_typed(std::size_t quantity, const Location& asked_at);
  void bind_equation(std::size_t quantity);
  void assume_type(const Expression& name, const NodePtr& first);
  std::vector<std::pair<PieceDecl, StaticMask>> piece_masks(const std::vector<PieceDecl>& pieces,
                                                            const std::optional<StaticMask>& where,
                                                            const Location& owner_where,
                                                            const std::string& owner, StaticMask& covered);
  void add_piece(std::size_t quantity, const NodePtr& expression, const StaticMask& cells,
                 std::string condition, const Expression* formula, const Location& where,
                 const Location& condition_where = {});
  bool fits(const DimSet& target, const Unit& unit, Node::Type type, const NodePtr& expression,
            const Mask& mask, const StaticMask* cells, const std::string& owner, const Location& where);
  void finish_quantity(std::size_t quantity);

  // checkpoints.cpp
  void bind_checkpoints();

  // alerts.cpp
  void bind_alerts();
  void bind_alert(const AlertDecl& declaration, std::size_t quantity);
  NodePtr bind_limit(const LimitDecl& limit, const NodePtr& held);
  bool fits_limit(const NodePtr& held, const Unit& limit, const Location& where);

  // verdicts.cpp
  void bind_classifications();
  bool bind_classification(const ClassificationDecl& declaration);
  void bind_diagnosis();
  std::optional<std::size_t> declare_stage_sums(const DiagnosisDecl& declaration, const AlertDecl& cell,
                                                const std::string& stage);

  std::size_t add_quantity(Quantity quantity);
  std::vector<std::string> value_names() const;
  bool declares_number(std::string_view name) const;
  std::vector<std::string> dimension_names() const;

  const Dimensions& dims() const { return bound_.dimensions; }
  const Model& model() const { return *bound_.model; }

  enum class State { declared, in_progress, typed, failed };
  BoundModel& bound_;
  Diagnostics& diagnostics_;
  std::map<std::string, StaticMask> conditions_;
  std::map<std::string, bool> condition_failed_;
  std::unordered_map<std::string, std::size_t> quantity_ids_, leaf_ids_, process_ids_;
  std::set<std::string> failed_leaves_;     ///< their dimensions or unit are not known
  std::set<std::size_t> failed_stocks_;     ///< likewise
  std::set<std::size_t> open_, read_open_;  ///< equations half bound, and those read in that state
  std::set<std::size_t> mixed_units_;       ///< processes whose flows do not add up: said once
  std::vector<State> states_;
  std::vector<const EquationDecl*> equation_of_;  ///< per quantity, null if none
  int indicators_open_ = 0;                       ///< those whose formulas are being bound
};

/// Units that every model needs.
inline const Unit& year_unit() {
  static const Unit unit = *parse_unit("yr").unit;
  return unit;
}
inline const Unit& per_year_unit() {
  static const Unit unit = *parse_unit("1/yr").unit;
  return unit;
}

/// What stands in a file, to be repeated in a suggestion; "…" for what is long or takes several lines.
std::string source_text(const Location& where);
/// "[time, product]", or words for no dimension at all.
std::string over_text(const DimSet& set, const Dimensions& dimensions, const char* none);
/// A unit under a caret: "no unit" for a plain number.
std::string unit_text(const Unit& unit);

/// An array beyond this many cells is a mistake of the model, not a wish.
inline constexpr std::size_t largest_array = 50'000'000;

inline constexpr std::size_t no_quantity = static_cast<std::size_t>(-1);

}  // namespace lode
