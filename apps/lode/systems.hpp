// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "commands.hpp"

/// Does what a command does with a case, for each of several systems that a folder holds, each with results
/// of its own; for a case just that. The worst exit status.
int each_system(const Request& request, int (*action)(const Request&));
