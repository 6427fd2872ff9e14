// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_columns.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace lode {

const char* lane_name(SankeyLane lane) {
  switch (lane) {
    case SankeyLane::main:
      return "main";
    case SankeyLane::imports:
      return "import";
    case SankeyLane::exports:
      return "export";
    case SankeyLane::uses:
      return "use";
    case SankeyLane::losses:
      return "loss";
    case SankeyLane::stock:
      return "stock";
  }
  return "main";
}

namespace {

/// A graph without cycles to which links are added as long as it stays so.
class Precedence {
 public:
  explicit Precedence(std::size_t nodes) : after_(nodes) {}

  bool reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(after_.size(), false);
    std::vector<std::size_t> open = {from};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (at == to) return true;
      if (seen[at]) continue;
      seen[at] = true;
      for (const auto& [next, distance] : after_[at]) open.push_back(next);
    }
    return false;
  }
  /// False, and nothing added, if it closes a cycle.
  bool add(std::size_t from, std::size_t to, int distance) {
    if (reaches(to, from)) return false;
    after_[from].emplace_back(to, distance);
    return true;
  }
  /// The leftmost place of each node: the longest way to it.
  std::vector<int> leftmost() const {
    std::vector<int> place(after_.size(), 0), sources(after_.size(), 0);
    for (const auto& list : after_)
      for (const auto& [to, distance] : list) ++sources[to];
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < after_.size(); ++i)
      if (sources[i] == 0) ready.push_back(i);
    for (std::size_t k = 0; k < ready.size(); ++k)
      for (const auto& [to, distance] : after_[ready[k]]) {
        place[to] = std::max(place[to], place[ready[k]] + distance);
        if (--sources[to] == 0) ready.push_back(to);
      }
    return place;
  }
  /// How far right a node may move without pushing another.
  int rightmost(std::size_t node, const std::vector<int>& place) const {
    int limit = std::numeric_limits<int>::max();
    for (const auto& [to, distance] : after_[node]) limit = std::min(limit, place[to] - distance);
    return limit;
  }

 private:
  std::vector<std::vector<std::pair<std::size_t, int>>> after_;
};

}  // namespace

SankeyColumns assign_columns(const SankeyInput& input) {
  const std::size_t n = input.nodes.size();
  SankeyColumns result;
  result.column.assign(n, -1);
  result.back.assign(input.links.size(), false);

  std::vector<bool> present(n, false);
  for (const SankeyLink& link : input.links)
    if (link.drawn()) present[link.source] = present[link.target] = true;
  const auto inner = [&](std::size_t node) { return present[node] && !input.nodes[node].is_end(); };

  // A stage's nodes stand between its gate and the next one's.
  std::map<int, std::size_t> gates;
  for (std::size_t i = 0; i < n; ++i)
    if (inner(i) && input.nodes[i].stage) gates.emplace(*input.nodes[i].stage, 0);
  std::size_t next = n;
  for (auto& [stage, gate] : gates) gate = next++;
  Precedence order(next);
  for (std::size_t i = 0; i < n; ++i) {
    if (!inner(i) || !input.nodes[i].stage) continue;
    const auto own = gates.find(*input.nodes[i].stage);
    order.add(own->second, i, 0);
    if (std::next(own) != gates.end()) order.add(i, std::next(own)->second, 1);
  }

  std::vector<std::size_t> links(input.links.size());
  std::iota(links.begin(), links.end(), 0);
  std::stable_sort(links.begin(), links.end(),
                   [&](std::size_t a, std::size_t b) { return input.links[a].value > input.links[b].value; });
  for (const std::size_t i : links) {
    const SankeyLink& link = input.links[i];
    if (link.drawn() && inner(link.source) && inner(link.target))
      result.back[i] = !order.add(link.source, link.target, 1);
  }

  std::vector<int> place = order.leftmost();
  // A node moves towards where most of it goes, the furthest right first.
  std::vector<std::size_t> by_place;
  for (std::size_t i = 0; i < n; ++i)
    if (inner(i)) by_place.push_back(i);
  std::stable_sort(by_place.begin(), by_place.end(),
                   [&](std::size_t a, std::size_t b) { return place[a] > place[b]; });
  for (const std::size_t i : by_place) {
    double in = 0, out = 0;
    for (std::size_t l = 0; l < input.links.size(); ++l) {
      const SankeyLink& link = input.links[l];
      if (!link.drawn() || result.back[l]) continue;
      if (link.target == i && inner(link.source)) in += link.value;
      if (link.source == i && inner(link.target)) out += link.value;
    }
    const int limit = order.rightmost(i, place);
    if (out > in && limit != std::numeric_limits<int>::max()) place[i] = std::max(place[i], limit);
  }
  for (std::size_t i = 0; i < n; ++i)
    if (inner(i)) result.column[i] = place[i];

  // Ends: imports left of what they feed, exports and losses right of what they come from.
  constexpr int unset = std::numeric_limits<int>::min();
  std::vector<int> ends(n, unset);
  for (const SankeyLink& link : input.links) {
    if (!link.drawn()) continue;
    if (!inner(link.source) && inner(link.target)) {
      const int left = result.column[link.target] - 1;
      ends[link.source] = ends[link.source] == unset ? left : std::min(ends[link.source], left);
    }
    if (inner(link.source) && !inner(link.target))
      ends[link.target] = std::max(ends[link.target], result.column[link.source] + 1);
  }
  for (const SankeyLink& link : input.links) {  // from end to end, past every node
    if (!link.drawn() || inner(link.source) || inner(link.target)) continue;
    if (ends[link.source] == unset)
      ends[link.source] = ends[link.target] == unset ? 0 : ends[link.target] - 1;
    if (ends[link.target] == unset) ends[link.target] = ends[link.source] + 1;
  }
  for (std::size_t i = 0; i < n; ++i)
    if (present[i] && !inner(i)) result.column[i] = ends[i];

  // Columns from 0 on, none empty.
  std::map<int, int> used;
  for (std::size_t i = 0; i < n; ++i)
    if (present[i]) used.emplace(result.column[i], 0);
  for (auto& [place_of, column] : used) column = result.count++;
  for (std::size_t i = 0; i < n; ++i) result.column[i] = present[i] ? used.at(result.column[i]) : -1;
  for (std::size_t l = 0; l < input.links.size(); ++l) {
    const SankeyLink& link = input.links[l];
    result.back[l] = link.drawn() && result.column[link.target] <= result.column[link.source];
  }
  return result;
}

}  // namespace lode
