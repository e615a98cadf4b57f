// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/crop.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// 60 x 50 pixels of 1.5 mm, oblique.
Grid crop_grid(double spacing_mm) {
  Grid grid;
  grid.size = {60, 50, 4};
  grid.world_from_voxel.matrix = {
      {{0.8 * spacing_mm, 0, 4.8}, {0, spacing_mm, 0}, {-0.6 * spacing_mm, 0, 6.4}}};
  grid.world_from_voxel.offset = {-30, 12, 40};
  return grid;
}

InputRule crop_rule(double spacing_mm) {
  InputRule rule;
  rule.patch_size = 32;
  rule.spacing_mm = spacing_mm;
  return rule;
}

// [N, 50, 60], smooth: a wave of 20 pixels and more.
torch::Tensor smooth_slices() {
  const auto x = torch::arange(60, torch::kFloat32).view({1, 1, 60});
  const auto y = torch::arange(50, torch::kFloat32).view({1, 50, 1});
  return (x * 0.3f).sin() * (y * 0.25f).cos() + x * 0.01f;
}

}  // namespace

TEST(SliceFromPatch, PutsTheCenterInTheMiddle) {
  const Grid grid = crop_grid(1.5);
  const auto affine =
      slice_from_patch(grid, grid.world_from_voxel({31.2, 22.7, 2}), crop_rule(1.25));
  const auto middle = affine({15.5, 15.5});
  EXPECT_NEAR(middle[0], 31.2, 1e-9);
  EXPECT_NEAR(middle[1], 22.7, 1e-9);
  EXPECT_NEAR(affine.matrix[0][0], 1.25 / 1.5, 1e-9);
}

TEST(CutPatches, CopiesPixelsOfTheSameSize) {
  const Grid grid = crop_grid(1.25);
  const auto slices = test::golden_input("noise", {3, 50, 60});
  for (const double spacing : {1.25, 0.0}) {  // 0 keeps the acquired size
    const auto affine =
        slice_from_patch(grid, grid.world_from_voxel({30.3, 24.4, 0}), crop_rule(spacing));
    const auto patches = cut_patches(slices, affine, 32, Interpolation::linear);
    EXPECT_TRUE(cut_patches(slices, affine, 32, Interpolation::cubic).equal(patches));
    const auto first = affine({0, 0});
    EXPECT_EQ(first[0], std::round(first[0]));
    const auto expected =
        slices.slice(1, static_cast<int64_t>(first[1]), static_cast<int64_t>(first[1]) + 32)
            .slice(2, static_cast<int64_t>(first[0]), static_cast<int64_t>(first[0]) + 32);
    EXPECT_TRUE(patches.equal(expected));
  }
}

TEST(CutPatches, IsDarkOutsideTheSlice) {
  const Grid grid = crop_grid(1.25);
  const auto affine = slice_from_patch(grid, grid.world_from_voxel({0, 0, 0}), crop_rule(1.25));
  const auto patches = cut_patches(torch::ones({1, 50, 60}), affine, 32, Interpolation::cubic);
  EXPECT_EQ(patches[0][0][0].item<float>(), 0);
  EXPECT_EQ(patches[0][31][31].item<float>(), 1);
}

TEST(PastePatches, UndoesTheCutOnSmoothPictures) {
  const auto slices = smooth_slices();
  for (const double spacing : {1.0, 1.25, 1.5}) {
    const Grid grid = crop_grid(1.5);
    const auto affine =
        slice_from_patch(grid, grid.world_from_voxel({29.8, 25.1, 0}), crop_rule(spacing));
    // The border of a patch is felt by the spline for a few pixels.
    const auto inside = patch_weight(affine, 32, {60, 50}, 6) == 1;
    ASSERT_GT(inside.sum().item<int64_t>(), 150);
    const auto largest_error = [&](Interpolation way) {
      const auto back = paste_patches(cut_patches(slices, affine, 32, way), affine, {60, 50}, way);
      return ((back - slices)[0].abs() * inside).max().item<double>();
    };
    // Two linear interpolations of a wave of angular frequency w err by at most 2 w² h² / 8 per
    // axis, the spline by the fourth power of w h.
    EXPECT_LT(largest_error(Interpolation::linear), spacing == 1.5 ? 1e-6 : 0.05) << spacing;
    EXPECT_LT(largest_error(Interpolation::cubic), spacing == 1.5 ? 1e-6 : 0.002) << spacing;
  }
}

TEST(InterpolationOf, IsTheRules) {
  InputRule rule = crop_rule(1.25);
  EXPECT_EQ(interpolation_of(rule), Interpolation::linear);
  rule.interpolation = PixelInterpolation::cubic;
  EXPECT_EQ(interpolation_of(rule), Interpolation::cubic);
}

TEST(PatchWeight, RisesFromTheEdgeToOne) {
  const Grid grid = crop_grid(1.25);
  const auto affine = slice_from_patch(grid, grid.world_from_voxel({30, 25, 0}), crop_rule(1.25));
  const auto weight = patch_weight(affine, 32, {60, 50}, 4);
  EXPECT_EQ((weight > 0).sum().item<int64_t>(), 32 * 32);
  EXPECT_EQ((weight == 1).sum().item<int64_t>(), 24 * 24);
  const auto row = weight[25];
  EXPECT_TRUE((row.slice(0, 1) - row.slice(0, 0, -1)).slice(0, 0, 29).ge(0).all().item<bool>());
}

}  // namespace dmcvr
