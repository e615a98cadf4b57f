// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/blocks.h"

#include <torch/nn/functional/conv.h>
#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/upsampling.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>

#include <array>
#include <cmath>
#include <utility>

namespace dmcvr {
namespace nn = torch::nn;
namespace {

nn::Conv2d conv3x3(int64_t in, int64_t out) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(1));
}

nn::GroupNorm norm_of(int64_t channels, int64_t groups) {
  return nn::GroupNorm(nn::GroupNormOptions(groups, channels).eps(1e-5));
}

GroupNormParameters parameters_of(const nn::GroupNorm& norm) {
  return {norm->weight, norm->bias, norm->options.num_groups()};
}

template <typename Layer>
void set_zero(const Layer& layer) {
  nn::init::zeros_(layer->weight);
  nn::init::zeros_(layer->bias);
}

torch::Tensor resampled(const torch::Tensor& x, Resampling resampling) {
  switch (resampling) {
    case Resampling::none:
      return x;
    case Resampling::down:
      return torch::avg_pool2d(x, 2, 2);
    case Resampling::up: {
      const std::array<int64_t, 2> size = {2 * x.size(2), 2 * x.size(3)};
      return torch::upsample_nearest2d(x, at::IntArrayRef(size));
    }
  }
  return x;
}

}  // namespace

torch::Tensor timestep_embedding(const torch::Tensor& t, int64_t width) {
  TORCH_CHECK(t.dim() == 1 && width % 2 == 0, "timestep_embedding: t ", t.sizes(), ", width ",
              width);
  const int64_t half = width / 2;
  const auto index = torch::arange(half, torch::TensorOptions(torch::kFloat32).device(t.device()));
  const auto frequency = (index * (-std::log(10000.0)) / half).exp();  // [half]
  const auto angle = t.to(torch::kFloat32).unsqueeze(1) * frequency;   // [N, half]
  return torch::cat({angle.cos(), angle.sin()}, 1);                    // [N, width]
}

// ---- residual block ----------------------------------------------------------------------------

ResBlockImpl::ResBlockImpl(const ResBlockOptions& block_options) : options(block_options) {
  const int64_t in = options.in_channels, out = options.out_channels;
  TORCH_CHECK(in > 0 && out > 0 && in % options.groups == 0 && out % options.groups == 0,
              "residual block: ", in, " to ", out, " channels in ", options.groups, " groups");
  in_norm_ = norm_of(in, options.groups);
  in_conv_ = conv3x3(in, out);
  in_layers = register_module("in_layers", nn::Sequential(in_norm_, nn::SiLU(), in_conv_));
  if (options.embedding > 0) {
    emb_layers = register_module(
        "emb_layers", nn::Sequential(nn::SiLU(), nn::Linear(options.embedding, 2 * out)));
    cond_emb_layers = register_module(
        "cond_emb_layers", nn::Sequential(nn::SiLU(), nn::Linear(options.embedding, out)));
    out_norm_ = norm_of(out, options.groups);
    dropout_ = nn::Dropout(options.dropout);
    out_conv_ = conv3x3(out, out);
    set_zero(out_conv_);
    out_layers =
        register_module("out_layers", nn::Sequential(out_norm_, nn::SiLU(), dropout_, out_conv_));
  }
  if (in != out) {
    skip_connection = register_module("skip_connection", nn::Conv2d(nn::Conv2dOptions(in, out, 1)));
  }
}

torch::Tensor ResBlockImpl::z_scale(const torch::Tensor& z_sem) {
  TORCH_CHECK(options.embedding > 0, "residual block without conditions has no scale");
  return 1 + cond_emb_layers->forward(z_sem);
}

torch::Tensor ResBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& time_embedding,
                                    const torch::Tensor& z_scale) {
  TORCH_CHECK(x.dim() == 4 && x.size(1) == options.in_channels, "residual block of ",
              options.in_channels, " channels: input ", x.sizes());
  return second_half(first_half(x, 0, true), time_embedding, z_scale);
}

bool ResBlockImpl::is_separable(int64_t count) const {
  const int64_t width = options.in_channels / options.groups;
  return count > 0 && count < options.in_channels && count % width == 0 &&
         !skip_connection.is_empty();
}

PartialInput ResBlockImpl::partial(const torch::Tensor& last_channels) {
  TORCH_CHECK(is_separable(last_channels.size(1)), "residual block: ", last_channels.size(1),
              " of ", options.in_channels, " channels in ", options.groups,
              " groups cannot be separated");
  return first_half(last_channels, options.in_channels - last_channels.size(1), false);
}

torch::Tensor ResBlockImpl::forward(const torch::Tensor& x, const PartialInput& share,
                                    const torch::Tensor& time_embedding,
                                    const torch::Tensor& z_scale) {
  TORCH_CHECK(is_separable(options.in_channels - x.size(1)), "residual block: cannot be separated");
  const auto own = first_half(x, 0, true);
  return second_half({own.main + share.main, own.skip + share.skip}, time_embedding, z_scale);
}

