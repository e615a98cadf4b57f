// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/medformer.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <array>

namespace dmcvr {
namespace nn = torch::nn;
namespace {

nn::Conv2d pointwise_conv(int64_t in, int64_t out, bool bias) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, 1).bias(bias));
}

nn::ModuleList basic_blocks(int64_t channels, int64_t count) {
  nn::ModuleList blocks;
  for (int64_t i = 0; i < count; ++i) blocks->push_back(BasicBlock(channels));
  return blocks;
}

torch::Tensor run_basic_blocks(nn::ModuleListImpl& blocks, torch::Tensor h) {
  for (const auto& block : blocks) h = block->as<BasicBlock>()->forward(h);
  return h;
}

}  // namespace

void MedFormerOptions::check() const {
  check_range<int64_t>("in_channels", in_channels, 1, 64);
  check_range<int64_t>("class_count", class_count, 2, 256);
  check_range<int64_t>("base_channels", base_channels, 1, 512);
  check_range<int64_t>("fusion_width", fusion_width, 1, 4096);
  check_range<int64_t>("fusion_depth", fusion_depth, 0, 16);
  check_range<int64_t>("blocks_per_stage", blocks_per_stage, 1, 16);
  check_range<int64_t>("fusion_heads", fusion_heads, 1, fusion_width);
  if (fusion_width % fusion_heads != 0) {
    throw Error("fusion_heads {}: does not divide fusion_width {}", fusion_heads, fusion_width);
  }
  if (heads.size() != 3) throw Error("heads: {} numbers, expected 3", heads.size());
  for (size_t i = 0; i < heads.size(); ++i) {
    const int64_t channels = base_channels << (i + 2);
    check_range<int64_t>("heads", heads[i], 1, channels);
    if (channels % heads[i] != 0)
      throw Error("heads {}: does not divide {} channels", heads[i], channels);
  }
}

MedFormerOptions paper_medformer() {
  return {};
}

MedFormerOptions small_medformer() {
  MedFormerOptions options;
  options.base_channels = 16;
  options.fusion_width = 256;
  return options;
}

// ---- stages ------------------------------------------------------------------------------------

StemImpl::StemImpl(int64_t in_channels, int64_t out_channels)
    : conv1(register_module(
          "conv1",
          nn::Conv2d(nn::Conv2dOptions(in_channels, out_channels, 3).padding(1).bias(false)))),
      conv2(register_module("conv2", BasicBlock(out_channels))) {}

torch::Tensor StemImpl::forward(const torch::Tensor& x) {
  return conv2->forward(conv1->forward(x));
}

DownStageImpl::DownStageImpl(int64_t in_channels, int64_t out_channels, int64_t heads,
                             int64_t count)
    : patch_merging(register_module("patch_merging", PatchMerging(in_channels, out_channels))) {
  if (heads == 0) {
    conv_blocks = register_module("conv_blocks", basic_blocks(out_channels, count));
  } else {
    map_gen = register_module("map_gen", MapGeneration(out_channels));
    trans_blocks = register_module("trans_blocks", AttentionStack(out_channels, heads, count));
  }
}

FeatureAndMap DownStageImpl::forward(const torch::Tensor& x) {
  const auto merged = patch_merging->forward(x);
  if (trans_blocks.is_empty()) return {run_basic_blocks(*conv_blocks, merged), {}};
  return trans_blocks->forward({merged, map_gen->forward(merged)});
}

UpStageImpl::UpStageImpl(const UpStageOptions& options)
    : reduction(
          register_module("reduction", pointwise_conv(options.low_channels + options.skip_channels,
                                                      options.out_channels, false))),
      norm(register_module("norm", nn::BatchNorm2d(options.low_channels + options.skip_channels))),
      map_reduction(register_module(
          "map_reduction", pointwise_conv(options.map_channels, options.out_channels, false))) {
  if (options.heads == 0) {
    conv_blocks = register_module("conv_blocks", basic_blocks(options.out_channels, options.count));
  } else {
    trans_blocks = register_module(
        "trans_blocks", AttentionStack(options.out_channels, options.heads, options.count));
  }
}

