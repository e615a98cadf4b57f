// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

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

TEST(WriteFile, ReportsAFullDisk) {
  // /dev/full accepts no byte; its folder accepts no temporary file either, so the stream is led
  // there.
  const auto folder = test::fresh_folder();
  EXPECT_THROW(write_file(folder / "a",
                          [](std::ostream& stream) {
                            std::ofstream full("/dev/full");
                            full << "text" << std::flush;
                            if (!full) stream.setstate(std::ios::badbit);
                          }),
               Error);
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

}  // namespace dmcvr
