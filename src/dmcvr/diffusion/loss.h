// SPDX-License-Identifier: Apache-2.0
// What the generator learns: to name the noise that was added (DMCVR Eq. 4; Ho et al. 2020, Eq. 4
// and 14). The paper writes a sum of squares; as in the reference it is their mean, so that the
// loss does not depend on the image size.
#pragma once

#include "dmcvr/diffusion/schedule.h"

#include <torch/types.h>

namespace dmcvr {

// x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε. x_0, eps: [N, ...]; t: [N] int64, indices into the schedule.
torch::Tensor q_sample(const torch::Tensor& x_0, const torch::Tensor& t, const torch::Tensor& eps,
                       const Schedule& schedule);

// The clean image that x_t and its noise imply, not clipped (DMCVR Eq. 2):
// x_t / √ᾱ_t − √(1/ᾱ_t − 1) ε.
torch::Tensor predicted_x_0(const torch::Tensor& x_t, const torch::Tensor& t,
                            const torch::Tensor& eps, const Schedule& schedule);

// Mean of (prediction − target)² over each item, the target being ε in the paper. [N], float32 or
// float64 whatever the type of the prediction.
torch::Tensor prediction_loss(const torch::Tensor& prediction, const torch::Tensor& target);

}  // namespace dmcvr
