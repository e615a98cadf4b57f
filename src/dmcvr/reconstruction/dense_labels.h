// SPDX-License-Identifier: Apache-2.0
// Labels of the dense heart: what the segmenter sees in every patch, acquired or generated, brought
// onto the acquired in-plane grid; between slices, by choice, together with the outlines around.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/assemble.h"
#include "dmcvr/reconstruction/plan.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// All planes of all phases, cleaned up. With plan.outline_weight drawn planes heed the labels of
// the slices around, except where those are drawn as well. Progress counts pictures.
Labels dense_labels(const Slices& slices, const Drawn& drawn, const Plan& plan,
                    Segmenter& segmenter, const OnProgress& on_progress = {});

// patches: [N, P, P] unit values, cut as those of `slices`. Probabilities are interpolated onto the
// grid of the slices before the most likely label is taken, so that borders stay smooth. Background
// outside the patch. Returns [N, H, W] uint8.
torch::Tensor label_patches(const torch::Tensor& patches, const Slices& slices,
                            Segmenter& segmenter, int64_t batch_size,
                            const OnProgress& on_progress = {});

}  // namespace dmcvr
