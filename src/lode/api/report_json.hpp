// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "lode/model/model.hpp"

namespace lode {

using Json = nlohmann::ordered_json;

/// {"en": …, "zh": …}; what has no title in a language is left out, what has none at all is empty.
Json title_json(const Title& title);
/// The same of results, which hold both languages apart.
Json title_json(const std::string& english, const std::string& chinese);

/// A value to so many significant digits: what is only looked at needs no more.
double significant(double value, int digits);
/// Digits of the numbers of scenarios beside the one a report is about: they are there to compare.
inline constexpr int beside_digits = 6;
/// Empty where it is not finite.
Json number_json(double value);

/// A formula as nested arrays, by the kind of node:
/// ["number", x] · ["percent", x] · ["text", s] · ["name", id] · ["call", name, [arguments], {over, by,
/// where, from, to, with}] · ["at", operand, [selectors]] · ["if", condition, then, else] · [operator,
/// operands…].
Json formula_json(const Expression& expression);
/// Null if the text is no formula.
Json formula_json(const std::string& text);

}  // namespace lode
