// SPDX-License-Identifier: Apache-2.0
#include "lode/plan/copies.hpp"

#include <algorithm>
#include <optional>

#include "lode/plan/lower.hpp"

namespace lode {

namespace {

/// Whether each cell is one of another array at the same place.
bool copies(const Operation& operation, const Plan& plan) {
  if (operation.kind != Operation::Kind::map || operation.code.size() != 1 ||
      operation.code.front().kind != Instruction::Kind::load)
    return false;
  const Access& source = operation.reads[operation.code.front().a];
  const PlanArray &from = plan.arrays[source.array], &to = plan.arrays[operation.writes[0]];
  return source.series.empty() && source.stride == 0 && from.dims == to.dims &&
         source.time == (to.dims.time ? Access::Time::same : Access::Time::none);
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

  /// The array that one operation has copied to all the cells read.
  std::optional<ArrayId> source_of(const Operation& operation, std::size_t read) const {
    const std::vector<std::size_t>& writers = writers_[operation.reads[read].array];
    const bool any_copies = std::any_of(writers.begin(), writers.end(),
                                        [&](std::size_t i) { return copies(operations_[i], plan_); });
    if (!any_copies) return std::nullopt;
    const Mask cells = cells_read(operation, read, plan_);
    std::optional<std::size_t> writer;
    for (const std::size_t i : writers) {
      if (!cells.intersects(operations_[i].mask)) continue;
      if (writer) return std::nullopt;
      writer = i;
    }
    if (!writer || !copies(operations_[*writer], plan_)) return std::nullopt;
    Mask elsewhere = operations_[*writer].mask.complement();
    if (cells.intersects(elsewhere)) return std::nullopt;  // cells that nobody has written are absent
    const Operation& copy = operations_[*writer];
    return copy.reads[copy.code.front().a].array;
  }

 private:
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

std::size_t read_through_copies(std::vector<Operation>& operations, const Plan& plan) {
  const Reader reader(operations, plan);
  std::size_t moved = 0;
  for (Operation& operation : operations) {
    if (!reads_any_array(operation)) continue;
    for (std::size_t r = 0; r < operation.reads.size(); ++r) {
      const ArrayId first = operation.reads[r].array;
      while (const auto source = reader.source_of(operation, r)) {
        operation.reads[r].array = *source;
        if (*source == first) break;  // they copy each other, which the order will tell
      }
      if (operation.reads[r].array != first) ++moved;
    }
  }
  drop_unread(operations, plan);
  return moved;
}

}  // namespace lode
