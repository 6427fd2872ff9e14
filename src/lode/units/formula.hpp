// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lode {

/// Atoms of each element in a chemical formula: "Nd2O3", "Nd2(CO3)3·8H2O", "Li₂CO₃"; empty if it is none.
std::optional<std::map<std::string, double>> parse_formula(std::string_view formula);

/// The formula in plain characters (Li₂CO₃ → Li2CO3, LCE → Li2CO3); empty if it is none.
std::optional<std::string> plain_formula(std::string_view formula);

}  // namespace lode
