// SPDX-License-Identifier: Apache-2.0
// The dense heart put together: acquired voxels at their planes, generated patches between them,
// and a line between slices around the patches.
#pragma once

#include "dmcvr/core/label_table.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/planes.h"
#include "dmcvr/study/study.h"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// Values of the provenance image; 0 is a voxel between slices, outside the patch.
constexpr int64_t kAcquired = 1;   // measured, copied bit for bit
constexpr int64_t kGenerated = 2;  // drawn by the generator, or blended with it at the seam
const LabelTable& provenance_table();

// What the generator drew.
struct Drawn {
  std::vector<int64_t> planes;  // dense planes, rising
  torch::Tensor patches;        // [T, M, P, P] unit values, one per phase and plane
};

// In scanner units, all phases. Generated values are kept within those of the acquired stack.
// Acquired planes that the generator drew as well (regenerate) hold its patch; all others hold
// measured voxels.
Cine assemble_volume(const Study& study, const Slices& slices, const DensePlanes& planes,
                     const Drawn& drawn);

// Where the voxels of that volume come from.
Labels assemble_provenance(const Slices& slices, const DensePlanes& planes, const Drawn& drawn,
                           int64_t phase_count);

}  // namespace dmcvr
