// SPDX-License-Identifier: Apache-2.0
// DPM-Solver++(2M) (Lu et al. 2022, Algorithm 2): second-order steps of the ODE of ddim.h in
// λ = −ln σ̄, with the clean-image estimate D = x̄ − σ̄ ε extrapolated from the last two nodes:
//   x̄' = e^{−h} x̄ − (e^{−h} − 1) D̃,  D̃ = (1 + 1/(2r)) D − 1/(2r) D_before,
//   h = λ' − λ,  r = h_before / h.
// The first step has no past and is of first order. Upward and downward over the same nodes,
// without clipping, with the ends of ddim.h. The error of the round trip falls fourfold when the
// nodes double.
#pragma once

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/diffusion/schedule.h"

namespace dmcvr {

// x_0 from x_T, with one evaluation less than there are nodes.
torch::Tensor dpm_sample(const torch::Tensor& x_T, const Epsilon& eps, const Nodes& nodes,
                         const OnStep& on_step = {});

// x_T from x_0, likewise.
torch::Tensor dpm_invert(const torch::Tensor& x_0, const Epsilon& eps, const Nodes& nodes,
                         const OnStep& on_step = {});

}  // namespace dmcvr
