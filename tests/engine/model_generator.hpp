// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "case_tools.hpp"

namespace lode::testing {

/// A small valid case drawn at random: a market, fabrication with its scrap, a stock in use, waste and a
/// dump, driven by demand, by supply or by a given stock; with subsets, groups, conditions, lags, loops and
/// uneven steps here and there. The same seed gives the same text everywhere.
Files random_case(std::uint64_t seed);

/// All files as one text, to be shown when the case fails.
std::string text_of(const Files& files);

}  // namespace lode::testing
