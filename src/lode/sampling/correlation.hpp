// SPDX-License-Identifier: Apache-2.0
//
// Linear mixing of independent standard normal scores, in place, before the marginals.
//
// mix             Columns with given correlations r: z = L e with L Lᵀ = r, L lower triangular. Singular
//                 matrices are fine.
// correlate       The same with given rank correlations ρ (Spearman). Scores that are normal together have
//                 them when their correlation is r = 2 sin(π ρ / 6) (Pearson 1907); marginals keep ranks. A
//                 matrix with an eigenvalue of r below 0 is that of no draws, and refused.
// autocorrelate   Columns in the order of time: z(t) = a e(t) + ρ^Δ z(t−1), a = √(1 − ρ^{2Δ}), Δ the years
//                 between; corr(z(t), z(s)) = ρ^|t−s| however uneven the years.
//
// Steps are applied in the order they were added, and a column that is in two of them has what the later
// makes of the earlier: of the first column of a group what it had, of the others mixtures. Steps over years
// and steps over labels have the product of both, r ρ^|t−s|, if each label has the same years and the same ρ;
// nothing else may share columns.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace lode {

/// r = 2 sin(π ρ / 6)
double score_correlation(double rank_correlation);

/// The largest share, up to 1, of all correlations of a symmetric matrix of rank correlations with which it
/// is one that draws can have: 1 if they can have it as it is, to 1e-9.
double possible_share(std::span<const double> rank_correlation);

class ScoreMixer {
 public:
  /// `rank_correlation`: row after row, one row per column of the group; columns are distinct. False on a
  /// matrix that is not symmetric with a unit diagonal and entries in −1 … 1, or that is impossible:
  /// `problem` says which.
  bool correlate(std::vector<std::size_t> columns, std::span<const double> rank_correlation,
                 std::string& problem);
  /// `correlation`: of the scores, symmetric with a unit diagonal and no eigenvalue below 0.
  void mix(std::vector<std::size_t> columns, std::span<const double> correlation);
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
