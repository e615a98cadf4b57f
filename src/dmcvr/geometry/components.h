// SPDX-License-Identifier: Apache-2.0
// Connected parts of a mask.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// Which voxels count as neighbors: the 6 that share a face, or the 26 that share at least a corner.
// For a mask of one slice these are the 4 and the 8.
enum class Connectivity { faces, corners };

struct Components {
  torch::Tensor ids;  // [D, H, W] int32: 0 outside the mask, then 1, 2, … from large to small
  std::vector<int64_t> sizes;  // voxels of component 1, 2, …
};

// mask: [D, H, W], bool or uint8, CPU. Components of equal size are numbered in the order of their
// first voxels.
Components connected_components(const torch::Tensor& mask, Connectivity connectivity);

}  // namespace dmcvr
