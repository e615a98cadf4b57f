// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/packed_slices.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace dmcvr {
namespace {

// Slices of several sizes: noise, a smooth ramp, labels in some.
PackedSlices varied_slices() {
  PackedSlices packed;
  packed.rule = small_segmenter_rule();
  packed.rule.spacing_mm = 1.4;
  packed.sources = {"noise", "ramps"};
  for (int64_t i = 0; i < 5; ++i) {
    auto generator = make_generator(1, "packed", static_cast<uint64_t>(i));
    PackedSlice slice;
    const int64_t rows = 17 + 30 * i, columns = 61 - 9 * i;
    slice.image =
        i % 2 == 0
            ? torch::randint(0, 256, {rows, columns}, generator).to(torch::kUInt8)
            : torch::arange(rows * columns).view({rows, columns}).remainder(251).to(torch::kUInt8);
    if (i != 2) slice.labels = torch::randint(0, 4, {rows, columns}, generator).to(torch::kUInt8);
    slice.case_index = i / 2;
    slice.phase_index = i % 2;
    slice.slice_index = 3 * i;
    slice.pitch_mm = 9.7 + static_cast<double>(i);
    slice.is_synthetic = i == 4;
    slice.spacing_mm = 1.4;
    packed.slices.push_back(slice);
  }
  return packed;
}

void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(PackedSlices, ComeBackAsTheyWent) {
  const auto path = test::fresh_folder() / "slices.packed";
  const auto written = varied_slices();
  write_packed(path, written);
  EXPECT_TRUE(is_packed(path));
  const auto read = read_packed(path);
  EXPECT_EQ(nlohmann::json(read.rule), nlohmann::json(written.rule));
  EXPECT_EQ(content_sha256(read), content_sha256(written));
  EXPECT_EQ(read.slices[0].spacing_mm, 1.4);
  EXPECT_EQ(read.sources, written.sources);
  ASSERT_EQ(read.slices.size(), written.slices.size());
  for (size_t i = 0; i < read.slices.size(); ++i) {
    const auto &a = read.slices[i], &b = written.slices[i];
    EXPECT_TRUE(torch::equal(a.image, b.image));
    ASSERT_EQ(a.labels.defined(), b.labels.defined());
    if (a.labels.defined()) {
      EXPECT_TRUE(torch::equal(a.labels, b.labels));
    }
    EXPECT_EQ(a.case_index, b.case_index);
    EXPECT_EQ(a.phase_index, b.phase_index);
    EXPECT_EQ(a.slice_index, b.slice_index);
    EXPECT_EQ(a.pitch_mm, b.pitch_mm);
    EXPECT_EQ(a.is_synthetic, b.is_synthetic);
  }
}

TEST(PackedSlices, SmoothPicturesShrink) {
  const auto path = test::fresh_folder() / "smooth.packed";
  PackedSlices packed;
  PackedSlice slice;
  const auto line = torch::arange(200, torch::kUInt8);
  slice.image = line.unsqueeze(0).repeat({200, 1});
  slice.labels = torch::zeros({200, 200}, torch::kUInt8);
  packed.slices = {slice};
  write_packed(path, packed);
  EXPECT_LT(std::filesystem::file_size(path), 2 * 200 * 200 / 20);
}

TEST(PackedSlices, AnyChangedByteIsRefused) {
  const auto path = test::fresh_folder() / "slices.packed";
  write_packed(path, varied_slices());
  const auto bytes = test::content_of(path);
  auto generator = make_generator(2, "damage");
  for (int i = 0; i < 60; ++i) {
    auto damaged = bytes;
    const auto position = i < 24 ? i : uniform_index(generator, static_cast<int64_t>(bytes.size()));
    damaged[static_cast<size_t>(position)] ^= static_cast<char>(1 << uniform_index(generator, 8));
    put_bytes(path, damaged);
    EXPECT_THROW(read_packed(path), Error) << "byte " << position;
  }
}

TEST(PackedSlices, AnyTruncationIsRefused) {
  const auto path = test::fresh_folder() / "slices.packed";
  write_packed(path, varied_slices());
  const auto bytes = test::content_of(path);
  for (size_t size = 0; size < bytes.size(); size += 1 + size / 7) {
    put_bytes(path, bytes.substr(0, size));
    EXPECT_THROW(read_packed(path), Error) << size;
  }
  put_bytes(path, bytes + "x");
  EXPECT_THROW(read_packed(path), Error);
  EXPECT_THROW(read_packed(path.parent_path() / "absent"), Error);
  put_bytes(path, "DMCVRSL");
  EXPECT_FALSE(is_packed(path));
  EXPECT_FALSE(is_packed(path.parent_path() / "absent"));
}

// A file with a right checksum around an index that lies.
std::string sealed(const std::string& index, const std::string& blocks) {
  std::string bytes = "DMCVRSLC";
  for (int i = 0; i < 4; ++i) bytes.push_back(i == 0 ? 3 : 0);
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(index.size() >> (8 * i)));
  bytes += index + blocks;
  return bytes + sha256_of(bytes);
}

