// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/planes.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// Columns and rows turned in-plane, slices along their normal.
Grid acquired_grid(int64_t slices, double pitch_mm) {
  Grid grid;
  grid.size = {20, 24, slices};
  grid.world_from_voxel.matrix = {
      {{-0.96, 0.72, 0}, {0.72, 0.96, 0}, {0, 0, pitch_mm}}};  // 1.2 mm pixels
  grid.world_from_voxel.offset = {10, -20, 30};
  return grid;
}

}  // namespace

TEST(Planes, EvenSlicesLieOnTheirPlanesExactly) {
  const Grid acquired = acquired_grid(5, 6);
  const DensePlanes planes = dense_planes(acquired, even_positions(acquired), 0);
  EXPECT_EQ(planes.acquired_planes, std::vector<int64_t>({0, 5, 10, 15, 20}));
  EXPECT_EQ(planes.missing_planes.size(), 16U);
  EXPECT_EQ(planes.plane_offsets_mm, std::vector<double>(5, 0.0));
  EXPECT_NEAR(planes.grid.spacing_mm()[2], 1.2, 1e-12);
}

TEST(Planes, SliceSpacingIsTheUsersChoice) {
  const Grid acquired = acquired_grid(3, 10);
  EXPECT_EQ(dense_planes(acquired, even_positions(acquired), 5).grid.size[2], 5);
  EXPECT_EQ(dense_planes(acquired, even_positions(acquired), 10).missing_planes.size(), 0U);
  EXPECT_THROW(dense_planes(acquired, even_positions(acquired), -1), Error);
}

TEST(Planes, UnevenSlicesLieOnTheNearestPlane) {
  const std::vector<double> z = {0, 8, 16.5, 24, 38};
  const DensePlanes planes = dense_planes(acquired_grid(5, 8), z, 2);
  const double step = planes.grid.spacing_mm()[2];
  EXPECT_NEAR(step, 8.25 / 4, 1e-12);  // median gap 8.25 mm
  EXPECT_EQ(planes.grid.size[2], planes.acquired_planes.back() + 1);
  for (size_t k = 0; k < z.size(); ++k) {
    EXPECT_LE(std::abs(planes.plane_offsets_mm[k]), step / 2);
    EXPECT_NEAR(static_cast<double>(planes.acquired_planes[k]) * step + planes.plane_offsets_mm[k],
                z[k], 1e-12);
  }
}

TEST(Planes, SlicesThatWouldShareAPlaneAreAnError) {
  EXPECT_THROW(dense_planes(acquired_grid(4, 10), {0, 10, 20, 20.4}, 5), Error);
}

TEST(Planes, ASingleSliceIsAnError) {
  EXPECT_THROW(dense_planes(acquired_grid(1, 10), {0}, 0), Error);
}

TEST(PlanesProperty, EveryPlaneIsAcquiredOrMissingAndMissingOnesLieInTheStack) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    auto random = make_generator(seed, "planes");
    std::vector<double> z = {0};
    for (int64_t k = 1; k < 6; ++k) z.push_back(z.back() + uniform(random, 6, 12));
    const DensePlanes planes = dense_planes(acquired_grid(6, 9), z, uniform(random, 1, 3));

    std::vector<int64_t> all = planes.acquired_planes;
    all.insert(all.end(), planes.missing_planes.begin(), planes.missing_planes.end());
    std::sort(all.begin(), all.end());
    ASSERT_EQ(static_cast<int64_t>(all.size()), planes.grid.size[2]);
    for (int64_t plane = 0; plane < planes.grid.size[2]; ++plane) EXPECT_EQ(all[plane], plane);
    for (const double position : planes.missing_z_mm) {
      EXPECT_GT(position, 0);
      EXPECT_LE(position, z.back());
    }
  }
}

}  // namespace dmcvr
