// SPDX-License-Identifier: Apache-2.0
// Square patches in the plane of a slice, and the way back.
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/geometry/resample.h"

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

// Patch pixel (column, row) -> slice pixel, for a patch of the rule's size and pixel size centered
// at `center_mm` (world; its depth does not matter). Where patch and slice pixels have the same
// size within 0.1 %, the center moves to the next whole pixel, so that patches are exact copies.
PlaneAffine slice_from_patch(const Grid& grid, const Point& center_mm, const InputRule& rule);

// The rule's, between pixels.
Interpolation interpolation_of(const InputRule& rule);

// [N, H, W] float32 -> [N, size, size], zero outside the slice.
torch::Tensor cut_patches(const torch::Tensor& slices, const PlaneAffine& slice_from_patch,
                          int64_t size, Interpolation interpolation);

// [N, P, P] -> [N, H, W] on slices of `slice_size` (columns, rows); for a pixel beyond the patch
// its border holds, farther away is 0.
torch::Tensor paste_patches(const torch::Tensor& patches, const PlaneAffine& slice_from_patch,
                            const std::array<int64_t, 2>& slice_size, Interpolation interpolation);

// How much a patch counts in each slice pixel: 1 inside, falling to 0 over the outermost `seam`
// patch pixels as a half cosine, 0 outside. [H, W]
torch::Tensor patch_weight(const PlaneAffine& slice_from_patch, int64_t patch_size,
                           const std::array<int64_t, 2>& slice_size, double seam);

}  // namespace dmcvr
