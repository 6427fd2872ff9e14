// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_difference.hpp"

#include <bit>
#include <cstdint>
#include <map>
#include <tuple>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

/// What makes two sides the same number in every draw.
std::pair<std::size_t, std::uint64_t> key_of(const DrawModel& model, const DrawDifference::Side& side) {
  if (side.cell == DrawModel::no_cell) return {DrawModel::no_cell, std::bit_cast<std::uint64_t>(side.value)};
  return {model.distinct_of(side.cell), 0};
}

/// Whether cells of two arrays have the same labels, place by place.
bool same_axes(const Dimensions& a, const DimSet& of_a, const Dimensions& b, const DimSet& of_b) {
  if (of_a.time != of_b.time || of_a.labels.size() != of_b.labels.size()) return false;
  if (of_a.time && (a.years != b.years || a.lead != b.lead)) return false;
  for (std::size_t k = 0; k < of_a.labels.size(); ++k) {
    const Dimension &x = a[of_a.labels[k]], &y = b[of_b.labels[k]];
    if (x.name != y.name || x.labels != y.labels) return false;
  }
  return true;
}

}  // namespace

DrawDifference::DrawDifference(const DrawModel& first, const DrawModel& second)
    : first_(first), second_(second) {
  const BoundModel &own = *first.plan().model, &theirs = *second.plan().model;
  std::map<std::pair<std::pair<std::size_t, std::uint64_t>, std::pair<std::size_t, std::uint64_t>>,
           std::size_t>
      known;
  cell_of_.resize(own.quantities.size());
  for (const std::size_t q : first.quantities()) {
    const Quantity& quantity = own.quantities[q];
    const auto other = theirs.find_quantity(quantity.name);
    if (!other) continue;
    const Quantity& counterpart = theirs.quantities[*other];
    const std::size_t periods = quantity.dims.periods(own.dimensions),
                      begin = own.dimensions.first_period(quantity.dims.time);
    if (!second.draws(*other) ||
        !same_axes(own.dimensions, quantity.dims, theirs.dimensions, counterpart.dims))
      continue;
    if (!first.varies(q) && !second.varies(*other)) continue;
    cell_of_[q].assign(quantity.dims.cells(own.dimensions), DrawModel::no_cell);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = begin; p < periods; ++p) {
        if (!quantity.defined.at(s, p) || !counterpart.defined.at(s, p)) continue;
        const Term term{{first.find(q, s, p), first.nominal().quantity(q).value(s, p)},
                        {second.find(*other, s, p), second.nominal().quantity(*other).value(s, p)}};
        if (term.first.cell == DrawModel::no_cell && term.second.cell == DrawModel::no_cell) continue;
        const auto [found, is_new] = known.emplace(
            std::pair(key_of(first, term.first), key_of(second, term.second)), distinct_.size());
        if (is_new) distinct_.push_back(term);
        distinct_of_.push_back(found->second);
        cell_of_[q][s * periods + p] = cells_.size();
        cells_.push_back({q, s, p});
      }
  }
}

std::size_t DrawDifference::find(std::size_t quantity, std::size_t series, std::size_t period) const {
  if (quantity >= cell_of_.size() || cell_of_[quantity].empty()) return DrawModel::no_cell;
  const BoundModel& bound = *first_.plan().model;
  const DimSet& dims = bound.quantities[quantity].dims;
  return cell_of_[quantity][series * dims.periods(bound.dimensions) + (dims.time ? period : 0)];
}

void DrawDifference::subtract(const DrawWorker& first, const DrawWorker& second, double* rows) const {
  const std::size_t lanes = first.lanes();
  LODE_EXPECT(second.lanes() == lanes);
  for (const Term& term : distinct_) {
    // A side that does not vary is read from one place for all lanes.
    const bool first_varies = term.first.cell != DrawModel::no_cell,
               second_varies = term.second.cell != DrawModel::no_cell;
    const double* const x = first_varies ? first.row(term.first.cell) : &term.first.value;
    const double* const y = second_varies ? second.row(term.second.cell) : &term.second.value;
    if (first_varies && second_varies)
      for (std::size_t lane = 0; lane < lanes; ++lane) rows[lane] = x[lane] - y[lane];
    else
      for (std::size_t lane = 0; lane < lanes; ++lane)
        rows[lane] = x[first_varies ? lane : 0] - y[second_varies ? lane : 0];
    rows += lanes;
  }
}

SharedColumns::SharedColumns(const std::vector<const DrawModel*>& models) {
  std::map<std::string, std::size_t> known;
  for (const DrawModel* model : models) {
    std::vector<std::size_t>& columns = of.emplace_back();
    // Of the first all columns as they stand, even where two had the same name.
    for (const ScoreColumn& column : model->uncertainty().columns) {
      const auto [found, is_new] = known.emplace(column.name, names.size());
      if (is_new || models.front() == model) names.push_back(column.name);
      columns.push_back(models.front() == model ? names.size() - 1 : found->second);
    }
  }
}

}  // namespace lode
