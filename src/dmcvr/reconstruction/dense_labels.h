// SPDX-License-Identifier: Apache-2.0
// Labels of the dense heart: what the segmenter sees in every patch, acquired or generated, brought
// onto the acquired in-plane grid; between slices, by choice, together with the outlines around.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/assemble.h"
#include "dmcvr/reconstruction/plan.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// All planes of one phase, [D', H, W] uint8, cleaned up; `acquired` are its patches [D, P, P]. With
// plan.outline_weight drawn planes heed the labels of the slices around, except where those are
// drawn as well. Progress counts pictures.
torch::Tensor dense_labels(const torch::Tensor& acquired, const Slices& slices, const Drawn& drawn,
                           const Plan& plan, Segmenter& segmenter,
                           const OnProgress& on_progress = {});

// patches: [N, P, P] unit values, cut as those of `slices`, all of them one batch. What the
// segmenter sees, interpolated onto the grid of the slices: [N, 4, H, W], background first. Outside
// the patch it means nothing.
torch::Tensor slice_probabilities(const torch::Tensor& patches, const Slices& slices,
                                  Segmenter& segmenter);

// The most likely labels of the same, [N, H, W] uint8: borders stay smooth, since probabilities
// were interpolated rather than labels. Background outside the patch.
torch::Tensor label_patches(const torch::Tensor& patches, const Slices& slices,
                            Segmenter& segmenter, int64_t batch_size,
                            const OnProgress& on_progress = {});

}  // namespace dmcvr
