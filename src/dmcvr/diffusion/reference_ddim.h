// SPDX-License-Identifier: Apache-2.0
// DDIM (Song et al. 2021, η = 0; DMCVR Eq. 1–3) with every convention of the reference
// implementation, for comparison with its numbers. ddim.h is the same method without them:
// - x̂_0 is clipped to [−1, 1] and ε derived again from the clipped value, when sampling and
// inverting;
// - inverting takes the clean image as if it were already at the first noise level;
// - its last step goes to ᾱ = 0, so that x_T is the last ε, while sampling takes x_T to be at the
//   last level of the schedule, and its last step returns x̂_0;
// - coefficients are float32, with √ᾱ and √(1 − ᾱ) of the level stepped to taken in float32.
#pragma once

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/diffusion/schedule.h"

namespace dmcvr {

struct ReferenceDdim {
  Schedule schedule = respace(linear_schedule(), 100);
  bool clip = true;
};

// x_0 from x_T: one evaluation for each step of the schedule, in float32.
torch::Tensor reference_ddim_sample(const torch::Tensor& x_T, const Epsilon& eps,
                                    const ReferenceDdim& ddim, const OnStep& on_step = {});

// x_T from x_0, likewise.
torch::Tensor reference_ddim_invert(const torch::Tensor& x_0, const Epsilon& eps,
                                    const ReferenceDdim& ddim, const OnStep& on_step = {});

}  // namespace dmcvr
