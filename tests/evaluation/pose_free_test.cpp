// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/pose_free.h"

#include "support.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/metrics/overlap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

torch::Tensor posed_slice() {
  auto labels = torch::zeros({1, 40, 44}, torch::kUInt8);
  labels.slice(1, 10, 28).slice(2, 16, 32).fill_(kLvm);
  labels.slice(1, 14, 24).slice(2, 20, 28).fill_(kLvc);
  labels.slice(1, 12, 26).slice(2, 8, 14).fill_(kRvc);
  return labels;
}

double slice_dice(const torch::Tensor& a, const torch::Tensor& b) {
  double sum = 0, count = 0;
  for (const auto& [label, name] : label_table()) {
    const double dice = overlap(a == label, b == label).dice;
    if (std::isnan(dice)) continue;
    sum += dice;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

TEST(PoseFree, FindsTheShiftOfAMovedSlice) {
  const auto truth = posed_slice();
  for (const auto& shift : {std::array<int64_t, 2>{0, 0}, {3, -5}, {-5, 5}, {0, 1}}) {
    const auto moved = truth.roll({shift[0], shift[1]}, {1, 2});
    const PoseFree found = pose_free(moved, truth);
    EXPECT_TRUE(found.labels.equal(truth));
    ASSERT_TRUE(found.shifts[0]);
    EXPECT_EQ(*found.shifts[0], (std::array<int64_t, 2>{-shift[0], -shift[1]}));
  }
}

TEST(PoseFree, DoesNotReachFartherThanItIsAllowed) {
  const auto truth = posed_slice();
  const auto found = pose_free(truth.roll(6, 1), truth, 5);
  EXPECT_EQ(*found.shifts[0], (std::array<int64_t, 2>{-5, 0}));
  EXPECT_TRUE(found.labels.equal(truth.roll(1, 1)));
}

TEST(PoseFreeProperty, IsNeverWorseThanAsIs) {
  for (int seed = 0; seed < 10; ++seed) {
    const auto noise = test::golden_input("pose" + std::to_string(seed), {2, 40, 44});
    const auto truth = posed_slice();
    auto labels = truth.roll({seed % 4 - 2, seed % 5 - 2}, {1, 2});
    labels = labels.masked_fill(noise.narrow(0, 0, 1) > 0.6, 0);
    labels = labels.masked_fill(noise.narrow(0, 1, 1) > 0.9, kRvc);
    const auto found = pose_free(labels, truth);
    EXPECT_GE(slice_dice(found.labels, truth), slice_dice(labels, truth)) << seed;
  }
}

TEST(PoseFree, SlicesWithoutLabelsOnEitherSideStayAndAreNotCounted) {
  const auto slice = posed_slice(), empty = torch::zeros_like(slice);
  const auto found =
      pose_free(torch::cat({slice, empty, empty}), torch::cat({empty, slice, empty}));
  for (const auto& shift : found.shifts) EXPECT_FALSE(shift);
  EXPECT_TRUE(found.labels.equal(torch::cat({slice, empty, empty})));
}

TEST(PoseFree, WhatLeavesThePictureIsLost) {
  // At the border the best place is beyond it: only the part that stays counts.
  auto truth = torch::zeros({1, 10, 10}, torch::kUInt8), labels = truth.clone();
  truth.slice(1, 0, 2).fill_(kLvc);
  labels.slice(1, 2, 6).fill_(kLvc);
  const auto found = pose_free(labels, truth);
  EXPECT_TRUE(found.labels.equal(truth));
  EXPECT_EQ(*found.shifts[0], (std::array<int64_t, 2>{-4, 0}));
}

}  // namespace dmcvr
