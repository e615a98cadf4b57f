// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/semantic_encoder.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/pooling.h>

namespace dmcvr {
namespace nn = torch::nn;

SemanticEncoderImpl::SemanticEncoderImpl(const PathOptions& path, int64_t embedding)
    : multiple_(int64_t{1} << (path.multipliers.size() - 1)) {
  TORCH_CHECK(path.block.embedding == 0 && path.morphology_channels == 0,
              "semantic encoder: its blocks have no conditions");
  const auto down = path_down(path);
  const int64_t channels = down.channels.back();
  input_blocks = register_module("input_blocks", down.blocks);
  middle_block = register_module("middle_block", middle_layers(channels, path.block));
  norm_ = nn::GroupNorm(nn::GroupNormOptions(path.block.groups, channels));
  projection_ = nn::Conv2d(nn::Conv2dOptions(channels, embedding, 1));
  out = register_module("out",
                        nn::Sequential(norm_, nn::SiLU(), nn::AdaptiveAvgPool2d(1), projection_));
}

torch::Tensor SemanticEncoderImpl::forward(const torch::Tensor& x_0) {
  TORCH_CHECK(x_0.dim() == 4 && x_0.size(2) % multiple_ == 0 && x_0.size(3) % multiple_ == 0,
              "semantic encoder: sides of ", x_0.sizes(), " must be multiples of ", multiple_);
  auto h = x_0;
  for (const auto& block : *input_blocks) h = run_layers(*block->as<nn::ModuleList>(), h);
  h = run_layers(*middle_block, h);
  h = group_norm_silu(h, {norm_->weight, norm_->bias, norm_->options.num_groups()});
  return projection_->forward(h.mean(at::IntArrayRef{2, 3}, /*keepdim=*/true))
      .flatten(1);  // [N, E]
}

}  // namespace dmcvr
