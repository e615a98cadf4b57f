// SPDX-License-Identifier: Apache-2.0
// What MedFormer (Gao et al. 2022) is made of, in two dimensions: convolutions that normalize
// first, a semantic map of 3 x 3 codes per picture, and attention between pixels and codes in both
// directions. Names and shapes equal the public state dict.
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/moduledict.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// A feature map [N, C, H, W] and its semantic map [N, C, 3, 3], undefined at the fine resolutions.
struct FeatureAndMap {
  torch::Tensor feature;
  torch::Tensor map;
};

// conv(act(norm(x))) without bias; act is GELU or nothing.
struct NormConvOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel = 3;  // padded to keep the size
  bool depthwise = false;
  bool activation = true;
};
class NormConvImpl : public torch::nn::Module {
 public:
  explicit NormConvImpl(const NormConvOptions& options);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Conv2d conv;
  torch::nn::BatchNorm2d norm;
  bool has_activation;
};
TORCH_MODULE(NormConv);

// Two of them, 3 x 3, around a shortcut.
class BasicBlockImpl : public torch::nn::Module {
 public:
  explicit BasicBlockImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);

  NormConv conv1;
  NormConv conv2;
};
TORCH_MODULE(BasicBlock);

// 3 x 3 per channel, then 1 x 1, without bias.
class SeparableConvImpl : public torch::nn::Module {
 public:
  SeparableConvImpl(int64_t in_channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Conv2d depthwise;
  torch::nn::Conv2d pointwise;
};
TORCH_MODULE(SeparableConv);

// Weighs channels by what the whole picture holds.
class SqueezeExciteImpl : public torch::nn::Module {
 public:
  explicit SqueezeExciteImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Sequential excitation;
};
TORCH_MODULE(SqueezeExcite);

// The feed-forward part: inverted bottleneck of twice the width around a shortcut.
class MbConvImpl : public torch::nn::Module {
 public:
  explicit MbConvImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);

  NormConv expand_proj{nullptr};
  NormConv depthwise{nullptr};
  SqueezeExcite se_block{nullptr};
  NormConv pointwise{nullptr};
};
TORCH_MODULE(MbConv);

// Four neighboring pixels become the channels of one.
class PatchMergingImpl : public torch::nn::Module {
 public:
  PatchMergingImpl(int64_t in_channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);

  SeparableConv reduction;
  torch::nn::BatchNorm2d norm;
};
TORCH_MODULE(PatchMerging);

// Nine weighted means over the pixels: [N, C, H, W] to [N, C, 3, 3].
class MapGenerationImpl : public torch::nn::Module {
 public:
  explicit MapGenerationImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Conv2d base_proj;
  torch::nn::Conv2d semantic_proj;
};
TORCH_MODULE(MapGeneration);

// Pixels attend to codes and codes to pixels, through one matrix of similarities.
class BidirectionalAttentionImpl : public torch::nn::Module {
 public:
  BidirectionalAttentionImpl(int64_t channels, int64_t heads);
  FeatureAndMap forward(const torch::Tensor& feature, const torch::Tensor& map);

  int64_t heads;
  SeparableConv feat_qv;
  SeparableConv feat_out;
  torch::nn::Conv2d map_qv;
  torch::nn::Conv2d map_out;
};
TORCH_MODULE(BidirectionalAttention);

class AttentionBlockImpl : public torch::nn::Module {
 public:
  AttentionBlockImpl(int64_t channels, int64_t heads);
  FeatureAndMap forward(const FeatureAndMap& x);

  torch::nn::BatchNorm2d norm1;  // of the feature
  torch::nn::BatchNorm2d norm2;  // of the map
  BidirectionalAttention attn;
  MbConv feedforward;
};
TORCH_MODULE(AttentionBlock);

// Attention blocks in a row, named trans_blocks.blocks.<index>.
class AttentionStackImpl : public torch::nn::Module {
 public:
  AttentionStackImpl(int64_t channels, int64_t heads, int64_t count);
  FeatureAndMap forward(FeatureAndMap x);

  torch::nn::ModuleList blocks;
};
TORCH_MODULE(AttentionStack);

// The maps of several resolutions talk to each other in a transformer over their 9 codes each.
struct MapFusionOptions {
  std::vector<int64_t> channels;  // of the maps
  int64_t width = 512;
  int64_t depth = 2;
  int64_t heads = 16;
};
class MapFusionImpl : public torch::nn::Module {
 public:
  explicit MapFusionImpl(const MapFusionOptions& options);
  std::vector<torch::Tensor> forward(const std::vector<torch::Tensor>& maps);

  torch::nn::ModuleList in_proj;
  torch::nn::ModuleDict fusion;  // {"layers": list of transformer layers}
  torch::nn::ModuleList out_proj;

 private:
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(MapFusion);

}  // namespace dmcvr
