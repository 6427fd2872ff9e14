// SPDX-License-Identifier: Apache-2.0
#include "lode/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "lode/support/digest.hpp"

namespace lode {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "lode-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  std::string problem_of(const fs::path& path) const {
    std::string problem;
    EXPECT_FALSE(read_file(path, problem).has_value());
    return problem;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(Files, ReadsBytesAsTheyAre) {
  const std::string bytes("a\0b\r\n\xFF", 6);
  std::string problem = "old";
  EXPECT_EQ(read_file(put("x", bytes), problem), bytes);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(read_file(put("empty", ""), problem), "");
  EXPECT_FALSE(read_file("/proc/self/status", problem)->empty());  // states a size of zero
}

TEST_F(Files, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(problem_of(folder_ / "none"), "there is no such file");
  EXPECT_EQ(problem_of(folder_), "it is a folder, not a file");
  EXPECT_EQ(problem_of("/dev/zero"), "it is a pipe or a device, not a file");
  EXPECT_EQ(problem_of(put("x", "") / "y"), "a part of the path is a file, not a folder");
  EXPECT_EQ(problem_of(folder_ / std::string(300, 'n')), "the path is too long");
  fs::create_symlink(folder_ / "b", folder_ / "a");
  fs::create_symlink(folder_ / "a", folder_ / "b");
  EXPECT_EQ(problem_of(folder_ / "a"), "symbolic links lead in a circle");
}

TEST_F(Files, DoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(problem_of(folder_ / "pipe"), "it is a pipe or a device, not a file");
}

TEST_F(Files, RefusesAFileWithoutPermission) {
  const fs::path path = put("secret", "x");
  fs::permissions(path, fs::perms::none);
  // Root reads everything, so it becomes nobody for a moment.
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  std::string problem;
  const auto bytes = read_file(path, problem);
  const auto written = write_file_atomically(folder_ / "new", "x");
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_FALSE(bytes.has_value());
  EXPECT_EQ(problem, "no permission");
  if (root) {
    EXPECT_EQ(written, "no permission");
  }
}

TEST_F(Files, RefusesAbsurdSizes) {
  const fs::path path = put("large", "");
  fs::resize_file(path, largest_file + 1);  // sparse
  EXPECT_EQ(problem_of(path), "it is larger than 256 MB");
}

TEST_F(Files, WritesAndReplaces) {
  const fs::path path = folder_ / "result.csv";
  std::string problem;
  EXPECT_EQ(write_file_atomically(path, "one"), std::nullopt);
  EXPECT_EQ(read_file(path, problem), "one");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_EQ(write_file_atomically(path, std::string("t\0o", 3)), std::nullopt);
  EXPECT_EQ(read_file(path, problem), std::string("t\0o", 3));
  EXPECT_EQ(fs::status(path).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, WritesThroughASymbolicLink) {
  put("real", "old");
  fs::create_symlink("real", folder_ / "link");
  EXPECT_EQ(write_file_atomically(folder_ / "link", "new"), std::nullopt);
  std::string problem;
  EXPECT_EQ(read_file(folder_ / "real", problem), "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
}

TEST_F(Files, SaysWhyAFileCannotBeWritten) {
  EXPECT_EQ(write_file_atomically(folder_ / "none" / "x", "a"), "its folder does not exist");
  EXPECT_EQ(write_file_atomically(folder_, "a"), "it is a folder, not a file");
  EXPECT_EQ(write_file_atomically(folder_ / "x" / "", "a"), "it is a folder, not a file");
  EXPECT_EQ(write_file_atomically("/dev/full", "a"), "it is a pipe or a device, not a file");
  EXPECT_EQ(entries(), 0u);
}

TEST_F(Files, LeavesNothingBehindWhenTheDiskIsFull) {
  const fs::path path = put("kept", "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto problem = write_file_atomically(path, std::string(100000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(problem, "the file is larger than the system allows");
  std::string unused;
  EXPECT_EQ(read_file(path, unused), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST(Digest, AgreesWithXxhash) {
  // XXH3-128 with seed 0, canonical byte order.
  EXPECT_EQ(digest(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest("abc"), "06b05ab6733a618578af5f94892f3950");
  EXPECT_NE(digest(std::string_view("a\0", 2)), digest("a"));
  EXPECT_EQ(digest(std::string(100000, 'x')).size(), 32u);
}

}  // namespace
}  // namespace lode
