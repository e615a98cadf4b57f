// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/linear.h"

#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Grid straight_grid(int64_t slices, double pitch_mm) {
  Grid grid;
  grid.size = {6, 5, slices};
  grid.world_from_voxel.matrix[2][2] = pitch_mm;
  return grid;
}

}  // namespace

TEST(Linear, ReproducesALinearStackAtEveryPlane) {
  const std::vector<double> z = {0, 8, 17, 24};
  const DensePlanes planes = dense_planes(straight_grid(4, 8), z, 2);
  const auto slices = torch::tensor(z, torch::kFloat32).reshape({4, 1, 1}).expand({4, 5, 6});
  const auto dense = linear_planes(slices, planes);
  for (size_t m = 0; m < planes.missing_planes.size(); ++m) {
    EXPECT_LT((dense[planes.missing_planes[m]] - planes.missing_z_mm[m]).abs().max().item<double>(),
              1e-5);
  }
}

TEST(Linear, MixesAtAnyPositions) {
  const auto slices = torch::tensor({0.f, 8.f, 17.f}).reshape({3, 1, 1}).expand({3, 5, 6});
  const std::vector<double> z = {0, 2.5, 8, 16, 17};
  const auto mixed = mix_linearly(slices, {0, 8, 17}, z);
  for (size_t m = 0; m < z.size(); ++m) {
    EXPECT_LT((mixed[static_cast<int64_t>(m)] - z[m]).abs().max().item<double>(), 1e-5);
  }
  EXPECT_THROW(mix_linearly(slices, {0, 8, 17}, {17.1}), c10::Error);
}

TEST(LinearProperty, AcquiredSlicesComeOutBitForBit) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    auto random = make_generator(seed, "slices");
    const auto slices = at::randn({5, 5, 6}, random, torch::kFloat32) * 1e3;
    const Grid grid = straight_grid(5, 7.3);
    const DensePlanes planes = dense_planes(grid, even_positions(grid), 1.1);
    const auto dense = linear_planes(slices, planes);
    for (int64_t k = 0; k < 5; ++k) EXPECT_TRUE(dense[planes.acquired_planes[k]].equal(slices[k]));
  }
}

TEST(Linear, EndsBelongToTheirGaps) {
  const Between first = slices_around({0, 4, 8}, 0), last = slices_around({0, 4, 8}, 8);
  EXPECT_EQ(first.below, 0);
  EXPECT_EQ(first.fraction, 0);
  EXPECT_EQ(last.above, 2);
  EXPECT_EQ(last.fraction, 1);
}

}  // namespace dmcvr
