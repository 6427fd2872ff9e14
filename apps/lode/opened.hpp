// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "lode/lode.hpp"

inline constexpr int done = 0, refused = 1, misuse = 2;

struct Opened {
  std::optional<lode::Case> model;
  int status = done;
};

/// Of per cent, in their order; says where they look like shares already.
std::vector<double> quantile_shares(std::vector<double> quantiles);

/// Reads NAME=VALUE, several with commas; where a text is none, says so: `wanted` are the words before it.
bool read_choices(const std::vector<std::string>& texts, const std::string& wanted,
                  std::map<std::string, std::string>& choices);

/// Loads a case; on errors shows them and gives the exit status.
Opened open(const Request& request, bool must_be_good);

/// Loads and computes; on failure shows the messages and gives the exit status.
Opened compute(const Request& request);

/// The same with the draws that were asked for; `speaks`: this process shows what is wrong.
Opened compute_with_draws(const Request& request, bool speaks);

/// What is wrong, where a command cannot go on.
void show_messages(const lode::Case& model, const Request& request);

/// Output that ends up in a full disk or a closed pipe is a failure, not a success.
int print(const std::string& text, int status);

/// The case folder's own name.
std::string case_name(const std::string& path);