// The first convolution and the skip, of the input channels from `begin` on.
PartialInput ResBlockImpl::first_half(const torch::Tensor& x, int64_t begin, bool with_bias) {
  const int64_t count = x.size(1);
  const auto bias_of = [&](const nn::Conv2d& conv) {
    return with_bias ? conv->bias : torch::Tensor();
  };
  const auto weight_of = [&](const nn::Conv2d& conv) {
    return count == options.in_channels ? conv->weight : conv->weight.narrow(1, begin, count);
  };
  const GroupNormParameters norm = {in_norm_->weight.narrow(0, begin, count),
                                    in_norm_->bias.narrow(0, begin, count),
                                    count * options.groups / options.in_channels};
  auto h = resampled(group_norm_silu(x, norm), options.resampling);
  h = torch::conv2d(h, weight_of(in_conv_), bias_of(in_conv_), 1, 1);  // [N, out_channels, H', W']
  auto skip = resampled(x, options.resampling);
  if (!skip_connection.is_empty()) {
    skip = torch::conv2d(skip, weight_of(skip_connection), bias_of(skip_connection));
  }
  return {h, skip};
}

torch::Tensor ResBlockImpl::second_half(const PartialInput& h, const torch::Tensor& time_embedding,
                                        const torch::Tensor& z_scale) {
  if (options.embedding == 0) return h.skip + h.main;
  Modulation modulation;
  if (time_embedding.defined()) modulation.time = emb_layers->forward(time_embedding);
  modulation.z_scale = z_scale;
  const auto activated = group_norm_silu(h.main, parameters_of(out_norm_), modulation);
  return h.skip + out_conv_->forward(dropout_->forward(activated));
}

// ---- attention ---------------------------------------------------------------------------------

AttentionImpl::AttentionImpl(int64_t channels, int64_t groups)
    : norm(register_module("norm", norm_of(channels, groups))),
      qkv(register_module("qkv", nn::Conv1d(nn::Conv1dOptions(channels, 3 * channels, 1)))),
      proj_out(register_module("proj_out", nn::Conv1d(nn::Conv1dOptions(channels, channels, 1)))) {
  set_zero(proj_out);
}

torch::Tensor AttentionImpl::forward(const torch::Tensor& x) {
  const auto tokens = x.flatten(2);  // [N, C, H W]
  const auto parts = qkv->forward(group_norm(tokens, parameters_of(norm))).chunk(3, 1);
  const double scale = std::pow(static_cast<double>(x.size(1)), -0.25);  // on both factors
  const auto similarity = torch::bmm((parts[0] * scale).transpose(1, 2), parts[1] * scale);
  const auto weight =
      torch::softmax(similarity.to(torch::kFloat32), -1).to(similarity.scalar_type());
  const auto seen = torch::bmm(parts[2], weight.transpose(1, 2));  // [N, C, H W]
  return x + proj_out->forward(seen).view_as(x);
}

// ---- lists of layers ---------------------------------------------------------------------------

Path path_down(const PathOptions& options) {
  Path path;
  int64_t channels = options.base_channels * options.multipliers.front();
  const auto add = [&](const nn::ModuleList& layers, int64_t level) {
    path.blocks->push_back(layers);
    path.channels.push_back(channels);
    path.levels.push_back(level);
  };
  add(nn::ModuleList(conv3x3(options.in_channels, channels)), 0);

  const auto level_count = static_cast<int64_t>(options.multipliers.size());
  for (int64_t level = 0; level < level_count; ++level) {
    for (int64_t block = 0; block < options.blocks_per_level; ++block) {
      ResBlockOptions block_options = options.block;
      block_options.in_channels = channels;
      block_options.out_channels = channels = options.base_channels * options.multipliers[level];
      nn::ModuleList layers{ResBlock(block_options)};
      if (level == options.attention_level)
        layers->push_back(Attention(channels, options.block.groups));
      add(layers, level);
    }
    if (level + 1 < level_count) {
      ResBlockOptions block_options = options.block;
      block_options.in_channels =
          channels + (level == kMorphologyLevel ? options.morphology_channels : 0);
      block_options.out_channels = channels;
      block_options.resampling = Resampling::down;
      add(nn::ModuleList(ResBlock(block_options)), level + 1);
    }
  }
  return path;
}

nn::ModuleList middle_layers(int64_t channels, const ResBlockOptions& block) {
  ResBlockOptions options = block;
  options.in_channels = options.out_channels = channels;
  return nn::ModuleList(ResBlock(options), Attention(channels, options.groups), ResBlock(options));
}

torch::Tensor run_layers(nn::ModuleListImpl& layers, torch::Tensor h, Steering& steering) {
  for (const auto& layer : layers) {
    if (auto* block = layer->as<ResBlock>()) {
      const bool is_scaled = steering.z_scales != nullptr;
      h = block->forward(h, steering.time_embedding,
                         is_scaled ? steering.z_scales->at(steering.next++) : torch::Tensor());
    } else if (auto* attention = layer->as<Attention>()) {
      h = attention->forward(h);
    } else {
      // A picture of one channel has no layout of its own to hand on.
      h = layer->as<nn::Conv2d>()->forward(h).contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
  return h;
}

torch::Tensor run_layers(nn::ModuleListImpl& layers, torch::Tensor h) {
  Steering none;
  return run_layers(layers, std::move(h), none);
}

}  // namespace dmcvr
