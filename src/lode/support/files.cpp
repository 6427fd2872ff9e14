// SPDX-License-Identifier: Apache-2.0
#include "lode/support/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace lode {
namespace {

std::string words(int error) {
  switch (error) {
    case ENOENT:
      return "there is no such file";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case EISDIR:
      return "it is a folder, not a file";
    case EACCES:
    case EPERM:
      return "no permission";
    case EROFS:
      return "the file system is read-only";
    case ENOSPC:
      return "the disk is full";
    case EDQUOT:
      return "the disk quota is used up";
    case EFBIG:
      return "the file is larger than the system allows";
    case ENAMETOOLONG:
      return "the path is too long";
    case ELOOP:
      return "symbolic links lead in a circle";
    case EMFILE:
    case ENFILE:
      return "too many files are open";
    default:
      return std::generic_category().message(error);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  bool open() const { return value_ >= 0; }
  /// Closes now, because some file systems report a full disk only here.
  bool close() {
    const int result = ::close(value_);
    value_ = -1;
    return result == 0;
  }

 private:
  int value_;
};

std::string too_large() {
  return fmt::format("it is larger than {} MB", largest_file / (1024u * 1024u));
}

std::optional<int> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path, std::string& problem) {
  problem.clear();
  // Without O_NONBLOCK, opening a pipe nobody writes to would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) {
    problem = words(errno);
    return std::nullopt;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    problem = words(errno);
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode)) {
    problem = S_ISDIR(status.st_mode) ? words(EISDIR) : "it is a pipe or a device, not a file";
    return std::nullopt;
  }
  if (status.st_size > static_cast<off_t>(largest_file)) {
    problem = too_large();
    return std::nullopt;
  }
  // The stated size may lie (files of /proc state zero, a file may grow), so read until the end.
  std::string bytes(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(bytes.size() + bytes.size() / 2 + 4096);
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      problem = words(errno);
      return std::nullopt;
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > largest_file) {
      problem = too_large();
      return std::nullopt;
    }
  }
  bytes.resize(filled);
  return bytes;
}

std::optional<std::string> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code error;
  std::filesystem::path target = path;
  if (std::filesystem::is_symlink(target, error)) {
    target = std::filesystem::weakly_canonical(path, error);
    if (error) return words(error.value());
  }
  if (!target.has_filename()) return words(EISDIR);
  struct stat old {};
  const bool existed = ::stat(target.c_str(), &old) == 0;
  if (existed && S_ISDIR(old.st_mode)) return words(EISDIR);
  if (existed && !S_ISREG(old.st_mode)) return "it is a pipe or a device, not a file";

  static std::atomic<unsigned> counter{0};
  std::filesystem::path temporary;
  int opened = -1;
  for (int attempt = 0; attempt < 100 && opened < 0; ++attempt) {
    // A short name of its own: the target's name may already be as long as the file system allows.
    temporary = target.parent_path() / fmt::format(".lode-{}-{}.tmp", ::getpid(), counter.fetch_add(1));
    opened = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (opened < 0 && errno != EEXIST) break;
  }
  if (opened < 0) return errno == ENOENT ? "its folder does not exist" : words(errno);
  Descriptor file(opened);
  const auto give_up = [&](int reason) {
    ::unlink(temporary.c_str());
    return words(reason);
  };
  if (const auto failed = write_all(file.get(), bytes)) return give_up(*failed);
  if (existed && ::fchmod(file.get(), old.st_mode & 07777) != 0) return give_up(errno);
  if (!file.close()) return give_up(errno);
  if (::rename(temporary.c_str(), target.c_str()) != 0) return give_up(errno);
  return std::nullopt;
}

}  // namespace lode
