// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/cell_copies.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "lode/plan/copies.hpp"

namespace lode {

namespace {

void mark_written(const Operation& operation, std::vector<bool>& written) {
  for (const ArrayId array : operation.writes) written[array] = true;
  for (const Operation& inner : operation.body) mark_written(inner, written);
}

}  // namespace

CellCopies::CellCopies(const Plan& plan) : plan_(plan) {
  std::size_t cells = 0;
  for (const PlanArray& array : plan.arrays) {
    first_.push_back(cells);
    cells += array.series * array.periods;
  }
  from_.resize(cells);
  std::iota(from_.begin(), from_.end(), std::uint32_t{0});
  const std::vector<bool> all_written(plan.arrays.size(), false);
  for (const Operation& operation : plan.operations) visit(operation, all_written);
}

std::size_t CellCopies::place(ArrayId array, std::size_t series, std::size_t period) const {
  const PlanArray& source = plan_.arrays[array];
  return first_[array] + series * source.periods + (source.periods == 1 ? 0 : period);
}

std::size_t CellCopies::origin(ArrayId array, std::size_t series, std::size_t period) const {
  std::size_t at = place(array, series, period);
  while (from_[at] != at) at = from_[at];
  return at;
}

CellCopies::Cell CellCopies::cell(std::size_t origin) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), origin);
  const auto array = static_cast<ArrayId>(after - first_.begin()) - 1;
  return {array, origin - first_[array]};
}

void CellCopies::add(ArrayId array, std::size_t series, std::size_t period, const Access& source) {
  const CellRead cell = cell_read(source, series, period);
  if (cell.series < 0 || cell.period < 0) return;
  from_[place(array, series, period)] = static_cast<std::uint32_t>(
      place(source.array, static_cast<std::size_t>(cell.series), static_cast<std::size_t>(cell.period)));
}

/// Inside a loop within a year an array may be read before it is written: what is copied then is a guess.
void CellCopies::visit(const Operation& operation, const std::vector<bool>& not_yet_written) {
  if (operation.kind == Operation::Kind::scan || operation.kind == Operation::Kind::solve) {
    std::vector<std::vector<bool>> later(operation.body.size(), not_yet_written);
    if (operation.kind == Operation::Kind::solve)
      for (std::size_t i = operation.body.size(); i-- > 0;) {
        if (i + 1 < operation.body.size()) later[i] = later[i + 1];
        mark_written(operation.body[i], later[i]);
      }
    for (std::size_t i = 0; i < operation.body.size(); ++i) visit(operation.body[i], later[i]);
    return;
  }
  const auto known = [&](const Access& access) { return !not_yet_written[access.array]; };
  if (const Access* const source = copied_by(operation); source && known(*source)) {
    const bool timeless = plan_.arrays[operation.writes[0]].periods == 1;
    for (const Run& run : operation.runs)
      for (std::size_t p = timeless ? 0 : run.first; p < (timeless ? 1 : run.last); ++p)
        add(operation.writes[0], run.series, p, *source);
  } else if (operation.kind == Operation::Kind::cohort && operation.writes.size() == 3 &&
             !operation.used_read && known(operation.reads[0])) {
    // Where the stock is not given the inflow is.
    const PlanArray& inflow = plan_.arrays[operation.writes[0]];
    for (std::size_t s = 0; s < inflow.series; ++s)
      for (std::size_t p = plan_.model->stocks[operation.stock].begin; p < inflow.periods; ++p)
        if (!operation.given.any() || !operation.given.at(s, p))
          add(operation.writes[0], s, p, operation.reads[0]);
  } else if (operation.kind == Operation::Kind::accumulate && operation.writes.size() == 3) {
    const BoundStock& stock = plan_.model->stocks[operation.stock];
    for (std::size_t i = 0; i < 2; ++i) {
      const PlanArray& array = plan_.arrays[operation.writes[1 + i]];
      if (stock.declaration->change || !known(operation.reads[i])) continue;
      for (std::size_t s = 0; s < array.series; ++s)
        for (std::size_t p = stock.begin; p < array.periods; ++p)
          add(operation.writes[1 + i], s, p, operation.reads[i]);
    }
  }
}

}  // namespace lode
