// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_order.hpp"

#include <algorithm>
#include <numeric>

namespace lode {
namespace {

constexpr int sweeps = 16, rounds = 12;
/// Added to every width, so that thin flows cross little too; share of the largest node.
constexpr double thinnest = 0.02;
/// What a pair costs that stands against the order of lanes, per step, in the same measure as crossings.
constexpr double lane_cost = 0.001;

int rank(SankeyLane lane) {
  return lane == SankeyLane::imports                               ? 0
         : lane == SankeyLane::exports || lane == SankeyLane::uses ? 2
         : lane == SankeyLane::losses                              ? 3
                                                                   : 1;
}

class Ordering {
 public:
  Ordering(const SankeyInput& input, const SankeyColumns& columns) : input_(input) {
    build(columns);
    measure(columns);
  }

  SankeyLayers run() {
    start();
    std::vector<std::vector<std::size_t>> best = layers_.columns;
    double least = total_cost();
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      this->sweep(sweep % 2 == 0);
      const double cost = total_cost();
      if (cost < least) {
        least = cost;
        best = layers_.columns;
      }
    }
    layers_.columns = best;
    reindex();
    for (int round = 0; round < rounds && sift(); ++round) {
    }
    return std::move(layers_);
  }

 private:
  void build(const SankeyColumns& columns) {
    layers_.station_of.assign(input_.nodes.size(), SankeyStation::none);
    layers_.columns.resize(static_cast<std::size_t>(columns.count));
    const auto add = [&](SankeyStation station) {
      layers_.columns[static_cast<std::size_t>(station.column)].push_back(layers_.stations.size());
      layers_.stations.push_back(station);
      return layers_.stations.size() - 1;
    };
    for (std::size_t i = 0; i < input_.nodes.size(); ++i)
      if (columns.column[i] >= 0) layers_.station_of[i] = add({columns.column[i], i, SankeyStation::none});
    for (std::size_t l = 0; l < input_.links.size(); ++l) {
      const SankeyLink& link = input_.links[l];
      if (!link.drawn() || columns.back[l]) continue;
      std::size_t from = layers_.station_of[link.source];
      for (int column = columns.column[link.source] + 1; column < columns.column[link.target]; ++column) {
        const std::size_t passing = add({column, SankeyStation::none, l});
        layers_.stretches.push_back({from, passing, l});
        from = passing;
      }
      layers_.stretches.push_back({from, layers_.station_of[link.target], l});
    }
  }

  void measure(const SankeyColumns& columns) {
    const std::size_t n = layers_.stations.size();
    left_.assign(n, 0);
    right_.assign(n, 0);
    back_in_.assign(n, 0);
    back_out_.assign(n, 0);
    incoming_.resize(n);
    outgoing_.resize(n);
    for (const SankeyStretch& stretch : layers_.stretches) {
      const double width = input_.links[stretch.link].value;
      right_[stretch.from] += width;
      left_[stretch.to] += width;
      outgoing_[stretch.from].emplace_back(stretch.to, width);
      incoming_[stretch.to].emplace_back(stretch.from, width);
    }
    for (std::size_t l = 0; l < input_.links.size(); ++l) {
      if (!columns.back[l]) continue;
      back_out_[layers_.station_of[input_.links[l].source]] += input_.links[l].value;
      back_in_[layers_.station_of[input_.links[l].target]] += input_.links[l].value;
    }
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i)
      largest = std::max({largest, left_[i] + back_in_[i], right_[i] + back_out_[i]});
    if (largest <= 0) return;
    for (auto* widths : {&left_, &right_, &back_in_, &back_out_})
      for (double& width : *widths) width /= largest;
    for (auto* lists : {&incoming_, &outgoing_})
      for (auto& list : *lists)
        for (auto& [other, width] : list) width /= largest;
  }

  const SankeyNode* node_of(std::size_t station) const {
    const SankeyStation& s = layers_.stations[station];
    return s.passes() ? nullptr : &input_.nodes[s.node];
  }
  int rank_of(std::size_t station) const {
    const SankeyNode* node = node_of(station);
    return node ? rank(node->lane) : 1;
  }
  bool forbidden(std::size_t above, std::size_t below) const {
    const SankeyNode *a = node_of(above), *b = node_of(below);
    return a && b && a->order && b->order && *a->order > *b->order;
  }

  /// Puts those that have an order into it, in the places they hold together.
  void respect_order(std::vector<std::size_t>& column) const {
    std::vector<std::size_t> places, ordered;
    for (std::size_t k = 0; k < column.size(); ++k) {
      const SankeyNode* node = node_of(column[k]);
      if (!node || !node->order) continue;
      places.push_back(k);
      ordered.push_back(column[k]);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [&](std::size_t a, std::size_t b) { return *node_of(a)->order < *node_of(b)->order; });
    for (std::size_t k = 0; k < places.size(); ++k) column[places[k]] = ordered[k];
  }

