// SPDX-License-Identifier: Apache-2.0
// From slices to their codes (DMCVR, section 2.1): z_sem from the semantic encoder, l_mor from the
// segmenter, x_T by running the generator's diffusion backwards.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/diffusion/solver.h"
#include "dmcvr/latent/code.h"
#include "dmcvr/models/precision.h"
#include "dmcvr/reconstruction/networks.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

enum class StochasticCode {
  inverted,  // x_T holds what z_sem and l_mor leave out of the slice
  drawn,     // one Gaussian picture from the seed for all slices: the other codes must do alone
};

NLOHMANN_JSON_SERIALIZE_ENUM(StochasticCode, {{StochasticCode::inverted, "inverted"},
                                              {StochasticCode::drawn, "drawn"}})

struct EncodeOptions {
  SolverOptions solver;
  StochasticCode stochastic_code = StochasticCode::inverted;
  int64_t seed = 0;                          // of drawn codes
  int64_t batch_size = 8;                    // patches that go through the networks at once
  Precision precision = Precision::float32;  // of the generator
};

// patches: [N, 1, P, P] unit values on the CPU. The codes lie on the CPU; l_mor is undefined for a
// generator without morphology. Progress counts evaluations of the generator.
Codes encode(const torch::Tensor& patches, Networks& networks, const EncodeOptions& options,
             const OnProgress& on_progress = {});

// Evaluations of the generator that encode needs for one patch.
int64_t evaluations(const EncodeOptions& options);

}  // namespace dmcvr
