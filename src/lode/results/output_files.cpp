// SPDX-License-Identifier: Apache-2.0
#include "lode/results/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <tuple>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const fs::path& file) {
  const fs::path folder = file.parent_path();
  return folder.empty() ? "." : folder.string();
}

/// `code` is an errno.
std::string explain(const fs::path& file, int code) {
  std::string reason;
  switch (code) {
    case EACCES:
    case EPERM:
      reason = fmt::format("no permission to write in folder `{}`", folder_of(file));
      break;
    case ENOSPC:
      reason = "the disk is full";
      break;
    case EDQUOT:
      reason = "your quota on this disk is used up";
      break;
    case EFBIG:
      reason = "the file would be larger than this system allows";
      break;
    case EROFS:
      reason = "the file system is read-only";
      break;
    case ENOTDIR:
      reason = fmt::format("part of `{}` is a file, not a folder", folder_of(file));
      break;
    case EISDIR:
      reason = "there is a folder of this name";
      break;
    case ENAMETOOLONG:
      reason = "the name is too long";
      break;
    default:
      reason = std::generic_category().message(code);
  }
  return fmt::format("cannot write `{}`: {}", file.string(), reason);
}

/// 0 or an errno.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Writes and closes; some file systems report a full disk only on closing.
int write_and_close(int descriptor, std::string_view bytes) {
  const int code = write_all(descriptor, bytes);
  const int close_code = ::close(descriptor) == 0 ? 0 : errno;
  return code != 0 ? code : close_code;
}

}  // namespace

OutputFiles::~OutputFiles() {
  for (const auto& [temporary, target] : staged_) ::unlink(temporary.c_str());
  // Only empty folders go: somebody else may have put something there meanwhile.
  while (!new_folders_.empty()) {
    ::rmdir(new_folders_.back().c_str());
    new_folders_.pop_back();
  }
}

WriteError OutputFiles::add_folder(const fs::path& folder) {
  std::vector<fs::path> missing;
  struct stat info;
  for (fs::path path = folder; !path.empty() && ::stat(path.c_str(), &info) != 0; path = path.parent_path()) {
    if (errno == ENOTDIR) return explain(folder / "", ENOTDIR);
    if (errno != ENOENT) return explain(path, errno);
    if (path.has_filename()) missing.push_back(path);
    if (path == path.parent_path()) break;
  }
  for (std::size_t i = missing.size(); i-- > 0;) {
    if (::mkdir(missing[i].c_str(), 0777) == 0) {
      new_folders_.push_back(missing[i]);
    } else if (errno != EEXIST) {
      return explain(missing[i], errno);
    }
  }
  if (!folder.empty() && ::stat(folder.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return fmt::format("cannot write into `{}`: it is a file, not a folder", folder.string());
  }
  return std::nullopt;
}

WriteError OutputFiles::add(const fs::path& file, std::string_view bytes) {
  if (file.empty()) return "cannot write a file without a name";
  if (!file.has_filename()) return explain(file, EISDIR);
  if (WriteError error = add_folder(file.parent_path())) return error;

  fs::path target = file;
  struct stat info;
  const bool existed = ::stat(file.c_str(), &info) == 0;
  if (existed) {
    if (S_ISDIR(info.st_mode)) return explain(file, EISDIR);
    if (::access(file.c_str(), W_OK) != 0) {
      const int code = errno;
      if (code != EACCES) return explain(file, code);
      return fmt::format("cannot write `{}`: the file is write-protected", file.string());
    }
    if (!S_ISREG(info.st_mode)) {
      // A pipe or a device must not be replaced by a file.
      const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
      const int code = descriptor < 0 ? errno : write_and_close(descriptor, bytes);
      if (code != 0) return explain(file, code);
      return std::nullopt;
    }
  }
  std::error_code ignored;
  if (fs::is_symlink(file, ignored)) {
    target = fs::weakly_canonical(file, ignored);
    if (ignored) return explain(file, ignored.value());
  }

  static std::atomic<unsigned> serial = 0;
  fs::path temporary;
  int descriptor = -1;
  do {  // a process that was killed may have left a file of this name
    temporary = target.parent_path() / fmt::format(".lode-results-{}-{}.tmp", ::getpid(), serial++);
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) return explain(file, errno);
  staged_.emplace_back(temporary, target);
  if (existed) std::ignore = ::fchmod(descriptor, info.st_mode & 07777);
  if (const int code = write_and_close(descriptor, bytes); code != 0) return explain(file, code);
  return std::nullopt;
}

WriteError OutputFiles::commit() {
  for (std::size_t i = 0; i < staged_.size(); ++i) {
    const auto& [temporary, target] = staged_[i];
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
      const int code = errno;
      staged_.erase(staged_.begin(), staged_.begin() + static_cast<std::ptrdiff_t>(i));
      return explain(staged_.front().second, code);
    }
  }
  staged_.clear();
  new_folders_.clear();
  return std::nullopt;
}

ScratchFile::ScratchFile(std::size_t expected_size) {
  std::error_code code;
  const fs::path elsewhere = fs::temp_directory_path(code);
  for (const fs::path& folder : {fs::path("/dev/shm"), code ? fs::path("/tmp") : elsewhere}) {
    const fs::space_info space = fs::space(folder, code);
    if (code || space.available < expected_size) continue;
    path_ = (folder / "lode-XXXXXX").string();
    descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor_ >= 0) return;
  }
  path_.clear();
  problem_ = fmt::format("it needs {} MB of room for a moment, and neither /dev/shm nor `{}` has it",
                         expected_size / 1000000 + 1, elsewhere.empty() ? "/tmp" : elsewhere.string());
}

ScratchFile::~ScratchFile() {
  remove_name();
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ScratchFile::remove_name() {
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

std::string_view ScratchFile::bytes() {
  LODE_EXPECT(mapped_ == nullptr);
  struct stat info;
  if (::fstat(descriptor_, &info) != 0 || info.st_size == 0) return {};
  size_ = static_cast<std::size_t>(info.st_size);
  void* const memory = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (memory == MAP_FAILED) {
    size_ = 0;
    return {};
  }
  mapped_ = memory;
  return {static_cast<const char*>(memory), size_};
}

}  // namespace lode
