// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "lode/results/output_files.hpp"
#include "lode/results/write.hpp"
#include "sample.hpp"

namespace lode {
namespace {

using Write = std::function<WriteError(const std::filesystem::path&)>;

struct Case {
  const char* name;
  Write write;  ///< writes one file of this path; CSV is tried on its own
};

class Failures : public testing::TestWithParam<Case> {};

/// What `write` says in a process of its own, after `prepare` was called there; "" is success.
std::string said_elsewhere(const std::function<void()>& prepare, const std::function<WriteError()>& write) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    const std::string text = write().value_or("");
    const ssize_t written = ::write(pipe_ends[1], text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(pipe_ends[0], text.data(), text.size());
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

/// Root may write anywhere, so these tests give that up.
void become_nobody() {
  if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
}

TEST_P(Failures, MissingFoldersAreMade) {
  const Scratch scratch;
  EXPECT_EQ(GetParam().write(scratch / "a/b/c/r"), std::nullopt);
  EXPECT_EQ(scratch.count(), 4u);
}

TEST_P(Failures, TargetIsAFolder) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "r");
  EXPECT_EQ(GetParam().write(scratch / "r"),
            "cannot write `" + (scratch / "r").string() + "`: there is a folder of this name");
  EXPECT_EQ(GetParam().write(scratch / "r/"),
            "cannot write `" + (scratch / "r/").string() + "`: there is a folder of this name");
  EXPECT_EQ(scratch.count(), 1u);
  EXPECT_EQ(GetParam().write(""), "cannot write a file without a name");
}

TEST_P(Failures, FolderIsAFile) {
  const Scratch scratch;
  std::ofstream(scratch / "f") << "x";
  EXPECT_EQ(GetParam().write(scratch / "f/r"),
            "cannot write into `" + (scratch / "f").string() + "`: it is a file, not a folder");
  EXPECT_EQ(GetParam().write(scratch / "f/sub/r"), "cannot write `" + (scratch / "f/sub/").string() +
                                                       "`: part of `" + (scratch / "f/sub").string() +
                                                       "` is a file, not a folder");
  EXPECT_EQ(scratch.count(), 1u);
}

TEST_P(Failures, NoPermission) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "locked");
  std::ofstream(scratch / "locked/old") << "old";
  ::chmod((scratch / "locked").c_str(), 0555);
  ::chmod((scratch / "locked/old").c_str(), 0444);
  const std::string folder = (scratch / "locked").string();
  const auto said = [&](const std::string& name) {
    return said_elsewhere(become_nobody, [&] { return GetParam().write(scratch / name); });
  };
  EXPECT_EQ(said("locked/r"),
            "cannot write `" + folder + "/r`: no permission to write in folder `" + folder + "`");
  EXPECT_EQ(said("locked/new/r"),
            "cannot write `" + folder + "/new`: no permission to write in folder `" + folder + "`");
  EXPECT_EQ(said("locked/old"), "cannot write `" + folder + "/old`: the file is write-protected");
  EXPECT_EQ(bytes_of(scratch / "locked/old"), "old");
  EXPECT_EQ(scratch.count(), 2u);
  ::chmod(folder.c_str(), 0755);
}

TEST_P(Failures, FullDisk) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  EXPECT_EQ(GetParam().write("/dev/full"), "cannot write `/dev/full`: the disk is full");
  struct stat info;
  ASSERT_EQ(::stat("/dev/full", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode)) << "a device was replaced by a file";
}

TEST_P(Failures, ALinkIsWrittenThrough) {
  const Scratch scratch;
  std::ofstream(scratch / "target") << "old";
  std::filesystem::create_symlink("target", scratch / "link");
  EXPECT_EQ(GetParam().write(scratch / "link"), std::nullopt);
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  EXPECT_GT(bytes_of(scratch / "target").size(), 1000u);
}

INSTANTIATE_TEST_SUITE_P(
    Writers, Failures,
    testing::Values(
        Case{"NetCdf", [](const auto& file) { return write_netcdf(sample(), file); }},
        Case{"NetCdfOfDraws", [](const auto& file) { return write_netcdf(uncertain_sample(), file); }},
        Case{"Xlsx", [](const auto& file) { return write_xlsx(sample(), file); }},
        Case{"XlsxOfDraws", [](const auto& file) { return write_xlsx(uncertain_sample(), file); }}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(OutputFiles, NoRoomForTheWholeFileLeavesTheOldOneAndNothingElse) {
  const Scratch scratch;
  const auto write = [](const std::filesystem::path& file) -> WriteError {
    OutputFiles files;
    if (WriteError error = files.add(file, std::string(2000, 'x'))) return error;
    return files.commit();
  };
  std::ofstream(scratch / "r") << "old";
  const auto small_files_only = [] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const std::string said = said_elsewhere(small_files_only, [&] { return write(scratch / "deep/er/r"); });
  EXPECT_EQ(said, "cannot write `" + (scratch / "deep/er/r").string() +
                      "`: the file would be larger than this system allows");
  EXPECT_EQ(scratch.count(), 1u);
  EXPECT_NE(said_elsewhere(small_files_only, [&] { return write(scratch / "r"); }), "");
  EXPECT_EQ(bytes_of(scratch / "r"), "old");
  EXPECT_EQ(scratch.count(), 1u);
}

TEST(CsvFailures, AllTablesOrNone) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "t/yield.csv");  // the third table cannot be written
  EXPECT_EQ(write_csv(sample(), scratch / "t"),
            "cannot write `" + (scratch / "t/yield.csv").string() + "`: there is a folder of this name");
  EXPECT_EQ(scratch.count(), 2u);
  std::filesystem::create_directories(scratch / "u/draws.csv");  // the last
  EXPECT_EQ(write_csv(uncertain_sample(), scratch / "u"),
            "cannot write `" + (scratch / "u/draws.csv").string() + "`: there is a folder of this name");
  EXPECT_EQ(scratch.count(), 4u);

  std::ofstream(scratch / "f") << "x";
  EXPECT_EQ(write_csv(sample(), scratch / "f"),
            "cannot write into `" + (scratch / "f").string() + "`: it is a file, not a folder");
}

}  // namespace
}  // namespace lode
