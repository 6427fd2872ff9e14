// SPDX-License-Identifier: Apache-2.0
#include "lode/api/import_files.hpp"

#include <fmt/format.h>

#include "lode/support/files.hpp"

namespace lode {

bool has_model(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::exists(folder / "model.yaml", error);
}

bool may_make_case(const std::filesystem::path& folder, const std::string& otherwise,
                   Diagnostics& diagnostics) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return true;
  if (std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error)) return true;
  diagnostics.error("import-folder", {}, fmt::format("{} exists already", folder.string())).help =
      has_model(folder) && !otherwise.empty() ? "name another folder, " + otherwise : "name another folder";
  return false;
}

bool write_case_files(const std::filesystem::path& folder, const std::vector<CaseFile>& files,
                      std::vector<std::string>& written, Diagnostics& diagnostics) {
  std::error_code error;
  std::filesystem::create_directories(folder / "data", error);
  for (const CaseFile& file : files) {
    const auto target = folder / file.path;
    if (const auto problem = write_file_atomically(target, file.text)) {
      diagnostics.error("import-write", {}, fmt::format("{}: {}", target.string(), *problem));
      return false;
    }
    written.push_back(target.string());
  }
  return true;
}

namespace {

nlohmann::ordered_json message_json(const Message& message) {
  return {{"code", message.code}, {"text", message.text},     {"file", message.file},
          {"line", message.line}, {"column", message.column}, {"help", message.help}};
}

}  // namespace

std::string import_json(nlohmann::ordered_json out, const std::vector<std::string>& notes,
                        const std::vector<std::string>& files, const std::vector<Message>& messages) {
  out["notes"] = notes;
  out["files"] = files;
  out["messages"] = nlohmann::ordered_json::array();
  for (const Message& message : messages) out["messages"].push_back(message_json(message));
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lode
