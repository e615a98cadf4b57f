// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/picture_agreement.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

torch::Tensor everywhere(const torch::Tensor& picture) {
  return torch::ones(picture.sizes(), torch::kBool);
}

torch::Tensor ramp(bool along_rows) {
  const auto line = torch::arange(30, torch::kFloat32);
  return (along_rows ? line.view({1, 30}) : line.view({30, 1})).expand({30, 30}).contiguous();
}

}  // namespace

TEST(PictureAgreementProperty, ScaleAndOffsetChangeNothing) {
  for (int seed = 0; seed < 20; ++seed) {
    const auto name = "picture" + std::to_string(seed);
    const auto a = test::golden_input(name, {40, 30}), b = test::golden_input(name + "b", {40, 30});
    const auto mask = test::golden_input(name + "m", {40, 30}) > -0.6;
    const auto moved = b * (0.5 + seed) + 100;
    // float32 values near 100 hold five digits of a part in a hundred.
    EXPECT_NEAR(normalized_correlation(a, b, mask), normalized_correlation(a, moved, mask), 1e-4);
    EXPECT_NEAR(edge_agreement(a, b, mask), edge_agreement(a, moved, mask), 1e-4);
    EXPECT_DOUBLE_EQ(normalized_correlation(a, b, mask), normalized_correlation(b, a, mask));
    EXPECT_DOUBLE_EQ(edge_agreement(a, b, mask), edge_agreement(b, a, mask));
    EXPECT_NEAR(normalized_correlation(a, a, mask), 1, 1e-12);
    EXPECT_NEAR(edge_agreement(a, a, mask), 1, 1e-12);
    EXPECT_NEAR(normalized_correlation(a, -a, mask), -1, 1e-12);
    EXPECT_NEAR(edge_agreement(a, -a, mask), 1, 1e-12);
  }
}

TEST(PictureAgreement, EdgesAtRightAnglesDoNotAgree) {
  const auto across = ramp(true), down = ramp(false);
  EXPECT_NEAR(edge_agreement(across, down, everywhere(across)), 0, 1e-12);
  EXPECT_NEAR(normalized_correlation(across, down, everywhere(across)), 0, 1e-12);
  EXPECT_NEAR(edge_agreement(across, across * 5, everywhere(across)), 1, 1e-12);
}

TEST(PictureAgreement, UnrelatedEdgesAgreeByHalfAtMost) {
  // Random directions have a mean cos² of 1/2; unequal lengths lower the quotient. 40,000 pixels
  // leave a deviation of about 0.002.
  const auto a = test::golden_input("a", {200, 200}), b = test::golden_input("b", {200, 200});
  const double found = edge_agreement(a, b, everywhere(a));
  EXPECT_LT(found, 0.5 + 0.01);
  EXPECT_GT(found, 0.3);
  EXPECT_NEAR(normalized_correlation(a, b, everywhere(a)), 0, 0.02);
}

TEST(PictureAgreement, WhatLiesOutsideOfTheMaskDoesNotCount) {
  const auto a = test::golden_input("a", {20, 20}), b = test::golden_input("b", {20, 20});
  auto mask = everywhere(a);
  mask.slice(0, 0, 6).fill_(false);
  auto torn = a.clone();
  torn.slice(0, 0, 6).fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(normalized_correlation(torn, b, mask), normalized_correlation(a, b, mask));
  EXPECT_EQ(edge_agreement(torn, b, mask), edge_agreement(a, b, mask));
  EXPECT_TRUE(std::isfinite(edge_agreement(torn, b, mask)));
}

TEST(PictureAgreement, IsAbsentWhereNothingCanBeCompared) {
  const auto a = test::golden_input("a", {20, 20}), flat = torch::full({20, 20}, 7.0F);
  const auto none = torch::zeros({20, 20}, torch::kBool);
  EXPECT_TRUE(std::isnan(normalized_correlation(a, a, none)));
  EXPECT_TRUE(std::isnan(edge_agreement(a, a, none)));
  EXPECT_TRUE(std::isnan(normalized_correlation(a, flat, everywhere(a))));
  EXPECT_TRUE(std::isnan(edge_agreement(flat, a, everywhere(a))));
  EXPECT_TRUE(std::isnan(
      edge_agreement(a[0].unsqueeze(0), a[0].unsqueeze(0), everywhere(a)[0].unsqueeze(0))));
}

}  // namespace dmcvr
