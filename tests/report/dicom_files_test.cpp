// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/dicom_files.h"

#include "report/toy_reconstruction.h"
#include "support.h"

#include "dmcvr/core/sha256.h"
#include "dmcvr/study/dicom_stacks.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// Relative names and checksums of all files.
std::set<std::string> digests_below(const fs::path& folder) {
  std::set<std::string> digests;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      digests.insert(fs::relative(entry.path(), folder).string() + ' ' +
                     sha256_of_file(entry.path()));
  }
  return digests;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Reconstruction wholesome_toy() {
  Reconstruction toy = test::toy_reconstruction();
  toy.volume.voxels.mul_(3);  // whole numbers
  return toy;
}

// The only stack of the folder; too small for a study.
Cine read_back(const fs::path& folder) {
  const auto stacks = dicom_stacks(list_dicom(folder).pictures);
  EXPECT_EQ(stacks.size(), 1U);
  return read_dicom_stacks(folder, stacks).front();
}

TEST(DicomFiles, OurReaderFindsTheDenseStackAgain) {
  const auto folder = test::fresh_folder();
  const Reconstruction toy = wholesome_toy();
  int64_t calls = 0;
  write_dicom(folder, test::toy_study(), toy, {}, [&](int64_t done, int64_t total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, 10);
  });
  EXPECT_EQ(calls, 10);
  const Cine found = read_back(folder);
  EXPECT_TRUE(same_grid(found.grid, toy.volume.grid, 1e-9));
  EXPECT_TRUE(found.voxels.equal(toy.volume.voxels));
  EXPECT_EQ(found.times_ms, toy.volume.times_ms);
}

TEST(DicomFiles, ValuesThatAreNotWholeComeBackWithinAShareOfTheRange) {
  const auto folder = test::fresh_folder();
  const Reconstruction toy = test::toy_reconstruction();
  write_dicom(folder, test::toy_study(), toy);
  const double range = toy.volume.voxels.max().item<double>();
  EXPECT_LE((read_back(folder).voxels - toy.volume.voxels).abs().max().item<double>(),
            range / 131070 + 1e-4);  // and the rounding of float32
}

TEST(DicomFiles, SameReconstructionSameBytesOtherContentOtherIds) {
  const auto folder = test::fresh_folder();
  Reconstruction other = wholesome_toy();
  other.volume.voxels[1][1][0][0] += 1;
  for (const char* name : {"a", "b", "c"}) fs::create_directory(folder / name);
  write_dicom(folder / "a", test::toy_study(), wholesome_toy());
  write_dicom(folder / "b", test::toy_study(), wholesome_toy());
  write_dicom(folder / "c", test::toy_study(), other);
  EXPECT_EQ(digests_below(folder / "a"), digests_below(folder / "b"));
  const auto header = [&](const char* name) {
    return *read_dicom_header(bytes_of(folder / name / "volume" / "ed_000.dcm"));
  };
  EXPECT_NE(header("a").series_uid, header("c").series_uid);
  EXPECT_EQ(header("a").study_uid, header("c").study_uid);
  EXPECT_EQ(header("a").frame_of_reference, header("c").frame_of_reference);
}

TEST(DicomFiles, NameNobodyUnlessAsked) {
  const auto folder = test::fresh_folder();
  write_dicom(folder, test::toy_study(), wholesome_toy());
  const auto anonymous = read_dicom_identity(bytes_of(folder / "labels.dcm"));
  EXPECT_EQ(anonymous.patient_name, "Anonymous");
  EXPECT_EQ(anonymous.patient_id, "case_aaaaaaaaaa");  // of the input's checksum
  EXPECT_EQ(anonymous.study_uid.substr(0, 5), "2.25.");

  DicomFileOptions options;
  options.identity = {"Some^Body", "4711", "", "1.2.3", ""};
  write_dicom(folder, test::toy_study(), wholesome_toy(), options);
  for (const auto& file : {folder / "labels.dcm", folder / "volume" / "es_004.dcm"}) {
    const auto kept = read_dicom_identity(bytes_of(file));
    EXPECT_EQ(kept.patient_name, "Some^Body");
    EXPECT_EQ(kept.patient_id, "4711");
    EXPECT_EQ(kept.study_uid, "1.2.3");
    EXPECT_EQ(kept.frame_of_reference, anonymous.frame_of_reference);  // the source had none
  }
}

TEST(DicomFiles, SayWhichPlanesWereMeasured) {
  const auto folder = test::fresh_folder();
  write_dicom(folder, test::toy_study(), wholesome_toy());
  const auto says = [&](const char* name, const char* words) {
    return bytes_of(folder / "volume" / name).find(words) != std::string::npos;
  };
  EXPECT_TRUE(says("es_002.dcm", "voxels as measured"));
  EXPECT_FALSE(says("es_002.dcm", "not measured"));
  EXPECT_TRUE(says("es_003.dcm", "not measured"));
}

TEST(DicomFiles, WithoutAVoxelThereAreNoLabels) {
  const auto folder = test::fresh_folder();
  Reconstruction toy = wholesome_toy();
  toy.labels.voxels.zero_();
  write_dicom(folder, test::toy_study(), toy);
  EXPECT_FALSE(fs::exists(folder / "labels.dcm"));
  EXPECT_TRUE(fs::exists(folder / "volume" / "ed_000.dcm"));
}

}  // namespace
}  // namespace dmcvr
