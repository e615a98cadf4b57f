// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/intensity.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(IntensityMap, TakesItsEndsFromPercentiles) {
  const auto voxels = torch::arange(1001, torch::kFloat32);  // the percentile of q is 10 q
  const auto map = intensity_map(voxels, small_segmenter_rule());
  EXPECT_NEAR(map.low, 5, 1e-3);
  EXPECT_NEAR(map.high, 995, 1e-3);
  EXPECT_NEAR(from_unit(torch::tensor(map.limit), map).item<double>(), 1.25 * 995, 1e-2);
}

TEST(IntensityMap, FollowsTheReferenceRule) {
  const auto map = intensity_map(torch::arange(1001, torch::kFloat32), reference_rule());
  EXPECT_EQ(map.low, 0);
  EXPECT_NEAR(map.high, 980, 1e-3);
  EXPECT_EQ(map.limit, 1);
}

TEST(IntensityMap, IsUndoneByItsInverseBelowTheLimit) {
  const auto voxels = test::golden_input("stack", {2, 3, 20, 20}, 400, 500);
  const auto map = intensity_map(voxels, small_segmenter_rule());
  EXPECT_TRUE(from_unit(to_unit(voxels, map), map).allclose(voxels, 1e-6, 1e-3));
  EXPECT_LT(to_unit(voxels * 10, map).max().item<double>(), map.limit + 1e-6);
}

TEST(IntensityMap, RefusesAPictureOfOneValue) {
  EXPECT_THROW(intensity_map(torch::full({4, 4}, 7.0f), small_segmenter_rule()), Error);
  EXPECT_THROW(intensity_map(torch::zeros({4, 4}), reference_rule()), Error);
}

}  // namespace dmcvr
