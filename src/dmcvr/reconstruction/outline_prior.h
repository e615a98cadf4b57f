// SPDX-License-Identifier: Apache-2.0
// What the labels of two slices say of a plane between them, as probabilities: outlines
// interpolated as in shape.h, less certain the farther away the slices are. Joined with what the
// segmenter sees in a picture drawn there, neither error is alone.
#pragma once

#include "dmcvr/reconstruction/outlines.h"

#include <torch/types.h>

#include <vector>

namespace dmcvr {

// Logarithms of probabilities [M, 4, H, W] float32 at the positions of z_mm, background first. A
// border is a logistic step whose width is a fifth of the distance to the nearer slice, at least
// 0.3 mm. A structure that only one of the slices around has shrinks to nothing half way.
torch::Tensor outline_prior(const HeartOutlines& heart, const std::vector<double>& acquired_z_mm,
                            const std::vector<double>& z_mm);

// The most likely label [M, H, W] uint8 when probabilities [M, 4, H, W] and the prior are
// multiplied with powers 1 − weight and weight; weight 0 to 1.
torch::Tensor most_likely_with(const torch::Tensor& probabilities, const torch::Tensor& prior,
                               double weight);

}  // namespace dmcvr
