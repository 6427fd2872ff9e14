// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/process_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <set>

namespace lode {

std::string process_file(const std::string& file, std::size_t rank, std::string_view ending) {
  return rank == 0 ? fmt::format("{}{}", file, ending) : fmt::format("{}.{}{}", file, rank, ending);
}

std::vector<std::string> process_files(const std::string& file, std::size_t from, std::string_view ending) {
  std::error_code ignored;
  const std::filesystem::path path(file);
  std::set<std::size_t> ranks;
  if (std::filesystem::exists(process_file(file, 0, ending), ignored)) ranks.insert(0);
  const std::string start = path.filename().string() + ".";
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(start) || !name.ends_with(ending) || name.size() < start.size() + ending.size())
      continue;
    std::size_t rank = 0;
    const char* const end = name.data() + name.size() - ending.size();
    const auto [rest, error] = std::from_chars(name.data() + start.size(), end, rank);
    if (error == std::errc{} && rest == end && rank > 0) ranks.insert(rank);
  }
  std::vector<std::string> files;
  for (const std::size_t rank : ranks)
    if (rank >= from) files.push_back(process_file(file, rank, ending));
  return files;
}

void remove_files(const std::vector<std::string>& files) {
  std::error_code ignored;
  for (const std::string& file : files) std::filesystem::remove(file, ignored);
}

}  // namespace lode
