// SPDX-License-Identifier: Apache-2.0
// The segmenter: MedFormer (Gao et al. 2022) in two dimensions. Its deepest feature map is l_mor,
// the regional morphology code of DMCVR.
#pragma once

#include "dmcvr/models/blocks.h"
#include "dmcvr/models/medformer_blocks.h"

#include <nlohmann/json.hpp>

namespace dmcvr {

struct MedFormerOptions {
  int64_t in_channels = 1;
  int64_t class_count = 4;  // background included
  int64_t base_channels =
      32;  // 1, 2, 4, 8, 16 times as many at 1, 1/2, 1/4, 1/8, 1/16 of the resolution
  std::vector<int64_t> heads = {4, 8,
                                16};  // at 1/4, 1/8, 1/16; each divides its number of channels
  int64_t fusion_width = 512;         // of the transformer that joins the semantic maps
  int64_t fusion_heads = 16;
  int64_t fusion_depth = 2;
  int64_t blocks_per_stage = 2;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MedFormerOptions, in_channels, class_count, base_channels, heads,
                                   fusion_width, fusion_heads, fusion_depth, blocks_per_stage)

MedFormerOptions paper_medformer();  // 19,187,044 parameters
MedFormerOptions small_medformer();  // base 16, the bundled size

// One step down: half the resolution.
class DownStageImpl : public torch::nn::Module {
 public:
  // With `heads` 0 the stage has convolutions, otherwise a semantic map and attention.
  DownStageImpl(int64_t in_channels, int64_t out_channels, int64_t heads, int64_t count);
  FeatureAndMap forward(const torch::Tensor& x);

  PatchMerging patch_merging;
  torch::nn::ModuleList conv_blocks{nullptr};
  MapGeneration map_gen{nullptr};
  AttentionStack trans_blocks{nullptr};
};
TORCH_MODULE(DownStage);

struct UpStageOptions {
  int64_t low_channels = 0;   // of the coarse feature
  int64_t skip_channels = 0;  // of the fine feature
  int64_t map_channels = 0;   // of all maps that come in
  int64_t out_channels = 0;
  int64_t heads = 0;  // 0: convolutions, and the map is not used
  int64_t count = 2;
};
class UpStageImpl : public torch::nn::Module {
 public:
  explicit UpStageImpl(const UpStageOptions& options);
  // `skip.map` is optional.
  FeatureAndMap forward(const FeatureAndMap& low, const FeatureAndMap& skip);

  torch::nn::Conv2d reduction;
  torch::nn::BatchNorm2d norm;
  torch::nn::Conv2d map_reduction;
  torch::nn::ModuleList conv_blocks{nullptr};
  AttentionStack trans_blocks{nullptr};
};
TORCH_MODULE(UpStage);

class StemImpl : public torch::nn::Module {
 public:
  StemImpl(int64_t in_channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Conv2d conv1;
  BasicBlock conv2;
};
TORCH_MODULE(Stem);

class MedFormerImpl : public torch::nn::Module {
 public:
  explicit MedFormerImpl(const MedFormerOptions& medformer_options);

  // Logits [N, class_count, H, W] of pictures [N, in_channels, H, W]; H and W are multiples of 16.
  // Observed: "inc", "down1" … "down4", "map2" … "map4", "fused2" … , "up1" … "up4", "up1_map",
  // "up2_map".
  torch::Tensor forward(const torch::Tensor& x, const Observer& observe = {});

  // l_mor [N, 16 base_channels, H / 16, W / 16]: the way down alone.
  torch::Tensor morphology(const torch::Tensor& x);

  MedFormerOptions options;
  Stem inc{nullptr};
  DownStage down1{nullptr}, down2{nullptr}, down3{nullptr}, down4{nullptr};
  MapFusion map_fusion{nullptr};
  UpStage up1{nullptr}, up2{nullptr}, up3{nullptr}, up4{nullptr};
  torch::nn::Conv2d outc{nullptr};

 private:
  std::vector<FeatureAndMap> way_down(const torch::Tensor& x);  // inc, down1 … down4
};
TORCH_MODULE(MedFormer);

}  // namespace dmcvr
