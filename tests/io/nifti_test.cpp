// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti.h"

#include "io/raw_nifti.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/geometry/orientation.h"
#include "dmcvr/io/gzip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <sstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

std::string gzipped(const std::string& bytes) {
  std::ostringstream stream;
  GzipWriter writer(stream, 6);
  writer.write(bytes.data(), bytes.size());
  writer.finish();
  return stream.str();
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string error_of_reading(const fs::path& path) {
  return error_of([&] { read_nifti(path); });
}

std::string error_of_bytes(const std::string& bytes) {
  const auto path = test::fresh_folder() / "case.nii";
  test::write_bytes(path, bytes);
  return error_of_reading(path);
}

// Address space of this program at its largest so far, in bytes.
int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmPeak:", 0) == 0) return std::stoll(line.substr(7)) * 1024;
  }
  return 0;
}

// The stored values survive, in both versions and byte orders, plain and compressed, scaled and
// not.
template <typename Stored>
void expect_reads(int code, const std::vector<Stored>& some) {
  const auto folder = test::fresh_folder();
  std::vector<Stored> values(24);
  for (size_t i = 0; i < values.size(); ++i) values[i] = some[i % some.size()];
  for (const int version : {1, 2}) {
    for (const bool swapped : {false, true}) {
      for (const double slope : {0.0, std::nan(""), 1.0, 0.5}) {
        test::RawNifti raw;
        raw.version = version;
        raw.is_swapped = swapped;
        raw.slope = slope;
        raw.intercept = slope == 0.5 ? -2 : 0;
        raw.set_voxels(values, code);
        test::write_bytes(folder / "a.nii", raw.bytes());
        test::write_bytes(folder / "a.nii.gz", gzipped(raw.bytes()));
        const Cine cine = read_nifti(folder / "a.nii");
        cine.check();
        EXPECT_TRUE(read_nifti(folder / "a.nii.gz").voxels.equal(cine.voxels));
        const auto read = cine.voxels.flatten();
        for (size_t i = 0; i < values.size(); ++i) {
          const float expected = slope == 0.5
                                     ? static_cast<float>(0.5 * static_cast<double>(values[i]) - 2)
                                     : static_cast<float>(values[i]);
          EXPECT_EQ(read[static_cast<int64_t>(i)].item<float>(), expected)
              << "type " << code << ", slope " << slope;
        }
      }
    }
  }
}

}  // namespace

TEST(NiftiRead, KnowsEveryStoredType) {
  expect_reads<uint8_t>(2, {0, 1, 255});
  expect_reads<int8_t>(256, {0, -128, 127});
  expect_reads<int16_t>(4, {0, -32768, 32767, 5});
  expect_reads<uint16_t>(512, {0, 65535, 258});
  expect_reads<int32_t>(8, {0, INT32_MIN, INT32_MAX, 66051});
  expect_reads<uint32_t>(768, {0, UINT32_MAX, 66051});
  expect_reads<int64_t>(1024, {0, INT64_MIN, INT64_MAX, 66051});
  expect_reads<uint64_t>(1280, {0, UINT64_MAX, 66051});
  expect_reads<float>(16, {0, -1.5f, 3.4e38f, 1e-45f});
  expect_reads<double>(64, {0, -1.5, 1e-300, 123456.789});
}

TEST(NiftiRead, PutsTheFirstIndexOfTheFileOnColumns) {
  const auto path = test::fresh_folder() / "a.nii";
  test::write_bytes(path, test::counting_nifti().bytes());
  const Cine cine = read_nifti(path);
  ASSERT_EQ(cine.voxels.sizes(), at::IntArrayRef({1, 2, 3, 4}));
  EXPECT_EQ(cine.voxels[0][0][0][1].item<float>(), 1);
  EXPECT_EQ(cine.voxels[0][0][1][0].item<float>(), 4);
  EXPECT_EQ(cine.voxels[0][1][0][0].item<float>(), 12);
  EXPECT_EQ(read_nifti_header(path).voxel_count(), 24);
}

