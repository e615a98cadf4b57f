// SPDX-License-Identifier: Apache-2.0
// Bodies without handles.
#pragma once

#include <torch/types.h>

namespace dmcvr {

// The body that grows inside a mask from its deepest voxel, deeper and fuller places first, by
// voxels that change nothing but the size: simple points (Bertrand, Malandain 1994) where voxels
// are connected by faces and the outside by faces and edges, as surfaces half way between them see
// it. It has one part, no hole and no handle; it lacks the parts of the mask that it does not
// reach, and where the mask has a handle, some voxels across its thinnest place. mask: [D, H, W]
// bool, not empty.
torch::Tensor sphere_in(const torch::Tensor& mask);

}  // namespace dmcvr
