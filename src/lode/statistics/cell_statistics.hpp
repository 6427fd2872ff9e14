// SPDX-License-Identifier: Apache-2.0
//
// Statistics of many cells over a run's draws.
//
// mean        shift + Σ d / n, d = x − shift
// deviation   √((Σ d² − (Σ d)² / n) / (n − 1))
// errors      lanes are 8 scrambles: standard deviation of the 8 lanes' own estimates / √8 (7 degrees of
//             freedom); the deviation's is always from the lanes, which are alike for every design. Else of
//             the mean: deviation / √n, an upper bound for Latin hypercubes.
// quantile p  the point below which (n − 1) p + ½ of the n values lie, on a monotone cubic through the counts
//             at the edges of bins (slopes: harmonic means of neighbouring densities, Fritsch & Butland
//             1984). `resolution` is the width of its bin: the value so counted lies in the same bin. 0 where
//             the quantile is an atom or was found from all values.
//   its error (Q(p + e) − Q(p − e)) / 2 (Woodruff 1952), e = √(p (1 − p) / n); of scrambles e is the standard
//             deviation over lanes of the share of values below a mark near the quantile, / √8, where the
//             mark is near enough: |share − p| ≤ min(p, 1 − p) / 4. What bins do not resolve
//             (cell_quantile.hpp), of scrambles at least a fiftieth of e of independent draws, is added as
//             squares where it is over e / 4.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lode/statistics/cell_chunk.hpp"
#include "lode/statistics/cell_layout.hpp"
#include "lode/statistics/sum_tree.hpp"

namespace lode {

struct QuantileEstimate {
  double probability = 0;
  double value = 0;
  double standard_error = 0;
  double resolution = 0;
};

struct AtomCount {
  double value = 0;
  std::uint64_t count = 0;
};

/// Not a number where there are too few values to tell.
struct CellSummary {
  std::uint64_t draws = 0;
  std::uint64_t not_finite = 0;
  std::uint64_t negative = 0;
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double mean_error = 0;
  double deviation = 0;
  double deviation_error = 0;
  std::vector<QuantileEstimate> quantiles;
  std::vector<AtomCount> atoms;
};

struct HistogramBin {
  double low = 0;
  double high = 0;
  std::uint64_t count = 0;  ///< without atoms
};

class CellStatistics {
 public:
  explicit CellStatistics(std::shared_ptr<const CellLayouts> layouts);
  CellStatistics(CellStatistics&&) noexcept;
  CellStatistics& operator=(CellStatistics&&) noexcept;
  ~CellStatistics();

  const CellLayouts& layouts() const;
  /// For the CellChunks that go on from a loaded state.
  std::shared_ptr<const CellLayouts> shared_layouts() const;
  std::uint64_t draws() const;
  /// Which chunks are in.
  const SumTree& tree() const;

  /// Takes a complete chunk that is not in yet. Safe from several threads at once; nothing else is meanwhile.
  void add(const CellChunk& chunk);
  /// Takes another process's chunks; false where layouts differ or chunks are in both.
  bool merge(CellStatistics other);

  CellSummary summary(std::size_t cell) const;
  /// At any probability in (0, 1); no error estimate by scrambles but for the options' own.
  QuantileEstimate quantile(std::size_t cell, double probability) const;
  /// Bins from the minimum to the maximum.
  std::vector<HistogramBin> histogram(std::size_t cell) const;

  std::string save() const;
  static std::optional<CellStatistics> load(std::string_view bytes, std::string& problem);
  std::size_t bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same from all values of a run no larger than its pilot, quantiles exact: linear between the order
/// statistics, x_(k) at (n − 1) p = k, k = 0 … n − 1.
CellSummary exact_summary(std::span<const double> values, const StatisticsOptions& options);

}  // namespace lode
