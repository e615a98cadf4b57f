// SPDX-License-Identifier: Apache-2.0
// The velocity v = √ᾱ ε − √(1 − ᾱ) x_0 as what a network names instead of the noise (Salimans and
// Ho 2022, appendix D). Near pure noise ε is almost x_t itself, and an error of the network in it
// weighs σ̄ times as much in the picture; from v the same ε follows as √(1 − ᾱ) x_t + √ᾱ v, where
// errors are small in proportion.
#pragma once

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/diffusion/schedule.h"

#include <torch/types.h>

namespace dmcvr {

// What a velocity network learns. x_0, eps: [N, ...]; t: [N] int64, indices into the schedule.
torch::Tensor velocity(const torch::Tensor& x_0, const torch::Tensor& t, const torch::Tensor& eps,
                       const Schedule& schedule);

// The noise that the velocity named at (x_t, t) stands for; t inside the schedule.
torch::Tensor epsilon_from_velocity(const torch::Tensor& v, const torch::Tensor& x_t,
                                    const torch::Tensor& t, const Schedule& schedule);

}  // namespace dmcvr
