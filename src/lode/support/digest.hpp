// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace lode {

/// Fingerprint of a text: XXH3, 128 bits, as 32 hexadecimal digits. Not cryptographic.
std::string digest(std::string_view bytes);

}  // namespace lode
