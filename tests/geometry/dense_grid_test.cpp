// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/dense_grid.h"

#include "geometry/oblique.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dmcvr {

TEST(DenseGrid, TakesTheInPlaneSpacing) {
  Grid acquired = test::oblique_grid(1, false, {1.5625, 1.5625, 10});
  acquired.size = {216, 256, 10};
  const DenseGrid dense = dense_grid(acquired);
  EXPECT_NEAR(dense.grid.spacing_mm()[2], 10.0 / 6, 1e-12);
  EXPECT_EQ(dense.grid.size, (std::array<int64_t, 3>{216, 256, 55}));
  EXPECT_EQ(dense.acquired_planes.front(), 0);
  EXPECT_EQ(dense.acquired_planes.back(), 54);
}

TEST(DenseGridProperty, AcquiredCentersLieOnTheirPlanes) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Grid acquired = test::oblique_grid(seed, seed % 2 == 1);
    for (const double spacing : {0.0, 0.3, 1.0, 2.0, 7.5, 30.0}) {
      const auto [grid, planes] = dense_grid(acquired, spacing);
      ASSERT_EQ(planes.size(), 5U);
      EXPECT_EQ(planes.back(), grid.size[2] - 1);
      for (size_t k = 0; k < planes.size(); ++k) {
        const Point a = acquired.world_from_voxel({2, 3, static_cast<double>(k)});
        const Point b = grid.world_from_voxel({2, 3, static_cast<double>(planes[k])});
        EXPECT_LT(std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), 1e-10);
      }
    }
  }
}

TEST(DenseGrid, ComesNearestToTheWantedSpacing) {
  const Grid acquired = test::oblique_grid(1, false, {1.4, 1.4, 10});
  EXPECT_NEAR(dense_grid(acquired, 2.5).grid.spacing_mm()[2], 2.5, 1e-12);
  EXPECT_NEAR(dense_grid(acquired, 3).grid.spacing_mm()[2], 10.0 / 3, 1e-12);
  EXPECT_NEAR(dense_grid(acquired, 20).grid.spacing_mm()[2], 10, 1e-12);
}

TEST(DenseGrid, LeavesASingleSliceAlone) {
  Grid acquired = test::oblique_grid(1, false);
  acquired.size[2] = 1;
  const DenseGrid dense = dense_grid(acquired, 1);
  EXPECT_TRUE(same_grid(dense.grid, acquired));
  EXPECT_EQ(dense.acquired_planes, std::vector<int64_t>{0});
}

TEST(DenseGrid, RefusesImpossibleSpacings) {
  const Grid acquired = test::oblique_grid(1, false);
  for (const double spacing : {-1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e-9}) {
    EXPECT_THROW(dense_grid(acquired, spacing), Error) << spacing;
  }
}

}  // namespace dmcvr
