// SPDX-License-Identifier: Apache-2.0
//
// From scores to the values of uncertain parameters: scores are mixed, each given number takes its value from
// its distribution, then gaps are filled as the parameter declares. Blocks are [column][lane] and
// [series][period][lane]; nothing is allocated while draws are made.
#pragma once
#include <cstddef>
#include <cstring>
#include <vector>

#include "lode/arrays/array.hpp"
#include "lode/binding/uncertainty.hpp"

namespace lode {

/// Copies a multiple of 8 lanes; of a size that is known the compiler needs no call.
inline void copy_lanes(const double* from, double* to, std::size_t lanes) {
  constexpr std::size_t packet = 8;
  for (std::size_t lane = 0; lane < lanes; lane += packet)
    std::memcpy(to + lane, from + lane, packet * sizeof(double));
}

class InputSampler {
 public:
  /// Both must outlive it.
  InputSampler(const BoundModel& model, const Uncertainty& uncertainty);

  std::size_t columns() const { return uncertainty_.columns.size(); }
  /// The uncertain parameters, as ids of leaves.
  std::vector<std::size_t> leaves() const;

  /// Scratch of one thread.
  struct Workspace {
    std::vector<double> mixed, givens, together;
  };
  /// scores[column][lanes] are independent; values[i] has as many lanes, nominal values before the first
  /// call, and takes the values of leaves()[i].
  void fill(const double* scores, std::size_t lanes, Workspace& workspace,
            const std::vector<Array*>& values) const;

 private:
  /// A stretch of given numbers whose columns follow one another too.
  struct Stretch {
    std::size_t given, column, count;
  };
  struct Filling {
    const UncertainLeaf* uncertain;
    Marginals marginals;  ///< per given number
    std::vector<Stretch> stretches;
    std::vector<std::size_t> certain;  ///< given numbers
    /// Where each drawn number is the value of one cell and nothing else: stretches of cells. Others keep
    /// their nominal values.
    struct Cells {
      std::size_t cell;
      Stretch drawn;
    };
    std::vector<Cells> direct;
  };
  void find_direct(Filling& filling) const;
  void fill_cells(const Filling& filling, const double* givens, std::size_t lanes, Array& values) const;

  const BoundModel& model_;
  const Uncertainty& uncertainty_;
  std::vector<Filling> fillings_;
  std::size_t most_givens_ = 0;
};

}  // namespace lode
