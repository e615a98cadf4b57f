// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/outlines.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Outlines, AreNestedAndTurnTheirSignBetweenPixels) {
  auto labels = torch::zeros({2, 20, 24}, torch::kUInt8);
  labels[0].slice(0, 4, 16).slice(1, 10, 22).fill_(kLvm);
  labels[0].slice(0, 7, 13).slice(1, 13, 19).fill_(kLvc);
  labels[1].slice(0, 4, 16).slice(1, 2, 8).fill_(kRvc);
  const HeartOutlines heart = heart_outlines(labels, {2, 2});

  EXPECT_TRUE((heart.cavity.distances < 0).equal(labels == kLvc));
  EXPECT_TRUE((heart.epicardium.distances < 0).equal((labels == kLvc) | (labels == kLvm)));
  EXPECT_TRUE((heart.right.distances < 0).equal(labels == kRvc));
  EXPECT_EQ(heart.cavity.is_there, (std::vector<bool>{true, false}));
  EXPECT_EQ(heart.right.is_there, (std::vector<bool>{false, true}));
  // Pixels of 2 mm on both sides of the border in row 10, where the cavity begins at column 13.
  EXPECT_EQ(heart.cavity.distances[0][10][13].item<double>(), -1);
  EXPECT_EQ(heart.cavity.distances[0][10][12].item<double>(), 1);
  EXPECT_TRUE(torch::isinf(heart.cavity.distances[1]).all().item<bool>());
}

TEST(Outlines, InsideIsWhereTheMixIsNegativeAndHalfWayForWhatEnds) {
  const auto below = torch::tensor({-3.0, -1.0, 2.0}).view({1, 3}),
             above = torch::tensor({-1.0, 3.0, 2.0}).view({1, 3});
  const auto count = [&](double fraction, bool is_below, bool is_above) {
    return inside(below, above, {is_below, is_above}, {0, 1, fraction}).sum().item<int64_t>();
  };
  EXPECT_EQ(count(0.2, true, true), 2);
  EXPECT_EQ(count(0.3, true, true), 1);
  EXPECT_EQ(count(0.49, true, false), 2);
  EXPECT_EQ(count(0.5, true, false), 0);
  EXPECT_EQ(count(0.5, false, true), 0);
  EXPECT_EQ(count(0.51, false, true), 1);
  EXPECT_EQ(count(0.1, false, false), 0);
}

}  // namespace dmcvr
