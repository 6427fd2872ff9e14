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

/// ".svg" for "a/b.SVG".
std::string extension_of(const std::filesystem::path& file);

/// Whether a figure can be written under this name.
bool is_figure_file(const std::filesystem::path& file);

/// Writes a figure as the ending says; .png and .pdf are made by librsvg. Says what went wrong.
bool write_figure(const lode::FigureResult& figure, const std::filesystem::path& output, int dpi);

/// Writes a file; says so where that fails.
bool write_file(const std::filesystem::path& file, const std::string& bytes);
