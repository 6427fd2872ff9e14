// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>

/// Takes whole numbers from `low` to `high`, also those written 1e6; says of others what they are.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);
