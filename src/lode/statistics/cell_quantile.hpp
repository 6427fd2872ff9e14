// SPDX-License-Identifier: Apache-2.0
//
// Reading quantiles from the counts of one cell. G(x) is the number of values below x that are no atoms: a
// monotone cubic through the counts at the edges of bins, whose slope at an edge between densities d₁, d₂
// over widths w₁, w₂ is their harmonic mean 3 (w₁ + w₂) / ((2 w₂ + w₁) / d₁ + (w₂ + 2 w₁) / d₂), 0 beside an
// empty bin (Fritsch & Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300). F(x) = G(x) + atoms up to x.
// In the tails, whose bins double, widths and densities are those of t = log₂(1 + distance from the core /
// width of its last bin), in which bins are of one width and tails that fall by powers are smooth.
//
// What bins do not resolve: over three neighbouring bins, the middle one's density differs by δ from the line
// through the others. A bin of width w beside it may misplace |δ| w / 8 values, as a parabola does whose
// chord is taken for it. Of |δ| counts what is beyond two of its own standard errors (of independent counts).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lode/statistics/cell_statistics.hpp"

namespace lode {

class CellQuantiles {
 public:
  /// `counts`: of the histogram's bins, without atoms.
  CellQuantiles(const CellLayouts& layouts, std::size_t cell, std::span<const std::uint64_t> counts,
                std::vector<AtomCount> atoms, double minimum, double maximum);

  CellQuantiles(const CellQuantiles&) = delete;  // scales look at the tails
  CellQuantiles& operator=(const CellQuantiles&) = delete;

  double count() const { return count_; }
  const std::vector<HistogramBin>& bins() const { return bins_; }
  /// Q(p), 0 ≤ p ≤ 1; there is a value.
  double value(double probability) const;
  /// The width of what is known of the values beside position (n − 1) p.
  double resolution(double probability) const;
  /// The share of values that bins may misplace about Q(p).
  double unresolved(double probability) const;

 private:
  struct Interval {
    double low;
    double high;
  };
  struct Tail {
    double begin = 0;
    double width = 0;  ///< of its first bin; negative of the low tail
  };
  /// A bin in the coordinate in which it is read: x in the core, ±t in the tails.
  struct Scale {
    const Tail* tail = nullptr;  ///< none of the core
    double from = 0;
    double width = 0;
    double left = 0, right = 0;  ///< slopes of G at its ends
  };
  double coordinate(const Scale& scale, double x) const;
  double point(const Scale& scale, double at) const;
  double density_of(std::size_t bin) const;
  void find_slopes();
  /// |δ| w of a bin between two others, in values, less what may be chance.
  double bend(std::size_t bin) const;
  std::size_t bin_of(double below) const;
  double continuous_below(double x) const;
  double continuous_quantile(double below) const;
  double cubic(std::size_t bin, double at) const;
  Interval around(double probability) const;
  double value_within(const Interval& known, double probability) const;
  Interval of_rank(std::uint64_t rank) const;

  std::vector<HistogramBin> bins_;  // from the first that holds a value to the last
  std::vector<Scale> scales_;       // of bins
  std::vector<double> below_;       // at the lower ends of bins, and the count of all
  Tail low_, high_;
  std::vector<AtomCount> atoms_;        // rising, with their bins
  std::vector<std::size_t> atom_bins_;  // by index into bins_; bins_.size() outside
  std::vector<std::uint64_t> through_;  // values up to the end of each bin, atoms too; outside last
  double count_ = 0;
};

}  // namespace lode
