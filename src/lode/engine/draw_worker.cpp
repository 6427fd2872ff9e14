// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_worker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

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
    : plan_(plan),
      nominal_(nominal),
      uncertainty_(uncertainty),
      sampler_(*plan.model, uncertainty),
      quantities_(quantities) {
  const BoundModel& bound = *plan.model;
  std::sort(quantities_.begin(), quantities_.end());
  const std::vector<bool> changing = nominal.affected_by(sampler_.leaves());
  std::vector<bool> varies = nominal.written_by(changing);
  for (const std::size_t leaf : sampler_.leaves()) varies[plan.array_of_leaf[leaf]] = true;
  const CellCopies copies(plan);
  std::unordered_map<std::size_t, std::size_t> distinct_of_origin;
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
        const std::size_t origin = copies.origin(plan.array_of_quantity[q], s, p);
        const auto [found, is_new] = distinct_of_origin.emplace(origin, distinct_.size());
        distinct_of_.push_back(found->second);
        if (is_new) {
          Place at = copies.cell(origin);
          if (!varies[at.array]) at = {plan.array_of_quantity[q], place};
          if (!stretches_.empty() && stretches_.back().first.array == at.array &&
              stretches_.back().first.place + stretches_.back().count == at.place)
            ++stretches_.back().count;
          else
            stretches_.push_back({at, distinct_.size(), 1});
          distinct_.push_back(cells_.size());
          places_.push_back(at);
        }
        cells_.push_back({q, s, p});
      }
  }
  std::vector<ArrayId> arrays;
  for (const Stretch& stretch : stretches_) arrays.push_back(stretch.first.array);
  needed_ = nominal.needed_for_arrays(arrays);
  operations_ = needed_;
  for (std::size_t i = 0; i < operations_.size(); ++i) operations_[i] = needed_[i] && changing[i];
  find_may_be_absent();
}

/// Those of one operation lie together.
void DrawModel::find_may_be_absent() {
  std::map<std::size_t, std::vector<std::size_t>> cells_of;  // by place of the operation
  const std::vector<const Operation*> operations = operations_by_place(plan_);
  std::vector<std::vector<std::size_t>> writers(plan_.arrays.size());
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (operations[i]->check_finite && operations[i]->may_be_absent)
      for (const ArrayId array : operations[i]->writes) writers[array].push_back(i);
  for (const std::size_t cell : distinct_) {
    const DrawnCell& drawn = cells_[cell];
    for (const std::size_t i : writers[plan_.array_of_quantity[drawn.quantity]])
      if (operations[i]->mask.at(drawn.series, drawn.period)) {
        cells_of[i].push_back(cell);
        break;
      }
  }
  for (const auto& [i, cells] : cells_of)
    for (const std::size_t cell : cells) may_be_absent_.push_back({cell, operations[i]});
}

bool DrawModel::draws(std::size_t quantity) const {
  return std::binary_search(quantities_.begin(), quantities_.end(), quantity);
}

std::size_t DrawModel::find(std::size_t quantity, std::size_t series, std::size_t period) const {
  if (quantity >= cell_of_.size() || cell_of_[quantity].empty()) return no_cell;
  const DimSet& dims = plan_.model->quantities[quantity].dims;
  return cell_of_[quantity][series * dims.periods(plan_.model->dimensions) + (dims.time ? period : 0)];
}

DrawWorker::DrawWorker(const DrawModel& model) : model_(model), evaluation_(model.plan()) {
  const BoundModel& bound = *model.plan().model;
  for (std::size_t leaf = 0; leaf < bound.leaves.size(); ++leaf)
    if (bound.leaves[leaf].solved_by) evaluation_.set_leaf(leaf, model.nominal().leaf(leaf));
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
  find_failed();
}

void DrawWorker::compute(const double* scores) {
  model_.sampler().fill(scores, lanes_, workspace_, inputs_);
  evaluation_.run_again(model_.operations());
  find_failed();
}

/// One event for each operation and lane.
void DrawWorker::find_infinite() {
  const Operation* last = nullptr;
  std::vector<bool> told;
  constexpr double largest = std::numeric_limits<double>::max();
  for (const DrawModel::MaybeAbsent& one : model_.may_be_absent()) {
    const double* values = row(one.cell);
    bool any = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) any |= std::abs(values[lane]) > largest;
    if (!any) continue;
    if (one.operation != last) told.assign(lanes_, false);
    last = one.operation;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (!std::isinf(values[lane]) || told[lane]) continue;
      told[lane] = true;
      failed_.push_back({EventKind::not_finite, one.operation, lane});
    }
  }
}

/// Failures are counted over all runs: what is new is the last one's.
void DrawWorker::find_failed() {
  failed_.clear();
  const std::vector<LaneFailure>& failures = evaluation_.lane_failures();
  known_failures_.resize(failures.size());
  for (std::size_t i = 0; i < failures.size(); ++i) {
    known_failures_[i].resize(lanes_);
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (failures[i].runs[lane] != known_failures_[i][lane])
        failed_.push_back({failures[i].kind, failures[i].operation, lane});
    known_failures_[i] = failures[i].runs;
  }
  if (!model_.may_be_absent().empty()) find_infinite();
}

Event DrawWorker::event(LaneFailure::Kind kind, const Operation* operation) const {
  if (kind == EventKind::not_finite)
    for (const DrawModel::MaybeAbsent& one : model_.may_be_absent()) {
      if (one.operation != operation || !std::isinf(row(one.cell)[0])) continue;
      const DrawnCell& cell = model_.cells()[one.cell];
      const Quantity& quantity = model_.plan().model->quantities[cell.quantity];
      Event event;
      event.kind = kind;
      event.what = quantity.name;
      event.cell = cell_name(quantity.dims, cell.series, cell.period, model_.plan().model->dimensions);
      event.value = row(one.cell)[0];
      return event;
    }
  for (const LaneFailure& failure : evaluation_.lane_failures())
    if (failure.kind == kind && failure.operation == operation) return evaluation_.event_of(failure);
  return {};
}

const double* DrawWorker::row(std::size_t cell) const {
  return at(model_.place(model_.distinct_of(cell)));
}

const double* DrawWorker::rows(const DrawModel::Stretch& stretch) const {
  return at(stretch.first);
}

const double* DrawWorker::at(const DrawModel::Place& place) const {
  return evaluation_.array(place.array).data().data() + place.place * lanes_;
}

void DrawWorker::compute(const double* scores, const std::vector<std::size_t>& cells, double* block,
                         std::size_t stride) {
  compute(scores);
  for (std::size_t i = 0; i < cells.size(); ++i) copy_lanes(row(cells[i]), block + i * stride, lanes_);
}

}  // namespace lode