TEST(PackedSlices, LyingIndexIsRefusedBeforeMemoryIsTaken) {
  const auto path = test::fresh_folder() / "slices.packed";
  const auto entry = [](const std::string& rows, const std::string& bytes) {
    return R"({"rule":)" + nlohmann::json(InputRule()).dump() +
           R"(,"sources":[],"slices":[{"rows":)" + rows +
           R"(,"columns":4096,"label_bytes":0,"case":0,"phase":0,"slice":0,"spacing_mm":1,"pitch_mm":1,"synthetic":false,"image_bytes":)" +
           bytes + "}]}";
  };
  for (const auto& index : {entry("4096", "4"), entry("4097", "4"), entry("-1", "4"),
                            entry("1", "9999"), entry("1", "-1"), entry("\"x\"", "4"),
                            entry("1", "1e300"), std::string("[]"), std::string("{")}) {
    put_bytes(path, sealed(index, "abcd"));
    EXPECT_THROW(read_packed(path), Error) << index;
  }
  // Numbers that no integer holds, or that sums would carry beyond.
  for (const auto& [key, value] :
       {std::pair{"rows", "1.5"}, std::pair{"columns", "1e300"},
        std::pair{"case", "9223372036854775807"}, std::pair{"slice", "18446744073709551615"},
        std::pair{"phase", "-1"}}) {
    auto index = nlohmann::json::parse(entry("1", "4"));
    index["slices"][0][key] = nlohmann::json::parse(value);
    put_bytes(path, sealed(index.dump(), "abcd"));
    try {
      read_packed(path);
      FAIL() << key;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(fmt::format("a slice whose '{}' is", key)),
                std::string::npos)
          << error.what();
    }
  }
  const auto rule = nlohmann::json(InputRule()).dump();
  put_bytes(path, sealed(R"({"rule":)" + rule + R"(,"sources":[],"slices":[]})", ""));
  EXPECT_TRUE(read_packed(path).slices.empty());
}

TEST(PackedSlices, NewerVersionIsNamed) {
  const auto path = test::fresh_folder() / "slices.packed";
  write_packed(path, varied_slices());
  auto bytes = test::content_of(path);
  bytes[8] = 9;
  put_bytes(path, bytes);
  try {
    read_packed(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("version 9"), std::string::npos) << error.what();
  }
}

TEST(PackedSlices, JoinedPartsKeepTheirSubjectsApart) {
  const PackedSlices one = varied_slices();
  const PackedSlices all = joined({one, one});
  ASSERT_EQ(all.slices.size(), 2 * one.slices.size());
  int64_t largest = 0;
  for (const auto& slice : one.slices) largest = std::max(largest, slice.case_index);
  for (size_t n = 0; n < one.slices.size(); ++n) {
    EXPECT_TRUE(all.slices[one.slices.size() + n].image.equal(one.slices[n].image));
    EXPECT_EQ(all.slices[n].case_index, one.slices[n].case_index);
    EXPECT_EQ(all.slices[one.slices.size() + n].case_index, one.slices[n].case_index + largest + 1);
  }
  EXPECT_EQ(all.sources.size(), 2 * one.sources.size());
  EXPECT_TRUE(joined({}).slices.empty());
  PackedSlices other = one;
  other.rule.spacing_mm = one.rule.spacing_mm + 1;
  EXPECT_THROW(joined({one, other}), Error);
}

TEST(PackedSlices, ASubjectOnBothSidesIsSeenByItsPictures) {
  const PackedSlices all = varied_slices();
  PackedSlices first = all, second = all;
  const auto half = static_cast<std::ptrdiff_t>(all.slices.size() / 2);
  first.slices.erase(first.slices.begin() + half, first.slices.end());
  second.slices.erase(second.slices.begin(), second.slices.begin() + half);
  EXPECT_EQ(count_shared(first, second), 0);
  EXPECT_EQ(count_shared(second, all), static_cast<int64_t>(second.slices.size()));
  second.slices.push_back(first.slices[0]);
  second.slices.back().case_index = 99;  // what a file calls it does not matter
  EXPECT_EQ(count_shared(first, second), 1);
  EXPECT_EQ(count_shared({}, all), 0);
}

TEST(PackedSlices, TeachOnlyNetworksOfTheirRule) {
  PackedSlices packed = varied_slices();
  EXPECT_NO_THROW(check_rule(packed, small_segmenter_rule()));
  EXPECT_NO_THROW(check_rule(packed, small_generator_rule()));
  EXPECT_THROW(check_rule(packed, reference_rule()), Error);
  auto acquired = small_segmenter_rule();
  acquired.spacing_mm = 0;
  EXPECT_THROW(check_rule(packed, acquired), Error);
  auto linear = small_segmenter_rule();
  linear.interpolation = PixelInterpolation::linear;
  EXPECT_THROW(check_rule(packed, linear), Error);
  packed.rule = reference_rule();
  EXPECT_NO_THROW(check_rule(packed, reference_rule()));
  EXPECT_THROW(check_rule(packed, small_segmenter_rule()), Error);
  EXPECT_NO_THROW(check_rule({}, reference_rule()));
}

TEST(PackedSlices, ContentTellsSetsOfOneSizeApart) {
  PackedSlices packed = varied_slices();
  const auto before = content_sha256(packed);
  packed.slices[3].labels = 3 - packed.slices[3].labels;
  EXPECT_NE(content_sha256(packed), before);
}

}  // namespace
}  // namespace dmcvr
