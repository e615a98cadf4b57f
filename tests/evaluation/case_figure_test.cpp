// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_figure.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(ShownPlane, IsTheMiddleOfWhereTheHeartIs) {
  Contest contest = hold_out_slices(test::tiny_labeled_study(1, 11));  // asks for 1, 3, 5, 7, 9
  contest.truth.labels.zero_();
  EXPECT_EQ(shown_plane(contest, 0), 2);
  for (const int64_t plane : {7, 9}) contest.truth.labels[0][plane][10][10] = kLvc;
  EXPECT_EQ(shown_plane(contest, 0), 4);
  for (const int64_t label : {kLvc, kLvm, kRvc}) contest.truth.labels[0][3][10][label] = label;
  EXPECT_EQ(shown_plane(contest, 0), 1);
}

TEST(CaseFigure, HasTheMethodsBesideTheTruth) {
  const Contest contest = hold_out_slices(test::tiny_labeled_study(2, 5));
  const auto planes = torch::tensor(contest.question.asked);
  const Answer answer = {contest.truth.images.index_select(1, planes),
                         contest.truth.labels.index_select(1, planes)};
  const Picture one = case_figure(contest, {{"a", answer}});
  const Picture two = case_figure(contest, {{"a", answer}, {"labels", {{}, answer.labels}}});
  EXPECT_EQ(one.height(), two.height());
  EXPECT_GT(two.width(), one.width() + 150);
}

}  // namespace dmcvr
