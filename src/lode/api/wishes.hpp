// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// What a search is to bring about: "gap[2035] = 0", "gap[2025..2050] <= 0", "stock[2050, AC] >= 3 kt".
/// Everything that is compared is bound as a question, which is zero, or not above zero, where it holds.
struct Wish {
  std::string text;
  Location where;
  enum class Relation { equal, at_most, at_least } relation = Relation::equal;
  std::string formula;             ///< of the left side, or the difference of both
  std::optional<ValueText> limit;  ///< of the right side
  std::optional<int> first, last;  ///< years, of "2025..2050"
  std::size_t quantity = 0;        ///< of the formula, once bound
  double at = 0;                   ///< the limit [internal units]
  double sign = 1;                 ///< −1: at least
  struct Cell {
    std::size_t series, period;
  };
  std::vector<Cell> cells;  ///< all of these are to fulfil it

  /// What is to be zero, or not above it, at a value of the formula.
  double excess(double value) const { return sign * (value - at); }
};

/// Splits at the relation; formulas are not looked at. Empty, with located messages, after a mistake.
std::optional<Wish> read_wish(const std::string& text, Diagnostics& diagnostics);

/// Finds what a wish speaks of in a session in which its formula was bound as `quantity`.
bool settle_wish(const Session& session, Wish& wish, std::size_t quantity, Diagnostics& diagnostics);

}  // namespace lode
