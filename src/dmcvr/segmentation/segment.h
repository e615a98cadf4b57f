// SPDX-License-Identifier: Apache-2.0
// What the segmenter sees in pictures: a probability per structure and pixel.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/models/weights.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// pictures: [N, 1, H, W] unit values (core/input_rule.h) on the CPU, H and W multiples of 16. They
// go through the network in batches, in its range and on its device. Returns softmax probabilities
// [N, 4, H, W] float32 on the CPU, background first.
torch::Tensor label_probabilities(const torch::Tensor& pictures, Segmenter& segmenter,
                                  int64_t batch_size, const OnProgress& on_progress = {});

// The label of the largest probability; of equal ones the first. [N, 4, H, W] -> [N, H, W] uint8.
torch::Tensor most_likely(const torch::Tensor& probabilities);

// Bytes that the segmenter needs for one picture of `pixels` pixels, besides its weights: a bound.
int64_t segmenter_bytes(const MedFormerOptions& options, int64_t pixels);

}  // namespace dmcvr
