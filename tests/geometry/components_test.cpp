// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/components.h"

#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <numeric>

namespace dmcvr {

TEST(Components, CornersTouchOnlyWithCornerConnectivity) {
  auto mask = torch::zeros({2, 2, 2}, torch::kBool);
  mask[0][0][0] = true;
  mask[1][1][1] = true;
  EXPECT_EQ(connected_components(mask, Connectivity::corners).sizes, std::vector<int64_t>({2}));
  EXPECT_EQ(connected_components(mask, Connectivity::faces).sizes, std::vector<int64_t>({1, 1}));
}

TEST(Components, EmptyMaskHasNone) {
  const auto components =
      connected_components(torch::zeros({3, 4, 5}, torch::kUInt8), Connectivity::faces);
  EXPECT_TRUE(components.sizes.empty());
  EXPECT_FALSE(components.ids.any().item<bool>());
}

TEST(Components, AreNumberedFromLargeToSmall) {
  auto mask = torch::zeros({1, 1, 12}, torch::kUInt8);
  mask.slice(2, 0, 2).fill_(1);   // 2 voxels
  mask.slice(2, 3, 7).fill_(1);   // 4 voxels
  mask.slice(2, 8, 10).fill_(1);  // 2 voxels, later
  const auto components = connected_components(mask, Connectivity::faces);
  EXPECT_EQ(components.sizes, std::vector<int64_t>({4, 2, 2}));
  EXPECT_EQ(components.ids[0][0][0].item<int>(), 2);
  EXPECT_EQ(components.ids[0][0][3].item<int>(), 1);
  EXPECT_EQ(components.ids[0][0][8].item<int>(), 3);
}

TEST(ComponentsProperty, CoverTheMaskAndNeighborsShareTheirComponent) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto random = make_generator(seed, "mask");
    const auto mask = at::rand({5, 9, 8}, random, torch::kFloat32) < 0.35;
    const auto components = connected_components(mask, Connectivity::faces);
    EXPECT_TRUE((components.ids > 0).equal(mask));

    for (int64_t axis = 0; axis < 3; ++axis) {
      const auto a = components.ids.narrow(axis, 0, mask.size(axis) - 1);
      const auto b = components.ids.narrow(axis, 1, mask.size(axis) - 1);
      EXPECT_FALSE(((a > 0) & (b > 0) & (a != b)).any().item<bool>());
    }
    for (size_t i = 0; i < components.sizes.size(); ++i) {
      EXPECT_EQ((components.ids == static_cast<int64_t>(i + 1)).sum().item<int64_t>(),
                components.sizes[i]);
    }
  }
}

}  // namespace dmcvr