TEST(NiftiRead, TakesPicturesAndTrailingDimensionsOfOne) {
  const auto path = test::fresh_folder() / "a.nii";
  for (const auto& dim : std::vector<std::vector<int64_t>>{{1, 24, 0, 0, 0, 0, 0, 0},
                                                           {2, 6, 4, 0, 0, 0, 0, 0},
                                                           {3, 6, 4, 1, 0, 0, 0, 0},
                                                           {5, 4, 3, 1, 2, 1, 0, 0},
                                                           {7, 4, 3, 1, 2, 1, 1, 1}}) {
    test::RawNifti raw = test::counting_nifti();
    raw.dim = dim;
    test::write_bytes(path, raw.bytes());
    const Cine cine = read_nifti(path);
    EXPECT_EQ(cine.voxels.numel(), 24);
    EXPECT_EQ(cine.grid.size[2], 1);
    EXPECT_EQ(cine.phase_count(), dim[0] < 5 ? 1 : 2);
  }
}

TEST(NiftiRead, TakesTimesWhereTheHeaderNamesAUnit) {
  const auto path = test::fresh_folder() / "a.nii";
  for (const auto& [unit, step_ms] :
       std::vector<std::pair<int, double>>{{0, 0}, {8, 40'000}, {16, 40}, {24, 0.04}, {32, 0}}) {
    test::RawNifti raw = test::counting_nifti();
    raw.dim = {4, 4, 3, 1, 2, 1, 1, 1};
    raw.pixdim[4] = 40;
    raw.toffset = 2;
    raw.units = 2 + unit;
    test::write_bytes(path, raw.bytes());
    const auto times = read_nifti(path).times_ms;
    ASSERT_EQ(times.size(), step_ms == 0 ? 0U : 2U) << unit;
    if (step_ms == 0) continue;
    EXPECT_NEAR(times[0], step_ms / 20, 1e-9);
    EXPECT_NEAR(times[1] - times[0], step_ms, 1e-9);
  }
}

TEST(NiftiRead, SkipsExtensionsAndGarbageBehind) {
  const auto path = test::fresh_folder() / "a.nii";
  test::RawNifti raw = test::counting_nifti();
  raw.vox_offset = 352 + 160;
  raw.voxels = std::string(160, 'e') + raw.voxels + "garbage";
  for (const std::string& bytes :
       {raw.bytes(), gzipped(raw.bytes()), gzipped(raw.bytes()) + "garbage"}) {
    test::write_bytes(path, bytes);
    EXPECT_TRUE(read_nifti(path).voxels.flatten().equal(torch::arange(24, torch::kFloat32)));
  }
}

TEST(NiftiLabels, ReadsWholeNumbersOfAnyType) {
  const auto path = test::fresh_folder() / "a.nii";
  std::vector<float> values(24);
  for (size_t i = 0; i < 24; ++i) values[i] = static_cast<float>(i % 4);
  test::RawNifti raw;
  raw.set_voxels(values, 16);
  test::write_bytes(path, raw.bytes());
  const auto expected = (torch::arange(24) % 4).to(torch::kUInt8);
  EXPECT_TRUE(read_nifti_labels(path, label_table()).voxels.flatten().equal(expected));

  // As a tool stores it that scales whatever it writes.
  std::vector<int16_t> scaled(24);
  for (size_t i = 0; i < 24; ++i)
    scaled[i] = static_cast<int16_t>(static_cast<int>(i % 4) * 10922 - 32768);
  raw.set_voxels(scaled, 4);
  raw.slope = 1.0 / 10922;
  raw.intercept = 32768.0 / 10922;
  test::write_bytes(path, raw.bytes());
  EXPECT_TRUE(read_nifti_labels(path, label_table()).voxels.flatten().equal(expected));
}

TEST(NiftiLabels, ListsValuesThatTheTableLacks) {
  const auto path = test::fresh_folder() / "a.nii";
  const auto error_for = [&](const std::vector<double>& some) {
    std::vector<double> values(24, 1);
    std::copy(some.begin(), some.end(), values.begin());
    test::RawNifti raw;
    raw.set_voxels(values, 64);
    test::write_bytes(path, raw.bytes());
    return error_of([&] { read_nifti_labels(path, label_table()); });
  };
  EXPECT_EQ(error_for({0, 1, 2, 3}), "");
  EXPECT_NE(error_for({7, 4, 7}).find("label values 4, 7 are not in the table 1=LVC"),
            std::string::npos);
  EXPECT_NE(error_for({-1, 256}).find("label values -1, 256 are not"), std::string::npos);
  EXPECT_NE(error_for({1e300}).find("are not in the table"), std::string::npos);
  EXPECT_NE(error_for({10, 11, 12, 13, 14, 15, 16, 17, 18, 19}).find("17 and more are not"),
            std::string::npos);
  EXPECT_NE(error_for({0.5, 2.25}).find("2 voxels are not whole numbers, one is 0.5"),
            std::string::npos);
  EXPECT_NE(error_for({std::nan("")}).find("1 voxels are not whole numbers"), std::string::npos);
}

TEST(NiftiDamage, CountsTheSlicesOfAnIncompleteFile) {
  auto raw = test::counting_nifti();
  raw.dim = {3, 4, 3, 300, 1, 1, 1, 1};
  EXPECT_NE(error_of_bytes(raw.bytes())
                .find("case.nii: header promises 4x3x300 voxels, the file holds 2 of 300 slices"),
            std::string::npos);
  EXPECT_NE(error_of_bytes(gzipped(raw.bytes())).find("the file holds 2 of 300 slices"),
            std::string::npos);
}

TEST(NiftiDamage, TakesNoMemoryForPromises) {
  // 8 GiB promised by a few hundred bytes, plain and compressed; then as much as zeros can pretend.
  auto raw = test::counting_nifti();
  raw.dim = {3, 1024, 1024, 2000, 1, 1, 1, 1};
  const int64_t before = peak_bytes();
  EXPECT_NE(error_of_bytes(raw.bytes()).find("header promises 1024x1024x2000"), std::string::npos);
  EXPECT_NE(error_of_bytes(gzipped(raw.bytes())).find("can ever unpack to"), std::string::npos);
  raw.dim = {3, 256, 256, 1000, 1, 1, 1, 1};
  auto generator = make_generator(1, "noise");
  const auto noise = torch::randint(0, 256, {1 << 20}, generator, torch::kUInt8);
  raw.voxels = std::string(static_cast<const char*>(noise.data_ptr()), 1 << 20);
  EXPECT_NE(error_of_bytes(gzipped(raw.bytes())).find("the file holds 4 of 1000 slices"),
            std::string::npos);
  EXPECT_LT(peak_bytes() - before, int64_t{150} << 20);
}

TEST(NiftiDamage, RefusesEveryTruncation) {
  const std::string plain = test::counting_nifti().bytes(), packed = gzipped(plain);
  for (const std::string& whole : {plain, packed}) {
    EXPECT_EQ(error_of_bytes(whole), "");
    for (size_t length = 0; length < whole.size(); ++length) {
      EXPECT_NE(error_of_bytes(whole.substr(0, length)), "")
          << length << " of " << whole.size() << " bytes";
    }
  }
}

TEST(NiftiDamageProperty, FlippedBytesReadOrGiveAnError) {
  const auto path = test::fresh_folder() / "case.nii";
  const int64_t before = peak_bytes();
  int64_t refused = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    auto raw = test::counting_nifti();
    raw.version = seed % 2 == 0 ? 1 : 2;
    raw.is_swapped = seed % 4 >= 2;
    raw.qform_code = seed % 8 >= 4 ? 1 : 0;
    std::string bytes = raw.bytes();
    if (seed % 3 == 0) bytes = gzipped(bytes);
    auto generator = make_generator(seed, "flip");
    const int64_t flips = 1 + uniform_index(generator, 4);
    for (int64_t i = 0; i < flips; ++i) {
      bytes[static_cast<size_t>(uniform_index(generator, static_cast<int64_t>(bytes.size())))] =
          static_cast<char>(uniform_index(generator, 256));
    }
    test::write_bytes(path, bytes);
    try {
      read_nifti(path).check();
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).rfind(path.string() + ": ", 0), 0U) << error.what();
    }
    try {
      read_nifti_labels(path, label_table()).check();
    } catch (const Error&) {
    }
  }
  EXPECT_GT(refused, 300);
  EXPECT_LT(refused, 2900);
  EXPECT_LT(peak_bytes() - before, int64_t{150} << 20);
}

