// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <span>
#include <string_view>

#include "lode/language/expression.hpp"
#include "lode/language/functions.hpp"

namespace lode {

/// An indicator of the field: a function whose meaning is a formula of the language itself, so that it has
/// bands, scenarios and an explanation like any other formula.
struct Indicator {
  FunctionInfo function;
  std::array<std::string_view, 3> arguments =
      {};  ///< names in the formula of the arguments without a keyword
  /// In the names of arguments and keywords. `over dimension` stands for the call's `over`; a clause `from`
  /// whose name the call leaves out is left out.
  std::string_view formula;
  std::string_view unit;    ///< "1", "yr", "a year", "as the flows"
  std::string_view source;  ///< where the definition comes from
};

/// All indicators, in the order of the reference (docs/indicators.md).
std::span<const Indicator> indicators();
/// Null if there is none of this name.
const Indicator* find_indicator(std::string_view name);

/// The formula that a call stands for. Arguments keep their places in the file, the rest stands where the
/// call does.
ExpressionPtr expand(const Indicator& indicator, const Expression& call);

}  // namespace lode
