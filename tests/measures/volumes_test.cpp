// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/volumes.h"

#include "measures/toy_hearts.h"

#include "dmcvr/geometry/dense_grid.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr double kRounding_ml = 1e-9;

TEST(StructureVolumes, ACylinderHasItsTrueVolumeOnFewPlanesAndOnMany) {
  const Grid acquired = test::toy_grid(5, 8);
  const auto z_mm = plane_positions(acquired);
  const auto discs =
      structure_volumes(test::toy_labels(acquired, {6}), acquired_stack(z_mm, 8)).at(0);
  // 36 pixels of 4 mm² over 40 mm; a wall of 28; an RV of 6. Caps: 4 mm at either end.
  EXPECT_NEAR(discs.at(kLvc).ml, 36 * 4 * 40 / 1000.0, kRounding_ml);
  EXPECT_NEAR(discs.at(kLvm).ml, 28 * 4 * 40 / 1000.0, kRounding_ml);
  EXPECT_NEAR(discs.at(kRvc).ml, 6 * 4 * 40 / 1000.0, kRounding_ml);
  EXPECT_NEAR(discs.at(kLvc).cap_ml, 36 * 4 * 8 / 1000.0, kRounding_ml);
  EXPECT_EQ(discs.at(kLvc).voxels, 5 * 36);

  for (const double spacing_mm : {0.5, 1.0, 2.5, 8.0}) {
    const Grid grid = dense_grid(acquired, spacing_mm).grid;
    const auto dense =
        structure_volumes(test::toy_labels(grid, {6}), dense_stack(grid, z_mm)).at(0);
    for (const int64_t label : {kLvc, kLvm, kRvc}) {
      EXPECT_NEAR(dense.at(label).ml, discs.at(label).ml, kRounding_ml) << spacing_mm;
      EXPECT_NEAR(dense.at(label).cap_ml, discs.at(label).cap_ml, kRounding_ml) << spacing_mm;
    }
  }
}

TEST(StructureVolumes, UnevenSlicesStandForHalfTheWayToTheirNeighbors) {
  const std::vector<double> z_mm = {0, 6, 16, 18};
  Labels labels = test::toy_labels(test::toy_grid(4, 7), {6});
  const auto cylinder = structure_volumes(labels, acquired_stack(z_mm, 7)).at(0);
  // From 3 mm before the first to 1 mm behind the last.
  EXPECT_NEAR(cylinder.at(kLvc).ml, 36 * 4 * 22 / 1000.0, kRounding_ml);
  EXPECT_NEAR(cylinder.at(kLvc).cap_ml, 36 * 4 * 4 / 1000.0, kRounding_ml);

  labels.voxels[0].slice(0, 0, 2).zero_();
  labels.voxels[0][3].zero_();
  const auto one_slice = structure_volumes(labels, acquired_stack(z_mm, 7)).at(0);
  EXPECT_NEAR(one_slice.at(kLvc).ml, 36 * 4 * 6 / 1000.0, kRounding_ml);
  EXPECT_EQ(one_slice.at(kLvc).cap_ml, 0);
}

// The dense planes lie on a grid; the slices do not, when their pitch is uneven.
TEST(StructureVolumes, DensePlanesReachAsFarAsTheSlices) {
  const std::vector<double> z_mm = {0, 6.2, 15.9, 24.1};
  const Grid grid = test::toy_grid(25, 1);
  const auto dense = structure_volumes(test::toy_labels(grid, {6}), dense_stack(grid, z_mm)).at(0);
  EXPECT_NEAR(dense.at(kLvc).ml, 36 * 4 * (24.1 + 3.1 + 4.1) / 1000, kRounding_ml);
  // A grid that goes on beyond the slices loses nothing.
  const Grid longer = test::toy_grid(40, 1);
  const auto whole =
      structure_volumes(test::toy_labels(longer, {6}), dense_stack(longer, z_mm)).at(0);
  EXPECT_NEAR(whole.at(kLvc).ml, 36 * 4 * (3.1 + 39 + 0.5) / 1000, kRounding_ml);
}

TEST(StructureVolumes, OneSliceIsADiscOfItsPitch) {
  const Labels labels = test::toy_labels(test::toy_grid(1, 8), {6});
  const auto disc = structure_volumes(labels, acquired_stack({0}, 8)).at(0);
  EXPECT_NEAR(disc.at(kLvc).ml, 36 * 4 * 8 / 1000.0, kRounding_ml);
}

TEST(StructureVolumes, AStructureThatIsNotThereIsCounted) {
  Labels labels = test::toy_labels(test::toy_grid(6, 8), {6, 4});
  labels.voxels[1].masked_fill_(labels.voxels[1] == kRvc, 0);
  labels.voxels[0].select(0, 2).zero_();
  labels.voxels[0].select(0, 4).zero_();
  labels.voxels[0].select(0, 0).zero_();
  const auto phases = structure_volumes(labels, acquired_stack(plane_positions(labels.grid), 8));
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(phases[0].at(kLvc).skipped_planes, (std::vector<int64_t>{2, 4}));
  EXPECT_TRUE(phases[1].at(kLvc).skipped_planes.empty());
  EXPECT_EQ(phases[1].at(kRvc).voxels, 0);
  EXPECT_EQ(phases[1].at(kRvc).ml, 0);
}

// Volume does not depend on which way the slices are numbered.
TEST(StructureVolumesProperty, ReversedSlicesHaveTheSameVolume) {
  for (int64_t seed = 0; seed < 20; ++seed) {
    Labels labels = test::toy_labels(test::toy_grid(6, 8), {6});
    for (int64_t k = 0; k < 6; ++k) {
      labels.voxels[0][k].zero_();
      test::draw_heart_plane(labels.voxels[0][k], 1 + (seed * 7 + k * k) % 9);
    }
    std::vector<double> z_mm = {0}, reversed_mm = {0};
    for (int64_t k = 1; k < 6; ++k)
      z_mm.push_back(z_mm.back() + 5 + static_cast<double>((seed + 3 * k) % 4));
    for (int64_t k = 1; k < 6; ++k)
      reversed_mm.push_back(z_mm[5] - z_mm[static_cast<size_t>(5 - k)]);
    const auto forward = structure_volumes(labels, acquired_stack(z_mm, 8)).at(0);
    labels.voxels = labels.voxels.flip(1);
    const auto backward = structure_volumes(labels, acquired_stack(reversed_mm, 8)).at(0);
    EXPECT_NEAR(forward.at(kLvc).ml, backward.at(kLvc).ml, kRounding_ml);
    EXPECT_NEAR(forward.at(kLvc).cap_ml, backward.at(kLvc).cap_ml, kRounding_ml);
  }
}

}  // namespace
}  // namespace dmcvr
