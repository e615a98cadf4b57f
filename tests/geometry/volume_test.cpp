// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/volume.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Volume, ChecksThatVoxelsLieOnTheGrid) {
  Grid grid;
  grid.size = {4, 3, 2};
  EXPECT_NO_THROW((Volume{grid, torch::zeros({2, 3, 4})}.check()));
  EXPECT_THROW((Volume{grid, torch::zeros({4, 3, 2})}.check()), c10::Error);
  EXPECT_THROW((Volume{grid, torch::zeros({1, 2, 3, 4})}.check()), c10::Error);
  EXPECT_THROW((Volume{grid, torch::zeros({2, 3, 4}, torch::kInt16)}.check()), c10::Error);
  EXPECT_THROW((Volume{grid, {}}.check()), c10::Error);
}

}  // namespace dmcvr
