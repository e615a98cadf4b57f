// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_figure.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

namespace dmcvr {

namespace {

// What knows everything.
Answer true_answer(const Contest& contest) {
  const auto planes = torch::tensor(contest.question.asked);
  return {contest.truth.images.index_select(1, planes),
          contest.truth.labels.index_select(1, planes)};
}

}  // namespace

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
  const Answer right = true_answer(contest), pictures = {right.images, {}};
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
  Answer answer = {{}, true_answer(contest).labels.clone()};
  answer.labels[0][2].slice(0, 0, 5).fill_(kRvc);
  EXPECT_FALSE(worst_plane(contest, {{"a", answer}}, 0));
  answer.labels[0][4][0][0] = kLvm;
  EXPECT_EQ(worst_plane(contest, {{"a", answer}}, 0), 4);
}

TEST(CaseFigure, HasTheMethodsBesideTheTruth) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 5));
  const Answer answer = true_answer(contest);
  const Picture one = case_figure(contest, {{"a", answer}});
  const Picture two = case_figure(contest, {{"a", answer}, {"labels", {{}, answer.labels}}});
  EXPECT_EQ(one.height(), two.height());
  EXPECT_GT(two.width(), one.width() + 150);
}

TEST(CaseFigure, ShowsWhereMostIsWrongAsWell) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 5));  // asks for 1, 3
  const Answer right = true_answer(contest);
  const int64_t middle = middle_plane(contest, 0);
  const auto with_error_at = [&](int64_t plane) {
    Answer answer = {right.images, right.labels.clone()};
    answer.labels[0][plane][0][0] = kLvm;
    return case_figure(contest, {{"a", answer}}).height();
  };
  const int64_t height = case_figure(contest, {{"a", right}}).height();
  EXPECT_EQ(with_error_at(middle), height);
  EXPECT_GT(with_error_at(1 - middle), height + height / 3);
}

}  // namespace dmcvr
