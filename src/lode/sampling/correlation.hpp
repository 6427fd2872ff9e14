// SPDX-License-Identifier: Apache-2.0
//
// Linear mixing of independent standard normal scores, in place, before the marginals.
//
// correlate       A group of columns with given rank correlations ρ (Spearman). Scores that are normal
// together
//                 have them when their correlation is r = 2 sin(π ρ / 6) (Pearson 1907); marginals keep
//                 ranks. z = L e with L Lᵀ = r, L lower triangular. A matrix that is no correlation matrix
//                 (an eigenvalue below 0) is replaced by one: eigenvalues below 0 are set to 0 and the
//                 diagonal is scaled back to 1; the largest change of an entry is told. Singular matrices are
//                 fine.
// autocorrelate   Columns in the order of time: z(t) = a e(t) + ρ^Δ z(t−1), a = √(1 − ρ^{2Δ}), Δ the years
//                 between; corr(z(t), z(s)) = ρ^|t−s| however uneven the years.
//
// Steps are applied in the order they were added: columns of many labels that are correlated per year first
// and then along the years have the product of both.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace lode {

/// r = 2 sin(π ρ / 6)
double score_correlation(double rank_correlation);

class ScoreMixer {
 public:
  /// `rank_correlation`: row after row, one row per column of the group; columns are distinct. False on a
  /// matrix that is not symmetric with a unit diagonal and entries in −1 … 1: `problem` says which. True with
  /// a `problem` if the matrix had to be changed: it says by how much.
  bool correlate(std::vector<std::size_t> columns, std::span<const double> rank_correlation,
                 std::string& problem);
  /// `years` rise strictly, one per column; −1 < ρ < 1, and ρ < 0 for whole steps only.
  bool autocorrelate(std::vector<std::size_t> columns, std::span<const double> years, double correlation,
                     std::string& problem);

  bool empty() const { return steps_.empty(); }
  /// scores[c * stride + i], i < n.
  void apply(double* scores, std::size_t stride, std::size_t n) const;

 private:
  struct Step {
    std::vector<std::size_t> columns;
    std::vector<double> factor;  ///< lower triangle row after row; of a recursion: (ρ^Δ, a) per column
    bool recursion = false;
  };
  std::vector<Step> steps_;
};

}  // namespace lode