TEST(NiftiDamage, CountsVoxelsThatAreNotFinite) {
  auto raw = test::counting_nifti();
  std::vector<float> values(24, 1);
  values[17] = std::nanf("");
  values[20] = std::numeric_limits<float>::infinity();
  raw.set_voxels(values, 16);
  EXPECT_NE(error_of_bytes(raw.bytes())
                .find("2 of 24 voxels are not finite numbers, the first at column 1, row 1, slice "
                      "1, phase 0"),
            std::string::npos);

  // Also what becomes so on the way to float32.
  std::vector<double> large(24, 1e300);
  raw.set_voxels(large, 64);
  EXPECT_NE(error_of_bytes(raw.bytes()).find("24 of 24 voxels"), std::string::npos);

  raw = test::counting_nifti();
  raw.slope = 1;
  raw.intercept = std::nan("");
  EXPECT_NE(error_of_bytes(raw.bytes()).find("intercept of nan"), std::string::npos);
}

TEST(NiftiDamage, NamesWhatIsNoNifti) {
  const auto folder = test::fresh_folder();
  test::write_bytes(folder / "empty.nii", "");
  test::write_bytes(folder / "pair.hdr", test::counting_nifti().bytes());
  EXPECT_NE(error_of_reading(folder / "none.nii").find("no such file"), std::string::npos);
  EXPECT_NE(error_of_reading(folder).find("is a folder"), std::string::npos);
  EXPECT_NE(error_of_reading(folder / "empty.nii").find("the file is empty"), std::string::npos);
  EXPECT_NE(error_of_reading(folder / "pair.hdr").find("pairs are not read"), std::string::npos);
}

