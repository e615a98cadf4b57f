// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/dense.h"

#include "report/toy_reconstruction.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// A truth of which the acquired planes of the toy are copies.
DenseTruth toy_truth() {
  const Reconstruction made = test::toy_reconstruction();
  return {made.volume, made.labels};
}

// The study whose reconstruction the toy is: planes 0, 2 and 4.
Study sparse_toy() {
  const Reconstruction made = test::toy_reconstruction();
  const auto acquired = torch::tensor(made.acquired_planes);
  Study study;
  study.name = "toy";
  study.sax = made.volume;
  study.sax.grid.size[2] = 3;
  for (auto& row : study.sax.grid.world_from_voxel.matrix) row[2] *= 2;
  study.sax.voxels = made.volume.voxels.index_select(1, acquired);
  study.phase_names = made.phase_names;
  return study;
}

// Of one method, in both phases.
std::vector<VolumeScore> scores_of(const std::string& method, const Reconstruction& made) {
  std::vector<VolumeScore> found;
  for (const auto& score : score_dense(sparse_toy(), made, toy_truth(), Method::dmcvr)) {
    if (score.method == method) found.push_back(score);
  }
  EXPECT_EQ(found.size(), 2U);
  return found;
}

TEST(DenseScore, TheTruthItselfIsPerfect) {
  for (const auto& score : scores_of("dmcvr", test::toy_reconstruction())) {
    EXPECT_DOUBLE_EQ(mean_dice(score), 1);
    EXPECT_TRUE(std::isinf(score.psnr_db));
    EXPECT_EQ(score.planes, 2);
  }
}

TEST(DenseScore, LinearImagesAreExactOnARampAndNearestOnesAreNot) {
  // The toy's values grow evenly from plane to plane.
  const auto linear = scores_of("linear", test::toy_reconstruction())[0];
  EXPECT_GT(linear.psnr_db, 100);
  EXPECT_TRUE(linear.structures.empty());
  EXPECT_LT(scores_of("nearest", test::toy_reconstruction())[0].psnr_db, 60);
}

TEST(DenseScore, AcquiredPlanesAreNotScored) {
  Reconstruction made = test::toy_reconstruction();
  made.labels.voxels.index_fill_(1, torch::tensor({0, 2, 4}), 0);
  EXPECT_DOUBLE_EQ(scores_of("dmcvr", made)[0].structures.at("LVC").dice, 1);
  EXPECT_DOUBLE_EQ(scores_of("nearest", made)[0].structures.at("LVC").dice, 0);
}

TEST(DenseContest, PhasesAreMatchedByTime) {
  Study study = sparse_toy();
  study.sax.voxels = study.sax.voxels.narrow(0, 1, 1);
  study.phase_names = {"es"};
  study.sax.times_ms = {400};
  const Contest contest = ask_for_dense(study, toy_truth(), 4);
  EXPECT_TRUE(contest.truth.images[0].equal(toy_truth().image.voxels[1]));
  EXPECT_EQ(contest.truth.source, TruthSource::phantom);
  for (const std::vector<double>& times : {std::vector<double>{123}, {}}) {
    study.sax.times_ms = times;
    EXPECT_THROW(ask_for_dense(study, toy_truth()), Error);
    EXPECT_THROW(check_truth(study.sax, toy_truth()), Error);
  }
}

TEST(DenseContest, AsksForThePlanesOfTheReconstruction) {
  EXPECT_EQ(ask_for_dense(sparse_toy(), toy_truth(), 4).question.asked,
            (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(ask_for_dense(sparse_toy(), toy_truth(), 2).question.asked.size(), 6U);
  EXPECT_THROW(ask_for_dense(sparse_toy(), toy_truth(), 8), Error);  // no plane between
}

TEST(DenseContest, ATruthElsewhereIsRefused) {
  DenseTruth truth = toy_truth();
  truth.labels.grid.world_from_voxel.offset = {5000, 0, 0};
  EXPECT_THROW(ask_for_dense(sparse_toy(), truth), Error);
  EXPECT_THROW(check_truth(sparse_toy().sax, truth), Error);
  EXPECT_NO_THROW(check_truth(sparse_toy().sax, toy_truth()));
}

TEST(DenseTruth, IsReadFromItsFolder) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(read_dense_truth(folder), Error);
  const DenseTruth truth = toy_truth();
  write_nifti(folder / "dense_image.nii.gz", truth.image);
  write_nifti(folder / "dense_labels.nii.gz", truth.labels);
  EXPECT_TRUE(read_dense_truth(folder).labels.voxels.equal(truth.labels.voxels));
}

}  // namespace
}  // namespace dmcvr
