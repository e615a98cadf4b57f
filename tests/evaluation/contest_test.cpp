// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/contest.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(DrawnLabels, AreAllUnlessThePhaseSaysLess) {
  Truth truth;
  const auto labels = torch::tensor({0, 1, 2, 3}, torch::kUInt8);
  EXPECT_EQ(drawn_labels(truth, 1), (std::set<int64_t>{kLvc, kLvm, kRvc}));
  EXPECT_TRUE(only_drawn(labels, truth, 1).equal(labels));
  truth.drawn = {{kLvc, kRvc}, {}};
  EXPECT_EQ(drawn_labels(truth, 0), (std::set<int64_t>{kLvc, kRvc}));
  EXPECT_TRUE(only_drawn(labels, truth, 0).equal(torch::tensor({0, 1, 0, 3}, torch::kUInt8)));
  EXPECT_FALSE(only_drawn(labels, truth, 1).any().item<bool>());
}

TEST(HeartBoxes, HoldTheLabelsAndTenPixelsAroundThemInThePlane) {
  auto labels = torch::zeros({2, 5, 40, 50}, torch::kUInt8);
  labels[0][1][15][20] = 1;
  labels[0][3][18][5] = 3;
  const auto boxes = heart_boxes(labels);
  auto expected = torch::zeros({5, 40, 50}, torch::kBool);
  expected.slice(0, 1, 4).slice(1, 5, 29).slice(2, 0, 31).fill_(true);
  EXPECT_TRUE(boxes[0].equal(expected));
  EXPECT_FALSE(boxes[1].any().item<bool>());
}

TEST(Percentiles98, AreThoseOfEachPhase) {
  const auto images =
      torch::stack({torch::arange(101), 2 * torch::arange(101)}).view({2, 1, 1, 101});
  EXPECT_EQ(percentiles_98(images), (std::vector<double>{98, 196}));
}

}  // namespace dmcvr
