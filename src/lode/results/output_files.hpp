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

/// A nameless file for libraries that insist on writing to a path: HDF5 cannot be used any more after it met
/// a full disk, so it writes here, where room was checked for, and the bytes go to their place by
/// OutputFiles, which can say what failed. In memory (/dev/shm) where that has room, else in the folder for
/// temporary files.
class ScratchFile {
 public:
  explicit ScratchFile(std::size_t expected_size);
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();

  /// Why there is none, in words; empty if all is well.
  const std::string& problem() const { return problem_; }
  const std::string& path() const { return path_; }
  /// To be called as soon as the library has opened it: then nothing stays behind even if the process is
  /// killed.
  void remove_name();
  /// The content, valid as long as this object; call once, after the last write.
  std::string_view bytes();

 private:
  std::string path_;
  std::string problem_;
  int descriptor_ = -1;
  void* mapped_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lode
