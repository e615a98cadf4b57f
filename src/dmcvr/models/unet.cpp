// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/unet.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>

#include <algorithm>

namespace dmcvr {
namespace nn = torch::nn;
namespace {

// Every residual block of the lists of layers, in the order in which they run.
void collect_blocks(nn::ModuleListImpl& layers, std::vector<ResBlockImpl*>& blocks) {
  for (const auto& layer : layers) {
    if (auto* list = layer->as<nn::ModuleList>()) {
      collect_blocks(*list, blocks);
    } else if (auto* block = layer->as<ResBlock>()) {
      blocks.push_back(block);
    }
  }
}

// One row where all items share their time, so that its projections are computed once. Only looked
// at on the CPU: elsewhere looking would wait for the device.
torch::Tensor distinct_times(const torch::Tensor& t) {
  if (t.numel() <= 1 || !t.device().is_cpu()) return t;
  return t.eq(t[0]).all().item<bool>() ? t.narrow(0, 0, 1) : t;
}

}  // namespace

Condition Condition::slice(int64_t begin, int64_t end) const {
  const auto rows = [&](const torch::Tensor& all) {
    return all.defined() ? all.narrow(0, begin, end - begin) : all;
  };
  Condition part = *this;
  for (auto& scale : part.z_scales) scale = rows(scale);
  part.morphology = rows(morphology);
  part.morphology_share = {rows(morphology_share.main), rows(morphology_share.skip)};
  return part;
}

TimeEmbedImpl::TimeEmbedImpl(int64_t in, int64_t out)
    : width(in),
      time_embed(register_module(
          "time_embed", nn::Sequential(nn::Linear(in, out), nn::SiLU(), nn::Linear(out, out)))) {}

torch::Tensor TimeEmbedImpl::forward(const torch::Tensor& t) {
  const auto type = time_embed->ptr<nn::LinearImpl>(0)->weight.scalar_type();
  return time_embed->forward(timestep_embedding(t, width).to(type));
}

UNetImpl::UNetImpl(const PathOptions& path)
    : options(path),
      time_embed(
          register_module("time_embed", TimeEmbed(path.base_channels, path.block.embedding))) {
  // Down, and across.
  const auto down = path_down(options);
  input_blocks = register_module("input_blocks", down.blocks);
  middle_block =
      register_module("middle_block", middle_layers(down.channels.back(), options.block));

  // Up: every block takes the result of the block of the way down that gave the same resolution.
  output_blocks = register_module("output_blocks", nn::ModuleList());
  int64_t channels = down.channels.back();
  size_t skip = down.channels.size();
  for (auto level = static_cast<int64_t>(options.multipliers.size()) - 1; level >= 0; --level) {
    for (int64_t i = 0; i <= options.blocks_per_level; ++i) {
      ResBlockOptions block = options.block;
      block.in_channels = channels + down.channels[--skip];
      block.out_channels = channels = options.base_channels * options.multipliers[level];
      nn::ModuleList layers{ResBlock(block)};
      if (level == options.attention_level) layers->push_back(Attention(channels, block.groups));
      if (level > 0 && i == options.blocks_per_level) {
        block.in_channels = channels;
        block.resampling = Resampling::up;
        layers->push_back(ResBlock(block));
      }
      output_blocks->push_back(layers);
    }
  }

  out_norm_ = nn::GroupNorm(nn::GroupNormOptions(options.block.groups, channels));
  out_conv_ = nn::Conv2d(nn::Conv2dOptions(channels, 1, 3).padding(1));
  nn::init::zeros_(out_conv_->weight);
  nn::init::zeros_(out_conv_->bias);
  out = register_module("out", nn::Sequential(out_norm_, nn::SiLU(), out_conv_));

  // l_mor joins before the step down from its own resolution.
  if (options.morphology_channels > 0) {
    const auto below = std::find(down.levels.begin(), down.levels.end(), kMorphologyLevel + 1);
    TORCH_CHECK(below != down.levels.end(), "U-Net: no level below that of l_mor");
    morphology_index_ = static_cast<size_t>(below - down.levels.begin());
    const auto layers = input_blocks->ptr<nn::ModuleListImpl>(morphology_index_);
    morphology_block_ = ResBlock(layers->ptr<ResBlockImpl>(0));
    const int64_t width = options.morphology_channels;
    seg_style_conv = register_module("seg_style_conv",
                                     nn::Conv2d(nn::Conv2dOptions(width, width, 3).padding(1)));
  }
}

Condition UNetImpl::condition(const torch::Tensor& z_sem, const torch::Tensor& l_mor) {
  TORCH_CHECK(z_sem.dim() == 2 && z_sem.size(1) == options.block.embedding, "U-Net: z_sem ",
              z_sem.sizes(), " must have ", options.block.embedding, " columns");
  Condition condition;
  std::vector<ResBlockImpl*> blocks;
  collect_blocks(*input_blocks, blocks);
  collect_blocks(*middle_block, blocks);
  collect_blocks(*output_blocks, blocks);
  for (auto* block : blocks) condition.z_scales.push_back(block->z_scale(z_sem));

  if (seg_style_conv.is_empty()) {
    TORCH_CHECK(!l_mor.defined(), "U-Net: this network was made without l_mor");
    return condition;
  }
  TORCH_CHECK(l_mor.defined() && l_mor.dim() == 4 && l_mor.size(1) == options.morphology_channels &&
                  l_mor.size(0) == z_sem.size(0),
              "U-Net: l_mor must be [", z_sem.size(0), ", ", options.morphology_channels,
              ", H / 16, W / 16]");
  const auto map = seg_style_conv->forward(l_mor);
  if (morphology_block_->is_separable(map.size(1))) {
    condition.morphology_share = morphology_block_->partial(map);
  } else {
    condition.morphology = map;
  }
  return condition;
}

torch::Tensor UNetImpl::forward(const torch::Tensor& x_t, const torch::Tensor& t,
                                const Condition& condition, const Observer& observe) {
  const int64_t multiple = int64_t{1} << (options.multipliers.size() - 1);
  TORCH_CHECK(x_t.dim() == 4 && x_t.size(1) == options.in_channels && x_t.size(2) % multiple == 0 &&
                  x_t.size(3) % multiple == 0,
              "U-Net: x_t ", x_t.sizes(), " must be [N, ", options.in_channels,
              ", H, W] with sides that are multiples of ", multiple);
  TORCH_CHECK(t.dim() == 1 && (t.size(0) == 1 || t.size(0) == x_t.size(0)), "U-Net: t ", t.sizes(),
              " for x_t ", x_t.sizes());
  const auto seen = [&](const std::string& name, size_t index, const torch::Tensor& value) {
    if (observe) observe(name + std::to_string(index), value);
  };

  Steering steering;
  steering.time_embedding = time_embed->forward(distinct_times(t));  // [N or 1, E]
  steering.z_scales = &condition.z_scales;
  if (observe) observe("time", steering.time_embedding);

  // Down, keeping every result.
  std::vector<torch::Tensor> kept;
  auto h = x_t;
  for (size_t i = 0; i < input_blocks->size(); ++i) {
    if (i == morphology_index_ && condition.morphology_share.main.defined()) {
      h = morphology_block_->forward(h, condition.morphology_share, steering.time_embedding,
                                     condition.z_scales.at(steering.next++));
    } else {
      if (i == morphology_index_ && condition.morphology.defined()) {
        h = torch::cat({h, condition.morphology}, 1);
      }
      h = run_layers(*input_blocks->ptr<nn::ModuleListImpl>(i), h, steering);
    }
    kept.push_back(h);
    seen("in", i, h);
  }

  h = run_layers(*middle_block, h, steering);
  if (observe) observe("mid", h);

  // Up, with what was kept.
  for (size_t i = 0; i < output_blocks->size(); ++i) {
    h = torch::cat({h, kept.back()}, 1);
    kept.pop_back();
    h = run_layers(*output_blocks->ptr<nn::ModuleListImpl>(i), h, steering);
    seen("out", i, h);
  }

  h = group_norm_silu(h, {out_norm_->weight, out_norm_->bias, out_norm_->options.num_groups()});
  return out_conv_->forward(h);
}

}  // namespace dmcvr
