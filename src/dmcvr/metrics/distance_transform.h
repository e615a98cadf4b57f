// SPDX-License-Identifier: Apache-2.0
// Exact Euclidean distance transform: one lower envelope of parabolas per line and axis, in time
// linear in the number of voxels (Felzenszwalb & Huttenlocher 2012, sections 2 and 3).
#pragma once

#include <torch/types.h>

#include <array>

namespace dmcvr {

// Distance between neighboring voxels along slices, rows and columns: the order of [D, H, W].
using Spacing = std::array<double, 3>;

// For each voxel the distance to the nearest true voxel of `mask` ([D, H, W], bool), in the unit of
// `spacing`: 0 inside the mask, infinite everywhere if the mask is empty. [D, H, W], float64, CPU.
torch::Tensor distance_to(const torch::Tensor& mask, const Spacing& spacing);

}  // namespace dmcvr
