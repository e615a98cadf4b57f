// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/cleanup.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// A cylinder of cavity (radius 6) in myocardium (radius 10) with a round RV that touches it on the
// left.
torch::Tensor cylinder_heart(int64_t depth = 6, int64_t side = 48) {
  auto labels = torch::zeros({depth, side, side}, torch::kUInt8);
  const auto index = torch::arange(side, torch::kFloat32);
  const auto y = (index - 24).unsqueeze(1), x = (index - 28).unsqueeze(0);
  const auto squared = x * x + y * y;
  const auto right = (x + 16) * (x + 16) + y * y;
  labels.masked_fill_((right < 64).expand_as(labels), kRvc);
  labels.masked_fill_((squared < 100).expand_as(labels), kLvm);
  labels.masked_fill_((squared < 36).expand_as(labels), kLvc);
  return labels;
}

void paint(torch::Tensor& labels, std::array<int64_t, 3> at, std::array<int64_t, 3> size,
           int64_t label) {
  labels.narrow(0, at[0], size[0]).narrow(1, at[1], size[1]).narrow(2, at[2], size[2]).fill_(label);
}

}  // namespace

TEST(Cleanup, LeavesAWholeHeartAlone) {
  const auto heart = cylinder_heart();
  EXPECT_TRUE(cleanup(heart).equal(heart));
}

TEST(Cleanup, DropsIslandsOfEveryStructure) {
  const auto heart = cylinder_heart();
  for (const int64_t label : {kLvc, kLvm, kRvc}) {
    auto labels = heart.clone();
    paint(labels, {2, 40, 2}, {2, 4, 4}, label);
    EXPECT_TRUE(cleanup(labels).equal(heart)) << label;
  }
}

TEST(Cleanup, KeepsAPartThatIsLargeEnoughToBeReal) {
  auto labels = cylinder_heart();
  labels.select(0, 3).zero_();  // a slice that the segmenter missed
  EXPECT_TRUE(cleanup(labels).equal(labels));
  CleanupOptions strict;
  strict.min_fraction = 1;
  EXPECT_FALSE(cleanup(labels, strict).slice(0, 4).any().item<bool>());
}

TEST(Cleanup, OneLeftVentricle) {
  // Slices 0 to 2 hold a second one beside the true one, with more cavity and less muscle; a slice
  // lies between, so that both are large parts.
  const auto heart = cylinder_heart(10);
  auto labels = heart.clone();
  labels.slice(0, 0, 4).zero_();
  auto expected = labels.clone();
  paint(labels, {0, 2, 2}, {3, 17, 17}, kLvm);
  paint(labels, {0, 3, 3}, {3, 15, 15}, kLvc);
  EXPECT_TRUE(cleanup(labels).equal(expected));

  // In the same place it is its upper part.
  expected.slice(0, 0, 3).copy_(heart.slice(0, 0, 3));
  EXPECT_TRUE(cleanup(expected).equal(expected));

  // Beside the true one in the same slices it is no continuation.
  labels = heart.clone();
  labels.masked_fill_(labels == kRvc, 0);
  expected = labels.clone();
  paint(labels, {0, 2, 1}, {10, 13, 13}, kLvm);
  paint(labels, {0, 3, 2}, {10, 11, 11}, kLvc);
  EXPECT_TRUE(cleanup(labels).equal(expected));
}

TEST(Cleanup, FillsHolesByWhatSurroundsThem) {
  const auto heart = cylinder_heart();
  // In the cavity, in the wall, in the RV.
  for (const auto& at : {std::array<int64_t, 3>{1, 24, 28}, {1, 24, 35}, {1, 24, 10}}) {
    auto labels = heart.clone();
    paint(labels, at, {1, 1, 2}, 0);
    EXPECT_TRUE(cleanup(labels).equal(heart)) << at[2];
  }
}

TEST(Cleanup, ARingOfMyocardiumHoldsACavity) {
  auto labels = cylinder_heart();
  const auto expected = labels.clone();
  labels[2].masked_fill_(labels[2] == kLvc, 0);
  EXPECT_TRUE(cleanup(labels).equal(expected));
}

TEST(Cleanup, AGapBetweenTheVentriclesStays) {
  auto labels = torch::zeros({1, 12, 12}, torch::kUInt8);
  paint(labels, {0, 2, 2}, {1, 8, 4}, kRvc);
  paint(labels, {0, 2, 6}, {1, 8, 4}, kLvm);
  paint(labels, {0, 5, 5}, {1, 2, 2}, 0);
  EXPECT_TRUE(cleanup(labels).equal(labels));
}

TEST(Cleanup, EmptyLabelsStayEmpty) {
  EXPECT_FALSE(cleanup(torch::zeros({2, 8, 8}, torch::kUInt8)).any().item<bool>());
}

TEST(Cleanup, CanBeSwitchedOff) {
  auto labels = cylinder_heart();
  paint(labels, {0, 40, 2}, {1, 2, 2}, kLvc);
  CleanupOptions off;
  off.enabled = false;
  EXPECT_TRUE(cleanup(labels, off).equal(labels));
}

TEST(CleanupProperty, ASecondTimeChangesNothing) {
  for (int64_t hole = 0; hole < 6; ++hole) {
    auto labels = cylinder_heart();
    paint(labels, {hole, 20, 20}, {1, 5, 3}, 0);
    paint(labels, {hole, 2, 2}, {1, 3, 3}, kLvm);
    const auto once = cleanup(labels);
    EXPECT_TRUE(cleanup(once).equal(once));
  }
}

TEST(CleanupOptions, RefusesAFractionAboveOne) {
  CleanupOptions options;
  options.min_fraction = 1.5;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace dmcvr
