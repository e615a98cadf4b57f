// SPDX-License-Identifier: Apache-2.0
// The classical baseline, and what surrounds the generated patch: voxels on a line between slices.
#pragma once

#include "dmcvr/reconstruction/planes.h"

#include <torch/types.h>

namespace dmcvr {

// slices: [D, H, W] float32, one phase, at the acquired positions. Returns [D', H, W] on the dense
// planes: planes of acquired slices hold them bit for bit, the others the linear mean of the two
// slices around them.
torch::Tensor linear_planes(const torch::Tensor& slices, const DensePlanes& planes);

// slices: [D, H, W] at the ascending acquired_z_mm. Returns [M, H, W]: the linear mean of the two
// slices around each position of z_mm, all of which lie inside the stack.
torch::Tensor mix_linearly(const torch::Tensor& slices, const std::vector<double>& acquired_z_mm,
                           const std::vector<double>& z_mm);

// The slices around a position inside the stack: below + fraction (above - below).
struct Between {
  int64_t below = 0;
  int64_t above = 0;
  double fraction = 0;  // 0 to 1
};
Between slices_around(const std::vector<double>& acquired_z_mm, double z_mm);

// Which of them is nearer: -1 below, 1 above, 0 neither, within a thousandth of their distance.
int nearer_side(const Between& place);

}  // namespace dmcvr
