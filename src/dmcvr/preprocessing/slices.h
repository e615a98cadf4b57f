// SPDX-License-Identifier: Apache-2.0
// A study as networks see it: square patches around the heart in unit values, and the way back.
#pragma once

#include "dmcvr/preprocessing/crop.h"
#include "dmcvr/preprocessing/intensity.h"
#include "dmcvr/study/study.h"

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

struct Slices {
  torch::Tensor patches;  // [T, D, P, P] float32, unit values
  IntensityMap intensity;
  PlaneAffine slice_from_patch;                // pixels (column, row), the same for all slices
  std::array<int64_t, 2> slice_size = {0, 0};  // columns, rows of the acquired slices
  Interpolation interpolation = Interpolation::linear;  // of pictures, between pixels
};

// Patches of the rule's size and pixel size, centered at `center_mm` (world), of all phases and
// slices. Throws Error if the study is empty (intensity.h).
Slices to_slices(const Study& study, const Point& center_mm, const InputRule& rule);

// The same without patches, which cut_slices then cuts of one phase [D, H, W] at a time.
Slices slice_frame(const Study& study, const Point& center_mm, const InputRule& rule);
torch::Tensor cut_slices(const torch::Tensor& voxels, const Slices& frame, int64_t patch_size);

// Patches [N, P, P] in unit values -> [N, H, W] in scanner units on the acquired in-plane grid.
// What lies outside the patch means nothing; seam_weight says where that is.
torch::Tensor to_scanner(const Slices& slices, const torch::Tensor& patches);

// [H, W]: 1 inside the patch, 0 outside, a soft seam over a sixteenth of the patch at each edge.
torch::Tensor seam_weight(const Slices& slices);

}  // namespace dmcvr
