// SPDX-License-Identifier: Apache-2.0
//
// What the tables of classifications and diagnoses share.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// The year asked for, or the last of the past, or the last of the model; none, with a problem, if it is no
/// year of the model.
std::optional<int> year_of_table(const Session& session, int wanted, std::string& problem);

/// As many digits as a number has, nothing for none.
std::string csv_number(double value);

std::string title_of(const Title& title, const std::string& fallback, const std::string& language);
std::string label_title(const ResultDimension& dimension, std::size_t label, const std::string& language);

}  // namespace lode
