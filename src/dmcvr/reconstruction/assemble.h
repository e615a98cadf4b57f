// SPDX-License-Identifier: Apache-2.0
// The dense heart put together: acquired voxels at their planes, generated patches between them,
// and a line between slices around the patches.
#pragma once

#include "dmcvr/core/label_table.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/planes.h"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// Values of the provenance image; 0 is a voxel between slices, outside the patch.
constexpr int64_t kAcquired = 1;   // measured, copied bit for bit
constexpr int64_t kGenerated = 2;  // drawn by the generator, or blended with it at the seam
const LabelTable& provenance_table();

// What the generator drew in one phase.
struct Drawn {
  std::vector<int64_t> planes;  // dense planes, rising
  torch::Tensor patches;        // [M, P, P] unit values, one per plane; undefined without planes
};

struct ValueRange {
  double least = 0;
  double largest = 0;
};

// Of all voxels.
ValueRange value_range(const torch::Tensor& voxels);

// One phase [D', H, W] in scanner units, from its acquired slices [D, H, W]. Generated values are
// kept within `range`, that of the acquired film. Acquired planes that the generator drew as well
// (regenerate) hold its patch; all others hold measured voxels.
torch::Tensor assemble_volume(const torch::Tensor& acquired, const ValueRange& range,
                              const Slices& slices, const DensePlanes& planes, const Drawn& drawn);

// Where the voxels of that volume come from, [D', H, W] uint8; the same in every phase.
torch::Tensor assemble_provenance(const Slices& slices, const DensePlanes& planes,
                                  const std::vector<int64_t>& drawn_planes);

}  // namespace dmcvr
