// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/nnunet.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/audit.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

Study two_phases(const std::string& name) {
  Study study;
  study.name = name;
  study.source = "test";
  study.sax.grid.size = {20, 18, 4};
  study.sax.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 9}}};
  study.sax.grid.world_from_voxel.offset = {3, -4, 5};
  study.sax.voxels = test::golden_input(name, {2, 4, 18, 20}, 100, 200).round();
  study.phase_names = {"ed", "es"};
  study.labels = Labels{study.sax.grid, torch::zeros({2, 4, 18, 20}, torch::kUInt8)};
  for (int64_t value = 1; value <= 3; ++value)
    study.labels->voxels.slice(2, 4 * value, 4 * value + 2).slice(3, 5, 10).fill_(value);
  return study;
}

// As another tool writes it, in the style of ACDC; a case to test on.
fs::path foreign_dataset(const std::string& labels) {
  const fs::path root = test::fresh_folder() / "Dataset027_ACDC";
  for (const auto* folder : {"imagesTr", "labelsTr", "imagesTs"})
    fs::create_directories(root / folder);
  const Study study = two_phases("foreign");
  const Cine picture{study.sax.grid, study.sax.voxels.narrow(0, 0, 1), {}};
  Labels map = *study.labels;
  map.voxels = map.voxels.narrow(0, 0, 1);
  write_nifti(root / "imagesTr" / "patient001_frame01_0000.nii.gz", picture);
  write_nifti(root / "labelsTr" / "patient001_frame01.nii.gz", map);
  write_nifti(root / "imagesTs" / "patient002_ES_0000.nii.gz", picture);
  std::ofstream(root / "dataset.json")
      << R"({"channel_names": {"0": "cineMRI"}, "numTraining": 1, "file_ending": ".nii.gz", "labels": )"
      << labels << "}";
  return root;
}

}  // namespace

TEST(Nnunet, ReadsADataSetByTheNamesOfItsLabels) {
  const auto root = foreign_dataset(R"({"background": 0, "RV": 1, "MLV": 2, "LVC": 3})");
  const auto cases = find_cases(root);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases, find_cases(root.parent_path()));
  EXPECT_EQ(case_name(cases[0]), "patient001_frame01");
  const Study study = read_study(cases[0]);
  study.check();
  EXPECT_EQ(study.source, "nnU-Net");
  EXPECT_EQ(study.phase_names, std::vector<std::string>{"phase00"});
  ASSERT_TRUE(study.labels);
  EXPECT_EQ(study.labels->voxels[0][1][4][6].item<int>(), kRvc);
  EXPECT_EQ(study.labels->voxels[0][1][12][6].item<int>(), kLvc);
  EXPECT_TRUE(is_fully_labeled(study));
  EXPECT_TRUE(has_inputs(cases[0], study.inputs));
  const Study test = read_study(cases[1]);
  EXPECT_FALSE(test.labels);
  EXPECT_EQ(test.phase_names, std::vector<std::string>{"es"});
  const Audit audit = audit_study(cases[0]);
  EXPECT_EQ(audit.layout, "nnU-Net");
  EXPECT_TRUE(audit.series.at(0).has_labels);
}

TEST(Nnunet, LabelsThatNobodyNamedAreNotKnown) {
  const auto root = foreign_dataset(R"({"0": "background", "1": "LV", "2": "scar", "3": "fat"})");
  const Study study = read_study(find_cases(root).front());
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>{{kLvc}}));
  EXPECT_EQ(study.labels->voxels.max().item<int>(), kLvc);
}

TEST(Nnunet, RefusesWhatItCannotMean) {
  const auto liver = find_cases(foreign_dataset(R"({"background": 0, "liver": 1})")).front();
  EXPECT_THROW(read_study(liver), Error);
  const auto value = find_cases(foreign_dataset(R"({"background": 0, "LV": 1})")).front();
  EXPECT_THROW(read_study(value), Error);  // 2 and 3 are not named
  const auto channels = foreign_dataset(R"({"LV": 1, "MYO": 2, "RV": 3})");
  const auto first = channels / "imagesTr" / "patient001_frame01_0000.nii.gz";
  EXPECT_NO_THROW(read_study(first));
  fs::copy(first, channels / "imagesTr" / "patient001_frame01_0001.nii.gz");
  EXPECT_THROW(read_study(first), Error);
}

TEST(Nnunet, WhatIsWrittenComesBack) {
  const auto root = test::fresh_folder() / "Dataset501_Hearts";
  NnunetWriter writer(root);
  const Study study = two_phases("a");
  Study partly = two_phases("b");
  partly.drawn = {{kLvc}, {kLvc, kLvm, kRvc}};
  Study plain = two_phases("c");
  plain.labels.reset();
  EXPECT_EQ(writer.add(study), 2);
  EXPECT_EQ(writer.add(partly), 1);
  EXPECT_EQ(writer.add(plain), 0);
  // Of a study that fails midway nothing stays.
  Study clash = two_phases("d");
  std::ofstream(root / "imagesTr" / "d_es_0000.nii.gz") << "there already";
  EXPECT_THROW(writer.add(clash), Error);
  EXPECT_FALSE(fs::exists(root / "imagesTr" / "d_ed_0000.nii.gz"));
  EXPECT_FALSE(fs::exists(root / "labelsTr" / "d_ed.nii.gz"));
  fs::remove(root / "imagesTr" / "d_es_0000.nii.gz");
  writer.finish();
  const auto content = read_json(root / "dataset.json");
  EXPECT_EQ(content.at("numTraining"), 3);
  EXPECT_EQ(content.at("file_ending"), ".nii.gz");
  EXPECT_EQ(content.at("labels").at("RVC"), 3);
  EXPECT_EQ(content.at("channel_names").size(), 1U);
  EXPECT_TRUE(is_our_nnunet_dataset(root));
  EXPECT_FALSE(is_our_nnunet_dataset(foreign_dataset("{\"LV\": 1}")));

  const auto cases = find_cases(root);
  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(case_name(cases[2]), "b_es");
  for (int64_t phase = 0; phase < 2; ++phase) {
    const Study back = read_study(cases[static_cast<size_t>(phase)]);
    EXPECT_EQ(back.phase_names[0], study.phase_names[static_cast<size_t>(phase)]);
    EXPECT_TRUE(same_grid(back.sax.grid, study.sax.grid));
    EXPECT_TRUE(back.sax.voxels[0].equal(study.sax.voxels[phase]));
    EXPECT_TRUE(back.labels->voxels[0].equal(study.labels->voxels[phase]));
  }
  NnunetWriter nothing(test::fresh_folder() / "Dataset502_None");
  EXPECT_THROW(nothing.finish(), Error);
}

TEST(Nnunet, NamesThatItFinds) {
  EXPECT_NO_THROW(check_nnunet_name("x/Dataset001_A"));
  EXPECT_NO_THROW(check_nnunet_name("x/Dataset001_A/"));
  for (const auto* name : {"Hearts", "Dataset1_A", "Dataset001_", "Dataset001A", "x"})
    EXPECT_THROW(check_nnunet_name(name), Error) << name;
}

}  // namespace dmcvr
