// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/sum_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "draws.hpp"

namespace lode {
namespace {

using test::Random;

constexpr std::size_t width = 3;

std::vector<double> sums_of(std::uint64_t chunk) {
  Random random(chunk + 1);
  std::vector<double> sums(width);
  for (double& sum : sums) sum = random.normal() * std::exp(5 * random.normal());
  return sums;
}

/// The definition: halves of the largest power of two, then what is left.
std::vector<double> of_range(std::uint64_t first, std::uint64_t count) {
  if (count == 1) return sums_of(first);
  std::vector<double> left = of_range(first, count / 2);
  const std::vector<double> right = of_range(first + count / 2, count / 2);
  for (std::size_t i = 0; i < width; ++i) left[i] += right[i];
  return left;
}

std::vector<double> by_definition(std::uint64_t chunks) {
  std::vector<double> total;
  for (std::uint64_t first = 0; first < chunks;) {
    std::uint64_t count = 1;
    while (first % (2 * count) == 0 && first + 2 * count <= chunks) count *= 2;
    const std::vector<double> part = of_range(first, count);
    if (total.empty()) {
      total = part;
    } else {
      for (std::size_t i = 0; i < width; ++i) total[i] += part[i];
    }
    first += count;
  }
  return total;
}

std::string saved(const SumTree& tree) {
  StateWriter writer("TREE");
  tree.write(writer);
  return writer.seal();
}

TEST(SumTree, AddsInTheFixedOrderWhateverTheOrderOfArrival) {
  for (const std::uint64_t chunks : {1u, 2u, 3u, 13u, 64u, 101u}) {
    const std::vector<double> expected = by_definition(chunks);
    std::vector<std::uint64_t> order(chunks);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    Random random(chunks);
    bool straight_sum_differs = false;
    for (int repeat = 0; repeat < 5; ++repeat) {
      SumTree tree(width);
      for (const std::uint64_t chunk : order) tree.add(chunk, sums_of(chunk));
      EXPECT_EQ(tree.total(), expected) << chunks;
      EXPECT_EQ(tree.total(1, 2), std::vector<double>(expected.begin() + 1, expected.end()));
      EXPECT_EQ(tree.first_missing(), chunks);
      std::vector<double> straight(width);
      for (const std::uint64_t chunk : order) {
        for (std::size_t i = 0; i < width; ++i) straight[i] += sums_of(chunk)[i];
      }
      straight_sum_differs |= straight != expected;
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.bits() % i]);
    }
    // The numbers are such that another order shows.
    EXPECT_EQ(straight_sum_differs, chunks > 8) << chunks;
  }
}

TEST(SumTree, HoldsFewNodesWhereChunksComeInOrder) {
  SumTree tree(width);
  std::size_t most = 0;
  for (std::uint64_t chunk = 0; chunk < 1024; ++chunk) {
    tree.add(chunk, sums_of(chunk));
    most = std::max(most, tree.bytes() / (width * sizeof(double)));
  }
  EXPECT_EQ(most, 10u);
  EXPECT_EQ(tree.bytes(), width * sizeof(double));
}

TEST(SumTree, MergesPartsAndKnowsWhatIsMissing) {
  SumTree odd(width);
  SumTree even(width);
  for (std::uint64_t chunk = 0; chunk < 21; ++chunk) (chunk % 2 ? odd : even).add(chunk, sums_of(chunk));
  EXPECT_TRUE(even.has(4));
  EXPECT_FALSE(even.has(5));
  EXPECT_EQ(even.first_missing(), 1u);
  EXPECT_EQ(odd.first_missing(1), 2u);
  const std::string before = saved(even);
  EXPECT_FALSE(even.merge(even)) << "the same chunks twice";
  EXPECT_FALSE(even.merge(SumTree(width + 1)));
  EXPECT_EQ(saved(even), before);
  EXPECT_TRUE(even.merge(odd));
  EXPECT_EQ(even.total(), by_definition(21));
  EXPECT_EQ(even.chunks(), 21u);
}

TEST(SumTree, IsReadAsItWasWritten) {
  SumTree tree(width);
  for (const std::uint64_t chunk : {0u, 1u, 2u, 5u, 8u, 9u, 40u}) tree.add(chunk, sums_of(chunk));
  const std::string bytes = saved(tree);
  StateReader reader(bytes, "TREE");
  const SumTree read = SumTree::read(reader);
  EXPECT_TRUE(reader.finish()) << reader.problem();
  EXPECT_EQ(saved(read), bytes);
  EXPECT_EQ(read.total(), tree.total());
}

std::string problem_of_tree(const std::vector<std::uint64_t>& numbers) {
  StateWriter writer("TREE");
  writer.numbers(numbers);
  const std::string bytes = writer.seal();
  StateReader reader(bytes, "TREE");
  SumTree::read(reader);
  return reader.problem();
}

TEST(SumTree, RefusesWhatNoTreeWrites) {
  EXPECT_EQ(problem_of_tree({0, 1, 0, 0}), "");
  EXPECT_NE(problem_of_tree({0, 1, 1, 1}), "") << "chunk 1 begins no pair";
  EXPECT_NE(problem_of_tree({0, 2, 0, 1, 1, 0}), "") << "chunk 1 twice";
  EXPECT_NE(problem_of_tree({0, 1, 0, 63}), "") << "more chunks than there can be";
  EXPECT_NE(problem_of_tree({std::uint64_t{1} << 60, 1, 0, 0}), "") << "more sums than bytes";
  EXPECT_NE(problem_of_tree({0, std::uint64_t{1} << 60}), "") << "more nodes than bytes";
}

TEST(State, TellsDamageFromOtherKindsAndVersions) {
  StateWriter writer("ABCD");
  writer.number(7);
  writer.real(0.1);
  const std::string bytes = writer.seal();
  StateReader reader(bytes, "ABCD");
  EXPECT_EQ(reader.number(), 7u);
  EXPECT_EQ(reader.real(), 0.1);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(reader.number(), 0u);
  EXPECT_FALSE(reader.ok());

  EXPECT_NE(StateReader(bytes, "EFGH").problem(), "");
  EXPECT_NE(StateReader("", "ABCD").problem(), "");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(StateReader(damaged, "ABCD").ok()) << i;
    EXPECT_FALSE(StateReader(bytes.substr(0, i), "ABCD").ok()) << i;
  }
}

}  // namespace
}  // namespace lode
