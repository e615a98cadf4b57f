// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/medformer_blocks.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/pooling.h>

#include <cmath>

namespace dmcvr {
namespace nn = torch::nn;
namespace {

constexpr int64_t kCodes = 9;  // of a semantic map, 3 x 3
constexpr int64_t kExpansion = 2;

nn::Conv2d plain_conv(int64_t in, int64_t out, int64_t kernel, int64_t groups = 1) {
  return nn::Conv2d(
      nn::Conv2dOptions(in, out, kernel).padding(kernel / 2).groups(groups).bias(false));
}

torch::Tensor softmax32(const torch::Tensor& x, int64_t dimension) {
  return torch::softmax(x.to(torch::kFloat32), dimension).to(x.scalar_type());
}

// Channel = d * heads + h: [N, C, …] to [N, heads, C / heads, pixels].
torch::Tensor split_heads(const torch::Tensor& x, int64_t heads) {
  return x.reshape({x.size(0), x.size(1) / heads, heads, -1}).transpose(1, 2);
}

// And back, shaped like the picture or map `like`, in its memory format.
torch::Tensor merge_heads(const torch::Tensor& x, const torch::Tensor& like) {
  return x.transpose(1, 2).reshape(like.sizes()).contiguous(like.suggest_memory_format());
}

}  // namespace

// ---- convolutions ------------------------------------------------------------------------------

NormConvImpl::NormConvImpl(const NormConvOptions& options)
    : conv(register_module("conv",
                           plain_conv(options.in_channels, options.out_channels, options.kernel,
                                      options.depthwise ? options.in_channels : 1))),
      norm(register_module("norm", nn::BatchNorm2d(options.in_channels))),
      has_activation(options.activation) {}

torch::Tensor NormConvImpl::forward(const torch::Tensor& x) {
  const auto h = norm->forward(x);
  return conv->forward(has_activation ? torch::gelu(h) : h);
}

BasicBlockImpl::BasicBlockImpl(int64_t channels)
    : conv1(register_module("conv1", NormConv(NormConvOptions{channels, channels}))),
      conv2(register_module("conv2", NormConv(NormConvOptions{channels, channels}))) {}

torch::Tensor BasicBlockImpl::forward(const torch::Tensor& x) {
  return x + conv2->forward(conv1->forward(x));
}

SeparableConvImpl::SeparableConvImpl(int64_t in_channels, int64_t out_channels)
    : depthwise(register_module("depthwise", plain_conv(in_channels, in_channels, 3, in_channels))),
      pointwise(register_module("pointwise", plain_conv(in_channels, out_channels, 1))) {}

torch::Tensor SeparableConvImpl::forward(const torch::Tensor& x) {
  return pointwise->forward(depthwise->forward(x));
}

SqueezeExciteImpl::SqueezeExciteImpl(int64_t channels)
    : excitation(register_module(
          "excitation",
          nn::Sequential(nn::Conv2d(nn::Conv2dOptions(channels, channels / 4, 1)), nn::ReLU(),
                         nn::Conv2d(nn::Conv2dOptions(channels / 4, channels, 1)),
                         nn::Sigmoid()))) {}

torch::Tensor SqueezeExciteImpl::forward(const torch::Tensor& x) {
  return x * excitation->forward(x.mean(at::IntArrayRef{2, 3}, /*keepdim=*/true));
}

MbConvImpl::MbConvImpl(int64_t channels) {
  const int64_t wide = kExpansion * channels;
  expand_proj = register_module("expand_proj", NormConv(NormConvOptions{channels, wide, 1}));
  depthwise = register_module("depthwise", NormConv(NormConvOptions{wide, wide, 3, true}));
  se_block = register_module("se_block", SqueezeExcite(wide));
  pointwise =
      register_module("pointwise", NormConv(NormConvOptions{wide, channels, 1, false, false}));
}

torch::Tensor MbConvImpl::forward(const torch::Tensor& x) {
  const auto wide = se_block->forward(depthwise->forward(expand_proj->forward(x)));
  return x + pointwise->forward(wide);
}

PatchMergingImpl::PatchMergingImpl(int64_t in_channels, int64_t out_channels)
    : reduction(register_module("reduction", SeparableConv(4 * in_channels, out_channels))),
      norm(register_module("norm", nn::BatchNorm2d(4 * in_channels))) {}

torch::Tensor PatchMergingImpl::forward(const torch::Tensor& x) {
  // The row moves first: (0, 0), (1, 0), (0, 1), (1, 1).
  std::vector<torch::Tensor> corners;
  for (const int64_t column : {0, 1}) {
    for (const int64_t row : {0, 1}) {
      corners.push_back(x.slice(2, row, x.size(2), 2).slice(3, column, x.size(3), 2));
    }
  }
  const auto merged =
      torch::cat(corners, 1).contiguous(x.suggest_memory_format());  // [N, 4C, H/2, W/2]
  return reduction->forward(norm->forward(merged));
}

// ---- semantic maps -----------------------------------------------------------------------------

MapGenerationImpl::MapGenerationImpl(int64_t channels)
    : base_proj(register_module("base_proj", plain_conv(channels, channels, 3))),
      semantic_proj(register_module("semantic_proj", plain_conv(channels, kCodes, 3))) {}

torch::Tensor MapGenerationImpl::forward(const torch::Tensor& x) {
  const auto value = base_proj->forward(x).flatten(2);                     // [N, C, H W]
  const auto weight = softmax32(semantic_proj->forward(x).flatten(2), 2);  // [N, 9, H W]
  return torch::bmm(value, weight.transpose(1, 2)).reshape({x.size(0), x.size(1), 3, 3});
}

BidirectionalAttentionImpl::BidirectionalAttentionImpl(int64_t channels, int64_t head_count)
    : heads(head_count),
      feat_qv(register_module("feat_qv", SeparableConv(channels, 2 * channels))),
      feat_out(register_module("feat_out", SeparableConv(channels, channels))),
      map_qv(register_module("map_qv", plain_conv(channels, 2 * channels, 1))),
      map_out(register_module("map_out", plain_conv(channels, channels, 1))) {
  TORCH_CHECK(channels % heads == 0, "attention: ", channels, " channels in ", heads, " heads");
}

FeatureAndMap BidirectionalAttentionImpl::forward(const torch::Tensor& feature,
                                                  const torch::Tensor& map) {
  const auto of_feature = feat_qv->forward(feature).chunk(2, 1);
  const auto of_map = map_qv->forward(map).chunk(2, 1);
  const auto q_feature = split_heads(of_feature[0], heads);  // [N, heads, d, H W]
  const auto v_feature = split_heads(of_feature[1], heads);
  const auto q_map = split_heads(of_map[0], heads);  // [N, heads, d, 9]
  const auto v_map = split_heads(of_map[1], heads);

  const double scale = 1 / std::sqrt(static_cast<double>(q_map.size(2)));
  const auto similarity =
      torch::matmul(q_map.transpose(2, 3) * scale, q_feature);               // [N, heads, 9, H W]
  const auto feature_sees = torch::matmul(v_map, softmax32(similarity, 2));  // [N, heads, d, H W]
  const auto map_sees = torch::matmul(v_feature, softmax32(similarity, 3).transpose(2, 3));
  return {feat_out->forward(merge_heads(feature_sees, feature)),
          map_out->forward(merge_heads(map_sees, map))};
}

AttentionBlockImpl::AttentionBlockImpl(int64_t channels, int64_t heads)
    : norm1(register_module("norm1", nn::BatchNorm2d(channels))),
      norm2(register_module("norm2", nn::BatchNorm2d(channels))),
      attn(register_module("attn", BidirectionalAttention(channels, heads))),
      feedforward(register_module("feedforward", MbConv(channels))) {}

FeatureAndMap AttentionBlockImpl::forward(const FeatureAndMap& x) {
  const auto seen = attn->forward(norm1->forward(x.feature), norm2->forward(x.map));
  return {feedforward->forward(x.feature + seen.feature), x.map + seen.map};
}

AttentionStackImpl::AttentionStackImpl(int64_t channels, int64_t heads, int64_t count)
    : blocks(register_module("blocks", nn::ModuleList())) {
  for (int64_t i = 0; i < count; ++i) blocks->push_back(AttentionBlock(channels, heads));
}

FeatureAndMap AttentionStackImpl::forward(FeatureAndMap x) {
  for (const auto& block : *blocks) x = block->as<AttentionBlock>()->forward(x);
  return x;
}

// ---- fusion of maps ----------------------------------------------------------------------------

namespace {

class TokenAttentionImpl : public nn::Module {
 public:
  TokenAttentionImpl(int64_t width, int64_t head_count)
      : heads(head_count),
        to_qkv(
            register_module("to_qkv", nn::Linear(nn::LinearOptions(width, 3 * width).bias(false)))),
        to_out(register_module("to_out", nn::Linear(width, width))) {}

