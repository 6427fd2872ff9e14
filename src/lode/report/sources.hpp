// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "lode/model/model.hpp"

namespace lode {

/// Whose data a case rests on, for the source line of its figures: "Yao et al. (2021); U.S. Geological Survey
/// (2020)". Entries of sources.bib that parameters name, in that order; empty if there are none.
std::string source_line(const Model& model, const std::string& language);

}  // namespace lode
