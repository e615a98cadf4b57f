// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/scores.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

Contest scored_contest() {
  return hold_out_slices(test::tiny_labeled_study(2, 5));
}

}  // namespace

TEST(ScoreAnswer, TheTruthAgainstItselfIsPerfect) {
  const Contest contest = scored_contest();
  const auto scores =
      score_answer("truth", test::truth_as_answer(contest), contest.question, contest.truth);
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[1].phase, "phase01");
  for (const auto& score : scores) {
    EXPECT_EQ(score.planes, 2);
    EXPECT_TRUE(std::isinf(score.psnr_db));
    EXPECT_EQ(score.shifts_mm, (std::vector<double>{0, 0}));
    EXPECT_DOUBLE_EQ(mean_dice(score), 1);
    EXPECT_DOUBLE_EQ(mean_dice_pose_free(score), 1);
    ASSERT_EQ(score.structures.size(), 4U);
    for (const auto& [name, structure] : score.structures) {
      EXPECT_EQ(structure.dice, 1) << name;
      EXPECT_EQ(structure.voe_percent, 0) << name;
      EXPECT_EQ(structure.hd_mm, 0) << name;
      EXPECT_EQ(structure.hd95_mm, 0) << name;
      EXPECT_EQ(structure.assd_mm, 0) << name;
      EXPECT_EQ(structure.assd_voxels, 0) << name;
      EXPECT_EQ(structure.volume_ml, structure.true_volume_ml) << name;
      EXPECT_GT(structure.volume_ml, 0) << name;
    }
  }
}

TEST(ScoreAnswer, WhatTheExpertsDidNotDrawIsNotScored) {
  Contest contest = scored_contest();
  Answer answer = test::truth_as_answer(contest);
  contest.truth.drawn = {{kLvc}, {}};
  contest.truth.labels[0].masked_fill_(contest.truth.labels[0] != kLvc, 0);
  contest.truth.labels[1].zero_();
  const auto scores = score_answer("whole", answer, contest.question, contest.truth);
  EXPECT_EQ(scores[0].structures.at("LVC").dice, 1);
  EXPECT_EQ(scores[0].structures.at("LVC").hd_mm, 0);
  EXPECT_DOUBLE_EQ(mean_dice(scores[0]), 1);  // of what has a score
  for (const auto* name : {"LVM", "RVC", kUnion}) {
    EXPECT_TRUE(std::isnan(scores[0].structures.at(name).dice)) << name;
    EXPECT_TRUE(std::isnan(scores[0].structures.at(name).true_volume_ml)) << name;
  }
  EXPECT_TRUE(std::isnan(mean_dice(scores[1])));
  EXPECT_TRUE(std::isinf(scores[1].psnr_db) || std::isnan(scores[1].psnr_db));
}

TEST(ScoreAnswer, ShiftsAndDistancesAreMillimeters) {
  // Pixels of 3 by 3 mm: two columns are 6 mm.
  const Contest contest = scored_contest();
  Answer answer = test::truth_as_answer(contest);
  answer.labels = answer.labels.roll(2, 3);
  const auto score = score_answer("moved", answer, contest.question, contest.truth)[0];
  EXPECT_LT(mean_dice(score), 0.9);
  EXPECT_DOUBLE_EQ(mean_dice_pose_free(score), 1);
  for (const double shift : score.shifts_mm) EXPECT_NEAR(shift, 6, 1e-9);
  EXPECT_NEAR(score.structures.at("RVC").hd_mm, 6, 1e-9);
  EXPECT_NEAR(score.structures.at("RVC").hd_voxels, 2, 1e-9);
  EXPECT_LT(score.structures.at("RVC").assd_mm, 6);
  // What is moved has the same volume; given planes are those of the truth.
  EXPECT_NEAR(score.structures.at("all").volume_ml, score.structures.at("all").true_volume_ml,
              1e-9);
}

TEST(ScoreAnswer, TheUnionCountsWhatIsLabeledAtAll) {
  const Contest contest = scored_contest();
  Answer answer = test::truth_as_answer(contest);
  answer.labels = answer.labels.clamp_max(1);  // everything is LVC
  const auto score = score_answer("one", answer, contest.question, contest.truth)[0];
  EXPECT_EQ(score.structures.at("all").dice, 1);
  EXPECT_LT(score.structures.at("LVC").dice, 1);
  EXPECT_EQ(score.structures.at("RVC").dice, 0);
  EXPECT_LT(mean_dice(score), 0.5);  // without the union
}

TEST(ScoreAnswer, PicturesOfSmallOrShallowStacksHaveNoSsimInSpace) {
  const Contest shallow = scored_contest();  // two planes are asked for
  const auto score =
      score_answer("a", test::truth_as_answer(shallow), shallow.question, shallow.truth)[0];
  EXPECT_TRUE(std::isnan(score.stack_ssim));
  EXPECT_EQ(score.ssim, 1);
  const Contest deep = ask_for_given(test::tiny_labeled_study(1, 8));
  const auto whole = score_answer("a", test::truth_as_answer(deep), deep.question, deep.truth)[0];
  EXPECT_EQ(whole.stack_ssim, 1);
}

