// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/inputs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lode {

InputSampler::InputSampler(const BoundModel& model, const Uncertainty& uncertainty)
    : model_(model), uncertainty_(uncertainty) {
  for (const UncertainLeaf& uncertain : uncertainty.leaves) {
    const Leaf& leaf = model.leaves[uncertain.leaf];
    Filling filling;
    filling.uncertain = &uncertain;
    filling.marginals = Marginals(uncertain.distributions);
    for (std::size_t g = 0; g < leaf.givens.size(); ++g) {
      const std::size_t column = uncertain.column[g];
      if (column == no_column) {
        filling.certain.push_back(g);
        continue;
      }
      if (!filling.stretches.empty()) {
        Stretch& last = filling.stretches.back();
        if (last.given + last.count == g && last.column + last.count == column) {
          ++last.count;
          continue;
        }
      }
      filling.stretches.push_back({g, column, 1});
    }
    find_direct(filling);
    most_givens_ = std::max(most_givens_, leaf.givens.size());
    fillings_.push_back(std::move(filling));
  }
}

void InputSampler::find_direct(Filling& filling) const {
  const UncertainLeaf& uncertain = *filling.uncertain;
  const Leaf& leaf = model_.leaves[uncertain.leaf];
  if (!uncertain.shares.empty() || !uncertain.totals.empty()) return;
  std::vector<bool> used(leaf.givens.size(), false);
  for (const LeafCell& cell : leaf.cells) {
    if (cell.given < 0) continue;
    const auto given = static_cast<std::size_t>(cell.given);
    if (cell.other_given >= 0 || used[given]) return;
    used[given] = true;
  }
  for (std::size_t i = 0; i < leaf.cells.size(); ++i) {
    if (leaf.cells[i].given < 0) continue;
    const auto given = static_cast<std::size_t>(leaf.cells[i].given);
    const std::size_t column = uncertain.column[given];
    if (column == no_column) continue;
    if (!filling.direct.empty()) {
      auto& [cell, last] = filling.direct.back();
      if (cell + last.count == i && last.given + last.count == given && last.column + last.count == column) {
        ++last.count;
        continue;
      }
    }
    filling.direct.push_back({i, {given, column, 1}});
  }
}

std::vector<std::size_t> InputSampler::leaves() const {
  std::vector<std::size_t> result;
  for (const UncertainLeaf& uncertain : uncertainty_.leaves) result.push_back(uncertain.leaf);
  return result;
}

void InputSampler::fill(const double* scores, std::size_t lanes, Workspace& workspace,
                        const std::vector<Array*>& values) const {
  if (!uncertainty_.mixer.empty()) {
    workspace.mixed.resize(columns() * lanes);
    std::copy_n(scores, columns() * lanes, workspace.mixed.data());
    uncertainty_.mixer.apply(workspace.mixed.data(), lanes, lanes);
    scores = workspace.mixed.data();
  }
  workspace.givens.resize(most_givens_ * lanes);
  for (std::size_t i = 0; i < fillings_.size(); ++i) {
    const Filling& filling = fillings_[i];
    const UncertainLeaf& uncertain = *filling.uncertain;
    Array& out = *values[i];
    LODE_EXPECT(out.lanes() == lanes);
    for (const auto& [cell, drawn] : filling.direct) {
      filling.marginals.apply(drawn.given, drawn.count, scores + drawn.column * lanes,
                              out.data().data() + cell * lanes, lanes, lanes);
    }
    if (!filling.direct.empty()) continue;
    double* const givens = workspace.givens.data();
    for (const std::size_t g : filling.certain)
      std::fill_n(givens + g * lanes, lanes, model_.leaves[uncertain.leaf].givens[g].value);
    for (const Stretch& stretch : filling.stretches) {
      const double* const from = scores + stretch.column * lanes;
      double* const to = givens + stretch.given * lanes;
      if (uncertain.shares.empty())
        filling.marginals.apply(stretch.given, stretch.count, from, to, lanes, lanes);
      else
        std::copy_n(from, stretch.count * lanes, to);
    }
    for (const UncertainLeaf::Shares& shares : uncertain.shares) {
      // The shares of one total need not lie side by side.
      std::vector<double>& together = workspace.together;
      together.resize(shares.givens.size() * lanes);
      for (std::size_t k = 0; k < shares.givens.size(); ++k)
        std::copy_n(givens + shares.givens[k] * lanes, lanes, together.data() + k * lanes);
      shares.distribution.apply(together.data(), lanes, lanes);
      for (std::size_t k = 0; k < shares.givens.size(); ++k)
        std::copy_n(together.data() + k * lanes, lanes, givens + shares.givens[k] * lanes);
    }
    fill_cells(filling, givens, lanes, out);
    for (const UncertainLeaf::Total& total : uncertain.totals)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        double sum = 0;
        for (const std::size_t cell : total.cells) sum += out.data()[cell * lanes + lane];
        const double factor = total.total / sum;
        for (const std::size_t cell : total.cells) out.data()[cell * lanes + lane] *= factor;
      }
  }
}

void InputSampler::fill_cells(const Filling& filling, const double* givens, std::size_t lanes,
                              Array& values) const {
  const Leaf& leaf = model_.leaves[filling.uncertain->leaf];
  for (std::size_t i = 0; i < leaf.cells.size(); ++i) {
    const LeafCell& cell = leaf.cells[i];
    double* const out = values.data().data() + i * lanes;
    if (cell.given < 0) {
      std::fill_n(out, lanes, leaf.values.data()[i]);
      continue;
    }
    const double* const from = givens + static_cast<std::size_t>(cell.given) * lanes;
    if (cell.other_given < 0) {
      copy_lanes(from, out, lanes);
      continue;
    }
    const double* const to = givens + static_cast<std::size_t>(cell.other_given) * lanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) out[lane] = filled(cell, from[lane], to[lane]);
  }
}

}  // namespace lode
