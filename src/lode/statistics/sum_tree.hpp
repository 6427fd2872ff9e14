// SPDX-License-Identifier: Apache-2.0
//
// Sums over chunks in a fixed order. Node (k, j) holds the sums of chunks j 2^k … (j + 1) 2^k − 1 and is
// node (k − 1, 2j) + node (k − 1, 2j + 1); siblings are merged as soon as both are there. The total adds the
// nodes that are left from left to right. So the bits depend on the set of chunks alone, the error of
// rounding grows with the logarithm of their number, and so does the memory where chunks come about in order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lode/statistics/state.hpp"

namespace lode {

class SumTree {
 public:
  /// `width`: how many sums a chunk has.
  explicit SumTree(std::size_t width = 0) : width_(width) {}

  std::size_t width() const { return width_; }
  std::uint64_t chunks() const { return chunks_; }
  bool has(std::uint64_t chunk) const;
  /// The first chunk from `from` on that is not there.
  std::uint64_t first_missing(std::uint64_t from = 0) const;

  /// A chunk that is not yet there.
  void add(std::uint64_t chunk, std::vector<double> sums);
  /// Takes another tree's chunks; false, and nothing is changed, where widths differ or chunks are in both.
  bool merge(const SumTree& other);

  /// Σ over chunks of sums [first, first + count), 0 without chunks.
  std::vector<double> total(std::size_t first, std::size_t count) const;
  std::vector<double> total() const { return total(0, width_); }
  std::size_t bytes() const { return nodes_.size() * width_ * sizeof(double); }

  void write(StateWriter& writer) const;
  /// Refuses what no tree writes.
  static SumTree read(StateReader& reader);

 private:
  struct Node {
    unsigned level = 0;
    std::vector<double> sums;
  };
  bool overlaps(std::uint64_t first, unsigned level) const;
  void insert(std::uint64_t first, Node node);

  std::size_t width_ = 0;
  std::uint64_t chunks_ = 0;
  std::map<std::uint64_t, Node> nodes_;  // by their first chunk
};

}  // namespace lode
