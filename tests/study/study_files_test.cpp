// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study_files.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

bool has_mark(const fs::path& folder) {
  return is_file(folder / "mark");
}

void make_marked(const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream(folder / "mark") << "x";
}

}  // namespace

TEST(FilesEndingWith, LooksAtNamesWithoutTheirEndings) {
  const auto folder = test::fresh_folder();
  for (const auto* name : {"a_sa.nii.gz", "a_sa_gt.nii", ".b_sa.nii", "a_sa.txt"})
    std::ofstream(folder / name) << "x";
  EXPECT_EQ(file_ending_with(folder, "_sa"), folder / "a_sa.nii.gz");
  EXPECT_EQ(file_ending_with(folder, "_gt"), folder / "a_sa_gt.nii");
  EXPECT_TRUE(file_ending_with(folder, "_es").empty());
  EXPECT_TRUE(files_ending_with(folder / "nothing", "_sa").empty());
  std::ofstream(folder / "c_sa.nii") << "x";
  EXPECT_THROW(file_ending_with(folder, "_sa"), Error);
}

TEST(FoldersBelow, TakesTheNearestOrAllFartherBelow) {
  const auto root = test::fresh_folder();
  make_marked(root / "set" / "training" / "labeled" / "b");
  make_marked(root / "set" / "validation" / "a");
  make_marked(root / "set" / "validation" / "a" / "inside");
  make_marked(root / "set" / ".hidden");
  make_marked(root / "set" / "1" / "2" / "3" / "4" / "too-deep");
  EXPECT_EQ(folders_below(root / "set", has_mark),
            (std::vector<fs::path>{root / "set" / "training" / "labeled" / "b",
                                   root / "set" / "validation" / "a"}));
  make_marked(root / "set" / "c");
  EXPECT_EQ(folders_below(root / "set", has_mark), std::vector<fs::path>{root / "set" / "c"});
  std::vector<fs::path> passed_over;
  EXPECT_EQ(folders_below(root / "set", has_mark, &passed_over),
            std::vector<fs::path>{root / "set" / "c"});
  EXPECT_EQ(passed_over, (std::vector<fs::path>{root / "set" / "training" / "labeled" / "b",
                                                root / "set" / "validation" / "a"}));
  EXPECT_TRUE(folders_below(root / "none", has_mark).empty());
}

TEST(NumberIn, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(number_in("12.5"), 12.5);
  for (const auto* text : {"", "1st", "nan", "inf", "1e999", "N/A"}) EXPECT_FALSE(number_in(text));
}

TEST(CheckLabelsOf, SaysWhatDiffers) {
  Cine picture;
  picture.grid.size = {5, 4, 3};
  picture.voxels = torch::ones({2, 3, 4, 5});
  const Labels labels{picture.grid, torch::ones({2, 3, 4, 5}, torch::kUInt8)};
  const auto error = [&](const Labels& checked) -> std::string {
    try {
      check_labels_of(picture, checked, "heart/labels.nii.gz");
      return "";
    } catch (const Error& refusal) {
      return refusal.what();
    }
  };
  EXPECT_EQ(error(labels), "");
  Labels fewer = labels;
  fewer.grid.size[2] = 2;
  fewer.voxels = labels.voxels.slice(1, 0, 2);
  EXPECT_EQ(error(fewer),
            "heart/labels.nii.gz: 5x4x2 voxels in 2 phases, expected those of the picture: 5x4x3 "
            "in 2");
  EXPECT_NE(error({labels.grid, labels.voxels.slice(0, 0, 1)}).find("in 1 phases"),
            std::string::npos);
  Labels moved = labels;
  moved.grid.world_from_voxel.offset[1] = 12.5;
  EXPECT_EQ(error(moved),
            "heart/labels.nii.gz: lies elsewhere in the patient than its picture, by up to 12.5 mm "
            "at a corner");
}

}  // namespace dmcvr
