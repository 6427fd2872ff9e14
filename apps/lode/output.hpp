// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "commands.hpp"

/// The folder to write to, made: the one asked for, or the case's own under `kind`. Empty, with words, where
/// that fails.
std::filesystem::path output_folder(const Request& request, const char* kind);

/// Makes a folder; says so where that fails.
bool make_folder(const std::filesystem::path& folder);

/// Writes a file; says so where that fails.
bool write_file(const std::filesystem::path& file, const std::string& bytes);
