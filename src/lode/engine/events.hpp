// SPDX-License-Identifier: Apache-2.0
//
// What may happen while computing, and in which cell and draw it did.
#pragma once
#include <cstddef>

#include "lode/plan/plan.hpp"

namespace lode {

enum class EventKind {
  not_finite,
  negative_inflow,
  nothing_survives,
  used_up,       ///< more is taken of a year of entry than there is, or something is added that has no end of
                 ///< life left
  nothing_left,  ///< of a year of entry before the first, of which something is given as left
  bad_lifetime,
  negative_hazard,  ///< a factor of it
  odd_lifetime,     ///< possible, but not what is stated of it
  singular,
  not_converged,
  not_corrected,  ///< a falling stock that its policy could not meet
  corrected,      ///< … that it met; value: what left beyond ageing, summed over all cells
  density_sum,    ///< value: what the densities of all ages add up to, less 1
  ages_unknown    ///< value: share of a first stock whose ages are not known
};

struct LaneCell {
  ArrayId array;
  std::size_t series, period;
};

/// Something that happened to a stock, in one lane or in all.
struct LaneEvent {
  static constexpr std::size_t every = static_cast<std::size_t>(-1);
  EventKind kind;
  LaneCell cell;
  std::size_t lane = every;
  double value = 0;
};

}  // namespace lode
