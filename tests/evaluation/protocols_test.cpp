// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/protocols.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(HoldOutSlices, GivesEverySecondSliceAtItsPlaceAndAsksForThoseBetween) {
  for (const int64_t slices : {3, 4, 5, 8, 9}) {
    const Study study = test::tiny_labeled_study(2, slices);
    const Contest contest = hold_out_slices(study);
    const Question& question = contest.question;
    question.given.check();
    const int64_t hidden = (slices - 1) / 2;
    ASSERT_EQ(static_cast<int64_t>(question.asked.size()), hidden);
    ASSERT_EQ(question.given.sax.grid.size[2], hidden + 1);
    EXPECT_EQ(contest.truth.images.size(1), 2 * hidden + 1);

    const auto world = [](const Grid& grid, double k) { return grid.world_from_voxel({3, 4, k}); };
    for (int64_t m = 0; m < hidden; ++m) {
      EXPECT_EQ(question.asked[static_cast<size_t>(m)], 2 * m + 1);
      EXPECT_NEAR(length(minus(world(question.planes.grid, 2 * m + 1.0),
                               world(study.sax.grid, 2 * m + 1.0))),
                  0, 1e-9);
    }
    for (int64_t k = 0; k <= hidden; ++k) {
      EXPECT_TRUE(question.given.sax.voxels.select(1, k).equal(study.sax.voxels.select(1, 2 * k)));
      EXPECT_TRUE(
          question.given.labels->voxels.select(1, k).equal(study.labels->voxels.select(1, 2 * k)));
      EXPECT_NEAR(length(minus(world(question.given.sax.grid, static_cast<double>(k)),
                               world(study.sax.grid, 2.0 * static_cast<double>(k)))),
                  0, 1e-9);
    }
  }
}

TEST(HoldOutSlices, TheQuestionKnowsNothingOfHiddenSlices) {
  const Study study = test::tiny_labeled_study(2, 7);
  Study other = test::tiny_labeled_study(2, 7);
  for (const int64_t hidden : {1, 3, 5}) {
    other.sax.voxels.select(1, hidden).fill_(1e6);
    other.labels->voxels.select(1, hidden).fill_(3);
  }
  const Question a = hold_out_slices(study).question, b = hold_out_slices(other).question;
  EXPECT_TRUE(a.given.sax.voxels.equal(b.given.sax.voxels));
  EXPECT_TRUE(a.given.labels->voxels.equal(b.given.labels->voxels));
}

TEST(HoldOutSlices, TheBoxAndBrightnessAreThoseOfTheWholeStack) {
  Study study = test::tiny_labeled_study(1, 4);
  study.labels->voxels.zero_();
  study.labels->voxels[0][1][20][20] = 1;
  study.labels->voxels[0][3][35][3] = 1;  // in the slice that is neither given nor asked for
  const Truth truth = hold_out_slices(study).truth;
  EXPECT_TRUE(truth.box[0][1][39][0].item<bool>());
  EXPECT_EQ(truth.p98, percentiles_98(study.sax.voxels));
  EXPECT_EQ(truth.source, TruthSource::experts);
}

TEST(HoldOutSlices, UnevenOrTooFewSlicesAreRefused) {
  EXPECT_THROW(hold_out_slices(test::tiny_labeled_study(1, 2)), Error);
  Study study = test::tiny_labeled_study(1, 5);
  study.slice_z_mm = {0, 9, 18, 27, 36};
  EXPECT_NO_THROW(hold_out_slices(study));
  study.slice_z_mm = {0, 7, 18, 27, 36};
  EXPECT_THROW(hold_out_slices(study), Error);
}

TEST(AskForAcquired, GivesAndAsksForAll) {
  Study study = test::tiny_labeled_study(2, 4);
  study.labels.reset();
  const Contest contest = ask_for_given(study);
  EXPECT_TRUE(contest.question.asks_for_given());
  EXPECT_EQ(contest.question.asked, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_TRUE(contest.truth.images.equal(study.sax.voxels));
  EXPECT_FALSE(contest.truth.labels.defined());
  EXPECT_EQ(contest.truth.source, TruthSource::segmenter);
  EXPECT_FALSE(hold_out_slices(study).question.asks_for_given());
}

}  // namespace dmcvr