TEST(ScoreAnswer, OnlyPlanesThatWereAskedForAndTheHeartCount) {
  const Contest contest = scored_contest();
  const Answer answer = test::truth_as_answer(contest);
  Truth truth = contest.truth;
  truth.images = truth.images.clone();
  for (const int64_t given : {0, 2, 4}) truth.images.select(1, given).fill_(0);
  auto outside = truth.box.logical_not();
  truth.images.masked_fill_(outside, 123);
  EXPECT_TRUE(std::isinf(score_answer("a", answer, contest.question, truth)[0].psnr_db));
  truth.images.add_(1);
  EXPECT_FALSE(std::isinf(score_answer("a", answer, contest.question, truth)[0].psnr_db));
}

TEST(ScoreAnswer, PsnrIsThatOfTheDefinition) {
  // A constant error of a hundredth of p98 is 40 dB wherever nothing is clipped.
  Contest contest = scored_contest();
  contest.truth.p98 = {5000, 5000};
  Answer answer = test::truth_as_answer(contest);
  answer.images = answer.images + 50;
  const auto scores = score_answer("a", answer, contest.question, contest.truth);
  EXPECT_NEAR(scores[0].psnr_db, 40, 1e-3);  // float32 pictures
}

// Whoever leaves out what is hard, or draws what is not there, is as far off as can be.
TEST(ScoreAnswerProperty, WhatOnlyOneSideHasIsAsWrongAsAnythingInTheStackCanBe) {
  const Contest contest = scored_contest();
  const Answer all = test::truth_as_answer(contest);
  const auto& size = contest.question.planes.grid.size;
  const auto pixel_mm = contest.question.planes.grid.spacing_mm();
  double squares_mm = 0, squares = 0;
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto steps = static_cast<double>(size[axis] - 1);
    squares_mm += steps * steps * pixel_mm[axis] * pixel_mm[axis];
    squares += steps * steps;
  }
  const Answer without = {{}, all.labels.masked_fill(all.labels == kRvc, 0)};
  Truth lacking = contest.truth;
  lacking.labels = lacking.labels.clone();
  for (const int64_t plane : contest.question.asked) {
    auto part = lacking.labels.select(1, plane);
    part.masked_fill_(part == kRvc, 0);
  }
  for (const bool is_missed : {true, false}) {
    const auto score = is_missed
                           ? score_answer("a", without, contest.question, contest.truth)[0]
                           : score_answer("a", {{}, all.labels}, contest.question, lacking)[0];
    const StructureScore& right = score.structures.at("RVC");
    EXPECT_EQ(right.missed, is_missed ? 1 : 0);
    EXPECT_EQ(right.invented, is_missed ? 0 : 1);
    EXPECT_EQ(right.dice, 0);
    EXPECT_EQ(right.dice_pose_free, 0);
    EXPECT_EQ(right.voe_percent, 100);
    for (const double mm : {right.hd_mm, right.hd95_mm, right.asd_mm, right.assd_mm})
      EXPECT_NEAR(mm, std::sqrt(squares_mm), 1e-9);
    for (const double voxels : {right.hd_voxels, right.asd_voxels, right.assd_voxels})
      EXPECT_NEAR(voxels, std::sqrt(squares), 1e-9);
    EXPECT_EQ(score.structures.at("LVC").missed, 0);
    EXPECT_EQ(score.structures.at("LVC").hd_mm, 0);
    EXPECT_EQ(score.structures.at("all").missed, 0);
  }
  // A corner instead of the heart is no worse.
  Answer corner = {{}, torch::zeros_like(all.labels)};
  corner.labels.select(2, 0).select(2, 0).fill_(kRvc);
  const auto far = score_answer("a", corner, contest.question, contest.truth)[0];
  EXPECT_LE(far.structures.at("RVC").hd_mm, std::sqrt(squares_mm));
  EXPECT_EQ(far.structures.at("LVM").missed, 1);
  // What neither side has does not count.
  const auto none = score_answer("a", without, contest.question, lacking)[0];
  for (const double value : {none.structures.at("RVC").dice, none.structures.at("RVC").hd_mm,
                             none.structures.at("RVC").missed})
    EXPECT_TRUE(std::isnan(value));
}

TEST(ScoreAnswer, WhatAMethodLacksHasNoScore) {
  const Contest contest = scored_contest();
  const Answer all = test::truth_as_answer(contest);
  const auto pictures = score_answer("a", {all.images, {}}, contest.question, contest.truth)[0];
  EXPECT_TRUE(pictures.structures.empty());
  EXPECT_TRUE(std::isnan(mean_dice(pictures)));
  const auto labels = score_answer("a", {{}, all.labels}, contest.question, contest.truth)[0];
  EXPECT_TRUE(std::isnan(labels.psnr_db));
  EXPECT_EQ(mean_dice(labels), 1);
}

TEST(VolumeScoreJson, ComesBack) {
  VolumeScore score;
  score.method = "shape";
  score.phase = "es";
  score.planes = 4;
  score.structures["LVC"] = {0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 4, 5, 6, 7, 8};
  score.structures["RVC"] = {};
  score.shifts_mm = {1.5, 0};
  const nlohmann::json content = score;
  EXPECT_TRUE(content["psnr_db"].is_null());
  EXPECT_TRUE(content["structures"]["RVC"]["dice"].is_null());
  const auto back = content.get<VolumeScore>();
  EXPECT_EQ(nlohmann::json(back), content);
  EXPECT_TRUE(std::isnan(back.structures.at("RVC").dice));
  EXPECT_EQ(back.structures.at("LVC").assd_mm, 0.6);
  EXPECT_EQ(back.shifts_mm, score.shifts_mm);
}

}  // namespace dmcvr
