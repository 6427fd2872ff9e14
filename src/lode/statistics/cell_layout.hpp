// SPDX-License-Identifier: Apache-2.0
//
// How the values of a cell are counted, found from the pilot.
//
// Slots: 16 low tail bins · 216 core bins · 16 high tail bins · 8 slots (one for each lane) for what is
// counted elsewhere: atoms and values that are not finite.
//
// Core   uniform     bins of one width over the pilot's range widened by 0.9 deviations, cut at ±4.5
//        segmented   12 segments of 18 bins of one width each, for cells to which the uniform core is too
//                    coarse (skewed, with far modes, with heavy tails). Where bins would hold most by the
//                    standard error of quantiles there, and where wanted quantiles may lie, segments are
//                    short; in far tails each reaches four times farther than the last.
// Tails  bin k = 0 … 15 is [w (2^k − 1), w (2^(k+1) − 1)) beyond the core, w the width of the core's last
// bin;
//        the last bin takes all that lies farther.
// Atoms  values that the pilot holds several times (a clamp at zero, a constant, choices), at most 8. They
// are
//        counted by themselves.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lode/statistics/pilot.hpp"
#include "lode/statistics/state.hpp"

namespace lode {

inline constexpr std::size_t tail_bins = 16;
inline constexpr std::size_t core_bins = 216;
inline constexpr std::size_t histogram_bins = core_bins + 2 * tail_bins;
inline constexpr std::size_t histogram_slots = 256;
inline constexpr std::size_t layout_segments = 12;
inline constexpr std::size_t segment_bins = core_bins / layout_segments;
inline constexpr std::size_t most_atoms = 8;
inline constexpr std::size_t most_quantiles = 32;

struct StatisticsOptions {
  /// Rising, in (0, 1), at most `most_quantiles`. The default holds the 50 and 90 % bands and the median.
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
  /// The lanes are 8 independent scrambles of a low-discrepancy design: errors come from their spread.
  bool scrambled = false;
};

struct CellLayout {
  double shift = 0;            ///< mean of the pilot: moments are sums of (x − shift)^m
  double low = 0;              ///< the core's lower end
  double per_bin = 1;          ///< 1 / width of a uniform core's bin
  double least = 0, most = 0;  ///< between these all values lie in the core
  std::uint8_t atoms = 0;
  bool segmented = false;
};

/// A segmented core: segment s holds edge[s] ≤ x < edge[s + 1].
struct SegmentedCore {
  std::array<double, layout_segments + 1> edge{};
  std::array<double, layout_segments> per_bin{};
  void find_widths();
};

class CellLayouts {
 public:
  CellLayouts(std::size_t cells, StatisticsOptions options);

  std::size_t cells() const { return cells_.size(); }
  const StatisticsOptions& options() const { return options_; }
  /// Finds the layouts of cells [first, first + count); threads may fit different cells. Before any use.
  void fit(const Pilot& pilot, std::size_t first, std::size_t count);

  const CellLayout& layout(std::size_t cell) const { return cells_[cell]; }
  const SegmentedCore& segments(std::size_t cell) const { return *segments_[cell]; }
  std::span<const double> atoms(std::size_t cell) const { return {atoms_[cell].get(), cells_[cell].atoms}; }
  /// Points near the wanted quantiles, below which the values of each lane are counted: of cells without
  /// atoms those in bins below the mark's.
  std::span<const double> marks(std::size_t cell) const {
    return {&marks_[cell * options_.quantiles.size()], options_.quantiles.size()};
  }
  std::span<const std::uint16_t> mark_bins(std::size_t cell) const {
    return {&mark_bins_[cell * options_.quantiles.size()], options_.quantiles.size()};
  }
  /// The lower end of bin b, b = 0 … histogram_bins; the outermost are infinite.
  double edge(std::size_t cell, std::size_t bin) const;
  /// The bin of a finite value.
  std::size_t bin(std::size_t cell, double value) const;

  std::size_t bytes() const;
  void write(StateWriter& writer) const;
  static std::shared_ptr<const CellLayouts> read(StateReader& reader);
  bool operator==(const CellLayouts& other) const;

 private:
  void find_mark_bins(std::size_t cell);
  void find_core(std::size_t cell);

  StatisticsOptions options_;
  std::vector<CellLayout> cells_;
  std::vector<std::unique_ptr<SegmentedCore>> segments_;
  std::vector<std::unique_ptr<double[]>> atoms_;
  std::vector<double> marks_;
  std::vector<std::uint16_t> mark_bins_;
};

}  // namespace lode
