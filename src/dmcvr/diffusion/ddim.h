// SPDX-License-Identifier: Apache-2.0
// DDIM (Song et al. 2021, η = 0; DMCVR Eq. 1–3): Euler steps of the probability-flow ODE
//   dx̄ / dσ̄ = ε(x, t),  x̄ = x / √ᾱ,
// upward and downward over the same nodes, without clipping. The clean image enters as x̄ at the
// first node and the last step returns there: x_0 = x̄. x_T is x at the last node, near unit
// variance. First order: the error of the round trip halves when the nodes double. Exact for an ε
// that does not depend on x.
#pragma once

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/diffusion/schedule.h"

namespace dmcvr {

// x_0 from x_T, with one evaluation less than there are nodes.
torch::Tensor ddim_sample(const torch::Tensor& x_T, const Epsilon& eps, const Nodes& nodes,
                          const OnStep& on_step = {});

// x_T from x_0, likewise.
torch::Tensor ddim_invert(const torch::Tensor& x_0, const Epsilon& eps, const Nodes& nodes,
                          const OnStep& on_step = {});

}  // namespace dmcvr
