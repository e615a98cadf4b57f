// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

Cine test_cine(int64_t phases, int64_t slices) {
  Cine cine;
  cine.grid.size = {6, 5, slices};
  cine.grid.world_from_voxel.matrix = {{{1.5, 0, 0}, {0, 1.5, 0}, {0, 0, 8}}};
  cine.voxels = torch::arange(phases * slices * 30, torch::kFloat32).view({phases, slices, 5, 6});
  return cine;
}

void write_text(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

// ED is the later frame here.
fs::path write_acdc(const fs::path& folder, const std::string& name) {
  const fs::path patient = folder / name;
  fs::create_directories(patient);
  write_text(patient / "Info.cfg", "ED: 9\nES: 2\nGroup: NOR\nHeight: 180.0\nNbFrame: 12\nWeight: 75.5\n");
  const Cine cine = test_cine(2, 3);
  for (const int64_t frame : {2, 9}) {
    const std::string stem = fmt::format("{}_frame{:02}", name, frame);
    write_nifti(patient / (stem + ".nii.gz"), Cine{cine.grid, cine.voxels.narrow(0, frame == 2 ? 0 : 1, 1), {}});
    // ACDC's 1, 2, 3 are our 3, 2, 1.
    const auto values = (cine.voxels.narrow(0, 0, 1).to(torch::kInt64) % 4).to(torch::kUInt8);
    write_nifti(patient / (stem + "_gt.nii.gz"), Labels{cine.grid, values, acdc_label_table()});
  }
  return patient;
}

std::string error_of(const fs::path& path, const ReadStudyOptions& options = {}) {
  try {
    read_study(path, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST(Layouts, AnAcdcPatientIsReadInTimeOrderWithOurLabels) {
  const Study study = read_study(write_acdc(test::fresh_folder(), "patient007"));
  EXPECT_EQ(study.name, "patient007");
  EXPECT_EQ(study.source, "ACDC");
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"es", "ed"}));
  EXPECT_TRUE(study.sax.voxels.equal(test_cine(2, 3).voxels));
  ASSERT_TRUE(study.labels);
  EXPECT_EQ(study.labels->table, label_table());
  const auto acdc = test_cine(1, 3).voxels.to(torch::kInt64) % 4;
  const auto ours = study.labels->voxels[0].to(torch::kInt64);
  EXPECT_TRUE(((acdc[0] == 0) == (ours == 0)).all().item<bool>());
  EXPECT_TRUE(((acdc[0] == 1) == (ours == kRvc)).all().item<bool>());
  EXPECT_TRUE(((acdc[0] == 3) == (ours == kLvc)).all().item<bool>());
  EXPECT_EQ(study.height_cm, 180.0);
  EXPECT_EQ(study.weight_kg, 75.5);
  ASSERT_EQ(study.inputs.size(), 4u);
  EXPECT_EQ(study.inputs[0].name, "patient007_frame02.nii.gz");
  EXPECT_EQ(study.inputs[0].sha256.size(), 64u);
}

TEST(Layouts, TheWholeCineOfAnAcdcPatientIsReadWhereWanted) {
  const auto patient = write_acdc(test::fresh_folder(), "patient008");
  EXPECT_THAT(error_of(patient, {true}), testing::HasSubstr("patient008_4d.nii.gz is missing"));
  write_nifti(patient / "patient008_4d.nii.gz", test_cine(12, 3));
  const Study study = read_study(patient, {true});
  EXPECT_EQ(study.sax.phase_count(), 12);
  EXPECT_EQ(study.phase_names[8], "ed");
  EXPECT_EQ(study.phase_names[1], "es");
  EXPECT_EQ(study.phase_names[0], "phase00");
  EXPECT_FALSE(study.labels);
  EXPECT_TRUE(read_study(patient).labels);
}

TEST(Layouts, LabelsAreOptional) {
  const auto patient = write_acdc(test::fresh_folder(), "p");
  fs::remove(patient / "p_frame02_gt.nii.gz");
  fs::remove(patient / "p_frame09_gt.nii.gz");
  EXPECT_FALSE(read_study(patient).labels);
}

TEST(Layouts, NiftiFilesAreStudiesOfNumberedPhases) {
  const auto folder = test::fresh_folder();
  write_nifti(folder / "stack.nii.gz", test_cine(1, 4));
  write_nifti(folder / "cine.nii", test_cine(3, 4));
  const Study one = read_study(folder / "stack.nii.gz"), three = read_study(folder / "cine.nii");
  EXPECT_EQ(one.name, "stack");
  EXPECT_EQ(one.phase_names, (std::vector<std::string>{"phase00"}));
  EXPECT_EQ(three.name, "cine");
  EXPECT_EQ(three.phase_names, (std::vector<std::string>{"phase00", "phase01", "phase02"}));
}

TEST(Layouts, EachBadInputGetsOneClearLine) {
  const auto folder = test::fresh_folder();
  using testing::AllOf, testing::HasSubstr, testing::Not;
  const auto one_line = [](const std::string& part) { return AllOf(HasSubstr(part), Not(HasSubstr("\n"))); };
  EXPECT_THAT(error_of(folder / "absent"), one_line("there is no such file or folder"));
  EXPECT_THAT(error_of(folder), one_line("no study in this folder"));

  write_text(folder / "text.nii.gz", "not an image");
  EXPECT_THAT(error_of(folder / "text.nii.gz"), one_line("text.nii.gz"));
  write_nifti(folder / "flat.nii.gz", test_cine(1, 1));
  EXPECT_THAT(error_of(folder / "flat.nii.gz"), one_line("a single slice of 6x5 pixels"));
  Cine empty = test_cine(2, 3);
  empty.voxels[1].zero_();
  write_nifti(folder / "empty.nii.gz", empty);
  EXPECT_THAT(error_of(folder / "empty.nii.gz"), one_line("phase 1 has the value 0 in every voxel"));

  const auto damaged = [&](const std::string& info) {
    const auto patient = write_acdc(test::fresh_folder(), "q");
    write_text(patient / "Info.cfg", info);
    return error_of(patient);
  };
  EXPECT_THAT(damaged("ES: 2\n"), one_line("'ED: <frame>' is missing"));
  EXPECT_THAT(damaged("ED: first\nES: 2\n"), one_line("'ED: first' is not the number of a frame"));
  EXPECT_THAT(damaged("ED: 2\nES: 2\n"), one_line("both frame 2"));
  EXPECT_THAT(damaged("ED: 1\nES: 2\n"), one_line("q_frame01.nii.gz is missing, which Info.cfg names as ed"));

  const auto uneven = write_acdc(test::fresh_folder(), "r");
  write_nifti(uneven / "r_frame09.nii.gz", test_cine(1, 4));
  EXPECT_THAT(error_of(uneven), one_line("its grid differs from that of r_frame02.nii.gz"));
}

TEST(Layouts, CasesAreFoundInOrder) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(find_cases(folder), Error);
  EXPECT_THROW(find_cases(folder / "absent"), Error);
  for (const char* name : {"patient010", "patient002"}) write_acdc(folder, name);
  fs::create_directories(folder / "phantom");
  write_nifti(folder / "phantom" / "sax.nii.gz", test_cine(1, 2));
  fs::create_directories(folder / "other");
  const auto cases = find_cases(folder);
  EXPECT_EQ(cases, (std::vector<fs::path>{folder / "patient002", folder / "patient010", folder / "phantom"}));
  EXPECT_EQ(find_cases(folder / "phantom"), (std::vector<fs::path>{folder / "phantom"}));
}

TEST(Layouts, ReadsTheFirstPatientOfAcdc) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const Study study = read_study(*data / "acdc" / "training" / "patient001");
  EXPECT_EQ(study.sax.grid.size, (std::array<int64_t, 3>{216, 256, 10}));
  const auto spacing = study.sax.grid.spacing_mm();
  EXPECT_NEAR(spacing[0], 1.5625, 1e-4);
  EXPECT_NEAR(spacing[2], 10, 1e-4);
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"ed", "es"}));
  const auto ml = [&](int64_t t, int64_t label) {
    return static_cast<double>((study.labels->voxels[t] == label).sum().item<int64_t>()) * study.sax.grid.voxel_ml();
  };
  EXPECT_NEAR(ml(0, kLvc), 296, 1);
  EXPECT_NEAR(ml(1, kLvc), 226, 1);
  EXPECT_NEAR(ml(0, kRvc), 140, 1);
  EXPECT_NEAR(ml(1, kRvc), 60, 1);
  EXPECT_NEAR(ml(0, kLvm) * 1.05, 172, 1);
  EXPECT_EQ(find_cases(*data / "acdc" / "training").size(), 100u);
}

}  // namespace dmcvr
