// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/answer_folder.h"

#include "evaluation/tiny_case.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/evaluation/protocols.h"
#include "dmcvr/evaluation/scores.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// The hidden slices and what lies there, as another program would write all planes.
struct Known {
  Study study = test::tiny_labeled_study();
  Contest contest = hold_out_slices(study);
  Cine images;
  Labels labels;
  AnswerFolder folder = {"other", test::fresh_folder()};

  Known() {
    const auto& planes = contest.question.planes.grid;
    images.grid = labels.grid = planes;
    images.voxels = contest.truth.images;
    labels.voxels = contest.truth.labels;
  }
  FolderAnswer read() const { return read_answer(folder, "case1", contest.question); }
  torch::Tensor asked(const torch::Tensor& planes) const {
    return planes.index_select(1, torch::tensor(contest.question.asked, torch::kInt64));
  }
  std::string failure() const {
    try {
      read();
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
};

Cine one_phase(const Cine& cine, int64_t phase) {
  return {cine.grid, cine.voxels.narrow(0, phase, 1), {}};
}

// The same voxels in another order of rows and planes, which the grid undoes.
Cine flipped(const Cine& cine) {
  Cine result = cine;
  result.voxels = cine.voxels.flip({1, 2}).contiguous();
  Affine flip;
  flip.matrix[1][1] = flip.matrix[2][2] = -1;
  flip.offset = {0, static_cast<double>(cine.grid.size[1] - 1),
                 static_cast<double>(cine.grid.size[2] - 1)};
  result.grid.world_from_voxel = cine.grid.world_from_voxel * flip;
  return result;
}

}  // namespace

TEST(AnswerFolder, IsANameAndAFolder) {
  const auto folder = test::fresh_folder();
  const auto found = answer_folder_from("deep-recon.2=" + folder.string());
  EXPECT_EQ(found.method, "deep-recon.2");
  EXPECT_EQ(found.path, folder);
  for (const std::string& text :
       {std::string("deeprecon"), "=" + folder.string(), "a b=" + folder.string(),
        "shape=" + folder.string(), "deeprecon=" + (folder / "missing").string()}) {
    EXPECT_THROW(answer_folder_from(text), Error) << text;
  }
}

TEST(AnswerFolder, TheTruthOnItsPlanesScoresOne) {
  const Known known;
  write_nifti(known.folder.path / "case1.nii.gz", known.images);
  write_nifti(known.folder.path / "case1_labels.nii.gz", known.labels);
  const FolderAnswer found = known.read();
  EXPECT_TRUE(found.answer.images.equal(known.asked(known.contest.truth.images)));
  EXPECT_TRUE(found.answer.labels.equal(known.asked(known.contest.truth.labels)));
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].name, (known.folder.path / "case1.nii.gz").string());
  for (const auto& score :
       score_answer("other", found.answer, known.contest.question, known.contest.truth))
    EXPECT_EQ(score.structures.at("LVC").dice, 1);
}

TEST(AnswerFolder, NamesAndOrientationAreFree) {
  const Known known;
  const auto& phases = known.contest.question.given.phase_names;
  ASSERT_EQ(phases.size(), 2U);
  for (int64_t t = 0; t < 2; ++t) {
    write_nifti(known.folder.path / ("case1_" + phases[static_cast<size_t>(t)] + ".nii"),
                flipped(one_phase(known.images, t)));
  }
  fs::create_directory(known.folder.path / "case1");
  write_nifti(known.folder.path / "case1" / "labels.nii.gz",
              relabel(known.labels, acdc_label_table()));
  const FolderAnswer found = known.read();
  EXPECT_TRUE(found.answer.images.allclose(known.asked(known.contest.truth.images), 1e-6, 1e-3));
  EXPECT_TRUE(found.answer.labels.equal(known.asked(known.contest.truth.labels)));
  EXPECT_EQ(found.files.size(), 3U);
}

TEST(AnswerFolder, APictureOfTheHeartAloneIsFilledUpLinearly) {
  const Known known;
  Cine crop = known.images;
  crop.grid.size[0] = 20;
  crop.voxels = known.images.voxels.slice(3, 0, 20).contiguous();
  write_nifti(known.folder.path / "case1.nii.gz", crop);
  const auto images = known.read().answer.images;
  const auto truth = known.asked(known.contest.truth.images);
  EXPECT_TRUE(images.slice(3, 0, 20).equal(truth.slice(3, 0, 20)));
  Contestants contestants(known.contest.question, {}, {});
  const auto linear = contestants.answer(Method::linear).images;
  EXPECT_TRUE(images.slice(3, 20).equal(linear.slice(3, 20)));
  EXPECT_FALSE(known.read().answer.labels.defined());
}

TEST(AnswerFolder, SaysWhatIsWrong) {
  const Known known;
  EXPECT_NE(known.failure().find("holds no answer for case1"), std::string::npos);

  const fs::path picture = known.folder.path / "case1.nii.gz";
  write_nifti(picture, one_phase(known.images, 0));
  EXPECT_NE(known.failure().find("holds 1 phases, 2 were asked for"), std::string::npos);

  Cine elsewhere = known.images;
  elsewhere.grid.world_from_voxel.offset[2] += 1000;
  write_nifti(picture, elsewhere);
  EXPECT_NE(known.failure().find("lies elsewhere"), std::string::npos);
  fs::remove(picture);

  // Values of ACDC that the header says nothing about.
  NiftiWriteOptions silent;
  silent.descrip = "segmented";
  write_nifti(known.folder.path / "case1_labels.nii.gz", relabel(known.labels, acdc_label_table()),
              silent);
  EXPECT_NE(known.failure().find("by their shapes the labels are 1=RVC 2=LVM 3=LVC"),
            std::string::npos)
      << known.failure();
}

// Labels elsewhere in space would otherwise be scored as if nothing had been found.
TEST(AnswerFolder, LabelsHaveToReachThePlanesAsPicturesDo) {
  const Known known;
  const fs::path file = known.folder.path / "case1_labels.nii.gz";
  Labels elsewhere = known.labels;
  elsewhere.grid.world_from_voxel.offset[2] += 1000;
  write_nifti(file, elsewhere);
  EXPECT_NE(known.failure().find("misses 2 of the 2 planes"), std::string::npos);
  EXPECT_EQ(known.failure().rfind(file.string(), 0), 0U);

  Labels few = known.labels;  // planes 0 and 1 of 5; 1 and 3 are asked for
  few.grid.size[2] = 2;
  few.voxels = known.labels.voxels.narrow(1, 0, 2).contiguous();
  write_nifti(file, few);
  EXPECT_NE(known.failure().find("misses 1 of the 2 planes"), std::string::npos) << known.failure();

  Labels cropped = known.labels;  // of the heart alone
  cropped.grid.size[0] = 32;
  cropped.voxels = known.labels.voxels.slice(3, 0, 32).contiguous();
  write_nifti(file, cropped);
  EXPECT_EQ(known.failure(), "");
}

}  // namespace dmcvr
