// SPDX-License-Identifier: Apache-2.0
// From codes to slices (DMCVR, section 2.1): the conditional diffusion from x_T to the picture.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/diffusion/solver.h"
#include "dmcvr/latent/code.h"
#include "dmcvr/models/precision.h"
#include "dmcvr/reconstruction/networks.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

struct DecodeOptions {
  SolverOptions solver;
  int64_t batch_size = 8;                    // patches that go through the generator at once
  Precision precision = Precision::float32;  // of the generator
};

// Pictures [N, 1, P, P] in unit values on the CPU, not clipped. Progress counts evaluations of the
// generator.
torch::Tensor decode(const Codes& codes, Networks& networks, const DecodeOptions& options,
                     const OnProgress& on_progress = {});

}  // namespace dmcvr
