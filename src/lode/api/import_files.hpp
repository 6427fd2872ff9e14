// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lode/exchange/case_text.hpp"
#include "lode/lode.hpp"
#include "lode/support/diagnostics.hpp"

namespace lode {

bool has_model(const std::filesystem::path& folder);

/// True if a new case may be made here: nothing is there, or an empty folder. `otherwise` is what else can be
/// done with a case that is there.
bool may_make_case(const std::filesystem::path& folder, const std::string& otherwise,
                   Diagnostics& diagnostics);

/// Writes the files of a case, and adds their paths to `written`.
bool write_case_files(const std::filesystem::path& folder, const std::vector<CaseFile>& files,
                      std::vector<std::string>& written, Diagnostics& diagnostics);

/// What an import found, `out`, with what every import tells.
std::string import_json(nlohmann::ordered_json out, const std::vector<std::string>& notes,
                        const std::vector<std::string>& files, const std::vector<Message>& messages);

}  // namespace lode
