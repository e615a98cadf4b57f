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

// A second left ventricle in slices 0 to 2, beside where the true one would be, with more cavity
// and less muscle.
torch::Tensor with_second_ventricle(const torch::Tensor& heart, int64_t side) {
  auto labels = heart.clone();
  paint(labels, {0, 2, 2}, {3, side, side}, kLvm);
  paint(labels, {0, 3, 3}, {3, side - 2, side - 2}, kLvc);
  return labels;
}

TEST(Cleanup, ASecondLeftVentricleGoes) {
  auto apart = cylinder_heart(10);
  apart.slice(0, 0, 4).zero_();
  EXPECT_TRUE(cleanup(with_second_ventricle(apart, 17)).equal(apart));

  auto touching = cylinder_heart(10);
  touching.slice(0, 0, 3).zero_();
  const auto labels = with_second_ventricle(touching, 20);
  ASSERT_TRUE((labels[2] != 0).logical_and(labels[3] == kLvm).any().item<bool>());
  EXPECT_TRUE(cleanup(labels).equal(touching));

  // In the same slices as the true one it is no continuation either.
  auto heart = cylinder_heart(10);
  heart.masked_fill_(heart == kRvc, 0);
  auto both = heart.clone();
  paint(both, {0, 2, 1}, {10, 13, 13}, kLvm);
  paint(both, {0, 3, 2}, {10, 11, 11}, kLvc);
  EXPECT_TRUE(cleanup(both).equal(heart));
}

TEST(Cleanup, AVentricleMayMissSlicesAndShift) {
  auto labels = cylinder_heart(10);
  labels.slice(0, 3, 5).zero_();
  labels.slice(0, 5, 7).copy_(torch::roll(labels.slice(0, 5, 7), {6, -3}, {1, 2}));
  EXPECT_TRUE(cleanup(labels).equal(labels));
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
