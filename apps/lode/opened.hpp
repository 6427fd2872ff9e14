// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "commands.hpp"
#include "lode/lode.hpp"

inline constexpr int done = 0, refused = 1, misuse = 2;

struct Opened {
  std::optional<lode::Case> model;
  int status = done;
};

/// Loads and computes; on failure shows the messages and gives the exit status.
Opened compute(const Request& request);

/// Output that ends up in a full disk or a closed pipe is a failure, not a success.
int print(const std::string& text, int status);

/// The case folder's own name.
std::string case_name(const std::string& path);