FeatureAndMap UpStageImpl::forward(const FeatureAndMap& low, const FeatureAndMap& skip) {
  const std::array<int64_t, 2> size = {skip.feature.size(2), skip.feature.size(3)};
  const auto upsampled =
      torch::upsample_bilinear2d(low.feature, at::IntArrayRef(size), /*align_corners=*/true);
  auto h = reduction->forward(norm->forward(torch::cat({upsampled, skip.feature}, 1)));
  if (trans_blocks.is_empty()) return {run_basic_blocks(*conv_blocks, h), {}};
  const auto maps = skip.map.defined() ? torch::cat({low.map, skip.map}, 1) : low.map;
  return trans_blocks->forward({h, map_reduction->forward(maps)});
}

// ---- the network -------------------------------------------------------------------------------

MedFormerImpl::MedFormerImpl(const MedFormerOptions& medformer_options)
    : options(medformer_options) {
  options.check();
  const int64_t base = options.base_channels, count = options.blocks_per_stage;
  const int64_t c0 = base, c1 = 2 * base, c2 = 4 * base, c3 = 8 * base, c4 = 16 * base;
  const auto& heads = options.heads;
  inc = register_module("inc", Stem(options.in_channels, c0));
  down1 = register_module("down1", DownStage(c0, c1, 0, count));
  down2 = register_module("down2", DownStage(c1, c2, heads[0], count));
  down3 = register_module("down3", DownStage(c2, c3, heads[1], count));
  down4 = register_module("down4", DownStage(c3, c4, heads[2], count));
  map_fusion = register_module(
      "map_fusion",
      MapFusion(MapFusionOptions{
          {c2, c3, c4}, options.fusion_width, options.fusion_depth, options.fusion_heads}));
  up1 = register_module("up1", UpStage(UpStageOptions{c4, c3, c4 + c3, c3, heads[1], count}));
  up2 = register_module("up2", UpStage(UpStageOptions{c3, c2, c3 + c2, c2, heads[0], count}));
  up3 = register_module("up3", UpStage(UpStageOptions{c2, c1, c2, c1, 0, count}));
  up4 = register_module("up4", UpStage(UpStageOptions{c1, c0, c1, c0, 0, count}));
  outc = register_module("outc", pointwise_conv(c0, options.class_count, true));
}

std::vector<FeatureAndMap> MedFormerImpl::way_down(const torch::Tensor& x) {
  TORCH_CHECK(x.dim() == 4 && x.size(1) == options.in_channels && x.size(2) % 16 == 0 &&
                  x.size(3) % 16 == 0,
              "MedFormer: input ", x.sizes(), " must be [N, ", options.in_channels,
              ", H, W] with sides that are multiples of 16");
  std::vector<FeatureAndMap> stages = {{inc->forward(x), {}}};
  for (auto* stage : {&down1, &down2, &down3, &down4}) {
    stages.push_back((*stage)->forward(stages.back().feature));
  }
  return stages;
}

torch::Tensor MedFormerImpl::morphology(const torch::Tensor& x) {
  return way_down(x).back().feature;
}

torch::Tensor MedFormerImpl::forward(const torch::Tensor& x, const Observer& observe) {
  const auto seen = [&](const char* name, const torch::Tensor& value) {
    if (observe) observe(name, value);
  };

  auto down = way_down(x);
  seen("inc", down[0].feature);
  seen("down1", down[1].feature);
  seen("down2", down[2].feature);
  seen("map2", down[2].map);
  seen("down3", down[3].feature);
  seen("map3", down[3].map);
  seen("down4", down[4].feature);
  seen("map4", down[4].map);

  // The maps learn from each other.
  const auto fused = map_fusion->forward({down[2].map, down[3].map, down[4].map});
  for (size_t i = 0; i < fused.size(); ++i) down[i + 2].map = fused[i];
  seen("fused2", fused[0]);
  seen("fused3", fused[1]);
  seen("fused4", fused[2]);

  auto h = up1->forward(down[4], down[3]);
  seen("up1", h.feature);
  seen("up1_map", h.map);
  h = up2->forward(h, down[2]);
  seen("up2", h.feature);
  seen("up2_map", h.map);
  h = up3->forward(h, down[1]);
  seen("up3", h.feature);
  h = up4->forward(h, down[0]);
  seen("up4", h.feature);
  return outc->forward(h.feature);
}

}  // namespace dmcvr
