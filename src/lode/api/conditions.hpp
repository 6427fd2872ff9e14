// SPDX-License-Identifier: Apache-2.0
//
// Conditions whose probability is asked for: "gap[2035] > 0 and share[2035] < 50 %", "c[2002] > 60 t/yr".
#pragma once
#include <optional>
#include <string>

#include "lode/binding/bound_model.hpp"

namespace lode {

/// Where the relation stands before a number with a unit, which no formula may hold: the limit of a condition
/// that is one comparison. Nothing where there is no such number; with a message, and `good` false, where
/// there is one that cannot be read so.
std::optional<std::size_t> find_limit(const std::string& text, const SourcePtr& file, QuestionLimit& limit,
                                      bool& good, Diagnostics& diagnostics);

/// Whether a quantity holds 1 where a condition does and 0 where it does not.
bool is_condition(const BoundModel& bound, const Quantity& quantity);

}  // namespace lode
