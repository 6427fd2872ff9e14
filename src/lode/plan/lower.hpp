// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "lode/plan/plan.hpp"

namespace lode {

/// Turns the pieces of a bound model into unordered operations.
class Lowering {
 public:
  Lowering(const BoundModel& model, Plan& plan, std::vector<Operation>& operations, Diagnostics& diagnostics)
      : model_(model), plan_(plan), operations_(operations), diagnostics_(diagnostics) {}
  void lower_all();

 private:
  ArrayId add_array(PlanArray::Kind kind, std::size_t id, std::string name, const DimSet& dims);
  ArrayId structure(const std::string& name, const DimSet& dims, std::vector<double> values);
  void lower_piece(std::size_t quantity, std::size_t piece);
  void lower_into(const NodePtr& expression, ArrayId target, const DimSet& dims, const Mask& mask,
                  std::string label, const Location& where, std::optional<std::size_t> quantity,
                  std::optional<std::size_t> piece);
  ArrayId materialise(const NodePtr& node, const Mask& needed, const std::string& label);
  Access resolve(const NodePtr& node, Access access, const DimSet& target, const Mask& needed,
                 const std::string& label);
  std::size_t compile(const NodePtr& node, Operation& operation, const DimSet& target, const DimSet& frame,
                      const Mask& needed, const std::string& label);
  Mask needed_of(const Access& access, const Mask& needed, const DimSet& source) const;
  void check_defined(const NodePtr& node, const Mask& defined, const Access& access, const DimSet& target,
                     const Mask& needed, const DimSet& source, const std::string& name);
  Access direct(const DimSet& target, const DimSet& source) const;
  Access compose(const Access& outer, const Access& inner, const DimSet& target) const;
  Access gather_access(const Node& gather) const;
  void lower_stock(std::size_t stock);
  struct StockCurves {
    std::size_t set = 0;
    DimSet dims;
    ArrayId array = 0;
  };
  const StockCurves& lower_survival(std::size_t stock);
  // demand.cpp
  void find_demand();
  void demand(const NodePtr& node, const Mask& needed);
  void lower_unknowns();
  void finish(Operation& operation);

  const Dimensions& dims() const { return model_.dimensions; }
  const BoundModel& model_;
  Plan& plan_;
  std::vector<Operation>& operations_;
  Diagnostics& diagnostics_;
  ArrayId years_ = 0, steps_ = 0;
  std::map<const Mask*, ArrayId> condition_arrays_;
  std::map<std::size_t, StockCurves> stock_curves_;
  std::map<std::size_t, ArrayId> correction_arrays_;
  std::vector<Mask> demand_;  ///< per quantity, its cells that are asked for; empty without years before
};

/// The runs of a mask.
std::vector<Run> runs_of(const Mask& mask);

/// Cells of an array that an operation reads.
Mask cells_read(const Operation& operation, std::size_t read, const Plan& plan);

}  // namespace lode