  torch::Tensor forward(const torch::Tensor& x) {
    const int64_t items = x.size(0), tokens = x.size(1), width = x.size(2);
    const auto split =
        [&](const torch::Tensor& part) {  // [N, tokens, heads * d] to [N, heads, tokens, d]
          return part.reshape({items, tokens, heads, width / heads}).transpose(1, 2);
        };
    const auto qkv = to_qkv->forward(x).chunk(3, 2);
    const int64_t width_of_head = width / heads;
    const double scale = 1 / std::sqrt(static_cast<double>(width_of_head));
    const auto similarity = torch::matmul(split(qkv[0]), split(qkv[1]).transpose(2, 3)) * scale;
    const auto seen =
        torch::matmul(softmax32(similarity, 3), split(qkv[2]));  // [N, heads, tokens, d]
    // Split by heads, but joined with the head as the fast index: public weights expect it.
    return to_out->forward(seen.permute({0, 2, 3, 1}).reshape({items, tokens, width}));
  }

  int64_t heads;
  nn::Linear to_qkv;
  nn::Linear to_out;
};
TORCH_MODULE(TokenAttention);

class TokenMlpImpl : public nn::Module {
 public:
  explicit TokenMlpImpl(int64_t width)
      : fc1(register_module("fc1", nn::Linear(width, width))),
        fc2(register_module("fc2", nn::Linear(width, width))) {}

