// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_figure.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(MiddlePlane, IsTheMiddleOfWhereTheHeartIs) {
  Contest contest = hold_out_slices(test::tiny_labeled_study(1, 11));  // asks for 1, 3, 5, 7, 9
  contest.truth.labels.zero_();
  EXPECT_EQ(middle_plane(contest, 0), 2);
  for (const int64_t plane : {7, 9}) contest.truth.labels[0][plane][10][10] = kLvc;
  EXPECT_EQ(middle_plane(contest, 0), 4);
  for (const int64_t label : {kLvc, kLvm, kRvc}) contest.truth.labels[0][3][10][label] = label;
  EXPECT_EQ(middle_plane(contest, 0), 1);
}

TEST(WorstPlane, HasMostWrongPixelsOfAllAnswersTogether) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 11));
  const Answer right = test::truth_as_answer(contest), pictures = {right.images, {}};
  Answer one = {right.images, right.labels.clone()}, other = {{}, right.labels.clone()};
  EXPECT_FALSE(worst_plane(contest, {{"a", one}, {"pictures", pictures}}, 0));

  one.labels[0][3].slice(0, 0, 2).fill_(kLvm);    // 88 pixels of background
  other.labels[0][1].slice(0, 0, 1).fill_(kLvc);  // 44 pixels
  one.labels[0][1].slice(0, 1, 2).fill_(kRvc);    // 44 more
  EXPECT_EQ(worst_plane(contest, {{"a", one}, {"b", right}}, 0), 3);
  EXPECT_EQ(worst_plane(contest, {{"b", other}, {"pictures", pictures}}, 0), 1);
  EXPECT_EQ(worst_plane(contest, {{"a", one}, {"b", other}}, 0), 1);  // the first of equal ones
  EXPECT_FALSE(worst_plane(contest, {{"a", one}, {"b", other}}, 1));
}

TEST(WorstPlane, DoesNotCountWhatWasNotDrawn) {
  Contest contest = hold_out_slices(test::tiny_labeled_study(1, 11));
  contest.truth.drawn = {{kLvc, kLvm}};
  contest.truth.labels.masked_fill_(contest.truth.labels == kRvc, 0);
  Answer answer = {{}, test::truth_as_answer(contest).labels};
  answer.labels[0][2].slice(0, 0, 5).fill_(kRvc);
  EXPECT_FALSE(worst_plane(contest, {{"a", answer}}, 0));
  answer.labels[0][4][0][0] = kLvm;
  EXPECT_EQ(worst_plane(contest, {{"a", answer}}, 0), 4);
}

TEST(CaseFigure, HasTheMethodsBesideTheTruth) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 5));
  const Answer answer = test::truth_as_answer(contest);
  const Picture one = case_figure(contest, {{"a", answer}});
  const Picture two = case_figure(contest, {{"a", answer}, {"labels", {{}, answer.labels}}});
  EXPECT_EQ(one.height(), two.height());
  EXPECT_GT(two.width(), one.width() + 150);
}

TEST(CaseRows, AreTheMiddleAndTheWorstPlaneOfEachPhase) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 5));  // asks for 1, 3
  const Answer right = test::truth_as_answer(contest);
  EXPECT_EQ(case_rows(contest, {{"a", right}}).size(), 2U);  // nothing is wrong

  const int64_t middle = middle_plane(contest, 0);
  Answer answer = {right.images, right.labels.clone()};
  answer.labels[0][middle][20][20] = kRvc;
  auto rows = case_rows(contest, {{"a", answer}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NE(rows[0].title.find("the middle one, where most is wrong"), std::string::npos);
  EXPECT_EQ(rows[1].title.find("wrong"), std::string::npos);

  answer.labels[0][1 - middle].slice(0, 19, 21).fill_(kRvc);
  rows = case_rows(contest, {{"a", answer}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].slices[1].labels.equal(answer.labels[0][middle]));
  EXPECT_TRUE(rows[1].slices[1].labels.equal(answer.labels[0][1 - middle]));
  EXPECT_TRUE(rows[1].slices[0].labels.equal(right.labels[0][1 - middle]));
  EXPECT_TRUE(rows[1].slices[1].image.equal(right.images[0][1 - middle]));
}

TEST(CaseRows, ShowWhatIsWrongFarFromTheHeart) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(1, 5));
  Answer answer = test::truth_as_answer(contest);
  answer.labels[0][1 - middle_plane(contest, 0)][39][43] = kLvm;
  const auto rows = case_rows(contest, {{"a", answer}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].box.last, (Point{43, 39, 0}));
  EXPECT_EQ(rows[1].box.first, rows[0].box.first);
  EXPECT_LT(rows[0].box.last[0], 30);  // of the truth alone
}

TEST(CaseRows, WhatWasNotDrawnHasNoDice) {
  Contest contest = hold_out_slices(test::tiny_labeled_study(1, 5));
  const Answer answer = test::truth_as_answer(contest);
  EXPECT_EQ(case_rows(contest, {{"a", answer}})[0].slices[1].caption, "a 1.00 1.00 1.00");
  contest.truth.labels.masked_fill_(contest.truth.labels == kRvc, 0);
  EXPECT_EQ(case_rows(contest, {{"a", answer}})[0].slices[1].caption, "a 1.00 1.00 0.00");
  contest.truth.drawn = {{kLvc, kLvm}};
  EXPECT_EQ(case_rows(contest, {{"a", answer}})[0].slices[1].caption, "a 1.00 1.00 -");
}

}  // namespace dmcvr
