// SPDX-License-Identifier: Apache-2.0
// From codes to slices (DMCVR, section 2.1): the conditional diffusion from x_T to the picture, or
// from a picture that stands for the slice under so much noise that the codes can correct it.
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
  double start_sigma = 0.3;                  // noise on the pictures of decode_from
};

// Pictures [N, 1, P, P] in unit values on the CPU, not clipped. Progress counts evaluations of the
// generator.
torch::Tensor decode(const Codes& codes, Networks& networks, const DecodeOptions& options,
                     const OnProgress& on_progress = {});

// The same from pictures [N, 1, P, P] in unit values with x_T as the noise on them.
torch::Tensor decode_from(const torch::Tensor& pictures, const Codes& codes, Networks& networks,
                          const DecodeOptions& options, const OnProgress& on_progress = {});

}  // namespace dmcvr
