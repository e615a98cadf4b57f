// SPDX-License-Identifier: Apache-2.0
// One picture in space: a grid and a value per voxel.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <torch/types.h>

namespace dmcvr {

struct Volume {
  Grid grid;
  torch::Tensor voxels;  // [D, H, W], float32, CPU, in scanner units

  void check() const;  // TORCH_CHECKs that voxels and grid agree
};

}  // namespace dmcvr
