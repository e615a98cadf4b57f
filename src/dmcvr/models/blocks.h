// SPDX-License-Identifier: Apache-2.0
// What the U-Net of the generator and the semantic encoder are made of: residual blocks steered by
// time and z_sem, attention over pixels, and the way down through the resolutions, which both
// share.
#pragma once

#include "dmcvr/models/normalization.h"

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dmcvr {

// Receives named intermediate results of a forward pass: "in3", "mid", "out17".
using Observer = std::function<void(const std::string& name, const torch::Tensor& value)>;

// [N] times, real-valued, to [N, width] float32: cos(t f_i), then sin(t f_i), with
// f_i = 10000^(-2 i / width) for i < width / 2. `width` is even.
torch::Tensor timestep_embedding(const torch::Tensor& t, int64_t width);

enum class Resampling { none, down, up };  // mean over 2 x 2 pixels; each pixel four times

struct ResBlockOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t embedding =
      0;                // width of time embedding and z_sem; 0: no conditions, one convolution only
  int64_t groups = 32;  // of every normalization
  double dropout = 0;   // before the second convolution
  Resampling resampling = Resampling::none;
};

// What the last input channels of a block contribute before its second normalization, and to its
// skip: [N, out_channels, H, W] after resampling. It can be kept while the first channels change.
struct PartialInput {
  torch::Tensor main;
  torch::Tensor skip;
};

// conv(SiLU(GN(x))), modulated by the conditions: conv(SiLU(modulated(GN(.)))), plus x.
class ResBlockImpl : public torch::nn::Module {
 public:
  explicit ResBlockImpl(const ResBlockOptions& block_options);

  // x [N, in_channels, H, W]; time_embedding [N or 1, E], z_scale from z_scale(z_sem). Both are
  // ignored by an unconditioned block, and each may be undefined.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& time_embedding = {},
                        const torch::Tensor& z_scale = {});

  // 1 + scale of every channel: [N, out_channels] from z_sem [N, E].
  torch::Tensor z_scale(const torch::Tensor& z_sem);

  // Whether no normalization group spans the border before the last `count` input channels.
  bool is_separable(int64_t count) const;
  // The share of the last input channels, [N, count, H, W]; they must be separable.
  PartialInput partial(const torch::Tensor& last_channels);
  // forward(cat(x, last_channels)) from the first channels and that share.
  torch::Tensor forward(const torch::Tensor& x, const PartialInput& share,
                        const torch::Tensor& time_embedding, const torch::Tensor& z_scale);

  ResBlockOptions options;
  torch::nn::Sequential in_layers;
  torch::nn::Sequential emb_layers{nullptr};
  torch::nn::Sequential cond_emb_layers{nullptr};
  torch::nn::Sequential out_layers{nullptr};
  torch::nn::Conv2d skip_connection{nullptr};

 private:
  PartialInput first_half(const torch::Tensor& x, int64_t begin, bool with_bias);
  torch::Tensor second_half(const PartialInput& h, const torch::Tensor& time_embedding,
                            const torch::Tensor& z_scale);

  // Elements of in_layers and out_layers.
  torch::nn::GroupNorm in_norm_{nullptr}, out_norm_{nullptr};
  torch::nn::Conv2d in_conv_{nullptr}, out_conv_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
};
TORCH_MODULE(ResBlock);

// Every pixel attends to every pixel, one head over the full width; added to the input.
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(int64_t channels, int64_t groups);
  torch::Tensor forward(const torch::Tensor& x);  // [N, C, H, W]

  torch::nn::GroupNorm norm;
  torch::nn::Conv1d qkv;
  torch::nn::Conv1d proj_out;
};
TORCH_MODULE(Attention);

struct PathOptions {
  int64_t in_channels = 1;
  int64_t base_channels = 128;
  std::vector<int64_t> multipliers;  // one per resolution, each half the one before
  int64_t blocks_per_level = 2;
  int64_t attention_level = 4;      // resolution with attention, 0 the finest
  int64_t morphology_channels = 0;  // that join before the step down from kMorphologyLevel
  ResBlockOptions block;            // embedding, groups and dropout of every block
};

// l_mor has 1/16 of the resolution of the picture.
constexpr int64_t kMorphologyLevel = 4;

// The way down: a list of blocks, each a list of layers, and the channels that each gives.
struct Path {
  torch::nn::ModuleList blocks;
  std::vector<int64_t> channels;
  std::vector<int64_t> levels;  // of the result of each block
};
Path path_down(const PathOptions& options);

// Residual block, attention, residual block.
torch::nn::ModuleList middle_layers(int64_t channels, const ResBlockOptions& block);

// What steers the blocks of a network: [N or 1, E], and one scale per residual block, used in turn.
struct Steering {
  torch::Tensor time_embedding;
  const std::vector<torch::Tensor>* z_scales = nullptr;
  size_t next = 0;
};

// Through a list of ResBlock, Attention and Conv2d, one after the other.
torch::Tensor run_layers(torch::nn::ModuleListImpl& layers, torch::Tensor h, Steering& steering);
torch::Tensor run_layers(torch::nn::ModuleListImpl& layers, torch::Tensor h);

}  // namespace dmcvr
