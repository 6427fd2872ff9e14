// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/closed_balances.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "lode/engine/cell_copies.hpp"

namespace lode {

namespace {

class Expansion {
 public:
  explicit Expansion(const Plan& plan) : plan_(plan), copies_(plan), writers_(plan.arrays.size()) {
    for (const Operation& operation : plan.operations) note(operation);
  }

  bool vanishes(ArrayId array, std::size_t series, std::size_t period) {
    terms_.clear();
    left_ = 200;  // of what is longer nothing is said
    if (!add({array, series, period}, 1, 0)) return false;
    return std::all_of(terms_.begin(), terms_.end(), [](const auto& term) { return term.second == 0; });
  }

 private:
  struct Cell {
    ArrayId array;
    std::size_t series, period;
  };

  void note(const Operation& operation) {
    for (const Operation& inner : operation.body) note(inner);
    if (operation.kind == Operation::Kind::map || operation.kind == Operation::Kind::reduce)
      writers_[operation.writes[0]].push_back(&operation);
  }

  const Operation* writer(const Cell& cell) const {
    for (const Operation* operation : writers_[cell.array])
      if (operation->mask.at(cell.series, cell.period)) return operation;
    return nullptr;
  }

  /// Adds sign · cell; false where that cannot be said.
  bool add(Cell cell, int sign, int depth) {
    if (left_-- == 0) return false;
    if (plan_.arrays[cell.array].periods == 1) cell.period = 0;
    const Operation* operation = depth < 12 ? writer(cell) : nullptr;
    if (operation && operation->kind == Operation::Kind::reduce) {
      if (operation->reduction == Reduction::sum && !operation->skip_absent) {
        for (const std::int32_t from : operation->sources[cell.series])
          if (!add({operation->reads[0].array, static_cast<std::size_t>(from), cell.period}, sign, depth + 1))
            return false;
        return true;
      }
    } else if (operation && is_sum(*operation)) {
      return add(*operation, operation->code.back().target, cell, sign, depth + 1);
    }
    terms_[copies_.origin(cell.array, cell.series, cell.period)] += sign;
    return true;
  }

  /// A register of a sum, as it is once all instructions have run.
  bool add(const Operation& operation, std::size_t target, const Cell& cell, int sign, int depth) {
    const auto found = std::find_if(operation.code.begin(), operation.code.end(),
                                    [&](const Instruction& code) { return code.target == target; });
    if (found == operation.code.end()) return false;
    const Instruction& code = *found;
    switch (code.kind) {
      case Instruction::Kind::constant:
        return code.value == 0;
      case Instruction::Kind::load: {
        const CellRead from = cell_read(operation.reads[code.a], cell.series, cell.period);
        const ArrayId array = operation.reads[code.a].array;
        if (from.series < 0 || (from.period < 0 && plan_.arrays[array].periods > 1)) return false;
        return add({array, static_cast<std::size_t>(from.series), static_cast<std::size_t>(from.period)},
                   sign, depth);
      }
      case Instruction::Kind::apply:
        if (code.function == Function::negate) return add(operation, code.a, cell, -sign, depth);
        return add(operation, code.a, cell, sign, depth) &&
               add(operation, code.b, cell, code.function == Function::subtract ? -sign : sign, depth);
    }
    return false;
  }

  /// Loads, sums and differences, each register written once.
  static bool is_sum(const Operation& operation) {
    if (operation.kind != Operation::Kind::map || operation.code.empty()) return false;
    std::vector<bool> written(operation.registers, false);
    for (const Instruction& code : operation.code) {
      if (written[code.target]) return false;
      written[code.target] = true;
      if (code.kind == Instruction::Kind::apply && code.function != Function::add &&
          code.function != Function::subtract && code.function != Function::negate)
        return false;
    }
    return true;
  }

  const Plan& plan_;
  const CellCopies copies_;
  std::vector<std::vector<const Operation*>> writers_;  ///< maps and sums, by array
  std::map<std::size_t, int> terms_;                    ///< by place of the cell they are a copy of
  std::size_t left_ = 0;
};

}  // namespace

std::vector<bool> closed_balances(const Plan& plan) {
  Expansion expansion(plan);
  const BoundModel& model = *plan.model;
  std::vector<bool> closed(model.quantities.size(), false);
  for (std::size_t q = 0; q < closed.size(); ++q) {
    const Quantity& quantity = model.quantities[q];
    if (quantity.kind != Quantity::Kind::balance) continue;
    closed[q] = true;
    const std::size_t first = model.dimensions.first_period(quantity.dims.time);
    for (std::size_t s = 0; s < quantity.defined.series() && closed[q]; ++s)
      for (std::size_t p = first; p < quantity.dims.periods(model.dimensions) && closed[q]; ++p)
        if (quantity.defined.at(s, p)) closed[q] = expansion.vanishes(plan.array_of_quantity[q], s, p);
  }
  return closed;
}

}  // namespace lode
