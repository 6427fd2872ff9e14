// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lode {

inline constexpr std::size_t largest_file = 256u * 1024u * 1024u;

/// The bytes of a regular file; on failure `problem` says why in words ("there is no such file"). Never waits
/// for a pipe or a device.
std::optional<std::string> read_file(const std::filesystem::path& path, std::string& problem);

/// Writes beside the target and renames, so that a reader sees the old bytes or the new ones, never a part.
/// Returns what went wrong in words, nothing if all went well. A symbolic link is written through.
std::optional<std::string> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace lode
