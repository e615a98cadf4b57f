// SPDX-License-Identifier: Apache-2.0
// How far two surfaces lie apart, in two definitions: by surface voxels, as in DMCVR's Table 1, and
// by surface area, which does not depend on how the voxels are cut (Nikolov et al. 2018).
#pragma once

#include "dmcvr/metrics/distance_transform.h"

#include <torch/types.h>

namespace dmcvr {

// In the unit of the spacing. All NaN, an absent result, if either mask is empty.
struct SurfaceDistances {
  double asd = 0;   // mean distance from the surface of the prediction to that of the truth
  double hd = 0;    // Hausdorff distance: the largest of both directions
  double assd = 0;  // mean of the two directed means
  double hd95 = 0;  // larger of the two distances below which 95 % of a surface lie
};

// The surface of a mask is its voxels with a face neighbor outside it; outside the array is
// outside the mask. Boolean masks [D, H, W]. The published tables use a spacing of 1, 1, 1:
// distances in voxels, a slice gap counting as one pixel. With `where`, a boolean [D, H, W], only
// the surfaces inside it are asked how far they are from the whole of the other; NaN if there are
// none.
SurfaceDistances surface_distances(const torch::Tensor& prediction, const torch::Tensor& truth,
                                   const Spacing& spacing, const torch::Tensor& where = {});

// In millimeters. Both NaN if either mask is empty.
struct SurfaceDistancesMm {
  double asd_mm = 0;   // mean of the two directed means
  double hd95_mm = 0;  // larger of the two directed distances below which 95 % of the surface lie
};

// Surfaces are made of elements at the corners between eight voxels, weighted with the area of the
// marching-cubes triangles there. Boolean masks [D, H, W]; spacing in millimeters.
SurfaceDistancesMm area_weighted_distances(const torch::Tensor& prediction,
                                           const torch::Tensor& truth, const Spacing& spacing_mm);

}  // namespace dmcvr
