// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_worker.hpp"

#include <algorithm>
#include <numeric>

namespace lode {

namespace {

std::vector<std::size_t> all_quantities(const Plan& plan) {
  std::vector<std::size_t> all(plan.model->quantities.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

DrawModel::DrawModel(const Plan& plan, const Evaluation& nominal, const Uncertainty& uncertainty)
    : DrawModel(plan, nominal, uncertainty, all_quantities(plan)) {}

DrawModel::DrawModel(const Plan& plan, const Evaluation& nominal, const Uncertainty& uncertainty,
                     const std::vector<std::size_t>& quantities)
    : plan_(plan), nominal_(nominal), uncertainty_(uncertainty), sampler_(*plan.model, uncertainty) {
  const BoundModel& bound = *plan.model;
  operations_ = nominal.affected_by(sampler_.leaves(), quantities);
  needed_ = nominal.needed_for(quantities);
  const std::vector<bool> varies = nominal.written_by(operations_);
  cell_of_.resize(bound.quantities.size());
  for (const std::size_t q : quantities) {
    if (!varies[plan.array_of_quantity[q]]) continue;
    const Quantity& quantity = bound.quantities[q];
    const std::size_t periods = quantity.dims.periods(bound.dimensions);
    const std::size_t first = bound.dimensions.first_period(quantity.dims.time);
    cell_of_[q].assign(quantity.dims.cells(bound.dimensions), no_cell);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = first; p < periods; ++p) {
        if (!quantity.defined.at(s, p)) continue;
        const std::size_t place = s * periods + p;
        cell_of_[q][place] = cells_.size();
        if (!stretches_.empty() && stretches_.back().quantity == q &&
            stretches_.back().first + stretches_.back().count == place)
          ++stretches_.back().count;
        else
          stretches_.push_back({q, place, cells_.size(), 1});
        cells_.push_back({q, s, p});
      }
  }
}

std::size_t DrawModel::find(std::size_t quantity, std::size_t series, std::size_t period) const {
  if (quantity >= cell_of_.size() || cell_of_[quantity].empty()) return no_cell;
  const DimSet& dims = plan_.model->quantities[quantity].dims;
  return cell_of_[quantity][series * dims.periods(plan_.model->dimensions) + (dims.time ? period : 0)];
}

DrawWorker::DrawWorker(const DrawModel& model, std::size_t lanes)
    : model_(model), lanes_(lanes), evaluation_(model.plan()) {
  const BoundModel& bound = *model.plan().model;
  for (std::size_t leaf = 0; leaf < bound.leaves.size(); ++leaf)
    if (bound.leaves[leaf].solved_by) evaluation_.set_leaf(leaf, model.nominal().leaf(leaf));
  if (lanes_ == 0) lanes_ = evaluation_.best_lanes(model.operations());
  // Nominal values in every lane: what no draw changes is computed once, and arrays get their lanes.
  for (const std::size_t leaf : model.sampler().leaves()) {
    const Array nominal = evaluation_.leaf(leaf);
    Array& values = evaluation_.leaf_lanes(leaf, lanes_);
    for (std::size_t cell = 0; cell < nominal.size(); ++cell)
      std::fill_n(values.data().data() + cell * lanes_, lanes_, nominal.data()[cell]);
  }
  evaluation_.run(model.needed());
  for (const std::size_t leaf : model.sampler().leaves())
    inputs_.push_back(&evaluation_.leaf_lanes(leaf, lanes_));
}

void DrawWorker::evaluate(const double* scores) {
  model_.sampler().fill(scores, lanes_, workspace_, inputs_);
  evaluation_.run_again(model_.operations());
}

void DrawWorker::compute(const double* scores, double* block, std::size_t stride) {
  evaluate(scores);
  for (const DrawModel::Stretch& stretch : model_.stretches()) {
    const double* from = evaluation_.quantity(stretch.quantity).data().data() + stretch.first * lanes_;
    double* to = block + stretch.cell * stride;
    for (std::size_t i = 0; i < stretch.count; ++i, from += lanes_, to += stride)
      copy_lanes(from, to, lanes_);
  }
}

void DrawWorker::compute(const double* scores, const std::vector<std::size_t>& cells, double* block,
                         std::size_t stride) {
  evaluate(scores);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const DrawnCell& cell = model_.cells()[cells[i]];
    copy_lanes(evaluation_.quantity(cell.quantity).at(cell.series, cell.period), block + i * stride, lanes_);
  }
}

}  // namespace lode
