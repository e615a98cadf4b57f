// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/views.h"

#include "figures/toy_heart.h"

#include "dmcvr/geometry/resample.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

using test::dot;

// Mean column of a label in a picture of labels [H, W].
double mean_index(const torch::Tensor& picture, int64_t label, int64_t axis) {
  return (picture == label).nonzero().select(1, axis).to(torch::kFloat64).mean().item<double>();
}

TEST(HeartAxesProperty, FollowTheLeaningVentricleWhicheverWayItIsStored) {
  for (const double lean : {-0.8, 0., 0.5}) {
    const test::ToyHeart heart = test::toy_heart(lean);
    for (int axis = 0; axis < 4; ++axis) {
      const Labels labels = axis < 3 ? test::stored_backwards(heart.labels, axis) : heart.labels;
      const HeartAxes axes = heart_axes(labels);
      EXPECT_GT(dot(axes.to_apex, heart.to_apex), std::cos(0.03)) << lean << " " << axis;
      EXPECT_NEAR(dot(axes.to_apex, axes.to_right_ventricle), 0, 1e-9);
      EXPECT_GT(dot(axes.to_right_ventricle, heart.to_right_ventricle), 0.85);
      EXPECT_EQ(axes.apex_is_last, axis != 2);
      EXPECT_LT(axes.lower[0], -20);
      EXPECT_GT(axes.upper[1], 20);
    }
  }
}

TEST(HeartAxes, WithoutLabelsTheGridStandsIn) {
  Labels labels = test::toy_heart().labels;
  labels.voxels.zero_();
  const HeartAxes axes = heart_axes(labels);
  const Point along = labels.grid.world_from_voxel.column(2);
  EXPECT_NEAR(dot(axes.to_apex, along), 5, 1e-9);
  EXPECT_NEAR(dot(axes.to_right_ventricle, axes.to_apex), 0, 1e-9);
}

TEST(LabelBox, HoldsExactlyTheLabels) {
  Labels labels = test::toy_heart().labels;
  labels.voxels.zero_();
  EXPECT_EQ(label_box(labels).last, (Point{47, 39, 12}));
  labels.voxels[0][3][7][11] = kLvc;
  labels.voxels[0][5][6][12] = kRvc;
  EXPECT_EQ(label_box(labels).first, (Point{11, 6, 3}));
  EXPECT_EQ(label_box(labels).last, (Point{12, 7, 5}));
}

TEST(ShortAxisViewProperty, LiesOnItsPlaneAndDoesNotDependOnStorage) {
  const Labels labels = test::toy_heart().labels;
  const VoxelBox box = label_box(labels);
  for (const int64_t plane : {0, 5, 12}) {
    const Grid view = short_axis_view(labels.grid, box, plane, {10, 64});
    const Affine voxel_from_pixel = labels.grid.voxel_from_world() * view.world_from_voxel;
    for (const Point& corner : {Point{0, 0, 0}, Point{63, 0, 0}, Point{0, 63, 0}}) {
      EXPECT_NEAR(voxel_from_pixel(corner)[2], static_cast<double>(plane), 1e-9);
    }
    const auto picture = resample(labels, view).voxels;
    for (int axis = 0; axis < 3; ++axis) {
      const Labels other = test::stored_backwards(labels, axis);
      const int64_t same = axis == 2 ? 12 - plane : plane;
      const auto again =
          resample(other, short_axis_view(other.grid, label_box(other), same, {10, 64})).voxels;
      // Pixels midway between two voxels may be rounded either way.
      EXPECT_LT((picture != again).to(torch::kFloat64).mean().item<double>(), 0.01) << axis;
    }
  }
}

TEST(ShortAxisView, ShowsThePatientsLeftOnTheRightAndHoldsTheHeartWithItsMargin) {
  const Labels labels = test::toy_heart().labels;
  const VoxelBox box = label_box(labels);
  const Grid view = short_axis_view(labels.grid, box, 3, {10, 64});
  const double widest =
      2 * std::max(box.last[0] - box.first[0] + 1, box.last[1] - box.first[1] + 1);
  EXPECT_NEAR(view.spacing_mm()[0] * 64, widest + 20, 1e-9);
  EXPECT_NEAR(view.spacing_mm()[1] * 64, widest + 20, 1e-9);
  EXPECT_LT(view.world_from_voxel.column(0)[0], 0);
  EXPECT_LT(view.world_from_voxel.column(1)[1], 0);
  const auto picture = resample(labels, view).voxels[0][0];
  EXPECT_EQ(
      picture.slice(0, 0, 4).sum().item<int64_t>() + picture.slice(1, 0, 4).sum().item<int64_t>(),
      0);
  EXPECT_GT((picture == kLvc).sum().item<int64_t>(), 100);
}

TEST(LongAxisViews, HoldTheApexBelowAndTheRightVentricleOnTheLeft) {
  for (int axis = 0; axis < 4; ++axis) {
    const test::ToyHeart heart = test::toy_heart();
    const Labels labels = axis < 3 ? test::stored_backwards(heart.labels, axis) : heart.labels;
    const auto views = long_axis_views(labels, 8, 120);
    EXPECT_EQ(views[0].size, views[1].size);
    EXPECT_NEAR(views[0].spacing_mm()[0], views[1].spacing_mm()[1], 1e-9);
    EXPECT_NEAR(dot(views[0].world_from_voxel.column(0), views[1].world_from_voxel.column(0)), 0,
                1e-9);
    const auto picture = resample(labels, views[0]).voxels[0][0];
    EXPECT_LT(mean_index(picture, kRvc, 1), mean_index(picture, kLvc, 1) - 10);
    // The right ventricle ends before the left one: it lies nearer to the base, above.
    EXPECT_LT(mean_index(picture, kRvc, 0), mean_index(picture, kLvc, 0));
    EXPECT_GT((resample(labels, views[1]).voxels == kLvc).sum().item<int64_t>(), 200);
  }
}

TEST(RepeatNearest, ShowsTheNearestAcquiredPlane) {
  const auto planes = torch::arange(7, torch::kFloat32).view({7, 1, 1});
  const auto repeated = repeat_nearest(planes, {1, 4}).flatten();
  EXPECT_TRUE(repeated.equal(torch::tensor({1.f, 1.f, 1.f, 4.f, 4.f, 4.f, 4.f})));
}

}  // namespace
}  // namespace dmcvr
