// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <system_error>

#include "lode/lode.hpp"

namespace lode {

namespace {

constexpr int deepest = 3;
constexpr std::size_t most = 1000;

void find_systems(const std::filesystem::path& folder, int depth, std::vector<std::filesystem::path>& found) {
  namespace fs = std::filesystem;
  std::error_code problem, ignored;
  std::vector<fs::path> inside;
  fs::directory_iterator each(folder, problem);
  for (const fs::directory_iterator end; !problem && each != end; each.increment(problem))
    if (each->is_directory(ignored) && !each->path().filename().string().starts_with('.'))
      inside.push_back(folder / each->path().filename());
  std::sort(inside.begin(), inside.end());
  for (const fs::path& path : inside) {
    if (found.size() >= most) return;
    if (fs::is_regular_file(path / "model.yaml", ignored))
      found.push_back(path);
    else if (depth < deepest)
      find_systems(path, depth + 1, found);
  }
}

}  // namespace

std::vector<std::filesystem::path> systems_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem) ||
      std::filesystem::exists(folder / "model.yaml", problem))
    return found;
  find_systems(folder, 1, found);
  return found;
}

}  // namespace lode
