// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/cine.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Cine, ChecksVoxelsAndTimes) {
  Grid grid;
  grid.size = {4, 3, 2};
  EXPECT_NO_THROW((Cine{grid, torch::zeros({5, 2, 3, 4}), {}}.check()));
  EXPECT_NO_THROW((Cine{grid, torch::zeros({2, 2, 3, 4}), {0, 40}}.check()));
  EXPECT_THROW((Cine{grid, torch::zeros({5, 2, 3, 4}), {0, 40}}.check()), c10::Error);
  EXPECT_THROW((Cine{grid, torch::zeros({2, 3, 4}), {}}.check()), c10::Error);
  EXPECT_THROW((Cine{grid, torch::zeros({0, 2, 3, 4}), {}}.check()), c10::Error);
  EXPECT_THROW((Cine{grid, torch::zeros({5, 3, 2, 4}), {}}.check()), c10::Error);
}

TEST(Cine, PhaseSharesTheVoxels) {
  Grid grid;
  grid.size = {4, 3, 2};
  const Cine cine = {grid, torch::arange(48, torch::kFloat32).reshape({2, 2, 3, 4}), {}};
  const Volume phase = cine.phase(1);
  EXPECT_NO_THROW(phase.check());
  EXPECT_TRUE(phase.voxels.equal(cine.voxels[1]));
  phase.voxels.fill_(-1);
  EXPECT_EQ(cine.voxels[1].max().item<float>(), -1);
}

}  // namespace dmcvr