  void start() {
    for (auto& column : layers_.columns) {
      std::stable_sort(column.begin(), column.end(),
                       [&](std::size_t a, std::size_t b) { return rank_of(a) < rank_of(b); });
      respect_order(column);
    }
    reindex();
  }

  void reindex() {
    index_.resize(layers_.stations.size());
    middle_.resize(layers_.stations.size());
    for (std::size_t c = 0; c < layers_.columns.size(); ++c) reindex(c);
  }
  void reindex(std::size_t c) {
    double y = 0;
    const auto& column = layers_.columns[c];
    for (std::size_t k = 0; k < column.size(); ++k) {
      const double size =
          0.1 + std::max(left_[column[k]] + back_in_[column[k]], right_[column[k]] + back_out_[column[k]]);
      index_[column[k]] = k;
      middle_[column[k]] = y + size / 2;
      y += size;
    }
    for (const std::size_t station : column) middle_[station] -= y / 2;
  }

  void sweep(bool rightwards) {
    const std::size_t n = layers_.columns.size();
    for (std::size_t step = 1; step < n; ++step) {
      const std::size_t c = rightwards ? step : n - 1 - step;
      auto& column = layers_.columns[c];
      std::vector<double> wanted(layers_.stations.size(), 0);
      for (const std::size_t station : column) {
        double sum = 0, weight = 0;
        for (const auto& [other, width] : rightwards ? incoming_[station] : outgoing_[station]) {
          sum += width * middle_[other];
          weight += width;
        }
        wanted[station] = weight > 0 ? sum / weight : middle_[station];
      }
      std::stable_sort(column.begin(), column.end(),
                       [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
      respect_order(column);
      reindex(c);
    }
  }

  /// Cost of `a` standing above `b`.
  double pair_cost(std::size_t a, std::size_t b) const {
    double cost = 0;
    for (const auto* lists : {&incoming_, &outgoing_})
      for (const auto& [x, width_x] : (*lists)[a])
        for (const auto& [y, width_y] : (*lists)[b])
          if (index_[x] > index_[y]) cost += (width_x + thinnest) * (width_y + thinnest);
    if (back_out_[a] > 0) cost += back_out_[a] * (right_[b] + back_out_[b] * 0.5 + thinnest);
    if (back_in_[a] > 0) cost += back_in_[a] * (left_[b] + back_in_[b] * 0.5 + thinnest);
    cost += lane_cost * std::max(rank_of(a) - rank_of(b), 0);
    return cost;
  }
  double column_cost(std::size_t c) const {
    const auto& column = layers_.columns[c];
    double cost = 0;
    for (std::size_t i = 0; i < column.size(); ++i)
      for (std::size_t j = i + 1; j < column.size(); ++j) cost += pair_cost(column[i], column[j]);
    return cost;
  }
  double total_cost() const {
    double cost = 0;
    for (std::size_t c = 0; c < layers_.columns.size(); ++c) cost += column_cost(c);
    return cost;
  }

  /// Moves each station to the best place of its column; false if nothing moved.
  bool sift() {
    bool moved = false;
    for (std::size_t c = 0; c < layers_.columns.size(); ++c) {
      const std::vector<std::size_t> stations = layers_.columns[c];
      for (const std::size_t station : stations) {
        auto& column = layers_.columns[c];
        const auto at =
            static_cast<std::size_t>(std::find(column.begin(), column.end(), station) - column.begin());
        std::size_t best = at;
        double gain = 0, least = -1e-9;
        for (const int direction : {-1, 1}) {
          gain = 0;
          for (std::size_t k = at;;) {
            if (direction < 0 ? k == 0 : k + 1 == column.size()) break;
            k = direction < 0 ? k - 1 : k + 1;
            const std::size_t other = column[k], above = direction < 0 ? station : other,
                              below = direction < 0 ? other : station;
            if (forbidden(above, below)) break;
            gain += pair_cost(above, below) - pair_cost(below, above);
            if (gain < least) {
              least = gain;
              best = k;
            }
          }
        }
        if (best == at) continue;
        column.erase(column.begin() + static_cast<std::ptrdiff_t>(at));
        column.insert(column.begin() + static_cast<std::ptrdiff_t>(best), station);
        reindex(c);
        moved = true;
      }
    }
    return moved;
  }

  const SankeyInput& input_;
  SankeyLayers layers_;
  std::vector<double> left_, right_, back_in_, back_out_;  ///< widths per station, the largest node is 1
  std::vector<std::vector<std::pair<std::size_t, double>>> incoming_, outgoing_;
  std::vector<std::size_t> index_;
  std::vector<double> middle_;
};

}  // namespace

SankeyLayers order_layers(const SankeyInput& input, const SankeyColumns& columns) {
  return Ordering(input, columns).run();
}

}  // namespace lode
