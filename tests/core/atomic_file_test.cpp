// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

int64_t entry_count(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST(WriteFile, ReplacesTheOldContent) {
  const auto path = test::fresh_folder() / "a.txt";
  write_file(path, [](std::ostream& stream) { stream << "a longer first text"; });
  write_file(path, [](std::ostream& stream) { stream << "second"; });
  EXPECT_EQ(test::content_of(path), "second");
  EXPECT_EQ(entry_count(path.parent_path()), 1);
}

TEST(WriteFile, LeavesTheOldContentAfterAFailure) {
  const auto path = test::fresh_folder() / "a.txt";
  write_file(path, [](std::ostream& stream) { stream << "first"; });
  EXPECT_THROW(write_file(path,
                          [](std::ostream& stream) {
                            stream << "half";
                            throw Error("stop");
                          }),
               Error);
  EXPECT_THROW(write_file(path, [](std::ostream& stream) { stream.setstate(std::ios::badbit); }),
               Error);
  EXPECT_EQ(test::content_of(path), "first");
  EXPECT_EQ(entry_count(path.parent_path()), 1);
}

TEST(WriteFile, NamesTheFileThatCannotBeMade) {
  const auto path = test::fresh_folder() / "missing" / "a.txt";
  try {
    write_file(path, [](std::ostream&) {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
}

// A limit on the size of files stops the stream as a full disk does.
TEST(WriteFile, ReportsAFullDisk) {
  const auto folder = test::fresh_folder();
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{1 << 16, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_THROW(
      write_file(folder / "a",
                 [](std::ostream& stream) { stream << std::string(size_t{1} << 20, 'x'); }),
      Error);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(entry_count(folder), 0);
}

TEST(AtomicFile, AppearsWhenItIsFinished) {
  const auto path = test::fresh_folder() / "a.txt";
  {
    AtomicFile file(path);
    file.stream() << "one, ";
    file.check();
    file.stream() << "two";
    EXPECT_FALSE(fs::exists(path));
    file.finish();
  }
  EXPECT_EQ(test::content_of(path), "one, two");
  EXPECT_EQ(entry_count(path.parent_path()), 1);
}

TEST(AtomicFile, IsGoneWithoutThatAndSaysWhatFailed) {
  const auto path = test::fresh_folder() / "a.txt";
  {
    AtomicFile file(path);
    file.stream() << "half";
    file.stream().setstate(std::ios::badbit);
    EXPECT_THROW(file.check(), Error);
    EXPECT_THROW(file.finish(), Error);
  }
  EXPECT_EQ(entry_count(path.parent_path()), 0);
}

TEST(WriteFolder, AppearsOnlyWhenComplete) {
  const auto path = test::fresh_folder() / "out";
  write_folder(path, false, [&](const fs::path& temporary) {
    std::ofstream(temporary / "a.txt") << "a";
    EXPECT_FALSE(fs::exists(path));
  });
  EXPECT_EQ(test::content_of(path / "a.txt"), "a");
  EXPECT_EQ(entry_count(path.parent_path()), 1);
}

TEST(WriteFolder, VanishesAfterAFailureAndNamesTheFinalPlace) {
  const auto path = test::fresh_folder() / "out";
  try {
    write_folder(path, false, [](const fs::path& temporary) {
      std::ofstream(temporary / "a.txt") << "half";
      throw Error("{}: no space", (temporary / "a.txt").string());
    });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), (path / "a.txt").string() + ": no space");
  }
  EXPECT_EQ(entry_count(path.parent_path()), 0);
}

TEST(WriteFolder, ReplacesOnlyWhenAsked) {
  const auto path = test::fresh_folder() / "out";
  fs::create_directories(path);
  std::ofstream(path / "old.txt") << "old";
  EXPECT_THROW(write_folder(path, false, [](const fs::path&) {}), Error);
  write_folder(path.string() + "/", true,
               [&](const fs::path&) { EXPECT_EQ(test::content_of(path / "old.txt"), "old"); });
  EXPECT_FALSE(fs::exists(path / "old.txt"));
  EXPECT_EQ(entry_count(path.parent_path()), 1);
}

// Killed processes leave folders, and process numbers come again.
TEST(WriteFolder, IsNotKeptByWhatAnEarlierProcessLeft) {
  const auto path = test::fresh_folder() / "out";
  std::vector<fs::path> left;
  write_folder(path, false, [&](const fs::path& temporary) { left.push_back(temporary); });
  left.push_back(left.front().string() + "-old");
  for (const fs::path& folder : left) {
    fs::create_directories(folder);
    std::ofstream(folder / "half.txt") << "half";
  }
  for (const char* text : {"first", "second"}) {
    write_folder(path, true,
                 [&](const fs::path& temporary) { std::ofstream(temporary / "a.txt") << text; });
    EXPECT_EQ(test::content_of(path / "a.txt"), text);
    EXPECT_FALSE(fs::exists(path / "half.txt"));
  }
}

}  // namespace dmcvr
