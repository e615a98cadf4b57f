// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/questions.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/evaluation/answer_folder.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

fs::path small_phantom(const fs::path& root, int64_t slices) {
  PhantomOptions options;
  options.phases = 2;
  options.slices = slices;
  options.spacing_mm = 4;
  options.matrix = 72;
  options.long_axis = options.dense = false;
  write_phantom(root / "phantom", make_phantom(options));
  return root / "phantom";
}

}  // namespace

TEST(Questions, HoldTheGivenSlicesAndThePlacesOfTheOthers) {
  const auto root = test::fresh_folder();
  const fs::path phantom = small_phantom(root, 5), folder = root / "questions";
  fs::create_directory(folder);
  EXPECT_TRUE(write_questions({phantom}, folder, {}, {}).empty());

  const auto record = read_json(folder / kQuestionsFile);
  EXPECT_EQ(record["protocol"], "held-out-slices");
  const auto& asked = record["cases"].at(0);
  EXPECT_EQ(asked["case"], "phantom");
  EXPECT_EQ(asked["asked"], (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(asked["given"], (std::vector<int64_t>{0, 2, 4}));
  const Study study = read_study(phantom);
  EXPECT_EQ(asked["shape"], (std::vector<int64_t>{72, 72, 5}));
  const Cine given = read_nifti(folder / asked["file"].get<std::string>());
  for (int64_t k = 0; k < 3; ++k)
    EXPECT_TRUE(given.voxels.select(1, k).equal(study.sax.voxels.select(1, 2 * k)));
  // Voxels of the planes lie where those of the study do.
  const auto& affine = study.sax.grid.world_from_voxel;
  for (size_t row = 0; row < 3; ++row) {
    for (size_t column = 0; column < 3; ++column)
      EXPECT_NEAR(asked["affine"][row][column].get<double>(), affine.matrix[row][column], 1e-4);
    EXPECT_NEAR(asked["affine"][row][3].get<double>(), affine.offset[row], 1e-3);
  }
}

// The way of a program that is not ours, from question to score.
TEST(Questions, AnswersOnTheNamedPlanesAreScoredThere) {
  const auto root = test::fresh_folder();
  const fs::path phantom = small_phantom(root, 5), folder = root / "questions";
  fs::create_directory(folder);
  write_questions({phantom}, folder, {}, {});
  const auto asked = read_json(folder / kQuestionsFile)["cases"].at(0);

  Study study = read_study(phantom);
  Cine answer = study.sax;
  for (size_t axis = 0; axis < 3; ++axis) {
    answer.grid.size[axis] = asked["shape"][axis];
    for (size_t row = 0; row < 3; ++row)
      answer.grid.world_from_voxel.matrix[row][axis] = asked["affine"][row][axis];
    answer.grid.world_from_voxel.offset[axis] = asked["affine"][axis][3];
  }
  fs::create_directory(root / "answers");
  write_nifti(root / "answers" / asked["file"].get<std::string>(), answer);
  write_nifti(root / "answers" / "phantom_labels.nii.gz",
              Labels{answer.grid, study.labels->voxels});
  EvaluateOptions options;
  options.folders = {"ours=" + (root / "answers").string()};
  options.methods = {Method::nearest_expert};
  options.pictures_only = false;
  const Contest contest = contest_of(phantom, study, options);
  const Answer found =
      read_answer(answer_folder_from(options.folders[0]), "phantom", contest.question).answer;
  for (const auto& score : score_answer("ours", found, contest.question, contest.truth)) {
    EXPECT_EQ(score.structures.at("LVM").dice, 1);
    EXPECT_GT(score.psnr_db, 100);
  }
}

TEST(Questions, ABrokenCaseIsNamed) {
  const auto root = test::fresh_folder();
  const fs::path phantom = small_phantom(root, 5), folder = root / "questions";
  fs::create_directory(folder);
  std::ofstream(root / "broken.nii.gz") << "no picture";
  const auto failed = write_questions({root / "broken.nii.gz", phantom}, folder, {}, {});
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].name, "broken");
  EXPECT_EQ(read_json(folder / kQuestionsFile)["cases"].size(), 1U);
  EXPECT_THROW(write_questions({root / "broken.nii.gz"}, folder, {}, {}), Error);
}

}  // namespace dmcvr
