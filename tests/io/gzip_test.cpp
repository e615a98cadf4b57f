// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/gzip.h"

#include "io/raw_nifti.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <sstream>

namespace dmcvr {
namespace {

// Bytes that compress a little.
std::string some_bytes(size_t count, uint64_t seed) {
  auto generator = make_generator(seed, "bytes");
  const auto values =
      torch::randint(0, 40, {static_cast<int64_t>(count)}, generator, torch::kUInt8);
  return {static_cast<const char*>(values.data_ptr()), count};
}

std::string compressed(const std::string& bytes, int64_t level = 6) {
  std::ostringstream stream;
  GzipWriter writer(stream, level);
  writer.write(bytes.data(), bytes.size());
  writer.finish();
  return stream.str();
}

std::string read_all(const std::filesystem::path& path, size_t at_a_time) {
  GzipReader reader(path);
  std::string all, part(at_a_time, '\0');
  for (size_t got = at_a_time; got == at_a_time;) {
    got = reader.read(part.data(), part.size());
    all.append(part, 0, got);
  }
  return all;
}

}  // namespace

TEST(GzipProperty, WriteThenReadIsTheIdentity) {
  const auto path = test::fresh_folder() / "a.gz";
  for (const size_t count : {size_t{0}, size_t{1}, size_t{1000}, size_t{3'000'000}}) {
    const std::string bytes = some_bytes(count, count);
    for (const int64_t level : {1, 9}) {
      test::write_bytes(path, compressed(bytes, level));
      EXPECT_TRUE(read_all(path, 70'001) == bytes) << count << " bytes at level " << level;
    }
  }
}

TEST(Gzip, HoldsNoTimeAndNoName) {
  const std::string bytes = compressed("heart");
  EXPECT_EQ(bytes.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(bytes[3], 0);                            // flags: no name
  EXPECT_EQ(bytes.substr(4, 4), std::string(4, 0));  // time
  EXPECT_EQ(bytes, compressed("heart"));
}

TEST(Gzip, ReadsPlainFilesAsTheyAre) {
  const auto path = test::fresh_folder() / "plain.gz";
  test::write_bytes(path, "not compressed");
  EXPECT_EQ(read_all(path, 5), "not compressed");
  EXPECT_FALSE(GzipReader(path).is_compressed());
  EXPECT_EQ(GzipReader(path).most_bytes(), 14U);
}

TEST(Gzip, BoundsWhatCanComeOut) {
  const auto path = test::fresh_folder() / "zeros.gz";
  const std::string zeros(5'000'000, '\0');
  test::write_bytes(path, compressed(zeros, 9));
  const GzipReader reader(path);
  EXPECT_TRUE(reader.is_compressed());
  EXPECT_GE(reader.most_bytes(), zeros.size());
  EXPECT_LE(reader.most_bytes(), 1032 * std::filesystem::file_size(path));
}

TEST(Gzip, ReadsStreamsThatFollowEachOtherAndIgnoresGarbageBehind) {
  const auto path = test::fresh_folder() / "a.gz";
  test::write_bytes(path, compressed("one ") + compressed("two") + "garbage");
  EXPECT_EQ(read_all(path, 100), "one two");
}

TEST(Gzip, TellsACutOffStream) {
  const auto path = test::fresh_folder() / "cut.gz";
  const std::string bytes = some_bytes(10'000, 1), whole = compressed(bytes);
  for (size_t length = 20; length < whole.size(); length += 97) {
    test::write_bytes(path, whole.substr(0, length));
    GzipReader reader(path);
    EXPECT_LE(reader.skip(20'000), bytes.size());
    EXPECT_TRUE(reader.is_cut_off()) << length << " of " << whole.size();
  }
  test::write_bytes(path, whole);
  GzipReader reader(path);
  EXPECT_EQ(reader.skip(20'000), bytes.size());
  EXPECT_FALSE(reader.is_cut_off());
}

TEST(Gzip, RefusesDamagedData) {
  const auto path = test::fresh_folder() / "bad.gz";
  std::string whole = compressed(some_bytes(10'000, 2));
  whole[whole.size() - 6] ^= 1;  // checksum
  test::write_bytes(path, whole);
  EXPECT_THROW(read_all(path, 100'000), Error);
}

TEST(Gzip, RefusesWhatIsNoFile) {
  const auto folder = test::fresh_folder();
  test::write_bytes(folder / "empty.gz", "");
  EXPECT_THROW(GzipReader(folder / "missing.gz"), Error);
  EXPECT_THROW(GzipReader{folder}, Error);
  EXPECT_THROW(GzipReader(folder / "empty.gz"), Error);
  EXPECT_THROW(GzipReader("/dev/zero"), Error);
}

}  // namespace dmcvr
