// SPDX-License-Identifier: Apache-2.0
// The semantic encoder of a diffusion autoencoder (Preechakul et al., CVPR 2022): the way down of a
// U-Net without conditions, and the mean over what is left of the picture.
#pragma once

#include "dmcvr/models/blocks.h"

namespace dmcvr {

class SemanticEncoderImpl : public torch::nn::Module {
 public:
  // `path` has no morphology and no embedding; `embedding` is the length of z_sem.
  SemanticEncoderImpl(const PathOptions& path, int64_t embedding);

  // z_sem [N, embedding] of pictures [N, 1, H, W] whose sides are multiples of 2^(levels - 1).
  torch::Tensor forward(const torch::Tensor& x_0);

  torch::nn::ModuleList input_blocks{nullptr};
  torch::nn::ModuleList middle_block{nullptr};
  torch::nn::Sequential out{nullptr};

 private:
  torch::nn::GroupNorm norm_{nullptr};  // elements of `out`
  torch::nn::Conv2d projection_{nullptr};
  int64_t multiple_;
};
TORCH_MODULE(SemanticEncoder);

}  // namespace dmcvr
