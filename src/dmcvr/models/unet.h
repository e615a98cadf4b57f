// SPDX-License-Identifier: Apache-2.0
// The conditional U-Net of DMCVR (He et al., MICCAI 2023, section 2.1): predicts the noise eps in
// x_t from the time, the global code z_sem, which scales every residual block, and the regional
// code l_mor, which joins the way down at 1/16 of the resolution.
#pragma once

#include "dmcvr/models/blocks.h"

namespace dmcvr {

// All that z_sem and l_mor contribute, independent of x_t and t: compute it once per slice, use it
// at every step of a solver.
struct Condition {
  std::vector<torch::Tensor> z_scales;  // 1 + scale, [N, C_out], of every residual block in turn
  torch::Tensor morphology;             // convolved l_mor [N, C, H / 16, W / 16], or …
  PartialInput morphology_share;        // … its finished share of the block that it joins

  // Items begin … end - 1 of the batch.
  Condition slice(int64_t begin, int64_t end) const;
};

// Named as in the reference's state dict: time_embed.time_embed.0.weight.
class TimeEmbedImpl : public torch::nn::Module {
 public:
  TimeEmbedImpl(int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& t);  // [N] to [N, out]

  int64_t width;  // of the sinusoids
  torch::nn::Sequential time_embed;
};
TORCH_MODULE(TimeEmbed);

class UNetImpl : public torch::nn::Module {
 public:
  explicit UNetImpl(const PathOptions& path);

  // z_sem [N, E], l_mor [N, C, H / 16, W / 16] (undefined in a network without morphology).
  Condition condition(const torch::Tensor& z_sem, const torch::Tensor& l_mor);

  // eps [N, 1, H, W] of x_t [N, 1, H, W] at times t: [N], or [1] for all. Times are those of the
  // 1000 training steps, counted from 0; they may be real-valued.
  // Observed: "time", "in0" … , "mid", "out0" … .
  torch::Tensor forward(const torch::Tensor& x_t, const torch::Tensor& t,
                        const Condition& condition, const Observer& observe = {});

  PathOptions options;
  TimeEmbed time_embed;
  torch::nn::ModuleList input_blocks{nullptr};
  torch::nn::ModuleList middle_block{nullptr};
  torch::nn::ModuleList output_blocks{nullptr};
  torch::nn::Sequential out{nullptr};
  torch::nn::Conv2d seg_style_conv{nullptr};

 private:
  ResBlock morphology_block_{nullptr};  // the input block that l_mor joins
  size_t morphology_index_ = 0;         // its place in input_blocks
  torch::nn::GroupNorm out_norm_{nullptr};
  torch::nn::Conv2d out_conv_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace dmcvr
