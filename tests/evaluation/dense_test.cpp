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

TEST(DenseScore, TheTruthItselfIsPerfect) {
  const auto scores = score_dense(test::toy_reconstruction(), toy_truth());
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[2].method, "dmcvr");
  for (const auto& [label, dice] : scores[2].dice) EXPECT_DOUBLE_EQ(dice, 1) << label;
  EXPECT_TRUE(std::isinf(scores[2].psnr));
}

TEST(DenseScore, LinearImagesAreExactOnARampAndNearestOnesAreNot) {
  // The toy's values grow evenly from plane to plane.
  const auto scores = score_dense(test::toy_reconstruction(), toy_truth());
  EXPECT_GT(scores[1].psnr, 100);
  EXPECT_LT(scores[0].psnr, 60);
  EXPECT_TRUE(scores[1].dice.empty());
}

TEST(DenseScore, AcquiredPlanesAreNotScored) {
  Reconstruction made = test::toy_reconstruction();
  made.labels.voxels.index_fill_(1, torch::tensor({0, 2, 4}), 0);
  const auto scores = score_dense(made, toy_truth());
  EXPECT_DOUBLE_EQ(scores[2].dice.at(kLvc), 1);
  EXPECT_DOUBLE_EQ(scores[0].dice.at(kLvc), 0);
}

TEST(DenseScore, PhasesAreMatchedByTime) {
  Reconstruction made = test::toy_reconstruction();
  made.volume = {made.volume.grid, made.volume.voxels.narrow(0, 1, 1), {400}};
  made.labels.voxels = made.labels.voxels.narrow(0, 1, 1);
  EXPECT_TRUE(std::isinf(score_dense(made, toy_truth())[2].psnr));
  made.volume.times_ms = {123};
  EXPECT_THROW(score_dense(made, toy_truth()), Error);
  EXPECT_THROW(check_truth(made.volume, toy_truth()), Error);
  made.volume.times_ms = {};
  EXPECT_THROW(score_dense(made, toy_truth()), Error);
  EXPECT_THROW(check_truth(made.volume, toy_truth()), Error);
}

TEST(DenseScore, ATruthElsewhereIsRefused) {
  DenseTruth truth = toy_truth();
  truth.labels.grid.world_from_voxel.offset = {5000, 0, 0};
  EXPECT_THROW(score_dense(test::toy_reconstruction(), truth), Error);
  EXPECT_THROW(check_truth(test::toy_reconstruction().volume, truth), Error);
  EXPECT_NO_THROW(check_truth(test::toy_reconstruction().volume, toy_truth()));
}

TEST(DenseTruth, IsReadFromItsFolder) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(read_dense_truth(folder), Error);
  const DenseTruth truth = toy_truth();
  write_nifti(folder / "dense_image.nii.gz", truth.image);
  write_nifti(folder / "dense_labels.nii.gz", truth.labels);
  EXPECT_TRUE(read_dense_truth(folder).labels.voxels.equal(truth.labels.voxels));
}

TEST(ScoreTable, HasALinePerMethodAndADashWhereThereIsNoScore) {
  const auto lines = score_table(score_dense(test::toy_reconstruction(), toy_truth()));
  ASSERT_EQ(lines.size(), 4U);
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size()) << line;
  EXPECT_NE(lines[2].find(" - "), std::string::npos);
  EXPECT_NE(lines[3].find("1.000"), std::string::npos);
}

}  // namespace
}  // namespace dmcvr
