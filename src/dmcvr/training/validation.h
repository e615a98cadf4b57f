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

// 3D Dice per stack (one subject and phase), the mean over the stacks that hold the structure in
// truth or prediction, 0 if none does. Details: "LVC", "LVM", "RVC" on patches of the rule's size
// around the heart, which is where a reconstruction takes its labels; "field": the same over the
// whole field of view, padded to multiples of 32, where what looks like a heart and is none counts;
// "stacks". Score: the mean of the three on the patches. Slices without labels are left out.
Validation validate_segmentation(const PackedSlices& packed, const InputRule& rule,
                                 const SegmentFunction& segment);

}  // namespace dmcvr
