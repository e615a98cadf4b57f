// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/phantom_scan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {

TEST(PhantomScanProperty, EverythingThatIsDrawnIsFilledIn) {
  for (int64_t seed = 0; seed < 20; ++seed) {
    PhantomOptions options;
    options.seed = seed;
    const HeartScan drawn = draw_scan(options);
    const Scan& scan = drawn.scan;
    EXPECT_NE(options.pathology, Pathology::drawn);
    EXPECT_EQ(options.ejection_fraction, drawn.shape.ejection_fraction);
    EXPECT_GE(options.breath_hold_mm, 0);
    EXPECT_GT(options.noise, 0);
    EXPECT_GE(options.pitch_mm, 8);
    EXPECT_GE(options.thickness_mm, 5);
    EXPECT_LE(options.thickness_mm, options.pitch_mm);
    EXPECT_EQ(static_cast<int64_t>(scan.slice_z_mm.size()), options.slices);
    EXPECT_EQ(drawn.phases[static_cast<size_t>(scan.es_index)].contraction, 1);
    // Asking for what was drawn asks for the same scan; a number of slices would center them.
    PhantomOptions again = options;
    again.slices = 0;
    const HeartScan same = draw_scan(again);
    EXPECT_EQ(same.scan.slice_z_mm, scan.slice_z_mm);
    EXPECT_EQ(same.shape.lv_ml, drawn.shape.lv_ml);
    EXPECT_EQ(same.scan.room.left_mm, scan.room.left_mm);
  }
}

TEST(PhantomScan, AShiftMovesThePictureOnly) {
  PhantomOptions options;
  const Scan scan = draw_scan(options).scan;
  const PicturePlane plane = plane_at(scan, 20), moved = plane_at(scan, 20, {3, -2});
  EXPECT_NEAR(moved.at(5, 7)[0] - plane.at(5, 7)[0], 3, 1e-12);
  EXPECT_NEAR(moved.at(5, 7)[1] - plane.at(5, 7)[1], -2, 1e-12);
  EXPECT_EQ(moved.z_mm, plane.z_mm);
}

TEST(PhantomScanProperty, TheWorldHoldsTheHeartInMillimeters) {
  PhantomOptions options;
  options.seed = 8;
  const Scan scan = draw_scan(options).scan;
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_NEAR(length(scan.world_from_heart.column(axis)), 1, 1e-12);
    EXPECT_NEAR(
        dot(scan.world_from_heart.column(axis), scan.world_from_heart.column((axis + 1) % 3)), 0,
        1e-12);
  }
  // Pixel (3, 4) of the second slice by the plane and by the grid of the files.
  const auto p = plane_at(scan, scan.slice_z_mm[1]).at(3, 4);
  const Point world = scan.world_from_heart({p[0], p[1], scan.slice_z_mm[1]});
  EXPECT_NEAR(length(minus(world, scan.grid.world_from_voxel({3, 4, 1}))), 0, 1e-9);
}

}  // namespace dmcvr
