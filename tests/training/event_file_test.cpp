// SPDX-License-Identifier: Apache-2.0
// The format is read here as its documents say; tests/e2e/read_events.py reads it in Python.
#include "dmcvr/training/event_file.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

template <typename Number>
Number number_at(const std::string& bytes, size_t position) {
  Number number;
  std::memcpy(&number, bytes.data() + position, sizeof(number));
  return number;
}

// The messages of a file, their checksums checked.
std::vector<std::string> messages_of(const fs::path& path) {
  const std::string bytes = test::content_of(path);
  const auto unmasked = [](uint32_t masked) {
    const uint32_t rotated = masked - 0xa282ead8U;
    return (rotated >> 17) | (rotated << 15);
  };
  std::vector<std::string> messages;
  size_t at = 0;
  while (at < bytes.size()) {
    const auto length = number_at<uint64_t>(bytes, at);
    EXPECT_EQ(unmasked(number_at<uint32_t>(bytes, at + 8)), crc32c(bytes.substr(at, 8)));
    messages.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(unmasked(number_at<uint32_t>(bytes, at + 12 + length)), crc32c(messages.back()));
    at += 16 + length;
  }
  EXPECT_EQ(at, bytes.size());
  return messages;
}

// RFC 3720, appendix B.4, and the check value of the algorithm.
TEST(EventFile, ChecksumIsThatOfTheStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventFile, HoldsAVersionAndThenWhatWasWritten) {
  const auto folder = test::fresh_folder();
  EventFile events(folder);
  EXPECT_TRUE(event_files(folder).empty());
  events.write_scalars(300, {{"train/loss", 0.25}});
  events.write_picture(300, "strips/00", torch::full({5, 7, 3}, 9, torch::kUInt8));
  ASSERT_EQ(event_files(folder).size(), 1u);
  const auto messages = messages_of(event_files(folder)[0]);
  ASSERT_EQ(messages.size(), 3u);
  // Each begins with field 1, a double: the time.
  for (const auto& message : messages) {
    EXPECT_EQ(message[0], 1 << 3 | 1);
    EXPECT_GT(number_at<double>(message, 1), 1.6e9);
  }
  EXPECT_EQ(messages[0].substr(9),
            "\x1a\x0d"
            "brain.Event:2");
  // Field 2, a varint: 300 = 0b10'0101100; field 5, a summary with field 1, a value.
  const auto& scalar = messages[1];
  EXPECT_EQ(scalar.substr(9, 3), "\x10\xac\x02");
  EXPECT_EQ(scalar.substr(12), std::string("\x2a\x13\x0a\x11\x0a\x0atrain/loss\x15", 17) +
                                   std::string("\0\0\x80\x3e", 4));
  EXPECT_NE(messages[2].find("\x89PNG\r\n"), std::string::npos);
}

TEST(EventFile, ARunThatGoesOnHasANewFileThatSaysWhereItBegins) {
  const auto folder = test::fresh_folder();
  EventFile first(folder);
  first.write_scalars(1, {{"a", 1}});
  std::ofstream(folder / "events.out.tfevents.9000000000.dmcvr") << "of a clock that is ahead";
  EventFile second(folder, 8);
  second.write_scalars(8, {{"a", 2}});
  const auto files = event_files(folder);
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[2].filename(), "events.out.tfevents.9000000001.dmcvr");
  const auto messages = messages_of(files[2]);
  ASSERT_EQ(messages.size(), 3u);
  // Step 8, and in field 7 a session log with status 1: START.
  EXPECT_EQ(messages[1].substr(9), std::string("\x10\x08\x3a\x02\x08\x01", 6));
}

TEST(EventFile, UnwritableFolderIsAnError) {
  const auto folder = test::fresh_folder();
  EventFile events(folder);
  fs::remove(folder);
  EXPECT_ANY_THROW(events.write_scalars(1, {{"a", 1}}));
}

}  // namespace
}  // namespace dmcvr