  torch::Tensor forward(const torch::Tensor& x) {
    return fc2->forward(torch::gelu(fc1->forward(x)));
  }

  nn::Linear fc1;
  nn::Linear fc2;
};
TORCH_MODULE(TokenMlp);

// x + fn(norm(x)).
template <typename Function>
class PreNormImpl : public nn::Module {
 public:
  PreNormImpl(int64_t width, Function function)
      : norm(register_module("norm", nn::LayerNorm(nn::LayerNormOptions({width})))),
        fn(register_module("fn", std::move(function))) {}

  torch::Tensor forward(const torch::Tensor& x) {
    // Within mixed precision x may be bfloat16, which this normalization does not mix with float32.
    return x + fn->forward(norm->forward(x.to(norm->weight.scalar_type())));
  }

  nn::LayerNorm norm;
  Function fn;
};

}  // namespace

MapFusionImpl::MapFusionImpl(const MapFusionOptions& options)
    : in_proj(register_module("in_proj", nn::ModuleList())),
      fusion(register_module("fusion", nn::ModuleDict())),
      out_proj(register_module("out_proj", nn::ModuleList())) {
  for (const int64_t channels : options.channels) {
    in_proj->push_back(plain_conv(channels, options.width, 1));
    out_proj->push_back(plain_conv(options.width, channels, 1));
  }
  for (int64_t i = 0; i < options.depth; ++i) {
    nn::ModuleList layer;
    layer->push_back(std::make_shared<PreNormImpl<TokenAttention>>(
        options.width, TokenAttention(options.width, options.heads)));
    layer->push_back(
        std::make_shared<PreNormImpl<TokenMlp>>(options.width, TokenMlp(options.width)));
    layers_->push_back(layer);
  }
  fusion->update(
      std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>{{"layers", layers_.ptr()}});
}

std::vector<torch::Tensor> MapFusionImpl::forward(const std::vector<torch::Tensor>& maps) {
  TORCH_CHECK(maps.size() == in_proj->size(), "map fusion: ", maps.size(), " maps");

  // Codes of all maps as tokens, 9 of each.
  std::vector<torch::Tensor> codes;
  for (size_t i = 0; i < maps.size(); ++i) {
    codes.push_back(in_proj->at<nn::Conv2dImpl>(i).forward(maps[i]).flatten(2).transpose(1, 2));
  }
  auto tokens = torch::cat(codes, 1);  // [N, 9 maps, width]

  for (const auto& layer : *layers_) {
    auto* pair = layer->as<nn::ModuleList>();
    tokens = pair->at<PreNormImpl<TokenAttention>>(0).forward(tokens);
    tokens = pair->at<PreNormImpl<TokenMlp>>(1).forward(tokens);
  }

  std::vector<torch::Tensor> fused;
  for (size_t i = 0; i < maps.size(); ++i) {
    const auto own = tokens.narrow(1, static_cast<int64_t>(i) * kCodes, kCodes).transpose(1, 2);
    fused.push_back(out_proj->at<nn::Conv2dImpl>(i).forward(
        own.reshape({tokens.size(0), tokens.size(2), 3, 3})));
  }
  return fused;
}

}  // namespace dmcvr
