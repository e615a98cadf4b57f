// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/grid.h"

#include "geometry/oblique.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

void expect_near(const Point& a, const Point& b, double tolerance) {
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(a[axis], b[axis], tolerance);
}

}  // namespace

TEST(PointProperty, CrossStandsAtRightAnglesAndHasTheAreaBetween) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto random = make_generator(seed, "points");
    const auto draw = [&] { return Point{normal(random), normal(random), normal(random)}; };
    const Point a = draw(), b = draw(), c = cross(a, b);
    EXPECT_NEAR(dot(a, c), 0, 1e-12);
    EXPECT_NEAR(dot(b, c), 0, 1e-12);
    EXPECT_NEAR(dot(c, c), dot(a, a) * dot(b, b) - dot(a, b) * dot(a, b), 1e-9);
    EXPECT_NEAR(length(unit_vector(a)), 1, 1e-12);
    EXPECT_NEAR(length(minus(plus(a, times(2, b)), a)), 2 * length(b), 1e-12);
  }
  EXPECT_EQ(unit_vector({0, 0, 0}), (Point{0, 0, 0}));
}

TEST(Affine, MapsVoxelsToWorldByColumns) {
  const Affine a = {{{{2, 0, 1}, {0, 3, 0}, {0, 0, 5}}}, {10, 20, 30}};
  expect_near(a({1, 1, 1}), {13, 23, 35}, 0);
  expect_near(a.column(2), {1, 0, 5}, 0);
  EXPECT_DOUBLE_EQ(a.determinant(), 30);
}

TEST(AffineProperty, InverseUndoesTheAffine) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    auto generator = make_generator(seed, "inverse");
    const Affine a = test::oblique_grid(seed, seed % 2 == 1).world_from_voxel;
    const Point p = {uniform(generator, -300, 300), uniform(generator, -300, 300),
                     uniform(generator, -300, 300)};
    expect_near(inverse(a)(a(p)), p, 1e-9);
    expect_near((a * inverse(a))(p), p, 1e-9);
    EXPECT_NEAR(inverse(a).determinant() * a.determinant(), 1, 1e-12);
  }
}

TEST(AffineProperty, ProductAppliesTheRightFactorFirst) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Affine a = test::oblique_grid(seed, false).world_from_voxel;
    const Affine b = test::oblique_grid(seed + 1000, true).world_from_voxel;
    expect_near((a * b)({1, 2, 3}), a(b({1, 2, 3})), 1e-9);
  }
}

TEST(Affine, RefusesToInvertAFlatGrid) {
  EXPECT_THROW(inverse({{{{1, 1, 0}, {1, 1, 0}, {0, 0, 1}}}, {}}), Error);
  EXPECT_THROW(inverse({{{{1, 0, 0}, {0, 1, 0}, {0, 0, 0}}}, {}}), Error);
  EXPECT_THROW(inverse({{{{std::nan(""), 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}}), Error);
}

TEST(Affine, InvertsTinyVoxels) {
  const Affine micrometers = {{{{1e-6, 0, 0}, {0, 1e-6, 0}, {0, 0, 1e-6}}}, {}};
  EXPECT_DOUBLE_EQ(inverse(micrometers).matrix[0][0], 1e6);
}

TEST(Grid, KnowsSpacingAndVolumeOfObliqueVoxels) {
  for (const bool left_handed : {false, true}) {
    const Grid grid = test::oblique_grid(3, left_handed, {1.25, 1.5, 8});
    EXPECT_NEAR(grid.spacing_mm()[0], 1.25, 1e-12);
    EXPECT_NEAR(grid.spacing_mm()[1], 1.5, 1e-12);
    EXPECT_NEAR(grid.spacing_mm()[2], 8, 1e-12);
    EXPECT_NEAR(grid.voxel_ml(), 0.015, 1e-12);
    EXPECT_EQ(grid.world_from_voxel.determinant() < 0, left_handed);
  }
}

TEST(SameGrid, ComparesSizesAndCorners) {
  const Grid grid = test::oblique_grid(1, false);
  EXPECT_TRUE(same_grid(grid, grid));

  Grid other = grid;
  other.size[2] += 1;
  EXPECT_FALSE(same_grid(grid, other));

  // An angle too small to see near the origin moves the far corners.
  other = grid;
  other.world_from_voxel.matrix[0][2] += 1e-3;
  EXPECT_FALSE(same_grid(grid, other));
  EXPECT_TRUE(same_grid(grid, other, 0.1));

  other = grid;
  other.world_from_voxel.offset[1] = std::nan("");
  EXPECT_FALSE(same_grid(grid, other));
}

}  // namespace dmcvr
