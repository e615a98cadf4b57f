// SPDX-License-Identifier: Apache-2.0
// Group normalization, modulation and activation with their gradient, for training on the CPU,
// where LibTorch's own backward pass takes longer (benchmarks/RESULTS.md).
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// Added to the variance, as in the reference.
constexpr double kNormalizationEpsilon = 1e-5;

// Whether normalized_silu takes x: on the CPU, float32 or bfloat16, channels a multiple of 8.
bool has_normalized_silu(const torch::Tensor& x);

// SiLU(scale n(x) + shift), n(x) = (x - mean) / sqrt(variance + 1e-5) over the pixels of C / groups
// neighboring channels of one item. x [N, C, H, W]; scale, shift [N, C] float32. Gradients flow to
// all three; sums are in float32 whatever the type of x, which the result has as well. Other memory
// layouts than channels-last cost a copy there and back.
torch::Tensor normalized_silu(const torch::Tensor& x, const torch::Tensor& scale,
                              const torch::Tensor& shift, int64_t groups);

}  // namespace dmcvr
