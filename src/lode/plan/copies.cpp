// SPDX-License-Identifier: Apache-2.0
#include "lode/plan/copies.hpp"

#include <algorithm>

#include "lode/plan/lower.hpp"

namespace lode {

namespace {

/// Whether each cell is one of another array at the same place.
bool copies(const Operation& operation, const Plan& plan) {
  const Access* const source = copied_by(operation);
  if (!source) return false;
  const PlanArray &from = plan.arrays[source->array], &to = plan.arrays[operation.writes[0]];
  return source->series.empty() && source->stride == 0 && from.dims == to.dims &&
         source->time == (to.dims.time ? Access::Time::same : Access::Time::none);
}

/// Kinds that ask of an array nothing but its cells.
bool reads_any_array(const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::map:
    case Operation::Kind::reduce:
    case Operation::Kind::over_time:
    case Operation::Kind::cohort:
    case Operation::Kind::accumulate:
      return true;
    default:
      return false;
  }
}

class Reader {
 public:
  Reader(const std::vector<Operation>& operations, const Plan& plan)
      : operations_(operations), plan_(plan), writers_(plan.arrays.size()) {
    for (std::size_t i = 0; i < operations.size(); ++i)
      for (const ArrayId array : operations[i].writes) writers_[array].push_back(i);
  }

  /// The array from which the cells read have been copied to the one that is read, maybe over others.
  ArrayId origin(const Operation& operation, std::size_t read) const {
    const ArrayId first = operation.reads[read].array;
    if (!any_copies(first)) return first;
    const Mask cells = cells_read(operation, read, plan_);
    ArrayId array = first;
    for (std::size_t steps = 0; steps < plan_.arrays.size(); ++steps) {
      const Operation* const copy = any_copies(array) ? copy_to(array, cells) : nullptr;
      if (!copy) return array;
      array = copied_by(*copy)->array;
    }
    return first;  // they copy each other, which the order will tell
  }

 private:
  bool any_copies(ArrayId array) const {
    return std::any_of(writers_[array].begin(), writers_[array].end(),
                       [&](std::size_t i) { return copies(operations_[i], plan_); });
  }

  /// The one operation that writes all these cells, if it copies them.
  const Operation* copy_to(ArrayId array, const Mask& cells) const {
    const Operation* writer = nullptr;
    for (const std::size_t i : writers_[array]) {
      if (!cells.intersects(operations_[i].mask)) continue;
      if (writer) return nullptr;
      writer = &operations_[i];
    }
    // Cells that nobody has written are absent.
    const bool all = writer && copies(*writer, plan_) && !cells.intersects(writer->mask.complement());
    return all ? writer : nullptr;
  }

  const std::vector<Operation>& operations_;
  const Plan& plan_;
  std::vector<std::vector<std::size_t>> writers_;  ///< by array
};

void drop_unread(std::vector<Operation>& operations, const Plan& plan) {
  std::vector<bool> read(plan.arrays.size(), false);
  for (const Operation& operation : operations) {
    for (const Access& access : operation.reads) read[access.array] = true;
    for (const ArrayId array : operation.residuals) read[array] = true;
  }
  std::erase_if(operations, [&](const Operation& operation) {
    const ArrayId array = operation.writes.front();
    return copies(operation, plan) && plan.arrays[array].kind == PlanArray::Kind::temporary && !read[array];
  });
}

}  // namespace

const Access* copied_by(const Operation& operation) {
  const bool loads = operation.kind == Operation::Kind::map && operation.code.size() == 1 &&
                     operation.code.front().kind == Instruction::Kind::load;
  return loads ? &operation.reads[operation.code.front().a] : nullptr;
}

std::size_t read_through_copies(std::vector<Operation>& operations, const Plan& plan) {
  // All are found before any is moved, which might be a copy's own.
  const Reader reader(operations, plan);
  std::vector<std::pair<Access*, ArrayId>> moved;
  for (Operation& operation : operations)
    for (std::size_t r = 0; reads_any_array(operation) && r < operation.reads.size(); ++r)
      if (const ArrayId origin = reader.origin(operation, r); origin != operation.reads[r].array)
        moved.emplace_back(&operation.reads[r], origin);
  for (const auto& [access, origin] : moved) access->array = origin;
  drop_unread(operations, plan);
  return moved.size();
}

}  // namespace lode
