// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/shape.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr int64_t kShapeSide = 64;

// Rings of LVM around LVC, and a disk of RVC beside them; pixels of 1.5 by 2 mm.
torch::Tensor heart_slice(double cavity_mm, double wall_mm, double right_mm, double shift_mm = 0) {
  const auto x = (torch::arange(kShapeSide, torch::kFloat64) * 1.5).view({1, kShapeSide});
  const auto y = (torch::arange(kShapeSide, torch::kFloat64) * 2).view({kShapeSide, 1});
  const auto left = ((x - 60 - shift_mm).pow(2) + (y - 64).pow(2)).sqrt();
  const auto right = ((x - 18 - shift_mm).pow(2) + (y - 64).pow(2)).sqrt();
  auto labels = torch::zeros({kShapeSide, kShapeSide}, torch::kUInt8);
  labels.masked_fill_(right < right_mm, kRvc);
  labels.masked_fill_(left < cavity_mm + wall_mm, kLvm);
  labels.masked_fill_(left < cavity_mm, kLvc);
  return labels;
}

double radius_mm(const torch::Tensor& mask) {
  return std::sqrt(mask.sum().item<double>() * 3 / 3.14159265358979);
}

constexpr std::array<double, 2> kShapePixel = {1.5, 2};

}  // namespace

TEST(Shape, EqualSlicesStayAsTheyAre) {
  const auto slice = heart_slice(14, 8, 12);
  const auto mixed =
      mix_shapes(torch::stack({slice, slice}), {0, 10}, {0, 1, 5, 7.7, 10}, kShapePixel);
  for (int64_t m = 0; m < mixed.size(0); ++m) EXPECT_TRUE(mixed[m].equal(slice)) << m;
}

TEST(Shape, GivenSlicesComeOutAtTheirPlaces) {
  const auto slices =
      torch::stack({heart_slice(14, 8, 12), heart_slice(20, 5, 9, 3), heart_slice(7, 10, 0)});
  const std::vector<double> z = {0, 8, 17};
  EXPECT_TRUE(mix_shapes(slices, z, z, kShapePixel).equal(slices));
}

TEST(Shape, RadiiGrowEvenlyAndTheWallIsWhatIsBetween) {
  const auto slices = torch::stack({heart_slice(10, 12, 8), heart_slice(22, 6, 16)});
  for (const double fraction : {0.25, 0.5, 0.75}) {
    const auto mixed = mix_shapes(slices, {0, 10}, {10 * fraction}, kShapePixel)[0];
    // A quarter of a pixel: the distances are those between pixel centers.
    EXPECT_NEAR(radius_mm(mixed == kLvc), 10 + 12 * fraction, 0.5);
    EXPECT_NEAR(radius_mm((mixed == kLvc) | (mixed == kLvm)), 22 + 6 * fraction, 0.5);
    EXPECT_NEAR(radius_mm(mixed == kRvc), 8 + 8 * fraction, 0.5);
  }
}

TEST(Shape, AStructureOfOneSliceEndsBeforeTheMiddle) {
  const auto slices = torch::stack({heart_slice(14, 8, 12), heart_slice(14, 8, 0)});
  const auto mixed = mix_shapes(slices, {0, 10}, {4.9, 5, 5.1}, kShapePixel);
  EXPECT_TRUE(mixed[0].equal(slices[0]));
  EXPECT_TRUE(mixed[1].equal(slices[1]));
  EXPECT_TRUE(mixed[2].equal(slices[1]));
}

TEST(Shape, EmptySlicesGiveEmptySlices) {
  const auto empty = torch::zeros({3, 8, 8}, torch::kUInt8);
  EXPECT_EQ(mix_shapes(empty, {0, 1, 2}, {0.5, 1.5}, kShapePixel).sum().item<int64_t>(), 0);
}

}  // namespace dmcvr
