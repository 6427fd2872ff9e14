// SPDX-License-Identifier: Apache-2.0
//
// A second reading of the model, cell by cell: what a cell is made of and what it comes to. It shares no
// arithmetic with the engine but the elementary functions, so it serves explanations, provenance and as an
// independent check.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// One cell: a label on some axes, and a period.
struct Place {
  std::vector<std::pair<DimensionId, std::size_t>> labels;
  std::size_t period = 0;
};

class Trace {
 public:
  explicit Trace(const Session& session) : session_(session), model_(*session.bound) {}

  Place place(const DimSet& dims, std::size_t series, std::size_t period) const;
  /// The series of an array over `dims` that a place reads; empty where a label is missing.
  std::optional<std::size_t> series(const DimSet& dims, const Place& place) const;
  /// The place that operand number `i` of a node is read at.
  std::optional<Place> operand_place(const Node& node, const Place& place) const;
  /// Places of the operand that a reduction or a run along time adds up.
  std::vector<Place> reduced_places(const Node& node, const Place& place) const;

  /// The value of an expression at a place, from the computed values of the quantities it names; internal
  /// units.
  double value(const NodePtr& node, const Place& place) const;
  const BoundPiece* piece_at(std::size_t quantity, std::size_t series, std::size_t period) const;

  /// Visits every cell of a parameter that a cell of a quantity depends on, nearest first, until `visit`
  /// returns false.
  void visit_leaves(
      std::size_t quantity, std::size_t series, std::size_t period,
      const std::function<bool(std::size_t leaf, std::size_t series, std::size_t period)>& visit) const;

 private:
  using QuantityVisit = std::function<void(std::size_t, std::size_t, std::size_t)>;
  using LeafVisit = std::function<void(std::size_t, std::size_t, std::size_t)>;
  void inputs(const NodePtr& node, const Place& place, const QuantityVisit& quantity,
              const LeafVisit& leaf) const;
  const Session& session_;
  const BoundModel& model_;
};

}  // namespace lode
