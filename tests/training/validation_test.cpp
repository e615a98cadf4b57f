// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/validation.h"

#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Pictures whose values are 40 times their labels, in two sizes, two subjects, two phases.
PackedSlices telling_slices() {
  PackedSlices packed;
  for (int64_t i = 0; i < 12; ++i) {
    auto generator = make_generator(1, "telling", static_cast<uint64_t>(i));
    PackedSlice slice;
    slice.labels = torch::randint(0, 4, {41 + 8 * (i % 2), 57}, generator).to(torch::kUInt8);
    slice.image = slice.labels * 40;
    slice.case_index = i / 6;
    slice.phase_index = i / 3 % 2;
    packed.slices.push_back(slice);
  }
  return packed;
}

// Reads the label off the value.
torch::Tensor telling_logits(const torch::Tensor& images) {
  EXPECT_EQ(images.size(2) % 32, 0);
  EXPECT_EQ(images.size(3) % 32, 0);
  const auto label = (images.squeeze(1) * kPackedSteps / 40).round().to(torch::kInt64);
  return torch::one_hot(label, 4).permute({0, 3, 1, 2}).to(torch::kFloat32);
}

TEST(Validation, TruthScoresOne) {
  const auto validation = validate_segmentation(telling_slices(), {}, telling_logits);
  EXPECT_EQ(validation.score, 1);
  EXPECT_EQ(validation.details.at("LVM"), 1);
  EXPECT_EQ(validation.details.at("field").at("LVM"), 1);
  EXPECT_EQ(validation.details.at("stacks"), 4);
}

TEST(Validation, MissedStructureCostsItsThird) {
  const auto validation =
      validate_segmentation(telling_slices(), {}, [](const torch::Tensor& images) {
        auto logits = telling_logits(images);
        logits.select(1, 3).fill_(-1);  // never class 3: argmax falls on the background
        return logits;
      });
  EXPECT_NEAR(validation.score, 2.0 / 3, 1e-12);
  EXPECT_EQ(validation.details.at("RVC"), 0);
  EXPECT_EQ(validation.details.at("LVC"), 1);
}

TEST(Validation, DiceIsPooledOverTheStack) {
  // One stack of two slices with 100 and 0 pixels of LVC; the second is predicted with 50 pixels.
  PackedSlices packed;
  for (int64_t i = 0; i < 2; ++i) {
    PackedSlice slice;
    slice.labels = torch::zeros({32, 32}, torch::kUInt8);
    if (i == 0) slice.labels.slice(0, 0, 10).slice(1, 0, 10).fill_(1);
    slice.image = slice.labels * 40;
    if (i == 1) slice.image.slice(0, 0, 5).slice(1, 0, 10).fill_(40);
    packed.slices.push_back(slice);
  }
  const auto validation = validate_segmentation(packed, {}, telling_logits);
  EXPECT_NEAR(validation.details.at("LVC").get<double>(), 200.0 / 250, 1e-12);
}

TEST(Validation, OtherPixelSizeIsResampled) {
  auto packed = telling_slices();
  for (auto& slice : packed.slices) {
    slice.labels.zero_();
    slice.labels.slice(0, 10, 30).slice(1, 10, 30).fill_(2);
    slice.image = slice.labels * 40;
  }
  for (auto& slice : packed.slices) slice.spacing_mm = 0.625;
  const auto validation = validate_segmentation(packed, {}, [](const torch::Tensor& images) {
    EXPECT_TRUE(images.size(3) == 128 ||
                images.size(3) == 32);  // patch; 57 pixels of half the size
    const auto label = ((images.squeeze(1) * kPackedSteps) > 40).to(torch::kInt64) * 2;
    return torch::one_hot(label, 4).permute({0, 3, 1, 2}).to(torch::kFloat32);
  });
  EXPECT_GT(validation.details.at("LVM").get<double>(), 0.85);
}

TEST(Validation, WhatLooksLikeAHeartElsewhereCostsTheFieldAlone) {
  // A heart of 20 x 20 pixels, and its like 80 pixels away, outside of a patch of 64.
  PackedSlices packed;
  PackedSlice slice;
  slice.labels = torch::zeros({160, 160}, torch::kUInt8);
  slice.labels.slice(0, 30, 50).slice(1, 30, 50).fill_(1);
  slice.image = slice.labels * 40;
  slice.image.slice(0, 30, 50).slice(1, 110, 130).fill_(40);
  packed.slices.push_back(slice);
  InputRule rule;
  rule.patch_size = 64;
  const auto validation = validate_segmentation(packed, rule, telling_logits);
  EXPECT_EQ(validation.details.at("LVC"), 1);
  EXPECT_NEAR(validation.details.at("field").at("LVC").get<double>(), 2.0 / 3, 1e-12);
}

TEST(Validation, WithoutLabelsTheScoreIsZero) {
  auto packed = telling_slices();
  for (auto& slice : packed.slices) slice.labels = torch::Tensor();
  EXPECT_EQ(validate_segmentation(packed, {}, telling_logits).score, 0);
}

}  // namespace
}  // namespace dmcvr
