// SPDX-License-Identifier: Apache-2.0
// Group normalization, modulation and activation in one: what stands before every convolution of
// the generator, and most of its memory traffic.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// One normalization: y = (x - mean) / sqrt(variance + 1e-5) * weight + bias, mean and biased
// variance over the pixels of C / groups neighboring channels of one item.
struct GroupNormParameters {
  torch::Tensor weight;  // [C]
  torch::Tensor bias;    // [C]
  int64_t groups = 32;
};

// y (1 + time_scale) + time_shift, then (1 + z_scale): the published code applies the time first.
// Undefined tensors change nothing. One row serves all items.
struct Modulation {
  torch::Tensor time;     // [N or 1, 2C]: scale, then shift
  torch::Tensor z_scale;  // [N or 1, C]: 1 + scale
};

// The normalization alone, in float32 whatever the type of x, which it returns in.
torch::Tensor group_norm(const torch::Tensor& x, const GroupNormParameters& parameters);

// SiLU(modulated(group_norm(x))) for x [N, C, H, W], in the memory layout of x. On the CPU it is
// one loop instead of six passes over memory where the channels are a multiple of 8
// (normalization_gradient.h).
torch::Tensor group_norm_silu(const torch::Tensor& x, const GroupNormParameters& parameters,
                              const Modulation& modulation = {});

}  // namespace dmcvr
