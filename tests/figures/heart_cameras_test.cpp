// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/heart_cameras.h"

#include "figures/toy_heart.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(HeartCameras, StandAtRightAnglesWithTheApexBelow) {
  const test::ToyHeart heart = test::toy_heart();
  const auto cameras = heart_cameras(heart.labels, 200);
  for (const Camera& camera : cameras) {
    EXPECT_NEAR(dot(camera.right, camera.down), 0, 1e-9);
    EXPECT_NEAR(length(camera.right), 1, 1e-9);
    EXPECT_GT(dot(camera.down, heart.to_apex), 0.99);
    EXPECT_EQ(camera.mm_per_pixel, cameras[0].mm_per_pixel);
  }
  EXPECT_NEAR(dot(cameras[0].right, cameras[1].right), 0, 1e-9);
  // The right ventricle on the left, and in front: rays run away from it. The toy names its
  // direction in the plane of the slices, which is not quite at right angles to the axis.
  EXPECT_LT(dot(cameras[0].right, heart.to_right_ventricle), -0.97);
  EXPECT_LT(dot(cross(cameras[1].right, cameras[1].down), heart.to_right_ventricle), -0.97);
}

TEST(HeartCamerasProperty, ShowEveryLabel) {
  for (const double lean : {-0.5, 0.0, 0.4, 1.0}) {
    const Labels labels = test::toy_heart(lean).labels;
    for (const Camera& camera : heart_cameras(labels, 150, 4)) {
      const auto places = (labels.voxels > 0).nonzero();
      double farthest_px = 0;
      for (int64_t n = 0; n < places.size(0); ++n) {
        const auto at = places[n];
        const Point p =
            minus(labels.grid.world_from_voxel(
                      {at[3].item<double>(), at[2].item<double>(), at[1].item<double>()}),
                  camera.center);
        for (const Point& direction : {camera.right, camera.down})
          farthest_px = std::max(farthest_px, std::abs(dot(p, direction)) / camera.mm_per_pixel);
      }
      EXPECT_LE(farthest_px, 75) << lean;
      EXPECT_GE(farthest_px, 25) << lean;
    }
  }
}

}  // namespace dmcvr
