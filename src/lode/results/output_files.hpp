// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lode/results/write.hpp"

namespace lode {

/// Files that appear together or not at all: each is written whole beside its target, commit() renames them.
/// Without commit, and on any failure, the temporaries and the folders made for them are removed again.
class OutputFiles {
 public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;
  ~OutputFiles();

  WriteError add_folder(const std::filesystem::path& folder);
  /// Creates the parent folder where it is missing.
  WriteError add(const std::filesystem::path& file, std::string_view bytes);
  WriteError commit();

 private:
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> staged_;  // temporary, target
  std::vector<std::filesystem::path> new_folders_;                               // outermost first
};

/// A file that lives in memory and has a path, for libraries that insist on writing to one. They meet no full
/// disk there, after which HDF5 cannot be used any more; the bytes go to the disk by OutputFiles, which can
/// say what failed.
class MemoryFile {
 public:
  MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();

  bool is_open() const { return descriptor_ >= 0; }
  std::string path() const;
  /// The content, valid as long as this object; call once, after the last write.
  std::string_view bytes();

 private:
  int descriptor_ = -1;
  void* mapped_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lode
