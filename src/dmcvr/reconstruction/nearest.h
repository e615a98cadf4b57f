// SPDX-License-Identifier: Apache-2.0
// The simplest baseline: every position shows the slice that is nearest to it.
#pragma once

#include <torch/types.h>

#include <vector>

namespace dmcvr {

// slices: [D, H, W] pictures or labels at the ascending acquired_z_mm. Returns [M, H, W]: at each
// position of z_mm, all of which lie inside the stack, the nearest slice; in the middle between
// two, within a thousandth of their distance, the lower one.
torch::Tensor nearest_slices(const torch::Tensor& slices, const std::vector<double>& acquired_z_mm,
                             const std::vector<double>& z_mm);

}  // namespace dmcvr
