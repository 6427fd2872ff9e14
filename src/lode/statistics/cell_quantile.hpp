// SPDX-License-Identifier: Apache-2.0
//
// Reading quantiles from the counts of one cell. G(x) is the number of values below x that are no atoms: a
// monotone cubic through the counts at the edges of bins, whose slope at an edge between densities d₁, d₂
// over widths w₁, w₂ is their harmonic mean 3 (w₁ + w₂) / ((2 w₂ + w₁) / d₁ + (w₂ + 2 w₁) / d₂), 0 beside an
// empty bin (Fritsch & Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300). F(x) = G(x) + atoms up to x.
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

  double count() const { return count_; }
  const std::vector<HistogramBin>& bins() const { return bins_; }
  /// Q(p), 0 ≤ p ≤ 1; there is a value.
  double value(double probability) const;
  /// The width of what is known of the values beside position (n − 1) p.
  double resolution(double probability) const;

 private:
  struct Interval {
    double low;
    double high;
  };
  double continuous_below(double x) const;
  double continuous_quantile(double below) const;
  double cubic(std::size_t bin, double x) const;
  Interval around(double probability) const;
  Interval of_rank(std::uint64_t rank) const;

  std::vector<HistogramBin> bins_;      // from the first that holds a value to the last
  std::vector<double> below_;           // at the lower ends of bins, and the count of all
  std::vector<double> slopes_;          // at the lower ends of bins, and at the last upper one
  std::vector<AtomCount> atoms_;        // rising, with their bins
  std::vector<std::size_t> atom_bins_;  // by index into bins_; bins_.size() outside
  double count_ = 0;
};

}  // namespace lode
