// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/sum_tree.hpp"

#include <iterator>
#include <utility>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr unsigned highest_level = 62;

std::uint64_t chunks_in(unsigned level) {
  return std::uint64_t{1} << level;
}

}  // namespace

bool SumTree::overlaps(std::uint64_t first, unsigned level) const {
  const auto after = nodes_.lower_bound(first);
  if (after != nodes_.end() && after->first - first < chunks_in(level)) return true;
  if (after == nodes_.begin()) return false;
  const auto& [before, node] = *std::prev(after);
  return first - before < chunks_in(node.level);
}

bool SumTree::has(std::uint64_t chunk) const {
  return overlaps(chunk, 0);
}

std::uint64_t SumTree::first_missing(std::uint64_t from) const {
  for (const auto& [first, node] : nodes_) {
    if (first > from) break;
    if (from - first < chunks_in(node.level)) from = first + chunks_in(node.level);
  }
  return from;
}

void SumTree::insert(std::uint64_t first, Node node) {
  chunks_ += chunks_in(node.level);
  for (;;) {
    const std::uint64_t sibling = first ^ chunks_in(node.level);
    const auto found = nodes_.find(sibling);
    if (found == nodes_.end() || found->second.level != node.level || node.level == highest_level) break;
    // Addition commutes, so that it does not matter which of the two came last.
    const std::vector<double>& other = found->second.sums;
    for (std::size_t i = 0; i < width_; ++i) node.sums[i] += other[i];
    nodes_.erase(found);
    first &= ~chunks_in(node.level);
    ++node.level;
  }
  nodes_.emplace(first, std::move(node));
}

void SumTree::add(std::uint64_t chunk, std::vector<double> sums) {
  LODE_EXPECT(sums.size() == width_);
  LODE_EXPECT(!has(chunk));
  insert(chunk, {0, std::move(sums)});
}

bool SumTree::merge(const SumTree& other) {
  if (other.width_ != width_) return false;
  for (const auto& [first, node] : other.nodes_) {
    if (overlaps(first, node.level)) return false;
  }
  for (const auto& [first, node] : other.nodes_) insert(first, node);
  return true;
}

std::vector<double> SumTree::total(std::size_t first, std::size_t count) const {
  LODE_EXPECT(first + count <= width_);
  std::vector<double> sums(count);
  bool empty = true;
  for (const auto& [chunk, node] : nodes_) {
    for (std::size_t i = 0; i < count; ++i) {
      sums[i] = empty ? node.sums[first + i] : sums[i] + node.sums[first + i];
    }
    empty = false;
  }
  return sums;
}

void SumTree::write(StateWriter& writer) const {
  writer.number(width_);
  writer.number(nodes_.size());
  for (const auto& [first, node] : nodes_) {
    writer.number(first);
    writer.number(node.level);
    writer.reals(node.sums);
  }
}

SumTree SumTree::read(StateReader& reader) {
  SumTree tree(reader.number());
  const std::size_t nodes = reader.count(2 * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < nodes && reader.ok(); ++i) {
    const std::uint64_t first = reader.number();
    const std::uint64_t level = reader.number();
    if (level > highest_level || first % chunks_in(static_cast<unsigned>(level)) != 0 ||
        first > chunks_in(highest_level) || tree.overlaps(first, static_cast<unsigned>(level))) {
      reader.refuse("the state holds chunks that cannot be");
      break;
    }
    if (!reader.has(tree.width_, sizeof(double))) break;
    Node node{static_cast<unsigned>(level), std::vector<double>(tree.width_)};
    reader.reals(node.sums);
    if (reader.ok()) tree.insert(first, std::move(node));
  }
  return reader.ok() ? tree : SumTree();
}

}  // namespace lode
