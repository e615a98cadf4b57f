// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/orientation.h"

#include "geometry/oblique.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

Affine sheared(uint64_t seed, double shear) {
  Affine a = test::oblique_grid(seed, seed % 2 == 1, {1.5, 1.5, 10}).world_from_voxel;
  for (auto& row : a.matrix) row[2] += shear * 10 / 1.5 * row[0];
  return a;
}

double largest_difference(const Affine& a, const Affine& b) {
  double largest = 0;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) {
      largest = std::max(largest, std::abs(a.matrix[row][axis] - b.matrix[row][axis]));
    }
  }
  return largest;
}

}  // namespace

TEST(OrientationCode, NamesTheSideTowardWhichEachIndexGrows) {
  EXPECT_EQ(orientation_code({}), "RAS");
  EXPECT_EQ(orientation_code({{{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 10}}}, {}}), "LPS");
  EXPECT_EQ(orientation_code({{{{0, 0, 8}, {-1, 0, 0}, {0, -1, 0}}}, {}}), "PIR");
}

TEST(OrientationCode, GivesEachDirectionToOneAxisOfATiltedStack) {
  // Columns and slices both lean most toward the left; the slices do so more.
  const double h = std::sqrt(0.5);
  EXPECT_EQ(orientation_code({{{{-0.6, 0, -0.8}, {0, -1, 0}, {-0.8, 0, 0.6}}}, {}}), "IPL");
  EXPECT_EQ(orientation_code({{{{-h, 0, -h * 1.01}, {0, -1, 0}, {-h, 0, h}}}, {}}).size(), 3U);
}

TEST(Skew, IsZeroForTurnedAndMirroredGrids) {
  for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_LT(skew(sheared(seed, 0)), 1e-14);
}

TEST(Skew, IsTheCosineBetweenTheAxes) {
  EXPECT_NEAR(skew(sheared(1, 0.01)), 0.01 / std::hypot(1, 0.01), 1e-12);
  EXPECT_NEAR(skew({{{{1, 0, 0}, {0, 1, 1}, {0, 0, 1}}}, {}}), std::sqrt(0.5), 1e-12);
  EXPECT_TRUE(std::isnan(skew({{{{1, 0, 0}, {0, 1, 0}, {0, 0, 0}}}, {}})));
  EXPECT_TRUE(std::isnan(skew({{{{0, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}})));
}

TEST(OrthogonalizeProperty, GivesRightAnglesAndKeepsLengthsHandAndOffset) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Affine before = sheared(seed, 0.2);
    const Affine after = orthogonalize(before);
    EXPECT_LT(skew(after), 1e-14);
    EXPECT_LT(largest_difference(orthogonalize(after), after), 1e-12);
    EXPECT_EQ(after.offset, before.offset);
    EXPECT_GT(after.determinant() * before.determinant(), 0);
    for (int axis = 0; axis < 3; ++axis) {
      const Point a = before.column(axis), b = after.column(axis);
      EXPECT_NEAR(std::hypot(a[0], a[1], a[2]), std::hypot(b[0], b[1], b[2]), 1e-12);
    }
  }
}

TEST(OrthogonalizeProperty, SharesTheTurnBetweenTheAxes) {
  // The nearest axes turn both by half of the shear.
  const Affine a = {{{{1, std::sin(0.1), 0}, {0, std::cos(0.1), 0}, {0, 0, 1}}}, {}};
  const Affine b = orthogonalize(a);
  EXPECT_NEAR(b.matrix[1][0], std::sin(-0.05), 1e-12);
  EXPECT_NEAR(b.matrix[0][1], std::sin(0.05), 1e-12);
}

TEST(RequireOrthogonal, LeavesRoundingAloneRepairsALittleAndRefusesMore) {
  const Affine rounding = sheared(2, 1e-6), little = sheared(2, 5e-4), much = sheared(2, 2e-3);
  EXPECT_EQ(require_orthogonal(rounding, "x").matrix, rounding.matrix);
  EXPECT_LT(skew(require_orthogonal(little, "x")), 1e-14);
  EXPECT_LT(largest_difference(require_orthogonal(little, "x"), little), 10 * 5e-4);
  EXPECT_THROW(require_orthogonal(much, "x"), Error);
  EXPECT_THROW(require_orthogonal({{{{0, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}}, "x"), Error);
}

}  // namespace dmcvr
