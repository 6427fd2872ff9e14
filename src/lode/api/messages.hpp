// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/lode.hpp"
#include "lode/support/diagnostics.hpp"

namespace lode {

/// Diagnostics as the public interface gives them.
std::vector<Message> messages_of(const Diagnostics& diagnostics);

}  // namespace lode
