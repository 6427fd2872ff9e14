// SPDX-License-Identifier: Apache-2.0
//
// Screening by elementary effects (Morris 1991; μ*: Campolongo, Cariboni & Saltelli 2007).
// Points lie on the levels u = (i + ½) / p, i = 0 … p − 1, p even: inside the unit cube, so that unbounded
// distributions have values there. A step changes all inputs of one group by ½, each upwards from the lower
// half and downwards from the upper. A repetition has 1 + G points:
//   trajectory  each point is the last one with one more group changed, groups in random order
//   radial      each point is the first one with one group changed
// The elementary effect of a group is (y after − y before) / ½, with the sign of the step where the group is
// one input; of larger groups only μ* has a meaning.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lode {

enum class MorrisKind { trajectory, radial };

class MorrisDesign {
 public:
  /// `group_of`: the group 0 … groups − 1 of each input. `levels` even, ≥ 2.
  MorrisDesign(std::vector<std::size_t> group_of, std::size_t groups, std::size_t repetitions,
               std::size_t levels = 8, MorrisKind kind = MorrisKind::trajectory, std::uint64_t seed = 1);

  std::size_t inputs() const { return group_of_.size(); }
  std::size_t groups() const { return groups_; }
  std::size_t repetitions() const { return repetitions_; }
  std::size_t points() const { return repetitions_ * (groups_ + 1); }
  /// point[j] in (0, 1), j < inputs, of point 0 … points() − 1; a pure function of the arguments.
  void point(std::size_t index, double* point) const;

 private:
  friend class MorrisEffects;
  struct Step {
    std::size_t group;
    double sign;
  };
  /// Levels of the inputs at a repetition's first point, and the groups in the order of its points.
  struct Start {
    std::vector<std::size_t> levels;
    std::vector<std::size_t> order;
  };
  Start start(std::size_t repetition) const;
  std::vector<Step> steps(std::size_t repetition) const;

  std::vector<std::size_t> group_of_;
  std::size_t groups_;
  std::size_t repetitions_;
  std::size_t levels_;
  MorrisKind kind_;
  std::uint64_t seed_;
};

struct MorrisEstimate {
  double mean_absolute = 0;        ///< μ*
  double mean_absolute_error = 0;  ///< its standard error, sd(|effect|) / √repetitions
  double mean = 0;                 ///< μ
  double mean_error = 0;
  double deviation = 0;        ///< σ
  double deviation_error = 0;  ///< √((m₄ − σ⁴ (r − 3) / (r − 1)) / r) / (2 σ)
  std::size_t repetitions = 0;
};

class MorrisEffects {
 public:
  MorrisEffects(MorrisDesign design, std::size_t results);

  /// y[point * results + k] of all 1 + G points of a repetition. A result that is not finite at a point is
  /// left out of the effects there.
  void add(std::size_t repetition, std::span<const double> y);
  /// [group][result]
  std::vector<MorrisEstimate> estimates() const;

 private:
  MorrisDesign design_;
  std::size_t results_;
  std::vector<double> effects_;  // [group][result][repetition], not a number where there is none
};

}  // namespace lode
