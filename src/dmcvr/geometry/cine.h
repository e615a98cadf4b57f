// SPDX-License-Identifier: Apache-2.0
// A film in space: one grid for all phases.
#pragma once

#include "dmcvr/geometry/volume.h"

#include <vector>

namespace dmcvr {

struct Cine {
  Grid grid;
  torch::Tensor voxels;          // [T, D, H, W], float32, CPU, in scanner units
  std::vector<double> times_ms;  // T values; empty where unknown

  int64_t phase_count() const { return voxels.size(0); }
  Volume phase(int64_t phase_index) const;  // shares the voxels
  void check() const;                       // TORCH_CHECKs that voxels, times and grid agree
};

}  // namespace dmcvr