TEST(NiftiRealData, ReadsAcdcWithTheSpacingOfPixdim) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const auto folder = *data / "acdc" / "training" / "patient001";
  const Cine cine = read_nifti(folder / "patient001_frame01.nii.gz");
  EXPECT_EQ(cine.grid.size, (std::array<int64_t, 3>{216, 256, 10}));
  EXPECT_EQ(cine.grid.spacing_mm(), (std::array<double, 3>{1.5625, 1.5625, 10}));
  EXPECT_EQ(orientation_code(cine.grid.world_from_voxel), "LPS");
  EXPECT_GT(cine.voxels.max().item<float>(), 100);

  const Labels labels =
      read_nifti_labels(folder / "patient001_frame01_gt.nii.gz", acdc_label_table());
  EXPECT_TRUE(same_grid(labels.grid, cine.grid));
  for (const int value : {1, 2, 3})
    EXPECT_GT(labels.voxels.eq(value).sum().item<int64_t>(), 1000) << value;
}

TEST(NiftiRealData, ReadsAnObliqueCineAndALeftHandedCt) {
  const auto data = test::data_folder();
  if (!data || !std::filesystem::exists(*data / "ep-pig")) {
    GTEST_SKIP() << "DMCVR_DATA names no folder with ep-pig/ and dense-labels/";
  }
  const Labels pig =
      read_nifti_labels(*data / "ep-pig" / "lv_labels_auto_4d.nii.gz", {{1, "LVC"}, {2, "LVM"}});
  EXPECT_EQ(pig.voxels.sizes(), at::IntArrayRef({20, 20, 256, 256}));
  EXPECT_NEAR(pig.grid.spacing_mm()[2], 5, 1e-4);
  EXPECT_NEAR(pig.grid.world_from_voxel.offset[0], 123.151, 1e-3);

  const Cine heart = read_nifti(*data / "dense-labels" / "mmwhs.nii.gz");
  EXPECT_EQ(heart.grid.size, (std::array<int64_t, 3>{512, 512, 248}));
  EXPECT_LT(heart.grid.world_from_voxel.determinant(), 0);
  EXPECT_NEAR(heart.grid.spacing_mm()[2], 0.625, 1e-6);
}

}  // namespace dmcvr
