// SPDX-License-Identifier: Apache-2.0
// How well a network in training does on slices that it never saw.
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/training/loop.h"

#include <torch/types.h>

#include <functional>

namespace dmcvr {

// Logits [N, 4, H, W] of pictures [N, 1, H, W].
using SegmentFunction = std::function<torch::Tensor(const torch::Tensor&)>;

// 3D Dice per stack (one subject and phase) over the whole field of view, padded to multiples of
// 32: the heart has to be found as well. Score: the mean over structures of the mean over the
// stacks that hold the structure in truth or prediction; 0 if none does. Details: "LVC", "LVM",
// "RVC", "stacks". Slices without labels are left out.
Validation validate_segmentation(const PackedSlices& packed, const InputRule& rule,
                                 const SegmentFunction& segment);

}  // namespace dmcvr
